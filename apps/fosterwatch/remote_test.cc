#include "apps/fosterwatch/remote.h"

#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "apps/fosterwatch/table.h"
#include "fosterwatch/notifiable_events/v1/notifiable_event.pb.h"
#include "libs/clock/proto_time.h"
#include "libs/status/error.h"
#include "libs/testing/status_matchers.h"

namespace fosterwatch::app {
namespace {

using fosterwatch::testing::HasReason;
using fosterwatch::testing::IsOk;
using notifiable_events::v1::EventKind;
using ::testing::HasSubstr;

absl::Time Moment(const std::string& text) {
  const auto moment = ParseMoment(text, "at");
  EXPECT_THAT(moment, IsOk()) << text;
  return moment.ok() ? clock::FromProto(*moment) : absl::InfinitePast();
}

TEST(ParseMomentTest, ReadsClockTimesOfLondonAndMomentsWithAnOffset) {
  EXPECT_EQ(Moment("2026-11-22T06:49:00Z"), absl::FromUnixSeconds(1795330140));
  EXPECT_EQ(Moment("2026-11-22T07:49:00+01:00"), absl::FromUnixSeconds(1795330140));
  EXPECT_EQ(Moment("2026-11-22 06:49"), absl::FromUnixSeconds(1795330140));
  EXPECT_EQ(Moment("2026-07-01 12:00"), Moment("2026-07-01T11:00:00Z")) << "summer time";
}

TEST(ParseMomentTest, ReadsWhatIsRelativeToNow) {
  EXPECT_LT(absl::AbsDuration(Moment("now") - absl::Now()), absl::Seconds(5));
  EXPECT_EQ(Moment("now") - Moment("now-90m"), absl::Minutes(90));
  EXPECT_LT(absl::AbsDuration(Moment("now-90m") - (absl::Now() - absl::Minutes(90))),
            absl::Seconds(5));
}

TEST(ParseMomentTest, RefusesWhatIsNoMoment) {
  for (const char* text : {"", "yesterday", "now-", "now-soon", "2026-11-22", "2026-13-01 00:00",
                           "22/11/2026 06:49", "now90m"}) {
    EXPECT_THAT(ParseMoment(text, "at"), HasReason("USAGE")) << text;
  }
}

TEST(ParseWordTest, KnowsTheWordsOfAnEnumAndListsThem) {
  const auto parse = [](const std::string& word) {
    return ParseEnum<EventKind>("EVENT_KIND_", word, "kind");
  };
  EXPECT_THAT(parse("child-missing"),
              fosterwatch::testing::IsOkAndHolds(notifiable_events::v1::EVENT_KIND_CHILD_MISSING));
  EXPECT_THAT(parse("CHILD_MISSING"), IsOk());
  EXPECT_THAT(parse("unspecified"), HasReason("USAGE"));
  const absl::Status unknown = parse("lost").status();
  EXPECT_THAT(std::string(unknown.message()), HasSubstr("child-protection-enquiry"));
  EXPECT_EQ(ExitCodeOf(unknown), 2);
}

TEST(ExitCodeTest, SaysWhatKindOfErrorItIs) {
  EXPECT_EQ(ExitCodeOf(absl::OkStatus()), 0);
  EXPECT_EQ(ExitCodeOf(absl::InternalError("")), 1);
  EXPECT_EQ(ExitCodeOf(UsageError("at", "is wrong")), 2);
  EXPECT_EQ(ExitCodeOf(absl::NotFoundError("")), 3);
  EXPECT_EQ(ExitCodeOf(InvalidField("report.kinds", "REQUIRED", "is required")), 4);
  EXPECT_EQ(ExitCodeOf(absl::FailedPreconditionError("")), 4);
  EXPECT_EQ(ExitCodeOf(absl::PermissionDeniedError("")), 5);
  EXPECT_EQ(ExitCodeOf(absl::UnauthenticatedError("")), 5);
  EXPECT_EQ(ExitCodeOf(absl::UnavailableError("")), 6);
}

TEST(TableTest, ColumnsLineUpByCharacters) {
  Table table({"NAME", "STATE"});
  table.Add({"Zoë", "open"});
  table.Add({"Bartholomew", ""});
  EXPECT_EQ(table.Text(),
            "NAME         STATE\n"
            "Zoë          open\n"
            "Bartholomew\n");
}

TEST(TableTest, TimesAreThoseOfAClockInLondon) {
  EXPECT_EQ(ShowTime(clock::ToProto(absl::FromUnixSeconds(1795330140))), "Sun 22 Nov 2026 06:49");
  EXPECT_EQ(ShowTime({}, false), "-");
}

}  // namespace
}  // namespace fosterwatch::app
