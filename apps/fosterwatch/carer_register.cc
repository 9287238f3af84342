// carer register, changes, policy.
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

#include "apps/fosterwatch/carer.h"
#include "apps/fosterwatch/csv.h"
#include "apps/fosterwatch/table.h"
#include "fosterwatch/carers/v1/carers_service.pb.h"
#include "libs/status/status_macros.h"

namespace fosterwatch::app {
namespace {

using carers::v1::Carer;
using carers::v1::RegisterChange;
using carers::v1::RegisterEntry;
using carers::v1::Terms;

constexpr char kArea[] = "carers";
constexpr char kService[] = "CarersService";

struct Told {
  std::string carer_id, as_at, as_known_at, date;
  bool everyone = false, csv = false;
};

std::string WordOf(Carer::Kind kind) { return Word(Carer::Kind_Name(kind), "KIND_"); }

std::string TextOf(const RegisterChange& change) {
  switch (change.value_case()) {
    case RegisterChange::kParticulars: {
      std::vector<std::string> people;
      for (const auto& person : change.particulars().foster_parents()) {
        people.push_back(absl::StrCat(person.name(), " (", person.birth_date(), ")"));
      }
      return absl::StrCat(change.particulars().name(), people.empty() ? "" : " ",
                          absl::StrJoin(people, ", "), ", ", change.particulars().address());
    }
    case RegisterChange::kTerms:
      return absl::StrCat("terms: ", TermsInWords(change.terms()));
    case RegisterChange::kReview:
      return change.review().went_to_panel() ? "review, to the panel" : "review";
    case RegisterChange::kExemption:
      return absl::StrCat("exemption for ", absl::StrJoin(change.exemption().child_ids(), ", "));
    case RegisterChange::kApprovalBegin:
      return change.approval_begin().temporary() ? "temporarily approved" : "approved";
    case RegisterChange::kApprovalEnd:
      return absl::StrCat(
          "approval ended: ",
          Word(carers::v1::EndReason_Name(change.approval_end().reason()), "END_REASON_"));
    case RegisterChange::kCarerKind:
      return change.carer_kind().connected() ? "kind: connected" : "kind: mainstream";
    case RegisterChange::kMergedInto:
      return absl::StrCat("goes on in ", change.merged_into().carer_id());
    case RegisterChange::VALUE_NOT_SET:
      return "struck out";
  }
  return "";
}

// A spreadsheet takes a text that begins so for a formula.
std::string Plain(const std::string& text) {
  return !text.empty() && absl::StrContains("=+-@\t\r", text.substr(0, 1)) ? "'" + text : text;
}

// One line for each foster parent; of a household without any on record one for itself.
void PrintCsv(const RegisterEntry& entry) {
  std::vector<std::string> reviews, exempt;
  for (const auto& review : entry.reviews()) reviews.push_back(review.review_date());
  for (const auto& exemption : entry.exemptions()) {
    exempt.insert(exempt.end(), exemption.child_ids().begin(), exemption.child_ids().end());
  }
  const auto& particulars = entry.particulars();
  std::vector<carers::v1::FosterParent> people(particulars.foster_parents().begin(),
                                               particulars.foster_parents().end());
  if (people.empty()) people.emplace_back().set_name(particulars.name());
  const Terms& terms = entry.terms();
  for (const auto& person : people) {
    std::vector<std::string> fields = {
        entry.carer_id(), WordOf(entry.kind()), person.foster_parent_id(), person.name(),
        person.address().empty() ? particulars.address() : person.address(), person.birth_date(),
        person.sex() == carers::v1::FosterParent::SEX_UNSPECIFIED
            ? ""
            : Word(carers::v1::FosterParent::Sex_Name(person.sex()), "SEX_"),
        // Of the person: later than the household's for one who joined it.
        person.approved_date().empty() ? entry.approved_date() : person.approved_date(),
        entry.temporary() ? "yes" : "no", entry.ended_date(), absl::StrJoin(reviews, " "),
        entry.terms_since_date(), entry.has_terms() ? absl::StrCat(terms.max_children()) : "",
        entry.has_terms() ? absl::StrCat(terms.min_age()) : "",
        entry.has_terms() ? absl::StrCat(terms.max_age()) : "", PlacementKinds(terms, " "),
        absl::StrJoin(terms.named_child_ids(), " "), terms.note(), absl::StrJoin(exempt, " ")};
    for (std::string& field : fields) field = Plain(field);
    std::fputs(CsvLine(fields).c_str(), stdout);
  }
}

void PrintCsvHead() {
  std::fputs(CsvLine({"carer_id", "kind", "foster_parent_id", "name", "address", "birth_date",
                      "sex", "approved_date", "temporary", "ended_date", "review_dates",
                      "terms_since_date", "max_children", "min_age", "max_age", "placement_kinds",
                      "named_child_ids", "terms_note", "exempt_child_ids"})
                 .c_str(),
             stdout);
}

// The whole of it, page by page, all as of one moment.
absl::Status Register(const Context& context, const Told& told) {
  carers::v1::ExtractRegisterRequest request;
  request.set_as_at_date(told.as_at);
  request.set_everyone(told.everyone);
  request.set_page_size(1000);
  if (!told.as_known_at.empty()) {
    ASSIGN_OR_RETURN(*request.mutable_as_known_at_time(),
                     ParseMoment(told.as_known_at, "as-known-at"));
  }
  if (told.csv && context.json) return UsageError("csv", "and --json exclude each other");
  ASSIGN_OR_RETURN(const auto remote, Remote::Open(context, "team_manager"));
  using Response = carers::v1::ExtractRegisterResponse;
  Response all;
  Table table({"CARER", "NAME", "KIND", "APPROVED", "REVIEWED", "TERMS"});
  bool first = true;
  do {
    ASSIGN_OR_RETURN(const Response page,
                     remote->Call<Response>(kArea, kService, "ExtractRegister", request));
    request.set_as_at_date(page.as_at_date());
    *request.mutable_as_known_at_time() = page.as_known_at_time();
    request.set_page_token(page.next_page_token());
    if (told.csv && first) PrintCsvHead();
    first = false;
    all.set_as_at_date(page.as_at_date());
    *all.mutable_as_known_at_time() = page.as_known_at_time();
    for (const RegisterEntry& entry : page.entries()) {
      if (told.csv) {
        PrintCsv(entry);
      } else if (context.json) {
        *all.add_entries() = entry;
      } else {
        std::vector<std::string> people;
        for (const auto& person : entry.particulars().foster_parents()) {
          people.push_back(person.name());
        }
        table.Add(
            {entry.carer_id(),
             OrDash(people.empty() ? entry.particulars().name() : absl::StrJoin(people, ", ")),
             WordOf(entry.kind()),
             OrDash(entry.approved_date()) + (entry.temporary() ? " (temporary)" : "") +
                 (entry.ended_date().empty() ? "" : " to " + entry.ended_date()),
             entry.reviews().empty() ? "-" : entry.reviews().rbegin()->review_date(),
             entry.has_terms() ? TermsInWords(entry.terms()) : "-"});
      }
    }
  } while (!request.page_token().empty());
  if (context.json) PrintJson(all);
  if (!told.csv && !context.json) {
    std::printf("The register as at %s, as known at %s\n\n%s", all.as_at_date().c_str(),
                ShowTime(all.as_known_at_time()).c_str(), table.Text().c_str());
  }
  return absl::OkStatus();
}

absl::Status Changes(const Context& context, const Told& told) {
  carers::v1::ListRegisterChangesRequest request;
  request.set_carer_id(told.carer_id);
  ASSIGN_OR_RETURN(const auto remote, Remote::Open(context, "team_manager"));
  using Response = carers::v1::ListRegisterChangesResponse;
  ASSIGN_OR_RETURN(const Response response,
                   remote->Call<Response>(kArea, kService, "ListRegisterChanges", request));
  if (context.json) {
    PrintJson(response);
    return absl::OkStatus();
  }
  Table table({"CHANGE", "TRUE FROM", "LEARNT", "BY", "SAYS", "INSTEAD OF", "REPLACED"});
  for (const auto& shown : response.changes()) {
    const RegisterChange& change = shown.change();
    table.Add({change.change_id(), change.effective_date(), ShowTime(change.recorded_time()),
               change.recorded_by(), TextOf(change),
               shown.has_before() ? TextOf(shown.before()) : "-",
               ShowTime(shown.replaced_time(), shown.has_replaced_time())});
  }
  std::fputs(table.Text().c_str(), stdout);
  return absl::OkStatus();
}

absl::Status Policy(const Context& context, const Told& told) {
  carers::v1::GetCarerPolicyRequest request;
  request.set_date(told.date);
  ASSIGN_OR_RETURN(const auto remote, Remote::Open(context, "team_manager"));
  ASSIGN_OR_RETURN(const auto policy, remote->Call<carers::v1::CarerPolicy>(
                                          kArea, kService, "GetCarerPolicy", request));
  PrintJson(policy);
  return absl::OkStatus();
}

using Action = absl::Status (*)(const Context&, const Told&);

}  // namespace

void AddCarerRegister(CLI::App* carer, Context* context) {
  auto told = std::make_shared<Told>();
  Told& t = *told;
  const auto add = [&](const std::string& name, const std::string& what, Action action) {
    CLI::App* command = carer->add_subcommand(name, what);
    AddRemoteOptions(command, context);
    command->callback([context, told, action] {
      context->run = [context, told, action] { return action(*context, *told); };
    });
    return command;
  };

  CLI::App* of_register = add("register", "The register of regulation 31, whole", Register);
  of_register->add_option("--as-at", t.as_at, "what was true on this day [today]");
  of_register->add_option("--as-known-at", t.as_known_at, "as known at this moment [now]");
  of_register->add_flag("--everyone", t.everyone, "those who are not approved then, too");
  of_register->add_flag("--csv", t.csv, "one line for each foster parent");
  of_register->footer(
      "  fosterwatch carer register --as-at 2026-03-31 --as-known-at 2026-04-15T00:00:00Z --csv\n");

  CLI::App* changes = add("changes", "What the register learnt of one carer, and when", Changes);
  changes->add_option("carer", t.carer_id, "the carer's id")->required();

  CLI::App* policy = add("policy", "The limits, lists and sources in force, as JSON", Policy);
  policy->add_option("--date", t.date, "on this day [today]");
}

}  // namespace fosterwatch::app
