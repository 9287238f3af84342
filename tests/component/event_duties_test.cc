// What follows a report until the event is concluded, by the real binary: what passes its due time
// is a fact, told once; deputies sign under a delegation and not without; and what bad input gets.
#include <functional>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "fosterwatch/directory/v1/directory_service.pb.h"
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
using v1::NotifiableEvent;

constexpr char kDirectory[] = "fosterwatch.directory.v1.DirectoryService";

class EventDutiesTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    installation_ = new Installation({});
    installation_->Start();
    ASSERT_TRUE(installation_->AwaitReady()) << installation_->process().Output();
    agency_ = new Agency(installation_, "agency-a");
    other_ = new Agency(installation_, "agency-b");
    Appoint(agency_->Caseworker(), options::v1::ROLE_CASEWORKER);
    Appoint(Deputy(), options::v1::ROLE_DEPUTY_MANAGER);
    Appoint(agency_->RegisteredManager(), options::v1::ROLE_REGISTERED_MANAGER);
    ASSERT_TRUE(AwaitTrue([] { return Known("holder") == 3; }, absl::Seconds(60)));
  }
  static void TearDownTestSuite() {
    delete other_;
    delete agency_;
    delete installation_;
  }

  static Person Deputy() { return {agency_->id(), "deputy-1", {options::v1::ROLE_DEPUTY_MANAGER}}; }

  static void Appoint(const Person& person, options::v1::Role role) {
    directory::v1::AppointHolderRequest request;
    auto* holder = request.mutable_holder();
    holder->set_person_id(person.person_id);
    holder->set_role(role);
    holder->set_name("Test Person");
    holder->set_email(absl::StrCat(person.person_id, "@example.org"));
    holder->set_title("Test title");
    *holder->mutable_from_time() = clock::ToProto(absl::Now() - absl::Hours(24));
    ASSERT_THAT(installation_->Call<directory::v1::RoleHolder>(agency_->Administrator(), kDirectory,
                                                               "AppointHolder", request),
                IsOk());
  }

  // How many rows the register has of other services' people.
  static int64_t Known(const std::string& table) {
    auto rows = installation_->Database("notifiable_events")
                    ->Query(absl::StrCat("SELECT count(*) FROM reference.", table));
    return rows.ok() ? rows->Int(0, 0) : -1;
  }

  static NotifiableEvent Report(v1::EventKind kind, absl::Duration known = absl::Minutes(30)) {
    v1::ReportEventRequest request;
    *request.mutable_report() = agency_->Report(kind);
    if (known > absl::Minutes(30)) {
      const absl::Time aware = absl::Now() - known;
      *request.mutable_report()->mutable_became_aware_time() = clock::ToProto(aware);
      const absl::Time occurred = clock::FromProto(request.report().occurred_time());
      if (aware < occurred) {
        *request.mutable_report()->mutable_occurred_time() = clock::ToProto(aware);
      }
    }
    auto event = agency_->Call(agency_->Caseworker(), "ReportEvent", request);
    EXPECT_THAT(event, IsOk()) << event.status();
    return event.ok() ? *event : NotifiableEvent();
  }

  static NotifiableEvent Get(const std::string& event_id) {
    v1::GetEventRequest get;
    get.set_event_id(event_id);
    return agency_->Call(agency_->Caseworker(), "GetEvent", get).value_or(NotifiableEvent());
  }

  static absl::StatusOr<NotifiableEvent> Sign(const Person& person, const NotifiableEvent& event,
                                              v1::SignOff::Stage stage) {
    v1::SignOffEventRequest sign;
    sign.set_event_id(event.event_id());
    sign.set_stage(stage);
    return agency_->Call(person, "SignOffEvent", sign);
  }

  static v1::ConfirmNoticeInWritingRequest Confirming(const NotifiableEvent& event) {
    v1::ConfirmNoticeInWritingRequest request;
    request.set_event_id(event.event_id());
    request.set_notice_id(event.notices(0).notice_id());
    request.set_channel(type::v1::CHANNEL_EMAIL);
    return request;
  }
  static v1::RecordDiscussionRequest Discussing(const NotifiableEvent& event) {
    v1::RecordDiscussionRequest request;
    request.set_event_id(event.event_id());
    *request.mutable_discussed_time() = clock::ToProto(absl::Now());
    request.set_discussed_with("Ms Green");
    request.set_agreed("a visit tomorrow");
    return request;
  }
  static v1::RecordOutcomeRequest Ending(const NotifiableEvent& event) {
    v1::RecordOutcomeRequest request;
    request.set_event_id(event.event_id());
    request.set_outcome("well again");
    *request.mutable_outcome_time() = clock::ToProto(absl::Now());
    request.set_regulator_update(v1::REGULATOR_UPDATE_NOT_NEEDED);
    request.set_reason("all was said");
    return request;
  }

  // How often something of the event was recorded as overdue.
  static int64_t Overdue(const std::string& event_id) {
    auto rows = installation_->Database("notifiable_events")
                    ->Query(
                        "SELECT count(*) FROM ledger.fact WHERE aggregate_id = $1"
                        " AND name = 'duty_overdue'",
                        {event_id});
    return rows.ok() ? rows->Int(0, 0) : -1;
  }

  static int64_t Recorded() {
    auto counts = installation_->Database("notifiable_events")
                      ->Query(
                          "SELECT (SELECT count(*) FROM ledger.fact)"
                          " + (SELECT count(*) FROM ledger.request)");
    return counts.ok() ? counts->Int(0, 0) : -1;
  }

  static Installation* installation_;
  static Agency* agency_;
  static Agency* other_;
};

Installation* EventDutiesTest::installation_ = nullptr;
Agency* EventDutiesTest::agency_ = nullptr;
Agency* EventDutiesTest::other_ = nullptr;

bool IsOverdue(const NotifiableEvent& event, v1::OverdueDuty kind, bool settled) {
  for (const auto& duty : event.overdue()) {
    if (duty.kind() == kind && duty.has_settled_time() == settled) return true;
  }
  return false;
}

TEST_F(EventDutiesTest, ATelephoneNoticeThatIsNeverConfirmedIsAFactAndSettledWhenItIs) {
  // Two bodies, each told by law.
  const NotifiableEvent event = Report(v1::EVENT_KIND_CHILD_SERIOUS_OFFENCE, absl::Hours(24 * 60));
  const std::string id = event.event_id();
  // Known for two months: the notice itself is overdue.
  ASSERT_TRUE(AwaitTrue([&] { return IsOverdue(Get(id), v1::OVERDUE_DUTY_NOTICE, false); },
                        absl::Seconds(60)));
  for (const v1::Notice& notice : event.notices()) {
    v1::GiveNoticeRequest give;
    give.set_event_id(id);
    give.set_notice_id(notice.notice_id());
    give.set_channel(type::v1::CHANNEL_TELEPHONE);
    *give.mutable_given_time() = clock::ToProto(absl::Now() - absl::Hours(25));
    auto given = agency_->Call(agency_->Caseworker(), "GiveNotice", give);
    ASSERT_THAT(given, IsOk());
    EXPECT_TRUE(IsOverdue(*given, v1::OVERDUE_DUTY_NOTICE, true)) << "settled in the same commit";
  }
  // Each notice and each call once.
  ASSERT_TRUE(
      AwaitTrue([&] { return Overdue(id) >= 2 * event.notices_size(); }, absl::Seconds(60)));
  EXPECT_EQ(Overdue(id), 2 * event.notices_size());
  NotifiableEvent confirmed;
  for (const v1::Notice& notice : event.notices()) {
    auto request = Confirming(event);
    request.set_notice_id(notice.notice_id());
    auto answer = agency_->Call(agency_->Caseworker(), "ConfirmNoticeInWriting", request);
    ASSERT_THAT(answer, IsOk());
    confirmed = *answer;
  }
  EXPECT_FALSE(IsOverdue(confirmed, v1::OVERDUE_DUTY_WRITTEN_CONFIRMATION, false));
  EXPECT_TRUE(IsOverdue(confirmed, v1::OVERDUE_DUTY_WRITTEN_CONFIRMATION, true));
}

TEST_F(EventDutiesTest, AnOutcomeOfWhichNobodyHearsIsListedUntilItIsTold) {
  const NotifiableEvent event = Report(v1::EVENT_KIND_SERIOUS_ILLNESS_ACCIDENT);
  v1::ListEventsRequest list;
  list.set_silent_only(true);
  const auto silent = [&] {
    std::set<std::string> ids;
    const auto page =
        agency_->Call<v1::ListEventsResponse>(agency_->Caseworker(), "ListEvents", list);
    EXPECT_THAT(page, IsOk());
    if (!page.ok()) return false;
    for (const auto& one : page->events()) ids.insert(one.event_id());
    return ids.count(event.event_id()) > 0;
  };
  EXPECT_FALSE(silent());
  auto request = Ending(event);
  request.set_regulator_update(v1::REGULATOR_UPDATE_GIVE);
  auto ended = agency_->Call(agency_->TeamManager(), "RecordOutcome", request);
  ASSERT_THAT(ended, IsOk());
  EXPECT_TRUE(silent());
  const v1::Notice& update = *ended->notices().rbegin();
  EXPECT_EQ(update.moment(), v1::MOMENT_CONCLUSION);
  EXPECT_EQ(update.body_id(), "ofsted");
  v1::GiveNoticeRequest give;
  give.set_event_id(event.event_id());
  give.set_notice_id(update.notice_id());
  give.set_channel(type::v1::CHANNEL_ONLINE_FORM);
  ASSERT_THAT(agency_->Call(agency_->Caseworker(), "GiveNotice", give), IsOk());
  EXPECT_FALSE(silent());
  v1::GetNoticeContentRequest content;
  content.set_event_id(event.event_id());
  content.add_notice_ids(update.notice_id());
  auto text = agency_->Call<v1::NoticeContent>(agency_->TeamManager(), "GetNoticeContent", content);
  ASSERT_THAT(text, IsOk());
  EXPECT_EQ(text->template_(), "notice-of-conclusion");
  EXPECT_THAT(text->body(), ::testing::HasSubstr("well again"));
}

TEST_F(EventDutiesTest, ADeputySignsUnderADelegationAndNotBeforeItIsRecorded) {
  const NotifiableEvent event = Report(v1::EVENT_KIND_INFECTIOUS_DISEASE);
  // The only one who may sign the second stage does not use up the first.
  EXPECT_THAT(Sign(agency_->RegisteredManager(), event, v1::SignOff::STAGE_MANAGER),
              HasReason("ONLY_SECOND_SIGNER"));
  ASSERT_THAT(Sign(agency_->TeamManager(), event, v1::SignOff::STAGE_MANAGER), IsOk());
  auto refused = Sign(Deputy(), event, v1::SignOff::STAGE_REGISTERED_MANAGER);
  EXPECT_THAT(refused, StatusIs(absl::StatusCode::kPermissionDenied));
  EXPECT_THAT(refused, HasReason("NO_DELEGATION"));

  directory::v1::RecordDelegationRequest record;
  auto* delegation = record.mutable_delegation();
  delegation->set_from_person_id("registered-manager-1");
  delegation->set_to_person_id("deputy-1");
  delegation->set_scope(directory::v1::Delegation::SCOPE_SIGN_OFF);
  *delegation->mutable_from_time() = clock::ToProto(absl::Now() - absl::Minutes(1));
  *delegation->mutable_until_time() = clock::ToProto(absl::Now() + absl::Hours(24));
  delegation->set_reason("on leave");
  auto recorded = installation_->Call<directory::v1::Delegation>(
      agency_->RegisteredManager(), kDirectory, "RecordDelegation", record);
  ASSERT_THAT(recorded, IsOk());
  ASSERT_TRUE(AwaitTrue([] { return Known("delegation") == 1; }, absl::Seconds(60)));
  auto signed_off = Sign(Deputy(), event, v1::SignOff::STAGE_REGISTERED_MANAGER);
  ASSERT_THAT(signed_off, IsOk());
  EXPECT_EQ(signed_off->sign_offs(1).delegation_id(), recorded->delegation_id());
  EXPECT_EQ(signed_off->sign_offs(1).signed_role(), options::v1::ROLE_DEPUTY_MANAGER);
}

TEST_F(EventDutiesTest, AnActionIsOwnedBySomebodyWhoHoldsARole) {
  const NotifiableEvent event = Report(v1::EVENT_KIND_CHILD_SERIOUS_OFFENCE);
  v1::AddActionRequest add;
  add.set_event_id(event.event_id());
  add.set_description("talk with the child");
  add.set_owner_id("nobody-1");
  *add.mutable_due_time() = clock::ToProto(absl::Now() + absl::Hours(1));
  auto refused = agency_->Call(agency_->Caseworker(), "AddAction", add);
  EXPECT_THAT(refused, StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(refused, HasReason("NO_ROLE_HOLDER"));
  ASSERT_EQ(ViolationsOf(refused.status()).size(), 1u);
  EXPECT_EQ(ViolationsOf(refused.status())[0].field, "owner_id");
  add.set_owner_id("caseworker-1");
  EXPECT_THAT(agency_->Call(agency_->Caseworker(), "AddAction", add), IsOk());
}

TEST_F(EventDutiesTest, AWrongRequestGetsOneErrorThatNamesTheFieldAndLeavesNothing) {
  NotifiableEvent event = Report(v1::EVENT_KIND_SERIOUS_ILLNESS_ACCIDENT);
  v1::GiveNoticeRequest give;
  give.set_event_id(event.event_id());
  give.set_notice_id(event.notices(0).notice_id());
  give.set_channel(type::v1::CHANNEL_TELEPHONE);
  ASSERT_THAT(agency_->Call(agency_->Caseworker(), "GiveNotice", give), IsOk());
  event = Get(event.event_id());
  const google::protobuf::Timestamp future = clock::ToProto(absl::Now() + absl::Hours(1));
  google::protobuf::Timestamp impossible;
  impossible.set_nanos(-1);

  struct Case {
    const char* what;
    std::string field;
    const char* reason;
    std::function<absl::StatusOr<NotifiableEvent>()> call;
  };
  const auto confirm = [&](std::function<void(v1::ConfirmNoticeInWritingRequest&)> edit) {
    return [=] {
      auto request = Confirming(event);
      edit(request);
      return agency_->Call(agency_->Caseworker(), "ConfirmNoticeInWriting", request);
    };
  };
  const auto discuss = [&](std::function<void(v1::RecordDiscussionRequest&)> edit) {
    return [=] {
      auto request = Discussing(event);
      edit(request);
      return agency_->Call(agency_->Caseworker(), "RecordDiscussion", request);
    };
  };
  const auto end = [&](std::function<void(v1::RecordOutcomeRequest&)> edit) {
    return [=] {
      auto request = Ending(event);
      edit(request);
      return agency_->Call(agency_->TeamManager(), "RecordOutcome", request);
    };
  };
  const std::vector<Case> cases = {
      {"no channel", "channel", "REQUIRED", confirm([](auto& r) { r.clear_channel(); })},
      {"a channel that is none", "channel", "UNKNOWN_ENUM_VALUE",
       confirm([](auto& r) { r.set_channel(static_cast<type::v1::Channel>(99)); })},
      {"by telephone again", "channel", "NOT_IN_WRITING",
       confirm([](auto& r) { r.set_channel(type::v1::CHANNEL_TELEPHONE); })},
      {"confirmed tomorrow", "confirmed_time", "IN_THE_FUTURE",
       confirm([=](auto& r) { *r.mutable_confirmed_time() = future; })},
      {"confirmed at no moment", "confirmed_time", "INVALID_TIME",
       confirm([=](auto& r) { *r.mutable_confirmed_time() = impossible; })},
      {"a long reference", "reference", "TEXT_TOO_LONG",
       confirm([](auto& r) { r.set_reference(std::string(201, 'x')); })},
      {"no discussed_time", "discussed_time", "REQUIRED",
       discuss([](auto& r) { r.clear_discussed_time(); })},
      {"discussed tomorrow", "discussed_time", "IN_THE_FUTURE",
       discuss([=](auto& r) { *r.mutable_discussed_time() = future; })},
      {"with nobody", "discussed_with", "REQUIRED",
       discuss([](auto& r) { r.set_discussed_with(" "); })},
      {"nothing agreed", "agreed", "REQUIRED", discuss([](auto& r) { r.clear_agreed(); })},
      {"a long agreement", "agreed", "TEXT_TOO_LONG",
       discuss([](auto& r) { r.set_agreed(std::string(20'001, 'x')); })},
      {"no outcome", "outcome", "REQUIRED", end([](auto& r) { r.clear_outcome(); })},
      {"ended tomorrow", "outcome_time", "IN_THE_FUTURE",
       end([=](auto& r) { *r.mutable_outcome_time() = future; })},
      {"no choice", "regulator_update", "REQUIRED",
       end([](auto& r) { r.clear_regulator_update(); })},
      {"a choice that is none", "regulator_update", "UNKNOWN_ENUM_VALUE",
       end([](auto& r) { r.set_regulator_update(static_cast<v1::RegulatorUpdate>(9)); })},
      {"no reason", "reason", "REQUIRED", end([](auto& r) { r.clear_reason(); })},
  };
  const int64_t before = Recorded();
  for (const Case& c : cases) {
    auto refused = c.call();
    EXPECT_THAT(refused, StatusIs(absl::StatusCode::kInvalidArgument)) << c.what;
    EXPECT_THAT(refused, HasReason(c.reason)) << c.what;
    const auto violations = ViolationsOf(refused.status());
    ASSERT_EQ(violations.size(), 1u) << c.what;
    EXPECT_EQ(violations[0].field, c.field) << c.what;
  }
  const auto nowhere = [](auto request, const char* method) {
    request.set_event_id("no-such-event");
    return agency_->Call(agency_->TeamManager(), method, request).status();
  };
  EXPECT_EQ(nowhere(Confirming(event), "ConfirmNoticeInWriting").code(),
            absl::StatusCode::kNotFound);
  EXPECT_EQ(nowhere(Discussing(event), "RecordDiscussion").code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(nowhere(Ending(event), "RecordOutcome").code(), absl::StatusCode::kNotFound);
  // Another agency's event is not found either, and roles without the right get nowhere.
  EXPECT_EQ(other_->Call(other_->TeamManager(), "ConfirmNoticeInWriting", Confirming(event))
                .status()
                .code(),
            absl::StatusCode::kNotFound);
  EXPECT_EQ(
      other_->Call(other_->TeamManager(), "RecordDiscussion", Discussing(event)).status().code(),
      absl::StatusCode::kNotFound);
  EXPECT_EQ(other_->Call(other_->TeamManager(), "RecordOutcome", Ending(event)).status().code(),
            absl::StatusCode::kNotFound);
  EXPECT_THAT(agency_->Call(agency_->Publisher(), "ConfirmNoticeInWriting", Confirming(event)),
              StatusIs(absl::StatusCode::kPermissionDenied));
  EXPECT_THAT(agency_->Call(agency_->Publisher(), "RecordDiscussion", Discussing(event)),
              StatusIs(absl::StatusCode::kPermissionDenied));
  EXPECT_THAT(agency_->Call(agency_->Caseworker(), "RecordOutcome", Ending(event)),
              StatusIs(absl::StatusCode::kPermissionDenied));
  EXPECT_EQ(Recorded(), before);
}

TEST_F(EventDutiesTest, TheSameRequestAgainGetsTheFirstAnswer) {
  const NotifiableEvent event = Report(v1::EVENT_KIND_SERIOUS_ILLNESS_ACCIDENT);
  auto discuss = Discussing(event);
  discuss.set_request_id("discuss-" + event.event_id());
  auto end = Ending(event);
  end.set_request_id("end-" + event.event_id());
  for (int time = 0; time < 2; ++time) {
    auto discussed = agency_->Call(agency_->Caseworker(), "RecordDiscussion", discuss);
    ASSERT_THAT(discussed, IsOk());
    auto ended = agency_->Call(agency_->TeamManager(), "RecordOutcome", end);
    ASSERT_THAT(ended, IsOk());
  }
  end.set_reason("another one");
  EXPECT_THAT(agency_->Call(agency_->TeamManager(), "RecordOutcome", end),
              HasReason("REQUEST_ID_REUSED"));
}

}  // namespace
}  // namespace fosterwatch::notifiable_events
