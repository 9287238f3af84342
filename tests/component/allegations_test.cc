// An allegation from the first word to its closing, one that stalls, one that a complaint opens,
// and people who act at the same moment.
#include "tests/component/allegations_fixture.h"

namespace fosterwatch::allegations {
namespace {

TEST_F(AllegationsTest, GoesItsWayAndIsClosedOnceNothingIsOpen) {
  Allegation allegation = Received();
  EXPECT_EQ(allegation.state(), Allegation::STATE_RECEIVED);
  EXPECT_EQ(allegation.placed_with_carer_id(), "F-1");
  const std::string id = allegation.allegation_id();
  allegation = Do("ReferAllegation", Referring(allegation));
  EXPECT_EQ(allegation.state(), Allegation::STATE_REFERRED);
  v1::RecordStrategyMeetingRequest meeting;
  meeting.set_allegation_id(id);
  *meeting.mutable_held_time() = Ago(absl::Minutes(15));
  meeting.set_decisions("the police will look into it");
  allegation = Do("RecordStrategyMeeting", meeting);
  v1::StartInvestigationRequest investigate;
  investigate.set_allegation_id(id);
  investigate.add_kinds(v1::Investigation::KIND_POLICE);
  *investigate.mutable_started_time() = Ago(absl::Minutes(12));
  allegation = Do("StartInvestigation", investigate);
  EXPECT_EQ(allegation.state(), Allegation::STATE_INVESTIGATION);
  allegation = Do("RecordOfficerConclusion", Concluding(allegation));
  EXPECT_EQ(allegation.state(), Allegation::STATE_OFFICER_CONCLUDED);
  ASSERT_GT(allegation.checklist_size(), 4);
  for (const auto& item : allegation.checklist()) {
    EXPECT_NE(item.action().owner_id(), "") << item.code();
    v1::ExplainDueTimeRequest explain;
    explain.set_allegation_id(id);
    explain.set_duty_id(item.action().action_id());
    const auto why = Call<type::v1::Explanation>(agency_->Caseworker(), "ExplainDueTime", explain);
    ASSERT_THAT(why, IsOk());
    EXPECT_EQ(why->due_time().seconds(), item.action().due_time().seconds());
  }
  v1::StartAgencyReviewRequest review;
  review.set_allegation_id(id);
  allegation = Do("StartAgencyReview", review);
  const auto refused = Call(agency_->RegisteredManager(), "CloseAllegation", Closing(allegation));
  EXPECT_THAT(refused, HasReason("NOT_READY_TO_CLOSE"));
  EXPECT_THAT(Fields(refused.status()),
              IsSupersetOf({"checklist[REVIEW_OF_APPROVAL]", "tellings[CHILD]", "learning"}));
  FollowUp(allegation);
  allegation = Do("CloseAllegation", Closing(allegation));
  EXPECT_EQ(allegation.state(), Allegation::STATE_CLOSED);
  // What was said is kept, and sealed: the ledger's clear part does not hold it.
  EXPECT_EQ(Get(id).report().summary(), "what the child said");
  auto clear = installation_->Database("allegations")
                   ->Query(
                       "SELECT count(*) FROM ledger.fact WHERE aggregate_id = $1"
                       " AND position('what the child said'::bytea IN payload) > 0",
                       {id});
  ASSERT_THAT(clear, IsOk());
  EXPECT_EQ(clear->Int(0, 0), 0);
  v1::ReopenAllegationRequest reopen;
  reopen.set_allegation_id(id);
  reopen.set_reason("new evidence");
  EXPECT_EQ(Do("ReopenAllegation", reopen).state(), Allegation::STATE_INVESTIGATION);
}

TEST_F(AllegationsTest, OneWhoseChecklistStallsAlertsStaffItemByItemUntilItIsDone) {
  Allegation allegation = Received(absl::Hours(24 * 200));
  const std::string id = allegation.allegation_id();
  // Nobody has referred it for 200 days.
  ASSERT_TRUE(AwaitTrue([&] { return OpenAlerts(id, "ALLEGATION_REFERRAL_OVERDUE") == 1; },
                        absl::Seconds(60)));
  v1::ListAllegationsRequest overdue;
  overdue.set_overdue_only(true);
  EXPECT_THAT(IdsIn(List(overdue)), Contains(id));
  const auto late =
      Call(agency_->TeamManager(), "ReferAllegation", Referring(allegation, absl::Minutes(1)));
  EXPECT_THAT(late, HasReason("LATE_REASON_REQUIRED"));
  Do("ReferAllegation", Referring(allegation, absl::Hours(24 * 200) - absl::Hours(1)));
  EXPECT_TRUE(AwaitTrue([&] { return OpenAlerts(id, "ALLEGATION_REFERRAL_OVERDUE") == 0; },
                        absl::Seconds(60)));
  allegation = Do("RecordOfficerConclusion", Concluding(allegation, absl::Hours(24 * 120)));
  const auto out = [&](bool settled) {
    int count = 0;
    const Allegation now = Get(id);
    for (const auto& raised : now.attention()) {
      count +=
          raised.code() == "ALLEGATION_CHECKLIST_OVERDUE" && raised.has_settled_time() == settled;
    }
    return count;
  };
  ASSERT_TRUE(
      AwaitTrue([&] { return out(false) == allegation.checklist_size(); }, absl::Seconds(60)));
  v1::StartAgencyReviewRequest review;
  review.set_allegation_id(id);
  Do("StartAgencyReview", review);
  FollowUp(allegation);
  EXPECT_EQ(out(false), 0) << "settled in the same commit";
  EXPECT_EQ(out(true), allegation.checklist_size()) << "each was raised once";
  Do("CloseAllegation", Closing(allegation));
  EXPECT_THAT(IdsIn(List(overdue)), Not(Contains(id)));
}

TEST_F(AllegationsTest, HarmDisclosedInAComplaintOpensOneAtOnceAndOnce) {
  complaints::v1::RecordComplaintRequest record;
  auto* report = record.mutable_report();
  report->set_kind(complaints::v1::COMPLAINT_KIND_COMPLAINT);
  report->mutable_giver()->set_kind(complaints::v1::GIVER_KIND_CHILD);
  report->mutable_giver()->set_giver_id("C-1");
  report->mutable_giver()->set_name("Robin Child");
  report->mutable_subject()->set_kind(complaints::v1::SUBJECT_KIND_CARER);
  report->mutable_subject()->set_carer_id("F-1");
  report->mutable_subject()->set_child_id("C-1");
  report->set_received_by(complaints::v1::RECEIVED_BY_IN_PERSON);
  *report->mutable_received_time() = Ago(absl::Hours(1));
  report->set_category("QUALITY_OF_CARE");
  report->set_summary("no pocket money for three weeks");
  report->set_procedure_id("ca1989");
  constexpr char kComplaints[] = "fosterwatch.complaints.v1.ComplaintsService";
  complaints::v1::Complaint complaint;
  absl::Status recorded;
  // Until the child and the carer have come to the complaints.
  ASSERT_TRUE(AwaitTrue(
      [&] {
        auto answer = Call<complaints::v1::Complaint>(agency_->Caseworker(), "RecordComplaint",
                                                      record, kComplaints);
        recorded = answer.status();
        if (answer.ok()) complaint = *answer;
        return answer.ok();
      },
      absl::Seconds(60)))
      << recorded;
  complaints::v1::DiscloseHarmRequest disclose;
  disclose.set_complaint_id(complaint.complaint_id());
  disclose.set_text("and he hits me");
  ASSERT_THAT(
      Call<complaints::v1::Complaint>(agency_->Caseworker(), "DiscloseHarm", disclose, kComplaints),
      IsOk());
  std::string id;
  ASSERT_TRUE(AwaitTrue(
      [&] {
        const v1::ListAllegationsResponse all = List({});
        for (const auto& allegation : all.allegations()) {
          if (allegation.complaint_id() == complaint.complaint_id()) {
            id = allegation.allegation_id();
          }
        }
        return !id.empty();
      },
      absl::Seconds(60)));
  const Allegation allegation = Get(id);
  EXPECT_EQ(allegation.carer_id(), "F-1");
  EXPECT_EQ(allegation.child_id(), "C-1");
  EXPECT_EQ(allegation.report().informant(), v1::INFORMANT_COMPLAINT);
  EXPECT_EQ(allegation.report().summary(), "") << "what was said stays in the complaint";
  EXPECT_TRUE(
      AwaitTrue([&] { return OpenAlerts(id, "ALLEGATION_OPENED") == 1; }, absl::Seconds(60)));
  // The complaint knows it.
  EXPECT_TRUE(AwaitTrue(
      [&] {
        complaints::v1::GetComplaintRequest get;
        get.set_complaint_id(complaint.complaint_id());
        const auto now = Call<complaints::v1::Complaint>(agency_->Caseworker(), "GetComplaint", get,
                                                         kComplaints);
        return now.ok() && now->disclosures_size() == 1 &&
               now->disclosures(0).allegation_id() == id;
      },
      absl::Seconds(60)));
  Do("ReferAllegation", Referring(allegation, absl::ZeroDuration()));
  EXPECT_TRUE(
      AwaitTrue([&] { return OpenAlerts(id, "ALLEGATION_OPENED") == 0; }, absl::Seconds(60)));
}

TEST_F(AllegationsTest, IsHiddenFromTheMemberOfStaffWhomItIsAbout) {
  auto request = Receiving();
  request.mutable_report()->clear_carer_id();
  request.mutable_report()->set_person_id(agency_->TeamManager().person_id);
  const auto received = Call(agency_->Caseworker(), "ReceiveAllegation", request);
  ASSERT_THAT(received, IsOk()) << received.status();
  const std::string id = received->allegation_id();
  v1::GetAllegationRequest get;
  get.set_allegation_id(id);
  EXPECT_THAT(Call(agency_->TeamManager(), "GetAllegation", get),
              StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(Call(agency_->TeamManager(), "ReferAllegation", Referring(*received)),
              StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(IdsIn(List({}, agency_->TeamManager())), Not(Contains(id)));
  EXPECT_THAT(IdsIn(List({})), Contains(id));
  Do("ReferAllegation", Referring(*received));
  const Allegation concluded = Do("RecordOfficerConclusion", Concluding(*received));
  for (const auto& item : concluded.checklist()) {
    EXPECT_NE(item.action().owner_id(), agency_->TeamManager().person_id) << item.code();
  }
}

TEST_F(AllegationsTest, WhomItIsAboutIsPutRightAndTheBlockGoesWithIt) {
  auto request = Receiving();
  request.mutable_report()->clear_carer_id();
  request.mutable_report()->set_person_id(agency_->TeamManager().person_id);
  const auto received = Call(agency_->Caseworker(), "ReceiveAllegation", request);
  ASSERT_THAT(received, IsOk()) << received.status();
  const std::string id = received->allegation_id();
  // What is behind a figure obeys the same: nobody finds what is said about them.
  const auto behind = [&](const Person& person) {
    kpis::v1::ExplainKpiRequest explain;
    explain.set_code("AL2");
    const auto answer = Call<kpis::v1::ExplainKpiResponse>(person, "ExplainKpi", explain,
                                                           "fosterwatch.kpis.v1.KpisService");
    EXPECT_THAT(answer, IsOk()) << answer.status();
    std::pair<bool, int> found = {false, -1};
    if (!answer.ok()) return found;
    found.second = answer->withheld_count();
    for (const auto& evidence : answer->evidence()) {
      found.first = found.first || evidence.aggregate_id() == id;
    }
    return found;
  };
  ASSERT_TRUE(
      AwaitTrue([&] { return behind(agency_->RegisteredManager()).first; }, absl::Seconds(60)));
  EXPECT_TRUE(
      AwaitTrue([&] { return behind(agency_->TeamManager()).second > 0; }, absl::Seconds(60)));
  EXPECT_FALSE(behind(agency_->TeamManager()).first);

  v1::AmendAllegationRequest correct;
  correct.set_allegation_id(id);
  correct.set_corrects_subject(true);
  correct.set_reason("two people of one name");
  correct.set_person_id(agency_->RegisteredManager().person_id);
  EXPECT_THAT(Call(agency_->Caseworker(), "AmendAllegation", correct),
              HasReason("MANAGERS_CORRECT"));
  EXPECT_THAT(Call(agency_->TeamManager(), "AmendAllegation", correct),
              StatusIs(absl::StatusCode::kNotFound));
  const Allegation corrected = Do("AmendAllegation", correct);
  EXPECT_EQ(corrected.person_id(), agency_->RegisteredManager().person_id);
  EXPECT_EQ(corrected.report().person_id(), agency_->TeamManager().person_id) << "as first said";
  v1::GetAllegationRequest get;
  get.set_allegation_id(id);
  EXPECT_THAT(Call(agency_->RegisteredManager(), "GetAllegation", get),
              StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(Call(agency_->TeamManager(), "GetAllegation", get), IsOk());
  EXPECT_THAT(IdsIn(List({}, agency_->TeamManager())), Contains(id));
  EXPECT_THAT(IdsIn(List({}, agency_->RegisteredManager())), Not(Contains(id)));
  EXPECT_TRUE(AwaitTrue([&] { return behind(agency_->TeamManager()).first; }, absl::Seconds(60)));
  EXPECT_TRUE(
      AwaitTrue([&] { return !behind(agency_->RegisteredManager()).first; }, absl::Seconds(60)));
}

TEST_F(AllegationsTest, WaitsForTheEventsItIsLinkedTo) {
  const Allegation ready = ReadyToClose();
  notifiable_events::v1::ReportEventRequest report;
  *report.mutable_report() =
      agency_->Report(notifiable_events::v1::EVENT_KIND_SERIOUS_ILLNESS_ACCIDENT);
  const auto event = agency_->Call(agency_->Caseworker(), "ReportEvent", report);
  ASSERT_THAT(event, IsOk()) << event.status();
  v1::LinkAllegationRequest link;
  link.set_allegation_id(ready.allegation_id());
  link.mutable_link()->set_kind(v1::Link::KIND_EVENT);
  link.mutable_link()->set_id(event->event_id());
  Do("LinkAllegation", link);
  ASSERT_TRUE(AwaitTrue(
      [&] {
        auto rows = installation_->Database("allegations")
                        ->Query("SELECT active FROM reference.event WHERE event_id = $1",
                                {event->event_id()});
        return rows.ok() && rows->rows() == 1;
      },
      absl::Seconds(60)));
  const auto refused = Call(agency_->RegisteredManager(), "CloseAllegation", Closing(ready));
  EXPECT_THAT(refused, HasReason("NOT_READY_TO_CLOSE"));
  EXPECT_EQ(Fields(refused.status()),
            std::vector<std::string>{absl::StrCat("event[", event->event_id(), "]")});
}

TEST_F(AllegationsTest, ListsByStateCarerChildAndPage) {
  const Allegation allegation = Received();
  Do("ReferAllegation", Referring(allegation));
  const std::string id = allegation.allegation_id();
  v1::ListAllegationsRequest request;
  request.set_state(Allegation::STATE_REFERRED);
  request.set_carer_id("F-1");
  request.set_child_id("C-1");
  request.set_open_only(true);
  EXPECT_THAT(IdsIn(List(request)), Contains(id));
  request.set_child_id("C-2");
  EXPECT_THAT(IdsIn(List(request)), Not(Contains(id)));
  // Page by page they are the same as at once.
  const v1::ListAllegationsResponse all = List({});
  std::set<std::string> paged;
  v1::ListAllegationsRequest page;
  page.set_page_size(2);
  v1::ListAllegationsResponse got;
  do {
    got = List(page);
    EXPECT_EQ(got.total_size(), all.allegations_size());
    for (const auto& one : got.allegations()) {
      EXPECT_TRUE(paged.insert(one.allegation_id()).second) << "twice";
    }
    page.set_page_token(got.next_page_token());
  } while (!got.next_page_token().empty());
  EXPECT_EQ(paged, IdsIn(all));
}

TEST_F(AllegationsTest, OfPeopleWhoActAtTheSameMomentOneIsLetIn) {
  const Allegation ready = ReadyToClose();
  const Allegation referred = [] {
    const Allegation allegation = Received();
    return Do("ReferAllegation", Referring(allegation));
  }();
  const auto at_once = [](const std::function<absl::Status()>& call) {
    std::vector<absl::Status> answers(4);
    std::vector<std::thread> threads;
    for (absl::Status& answer : answers) {
      threads.emplace_back([&] { answer = call(); });
    }
    for (std::thread& thread : threads) thread.join();
    std::multiset<std::string> reasons;
    for (const absl::Status& answer : answers) {
      reasons.insert(answer.ok() ? "OK" : ReasonOf(answer));
    }
    return reasons;
  };
  EXPECT_EQ(at_once([&] {
              return Call(agency_->RegisteredManager(), "CloseAllegation", Closing(ready)).status();
            }),
            (std::multiset<std::string>{"ALLEGATION_CLOSED", "ALLEGATION_CLOSED",
                                        "ALLEGATION_CLOSED", "OK"}));
  EXPECT_EQ(at_once([&] {
              return Call(agency_->TeamManager(), "RecordOfficerConclusion", Concluding(referred))
                  .status();
            }),
            (std::multiset<std::string>{"OK", "WRONG_STATE", "WRONG_STATE", "WRONG_STATE"}));
  // One checklist, not four.
  std::set<std::string> codes;
  const Allegation after = Get(referred.allegation_id());
  for (const auto& item : after.checklist()) {
    EXPECT_TRUE(codes.insert(item.code()).second) << item.code();
  }
}

TEST_F(AllegationsTest, TheSameRequestAgainGetsTheFirstAnswer) {
  auto request = Receiving();
  request.set_request_id("the same");
  const auto first = Call(agency_->Caseworker(), "ReceiveAllegation", request);
  ASSERT_THAT(first, IsOk());
  const auto again = Call(agency_->Caseworker(), "ReceiveAllegation", request);
  ASSERT_THAT(again, IsOk());
  EXPECT_EQ(again->allegation_id(), first->allegation_id());
  request.mutable_report()->set_summary("something else");
  EXPECT_THAT(Call(agency_->Caseworker(), "ReceiveAllegation", request),
              HasReason("REQUEST_ID_REUSED"));
}

}  // namespace
}  // namespace fosterwatch::allegations
