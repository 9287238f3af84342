// Every due time is what a separate program, recompute.py, works out from its explanation alone: in
// the recorded ledgers of releases, and in events of each kind at random moments of five years. It
// finds the ones that are wrong by a second.
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <random>

#include <google/protobuf/util/json_util.h>
#include <gtest/gtest.h>
#include <sys/wait.h>

#include "libs/clock/deadline.h"
#include "services/notifiable_events/domain/follow_up.h"
#include "services/notifiable_events/domain/manager_absence.h"
#include "services/notifiable_events/domain/test_support.h"

namespace fosterwatch::notifiable_events::domain {
namespace {

namespace fs = std::filesystem;

fs::path Source(const std::string& path) {
  const char* root = std::getenv("FOSTERWATCH_SOURCE_DIR");
  return fs::path(root == nullptr ? "." : root) / path;
}

// The exit code of the program over these files.
int Recompute(const std::vector<fs::path>& files) {
  std::string command = absl::StrCat(
      "'", PYTHON, "' '", Source("tests/recompute/recompute.py").string(), "' --holidays '",
      Source("libs/clock/data/bank_holidays_england_and_wales.json").string(), "'");
  for (const auto& earlier : fs::directory_iterator(Source("tests/recompute/calendars"))) {
    absl::StrAppend(&command, " '", earlier.path().string(), "'");
  }
  absl::StrAppend(&command, " --files");
  for (const auto& file : files) absl::StrAppend(&command, " '", file.string(), "'");
  const int status = std::system(command.c_str());
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

class RecomputeTest : public testing::Test {
 protected:
  void TearDown() override { fs::remove(file_); }

  template <typename Message>
  void Write(const std::vector<Message>& messages) {
    std::ofstream out(file_);
    for (const auto& message : messages) {
      std::string json;
      ASSERT_TRUE(google::protobuf::util::MessageToJsonString(message, &json).ok());
      out << json << "\n";
    }
  }

  const fs::path file_ =
      fs::path(testing::TempDir()) / absl::StrCat("recompute-", getpid(), ".jsonl");
};

// Any microsecond of 2024 to 2028, both nights of each year on which the clocks change included.
absl::Time Anytime(std::mt19937_64& random) {
  std::uniform_int_distribution<int64_t> micros(1'704'067'200'000'000, 1'861'900'000'000'000);
  return absl::FromUnixMicros(micros(random));
}

std::vector<v1::NotifiableEvent> Events() {
  std::mt19937_64 random(36);
  std::vector<v1::NotifiableEvent> events;
  Ids ids;
  for (int i = 0; i < 300; ++i) {
    const absl::Time now = Anytime(random);
    const auto kind = static_cast<v1::EventKind>(i % 11 + 1);
    auto request = ReportRequest({kind});
    *request.mutable_report()->mutable_occurred_time() = clock::ToProto(now - absl::Hours(5));
    *request.mutable_report()->mutable_became_aware_time() =
        clock::ToProto(now - absl::Microseconds(random() % 7'200'000'000));
    const auto facts = Report({}, request, "event", kCaseworker, "", OurLaw(), OurCalendar(),
                              World(kAway), now, ids);
    EXPECT_TRUE(facts.ok()) << facts.status();
    if (facts.ok()) ApplyAll(events.emplace_back(), *facts, kCaseworker, now);
  }
  for (int i = 0; i < 100; ++i) {
    v1::ManagerAbsence absence;
    absence.set_absence_id("absence");
    *absence.mutable_from_time() = clock::ToProto(Anytime(random));
    absence.set_emergency(i % 2 == 0);
    const auto facts = OpenManagerAbsence({}, absence, kNow, "event", kSender, OurLaw(),
                                          OurCalendar(), World(kAway), kNow, ids);
    EXPECT_TRUE(facts.ok()) << facts.status();
    if (facts.ok()) ApplyAll(events.emplace_back(), *facts, kSender);
  }
  return events;
}

// Counted with pauses and backwards, which no event does.
std::vector<type::v1::Explanation> Explanations() {
  std::mt19937_64 random(1738);
  std::vector<type::v1::Explanation> explanations;
  for (int i = 0; i < 300; ++i) {
    const absl::Time trigger = Anytime(random);
    std::vector<clock::Pause> pauses;
    for (int n = i % 4; n > 0; --n) {
      const absl::Time from = trigger + absl::Seconds(random() % 2'000'000);
      pauses.push_back({from, from + absl::Seconds(1 + random() % 2'000'000)});
    }
    if (i % 7 == 0) pauses.push_back({trigger + absl::Seconds(random() % 4'000'000)});
    const int days = static_cast<int>(random() % 65) + 1;
    const auto deadline = i % 3 == 0 ? clock::SubtractWorkingDays(trigger, days, OurCalendar())
                                     : clock::AddWorkingDays(trigger, days, OurCalendar(), pauses);
    EXPECT_TRUE(deadline.ok()) << deadline.status();
    explanations.push_back(clock::Explain({}, trigger, *deadline));
  }
  return explanations;
}

TEST_F(RecomputeTest, AgreesWithPausedAndSubtractedWorkingDays) {
  Write(Explanations());
  EXPECT_EQ(Recompute({file_}), 0);
}

TEST_F(RecomputeTest, FindsAPauseThatWasForgottenOrAddedAndADueTimeWhereTheClockStands) {
  const auto wrong = [&](type::v1::Explanation explanation) {
    Write<type::v1::Explanation>({explanation});
    EXPECT_EQ(Recompute({file_}), 1) << explanation.ShortDebugString();
  };
  const absl::Time monday = absl::FromCivil(absl::CivilHour(2026, 11, 16, 12), clock::London());
  const std::vector<clock::Pause> over_night = {
      {monday + absl::Hours(1), monday + absl::Hours(40)}};
  auto explanation =
      clock::Explain({}, monday, *clock::AddWorkingDays(monday, 3, OurCalendar(), over_night));
  Write<type::v1::Explanation>({explanation});
  EXPECT_EQ(Recompute({file_}), 0);
  auto forgotten = explanation;
  forgotten.mutable_steps(0)->clear_pauses();
  wrong(forgotten);
  *explanation.mutable_steps(0)->add_pauses()->mutable_from_time() =
      clock::ToProto(monday + absl::Hours(34));
  wrong(explanation);
  const auto standing =
      clock::AddWorkingDays(monday, 3, OurCalendar(), {{monday + absl::Hours(30)}});
  explanation = clock::Explain({}, monday, *standing);
  *explanation.mutable_due_time() = clock::ToProto(monday);
  wrong(explanation);
}

TEST_F(RecomputeTest, AgreesWithTheLedgersOfEachRelease) {
  std::vector<fs::path> files;
  for (const auto& recording : fs::directory_iterator(Source("tests/replay/recordings"))) {
    const fs::path file = recording.path() / "notifiable_events.states.jsonl";
    if (fs::exists(file)) files.push_back(file);
  }
  ASSERT_FALSE(files.empty());
  EXPECT_EQ(Recompute(files), 0);
}

TEST_F(RecomputeTest, AgreesWithEventsOfEachKindAtAnyMoment) {
  Write(Events());
  EXPECT_EQ(Recompute({file_}), 0);
}

TEST_F(RecomputeTest, FindsADueTimeThatIsWrongByASecond) {
  const std::vector<v1::NotifiableEvent> events = Events();
  const auto wrong = [&](size_t event, const std::function<void(v1::NotifiableEvent&)>& spoil) {
    v1::NotifiableEvent spoiled = events[event];
    spoil(spoiled);
    Write<v1::NotifiableEvent>({spoiled});
    EXPECT_EQ(Recompute({file_}), 1);
  };
  const auto later = [](google::protobuf::Timestamp* time) {
    time->set_seconds(time->seconds() + 1);
  };
  wrong(0, [&](auto& event) { later(event.mutable_notices(0)->mutable_due_time()); });
  wrong(0, [&](auto& event) { later(event.mutable_notices(0)->mutable_in_time_until()); });
  wrong(1, [&](auto& event) { later(event.mutable_sign_offs(1)->mutable_due_time()); });
  wrong(320, [&](auto& event) { later(event.mutable_notices(0)->mutable_due_time()); });
  // A working day that was none, a month too few.
  wrong(1, [](auto& event) {
    event.mutable_sign_offs(0)->mutable_explanation()->mutable_steps(0)->set_amount(2);
  });
  wrong(321, [](auto& event) {
    event.mutable_notices(0)->mutable_explanation()->mutable_steps(0)->set_amount(-2);
  });
}

}  // namespace
}  // namespace fosterwatch::notifiable_events::domain
