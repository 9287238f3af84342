// `fosterwatch rebuild` on the real binary: every view of every service is made again exactly as it
// was, and nothing is recorded, published or sent.
#include <map>
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "libs/testing/await.h"
#include "libs/testing/status_matchers.h"
#include "tests/support/agency.h"
#include "tests/support/installation.h"

namespace fosterwatch {
namespace {

using ::fosterwatch::testing::Agency;
using ::fosterwatch::testing::AwaitTrue;
using ::fosterwatch::testing::Installation;
using ::fosterwatch::testing::IsOk;
namespace events = notifiable_events::v1;

constexpr const char* kServices[] = {"directory",         "carers",      "placements",
                                     "notifiable_events", "allegations", "complaints",
                                     "notifications",     "kpis"};

pg::Result Query(pg::Connection& connection, const std::string& sql) {
  auto result = connection.Query(sql);
  EXPECT_THAT(result, IsOk()) << sql;
  return result.ok() ? *std::move(result) : pg::Result();
}

// Every row of every view, by service and table.
std::map<std::string, std::string> Views(const Installation& installation) {
  std::map<std::string, std::string> views;
  for (const char* service : kServices) {
    auto database = installation.Database(service);
    const pg::Result tables = Query(*database,
                                    "SELECT table_name::text FROM information_schema.tables"
                                    " WHERE table_schema = 'view'");
    for (int row = 0; row < tables.rows(); ++row) {
      const std::string table = "view." + tables.Text(row, 0);
      views[absl::StrCat(service, " ", table)] =
          Query(*database, absl::StrCat("SELECT coalesce(string_agg(t::text, E'\\n' ORDER BY"
                                        " t::text), '') FROM ",
                                        table, " AS t"))
              .Text(0, 0);
    }
  }
  return views;
}

// How much each service has recorded, and how far its relay has come.
std::map<std::string, std::string> Ledgers(const Installation& installation) {
  std::map<std::string, std::string> ledgers;
  for (const char* service : kServices) {
    ledgers[service] = Query(*installation.Database(service),
                             "SELECT count(*) || ' facts, mark ' || (SELECT tx || '/' || position"
                             " FROM ledger.relay) FROM ledger.fact")
                           .Text(0, 0);
  }
  return ledgers;
}

// Whether every fact has left, and every group has handled all that is on the bus.
bool Quiet(const Installation& installation) {
  for (const char* service : kServices) {
    const pg::Result unsent =
        Query(*installation.Database(service),
              "SELECT count(*) FROM ledger.fact WHERE (fact.tx, fact.position) >"
              " ((SELECT tx::xid8 FROM ledger.relay), (SELECT position FROM ledger.relay))");
    if (unsent.Int(0, 0) > 0) return false;
  }
  // Those that tell further by the facts that they record, and whose views are looked at below.
  const pg::Result behind =
      Query(*installation.Database("bus"),
            "SELECT count(*) FROM partition"
            " CROSS JOIN (VALUES ('notifications'), ('kpis')) AS listener (consumer_group)"
            " LEFT JOIN consumer_offset USING (consumer_group, topic, partition)"
            " WHERE topic = 'fosterwatch.notifiable-events.v1'"
            " AND coalesce(consumer_offset.next_offset, 0) < partition.next_offset");
  const pg::Result others =
      Query(*installation.Database("bus"),
            "SELECT count(*) FROM consumer_offset JOIN partition USING (topic, partition)"
            " WHERE consumer_offset.next_offset < partition.next_offset");
  return behind.Int(0, 0) == 0 && others.Int(0, 0) == 0;
}

TEST(Rebuild, GivesEveryViewOfEveryServiceAgainAndTellsNobody) {
  Installation installation({});
  installation.Start();
  ASSERT_TRUE(installation.AwaitReady()) << installation.process().Output();
  const Agency agency(&installation, "agency-a");
  const Agency other(&installation, "agency-b");
  for (const Agency* of : {&agency, &other}) {
    for (int kind = 1; kind <= 10; ++kind) {
      events::ReportEventRequest request;
      *request.mutable_report() = of->Report(static_cast<events::EventKind>(kind));
      auto event = of->Call(of->Caseworker(), "ReportEvent", request);
      ASSERT_THAT(event, IsOk());
      events::GiveNoticeRequest give;
      give.set_event_id(event->event_id());
      give.set_notice_id(event->notices(0).notice_id());
      give.set_channel(type::v1::CHANNEL_TELEPHONE);
      ASSERT_THAT(of->Call(of->Caseworker(), "GiveNotice", give), IsOk());
      events::SignOffEventRequest sign_off;
      sign_off.set_event_id(event->event_id());
      sign_off.set_stage(events::SignOff::STAGE_MANAGER);
      ASSERT_THAT(of->Call(of->TeamManager(), "SignOffEvent", sign_off), IsOk());
    }
  }
  EXPECT_TRUE(AwaitTrue([&] { return Quiet(installation); }, absl::Seconds(60)));
  ASSERT_THAT(installation.process().Stop(), IsOk());

  const auto views = Views(installation);
  const auto ledgers = Ledgers(installation);
  for (const auto& [view, rows] : views) {
    const std::string service = view.substr(0, view.find(' '));
    const std::string table = view.substr(view.find(' ') + 1);
    ASSERT_THAT(installation.Database(service)->Script("DELETE FROM " + table), IsOk()) << view;
  }
  ASSERT_NE(Views(installation), views);
  ASSERT_EQ(installation.Run({"rebuild"}), 0);
  const auto again = Views(installation);
  for (const auto& [view, rows] : views) EXPECT_EQ(again.at(view), rows) << view;
  EXPECT_FALSE(views.at("notifiable_events view.notice").empty());
  EXPECT_FALSE(views.at("kpis view.span").empty());
  EXPECT_EQ(Ledgers(installation), ledgers);
}

}  // namespace
}  // namespace fosterwatch
