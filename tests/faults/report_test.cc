// One report asked for many times at once is one event. reliability.md A7.
#include <atomic>
#include <cstdio>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "gtest/gtest.h"

#include "libs/testing/status_matchers.h"
#include "tests/support/agency.h"
#include "tests/support/installation.h"

namespace fosterwatch::faults {
namespace {

using ::fosterwatch::testing::Agency;
using ::fosterwatch::testing::HasReason;
using ::fosterwatch::testing::Installation;
using ::fosterwatch::testing::IsOk;
using ::fosterwatch::testing::StatusIs;
namespace events = notifiable_events::v1;

TEST(Report, ARequestThatComesAHundredTimesAtOnceIsOneEventAndOneAnswer) {
  Installation installation({});
  installation.Start();
  ASSERT_TRUE(installation.AwaitReady()) << installation.process().Output();
  const Agency agency(&installation, "agency-a");
  events::ReportEventRequest request;
  constexpr int kCallers = 100, kRounds = 3;
  for (int round = 0; round < kRounds; ++round) {
    request.set_request_id(absl::StrCat("request-", round));
    *request.mutable_report() = agency.Report(events::EVENT_KIND_CHILD_MISSING);
    absl::Mutex mutex;
    std::set<std::string> answers;
    int answered = 0;
    std::vector<std::thread> callers;
    for (int i = 0; i < kCallers; ++i) {
      callers.emplace_back([&] {
        auto event = agency.Call(agency.Caseworker(), "ReportEvent", request);
        ASSERT_THAT(event, IsOk());
        absl::MutexLock lock(&mutex);
        answers.insert(event->SerializeAsString());
        ++answered;
      });
    }
    for (std::thread& caller : callers) caller.join();
    EXPECT_EQ(answered, kCallers);
    EXPECT_EQ(answers.size(), 1) << "all are told the same";
  }
  auto stored = installation.Database("notifiable_events")
                    ->Query(
                        "SELECT count(DISTINCT aggregate_id) FROM ledger.fact"
                        " WHERE agency_id = 'agency-a' AND name = 'event_reported'");
  ASSERT_THAT(stored, IsOk());
  EXPECT_EQ(stored->Int(0, 0), kRounds);
  std::printf("%d calls a request, %d requests, %d events\n", kCallers, kRounds,
              static_cast<int>(stored->Int(0, 0)));

  // Another body under the same id changes nothing and is told so.
  request.mutable_report()->set_summary("Something else.");
  const auto other = agency.Call(agency.Caseworker(), "ReportEvent", request);
  EXPECT_THAT(other, StatusIs(absl::StatusCode::kAlreadyExists));
  EXPECT_THAT(other, HasReason("REQUEST_ID_REUSED"));
}

}  // namespace
}  // namespace fosterwatch::faults
