#include <cstdio>
#include <memory>

#include "absl/strings/str_cat.h"

#include "apps/fosterwatch/commands.h"
#include "apps/fosterwatch/modules.h"
#include "apps/fosterwatch/table.h"
#include "fosterwatch/operations/v1/parked_service.pb.h"
#include "libs/status/error.h"
#include "libs/status/status_macros.h"

namespace fosterwatch::app {
namespace {

using operations::v1::ParkedRecord;

constexpr char kService[] = "ParkedService";
constexpr char kRole[] = "registered_manager";

struct Told {
  std::string service, parked_id, state = "open", reason;
  bool all = false, no_agency = false;
};

// The services that have a ledger, or the one that was named.
absl::StatusOr<std::vector<std::string>> ServicesOf(const Told& told) {
  std::vector<std::string> services;
  for (const auto& module : MakeModules(told.service)) {
    if (!module->migrations().empty()) services.push_back(module->name());
  }
  if (services.empty()) return UsageError("service", "is no service with a ledger");
  return services;
}

template <typename Response>
absl::StatusOr<Response> Call(Remote& remote, const std::string& method, const std::string& service,
                              const google::protobuf::Message& request) {
  return remote.CallAt<Response>(
      service, absl::StrCat("/fosterwatch.operations.v1.", kService, "/", method), request);
}

// A service that is away does not hide what another one has.
absl::StatusOr<ParkedRecord> Find(Remote& remote, const Told& told) {
  ASSIGN_OR_RETURN(const std::vector<std::string> services, ServicesOf(told));
  absl::Status last;
  for (const std::string& service : services) {
    operations::v1::GetParkedRequest request;
    request.set_service(service);
    request.set_parked_id(told.parked_id);
    request.set_of_no_agency(told.no_agency);
    auto record = Call<ParkedRecord>(remote, "GetParked", service, request);
    if (record.ok()) return record;
    if (last.ok() || !absl::IsNotFound(record.status())) last = record.status();
  }
  return last;
}

absl::Status ListOf(Remote& remote, const Told& told, const std::string& service,
                    operations::v1::ListParkedResponse* all) {
  operations::v1::ListParkedRequest request;
  request.set_service(service);
  request.set_page_size(200);
  request.set_of_no_agency(told.no_agency);
  if (told.state != "all") {
    ASSIGN_OR_RETURN(const auto state,
                     ParseEnum<ParkedRecord::State>("STATE_", told.state, "state"));
    request.set_state(state);
  }
  int open = 0;
  do {
    ASSIGN_OR_RETURN(auto page, Call<operations::v1::ListParkedResponse>(remote, "ListParked",
                                                                         service, request));
    open = page.open_count();
    request.set_page_token(page.next_page_token());
    all->mutable_records()->MergeFrom(page.records());
  } while (!request.page_token().empty());
  all->set_open_count(all->open_count() + open);
  return absl::OkStatus();
}

// What the services have that answer. An error: what the first of the others said.
absl::Status ListAll(Remote& remote, const Told& told, operations::v1::ListParkedResponse* all) {
  ASSIGN_OR_RETURN(const std::vector<std::string> services, ServicesOf(told));
  absl::Status missing;
  for (const std::string& service : services) missing.Update(ListOf(remote, told, service, all));
  return missing;
}

std::string ReasonOf(const ParkedRecord& record) {
  const std::string& reason =
      record.has_last_attempt() ? record.last_attempt().reason_code() : record.reason_code();
  return record.field().empty() ? reason : absl::StrCat(reason, " (", record.field(), ")");
}

std::string StateOf(const ParkedRecord& record) {
  return Word(ParkedRecord::State_Name(record.state()), "STATE_");
}

absl::Status List(const Context& context, const Told& told) {
  ASSIGN_OR_RETURN(const auto remote, Remote::Open(context, kRole));
  operations::v1::ListParkedResponse all;
  const absl::Status missing = ListAll(*remote, told, &all);
  if (context.json) {
    PrintJson(all);
    return missing;
  }
  Table table({"RECORD", "CONSUMER", "STATE", "REASON", "BEHIND", "PARKED", "KEY"});
  for (const ParkedRecord& record : all.records()) {
    table.Add({record.parked_id(), record.consumer(), StateOf(record), ReasonOf(record),
               absl::StrCat(record.behind()), ShowTime(record.parked_time()),
               record.key().empty() ? "-" : record.key()});
  }
  if (!table.empty()) {
    std::fputs(table.Text().c_str(), stdout);
  } else if (missing.ok()) {
    std::puts("Nothing is parked.");
  }
  return missing;
}

void Print(const Context& context, const ParkedRecord& record) {
  if (context.json) return PrintJson(record);
  const auto line = [](const char* name, const std::string& text) {
    if (!text.empty()) std::printf("%-12s %s\n", name, text.c_str());
  };
  line("record", record.parked_id());
  line("state", StateOf(record));
  line("consumer", record.consumer());
  line("topic", absl::StrCat(record.topic(), ", partition ", record.partition(), ", offset ",
                             record.offset()));
  line("key", record.key());
  line("parked", ShowTime(record.parked_time()));
  line("reason", record.reason_code());
  line("field", record.field());
  line("behind it",
       absl::StrCat(record.behind(),
                    record.key_blocked() ? "; later records of its key wait, too" : ""));
  if (record.has_last_attempt()) {
    line("last retry",
         absl::StrCat(ShowTime(record.last_attempt().time()), " by ",
                      record.last_attempt().person_id(), ": ", record.last_attempt().reason_code(),
                      " (", record.attempts(), record.attempts() == 1 ? " time)" : " times)"));
  }
  if (!record.closed_by().empty()) {
    line("closed", absl::StrCat(ShowTime(record.closed_time()), " by ", record.closed_by()));
  }
  line("because", record.discard_reason());
}

absl::Status Show(const Context& context, const Told& told) {
  ASSIGN_OR_RETURN(const auto remote, Remote::Open(context, kRole));
  ASSIGN_OR_RETURN(const ParkedRecord record, Find(*remote, told));
  Print(context, record);
  return absl::OkStatus();
}

absl::StatusOr<operations::v1::RetryParkedResponse> RetryOne(Remote& remote, const Told& told,
                                                             const ParkedRecord& record) {
  operations::v1::RetryParkedRequest request;
  request.set_service(record.service());
  request.set_parked_id(record.parked_id());
  request.set_of_no_agency(told.no_agency);
  return Call<operations::v1::RetryParkedResponse>(remote, "RetryParked", record.service(),
                                                   request);
}

// What is retried and still cannot be taken is a refusal: exit code 4.
absl::Status StillParked(int waiting, const std::string& reason) {
  return Error(absl::StatusCode::kFailedPrecondition, "STILL_PARKED",
               absl::StrCat(waiting, waiting == 1 ? " record is" : " records are",
                            " still parked: ", reason));
}

absl::Status Retry(const Context& context, const Told& told) {
  if (told.all == !told.parked_id.empty()) {
    return UsageError("all", "or a record's id is needed, and not both");
  }
  ASSIGN_OR_RETURN(const auto remote, Remote::Open(context, kRole));
  operations::v1::ListParkedResponse wanted;
  absl::Status missing;
  if (told.all) {
    missing = ListAll(*remote, told, &wanted);
    if (wanted.records().empty() && !missing.ok()) return missing;
  } else {
    ASSIGN_OR_RETURN(*wanted.add_records(), Find(*remote, told));
  }
  operations::v1::RetryParkedResponse total;
  for (const ParkedRecord& record : wanted.records()) {
    ASSIGN_OR_RETURN(auto response, RetryOne(*remote, told, record));
    response.set_taken(total.taken() + response.taken());
    response.set_waiting(total.waiting() + response.waiting());
    if (response.stopped_by().empty()) response.set_stopped_by(total.stopped_by());
    total = std::move(response);
  }
  if (context.json) {
    PrintJson(total);
  } else {
    std::printf("%d taken, %d still parked.\n", total.taken(), total.waiting());
  }
  if (total.stopped_by().empty()) return missing;
  return StillParked(total.waiting(), total.stopped_by());
}

absl::Status Discard(const Context& context, const Told& told) {
  ASSIGN_OR_RETURN(const auto remote, Remote::Open(context, kRole));
  ASSIGN_OR_RETURN(const ParkedRecord record, Find(*remote, told));
  operations::v1::DiscardParkedRequest request;
  request.set_service(record.service());
  request.set_parked_id(record.parked_id());
  request.set_of_no_agency(told.no_agency);
  request.set_reason(told.reason);
  ASSIGN_OR_RETURN(const ParkedRecord after,
                   Call<ParkedRecord>(*remote, "DiscardParked", record.service(), request));
  Print(context, after);
  if (!context.json && record.behind() > 0) {
    std::printf("\n%d record%s of its key stay%s parked: retry them next.\n", record.behind(),
                record.behind() == 1 ? "" : "s", record.behind() == 1 ? "s" : "");
  }
  return absl::OkStatus();
}

}  // namespace

void AddParked(CLI::App& app, Context* context) {
  CLI::App* parked = app.add_subcommand("parked", "Records that a service could not take");
  parked->require_subcommand(1);
  auto told = std::make_shared<Told>();
  const auto add = [&](const char* name, const char* what,
                       absl::Status (*run)(const Context&, const Told&)) {
    CLI::App* command = parked->add_subcommand(name, what);
    AddRemoteOptions(command, context);
    command->add_option("--service", told->service, "such as notifications [all]");
    command->add_flag("--no-agency", told->no_agency,
                      "those of which nobody knows the agency; with --as service");
    command->callback([context, told, run] {
      context->run = [context, told, run] { return run(*context, *told); };
    });
    return command;
  };
  CLI::App* list = add("list", "List them: of a key whose records wait, the first", List);
  list->add_option("--state", told->state, "open, taken, discarded or all")->capture_default_str();
  list->footer("  fosterwatch parked list\n  fosterwatch parked list --as service --no-agency\n");
  CLI::App* show = add("show", "Show all that is known of one; never what it holds", Show);
  show->add_option("record", told->parked_id, "its id")->required();
  CLI::App* retry =
      add("retry", "Hand one over again, and in order all that wait behind it", Retry);
  retry->add_option("record", told->parked_id, "its id");
  retry->add_flag("--all", told->all, "all open ones of the agency");
  retry->footer("  fosterwatch parked retry --all --service notifications\n");
  CLI::App* discard = add("discard", "Give one up for good", Discard);
  discard->add_option("record", told->parked_id, "its id")->required();
  discard->add_option("--reason", told->reason, "why")->required();
}

}  // namespace fosterwatch::app
