// What a ledger promises, on a real PostgreSQL: units of work, requests and facts that come again,
// a database that goes away, and who may see what.
#include "libs/ledger/ledger.h"

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "fosterwatch/directory/v1/directory_service.pb.h"
#include "libs/ledger/id.h"
#include "libs/ledger/relay.h"
#include "libs/status/error.h"
#include "libs/testing/await.h"
#include "libs/testing/database.h"
#include "libs/testing/status_matchers.h"
#include "tests/component/ledger_world.h"
#include "tests/support/memory_bus.h"

namespace fosterwatch::ledger {
namespace {

using directory::v1::DirectoryFact;
using directory::v1::RoleHolder;
using ::fosterwatch::testing::AwaitTrue;
using ::fosterwatch::testing::Connect;
using ::fosterwatch::testing::HasReason;
using ::fosterwatch::testing::IsOk;
using ::fosterwatch::testing::IsOkAndHolds;
using ::fosterwatch::testing::MemoryBus;
using ::fosterwatch::testing::StatusIs;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

// ---- Units of work ----

TEST_F(LedgerTest, ManyUnitsTogetherAndARefusedOneLeavesTheOthers) {
  auto ledger = Open();
  Answers answers;
  {
    const Standstill standstill(database_, *ledger);
    for (int i = 0; i < 500; ++i) {
      const std::string id = absl::StrCat("h", i % 50);
      Unit unit = UnitOf(i % 10 == 3 ? Refused(id) : CountUp(id));
      unit.done = answers.Next(i);
      ledger->Submit(std::move(unit));
    }
  }
  std::map<std::string, int> counts;
  int next = 0;
  for (auto& [number, outcome] : answers.Take(500)) {
    EXPECT_EQ(number, next++) << "answers come in the order of submission";
    if (number % 10 == 3) {
      EXPECT_THAT(outcome, HasReason("NOT_TODAY"));
      continue;
    }
    ASSERT_THAT(outcome, IsOk());
    const auto& holder = outcome->As<RoleHolder>(0);
    EXPECT_EQ(holder.title(), absl::StrCat(++counts[holder.holder_id()]));
    EXPECT_EQ(holder.name(), kCanary);
  }
  EXPECT_EQ(Number("SELECT count(*) FROM ledger.fact WHERE aggregate_id <> 'standstill'"), 450);
  EXPECT_EQ(AggregatesWithGaps(), 0);
  EXPECT_EQ(Number("SELECT count(*) FROM view.holder WHERE title <> version::text"), 0);
  // 501 units in at most ten transactions: the first, and four of up to 128.
  EXPECT_LE(Number("SELECT count(DISTINCT tx) FROM ledger.fact"), 10);
}

TEST_F(LedgerTest, WhatTheDatabaseRefusesInOneUnitIsNotAnothersFault) {
  auto ledger = Open();
  Answers answers;
  {
    const Standstill standstill(database_, *ledger);
    for (int i = 0; i < 20; ++i) {
      Unit unit = UnitOf(CountUp(absl::StrCat("h", i)));
      if (i == 7) unit.effects.push_back({"SELECT 1 / $1", {int64_t{0}}});
      if (i == 9)
        unit.effects.push_back({"INSERT INTO view.effect (agency_id) VALUES ($1)", {"agency-a"}});
      unit.done = answers.Next(i);
      ledger->Submit(std::move(unit));
    }
  }
  for (const auto& [number, outcome] : answers.Take(20)) {
    EXPECT_EQ(outcome.ok(), number != 7 && number != 9) << number;
  }
  EXPECT_EQ(Number("SELECT count(*) FROM ledger.fact WHERE aggregate_id IN ('h7', 'h9')"), 0);
  EXPECT_EQ(Number("SELECT count(*) FROM ledger.fact WHERE aggregate_id LIKE 'h%'"), 18);
}

TEST_F(LedgerTest, AUnitOfSeveralAggregatesHappensWholeOrNotAtAll) {
  auto ledger = Open();
  Unit both = UnitOf(CountUp("one"));
  both.changes.push_back(CountUp("two"));
  both.changes.push_back(CountUp("one"));
  auto done = ledger->SubmitAndWait(std::move(both));
  ASSERT_THAT(done, IsOk());
  EXPECT_EQ(done->As<RoleHolder>(0).title(), "2");
  EXPECT_EQ(done->As<RoleHolder>(1).title(), "1");

  Unit half = UnitOf(CountUp("one"));
  half.changes.push_back(Refused("two"));
  EXPECT_THAT(ledger->SubmitAndWait(std::move(half)), HasReason("NOT_TODAY"));
  EXPECT_EQ(ledger->LoadAs<RoleHolder>("agency-a", "holder", "one")->title(), "2");
}

TEST_F(LedgerTest, TwoLedgersThatRaceOnOneAggregateLoseNoUpdate) {
  auto first = Open();
  auto second = Open();
  std::atomic<int> accepted = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < 8; ++t) {
    threads.emplace_back([&, t] {
      Ledger& ledger = t % 2 == 0 ? *first : *second;
      for (int i = 0; i < 40; ++i) {
        auto outcome = ledger.SubmitAndWait(UnitOf(CountUp("hot")));
        if (outcome.ok()) {
          ++accepted;
        } else {
          EXPECT_THAT(outcome, StatusIs(absl::StatusCode::kAborted));
        }
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_GT(accepted, 0);
  EXPECT_EQ(first->LoadAs<RoleHolder>("agency-a", "holder", "hot")->title(),
            absl::StrCat(accepted.load()));
  EXPECT_EQ(Number("SELECT count(*) FROM ledger.fact"), accepted);
  EXPECT_EQ(AggregatesWithGaps(), 0);
}

TEST_F(LedgerTest, RefusesAtOnceWhenItsQueueIsFull) {
  auto ledger = Open([](Ledger::Options& options) { options.queue = 10; });
  Answers answers;
  {
    const Standstill standstill(database_, *ledger);
    for (int i = 0; i < 10; ++i) {
      Unit unit = UnitOf(CountUp("h"));
      unit.done = answers.Next(i);
      ledger->Submit(std::move(unit));
    }
    auto refused = ledger->SubmitAndWait(UnitOf(CountUp("h")));
    EXPECT_THAT(refused, StatusIs(absl::StatusCode::kResourceExhausted));
    EXPECT_THAT(refused, HasReason("BUSY"));
  }
  for (const auto& [number, outcome] : answers.Take(10)) EXPECT_THAT(outcome, IsOk()) << number;
  EXPECT_THAT(ledger->SubmitAndWait(UnitOf(CountUp("h"))), IsOk());
  EXPECT_EQ(Number("SELECT count(*) FROM ledger.fact WHERE aggregate_id = 'h'"), 11);
}

TEST_F(LedgerTest, FinishesWhatWasSubmittedBeforeItGoes) {
  auto ledger = Open();
  Answers answers;
  for (int i = 0; i < 300; ++i) {
    Unit unit = UnitOf(CountUp(absl::StrCat("h", i)));
    unit.done = answers.Next(i);
    ledger->Submit(std::move(unit));
  }
  ledger.reset();
  for (const auto& [number, outcome] : answers.Take(300)) EXPECT_THAT(outcome, IsOk()) << number;
  EXPECT_EQ(Number("SELECT count(*) FROM ledger.fact"), 300);
}

TEST_F(LedgerTest, TellsEveryWatchOfEachCommitUntilItGoes) {
  auto ledger = Open();
  std::atomic<int> first = 0, second = 0;
  auto watch = ledger->OnCommit([&] { ++first; });
  auto other = ledger->OnCommit([&] { ++second; });
  ASSERT_THAT(ledger->SubmitAndWait(UnitOf(CountUp("h"))), IsOk());
  EXPECT_EQ(first, 1);
  EXPECT_EQ(second, 1);
  EXPECT_THAT(ledger->SubmitAndWait(UnitOf(Refused("h"))), HasReason("NOT_TODAY"));
  EXPECT_EQ(first, 1) << "nothing was recorded";
  watch.reset();
  ASSERT_THAT(ledger->SubmitAndWait(UnitOf(CountUp("h"))), IsOk());
  EXPECT_EQ(first, 1);
  EXPECT_EQ(second, 2);
}

TEST_F(LedgerTest, AWatchIsNotCalledAnyMoreOnceItIsGone) {
  auto ledger = Open();
  std::atomic<bool> going = true;
  std::thread busy([&] {
    for (int i = 0; going; ++i) {
      EXPECT_THAT(ledger->SubmitAndWait(UnitOf(CountUp(absl::StrCat("h", i)))), IsOk());
    }
  });
  for (int i = 0; i < 200; ++i) {
    auto calls = std::make_unique<std::atomic<int>>(0);
    auto watch = ledger->OnCommit([calls = calls.get()] { ++*calls; });
    EXPECT_TRUE(i % 20 != 0 || AwaitTrue([&] { return *calls > 0; }));
    watch.reset();
    calls.reset();  // a call from here on would be a use after free
  }
  going = false;
  busy.join();
}

TEST_F(LedgerTest, RefusesIdsThatNoIndexOrRecordCouldHold) {
  auto ledger = Open();
  const std::string too_long(kMaxIdBytes + 1, 'x');
  const std::string with_nul("a\0b", 3);
  const std::string no_utf8 = "a\xff";
  struct {
    const char* what;
    Unit unit;
  } cases[] = {{"request id too long", UnitOf(CountUp("h"), too_long)},
               {"aggregate id too long", UnitOf(CountUp(too_long))},
               {"agency too long", UnitOf(CountUp("h"), "", too_long)},
               {"two agencies in one", UnitOf(CountUp("h"), "", "agency-a,agency-b")},
               {"no agency", UnitOf(CountUp("h"), "", "")},
               {"request id with a NUL", UnitOf(CountUp("h"), with_nul)},
               {"aggregate id that is not UTF-8", UnitOf(CountUp(no_utf8))}};
  for (auto& c : cases) {
    EXPECT_THAT(ledger->SubmitAndWait(std::move(c.unit)),
                StatusIs(absl::StatusCode::kInvalidArgument))
        << c.what;
  }
  EXPECT_EQ(Number("SELECT count(*) FROM ledger.fact"), 0);
  EXPECT_THAT(ledger->Load("agency-a", "holder", with_nul),
              StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST_F(LedgerTest, RefusesAFactThatTheBusWouldRefuse) {
  auto ledger = Open();
  const auto record = [](size_t public_bytes) {
    return MakeChange<RoleHolder, DirectoryFact>(
        "holder", "h",
        [=](const RoleHolder&, int64_t) -> absl::StatusOr<std::vector<DirectoryFact>> {
          DirectoryFact fact;
          auto* holder = fact.mutable_holder_appointed()->mutable_holder();
          holder->set_title(std::string(public_bytes, 't'));
          holder->set_name(std::string(2'000'000, 'n'));  // personal: never on the bus
          return std::vector<DirectoryFact>{fact};
        });
  };
  EXPECT_THAT(ledger->SubmitAndWait(UnitOf(record(1'000'000))), HasReason("TOO_LARGE"));
  ASSERT_THAT(ledger->SubmitAndWait(UnitOf(record(979'000))), IsOk());
  MemoryBus bus;
  Relay relay(ledger.get(), &bus, {kTopic, "test.v1", "/test"});
  EXPECT_THAT(NextBatch(relay), IsOkAndHolds(1));
}

// ---- The same request again ----

TEST_F(LedgerTest, OneHundredTimesTheSameRequestAreOneAggregateAndOneHundredEqualAnswers) {
  auto first = Open();
  auto second = Open();
  std::vector<std::string> bytes(100);
  std::vector<std::thread> threads;
  for (int t = 0; t < 100; ++t) {
    threads.emplace_back([&, t] {
      // Each attempt would make an aggregate of its own, as a report does.
      auto outcome =
          (t % 2 == 0 ? *first : *second).SubmitAndWait(UnitOf(CountUp(NewId()), "request-1"));
      ASSERT_THAT(outcome, IsOk());
      bytes[t] = outcome->As<RoleHolder>(0).SerializeAsString();
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_THAT(std::set<std::string>(bytes.begin(), bytes.end()), SizeIs(1));
  EXPECT_EQ(Number("SELECT count(*) FROM ledger.fact"), 1);
}

TEST_F(LedgerTest, ARequestIdWithAnotherBodyIsRefused) {
  auto ledger = Open();
  ASSERT_THAT(ledger->SubmitAndWait(UnitOf(CountUp("h"), "request-1")), IsOk());
  Unit other = UnitOf(CountUp("h"), "request-1");
  other.request_hash = "another hash";
  auto refused = ledger->SubmitAndWait(std::move(other));
  EXPECT_THAT(refused, StatusIs(absl::StatusCode::kAlreadyExists));
  EXPECT_THAT(refused, HasReason("REQUEST_ID_REUSED"));
  // Another agency's request id is another request.
  EXPECT_THAT(ledger->SubmitAndWait(UnitOf(CountUp("h"), "request-1", "agency-b")), IsOk());
  EXPECT_EQ(Number("SELECT count(*) FROM ledger.fact"), 2);
}

TEST_F(LedgerTest, TheHashOfARequestKnowsItsTypeAndNotItsId) {
  directory::v1::EndHolderRequest end;
  end.set_request_id("one");
  end.set_holder_id("h");
  const std::string hash = RequestHash(end);
  end.set_request_id("two");
  EXPECT_EQ(RequestHash(end), hash);
  end.set_holder_id("i");
  EXPECT_NE(RequestHash(end), hash);
  // Equal bytes of two methods are not equal requests.
  directory::v1::GetBodyRequest body;
  directory::v1::ListBodiesRequest list;
  EXPECT_EQ(body.SerializeAsString(), list.SerializeAsString());
  EXPECT_NE(RequestHash(body), RequestHash(list));
}

TEST_F(LedgerTest, AnAnswerThatWasLostIsGivenAgainAsItWas) {
  std::string first;
  {
    auto ledger = Open();
    auto outcome = ledger->SubmitAndWait(UnitOf(CountUp("h"), "request-1"));
    ASSERT_THAT(outcome, IsOk());
    first = outcome->As<RoleHolder>(0).SerializeAsString();
  }
  auto ledger = Open();  // as after a restart
  ASSERT_THAT(ledger->SubmitAndWait(UnitOf(CountUp("h"), "request-2")), IsOk());
  auto again = ledger->SubmitAndWait(UnitOf(CountUp("other"), "request-1"));
  ASSERT_THAT(again, IsOk());
  EXPECT_TRUE(again->repeated);
  EXPECT_EQ(again->As<RoleHolder>(0).SerializeAsString(), first);
  EXPECT_EQ(Number("SELECT count(*) FROM ledger.fact"), 2);
}

TEST_F(LedgerTest, ARequestThatChangedNothingIsAnsweredAgainToo) {
  auto ledger = Open();
  const auto nothing = [] {
    return UnitOf(MakeChange<RoleHolder, DirectoryFact>(
                      "holder", "h",
                      [](const RoleHolder&, int64_t) -> absl::StatusOr<std::vector<DirectoryFact>> {
                        return std::vector<DirectoryFact>{};
                      }),
                  "request-1");
  };
  ASSERT_THAT(ledger->SubmitAndWait(nothing()), IsOk());
  ASSERT_THAT(ledger->SubmitAndWait(UnitOf(CountUp("h"))), IsOk());
  auto again = ledger->SubmitAndWait(nothing());
  ASSERT_THAT(again, IsOk());
  EXPECT_TRUE(again->repeated);
  EXPECT_EQ(again->As<RoleHolder>(0).title(), "");
}

TEST_F(LedgerTest, TheSameInboxIdTenTimesIsOneEffect) {
  auto first = Open();
  auto second = Open();
  std::atomic<int> repeated = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < 10; ++t) {
    threads.emplace_back([&, t] {
      Unit unit;
      unit.agency_id = "agency-a";
      unit.consumer = "group";
      unit.inbox_id = "fact-1";
      unit.effects.push_back(
          {"INSERT INTO view.effect (agency_id, record_key, value) VALUES ($1, $2, $3)",
           {"agency-a", "key", "value"}});
      auto outcome = (t % 2 == 0 ? *first : *second).SubmitAndWait(std::move(unit));
      ASSERT_THAT(outcome, IsOk());
      if (outcome->repeated) ++repeated;
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(repeated, 9);
  EXPECT_EQ(Number("SELECT count(*) FROM view.effect"), 1);
}

// ---- A database that goes away ----

TEST_F(LedgerTest, KilledSessionsUnderLoadLoseNothingThatWasAnswered) {
  auto ledger = Open();
  std::atomic<bool> over = false;
  std::atomic<int> unanswered = 0;
  absl::Mutex mutex;
  std::set<std::string> acknowledged;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 150; ++i) {
        const std::string request = absl::StrCat(t, "-", i);
        const std::string id = absl::StrCat("h", i % 7);
        // As a client does: again, under the same request id, until there is an answer.
        EXPECT_TRUE(AwaitTrue([&] {
          auto outcome = ledger->SubmitAndWait(UnitOf(CountUp(id), request));
          if (!outcome.ok()) {
            EXPECT_TRUE(IsRetryable(outcome.status())) << outcome.status();
            ++unanswered;
            return false;
          }
          absl::MutexLock lock(&mutex);
          acknowledged.insert(request);
          return true;
        }));
      }
    });
  }
  std::thread killer([&] {
    int kills = 0;
    AwaitTrue(
        [&] {
          if (kills < 40) KillSessions();
          kills = std::min(kills + 1, 40);
          return over.load();
        },
        absl::Minutes(1));
    std::printf("sessions were killed %d times\n", kills);
  });
  for (std::thread& thread : threads) thread.join();
  over = true;
  killer.join();
  std::printf("unanswered attempts: %d\n", unanswered.load());

  EXPECT_THAT(acknowledged, SizeIs(600));
  EXPECT_EQ(Number("SELECT count(*) FROM ledger.fact"), 600) << "each request once";
  EXPECT_EQ(Number("SELECT count(*) FROM ledger.request"), 600);
  EXPECT_EQ(AggregatesWithGaps(), 0);
  EXPECT_EQ(Number("SELECT count(*) FROM view.holder WHERE title <> version::text"), 0);
  EXPECT_THAT(ledger->SubmitAndWait(UnitOf(CountUp("h0"))), IsOk()) << "without a restart";
  EXPECT_THAT(ledger->Load("agency-a", "holder", "h0"), IsOk());
  EXPECT_THAT(ledger->Check(), IsOk());
}

TEST_F(LedgerTest, ReadersAtHandThatWereLostAreReplaced) {
  auto ledger = Open();
  ASSERT_THAT(ledger->SubmitAndWait(UnitOf(CountUp("h"))), IsOk());
  std::vector<std::thread> threads;
  for (int t = 0; t < 8; ++t) {
    threads.emplace_back([&] { EXPECT_THAT(ledger->Load("agency-a", "holder", "h"), IsOk()); });
  }
  for (std::thread& thread : threads) thread.join();
  KillSessions();
  EXPECT_THAT(ledger->Load("agency-a", "holder", "h"), IsOk());
  EXPECT_THAT(ledger->Read("agency-a", {{"SELECT 1", {}}}), IsOk());
}

TEST_F(LedgerTest, ACommitWithoutAnswerIsNotRepeatedForAUnitWithoutAnId) {
  // The first COMMIT of the service that writes an effect "cut" loses its connection.
  Run("CREATE SEQUENCE public.cuts; GRANT USAGE ON SEQUENCE public.cuts TO test_ledger;"
      "CREATE FUNCTION public.cut() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
      "  IF nextval('public.cuts') = 1 THEN PERFORM pg_terminate_backend(pg_backend_pid()); END IF;"
      "  RETURN NULL; END $$;"
      "CREATE CONSTRAINT TRIGGER cut AFTER INSERT ON view.effect DEFERRABLE INITIALLY DEFERRED"
      " FOR EACH ROW WHEN (NEW.value = 'cut') EXECUTE FUNCTION public.cut()");
  auto ledger = Open();
  Answers answers;
  {
    const Standstill standstill(database_, *ledger);
    for (int i = 0; i < 3; ++i) {
      Unit unit = UnitOf(CountUp(absl::StrCat("h", i)), i == 1 ? "" : absl::StrCat("request-", i));
      if (i == 0) {
        unit.effects.push_back(
            {"INSERT INTO view.effect (agency_id, record_key, value) VALUES ($1, $2, $3)",
             {"agency-a", "key", "cut"}});
      }
      unit.done = answers.Next(i);
      ledger->Submit(std::move(unit));
    }
  }
  for (const auto& [number, outcome] : answers.Take(3)) {
    if (number == 1) {
      EXPECT_THAT(outcome, StatusIs(absl::StatusCode::kUnavailable));
      EXPECT_THAT(outcome, HasReason("OUTCOME_UNKNOWN"));
    } else {
      EXPECT_THAT(outcome, IsOk()) << number;
    }
  }
  EXPECT_EQ(Number("SELECT count(*) FROM ledger.fact WHERE aggregate_id IN ('h0', 'h2')"), 2);
  EXPECT_EQ(Number("SELECT count(*) FROM view.effect"), 1);
}

// ---- Who may see what ----

TEST_F(LedgerTest, NoPersonalFieldIsStoredInClear) {
  auto ledger = Open();
  for (int i = 0; i < 3; ++i) {
    ASSERT_THAT(ledger->SubmitAndWait(UnitOf(CountUp("h"), absl::StrCat("request-", i))), IsOk());
  }
  EXPECT_THAT(EverythingStored(), Not(HasSubstr(kCanary)));
  EXPECT_THAT(EverythingStored(), HasSubstr("request-2")) << "the search itself works";
  // It opens again, here and after a restart; one aggregate or many.
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(ledger->LoadAs<RoleHolder>("agency-a", "holder", "h")->name(), kCanary);
    auto many = ledger->LoadMany("agency-a", "holder", {"h", "unknown"});
    ASSERT_THAT(many, IsOk());
    EXPECT_THAT(*many, SizeIs(1));
    EXPECT_EQ(static_cast<const RoleHolder&>(*many->at("h")).name(), kCanary);
    ledger = Open();
  }
}

TEST_F(LedgerTest, ManyAreLoadedOneAfterTheOtherInTheOrderInWhichTheyAreAskedFor) {
  auto ledger = Open();
  std::vector<std::string> ids = {"unknown"};
  std::vector<Unit> units;
  for (int i = 250; i > 0; --i) {
    ids.push_back(absl::StrCat("h", i));
    units.push_back(UnitOf(CountUp(ids.back())));
  }
  units.push_back(UnitOf(Refused("h1")));
  const auto outcomes = ledger->SubmitAllAndWait(std::move(units));
  ASSERT_THAT(outcomes, SizeIs(251));
  for (int i = 0; i < 250; ++i) {
    ASSERT_THAT(outcomes[i], IsOk());
    EXPECT_TRUE(outcomes[i]->changed);
  }
  EXPECT_THAT(outcomes[250], HasReason("NOT_TODAY"));
  std::vector<std::string> found = {"unknown"};
  const auto take = [&](const std::string& id, std::unique_ptr<google::protobuf::Message> state) {
    EXPECT_EQ(static_cast<const RoleHolder&>(*state).name(), kCanary);
    found.push_back(id);
  };
  ASSERT_THAT(ledger->LoadEach("agency-a", "holder", ids, take), IsOk());
  EXPECT_EQ(found, ids);
  found.clear();
  ASSERT_THAT(ledger->LoadEach("agency-a", "holder", {"h7"}, take, {"holder_appointed"}), IsOk());
  EXPECT_THAT(found, SizeIs(1));
  ASSERT_THAT(ledger->LoadEach("agency-a", "holder", {"h7"}, take, {"another"}), IsOk());
  EXPECT_THAT(found, SizeIs(1)) << "of other facts it has none";
}

TEST_F(LedgerTest, OneThatIsAskedForTwiceIsLoadedOnceOfItsFactsTakenOnce) {
  auto ledger = Open();
  ASSERT_THAT(ledger->SubmitAndWait(UnitOf(CountUp("h"))), IsOk());
  std::vector<std::string> titles;
  ASSERT_THAT(
      ledger->LoadEach("agency-a", "holder", {"h", "unknown", "h"},
                       [&](const std::string&, std::unique_ptr<google::protobuf::Message> state) {
                         titles.push_back(static_cast<const RoleHolder&>(*state).title());
                       }),
      IsOk());
  EXPECT_EQ(titles, std::vector<std::string>{"1"});
}

TEST_F(LedgerTest, NoReaderWaitsForAPlanToBeCompiled) {
  auto rows = Open()->Read("agency-a", {{"SELECT current_setting('jit')", {}}});
  ASSERT_THAT(rows, IsOk());
  EXPECT_EQ((*rows)[0].Text(0, 0), "off");
}

TEST_F(LedgerTest, WhatWasSealedOpensUnderNoOtherMasterKey) {
  ASSERT_THAT(Open()->SubmitAndWait(UnitOf(CountUp("h"))), IsOk());
  Ledger::Options options;
  options.conninfo = database_.service();
  options.relay_conninfo = database_.relay();
  options.fact = &DirectoryFact::default_instance();
  options.aggregates = Aggregates();
  auto other = Ledger::Open(std::move(options), *privacy::Sealer::Create(std::string(32, 'o')));
  ASSERT_THAT(other, IsOk());
  EXPECT_THAT((*other)->Load("agency-a", "holder", "h"), StatusIs(absl::StatusCode::kDataLoss));
  EXPECT_THAT((*other)->SubmitAndWait(UnitOf(CountUp("h"))), Not(IsOk()));
}

TEST_F(LedgerTest, AForgottenSubjectLeavesTheRestOfTheRecord) {
  auto ledger = Open();
  ASSERT_THAT(ledger->SubmitAndWait(UnitOf(CountUp("h"))), IsOk());
  auto connection = Connect(database_.service());
  auto sealer = MakeSealer();
  ASSERT_THAT(pg::Transact(*connection,
                           [&](pg::Connection& tx) -> absl::Status {
                             auto set = tx.Query(
                                 "SELECT set_config('fosterwatch.agencies', 'agency-a', true)");
                             if (!set.ok()) return set.status();
                             return sealer->Shred(tx, {"agency-a", "holder:h"});
                           }),
              IsOk());
  auto holder = Open()->LoadAs<RoleHolder>("agency-a", "holder", "h");
  ASSERT_THAT(holder, IsOk());
  EXPECT_EQ(holder->name(), "");
  EXPECT_EQ(holder->title(), "1");
}

TEST_F(LedgerTest, AnotherAgencysRecordIsNotFound) {
  auto ledger = Open();
  ASSERT_THAT(ledger->SubmitAndWait(UnitOf(CountUp("h"))), IsOk());
  EXPECT_THAT(ledger->Load("agency-b", "holder", "h"), HasReason("NOT_FOUND"));
  EXPECT_THAT(*ledger->LoadMany("agency-b", "holder", {"h"}), IsEmpty());
  auto rows = ledger->Read("agency-b", {{"SELECT count(*) FROM view.holder", {}}});
  ASSERT_THAT(rows, IsOk());
  EXPECT_EQ((*rows)[0].Int(0, 0), 0);
}

// How many rows of agency-b a session of this role sees that has named agency-a only.
int64_t ForeignRows(pg::Connection& connection, const std::string& table) {
  auto results = connection.Pipeline(
      {{"BEGIN", {}},
       {"SELECT set_config('fosterwatch.agencies', 'agency-a', true)", {}},
       {absl::StrCat("SELECT count(*) FROM ", table, " WHERE agency_id = 'agency-b'"), {}},
       {"COMMIT", {}}});
  EXPECT_THAT(results, IsOk()) << table;
  return results.ok() ? (*results)[2].Int(0, 0) : -1;
}

class WallTest : public LedgerTest {
 protected:
  void SetUp() override {
    auto ledger = Open();
    for (const char* agency : {"agency-a", "agency-b"}) {
      Unit unit = UnitOf(CountUp("h"), absl::StrCat("request-", agency), agency);
      unit.consumer = "group";
      unit.inbox_id = agency;
      unit.effects.push_back(
          {"INSERT INTO view.effect (agency_id, record_key, value) VALUES ($1, 'k', 'v')",
           {agency}});
      unit.effects.push_back(
          {"INSERT INTO ledger.parked VALUES ($1, $1, 'g', 't', 0, 0, '', '',"
           " '', 'R', '', now())",
           {agency}});
      ASSERT_THAT(ledger->SubmitAndWait(std::move(unit)), IsOk());
    }
  }
  const std::vector<std::string> tables_ = {"ledger.fact",        "ledger.request", "ledger.inbox",
                                            "ledger.parked",      "view.holder",    "view.effect",
                                            "privacy.subject_key"};
};

TEST_F(WallTest, ASessionSeesOnlyTheAgenciesThatItHasNamed) {
  auto service = Connect(database_.service());
  for (const std::string& table : tables_) {
    EXPECT_EQ(ForeignRows(*service, table), 0) << table;
    auto unnamed = service->Query("SELECT count(*) FROM " + table);
    ASSERT_THAT(unnamed, IsOk());
    EXPECT_EQ(unnamed->Int(0, 0), 0) << table << " to a session that has named none";
  }
}

TEST_F(WallTest, ThisTestTurnsRedWhenAPolicyIsTakenAway) {
  for (const std::string& table : tables_) {
    Run(absl::StrCat("ALTER TABLE ", table, " DISABLE ROW LEVEL SECURITY"));
    EXPECT_GT(ForeignRows(*Connect(database_.service()), table), 0) << table;
  }
}

TEST_F(WallTest, NobodyWritesRowsOfAnAgencyThatHeHasNotNamed) {
  auto service = Connect(database_.service());
  const std::vector<std::string> inserts = {
      "INSERT INTO ledger.fact (fact_id, agency_id, aggregate_type, aggregate_id, version, name,"
      " payload, subject_id, recorded_at, actor, cause, trace_parent)"
      " VALUES ('forged', $1, 'holder', 'h', 2, 'n', '', '', now(), '', '', '')",
      "INSERT INTO ledger.request VALUES ($1, 'forged', '', 'holder', 'h', 1)",
      "INSERT INTO ledger.inbox VALUES ($1, 'group', 'forged')",
      "INSERT INTO ledger.parked VALUES ('forged', $1, 'g', 't', 0, 0, '', '', '', 'R', '', now())",
      "INSERT INTO view.holder VALUES ($1, 'forged', '', 1)",
      "INSERT INTO view.effect (agency_id, record_key, value) VALUES ($1, 'k', 'v')",
      "INSERT INTO privacy.subject_key (agency_id, subject_id, wrapped_key) VALUES ($1, 's', '')"};
  const auto write = [&](const std::string& sql, const std::string& agency) {
    return pg::Transact(*service, [&](pg::Connection& tx) -> absl::Status {
      auto set = tx.Query("SELECT set_config('fosterwatch.agencies', 'agency-a', true)");
      if (!set.ok()) return set.status();
      return tx.Query(sql, {agency}).status();
    });
  };
  for (const std::string& sql : inserts) {
    EXPECT_THAT(write(sql, "agency-b"), StatusIs(absl::StatusCode::kPermissionDenied)) << sql;
    EXPECT_THAT(write(sql, "agency-a"), IsOk()) << sql;
  }
}

TEST_F(WallTest, TheLedgerIsAppendOnlyForItsOwnService) {
  for (const std::string& conninfo : {database_.service(), database_.relay()}) {
    auto session = Connect(conninfo);
    for (const char* sql :
         {"UPDATE ledger.fact SET actor = 'x'", "DELETE FROM ledger.fact", "TRUNCATE ledger.fact",
          "UPDATE ledger.request SET request_hash = 'x'", "UPDATE ledger.inbox SET consumer = 'x'",
          "DELETE FROM ledger.parked", "ALTER TABLE ledger.fact DISABLE ROW LEVEL SECURITY"}) {
      EXPECT_THAT(session->Script(sql), StatusIs(absl::StatusCode::kPermissionDenied)) << sql;
    }
  }
}

TEST_F(WallTest, TheRelaysRoleSeesAllAgencies) {
  auto seen =
      Connect(database_.relay())->Query("SELECT count(DISTINCT agency_id) FROM ledger.fact");
  ASSERT_THAT(seen, IsOk());
  EXPECT_EQ(seen->Int(0, 0), 2);
}

}  // namespace
}  // namespace fosterwatch::ledger
