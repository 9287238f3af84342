// The directory as its users meet it, by the real binary: who stands in for whom, whom nobody could
// reach, and what bad input gets: one clear error, and nothing half done.
#include <functional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "fosterwatch/directory/v1/directory_service.pb.h"
#include "libs/clock/proto_time.h"
#include "libs/status/error.h"
#include "libs/testing/await.h"
#include "libs/testing/status_matchers.h"
#include "tests/support/agency.h"
#include "tests/support/installation.h"

namespace fosterwatch::directory {
namespace {

using ::fosterwatch::testing::Agency;
using ::fosterwatch::testing::AwaitTrue;
using ::fosterwatch::testing::HasReason;
using ::fosterwatch::testing::Installation;
using ::fosterwatch::testing::IsOk;
using ::fosterwatch::testing::Person;
using ::fosterwatch::testing::StatusIs;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kService[] = "fosterwatch.directory.v1.DirectoryService";
constexpr char kFacts[] = "fosterwatch.directory.v1";

class DirectoryTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    installation_ = new Installation({});
    installation_->Start();
    ASSERT_TRUE(installation_->AwaitReady()) << installation_->process().Output();
    agency_ = new Agency(installation_, "agency-a");
    other_ = new Agency(installation_, "agency-b");
    Appoint("registered-manager-1", options::v1::ROLE_REGISTERED_MANAGER);
    Appoint("deputy-1", options::v1::ROLE_DEPUTY_MANAGER);
    Appoint("team-manager-1", options::v1::ROLE_TEAM_MANAGER);
    Appoint("individual-1", options::v1::ROLE_RESPONSIBLE_INDIVIDUAL);
    Appoint("caseworker-1", options::v1::ROLE_CASEWORKER);
  }
  static void TearDownTestSuite() {
    delete other_;
    delete agency_;
    delete installation_;
  }

  static Person Manager() { return agency_->RegisteredManager(); }
  static Person Deputy() { return {agency_->id(), "deputy-1", {options::v1::ROLE_DEPUTY_MANAGER}}; }

  static void Appoint(const std::string& person, options::v1::Role role) {
    v1::AppointHolderRequest request;
    v1::RoleHolder* holder = request.mutable_holder();
    holder->set_holder_id("holder-" + person);
    holder->set_person_id(person);
    holder->set_role(role);
    holder->set_name("Secret Name");
    holder->set_email(person + "@agency.example");
    holder->set_title("A title");
    *holder->mutable_from_time() = clock::ToProto(absl::Now() - absl::Hours(24));
    ASSERT_THAT(Call<v1::RoleHolder>(agency_->Administrator(), "AppointHolder", request), IsOk());
  }

  template <typename Response>
  static absl::StatusOr<Response> Call(const Person& person, const std::string& method,
                                       const google::protobuf::Message& request) {
    return installation_->Call<Response>(person, kService, method, request);
  }

  static v1::RecordDelegationRequest Delegate() {
    v1::RecordDelegationRequest request;
    v1::Delegation* delegation = request.mutable_delegation();
    delegation->set_from_person_id("registered-manager-1");
    delegation->set_to_person_id("deputy-1");
    delegation->set_scope(v1::Delegation::SCOPE_SIGN_OFF);
    *delegation->mutable_until_time() = clock::ToProto(absl::Now() + absl::Hours(24));
    delegation->set_reason("a secret reason");
    return request;
  }
  static v1::RecordAbsenceRequest Leave() {
    v1::RecordAbsenceRequest request;
    v1::Absence* absence = request.mutable_absence();
    absence->set_person_id("registered-manager-1");
    absence->set_role(options::v1::ROLE_REGISTERED_MANAGER);
    *absence->mutable_until_time() = clock::ToProto(absl::Now() + absl::Hours(24));
    absence->set_covered_by_person_id("deputy-1");
    absence->set_reason("a secret reason");
    return request;
  }
  static void Back(const std::string& absence_id) {
    v1::EndAbsenceRequest back;
    back.set_absence_id(absence_id);
    EXPECT_THAT(Call<v1::Absence>(Manager(), "EndAbsence", back), IsOk());
  }
  static void TakeBack(const std::string& delegation_id) {
    v1::EndDelegationRequest end;
    end.set_delegation_id(delegation_id);
    EXPECT_THAT(Call<v1::Delegation>(Manager(), "EndDelegation", end), IsOk());
  }
  static v1::ListHoldersResponse Managers() {
    v1::ListHoldersRequest list;
    list.set_role(options::v1::ROLE_REGISTERED_MANAGER);
    const auto holders = Call<v1::ListHoldersResponse>(Manager(), "ListHolders", list);
    EXPECT_THAT(holders, IsOk());
    return holders.ok() ? *holders : v1::ListHoldersResponse();
  }
  static std::vector<v1::Finding::Code> Findings() {
    const auto check =
        Call<v1::DirectoryCheck>(Manager(), "CheckDirectory", v1::CheckDirectoryRequest());
    EXPECT_THAT(check, IsOk());
    std::vector<v1::Finding::Code> codes;
    for (const auto& finding : check->findings()) codes.push_back(finding.code());
    return codes;
  }

  // Everything that the directory has recorded so far, counted.
  static int64_t Recorded() {
    auto counts = installation_->Database("directory")
                      ->Query(
                          "SELECT (SELECT count(*) FROM ledger.fact"
                          " WHERE name <> 'directory_check_planned')"
                          " + (SELECT count(*) FROM ledger.request)"
                          " + (SELECT count(*) FROM view.absence)"
                          " + (SELECT count(*) FROM view.delegation)");
    return counts.ok() ? counts->Int(0, 0) : -1;
  }

  static Installation* installation_;
  static Agency* agency_;
  static Agency* other_;
};

Installation* DirectoryTest::installation_ = nullptr;
Agency* DirectoryTest::agency_ = nullptr;
Agency* DirectoryTest::other_ = nullptr;

// ---- Stories ----

TEST_F(DirectoryTest, ADelegationIsGivenUsedAndTakenBack) {
  v1::ListDelegationsRequest list;
  list.set_to_person_id("deputy-1");
  const auto usable = [&] {
    const auto response = Call<v1::ListDelegationsResponse>(Deputy(), "ListDelegations", list);
    EXPECT_THAT(response, IsOk());
    return response->delegations_size();
  };
  EXPECT_EQ(usable(), 0);
  const auto given = Call<v1::Delegation>(Manager(), "RecordDelegation", Delegate());
  ASSERT_THAT(given, IsOk());
  EXPECT_EQ(given->recorded_by(), "registered-manager-1");
  EXPECT_EQ(usable(), 1);
  // Not before it was given, and not once it is over.
  *list.mutable_at_time() = clock::ToProto(absl::Now() - absl::Hours(2));
  EXPECT_EQ(usable(), 0);
  *list.mutable_at_time() = clock::ToProto(absl::Now() + absl::Hours(25));
  EXPECT_EQ(usable(), 0);
  list.clear_at_time();
  v1::EndDelegationRequest end;
  end.set_delegation_id(given->delegation_id());
  ASSERT_THAT(Call<v1::Delegation>(Manager(), "EndDelegation", end), IsOk());
  EXPECT_EQ(usable(), 0);
  EXPECT_THAT(Call<v1::Delegation>(Manager(), "EndDelegation", end), HasReason("DELEGATION_OVER"));
}

TEST_F(DirectoryTest, WhoIsAwayIsListedWithWhoCovers) {
  EXPECT_EQ(Managers().away_size(), 0);
  const auto absence = Call<v1::Absence>(Manager(), "RecordAbsence", Leave());
  ASSERT_THAT(absence, IsOk());
  const v1::ListHoldersResponse managers = Managers();
  ASSERT_EQ(managers.holders_size(), 1);
  ASSERT_EQ(managers.away_size(), 1);
  EXPECT_EQ(managers.away(0).holder_id(), managers.holders(0).holder_id());
  EXPECT_EQ(managers.away(0).absence_id(), absence->absence_id());
  EXPECT_EQ(managers.away(0).covered_by().email(), "deputy-1@agency.example");
  EXPECT_THAT(Call<v1::Absence>(Deputy(), "RecordAbsence", Leave()), HasReason("ABSENCE_OVERLAPS"));
  Back(absence->absence_id());
  EXPECT_EQ(Managers().away_size(), 0);
}

TEST_F(DirectoryTest, TheCheckSaysWhenAManagerIsAwayAndNobodyMaySignOff) {
  EXPECT_THAT(Findings(), ::testing::IsEmpty());
  v1::RecordAbsenceRequest leave = Leave();
  leave.mutable_absence()->clear_until_time();
  leave.mutable_absence()->clear_covered_by_person_id();
  const auto absence = Call<v1::Absence>(Deputy(), "RecordAbsence", leave);
  ASSERT_THAT(absence, IsOk());
  EXPECT_THAT(Findings(),
              ::testing::ElementsAre(v1::Finding::CODE_ROLE_AWAY, v1::Finding::CODE_COVER_MISSING,
                                     v1::Finding::CODE_MANAGER_AWAY_LONG,
                                     v1::Finding::CODE_DELEGATION_MISSING));
  std::string output;
  EXPECT_EQ(installation_->RunWith({"directory", "check", "--agency", "agency-a"}, {},
                                   absl::Minutes(2), &output),
            4)
      << output;
  EXPECT_THAT(output, HasSubstr("role-away"));
  Back(absence->absence_id());
  EXPECT_THAT(Findings(), ::testing::IsEmpty());
  EXPECT_EQ(installation_->RunWith({"directory", "check", "--agency", "agency-a"}, {},
                                   absl::Minutes(2), &output),
            0)
      << output;
}

TEST_F(DirectoryTest, NothingPersonalLeavesTheDirectory) {
  constexpr char kCanary[] = "Canary-Osprey-7719";
  v1::RecordDelegationRequest delegate = Delegate();
  delegate.mutable_delegation()->set_reason(kCanary);
  const auto delegation = Call<v1::Delegation>(Manager(), "RecordDelegation", delegate);
  ASSERT_THAT(delegation, IsOk());
  v1::RecordAbsenceRequest leave = Leave();
  leave.mutable_absence()->set_reason(kCanary);
  const auto absence = Call<v1::Absence>(Manager(), "RecordAbsence", leave);
  ASSERT_THAT(absence, IsOk());
  Back(absence->absence_id());
  TakeBack(delegation->delegation_id());
  auto bus = installation_->OpenBus();
  auto subscription = bus->Subscribe({"canary", {kFacts}, "", false});
  ASSERT_THAT(subscription, IsOk());
  std::set<std::string> seen;
  EXPECT_TRUE(AwaitTrue([&] {
    auto records = (*subscription)->Poll(500, absl::Seconds(1));
    if (!records.ok()) return false;
    for (const bus::Record& record : *records) {
      seen.insert(bus::HeaderOf(record, "ce_subject"));
      EXPECT_THAT(record.value, Not(HasSubstr(kCanary)));
      EXPECT_THAT(record.value, Not(HasSubstr("Secret Name")));
      for (const auto& [name, value] : record.headers) EXPECT_THAT(value, Not(HasSubstr(kCanary)));
    }
    return seen.contains(delegation->delegation_id()) && seen.contains(absence->absence_id());
  }));
  EXPECT_THAT(installation_->process().Output(), Not(HasSubstr(kCanary))) << "nor in a log";
}

// ---- What bad input gets ----

TEST_F(DirectoryTest, AWrongDelegationGetsOneErrorThatNamesTheFieldAndLeavesNothing) {
  struct Case {
    const char* what;
    absl::StatusCode code;
    const char* reason;
    const char* field;
    std::function<void(v1::Delegation&)> spoil;
  };
  const auto kInvalid = absl::StatusCode::kInvalidArgument;
  const auto kState = absl::StatusCode::kFailedPrecondition;
  const Case cases[] = {
      {"nobody gives it", kInvalid, "MISSING_FIELD", "delegation.from_person_id",
       [](auto& d) { d.clear_from_person_id(); }},
      {"nobody gets it", kInvalid, "MISSING_FIELD", "delegation.to_person_id",
       [](auto& d) { d.clear_to_person_id(); }},
      {"to oneself", kInvalid, "TO_ONESELF", "delegation.to_person_id",
       [](auto& d) { d.set_to_person_id("registered-manager-1"); }},
      {"no scope", kInvalid, "MISSING_FIELD", "delegation.scope", [](auto& d) { d.clear_scope(); }},
      {"no end", kInvalid, "MISSING_FIELD", "delegation.until_time",
       [](auto& d) { d.clear_until_time(); }},
      {"ends before it begins", kInvalid, "ENDS_BEFORE_IT_BEGINS", "delegation.until_time",
       [](auto& d) { *d.mutable_until_time() = clock::ToProto(absl::Now() - absl::Hours(1)); }},
      {"too long", kInvalid, "TOO_LONG", "delegation.until_time",
       [](auto& d) { *d.mutable_until_time() = clock::ToProto(absl::Now() + absl::Hours(9999)); }},
      {"backdated", kInvalid, "BACKDATED", "delegation.from_time",
       [](auto& d) { *d.mutable_from_time() = clock::ToProto(absl::Now() - absl::Hours(3)); }},
      {"no moment at all", kInvalid, "INVALID_TIME", "delegation.from_time",
       [](auto& d) { d.mutable_from_time()->set_nanos(-5); }},
      {"no reason", kInvalid, "MISSING_FIELD", "delegation.reason",
       [](auto& d) { d.clear_reason(); }},
      {"an essay", kInvalid, "TOO_LONG", "delegation.reason",
       [](auto& d) { d.set_reason(std::string(1001, 'x')); }},
      {"an id of one's own", kInvalid, "MADE_HERE", "delegation.delegation_id",
       [](auto& d) { d.set_delegation_id("mine"); }},
      {"a NUL", kInvalid, "INVALID_TEXT", "delegation.reason",
       [](auto& d) { d.set_reason(std::string("a\0b", 3)); }},
      {"to a caseworker", kState, "DELEGATE_WITHOUT_ROLE", "delegation.to_person_id",
       [](auto& d) { d.set_to_person_id("caseworker-1"); }},
  };
  for (const Case& c : cases) {
    v1::RecordDelegationRequest request = Delegate();
    request.set_request_id(c.what);
    c.spoil(*request.mutable_delegation());
    const int64_t before = Recorded();
    const auto refused = Call<v1::Delegation>(Manager(), "RecordDelegation", request);
    EXPECT_THAT(refused, StatusIs(c.code)) << c.what;
    EXPECT_THAT(refused, HasReason(c.reason)) << c.what;
    const std::vector<Violation> violations = ViolationsOf(refused.status());
    ASSERT_FALSE(violations.empty()) << c.what;
    EXPECT_EQ(violations[0].field, c.field) << c.what;
    EXPECT_EQ(Recorded(), before) << c.what;
  }
}

TEST_F(DirectoryTest, AWrongAbsenceGetsOneErrorThatNamesTheFieldAndLeavesNothing) {
  struct Case {
    const char* what;
    absl::StatusCode code;
    const char* reason;
    const char* field;
    std::function<void(v1::Absence&)> spoil;
  };
  const auto kInvalid = absl::StatusCode::kInvalidArgument;
  const auto kState = absl::StatusCode::kFailedPrecondition;
  const Case cases[] = {
      {"nobody", kInvalid, "MISSING_FIELD", "absence.person_id",
       [](auto& a) { a.clear_person_id(); }},
      {"no role", kInvalid, "INVALID_ROLE", "absence.role", [](auto& a) { a.clear_role(); }},
      {"a machine's role", kInvalid, "INVALID_ROLE", "absence.role",
       [](auto& a) { a.set_role(options::v1::ROLE_PUBLISHER); }},
      {"covers themselves", kInvalid, "COVERS_ONESELF", "absence.covered_by_person_id",
       [](auto& a) { a.set_covered_by_person_id("registered-manager-1"); }},
      {"ends before it begins", kInvalid, "ENDS_BEFORE_IT_BEGINS", "absence.until_time",
       [](auto& a) { *a.mutable_until_time() = clock::ToProto(absl::Now() - absl::Hours(1)); }},
      {"no moment at all", kInvalid, "INVALID_TIME", "absence.until_time",
       [](auto& a) { a.mutable_until_time()->set_seconds(1LL << 60); }},
      {"no reason", kInvalid, "MISSING_FIELD", "absence.reason", [](auto& a) { a.clear_reason(); }},
      {"an end of one's own", kInvalid, "MADE_HERE", "absence.ended_time",
       [](auto& a) { *a.mutable_ended_time() = clock::ToProto(absl::Now()); }},
      {"not their role", kState, "PERSON_WITHOUT_ROLE", "absence.person_id",
       [](auto& a) { a.set_person_id("caseworker-1"); }},
      {"before they held it", kState, "PERSON_WITHOUT_ROLE", "absence.person_id",
       [](auto& a) { *a.mutable_from_time() = clock::ToProto(absl::Now() - absl::Hours(48)); }},
      {"covered by somebody who cannot", kState, "COVER_WITHOUT_ROLE",
       "absence.covered_by_person_id", [](auto& a) { a.set_covered_by_person_id("caseworker-1"); }},
  };
  for (const Case& c : cases) {
    v1::RecordAbsenceRequest request = Leave();
    request.set_request_id(c.what);
    c.spoil(*request.mutable_absence());
    const int64_t before = Recorded();
    const auto refused = Call<v1::Absence>(Manager(), "RecordAbsence", request);
    EXPECT_THAT(refused, StatusIs(c.code)) << c.what;
    EXPECT_THAT(refused, HasReason(c.reason)) << c.what;
    const std::vector<Violation> violations = ViolationsOf(refused.status());
    ASSERT_FALSE(violations.empty()) << c.what;
    EXPECT_EQ(violations[0].field, c.field) << c.what;
    EXPECT_EQ(Recorded(), before) << c.what;
  }
}

TEST_F(DirectoryTest, ListsAndEndsRefuseWhatIsNoMomentAndWhatIsNotThere) {
  google::protobuf::Timestamp no_moment;
  no_moment.set_nanos(-1);
  v1::ListHoldersRequest holders;
  *holders.mutable_at_time() = no_moment;
  EXPECT_THAT(Call<v1::ListHoldersResponse>(Manager(), "ListHolders", holders),
              HasReason("INVALID_TIME"));
  v1::ListDelegationsRequest delegations;
  *delegations.mutable_at_time() = no_moment;
  EXPECT_THAT(Call<v1::ListDelegationsResponse>(Manager(), "ListDelegations", delegations),
              HasReason("INVALID_TIME"));
  v1::ListAbsencesRequest absences;
  *absences.mutable_at_time() = no_moment;
  EXPECT_THAT(Call<v1::ListAbsencesResponse>(Manager(), "ListAbsences", absences),
              HasReason("INVALID_TIME"));
  v1::EndAbsenceRequest back;
  back.set_absence_id("no-such-absence");
  EXPECT_THAT(Call<v1::Absence>(Manager(), "EndAbsence", back),
              StatusIs(absl::StatusCode::kNotFound));
  *back.mutable_back_time() = no_moment;
  EXPECT_THAT(Call<v1::Absence>(Manager(), "EndAbsence", back), HasReason("INVALID_TIME"));
  v1::EndDelegationRequest end;
  for (const std::string& id : {std::string(), std::string("no-such-delegation")}) {
    end.set_delegation_id(id);
    EXPECT_THAT(Call<v1::Delegation>(Manager(), "EndDelegation", end),
                StatusIs(absl::StatusCode::kNotFound));
  }
  end.set_delegation_id(std::string(100'000, 'x'));
  EXPECT_THAT(Call<v1::Delegation>(Manager(), "EndDelegation", end),
              StatusIs(absl::StatusCode::kInvalidArgument));
  v1::CheckDirectoryRequest check;
  check.set_request_id(std::string(100'000, 'x'));
  EXPECT_THAT(Call<v1::DirectoryCheck>(Manager(), "CheckDirectory", check),
              StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST_F(DirectoryTest, TheSameRequestAgainGetsTheSameAnswerAndAnotherBodyNone) {
  v1::RecordDelegationRequest request = Delegate();
  request.set_request_id("once");
  const auto first = Call<v1::Delegation>(Manager(), "RecordDelegation", request);
  const auto again = Call<v1::Delegation>(Manager(), "RecordDelegation", request);
  ASSERT_THAT(again, IsOk());
  EXPECT_EQ(first->delegation_id(), again->delegation_id());
  request.mutable_delegation()->set_reason("another");
  EXPECT_THAT(Call<v1::Delegation>(Manager(), "RecordDelegation", request),
              HasReason("REQUEST_ID_REUSED"));
  TakeBack(first->delegation_id());
}

TEST_F(DirectoryTest, WhoMayDoWhat) {
  const auto denied = StatusIs(absl::StatusCode::kPermissionDenied);
  const Person individual = {
      agency_->id(), "individual-1", {options::v1::ROLE_RESPONSIBLE_INDIVIDUAL}};
  EXPECT_THAT(Call<v1::Delegation>(Deputy(), "RecordDelegation", Delegate()), denied);
  // Another manager's, and to oneself under another hat.
  EXPECT_THAT(
      Call<v1::Delegation>({agency_->id(), "manager-2", {options::v1::ROLE_REGISTERED_MANAGER}},
                           "RecordDelegation", Delegate()),
      HasReason("NOT_YOURS"));
  EXPECT_THAT(Call<v1::Delegation>({agency_->id(), "deputy-1", {options::v1::ROLE_ADMINISTRATOR}},
                                   "RecordDelegation", Delegate()),
              HasReason("NOT_YOURS"));
  EXPECT_THAT(Call<v1::Absence>(agency_->Caseworker(), "RecordAbsence", Leave()), denied);
  EXPECT_THAT(Call<v1::Absence>(agency_->TeamManager(), "RecordAbsence", Leave()), denied);
  for (const char* method : {"ListDelegations", "ListAbsences", "CheckDirectory"}) {
    EXPECT_THAT(Call<v1::DirectoryCheck>(agency_->Caseworker(), method, v1::ListAbsencesRequest()),
                denied)
        << method;
  }
  // In the manager's name; of another agency it is as if it were not there.
  const auto given = Call<v1::Delegation>(individual, "RecordDelegation", Delegate());
  ASSERT_THAT(given, IsOk());
  v1::EndDelegationRequest end;
  end.set_delegation_id(given->delegation_id());
  EXPECT_THAT(Call<v1::Delegation>(other_->RegisteredManager(), "EndDelegation", end),
              StatusIs(absl::StatusCode::kNotFound));
  const auto seen = Call<v1::ListDelegationsResponse>(
      other_->RegisteredManager(), "ListDelegations", v1::ListDelegationsRequest());
  ASSERT_THAT(seen, IsOk());
  EXPECT_EQ(seen->delegations_size(), 0);
  ASSERT_THAT(Call<v1::Delegation>(individual, "EndDelegation", end), IsOk());
}

}  // namespace
}  // namespace fosterwatch::directory
