#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

#include "apps/fosterwatch/commands.h"
#include "apps/fosterwatch/table.h"
#include "fosterwatch/placements/v1/placements_service.pb.h"
#include "libs/status/error.h"
#include "libs/status/status_macros.h"

namespace fosterwatch::app {
namespace {

using placements::v1::Household;
using placements::v1::Placement;

constexpr char kArea[] = "placements";
constexpr char kService[] = "PlacementsService";

struct Told {
  std::string request_id, child_id, reason, to_address, note, date, why, ending, from, before;
  std::string carer_id, placement_id;
  Placement placement;
  std::vector<std::string> cleared;
  bool current = false, outside = false, vacancies = false;
  int limit = 50;
};
using ToldPtr = std::shared_ptr<Told>;

std::string OrDash(const std::string& text) { return text.empty() ? "-" : text; }

std::string EndingWord(placements::v1::Ending ending) {
  if (ending == placements::v1::ENDING_UNSPECIFIED) return "-";
  return Word(placements::v1::Ending_Name(ending), "ENDING_");
}

std::string Assumed(const std::string& day, bool assumed) {
  return day.empty() ? "-" : absl::StrCat(day, assumed ? " (assumed)" : "");
}

absl::Status Show(const Context& context, const Placement& placement) {
  if (context.json) {
    PrintJson(placement);
    return absl::OkStatus();
  }
  std::printf("%s: %s with %s\n", placement.placement_id().c_str(), placement.child_id().c_str(),
              placement.carer_id().c_str());
  std::printf("  from    %s\n", Assumed(placement.start_date(), placement.start_assumed()).c_str());
  std::printf("  until   %s\n", Assumed(placement.end_date(), placement.end_assumed()).c_str());
  std::printf("  code    %s %s\n", OrDash(placement.placement_code()).c_str(),
              placement.kind().c_str());
  if (!placement.end_date().empty()) {
    std::printf("  ended   %s, %s\n", OrDash(placement.reason_code()).c_str(),
                EndingWord(placement.ending()).c_str());
  }
  for (const auto& correction : placement.corrections()) {
    for (const auto& replaced : correction.replaced()) {
      std::printf("  %s  %s was %s, said %s: %s\n", ShowTime(correction.corrected_time()).c_str(),
                  replaced.field().c_str(), OrDash(replaced.before()).c_str(),
                  correction.person_id().c_str(), correction.why().c_str());
    }
  }
  return absl::OkStatus();
}

template <typename Request>
absl::Status Write(const Context& context, const std::string& role, const std::string& method,
                   const Request& request) {
  ASSIGN_OR_RETURN(const auto remote, Remote::Open(context, role));
  ASSIGN_OR_RETURN(const auto placement, remote->Call<Placement>(kArea, kService, method, request));
  return Show(context, placement);
}

absl::Status Start(const Context& context, const Told& told) {
  placements::v1::StartPlacementRequest request;
  request.set_request_id(RequestId(told.request_id));
  *request.mutable_placement() = told.placement;
  return Write(context, "caseworker", "StartPlacement", request);
}

absl::Status Move(const Context& context, const Told& told) {
  placements::v1::MoveChildRequest request;
  request.set_request_id(RequestId(told.request_id));
  request.set_child_id(told.placement.child_id());
  request.set_reason_code(told.reason);
  request.set_address_on_leaving(told.to_address);
  request.set_ending_note(told.note);
  *request.mutable_next() = told.placement;
  return Write(context, "caseworker", "MoveChild", request);
}

absl::Status End(const Context& context, const Told& told) {
  placements::v1::EndPlacementRequest request;
  request.set_request_id(RequestId(told.request_id));
  request.set_child_id(told.placement.child_id());
  request.set_end_date(told.date);
  request.set_reason_code(told.reason);
  request.set_address_on_leaving(told.to_address);
  request.set_ending_note(told.note);
  return Write(context, "caseworker", "EndPlacement", request);
}

absl::Status Correct(const Context& context, const Told& told) {
  placements::v1::CorrectPlacementRequest request;
  request.set_request_id(RequestId(told.request_id));
  *request.mutable_placement() = told.placement;
  for (const std::string& field : told.cleared) request.add_cleared(field);
  request.set_why(told.why);
  return Write(context, "team-manager", "CorrectPlacement", request);
}

absl::Status ShowOne(const Context& context, const Told& told) {
  placements::v1::GetPlacementRequest request;
  request.set_placement_id(told.placement_id);
  return Write(context, "team-manager", "GetPlacement", request);
}

absl::Status List(const Context& context, const Told& told) {
  placements::v1::ListPlacementsRequest request;
  request.set_page_size(told.limit);
  request.set_child_id(told.child_id);
  request.set_carer_id(told.carer_id);
  request.set_current(told.current);
  if (!told.ending.empty()) {
    ASSIGN_OR_RETURN(const auto ending,
                     ParseEnum<placements::v1::Ending>("ENDING_", told.ending, "ending"));
    request.set_ending(ending);
  }
  request.set_ended_from_date(told.from);
  request.set_ended_before_date(told.before);
  ASSIGN_OR_RETURN(const auto remote, Remote::Open(context, "team-manager"));
  ASSIGN_OR_RETURN(const auto response, remote->Call<placements::v1::ListPlacementsResponse>(
                                            kArea, kService, "ListPlacements", request));
  if (context.json) {
    PrintJson(response);
    return absl::OkStatus();
  }
  Table table({"placement", "child", "carer", "from", "until", "code", "reason", "ending"});
  for (const Placement& placement : response.placements()) {
    table.Add({placement.placement_id(), placement.child_id(), placement.carer_id(),
               Assumed(placement.start_date(), placement.start_assumed()),
               Assumed(placement.end_date(), placement.end_assumed()),
               OrDash(placement.placement_code()), OrDash(placement.reason_code()),
               EndingWord(placement.ending())});
  }
  std::fputs(table.empty() ? "No placements.\n" : table.Text().c_str(), stdout);
  if (!response.next_page_token().empty()) {
    std::printf("%d of %lld; --limit shows more.\n", response.placements_size(),
                static_cast<long long>(response.total_size()));
  }
  return absl::OkStatus();
}

absl::Status ListHouseholds(const Context& context, const Told& told) {
  placements::v1::ListHouseholdsRequest request;
  request.set_page_size(told.limit);
  if (!told.carer_id.empty()) request.add_carer_ids(told.carer_id);
  request.set_outside_terms(told.outside);
  request.set_with_vacancies(told.vacancies);
  ASSIGN_OR_RETURN(const auto remote, Remote::Open(context, "team-manager"));
  ASSIGN_OR_RETURN(const auto response, remote->Call<placements::v1::ListHouseholdsResponse>(
                                            kArea, kService, "ListHouseholds", request));
  if (context.json) {
    PrintJson(response);
    return absl::OkStatus();
  }
  Table table({"carer", "children", "vacancies", "outside the terms"});
  for (const Household& household : response.households()) {
    std::vector<std::string> children, breaches;
    for (const auto& resident : household.residents()) children.push_back(resident.child_id());
    for (const auto& breach : household.breaches()) {
      breaches.push_back(Word(placements::v1::TermsBreach::Code_Name(breach.code()), "CODE_") +
                         (breach.child_id().empty() ? "" : absl::StrCat(" ", breach.child_id())));
    }
    table.Add(
        {household.carer_id(), OrDash(absl::StrJoin(children, " ")),
         household.terms().terms().empty() ? "not known" : absl::StrCat(household.vacancies()),
         breaches.empty() ? (household.has_terms() ? "no" : "not known")
                          : absl::StrJoin(breaches, ", ")});
  }
  std::fputs(table.empty() ? "No households.\n" : table.Text().c_str(), stdout);
  return absl::OkStatus();
}

absl::Status ListCodes(const Context& context, const Told& told) {
  placements::v1::ListCodesRequest request;
  request.set_date(told.date);
  ASSIGN_OR_RETURN(const auto remote, Remote::Open(context, "team-manager"));
  ASSIGN_OR_RETURN(const auto list,
                   remote->Call<placements::v1::CodeList>(kArea, kService, "ListCodes", request));
  if (context.json) {
    PrintJson(list);
    return absl::OkStatus();
  }
  Table table({"code", "of", "means"});
  for (const auto& code : list.placement_codes()) {
    if (code.with_carer()) table.Add({code.code(), "placement", code.title()});
  }
  for (const auto& kind : list.kinds()) table.Add({kind.kind(), "kind", kind.title()});
  for (const auto& reason : list.reason_codes()) {
    table.Add({reason.code(), EndingWord(reason.ending()), reason.title()});
  }
  std::fputs(table.Text().c_str(), stdout);
  return absl::OkStatus();
}

CLI::App* Add(CLI::App* parent, Context* context, const std::string& name, const std::string& what,
              const ToldPtr& told, absl::Status (*run)(const Context&, const Told&)) {
  CLI::App* command = parent->add_subcommand(name, what);
  AddRemoteOptions(command, context);
  command->callback([context, told, run] {
    context->run = [context, told, run] { return run(*context, *told); };
  });
  return command;
}

// A field of the placement that an option tells.
CLI::Option* Tell(CLI::App* command, const ToldPtr& told, const std::string& option,
                  std::string* (Placement::*field)(), const std::string& what) {
  return command->add_option_function<std::string>(
      option, [told, field](const std::string& text) { *((told->placement).*field)() = text; },
      what);
}

void TellPlacement(CLI::App* command, const ToldPtr& told, bool needed) {
  Tell(command, told, "--carer", &Placement::mutable_carer_id, "the carer")->required(needed);
  Tell(command, told, "--date", &Placement::mutable_start_date, "first day, such as 2026-11-22")
      ->required(needed);
  Tell(command, told, "--code", &Placement::mutable_placement_code,
       "placement code, such as U4; see 'placement codes'")
      ->required(needed);
  Tell(command, told, "--kind", &Placement::mutable_kind, "such as SHORT_TERM");
  Tell(command, told, "--placing-authority", &Placement::mutable_placing_authority_id,
       "where it is not the one now responsible");
  Tell(command, told, "--provision", &Placement::mutable_statutory_provision,
       "under which the child was placed");
  Tell(command, told, "--address-before", &Placement::mutable_address_before,
       "where the child came from");
}

void TellRequestId(CLI::App* command, const ToldPtr& told) {
  command->add_option("--request-id", told->request_id, "the same again changes nothing");
}

void TellEnding(CLI::App* command, const ToldPtr& told) {
  command->add_option("--reason", told->reason, "why it ends, such as CREQB; see 'placement codes'")
      ->required();
  command->add_option("--address-on-leaving", told->to_address, "where the child goes");
  command->add_option("--note", told->note, "the circumstances of its ending");
}

}  // namespace

void AddPlacement(CLI::App& app, Context* context) {
  CLI::App* placement =
      app.add_subcommand("placement", "Where children live, since when, and why it ended");
  placement->require_subcommand(1);
  auto told = std::make_shared<Told>();

  CLI::App* start =
      Add(placement, context, "start", "A child comes to a carer [as caseworker]", told, Start);
  Tell(start, told, "--child", &Placement::mutable_child_id, "the child")->required();
  TellPlacement(start, told, true);
  TellRequestId(start, told);

  CLI::App* move = Add(placement, context, "move",
                       "A child moves to another carer, on one day [as caseworker]", told, Move);
  Tell(move, told, "--child", &Placement::mutable_child_id, "the child")->required();
  TellPlacement(move, told, true);
  TellEnding(move, told);
  TellRequestId(move, told);

  CLI::App* end = Add(placement, context, "end", "A child leaves [as caseworker]", told, End);
  Tell(end, told, "--child", &Placement::mutable_child_id, "the child")->required();
  end->add_option("--date", told->date, "last day, such as 2026-11-22")->required();
  TellEnding(end, told);
  TellRequestId(end, told);

  CLI::App* correct =
      Add(placement, context, "correct",
          "Says something else than was said first, which stays readable [as team manager]", told,
          Correct);
  Tell(correct, told, "placement", &Placement::mutable_placement_id, "the placement")->required();
  TellPlacement(correct, told, false);
  Tell(correct, told, "--end-date", &Placement::mutable_end_date, "last day");
  Tell(correct, told, "--reason", &Placement::mutable_reason_code, "why it ended");
  correct->add_option("--clear", told->cleared, "fields to be empty, such as end_date");
  correct->add_option("--why", told->why, "why it was wrong")->required();
  TellRequestId(correct, told);

  CLI::App* show = Add(placement, context, "show",
                       "One placement with its corrections [as team "
                       "manager]",
                       told, ShowOne);
  show->add_option("placement", told->placement_id, "the placement")->required();

  CLI::App* list = Add(placement, context, "list",
                       "Placements, the newest start first [as team manager]", told, List);
  list->add_option("--child", told->child_id, "only of this child");
  list->add_option("--carer", told->carer_id, "only with this carer");
  list->add_flag("--current", told->current, "only those that have not ended");
  list->add_option("--ending", told->ending, "planned, unplanned, not-counted or not-said");
  list->add_option("--ended-from", told->from, "only those that ended on this day or later");
  list->add_option("--ended-before", told->before, "only those that ended before this day");
  list->add_option("--limit", told->limit, "how many")->check(CLI::Range(1, 1000));

  CLI::App* households =
      Add(placement, context, "households",
          "Who lives with whom, and what is outside the carer's terms [as team manager]", told,
          ListHouseholds);
  households->add_option("--carer", told->carer_id, "only this carer");
  households->add_flag("--outside-terms", told->outside, "only those outside their terms");
  households->add_flag("--vacancies", told->vacancies, "only those with room");
  households->add_option("--limit", told->limit, "how many")->check(CLI::Range(1, 1000));

  CLI::App* codes =
      Add(placement, context, "codes", "The codes in force [as team manager]", told, ListCodes);
  codes->add_option("--date", told->date, "on this day [today]");
  placement->footer(
      "  fosterwatch placement start --child C-0001 --carer F-0031 --date 2026-11-20 --code U6\n"
      "  fosterwatch placement move --child C-0001 --carer F-0007 --date 2026-11-22 --code U6 "
      "--reason CREQB\n"
      "  fosterwatch placement list --ending unplanned --ended-from 2026-04-01 --json\n");
}

}  // namespace fosterwatch::app
