#include "services/complaints/domain/learning.h"

#include <set>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_split.h"

#include "libs/actions/actions.h"
#include "libs/clock/proto_time.h"
#include "libs/status/error.h"
#include "libs/status/field_check.h"
#include "libs/status/status_macros.h"
#include "services/complaints/domain/evolve.h"
#include "services/complaints/domain/part.h"

namespace fosterwatch::complaints::domain {
namespace {

absl::StatusOr<const v1::LearningReview*> OpenReview(const v1::Complaint& complaint,
                                                     const std::string& review_id) {
  const v1::LearningReview* review = FindReview(complaint, review_id);
  if (review == nullptr) {
    return InvalidField("review_id", "UNKNOWN_REVIEW", "names no review of this complaint");
  }
  if (review->has_closed_time()) {
    return Error(absl::StatusCode::kFailedPrecondition, "REVIEW_CLOSED",
                 "the review has been closed");
  }
  return review;
}

// The words of a text: runs of letters (any byte beyond ASCII counts as one), hyphens and
// apostrophes inside.
std::vector<std::string> Words(absl::string_view text) {
  std::vector<std::string> words;
  std::string word;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (absl::ascii_isalnum(byte) || byte >= 0x80) {
      word += c;
    } else if (!word.empty()) {
      words.push_back(std::move(word));
      word.clear();
    }
  }
  if (!word.empty()) words.push_back(word);
  return words;
}

}  // namespace

bool NamesSomebody(const v1::Complaint& complaint, absl::string_view text) {
  const v1::ComplaintReport& report = complaint.report();
  for (const std::string& id : {report.subject().carer_id(), report.subject().child_id(),
                                report.subject().staff_id(), report.giver().giver_id(),
                                report.giver().on_behalf_of_id(), complaint.case_number().text()}) {
    if (!id.empty() && absl::StrContains(text, id)) return true;
  }
  // As they are written, so that "Will" is a name and "will" is none.
  const std::vector<std::string> said = Words(text);
  const std::set<std::string> words(said.begin(), said.end());
  for (const std::string& name : {report.giver().name(), report.giver().on_behalf_of_name()}) {
    for (const std::string& part : Words(name)) {
      if (part.size() >= 3 && words.contains(part)) return true;
    }
  }
  return false;
}

absl::StatusOr<Facts> RecordLearning(const v1::Complaint& complaint,
                                     const v1::RecordLearningRequest& request, const Actor& actor,
                                     const Given&) {
  RETURN_IF_ERROR(CheckPart(complaint, actor, Part::kConsidering));
  ASSIGN_OR_RETURN(const v1::LearningReview* review, OpenReview(complaint, request.review_id()));
  FieldCheck check;
  check.Require("learning", request.learning(), kMaxNarrative);
  check.AtMost("published_learning", request.published_learning(), kMaxReason);
  if (NamesSomebody(complaint, request.published_learning())) {
    check.Refuse("published_learning", "NAMES_SOMEBODY",
                 "holds a name or an id of somebody concerned");
  }
  RETURN_IF_ERROR(check.ToStatus());
  Facts facts(1);
  auto* said = facts[0].mutable_learning_recorded();
  said->set_complaint_id(complaint.complaint_id());
  said->set_review_id(review->review_id());
  said->set_learning(request.learning());
  said->set_published_learning(request.published_learning());
  return facts;
}

absl::StatusOr<Facts> AddLearningAction(const v1::Complaint& complaint,
                                        const v1::AddLearningActionRequest& request,
                                        const Actor& actor, const Given& given) {
  RETURN_IF_ERROR(CheckPart(complaint, actor, Part::kConsidering));
  ASSIGN_OR_RETURN(const v1::LearningReview* review, OpenReview(complaint, request.review_id()));
  if (request.has_due_time() && !clock::IsValid(request.due_time())) {
    return InvalidField("due_time", "INVALID_TIME", "is no moment between the years 1 and 9999");
  }
  ASSIGN_OR_RETURN(const type::v1::Action action,
                   actions::Add(given.new_id(), request.description(), request.owner_id(),
                                request.has_due_time() ? clock::FromProto(request.due_time())
                                                       : absl::InfinitePast(),
                                given.now));
  Facts facts(1);
  auto* said = facts[0].mutable_learning_action_added();
  said->set_complaint_id(complaint.complaint_id());
  said->set_review_id(review->review_id());
  *said->mutable_action() = action;
  return facts;
}

absl::StatusOr<Facts> CloseLearningAction(const v1::Complaint& complaint,
                                          const v1::CloseLearningActionRequest& request,
                                          const Actor& actor, const Given& given) {
  RETURN_IF_ERROR(CheckPart(complaint, actor, Part::kConsidering));
  const v1::LearningReview* review = FindReview(complaint, request.review_id());
  if (review == nullptr) {
    return InvalidField("review_id", "UNKNOWN_REVIEW", "names no review of this complaint");
  }
  for (const type::v1::Action& action : review->actions()) {
    if (action.action_id() != request.action_id()) continue;
    ASSIGN_OR_RETURN(
        const type::v1::Action closed,
        actions::Close(action, request.dropped(), request.evidence(), actor.id, given.now));
    Facts facts(1);
    auto* said = facts[0].mutable_learning_action_closed();
    said->set_complaint_id(complaint.complaint_id());
    said->set_review_id(review->review_id());
    *said->mutable_action() = closed;
    return facts;
  }
  return InvalidField("action_id", "UNKNOWN_ACTION", "names no action of this review");
}

absl::StatusOr<Facts> CloseLearningReview(const v1::Complaint& complaint,
                                          const v1::CloseLearningReviewRequest& request,
                                          const Actor& actor, const Given& given) {
  RETURN_IF_ERROR(CheckPart(complaint, actor, Part::kConsidering));
  ASSIGN_OR_RETURN(const v1::LearningReview* review, OpenReview(complaint, request.review_id()));
  std::vector<Violation> missing;
  if (IsBlank(review->learning())) missing.push_back({"learning", "is not written down"});
  if (review->actions().empty()) missing.push_back({"actions", "has no action"});
  if (!missing.empty()) {
    return Error(absl::StatusCode::kFailedPrecondition, "NOT_READY_TO_CLOSE",
                 "a review closes with learning and an action", missing);
  }
  Facts facts(1);
  auto* said = facts[0].mutable_learning_review_closed();
  said->set_complaint_id(complaint.complaint_id());
  said->set_review_id(review->review_id());
  said->set_closed_by(actor.id);
  *said->mutable_closed_time() = clock::ToProto(given.now);
  return facts;
}

}  // namespace fosterwatch::complaints::domain
