#include "services/notifications/domain/access_watch.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "libs/clock/proto_time.h"
#include "libs/testing/status_matchers.h"
#include "services/notifications/domain/alert.h"
#include "services/notifications/domain/fixture.h"
#include "services/notifications/domain/words.h"

namespace fosterwatch::notifications::domain {
namespace {

using ::fosterwatch::testing::HasReason;
using ::fosterwatch::testing::IsOk;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

absl::Time At(const std::string& text) {
  absl::Time time;
  std::string error;
  EXPECT_TRUE(absl::ParseTime(absl::RFC3339_full, text, &time, &error)) << error;
  return time;
}

v1::AccessWatch After(v1::AccessWatch watch, const Facts& facts) {
  for (const v1::NotificationFact& fact : facts) EvolveAccessWatch(watch, fact);
  return watch;
}

v1::AccessWatch PlannedAt(const std::string& now) {
  return After({}, PlanAccessWatch({}, "carers", At(now)));
}

TEST(AccessWatchTest, IsPlannedOnceAndLooksAtNoDayThatIsNotOver) {
  const v1::AccessWatch watch = PlannedAt("2026-11-22T15:00:00Z");
  EXPECT_EQ(watch.service(), "carers");
  EXPECT_EQ(clock::FromProto(watch.next_look_time()), At("2026-11-22T15:00:00Z"));
  EXPECT_THAT(PlanAccessWatch(watch, "carers", At("2026-11-23T15:00:00Z")), IsEmpty());
  EXPECT_FALSE(SpanToLookAt(watch, At("2026-11-22T23:59:59Z")).has_value());
  // Set back.
  EXPECT_FALSE(SpanToLookAt(watch, At("2026-11-20T12:00:00Z")).has_value());
}

TEST(AccessWatchTest, LooksAtWholeDaysOfLondonAndMakesUpForThoseThatItMissed) {
  struct Case {
    const char* planned;
    const char* now;
    const char* from;
    const char* until;
  };
  const Case cases[] = {
      {"2026-11-22T15:00:00Z", "2026-11-23T06:00:00Z", "2026-11-22T00:00:00Z",
       "2026-11-23T00:00:00Z"},
      // Nothing ran for two days.
      {"2026-11-22T15:00:00Z", "2026-11-25T06:00:00Z", "2026-11-22T00:00:00Z",
       "2026-11-25T00:00:00Z"},
      // In summer the day begins an hour earlier; in October one has 25 hours.
      {"2026-07-01T23:30:00Z", "2026-07-03T05:00:00Z", "2026-07-01T23:00:00Z",
       "2026-07-02T23:00:00Z"},
      {"2026-10-25T12:00:00Z", "2026-10-26T06:00:00Z", "2026-10-24T23:00:00Z",
       "2026-10-26T00:00:00Z"},
      // For longer than a service reports at once: the rest next.
      {"2026-11-01T12:00:00Z", "2027-02-01T06:00:00Z", "2026-11-01T00:00:00Z",
       "2026-12-01T00:00:00Z"},
  };
  for (const Case& each : cases) {
    const auto span = SpanToLookAt(PlannedAt(each.planned), At(each.now));
    ASSERT_TRUE(span.has_value()) << each.now;
    EXPECT_EQ(span->from, At(each.from)) << each.now;
    EXPECT_EQ(span->until, At(each.until)) << each.now;
  }
}

TEST(AccessWatchTest, LooksAgainAtOnceWhereDaysAreLeftAndElseAtTheNextHour) {
  v1::AccessWatch watch = PlannedAt("2026-11-01T12:00:00Z");
  const absl::Time now = At("2026-12-15T06:00:00Z"), next = At("2026-12-16T06:00:00Z");
  watch = After(watch, AccessLookedAt(watch, SpanToLookAt(watch, now), 0, now, next));
  EXPECT_EQ(clock::FromProto(watch.looked_until_time()), At("2026-12-01T00:00:00Z"));
  EXPECT_EQ(clock::FromProto(watch.next_look_time()), now);
  watch = After(watch, AccessLookedAt(watch, SpanToLookAt(watch, now), 2, now, next));
  EXPECT_EQ(clock::FromProto(watch.looked_until_time()), At("2026-12-15T00:00:00Z"));
  EXPECT_EQ(clock::FromProto(watch.next_look_time()), next);
  watch = After(watch, AccessLookedAt(watch, std::nullopt, 0, now, next));
  EXPECT_EQ(clock::FromProto(watch.looked_until_time()), At("2026-12-15T00:00:00Z"));
  EXPECT_EQ(watch.service(), "carers");
}

UnusualAccess Found() { return {"carers", "cw1", Start(), {"MANY_RECORDS 2026-11-22T14:00:00Z"}}; }

TEST(UnusualAccessTest, IsSaidOnceToWhoAnswersForItAndNeverToThatPerson) {
  History history;
  history.Record(UnusualAccessFound(history.state, Found(), history.given()));
  EXPECT_EQ(history.alert().kind(), v1::Alert::KIND_UNUSUAL_ACCESS);
  EXPECT_EQ(history.alert().record_id(), "cw1");
  EXPECT_EQ(history.alert().in_register(), "carers");
  EXPECT_THAT(history.alert().roles(), ElementsAre(options::v1::ROLE_REGISTERED_MANAGER,
                                                   options::v1::ROLE_RESPONSIBLE_INDIVIDUAL));
  EXPECT_TRUE(IsKeptFrom(history.alert(), "cw1"));
  EXPECT_TRUE(history.alert().has_next_climb_time());
  EXPECT_THAT(UnusualAccessFound(history.state, Found(), history.given()), IsEmpty());
  UnusualAccess next_day = Found();
  next_day.looked_from += absl::Hours(24);
  EXPECT_THAT(UnusualAccessFound(history.state, next_day, history.given()), Not(IsEmpty()));
  UnusualAccess elsewhere = Found();
  elsewhere.service = "complaints";
  EXPECT_THAT(UnusualAccessFound(history.state, elsewhere, history.given()), Not(IsEmpty()));

  const Words words = AlertWords(ShippedTemplates().editions(0), history.alert(), "http://x");
  EXPECT_THAT(words.text, AllOf(HasSubstr("Person: cw1"), HasSubstr("http://x/access\n"),
                                HasSubstr("MANY_RECORDS 2026-11-22T14:00:00Z")));
  EXPECT_THAT(words.subject, Not(HasSubstr("cw1")));
}

TEST(UnusualAccessTest, WhoeverHasLookedSaysWhatWasFound) {
  History history;
  history.Record(UnusualAccessFound(history.state, Found(), history.given()));
  const std::string id = history.alert().alert_id();
  EXPECT_THAT(AcknowledgeAlert(history.state, id, "rm1", "", history.now), HasReason("REQUIRED"));
  const auto facts = AcknowledgeAlert(history.state, id, "rm1", "The inspection.", history.now);
  ASSERT_THAT(facts, IsOk());
  history.Record(*facts);
  EXPECT_EQ(history.alert().state(), v1::Alert::STATE_ACKNOWLEDGED);
  EXPECT_FALSE(history.alert().has_next_climb_time());
}

}  // namespace
}  // namespace fosterwatch::notifications::domain
