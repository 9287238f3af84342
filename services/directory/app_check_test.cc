// The check of the directory on a real PostgreSQL, by a clock that the test moves: asked for, and
// daily by itself, once a day over replicas and restarts.
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/synchronization/mutex.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "fosterwatch/directory/v1/directory_facts.pb.h"
#include "libs/clock/proto_time.h"
#include "libs/ledger/id.h"
#include "libs/testing/await.h"
#include "libs/testing/database.h"
#include "libs/testing/status_matchers.h"
#include "services/directory/app.h"
#include "services/directory/domain/test_support.h"
#include "services/directory/module.h"
#include "services/directory/views.h"

namespace fosterwatch::directory {
namespace {

using domain::At;
using ::fosterwatch::testing::AwaitTrue;
using ::fosterwatch::testing::IsOk;

class Clock {
 public:
  absl::Time Now() const {
    absl::MutexLock lock(&mutex_);
    return now_;
  }
  void Set(absl::Time now) {
    absl::MutexLock lock(&mutex_);
    now_ = now;
  }

 private:
  mutable absl::Mutex mutex_;
  absl::Time now_ ABSL_GUARDED_BY(mutex_) = At("2026-11-22T12:00:00Z");
};

// One process of the directory.
class Replica {
 public:
  Replica(const fosterwatch::testing::Database& database, const Clock& clock) {
    ledger::Ledger::Options options;
    options.conninfo = database.service();
    options.relay_conninfo = database.relay();
    options.fact = &fact_;
    options.aggregates = Aggregates();
    ledger_ =
        *ledger::Ledger::Open(std::move(options), *privacy::Sealer::Create(std::string(64, 'a')));
    App::Options app;
    app.now = [&clock] { return clock.Now(); };
    *app.policies.add_editions() = domain::Policy();
    app_ = std::make_unique<App>(ledger_.get(), std::move(app));
    loop_ = std::make_unique<duty::Loop>(ledger_.get(),
                                         DailyChecks(app_.get(), [&clock] { return clock.Now(); }));
  }
  ~Replica() { Stop(); }

  void Start() {
    thread_ = std::thread([this] { loop_->Run(stop_); });
  }
  void Stop() {
    stop_.Request();
    if (thread_.joinable()) thread_.join();
  }
  App& app() { return *app_; }
  const duty::Loop& loop() const { return *loop_; }

 private:
  const v1::DirectoryFact fact_;
  std::unique_ptr<ledger::Ledger> ledger_;
  std::unique_ptr<App> app_;
  std::unique_ptr<duty::Loop> loop_;
  runtime::Stop stop_;
  std::thread thread_;
};

class DirectoryCheckTest : public ::testing::Test {
 protected:
  DirectoryCheckTest() : database_("fosterwatch_directory", MakeModule()->migrations()) {}

  static runtime::Call Call(const std::string& agency = "northern") {
    runtime::Call call;
    call.agency_id = agency;
    call.caller.person_id = "registered-manager-1";
    return call;
  }
  static void Appoint(App& app, const std::string& agency = "northern") {
    for (const v1::RoleHolder& holder : domain::People()) {
      v1::AppointHolderRequest request;
      *request.mutable_holder() = holder;
      ASSERT_THAT(app.AppointHolder(Call(agency), request), IsOk());
    }
  }
  // How many facts of this name the agency has.
  int64_t Facts(const std::string& name, const std::string& agency = "northern") {
    const auto connection = fosterwatch::testing::Connect(database_.admin());
    const auto rows = connection->Query(
        "SELECT count(*) FROM ledger.fact WHERE name = $1 AND agency_id = $2", {name, agency});
    EXPECT_THAT(rows, IsOk());
    return rows.ok() ? rows->Int(0, 0) : -1;
  }

  Clock clock_;
  fosterwatch::testing::Database database_;
};

TEST_F(DirectoryCheckTest, AskedForSaysWhatIsMissingAndIsRecordedWhereItSaysSomethingNew) {
  Replica replica(database_, clock_);
  Appoint(replica.app());
  v1::CheckDirectoryRequest request;
  request.set_request_id(ledger::NewId());
  const auto first = replica.app().CheckDirectory(Call(), request);
  ASSERT_THAT(first, IsOk());
  // All people are there, and no body is.
  ASSERT_EQ(first->findings_size(), 2) << first->DebugString();
  EXPECT_EQ(first->findings(0).code(), v1::Finding::CODE_BODY_MISSING);
  EXPECT_EQ(first->findings(0).body_kind(), v1::Body::KIND_CHIEF_INSPECTOR);
  EXPECT_EQ(first->unreachable_count(), 2);
  EXPECT_EQ(first->policy_version(), "2026-11-22.2");
  EXPECT_EQ(Facts("directory_checked"), 1);

  request.set_request_id(ledger::NewId());
  clock_.Set(clock_.Now() + absl::Hours(1));
  const auto again = replica.app().CheckDirectory(Call(), request);
  ASSERT_THAT(again, IsOk());
  EXPECT_EQ(clock::FromProto(again->checked_time()), clock_.Now());
  EXPECT_EQ(Facts("directory_checked"), 1);

  v1::RecordBodyRequest body;
  body.mutable_body()->set_body_id("ofsted");
  body.mutable_body()->set_kind(v1::Body::KIND_CHIEF_INSPECTOR);
  body.mutable_body()->set_name("Ofsted");
  auto* contact = body.mutable_body()->add_contacts();
  contact->set_channel(type::v1::CHANNEL_EMAIL);
  contact->set_address("notices@ofsted.example");
  ASSERT_THAT(replica.app().RecordBody(Call(), body), IsOk());
  request.set_request_id(ledger::NewId());
  const auto mended = replica.app().CheckDirectory(Call(), request);
  ASSERT_THAT(mended, IsOk());
  EXPECT_EQ(mended->findings_size(), 1);
  EXPECT_EQ(Facts("directory_checked"), 2);
  EXPECT_EQ(Facts("directory_checked", "southern"), 0);
}

TEST_F(DirectoryCheckTest, OfAbsencesOfOnePersonRecordedAtTheSameMomentOneIsTaken) {
  Replica one(database_, clock_), two(database_, clock_);
  Appoint(one.app());
  for (int round = 0; round < 5; ++round) {
    std::vector<std::thread> threads;
    std::vector<absl::Status> answers(8);
    for (size_t i = 0; i < answers.size(); ++i) {
      threads.emplace_back([&, i] {
        v1::RecordAbsenceRequest request;
        request.set_request_id(ledger::NewId());
        v1::Absence* absence = request.mutable_absence();
        absence->set_person_id("m1");
        absence->set_role(options::v1::ROLE_REGISTERED_MANAGER);
        *absence->mutable_from_time() = clock::ToProto(clock_.Now() + absl::Hours(24 * round));
        *absence->mutable_until_time() = clock::ToProto(clock_.Now() + absl::Hours(24 * round + 1));
        absence->set_reason("leave");
        answers[i] = (i % 2 == 0 ? one : two).app().RecordAbsence(Call(), request).status();
      });
    }
    for (std::thread& thread : threads) thread.join();
    int taken = 0;
    for (const absl::Status& answer : answers) {
      if (answer.ok()) {
        ++taken;
      } else {
        EXPECT_EQ(ReasonOf(answer), "ABSENCE_OVERLAPS") << answer;
      }
    }
    EXPECT_EQ(taken, 1);
    EXPECT_EQ(Facts("absence_recorded"), round + 1);
    EXPECT_EQ(Facts("absence_noted"), round + 1);
  }
}

TEST_F(DirectoryCheckTest, AnAbsenceThatWasCalledOffLeavesItsTimeFreeAndARepeatSaysTheSame) {
  Replica replica(database_, clock_);
  Appoint(replica.app());
  v1::RecordAbsenceRequest request;
  request.set_request_id(ledger::NewId());
  request.mutable_absence()->set_person_id("m1");
  request.mutable_absence()->set_role(options::v1::ROLE_REGISTERED_MANAGER);
  *request.mutable_absence()->mutable_from_time() = clock::ToProto(clock_.Now() + absl::Hours(24));
  request.mutable_absence()->set_reason("leave");
  const auto first = replica.app().RecordAbsence(Call(), request);
  ASSERT_THAT(first, IsOk());
  const auto repeated = replica.app().RecordAbsence(Call(), request);
  ASSERT_THAT(repeated, IsOk());
  EXPECT_EQ(repeated->SerializeAsString(), first->SerializeAsString());
  EXPECT_EQ(first->reason(), "leave");
  v1::EndAbsenceRequest end;
  end.set_absence_id(first->absence_id());
  ASSERT_THAT(replica.app().EndAbsence(Call(), end), IsOk());
  request.set_request_id(ledger::NewId());
  const auto second = replica.app().RecordAbsence(Call(), request);
  ASSERT_THAT(second, IsOk());
  EXPECT_NE(second->absence_id(), first->absence_id());
  EXPECT_EQ(second->joined_absence_ids_size(), 0);
}

TEST_F(DirectoryCheckTest, RunsByItselfOnceADayOverReplicasAndRestarts) {
  auto one = std::make_unique<Replica>(database_, clock_);
  auto two = std::make_unique<Replica>(database_, clock_);
  Appoint(one->app());
  Appoint(one->app(), "southern");
  one->Start();
  two->Start();
  for (const char* agency : {"northern", "southern"}) {
    EXPECT_EQ(Facts("directory_check_planned", agency), 1);
    EXPECT_EQ(Facts("directory_checked", agency), 0);
  }
  clock_.Set(At("2026-11-23T06:00:00Z"));
  for (const char* agency : {"northern", "southern"}) {
    ASSERT_TRUE(AwaitTrue([&] { return Facts("directory_checked", agency) == 1; }));
  }
  one.reset();
  two.reset();

  // A day that nobody was there for is not made up for: one check, then the next day's.
  clock_.Set(At("2026-11-25T09:00:00Z"));
  Replica three(database_, clock_);
  three.Start();
  ASSERT_TRUE(AwaitTrue([&] { return Facts("directory_checked") == 2; }));
  clock_.Set(At("2026-11-26T05:59:59Z"));
  const int64_t looks = three.loop().looks();
  ASSERT_TRUE(AwaitTrue([&] { return three.loop().looks() > looks + 2; }));
  EXPECT_EQ(Facts("directory_checked"), 2);
  clock_.Set(At("2026-11-26T06:00:00Z"));
  ASSERT_TRUE(AwaitTrue([&] { return Facts("directory_checked") == 3; }));
  EXPECT_EQ(Facts("directory_check_planned"), 1);
}

}  // namespace
}  // namespace fosterwatch::directory
