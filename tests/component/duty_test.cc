// Timers on a real PostgreSQL, by a clock that the test moves: a role holder of these tests has a
// timer at its from_time, urgent where it is of a registered manager; HolderEnded fires and ends
// it.
#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "fosterwatch/directory/v1/directory_facts.pb.h"
#include "libs/clock/proto_time.h"
#include "libs/duty/look_sql.h"
#include "libs/duty/loop.h"
#include "libs/testing/await.h"
#include "libs/testing/database.h"
#include "libs/testing/status_matchers.h"

namespace fosterwatch::duty {
namespace {

using directory::v1::DirectoryFact;
using directory::v1::RoleHolder;
using ::fosterwatch::testing::Connect;
using ::fosterwatch::testing::IsOk;
using ::testing::AllOf;
using ::testing::ElementsAreArray;
using ::testing::Ge;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Le;
using ::testing::Not;

constexpr char kRole[] = "test_duty";
constexpr char kKind[] = "reminder";
constexpr char kAgency[] = "agency-a";

// Patient: the machine may be busy with other tests.
bool AwaitTrue(absl::FunctionRef<bool()> condition) {
  return fosterwatch::testing::AwaitTrue(condition, absl::Minutes(2));
}

// 100,000 where FOSTERWATCH_TEST_TIMERS says so.
int Many() {
  int many = 5000;
  const char* wanted = std::getenv("FOSTERWATCH_TEST_TIMERS");
  return wanted != nullptr && absl::SimpleAtoi(wanted, &many) ? many : 5000;
}

std::vector<Timer> TimersOf(const RoleHolder& holder) {
  if (!holder.has_from_time()) return {};
  return {{kKind, holder.holder_id(), clock::FromProto(holder.from_time()),
           holder.role() == options::v1::ROLE_REGISTERED_MANAGER}};
}

std::vector<ledger::Aggregate> Aggregates() {
  std::vector<ledger::Aggregate> aggregates;
  aggregates.push_back(ledger::MakeAggregate<RoleHolder, DirectoryFact>(
      "holder",
      [](RoleHolder& holder, const DirectoryFact& fact, const ledger::FactStamp&) {
        if (fact.has_holder_appointed()) holder = fact.holder_appointed().holder();
        if (fact.has_holder_ended()) holder.clear_from_time();
      },
      [](const RoleHolder& holder, const ledger::FactStamp& last, ledger::Statements& statements) {
        Project(TimersOf(holder), last, statements);
      },
      {kTable}));
  return aggregates;
}

std::vector<pg::Migration> Migrations() {
  std::vector<pg::Migration> migrations = ledger::Migrations(kRole);
  migrations.push_back({"test_0001", TableSql(kRole)});
  return migrations;
}

// How many pages the whole of a plan has touched, by its first node: "Buffers: shared hit=9
// read=2".
int PagesOf(const std::string& plan) {
  const size_t begin = plan.find("Buffers:");
  if (begin == std::string::npos) return -1;
  int pages = 0;
  const std::string line = plan.substr(begin, plan.find('\n', begin) - begin);
  for (const absl::string_view word : absl::StrSplit(line, ' ')) {
    int count = 0;
    const std::pair<absl::string_view, absl::string_view> parts = absl::StrSplit(word, '=');
    if ((parts.first == "hit" || parts.first == "read") && absl::SimpleAtoi(parts.second, &count)) {
      pages += count;
    }
  }
  return pages;
}

class LoopTest : public ::testing::Test {
 protected:
  // A process: a ledger, and a loop on a thread of its own once Start is called.
  class Process {
   public:
    explicit Process(LoopTest* test) : test_(test) {
      ledger::Ledger::Options options;
      options.conninfo = test->database_.service();
      options.relay_conninfo = test->database_.relay();
      options.fact = &DirectoryFact::default_instance();
      options.aggregates = Aggregates();
      options.now = [test] { return test->Now(); };
      ledger_ =
          *ledger::Ledger::Open(std::move(options), *privacy::Sealer::Create(std::string(32, 'k')));
    }
    ~Process() { Stop(); }

    ledger::Ledger& ledger() { return *ledger_; }
    Loop& loop() { return *loop_; }

    // Fires by ending the timer; `before` is called in each decision, on the ledger's thread.
    void Start(std::function<void(const RoleHolder&)> before = nullptr) {
      Loop::Options options;
      options.kind = kKind;
      options.now = [test = test_] { return test->Now(); };
      options.fire = [before](const Due& due) {
        return Firing<RoleHolder, DirectoryFact>(
            due, "holder", "service:test", TimersOf,
            [before](const RoleHolder& holder) -> absl::StatusOr<std::vector<DirectoryFact>> {
              if (before) before(holder);
              if (holder.title() == "stuck") return std::vector<DirectoryFact>{};
              if (holder.title() == "broken") return absl::DataLossError("cannot be read");
              DirectoryFact fact;
              fact.mutable_holder_ended()->mutable_holder()->set_holder_id(holder.holder_id());
              return std::vector<DirectoryFact>{fact};
            });
      };
      Run(std::move(options));
    }
    void Run(Loop::Options options) {
      loop_ = std::make_unique<Loop>(ledger_.get(), std::move(options));
      thread_ = std::thread([this] { loop_->Run(stop_); });
    }
    void Stop() {
      stop_.Request();
      if (thread_.joinable()) thread_.join();
    }

   private:
    LoopTest* const test_;
    std::unique_ptr<ledger::Ledger> ledger_;
    std::unique_ptr<Loop> loop_;
    runtime::Stop stop_;
    std::thread thread_;
  };

  absl::Time Now() const { return absl::FromUnixMicros(now_.load()); }
  void SetNow(absl::Time now) { now_ = absl::ToUnixMicros(now); }

  struct Wanted {
    std::string id;
    absl::Time due;
    bool urgent = false;
    std::string title = "";
  };
  // Records holders with these timers.
  static void Add(Process& process, const std::vector<Wanted>& wanted) {
    std::atomic<size_t> done = 0;
    for (const Wanted& timer : wanted) {
      ledger::Unit unit;
      unit.agency_id = kAgency;
      unit.actor = "test";
      unit.changes.push_back(ledger::MakeChange<RoleHolder, DirectoryFact>(
          "holder", timer.id,
          [timer](const RoleHolder&, int64_t) -> absl::StatusOr<std::vector<DirectoryFact>> {
            DirectoryFact fact;
            RoleHolder* holder = fact.mutable_holder_appointed()->mutable_holder();
            holder->set_holder_id(timer.id);
            holder->set_role(timer.urgent ? options::v1::ROLE_REGISTERED_MANAGER
                                          : options::v1::ROLE_CASEWORKER);
            holder->set_title(timer.title);
            *holder->mutable_from_time() = clock::ToProto(timer.due);
            return std::vector<DirectoryFact>{fact};
          }));
      unit.done = [&done](absl::StatusOr<ledger::Outcome> outcome) {
        EXPECT_THAT(outcome, IsOk());
        ++done;
      };
      EXPECT_TRUE(AwaitTrue([&] { return process.ledger().waiting() < 2000; }));
      process.ledger().Submit(std::move(unit));
    }
    EXPECT_TRUE(AwaitTrue([&] { return done == wanted.size(); }));
  }

  // Due within a minute from `first`, in no order; each hundredth is urgent.
  static std::vector<Wanted> InOneMinute(int count, absl::Time first) {
    std::vector<Wanted> wanted;
    for (int i = 0; i < count; ++i) {
      wanted.push_back(
          {absl::StrCat("t", i), first + absl::Milliseconds(i * 7919LL % 60'000), i % 100 == 50});
    }
    return wanted;
  }
  static std::vector<std::string> InOrder(std::vector<Wanted> wanted) {
    std::stable_sort(wanted.begin(), wanted.end(), [](const Wanted& a, const Wanted& b) {
      if (a.urgent != b.urgent) return a.urgent;
      return a.due != b.due ? a.due < b.due : a.id < b.id;
    });
    std::vector<std::string> ids;
    for (const Wanted& timer : wanted) ids.push_back(timer.id);
    return ids;
  }

  // The ids that fired, in the order of the ledger, with every repetition.
  std::vector<std::string> Fired() {
    const auto rows = Connect(database_.admin())
                          ->Query(
                              "SELECT aggregate_id FROM ledger.fact WHERE name = 'holder_ended'"
                              " ORDER BY position");
    EXPECT_THAT(rows, IsOk());
    std::vector<std::string> ids;
    for (int row = 0; row < rows->rows(); ++row) ids.push_back(rows->Text(row, 0));
    return ids;
  }
  int64_t Number(const std::string& sql) {
    const auto rows = Connect(database_.admin())->Query(sql);
    EXPECT_THAT(rows, IsOk()) << sql;
    return rows.ok() ? rows->Int(0, 0) : -1;
  }
  int64_t Waiting() { return Number("SELECT count(*) FROM view.timer"); }
  std::string Timers() {
    return Connect(database_.admin())
        ->Query("SELECT coalesce(string_agg(t::text, E'\\n' ORDER BY id), '') FROM view.timer t")
        ->Text(0, 0);
  }
  void Run(const std::string& sql) {
    EXPECT_THAT(Connect(database_.admin())->Script(sql), IsOk()) << sql;
  }
  void KillSessions() {
    Run(absl::StrCat("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '",
                     database_.name(), "' AND usename LIKE '", kRole, "%'"));
  }

  const absl::Time start_ =
      absl::FromCivil(absl::CivilSecond(2026, 11, 22, 8), absl::UTCTimeZone());
  std::atomic<int64_t> now_ = absl::ToUnixMicros(start_);
  fosterwatch::testing::Database database_{kRole, Migrations()};
};

TEST_F(LoopTest, AfterTwoHoursOfDowntimeAllFireOnceTheUrgentAndTheOldestFirst) {
  Process process(this);
  const std::vector<Wanted> wanted = InOneMinute(Many(), start_ + absl::Minutes(1));
  Add(process, wanted);
  SetNow(start_ + absl::Hours(2));
  const absl::Time began = absl::Now();
  process.Start();
  ASSERT_TRUE(AwaitTrue([&] { return Waiting() == 0; }));
  std::printf("%zu timers fired in %.1f s\n", wanted.size(),
              absl::ToDoubleSeconds(absl::Now() - began));
  EXPECT_THAT(Fired(), ElementsAreArray(InOrder(wanted)));
}

TEST_F(LoopTest, NothingFiresBeforeItsTime) {
  Process process(this);
  Add(process, {{"early", start_ + absl::Seconds(10)}, {"late", start_ + absl::Seconds(20)}});
  process.Start();
  SetNow(start_ + absl::Seconds(10) - absl::Microseconds(1));
  ASSERT_TRUE(AwaitTrue([&] { return process.loop().looks() >= 3; }));
  EXPECT_THAT(Fired(), IsEmpty());
  SetNow(start_ + absl::Seconds(10));
  ASSERT_TRUE(AwaitTrue([&] { return Fired().size() == 1; }));
  EXPECT_EQ(Fired()[0], "early");
}

TEST_F(LoopTest, AClockThatIsSetBackFiresNothingTwiceAndLosesNothing) {
  Process process(this);
  const std::vector<Wanted> wanted = InOneMinute(2000, start_ + absl::Hours(1));
  Add(process, wanted);
  std::atomic<int> fired = 0;
  SetNow(start_ + absl::Hours(3));
  process.Start([&](const RoleHolder&) {
    if (++fired == 700) SetNow(start_);  // before everything that still waits
  });
  ASSERT_TRUE(AwaitTrue([&] { return fired >= 700; }));
  // What was seen as due before that may still fire; then nothing.
  const int64_t looks = process.loop().looks();
  ASSERT_TRUE(AwaitTrue([&] { return process.loop().looks() >= looks + 2; }));
  const size_t before = Fired().size();
  EXPECT_LT(before, wanted.size());
  EXPECT_EQ(Waiting(), static_cast<int64_t>(wanted.size() - before));

  // By the clock as it is now: a new one comes in its turn.
  Add(process, {{"new", start_ + absl::Minutes(1)}});
  SetNow(start_ + absl::Minutes(1));
  ASSERT_TRUE(AwaitTrue([&] { return Fired().size() == before + 1; }));
  EXPECT_EQ(Fired().back(), "new");

  SetNow(start_ + absl::Hours(2));
  ASSERT_TRUE(AwaitTrue([&] { return Waiting() == 0; }));
  const std::vector<std::string> ids = Fired();
  EXPECT_EQ(ids.size(), wanted.size() + 1);
  EXPECT_EQ(std::set<std::string>(ids.begin(), ids.end()).size(), ids.size());
}

TEST_F(LoopTest, ConnectionsCutBetweenFiringAndRecordNeitherLoseNorDoubleOne) {
  Process process(this);
  const std::vector<Wanted> wanted = InOneMinute(2000, start_);
  Add(process, wanted);
  SetNow(start_ + absl::Hours(1));
  std::atomic<int> decided = 0;
  int cut = 0;
  process.Start([&](const RoleHolder&) {
    // In the middle of a transaction: what it fired so far is not recorded.
    if (++decided % 300 == 0 && cut++ < 5) KillSessions();
  });
  ASSERT_TRUE(AwaitTrue([&] { return Waiting() == 0; }));
  EXPECT_EQ(cut > 5 ? 5 : cut, 5);
  EXPECT_THAT(Fired(), ElementsAreArray(InOrder(wanted)));
}

TEST_F(LoopTest, OfTwoProcessesOneWorksAndTheOtherTakesOver) {
  Process first(this), second(this);
  const std::vector<Wanted> wanted = InOneMinute(1000, start_ + absl::Hours(1));
  Add(first, wanted);
  first.Start();
  ASSERT_TRUE(AwaitTrue([&] { return first.loop().looks() > 0; }));
  second.Start();
  SetNow(start_ + absl::Hours(1) + absl::Seconds(30));
  ASSERT_TRUE(AwaitTrue([&] { return Waiting() < 600; }));
  EXPECT_EQ(second.loop().looks(), 0);
  EXPECT_THAT(second.loop().last_status(), IsOk());
  first.Stop();
  ASSERT_TRUE(AwaitTrue([&] { return second.loop().looks() > 0; }));
  SetNow(start_ + absl::Hours(2));
  ASSERT_TRUE(AwaitTrue([&] { return Waiting() == 0; }));
  const std::vector<std::string> ids = Fired();
  EXPECT_EQ(ids.size(), wanted.size());
  EXPECT_EQ(std::set<std::string>(ids.begin(), ids.end()).size(), ids.size());
}

TEST_F(LoopTest, ARestoreHasTheTimersThatItsFactsSay) {
  {
    Process process(this);
    Add(process, InOneMinute(1500, start_));
    SetNow(start_ + absl::Seconds(30));
    process.Start();
    ASSERT_TRUE(AwaitTrue([&] {
      return Number("SELECT count(*) FROM view.timer WHERE due_at <= '2026-11-22 08:00:30Z'") == 0;
    }));
  }
  const std::string timers = Timers();
  const std::vector<std::string> fired = Fired();
  ASSERT_THAT(timers, Not(IsEmpty()));
  // What a restore may lack or have too much: the views are made again from the facts.
  Run("DELETE FROM view.timer WHERE id LIKE '%7';"
      "UPDATE view.timer SET due_at = due_at - interval '1 hour' WHERE id LIKE '%8';"
      "INSERT INTO view.timer VALUES ('agency-a', 't0', 'reminder', 't0', now(), true)");
  ASSERT_NE(Timers(), timers);
  Process process(this);
  ASSERT_THAT(process.ledger().Rebuild(), IsOk());
  EXPECT_EQ(Timers(), timers);
  EXPECT_EQ(Fired(), fired) << "a rebuild fires nothing";
  SetNow(start_ + absl::Hours(1));
  process.Start();
  ASSERT_TRUE(AwaitTrue([&] { return Waiting() == 0; }));
  const std::vector<std::string> ids = Fired();
  EXPECT_EQ(ids.size(), 1500u);
  EXPECT_EQ(std::set<std::string>(ids.begin(), ids.end()).size(), ids.size());
}

TEST_F(LoopTest, ARowThatItsStateDoesNotKnowFiresNothing) {
  Process process(this);
  Add(process, {{"known", start_ + absl::Hours(1)}});
  Run("INSERT INTO view.timer VALUES ('agency-a', 'known', 'reminder', 'ghost', now(), true);"
      "UPDATE view.timer SET due_at = '2026-11-22 07:00Z' WHERE id = 'known'");
  process.Start();
  ASSERT_TRUE(AwaitTrue([&] { return process.loop().looks() >= 4; }));
  EXPECT_THAT(Fired(), IsEmpty());
}

TEST_F(LoopTest, OneThatCannotBeWorkedOffKeepsNobodyWaiting) {
  Process process(this);
  std::vector<Wanted> wanted = InOneMinute(1200, start_);
  wanted[3].title = "stuck";
  wanted[5].title = "broken";
  Add(process, wanted);
  SetNow(start_ + absl::Hours(1));
  process.Start();
  ASSERT_TRUE(AwaitTrue([&] { return Waiting() == 2; }));
  EXPECT_GE(process.loop().oldest_due_seconds(), 3500) << "and it shows";
  const int64_t looks = process.loop().looks();
  const absl::Time began = absl::Now();
  ASSERT_TRUE(AwaitTrue([&] { return process.loop().looks() >= looks + 6; }));
  EXPECT_GE(absl::Now() - began, absl::Seconds(1)) << "and does not keep the database busy";
}

// As with a duty that falls away when its record is withdrawn, and is owed again as it was when it
// is reopened.
TEST_F(LoopTest, OneThatComesBackAsItWasFiresAgainAsAnyOther) {
  Process process(this);
  process.Start();
  ::testing::internal::CaptureStderr();
  for (size_t times = 1; times <= 3; ++times) {
    const int64_t looks = process.loop().looks();
    Add(process, {{"again", start_ - absl::Hours(1)}});
    ASSERT_TRUE(AwaitTrue([&] { return Fired().size() == times; }));
    // One that sees that it has gone.
    ASSERT_TRUE(AwaitTrue([&] { return process.loop().looks() >= looks + 3; }));
  }
  EXPECT_THAT(::testing::internal::GetCapturedStderr(), Not(HasSubstr("still due")));
}

TEST_F(LoopTest, AMillionTimersThatWaitCostAFewPagesALook) {
  Run("INSERT INTO view.timer SELECT 'agency-a', 's' || n, 'reminder', 'i' || n,"
      " '2026-12-01Z'::timestamptz + n * interval '1 second', n % 1000 = 0"
      " FROM generate_series(1, 1000000) AS n");
  // As a loop's connection sees it at once, without statistics, and with a plan made once for all
  // values; and again after the table was looked through.
  for (const char* state : {"SELECT 1", "VACUUM ANALYZE view.timer"}) {
    Run(state);
    for (const char* mode : {"force_generic_plan", "force_custom_plan"}) {
      const auto connection = Connect(database_.relay());
      ASSERT_THAT(connection->Script(kLookSettings), IsOk());
      ASSERT_THAT(connection->Script(absl::StrCat(
                      "SET plan_cache_mode = ", mode, ";", "PREPARE next_due (text, text[]) AS ",
                      NextSql(), "; PREPARE all_due (text, text[], timestamptz) AS ", DueSql(500))),
                  IsOk());
      for (const char* look :
           {"next_due ('reminder', '{a/b/c}')", "all_due ('reminder', '{a/b/c}', '2026-11-22Z')"}) {
        const auto rows =
            connection->Query(absl::StrCat("EXPLAIN (ANALYZE, BUFFERS) EXECUTE ", look));
        ASSERT_THAT(rows, IsOk());
        std::string plan;
        for (int row = 0; row < rows->rows(); ++row) {
          absl::StrAppend(&plan, rows->Text(row, 0), "\n");
        }
        EXPECT_THAT(PagesOf(plan), AllOf(Ge(1), Le(24))) << state << " " << mode << "\n" << plan;
        EXPECT_THAT(plan, HasSubstr("timer_next"));
        EXPECT_THAT(plan, Not(HasSubstr("Seq Scan")));
        EXPECT_THAT(plan, Not(HasSubstr("Bitmap")));
      }
    }
  }
  Process process(this);
  process.Start();
  ASSERT_TRUE(AwaitTrue([&] { return process.loop().looks() > 0; }));
  const int64_t looks = process.loop().looks();
  const absl::Time began = absl::Now();
  ASSERT_TRUE(AwaitTrue([&] { return process.loop().looks() >= looks + 3; }));
  EXPECT_GE(absl::Now() - began, absl::Seconds(1)) << "two looks a second, and no more";
}

TEST_F(LoopTest, ACommitOfThisProcessWakesIt) {
  Process process(this);
  process.Start();
  ASSERT_TRUE(AwaitTrue([&] { return process.loop().looks() > 0; }));
  const absl::Time began = absl::Now();
  for (int i = 1; i <= 20; ++i) {
    Add(process, {{absl::StrCat("t", i), start_}});
    ASSERT_TRUE(AwaitTrue([&] { return Waiting() == 0; }));
  }
  // By the poll alone it would be five seconds and more.
  EXPECT_LT(absl::Now() - began, absl::Seconds(4));
  EXPECT_EQ(Fired().size(), 20u);
}

TEST_F(LoopTest, ACommitOfAnotherProcessIsSeenToo) {
  Process process(this), other(this);
  process.Start();
  ASSERT_TRUE(AwaitTrue([&] { return process.loop().looks() > 0; }));
  Add(other, {{"t1", start_}});
  ASSERT_TRUE(AwaitTrue([&] { return Fired().size() == 1; }));
}

TEST_F(LoopTest, GoesOnWhenTheDatabaseIsBack) {
  Process process(this);
  process.Start();
  ASSERT_TRUE(AwaitTrue([&] { return process.loop().looks() > 0; }));
  const auto server = Connect(fosterwatch::testing::TestCluster());
  ASSERT_THAT(server->Script(absl::StrCat("ALTER DATABASE ", database_.name(),
                                          " WITH ALLOW_CONNECTIONS false")),
              IsOk());
  ASSERT_THAT(server->Query("SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
                            " WHERE datname = $1",
                            {database_.name()}),
              IsOk());
  ASSERT_TRUE(AwaitTrue([&] { return !process.loop().last_status().ok(); }));
  ASSERT_THAT(server->Script(absl::StrCat("ALTER DATABASE ", database_.name(),
                                          " WITH ALLOW_CONNECTIONS true")),
              IsOk());
  Add(process, {{"t1", start_}});
  ASSERT_TRUE(AwaitTrue([&] { return Fired().size() == 1; }));
  EXPECT_TRUE(AwaitTrue([&] { return process.loop().last_status().ok(); }));
}

// ---- Work that takes its time outside ----

TEST_F(LoopTest, SeveralWorkersNeverHaveOneTimerTwiceAtATime) {
  Process process(this);
  std::vector<Wanted> wanted;
  for (int i = 0; i < 60; ++i) {
    wanted.push_back({absl::StrCat("t", i), start_, false, absl::StrCat(i)});
  }
  Add(process, wanted);
  absl::Mutex mutex;
  std::map<std::string, int> in_work, times;
  int most = 0;
  Loop::Options options;
  options.kind = kKind;
  options.now = [this] { return Now(); };
  options.workers = 4;
  options.work = [&](const Due& due, const runtime::Stop&) -> Worked {
    {
      absl::MutexLock lock(&mutex);
      EXPECT_EQ(++in_work[due.id], 1) << due.id;
      most = std::max(most, static_cast<int>(in_work.size()));
      ++times[due.id];
    }
    auto outcome = process.ledger().SubmitAndWait(Firing<RoleHolder, DirectoryFact>(
        due, "holder", "service:test", TimersOf,
        [](const RoleHolder& holder) -> absl::StatusOr<std::vector<DirectoryFact>> {
          DirectoryFact fact;
          fact.mutable_holder_ended()->mutable_holder()->set_holder_id(holder.holder_id());
          return std::vector<DirectoryFact>{fact};
        }));
    EXPECT_THAT(outcome, IsOk());
    absl::MutexLock lock(&mutex);
    in_work.erase(due.id);
    return {};
  };
  process.Run(std::move(options));
  ASSERT_TRUE(AwaitTrue([&] { return Waiting() == 0; }));
  process.Stop();
  EXPECT_EQ(times.size(), 60u);
  for (const auto& [id, count] : times) EXPECT_EQ(count, 1) << id;
  EXPECT_LE(most, 4);
}

TEST_F(LoopTest, WhatAllNeedIsAwayThenNoneIsTriedForAWhile) {
  Process process(this);
  Add(process, InOneMinute(30, start_));
  SetNow(start_ + absl::Hours(1));
  std::atomic<int> tried = 0;
  Loop::Options options;
  options.kind = kKind;
  options.now = [this] { return Now(); };
  options.work = [&](const Due&, const runtime::Stop&) -> Worked {
    ++tried;
    return {.pause = absl::Minutes(10)};
  };
  process.Run(std::move(options));
  ASSERT_TRUE(AwaitTrue([&] { return tried > 0; }));
  Add(process, {{"another", start_}});
  EXPECT_EQ(tried, 1);
  EXPECT_GE(process.loop().oldest_due_seconds(), 3500);
}

}  // namespace
}  // namespace fosterwatch::duty
