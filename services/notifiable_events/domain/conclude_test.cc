#include "services/notifiable_events/domain/conclude.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "services/notifiable_events/domain/confirmation.h"
#include "services/notifiable_events/domain/discussion.h"
#include "services/notifiable_events/domain/follow_up.h"
#include "services/notifiable_events/domain/notices.h"
#include "services/notifiable_events/domain/outcome.h"
#include "services/notifiable_events/domain/sign_off.h"
#include "services/notifiable_events/domain/test_support.h"

namespace fosterwatch::notifiable_events::domain {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

v1::ConcludeEventRequest Ending() {
  v1::ConcludeEventRequest request;
  request.set_outcome("the child is safe");
  request.set_regulator_reference("OFS-1");
  return request;
}

std::vector<std::string> Missing(const absl::Status& status) {
  std::vector<std::string> fields;
  for (const auto& violation : ViolationsOf(status)) fields.push_back(violation.field);
  return fields;
}

// An enquiry about a missing child with an action, and all that its conclusion needs but what
// `left_out` names.
v1::NotifiableEvent AllBut(const std::string& left_out) {
  auto event = Reported({v1::EVENT_KIND_CHILD_PROTECTION_ENQUIRY, v1::EVENT_KIND_CHILD_MISSING});
  int last = 300;
  const auto new_id = [&] { return absl::StrCat("id-", ++last); };
  if (left_out != "enquiry_outcome") {
    v1::RecordEnquiryOutcomeRequest outcome;
    *outcome.mutable_outcome_time() = clock::ToProto(kNow);
    *outcome.mutable_became_aware_time() = clock::ToProto(kNow);
    outcome.set_outcome("no further action");
    ApplyAll(
        event,
        *RecordEnquiryOutcome(event, outcome, kCaseworker, OurLaw(), World(kAway), kNow, new_id),
        kCaseworker);
  }
  if (left_out != "child_return") {
    v1::RecordChildReturnRequest back;
    *back.mutable_returned_time() = clock::ToProto(kNow);
    ApplyAll(event, *RecordChildReturn(event, back, kCaseworker, kNow), kCaseworker);
  }
  v1::AddActionRequest add;
  add.set_description("do");
  add.set_owner_id("manager");
  *add.mutable_due_time() = clock::ToProto(kNow);
  ApplyAll(event, *AddAction(event, add, kNow, [] { return std::string("a"); }), kManager);
  if (left_out != "actions[a]") {
    v1::CloseActionRequest close;
    close.set_action_id("a");
    close.set_evidence("done");
    ApplyAll(event, *CloseAction(event, close, kManager, kNow), kManager);
  }
  const auto sign = [&](v1::SignOff::Stage stage, const Actor& actor) {
    if (left_out == absl::StrCat("sign_offs[", Name(stage), "]")) return;
    v1::SignOffEventRequest request;
    request.set_stage(stage);
    ApplyAll(event, *SignOff(event, request, actor, kNow), actor);
  };
  sign(v1::SignOff::STAGE_MANAGER, kManager);
  sign(v1::SignOff::STAGE_REGISTERED_MANAGER, kRegistered);
  const auto notices = event.notices();
  for (const auto& notice : notices) {
    if (left_out == absl::StrCat("notices[", notice.notice_id(), "]")) continue;
    v1::GiveNoticeRequest give;
    give.set_notice_id(notice.notice_id());
    give.set_channel(type::v1::CHANNEL_TELEPHONE);
    ApplyAll(event, *GiveNotice(event, give, kManager, kNow), kManager);
    const std::string confirmation =
        absl::StrCat("notices[", notice.notice_id(), "].written_confirmation");
    if (left_out == confirmation || notice.basis() == v1::BASIS_POLICY) continue;
    v1::ConfirmNoticeInWritingRequest confirm;
    confirm.set_notice_id(notice.notice_id());
    confirm.set_channel(type::v1::CHANNEL_EMAIL);
    ApplyAll(event, *ConfirmInWriting(event, confirm, kManager, kNow), kManager);
  }
  if (left_out != "discussion") {
    v1::RecordDiscussionRequest discuss;
    *discuss.mutable_discussed_time() = clock::ToProto(kNow);
    discuss.set_discussed_with("the social worker");
    discuss.set_agreed("a visit");
    ApplyAll(event, *RecordDiscussion(event, discuss, kManager, kNow), kManager);
  }
  return event;
}

TEST(Conclude, EndsAnEventOfWhichNothingIsMissing) {
  auto event = AllBut("nothing");
  const auto facts = Conclude(event, Ending(), kRegistered, kNow);
  ASSERT_TRUE(facts.ok()) << facts.status();
  ApplyAll(event, *facts, kRegistered);
  EXPECT_EQ(event.state(), v1::NotifiableEvent::STATE_CONCLUDED);
  EXPECT_EQ(event.conclusion().outcome(), "the child is safe");
  EXPECT_EQ(event.conclusion().regulator_reference(), "OFS-1");
  EXPECT_EQ(event.conclusion().concluded_by(), "registered");
  EXPECT_EQ(ReasonOf(Conclude(event, Ending(), kRegistered, kNow).status()), "EVENT_CONCLUDED");
}

TEST(Conclude, IsRefusedWhileAnyOneThingIsMissingAndNamesIt) {
  std::vector<std::string> things = {"enquiry_outcome", "child_return", "actions[a]",
                                     "sign_offs[REGISTERED_MANAGER]", "discussion"};
  const auto complete = AllBut("nothing");
  for (const auto& notice : complete.notices()) {
    if (notice.basis() == v1::BASIS_POLICY) continue;
    things.push_back(absl::StrCat("notices[", notice.notice_id(), "]"));
    things.push_back(absl::StrCat("notices[", notice.notice_id(), "].written_confirmation"));
  }
  // Of each kind and moment the Chief Inspector, the two authorities; of the missing child one.
  ASSERT_EQ(things.size(), 5u + 2 * 7);
  for (const std::string& thing : things) {
    const auto facts = Conclude(AllBut(thing), Ending(), kRegistered, kNow);
    ASSERT_FALSE(facts.ok()) << thing;
    EXPECT_EQ(facts.status().code(), absl::StatusCode::kFailedPrecondition);
    EXPECT_EQ(ReasonOf(facts.status()), "NOT_READY_TO_CONCLUDE");
    EXPECT_THAT(Missing(facts.status()), ElementsAre(thing));
  }
  auto request = Ending();
  request.set_outcome(" ");
  EXPECT_THAT(Missing(Conclude(AllBut("nothing"), request, kRegistered, kNow).status()),
              ElementsAre("outcome"));
  request = Ending();
  request.clear_regulator_reference();
  EXPECT_THAT(Missing(Conclude(AllBut("nothing"), request, kRegistered, kNow).status()),
              ElementsAre("regulator_reference"));
}

// An illness, of which the Chief Inspector was told, with nothing missing but its outcome.
v1::NotifiableEvent Illness() {
  auto event = Reported({v1::EVENT_KIND_SERIOUS_ILLNESS_ACCIDENT});
  for (auto& notice : *event.mutable_notices()) notice.set_state(v1::Notice::STATE_GIVEN);
  for (auto& sign_off : *event.mutable_sign_offs()) sign_off.set_signed_by("somebody");
  *event.mutable_discussion()->mutable_discussed_time() = clock::ToProto(kNow);
  return event;
}

TEST(Conclude, TakesTheOutcomeAsRecordedThenWithTheChoiceNotToUpdateTheRegulator) {
  auto event = Illness();
  auto request = Ending();
  EXPECT_THAT(Missing(Conclude(event, request, kRegistered, kNow).status()),
              ElementsAre("regulator_update"));
  request.set_regulator_update(v1::REGULATOR_UPDATE_NOT_NEEDED);
  EXPECT_THAT(Missing(Conclude(event, request, kRegistered, kNow).status()), ElementsAre("reason"));
  request.set_reason("all was said in the notice");
  const auto facts = Conclude(event, request, kRegistered, kNow);
  ASSERT_TRUE(facts.ok()) << facts.status();
  ApplyAll(event, *facts, kRegistered);
  EXPECT_EQ(event.outcome().outcome(), "the child is safe");
  EXPECT_EQ(event.outcome().regulator_update(), v1::REGULATOR_UPDATE_NOT_NEEDED);
  EXPECT_EQ(event.conclusion().outcome(), "the child is safe");
}

TEST(Conclude, WaitsForTheUpdateThatTheManagerChose) {
  auto event = Illness();
  auto request = Ending();
  request.set_regulator_update(v1::REGULATOR_UPDATE_GIVE);
  request.set_reason("it went on for long");
  EXPECT_THAT(Missing(Conclude(event, request, kRegistered, kNow).status()),
              ElementsAre("regulator_update"));
  v1::RecordOutcomeRequest outcome;
  outcome.set_outcome("the child is well");
  *outcome.mutable_outcome_time() = clock::ToProto(kNow);
  outcome.set_regulator_update(v1::REGULATOR_UPDATE_GIVE);
  outcome.set_reason("it went on for long");
  Ids ids;
  ApplyAll(event, *RecordOutcome(event, outcome, kManager, OurLaw(), World(kAway), kNow, ids),
           kManager);
  const v1::Notice& update = *event.notices().rbegin();
  EXPECT_EQ(update.moment(), v1::MOMENT_CONCLUSION);
  request = {};
  request.set_regulator_reference("OFS-1");
  EXPECT_THAT(Missing(Conclude(event, request, kRegistered, kNow).status()),
              ElementsAre(absl::StrCat("notices[", update.notice_id(), "]")));
  request.set_outcome("another one");
  event.mutable_notices()->rbegin()->set_state(v1::Notice::STATE_GIVEN);
  EXPECT_EQ(ReasonOf(Conclude(event, request, kRegistered, kNow).status()),
            "OUTCOME_RECORDED_BEFORE");
  request.clear_outcome();
  const auto facts = Conclude(event, request, kRegistered, kNow);
  ASSERT_TRUE(facts.ok()) << facts.status();
  ApplyAll(event, *facts, kRegistered);
  EXPECT_EQ(event.conclusion().outcome(), "the child is well");
  EXPECT_EQ(event.state(), v1::NotifiableEvent::STATE_CONCLUDED);
}

TEST(Conclude, HasNoChoiceOfAnUpdateForAnEnquiryNorWhereTheRegulatorWasNotTold) {
  auto request = Ending();
  request.set_regulator_update(v1::REGULATOR_UPDATE_NOT_NEEDED);
  request.set_reason("so");
  EXPECT_EQ(Refusal(Conclude(AllBut("nothing"), request, kRegistered, kNow).status()),
            "regulator_update NOT_APPLICABLE");
  EXPECT_EQ(
      Refusal(
          Conclude(Reported({v1::EVENT_KIND_CHILD_MISSING}), request, kRegistered, kNow).status()),
      "regulator_update NOT_APPLICABLE");
}

TEST(Conclude, NamesAllThatIsMissingAtOnceByRecipientAndBody) {
  auto event = Reported({v1::EVENT_KIND_CHILD_MISSING, v1::EVENT_KIND_CHILD_PROTECTION_ENQUIRY});
  // What policy alone has told does not stand in the way: of the missing child, the police.
  ASSERT_EQ(event.notices(1).recipient(), v1::RECIPIENT_POLICE);
  const auto facts = Conclude(event, {}, kRegistered, kNow);
  EXPECT_THAT(Missing(facts.status()),
              ElementsAre("notices[id-3]", "notices[id-5]", "notices[id-6]", "notices[id-7]",
                          "sign_offs[MANAGER]", "sign_offs[REGISTERED_MANAGER]", "discussion",
                          "enquiry_outcome", "child_return", "outcome", "regulator_reference"));
  EXPECT_EQ(ViolationsOf(facts.status())[3].description,
            "AREA_AUTHORITY (southshire) has not been told of CHILD_PROTECTION_ENQUIRY");
  EXPECT_THAT(std::string(facts.status().message()), HasSubstr("11 things are missing"));
}

TEST(Conclude, NeedsNoReferenceOfTheRegulatorWhereTheRegulatorIsNoRecipient) {
  EXPECT_THAT(MissingForConclusion(Reported({v1::EVENT_KIND_CHILD_SERIOUS_OFFENCE}), "done", ""),
              testing::Each(testing::Field(&Violation::field, testing::Ne("regulator_reference"))));
}

TEST(Conclude, DoesNotWaitForTheReturnOfAChildWhoHasDied) {
  const auto event = Reported({v1::EVENT_KIND_CHILD_MISSING, v1::EVENT_KIND_CHILD_DEATH});
  EXPECT_THAT(MissingForConclusion(event, "", ""),
              testing::Each(testing::Field(&Violation::field, testing::Ne("child_return"))));
}

TEST(Conclude, IsTheRegisteredManagersAndLimitsText) {
  const auto event = AllBut("nothing");
  for (const Actor& actor : {kCaseworker, kManager, kSender}) {
    const auto facts = Conclude(event, Ending(), actor, kNow);
    EXPECT_EQ(facts.status().code(), absl::StatusCode::kPermissionDenied);
    EXPECT_EQ(ReasonOf(facts.status()), "ROLE_REQUIRED");
  }
  auto request = Ending();
  request.set_regulator_reference(std::string(201, 'x'));
  EXPECT_EQ(Refusal(Conclude(event, request, kRegistered, kNow).status()),
            "regulator_reference TEXT_TOO_LONG");
  request = Ending();
  request.set_outcome(std::string(20'001, 'x'));
  EXPECT_EQ(Refusal(Conclude(event, request, kRegistered, kNow).status()), "outcome TEXT_TOO_LONG");
}

}  // namespace
}  // namespace fosterwatch::notifiable_events::domain
