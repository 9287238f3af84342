#include "apps/fosterwatch/feed_check.h"

#include <algorithm>
#include <set>
#include <utility>
#include <variant>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

#include "apps/fosterwatch/personal_data.h"
#include "fosterwatch/options/v1/options.pb.h"
#include "libs/clock/proto_time.h"
#include "libs/ledger/ledger.h"
#include "libs/status/error.h"
#include "libs/status/status_macros.h"
#include "services/complaints/intake.h"
#include "services/notifiable_events/domain/evolve.h"
#include "services/notifiable_events/domain/follow_up.h"
#include "services/notifiable_events/domain/report.h"
#include "services/placements/intake_data.h"

namespace fosterwatch::app {
namespace {

namespace domain = notifiable_events::domain;
namespace v1 = notifiable_events::v1;
using cloudevents::CloudEvent;

// Extensions of the CloudEvents specification that say nothing of anybody.
const std::set<std::string>& AllowedExtensions() {
  static const auto* const allowed =
      new std::set<std::string>{"causationid", "correlationid", "partitionkey", "recordedtime",
                                "sequence",    "sequencetype",  "traceparent",  "tracestate"};
  return *allowed;
}

const domain::Actor& Publisher() {
  static const auto* const actor = new domain::Actor{"publisher", {options::v1::ROLE_PUBLISHER}};
  return *actor;
}

// An event that a return or an outcome may follow, where nothing is known of it.
v1::NotifiableEvent SomeEvent(v1::EventKind kind) {
  v1::NotifiableEvent event;
  event.set_event_id("event");
  event.set_state(v1::NotifiableEvent::STATE_OPEN);
  event.set_version(1);
  event.add_kinds(kind);
  event.mutable_report()->add_kinds(kind);
  event.mutable_report()->set_child_id("child");
  const absl::Time long_ago = absl::FromCivil(absl::CivilDay(1990, 1, 1), clock::London());
  *event.mutable_report()->mutable_occurred_time() = clock::ToProto(long_ago);
  *event.mutable_report()->mutable_became_aware_time() = clock::ToProto(long_ago);
  return event;
}

std::string Joined(const std::vector<std::string>& words) {
  std::string text;
  for (size_t i = 0; i < words.size(); ++i) {
    absl::StrAppend(&text, i == 0 ? "" : i + 1 == words.size() ? " and " : ", ", words[i]);
  }
  return text;
}

}  // namespace

int FeedReport::faults() const {
  return static_cast<int>(std::count_if(findings.begin(), findings.end(),
                                        [](const Finding& finding) { return finding.fault; }));
}

World StandInWorld() {
  World world;
  world.circumstances = [](const std::string& child_id,
                           const std::string& carer_id) -> absl::StatusOr<domain::Circumstances> {
    domain::Circumstances stand_in;
    const domain::PlacedChild child = {child_id.empty() ? "(child)" : child_id,
                                       "(responsible authority)", "(area authority)", carer_id};
    if (!child_id.empty()) stand_in.child = child;
    stand_in.carer_known = true;
    if (!carer_id.empty()) stand_in.placed_with_carer = {child};
    stand_in.chief_inspector_body_id = "(Chief Inspector)";
    stand_in.secretary_of_state_body_id = "(Secretary of State)";
    for (const char* body_id :
         {"(Chief Inspector)", "(Secretary of State)", "(police)", "(health body)",
          "(designated officer)", "(responsible authority)", "(area authority)"}) {
      domain::Body& body = stand_in.bodies[body_id];
      body.channel = type::v1::CHANNEL_EMAIL;
      body.police_body_id = "(police)";
      body.health_body_id = "(health body)";
      body.designated_officer_body_id = "(designated officer)";
    }
    return stand_in;
  };
  return world;
}

FeedCheck::FeedCheck(const Rules& rules, World world, absl::Time now)
    : rules_(rules),
      world_(std::move(world)),
      now_(now),
      figures_({rules.catalogue, rules.kpi_policies, rules.calendar}, now) {}

void FeedCheck::Say(size_t record, bool fault, std::string code, std::string field,
                    std::string text) {
  report_.findings.push_back({record, fault, std::move(code), std::move(field), std::move(text)});
}

bool FeedCheck::Passes(size_t record, const absl::Status& status) {
  if (status.ok()) return true;
  const auto violations = ViolationsOf(status);
  for (const auto& violation : violations) {
    Say(record, true, ReasonOf(status), violation.field, violation.description);
  }
  if (violations.empty()) Say(record, true, ReasonOf(status), "", std::string(status.message()));
  return false;
}

void FeedCheck::CheckEnvelope(size_t record, const CloudEvent& event) {
  std::vector<std::pair<std::string, std::string>> attributes = {
      {"id", event.id},           {"source", event.source},          {"type", event.type},
      {"subject", event.subject}, {"dataschema", event.data_schema},
  };
  for (const auto& [name, value] : event.extensions) {
    attributes.emplace_back(name, value);
    if (AllowedExtensions().count(name) == 0) {
      Say(record, true, "ATTRIBUTE_NOT_ALLOWED", name,
          "is no attribute that the envelope may have: what is said of an event stands in its "
          "data");
    }
  }
  for (const auto& [name, value] : attributes) {
    const std::vector<std::string> found = PersonalDataIn(value);
    if (!found.empty()) {
      Say(record, true, "PERSONAL_DATA", name, absl::StrCat("looks like ", Joined(found)));
    }
  }
  if (!event.subject.empty() && !LooksLikeAnId(event.subject)) {
    Say(record, true, "SUBJECT_NOT_AN_ID", "subject",
        "is no id: letters, digits and . _ : / - with a digit among them");
  }
  if (event.time && *event.time > now_ + domain::kClockSkew) {
    Say(record, true, "TIME_IN_THE_FUTURE", "time", "is in the future");
  }
}

// Ids in the data leave on topics and stand in addresses of pages.
void FeedCheck::CheckIds(size_t record, const google::protobuf::Message& message) {
  const auto* type = message.GetDescriptor();
  for (int i = 0; i < type->field_count(); ++i) {
    const auto* field = type->field(i);
    if (field->is_repeated()) continue;
    const std::string& name_of_field = field->name();
    if (name_of_field == "report" || name_of_field == "child" || name_of_field == "placement" ||
        name_of_field == "next") {
      CheckIds(record, message.GetReflection()->GetMessage(message, field));
    }
    if (field->cpp_type() != google::protobuf::FieldDescriptor::CPPTYPE_STRING ||
        !absl::EndsWith(field->name(), "_id") || field->name() == "request_id") {
      continue;
    }
    const std::string value = message.GetReflection()->GetString(message, field);
    if (value.empty()) continue;
    const std::vector<std::string> found = PersonalDataIn(value);
    const std::string name = absl::StrCat("data.", field->name());
    if (!found.empty()) {
      Say(record, true, "PERSONAL_DATA", name, absl::StrCat("looks like ", Joined(found)));
    } else if (!LooksLikeAnId(value) && !absl::EndsWith(field->name(), "authority_id")) {
      // Bodies are named by the agency in its directory, such as "northshire".
      Say(record, true, "NOT_AN_ID", name,
          "is no id: letters, digits and . _ : / - with a digit among them");
    }
  }
}

bool FeedCheck::IsNew(size_t record, const CloudEvent& event,
                      const google::protobuf::Message& request, bool may_repeat) {
  const std::string content = ledger::RequestHash(request);
  const auto [known, is_new] =
      ids_.emplace(absl::StrCat(event.source, "\n", event.id), std::make_pair(record, content));
  const auto [first, is_new_content] =
      contents_.emplace(absl::StrCat(event.source, "\n", content), record);
  if (!is_new) {
    const std::string& where = report_.where[known->second.first];
    if (known->second.second == content) {
      Say(record, false, "REPEATED", "id",
          absl::StrCat("is ", where, " again, word for word: it changes nothing"));
    } else {
      Say(record, true, "ID_REUSED", "id",
          absl::StrCat("is that of ", where, ", with other content: it is refused"));
    }
    return false;
  }
  if (!is_new_content && !may_repeat) {
    Say(record, true, "SAME_UNDER_ANOTHER_ID", "id",
        absl::StrCat("is another than that of ", report_.where[first->second],
                     ", and the content is the same: it would be taken for another event"));
    return false;
  }
  return true;
}

void FeedCheck::CheckOrder(size_t record, const FeedRecord& given, Incident& incident) {
  if (incident.last_time && given.event->time && *given.event->time < *incident.last_time) {
    Say(record, true, "TIME_GOES_BACK", "time",
        "is before that of an earlier record of the same subject");
  }
  if (given.event->time) {
    incident.last_time =
        std::max(incident.last_time.value_or(absl::InfinitePast()), *given.event->time);
  }
  if (incident.partition >= 0 && given.partition != incident.partition) {
    Say(record, true, "SUBJECT_ON_TWO_PARTITIONS", "subject",
        "has records on more than one partition, which keep no order: give them one key");
  }
  incident.partition = given.partition;
}

absl::Status FeedCheck::Take(const FeedRecord& given) {
  const size_t record = report_.where.size();
  report_.where.push_back(given.where);
  if (!Passes(record, given.event.status())) return absl::OkStatus();
  const CloudEvent& event = *given.event;
  CheckEnvelope(record, event);
  if (placements::IsIntakeType(event.type)) {
    TakeOfRegister(record, given);
    return absl::OkStatus();
  }
  if (event.type == complaints::kFeedbackType) {
    TakeFeedback(record, given);
    return absl::OkStatus();
  }
  if (kpis::IsIntakeType(event.type)) {
    TakeOfFigures(record, given);
    return absl::OkStatus();
  }
  const auto request = notifiable_events::ReadIntake(notifiable_events::IngestRequestOf(event));
  if (!request.ok()) {
    Passes(record, request.status());
    return absl::OkStatus();
  }
  CheckIds(record, notifiable_events::MessageOf(*request));
  if (!IsNew(record, event, notifiable_events::MessageOf(*request))) return absl::OkStatus();

  Incident* incident = nullptr;
  if (!event.subject.empty()) {
    incident = &incidents_[absl::StrCat(event.source, "\n", event.subject)];
    CheckOrder(record, given, *incident);
  }
  const absl::optional<absl::Time> came = given.arrived ? given.arrived : event.time;
  if (const auto* report = std::get_if<v1::ReportEventRequest>(&*request)) {
    return TakeReport(record, *report, event, came, incident);
  }
  CheckFollows(record, *request);
  if (incident == nullptr) {
    Say(record, false, "NO_SUBJECT", "subject",
        "is missing, so that nothing says which report of the feed this follows");
  } else if (incident->event) {
    return Follow(record, *request, came, *incident->event);
  } else {
    incident->orphans.push_back(record);
  }
  orphans_.emplace(record, Orphan{*request, came});
  return absl::OkStatus();
}

void FeedCheck::TakeOfRegister(size_t record, const FeedRecord& given) {
  const CloudEvent& event = *given.event;
  const auto request = placements::ReadIntake(placements::IngestRequestOf(event));
  if (!request.ok()) {
    Passes(record, request.status());
    return;
  }
  const google::protobuf::Message& message = placements::MessageOf(*request);
  CheckIds(record, message);
  if (!IsNew(record, event, message) || event.subject.empty()) return;
  CheckOrder(record, given, incidents_[absl::StrCat(event.source, "\n", event.subject)]);
}

void FeedCheck::TakeFeedback(size_t record, const FeedRecord& given) {
  const auto feedback = complaints::ReadFeedback(*given.event, now_);
  if (!Passes(record, feedback.status())) return;
  CheckIds(record, *feedback);
  // Two complaints may read the same.
  IsNew(record, *given.event, *feedback, /*may_repeat=*/true);
}

void FeedCheck::TakeOfFigures(size_t record, const FeedRecord& given) {
  const CloudEvent& event = *given.event;
  const auto data = kpis::ReadIntake(kpis::IngestRequestOf(event));
  if (!Passes(record, data.status())) return;
  CheckIds(record, kpis::MessageOf(*data));
  if (!IsNew(record, event, kpis::MessageOf(*data), /*may_repeat=*/true)) return;
  if (!event.subject.empty()) {
    CheckOrder(record, given, incidents_[absl::StrCat(event.source, "\n", event.subject)]);
  }
  const auto effect = figures_.Take(event.source, *data);
  if (!effect.ok()) {
    for (const auto& violation : ViolationsOf(effect.status())) {
      Say(record, true, ReasonOf(effect.status()), absl::StrCat("data.", violation.field),
          violation.description);
    }
    return;
  }
  Say(record, false, effect->code, "", effect->text);
}

absl::Status FeedCheck::TakeReport(size_t record, const v1::ReportEventRequest& request,
                                   const CloudEvent& event, absl::optional<absl::Time> came,
                                   Incident* incident) {
  ASSIGN_OR_RETURN(const domain::Circumstances circumstances,
                   world_.circumstances(request.report().child_id(), request.report().carer_id()));
  auto facts =
      domain::Report({}, request, "event", Publisher(), event.source, rules_.law, rules_.calendar,
                     circumstances, now_, [this] { return absl::StrCat("id-", ++new_ids_); });
  if (facts.ok()) facts = rules_.forms.WithForm(*std::move(facts), {}, now_);
  if (!Passes(record, notifiable_events::InTheirWords(facts.status()))) return absl::OkStatus();
  NotifiableEvent reported;
  Apply(record, *facts, came, clock::FromProto(request.report().became_aware_time()), reported);
  if (incident == nullptr) return absl::OkStatus();
  for (const size_t orphan : incident->orphans) {
    Say(orphan, true, "BEFORE_ITS_REPORT", "subject",
        absl::StrCat("is reported by ", report_.where[record],
                     ", which comes later: the register does not know the event yet"));
    orphans_.erase(orphan);
  }
  incident->orphans.clear();
  if (incident->event) {
    Say(record, true, "REPORTED_AGAIN", "subject",
        "has been reported before: this would be a second event, not an update of the first");
  }
  incident->event = std::move(reported);
  return absl::OkStatus();
}

void FeedCheck::CheckFollows(size_t record, const IntakeRequest& request) {
  const bool is_return = std::holds_alternative<v1::RecordChildReturnRequest>(request);
  const std::string& event_id = is_return
                                    ? std::get<v1::RecordChildReturnRequest>(request).event_id()
                                    : std::get<v1::RecordEnquiryOutcomeRequest>(request).event_id();
  if (event_id.empty()) return Say(record, true, "REQUIRED", "data.event_id", "is required");
  const auto [first, is_new] =
      follows_.emplace(absl::StrCat(is_return ? "return\n" : "outcome\n", event_id), record);
  if (!is_new) {
    Say(record, true, is_return ? "RETURNED_BEFORE" : "OUTCOME_RECORDED_BEFORE", "data.event_id",
        absl::StrCat("is that of ", report_.where[first->second], ": it is refused"));
  }
}

absl::Status FeedCheck::Follow(size_t record, const IntakeRequest& request,
                               absl::optional<absl::Time> came, NotifiableEvent& event) {
  if (const auto* returned = std::get_if<v1::RecordChildReturnRequest>(&request)) {
    const auto facts = domain::RecordChildReturn(event, *returned, Publisher(), now_);
    if (!Passes(record, notifiable_events::InTheirWords(facts.status()))) return absl::OkStatus();
    Apply(record, *facts, came, clock::FromProto(returned->returned_time()), event);
    return absl::OkStatus();
  }
  const auto& outcome = std::get<v1::RecordEnquiryOutcomeRequest>(request);
  const v1::EventReport report = domain::EffectiveReport(event);
  ASSIGN_OR_RETURN(const domain::Circumstances circumstances,
                   world_.circumstances(report.child_id(), report.carer_id()));
  const auto facts =
      domain::RecordEnquiryOutcome(event, outcome, Publisher(), rules_.law, circumstances, now_,
                                   [this] { return absl::StrCat("id-", ++new_ids_); });
  if (!Passes(record, notifiable_events::InTheirWords(facts.status()))) return absl::OkStatus();
  Apply(record, *facts, came, clock::FromProto(outcome.became_aware_time()), event);
  return absl::OkStatus();
}

void FeedCheck::Apply(size_t record, const domain::Facts& facts, absl::optional<absl::Time> came,
                      absl::Time aware, NotifiableEvent& event) {
  const int before = event.notices_size();
  for (const auto& fact : facts) domain::Evolve(event, fact, {"", now_, Publisher().id});
  bool late = false;
  for (int i = before; i < event.notices_size(); ++i) {
    const v1::Notice& notice = event.notices(i);
    report_.notices.push_back({record, notice});
    late |= came && *came > clock::FromProto(notice.in_time_until());
  }
  if (late) {
    Say(record, true, "TOO_LATE", "time", "is when its notices could no longer be given in time");
  }
  if (!came) return;
  if (const absl::Duration after = *came - aware; !report_.latest || after > *report_.latest) {
    report_.latest = after;
    report_.latest_record = record;
  }
}

absl::Status FeedCheck::FollowOrphan(size_t record, const Orphan& orphan) {
  const bool is_return = std::holds_alternative<v1::RecordChildReturnRequest>(orphan.request);
  NotifiableEvent event =
      SomeEvent(is_return ? v1::EVENT_KIND_CHILD_MISSING : v1::EVENT_KIND_CHILD_PROTECTION_ENQUIRY);
  const std::string event_id =
      is_return ? std::get<v1::RecordChildReturnRequest>(orphan.request).event_id()
                : std::get<v1::RecordEnquiryOutcomeRequest>(orphan.request).event_id();
  if (world_.event != nullptr && !event_id.empty()) {
    auto found = world_.event(event_id);
    if (absl::IsNotFound(found.status())) {
      Say(record, true, "NOT_FOUND", "data.event_id", "names no event of this agency");
      return absl::OkStatus();
    }
    RETURN_IF_ERROR(found.status());
    event = *std::move(found);
  } else {
    Say(record, false, "REPORT_NOT_IN_FEED", "data.event_id",
        "is of an event that the feed does not report: it is taken only where the register has it");
  }
  return Follow(record, orphan.request, orphan.came, event);
}

absl::StatusOr<FeedReport> FeedCheck::Finish() {
  for (const auto& [record, orphan] : orphans_) RETURN_IF_ERROR(FollowOrphan(record, orphan));
  orphans_.clear();
  std::stable_sort(report_.findings.begin(), report_.findings.end(),
                   [](const Finding& a, const Finding& b) { return a.record < b.record; });
  std::stable_sort(
      report_.notices.begin(), report_.notices.end(),
      [](const CausedNotice& a, const CausedNotice& b) { return a.record < b.record; });
  return std::move(report_);
}

}  // namespace fosterwatch::app
