// The register on a real PostgreSQL, by a clock that the test moves; for the tests of its use
// cases.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "fosterwatch/complaints/v1/complaint_facts.pb.h"
#include "libs/testing/database.h"
#include "libs/testing/status_matchers.h"
#include "services/complaints/app.h"
#include "services/complaints/domain/test_support.h"
#include "services/complaints/module.h"
#include "services/complaints/views.h"

namespace fosterwatch::complaints {

using domain::Utc;
using ::fosterwatch::testing::HasReason;
using ::fosterwatch::testing::IsOk;
using v1::Complaint;

class AppTest : public ::testing::Test {
 protected:
  AppTest() : database_("fosterwatch_complaints", MakeModule()->migrations()) {
    ledger::Ledger::Options options;
    options.conninfo = database_.service();
    options.relay_conninfo = database_.relay();
    options.fact = &fact_;
    options.aggregates = Aggregates();
    options.now = [this] { return now(); };
    ledger_ =
        *ledger::Ledger::Open(std::move(options), *privacy::Sealer::Create(std::string(64, 'a')));
    app_ = MakeApp(domain::OurCalendar());
    auto connection = fosterwatch::testing::Connect(database_.admin());
    EXPECT_THAT(connection->Script("INSERT INTO reference.carer VALUES ('northern', 'F-1', 1);"
                                   "INSERT INTO reference.child VALUES ('northern', 'C-1')"),
                IsOk());
  }

  std::unique_ptr<App> MakeApp(const clock::WorkingCalendar& calendar) {
    return std::make_unique<App>(ledger_.get(), domain::AgencyBooks(domain::OurBook()), calendar,
                                 [this] { return now(); });
  }

  absl::Time now() const {
    absl::MutexLock lock(&mutex_);
    return now_;
  }
  void Set(absl::Time now) {
    absl::MutexLock lock(&mutex_);
    now_ = now;
  }

  static Origin By(const domain::Actor& actor) {
    Origin origin;
    origin.agency_id = "northern";
    origin.actor = actor;
    return origin;
  }
  template <typename State = Complaint>
  absl::StatusOr<State> Submit(absl::StatusOr<ledger::Unit> unit) {
    if (!unit.ok()) return unit.status();
    auto outcome = ledger_->SubmitAndWait(*std::move(unit));
    if (!outcome.ok()) return outcome.status();
    return outcome->As<State>(0);
  }
  Complaint Recorded(const v1::RecordComplaintRequest& request = domain::Recording()) {
    const auto complaint = Submit(app_->RecordComplaint(By(domain::kCaseworker), request));
    EXPECT_THAT(complaint, IsOk()) << complaint.status();
    return complaint.value_or(Complaint());
  }
  // As serious.
  Complaint Judged(const Complaint& complaint) {
    v1::JudgeSeriousnessRequest judge;
    judge.set_complaint_id(complaint.complaint_id());
    judge.set_serious(true);
    judge.set_reason("for weeks");
    const auto judged = Submit(app_->Change<v1::JudgeSeriousnessRequest>(
        By(domain::kManager), judge, domain::JudgeSeriousness));
    EXPECT_THAT(judged, IsOk());
    return judged.value_or(Complaint());
  }
  int64_t Facts(const std::string& name) {
    const auto rows = fosterwatch::testing::Connect(database_.admin())
                          ->Query("SELECT count(*) FROM ledger.fact WHERE name = $1", {name});
    return rows.ok() ? rows->Int(0, 0) : -1;
  }
  v1::Sighting Seen(const std::string& id, const std::string& child) {
    v1::Sighting seen;
    seen.set_sighting_id(id);
    seen.set_source(v1::SIGHTING_SOURCE_FEEDBACK);
    seen.set_source_id(id);
    seen.set_child_id(child);
    *seen.mutable_seen_time() = clock::ToProto(domain::kReceived);
    return seen;
  }

  void Run(const std::string& sql) {
    ASSERT_THAT(fosterwatch::testing::Connect(database_.admin())->Script(sql), IsOk()) << sql;
  }

  const v1::ComplaintFact fact_;
  mutable absl::Mutex mutex_;
  absl::Time now_ ABSL_GUARDED_BY(mutex_) = domain::kReceived;
  fosterwatch::testing::Database database_;
  std::unique_ptr<ledger::Ledger> ledger_;
  std::unique_ptr<App> app_;
};

}  // namespace fosterwatch::complaints
