// The manager on leave and the deputy without a delegation, by the real binary with a mail server:
// what the check says before anything has happened, whom an alert goes to meanwhile, who may sign
// off and who may not, and how it is put right.
#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "fosterwatch/directory/v1/directory_service.pb.h"
#include "libs/clock/proto_time.h"
#include "libs/mail/testing/scripted_smtp_server.h"
#include "libs/testing/await.h"
#include "libs/testing/status_matchers.h"
#include "tests/support/agency.h"
#include "tests/support/installation.h"

namespace fosterwatch {
namespace {

using directory::v1::Finding;
using ::fosterwatch::testing::Agency;
using ::fosterwatch::testing::AwaitTrue;
using ::fosterwatch::testing::HasReason;
using ::fosterwatch::testing::Installation;
using ::fosterwatch::testing::IsOk;
using ::fosterwatch::testing::Person;
using notifiable_events::v1::NotifiableEvent;
using notifiable_events::v1::SignOff;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr char kDirectory[] = "fosterwatch.directory.v1.DirectoryService";

class LeaveTest : public ::testing::Test {
 protected:
  LeaveTest() : installation_({}) {
    installation_.Start({{"FOSTERWATCH_SMTP_URL", mails_.url()}});
    EXPECT_TRUE(installation_.AwaitReady()) << installation_.process().Output();
    agency_ = std::make_unique<Agency>(&installation_, "agency-a");
    Appoint("registered-manager-1", options::v1::ROLE_REGISTERED_MANAGER);
    Appoint("deputy-1", options::v1::ROLE_DEPUTY_MANAGER);
    Appoint("team-manager-1", options::v1::ROLE_TEAM_MANAGER);
    Appoint("individual-1", options::v1::ROLE_RESPONSIBLE_INDIVIDUAL);
  }

  Person Deputy() const { return {agency_->id(), "deputy-1", {options::v1::ROLE_DEPUTY_MANAGER}}; }
  Person Individual() const {
    return {agency_->id(), "individual-1", {options::v1::ROLE_RESPONSIBLE_INDIVIDUAL}};
  }

  template <typename Response>
  absl::StatusOr<Response> Ask(const Person& person, const std::string& method,
                               const google::protobuf::Message& request) {
    return installation_.Call<Response>(person, kDirectory, method, request);
  }
  void Appoint(const std::string& person, options::v1::Role role) {
    directory::v1::AppointHolderRequest request;
    auto* holder = request.mutable_holder();
    holder->set_person_id(person);
    holder->set_role(role);
    holder->set_name("Test Person");
    holder->set_email(person + "@agency.example");
    holder->set_title("Test title");
    *holder->mutable_from_time() = clock::ToProto(absl::Now() - absl::Hours(24));
    EXPECT_THAT(Ask<directory::v1::RoleHolder>(agency_->Administrator(), "AppointHolder", request),
                IsOk());
  }
  absl::StatusOr<directory::v1::Absence> Leave(const std::string& cover) {
    directory::v1::RecordAbsenceRequest request;
    auto* absence = request.mutable_absence();
    absence->set_person_id("registered-manager-1");
    absence->set_role(options::v1::ROLE_REGISTERED_MANAGER);
    *absence->mutable_until_time() = clock::ToProto(absl::Now() + absl::Hours(14 * 24));
    absence->set_covered_by_person_id(cover);
    absence->set_reason("annual leave");
    return Ask<directory::v1::Absence>(Deputy(), "RecordAbsence", request);
  }
  std::vector<Finding::Code> Findings() {
    const auto check = Ask<directory::v1::DirectoryCheck>(Deputy(), "CheckDirectory",
                                                          directory::v1::CheckDirectoryRequest());
    EXPECT_THAT(check, IsOk());
    std::vector<Finding::Code> codes;
    if (!check.ok()) return codes;
    for (const Finding& finding : check->findings()) codes.push_back(finding.code());
    return codes;
  }
  NotifiableEvent Report() {
    notifiable_events::v1::ReportEventRequest request;
    *request.mutable_report() =
        agency_->Report(notifiable_events::v1::EVENT_KIND_INFECTIOUS_DISEASE);
    const auto event = agency_->Call(agency_->Caseworker(), "ReportEvent", request);
    EXPECT_THAT(event, IsOk());
    return event.ok() ? *event : NotifiableEvent();
  }
  absl::StatusOr<NotifiableEvent> Sign(const Person& person, const NotifiableEvent& event,
                                       SignOff::Stage stage) {
    notifiable_events::v1::SignOffEventRequest request;
    request.set_event_id(event.event_id());
    request.set_stage(stage);
    request.set_comment("read and agreed");
    return agency_->Call(person, "SignOffEvent", request);
  }
  // Mails about other records, as a figure that is red, are not this test's.
  int64_t MailsTo(const std::string& person, const NotifiableEvent& event) const {
    const auto received = mails_.received();
    return std::count_if(received.begin(), received.end(), [&](const auto& mail) {
      return mail.recipient == person + "@agency.example" &&
             absl::StrContains(mail.data, event.event_id());
    });
  }

  mail::ScriptedSmtpServer mails_;
  Installation installation_;
  std::unique_ptr<Agency> agency_;
};

TEST_F(LeaveTest, TheDeputyIsToldAndSignsOnlyOnceThereIsADelegation) {
  EXPECT_THAT(Findings(), IsEmpty());
  ASSERT_THAT(Leave(""), IsOk());
  EXPECT_THAT(Findings(), ElementsAre(Finding::CODE_ROLE_AWAY, Finding::CODE_COVER_MISSING,
                                      Finding::CODE_DELEGATION_MISSING));

  // The rung of the manager has nobody to reach: the deputy is told at once.
  const NotifiableEvent event = Report();
  ASSERT_TRUE(AwaitTrue([&] { return MailsTo("deputy-1", event) > 0; }, absl::Minutes(2)))
      << installation_.process().Output();
  EXPECT_EQ(MailsTo("registered-manager-1", event), 0);

  ASSERT_THAT(Sign(agency_->TeamManager(), event, SignOff::STAGE_MANAGER), IsOk());
  EXPECT_THAT(Sign(Deputy(), event, SignOff::STAGE_REGISTERED_MANAGER), HasReason("NO_DELEGATION"));

  directory::v1::RecordDelegationRequest record;
  auto* delegation = record.mutable_delegation();
  delegation->set_from_person_id("registered-manager-1");
  delegation->set_to_person_id("deputy-1");
  delegation->set_scope(directory::v1::Delegation::SCOPE_SIGN_OFF);
  *delegation->mutable_until_time() = clock::ToProto(absl::Now() + absl::Hours(15 * 24));
  delegation->set_reason("annual leave");
  const auto given = Ask<directory::v1::Delegation>(Individual(), "RecordDelegation", record);
  ASSERT_THAT(given, IsOk());
  EXPECT_THAT(Findings(), ElementsAre(Finding::CODE_ROLE_AWAY, Finding::CODE_COVER_MISSING));
  // As soon as the register of events has heard of it.
  absl::StatusOr<NotifiableEvent> signed_off;
  ASSERT_TRUE(AwaitTrue(
      [&] {
        signed_off = Sign(Deputy(), event, SignOff::STAGE_REGISTERED_MANAGER);
        return signed_off.ok();
      },
      absl::Minutes(2)))
      << signed_off.status();
  const auto sign_off = std::find_if(
      signed_off->sign_offs().begin(), signed_off->sign_offs().end(),
      [](const SignOff& one) { return one.stage() == SignOff::STAGE_REGISTERED_MANAGER; });
  ASSERT_NE(sign_off, signed_off->sign_offs().end());
  EXPECT_EQ(sign_off->delegation_id(), given->delegation_id());
  EXPECT_EQ(sign_off->signed_role(), options::v1::ROLE_DEPUTY_MANAGER);
}

TEST_F(LeaveTest, WhoeverCoversIsToldInTheManagersPlace) {
  ASSERT_THAT(Leave("team-manager-1"), IsOk());
  EXPECT_THAT(Findings(), ElementsAre(Finding::CODE_DELEGATION_MISSING));
  const NotifiableEvent event = Report();
  ASSERT_TRUE(AwaitTrue([&] { return MailsTo("team-manager-1", event) > 0; }, absl::Minutes(2)))
      << installation_.process().Output();
  EXPECT_EQ(MailsTo("registered-manager-1", event), 0);
  EXPECT_EQ(MailsTo("deputy-1", event), 0) << "the next rung is not due yet";
}

}  // namespace
}  // namespace fosterwatch
