// The ledger and its relay when processes stop, transactions stay open, backlogs grow and sockets
// are cut. reliability.md A3 to A6 and what the outbox owes to a broken connection.
#include <algorithm>
#include <atomic>
#include <cstdio>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "absl/time/clock.h"
#include "gtest/gtest.h"
#include <signal.h>

#include "libs/ledger/relay.h"
#include "libs/testing/await.h"
#include "libs/testing/tcp_gate.h"
#include "tests/faults/world.h"

namespace fosterwatch::faults {
namespace {

using ::fosterwatch::testing::AwaitTrue;
using ::fosterwatch::testing::Connect;
using ::fosterwatch::testing::IsOk;
using ::fosterwatch::testing::Process;
using ::fosterwatch::testing::TcpGate;
using ledger::CountUp;
using ledger::Ledger;
using ledger::Outcome;
using ledger::Relay;
using ledger::Unit;
using ledger::UnitOf;

// Facts of many aggregates, at a steady rate, until it goes.
class Load {
 public:
  Load(Ledger* ledger, double rate, int keys = 40) {
    thread_ = std::thread([this, ledger, rate, keys] {
      const absl::Time begin = absl::Now();
      for (int i = 0; !ending_; ++i) {
        absl::SleepFor(begin + absl::Seconds(i / rate) - absl::Now());
        Unit unit = UnitOf(CountUp(absl::StrCat("h", i % keys)), absl::StrCat("load-", i));
        unit.done = [this](absl::StatusOr<Outcome> outcome) {
          recorded_ += outcome.ok();
          --waiting_;
        };
        ++waiting_;
        ledger->Submit(std::move(unit));
      }
    });
  }
  ~Load() { End(); }
  // After this nothing more is recorded.
  void End() {
    ending_ = true;
    if (thread_.joinable()) thread_.join();
    EXPECT_TRUE(AwaitTrue([this] { return waiting_ == 0; }, absl::Seconds(60)));
  }
  int recorded() const { return recorded_; }

 private:
  std::atomic<bool> ending_ = false;
  std::atomic<int> recorded_ = 0, waiting_ = 0;
  std::thread thread_;
};

class RelayFaults : public World {
 protected:
  Relay::Options RelayOptions() const { return {topic(), "fosterwatch.directory.v1", "/test"}; }
  int64_t Unsent() {
    return Number(
        "SELECT count(*) FROM ledger.fact WHERE (fact.tx, fact.position) >"
        " ((SELECT tx::xid8 FROM ledger.relay WHERE relay.name = 'bus'),"
        " (SELECT position FROM ledger.relay WHERE relay.name = 'bus'))");
  }
  int64_t Mark() { return Number("SELECT tx::bigint FROM ledger.relay WHERE name = 'bus'"); }
};

// ---- A3 ----

TEST_P(RelayFaults, OneOfFiveRelaysPublishesWhicheverIsStoppedCutOffOrKilled) {
  std::mt19937 random(Seed());
  auto ledger = Open();
  Load load(ledger.get(), 200);
  Tally tally(GetParam());
  const int cycles = Scaled(1, 6);
  for (int cycle = 0; cycle < cycles; ++cycle) {
    // Each stops itself once, at the worst moment, some batches after it became the one.
    std::map<std::string, std::unique_ptr<Process>> relays;
    for (int i = 0; i < 5; ++i) {
      const std::string point = random() % 2 == 0 ? "after_relay_read" : "after_ack_before_mark";
      const std::string name = absl::StrCat("relay-", cycle, "-", i);
      relays[name] =
          StartRelay(name, {{"FOSTERWATCH_STOP_AT", absl::StrCat(point, ":", 2 + random() % 10)}});
    }
    for (int turn = 0; turn < 5; ++turn) {
      std::string leader;
      ASSERT_TRUE(AwaitTrue(
          [&] {
            leader = Leader();
            return relays.count(leader) > 0 && IsStopped(*relays[leader]);
          },
          absl::Seconds(60)));
      Process& stopped = *relays[leader];
      const int64_t mark = Mark();
      if (turn == 0) {
        // It holds its lock. Nobody takes over, and those who wait say so within ten seconds.
        EXPECT_TRUE(AwaitTrue([&] {
          return std::any_of(relays.begin(), relays.end(), [&](const auto& relay) {
            double seconds = 0;
            return relay.first != leader &&
                   absl::SimpleAtod(Said(*relay.second, "oldest_unsent"), &seconds) && seconds > 1;
          });
        })) << "the stall is seen";
        EXPECT_EQ(Mark(), mark);
        tally.Add("stopped and resumed");
        stopped.Kill(SIGCONT);
        EXPECT_TRUE(AwaitTrue([&] { return Mark() > mark; })) << "it goes on by itself";
        tally.Add("killed");
        stopped.Kill(SIGKILL);
      } else {
        // The last of the five leaves to one that has come since.
        if (turn == 4) {
          const std::string name = absl::StrCat("relay-", cycle, "-5");
          relays[name] = StartRelay(name);
        }
        CutSessions(leader);
        EXPECT_TRUE(AwaitTrue([&] { return Leader() != leader && Mark() > mark; }))
            << "another takes over";
        // What it had read it publishes once more, behind its successor's back. It cannot mark.
        const int64_t successors = Mark();
        stopped.Kill(SIGCONT);
        EXPECT_TRUE(AwaitTrue([&] {
          return absl::StrContains(stopped.Output(), "the relay waits");
        })) << stopped.Output();
        EXPECT_GE(Mark(), successors);
        tally.Add("stopped, cut off, resumed");
        stopped.Kill(SIGKILL);  // it would not stop a second time
      }
    }
    for (auto& [name, relay] : relays) relay->Kill(SIGKILL);
  }
  load.End();
  {
    auto last = StartRelay("relay-last");
    EXPECT_TRUE(AwaitTrue([&] { return Unsent() == 0; }, absl::Seconds(60)));
  }
  const oracle::Verdict verdict = JudgeRelay();
  tally.Say("relay");
  std::printf("%d facts: %s\n", load.recorded(), verdict.ToString().c_str());
  EXPECT_TRUE(verdict.ok()) << verdict.ToString();
  EXPECT_LE(verdict.repeated_records, cycles * 5 * 500) << "a batch each at the most";
}

// ---- A4 ----

TEST_P(RelayFaults, MissesNoFactOfSixteenWritersAndPublishesNoneThatWasRolledBack) {
  constexpr int kWriters = 16;
  const int transactions = Scaled(60, 940);
  const unsigned seed = Seed();
  auto ledger = Open();
  Relay relay(ledger.get(), &bus(), RelayOptions());
  runtime::Stop stop;
  std::thread relaying([&] { relay.Run(stop); });
  std::atomic<int> committed = 0, rolled_back = 0;
  std::vector<std::thread> writers;
  for (int w = 0; w < kWriters; ++w) {
    writers.emplace_back([&, w] {
      std::mt19937 random(seed + w);
      auto session = Connect(database_.service());
      int64_t version = 0;
      for (int t = 0; t < transactions; ++t) {
        const int facts = 1 + static_cast<int>(random() % 3);
        ASSERT_THAT(session->Pipeline(
                        {{"BEGIN", {}},
                         {"SELECT set_config('fosterwatch.agencies', 'agency-a', true)", {}}}),
                    IsOk());
        for (int f = 1; f <= facts; ++f) {
          const std::string aggregate = absl::StrCat("w", w);
          ASSERT_THAT(
              session->Query(
                  "INSERT INTO ledger.fact (fact_id, agency_id, aggregate_type, aggregate_id,"
                  " version, name, payload, subject_id, recorded_at, actor, cause, trace_parent)"
                  " VALUES ($1, 'agency-a', 'holder', $2, $3, 'holder_appointed', '', '', now(),"
                  " '', '', '')",
                  {absl::StrCat(aggregate, "/", t, "/", f), aggregate, version + f}),
              IsOk());
          // The others overtake.
          absl::SleepFor(absl::Microseconds(random() % 3000));
        }
        if (random() % 10 == 0) {
          session->Rollback();
          rolled_back += facts;
        } else {
          ASSERT_THAT(session->Commit(), IsOk());
          version += facts;
          committed += facts;
        }
      }
    });
  }
  for (std::thread& writer : writers) writer.join();
  EXPECT_TRUE(AwaitTrue([&] { return Unsent() == 0; }, absl::Seconds(60)));
  stop.Request();
  relaying.join();
  const oracle::Verdict verdict = JudgeRelay();
  std::printf("%d facts, %d rolled back: %s\n", committed.load(), rolled_back.load(),
              verdict.ToString().c_str());
  EXPECT_TRUE(verdict.ok()) << verdict.ToString();
  EXPECT_GT(rolled_back, 0);
}

// ---- A5 ----

TEST_P(RelayFaults, ALongTransactionSomewhereInTheClusterIsSeenAndCaughtUpWith) {
  const absl::Duration open_for = Scaled(absl::Seconds(4), absl::Seconds(60));
  auto ledger = Open();
  Relay relay(ledger.get(), &bus(), RelayOptions());
  runtime::Stop stop;
  std::thread relaying([&] { relay.Run(stop); });
  Load load(ledger.get(), 200);
  EXPECT_TRUE(AwaitTrue([&] { return Mark() > 0; }));

  auto other = Connect(testing::TestCluster());  // another database
  ASSERT_THAT(other->Script("BEGIN; SELECT pg_current_xact_id()"), IsOk());
  const absl::Time begin = absl::Now();
  EXPECT_TRUE(AwaitTrue([&] { return relay.oldest_unsent_seconds() > 1; }))
      << "a gauge says it before ten seconds have passed";
  const int64_t mark = Mark();
  while (absl::Now() < begin + open_for) {
    // Reports are taken all the while.
    const int before = load.recorded();
    EXPECT_TRUE(AwaitTrue([&] { return load.recorded() > before; }));
    EXPECT_EQ(Mark(), mark);
    absl::SleepFor(absl::Milliseconds(200));
  }
  EXPECT_GE(relay.oldest_unsent_seconds(), absl::ToDoubleSeconds(open_for) - 1.5);
  load.End();
  const int64_t waiting = Unsent();
  ASSERT_THAT(other->Script("ROLLBACK"), IsOk());
  const absl::Time healed = absl::Now();
  EXPECT_TRUE(AwaitTrue([&] { return Unsent() == 0; }));
  const absl::Duration caught_up = absl::Now() - healed;
  EXPECT_TRUE(AwaitTrue([&] { return relay.oldest_unsent_seconds() == 0; }));
  stop.Request();
  relaying.join();
  const oracle::Verdict verdict = JudgeRelay();
  std::printf("open for %s; %lld facts caught up with in %s; %s\n",
              absl::FormatDuration(open_for).c_str(), static_cast<long long>(waiting),
              absl::FormatDuration(caught_up).c_str(), verdict.ToString().c_str());
  EXPECT_TRUE(verdict.ok()) << verdict.ToString();
  EXPECT_EQ(Unsent(), 0) << "nothing came after the relay had ended";
}

// ---- A6 ----

TEST_P(RelayFaults, ABacklogDrainsByTheIndexAtASteadyRate) {
  constexpr int kKeys = 1000;
  const int facts = Scaled(50'000, 1'000'000);
  directory::v1::DirectoryFact fact;
  fact.mutable_holder_appointed()->mutable_holder()->set_holder_id("h");
  fact.mutable_holder_appointed()->mutable_holder()->set_title("Supervising social worker");
  auto admin = Connect(database_.admin());
  ASSERT_THAT(
      admin->Query("INSERT INTO ledger.fact (fact_id, agency_id, aggregate_type, aggregate_id,"
                   " version, name, payload, subject_id, recorded_at, actor, cause, trace_parent)"
                   " SELECT n::text, 'agency-a', 'holder', 'h' || n % $1, 1 + n / $1,"
                   " 'holder_appointed', $2, '', now(), '', '', ''"
                   " FROM generate_series(0::bigint, $3 - 1) AS n",
                   {int64_t{kKeys}, pg::Bytes{fact.SerializeAsString()}, int64_t{facts}}),
      IsOk());
  ASSERT_THAT(admin->Script("ANALYZE ledger.fact"), IsOk());
  const auto sequential = [&] {
    return Number("SELECT seq_tup_read FROM pg_stat_user_tables WHERE relname = 'fact'");
  };
  // What sessions before have read is told when they end.
  int64_t before = -1;
  EXPECT_TRUE(AwaitTrue([&] { return std::exchange(before, sequential()) == before; }));

  absl::Duration took;
  {
    auto ledger = Open();
    Relay relay(ledger.get(), &bus(), RelayOptions());
    const absl::Time begin = absl::Now();
    int drained = 0;
    while (drained < facts && absl::Now() < begin + absl::Minutes(10)) {
      auto sent = relay.PublishBatch();
      ASSERT_THAT(sent, IsOk());
      drained += *sent;
    }
    took = absl::Now() - begin;
    EXPECT_EQ(drained, facts);
    EXPECT_EQ(relay.PublishBatch().value_or(-1), 0);
  }
  const double rate = facts / absl::ToDoubleSeconds(took);
  std::printf("%d facts drained in %s: %.0f/s\n", facts, absl::FormatDuration(took).c_str(), rate);
  EXPECT_GE(rate, Scaled(1000, 2000)) << "with other work on the machine; see docs/reliability.md";
  int64_t after = -1;
  EXPECT_TRUE(AwaitTrue([&] { return std::exchange(after, sequential()) == after; }));
  EXPECT_LT(after - before, kKeys) << "rows that no index led to";

  // All are there, in order; kept small for a million.
  auto reader = bus().Subscribe({.group = topic() + "-count", .topics = {topic()}});
  ASSERT_THAT(reader, IsOk());
  std::map<std::string, int64_t> last;
  int64_t read = 0, wrong = 0;
  while (read < facts) {
    auto polled = (*reader)->Poll(5000, absl::Seconds(15));
    ASSERT_THAT(polled, IsOk());
    ASSERT_FALSE(polled->empty()) << read << " of " << facts;
    for (const bus::Record& record : *polled) {
      int64_t version = 0;
      wrong += !absl::SimpleAtoi(bus::HeaderOf(record, "ce_sequence"), &version) ||
               version != ++last[record.key];
      ++read;
    }
  }
  EXPECT_EQ(wrong, 0);
  EXPECT_EQ(last.size(), kKeys);
}

INSTANTIATE_TEST_SUITE_P(Bus, RelayFaults, ::testing::Values("postgres", "kafka"),
                         [](const auto& info) { return info.param; });

// ---- Sockets ----

// The database behind a gate. Its bus is not used.
class CutSockets : public World {
 protected:
  // Where the cluster listens: a port, or the folder of its unix socket.
  static std::string Server() {
    std::string host, port = "5432";
    for (const absl::string_view word : absl::StrSplit(testing::TestCluster(), ' ')) {
      if (absl::StartsWith(word, "host=")) host = std::string(absl::StripPrefix(word, "host="));
      if (absl::StartsWith(word, "port=")) port = std::string(absl::StripPrefix(word, "port="));
    }
    return absl::StartsWith(host, "/") ? absl::StrCat(host, "/.s.PGSQL.", port)
                                       : absl::StrCat(host, ":", port);
  }
  std::unique_ptr<Ledger> OpenBehind(const TcpGate& gate) {
    return Open([&](Ledger::Options& options) {
      options.conninfo = absl::StrCat(database_.service(), " host=127.0.0.1 port=", gate.port(),
                                      " sslmode=disable gssencmode=disable");
    });
  }
};

TEST_P(CutSockets, WhatHadAnIdIsRecordedOnceWhereverTheConnectionWasCut) {
  std::mt19937 random(Seed());
  TcpGate gate(Server());
  auto ledger = OpenBehind(gate);
  using Way = TcpGate::Way;
  const std::vector<std::pair<std::string, std::function<void()>>> cuts = {
      {"after BEGIN", [&] { gate.Set(Way::kToClient, TcpGate::CloseBefore("BEGIN", 1)); }},
      {"before COMMIT", [&] { gate.Set(Way::kToServer, TcpGate::CloseBefore("COMMIT", 1)); }},
      {"behind COMMIT", [&] { gate.Set(Way::kToServer, TcpGate::CloseAfter("COMMIT", 1)); }},
      {"after COMMIT", [&] { gate.Set(Way::kToClient, TcpGate::CloseBefore("COMMIT", 1)); }},
      {"anywhere", [&] { gate.Set(Way::kToClient, TcpGate::CloseOnData(1)); }},
  };
  Tally tally(GetParam());
  oracle::History history;
  int number = 0, unknown = 0;
  const int rounds = Scaled(4, 40);
  for (int round = 0; round < rounds; ++round) {
    for (const auto& [where, cut] : cuts) {
      const int64_t closed = gate.closed_by_fault();
      cut();
      std::vector<std::string> open;
      for (int i = 0; i < 20; ++i) open.push_back(absl::StrCat("request-", number++));
      for (const std::string& id : open) {
        history.requests.push_back({id, oracle::Answer::kAcknowledged});
      }
      // One without an id may be told that nobody knows; it must not be tried again by itself.
      ledger::Answers bare;
      Unit nameless = UnitOf(CountUp(absl::StrCat("bare-", number)));
      nameless.cause = "bare";
      nameless.done = bare.Next(0);
      ledger->Submit(std::move(nameless));
      // Asked again until answered, as a client would.
      const absl::Time until = absl::Now() + absl::Seconds(30);
      while (!open.empty() && absl::Now() < until) {
        ledger::Answers answers;
        for (size_t i = 0; i < open.size(); ++i) {
          Unit unit = UnitOf(CountUp(absl::StrCat("h", random() % 7)), open[i]);
          unit.cause = open[i];
          unit.done = answers.Next(static_cast<int>(i));
          ledger->Submit(std::move(unit));
        }
        std::vector<std::string> again;
        for (auto& [i, outcome] : answers.Take(open.size())) {
          if (!outcome.ok()) again.push_back(open[i]);
        }
        open = again;
      }
      ASSERT_TRUE(open.empty()) << open.size() << " find no answer after a cut " << where;
      auto told = bare.Take(1);
      if (!told[0].second.ok()) {
        ++unknown;
      }
      EXPECT_EQ(gate.closed_by_fault(), closed + 1) << where << " never came";
      gate.Pass();
      tally.Add(where);
    }
  }
  auto facts = Connect(database_.admin())
                   ->Query(
                       "SELECT fact_id, agency_id || '/' || aggregate_id, version, cause"
                       " FROM ledger.fact ORDER BY position");
  ASSERT_THAT(facts, IsOk());
  for (int row = 0; row < facts->rows(); ++row) {
    const std::string cause = facts->Text(row, 3);
    history.facts.push_back({facts->Text(row, 0), facts->Text(row, 1), facts->Int(row, 2),
                             cause == "bare" ? "" : cause, /*has_effect=*/false});
    history.records.push_back({facts->Text(row, 0), facts->Text(row, 1), facts->Int(row, 2)});
  }
  const oracle::Verdict verdict = oracle::Judge(history);
  tally.Say("cut");
  std::printf("%d requests, %d of %d without an id not known: %s\n", number, unknown,
              rounds * static_cast<int>(cuts.size()), verdict.ToString().c_str());
  EXPECT_TRUE(verdict.ok()) << verdict.ToString();
  EXPECT_EQ(AggregatesWithGaps(), 0);
  // Each without an id is there once or not at all.
  EXPECT_EQ(Number("SELECT count(*) FROM (SELECT FROM ledger.fact WHERE cause = 'bare'"
                   " GROUP BY aggregate_id HAVING count(*) > 1) AS twice"),
            0);
}

TEST_P(CutSockets, AServerThatFallsSilentIsWaitedForAndOneThatIsGoneComesBack) {
  TcpGate gate(Server());
  auto ledger = OpenBehind(gate);
  ASSERT_THAT(ledger->SubmitAndWait(UnitOf(CountUp("h"), "before")), IsOk());
  gate.SetBoth(TcpGate::Noop());
  ledger::Answers answers;
  Unit unit = UnitOf(CountUp("h"), "silent");
  unit.done = answers.Next(0);
  ledger->Submit(std::move(unit));
  EXPECT_TRUE(AwaitTrue([&] { return ledger->waiting() == 0; }));
  gate.Pass();
  EXPECT_THAT(answers.Take(1)[0].second, IsOk());

  gate.StopAccepting();
  gate.CloseSockets();
  const auto refused = ledger->SubmitAndWait(UnitOf(CountUp("h"), "gone"));
  EXPECT_THAT(refused, testing::StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_FALSE(ledger->Check().ok());
  gate.StartAccepting();
  EXPECT_TRUE(AwaitTrue([&] { return ledger->Check().ok(); }));
  EXPECT_THAT(ledger->SubmitAndWait(UnitOf(CountUp("h"), "gone")), IsOk());
  gate.SetBoth(TcpGate::SmallerParts(7));
  EXPECT_THAT(ledger->SubmitAndWait(UnitOf(CountUp("h"), "parts")), IsOk());
  gate.SetBoth(TcpGate::Delay(absl::Milliseconds(20), absl::Milliseconds(20)));
  EXPECT_THAT(ledger->SubmitAndWait(UnitOf(CountUp("h"), "late")), IsOk());
  gate.Pass();
  EXPECT_EQ(Number("SELECT max(version) FROM ledger.fact WHERE aggregate_id = 'h'"), 5);
}

INSTANTIATE_TEST_SUITE_P(Database, CutSockets, ::testing::Values("postgres"),
                         [](const auto& info) { return info.param; });

}  // namespace
}  // namespace fosterwatch::faults
