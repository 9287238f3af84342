#include "services/carers/domain/ending_review.h"

#include <utility>

#include "absl/strings/str_cat.h"

#include "libs/clock/proto_time.h"
#include "libs/clock/working_calendar.h"
#include "libs/status/error.h"
#include "libs/status/status_macros.h"
#include "services/carers/domain/check.h"
#include "services/carers/domain/duty_list.h"
#include "services/carers/domain/found_actions.h"
#include "services/carers/domain/named.h"

namespace fosterwatch::carers::domain {
namespace {

using v1::Carer;
using v1::EndingReview;

const EndingReview* Find(const Carer& carer, const std::string& placement_id) {
  for (const EndingReview& review : carer.ending_reviews()) {
    if (review.placement_id() == placement_id) return &review;
  }
  return nullptr;
}

absl::StatusOr<EndingReview> OpenOne(const Carer& carer, const std::string& placement_id) {
  const EndingReview* review = Find(carer, placement_id);
  if (review == nullptr) {
    return InvalidField("placement_id", "UNKNOWN_REVIEW",
                        "names no ending with this carer that is to be reviewed");
  }
  if (review->state() == EndingReview::STATE_HELD) {
    return Refused("REVIEW_HELD", "the ending was reviewed before");
  }
  if (review->state() != EndingReview::STATE_OPEN) {
    return Refused("NOT_NEEDED", "the placement did not end without a plan");
  }
  return *review;
}

Facts Set(const Carer& carer, EndingReview review) {
  Facts facts(1);
  auto* set = facts[0].mutable_ending_review_set();
  set->set_carer_id(carer.carer_id());
  *set->mutable_review() = std::move(review);
  return facts;
}

}  // namespace

Facts NoteEnding(const Carer& carer, const EndedPlacement& ended, const Context& context) {
  if (carer.carer_id().empty()) return {};
  const EndingReview* known = Find(carer, ended.placement_id);
  if (known != nullptr && known->state() == EndingReview::STATE_HELD) return {};
  const auto day = ParseDay(ended.end_date);
  const bool needed = ended.unplanned && day &&
                      DutyList(carer, context).HoldsFor(v1::DUTY_KIND_ENDING_REVIEW, *day);
  if (known == nullptr && !needed) return {};
  EndingReview review = known == nullptr ? EndingReview() : *known;
  if (known == nullptr) *review.mutable_opened_time() = clock::ToProto(context.now);
  review.set_state(needed ? EndingReview::STATE_OPEN : EndingReview::STATE_NOT_NEEDED);
  if (needed) {
    review.set_placement_id(ended.placement_id);
    review.set_child_id(ended.child_id);
    review.set_end_date(ended.end_date);
    review.set_reason_code(ended.reason_code);
  }
  if (known != nullptr && known->SerializeAsString() == review.SerializeAsString()) return {};
  return Set(carer, std::move(review));
}

absl::StatusOr<Facts> AssignEndingReview(const Carer& carer,
                                         const v1::AssignEndingReviewRequest& request,
                                         const Context& context) {
  FieldCheck check;
  CheckId(check, "owner_id", request.owner_id());
  CheckHolder(check, "owner_id", request.owner_id(), context.now, context);
  if (!check.ok()) return check.ToStatus();
  ASSIGN_OR_RETURN(EndingReview review, OpenOne(carer, request.placement_id()));
  review.set_owner_id(request.owner_id());
  return Set(carer, std::move(review));
}

absl::StatusOr<Facts> RecordEndingReview(const Carer& carer,
                                         const v1::RecordEndingReviewRequest& request,
                                         const Context& context, NewId new_id) {
  ASSIGN_OR_RETURN(EndingReview review, OpenOne(carer, request.placement_id()));
  FieldCheck check;
  CheckDay(check, "held_date", request.held_date(), context.now);
  if (check.ok() && request.held_date() < review.end_date()) {
    check.Refuse("held_date", "BEFORE_ITS_END", "is before the placement ended");
  }
  if (!request.foster_parents_heard() && !request.child_heard() && !request.authority_heard()) {
    check.Refuse("foster_parents_heard", "REQUIRED",
                 "is false, and neither the child nor the authority was heard");
  }
  check.Require("learning", request.learning(), kMaxText);
  if (request.actions().empty()) {
    check.Require("no_action_reason", request.no_action_reason(), kMaxText);
  }
  if (!check.ok()) return check.ToStatus();
  Facts actions;
  ASSIGN_OR_RETURN(*review.mutable_action_ids(),
                   AddFoundActions(carer, "actions", request.actions(), context, new_id, actions));
  review.set_state(EndingReview::STATE_HELD);
  review.set_held_date(request.held_date());
  review.set_foster_parents_heard(request.foster_parents_heard());
  review.set_child_heard(request.child_heard());
  review.set_authority_heard(request.authority_heard());
  review.set_learning(request.learning());
  if (request.actions().empty()) review.set_no_action_reason(request.no_action_reason());
  review.set_recorded_by(context.actor);
  *review.mutable_recorded_time() = clock::ToProto(context.now);
  Facts facts = Set(carer, std::move(review));
  facts.insert(facts.end(), actions.begin(), actions.end());
  return facts;
}

}  // namespace fosterwatch::carers::domain
