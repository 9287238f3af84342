// What evolve.h lets others ask of a complaint.
#include "services/complaints/domain/evolve.h"

namespace fosterwatch::complaints::domain {

using v1::Complaint;

bool IsOpen(const v1::Duty& duty) { return !duty.has_done_time() && !duty.fallen_away(); }

const v1::Duty* FindDuty(const Complaint& complaint, absl::string_view duty_id) {
  for (const v1::Duty& duty : complaint.duties()) {
    if (duty.duty_id() == duty_id) return &duty;
  }
  return nullptr;
}

const v1::Duty* OpenDuty(const Complaint& complaint, v1::DutyKind kind) {
  for (const v1::Duty& duty : complaint.duties()) {
    if (duty.kind() == kind && IsOpen(duty)) return &duty;
  }
  return nullptr;
}

const v1::Duty* LastOf(const Complaint& complaint, v1::DutyKind kind) {
  const v1::Duty* last = nullptr;
  for (const v1::Duty& duty : complaint.duties()) {
    if (duty.kind() == kind) last = &duty;
  }
  return last;
}

const v1::Stage* FindStage(const Complaint& complaint, int number) {
  for (const v1::Stage& stage : complaint.stages()) {
    if (stage.number() == number) return &stage;
  }
  return nullptr;
}

const v1::Stage* CurrentStage(const Complaint& complaint) {
  return complaint.stages().empty() ? nullptr : &*complaint.stages().rbegin();
}

bool IsPaused(const v1::Stage& stage) {
  return !stage.pauses().empty() && !stage.pauses().rbegin()->has_until_time();
}

const v1::Point* FindPoint(const Complaint& complaint, absl::string_view point_id) {
  for (const v1::Point& point : complaint.points()) {
    if (point.point_id() == point_id) return &point;
  }
  return nullptr;
}

const v1::LearningReview* FindReview(const Complaint& complaint, absl::string_view review_id) {
  for (const v1::LearningReview& review : complaint.learning_reviews()) {
    if (review.review_id() == review_id) return &review;
  }
  return nullptr;
}

const v1::EventProposal* OpenProposal(const Complaint& complaint) {
  for (const v1::EventProposal& proposal : complaint.event_proposals()) {
    if (proposal.state() == v1::EventProposal::STATE_OPEN) return &proposal;
  }
  return nullptr;
}

bool HasEnded(const Complaint& complaint) { return complaint.state() != Complaint::STATE_OPEN; }

}  // namespace fosterwatch::complaints::domain
