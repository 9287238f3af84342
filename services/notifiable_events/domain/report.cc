#include "services/notifiable_events/domain/report.h"

#include <optional>
#include <set>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

#include "libs/clock/proto_time.h"
#include "libs/status/error.h"
#include "libs/status/field_check.h"
#include "libs/status/status_macros.h"
#include "services/notifiable_events/domain/awareness.h"
#include "services/notifiable_events/domain/check.h"
#include "services/notifiable_events/domain/discussion.h"
#include "services/notifiable_events/domain/evolve.h"
#include "services/notifiable_events/domain/notices.h"
#include "services/notifiable_events/domain/provisional.h"
#include "services/notifiable_events/domain/sign_off.h"

namespace fosterwatch::notifiable_events::domain {
namespace {

// The absence of the registered manager is recorded in the directory, and comes from there.
bool IsKind(int kind) {
  return v1::EventKind_IsValid(kind) && kind != v1::EVENT_KIND_UNSPECIFIED &&
         kind != v1::EVENT_KIND_MANAGER_ABSENCE;
}

// Schedule 7 speaks of a placed child in every row but these two.
bool NeedsChild(int kind) {
  return kind != v1::EVENT_KIND_DBS_REFERRAL && kind != v1::EVENT_KIND_SERIOUS_COMPLAINT;
}

void CheckKinds(FieldCheck& check, const v1::EventReport& report) {
  std::set<int> seen;
  for (const int kind : report.kinds()) {
    if (!IsKind(kind)) {
      check.Refuse("report.kinds", "UNKNOWN_KIND", "has a kind that is not known or not reported");
      return;
    }
    if (!seen.insert(kind).second) {
      check.Refuse("report.kinds", "DUPLICATE_KIND", "has a kind twice");
      return;
    }
  }
}

// That the report as a whole names those whom its kinds are about, and names known ones. `named` is
// what the request itself says.
void CheckPeople(FieldCheck& check, const v1::EventReport& named, const v1::EventReport& whole,
                 const Circumstances& circumstances) {
  bool needs_child = false;
  bool needs_carer = false;
  for (const int kind : whole.kinds()) {
    needs_child |= IsKind(kind) && NeedsChild(kind);
    needs_carer |= kind == v1::EVENT_KIND_SERIOUS_COMPLAINT;
  }
  if (whole.child_id().empty()) {
    if (needs_child) {
      check.Refuse("report.child_id", "REQUIRED", "is required for an event of this kind");
    }
  } else if (!named.child_id().empty() && !circumstances.child) {
    check.Refuse("report.child_id", "UNKNOWN_CHILD", "is not known to this agency");
  }
  if (whole.carer_id().empty()) {
    if (needs_carer) {
      check.Refuse("report.carer_id", "REQUIRED", "is required for an event of this kind");
    }
  } else if (!named.carer_id().empty() && !circumstances.carer_known) {
    check.Refuse("report.carer_id", "UNKNOWN_CARER", "is not known to this agency");
  }
}

// The awareness, where both moments are right.
std::optional<absl::Time> CheckMoments(FieldCheck& check, const v1::EventReport& report,
                                       const Law& law, absl::Time now) {
  const auto occurred = CheckTime(check, "report.occurred_time", report.has_occurred_time(),
                                  report.occurred_time(), now);
  const auto aware = CheckTime(check, "report.became_aware_time", report.has_became_aware_time(),
                               report.became_aware_time(), now);
  if (occurred && aware && *aware < *occurred) {
    check.Refuse("report.became_aware_time", "BEFORE_OCCURRED", "is before it happened");
    return std::nullopt;
  }
  if (!aware) return std::nullopt;
  for (const int kind : report.kinds()) {
    if (!IsKind(kind)) continue;
    if (law.RecipientsOf(static_cast<v1::EventKind>(kind), *aware).empty()) {
      check.Refuse("report.became_aware_time", "BEFORE_THE_LAW",
                   "is before the regulations came into force");
      return std::nullopt;
    }
  }
  return aware;
}

void CheckLengths(FieldCheck& check, const v1::EventReport& report) {
  check.AtMost("report.place", report.place(), kMaxPlace);
  check.AtMost("report.immediate_actions", report.immediate_actions(), kMaxNarrative);
}

std::vector<Cause> CausesOf(const std::vector<int>& kinds, absl::Time became_aware) {
  std::vector<Cause> causes;
  for (const int kind : kinds) {
    causes.push_back(
        {static_cast<v1::EventKind>(kind), v1::MOMENT_EVENT, "became_aware_time", became_aware});
  }
  return causes;
}

v1::NotifiableEventFact NoticesOwed(absl::string_view event_id, std::vector<v1::Notice> notices,
                                    const std::string& version) {
  v1::NotifiableEventFact fact;
  auto* owed = fact.mutable_notices_owed();
  owed->set_event_id(std::string(event_id));
  owed->set_matrix_version(version);
  for (v1::Notice& notice : notices) *owed->add_notices() = std::move(notice);
  return fact;
}

// What an addition to the report makes of the event, where nothing in it is at fault: the
// correction without who and why, and the facts that follow from it.
struct Amendment {
  v1::Correction correction;
  Facts follow;
};

absl::StatusOr<Amendment> Amend(FieldCheck& check, const v1::NotifiableEvent& event,
                                const v1::EventReport& report, const Law& law,
                                const Circumstances& circumstances, absl::Time now, NewId new_id) {
  const v1::EventReport before = EffectiveReport(event);
  CheckKinds(check, report);
  if (!report.child_id().empty() && !before.child_id().empty() &&
      report.child_id() != before.child_id()) {
    check.Refuse("report.child_id", "CANNOT_CHANGE",
                 "is another child; report that child's event by itself");
  }
  if (!report.carer_id().empty() && !before.carer_id().empty() &&
      report.carer_id() != before.carer_id()) {
    check.Refuse("report.carer_id", "CANNOT_CHANGE",
                 "is another carer; report that carer's event by itself");
  }
  v1::NotifiableEvent corrected = event;
  v1::NotifiableEventFact fact;
  *fact.mutable_event_corrected()->mutable_correction()->mutable_report() = report;
  Evolve(corrected, fact, {});
  const v1::EventReport after = EffectiveReport(corrected);
  CheckPeople(check, report, after, circumstances);
  const auto aware = CheckMoments(check, after, law, now);
  if (!report.summary().empty()) {
    check.Require("report.summary", report.summary(), kMaxNarrative);
  }
  CheckLengths(check, report);
  RETURN_IF_ERROR(check.ToStatus());

  // Notices that exist keep their body, even where the child has moved since: only what is added
  // brings about others.
  const bool names_someone =
      after.child_id() != before.child_id() || after.carer_id() != before.carer_id();
  std::vector<int> kinds;
  for (const int kind : after.kinds()) {
    if (names_someone || !HasKind(event, static_cast<v1::EventKind>(kind))) kinds.push_back(kind);
  }
  ASSIGN_OR_RETURN(auto notices,
                   NoticesFor(CausesOf(kinds, *aware), event, law, circumstances, now, new_id));
  if (!notices.empty()) RETURN_IF_ERROR(CheckOpen(event));

  Amendment amendment;
  *amendment.correction.mutable_report() = report;
  if (report.has_became_aware_time()) amendment.follow = MoveDueTimes(event, *aware, law);
  if (!notices.empty()) {
    amendment.follow.push_back(
        NoticesOwed(event.event_id(), std::move(notices), law.VersionOn(*aware)));
  }
  if (before.child_id().empty() && !after.child_id().empty()) {
    auto* owed = amendment.follow.emplace_back().mutable_discussion_owed();
    owed->set_event_id(event.event_id());
    ASSIGN_OR_RETURN(*owed->mutable_discussion(), DiscussionFor(law, now, new_id));
  }
  return amendment;
}

void Sign(v1::Correction& correction, const Actor& actor, absl::Time now, NewId new_id) {
  correction.set_correction_id(new_id());
  correction.set_corrected_by(actor.id);
  *correction.mutable_corrected_time() = clock::ToProto(now);
}

}  // namespace

std::optional<absl::Time> CheckReport(FieldCheck& check, const v1::EventReport& report,
                                      const Law& law, const Circumstances& circumstances,
                                      absl::Time now) {
  if (report.kinds().empty()) check.Refuse("report.kinds", "REQUIRED", "is required");
  CheckKinds(check, report);
  CheckPeople(check, report, report, circumstances);
  const auto aware = CheckMoments(check, report, law, now);
  check.Require("report.summary", report.summary(), kMaxNarrative);
  CheckLengths(check, report);
  return aware;
}

absl::Status OfOwnFields(const absl::Status& refused) {
  std::vector<Violation> violations = ViolationsOf(refused);
  for (Violation& violation : violations) {
    violation.field = std::string(absl::StripPrefix(violation.field, "report."));
  }
  return Error(refused.code(), ReasonOf(refused), refused.message(), std::move(violations));
}

absl::StatusOr<Facts> Report(const v1::NotifiableEvent& event,
                             const v1::ReportEventRequest& request, absl::string_view event_id,
                             const Actor& actor, absl::string_view source, const Law& law,
                             const clock::WorkingCalendar& calendar,
                             const Circumstances& circumstances, absl::Time now, NewId new_id) {
  if (event.version() != 0) {
    return Error(absl::StatusCode::kAlreadyExists, "EVENT_EXISTS",
                 "the event has been reported before");
  }
  const v1::EventReport& report = request.report();
  FieldCheck check;
  const auto aware = CheckReport(check, report, law, circumstances, now);
  RETURN_IF_ERROR(check.ToStatus());

  Facts facts(1);
  auto* reported = facts[0].mutable_event_reported();
  reported->set_event_id(std::string(event_id));
  *reported->mutable_report() = report;
  reported->set_reporter_id(actor.id);
  reported->set_source(std::string(source));
  if (circumstances.child) {
    reported->set_placed_with_carer_id(circumstances.child->carer_id);
  }
  reported->set_from_decision_id(request.from_decision_id());
  ASSIGN_OR_RETURN(const auto sign_offs, SignOffsFor(law, calendar, now, new_id));
  for (const auto& sign_off : sign_offs) *reported->add_sign_offs() = sign_off;

  const auto causes = CausesOf({report.kinds().begin(), report.kinds().end()}, *aware);
  ASSIGN_OR_RETURN(auto notices, NoticesFor(causes, event, law, circumstances, now, new_id));
  if (!report.child_id().empty()) {
    ASSIGN_OR_RETURN(*reported->mutable_discussion(), DiscussionFor(law, now, new_id));
  }
  facts.push_back(NoticesOwed(event_id, std::move(notices), law.VersionOn(*aware)));
  return facts;
}

absl::StatusOr<Facts> Correct(const v1::NotifiableEvent& event,
                              const v1::CorrectEventRequest& request, const Actor& actor,
                              const Law& law, const Circumstances& circumstances, absl::Time now,
                              NewId new_id) {
  FieldCheck check;
  check.Require("reason", request.reason(), kMaxNarrative);
  if (request.report().ByteSizeLong() == 0) {
    check.Refuse("report", "NOTHING_CORRECTED", "corrects nothing");
  }
  ASSIGN_OR_RETURN(Amendment amendment,
                   Amend(check, event, request.report(), law, circumstances, now, new_id));
  Facts facts(1);
  auto* corrected = facts[0].mutable_event_corrected();
  corrected->set_event_id(event.event_id());
  *corrected->mutable_correction() = std::move(amendment.correction);
  Sign(*corrected->mutable_correction(), actor, now, new_id);
  corrected->mutable_correction()->set_reason(request.reason());
  facts.insert(facts.end(), amendment.follow.begin(), amendment.follow.end());
  return facts;
}

absl::StatusOr<Facts> Complete(const v1::NotifiableEvent& event,
                               const v1::CompleteReportRequest& request, const Actor& actor,
                               const Law& law, const Circumstances& circumstances, absl::Time now,
                               NewId new_id) {
  RETURN_IF_ERROR(CheckOpen(event));
  if (!event.has_provisional()) {
    return Error(absl::StatusCode::kFailedPrecondition, "NOT_PROVISIONAL",
                 "the report was whole from the beginning; correct it instead");
  }
  if (!IsProvisional(event)) {
    return Error(absl::StatusCode::kFailedPrecondition, "COMPLETED_BEFORE",
                 "the report has been completed before");
  }
  const v1::EventReport& report = request.report();
  FieldCheck check;
  if (!report.has_occurred_time()) {
    check.Refuse("report.occurred_time", "REQUIRED", "is required");
  }
  if (report.has_became_aware_time() &&
      clock::FromProto(report.became_aware_time()) >
          clock::FromProto(EffectiveReport(event).became_aware_time())) {
    check.Refuse("report.became_aware_time", "LATER_THAN_FIRST_SAID", "is later than first said");
  }
  ASSIGN_OR_RETURN(Amendment amendment,
                   Amend(check, event, report, law, circumstances, now, new_id));
  Facts facts(1);
  auto* completed = facts[0].mutable_report_completed();
  completed->set_event_id(event.event_id());
  *completed->mutable_completion() = std::move(amendment.correction);
  Sign(*completed->mutable_completion(), actor, now, new_id);
  facts.insert(facts.end(), amendment.follow.begin(), amendment.follow.end());
  return facts;
}

}  // namespace fosterwatch::notifiable_events::domain
