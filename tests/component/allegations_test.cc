// The register of allegations by the real binary: an allegation from the first word to its closing,
// one that stalls, one that a complaint opens, people who act at the same moment, audits, and what
// bad input gets.
#include <functional>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "fosterwatch/allegations/v1/allegations_service.pb.h"
#include "fosterwatch/allegations/v1/audits_service.pb.h"
#include "fosterwatch/complaints/v1/complaints_service.pb.h"
#include "fosterwatch/directory/v1/directory_service.pb.h"
#include "fosterwatch/kpis/v1/kpis_service.pb.h"
#include "fosterwatch/notifiable_events/v1/notifiable_event_service.pb.h"
#include "fosterwatch/notifications/v1/notifications_service.pb.h"
#include "libs/clock/proto_time.h"
#include "libs/status/error.h"
#include "libs/testing/await.h"
#include "libs/testing/status_matchers.h"
#include "tests/support/agency.h"
#include "tests/support/installation.h"

namespace fosterwatch::allegations {
namespace {

using ::fosterwatch::testing::Agency;
using ::fosterwatch::testing::AwaitTrue;
using ::fosterwatch::testing::HasReason;
using ::fosterwatch::testing::Installation;
using ::fosterwatch::testing::IsOk;
using ::fosterwatch::testing::Person;
using ::fosterwatch::testing::StatusIs;
using ::testing::Contains;
using ::testing::IsSupersetOf;
using ::testing::Not;
using v1::Allegation;

constexpr char kAllegations[] = "fosterwatch.allegations.v1.AllegationsService";
constexpr char kAudits[] = "fosterwatch.allegations.v1.AuditsService";

google::protobuf::Timestamp Ago(absl::Duration duration) {
  return clock::ToProto(absl::Now() - duration);
}

class AllegationsTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    installation_ = new Installation({});
    installation_->Start();
    ASSERT_TRUE(installation_->AwaitReady()) << installation_->process().Output();
    agency_ = new Agency(installation_, "agency-a");
    other_ = new Agency(installation_, "agency-b");
    for (const Person& person :
         {agency_->Caseworker(), agency_->TeamManager(), agency_->RegisteredManager()}) {
      Appoint(person);
    }
    ASSERT_TRUE(AwaitTrue(
        [] {
          auto rows = installation_->Database("allegations")
                          ->Query(
                              "SELECT (SELECT count(*) FROM reference.child)"
                              " + (SELECT count(*) FROM reference.carer)"
                              " + (SELECT count(*) FROM reference.body)"
                              " + (SELECT count(*) FROM reference.holder)");
          return rows.ok() && rows->Int(0, 0) == 4 + 2 + 12 + 3;
        },
        absl::Seconds(60)));
  }
  static void TearDownTestSuite() {
    delete other_;
    delete agency_;
    delete installation_;
  }

  static void Appoint(const Person& person) {
    directory::v1::AppointHolderRequest request;
    auto* holder = request.mutable_holder();
    holder->set_person_id(person.person_id);
    holder->set_role(person.roles[0]);
    holder->set_name("Test Person");
    holder->set_email(absl::StrCat(person.person_id, "@example.org"));
    holder->set_title("Test title");
    *holder->mutable_from_time() = Ago(absl::Hours(24 * 300));
    ASSERT_THAT(installation_->Call<directory::v1::RoleHolder>(
                    agency_->Administrator(), "fosterwatch.directory.v1.DirectoryService",
                    "AppointHolder", request),
                IsOk());
  }

  template <typename Response = Allegation>
  static absl::StatusOr<Response> Call(const Person& person, const std::string& method,
                                       const google::protobuf::Message& request,
                                       const char* service = kAllegations) {
    return installation_->Call<Response>(person, service, method, request);
  }
  // As somebody who may, and with success.
  static Allegation Do(const std::string& method, const google::protobuf::Message& request) {
    const auto answer = Call(agency_->RegisteredManager(), method, request);
    EXPECT_THAT(answer, IsOk()) << method << ": " << answer.status();
    return answer.value_or(Allegation());
  }

  static v1::ReceiveAllegationRequest Receiving(absl::Duration known = absl::Minutes(30)) {
    v1::ReceiveAllegationRequest request;
    auto* report = request.mutable_report();
    report->set_carer_id("F-1");
    report->set_child_id("C-1");
    report->add_grounds(v1::GROUND_HARM);
    report->set_informant(v1::INFORMANT_CHILD);
    *report->mutable_became_aware_time() = Ago(known);
    report->set_summary("what the child said");
    return request;
  }
  static Allegation Received(absl::Duration known = absl::Minutes(30)) {
    const auto answer = Call(agency_->Caseworker(), "ReceiveAllegation", Receiving(known));
    EXPECT_THAT(answer, IsOk()) << answer.status();
    return answer.value_or(Allegation());
  }
  static v1::ReferAllegationRequest Referring(const Allegation& allegation,
                                              absl::Duration ago = absl::Minutes(20)) {
    v1::ReferAllegationRequest request;
    request.set_allegation_id(allegation.allegation_id());
    *request.mutable_referred_time() = Ago(ago);
    request.set_body_id("northshire");
    request.set_officer_name("Ms Officer");
    request.set_channel(type::v1::CHANNEL_TELEPHONE);
    return request;
  }
  static v1::RecordOfficerConclusionRequest Concluding(const Allegation& allegation,
                                                       absl::Duration ago = absl::Minutes(10)) {
    v1::RecordOfficerConclusionRequest request;
    request.set_allegation_id(allegation.allegation_id());
    request.set_outcome(v1::OUTCOME_UNSUBSTANTIATED);
    *request.mutable_concluded_time() = Ago(ago);
    request.set_reasons("what was found");
    return request;
  }
  static v1::CloseAllegationRequest Closing(const Allegation& allegation) {
    v1::CloseAllegationRequest request;
    request.set_allegation_id(allegation.allegation_id());
    request.set_summary("what happened, and what was done");
    return request;
  }
  // In review, with everything done that closing asks for.
  static Allegation ReadyToClose() {
    Allegation allegation = Received();
    Do("ReferAllegation", Referring(allegation));
    allegation = Do("RecordOfficerConclusion", Concluding(allegation));
    v1::StartAgencyReviewRequest review;
    review.set_allegation_id(allegation.allegation_id());
    Do("StartAgencyReview", review);
    FollowUp(allegation);
    return Get(allegation.allegation_id());
  }
  static void CloseItem(const Allegation& allegation, const v1::ChecklistItem& item) {
    v1::CloseChecklistItemRequest close;
    close.set_allegation_id(allegation.allegation_id());
    close.set_item_id(item.action().action_id());
    close.set_evidence("minutes of the meeting");
    Do("CloseChecklistItem", close);
  }
  static void FollowUp(const Allegation& allegation) {
    for (const auto& item : allegation.checklist()) {
      if (item.code() == "LEARNING") {
        v1::RecordLearningRequest learning;
        learning.set_allegation_id(allegation.allegation_id());
        learning.set_learning("see children alone");
        learning.set_action("put it into the form for visits");
        learning.set_action_owner_id(agency_->TeamManager().person_id);
        const Allegation learnt = Do("RecordLearning", learning);
        CloseItem(learnt, *learnt.checklist().rbegin());
        continue;
      }
      CloseItem(allegation, item);
    }
    for (const auto& telling : allegation.tellings()) {
      v1::RecordOutcomeToldRequest told;
      told.set_allegation_id(allegation.allegation_id());
      told.set_party(telling.party());
      *told.mutable_told_time() = clock::ToProto(absl::Now());
      told.set_channel(type::v1::CHANNEL_TELEPHONE);
      Do("RecordOutcomeTold", told);
    }
  }
  static Allegation Get(const std::string& allegation_id) {
    v1::GetAllegationRequest get;
    get.set_allegation_id(allegation_id);
    return Call(agency_->Caseworker(), "GetAllegation", get).value_or(Allegation());
  }
  static v1::ListAllegationsResponse List(const v1::ListAllegationsRequest& request,
                                          const Person& person = agency_->Caseworker()) {
    const auto list = Call<v1::ListAllegationsResponse>(person, "ListAllegations", request);
    EXPECT_THAT(list, IsOk()) << list.status();
    return list.value_or(v1::ListAllegationsResponse());
  }
  static std::set<std::string> IdsIn(const v1::ListAllegationsResponse& list) {
    std::set<std::string> ids;
    for (const auto& allegation : list.allegations()) ids.insert(allegation.allegation_id());
    return ids;
  }

  // How many staff alerts of that code about that record are open.
  static int OpenAlerts(const std::string& record_id, const std::string& code) {
    notifications::v1::ListAlertsRequest request;
    request.set_page_size(200);
    const auto alerts = Call<notifications::v1::ListAlertsResponse>(
        agency_->RegisteredManager(), "ListAlerts", request,
        "fosterwatch.notifications.v1.NotificationsService");
    EXPECT_THAT(alerts, IsOk()) << alerts.status();
    int open = 0;
    if (!alerts.ok()) return open;
    for (const auto& alert : alerts->alerts()) {
      open += alert.record_id() == record_id && alert.reason_code() == code &&
              alert.state() == notifications::v1::Alert::STATE_OPEN;
    }
    return open;
  }

  static int64_t Recorded() {
    auto counts = installation_->Database("allegations")
                      ->Query(
                          "SELECT (SELECT count(*) FROM ledger.fact)"
                          " + (SELECT count(*) FROM ledger.request)");
    return counts.ok() ? counts->Int(0, 0) : -1;
  }

  static std::vector<std::string> Fields(const absl::Status& status) {
    std::vector<std::string> fields;
    for (const Violation& violation : ViolationsOf(status)) fields.push_back(violation.field);
    return fields;
  }

  static Installation* installation_;
  static Agency* agency_;
  static Agency* other_;
};

Installation* AllegationsTest::installation_ = nullptr;
Agency* AllegationsTest::agency_ = nullptr;
Agency* AllegationsTest::other_ = nullptr;

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

TEST_F(AllegationsTest, AnAuditTakesWhatIsAboutWhoeverStartsItAndShowsItToOthersAlone) {
  auto request = Receiving();
  request.mutable_report()->clear_carer_id();
  request.mutable_report()->set_person_id(agency_->TeamManager().person_id);
  const auto received = Call(agency_->Caseworker(), "ReceiveAllegation", request);
  ASSERT_THAT(received, IsOk()) << received.status();
  const auto shown = [&](const v1::Audit& audit) {
    for (const auto& record : audit.records()) {
      if (record.record_id() == received->allegation_id()) return true;
    }
    return false;
  };
  v1::StartAuditRequest start;
  start.set_scope(v1::Audit::SCOPE_ACTIVE);
  const auto audit = Call<v1::Audit>(agency_->TeamManager(), "StartAudit", start, kAudits);
  ASSERT_THAT(audit, IsOk()) << audit.status();
  EXPECT_FALSE(shown(*audit));
  EXPECT_GE(audit->withheld_count(), 1);
  v1::GetAuditRequest get;
  get.set_audit_id(audit->audit_id());
  const auto others = Call<v1::Audit>(agency_->RegisteredManager(), "GetAudit", get, kAudits);
  ASSERT_THAT(others, IsOk());
  EXPECT_TRUE(shown(*others));
  const auto own = Call<v1::Audit>(agency_->TeamManager(), "GetAudit", get, kAudits);
  ASSERT_THAT(own, IsOk());
  EXPECT_FALSE(shown(*own));
  v1::GradeRecordRequest grade;
  grade.set_audit_id(audit->audit_id());
  grade.set_kind(v1::AuditedRecord::KIND_ALLEGATION);
  grade.set_record_id(received->allegation_id());
  EXPECT_THAT(Call<v1::Audit>(agency_->TeamManager(), "GradeRecord", grade, kAudits),
              HasReason("UNKNOWN_RECORD"));
  // What is not graded yet is named to whoever may see it.
  v1::CompleteAuditRequest complete;
  complete.set_audit_id(audit->audit_id());
  complete.set_summary("done");
  const std::string name = absl::StrCat("records[", received->allegation_id(), "]");
  const auto by_registered =
      Call<v1::Audit>(agency_->RegisteredManager(), "CompleteAudit", complete, kAudits);
  EXPECT_THAT(by_registered, HasReason("RECORDS_NOT_GRADED"));
  EXPECT_THAT(Fields(by_registered.status()), Contains(name));
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

TEST_F(AllegationsTest, AnAuditGradesEveryRecordAndItsFindingsAreActions) {
  Received();
  notifiable_events::v1::ReportEventRequest report;
  *report.mutable_report() =
      agency_->Report(notifiable_events::v1::EVENT_KIND_SERIOUS_ILLNESS_ACCIDENT);
  const auto event = agency_->Call(agency_->Caseworker(), "ReportEvent", report);
  ASSERT_THAT(event, IsOk());
  ASSERT_TRUE(AwaitTrue(
      [&] {
        auto rows = installation_->Database("allegations")
                        ->Query("SELECT count(*) FROM reference.event WHERE event_id = $1",
                                {event->event_id()});
        return rows.ok() && rows->Int(0, 0) == 1;
      },
      absl::Seconds(60)));
  for (const auto scope : {v1::Audit::SCOPE_ACTIVE, v1::Audit::SCOPE_LAST_12_MONTHS}) {
    v1::StartAuditRequest start;
    start.set_scope(scope);
    auto audit = Call<v1::Audit>(agency_->TeamManager(), "StartAudit", start, kAudits);
    ASSERT_THAT(audit, IsOk()) << audit.status();
    std::set<std::string> records;
    for (const auto& record : audit->records()) records.insert(record.record_id());
    EXPECT_THAT(records, Contains(event->event_id()));
    EXPECT_GT(records.size(), 1u);
    const auto form = Call<v1::AuditForm>(agency_->TeamManager(), "GetAuditForm",
                                          v1::GetAuditFormRequest(), kAudits);
    ASSERT_THAT(form, IsOk());
    v1::CompleteAuditRequest complete;
    complete.set_audit_id(audit->audit_id());
    complete.set_summary("looked at every one");
    EXPECT_THAT(Call<v1::Audit>(agency_->RegisteredManager(), "CompleteAudit", complete, kAudits),
                HasReason("RECORDS_NOT_GRADED"));
    // What is about one manager is graded by the other.
    v1::Audit started = *audit;
    const int shown = started.records_size();
    v1::GetAuditRequest get;
    get.set_audit_id(audit->audit_id());
    const auto others = Call<v1::Audit>(agency_->RegisteredManager(), "GetAudit", get, kAudits);
    ASSERT_THAT(others, IsOk());
    for (const auto& record : others->records()) {
      if (records.insert(record.record_id()).second) *started.add_records() = record;
    }
    for (int i = 0; i < started.records_size(); ++i) {
      const v1::AuditedRecord& record = started.records(i);
      v1::GradeRecordRequest grade;
      grade.set_audit_id(audit->audit_id());
      grade.set_kind(record.kind());
      grade.set_record_id(record.record_id());
      for (const auto& question : form->questions()) {
        if (!question.kinds().empty() && question.kinds(0) != record.kind()) continue;
        auto* answer = grade.add_answers();
        answer->set_question_id(question.question_id());
        answer->set_grade("MET");
      }
      if (record.record_id() == event->event_id()) {
        grade.mutable_answers(0)->set_grade("NOT_MET");
        grade.mutable_answers(0)->set_comment("nothing is written down");
        auto* finding = grade.add_findings();
        finding->set_description("write down what was done at once");
        finding->set_owner_id(agency_->Caseworker().person_id);
      }
      audit = Call<v1::Audit>(i < shown ? agency_->TeamManager() : agency_->RegisteredManager(),
                              "GradeRecord", grade, kAudits);
      ASSERT_THAT(audit, IsOk()) << audit.status();
    }
    EXPECT_EQ(audit->open_action_count(), 1);
    EXPECT_THAT(Call<v1::Audit>(agency_->RegisteredManager(), "CompleteAudit", complete, kAudits),
                IsOk());
    v1::CloseFindingRequest close;
    close.set_audit_id(audit->audit_id());
    for (const auto& record : audit->records()) {
      for (const auto& finding : record.findings()) {
        close.set_action_id(finding.action().action_id());
      }
    }
    close.set_evidence("it is written down");
    const auto closed = Call<v1::Audit>(agency_->Caseworker(), "CloseFinding", close, kAudits);
    EXPECT_THAT(closed, StatusIs(absl::StatusCode::kPermissionDenied));
    EXPECT_THAT(Call<v1::Audit>(agency_->TeamManager(), "CloseFinding", close, kAudits), IsOk());
  }
  const auto list = Call<v1::ListAuditsResponse>(agency_->RegisteredManager(), "ListAudits",
                                                 v1::ListAuditsRequest(), kAudits);
  ASSERT_THAT(list, IsOk());
  ASSERT_GE(list->audits_size(), 2);
  EXPECT_EQ(list->audits(0).open_action_count(), 0);
  EXPECT_EQ(list->audits(0).graded_count(), list->audits(0).record_count());
}

TEST_F(AllegationsTest, BadInputIsNamedAndLeavesNothing) {
  const Allegation received = Received();
  const Allegation concluded = [] {
    const Allegation allegation = Received();
    Do("ReferAllegation", Referring(allegation));
    return Do("RecordOfficerConclusion", Concluding(allegation));
  }();
  const std::string id = concluded.allegation_id();
  google::protobuf::Timestamp impossible;
  impossible.set_nanos(-1);
  struct Case {
    const char* what;
    const char* method;
    std::shared_ptr<google::protobuf::Message> request;
    const char* field;
    const char* reason;
  };
  std::vector<Case> cases;
  const auto bad = [&](const char* what, const char* method, auto request, const char* field,
                       const char* reason, auto edit) {
    edit(request);
    cases.push_back({what, method, std::make_shared<decltype(request)>(request), field, reason});
  };
  bad("about nobody", "ReceiveAllegation", Receiving(), "report.carer_id", "REQUIRED",
      [](auto& r) { r.mutable_report()->clear_carer_id(); });
  bad("about a stranger", "ReceiveAllegation", Receiving(), "report.carer_id", "UNKNOWN_CARER",
      [](auto& r) { r.mutable_report()->set_carer_id("nobody"); });
  bad("a child nobody knows", "ReceiveAllegation", Receiving(), "report.child_id", "UNKNOWN_CHILD",
      [](auto& r) { r.mutable_report()->set_child_id("nobody"); });
  bad("a ground that is none", "ReceiveAllegation", Receiving(), "report.grounds[0]",
      "UNKNOWN_ENUM_VALUE",
      [](auto& r) { r.mutable_report()->set_grounds(0, static_cast<v1::Ground>(99)); });
  bad("known at no moment", "ReceiveAllegation", Receiving(), "report.became_aware_time",
      "INVALID_TIME",
      [&](auto& r) { *r.mutable_report()->mutable_became_aware_time() = impossible; });
  bad("a long summary", "ReceiveAllegation", Receiving(), "report.summary", "TEXT_TOO_LONG",
      [](auto& r) { r.mutable_report()->set_summary(std::string(20'001, 'x')); });
  bad("referred to nobody", "ReferAllegation", Referring(received), "officer_name", "REQUIRED",
      [](auto& r) { r.clear_officer_name(); });
  bad("a body that is none", "ReferAllegation", Referring(received), "body_id", "UNKNOWN_BODY",
      [](auto& r) { r.set_body_id("police"); });
  bad("referred tomorrow", "ReferAllegation", Referring(received), "referred_time", "IN_THE_FUTURE",
      [](auto& r) { *r.mutable_referred_time() = Ago(-absl::Hours(24)); });
  v1::CloseChecklistItemRequest item;
  item.set_allegation_id(id);
  item.set_item_id(concluded.checklist(0).action().action_id());
  bad("no evidence", "CloseChecklistItem", item, "evidence", "REQUIRED", [](auto&) {});
  v1::AddChecklistItemRequest add;
  add.set_allegation_id(id);
  add.set_description("speak with the school");
  bad("owned by nobody", "AddChecklistItem", add, "owner_id", "NO_ROLE_HOLDER", [](auto&) {});
  v1::AssignChecklistItemRequest assign;
  assign.set_allegation_id(id);
  assign.set_item_id(concluded.checklist(0).action().action_id());
  bad("given to nobody", "AssignChecklistItem", assign, "owner_id", "NO_ROLE_HOLDER", [](auto&) {});
  v1::RecordOutcomeToldRequest told;
  told.set_allegation_id(id);
  told.set_party("CHILD");
  told.set_not_told(true);
  bad("not told for no reason", "RecordOutcomeTold", told, "reason", "REQUIRED", [](auto&) {});
  v1::RecordLearningRequest learning;
  learning.set_allegation_id(id);
  bad("nothing learnt", "RecordLearning", learning, "learning", "REQUIRED", [](auto&) {});
  v1::LinkAllegationRequest link;
  link.set_allegation_id(id);
  link.mutable_link()->set_kind(v1::Link::KIND_EVENT);
  bad("a link to nothing", "LinkAllegation", link, "link.id", "INVALID_ID", [](auto&) {});
  v1::AmendAllegationRequest amend;
  amend.set_allegation_id(id);
  amend.set_reason("so");
  bad("nothing added", "AmendAllegation", amend, "addition", "REQUIRED", [](auto&) {});
  v1::ListAllegationsRequest list;
  bad("a page of less than none", "ListAllegations", list, "page_size", "NEGATIVE_PAGE_SIZE",
      [](auto& r) { r.set_page_size(-1); });
  bad("a token of another list", "ListAllegations", list, "page_token", "INVALID_PAGE_TOKEN",
      [](auto& r) { r.set_page_token("x"); });
  const int64_t before = Recorded();
  for (const Case& c : cases) {
    const auto refused = Call(agency_->RegisteredManager(), c.method, *c.request);
    EXPECT_THAT(refused, StatusIs(absl::StatusCode::kInvalidArgument)) << c.what;
    EXPECT_THAT(refused, HasReason(c.reason)) << c.what;
    EXPECT_THAT(Fields(refused.status()), ::testing::ElementsAre(c.field)) << c.what;
  }
  // What is not there, or is another agency's, is not found by any method.
  const std::vector<std::pair<const char*, std::shared_ptr<google::protobuf::Message>>> writes = {
      {"AmendAllegation", std::make_shared<v1::AmendAllegationRequest>()},
      {"LinkAllegation", std::make_shared<v1::LinkAllegationRequest>()},
      {"ReferAllegation", std::make_shared<v1::ReferAllegationRequest>()},
      {"RecordStrategyMeeting", std::make_shared<v1::RecordStrategyMeetingRequest>()},
      {"StartInvestigation", std::make_shared<v1::StartInvestigationRequest>()},
      {"RecordOfficerConclusion", std::make_shared<v1::RecordOfficerConclusionRequest>()},
      {"StartAgencyReview", std::make_shared<v1::StartAgencyReviewRequest>()},
      {"CloseChecklistItem", std::make_shared<v1::CloseChecklistItemRequest>()},
      {"AssignChecklistItem", std::make_shared<v1::AssignChecklistItemRequest>()},
      {"AddChecklistItem", std::make_shared<v1::AddChecklistItemRequest>()},
      {"RecordOutcomeTold", std::make_shared<v1::RecordOutcomeToldRequest>()},
      {"RecordLearning", std::make_shared<v1::RecordLearningRequest>()},
      {"CloseAllegation", std::make_shared<v1::CloseAllegationRequest>()},
      {"ReopenAllegation", std::make_shared<v1::ReopenAllegationRequest>()},
      {"GetAllegation", std::make_shared<v1::GetAllegationRequest>()},
      {"ExplainDueTime", std::make_shared<v1::ExplainDueTimeRequest>()},
  };
  for (const auto& [method, request] : writes) {
    const auto* field = request->GetDescriptor()->FindFieldByName("allegation_id");
    ASSERT_NE(field, nullptr) << method;
    for (const std::string& nowhere : {std::string(), std::string("no-such"), id}) {
      request->GetReflection()->SetString(request.get(), field, nowhere);
      const Person person =
          nowhere == id ? other_->RegisteredManager() : agency_->RegisteredManager();
      EXPECT_THAT(Call(person, method, *request), StatusIs(absl::StatusCode::kNotFound))
          << method << " of " << nowhere;
    }
    EXPECT_THAT(Call(agency_->Publisher(), method, *request),
                StatusIs(absl::StatusCode::kPermissionDenied))
        << method;
  }
  EXPECT_THAT(Call(agency_->TeamManager(), "CloseAllegation", Closing(concluded)),
              StatusIs(absl::StatusCode::kPermissionDenied));
  EXPECT_EQ(Recorded(), before);
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
