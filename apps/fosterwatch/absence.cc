#include <cstdio>
#include <memory>
#include <string>

#include "apps/fosterwatch/commands.h"
#include "apps/fosterwatch/table.h"
#include "fosterwatch/directory/v1/directory_service.pb.h"
#include "libs/status/status_macros.h"

namespace fosterwatch::app {
namespace {

using directory::v1::Absence;

constexpr char kArea[] = "directory";
constexpr char kService[] = "DirectoryService";

struct Told {
  std::string id, person, role, from = "now", until, cover, reason, at, back, request_id;
  bool emergency = false;
};

std::string TextOf(const google::protobuf::RepeatedPtrField<Absence>& absences) {
  Table table({"ABSENCE", "PERSON", "ROLE", "BEGINS", "ENDS", "COVERED BY", "EMERGENCY", "BACK"});
  for (const Absence& absence : absences) {
    table.Add({absence.absence_id(), absence.person_id(),
               Word(options::v1::Role_Name(absence.role()), "ROLE_"), ShowTime(absence.from_time()),
               ShowTime(absence.until_time(), absence.has_until_time()),
               absence.covered_by_person_id().empty() ? "-" : absence.covered_by_person_id(),
               absence.emergency() ? "yes" : "no",
               ShowTime(absence.ended_time(), absence.has_ended_time())});
  }
  return table.empty() ? "No absences.\n" : table.Text();
}

absl::Status Show(const Context& context, const Absence& absence) {
  if (context.json) {
    PrintJson(absence);
    return absl::OkStatus();
  }
  google::protobuf::RepeatedPtrField<Absence> one;
  *one.Add() = absence;
  std::fputs(TextOf(one).c_str(), stdout);
  return absl::OkStatus();
}

absl::Status Record(const Context& context, const Told& told) {
  directory::v1::RecordAbsenceRequest request;
  request.set_request_id(RequestId(told.request_id));
  Absence* absence = request.mutable_absence();
  absence->set_person_id(told.person);
  ASSIGN_OR_RETURN(const auto role, ParseEnum<options::v1::Role>("ROLE_", told.role, "role"));
  absence->set_role(role);
  absence->set_covered_by_person_id(told.cover);
  absence->set_emergency(told.emergency);
  absence->set_reason(told.reason);
  if (told.from != "now") {
    ASSIGN_OR_RETURN(*absence->mutable_from_time(), ParseMoment(told.from, "from"));
  }
  if (!told.until.empty()) {
    ASSIGN_OR_RETURN(*absence->mutable_until_time(), ParseMoment(told.until, "until"));
  }
  ASSIGN_OR_RETURN(const auto remote, Remote::Open(context, "registered_manager"));
  ASSIGN_OR_RETURN(const Absence recorded,
                   remote->Call<Absence>(kArea, kService, "RecordAbsence", request));
  return Show(context, recorded);
}

absl::Status End(const Context& context, const Told& told) {
  directory::v1::EndAbsenceRequest request;
  request.set_request_id(RequestId(told.request_id));
  request.set_absence_id(told.id);
  if (!told.back.empty()) {
    ASSIGN_OR_RETURN(*request.mutable_back_time(), ParseMoment(told.back, "back"));
  }
  ASSIGN_OR_RETURN(const auto remote, Remote::Open(context, "registered_manager"));
  ASSIGN_OR_RETURN(const Absence ended,
                   remote->Call<Absence>(kArea, kService, "EndAbsence", request));
  return Show(context, ended);
}

absl::Status List(const Context& context, const Told& told) {
  directory::v1::ListAbsencesRequest request;
  request.set_person_id(told.person);
  if (!told.at.empty()) {
    ASSIGN_OR_RETURN(*request.mutable_at_time(), ParseMoment(told.at, "at"));
  }
  ASSIGN_OR_RETURN(const auto remote, Remote::Open(context, "registered_manager"));
  ASSIGN_OR_RETURN(const auto response, remote->Call<directory::v1::ListAbsencesResponse>(
                                            kArea, kService, "ListAbsences", request));
  if (context.json) {
    PrintJson(response);
    return absl::OkStatus();
  }
  std::fputs(TextOf(response.absences()).c_str(), stdout);
  return absl::OkStatus();
}

}  // namespace

void AddAbsence(CLI::App& app, Context* context) {
  CLI::App* absence = app.add_subcommand("absence", "Who is away, and who covers");
  absence->require_subcommand(1);
  auto told = std::make_shared<Told>();
  const auto add = [&](const char* name, const char* help,
                       absl::Status (*run)(const Context&, const Told&)) {
    CLI::App* command = absence->add_subcommand(name, help);
    AddRemoteOptions(command, context);
    command->callback([context, told, run] {
      context->run = [context, told, run] { return run(*context, *told); };
    });
    return command;
  };
  CLI::App* record = add("record", "Plan one, or say of one [as registered_manager]", Record);
  record->add_option("--person", told->person, "who is away")->required();
  record->add_option("--role", told->role, "from which role, such as registered-manager")
      ->required();
  record->add_option("--from", told->from, "since when")->capture_default_str();
  record->add_option("--until", told->until, "until when [not known]");
  record->add_option("--cover", told->cover, "who is told in their place [nobody]");
  record->add_flag("--emergency", told->emergency, "it was not foreseen");
  record->add_option("--reason", told->reason, "why")->required();
  record->add_option("--request-id", told->request_id, "makes a repetition safe [a new one]");
  record->footer(
      "  fosterwatch absence record --person registered-manager-1 --role registered-manager \\\n"
      "      --from \"2026-11-30 09:00\" --until \"2026-12-07 09:00\" --cover deputy-manager-1 \\\n"
      "      --reason \"annual leave\"\n");
  CLI::App* end = add("end", "Say that the person is back [as registered_manager]", End);
  end->add_option("absence", told->id, "the absence's id")->required();
  end->add_option("--back", told->back, "since when [now]");
  end->add_option("--request-id", told->request_id, "makes a repetition safe [a new one]");
  CLI::App* list = add("list", "List absences that last or are planned", List);
  list->add_option("--person", told->person, "of this person");
  list->add_option("--at", told->at, "at this moment [now]");
}

}  // namespace fosterwatch::app
