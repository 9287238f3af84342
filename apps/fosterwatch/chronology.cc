// chronology --carer or --child: events, complaints and allegations in one line of time.
#include <algorithm>
#include <cstdio>
#include <memory>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "google/protobuf/struct.pb.h"

#include "apps/fosterwatch/commands.h"
#include "apps/fosterwatch/table.h"
#include "fosterwatch/allegations/v1/allegations_service.pb.h"
#include "fosterwatch/complaints/v1/complaints_service.pb.h"
#include "fosterwatch/notifiable_events/v1/notifiable_event_service.pb.h"
#include "libs/status/status_macros.h"

namespace fosterwatch::app {
namespace {

struct About {
  std::string carer, child;
};

struct Entry {
  google::protobuf::Timestamp time;
  std::string in_register, id, what, state, carer, child;

  auto Order() const { return std::tuple(-time.seconds(), -time.nanos(), in_register, id); }
};

// Every page of one register's list.
template <typename Request, typename Response, typename Take>
absl::Status ReadAll(Remote& remote, const char* area, const char* service, const char* method,
                     const About& about, Take take) {
  Request request;
  request.set_page_size(200);
  request.set_carer_id(about.carer);
  request.set_child_id(about.child);
  while (true) {
    ASSIGN_OR_RETURN(const Response response,
                     remote.Call<Response>(area, service, method, request));
    take(response);
    if (response.next_page_token().empty()) return absl::OkStatus();
    request.set_page_token(response.next_page_token());
  }
}

absl::StatusOr<std::vector<Entry>> Read(Remote& remote, const About& about) {
  std::vector<Entry> entries;
  namespace events = notifiable_events::v1;
  RETURN_IF_ERROR((ReadAll<events::ListEventsRequest, events::ListEventsResponse>(
      remote, "notifiable_events", "NotifiableEventService", "ListEvents", about,
      [&](const events::ListEventsResponse& page) {
        for (const auto& event : page.events()) {
          const std::string kinds =
              absl::StrJoin(event.kinds(), " ", [](std::string* out, int kind) {
                absl::StrAppend(out,
                                Word(events::EventKind_Name(static_cast<events::EventKind>(kind)),
                                     "EVENT_KIND_"));
              });
          entries.push_back({event.occurred_time(), "event", event.event_id(), kinds,
                             Word(events::NotifiableEvent::State_Name(event.state()), "STATE_"),
                             event.carer_id(), event.child_id()});
        }
      })));
  RETURN_IF_ERROR(
      (ReadAll<complaints::v1::ListComplaintsRequest, complaints::v1::ListComplaintsResponse>(
          remote, "complaints", "ComplaintsService", "ListComplaints", about,
          [&](const complaints::v1::ListComplaintsResponse& page) {
            for (const auto& complaint : page.complaints()) {
              entries.push_back(
                  {complaint.received_time(),
                   Word(complaints::v1::ComplaintKind_Name(complaint.kind()), "COMPLAINT_KIND_"),
                   complaint.complaint_id(),
                   absl::StrCat(complaint.case_number(), " ", complaint.category()),
                   Word(complaints::v1::Complaint::State_Name(complaint.state()), "STATE_"),
                   complaint.carer_id(), complaint.child_id()});
            }
          })));
  RETURN_IF_ERROR(
      (ReadAll<allegations::v1::ListAllegationsRequest, allegations::v1::ListAllegationsResponse>(
          remote, "allegations", "AllegationsService", "ListAllegations", about,
          [&](const allegations::v1::ListAllegationsResponse& page) {
            for (const auto& allegation : page.allegations()) {
              const std::string outcome =
                  allegation.outcome() == allegations::v1::OUTCOME_UNSPECIFIED
                      ? ""
                      : Word(allegations::v1::Outcome_Name(allegation.outcome()), "OUTCOME_");
              entries.push_back(
                  {allegation.became_aware_time(), "allegation", allegation.allegation_id(),
                   outcome,
                   Word(allegations::v1::Allegation::State_Name(allegation.state()), "STATE_"),
                   allegation.carer_id(), allegation.child_id()});
            }
          })));
  std::sort(entries.begin(), entries.end(),
            [](const Entry& a, const Entry& b) { return a.Order() < b.Order(); });
  return entries;
}

void PrintAsJson(const std::vector<Entry>& entries) {
  google::protobuf::Struct answer;
  auto* list = (*answer.mutable_fields())["entries"].mutable_list_value();
  for (const Entry& entry : entries) {
    auto& fields = *list->add_values()->mutable_struct_value()->mutable_fields();
    for (const auto& [name, value] : {std::pair{"time", IsoTime(entry.time)},
                                      {"register", entry.in_register},
                                      {"id", entry.id},
                                      {"what", entry.what},
                                      {"state", entry.state},
                                      {"carerId", entry.carer},
                                      {"childId", entry.child}}) {
      fields[name].set_string_value(value);
    }
  }
  PrintJson(answer);
}

absl::Status Show(const Context& context, const About& about) {
  ASSIGN_OR_RETURN(const auto remote, Remote::Open(context, "caseworker"));
  ASSIGN_OR_RETURN(const std::vector<Entry> entries, Read(*remote, about));
  if (context.json) {
    PrintAsJson(entries);
    return absl::OkStatus();
  }
  Table table(
      {"WHEN", "WHAT", "RECORD", "ABOUT", "STATE", about.carer.empty() ? "CARER" : "CHILD"});
  for (const Entry& entry : entries) {
    const std::string& other = about.carer.empty() ? entry.carer : entry.child;
    table.Add({ShowTime(entry.time), entry.in_register, entry.id,
               entry.what.empty() ? "-" : entry.what, entry.state, other.empty() ? "-" : other});
  }
  std::fputs(table.empty() ? "Nothing is recorded.\n" : table.Text().c_str(), stdout);
  return absl::OkStatus();
}

}  // namespace

void AddChronology(CLI::App& app, Context* context) {
  CLI::App* chronology = app.add_subcommand(
      "chronology", "Events, complaints and allegations of one carer or child, newest first");
  AddRemoteOptions(chronology, context);
  auto about = std::make_shared<About>();
  CLI::Option* carer = chronology->add_option("--carer", about->carer, "of this foster carer");
  CLI::Option* child = chronology->add_option("--child", about->child, "of this child");
  carer->excludes(child);
  chronology->callback([context, about] {
    context->run = [context, about]() -> absl::Status {
      if (about->carer.empty() && about->child.empty()) {
        return UsageError("carer", "or --child is required");
      }
      return Show(*context, *about);
    };
  });
}

}  // namespace fosterwatch::app
