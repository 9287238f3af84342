#include "services/notifiable_events/domain/follow_up.h"

#include <functional>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "services/notifiable_events/domain/test_support.h"

namespace fosterwatch::notifiable_events::domain {
namespace {

using testing::Contains;
using testing::IsSupersetOf;
using testing::Not;

const absl::Time kLater = kNow + absl::Hours(240);

v1::RecordEnquiryOutcomeRequest Outcome() {
  v1::RecordEnquiryOutcomeRequest request;
  *request.mutable_outcome_time() = clock::ToProto(kLater - absl::Hours(2));
  *request.mutable_became_aware_time() = clock::ToProto(kLater - absl::Hours(1));
  request.set_outcome("no further action");
  return request;
}

absl::StatusOr<Facts> DecideOutcome(const v1::NotifiableEvent& event,
                                    const v1::RecordEnquiryOutcomeRequest& request = Outcome(),
                                    const Circumstances& world = World(kAway)) {
  int last = 200;
  return RecordEnquiryOutcome(event, request, kCaseworker, OurLaw(), world, kLater,
                              [&] { return absl::StrCat("id-", ++last); });
}

v1::RecordChildReturnRequest Return() {
  v1::RecordChildReturnRequest request;
  *request.mutable_returned_time() = clock::ToProto(kNow);
  request.set_note("well");
  return request;
}

TEST(RecordEnquiryOutcome, IsTheSecondNotifiableMoment) {
  auto event = Reported({v1::EVENT_KIND_CHILD_PROTECTION_ENQUIRY, v1::EVENT_KIND_CHILD_MISSING});
  const auto facts = DecideOutcome(event);
  ASSERT_TRUE(facts.ok()) << facts.status();
  ApplyAll(event, *facts, kCaseworker, kLater);
  EXPECT_EQ(event.enquiry_outcome().outcome(), "no further action");
  EXPECT_EQ(event.enquiry_outcome().recorded_by(), "caseworker");
  EXPECT_THAT(
      ShowNotices(event),
      testing::ElementsAre("CHILD_MISSING RESPONSIBLE_AUTHORITY northshire",
                           "CHILD_MISSING POLICE south-police",
                           "CHILD_PROTECTION_ENQUIRY CHIEF_INSPECTOR inspector",
                           "CHILD_PROTECTION_ENQUIRY RESPONSIBLE_AUTHORITY northshire",
                           "CHILD_PROTECTION_ENQUIRY AREA_AUTHORITY southshire",
                           "CHILD_PROTECTION_ENQUIRY CHIEF_INSPECTOR inspector outcome",
                           "CHILD_PROTECTION_ENQUIRY RESPONSIBLE_AUTHORITY northshire outcome",
                           "CHILD_PROTECTION_ENQUIRY AREA_AUTHORITY southshire outcome"));
  const auto& notice = event.notices(5);
  EXPECT_EQ(Show(notice.due_time()), "2026-11-29T14:00:00Z");
  EXPECT_EQ(notice.explanation().trigger(), "enquiry_outcome.became_aware_time");
}

TEST(RecordEnquiryOutcome, IsToldToEachWhoWasToldOfTheBeginningWhereverTheChildLivesByThen) {
  auto event = Reported({v1::EVENT_KIND_CHILD_PROTECTION_ENQUIRY});
  const PlacedChild moved = {"away", "northshire", "westshire", "another"};
  ApplyAll(event, *DecideOutcome(event, Outcome(), World(moved)), kCaseworker, kLater);
  EXPECT_THAT(ShowNotices(event),
              IsSupersetOf({"CHILD_PROTECTION_ENQUIRY AREA_AUTHORITY southshire outcome",
                            "CHILD_PROTECTION_ENQUIRY AREA_AUTHORITY westshire outcome"}));
}

TEST(RecordEnquiryOutcome, GoesToAKnownBodyRatherThanToNobody) {
  auto event =
      Reported({v1::EVENT_KIND_CHILD_PROTECTION_ENQUIRY}, World({"away", "", "southshire", ""}));
  ApplyAll(event, *DecideOutcome(event), kCaseworker, kLater);
  EXPECT_THAT(ShowNotices(event),
              Contains("CHILD_PROTECTION_ENQUIRY RESPONSIBLE_AUTHORITY northshire outcome"));
  EXPECT_THAT(ShowNotices(event),
              Not(Contains("CHILD_PROTECTION_ENQUIRY RESPONSIBLE_AUTHORITY  outcome")));
}

TEST(RecordEnquiryOutcome, RefusesEachFaultByItsField) {
  using Edit = std::function<void(v1::RecordEnquiryOutcomeRequest&, v1::NotifiableEvent&)>;
  const auto at = [](absl::Time time) { return clock::ToProto(time); };
  struct Case {
    const char* refusal;
    Edit edit;
  };
  const Case cases[] = {
      {"NO_ENQUIRY", [](auto&, auto& event) { event = Reported({v1::EVENT_KIND_CHILD_MISSING}); }},
      {"OUTCOME_RECORDED_BEFORE", [](auto&, auto& event) { event.mutable_enquiry_outcome(); }},
      {"EVENT_CONCLUDED",
       [](auto&, auto& event) { event.set_state(v1::NotifiableEvent::STATE_CONCLUDED); }},
      {"outcome REQUIRED", [](auto& request, auto&) { request.clear_outcome(); }},
      {"outcome TEXT_TOO_LONG",
       [](auto& request, auto&) { request.set_outcome(std::string(20'001, 'x')); }},
      {"outcome_time REQUIRED", [](auto& request, auto&) { request.clear_outcome_time(); }},
      {"outcome_time BEFORE_OCCURRED",
       [&](auto& request, auto&) {
         *request.mutable_outcome_time() = at(kOccurred - absl::Seconds(1));
       }},
      {"became_aware_time REQUIRED",
       [](auto& request, auto&) { request.clear_became_aware_time(); }},
      {"became_aware_time IN_THE_FUTURE",
       [&](auto& request, auto&) {
         *request.mutable_became_aware_time() = at(kLater + absl::Minutes(2));
       }},
      {"became_aware_time BEFORE_OUTCOME",
       [&](auto& request, auto&) {
         *request.mutable_became_aware_time() = at(kLater - absl::Hours(3));
       }},
      {"became_aware_time BEFORE_AWARENESS",
       [&](auto& request, auto&) {
         *request.mutable_outcome_time() = at(kOccurred);
         *request.mutable_became_aware_time() = at(kAware - absl::Seconds(1));
       }},
  };
  for (const Case& c : cases) {
    auto event = Reported({v1::EVENT_KIND_CHILD_PROTECTION_ENQUIRY});
    auto request = Outcome();
    c.edit(request, event);
    EXPECT_EQ(Refusal(DecideOutcome(event, request).status()), c.refusal);
  }
}

TEST(RecordChildReturn, KeepsWhenAMissingChildCameBack) {
  auto event = Reported({v1::EVENT_KIND_CHILD_MISSING});
  ApplyAll(event, *RecordChildReturn(event, Return(), kCaseworker, kNow), kCaseworker);
  EXPECT_EQ(clock::FromProto(event.child_return().returned_time()), kNow);
  EXPECT_EQ(event.child_return().recorded_by(), "caseworker");
  EXPECT_EQ(event.child_return().note(), "well");
}

TEST(RecordChildReturn, RefusesEachFault) {
  auto event = Reported({v1::EVENT_KIND_CHILD_DEATH});
  EXPECT_EQ(Refusal(RecordChildReturn(event, Return(), kCaseworker, kNow).status()),
            "NO_MISSING_CHILD");
  event = Reported({v1::EVENT_KIND_CHILD_MISSING});
  auto request = Return();
  *request.mutable_returned_time() = clock::ToProto(kOccurred - absl::Seconds(1));
  EXPECT_EQ(Refusal(RecordChildReturn(event, request, kCaseworker, kNow).status()),
            "returned_time BEFORE_OCCURRED");
  request.clear_returned_time();
  EXPECT_EQ(Refusal(RecordChildReturn(event, request, kCaseworker, kNow).status()),
            "returned_time REQUIRED");
  request = Return();
  request.set_note(std::string(20'001, 'x'));
  EXPECT_EQ(Refusal(RecordChildReturn(event, request, kCaseworker, kNow).status()),
            "note TEXT_TOO_LONG");
  ApplyAll(event, *RecordChildReturn(event, Return(), kCaseworker, kNow), kCaseworker);
  EXPECT_EQ(Refusal(RecordChildReturn(event, Return(), kCaseworker, kNow).status()),
            "RETURNED_BEFORE");
  event.set_state(v1::NotifiableEvent::STATE_CONCLUDED);
  EXPECT_EQ(Refusal(RecordChildReturn(event, Return(), kCaseworker, kNow).status()),
            "EVENT_CONCLUDED");
}

TEST(Actions, AreAddedAndClosedOnce) {
  auto event = Reported({v1::EVENT_KIND_CHILD_MISSING});
  Ids ids;
  v1::AddActionRequest add;
  add.set_description("review the risk assessment");
  add.set_owner_id("manager");
  *add.mutable_due_time() = clock::ToProto(kNow + absl::Hours(48));
  ApplyAll(event, *AddAction(event, add, kNow, ids), kManager);
  ASSERT_EQ(event.actions_size(), 1);
  EXPECT_EQ(event.actions(0).state(), type::v1::Action::STATE_OPEN);
  v1::CloseActionRequest close;
  close.set_action_id(event.actions(0).action_id());
  close.set_evidence("version 4 of the assessment");
  ApplyAll(event, *CloseAction(event, close, kManager, kNow), kManager);
  EXPECT_EQ(event.actions(0).state(), type::v1::Action::STATE_DONE);
  EXPECT_EQ(event.actions(0).closed_by(), "manager");
  EXPECT_EQ(Refusal(CloseAction(event, close, kManager, kNow).status()), "ACTION_CLOSED");
  close.set_action_id("none");
  EXPECT_EQ(Refusal(CloseAction(event, close, kManager, kNow).status()), "UNKNOWN_ACTION");
}

TEST(Actions, RefuseEachFaultByItsField) {
  auto event = Reported({v1::EVENT_KIND_CHILD_MISSING});
  Ids ids;
  v1::AddActionRequest add;
  add.set_description("do");
  add.set_owner_id("manager");
  EXPECT_EQ(Refusal(AddAction(event, add, kNow, ids).status()), "due_time REQUIRED");
  add.mutable_due_time()->set_nanos(-1);
  EXPECT_EQ(Refusal(AddAction(event, add, kNow, ids).status()), "due_time INVALID_TIME");
  *add.mutable_due_time() = clock::ToProto(kNow - absl::Seconds(1));
  EXPECT_EQ(Refusal(AddAction(event, add, kNow, ids).status()), "due_time DUE_IN_THE_PAST");
  *add.mutable_due_time() = clock::ToProto(kNow);
  add.clear_owner_id();
  EXPECT_EQ(Refusal(AddAction(event, add, kNow, ids).status()), "owner_id REQUIRED");
  event.set_state(v1::NotifiableEvent::STATE_CONCLUDED);
  EXPECT_EQ(Refusal(AddAction(event, add, kNow, ids).status()), "EVENT_CONCLUDED");
  EXPECT_EQ(Refusal(CloseAction(event, {}, kManager, kNow).status()), "EVENT_CONCLUDED");
}

}  // namespace
}  // namespace fosterwatch::notifiable_events::domain
