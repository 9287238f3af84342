// Parked records by the real binary: who sees them, how they are taken after all or given up, by
// RPC and by the command line, and what a power cut in the middle of a retry leaves. reliability.md
// D1 and D2.
#include <csignal>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "google/protobuf/util/json_util.h"
#include "gtest/gtest.h"

#include "fosterwatch/notifiable_events/v1/notifiable_event_facts.pb.h"
#include "fosterwatch/operations/v1/parked_service.pb.h"
#include "fosterwatch/placements/v1/placements_service.pb.h"
#include "libs/clock/proto_time.h"
#include "libs/testing/await.h"
#include "libs/testing/status_matchers.h"
#include "tests/support/agency.h"
#include "tests/support/installation.h"

namespace fosterwatch {
namespace {

using ::fosterwatch::testing::Agency;
using ::fosterwatch::testing::AwaitTrue;
using ::fosterwatch::testing::HasReason;
using ::fosterwatch::testing::Installation;
using ::fosterwatch::testing::IsOk;
using ::fosterwatch::testing::Person;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
namespace events = notifiable_events::v1;
namespace rpc = operations::v1;
using rpc::ParkedRecord;

constexpr char kParked[] = "fosterwatch.operations.v1.ParkedService";
constexpr char kRegister[] = "notifiable_events";

class ParkedRecordsTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    installation_ = new Installation({});
    installation_->Start();
    ASSERT_TRUE(installation_->AwaitReady()) << installation_->process().Output();
    agency_ = new Agency(installation_, "agency-a");
    other_ = new Agency(installation_, "agency-b");
  }
  static void TearDownTestSuite() {
    delete other_;
    delete agency_;
    delete installation_;
  }

  static Person Operator() { return {"*", "operator-1", {options::v1::ROLE_SERVICE}}; }

  template <typename Response, typename Request>
  static absl::StatusOr<Response> Call(const Person& person, const std::string& method,
                                       const std::string& service, Request request) {
    request.set_service(service);
    if (person.agency_id != "*") {
      return installation_->Call<Response>(person, kParked, method, request);
    }
    return installation_->client().Call<Response>("any", kParked, method, request,
                                                  {.token = installation_->TokenOf(person),
                                                   .agency_id = "agency-a",
                                                   .timeout = absl::Seconds(10)});
  }
  static absl::StatusOr<rpc::ListParkedResponse> List(const Person& person,
                                                      const std::string& service = kRegister,
                                                      bool of_no_agency = false) {
    rpc::ListParkedRequest request;
    request.set_of_no_agency(of_no_agency);
    return Call<rpc::ListParkedResponse>(person, "ListParked", service, request);
  }
  static std::vector<ParkedRecord> Open(const Person& person,
                                        const std::string& service = kRegister) {
    auto list = List(person, service);
    EXPECT_THAT(list, IsOk());
    std::vector<ParkedRecord> open;
    for (const ParkedRecord& record : list->records()) {
      if (record.state() == ParkedRecord::STATE_OPEN) open.push_back(record);
    }
    return open;
  }
  static absl::StatusOr<rpc::RetryParkedResponse> Retry(const Person& person,
                                                        const ParkedRecord& record) {
    rpc::RetryParkedRequest request;
    request.set_parked_id(record.parked_id());
    return Call<rpc::RetryParkedResponse>(person, "RetryParked", record.service(), request);
  }
  static absl::StatusOr<ParkedRecord> Discard(const Person& person, const ParkedRecord& record,
                                              const std::string& reason) {
    rpc::DiscardParkedRequest request;
    request.set_parked_id(record.parked_id());
    request.set_reason(reason);
    return Call<ParkedRecord>(person, "DiscardParked", record.service(), request);
  }

  // A report of a caseworker system, as it comes by the intake topic.
  static bus::Record Report(const std::string& id, const std::string& child,
                            const std::string& source) {
    events::EventReport report = agency_->Report(events::EVENT_KIND_CHILD_MISSING);
    report.set_child_id(child);
    bus::Record record;
    record.topic = "fosterwatch.intake.notifiable-events.v1";
    record.key = "case-system";
    record.headers = {{"ce_specversion", "1.0"},
                      {"ce_id", id},
                      {"ce_source", source},
                      {"ce_type", "uk.fosterwatch.notifiable-event.reported.v1"},
                      {"content-type", "application/json"}};
    EXPECT_TRUE(google::protobuf::util::MessageToJsonString(report, &record.value).ok());
    return record;
  }
  static void Publish(const std::vector<bus::Record>& records) {
    auto bus = installation_->OpenBus();
    ASSERT_THAT(bus->Publish(records), IsOk());
  }
  static void RecordChild(const std::string& child_id) {
    placements::v1::RecordChildRequest request;
    placements::v1::Child* child = request.mutable_child();
    child->set_child_id(child_id);
    child->set_name("Test Child");
    child->set_birth_date("2015-02-03");
    child->set_responsible_authority_id("northshire");
    child->set_area_authority_id("northshire");
    child->set_carer_id("F-1");
    ASSERT_THAT(installation_->Call<placements::v1::Child>(
                    agency_->Caseworker(), "fosterwatch.placements.v1.PlacementsService",
                    "RecordChild", request),
                IsOk());
    ASSERT_TRUE(AwaitTrue([&] {
      auto known = installation_->Database(kRegister)->Query(
          "SELECT count(*) FROM reference.child WHERE child_id = $1", {child_id});
      return known.ok() && known->Int(0, 0) == 1;
    }));
  }
  static int64_t Number(const std::string& service, const std::string& sql) {
    auto rows = installation_->Database(service)->Query(sql);
    EXPECT_THAT(rows, IsOk()) << sql;
    return rows.ok() ? rows->Int(0, 0) : -1;
  }

  static Installation* installation_;
  static Agency* agency_;
  static Agency* other_;
};

Installation* ParkedRecordsTest::installation_ = nullptr;
Agency* ParkedRecordsTest::agency_ = nullptr;
Agency* ParkedRecordsTest::other_ = nullptr;

TEST_F(ParkedRecordsTest, AReportIsTakenOnceWhatItNamesIsKnown) {
  const Person manager = agency_->RegisteredManager();
  Publish({Report("case-1", "C-late", agency_->source())});
  ASSERT_TRUE(AwaitTrue([&] { return Open(manager).size() == 1; }));
  const ParkedRecord record = Open(manager)[0];
  EXPECT_EQ(record.reason_code(), "UNKNOWN_CHILD");
  EXPECT_EQ(record.field(), "data.child_id");
  EXPECT_EQ(record.consumer(), "notifiable-events-intake");
  EXPECT_EQ(record.key(), "") << "a key from outside may say anything";
  EXPECT_FALSE(record.key_blocked());

  // Who may not, and who does not see it.
  EXPECT_TRUE(absl::IsPermissionDenied(List(agency_->Caseworker()).status()));
  EXPECT_TRUE(absl::IsPermissionDenied(Retry(agency_->Publisher(), record).status()));
  EXPECT_THAT(Open(other_->RegisteredManager()), IsEmpty());
  EXPECT_THAT(Retry(other_->RegisteredManager(), record), HasReason("UNKNOWN_RECORD"));
  EXPECT_THAT(Discard(other_->TeamManager(), record, "not mine"), HasReason("UNKNOWN_RECORD"));
  EXPECT_THAT(List(manager, "nonsense"), HasReason("UNKNOWN_SERVICE"));
  EXPECT_THAT(List(manager, kRegister, /*of_no_agency=*/true), HasReason("ROLE_NOT_ALLOWED"));

  // Not mended yet.
  auto retried = Retry(agency_->TeamManager(), record);
  ASSERT_THAT(retried, IsOk());
  EXPECT_EQ(retried->taken(), 0);
  EXPECT_EQ(retried->stopped_by(), "UNKNOWN_CHILD");
  EXPECT_EQ(retried->record().last_attempt().person_id(), "team-manager-1");
  EXPECT_EQ(retried->record().attempts(), 1);

  RecordChild("C-late");
  retried = Retry(manager, record);
  ASSERT_THAT(retried, IsOk());
  EXPECT_EQ(retried->taken(), 1);
  EXPECT_EQ(retried->stopped_by(), "");
  EXPECT_EQ(retried->record().state(), ParkedRecord::STATE_TAKEN);
  EXPECT_EQ(retried->record().closed_by(), "registered-manager-1");
  EXPECT_THAT(Open(manager), IsEmpty());
  EXPECT_EQ(Number(kRegister, "SELECT count(*) FROM view.event WHERE child_id = 'C-late'"), 1);
  EXPECT_THAT(Retry(manager, record), HasReason("ALREADY_CLOSED"));
  EXPECT_THAT(Discard(manager, record, "too late"), HasReason("ALREADY_CLOSED"));
}

TEST_F(ParkedRecordsTest, WhatIsDiscardedSaysByWhomAndWhy) {
  const Person manager = agency_->RegisteredManager();
  Publish({Report("case-2", "C-never", agency_->source())});
  ASSERT_TRUE(AwaitTrue([&] { return Open(manager).size() == 1; }));
  const ParkedRecord record = Open(manager)[0];
  EXPECT_THAT(Discard(manager, record, " \n"), HasReason("REQUIRED"));
  EXPECT_THAT(Discard(manager, record, std::string(2001, 'x')), HasReason("TOO_LONG"));
  auto discarded = Discard(manager, record, "Reported by Kestrel by telephone");
  ASSERT_THAT(discarded, IsOk());
  EXPECT_EQ(discarded->state(), ParkedRecord::STATE_DISCARDED);
  EXPECT_EQ(discarded->discard_reason(), "Reported by Kestrel by telephone");
  EXPECT_EQ(discarded->closed_by(), "registered-manager-1");
  EXPECT_EQ(Number(kRegister,
                   "SELECT count(*) FROM ledger.parked_outcome WHERE"
                   " position(convert_to('Kestrel', 'UTF8') IN sealed_reason) > 0"),
            0)
      << "kept sealed";
  EXPECT_THAT(Retry(manager, record), HasReason("ALREADY_CLOSED"));
  auto list = List(manager);
  ASSERT_THAT(list, IsOk());
  EXPECT_EQ(list->open_count(), 0);
}

TEST_F(ParkedRecordsTest, WhatIsOfNoKnownAgencyIsForOperators) {
  Publish({Report("case-3", "C-1", "urn:nobody-knows")});
  ASSERT_TRUE(AwaitTrue([&] {
    auto list = List(Operator(), kRegister, /*of_no_agency=*/true);
    return list.ok() && list->open_count() == 1;
  }));
  EXPECT_THAT(Open(agency_->RegisteredManager()), IsEmpty());
  EXPECT_THAT(Open(other_->RegisteredManager()), IsEmpty());
  auto list = List(Operator(), kRegister, /*of_no_agency=*/true);
  ASSERT_THAT(list, IsOk());
  rpc::DiscardParkedRequest request;
  request.set_parked_id(list->records(0).parked_id());
  request.set_reason("nobody knows the source");
  request.set_of_no_agency(true);
  EXPECT_THAT(Call<ParkedRecord>(Operator(), "DiscardParked", kRegister, request), IsOk());
}

// The ledger of notifications refuses one record's facts, as a bug would.
class Refusing {
 public:
  Refusing(const Installation& installation, const std::string& aggregate_id)
      : database_(installation.Database("notifications")) {
    EXPECT_THAT(database_->Script(absl::StrCat(
                    "CREATE FUNCTION public.refuse() RETURNS trigger LANGUAGE plpgsql AS"
                    " $$ BEGIN RAISE EXCEPTION 'broken'; END $$;"
                    "CREATE TRIGGER refuse BEFORE INSERT ON ledger.fact FOR EACH ROW WHEN"
                    " (NEW.aggregate_id = '",
                    aggregate_id, "') EXECUTE FUNCTION public.refuse()")),
                IsOk());
  }
  ~Refusing() {
    EXPECT_THAT(database_->Script("DROP TRIGGER refuse ON ledger.fact;"
                                  "DROP FUNCTION public.refuse()"),
                IsOk());
  }

 private:
  std::unique_ptr<pg::Connection> database_;
};

// A fact of an event, as the register's relay publishes it: one notice became owed.
bus::Record NoticeOwed(const std::string& event_id, int version) {
  events::NotifiableEventFact fact;
  events::NoticesOwed* owed = fact.mutable_notices_owed();
  owed->set_event_id(event_id);
  events::Notice* notice = owed->add_notices();
  notice->set_notice_id(absl::StrCat("n", version));
  notice->set_kind(events::EVENT_KIND_CHILD_MISSING);
  notice->set_body_id("northshire");
  notice->set_channel(type::v1::CHANNEL_TELEPHONE);
  notice->set_released_by_person(true);
  *notice->mutable_due_time() = clock::ToProto(absl::Now() + absl::Hours(24));
  bus::Record record;
  record.topic = "fosterwatch.notifiable-events.v1";
  record.key = absl::StrCat("agency-a/", event_id);
  record.headers = {{"ce_specversion", "1.0"},
                    {"ce_id", absl::StrCat(event_id, "-", version)},
                    {"ce_source", "/fosterwatch/notifiable-events"},
                    {"ce_type", "fosterwatch.notifiable_events.v1.notices_owed"},
                    {"ce_time", "2026-11-22T08:00:00Z"},
                    {"ce_subject", event_id},
                    {"ce_agencyid", "agency-a"},
                    {"ce_sequence", absl::StrFormat("%010d", version)},
                    {"content-type", "application/protobuf"}};
  record.value = fact.SerializeAsString();
  return record;
}

TEST_F(ParkedRecordsTest, ARetryThatDiesHalfWayIsBegunAgainAndDoesNothingTwice) {
  constexpr int kFacts = 30;
  const Person manager = agency_->RegisteredManager();
  std::vector<bus::Record> facts;
  for (int i = 1; i <= kFacts; ++i) facts.push_back(NoticeOwed("E-77", i));
  {
    const Refusing refusing(*installation_, "E-77");
    Publish(facts);
    ASSERT_TRUE(AwaitTrue([&] {
      const auto open = Open(manager, "notifications");
      return open.size() == 1 && open[0].behind() == kFacts - 1;
    })) << installation_->process().Output();
  }
  const ParkedRecord first = Open(manager, "notifications")[0];
  EXPECT_EQ(first.key(), "agency-a/E-77");
  EXPECT_EQ(first.reason_code(), "INTERNAL");
  EXPECT_TRUE(first.key_blocked());
  // Others are not held up.
  Publish({NoticeOwed("E-78", 1)});
  ASSERT_TRUE(AwaitTrue([&] {
    return Number("notifications", "SELECT count(*) FROM ledger.inbox WHERE inbox_id = 'E-78-1'") ==
           1;
  }));

  int deaths = 0;
  for (const int pass : {1, 7, 5}) {
    installation_->process().Kill(SIGKILL);
    installation_->Start({{"FOSTERWATCH_CRASH_AT", absl::StrCat("during_replay:", pass)}});
    ASSERT_TRUE(installation_->AwaitReady()) << installation_->process().Output();
    EXPECT_FALSE(Retry(manager, Open(manager, "notifications")[0]).ok());
    ASSERT_TRUE(AwaitTrue([&] { return !installation_->process().Running(); }));
    ++deaths;
  }
  installation_->Start();
  ASSERT_TRUE(installation_->AwaitReady()) << installation_->process().Output();
  const auto left = Open(manager, "notifications");
  ASSERT_THAT(left, SizeIs(1));
  EXPECT_EQ(left[0].behind(), kFacts - 13 - 1) << "what was taken is taken";
  auto retried = Retry(manager, left[0]);
  ASSERT_THAT(retried, IsOk());
  EXPECT_EQ(retried->taken(), kFacts - 13);
  EXPECT_EQ(retried->waiting(), 0);
  EXPECT_THAT(Open(manager, "notifications"), IsEmpty());

  // Each fact had its effect in one transaction, in the order of the versions.
  auto effects = installation_->Database("notifications")
                     ->Query(
                         "SELECT cause FROM ledger.fact WHERE aggregate_id = 'E-77'"
                         " AND cause LIKE 'E-77-%' GROUP BY cause, tx ORDER BY min(position)");
  ASSERT_THAT(effects, IsOk());
  ASSERT_EQ(effects->rows(), kFacts);
  for (int row = 0; row < kFacts; ++row) {
    EXPECT_EQ(effects->Text(row, 0), absl::StrCat("E-77-", row + 1));
  }
  // What comes later goes its usual way.
  Publish({NoticeOwed("E-77", kFacts + 1)});
  EXPECT_TRUE(AwaitTrue([&] {
    return Number("notifications",
                  "SELECT count(*) FROM ledger.inbox WHERE inbox_id = 'E-77-31'") == 1;
  }));
  EXPECT_EQ(Number("notifications", "SELECT count(*) FROM ledger.blocked_key"), 0);
  std::printf("%d deaths during a retry of %d records: each taken once, in order\n", deaths,
              kFacts);
}

TEST_F(ParkedRecordsTest, TheCommandLineDoesTheSame) {
  std::string elsewhere;
  const auto run = [&](std::vector<std::string> arguments, std::string* output = nullptr) {
    std::vector<std::string> all = {"parked"};
    all.insert(all.end(), arguments.begin(), arguments.end());
    all.insert(all.end(), {"--agency", "agency-a"});
    return installation_->RunWith(all,
                                  {{"FOSTERWATCH_GRPC_LISTEN", installation_->grpc_address()},
                                   {"FOSTERWATCH_ENDPOINTS", elsewhere}},
                                  absl::Minutes(1), output);
  };
  Publish({Report("case-5", "C-cli", agency_->source()),
           Report("case-6", "C-gone", agency_->source())});
  ASSERT_TRUE(AwaitTrue([&] { return Open(agency_->RegisteredManager()).size() == 2; }));
  std::string output;
  ASSERT_EQ(run({"list"}, &output), 0) << output;
  EXPECT_THAT(output, HasSubstr("UNKNOWN_CHILD (data.child_id)"));
  ASSERT_EQ(run({"list", "--service", "kpis"}, &output), 0) << output;
  EXPECT_THAT(output, HasSubstr("Nothing is parked."));
  EXPECT_EQ(run({"list", "--service", "nonsense"}), 2);
  EXPECT_EQ(run({"list", "--as", "caseworker"}), 5);
  EXPECT_EQ(run({"list", "--no-agency"}), 5);
  ASSERT_EQ(run({"list", "--no-agency", "--as", "service"}, &output), 0) << output;
  EXPECT_EQ(run({"show", "nonsense"}), 3);
  EXPECT_EQ(run({"retry"}), 2);
  EXPECT_EQ(run({"retry", "--all"}, &output), 4) << output;
  EXPECT_THAT(output, HasSubstr("STILL_PARKED"));
  RecordChild("C-cli");
  EXPECT_EQ(run({"retry", "--all", "--json"}, &output), 4) << output;
  EXPECT_THAT(output, HasSubstr("\"taken\": 1"));
  const std::string left = Open(agency_->RegisteredManager())[0].parked_id();
  // One service that is away hides nothing of the others.
  elsewhere = absl::StrCat("carers=127.0.0.1:", testing::FreePort());
  EXPECT_EQ(run({"list"}, &output), 6) << output;
  EXPECT_THAT(output, HasSubstr("UNKNOWN_CHILD (data.child_id)"));
  EXPECT_THAT(output, HasSubstr("NO_ANSWER"));
  EXPECT_EQ(run({"show", left}, &output), 0) << output;
  elsewhere.clear();
  EXPECT_EQ(run({"discard", left}), 2) << "a reason is needed";
  EXPECT_EQ(run({"discard", left, "--reason", "reported by telephone"}, &output), 0) << output;
  ASSERT_EQ(run({"show", left}, &output), 0) << output;
  EXPECT_THAT(output, HasSubstr("reported by telephone"));
  ASSERT_EQ(run({"list"}, &output), 0) << output;
  EXPECT_THAT(output, HasSubstr("Nothing is parked."));
}

TEST_F(ParkedRecordsTest, ARebuildBesideARunningServiceIsRefused) {
  std::string output;
  EXPECT_EQ(installation_->RunWith({"rebuild", "kpis"}, {}, absl::Minutes(1), &output), 4);
  EXPECT_THAT(output, HasSubstr("the service kpis is running: stop it first"));
}

}  // namespace
}  // namespace fosterwatch
