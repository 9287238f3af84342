// The law as an agency has it, by the real binary: trying an edition and adopting it, switching a
// recipient of policy, the forms of a day, the absence of the registered manager, and what bad
// input gets.
#include <map>
#include <memory>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include <google/protobuf/util/json_util.h>

#include "fosterwatch/directory/v1/directory_service.pb.h"
#include "fosterwatch/notifiable_events/v1/law_service.pb.h"
#include "libs/clock/proto_time.h"
#include "libs/clock/working_calendar.h"
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
using ::testing::HasSubstr;
using ::testing::Not;
using v1::NotifiableEvent;

constexpr char kLaw[] = "fosterwatch.notifiable_events.v1.LawService";
constexpr char kDirectory[] = "fosterwatch.directory.v1.DirectoryService";

// What a law decides of a notice: kind, recipient, body, basis, and hours from awareness to the due
// time.
using Told = std::set<std::tuple<int, int, std::string, int, int64_t>>;

class AgencyLawTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    installation_ = new Installation({});
    installation_->Start();
    ASSERT_TRUE(installation_->AwaitReady()) << installation_->process().Output();
  }
  static void TearDownTestSuite() { delete installation_; }

  // Each test has an agency of its own, since what one adopts lasts.
  void SetUp() override {
    agency_ = std::make_unique<Agency>(installation_, absl::StrCat("agency-", ++agencies_));
  }

  template <typename Response>
  absl::StatusOr<Response> Call(const Person& person, const std::string& method,
                                const google::protobuf::Message& request) const {
    return installation_->Call<Response>(person, kLaw, method, request);
  }
  Person Manager() const { return agency_->RegisteredManager(); }

  NotifiableEvent Report(v1::EventKind kind) const {
    v1::ReportEventRequest request;
    *request.mutable_report() = agency_->Report(kind);
    auto event = agency_->Call(agency_->Caseworker(), "ReportEvent", request);
    EXPECT_THAT(event, IsOk());
    return event.ok() ? *event : NotifiableEvent();
  }

  v1::LawInForce InForce(const std::string& day = "") const {
    v1::GetLawRequest request;
    request.set_day(day);
    return Call<v1::LawInForce>(Manager(), "GetLaw", request).value_or(v1::LawInForce());
  }

  static std::string Json(const v1::Law& law) {
    std::string json;
    EXPECT_TRUE(google::protobuf::util::MessageToJsonString(law, &json).ok());
    return json;
  }

  // Half as much time for each notice, the police told of incidents by law, and nobody of
  // complaints but the responsible authority.
  v1::Law Another(const std::string& version) const {
    v1::Law law = InForce().law();
    law.set_version(version);
    for (auto& rule : *law.mutable_time_rules()) {
      if (rule.elapsed_hours() == 24 && rule.name() <= v1::TimeRule::NAME_NOTICE_IN_TIME) {
        rule.set_elapsed_hours(12);
      }
    }
    for (auto& row : *law.mutable_rows()) {
      if (row.kind() == v1::EVENT_KIND_POLICE_CALLED_SERIOUS_INCIDENT &&
          row.recipient() == v1::RECIPIENT_POLICE) {
        row.set_required(true);
      }
      if (row.kind() == v1::EVENT_KIND_SERIOUS_COMPLAINT &&
          row.recipient() == v1::RECIPIENT_CHIEF_INSPECTOR) {
        row.set_required(false);
      }
    }
    return law;
  }

  static Told ToldOf(const NotifiableEvent& event) {
    Told told;
    for (const auto& notice : event.notices()) {
      told.emplace(notice.kind(), notice.recipient(), notice.body_id(), notice.basis(),
                   notice.due_time().seconds() - event.report().became_aware_time().seconds());
    }
    return told;
  }

  // What the difference makes of it.
  static Told Applied(Told told, const NotifiableEvent& event, const v1::TryLawResponse& tried) {
    const int64_t aware = event.report().became_aware_time().seconds();
    for (const auto& difference : tried.differences()) {
      if (difference.event_id() != event.event_id()) continue;
      for (const auto& one : difference.notices()) {
        if (one.change() != v1::NoticeDifference::CHANGE_ADDED) {
          EXPECT_EQ(told.erase({one.kind(), one.recipient(), one.body_id(), one.basis_before(),
                                one.due_time_before().seconds() - aware}),
                    1u);
        }
        if (one.change() != v1::NoticeDifference::CHANGE_DROPPED) {
          told.emplace(one.kind(), one.recipient(), one.body_id(), one.basis_after(),
                       one.due_time_after().seconds() - aware);
        }
      }
    }
    return told;
  }

  static std::string Today() { return absl::FormatCivilTime(clock::LondonDay(absl::Now())); }
  static std::string Yesterday() {
    return absl::FormatCivilTime(clock::LondonDay(absl::Now()) - 1);
  }

  static int64_t Recorded() {
    auto counts =
        installation_->Database("notifiable_events")->Query("SELECT count(*) FROM ledger.fact");
    return counts.ok() ? counts->Int(0, 0) : -1;
  }

  static Installation* installation_;
  static int agencies_;
  std::unique_ptr<Agency> agency_;
};

Installation* AgencyLawTest::installation_ = nullptr;
int AgencyLawTest::agencies_ = 0;

TEST_F(AgencyLawTest, WhatATriedLawListsIsWhatAdoptingItDoes) {
  std::map<v1::EventKind, NotifiableEvent> before;
  for (int kind = 1; kind <= v1::EVENT_KIND_MENTAL_HEALTH_CONCERN; ++kind) {
    before[static_cast<v1::EventKind>(kind)] = Report(static_cast<v1::EventKind>(kind));
  }
  const v1::Law law = Another("another");
  v1::TryLawRequest attempt;
  attempt.set_law_json(Json(law));
  const int64_t recorded = Recorded();
  const auto tried = Call<v1::TryLawResponse>(Manager(), "TryLaw", attempt);
  ASSERT_THAT(tried, IsOk());
  EXPECT_EQ(tried->events_tried(), 11);
  EXPECT_GT(tried->events_different(), 8);
  EXPECT_GT(tried->notices_added(), 0);
  EXPECT_GT(tried->notices_dropped(), 0);
  EXPECT_GT(tried->notices_changed(), 0);
  EXPECT_EQ(Recorded(), recorded) << "trying records nothing";

  v1::AdoptLawRequest adopt;
  adopt.set_law_json(Json(law));
  adopt.set_effective_from(Yesterday());
  adopt.set_reason("the amending regulations");
  EXPECT_THAT(Call<v1::AgencyLaw>(Manager(), "AdoptLaw", adopt), HasReason("DAY_IS_OVER"));
  adopt.set_effective_from(Today());
  ASSERT_THAT(Call<v1::AgencyLaw>(Manager(), "AdoptLaw", adopt), IsOk());
  EXPECT_TRUE(InForce().adopted());
  EXPECT_EQ(InForce().law().version(), "another");
  EXPECT_FALSE(InForce(Yesterday()).adopted());
  EXPECT_EQ(InForce().agency().adoptions(0).reason(), "the amending regulations");

  for (const auto& [kind, old] : before) {
    // Of today, so that it is the adopted law's: awareness in the half hour before is yesterday's
    // just after midnight.
    v1::ReportEventRequest request;
    *request.mutable_report() = agency_->Report(kind);
    *request.mutable_report()->mutable_became_aware_time() = clock::ToProto(absl::Now());
    const auto again = agency_->Call(agency_->Caseworker(), "ReportEvent", request);
    ASSERT_THAT(again, IsOk());
    EXPECT_EQ(again->matrix_version(), "another");
    EXPECT_EQ(ToldOf(*again), Applied(ToldOf(old), old, *tried)) << kind;
    v1::GetEventRequest get;
    get.set_event_id(old.event_id());
    const auto kept = agency_->Call(agency_->Caseworker(), "GetEvent", get);
    ASSERT_THAT(kept, IsOk());
    EXPECT_NE(kept->matrix_version(), "another");
    EXPECT_EQ(ToldOf(*kept), ToldOf(old)) << "an old event keeps the law of its day";
  }
}

TEST_F(AgencyLawTest, ALawThatCannotBeTrustedIsRefusedByItsLine) {
  v1::Law law = Another("broken");
  law.mutable_rows(3)->clear_source();
  const int64_t recorded = Recorded();
  v1::TryLawRequest attempt;
  attempt.set_law_json(Json(law));
  const auto tried = Call<v1::TryLawResponse>(Manager(), "TryLaw", attempt);
  EXPECT_THAT(tried, HasReason("LAW_INVALID"));
  EXPECT_THAT(std::string(tried.status().message()), HasSubstr("rows[3].source"));
  v1::AdoptLawRequest adopt;
  adopt.set_law_json(Json(law));
  adopt.set_effective_from(Today());
  adopt.set_reason("reason");
  EXPECT_THAT(Call<v1::AgencyLaw>(Manager(), "AdoptLaw", adopt), HasReason("LAW_INVALID"));
  for (const std::string& json :
       {std::string(), std::string("[]"), std::string("{}"), std::string(500'001, ' ')}) {
    attempt.set_law_json(json);
    EXPECT_THAT(Call<v1::TryLawResponse>(Manager(), "TryLaw", attempt),
                StatusIs(absl::StatusCode::kInvalidArgument));
  }
  attempt.set_law_json(Json(Another("fine")));
  attempt.set_effective_from("2026-02-30");
  EXPECT_THAT(Call<v1::TryLawResponse>(Manager(), "TryLaw", attempt), HasReason("INVALID_DAY"));
  // The shipped version is the shipped text's.
  adopt.set_law_json(Json(InForce().law()));
  EXPECT_THAT(Call<v1::AgencyLaw>(Manager(), "AdoptLaw", adopt), HasReason("LAW_VERSION_USED"));
  EXPECT_THAT(Call<v1::AgencyLaw>(agency_->Caseworker(), "AdoptLaw", adopt),
              StatusIs(absl::StatusCode::kPermissionDenied));
  EXPECT_THAT(Call<v1::AgencyLaw>(agency_->Administrator(), "AdoptLaw", adopt),
              StatusIs(absl::StatusCode::kPermissionDenied));
  EXPECT_EQ(Recorded(), recorded);
}

TEST_F(AgencyLawTest, APolicyRecipientIsSwitchedForThatAgencyAlone) {
  const auto tells_police = [](const NotifiableEvent& event) {
    for (const auto& notice : event.notices()) {
      if (notice.recipient() != v1::RECIPIENT_POLICE) continue;
      EXPECT_EQ(notice.basis(), v1::BASIS_POLICY);
      return true;
    }
    return false;
  };
  const NotifiableEvent told = Report(v1::EVENT_KIND_CHILD_MISSING);
  EXPECT_TRUE(tells_police(told));
  v1::ListEventsRequest list;
  const auto page =
      agency_->Call<v1::ListEventsResponse>(agency_->Caseworker(), "ListEvents", list);
  ASSERT_THAT(page, IsOk());
  EXPECT_EQ(page->events(0).notice_count(), told.notices_size() - 1)
      << "the list counts what the law asks for";

  v1::SwitchPolicyRecipientRequest off;
  off.set_kind(v1::EVENT_KIND_CHILD_MISSING);
  off.set_recipient(v1::RECIPIENT_POLICE);
  EXPECT_THAT(Call<v1::AgencyLaw>(Manager(), "SwitchPolicyRecipient", off), HasReason("REQUIRED"));
  off.set_reason("the council tells them");
  off.set_request_id("off");
  const auto switched = Call<v1::AgencyLaw>(Manager(), "SwitchPolicyRecipient", off);
  ASSERT_THAT(switched, IsOk());
  ASSERT_THAT(Call<v1::AgencyLaw>(Manager(), "SwitchPolicyRecipient", off), IsOk())
      << "the same request again is answered the same";
  EXPECT_EQ(InForce().agency().policy_switches_size(), 1);
  EXPECT_EQ(InForce().agency().policy_switches(0).switched_by(), Manager().person_id);
  EXPECT_FALSE(tells_police(Report(v1::EVENT_KIND_CHILD_MISSING)));
  off.set_request_id("off again");
  EXPECT_THAT(Call<v1::AgencyLaw>(Manager(), "SwitchPolicyRecipient", off),
              HasReason("SWITCHED_BEFORE"));
  off.set_recipient(v1::RECIPIENT_RESPONSIBLE_AUTHORITY);
  EXPECT_THAT(Call<v1::AgencyLaw>(Manager(), "SwitchPolicyRecipient", off),
              HasReason("UNKNOWN_POLICY_RECIPIENT"));
  EXPECT_THAT(Call<v1::AgencyLaw>(agency_->TeamManager(), "SwitchPolicyRecipient", off),
              StatusIs(absl::StatusCode::kPermissionDenied));

  Agency other(installation_, absl::StrCat("agency-", ++agencies_));
  v1::ReportEventRequest request;
  *request.mutable_report() = other.Report(v1::EVENT_KIND_CHILD_MISSING);
  const auto elsewhere = other.Call(other.Caseworker(), "ReportEvent", request);
  ASSERT_THAT(elsewhere, IsOk());
  EXPECT_TRUE(tells_police(*elsewhere));
}

TEST_F(AgencyLawTest, AReportKeepsTheFormOfItsDayAndWhatItLeavesOpen) {
  v1::ListFormsRequest list;
  list.set_kind(v1::EVENT_KIND_CHILD_MISSING);
  const auto forms = Call<v1::ListFormsResponse>(agency_->Caseworker(), "ListForms", list);
  ASSERT_THAT(forms, IsOk());
  ASSERT_EQ(forms->forms_size(), 1);
  const v1::Form& form = forms->forms(0);
  const NotifiableEvent bare = Report(v1::EVENT_KIND_CHILD_MISSING);
  EXPECT_EQ(bare.report().form_version(), form.version());
  EXPECT_THAT(bare.unanswered(), Contains("last_seen"));

  v1::ReportEventRequest request;
  *request.mutable_report() = agency_->Report(v1::EVENT_KIND_CHILD_MISSING);
  request.mutable_report()->set_form_version(form.version());
  const auto refused = agency_->Call(agency_->Caseworker(), "ReportEvent", request);
  EXPECT_THAT(refused, HasReason("REQUIRED"));
  for (const auto& question : form.questions()) {
    if (!question.required() || !question.report_field().empty()) continue;
    auto* answer = request.mutable_report()->add_answers();
    answer->set_question_id(question.question_id());
    answer->set_text("a secret answer");
  }
  const auto answered = agency_->Call(agency_->Caseworker(), "ReportEvent", request);
  ASSERT_THAT(answered, IsOk());
  EXPECT_THAT(answered->unanswered(), Not(Contains("last_seen")));
  request.mutable_report()->add_answers()->set_question_id("favourite_colour");
  EXPECT_THAT(agency_->Call(agency_->Caseworker(), "ReportEvent", request),
              HasReason("UNKNOWN_QUESTION"));
  // Answers are sealed.
  auto clear = installation_->Database("notifiable_events")
                   ->Query(
                       "SELECT count(*) FROM ledger.fact"
                       " WHERE position('a secret answer'::bytea IN payload) > 0");
  ASSERT_THAT(clear, IsOk());
  EXPECT_EQ(clear->Int(0, 0), 0);
}

TEST_F(AgencyLawTest, AnAbsenceOfTheManagerOpensOneEventAndAShortOneNoneUntilItGoesOn) {
  const auto of_absence = [&] {
    v1::ListEventsRequest list;
    list.set_kind(v1::EVENT_KIND_MANAGER_ABSENCE);
    return agency_->Call<v1::ListEventsResponse>(agency_->Caseworker(), "ListEvents", list)
        .value_or(v1::ListEventsResponse());
  };
  directory::v1::AppointHolderRequest appoint;
  auto* holder = appoint.mutable_holder();
  holder->set_person_id(Manager().person_id);
  holder->set_role(options::v1::ROLE_REGISTERED_MANAGER);
  holder->set_name("Test Person");
  holder->set_email("manager@example.org");
  holder->set_title("Registered manager");
  *holder->mutable_from_time() = clock::ToProto(absl::Now() - absl::Hours(24));
  ASSERT_THAT(installation_->Call<directory::v1::RoleHolder>(agency_->Administrator(), kDirectory,
                                                             "AppointHolder", appoint),
              IsOk());
  const auto away = [&](absl::Time from, absl::Time until) {
    directory::v1::RecordAbsenceRequest request;
    auto* absence = request.mutable_absence();
    absence->set_person_id(Manager().person_id);
    absence->set_role(options::v1::ROLE_REGISTERED_MANAGER);
    *absence->mutable_from_time() = clock::ToProto(from);
    *absence->mutable_until_time() = clock::ToProto(until);
    absence->set_reason("a secret reason");
    return installation_->Call<directory::v1::Absence>(Manager(), kDirectory, "RecordAbsence",
                                                       request);
  };
  const auto day = [today = absl::Now()](int days) { return today + absl::Hours(24 * days); };
  ASSERT_THAT(away(day(1), day(10)), IsOk());
  const auto leave = away(day(60), day(100));
  ASSERT_THAT(leave, IsOk());
  ASSERT_TRUE(AwaitTrue([&] { return of_absence().events_size() > 0; }, absl::Seconds(60)));
  // The short one was recorded before, and the directory's facts of it came before.
  EXPECT_EQ(of_absence().events_size(), 1);
  v1::GetEventRequest get;
  get.set_event_id(of_absence().events(0).event_id());
  const auto event = agency_->Call(agency_->Caseworker(), "GetEvent", get);
  ASSERT_THAT(event, IsOk());
  EXPECT_EQ(event->manager_absence().absence_id(), leave->absence_id());
  ASSERT_EQ(event->notices_size(), 1);
  EXPECT_EQ(event->notices(0).recipient(), v1::RECIPIENT_CHIEF_INSPECTOR);
  EXPECT_EQ(event->notices(0).body_id(), "ofsted");
  EXPECT_LT(event->notices(0).due_time().seconds(), event->manager_absence().from_time().seconds());
  EXPECT_THAT(event->report().summary(), Not(HasSubstr("secret")));

  // The short one goes on until it is long; the long one goes on, and is the same event.
  const auto on = away(day(10), day(40));
  ASSERT_THAT(on, IsOk());
  EXPECT_EQ(on->joined_absence_ids_size(), 1);
  const auto longer = away(day(100), day(110));
  ASSERT_THAT(longer, IsOk());
  const auto until = [&] {
    const auto again = agency_->Call(agency_->Caseworker(), "GetEvent", get);
    return again.ok() ? again->manager_absence().until_time().seconds() : 0;
  };
  EXPECT_TRUE(AwaitTrue([&] { return until() == longer->until_time().seconds(); }));
  EXPECT_TRUE(AwaitTrue([&] { return of_absence().events_size() == 2; }));
  const v1::ListEventsResponse both = of_absence();
  for (const auto& one : both.events()) {
    if (one.event_id() == get.event_id()) continue;
    v1::GetEventRequest other;
    other.set_event_id(one.event_id());
    const auto joined = agency_->Call(agency_->Caseworker(), "GetEvent", other);
    ASSERT_THAT(joined, IsOk());
    EXPECT_EQ(joined->manager_absence().from_time().seconds(), on->joined_from_time().seconds());
    EXPECT_EQ(joined->notices_size(), 1);
  }
}

}  // namespace
}  // namespace fosterwatch::notifiable_events
