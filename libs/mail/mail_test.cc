#include "libs/mail/mail.h"

#include <string>
#include <vector>

#include "absl/strings/str_split.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "libs/testing/status_matchers.h"

namespace fosterwatch::mail {
namespace {

using ::fosterwatch::testing::HasReason;
using ::fosterwatch::testing::IsOk;
using ::testing::HasSubstr;
using ::testing::Not;

Message Example() {
  Message message;
  message.from = "fosterwatch@localhost";
  message.to = "duty@northshire.example";
  message.subject = "Notice under regulation 36";
  message.message_id = "<0191-d1@fosterwatch>";
  message.text = "First line\n.\nLast line\n";
  message.date = absl::FromCivil(absl::CivilSecond(2026, 11, 22, 6, 5, 4), absl::UTCTimeZone());
  return message;
}

TEST(RenderTest, GivesAWholeMailThatSaysAMachineSentIt) {
  EXPECT_EQ(*Render(Example()),
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

TEST(RenderTest, EncodesWhatIsNotAscii) {
  Message message = Example();
  message.text = "Zo\xc3\xab = missing \n";
  EXPECT_THAT(*Render(message), HasSubstr("\r\n\r\nZo=C3=AB =3D missing=20\r\n"));
}

TEST(RenderTest, BreaksLongLinesSoftly) {
  Message message = Example();
  message.text = std::string(200, 'x') + std::string(100, '=');
  const std::string rendered = *Render(message);
  for (const std::string& line : std::vector<std::string>(absl::StrSplit(rendered, "\r\n"))) {
    EXPECT_LE(line.size(), 76u) << line;
  }
}

TEST(RenderTest, CutsALongSubjectBetweenCharacters) {
  Message message = Example();
  message.subject.clear();
  for (int i = 0; i < 60; ++i) message.subject += "\xc3\xa9";
  const std::string rendered = *Render(message);
  EXPECT_THAT(rendered,
              HasSubstr("Subject: =?UTF-8?B?w6nDqcOpw6nDqcOpw6nDqcOpw6nDqcOpw6nDqcOpw6nDqc"
                        "Opw6nDqcOp?=\r\n =?UTF-8?B?"));
}

TEST(RenderTest, RefusesASubjectThatWouldBeAnotherHeader) {
  for (const char* subject : {"Notice\r\nBcc: all@example.org", "Notice\nX: y", "", "a\tb"}) {
    Message message = Example();
    message.subject = subject;
    EXPECT_THAT(Render(message), HasReason("MAIL_INVALID")) << subject;
  }
}

TEST(RenderTest, RefusesWhatIsNoAddress) {
  Message message = Example();
  message.to = "duty@northshire.example>\r\nRCPT TO:<x@y.example";
  EXPECT_THAT(Render(message), HasReason("MAIL_INVALID"));
  message = Example();
  message.from = "nobody";
  EXPECT_THAT(Render(message), HasReason("MAIL_INVALID"));
  message = Example();
  message.message_id = "d1@fosterwatch";
  EXPECT_THAT(Render(message), HasReason("MAIL_INVALID"));
}

TEST(RenderTest, ASenderMayHaveAnotherNameThatIsNothingButAName) {
  Message message = Example();
  message.from_name = "Fosterwatch watchdog";
  EXPECT_THAT(*Render(message),
              HasSubstr("From: Fosterwatch watchdog <fosterwatch@localhost>\r\n"));
  for (const char* name : {"", "A <a@b.example>, B", "A\r\nBcc: all@example.org", "A, B"}) {
    message.from_name = name;
    EXPECT_THAT(Render(message), HasReason("MAIL_INVALID")) << name;
  }
}

}  // namespace
}  // namespace fosterwatch::mail
