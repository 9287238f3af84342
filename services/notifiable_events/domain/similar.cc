#include "services/notifiable_events/domain/similar.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

#include "libs/clock/proto_time.h"
#include "libs/status/error.h"
#include "libs/status/field_check.h"
#include "libs/status/status_macros.h"
#include "services/notifiable_events/domain/check.h"
#include "services/notifiable_events/domain/evolve.h"
#include "services/notifiable_events/domain/law.h"
#include "services/notifiable_events/domain/withdraw.h"

namespace fosterwatch::notifiable_events::domain {
namespace {

template <typename Ids, typename Id>
bool Has(const Ids& ids, const Id& id) {
  return std::find(ids.begin(), ids.end(), id) != ids.end();
}

bool Compares(int kind, int other, const v1::ReportingPolicy& policy) {
  if (kind == other) return true;
  for (const auto& group : policy.similar().groups()) {
    if (Has(group.kinds(), kind) && Has(group.kinds(), other)) return true;
  }
  return false;
}

template <typename Kinds>
bool AnyCompares(const Kinds& kinds, const std::vector<int>& others,
                 const v1::ReportingPolicy& policy) {
  for (const int kind : kinds) {
    for (const int other : others) {
      if (Compares(kind, other, policy)) return true;
    }
  }
  return false;
}

absl::Status SimilarEvent(const std::vector<EarlierEvent>& resembled) {
  std::vector<Violation> violations;
  for (const EarlierEvent& event : resembled) {
    const std::string kinds = absl::StrJoin(event.kinds, " ", [](std::string* out, int kind) {
      out->append(Name(static_cast<v1::EventKind>(kind)));
    });
    violations.push_back({absl::StrCat("similar_events[", event.event_id, "]"),
                          absl::StrCat(kinds, ", happened ",
                                       absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", event.occurred,
                                                        absl::UTCTimeZone()))});
  }
  return Error(absl::StatusCode::kFailedPrecondition, "SIMILAR_EVENT",
               "it looks like what was reported before: correct that event, or report this one as "
               "another by naming those in new_besides_event_ids",
               std::move(violations));
}

absl::StatusOr<v1::RepeatQuestion> Asked(const std::vector<EarlierEvent>& about,
                                         const v1::ReportingPolicy& policy, absl::Time now,
                                         NewId new_id) {
  ASSIGN_OR_RETURN(const PolicyTime time, RepeatDecisionDue(policy, now));
  v1::RepeatQuestion question;
  question.set_question_id(new_id());
  *question.mutable_due_time() = clock::ToProto(time.due);
  *question.mutable_explanation() = time.explanation;
  for (const EarlierEvent& event : about) question.add_event_ids(event.event_id);
  return question;
}

}  // namespace

absl::Duration NearSpan(const v1::ReportingPolicy& policy) {
  return absl::Hours(policy.similar().hours());
}

std::vector<EarlierEvent> Resembled(const v1::EventReport& report,
                                    const std::vector<EarlierEvent>& earlier,
                                    const v1::ReportingPolicy& policy) {
  const absl::Time occurred = clock::FromProto(report.occurred_time());
  std::vector<EarlierEvent> resembled;
  for (const EarlierEvent& event : earlier) {
    if (absl::AbsDuration(event.occurred - occurred) <= NearSpan(policy) &&
        AnyCompares(report.kinds(), event.kinds, policy)) {
      resembled.push_back(event);
    }
  }
  return resembled;
}

absl::StatusOr<Facts> Compare(Facts facts, const std::vector<EarlierEvent>& earlier,
                              const std::vector<std::string>& denied, const Actor& actor,
                              const v1::ReportingPolicies& policies, absl::Time now, NewId new_id) {
  const v1::ReportingPolicy& policy = InForce(policies, now);
  auto* reported = facts[0].mutable_event_reported();
  std::vector<EarlierEvent> open;
  for (EarlierEvent& event : Resembled(reported->report(), earlier, policy)) {
    if (Has(denied, event.event_id)) {
      reported->add_repeats_denied_of(event.event_id);
    } else {
      open.push_back(std::move(event));
    }
  }
  if (open.empty()) return facts;
  const bool by_system = actor.Is(options::v1::ROLE_PUBLISHER) || !reported->source().empty();
  if (!by_system) return SimilarEvent(open);
  ASSIGN_OR_RETURN(*reported->mutable_repeat_question(), Asked(open, policy, now, new_id));
  *reported->mutable_possible_repeat_of() = reported->repeat_question().event_ids();
  return facts;
}

absl::StatusOr<Facts> SuspectRepeat(const v1::NotifiableEvent& event,
                                    const std::vector<EarlierEvent>& near,
                                    const std::vector<std::string>& asked_by_them,
                                    const v1::ReportingPolicies& policies, absl::Time now,
                                    NewId new_id) {
  if (event.state() != v1::NotifiableEvent::STATE_OPEN) return Facts{};
  const v1::ReportingPolicy& policy = InForce(policies, now);
  std::vector<EarlierEvent> open;
  for (EarlierEvent& other : Resembled(EffectiveReport(event), near, policy)) {
    if (other.event_id == event.event_id() || Has(asked_by_them, other.event_id) ||
        Has(event.possible_repeats().event_ids(), other.event_id)) {
      continue;
    }
    open.push_back(std::move(other));
  }
  if (open.empty()) return Facts{};
  Facts facts(1);
  auto* suspected = facts[0].mutable_repeat_suspected();
  suspected->set_event_id(event.event_id());
  if (IsUndecidedRepeat(event)) {
    *suspected->mutable_question() = event.possible_repeats();
    for (const EarlierEvent& other : open) {
      suspected->mutable_question()->add_event_ids(other.event_id);
    }
  } else {
    ASSIGN_OR_RETURN(*suspected->mutable_question(), Asked(open, policy, now, new_id));
  }
  return facts;
}

bool IsUndecidedRepeat(const v1::NotifiableEvent& event) {
  return !event.possible_repeats().event_ids().empty() &&
         event.possible_repeats().answer() == v1::RepeatQuestion::ANSWER_UNSPECIFIED;
}

absl::StatusOr<Facts> DecideRepeat(const v1::NotifiableEvent& event,
                                   const v1::DecideRepeatRequest& request, const Actor& actor,
                                   absl::Time now) {
  const v1::RepeatQuestion& question = event.possible_repeats();
  // Before CheckOpen: whoever decides second is told that it is decided, not that it is withdrawn.
  if (question.answer() != v1::RepeatQuestion::ANSWER_UNSPECIFIED) {
    return Error(absl::StatusCode::kFailedPrecondition, "DECIDED_BEFORE",
                 "whether it repeats another event has been decided before");
  }
  RETURN_IF_ERROR(CheckOpen(event));
  if (question.event_ids().empty()) {
    return Error(absl::StatusCode::kFailedPrecondition, "NO_SUCH_QUESTION",
                 "the event resembles no other one");
  }
  FieldCheck check;
  const bool same = request.answer() == v1::RepeatQuestion::ANSWER_SAME;
  if (!same && request.answer() != v1::RepeatQuestion::ANSWER_NEW) {
    check.Refuse("answer", "REQUIRED", "is required");
  }
  if (same && request.same_as_event_id().empty()) {
    check.Refuse("same_as_event_id", "REQUIRED", "is required");
  } else if (!request.same_as_event_id().empty() &&
             (!same || !Has(question.event_ids(), request.same_as_event_id()))) {
    check.Refuse("same_as_event_id", "NOT_RESEMBLED", "is none of the events that it resembles");
  }
  check.Require("reason", request.reason(), kMaxNarrative);
  RETURN_IF_ERROR(check.ToStatus());

  Facts facts(1);
  auto* decided = facts[0].mutable_repeat_decided();
  decided->set_event_id(event.event_id());
  auto* answered = decided->mutable_question();
  *answered = question;
  answered->set_answer(request.answer());
  answered->set_same_as_event_id(request.same_as_event_id());
  answered->set_decided_by(actor.id);
  *answered->mutable_decided_time() = clock::ToProto(now);
  answered->set_reason(request.reason());
  if (same) {
    facts.push_back(Withdrawn(event, actor, request.reason(), request.same_as_event_id(), now));
  }
  return facts;
}

}  // namespace fosterwatch::notifiable_events::domain
