#include "libs/privacy/sealer.h"

#include <cstdlib>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include <sys/stat.h>
#include <unistd.h>

#include "libs/testing/await.h"
#include "libs/testing/database.h"
#include "libs/testing/status_matchers.h"

namespace fosterwatch::privacy {
namespace {

using ::fosterwatch::testing::AwaitTrue;
using ::fosterwatch::testing::Connect;
using ::fosterwatch::testing::Database;
using ::fosterwatch::testing::HasReason;
using ::fosterwatch::testing::IsOk;
using ::fosterwatch::testing::IsOkAndHolds;
using ::fosterwatch::testing::StatusIs;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

const std::string kRole = "fosterwatch_privacy_test";
const std::string kMaster(32, 'm');

const Subject kChild = {"agency-a", "child:C-0142"};
const Subject kOtherChild = {"agency-a", "child:C-0143"};
const Subject kElsewhere = {"agency-b", "child:C-0142"};

class SealerTest : public ::testing::Test {
 protected:
  static absl::Status Name(pg::Connection& tx, const std::string& agencies) {
    return tx.Query("SELECT set_config('fosterwatch.agencies', $1, true)", {agencies}).status();
  }

  // Prepares in a transaction of its own.
  absl::Status Prepare(Sealer& sealer, const std::vector<Subject>& subjects, bool create,
                       const std::string& agencies = "agency-a,agency-b") {
    return pg::Transact(*pg_, [&](pg::Connection& tx) {
      if (absl::Status named = Name(tx, agencies); !named.ok()) return named;
      return sealer.Prepare(tx, subjects, create);
    });
  }

  absl::Status Shred(Sealer& sealer, const Subject& subject) {
    return pg::Transact(*pg_, [&](pg::Connection& tx) {
      if (absl::Status named = Name(tx, "agency-a,agency-b"); !named.ok()) return named;
      return sealer.Shred(tx, subject);
    });
  }

  Database database_{kRole, {SealerMigration(kRole)}};
  std::unique_ptr<pg::Connection> pg_ = Connect(database_.service());
  std::unique_ptr<Sealer> sealer_ = Sealer::Create(kMaster).value();
};

TEST_F(SealerTest, WhatIsSealedOpensAgainInAnotherProcessToo) {
  ASSERT_THAT(Prepare(*sealer_, {kChild, kElsewhere, kChild}, true), IsOk());
  const std::string plain("Jane\0O'Connor", 13);
  const std::string sealed = sealer_->Seal(kChild, "fact-1", plain).value();
  EXPECT_EQ(sealed.find("Jane"), std::string::npos);
  EXPECT_EQ(sealed.size(), plain.size() + 41);
  EXPECT_NE(sealed, sealer_->Seal(kChild, "fact-1", plain).value());
  EXPECT_THAT(sealer_->Open(kChild, "fact-1", sealed), IsOkAndHolds(plain));

  const auto another = Sealer::Create(kMaster).value();
  ASSERT_THAT(Prepare(*another, {kChild}, false), IsOk());
  EXPECT_THAT(another->Open(kChild, "fact-1", sealed), IsOkAndHolds(plain));
}

TEST_F(SealerTest, TheRelayReadsAndCannotMake) {
  ASSERT_THAT(Prepare(*sealer_, {kChild}, true), IsOk());
  const std::string sealed = sealer_->Seal(kChild, "fact-1", "x").value();
  const auto relay = Connect(database_.relay());
  const auto reader = Sealer::Create(kMaster).value();
  ASSERT_THAT(reader->Prepare(*relay, {kChild}, false), IsOk());
  EXPECT_THAT(reader->Open(kChild, "fact-1", sealed), IsOkAndHolds("x"));
  EXPECT_THAT(reader->Prepare(*relay, {kOtherChild}, true),
              StatusIs(absl::StatusCode::kPermissionDenied));
  EXPECT_THAT(reader->Shred(*relay, kChild), StatusIs(absl::StatusCode::kPermissionDenied));
}

TEST_F(SealerTest, MovedChangedOrCutItDoesNotOpen) {
  ASSERT_THAT(Prepare(*sealer_, {kChild, kOtherChild, kElsewhere}, true), IsOk());
  const std::string sealed = sealer_->Seal(kChild, "fact-1", "secret").value();
  const auto damaged = StatusIs(absl::StatusCode::kDataLoss, Not(HasSubstr("secret")));
  EXPECT_THAT(sealer_->Open(kChild, "fact-2", sealed), damaged);
  EXPECT_THAT(sealer_->Open(kOtherChild, "fact-1", sealed), damaged);
  EXPECT_THAT(sealer_->Open(kElsewhere, "fact-1", sealed), damaged);
  EXPECT_THAT(sealer_->Open(kChild, "fact-1", sealed.substr(0, sealed.size() - 1)), damaged);
  EXPECT_THAT(sealer_->Open(kChild, "fact-1", ""), damaged);
  for (size_t i = 0; i < sealed.size(); ++i) {
    std::string flipped = sealed;
    flipped[i] ^= 1;
    EXPECT_THAT(sealer_->Open(kChild, "fact-1", flipped), damaged) << "byte " << i;
  }
}

TEST_F(SealerTest, PartsOfTheContextDoNotRunTogether) {
  const Subject one = {"a", "bc"};
  const Subject two = {"ab", "c"};
  ASSERT_THAT(Prepare(*sealer_, {one, two}, true, "a,ab"), IsOk());
  // One's wrapped key under two's name must not open.
  const auto admin = Connect(database_.admin());
  ASSERT_THAT(admin->Script("UPDATE privacy.subject_key SET wrapped_key = (SELECT wrapped_key FROM "
                            "privacy.subject_key WHERE agency_id = 'a') WHERE agency_id = 'ab'"),
              IsOk());
  const auto another = Sealer::Create(kMaster).value();
  EXPECT_THAT(Prepare(*another, {two}, false, "a,ab"), StatusIs(absl::StatusCode::kDataLoss));
}

TEST_F(SealerTest, ShreddedItNeverOpensAndNeverSealsAgain) {
  ASSERT_THAT(Prepare(*sealer_, {kChild, kOtherChild}, true), IsOk());
  const std::string sealed = sealer_->Seal(kChild, "fact-1", "secret").value();
  const std::string kept = sealer_->Seal(kOtherChild, "fact-1", "kept").value();
  ASSERT_THAT(Shred(*sealer_, kChild), IsOk());
  const auto another = Sealer::Create(kMaster).value();
  for (Sealer* sealer : {sealer_.get(), another.get()}) {
    ASSERT_THAT(Prepare(*sealer, {kChild, kOtherChild}, true), IsOk());
    EXPECT_THAT(sealer->Open(kChild, "fact-1", sealed),
                AllOf(StatusIs(absl::StatusCode::kNotFound), HasReason("SUBJECT_SHREDDED")));
    EXPECT_THAT(
        sealer->Seal(kChild, "fact-2", "more"),
        AllOf(StatusIs(absl::StatusCode::kFailedPrecondition), HasReason("SUBJECT_SHREDDED")));
    EXPECT_THAT(sealer->Open(kOtherChild, "fact-1", kept), IsOkAndHolds("kept"));
  }
  EXPECT_THAT(Shred(*sealer_, kChild), StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(Shred(*sealer_, {"agency-a", "nobody"}), StatusIs(absl::StatusCode::kNotFound));
}

TEST_F(SealerTest, AShreddingThatIsRolledBackDestroysNothing) {
  ASSERT_THAT(Prepare(*sealer_, {kChild}, true), IsOk());
  const std::string sealed = sealer_->Seal(kChild, "fact-1", "kept").value();
  EXPECT_THAT(pg::Transact(*pg_,
                           [&](pg::Connection& tx) -> absl::Status {
                             EXPECT_THAT(Name(tx, "agency-a"), IsOk());
                             EXPECT_THAT(sealer_->Shred(tx, kChild), IsOk());
                             return absl::CancelledError("");
                           }),
              StatusIs(absl::StatusCode::kCancelled));
  ASSERT_THAT(Prepare(*sealer_, {kChild}, false), IsOk());
  EXPECT_THAT(sealer_->Open(kChild, "fact-1", sealed), IsOkAndHolds("kept"));
}

// Else facts would be sealed, and committed, under a key that no table holds.
TEST_F(SealerTest, AKeyOfATransactionThatWasRolledBackIsNotUsedByTheNext) {
  EXPECT_THAT(pg::Transact(*pg_,
                           [&](pg::Connection& tx) -> absl::Status {
                             EXPECT_THAT(Name(tx, "agency-a"), IsOk());
                             EXPECT_THAT(sealer_->Prepare(tx, {kChild}, true), IsOk());
                             EXPECT_THAT(sealer_->Prepare(tx, {kChild}, true), IsOk());
                             EXPECT_THAT(sealer_->Seal(kChild, "fact-1", "x"), IsOk());
                             return absl::CancelledError("");
                           }),
              StatusIs(absl::StatusCode::kCancelled));
  ASSERT_THAT(Prepare(*sealer_, {kChild}, true), IsOk());
  const std::string sealed = sealer_->Seal(kChild, "fact-1", "y").value();
  const auto another = Sealer::Create(kMaster).value();
  ASSERT_THAT(Prepare(*another, {kChild}, false), IsOk());
  EXPECT_THAT(another->Open(kChild, "fact-1", sealed), IsOkAndHolds("y"));
}

TEST_F(SealerTest, OfTwoThatMakeTheSameKeyBothUseTheFirst) {
  ASSERT_THAT(pg_->Begin(), IsOk());
  ASSERT_THAT(Name(*pg_, "agency-a"), IsOk());
  ASSERT_THAT(sealer_->Prepare(*pg_, {kChild}, true), IsOk());
  const std::string sealed = sealer_->Seal(kChild, "fact-1", "first").value();

  const auto second = Sealer::Create(kMaster).value();
  absl::Status prepared;
  std::thread waiting([&] {
    const auto connection = Connect(database_.service());
    prepared = pg::Transact(*connection, [&](pg::Connection& tx) {
      if (absl::Status named = Name(tx, "agency-a"); !named.ok()) return named;
      return second->Prepare(tx, {kChild}, true);
    });
  });
  const auto admin = Connect(database_.admin());
  EXPECT_TRUE(AwaitTrue([&] {
    return admin
               ->Query(
                   "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
                   "AND wait_event_type = 'Lock'")
               .value()
               .Int(0, 0) == 1;
  }));
  ASSERT_THAT(pg_->Commit(), IsOk());
  waiting.join();
  ASSERT_THAT(prepared, IsOk());
  EXPECT_THAT(second->Open(kChild, "fact-1", sealed), IsOkAndHolds("first"));
}

TEST_F(SealerTest, ManySubjectsTakeOneQueryToReadAndOneMoreToMake) {
  std::vector<Subject> subjects;
  for (int i = 0; i < 1000; ++i) subjects.push_back({"agency-a", absl::StrCat("child:", i)});
  ASSERT_THAT(Prepare(*sealer_, subjects, true), IsOk());
  const auto another = Sealer::Create(kMaster).value();
  ASSERT_THAT(Prepare(*another, subjects, false), IsOk());
  for (const Subject& subject : subjects) {
    const auto sealed = sealer_->Seal(subject, "c", subject.subject_id);
    ASSERT_THAT(another->Open(subject, "c", *sealed), IsOkAndHolds(subject.subject_id));
  }
  // At hand, and confirmed: no connection is touched.
  ASSERT_THAT(pg_->Script("SELECT pg_terminate_backend(pg_backend_pid())"),
              StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_THAT(another->Prepare(*pg_, subjects, true), IsOk());
}

TEST_F(SealerTest, AnotherAgencysKeysAreNeitherSeenNorMadeNorDestroyed) {
  ASSERT_THAT(Prepare(*sealer_, {kChild, kElsewhere}, true), IsOk());
  const auto another = Sealer::Create(kMaster).value();
  const std::string sealed = sealer_->Seal(kElsewhere, "fact-1", "x").value();
  ASSERT_THAT(Prepare(*another, {kElsewhere}, false, "agency-a"), IsOk());
  EXPECT_THAT(another->Open(kElsewhere, "fact-1", sealed), StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(Prepare(*another, {{"agency-b", "new"}}, true, "agency-a"),
              StatusIs(absl::StatusCode::kPermissionDenied));
  // No agency named at all.
  EXPECT_EQ(pg_->Query("SELECT count(*) FROM privacy.subject_key").value().Int(0, 0), 0);
  EXPECT_EQ(pg_->Query("UPDATE privacy.subject_key SET wrapped_key = NULL, destroyed_time = now()")
                .value()
                .affected(),
            0);
}

TEST_F(SealerTest, AKeyCanBeDestroyedAndNotReplacedNorDeleted) {
  ASSERT_THAT(Prepare(*sealer_, {kChild}, true), IsOk());
  const auto run = [&](const std::string& sql) {
    return pg::Transact(*pg_, [&](pg::Connection& tx) {
      EXPECT_THAT(Name(tx, "agency-a"), IsOk());
      return tx.Query(sql).status();
    });
  };
  EXPECT_THAT(run("UPDATE privacy.subject_key SET wrapped_key = 'x'"),
              StatusIs(absl::StatusCode::kPermissionDenied));
  EXPECT_THAT(run("DELETE FROM privacy.subject_key"),
              StatusIs(absl::StatusCode::kPermissionDenied));
  EXPECT_THAT(run("UPDATE privacy.subject_key SET agency_id = 'agency-b'"),
              StatusIs(absl::StatusCode::kPermissionDenied));
}

TEST_F(SealerTest, WhatWasNotPreparedIsABugAndSaysSo) {
  EXPECT_THAT(sealer_->Seal(kChild, "c", "x"), StatusIs(absl::StatusCode::kInternal));
  EXPECT_THAT(sealer_->Open(kChild, "c", "x"), StatusIs(absl::StatusCode::kInternal));
}

TEST_F(SealerTest, AnotherMasterKeyIsNoticed) {
  ASSERT_THAT(Prepare(*sealer_, {kChild}, true), IsOk());
  const auto wrong = Sealer::Create(std::string(32, 'w')).value();
  EXPECT_THAT(Prepare(*wrong, {kChild}, true), StatusIs(absl::StatusCode::kDataLoss));
}

TEST(MasterKey, Is32BytesOrTheirHexadecimal) {
  EXPECT_THAT(Sealer::Create(std::string(32, '\0')), IsOk());
  EXPECT_THAT(Sealer::Create(std::string(64, 'f')), IsOk());
  EXPECT_THAT(Sealer::Create(std::string(64, 'g')), StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(Sealer::Create(""), StatusIs(absl::StatusCode::kInvalidArgument));
}

class KeyFileTest : public ::testing::Test {
 protected:
  KeyFileTest() {
    std::string folder = ::testing::TempDir() + "keyXXXXXX";
    folder_ = mkdtemp(folder.data());
    path_ = folder_ + "/master.key";
  }
  ~KeyFileTest() override {
    unlink(path_.c_str());
    rmdir(folder_.c_str());
  }
  std::string folder_;
  std::string path_;
};

TEST_F(KeyFileTest, IsMadeOnceAndReadableByItsOwnerOnly) {
  EXPECT_THAT(Sealer::FromFile(path_, false), StatusIs(absl::StatusCode::kNotFound));
  ASSERT_THAT(Sealer::FromFile(path_, true), IsOk());
  struct stat file {};
  ASSERT_EQ(stat(path_.c_str(), &file), 0);
  EXPECT_EQ(file.st_mode & 0777, 0600u);
  std::ifstream before(path_);
  const std::string text(std::istreambuf_iterator<char>(before), {});
  EXPECT_EQ(text.size(), 65u);
  ASSERT_THAT(Sealer::FromFile(path_, true), IsOk());
  std::ifstream after(path_);
  EXPECT_EQ(std::string(std::istreambuf_iterator<char>(after), {}), text);
}

TEST_F(KeyFileTest, ThatHoldsNoKeyIsNamedAndKept) {
  std::ofstream(path_) << "not a key";
  EXPECT_THAT(Sealer::FromFile(path_, true),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("master.key")));
}

TEST_F(KeyFileTest, ThatCannotBeMadeSaysWhere) {
  EXPECT_THAT(Sealer::FromFile("/nonexistent/master.key", true),
              StatusIs(absl::StatusCode::kUnavailable, HasSubstr("/nonexistent/master.key")));
}

}  // namespace
}  // namespace fosterwatch::privacy
