// Reporting beside the whole report, by the real binary: in a hurry at night, what was reported
// before, what was reported in error, what came to be known later, and what was decided not to be
// notified. First the stories, then what bad input gets.
#include <functional>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "fosterwatch/kpis/v1/kpis_service.pb.h"
#include "fosterwatch/notifiable_events/v1/decision_service.pb.h"
#include "fosterwatch/notifiable_events/v1/reporting.pb.h"
#include "libs/clock/proto_time.h"
#include "libs/status/error.h"
#include "libs/testing/await.h"
#include "libs/testing/status_matchers.h"
#include "tests/support/agency.h"
#include "tests/support/installation.h"

namespace fosterwatch::notifiable_events {
namespace {

using ::fosterwatch::testing::Agency;
using ::fosterwatch::testing::AwaitTrue;
using ::fosterwatch::testing::HasReason;
using ::fosterwatch::testing::Installation;
using ::fosterwatch::testing::IsOk;
using ::fosterwatch::testing::Person;
using ::fosterwatch::testing::StatusIs;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;
using v1::Decision;
using v1::NotifiableEvent;

constexpr char kDecisions[] = "fosterwatch.notifiable_events.v1.DecisionService";

absl::Time Utc(const std::string& text) {
  absl::Time time;
  std::string error;
  EXPECT_TRUE(absl::ParseTime(absl::RFC3339_full, text, &time, &error)) << error;
  return time;
}

class ReportingTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    installation_ = new Installation({});
    installation_->Start();
    ASSERT_TRUE(installation_->AwaitReady()) << installation_->process().Output();
    agency_ = new Agency(installation_, "agency-a");
    other_ = new Agency(installation_, "agency-b");
  }
  static void TearDownTestSuite() {
    delete other_;
    delete agency_;
    delete installation_;
  }

  static Person Deputy() { return {agency_->id(), "deputy-1", {options::v1::ROLE_DEPUTY_MANAGER}}; }
  static NotifiableEvent Report(v1::EventKind kind) {
    v1::ReportEventRequest request;
    *request.mutable_report() = agency_->Report(kind);
    auto event = agency_->Call(agency_->Caseworker(), "ReportEvent", request);
    EXPECT_THAT(event, IsOk());
    return event.ok() ? *event : NotifiableEvent();
  }
  // The same again, a little later.
  static v1::ReportEventRequest Again(const NotifiableEvent& event) {
    v1::ReportEventRequest request;
    auto* report = request.mutable_report();
    *report->mutable_kinds() = event.report().kinds();
    report->set_child_id(event.report().child_id());
    *report->mutable_became_aware_time() = event.report().became_aware_time();
    *report->mutable_occurred_time() =
        clock::ToProto(clock::FromProto(event.report().occurred_time()) + absl::Minutes(10));
    report->set_summary("The same evening, told by somebody else.");
    return request;
  }
  // Each of another hour of a day long ago, unlike each other.
  static v1::ReportProvisionalEventRequest Hurry() {
    v1::ReportProvisionalEventRequest request;
    request.set_kind(v1::EVENT_KIND_SERIOUS_ILLNESS_ACCIDENT);
    request.set_child_id("C-2");
    request.set_summary("Taken to hospital.");
    *request.mutable_became_aware_time() =
        clock::ToProto(Utc("2024-01-10T03:00:00Z") + hurries_++ * absl::Hours(48));
    return request;
  }
  static NotifiableEvent Provisional() {
    auto event = agency_->Call(agency_->Caseworker(), "ReportProvisionalEvent", Hurry());
    EXPECT_THAT(event, IsOk());
    return event.ok() ? *event : NotifiableEvent();
  }
  static v1::RecordDecisionRequest NotToNotify() {
    v1::RecordDecisionRequest request;
    request.add_kinds(v1::EVENT_KIND_SERIOUS_ILLNESS_ACCIDENT);
    request.set_child_id("C-1");
    const v1::EventReport report = agency_->Report(v1::EVENT_KIND_SERIOUS_ILLNESS_ACCIDENT);
    *request.mutable_occurred_time() = report.occurred_time();
    *request.mutable_became_aware_time() = report.became_aware_time();
    request.set_summary("A cut on the hand.");
    request.set_reason("Dressed at home; no hospital.");
    return request;
  }
  template <typename Response>
  static absl::StatusOr<Response> Decisions(const Person& person, const std::string& method,
                                            const google::protobuf::Message& request) {
    return installation_->Call<Response>(person, kDecisions, method, request);
  }
  static absl::StatusOr<NotifiableEvent> Get(const std::string& event_id) {
    v1::GetEventRequest get;
    get.set_event_id(event_id);
    return agency_->Call(agency_->Caseworker(), "GetEvent", get);
  }
  static int64_t Recorded() {
    auto counts = installation_->Database("notifiable_events")
                      ->Query(
                          "SELECT (SELECT count(*) FROM ledger.fact"
                          "        WHERE name NOT IN ('duty_overdue', 'notice_attempted'))"
                          " + (SELECT count(*) FROM ledger.request)"
                          " + (SELECT count(*) FROM view.event)"
                          " + (SELECT count(*) FROM view.decision)");
    return counts.ok() ? counts->Int(0, 0) : -1;
  }
  static int64_t OpenEvents() {
    auto open = installation_->Database("notifiable_events")
                    ->Query("SELECT count(*) FROM view.event WHERE agency_id = $1 AND state = 1",
                            {agency_->id()});
    return open.ok() ? open->Int(0, 0) : -1;
  }
  static double Figure(const std::string& code) {
    kpis::v1::ListKpisRequest request;
    auto list = installation_->Call<kpis::v1::ListKpisResponse>(
        agency_->RegisteredManager(), "fosterwatch.kpis.v1.KpisService", "ListKpis", request);
    if (!list.ok()) return -1;
    for (const auto& kpi : list->kpis()) {
      if (kpi.definition().code() == code) return kpi.current().value();
    }
    return -1;
  }

  static Installation* installation_;
  static Agency* agency_;
  static Agency* other_;
  static int hurries_;
};

Installation* ReportingTest::installation_ = nullptr;
Agency* ReportingTest::agency_ = nullptr;
Agency* ReportingTest::other_ = nullptr;
int ReportingTest::hurries_ = 0;

// ---- Stories ----

TEST_F(ReportingTest, AtThreeInTheNightWhenClocksGoBackTheDueTimeIsTwentyFourHoursOfAnyClock) {
  // 01:30 in London was twice in the night to 25 October 2026; the agency knew at the first one.
  v1::ReportProvisionalEventRequest request;
  request.set_kind(v1::EVENT_KIND_SERIOUS_ILLNESS_ACCIDENT);
  request.set_child_id("C-2");
  request.set_summary("Taken to hospital by the duty carer.");
  *request.mutable_became_aware_time() = clock::ToProto(Utc("2026-10-25T00:30:00Z"));
  auto event = agency_->Call(agency_->Caseworker(), "ReportProvisionalEvent", request);
  ASSERT_THAT(event, IsOk());
  ASSERT_GT(event->notices_size(), 0);
  for (const v1::Notice& notice : event->notices()) {
    EXPECT_EQ(clock::FromProto(notice.due_time()), Utc("2026-10-26T00:30:00Z"));
  }
  EXPECT_FALSE(event->provisional().completion_id().empty());
  EXPECT_TRUE(AwaitTrue([&] {
    auto alerts =
        installation_->Database("notifications")
            ->Query("SELECT 1 FROM view.alert WHERE subject_id = $1", {event->event_id()});
    return alerts.ok() && alerts->rows() > 0;
  })) << "somebody is alerted as by any report";
  v1::GetNoticeContentRequest content;
  content.set_event_id(event->event_id());
  content.add_notice_ids(event->notices(0).notice_id());
  auto text = agency_->Call<v1::NoticeContent>(agency_->TeamManager(), "GetNoticeContent", content);
  ASSERT_THAT(text, IsOk());
  EXPECT_THAT(text->body(), HasSubstr("It is provisional"));

  v1::SignOffEventRequest sign_off;
  sign_off.set_event_id(event->event_id());
  sign_off.set_stage(v1::SignOff::STAGE_MANAGER);
  EXPECT_THAT(agency_->Call(agency_->TeamManager(), "SignOffEvent", sign_off),
              HasReason("PROVISIONAL"));

  // In the morning it turns out that the night duty had known at once, 20 minutes before.
  v1::CompleteReportRequest complete;
  complete.set_event_id(event->event_id());
  auto* report = complete.mutable_report();
  *report->mutable_occurred_time() = clock::ToProto(Utc("2026-10-25T00:05:00Z"));
  *report->mutable_became_aware_time() = clock::ToProto(Utc("2026-10-25T00:10:00Z"));
  report->set_place("The carers' home");
  auto whole = agency_->Call(agency_->Caseworker(), "CompleteReport", complete);
  ASSERT_THAT(whole, IsOk());
  EXPECT_EQ(whole->report().summary(), request.summary()) << "what was first said stays";
  EXPECT_EQ(whole->provisional().completed_by(), "caseworker-1");
  for (const v1::Notice& notice : whole->notices()) {
    EXPECT_EQ(clock::FromProto(notice.due_time()), Utc("2026-10-26T00:10:00Z"));
    EXPECT_EQ(clock::FromProto(notice.explanation().trigger_time()), Utc("2026-10-25T00:10:00Z"));
  }
  EXPECT_THAT(agency_->Call(agency_->Caseworker(), "CompleteReport", complete),
              HasReason("COMPLETED_BEFORE"));
  EXPECT_THAT(agency_->Call(agency_->TeamManager(), "SignOffEvent", sign_off), IsOk());
}

TEST_F(ReportingTest, WhoReportsWhatWasReportedBeforeIsAskedAndSaysWhichItIs) {
  const NotifiableEvent first = Report(v1::EVENT_KIND_CHILD_MISSING);
  v1::ReportEventRequest again = Again(first);
  again.set_request_id("again");
  const int64_t before = Recorded();
  const auto asked = agency_->Call(agency_->TeamManager(), "ReportEvent", again);
  EXPECT_THAT(asked, StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_THAT(asked, HasReason("SIMILAR_EVENT"));
  const std::vector<Violation> violations = ViolationsOf(asked.status());
  ASSERT_THAT(violations, SizeIs(1));
  EXPECT_EQ(violations[0].field, absl::StrCat("similar_events[", first.event_id(), "]"));
  EXPECT_EQ(Recorded(), before);

  again.add_new_besides_event_ids(first.event_id());
  const auto another = agency_->Call(agency_->TeamManager(), "ReportEvent", again);
  ASSERT_THAT(another, IsOk());
  EXPECT_EQ(another->possible_repeats().answer(), v1::RepeatQuestion::ANSWER_NEW);
  EXPECT_EQ(another->possible_repeats().decided_by(), "team-manager-1");
  // Of another child it is no question at all.
  v1::ReportEventRequest other = Again(first);
  other.mutable_report()->set_child_id("C-2");
  EXPECT_THAT(agency_->Call(agency_->TeamManager(), "ReportEvent", other), IsOk());
}

TEST_F(ReportingTest, WhatACaseSystemReportsTwiceIsRecordedAndAPersonDecides) {
  const NotifiableEvent first = Report(v1::EVENT_KIND_SERIOUS_ILLNESS_ACCIDENT);
  auto second = agency_->Call(agency_->Publisher(), "ReportEvent", Again(first));
  ASSERT_THAT(second, IsOk());
  EXPECT_THAT(second->possible_repeats().event_ids(), ElementsAre(first.event_id()));
  EXPECT_EQ(second->possible_repeats().answer(), v1::RepeatQuestion::ANSWER_UNSPECIFIED);
  EXPECT_EQ(second->notices_size(), first.notices_size()) << "its notices are owed meanwhile";
  const int64_t open = OpenEvents();
  EXPECT_TRUE(AwaitTrue([&] { return Figure("NE3") == open; })) << Figure("NE3");

  v1::DecideRepeatRequest decide;
  decide.set_event_id(second->event_id());
  decide.set_answer(v1::RepeatQuestion::ANSWER_SAME);
  decide.set_same_as_event_id(first.event_id());
  decide.set_reason("The school and the carer both told of it.");
  EXPECT_THAT(agency_->Call(agency_->Caseworker(), "DecideRepeat", decide),
              StatusIs(absl::StatusCode::kPermissionDenied));
  auto decided = agency_->Call(agency_->TeamManager(), "DecideRepeat", decide);
  ASSERT_THAT(decided, IsOk());
  EXPECT_EQ(decided->state(), NotifiableEvent::STATE_WITHDRAWN);
  EXPECT_EQ(decided->withdrawal().repeat_of_event_id(), first.event_id());
  for (const v1::Notice& notice : decided->notices()) {
    EXPECT_EQ(notice.state(), v1::Notice::STATE_FALLEN_AWAY);
  }
  EXPECT_EQ(Get(first.event_id())->state(), NotifiableEvent::STATE_OPEN);
  EXPECT_THAT(agency_->Call(agency_->TeamManager(), "DecideRepeat", decide),
              HasReason("DECIDED_BEFORE"));
  EXPECT_EQ(OpenEvents(), open - 1);
  EXPECT_TRUE(AwaitTrue([&] { return Figure("NE3") == open - 1; }))
      << "no event in the figures any more: " << Figure("NE3") << " of " << open;

  // What was withdrawn is compared with no more; what a person calls new stays.
  auto third = agency_->Call(agency_->Publisher(), "ReportEvent", Again(first));
  ASSERT_THAT(third, IsOk());
  EXPECT_THAT(third->possible_repeats().event_ids(), ElementsAre(first.event_id()));
  decide.set_event_id(third->event_id());
  decide.set_answer(v1::RepeatQuestion::ANSWER_NEW);
  decide.clear_same_as_event_id();
  decided = agency_->Call(Deputy(), "DecideRepeat", decide);
  ASSERT_THAT(decided, IsOk());
  EXPECT_EQ(decided->state(), NotifiableEvent::STATE_OPEN);
}

TEST_F(ReportingTest, WhatWasReportedInErrorIsWithdrawnAndStaysReadable) {
  const NotifiableEvent event = Report(v1::EVENT_KIND_INFECTIOUS_DISEASE);
  v1::GiveNoticeRequest give;
  give.set_event_id(event.event_id());
  give.set_notice_id(event.notices(0).notice_id());
  give.set_channel(type::v1::CHANNEL_TELEPHONE);
  give.set_reference("REF-1");
  ASSERT_THAT(agency_->Call(agency_->Caseworker(), "GiveNotice", give), IsOk());
  v1::WithdrawEventRequest withdraw;
  withdraw.set_event_id(event.event_id());
  withdraw.set_reason("Another child's test result.");
  EXPECT_THAT(agency_->Call(agency_->Caseworker(), "WithdrawEvent", withdraw),
              StatusIs(absl::StatusCode::kPermissionDenied));
  auto withdrawn = agency_->Call(agency_->TeamManager(), "WithdrawEvent", withdraw);
  ASSERT_THAT(withdrawn, IsOk());
  EXPECT_EQ(withdrawn->report().summary(), event.report().summary());
  std::multiset<int> states;
  for (const v1::Notice& notice : withdrawn->notices()) states.insert(notice.state());
  EXPECT_EQ(states.count(v1::Notice::STATE_GIVEN), 1u) << "what was told stays told";
  EXPECT_EQ(states.count(v1::Notice::STATE_OWED), 0u);
  give.set_notice_id(event.notices(1).notice_id());
  EXPECT_THAT(agency_->Call(agency_->Caseworker(), "GiveNotice", give),
              HasReason("NOTICE_FALLEN_AWAY"));
  EXPECT_THAT(agency_->Call(agency_->TeamManager(), "WithdrawEvent", withdraw),
              HasReason("EVENT_WITHDRAWN"));
  v1::ListEventsRequest list;
  list.set_state(NotifiableEvent::STATE_WITHDRAWN);
  list.set_kind(v1::EVENT_KIND_INFECTIOUS_DISEASE);
  auto page = agency_->Call<v1::ListEventsResponse>(agency_->Caseworker(), "ListEvents", list);
  ASSERT_THAT(page, IsOk());
  ASSERT_THAT(page->events(), SizeIs(1)) << "withdrawn, and visible";
  EXPECT_EQ(page->events(0).notice_count(), 1);

  // Late evidence is an addition in any state.
  v1::AddEvidenceRequest add;
  add.set_event_id(event.event_id());
  add.set_text("The laboratory has confirmed the mix-up.");
  auto added = agency_->Call(agency_->Caseworker(), "AddEvidence", add);
  ASSERT_THAT(added, IsOk());
  EXPECT_EQ(added->evidence(0).added_by(), "caseworker-1");
  EXPECT_EQ(added->notices_size(), withdrawn->notices_size());
  EXPECT_EQ(added->timeline().rbegin()->fact(), "evidence_added");
}

TEST_F(ReportingTest, ADecisionNotToNotifyIsAgreedToByAnotherAndReversedByAReport) {
  auto decision = Decisions<Decision>(agency_->Caseworker(), "RecordDecision", NotToNotify());
  ASSERT_THAT(decision, IsOk());
  EXPECT_EQ(decision->state(), Decision::STATE_TO_AGREE);
  EXPECT_EQ(decision->decided_by(), "caseworker-1");
  v1::AgreeDecisionRequest agree;
  agree.set_decision_id(decision->decision_id());
  agree.set_comment("Seen.");
  EXPECT_THAT(Decisions<Decision>(agency_->TeamManager(), "AgreeDecision", agree),
              StatusIs(absl::StatusCode::kPermissionDenied));
  auto agreed = Decisions<Decision>(Deputy(), "AgreeDecision", agree);
  ASSERT_THAT(agreed, IsOk());
  EXPECT_EQ(agreed->agreed_by(), "deputy-1");
  EXPECT_THAT(Decisions<Decision>(agency_->RegisteredManager(), "AgreeDecision", agree),
              HasReason("AGREED_BEFORE"));
  // Nobody agrees to their own, whatever their role.
  auto own = Decisions<Decision>(agency_->RegisteredManager(), "RecordDecision", NotToNotify());
  ASSERT_THAT(own, IsOk());
  agree.set_decision_id(own->decision_id());
  EXPECT_THAT(Decisions<Decision>(agency_->RegisteredManager(), "AgreeDecision", agree),
              HasReason("OWN_DECISION"));

  v1::ReportEventRequest report;
  report.set_from_decision_id(decision->decision_id());
  *report.mutable_report() = agency_->Report(v1::EVENT_KIND_SERIOUS_ILLNESS_ACCIDENT);
  report.mutable_report()->set_child_id("C-2");
  const int64_t before = Recorded();
  EXPECT_THAT(agency_->Call(agency_->Caseworker(), "ReportEvent", report),
              HasReason("OTHER_SUBJECT"));
  EXPECT_EQ(Recorded(), before) << "neither the event nor the reversal";
  report.mutable_report()->set_child_id("C-1");
  auto event = agency_->Call(agency_->Caseworker(), "ReportEvent", report);
  ASSERT_THAT(event, IsOk());
  EXPECT_EQ(event->from_decision_id(), decision->decision_id());
  v1::GetDecisionRequest get;
  get.set_decision_id(decision->decision_id());
  auto reversed = Decisions<Decision>(agency_->Caseworker(), "GetDecision", get);
  ASSERT_THAT(reversed, IsOk());
  EXPECT_EQ(reversed->state(), Decision::STATE_REVERSED);
  EXPECT_EQ(reversed->event_id(), event->event_id());
  EXPECT_EQ(reversed->reason(), "Dressed at home; no hospital.");

  v1::ListDecisionsRequest list;
  list.set_state(Decision::STATE_TO_AGREE);
  auto open = Decisions<v1::ListDecisionsResponse>(agency_->Caseworker(), "ListDecisions", list);
  ASSERT_THAT(open, IsOk());
  std::set<std::string> listed;
  for (const Decision& each : open->decisions()) listed.insert(each.decision_id());
  EXPECT_THAT(listed, Contains(own->decision_id()));
  EXPECT_THAT(listed, Not(Contains(decision->decision_id())));
  list.set_overdue_only(true);
  EXPECT_THAT(Decisions<v1::ListDecisionsResponse>(agency_->Caseworker(), "ListDecisions", list)
                  ->decisions(),
              IsEmpty());
  // Another agency sees none of it.
  get.set_decision_id(own->decision_id());
  EXPECT_THAT(Decisions<Decision>(other_->Caseworker(), "GetDecision", get),
              StatusIs(absl::StatusCode::kNotFound));
  agree.set_decision_id(own->decision_id());
  EXPECT_THAT(Decisions<Decision>(other_->RegisteredManager(), "AgreeDecision", agree),
              StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(Decisions<v1::ListDecisionsResponse>(other_->Caseworker(), "ListDecisions",
                                                   v1::ListDecisionsRequest())
                  ->decisions(),
              IsEmpty());
  // What was said is sealed.
  auto stored = installation_->Database("notifiable_events")
                    ->Query("SELECT payload FROM ledger.fact WHERE name = 'decision_recorded'");
  ASSERT_THAT(stored, IsOk());
  for (int row = 0; row < stored->rows(); ++row) {
    EXPECT_THAT(stored->Text(row, 0), Not(HasSubstr("Dressed")));
  }
}

// ---- What bad input gets ----

TEST_F(ReportingTest, AWrongProvisionalReportNamesTheFieldAndLeavesNothing) {
  using Request = v1::ReportProvisionalEventRequest;
  struct Case {
    const char* what;
    const char* reason;
    const char* field;
    std::function<void(Request&)> spoil;
  };
  const Case cases[] = {
      {"unknown kind", "UNKNOWN_ENUM_VALUE", "kind",
       [](auto& r) { r.set_kind(static_cast<v1::EventKind>(99)); }},
      {"no kind", "REQUIRED", "kind", [](auto& r) { r.clear_kind(); }},
      {"no child", "REQUIRED", "child_id", [](auto& r) { r.clear_child_id(); }},
      {"unknown child", "UNKNOWN_CHILD", "child_id", [](auto& r) { r.set_child_id("C-999"); }},
      {"unknown carer", "UNKNOWN_CARER", "carer_id", [](auto& r) { r.set_carer_id("F-999"); }},
      {"nothing happened", "REQUIRED", "summary", [](auto& r) { r.set_summary(" "); }},
      {"too much happened", "TEXT_TOO_LONG", "summary",
       [](auto& r) { r.set_summary(std::string(20'001, 'x')); }},
      {"in the future", "IN_THE_FUTURE", "became_aware_time",
       [](auto& r) {
         *r.mutable_became_aware_time() = clock::ToProto(absl::Now() + absl::Hours(2));
       }},
      {"no moment", "INVALID_TIME", "became_aware_time",
       [](auto& r) { r.mutable_became_aware_time()->set_nanos(-5); }},
      {"a text that is none", "INVALID_TEXT", "summary",
       [](auto& r) { r.set_summary(std::string("with a NUL \0 inside", 19)); }},
  };
  for (const Case& c : cases) {
    Request request = Hurry();
    c.spoil(request);
    const int64_t before = Recorded();
    auto refused = agency_->Call(agency_->Caseworker(), "ReportProvisionalEvent", request);
    EXPECT_THAT(refused, StatusIs(absl::StatusCode::kInvalidArgument)) << c.what;
    EXPECT_THAT(refused, HasReason(c.reason)) << c.what;
    const std::vector<Violation> violations = ViolationsOf(refused.status());
    ASSERT_FALSE(violations.empty()) << c.what;
    EXPECT_EQ(violations[0].field, c.field) << c.what;
    EXPECT_EQ(Recorded(), before) << c.what;
  }
}

TEST_F(ReportingTest, WhatIsWrongWithAnAdditionIsNamedAndLeavesNothing) {
  const NotifiableEvent provisional = Provisional();
  const NotifiableEvent whole = Report(v1::EVENT_KIND_CHILD_MISSING);
  const std::string long_text(20'001, 'x');
  const auto refused = [](const std::string& method, const google::protobuf::Message& request,
                          absl::StatusCode code, const std::string& reason,
                          const std::string& field = "") {
    const int64_t before = Recorded();
    const auto answer = agency_->Call(agency_->TeamManager(), method, request);
    EXPECT_THAT(answer, StatusIs(code)) << method << " " << reason;
    EXPECT_THAT(answer, HasReason(reason)) << method;
    if (!field.empty()) {
      const std::vector<Violation> violations = ViolationsOf(answer.status());
      ASSERT_FALSE(violations.empty()) << method << " " << reason;
      EXPECT_EQ(violations[0].field, field) << method << " " << reason;
    }
    EXPECT_EQ(Recorded(), before) << method << " " << reason;
  };
  constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;
  constexpr auto kNotNow = absl::StatusCode::kFailedPrecondition;
  constexpr auto kNotFound = absl::StatusCode::kNotFound;

  v1::CompleteReportRequest complete;
  complete.set_event_id("01890000-0000-7000-8000-000000000000");
  refused("CompleteReport", complete, kNotFound, "NOT_FOUND");
  complete.set_event_id(whole.event_id());
  *complete.mutable_report()->mutable_occurred_time() = whole.report().occurred_time();
  refused("CompleteReport", complete, kNotNow, "NOT_PROVISIONAL");
  complete.set_event_id(provisional.event_id());
  complete.clear_report();
  refused("CompleteReport", complete, kInvalid, "REQUIRED", "report.occurred_time");
  *complete.mutable_report()->mutable_occurred_time() = provisional.report().occurred_time();
  *complete.mutable_report()->mutable_became_aware_time() =
      clock::ToProto(clock::FromProto(provisional.report().became_aware_time()) + absl::Hours(1));
  refused("CompleteReport", complete, kInvalid, "LATER_THAN_FIRST_SAID",
          "report.became_aware_time");
  complete.mutable_report()->clear_became_aware_time();
  complete.mutable_report()->set_child_id("C-1");
  refused("CompleteReport", complete, kInvalid, "CANNOT_CHANGE", "report.child_id");

  v1::DecideRepeatRequest decide;
  decide.set_event_id("01890000-0000-7000-8000-000000000000");
  refused("DecideRepeat", decide, kNotFound, "NOT_FOUND");
  decide.set_event_id(whole.event_id());
  refused("DecideRepeat", decide, kNotNow, "NO_SUCH_QUESTION");
  auto repeat = agency_->Call(agency_->Publisher(), "ReportEvent", Again(whole));
  ASSERT_THAT(repeat, IsOk());
  decide.set_event_id(repeat->event_id());
  refused("DecideRepeat", decide, kInvalid, "REQUIRED", "answer");
  decide.set_answer(v1::RepeatQuestion::ANSWER_SAME);
  refused("DecideRepeat", decide, kInvalid, "REQUIRED", "same_as_event_id");
  decide.set_same_as_event_id(provisional.event_id());
  refused("DecideRepeat", decide, kInvalid, "NOT_RESEMBLED", "same_as_event_id");
  decide.set_same_as_event_id(whole.event_id());
  refused("DecideRepeat", decide, kInvalid, "REQUIRED", "reason");
  decide.set_reason(long_text);
  refused("DecideRepeat", decide, kInvalid, "TEXT_TOO_LONG", "reason");

  v1::WithdrawEventRequest withdraw;
  withdraw.set_event_id("01890000-0000-7000-8000-000000000000");
  refused("WithdrawEvent", withdraw, kNotFound, "NOT_FOUND");
  withdraw.set_event_id(whole.event_id());
  refused("WithdrawEvent", withdraw, kInvalid, "REQUIRED", "reason");
  withdraw.set_reason(long_text);
  refused("WithdrawEvent", withdraw, kInvalid, "TEXT_TOO_LONG", "reason");

  v1::AddEvidenceRequest evidence;
  evidence.set_event_id("01890000-0000-7000-8000-000000000000");
  refused("AddEvidence", evidence, kNotFound, "NOT_FOUND");
  evidence.set_event_id(whole.event_id());
  refused("AddEvidence", evidence, kInvalid, "REQUIRED", "text");
  evidence.set_text("a letter");
  evidence.set_reference(std::string(201, 'x'));
  refused("AddEvidence", evidence, kInvalid, "TEXT_TOO_LONG", "reference");
}

TEST_F(ReportingTest, AWrongDecisionNamesTheFieldAndLeavesNothing) {
  using Request = v1::RecordDecisionRequest;
  struct Case {
    const char* what;
    const char* reason;
    const char* field;
    std::function<void(Request&)> spoil;
  };
  const Case cases[] = {
      {"no kind", "REQUIRED", "kinds", [](auto& r) { r.clear_kinds(); }},
      {"unknown kind", "UNKNOWN_ENUM_VALUE", "kinds[0]",
       [](auto& r) { r.set_kinds(0, static_cast<v1::EventKind>(99)); }},
      {"nobody", "REQUIRED", "child_id", [](auto& r) { r.clear_child_id(); }},
      {"unknown child", "UNKNOWN_CHILD", "child_id", [](auto& r) { r.set_child_id("C-999"); }},
      {"no moment", "REQUIRED", "occurred_time", [](auto& r) { r.clear_occurred_time(); }},
      {"in the future", "IN_THE_FUTURE", "became_aware_time",
       [](auto& r) {
         *r.mutable_became_aware_time() = clock::ToProto(absl::Now() + absl::Hours(2));
       }},
      {"nothing happened", "REQUIRED", "summary", [](auto& r) { r.clear_summary(); }},
      {"no reason", "REQUIRED", "reason", [](auto& r) { r.clear_reason(); }},
      {"too long a reason", "TEXT_TOO_LONG", "reason",
       [](auto& r) { r.set_reason(std::string(20'001, 'x')); }},
  };
  for (const Case& c : cases) {
    Request request = NotToNotify();
    c.spoil(request);
    const int64_t before = Recorded();
    auto refused = Decisions<Decision>(agency_->Caseworker(), "RecordDecision", request);
    EXPECT_THAT(refused, StatusIs(absl::StatusCode::kInvalidArgument)) << c.what;
    EXPECT_THAT(refused, HasReason(c.reason)) << c.what;
    const std::vector<Violation> violations = ViolationsOf(refused.status());
    ASSERT_FALSE(violations.empty()) << c.what;
    EXPECT_EQ(violations[0].field, c.field) << c.what;
    EXPECT_EQ(Recorded(), before) << c.what;
  }
  v1::AgreeDecisionRequest agree;
  agree.set_decision_id("01890000-0000-7000-8000-000000000000");
  EXPECT_THAT(Decisions<Decision>(Deputy(), "AgreeDecision", agree), HasReason("NOT_FOUND"));
  auto decision = Decisions<Decision>(agency_->Caseworker(), "RecordDecision", NotToNotify());
  ASSERT_THAT(decision, IsOk());
  agree.set_decision_id(decision->decision_id());
  agree.set_comment(std::string(20'001, 'x'));
  EXPECT_THAT(Decisions<Decision>(Deputy(), "AgreeDecision", agree), HasReason("TEXT_TOO_LONG"));
  v1::ListDecisionsRequest list;
  list.set_page_size(-1);
  EXPECT_THAT(Decisions<v1::ListDecisionsResponse>(agency_->Caseworker(), "ListDecisions", list),
              StatusIs(absl::StatusCode::kInvalidArgument));
  v1::ReportEventRequest report;
  *report.mutable_report() = agency_->Report(v1::EVENT_KIND_CHILD_MISSING);
  report.set_from_decision_id("01890000-0000-7000-8000-000000000000");
  EXPECT_THAT(agency_->Call(agency_->Caseworker(), "ReportEvent", report),
              HasReason("UNKNOWN_DECISION"));
}

TEST_F(ReportingTest, TheSameRequestAgainGetsTheSameAnswer) {
  v1::ReportProvisionalEventRequest hurry = Hurry();
  hurry.set_request_id("hurry");
  auto first = agency_->Call(agency_->Caseworker(), "ReportProvisionalEvent", hurry);
  ASSERT_THAT(first, IsOk());
  auto again = agency_->Call(agency_->Caseworker(), "ReportProvisionalEvent", hurry);
  ASSERT_THAT(again, IsOk()) << "its own first sending is no earlier event";
  EXPECT_EQ(again->SerializeAsString(), first->SerializeAsString());
  hurry.set_summary("Something else.");
  EXPECT_THAT(agency_->Call(agency_->Caseworker(), "ReportProvisionalEvent", hurry),
              HasReason("REQUEST_ID_REUSED"));

  v1::RecordDecisionRequest decide = NotToNotify();
  decide.set_request_id("decision");
  auto decision = Decisions<Decision>(agency_->Caseworker(), "RecordDecision", decide);
  ASSERT_THAT(decision, IsOk());
  auto repeated = Decisions<Decision>(agency_->Caseworker(), "RecordDecision", decide);
  ASSERT_THAT(repeated, IsOk());
  EXPECT_EQ(repeated->decision_id(), decision->decision_id());
}

}  // namespace
}  // namespace fosterwatch::notifiable_events
