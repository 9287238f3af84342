// The alphabet of the exhaustive walk over complaints: what people of every hat may try, and what
// an outside observer writes down when it was accepted.
#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"

#include "services/complaints/domain/learning.h"
#include "services/complaints/domain/test_support.h"

namespace fosterwatch::complaints::domain {

// What an outside observer has seen accepted.
struct Books {
  std::string state = "open";
  bool point_decided = false;
  bool action_taken = false;
  int stages = 1;
  bool answered = false;  // the present stage
  int independents = 0;   // people from outside of the present stage
  bool judged = false, serious = false, proposal_open = false;
  bool paused = false;
  bool late = false, declined = false;  // out of time: nobody has decided; it is not taken
  bool learning = false, action = false, reviewed = false;
  int reviews = 0;
};

struct State {
  v1::Complaint complaint;
  Books books;
};

struct Letter {
  std::string name;
  Actor actor;
  std::function<absl::StatusOr<Facts>(const v1::Complaint&, const Actor&, const Given&)> decide;
  std::function<void(Books&)> note;
};

template <typename Request>
Letter Of(const std::string& name, const Actor& actor,
          absl::StatusOr<Facts> (*rule)(const v1::Complaint&, const Request&, const Actor&,
                                        const Given&),
          std::function<void(Request&, const v1::Complaint&)> fill,
          std::function<void(Books&)> note) {
  return {name, actor,
          [rule, fill = std::move(fill)](const v1::Complaint& complaint, const Actor& by,
                                         const Given& given) {
            Request request;
            request.set_complaint_id(complaint.complaint_id());
            fill(request, complaint);
            return rule(complaint, request, by, given);
          },
          std::move(note)};
}

inline std::vector<Letter> Alphabet() {
  std::vector<Letter> letters;
  const auto nothing = [](Books&) {};
  letters.push_back(Of<v1::AnswerStageRequest>(
      "answer", kManager, AnswerStage, [](auto& r, auto&) { r.set_answer("so it was"); },
      [](Books& b) { b.answered = true; }));
  letters.push_back(Of<v1::AssignInvestigatorRequest>(
      "assign", kManager, AssignInvestigator,
      [](auto& r, auto& c) { r.set_person_id(absl::StrCat("investigator-", c.stages_size())); },
      nothing));
  letters.push_back(Of<v1::NameIndependentRequest>(
      "name independent", kManager, NameIndependent,
      [](auto& r, auto& c) {
        const v1::Stage& stage = *CurrentStage(c);
        r.set_part_id(stage.stage_id() == "stage_3" ? "panel" : "independent_person");
        r.set_name(absl::StrCat("person-", stage.number(), "-", stage.independents_size()));
        r.set_chairs(stage.stage_id() == "stage_3" && stage.independents().empty());
      },
      [](Books& b) { ++b.independents; }));
  letters.push_back(Of<v1::DecidePointRequest>(
      "decide", kManager, DecidePoint,
      [](auto& r, auto& c) {
        r.set_point_id(c.points(0).point_id());
        r.set_outcome(v1::POINT_OUTCOME_UPHELD);
        r.set_reason("seen");
      },
      [](Books& b) { b.point_decided = true; }));
  letters.push_back(Of<v1::RecordActionTakenRequest>(
      "act", kCaseworker, RecordActionTaken, [](auto& r, auto&) { r.set_text("done"); },
      [](Books& b) { b.action_taken = true; }));
  letters.push_back(Of<v1::PauseStageRequest>(
      "pause", kManager, PauseStage, [](auto& r, auto&) { r.set_reason("away"); },
      [](Books& b) { b.paused = true; }));
  letters.push_back(Of<v1::ResumeStageRequest>(
      "resume", kManager, ResumeStage, [](auto& r, auto&) { r.set_reason("back"); },
      [](Books& b) { b.paused = false; }));
  letters.push_back(Of<v1::ExtendStageRequest>(
      "extend", kManager, ExtendStage,
      [](auto& r, auto&) {
        r.set_reason("complex");
        r.set_agreed_by("registered");
        r.set_agreed_with("the child");
      },
      nothing));
  letters.push_back(Of<v1::StartNextStageRequest>(
      "next", kManager, StartNextStage, [](auto&, auto&) {},
      [](Books& b) {
        ++b.stages;
        b.answered = false;
        b.independents = 0;
      }));
  letters.push_back(Of<v1::JudgeSeriousnessRequest>(
      "serious", kManager, JudgeSeriousness,
      [](auto& r, auto&) {
        r.set_serious(true);
        r.set_reason("so it is");
      },
      [](Books& b) { b.judged = b.serious = true; }));
  // Once only: each turn of the judgement is another proposal, without end.
  letters.push_back({"not serious", kManager,
                     [](const v1::Complaint& complaint, const Actor& by,
                        const Given& given) -> absl::StatusOr<Facts> {
                       if (complaint.has_seriousness()) return Facts();
                       v1::JudgeSeriousnessRequest request;
                       request.set_reason("so it is not");
                       return JudgeSeriousness(complaint, request, by, given);
                     },
                     [](Books& b) { b.judged = true; }});
  letters.push_back(Of<v1::AcceptEventProposalRequest>(
      "accept", kRegistered,
      [](const v1::Complaint& complaint, const v1::AcceptEventProposalRequest& request,
         const Actor& by,
         const Given& given) { return AcceptEventProposal(complaint, request, "", by, given); },
      [](auto& r, auto& c) {
        if (!c.event_proposals().empty()) r.set_proposal_id(c.event_proposals(0).proposal_id());
        r.set_reason("row 9");
      },
      [](Books& b) { b.proposal_open = false; }));
  for (const bool whole : {true, false}) {
    letters.push_back(Of<v1::CloseComplaintRequest>(
        whole ? "close" : "close without outcome", kRegistered, Close,
        [whole](auto& r, auto&) { r.set_outcome(whole ? "upheld" : " "); },
        [](Books& b) { b.state = "closed"; }));
  }
  letters.push_back(Of<v1::CloseComplaintRequest>(
      "close by the subject", {"subject", {options::v1::ROLE_REGISTERED_MANAGER}}, Close,
      [](auto& r, auto&) { r.set_outcome("nothing to it"); },
      [](Books& b) { b.state = "closed by its subject"; }));
  for (const bool manager : {false, true}) {
    letters.push_back(Of<v1::WithdrawComplaintRequest>(
        manager ? "withdraw by manager" : "withdraw", manager ? kRegistered : kCaseworker, Withdraw,
        [](auto& r, auto&) { r.set_reason("settled"); }, [](Books& b) { b.state = "withdrawn"; }));
  }
  letters.push_back(Of<v1::ReopenComplaintRequest>(
      "reopen", kManager, Reopen, [](auto& r, auto&) { r.set_reason("new"); },
      [](Books& b) {
        b.state = "open";
        b.late = b.late || b.declined;
        b.declined = false;
      }));
  for (const bool taken : {true, false}) {
    letters.push_back(Of<v1::DecideOutOfTimeRequest>(
        taken ? "take late" : "decline late", kManager, DecideOutOfTime,
        [taken](auto& r, auto&) {
          r.set_decision(taken ? v1::OutOfTime::DECISION_ACCEPTED
                               : v1::OutOfTime::DECISION_DECLINED);
          r.set_reason("so it is");
        },
        [taken](Books& b) {
          b.late = false;
          b.declined = !taken;
        }));
  }
  letters.push_back(Of<v1::ReclassifyComplaintRequest>(
      "reclassify", kManager, Reclassify,
      [](auto& r, auto&) {
        r.set_to_procedure_id("reg18");
        r.set_reason("ours");
      },
      [](Books& b) {
        ++b.stages;
        b.answered = b.paused = b.late = b.declined = false;
        b.independents = 0;
      }));
  return letters;
}

// What follows a closing. Apart, because it changes nothing of what came before it.
inline std::vector<Letter> LearningAlphabet() {
  std::vector<Letter> letters;
  letters.push_back(Of<v1::RecordLearningRequest>(
      "learn", kManager, RecordLearning,
      [](auto& r, auto& c) {
        if (!c.learning_reviews().empty()) r.set_review_id(c.learning_reviews(0).review_id());
        r.set_learning("learnt");
      },
      [](Books& b) { b.learning = true; }));
  letters.push_back(Of<v1::AddLearningActionRequest>(
      "add action", kManager, AddLearningAction,
      [](auto& r, auto& c) {
        if (!c.learning_reviews().empty()) r.set_review_id(c.learning_reviews(0).review_id());
        r.set_description("do it");
        r.set_owner_id("manager");
        *r.mutable_due_time() = clock::ToProto(kReceived + absl::Hours(100));
      },
      [](Books& b) { b.action = true; }));
  letters.push_back(Of<v1::CloseLearningReviewRequest>(
      "close review", kManager, CloseLearningReview,
      [](auto& r, auto& c) {
        if (!c.learning_reviews().empty()) r.set_review_id(c.learning_reviews(0).review_id());
      },
      [](Books& b) { b.reviewed = true; }));
  return letters;
}

}  // namespace fosterwatch::complaints::domain
