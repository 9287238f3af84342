// Over all complaints: complaint seen list, match, take-back, explain; complaint themes; complaint
// statement.
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include <unistd.h>

#include "apps/fosterwatch/commands.h"
#include "apps/fosterwatch/complaint.h"
#include "apps/fosterwatch/pack.h"
#include "apps/fosterwatch/table.h"
#include "fosterwatch/complaints/v1/oversight_service.pb.h"
#include "libs/document/document.h"
#include "libs/status/status_macros.h"

namespace fosterwatch::app {
namespace {

namespace v1 = complaints::v1;

struct Told {
  std::string sighting, complaint, text, request_id, state, page_token, until, as_at;
  int page_size = 50;
  std::string format = "text";
  std::string output;
};

void ShowSightings(const std::vector<v1::Sighting>& sightings) {
  Table table({"SEEN", "WHERE", "ITS ID", "CHILD", "CARER", "STATE", "COMPLAINT", "RAISED", "ID"});
  for (const v1::Sighting& sighting : sightings) {
    const auto or_dash = [](const std::string& text) { return text.empty() ? "-" : text; };
    table.Add({ShowTime(sighting.seen_time()),
               Word(v1::SightingSource_Name(sighting.source()), "SIGHTING_SOURCE_"),
               sighting.source_id(), or_dash(sighting.child_id()), or_dash(sighting.carer_id()),
               Word(v1::Sighting::State_Name(sighting.state()), "STATE_"),
               or_dash(sighting.matched_complaint_id()), absl::StrCat(sighting.times_raised()),
               sighting.sighting_id()});
  }
  std::fputs(table.empty() ? "None.\n" : table.Text().c_str(), stdout);
}

absl::Status ListSeen(const Context& context, const Told& told) {
  v1::ListSightingsRequest request;
  request.set_page_size(told.page_size);
  request.set_page_token(told.page_token);
  if (!told.state.empty()) {
    ASSIGN_OR_RETURN(const auto state,
                     ParseEnum<v1::Sighting::State>("STATE_", told.state, "state"));
    request.set_state(state);
  }
  ASSIGN_OR_RETURN(const auto remote, Remote::Open(context, "team_manager"));
  using Response = v1::ListSightingsResponse;
  ASSIGN_OR_RETURN(
      const Response response,
      remote->Call<Response>(kComplaintsArea, kComplaintsOversight, "ListSightings", request));
  if (context.json) {
    PrintJson(response);
    return absl::OkStatus();
  }
  ShowSightings({response.sightings().begin(), response.sightings().end()});
  if (!response.next_page_token().empty()) {
    std::printf("\ngo on with --page-token %s\n", response.next_page_token().c_str());
  }
  return absl::OkStatus();
}

template <typename Request>
absl::Status Settle(const Context& context, const std::string& method, const Request& request) {
  ASSIGN_OR_RETURN(const auto remote, Remote::Open(context, "team_manager"));
  ASSIGN_OR_RETURN(
      const v1::Sighting sighting,
      remote->Call<v1::Sighting>(kComplaintsArea, kComplaintsOversight, method, request));
  if (context.json) {
    PrintJson(sighting);
    return absl::OkStatus();
  }
  ShowSightings({sighting});
  return absl::OkStatus();
}

absl::Status Match(const Context& context, const Told& told) {
  v1::MatchSightingRequest request;
  request.set_request_id(RequestId(told.request_id));
  request.set_sighting_id(told.sighting);
  request.set_complaint_id(told.complaint);
  return Settle(context, "MatchSighting", request);
}

absl::Status TakeBack(const Context& context, const Told& told) {
  v1::TakeBackMatchRequest request;
  request.set_request_id(RequestId(told.request_id));
  request.set_sighting_id(told.sighting);
  request.set_complaint_id(told.complaint);
  request.set_reason(told.text);
  return Settle(context, "TakeBackMatch", request);
}

absl::Status Explain(const Context& context, const Told& told) {
  v1::ExplainSightingRequest request;
  request.set_request_id(RequestId(told.request_id));
  request.set_sighting_id(told.sighting);
  request.set_explanation(told.text);
  return Settle(context, "ExplainSighting", request);
}

absl::Status Themes(const Context& context, const Told& told) {
  v1::ListThemesRequest request;
  request.set_until_date(told.until);
  ASSIGN_OR_RETURN(const auto remote, Remote::Open(context, "team_manager"));
  using Response = v1::ListThemesResponse;
  ASSIGN_OR_RETURN(
      const Response themes,
      remote->Call<Response>(kComplaintsArea, kComplaintsOversight, "ListThemes", request));
  if (context.json) {
    PrintJson(themes);
    return absl::OkStatus();
  }
  Table table({"THEME", "COMPLAINTS", "REPRESENTATIONS", "COMPLIMENTS", "UPHELD", "OF DECIDED"});
  const auto add = [&](const char* what, const auto& counts) {
    for (const auto& count : counts) {
      table.Add({absl::StrCat(what, " ", count.key()), absl::StrCat(count.complaints()),
                 absl::StrCat(count.representations()), absl::StrCat(count.compliments()),
                 absl::StrCat(count.points_upheld()), absl::StrCat(count.points_decided())});
    }
  };
  add("category", themes.by_category());
  add("carer", themes.by_carer());
  add("placement", themes.by_placement_type());
  std::printf("%s to %s\n%s", themes.from_date().c_str(), themes.until_date().c_str(),
              table.Text().c_str());
  return absl::OkStatus();
}

// Section, what, figure: one row for each figure of the statement.
std::vector<std::vector<std::string>> RowsOf(const v1::Statement& statement) {
  std::vector<std::vector<std::string>> rows;
  const auto add = [&](const std::string& section, const std::string& what, const auto& figure) {
    rows.push_back({section, what, absl::StrCat(figure)});
  };
  add("period", "from", statement.from_date());
  add("period", "until", statement.until_date());
  add("period", "as at", IsoTime(statement.as_at_time()));
  add("received", "complaints", statement.complaints());
  add("received", "representations", statement.representations());
  add("received", "compliments", statement.compliments());
  add("state", "open", statement.open());
  add("state", "closed", statement.closed());
  add("state", "withdrawn", statement.withdrawn());
  add("state", "went on as allegations", statement.reclassified());
  for (const auto& row : statement.by_category()) add("category", row.key(), row.count());
  for (const auto& row : statement.by_giver()) add("given by", row.key(), row.count());
  for (const auto& row : statement.by_subject()) add("about", row.key(), row.count());
  for (const auto& row : statement.point_outcomes())
    add("outcome of points", row.key(), row.count());
  for (const auto& row : statement.timeliness()) {
    add(row.key(), "within the limit", row.in_first_limit());
    add(row.key(), "within the extended limit", row.in_extended_limit());
    add(row.key(), "late", row.late());
    add(row.key(), "not yet, in time", row.open());
    add(row.key(), "not yet, overdue", row.overdue());
  }
  add("time", "median working days to closing", statement.median_days_to_close());
  add("serious", "judged serious", statement.serious());
  add("serious", "reported as events", statement.events_reported());
  add("learning", "reviews opened", statement.reviews_opened());
  add("learning", "reviews closed", statement.reviews_closed());
  for (const std::string& learnt : statement.learning()) add("learning", "learnt", learnt);
  return rows;
}

// To the file that was named, else to standard output.
absl::Status Put(const Told& told, const std::string& content) {
  if (!told.output.empty()) return WritePrivateFile(told.output, content);
  std::fwrite(content.data(), 1, content.size(), stdout);
  return absl::OkStatus();
}

absl::Status StatementAsPdf(Remote& remote, const v1::GetStatementRequest& get, const Told& told) {
  if (told.output.empty() && isatty(STDOUT_FILENO) == 1) {
    return UsageError("output", "names the file: a PDF is nothing for a terminal");
  }
  packs::v1::MakeComplaintsStatementRequest request;
  request.set_until_date(get.until_date());
  if (get.has_as_at_time()) *request.mutable_as_at_time() = get.as_at_time();
  ASSIGN_OR_RETURN(const auto pack, OrderPack(remote, "MakeComplaintsStatement", request));
  ASSIGN_OR_RETURN(const std::string pdf, FetchPackFile(remote, pack, "complaints-statement.pdf"));
  return Put(told, pdf);
}

absl::Status Statement(const Context& context, const Told& told) {
  v1::GetStatementRequest request;
  request.set_until_date(told.until);
  if (!told.as_at.empty()) {
    ASSIGN_OR_RETURN(*request.mutable_as_at_time(), ParseMoment(told.as_at, "as-at"));
  }
  ASSIGN_OR_RETURN(const auto remote, Remote::Open(context, "registered_manager"));
  if (told.format == "pdf" && !context.json) return StatementAsPdf(*remote, request, told);
  ASSIGN_OR_RETURN(
      const v1::Statement statement,
      remote->Call<v1::Statement>(kComplaintsArea, kComplaintsOversight, "GetStatement", request));
  if (context.json) {
    PrintJson(statement);
    return absl::OkStatus();
  }
  const std::vector<std::vector<std::string>> rows = RowsOf(statement);
  if (told.format == "csv") {
    std::string csv = "section,what,figure\r\n";
    for (const auto& row : rows) {
      absl::StrAppend(&csv, document::CsvField(row[0]), ",", document::CsvField(row[1]), ",",
                      document::CsvField(row[2]), "\r\n");
    }
    return Put(told, csv);
  }
  Table table({"SECTION", "WHAT", "FIGURE"});
  for (const auto& row : rows) table.Add(row);
  return Put(told, table.Text());
}

using Action = absl::Status (*)(const Context&, const Told&);

}  // namespace

void AddComplaintOversight(CLI::App& app, Context* context) {
  CLI::App* complaint = app.get_subcommand("complaint");
  auto told = std::make_shared<Told>();
  Told& t = *told;
  const auto add = [&](CLI::App* under, const std::string& name, const std::string& what,
                       Action action) {
    CLI::App* command = under->add_subcommand(name, what);
    AddRemoteOptions(command, context);
    command->callback([context, told, action] {
      context->run = [context, told, action] { return action(*context, *told); };
    });
    return command;
  };
  CLI::App* seen =
      complaint->add_subcommand("seen", "Complaints that were seen elsewhere, such as in a feed");
  seen->require_subcommand(1);
  CLI::App* list = add(seen, "list", "List them, oldest first [as team_manager]", ListSeen);
  list->add_option("--state", t.state, "unmatched, matched or explained");
  list->add_option("--page-size", t.page_size, "1 to 200")->capture_default_str();
  list->add_option("--page-token", t.page_token, "from the list before");
  CLI::App* match = add(seen, "match", "Say which complaint it is [as team_manager]", Match);
  match->add_option("sighting", t.sighting, "the sighting's id")->required();
  match->add_option("complaint", t.complaint, "the complaint's id")->required();
  CLI::App* take_back =
      add(seen, "take-back",
          "Say that it is not the complaint it is matched with [as team_manager]", TakeBack);
  take_back->add_option("sighting", t.sighting, "the sighting's id")->required();
  take_back->add_option("complaint", t.complaint, "the complaint with which it is matched")
      ->required();
  take_back->add_option("--reason", t.text, "why")->required();
  CLI::App* explain =
      add(seen, "explain", "Say why there is no complaint for it [as team_manager]", Explain);
  explain->add_option("sighting", t.sighting, "the sighting's id")->required();
  explain->add_option("--text", t.text, "why")->required();
  for (CLI::App* command : {match, take_back, explain}) {
    command->add_option("--request-id", t.request_id,
                        "makes a repetition safe: the same id gives the first answer [a new one]");
  }

  CLI::App* themes =
      add(complaint, "themes", "What the complaints of 12 months have in common [as team_manager]",
          Themes);
  themes->add_option("--until", t.until, "their last day, as 2026-11-22 [today]");
  CLI::App* statement =
      add(complaint, "statement",
          "The statement of the complaints of 12 months; names nobody [as registered_manager]",
          Statement);
  statement->add_option("--until", t.until, "their last day, as 2026-11-22 [today]");
  statement->add_option("--as-at", t.as_at, "as it was recorded by then [now]");
  statement->add_option("--format", t.format, "text, csv (for a spreadsheet) or pdf (accessible)")
      ->check(CLI::IsMember({"text", "csv", "pdf"}))
      ->capture_default_str();
  statement->add_flag_callback(
      "--csv", [&t] { t.format = "csv"; }, "the same as --format csv");
  statement->add_option("--output", t.output, "a file instead of standard output");
  statement->footer(
      "  fosterwatch complaint statement --until 2026-03-31 --format pdf --output statement.pdf\n");
}

}  // namespace fosterwatch::app
