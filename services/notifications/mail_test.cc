#include "services/notifications/mail.h"

#include <string>
#include <vector>

#include "absl/strings/str_split.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "libs/testing/status_matchers.h"

namespace fosterwatch::notifications {
namespace {

using ::fosterwatch::testing::HasReason;
using ::fosterwatch::testing::IsOk;
using ::testing::HasSubstr;
using ::testing::Not;

Mail Example() {
  Mail mail;
  mail.from = "fosterwatch@localhost";
  mail.to = "duty@northshire.example";
  mail.subject = "Notice under regulation 36";
  mail.message_id = "<0191-d1@fosterwatch>";
  mail.text = "First line\n.\nLast line\n";
  mail.date = absl::FromCivil(absl::CivilSecond(2026, 11, 22, 6, 5, 4), absl::UTCTimeZone());
  return mail;
}

TEST(RenderMailTest, GivesAWholeMailThatSaysAMachineSentIt) {
  EXPECT_EQ(*RenderMail(Example()),
            "From: Fosterwatch <fosterwatch@localhost>\r\n"
            "To: <duty@northshire.example>\r\n"
            "Subject: Notice under regulation 36\r\n"
            "Date: Sun, 22 Nov 2026 06:05:04 +0000\r\n"
            "Message-ID: <0191-d1@fosterwatch>\r\n"
            "Auto-Submitted: auto-generated\r\n"
            "MIME-Version: 1.0\r\n"
            "Content-Type: text/plain; charset=utf-8\r\n"
            "Content-Transfer-Encoding: quoted-printable\r\n"
            "\r\n"
            "First line\r\n.\r\nLast line\r\n");
}

TEST(RenderMailTest, EncodesWhatIsNotAscii) {
  Mail mail = Example();
  mail.text = "Zo\xc3\xab = missing \n";
  EXPECT_THAT(*RenderMail(mail), HasSubstr("\r\n\r\nZo=C3=AB =3D missing=20\r\n"));
}

TEST(RenderMailTest, BreaksLongLinesSoftly) {
  Mail mail = Example();
  mail.text = std::string(200, 'x') + std::string(100, '=');
  const std::string rendered = *RenderMail(mail);
  for (const std::string& line : std::vector<std::string>(absl::StrSplit(rendered, "\r\n"))) {
    EXPECT_LE(line.size(), 76u) << line;
  }
}

TEST(RenderMailTest, CutsALongSubjectBetweenCharacters) {
  Mail mail = Example();
  mail.subject.clear();
  for (int i = 0; i < 60; ++i) mail.subject += "\xc3\xa9";
  const std::string rendered = *RenderMail(mail);
  EXPECT_THAT(rendered,
              HasSubstr("Subject: =?UTF-8?B?w6nDqcOpw6nDqcOpw6nDqcOpw6nDqcOpw6nDqcOpw6nDqc"
                        "Opw6nDqcOp?=\r\n =?UTF-8?B?"));
}

TEST(RenderMailTest, RefusesASubjectThatWouldBeAnotherHeader) {
  for (const char* subject : {"Notice\r\nBcc: all@example.org", "Notice\nX: y", "", "a\tb"}) {
    Mail mail = Example();
    mail.subject = subject;
    EXPECT_THAT(RenderMail(mail), HasReason("MAIL_INVALID")) << subject;
  }
}

TEST(RenderMailTest, RefusesWhatIsNoAddress) {
  Mail mail = Example();
  mail.to = "duty@northshire.example>\r\nRCPT TO:<x@y.example";
  EXPECT_THAT(RenderMail(mail), HasReason("MAIL_INVALID"));
  mail = Example();
  mail.from = "nobody";
  EXPECT_THAT(RenderMail(mail), HasReason("MAIL_INVALID"));
  mail = Example();
  mail.message_id = "d1@fosterwatch";
  EXPECT_THAT(RenderMail(mail), HasReason("MAIL_INVALID"));
}

TEST(IsMailAddressTest, KnowsAddressesFromOtherText) {
  for (const char* address :
       {"a@b", "duty.team+night@north-shire.gov.example", "o'hara@x.example"}) {
    EXPECT_TRUE(IsMailAddress(address)) << address;
  }
  for (const char* text : {"", "@", "a@", "@b", "a b@c", "a@b@c", "a@b,c@d", "<a@b>", "a@b\n",
                           ".a@b", "a..b@c", "a@b.", "Zo\xc3\xab@x.example", "\"a b\"@c"}) {
    EXPECT_FALSE(IsMailAddress(text)) << text;
  }
  EXPECT_FALSE(IsMailAddress(std::string(65, 'a') + "@x.example"));
}

}  // namespace
}  // namespace fosterwatch::notifications
