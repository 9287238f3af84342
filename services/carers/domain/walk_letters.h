// The alphabet of the walk over all states of an approval: each letter is a call of a production
// decision with what an outside observer notes of it where it is accepted. For tests.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"

#include "services/carers/domain/test_support.h"

namespace fosterwatch::carers::domain {

using v1::Carer;
using v1::Decision;
using v1::DecisionAnswer;
using v1::Recommendation;

inline constexpr absl::Duration kDay = absl::Hours(24);

// One item of each stage, of the household; a temporary approval of 28 days and 28 more.
inline const v1::CarerPolicies& ReducedPolicies() {
  static const auto* const policies = [] {
    auto* reduced = new v1::CarerPolicies(OurPolicies());
    auto* edition = reduced->mutable_editions(0);
    edition->clear_information();
    for (const int stage : {1, 2}) {
      auto* item = edition->add_information();
      item->set_code(absl::StrCat("ITEM", stage));
      item->set_text("an item");
      item->set_stage(stage);
    }
    edition->mutable_temporary_approval()->set_calendar_days(28);
    edition->mutable_temporary_extension()->set_calendar_days(28);
    return reduced;
  }();
  return *policies;
}

// What an outside observer has seen happen, by the calls that were accepted alone.
struct Books {
  bool item[3] = {};
  bool stage_two = false;
  std::string panel;  // who sat on the one that recommended last and was not decided on
  bool recommended = false;
  bool recommended_on_approval = false;
  // Of the proposal that is open.
  Decision::Outcome proposed = Decision::OUTCOME_UNSPECIFIED;
  absl::Time told = absl::InfiniteFuture();
  DecisionAnswer::Kind answer = DecisionAnswer::KIND_UNSPECIFIED;
  bool heard_after_answer = false;
  // A review found them not suitable, and nobody has decided on that.
  bool unsuitable = false;
  absl::Time resigned = absl::InfiniteFuture();
  absl::Time temporary_since = absl::InfiniteFuture();
  bool extended = false;
};

struct State {
  World world;
  Books books;
};

struct Letter {
  std::string name;
  std::function<absl::StatusOr<Facts>(const World&)> decide;
  std::function<void(Books&, const World&)> note;
};

inline absl::Time MidnightAfter(absl::Time moment, int days) {
  return StartOf(clock::LondonDay(moment) + days + 1);
}

// A day in which the days to answer and the 28 of a resignation pass.
inline absl::StatusOr<Facts> Wait(const World& world) {
  World later = world;
  later.now += 29 * kDay;
  return EndByItself(world.carer, later.At());
}

inline v1::RecordDecisionRequest Deciding(const World& world, Decision::Outcome outcome,
                                          const std::string& maker) {
  v1::RecordDecisionRequest request = world.Deciding(outcome);
  request.set_decision_maker_id(maker);
  return request;
}

inline void AddApplicationLetters(std::vector<Letter>& letters) {
  for (const auto kind : {Carer::KIND_MAINSTREAM, Carer::KIND_CONNECTED}) {
    letters.push_back({"apply",
                       [kind](const World& w) {
                         v1::RecordApplicationRequest request;
                         request.set_carer_id("F-9");
                         request.set_kind(kind);
                         *request.mutable_particulars() = Household();
                         request.set_received_date(w.Today());
                         return RecordApplication(w.carer, request, w.At(), NextId);
                       },
                       [](Books& books, const World&) {
                         books.item[1] = books.item[2] = books.stage_two = false;
                       }});
  }
  for (const int stage : {1, 2}) {
    letters.push_back({"obtain",
                       [stage](const World& w) {
                         v1::RecordInformationRequest request;
                         request.set_code(absl::StrCat("ITEM", stage));
                         request.set_obtained_date(w.Today());
                         return RecordInformation(w.carer, request, w.At());
                       },
                       [stage](Books& books, const World&) { books.item[stage] = true; }});
  }
  letters.push_back({"stage two",
                     [](const World& w) {
                       v1::BeginStageTwoRequest request;
                       request.set_begun_date(w.Today());
                       return BeginStageTwo(w.carer, request, w.At());
                     },
                     [](Books& books, const World&) { books.stage_two = true; }});
  letters.push_back({"end stage one",
                     [](const World& w) {
                       v1::EndStageOneRequest request;
                       request.set_ended_date(w.Today());
                       request.set_reasons("so");
                       return EndStageOne(w.carer, request, w.At());
                     },
                     [](Books&, const World&) {}});
  letters.push_back({"withdraw",
                     [](const World& w) {
                       v1::WithdrawApplicationRequest request;
                       request.set_withdrawn_date(w.Today());
                       return WithdrawApplication(w.carer, request, w.At());
                     },
                     [](Books&, const World&) {}});
}

inline void AddDecisionLetters(std::vector<Letter>& letters) {
  for (const auto matter : {v1::MATTER_APPROVAL, v1::MATTER_REVIEW, v1::MATTER_TERMINATION}) {
    for (const auto body :
         {Recommendation::BODY_FOSTERING_PANEL, Recommendation::BODY_REVIEW_MECHANISM}) {
      for (const bool suitable : {true, false}) {
        letters.push_back({"recommend",
                           [=](const World& w) {
                             auto request = w.Recommending(matter, suitable);
                             request.set_body(body);
                             return RecordRecommendation(w.carer, request, w.At(), NextId);
                           },
                           [=](Books& books, const World&) {
                             books.recommended = true;
                             books.recommended_on_approval = matter == v1::MATTER_APPROVAL;
                             books.panel = "chair-1";
                             if (books.answer != DecisionAnswer::KIND_UNSPECIFIED) {
                               books.heard_after_answer = true;
                             }
                           }});
      }
    }
  }
  for (int outcome = Decision::OUTCOME_APPROVED; outcome <= Decision::OUTCOME_NOT_PURSUED;
       ++outcome) {
    for (const std::string maker : {"maker-1", "chair-1"}) {
      const auto decided = static_cast<Decision::Outcome>(outcome);
      letters.push_back(
          {absl::StrCat("decide ", outcome, " ", maker),
           [=](const World& w) {
             return RecordDecision(w.carer, Deciding(w, decided, maker), w.At(), NextId);
           },
           [=](Books& books, const World&) {
             const bool proposes = decided == Decision::OUTCOME_REFUSAL_PROPOSED ||
                                   decided == Decision::OUTCOME_TERMINATION_PROPOSED ||
                                   decided == Decision::OUTCOME_TERMS_PROPOSED;
             books.proposed = proposes ? decided : Decision::OUTCOME_UNSPECIFIED;
             books.told = absl::InfiniteFuture();
             books.answer = DecisionAnswer::KIND_UNSPECIFIED;
             books.heard_after_answer = false;
             books.recommended = false;
             if (decided != Decision::OUTCOME_APPROVED &&
                 decided != Decision::OUTCOME_REFUSAL_PROPOSED) {
               books.unsuitable = false;
             }
             books.panel.clear();
           }});
    }
  }
  for (const bool written : {false, true}) {
    letters.push_back({"tell",
                       [written](const World& w) -> absl::StatusOr<Facts> {
                         if (w.carer.decisions().empty()) return absl::NotFoundError("none");
                         v1::GiveDecisionNoticeRequest request;
                         request.set_decision_id(w.carer.decisions().rbegin()->decision_id());
                         request.set_written(written);
                         *request.mutable_given_time() = w.Now();
                         return GiveDecisionNotice(w.carer, request, w.At());
                       },
                       [written](Books& books, const World& w) {
                         if (written) books.told = w.now;
                       }});
  }
  for (const auto kind : {DecisionAnswer::KIND_AGREED, DecisionAnswer::KIND_REPRESENTATIONS,
                          DecisionAnswer::KIND_INDEPENDENT_REVIEW}) {
    letters.push_back({"answer",
                       [kind](const World& w) -> absl::StatusOr<Facts> {
                         if (w.carer.decisions().empty()) return absl::NotFoundError("none");
                         v1::RecordDecisionAnswerRequest request;
                         request.set_decision_id(w.carer.decisions().rbegin()->decision_id());
                         request.set_kind(kind);
                         *request.mutable_received_time() = w.Now();
                         return RecordDecisionAnswer(w.carer, request, w.At());
                       },
                       [kind](Books& books, const World&) { books.answer = kind; }});
  }
}

inline void AddApprovalLetters(std::vector<Letter>& letters) {
  const auto nothing = [](Books&, const World&) {};
  letters.push_back({"approve temporarily",
                     [](const World& w) {
                       v1::ApproveTemporarilyRequest request;
                       request.set_carer_id("F-9");
                       *request.mutable_particulars() = Household();
                       request.set_from_date(w.Today());
                       request.set_child_id("C-1");
                       return ApproveTemporarily(w.carer, request, w.At(), NextId);
                     },
                     [](Books& books, const World& w) {
                       books.temporary_since = w.now;
                       books.extended = false;
                     }});
  letters.push_back({"extend",
                     [](const World& w) {
                       v1::ExtendTemporaryApprovalRequest request;
                       request.set_reason("so");
                       return ExtendTemporaryApproval(w.carer, request, w.At());
                     },
                     [](Books& books, const World&) { books.extended = true; }});
  letters.push_back({"suspend",
                     [](const World& w) {
                       v1::SuspendApprovalRequest request;
                       request.set_from_date(w.Today());
                       request.set_reason("so");
                       return SuspendApproval(w.carer, request, w.At());
                     },
                     nothing});
  letters.push_back({"lift",
                     [](const World& w) {
                       v1::LiftSuspensionRequest request;
                       request.set_until_date(w.Today());
                       return LiftSuspension(w.carer, request, w.At());
                     },
                     nothing});
  letters.push_back({"resign",
                     [](const World& w) {
                       v1::RecordResignationRequest request;
                       request.set_received_date(w.Today());
                       return RecordResignation(w.carer, request, w.At());
                     },
                     [](Books& books, const World& w) { books.resigned = w.now; }});
  for (const bool to_panel : {true, false}) {
    letters.push_back({"review",
                       [to_panel](const World& w) {
                         v1::RecordReviewRequest request;
                         request.set_review_date(w.Today());
                         request.set_report("so");
                         request.set_reviewer_id("worker-2");
                         request.set_to_panel(to_panel);
                         return RecordReview(w.carer, request, w.At(), NextId);
                       },
                       [](Books& books, const World&) { books.unsuitable = true; }});
  }
  letters.push_back({"wait", Wait, nothing});
}

inline const std::vector<Letter>& Letters() {
  static const auto* const letters = [] {
    auto* made = new std::vector<Letter>();
    AddApplicationLetters(*made);
    AddDecisionLetters(*made);
    AddApprovalLetters(*made);
    return made;
  }();
  return *letters;
}

}  // namespace fosterwatch::carers::domain
