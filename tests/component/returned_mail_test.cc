// A notice whose mail comes back, by the real binary: the register holds it owed again and its
// figures follow, until a person has given it.
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "fosterwatch/directory/v1/directory_service.pb.h"
#include "fosterwatch/kpis/v1/kpis_service.pb.h"
#include "fosterwatch/notifications/v1/notifications_service.pb.h"
#include "libs/mail/testing/scripted_smtp_server.h"
#include "libs/testing/await.h"
#include "libs/testing/status_matchers.h"
#include "tests/support/agency.h"
#include "tests/support/installation.h"

namespace fosterwatch::notifiable_events {
namespace {

using ::fosterwatch::testing::Agency;
using ::fosterwatch::testing::AwaitTrue;
using ::fosterwatch::testing::Installation;
using ::fosterwatch::testing::IsOk;
using ::testing::SizeIs;

std::string BounceOf(const std::string& message_id) {
  return absl::StrCat(
      "From: MAILER-DAEMON@mx.example\r\nMIME-Version: 1.0\r\n"
      "Content-Type: multipart/report; report-type=delivery-status; boundary=\"b1\"\r\n\r\n"
      "--b1\r\nContent-Type: text/plain\r\n\r\nSorry.\r\n\r\n"
      "--b1\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example\r\n\r\n"
      "Final-Recipient: rfc822; ofsted@example.org\r\nAction: failed\r\nStatus: 5.1.1\r\n\r\n"
      "--b1\r\nContent-Type: message/rfc822\r\n\r\nMessage-ID: ",
      message_id, "\r\nSubject: Notice\r\n\r\nText.\r\n\r\n--b1--\r\n");
}

class ReturnedMailTest : public ::testing::Test {
 protected:
  ReturnedMailTest() {
    installation_.Start({{"FOSTERWATCH_SMTP_URL", mails_.url()}});
    EXPECT_TRUE(installation_.AwaitReady()) << installation_.process().Output();
    agency_ = std::make_unique<Agency>(&installation_, "agency-a");
    directory::v1::RecordBodyRequest body;
    body.mutable_body()->set_body_id("ofsted");
    body.mutable_body()->set_kind(directory::v1::Body::KIND_CHIEF_INSPECTOR);
    body.mutable_body()->set_name("Ofsted");
    auto* contact = body.mutable_body()->add_contacts();
    contact->set_channel(type::v1::CHANNEL_EMAIL);
    contact->set_address("ofsted@example.org");
    EXPECT_THAT(installation_.Call<directory::v1::Body>(agency_->Administrator(),
                                                        "fosterwatch.directory.v1.DirectoryService",
                                                        "RecordBody", body),
                IsOk());
  }

  static v1::Notice ToInspector(const v1::NotifiableEvent& event) {
    for (const v1::Notice& notice : event.notices()) {
      if (notice.recipient() == v1::RECIPIENT_CHIEF_INSPECTOR) return notice;
    }
    ADD_FAILURE() << "nobody tells the Chief Inspector";
    return {};
  }
  v1::Notice NoticeOf(const std::string& event_id) {
    v1::GetEventRequest get;
    get.set_event_id(event_id);
    const auto event = agency_->Call(agency_->RegisteredManager(), "GetEvent", get);
    return event.ok() ? ToInspector(*event) : v1::Notice();
  }
  // How many notices count as given: those behind the median of hours.
  int64_t Given() {
    const auto kpis = installation_.Call<kpis::v1::ListKpisResponse>(
        agency_->Caseworker(), "fosterwatch.kpis.v1.KpisService", "ListKpis",
        kpis::v1::ListKpisRequest());
    if (!kpis.ok()) return -1;
    for (const kpis::v1::Kpi& kpi : kpis->kpis()) {
      if (kpi.definition().code() == "NE2") return kpi.current().denominator();
    }
    return -1;
  }

  mail::ScriptedSmtpServer mails_;
  Installation installation_{{}};
  std::unique_ptr<Agency> agency_;
};

TEST_F(ReturnedMailTest, ANoticeThatCameBackIsOwedUntilAPersonHasGivenIt) {
  // The register hears of the body a moment later; then the message leaves by itself.
  std::string event_id;
  int64_t before = 0;
  ASSERT_TRUE(AwaitTrue([&] {
    before = Given();
    v1::ReportEventRequest request;
    *request.mutable_report() = agency_->Report(v1::EVENT_KIND_SERIOUS_ILLNESS_ACCIDENT);
    const auto reported = agency_->Call(agency_->Caseworker(), "ReportEvent", request);
    if (!reported.ok()) return false;
    event_id = reported->event_id();
    return ToInspector(*reported).channel() == type::v1::CHANNEL_EMAIL;
  }));
  ASSERT_TRUE(AwaitTrue([&] { return NoticeOf(event_id).state() == v1::Notice::STATE_GIVEN; }));
  ASSERT_TRUE(AwaitTrue([&] { return Given() == before + 1; }));
  const v1::Notice given = NoticeOf(event_id);

  notifications::v1::TakeReturnedMailRequest back;
  back.set_mail(BounceOf(given.given_reference()));
  const auto taken = installation_.Call<notifications::v1::TakeReturnedMailResponse>(
      agency_->Administrator(), "fosterwatch.notifications.v1.NotificationsService",
      "TakeReturnedMail", back);
  ASSERT_THAT(taken, IsOk());
  ASSERT_THAT(taken->taken(), SizeIs(1));

  ASSERT_TRUE(AwaitTrue([&] { return NoticeOf(event_id).state() == v1::Notice::STATE_OWED; }));
  const v1::Notice owed = NoticeOf(event_id);
  EXPECT_EQ(owed.due_time().seconds(), given.due_time().seconds()) << "the clock never stopped";
  EXPECT_EQ(owed.attempts(owed.attempts_size() - 1).result_code(), "BOUNCED_5.1.1");
  EXPECT_TRUE(AwaitTrue([&] { return Given() == before; })) << "no figure counts it as given";

  v1::GiveNoticeRequest give;
  give.set_event_id(event_id);
  give.set_notice_id(owed.notice_id());
  give.set_channel(type::v1::CHANNEL_TELEPHONE);
  give.set_reference("Duty desk, 4711");
  EXPECT_THAT(agency_->Call(agency_->Caseworker(), "GiveNotice", give), IsOk());
  EXPECT_TRUE(AwaitTrue([&] { return Given() == before + 1; }));
}

}  // namespace
}  // namespace fosterwatch::notifiable_events
