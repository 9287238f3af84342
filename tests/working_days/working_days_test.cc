// Working days of 2019 to 2030 as libs/clock counts them, forwards, backwards and with pauses, are
// those that a separate program, oracle.py, counts from the rules of the bank holidays. It finds a
// calendar in which a day is missing, and a warning that is.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <random>
#include <sstream>
#include <string>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include <gtest/gtest.h>
#include <sys/wait.h>

#include "libs/clock/deadline.h"

namespace fosterwatch::clock {
namespace {

namespace fs = std::filesystem;

std::string Source(const std::string& path) {
  const char* root = std::getenv("FOSTERWATCH_SOURCE_DIR");
  return (fs::path(root == nullptr ? "." : root) / path).string();
}

std::string OurFile() {
  std::ifstream in(Source("libs/clock/data/bank_holidays_england_and_wales.json"));
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

class WorkingDaysTest : public testing::Test {
 protected:
  void TearDown() override { fs::remove(file_); }

  void Ask(const WorkingCalendar& calendar) {
    out_.open(file_, std::ios::trunc);
    std::vector<int> years;
    for (int year = 2000; year < 2100; ++year) {
      if (calendar.Covers(year)) years.push_back(year);
    }
    out_ << "{\"years\":[" << absl::StrJoin(years, ",") << "]}\n";
  }

  void Say(absl::Time trigger, int days, const std::vector<Pause>& pauses,
           const absl::StatusOr<CivilDeadline>& deadline) {
    ASSERT_TRUE(deadline.ok()) << deadline.status();
    std::vector<std::string> said;
    for (const Pause& pause : pauses) {
      said.push_back(absl::StrCat("[", absl::ToUnixMicros(pause.from), ",",
                                  pause.until == absl::InfiniteFuture()
                                      ? "null"
                                      : absl::StrCat(absl::ToUnixMicros(pause.until)),
                                  "]"));
    }
    // "no bank holidays are known for 2029, 2030"
    std::vector<int> unknown;
    for (const auto word : absl::StrSplit(std::string(deadline->warning().message()),
                                          absl::ByAnyChar(" ,"), absl::SkipEmpty())) {
      int year = 0;
      if (absl::SimpleAtoi(word, &year)) unknown.push_back(year);
    }
    out_ << "{\"trigger\":" << absl::ToUnixMicros(trigger) << ",\"days\":" << days << ",\"due\":"
         << (deadline->due() == absl::InfiniteFuture()
                 ? "null"
                 : absl::StrCat(absl::ToUnixMicros(deadline->due())))
         << ",\"pauses\":[" << absl::StrJoin(said, ",") << "],\"unknown\":["
         << absl::StrJoin(unknown, ",") << "]}\n";
  }

  // The exit code of the oracle.
  int Judge() {
    out_.close();
    const int status =
        std::system(absl::StrCat("'", PYTHON, "' '", Source("tests/working_days/oracle.py"),
                                 "' < '", file_.string(), "'")
                        .c_str());
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }

  // Every day from 2019 to 2030 (every step-th), at some moment of it, both ends included.
  void SayEveryDay(const WorkingCalendar& calendar, int step = 1) {
    const absl::CivilDay end(2031, 1, 1);
    int turn = 0;
    for (absl::CivilDay day(2019, 1, 1); day < end; day += step) {
      const absl::Time begin = absl::FromCivil(day, London());
      const absl::Time moments[] = {begin, begin + absl::Hours(12),
                                    absl::FromCivil(day + 1, London()) - absl::Microseconds(1)};
      for (const int days : {1, 2, 3, 5, 10, 20, 25, 65}) {
        const absl::Time trigger = moments[turn++ % 3];
        Say(trigger, days, {}, AddWorkingDays(trigger, days, calendar));
      }
      const absl::Time trigger = moments[turn++ % 3];
      for (const int days : {1, 10}) {
        Say(trigger, -days, {}, SubtractWorkingDays(trigger, days, calendar));
      }
    }
  }

  const fs::path file_ =
      fs::path(testing::TempDir()) / absl::StrCat("working-days-", getpid(), ".jsonl");
  std::ofstream out_;
};

TEST_F(WorkingDaysTest, AreThoseOfTheOracleOnEveryDayOfTwelveYears) {
  const auto calendar = WorkingCalendar::Parse(OurFile());
  ASSERT_TRUE(calendar.ok()) << calendar.status();
  Ask(*calendar);
  SayEveryDay(*calendar);
  EXPECT_EQ(Judge(), 0);
}

TEST_F(WorkingDaysTest, AreThoseOfTheOracleWithAnyPauses) {
  const auto calendar = WorkingCalendar::Parse(OurFile());
  ASSERT_TRUE(calendar.ok()) << calendar.status();
  Ask(*calendar);
  std::mt19937_64 random(1738);
  const auto from_to = [&](int64_t least, int64_t most) {
    return std::uniform_int_distribution<int64_t>(least, most)(random);
  };
  for (int i = 0; i < 5000; ++i) {
    const absl::Time trigger = absl::FromUnixMicros(
        from_to(1'546'300'800'000'000, 1'924'000'000'000'000));  // 2019 to 2030
    std::vector<Pause> pauses;
    for (int64_t n = from_to(0, 4); n > 0; --n) {
      Pause pause;
      pause.from = trigger + absl::Seconds(from_to(-400'000, 4'000'000));
      // Now and then exactly from midnight to midnight.
      if (i % 5 == 0) pause.from = absl::FromCivil(LondonDay(pause.from), London());
      if (from_to(0, 9) > 0) {
        pause.until = pause.from + absl::Seconds(from_to(1, 2'000'000));
        if (i % 5 == 0) pause.until = absl::FromCivil(LondonDay(pause.from) + 3, London());
      }
      pauses.push_back(pause);
    }
    const int days = static_cast<int>(from_to(1, 65));
    Say(trigger, days, pauses, AddWorkingDays(trigger, days, *calendar, pauses));
  }
  EXPECT_EQ(Judge(), 0);
}

TEST_F(WorkingDaysTest, OracleFindsADayThatIsMissingMovedOrTooMany) {
  const struct {
    const char* what;
    const char* was;
    const char* is;
  } faults[] = {
      {"the state funeral", "2022-09-19", "2022-09-18"},
      {"a substitute day", "2027-12-28", "2027-12-26"},
      {"Easter", "2025-04-18", "2025-04-11"},
      {"VE day where it would have been", "2020-05-08", "2020-05-04"},
      {"a year that nobody has published", R"("years": [2019,)", R"("years": [2029, 2019,)"},
  };
  for (const auto& fault : faults) {
    std::string file = OurFile();
    ASSERT_NE(file.find(fault.was), std::string::npos) << fault.what;
    file = absl::StrReplaceAll(file, {{fault.was, fault.is}});
    if (std::string(fault.is).find("2029") != std::string::npos) {
      file = absl::StrReplaceAll(
          file, {{"\"events\": [", R"("events": [{"title": "A day", "date": "2029-01-03"},)"}});
    }
    const auto calendar = WorkingCalendar::Parse(file);
    ASSERT_TRUE(calendar.ok()) << fault.what << ": " << calendar.status();
    Ask(*calendar);
    SayEveryDay(*calendar, 5);
    EXPECT_EQ(Judge(), 1) << fault.what;
  }
}

TEST_F(WorkingDaysTest, OracleFindsAWarningThatIsMissing) {
  const auto calendar = WorkingCalendar::Parse(OurFile());
  ASSERT_TRUE(calendar.ok()) << calendar.status();
  const absl::Time trigger = absl::FromCivil(absl::CivilDay(2028, 12, 29), London());
  Ask(*calendar);
  Say(trigger, 3, {}, AddWorkingDays(trigger, 3, *calendar));
  EXPECT_EQ(Judge(), 0);
  std::ifstream in(file_);
  std::ostringstream text;
  text << in.rdbuf();
  const std::string silent = absl::StrReplaceAll(text.str(), {{"[2029]", "[]"}});
  ASSERT_NE(silent, text.str());
  out_.open(file_, std::ios::trunc);
  out_ << silent;
  EXPECT_EQ(Judge(), 1);
}

}  // namespace
}  // namespace fosterwatch::clock
