#include "libs/pg/conninfo.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "libs/pg/connection.h"
#include "libs/testing/database.h"
#include "libs/testing/status_matchers.h"

namespace fosterwatch::pg {
namespace {

using ::fosterwatch::testing::IsOk;
using ::fosterwatch::testing::StatusIs;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

TEST(ConninfoTest, WhatCanBeNoConnectionStringIsRefusedAndNotQuoted) {
  EXPECT_THAT(CheckConninfoOfAll(""), IsOk()) << "libpq's own defaults";
  EXPECT_THAT(CheckConninfoOfAll("host=/run/postgresql port=5433 password='a b'"), IsOk());
  EXPECT_THAT(CheckConninfo("host=db user=postgres dbname=postgres"), IsOk());
  for (const char* wrong : {"db:5432 secret", "hots=db password=secret", "host=db password='secret",
                            "postgresql://db/secret", "host=db user=secret", "dbname=secret"}) {
    EXPECT_THAT(CheckConninfoOfAll(wrong),
                StatusIs(absl::StatusCode::kInvalidArgument, Not(HasSubstr("secret"))))
        << wrong;
  }
}

TEST(ConninfoTest, WhatNoServerCouldTakeIsNoMatterOfWaiting) {
  for (const char* wrong : {"host=127.0.0.1 port=pigeon", "host=127.0.0.1 port=99999",
                            "host=127.0.0.1 sslmode=perhaps", "host=a,b,c port=1,2"}) {
    EXPECT_THAT(Connection::Open(wrong).status(), StatusIs(absl::StatusCode::kInvalidArgument))
        << wrong;
  }
}

TEST(ConninfoTest, WhatTheOperatorHasToMendIsSaidWithoutAnAddress) {
  const std::string server = testing::TestCluster();
  const auto mending = [&](const std::string& rest) {
    const absl::Status status = Connection::Open(absl::StrCat(server, rest)).status();
    EXPECT_THAT(status, StatusIs(absl::StatusCode::kUnavailable)) << rest;
    return MendingOf(status);
  };
  EXPECT_THAT(mending(" dbname=nowhere"), HasSubstr("the server has no database nowhere"));
  EXPECT_THAT(mending(" user=nobody_at_all"), HasSubstr("the server has no role nobody_at_all"));
  EXPECT_EQ(mending(" host=nowhere.invalid"), "the name of its host is not known");
  EXPECT_EQ(mending(" sslmode=require host=127.0.0.1 port=1"), "") << "nobody listens";
  {
    testing::Database database("fosterwatch_conninfo_test");
    const auto admin = testing::Connect(database.admin());
    ASSERT_THAT(
        admin->Script(absl::StrCat("REVOKE CONNECT ON DATABASE ", QuoteName(database.name()),
                                   " FROM ", QuoteName(database.role()))),
        IsOk());
    const absl::Status status = Connection::Open(database.service()).status();
    EXPECT_THAT(MendingOf(status),
                AllOf(HasSubstr(database.role()), HasSubstr("may not use the database")));
    ASSERT_THAT(admin->Script(absl::StrCat("ALTER ROLE ", QuoteName(database.role()), " NOLOGIN")),
                IsOk());
    EXPECT_THAT(MendingOf(Connection::Open(database.service()).status()),
                HasSubstr("may not log in"));
    ASSERT_THAT(admin->Script(absl::StrCat("ALTER ROLE ", QuoteName(database.role()), " LOGIN")),
                IsOk());
  }
}

}  // namespace
}  // namespace fosterwatch::pg
