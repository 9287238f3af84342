// `fosterwatch rebuild` on the real binary: every view of every service is made again exactly as it
// was, and nothing is recorded, published or sent.
#include <map>
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "fosterwatch/allegations/v1/allegations_service.pb.h"
#include "fosterwatch/carers/v1/carers_service.pb.h"
#include "fosterwatch/complaints/v1/complaints_service.pb.h"
#include "libs/clock/proto_time.h"
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

// A complaint that is overdue already, so that it leaves facts of its own.
void Complain(Installation& installation, const Agency& of) {
  complaints::v1::RecordComplaintRequest request;
  request.set_request_id("complaint");
  auto* report = request.mutable_report();
  report->set_kind(complaints::v1::COMPLAINT_KIND_COMPLAINT);
  report->mutable_giver()->set_kind(complaints::v1::GIVER_KIND_ANONYMOUS);
  report->mutable_subject()->set_kind(complaints::v1::SUBJECT_KIND_SERVICE);
  report->set_received_by(complaints::v1::RECEIVED_BY_LETTER);
  *report->mutable_received_time() = clock::ToProto(absl::Now() - absl::Hours(24 * 60));
  report->set_category("DELAY");
  report->set_summary("nobody answers");
  report->set_procedure_id("reg18");
  ASSERT_THAT(installation.Call<complaints::v1::Complaint>(
                  of.Caseworker(), "fosterwatch.complaints.v1.ComplaintsService", "RecordComplaint",
                  request),
              IsOk());
}

// An allegation that is overdue already.
void Allege(Installation& installation, const Agency& of) {
  allegations::v1::ReceiveAllegationRequest request;
  request.set_request_id("allegation");
  auto* report = request.mutable_report();
  report->set_carer_id("F-1");
  report->add_grounds(allegations::v1::GROUND_HARM);
  report->set_informant(allegations::v1::INFORMANT_CHILD);
  *report->mutable_became_aware_time() = clock::ToProto(absl::Now() - absl::Hours(24 * 60));
  report->set_summary("what was said");
  absl::Status answer;
  // Until the register of allegations knows the carer.
  AwaitTrue(
      [&] {
        answer = installation
                     .Call<allegations::v1::Allegation>(
                         of.Caseworker(), "fosterwatch.allegations.v1.AllegationsService",
                         "ReceiveAllegation", request)
                     .status();
        return answer.ok();
      },
      absl::Seconds(60));
  ASSERT_THAT(answer, IsOk());
}

// Who supervises a household, and somebody else who opened it in an emergency.
void Supervise(Installation& installation, const Agency& of) {
  constexpr char kService[] = "fosterwatch.carers.v1.CarersService";
  carers::v1::AssignSupervisorRequest assign;
  assign.set_carer_id("F-1");
  assign.set_supervisor_id("social-worker-1");
  ASSERT_THAT(
      installation.Call<carers::v1::Carer>(of.TeamManager(), kService, "AssignSupervisor", assign),
      IsOk());
  carers::v1::OpenInEmergencyRequest open;
  open.set_carer_id("F-1");
  open.set_reason("rang at night");
  ASSERT_THAT(installation.Call<carers::v1::Carer>(
                  {of.id(), "social-worker-2", {options::v1::ROLE_SUPERVISING_SOCIAL_WORKER}},
                  kService, "OpenInEmergency", open),
              IsOk());
}

TEST(Rebuild, GivesEveryViewOfEveryServiceAgainAndTellsNobody) {
  Installation installation({});
  installation.Start();
  ASSERT_TRUE(installation.AwaitReady()) << installation.process().Output();
  const Agency agency(&installation, "agency-a");
  const Agency other(&installation, "agency-b");
  for (const Agency* of : {&agency, &other}) {
    ASSERT_NO_FATAL_FAILURE(Complain(installation, *of));
    ASSERT_NO_FATAL_FAILURE(Allege(installation, *of));
    ASSERT_NO_FATAL_FAILURE(Supervise(installation, *of));
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
  EXPECT_FALSE(views.at("complaints view.complaint_version").empty());
  EXPECT_FALSE(views.at("allegations view.allegation").empty());
  EXPECT_FALSE(views.at("kpis view.span").empty());
  EXPECT_FALSE(views.at("carers view.caseload").empty());
  EXPECT_FALSE(views.at("carers view.emergency").empty());
  EXPECT_EQ(Ledgers(installation), ledgers);
}

}  // namespace
}  // namespace fosterwatch
