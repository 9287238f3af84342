// Complaints that were seen elsewhere: raised, matched, taken back, and kept from whom they are
// about.
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"

#include "services/complaints/app_fixture.h"
#include "services/complaints/domain/ending.h"
#include "services/complaints/domain/serious.h"

namespace fosterwatch::complaints {
namespace {

TEST_F(AppTest, ASightingIsRaisedDailyUntilItsComplaintIsRecorded) {
  ASSERT_THAT(Submit<v1::Sighting>(app_->See(By(domain::kManager), Seen("s-1", "C-1"))), IsOk());
  ASSERT_THAT(Submit<v1::Sighting>(app_->See(By(domain::kManager), Seen("s-1", "C-1"))), IsOk());
  EXPECT_EQ(Facts("complaint_seen"), 1);
  for (int day = 1; day <= 2; ++day) {
    Set(domain::kReceived + day * absl::Hours(24));
    for (int i = 0; i < 2; ++i) {
      ASSERT_THAT(Submit<v1::Sighting>(app_->RaiseSighting("northern", "s-1")), IsOk());
    }
    EXPECT_EQ(Facts("attention_needed"), day);
  }
  const Complaint complaint = Recorded();
  EXPECT_THAT(complaint.sighting_ids(), ::testing::ElementsAre("s-1"));
  const auto settled = ledger_->LoadAs<v1::Sighting>("northern", kSightingAggregate, "s-1");
  ASSERT_THAT(settled, IsOk());
  EXPECT_EQ(settled->state(), v1::Sighting::STATE_MATCHED);
  EXPECT_EQ(settled->matched_complaint_id(), complaint.complaint_id());
  EXPECT_EQ(Facts("attention_settled"), 2);
  // And one that comes after its complaint is matched at once.
  ASSERT_THAT(Submit<v1::Sighting>(app_->See(By(domain::kManager), Seen("s-2", "C-1"))), IsOk());
  const auto matched = ledger_->LoadAs<v1::Sighting>("northern", kSightingAggregate, "s-2");
  ASSERT_THAT(matched, IsOk());
  EXPECT_EQ(matched->matched_by(), v1::MATCHED_BY_WINDOW);
}

TEST_F(AppTest, AComplaintIsRecordedForTheSightingThatItNames) {
  ASSERT_THAT(Submit<v1::Sighting>(app_->See(By(domain::kManager), Seen("s-1", "C-9"))), IsOk());
  v1::RecordComplaintRequest request = domain::Recording();
  request.set_sighting_id("nobody's");
  EXPECT_THAT(Submit(app_->RecordComplaint(By(domain::kCaseworker), request)).status(),
              HasReason("UNKNOWN_SIGHTING"));
  request.set_sighting_id("s-1");
  EXPECT_THAT(Recorded(request).sighting_ids(), ::testing::ElementsAre("s-1"));
}

TEST_F(AppTest, WhomItIsAboutFindsNeitherAComplaintNorASightingOfIt) {
  const domain::Actor sam = {"sam", {options::v1::ROLE_TEAM_MANAGER}};
  v1::RecordComplaintRequest request = domain::Recording();
  request.mutable_report()->mutable_subject()->set_kind(v1::SUBJECT_KIND_STAFF);
  request.mutable_report()->mutable_subject()->set_staff_id(sam.id);
  request.mutable_report()->mutable_subject()->add_line_manager_ids("individual");
  const Complaint hidden = Recorded(request);
  ASSERT_FALSE(hidden.has_other_route());
  // One seen elsewhere, an allegation about them, and what is of no concern to them.
  ASSERT_THAT(Submit<v1::Sighting>(app_->See(By(domain::kManager), Seen("s-1", "C-1"))), IsOk());
  v1::Sighting alleged = Seen("", "C-9");
  alleged.set_source(v1::SIGHTING_SOURCE_ALLEGATION);
  alleged.set_source_id("a-1");
  alleged.set_sighting_id(SightingIdOf("northern", alleged.source(), alleged.source_id()));
  ASSERT_THAT(Submit<v1::Sighting>(app_->See(By(domain::kManager), alleged)), IsOk());
  ASSERT_THAT(Submit<v1::Sighting>(app_->See(By(domain::kManager), Seen("s-2", "C-9"))), IsOk());
  const auto sightings = [&](const domain::Actor& reader) {
    std::vector<std::string> ids;
    const auto listed = app_->ListSightings(By(reader), {});
    EXPECT_THAT(listed, IsOk());
    if (!listed.ok()) return ids;
    for (const v1::Sighting& each : listed->sightings()) ids.push_back(each.sighting_id());
    EXPECT_EQ(listed->total_size(), static_cast<int64_t>(ids.size()));
    return ids;
  };
  // Until it is known whom the allegation is about, it could be about anybody.
  EXPECT_THAT(sightings(sam), ::testing::ElementsAre("s-2"));
  EXPECT_THAT(sightings(domain::kManager), ::testing::UnorderedElementsAre("s-1", "s-2"));
  Run("INSERT INTO reference.allegation_about VALUES ('northern', 'a-1', 'sam')");
  EXPECT_EQ(sightings(domain::kManager).size(), 3u);
  EXPECT_THAT(sightings(sam), ::testing::ElementsAre("s-2"));
  v1::MatchSightingRequest match;
  match.set_complaint_id(hidden.complaint_id());
  match.set_sighting_id(alleged.sighting_id());
  EXPECT_THAT(Submit<v1::Sighting>(app_->MatchSighting(By(sam), match)).status(),
              HasReason("NOT_FOUND"));
  match.set_sighting_id("s-2");
  EXPECT_THAT(Submit<v1::Sighting>(app_->MatchSighting(By(sam), match)).status(),
              HasReason("UNKNOWN_COMPLAINT"));
  const auto listed = app_->ListComplaints(By(sam), {});
  ASSERT_THAT(listed, IsOk());
  EXPECT_EQ(listed->total_size(), 0);
  v1::GetComplaintRequest get;
  get.set_complaint_id(hidden.complaint_id());
  EXPECT_THAT(app_->GetComplaint(By(sam), get).status(), HasReason("NOT_FOUND"));
  v1::WithdrawComplaintRequest withdraw;
  withdraw.set_complaint_id(hidden.complaint_id());
  withdraw.set_reason("nothing to it");
  EXPECT_THAT(
      Submit(app_->Change<v1::WithdrawComplaintRequest>(By(sam), withdraw, domain::Withdraw))
          .status(),
      HasReason("NOT_FOUND"));
}

TEST_F(AppTest, AnEventThatWasSeenOfAComplaintIsTheOneThatItsProposalIsAcceptedWith) {
  const Complaint complaint = Recorded();
  v1::Sighting seen = Seen("s-1", "C-1");
  seen.set_source(v1::SIGHTING_SOURCE_EVENT);
  seen.set_source_id("event-1");
  ASSERT_THAT(Submit<v1::Sighting>(app_->See(By(domain::kManager), seen)), IsOk());
  const Complaint judged = Judged(complaint);
  v1::AcceptEventProposalRequest accept;
  accept.set_complaint_id(complaint.complaint_id());
  accept.set_proposal_id(judged.event_proposals(0).proposal_id());
  accept.set_reason("row 9");
  const auto accepted = Submit(app_->AcceptEventProposal(By(domain::kRegistered), accept));
  ASSERT_THAT(accepted, IsOk());
  EXPECT_EQ(accepted->event_proposals(0).event_id(), "event-1");
}

TEST_F(AppTest, OfSeveralEventsOfAComplaintTheFirstThatIsStillItsIsAccepted) {
  const Complaint complaint = Recorded();
  for (const char* id : {"s-3", "s-1", "s-2"}) {
    v1::Sighting seen = Seen(id, "C-1");
    if (std::string(id) != "s-3") seen.set_source(v1::SIGHTING_SOURCE_EVENT);
    seen.set_source_id(absl::StrCat("event-of-", id));
    ASSERT_THAT(Submit<v1::Sighting>(app_->See(By(domain::kManager), seen)), IsOk());
  }
  const Complaint proposed = Judged(complaint);
  v1::AcceptEventProposalRequest accept;
  accept.set_complaint_id(complaint.complaint_id());
  accept.set_proposal_id(proposed.event_proposals(0).proposal_id());
  accept.set_reason("row 9");
  const auto accepted = Submit(app_->AcceptEventProposal(By(domain::kRegistered), accept));
  ASSERT_THAT(accepted, IsOk());
  EXPECT_EQ(accepted->event_proposals(0).event_id(), "event-of-s-1");

  // It was another matter after all: what was not reported of this complaint is proposed anew.
  v1::TakeBackMatchRequest back;
  back.set_sighting_id("s-1");
  back.set_complaint_id(complaint.complaint_id());
  back.set_reason("the carer was drunk, which nobody complained of");
  ASSERT_THAT(Submit<v1::Sighting>(app_->TakeBackMatch(By(domain::kManager), back)), IsOk());
  v1::GetComplaintRequest get;
  get.set_complaint_id(complaint.complaint_id());
  const auto after = app_->GetComplaint(By(domain::kManager), get);
  ASSERT_THAT(after, IsOk());
  ASSERT_EQ(after->event_proposals_size(), 2);
  EXPECT_EQ(after->event_proposals(0).state(), v1::EventProposal::STATE_FALLEN_AWAY);
  EXPECT_EQ(after->event_proposals(0).event_id(), "");
  EXPECT_EQ(after->event_proposals(1).state(), v1::EventProposal::STATE_OPEN);
  EXPECT_THAT(after->sighting_ids(), ::testing::ElementsAre("s-3", "s-2"));
  accept.set_proposal_id(after->event_proposals(1).proposal_id());
  const auto again = Submit(app_->AcceptEventProposal(By(domain::kRegistered), accept));
  ASSERT_THAT(again, IsOk());
  EXPECT_EQ(again->event_proposals(1).event_id(), "event-of-s-2");
}

TEST_F(AppTest, AMatchIsTakenBackByAPersonAndNotMadeAgainByTheMachine) {
  const Complaint complaint = Recorded();
  const auto seen = Submit<v1::Sighting>(app_->See(By(domain::kManager), Seen("s-1", "C-1")));
  ASSERT_THAT(seen, IsOk());
  ASSERT_EQ(seen->matched_complaint_id(), complaint.complaint_id());
  v1::TakeBackMatchRequest back;
  back.set_sighting_id("s-1");
  back.set_complaint_id(complaint.complaint_id());
  EXPECT_THAT(Submit<v1::Sighting>(app_->TakeBackMatch(By(domain::kManager), back)).status(),
              HasReason("REQUIRED"));
  back.set_reason("another matter of the same week");
  back.set_complaint_id("another");
  EXPECT_THAT(Submit<v1::Sighting>(app_->TakeBackMatch(By(domain::kManager), back)).status(),
              HasReason("NOT_MATCHED"));
  back.set_complaint_id(complaint.complaint_id());
  const auto open = Submit<v1::Sighting>(app_->TakeBackMatch(By(domain::kManager), back));
  ASSERT_THAT(open, IsOk());
  EXPECT_EQ(open->state(), v1::Sighting::STATE_UNMATCHED);
  ASSERT_EQ(open->taken_back_size(), 1);
  EXPECT_EQ(open->taken_back(0).matched_by(), v1::MATCHED_BY_WINDOW);
  EXPECT_EQ(open->taken_back(0).taken_back_by(), domain::kManager.id);
  v1::GetComplaintRequest get;
  get.set_complaint_id(complaint.complaint_id());
  EXPECT_EQ(app_->GetComplaint(By(domain::kManager), get)->sighting_ids_size(), 0);

  // Heard of again, and when it is raised: that complaint is passed over.
  ASSERT_THAT(Submit<v1::Sighting>(app_->See(By(domain::kManager), Seen("s-1", "C-1"))), IsOk());
  EXPECT_EQ(app_->GetComplaint(By(domain::kManager), get)->sighting_ids_size(), 0);
  Set(domain::kReceived + absl::Hours(24));
  const auto raised = Submit<v1::Sighting>(app_->RaiseSighting("northern", "s-1"));
  ASSERT_THAT(raised, IsOk());
  EXPECT_EQ(raised->state(), v1::Sighting::STATE_UNMATCHED);
  EXPECT_EQ(raised->times_raised(), 1);
  // The one that it really is comes in, and both records say so.
  const Complaint other = Recorded();
  EXPECT_THAT(other.sighting_ids(), ::testing::ElementsAre("s-1"));
  EXPECT_EQ(Facts("sighting_matched"), 2);
  EXPECT_EQ(Facts("sighting_match_taken_back"), 1);
  EXPECT_EQ(Facts("sighting_unlinked"), 1);
}

TEST_F(AppTest, TheEventThatWasReportedFromAComplaintStaysItsOwn) {
  const Complaint proposed = Judged(Recorded());
  v1::AcceptEventProposalRequest accept;
  accept.set_complaint_id(proposed.complaint_id());
  accept.set_proposal_id(proposed.event_proposals(0).proposal_id());
  accept.set_reason("row 9");
  const auto accepted = Submit(app_->AcceptEventProposal(By(domain::kRegistered), accept));
  ASSERT_THAT(accepted, IsOk());
  v1::Sighting seen = Seen("s-1", "C-1");
  seen.set_source(v1::SIGHTING_SOURCE_EVENT);
  seen.set_source_id(accepted->event_proposals(0).event_id());
  ASSERT_THAT(Submit<v1::Sighting>(app_->See(By(domain::kManager), seen)), IsOk());
  v1::TakeBackMatchRequest back;
  back.set_sighting_id("s-1");
  back.set_complaint_id(proposed.complaint_id());
  back.set_reason("not ours");
  EXPECT_THAT(Submit<v1::Sighting>(app_->TakeBackMatch(By(domain::kManager), back)).status(),
              HasReason("EVENT_OF_COMPLAINT"));
}

}  // namespace
}  // namespace fosterwatch::complaints
