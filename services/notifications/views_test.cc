// What the views say of whom an alert is kept from.
#include "services/notifications/views.h"

#include <string>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "fosterwatch/notifications/v1/notification_facts.pb.h"
#include "libs/privacy/sealer.h"
#include "libs/testing/database.h"
#include "libs/testing/status_matchers.h"
#include "services/notifications/module.h"

namespace fosterwatch::notifications {
namespace {

using ::fosterwatch::testing::IsOk;
using ::fosterwatch::testing::IsOkAndHolds;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(KeptFromTest, WhomAnAlertIsKeptFromIsNotToldWhoLookedAtItsRecordEither) {
  const fosterwatch::testing::Database database("fosterwatch_notifications",
                                                MakeModule()->migrations());
  const v1::NotificationFact fact;
  ledger::Ledger::Options options;
  options.conninfo = database.service();
  options.relay_conninfo = database.relay();
  options.fact = &fact;
  options.aggregates = Aggregates();
  const auto ledger =
      *ledger::Ledger::Open(std::move(options), *privacy::Sealer::Create(std::string(64, 'a')));
  const auto raise = [&](const std::string& record, const std::vector<std::string>& not_to) {
    ledger::Unit unit;
    unit.agency_id = "northern";
    unit.changes.push_back(ledger::MakeChange<v1::Notifications, v1::NotificationFact>(
        kAggregate, "allegations/" + record,
        [&](const v1::Notifications&,
            int64_t) -> absl::StatusOr<std::vector<v1::NotificationFact>> {
          v1::NotificationFact raised;
          v1::Alert& alert = *raised.mutable_alert_raised()->mutable_alert();
          alert.set_alert_id("alert-" + record);
          alert.set_state(v1::Alert::STATE_OPEN);
          alert.set_record_id(record);
          for (const std::string& person : not_to) alert.add_not_to_person_ids(person);
          return std::vector<v1::NotificationFact>{raised};
        }));
    ASSERT_THAT(ledger->SubmitAndWait(std::move(unit)), IsOk());
  };
  raise("a-1", {"manager-1", "worker-2"});
  raise("a-2", {});
  raise("a-3", {"worker-2"});
  const auto kept = [&](const std::string& person, const std::string& agency = "northern") {
    return RecordsKeptFrom(*ledger, agency, person);
  };
  EXPECT_THAT(kept("manager-1"), IsOkAndHolds(ElementsAre("record:a-1")));
  EXPECT_THAT(kept("worker-2"), IsOkAndHolds(ElementsAre("record:a-1", "record:a-3")));
  EXPECT_THAT(kept("manager-2"), IsOkAndHolds(IsEmpty()));
  EXPECT_THAT(kept(""), IsOkAndHolds(IsEmpty()));
  EXPECT_THAT(kept("manager-1", "eastern"), IsOkAndHolds(IsEmpty()));
}

}  // namespace
}  // namespace fosterwatch::notifications
