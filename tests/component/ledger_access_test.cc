// Who looked at what, in the tables of a service: kept with what is done, changed by nobody, told
// to those who may know.
#include "libs/clock/proto_time.h"
#include "libs/ledger/access.h"
#include "libs/ledger/access_service.h"
#include "tests/component/ledger_world.h"

namespace fosterwatch::ledger {
namespace {

using operations::v1::ListAccessRequest;
using operations::v1::ListAccessResponse;
using operations::v1::ReportUnusualAccessRequest;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using testing::IsOk;
using ::testing::Not;
using ::testing::SizeIs;
using testing::StatusIs;

std::shared_ptr<runtime::AccessNote> Note(const std::string& person,
                                          std::set<std::string> records = {},
                                          const std::string& outcome = "OK",
                                          const std::string& agency = "agency-a") {
  auto note = std::make_shared<runtime::AccessNote>();
  note->agency_id = agency;
  note->person_id = person;
  note->roles = person == "notifications" ? "service" : "caseworker,team_manager";
  note->method = "fosterwatch.carers.v1.CarersService/GetCarer";
  note->outcome = outcome;
  note->reason = outcome == "OK" ? "" : "ROLE_NOT_ALLOWED";
  note->purpose = "visit";
  note->trace_id = "0123456789abcdef0123456789abcdef";
  note->records = std::move(records);
  return note;
}

class LedgerAccessTest : public LedgerTest {
 protected:
  LedgerAccessTest() {
    ledger_ = Open([this](Ledger::Options& options) { options.now = [this] { return now_; }; });
  }

  absl::Status Keep(std::shared_ptr<runtime::AccessNote> note) {
    absl::Status kept = absl::UnknownError("");
    absl::Notification ready;
    LedgerAccessLog(ledger_.get()).Keep(std::move(note), [&](absl::Status status) {
      kept = std::move(status);
      ready.Notify();
    });
    ready.WaitForNotification();
    return kept;
  }

  AccessService Service(AccessService::Withheld withheld = nullptr) {
    auto options = AccessService::OptionsFrom(std::getenv("FOSTERWATCH_SHARE_DIR"));
    EXPECT_THAT(options, IsOk());
    options->name = "test";
    options->withheld = std::move(withheld);
    return AccessService(*std::move(options), ledger_.get());
  }

  static runtime::Call CallOf(const std::string& agency = "agency-a") {
    runtime::Call call;
    call.agency_id = agency;
    call.caller.person_id = "manager";
    return call;
  }

  std::vector<std::string> PersonsOf(const ListAccessRequest& request,
                                     const std::string& agency = "agency-a") {
    std::vector<std::string> persons;
    const auto response = Service().ListAccess(CallOf(agency), request);
    EXPECT_THAT(response, IsOk());
    if (!response.ok()) return persons;
    for (const auto& access : response->accesses()) persons.push_back(access.person_id());
    return persons;
  }

  absl::Time now_ = absl::FromUnixMicros(1'795'435'200'123'456);  // Monday 2026-11-23, noon
  std::unique_ptr<Ledger> ledger_;
};

TEST_F(LedgerAccessTest, IsKeptInTheTransactionOfWhatIsDoneAndFallsWithIt) {
  Unit unit = UnitOf(CountUp("h-1"), "request-1");
  unit.access = Note("person-1", {"carer:c-1"});
  const auto note = unit.access;
  ASSERT_THAT(ledger_->SubmitAndWait(std::move(unit)), IsOk());
  // With what the state after it names.
  EXPECT_EQ(note->Left(), std::make_pair(true, std::set<std::string>()));
  EXPECT_EQ(Number("SELECT count(*) FROM ledger.access a JOIN ledger.fact f ON a.xmin = f.xmin"),
            1);
  EXPECT_EQ(Number("SELECT count(*) FROM ledger.access_record WHERE record IN"
                   " ('carer:c-1', 'holder:h-1')"),
            2);

  Unit refused = UnitOf(Refused("h-2"));
  refused.access = Note("person-1");
  const auto other = refused.access;
  EXPECT_THAT(ledger_->SubmitAndWait(std::move(refused)), Not(IsOk()));
  EXPECT_FALSE(other->Left().first);
  // The same request again does nothing and shows the first answer: the door still has to keep
  // that.
  Unit again = UnitOf(CountUp("h-1"), "request-1");
  again.access = Note("person-2");
  const auto repeated = again.access;
  ASSERT_THAT(ledger_->SubmitAndWait(std::move(again)), IsOk());
  EXPECT_FALSE(repeated->Left().first);
  EXPECT_EQ(Number("SELECT count(*) FROM ledger.access"), 1);
}

TEST_F(LedgerAccessTest, NothingIsKeptWhereTheDatabaseIsAway) {
  ASSERT_THAT(Keep(Note("person-1", {"carer:c-1"})), IsOk());
  Run("REVOKE INSERT ON ledger.access FROM test_ledger");
  EXPECT_THAT(Keep(Note("person-1", {"carer:c-1"})), Not(IsOk()));
  Run("GRANT INSERT ON ledger.access TO test_ledger");
  EXPECT_EQ(Number("SELECT count(*) FROM ledger.access"), 1);
}

TEST_F(LedgerAccessTest, TheServicesRoleAddsAndReadsAndChangesNothing) {
  ASSERT_THAT(Keep(Note("person-1", {"carer:c-1"})), IsOk());
  for (const std::string& login : {database_.service(), database_.relay()}) {
    auto role = testing::Connect(login);
    ASSERT_THAT(role->Query("SELECT set_config('fosterwatch.agencies', 'agency-a', false)"),
                IsOk());
    for (const char* table : {"ledger.access", "ledger.access_record"}) {
      for (const char* change : {"UPDATE $ SET agency_id = agency_id", "DELETE FROM $",
                                 "TRUNCATE $", "ALTER TABLE $ DISABLE ROW LEVEL SECURITY"}) {
        EXPECT_THAT(role->Script(absl::StrReplaceAll(change, {{"$", table}})),
                    StatusIs(absl::StatusCode::kPermissionDenied))
            << change << " " << table;
      }
    }
  }
  EXPECT_EQ(Number("SELECT count(*) FROM ledger.access_record"), 1);
}

TEST_F(LedgerAccessTest, TheTestAboveTurnsRedWhereARightIsGiven) {
  ASSERT_THAT(Keep(Note("person-1", {"carer:c-1"})), IsOk());
  Run("GRANT DELETE ON ledger.access TO test_ledger");
  auto role = testing::Connect(database_.service());
  ASSERT_THAT(role->Query("SELECT set_config('fosterwatch.agencies', 'agency-a', false)"), IsOk());
  EXPECT_THAT(role->Script("DELETE FROM ledger.access"), IsOk());
  EXPECT_EQ(Number("SELECT count(*) FROM ledger.access"), 0);
}

TEST_F(LedgerAccessTest, TellsWhoLookedAtARecordWhatAPersonLookedAtAndWhoWasRefused) {
  ASSERT_THAT(Keep(Note("anna", {"carer:c-1", "child:k-1"})), IsOk());
  now_ += absl::Minutes(1);
  ASSERT_THAT(Keep(Note("ben", {"child:k-1"})), IsOk());
  now_ += absl::Minutes(1);
  ASSERT_THAT(Keep(Note("ben", {"record:k-2"}, "NOT_FOUND")), IsOk());
  ASSERT_THAT(Keep(Note("notifications", {"child:k-1"})), IsOk());
  ASSERT_THAT(Keep(Note("eve", {"child:k-1"}, "OK", "agency-b")), IsOk());

  ListAccessRequest child;
  child.set_record_kind("child");
  child.set_record_id("k-1");
  child.set_callers(ListAccessRequest::CALLERS_PEOPLE);
  EXPECT_THAT(PersonsOf(child), ElementsAre("ben", "anna"));
  child.set_callers(ListAccessRequest::CALLERS_PROGRAMS);
  EXPECT_THAT(PersonsOf(child), ElementsAre("notifications"));
  // What a call did not say the kind of may be any.
  child.clear_callers();
  child.set_record_id("k-2");
  EXPECT_THAT(PersonsOf(child), ElementsAre("ben"));
  // Another agency's rows are its own.
  child.set_record_id("k-1");
  EXPECT_THAT(PersonsOf(child, "agency-b"), ElementsAre("eve"));

  ListAccessRequest refused;
  refused.set_refusals_only(true);
  const auto found = Service().ListAccess(CallOf(), refused);
  ASSERT_THAT(found, IsOk());
  ASSERT_THAT(found->accesses(), SizeIs(1));
  const operations::v1::Access& access = found->accesses(0);
  EXPECT_EQ(access.service(), "test");
  EXPECT_EQ(access.person_id(), "ben");
  EXPECT_THAT(access.roles(), ElementsAre("caseworker", "team_manager"));
  EXPECT_EQ(access.method(), "fosterwatch.carers.v1.CarersService/GetCarer");
  EXPECT_EQ(access.outcome(), "NOT_FOUND");
  EXPECT_EQ(access.reason(), "ROLE_NOT_ALLOWED");
  EXPECT_EQ(access.purpose(), "visit");
  EXPECT_EQ(access.trace_id(), "0123456789abcdef0123456789abcdef");
  EXPECT_EQ(clock::FromProto(access.time()), now_);

  ListAccessRequest person;
  person.set_person_id("ben");
  *person.mutable_until_time() = clock::ToProto(now_);
  EXPECT_THAT(PersonsOf(person), SizeIs(1));
  person.clear_until_time();
  *person.mutable_from_time() = clock::ToProto(now_);
  EXPECT_THAT(PersonsOf(person), SizeIs(1));

  // Who has an id and no kind finds them all.
  ASSERT_THAT(Keep(Note("carl", {"allegation:k-1"})), IsOk());
  ListAccessRequest any;
  any.set_record_id("k-1");
  EXPECT_THAT(PersonsOf(any), ElementsAre("carl", "notifications", "ben", "anna"));
  any.set_record_kind("allegation");
  EXPECT_THAT(PersonsOf(any), ElementsAre("carl"));
  // And who was shown a sealed section, or was not.
  ASSERT_THAT(Keep(Note("dora", {"carer:c-1", "section:panel"})), IsOk());
  ASSERT_THAT(Keep(Note("emil", {"carer:c-1", "sealed:panel"})), IsOk());
  any.set_record_id("panel");
  any.set_record_kind("section");
  EXPECT_THAT(PersonsOf(any), ElementsAre("dora"));
  any.set_record_kind("sealed");
  EXPECT_THAT(PersonsOf(any), ElementsAre("emil"));
  any.clear_record_id();
  EXPECT_THAT(Service().ListAccess(CallOf(), any), StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST_F(LedgerAccessTest, PagesWithoutAGapOrARepetition) {
  for (int i = 0; i < 7; ++i) {
    // Two at each moment.
    if (i % 2 == 0) now_ += absl::Seconds(1);
    ASSERT_THAT(Keep(Note(absl::StrCat("p-", i), {"child:k-1"})), IsOk());
  }
  ListAccessRequest request;
  request.set_page_size(3);
  std::set<std::string> seen;
  int rows = 0, pages = 0;
  do {
    const auto page = Service().ListAccess(CallOf(), request);
    ASSERT_THAT(page, IsOk());
    for (const auto& access : page->accesses()) seen.insert(access.person_id());
    rows += page->accesses_size();
    request.set_page_token(page->next_page_token());
    ASSERT_LE(++pages, 3);
  } while (!request.page_token().empty());
  EXPECT_EQ(rows, 7);
  EXPECT_THAT(seen, SizeIs(7));
}

TEST_F(LedgerAccessTest, WhatIsHiddenFromWhoeverAsksIsNotToldOfHereEither) {
  ASSERT_THAT(Keep(Note("anna", {"allegation:a-1", "child:k-1"})), IsOk());
  ASSERT_THAT(Keep(Note("ben", {"allegation:a-2", "child:k-1"})), IsOk());
  AccessService service = Service([](const runtime::Call& call) -> std::set<std::string> {
    if (call.caller.person_id != "manager") return {};
    return {"allegation:a-1"};
  });
  // By a call that named it without its kind.
  ASSERT_THAT(Keep(Note("carl", {"record:a-1"})), IsOk());
  const auto shown = service.ListAccess(CallOf(), ListAccessRequest());
  ASSERT_THAT(shown, IsOk());
  ASSERT_THAT(shown->accesses(), SizeIs(1));
  EXPECT_EQ(shown->accesses(0).person_id(), "ben");
  runtime::Call other = CallOf();
  other.caller.person_id = "responsible";
  EXPECT_THAT(service.ListAccess(other, ListAccessRequest())->accesses(), SizeIs(3));
  // Where that cannot be said, nothing is told.
  AccessService broken = Service([](const runtime::Call&) -> absl::StatusOr<std::set<std::string>> {
    return absl::UnavailableError("away");
  });
  EXPECT_THAT(broken.ListAccess(CallOf(), ListAccessRequest()), Not(IsOk()));
}

TEST_F(LedgerAccessTest, ReportsWhoOpenedUnusuallyManyRecordsAnHour) {
  std::set<std::string> many;
  for (int i = 0; i < 61; ++i) many.insert(absl::StrCat("child:k-", i));
  ASSERT_THAT(Keep(Note("anna", many)), IsOk());
  many.erase(many.begin());
  // A section is of a record that counts already.
  std::set<std::string> with_sections = many;
  with_sections.insert({"section:panel", "sealed:allegation"});
  ASSERT_THAT(Keep(Note("ben", with_sections)), IsOk());
  ASSERT_THAT(Keep(Note("notifications", {many.begin(), many.end()})), IsOk());
  // Who takes a register over opens none of it.
  const auto import = Note("cara", {many.begin(), many.end()});
  import->records.insert("child:k-0");
  import->method = "fosterwatch.placements.v1.PlacementsService/BatchRecordChildren";
  ASSERT_THAT(Keep(import), IsOk());
  ReportUnusualAccessRequest request;
  *request.mutable_from_time() = clock::ToProto(now_ - absl::Hours(24));
  *request.mutable_until_time() = clock::ToProto(now_ + absl::Hours(1));
  const auto report = Service().ReportUnusualAccess(CallOf(), request);
  ASSERT_THAT(report, IsOk());
  ASSERT_THAT(report->unusual(), SizeIs(1));
  EXPECT_EQ(report->unusual(0).person_id(), "anna");
  EXPECT_EQ(report->unusual(0).kind(), operations::v1::UnusualAccess::KIND_MANY_RECORDS);
  EXPECT_EQ(report->unusual(0).count(), 61);
  EXPECT_EQ(report->unusual(0).allowed(), 60);
  EXPECT_EQ(report->unusual(0).service(), "test");
  EXPECT_THAT(Service().ReportUnusualAccess(CallOf("agency-b"), request)->unusual(), IsEmpty());
}

}  // namespace
}  // namespace fosterwatch::ledger
