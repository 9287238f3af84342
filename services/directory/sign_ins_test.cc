// Who is signed in and what was taken back, on a real PostgreSQL: whose rows whoever asks sees, and
// how long they stay.
#include "services/directory/sign_ins.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "fosterwatch/directory/v1/directory_facts.pb.h"
#include "libs/clock/proto_time.h"
#include "libs/privacy/sealer.h"
#include "libs/testing/database.h"
#include "libs/testing/status_matchers.h"
#include "services/directory/module.h"
#include "services/directory/views.h"

namespace fosterwatch::directory {
namespace {

using ::fosterwatch::testing::HasReason;
using ::fosterwatch::testing::IsOk;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

class SignInsTableTest : public ::testing::Test {
 protected:
  SignInsTableTest() : database_("fosterwatch_directory", MakeModule()->migrations()) {
    ledger::Ledger::Options options;
    options.conninfo = database_.service();
    options.relay_conninfo = database_.relay();
    options.fact = &fact_;
    options.aggregates = Aggregates();
    ledger_ =
        *ledger::Ledger::Open(std::move(options), *privacy::Sealer::Create(std::string(64, 'a')));
    sign_ins_ = std::make_unique<SignIns>(ledger_.get(), [this] { return now_; });
  }

  runtime::Call Call(const std::string& person, const std::string& token = "token-1",
                     const std::string& agency = "northern") const {
    runtime::Call call;
    call.agency_id = agency;
    call.caller = {person, agency, {options::v1::ROLE_CASEWORKER}, now_ + absl::Hours(1)};
    call.caller.token_id = token;
    return call;
  }
  void SignIn(const std::string& person, const std::string& session,
              const std::string& agency = "northern") {
    v1::RecordSignInRequest request;
    *request.mutable_end_time() = clock::ToProto(now_ + absl::Hours(12));
    EXPECT_THAT(sign_ins_->RecordSignIn(Call(person, session, agency), request), IsOk());
  }
  std::vector<std::string> Listed(const std::string& person = "",
                                  const std::string& agency = "northern") {
    v1::ListSessionsRequest request;
    request.set_person_id(person);
    std::vector<std::string> ids;
    const auto all = sign_ins_->ListSessions(Call("manager-1", "m", agency), request);
    for (const v1::SignedIn& session : all->sessions()) {
      ids.push_back(absl::StrCat(session.session_id(), session.has_ended_time() ? " ended by " : "",
                                 session.ended_by_person_id()));
    }
    return ids;
  }
  absl::Status End(const std::string& session, const std::string& agency = "northern") {
    v1::EndSessionRequest request;
    request.set_session_id(session);
    return sign_ins_->EndSession(Call("manager-1", "m", agency), request).status();
  }
  // Of all agencies, as the one process that asks for them sees it.
  std::vector<std::string> Ended(absl::Time since = absl::InfinitePast()) {
    operations::v1::ListEndedTokensRequest request;
    if (since != absl::InfinitePast()) *request.mutable_since_time() = clock::ToProto(since);
    std::vector<std::string> ended;
    runtime::Call process;
    process.caller.agency_id = "*";
    const auto all = sign_ins_->ListEndedTokens(process, request);
    for (const auto& token : all->ended()) {
      ended.push_back(absl::StrCat(token.agency_id(), " ", token.token_id(), token.person_id()));
    }
    return ended;
  }

  fosterwatch::testing::Database database_;
  const v1::DirectoryFact fact_;
  absl::Time now_ = absl::FromUnixSeconds(1'790'000'000);
  std::unique_ptr<ledger::Ledger> ledger_;
  std::unique_ptr<SignIns> sign_ins_;
};

TEST_F(SignInsTableTest, WhatEndedIsToldOfAllAgenciesAndSessionsOfOneAlone) {
  SignIn("person-1", "a");
  SignIn("person-2", "b", "southern");
  EXPECT_THAT(Listed(), ElementsAre("a"));
  EXPECT_THAT(Listed("", "southern"), ElementsAre("b"));
  EXPECT_THAT(Listed("person-9"), IsEmpty());
  EXPECT_THAT(End("b"), HasReason("NOT_FOUND"));
  EXPECT_THAT(End("a"), IsOk());
  EXPECT_THAT(End("b", "southern"), IsOk());
  EXPECT_THAT(Ended(), UnorderedElementsAre("northern a", "southern b"));
  EXPECT_THAT(Listed(), ElementsAre("a ended by manager-1"));
  // The first who ended it stays.
  v1::RecordSignOutRequest left;
  left.set_session_id("a");
  left.set_person_id("person-1");
  EXPECT_THAT(sign_ins_->RecordSignOut(Call("gateway"), left), IsOk());
  EXPECT_THAT(Listed(), ElementsAre("a ended by manager-1"));
}

TEST_F(SignInsTableTest, OnlyWhatIsNewIsAskedForAgain) {
  SignIn("person-1", "a");
  SignIn("person-1", "b");
  EXPECT_THAT(End("a"), IsOk());
  now_ += absl::Minutes(5);
  EXPECT_THAT(End("b"), IsOk());
  EXPECT_THAT(Ended(now_ - absl::Minutes(1)), ElementsAre("northern b"));
}

TEST_F(SignInsTableTest, RowsGoOnceTheySayNothingMore) {
  SignIn("person-1", "a");
  EXPECT_THAT(End("a"), IsOk());
  v1::EndTokensOfRequest of;
  of.set_person_id("case-system");
  EXPECT_THAT(sign_ins_->EndTokensOf(Call("manager-1"), of), IsOk());
  EXPECT_THAT(Ended(), UnorderedElementsAre("northern a", "northern case-system"));
  // A day after the session, what is asked for has it no more; then the row itself goes.
  now_ += absl::Hours(24);
  EXPECT_THAT(Ended(), ElementsAre("northern case-system"));
  now_ += absl::Hours(13);
  EXPECT_THAT(Listed(), IsEmpty());
  SignIn("person-1", "b");
  EXPECT_THAT(End("b"), IsOk());
  auto rows = pg::Connection::Open(database_.admin());
  ASSERT_THAT(rows, IsOk());
  EXPECT_EQ((*rows)->Query("SELECT count(*) FROM sign_in.session")->Int(0, 0), 1);
  EXPECT_EQ((*rows)->Query("SELECT count(*) FROM sign_in.ended_token")->Int(0, 0), 2);
}

TEST_F(SignInsTableTest, WhatIsSaidBadlyIsNamed) {
  v1::RecordSignInRequest begins;
  EXPECT_THAT(sign_ins_->RecordSignIn(Call("person-1"), begins), HasReason("INVALID_TIME"));
  *begins.mutable_end_time() = clock::ToProto(now_ - absl::Seconds(1));
  EXPECT_THAT(sign_ins_->RecordSignIn(Call("person-1"), begins), HasReason("INVALID_TIME"));
  EXPECT_THAT(End(""), HasReason("MISSING_FIELD"));
  EXPECT_THAT(End(std::string(201, 'a')), HasReason("TOO_LONG"));
  v1::RecordRefusedSignInRequest refused;
  refused.set_person_id("person-1");
  refused.set_reason("because Jane Doe said so");
  EXPECT_THAT(sign_ins_->RecordRefusedSignIn(Call("gateway"), refused),
              HasReason("INVALID_REASON"));
}

}  // namespace
}  // namespace fosterwatch::directory
