// access list, unusual: who looked at whose record.
#include <algorithm>
#include <cstdio>
#include <memory>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"

#include "apps/fosterwatch/commands.h"
#include "apps/fosterwatch/modules.h"
#include "apps/fosterwatch/table.h"
#include "fosterwatch/operations/v1/access_service.pb.h"
#include "libs/clock/proto_time.h"
#include "libs/status/status_macros.h"

namespace fosterwatch::app {
namespace {

using operations::v1::Access;
using operations::v1::ListAccessRequest;
using operations::v1::ListAccessResponse;
using operations::v1::ReportUnusualAccessRequest;
using operations::v1::ReportUnusualAccessResponse;
using operations::v1::UnusualAccess;

constexpr char kPath[] = "/fosterwatch.operations.v1.AccessService/";
constexpr char kRole[] = "registered_manager";
constexpr size_t kShown = 3;  // records of a row; --json has them all

struct Told {
  std::string service, record, person, callers = "people", from, until;
  bool refused = false;
  int most = 50, days = 7;
};

absl::StatusOr<std::vector<std::string>> ServicesOf(const Told& told) {
  std::vector<std::string> services;
  for (const auto& module : MakeModules(told.service)) {
    if (!module->migrations().empty()) services.push_back(module->name());
  }
  if (services.empty()) return UsageError("service", "is no service with a ledger");
  return services;
}

absl::StatusOr<ListAccessRequest> RequestOf(const Told& told) {
  ListAccessRequest request;
  if (!told.record.empty()) {
    const std::vector<std::string> parts = absl::StrSplit(told.record, absl::MaxSplits(':', 1));
    if (parts.back().empty()) {
      return UsageError("record", "is no id, as C-0001, and no kind and id, as child:C-0001");
    }
    if (parts.size() == 2) request.set_record_kind(parts[0]);
    request.set_record_id(parts.back());
  }
  request.set_person_id(told.person);
  request.set_refusals_only(told.refused);
  if (told.callers != "all") {
    ASSIGN_OR_RETURN(const auto callers,
                     ParseEnum<ListAccessRequest::Callers>("CALLERS_", told.callers, "callers"));
    request.set_callers(callers);
  }
  if (!told.from.empty()) {
    ASSIGN_OR_RETURN(*request.mutable_from_time(), ParseMoment(told.from, "from"));
  }
  if (!told.until.empty()) {
    ASSIGN_OR_RETURN(*request.mutable_until_time(), ParseMoment(told.until, "until"));
  }
  return request;
}

// Of one service, the newest `most`.
absl::Status ListOf(Remote& remote, ListAccessRequest request, const std::string& service, int most,
                    std::vector<Access>& all) {
  request.set_service(service);
  for (int left = most; left > 0;) {
    request.set_page_size(std::min(left, 200));
    ASSIGN_OR_RETURN(auto page, remote.CallAt<ListAccessResponse>(
                                    service, absl::StrCat(kPath, "ListAccess"), request));
    left -= page.accesses_size();
    all.insert(all.end(), page.accesses().begin(), page.accesses().end());
    if (page.next_page_token().empty()) break;
    request.set_page_token(page.next_page_token());
  }
  return absl::OkStatus();
}

std::string RecordsOf(const Access& access) {
  std::vector<std::string> shown;
  for (const auto& record : access.records()) {
    if (shown.size() == kShown) break;
    shown.push_back(absl::StrCat(record.kind(), ":", record.id()));
  }
  const int more = access.records_size() - static_cast<int>(shown.size());
  if (shown.empty()) return "-";
  return absl::StrCat(absl::StrJoin(shown, " "), more > 0 ? absl::StrCat(" +", more) : "");
}

absl::Status List(const Context& context, const Told& told) {
  if (told.most < 1) return UsageError("most", "is less than 1");
  ASSIGN_OR_RETURN(const std::vector<std::string> services, ServicesOf(told));
  ASSIGN_OR_RETURN(const ListAccessRequest request, RequestOf(told));
  ASSIGN_OR_RETURN(const auto remote, Remote::Open(context, kRole));
  std::vector<Access> all;
  absl::Status missing;
  for (const std::string& service : services) {
    missing.Update(ListOf(*remote, request, service, told.most, all));
  }
  std::stable_sort(all.begin(), all.end(), [](const Access& a, const Access& b) {
    return clock::FromProto(a.time()) > clock::FromProto(b.time());
  });
  if (all.size() > static_cast<size_t>(told.most)) all.resize(told.most);
  if (context.json) {
    ListAccessResponse response;
    for (Access& access : all) *response.add_accesses() = std::move(access);
    PrintJson(response);
    return missing;
  }
  Table table({"WHEN", "WHO", "ROLES", "WHAT", "OUTCOME", "PURPOSE", "RECORDS"});
  for (const Access& access : all) {
    const std::string& method = access.method();
    table.Add({ShowTime(access.time()), access.person_id(), absl::StrJoin(access.roles(), ","),
               method.substr(method.rfind('/') + 1),
               access.reason().empty() ? access.outcome() : access.reason(),
               access.purpose().empty() ? "-" : access.purpose(), RecordsOf(access)});
  }
  if (!table.empty()) {
    std::fputs(table.Text().c_str(), stdout);
  } else if (missing.ok()) {
    std::puts("Nobody looked.");
  }
  return missing;
}

absl::Status Unusual(const Context& context, const Told& told) {
  if (told.days < 1 || told.days > 31) return UsageError("days", "is not within 1 and 31");
  ASSIGN_OR_RETURN(const std::vector<std::string> services, ServicesOf(told));
  ASSIGN_OR_RETURN(const auto remote, Remote::Open(context, kRole));
  const absl::Time now = absl::Now();
  ReportUnusualAccessResponse all;
  absl::Status missing;
  for (const std::string& service : services) {
    ReportUnusualAccessRequest request;
    request.set_service(service);
    *request.mutable_until_time() = clock::ToProto(now);
    *request.mutable_from_time() = clock::ToProto(now - absl::Hours(24) * told.days);
    const auto report = remote->CallAt<ReportUnusualAccessResponse>(
        service, absl::StrCat(kPath, "ReportUnusualAccess"), request);
    if (report.ok()) {
      all.MergeFrom(*report);
    } else {
      missing.Update(report.status());
    }
  }
  if (context.json) {
    PrintJson(all);
    return missing;
  }
  Table table({"HOUR FROM", "WHO", "WHERE", "WHAT", "COUNT", "ALLOWED", "RULE"});
  for (const UnusualAccess& unusual : all.unusual()) {
    table.Add({ShowTime(unusual.from_time()), unusual.person_id(), unusual.service(),
               Word(UnusualAccess::Kind_Name(unusual.kind()), "KIND_"),
               absl::StrCat(unusual.count()), absl::StrCat(unusual.allowed()), unusual.rule()});
  }
  if (!table.empty()) {
    std::fputs(table.Text().c_str(), stdout);
  } else if (missing.ok()) {
    std::puts("Nothing unusual.");
  }
  return missing;
}

}  // namespace

void AddAccess(CLI::App& app, Context* context) {
  CLI::App* access = app.add_subcommand("access", "Who looked at whose record");
  access->require_subcommand(1);
  auto told = std::make_shared<Told>();
  const auto add = [&](const char* name, const char* what,
                       absl::Status (*run)(const Context&, const Told&)) {
    CLI::App* command = access->add_subcommand(name, what);
    AddRemoteOptions(command, context);
    command->add_option("--service", told->service, "such as carers [all]");
    command->callback([context, told, run] {
      context->run = [context, told, run] { return run(*context, *told); };
    });
    return command;
  };
  CLI::App* list = add("list", "List who looked at what, newest first; itself kept", List);
  list->add_option("--record", told->record,
                   "one record, as child:C-0001, or of any kind, as C-0001");
  list->add_option("--person", told->person, "one person's");
  list->add_flag("--refused", told->refused, "refusals alone");
  list->add_option("--callers", told->callers, "people, programs or all")->capture_default_str();
  list->add_option("--from", told->from, "not before: 2026-11-23T09:00:00Z");
  list->add_option("--until", told->until, "before");
  list->add_option("--most", told->most, "how many")->capture_default_str();
  list->footer(
      "  fosterwatch access list --record child:C-0001\n"
      "  fosterwatch access list --person caseworker-1 --refused\n");
  CLI::App* unusual = add("unusual", "What the rules of unusual access find", Unusual);
  unusual->add_option("--days", told->days, "how far back, to 31")->capture_default_str();
}

}  // namespace fosterwatch::app
