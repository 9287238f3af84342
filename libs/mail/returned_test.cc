#include "libs/mail/returned.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "libs/testing/status_matchers.h"

namespace fosterwatch::mail {
namespace {

using ::fosterwatch::testing::HasReason;
using ::fosterwatch::testing::IsOk;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

// As Postfix writes one.
std::string Report(const std::string& recipients, const std::string& original) {
  return absl::StrReplaceAll(
      absl::StrCat(
          "From: MAILER-DAEMON@mx.example (Mail Delivery System)\n"
          "To: fosterwatch@agency.example\n"
          "Subject: Undelivered Mail Returned to Sender\n"
          "Auto-Submitted: auto-replied\n"
          "MIME-Version: 1.0\n"
          "Content-Type: multipart/report; report-type=delivery-status;\n"
          "\tboundary=\"b1\"\n\n"
          "--b1\nContent-Type: text/plain\n\nI'm sorry to have to inform you.\n\n"
          "--b1\nContent-Type: message/delivery-status\n\n"
          "Reporting-MTA: dns; mx.example\nArrival-Date: Sun, 22 Nov 2026 10:00:00 +0000\n",
          recipients, "\n--b1\n", original, "\n--b1--\n"),
      {{"\n", "\r\n"}});
}

constexpr char kFailed[] =
    "\nFinal-Recipient: rfc822; duty@northshire.example\nAction: failed\nStatus: 5.1.1\n"
    "Diagnostic-Code: smtp; 550 5.1.1 no such user\n";
constexpr char kOriginal[] =
    "Content-Type: message/rfc822\n\nFrom: fosterwatch@agency.example\n"
    "Message-ID: <d1@fosterwatch>\nSubject: Notice\n\nText.\n";
constexpr char kHeaders[] =
    "Content-Type: text/rfc822-headers\n\nFrom: fosterwatch@agency.example\n"
    "Message-ID: <d1@fosterwatch>\nSubject: Notice\n";

TEST(ReturnedTest, ABounceNamesTheMailThatItReturns) {
  for (const char* original : {kOriginal, kHeaders}) {
    const auto returned = ParseReturned(Report(kFailed, original));
    ASSERT_THAT(returned, IsOk());
    EXPECT_EQ(returned->kind, Returned::Kind::kBounced);
    EXPECT_EQ(returned->status_code, "5.1.1");
    EXPECT_THAT(returned->message_ids, ElementsAre("<d1@fosterwatch>"));
  }
}

TEST(ReturnedTest, ADelayIsNoBounceAndADeliveryNeither) {
  const auto delayed = ParseReturned(
      Report("\nFinal-Recipient: rfc822; x@y\nAction: delayed\nStatus: 4.4.1\n", kOriginal));
  ASSERT_THAT(delayed, IsOk());
  EXPECT_EQ(delayed->kind, Returned::Kind::kDelayed);
  EXPECT_EQ(delayed->status_code, "4.4.1");
  const auto delivered = ParseReturned(Report(
      "\nfinal-recipient: rfc822; x@y\naction: Relayed (to mx)\nstatus: 2.0.0\n", kOriginal));
  ASSERT_THAT(delivered, IsOk());
  EXPECT_EQ(delivered->kind, Returned::Kind::kDelivered);
}

TEST(ReturnedTest, OfSeveralRecipientsTheWorstCounts) {
  const auto returned =
      ParseReturned(Report(absl::StrCat("\nAction: delivered\nStatus: 2.0.0\n", kFailed,
                                        "\nAction: delayed\nStatus: 4.0.0\n"),
                           kOriginal));
  ASSERT_THAT(returned, IsOk());
  EXPECT_EQ(returned->kind, Returned::Kind::kBounced);
  EXPECT_EQ(returned->status_code, "5.1.1");
}

TEST(ReturnedTest, WithoutTheReturnedPartTheReferencesAreTaken) {
  std::string report = Report(kFailed, "Content-Type: text/plain\n\nnothing\n");
  report = absl::StrCat("References: <a@fosterwatch> <b@fosterwatch>\r\n", report);
  const auto returned = ParseReturned(report);
  ASSERT_THAT(returned, IsOk());
  EXPECT_THAT(returned->message_ids, ElementsAre("<b@fosterwatch>", "<a@fosterwatch>"));
}

TEST(ReturnedTest, AStatusThatIsNoneIsLeftOut) {
  const auto returned =
      ParseReturned(Report("\nAction: failed\nStatus: see <script>\n", kOriginal));
  ASSERT_THAT(returned, IsOk());
  EXPECT_EQ(returned->status_code, "");
}

struct Answer {
  const char* header;
  bool machine;
};

TEST(ReturnedTest, AnAbsenceNoticeIsKnownByItsHeaders) {
  const Answer answers[] = {{"Auto-Submitted: auto-replied", true},
                            {"Auto-Submitted: auto-generated; owner=x", true},
                            {"auto-submitted: AUTO-REPLIED (vacation)", true},
                            {"X-Auto-Response-Suppress: All", true},
                            {"X-Autoreply: yes", true},
                            {"Precedence: auto_reply", true},
                            {"Auto-Submitted: no", false},
                            {"Precedence: bulk", false},
                            {"X-Mailer: a person's", false}};
  for (const Answer& answer : answers) {
    const auto returned = ParseReturned(
        absl::StrCat("From: rm1@agency.example\r\nSubject: Out of office\r\n", answer.header,
                     "\r\nIn-Reply-To: <a1@fosterwatch>\r\n"
                     "References: <a0@fosterwatch>\r\n <a1@fosterwatch>\r\n"
                     "\r\nI am away until Monday.\r\n"));
    if (!answer.machine) {
      EXPECT_THAT(returned, HasReason("NOT_RETURNED_MAIL")) << answer.header;
      continue;
    }
    ASSERT_THAT(returned, IsOk()) << answer.header;
    EXPECT_EQ(returned->kind, Returned::Kind::kAutoReply);
    EXPECT_THAT(returned->message_ids, ElementsAre("<a1@fosterwatch>", "<a0@fosterwatch>"));
  }
}

TEST(ReturnedTest, WhatIsNoSuchMailIsRefused) {
  const std::string receipt =
      absl::StrReplaceAll(Report(kFailed, kOriginal),
                          {{"message/delivery-status", "message/disposition-notification"}});
  for (const std::string& mail :
       {std::string(), std::string("no mail at all"), std::string("\0\xff\r\n\r\n", 6),
        std::string("Subject: hello\r\n\r\nA person's answer.\r\n"), receipt,
        std::string("Content-Type: multipart/report; boundary=b\r\n\r\n--b\r\n")}) {
    EXPECT_THAT(ParseReturned(mail), HasReason("NOT_RETURNED_MAIL")) << mail;
  }
}

TEST(ReturnedTest, TakesOnlySoManyIdsAndNoneThatIsOdd) {
  std::string references;
  for (int i = 0; i < 1000; ++i) absl::StrAppend(&references, " <", i, "@fosterwatch>\r\n");
  const auto returned = ParseReturned(
      absl::StrCat("Auto-Submitted: auto-replied\r\nReferences:", references, "\r\naway\r\n"));
  ASSERT_THAT(returned, IsOk());
  EXPECT_THAT(returned->message_ids, SizeIs(20));
  const auto odd =
      ParseReturned(absl::StrCat("Auto-Submitted: auto-replied\r\nIn-Reply-To: <",
                                 std::string(500, 'a'), "@fosterwatch>\r\n\r\naway\r\n"));
  ASSERT_THAT(odd, IsOk());
  EXPECT_THAT(odd->message_ids, IsEmpty());
}

}  // namespace
}  // namespace fosterwatch::mail
