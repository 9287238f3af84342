#include "services/notifiable_events/domain/report.h"

#include <functional>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "services/notifiable_events/domain/test_support.h"

namespace fosterwatch::notifiable_events::domain {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

absl::StatusOr<Facts> DecideCorrection(const v1::NotifiableEvent& event,
                                       const v1::CorrectEventRequest& request,
                                       const Circumstances& world = World(kAway)) {
  int last = 100;
  return Correct(event, request, kManager, OurLaw(), world, kNow,
                 [&] { return absl::StrCat("id-", ++last); });
}

TEST(Report, RecordsTheReportItsSignOffsAndItsNotices) {
  const auto facts = DecideReport(ReportRequest({v1::EVENT_KIND_CHILD_DEATH}));
  ASSERT_TRUE(facts.ok()) << facts.status();
  ASSERT_EQ(facts->size(), 2u);
  const auto& reported = (*facts)[0].event_reported();
  EXPECT_EQ(reported.event_id(), "event");
  EXPECT_EQ(reported.reporter_id(), "caseworker");
  EXPECT_TRUE(Same(reported.report(), ReportRequest({v1::EVENT_KIND_CHILD_DEATH}).report()));
  ASSERT_EQ(reported.sign_offs_size(), 2);
  EXPECT_EQ(Show(reported.sign_offs(0).due_time()), "2026-11-20T00:00:00Z");
  EXPECT_EQ(Show(reported.sign_offs(1).due_time()), "2026-11-24T00:00:00Z");
  const auto& owed = (*facts)[1].notices_owed();
  EXPECT_EQ(owed.event_id(), "event");
  EXPECT_EQ(owed.matrix_version(), OurLaw().version());
  EXPECT_EQ(owed.notices_size(), 5);
}

TEST(Report, KeepsWhereItCameFrom) {
  Ids ids;
  const Actor publisher = {"case-system", {options::v1::ROLE_PUBLISHER}};
  const auto facts = Report({}, ReportRequest({v1::EVENT_KIND_CHILD_MISSING}), "event", publisher,
                            "urn:case-system", OurLaw(), OurCalendar(), World(kAway), kNow, ids);
  ASSERT_TRUE(facts.ok()) << facts.status();
  EXPECT_EQ((*facts)[0].event_reported().source(), "urn:case-system");
  EXPECT_EQ((*facts)[0].event_reported().reporter_id(), "case-system");
}

TEST(Report, OwesOneNoticeForEachKindRecipientAndBodyOfOneIncident) {
  // The fact sheet's example: an accident, police called, an enquiry begun.
  const auto event =
      Reported({v1::EVENT_KIND_CHILD_PROTECTION_ENQUIRY, v1::EVENT_KIND_SERIOUS_ILLNESS_ACCIDENT,
                v1::EVENT_KIND_POLICE_CALLED_SERIOUS_INCIDENT});
  EXPECT_THAT(ShowNotices(event),
              ElementsAre("SERIOUS_ILLNESS_ACCIDENT CHIEF_INSPECTOR inspector",
                          "SERIOUS_ILLNESS_ACCIDENT RESPONSIBLE_AUTHORITY northshire",
                          "SERIOUS_ILLNESS_ACCIDENT AREA_AUTHORITY southshire",
                          "POLICE_CALLED_SERIOUS_INCIDENT CHIEF_INSPECTOR inspector",
                          "POLICE_CALLED_SERIOUS_INCIDENT RESPONSIBLE_AUTHORITY northshire",
                          "CHILD_PROTECTION_ENQUIRY CHIEF_INSPECTOR inspector",
                          "CHILD_PROTECTION_ENQUIRY RESPONSIBLE_AUTHORITY northshire",
                          "CHILD_PROTECTION_ENQUIRY AREA_AUTHORITY southshire"));
}

TEST(Report, NeedsNoChildForAComplaintOrAReferral) {
  auto world = World(kAway);
  world.child.reset();
  const auto complaint = DecideReport(ReportRequest({v1::EVENT_KIND_SERIOUS_COMPLAINT}, ""), world);
  ASSERT_TRUE(complaint.ok()) << complaint.status();
  v1::NotifiableEvent event;
  ApplyAll(event, *complaint, kCaseworker);
  EXPECT_THAT(ShowNotices(event),
              ElementsAre("SERIOUS_COMPLAINT CHIEF_INSPECTOR inspector",
                          "SERIOUS_COMPLAINT RESPONSIBLE_AUTHORITY northshire",
                          "SERIOUS_COMPLAINT RESPONSIBLE_AUTHORITY westshire",
                          "SERIOUS_COMPLAINT DESIGNATED_OFFICER south-officer"));
  world.placed_with_carer.clear();
  world.carer_known = false;
  const auto referral = DecideReport(ReportRequest({v1::EVENT_KIND_DBS_REFERRAL}, "", ""), world);
  ASSERT_TRUE(referral.ok()) << referral.status();
  const auto& nobody = (*referral)[1].notices_owed().notices(1);
  EXPECT_EQ(nobody.recipient(), v1::RECIPIENT_RESPONSIBLE_AUTHORITY);
  EXPECT_EQ(nobody.body_id(), "");
  EXPECT_TRUE(nobody.released_by_person());
}

TEST(Report, RefusesEachFaultByItsField) {
  using Edit = std::function<void(v1::EventReport&, Circumstances&)>;
  const auto at = [](absl::Time time) { return clock::ToProto(time); };
  struct Case {
    const char* refusal;
    Edit edit;
  };
  const Case cases[] = {
      {"report.kinds REQUIRED", [](auto& report, auto&) { report.clear_kinds(); }},
      {"report.kinds UNKNOWN_KIND",
       [](auto& report, auto&) { report.add_kinds(static_cast<v1::EventKind>(77)); }},
      {"report.kinds UNKNOWN_KIND",
       [](auto& report, auto&) { report.add_kinds(v1::EVENT_KIND_UNSPECIFIED); }},
      {"report.kinds DUPLICATE_KIND",
       [](auto& report, auto&) { report.add_kinds(v1::EVENT_KIND_CHILD_MISSING); }},
      {"report.child_id REQUIRED", [](auto& report, auto&) { report.clear_child_id(); }},
      {"report.child_id UNKNOWN_CHILD", [](auto&, auto& world) { world.child.reset(); }},
      {"report.carer_id UNKNOWN_CARER", [](auto&, auto& world) { world.carer_known = false; }},
      {"report.carer_id REQUIRED",
       [](auto& report, auto&) {
         report.add_kinds(v1::EVENT_KIND_SERIOUS_COMPLAINT);
         report.clear_carer_id();
       }},
      {"report.occurred_time REQUIRED", [](auto& report, auto&) { report.clear_occurred_time(); }},
      {"report.became_aware_time REQUIRED",
       [](auto& report, auto&) { report.clear_became_aware_time(); }},
      {"report.occurred_time INVALID_TIME",
       [](auto& report, auto&) { report.mutable_occurred_time()->set_nanos(-1); }},
      {"report.occurred_time TOO_LONG_AGO",
       [&](auto& report, auto&) { *report.mutable_occurred_time() = at(absl::UnixEpoch()); }},
      {"report.occurred_time IN_THE_FUTURE",
       [&](auto& report, auto&) {
         *report.mutable_occurred_time() = at(kNow + absl::Minutes(2));
         *report.mutable_became_aware_time() = at(kNow);
       }},
      {"report.became_aware_time IN_THE_FUTURE",
       [&](auto& report, auto&) {
         *report.mutable_became_aware_time() = at(kNow + absl::Minutes(2));
       }},
      {"report.became_aware_time BEFORE_OCCURRED",
       [&](auto& report, auto&) {
         *report.mutable_became_aware_time() = at(kOccurred - absl::Seconds(1));
       }},
      {"report.became_aware_time BEFORE_THE_LAW",
       [&](auto& report, auto&) {
         *report.mutable_occurred_time() = at(Utc("2010-05-01T00:00:00Z"));
         *report.mutable_became_aware_time() = at(Utc("2010-05-01T00:00:00Z"));
       }},
      {"report.summary REQUIRED", [](auto& report, auto&) { report.set_summary(" "); }},
      {"report.summary TEXT_TOO_LONG",
       [](auto& report, auto&) { report.set_summary(std::string(20'001, 'x')); }},
      {"report.place TEXT_TOO_LONG",
       [](auto& report, auto&) { report.set_place(std::string(501, 'x')); }},
      {"report.immediate_actions TEXT_TOO_LONG",
       [](auto& report, auto&) { report.set_immediate_actions(std::string(20'001, 'x')); }},
  };
  for (const Case& c : cases) {
    auto request = ReportRequest({v1::EVENT_KIND_CHILD_MISSING});
    auto world = World(kAway);
    c.edit(*request.mutable_report(), world);
    const auto facts = DecideReport(request, world);
    ASSERT_FALSE(facts.ok()) << c.refusal;
    EXPECT_EQ(facts.status().code(), absl::StatusCode::kInvalidArgument);
    EXPECT_EQ(Refusal(facts.status()), c.refusal);
    EXPECT_EQ(ViolationsOf(facts.status()).size(), 1u) << facts.status();
  }
}

TEST(Report, NamesEveryFaultOfAnEmptyForm) {
  const auto facts = DecideReport({});
  std::vector<std::string> fields;
  for (const auto& violation : ViolationsOf(facts.status())) fields.push_back(violation.field);
  EXPECT_THAT(fields, ElementsAre("report.kinds", "report.occurred_time",
                                  "report.became_aware_time", "report.summary"));
}

TEST(Report, TakesTextAtItsLimitsAndMomentsThatAreAllNow) {
  auto request = ReportRequest({v1::EVENT_KIND_CHILD_MISSING});
  auto& report = *request.mutable_report();
  report.set_summary(std::string(20'000, 'x'));
  report.set_immediate_actions(std::string(20'000, 'x'));
  std::string place;
  for (int i = 0; i < 500; ++i) place += "ë";
  report.set_place(place);
  *report.mutable_occurred_time() = clock::ToProto(kNow);
  *report.mutable_became_aware_time() = clock::ToProto(kNow);
  EXPECT_TRUE(DecideReport(request).ok());
}

TEST(Report, IsRefusedForAnEventThatExists) {
  const auto event = Reported({v1::EVENT_KIND_CHILD_MISSING});
  Ids ids;
  const auto facts = Report(event, ReportRequest({v1::EVENT_KIND_CHILD_MISSING}), "event",
                            kCaseworker, "", OurLaw(), OurCalendar(), World(kAway), kNow, ids);
  EXPECT_EQ(facts.status().code(), absl::StatusCode::kAlreadyExists);
  EXPECT_EQ(ReasonOf(facts.status()), "EVENT_EXISTS");
}

TEST(Correct, AddsToTheRecordAndLeavesTheFirstVersionReadable) {
  auto event = Reported({v1::EVENT_KIND_CHILD_MISSING});
  v1::CorrectEventRequest request;
  request.set_reason("a slip of the pen");
  request.mutable_report()->set_summary("what really happened");
  const auto facts = DecideCorrection(event, request);
  ASSERT_TRUE(facts.ok()) << facts.status();
  ASSERT_EQ(facts->size(), 1u);
  ApplyAll(event, *facts, kManager);
  EXPECT_EQ(event.report().summary(), "what happened");
  EXPECT_EQ(EffectiveReport(event).summary(), "what really happened");
  ASSERT_EQ(event.corrections_size(), 1);
  EXPECT_EQ(event.corrections(0).corrected_by(), "manager");
  EXPECT_EQ(event.corrections(0).reason(), "a slip of the pen");
  EXPECT_EQ(event.notices_size(), 2);
}

TEST(Correct, OwesTheNoticesOfAKindThatIsAddedAndOfNoOther) {
  auto event = Reported({v1::EVENT_KIND_CHILD_MISSING});
  v1::CorrectEventRequest request;
  request.set_reason("the police suspect exploitation");
  request.mutable_report()->add_kinds(v1::EVENT_KIND_SEXUAL_EXPLOITATION);
  request.mutable_report()->add_kinds(v1::EVENT_KIND_CHILD_MISSING);
  const auto facts = DecideCorrection(event, request);
  ASSERT_TRUE(facts.ok()) << facts.status();
  ApplyAll(event, *facts, kManager);
  EXPECT_THAT(ShowNotices(event),
              ElementsAre("CHILD_MISSING RESPONSIBLE_AUTHORITY northshire",
                          "CHILD_MISSING POLICE south-police",
                          "SEXUAL_EXPLOITATION CHIEF_INSPECTOR inspector",
                          "SEXUAL_EXPLOITATION RESPONSIBLE_AUTHORITY northshire",
                          "SEXUAL_EXPLOITATION AREA_AUTHORITY southshire",
                          "SEXUAL_EXPLOITATION POLICE south-police"));
  EXPECT_EQ(Show(event.notices(1).due_time()), "2026-11-19T14:00:00Z");
  EXPECT_THAT(event.kinds(),
              ElementsAre(v1::EVENT_KIND_SEXUAL_EXPLOITATION, v1::EVENT_KIND_CHILD_MISSING));
}

TEST(Correct, TellsNobodyAnewOfWhatWasToldBeforeTheChildMoved) {
  const auto event = Reported({v1::EVENT_KIND_CHILD_PROTECTION_ENQUIRY});
  v1::CorrectEventRequest request;
  request.set_reason("a slip of the pen");
  request.mutable_report()->set_place("the park");
  request.mutable_report()->add_kinds(v1::EVENT_KIND_CHILD_PROTECTION_ENQUIRY);
  const auto facts =
      DecideCorrection(event, request, World({"away", "westshire", "westshire", "another"}));
  ASSERT_TRUE(facts.ok()) << facts.status();
  EXPECT_EQ(facts->size(), 1u);
}

TEST(Correct, CountsAnAddedKindFromTheAwarenessThatTheCorrectionStates) {
  auto event = Reported({v1::EVENT_KIND_CHILD_MISSING});
  v1::CorrectEventRequest request;
  request.set_reason("the child was found dead");
  request.mutable_report()->add_kinds(v1::EVENT_KIND_CHILD_DEATH);
  *request.mutable_report()->mutable_became_aware_time() = clock::ToProto(kNow - absl::Minutes(5));
  const auto facts = DecideCorrection(event, request);
  ASSERT_TRUE(facts.ok()) << facts.status();
  ASSERT_EQ(facts->size(), 2u);
  for (const auto& notice : (*facts)[1].notices_owed().notices()) {
    EXPECT_EQ(Show(notice.due_time()), "2026-11-18T14:55:00Z");
    EXPECT_EQ(Show(notice.in_time_until()), "2026-11-19T14:55:00Z");
  }
  ApplyAll(event, *facts, kManager);
  EXPECT_EQ(Show(event.notices(0).due_time()), "2026-11-19T14:00:00Z");
}

TEST(Correct, OwesTheAuthorityOfAChildThatIsNamedLater) {
  auto world = World(kAway);
  world.child.reset();
  world.placed_with_carer = {kAway};
  v1::NotifiableEvent event;
  ApplyAll(event, *DecideReport(ReportRequest({v1::EVENT_KIND_SERIOUS_COMPLAINT}, ""), world),
           kCaseworker);
  v1::CorrectEventRequest request;
  request.set_reason("the child has come forward");
  request.mutable_report()->set_child_id("third");
  world.child = PlacedChild{"third", "westshire", "southshire", "carer"};
  ApplyAll(event, *DecideCorrection(event, request, world), kManager);
  EXPECT_THAT(ShowNotices(event), ElementsAre("SERIOUS_COMPLAINT CHIEF_INSPECTOR inspector",
                                              "SERIOUS_COMPLAINT RESPONSIBLE_AUTHORITY northshire",
                                              "SERIOUS_COMPLAINT DESIGNATED_OFFICER south-officer",
                                              "SERIOUS_COMPLAINT RESPONSIBLE_AUTHORITY westshire"));
}

TEST(Correct, RefusesEachFaultByItsField) {
  using Edit = std::function<void(v1::CorrectEventRequest&, Circumstances&)>;
  struct Case {
    const char* refusal;
    Edit edit;
  };
  const Case cases[] = {
      {"reason REQUIRED", [](auto& request, auto&) { request.clear_reason(); }},
      {"report NOTHING_CORRECTED", [](auto& request, auto&) { request.clear_report(); }},
      {"report.kinds UNKNOWN_KIND",
       [](auto& request, auto&) {
         request.mutable_report()->add_kinds(static_cast<v1::EventKind>(99));
       }},
      {"report.child_id CANNOT_CHANGE",
       [](auto& request, auto&) { request.mutable_report()->set_child_id("home"); }},
      {"report.carer_id CANNOT_CHANGE",
       [](auto& request, auto&) { request.mutable_report()->set_carer_id("other"); }},
      {"report.became_aware_time BEFORE_OCCURRED",
       [](auto& request, auto&) {
         *request.mutable_report()->mutable_became_aware_time() =
             clock::ToProto(kOccurred - absl::Hours(1));
       }},
      {"report.occurred_time IN_THE_FUTURE",
       [](auto& request, auto&) {
         *request.mutable_report()->mutable_occurred_time() = clock::ToProto(kNow + absl::Hours(1));
       }},
      {"report.place TEXT_TOO_LONG",
       [](auto& request, auto&) { request.mutable_report()->set_place(std::string(501, 'x')); }},
      {"report.summary REQUIRED",
       [](auto& request, auto&) { request.mutable_report()->set_summary("\n"); }},
  };
  const auto event = Reported({v1::EVENT_KIND_CHILD_MISSING});
  for (const Case& c : cases) {
    v1::CorrectEventRequest request;
    request.set_reason("so");
    request.mutable_report()->set_place("the park");
    auto world = World(kAway);
    c.edit(request, world);
    const auto facts = DecideCorrection(event, request, world);
    ASSERT_FALSE(facts.ok()) << c.refusal;
    EXPECT_EQ(Refusal(facts.status()), c.refusal);
  }
}

TEST(Correct, OfAConcludedEventBringsAboutNoNotice) {
  auto event = Reported({v1::EVENT_KIND_CHILD_MISSING});
  event.set_state(v1::NotifiableEvent::STATE_CONCLUDED);
  v1::CorrectEventRequest request;
  request.set_reason("so");
  request.mutable_report()->set_place("the park");
  EXPECT_TRUE(DecideCorrection(event, request).ok());
  request.mutable_report()->add_kinds(v1::EVENT_KIND_CHILD_DEATH);
  const auto facts = DecideCorrection(event, request);
  EXPECT_EQ(facts.status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(ReasonOf(facts.status()), "EVENT_CONCLUDED");
}

}  // namespace
}  // namespace fosterwatch::notifiable_events::domain
