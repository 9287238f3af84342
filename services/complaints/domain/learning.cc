#include "services/complaints/domain/learning.h"

#include <algorithm>
#include <map>
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

// The words of a text: runs of letters and digits (any byte beyond ASCII counts as a letter).
struct Word {
  std::string text;
  // Where anything but a name or the like begins with a small letter.
  bool inside_sentence = false;
};
std::vector<Word> Words(absl::string_view text) {
  std::vector<Word> words;
  Word word;
  bool inside = false;
  const auto end = [&] {
    if (word.text.empty()) return;
    word.inside_sentence = inside;
    words.push_back(std::move(word));
    word = Word();
    inside = true;
  };
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (absl::ascii_isalnum(byte) || byte >= 0x80) {
      word.text += c;
      continue;
    }
    end();
    // What is quoted or listed begins anew, too.
    if (absl::string_view(".!?:;\n\"(").find(c) != absl::string_view::npos) inside = false;
  }
  end();
  return words;
}

// Written with a capital without being a name of anybody.
bool IsNoName(const std::string& word) {
  static const auto* const kNone = new std::set<std::string>(
      {"Monday",    "Tuesday",   "Wednesday", "Thursday", "Friday",    "Saturday", "Sunday",
       "January",   "February",  "March",     "July",     "September", "October",  "November",
       "December",  "Christmas", "Easter",    "Ofsted",   "English",   "England",  "Local",
       "Authority", "Council",   "Agency",    "Manager",  "Carer",     "Children"});
  return kNone->contains(word);
}

// "Mabel", not "DBS", not "I".
bool MayBeName(const std::string& word) {
  return word.size() >= 3 && absl::ascii_isupper(static_cast<unsigned char>(word[0])) &&
         std::any_of(word.begin() + 1, word.end(),
                     [](unsigned char c) { return absl::ascii_islower(c) || c >= 0x80; }) &&
         !IsNoName(word);
}

// All that the complaint says in words of its own.
std::vector<std::string> Narrative(const v1::Complaint& complaint) {
  const v1::ComplaintReport& report = complaint.report();
  std::vector<std::string> said = {report.summary(),
                                   report.wish(),
                                   report.giver().contact(),
                                   complaint.seriousness().reason(),
                                   complaint.closure().outcome(),
                                   complaint.out_of_time().reason()};
  for (const v1::Point& point : complaint.points()) {
    said.insert(said.end(), {point.text(), point.reason()});
  }
  for (const v1::Stage& stage : complaint.stages()) {
    said.push_back(stage.answer());
    for (const v1::StepDone& step : stage.steps_done()) said.push_back(step.note());
    for (const v1::Extension& extension : stage.extensions()) {
      said.insert(said.end(), {extension.reason(), extension.agreed_with()});
    }
    for (const v1::Pause& pause : stage.pauses()) {
      said.insert(said.end(), {pause.reason(), pause.resume_reason()});
    }
  }
  for (const v1::ActionTaken& taken : complaint.actions_taken()) said.push_back(taken.text());
  for (const v1::Disclosure& disclosure : complaint.disclosures()) {
    said.push_back(disclosure.text());
  }
  for (const v1::EventProposal& proposal : complaint.event_proposals()) {
    said.push_back(proposal.reason());
  }
  for (const v1::LearningReview& review : complaint.learning_reviews()) {
    said.push_back(review.learning());
  }
  return said;
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
  std::map<std::string, bool> words;  // and whether it stands inside a sentence
  for (const Word& word : Words(text)) {
    bool& inside = words[word.text];
    inside = inside || word.inside_sentence;
  }
  std::vector<std::string> names = {report.giver().name(), report.giver().on_behalf_of_name()};
  for (const v1::Stage& stage : complaint.stages()) {
    names.push_back(stage.investigator().outside_name());
  }
  for (const std::string& name : names) {
    for (const Word& part : Words(name)) {
      if (part.text.size() >= 3 && words.contains(part.text)) return true;
    }
  }
  for (const std::string& said : Narrative(complaint)) {
    for (const Word& word : Words(said)) {
      const auto same = words.find(word.text);
      if (same == words.end() || !MayBeName(word.text)) continue;
      if (word.inside_sentence || same->second) return true;
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
