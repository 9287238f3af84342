#include "libs/pg/connection.h"

#include <limits>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"

#include "libs/testing/database.h"
#include "libs/testing/status_matchers.h"

namespace fosterwatch::pg {
namespace {

using ::fosterwatch::testing::Connect;
using ::fosterwatch::testing::Database;
using ::fosterwatch::testing::IsOk;
using ::fosterwatch::testing::StatusIs;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

class ConnectionTest : public ::testing::Test {
 protected:
  Database database_{"fosterwatch_pg_test"};
  std::unique_ptr<Connection> pg_ = Connect(database_.admin());

  int64_t Count() { return pg_->Query("SELECT count(*) FROM t").value().Int(0, 0); }
  void MakeTable() {
    ASSERT_THAT(pg_->Script("CREATE TABLE t (k text PRIMARY KEY, v bytea, n bigint)"), IsOk());
  }
  // Ends the server's side of the connection, as a restart of the server would.
  void Terminate() {
    const int64_t pid = pg_->Query("SELECT pg_backend_pid()").value().Int(0, 0);
    const auto other = Connect(database_.admin());
    ASSERT_THAT(other->Query("SELECT pg_terminate_backend($1::int, 10000)", {pid}), IsOk());
  }
};

TEST_F(ConnectionTest, EveryTypeOfValueComesBackAsItWent) {
  const absl::Time time = absl::FromUnixMicros(1'700'000'000'123'456);
  const std::string bytes("a\0b\xff\0", 5);
  const TextArray array = {"one", "", "with, \"quotes\" and {braces}", "gr\xc3\xbc\xc3\x9f"};
  const Result row =
      pg_->Query("SELECT $1, $2, $3, $4, $5, $6, $7",
                 {true, int64_t{-7410}, 0.1, "te\xc3\xbct", Bytes{bytes}, time, array})
          .value();
  EXPECT_EQ(row.Bool(0, 0), true);
  EXPECT_EQ(row.Int(0, 1), -7410);
  EXPECT_EQ(row.Double(0, 2), 0.1);
  EXPECT_EQ(row.Text(0, 3), "te\xc3\xbct");
  EXPECT_EQ(row.Text(0, 4), bytes);
  EXPECT_EQ(row.Time(0, 5), time);
  EXPECT_EQ(row.Array(0, 6), array);
}

TEST_F(ConnectionTest, ManyRowsTravelAsArraysOfTheirColumns) {
  const absl::Time time = absl::FromUnixMicros(1'700'000'000'123'456);
  const std::string bytes("a\0b\xff\0", 5);
  const Result rows =
      pg_->Query("SELECT * FROM unnest($1, $2, $3, $4) AS rows (a, b, c, d)",
                 {TextArray{"one", ""}, IntArray{-7410, std::numeric_limits<int64_t>::max()},
                  BytesArray{{bytes}, {""}}, TimeArray{time, absl::InfiniteFuture()}})
          .value();
  ASSERT_EQ(rows.rows(), 2);
  EXPECT_EQ(rows.Text(0, 0), "one");
  EXPECT_EQ(rows.Int(0, 1), -7410);
  EXPECT_EQ(rows.Int(1, 1), std::numeric_limits<int64_t>::max());
  EXPECT_EQ(rows.Text(0, 2), bytes);
  EXPECT_EQ(rows.Text(1, 2), "");
  EXPECT_EQ(rows.Time(0, 3), time);
  EXPECT_EQ(rows.Time(1, 3), absl::InfiniteFuture());
  EXPECT_EQ(pg_->Query("SELECT * FROM unnest($1, $2, $3)", {IntArray{}, BytesArray{}, TimeArray{}})
                .value()
                .rows(),
            0);
}

TEST_F(ConnectionTest, NullsComeBackAsNullsAndReadAsEmptyValues) {
  const Result row = pg_->Query(
                            "SELECT $1::bool, $2::bigint, $3::float8, $4::text, $5::bytea, "
                            "$6::timestamptz, $7::text[]",
                            {Null{}, Null{}, Null{}, Null{}, Null{}, Null{}, Null{}})
                         .value();
  for (int column = 0; column < 7; ++column) EXPECT_TRUE(row.IsNull(0, column)) << column;
  EXPECT_FALSE(row.Bool(0, 0));
  EXPECT_EQ(row.Int(0, 1), 0);
  EXPECT_EQ(row.Double(0, 2), 0);
  EXPECT_EQ(row.Text(0, 3), "");
  EXPECT_EQ(row.Text(0, 4), "");
  EXPECT_EQ(row.Time(0, 5), absl::UnixEpoch());
  EXPECT_THAT(row.Array(0, 6), IsEmpty());
}

TEST_F(ConnectionTest, LimitsOfEachTypeComeBackAsTheyWent) {
  using Limits = std::numeric_limits<int64_t>;
  const Result row = pg_->Query("SELECT $1, $2, $3, $4, $5, $6",
                                {Limits::min(), Limits::max(), absl::InfiniteFuture(),
                                 absl::InfinitePast(), TextArray{}, Bytes{""}})
                         .value();
  EXPECT_EQ(row.Int(0, 0), Limits::min());
  EXPECT_EQ(row.Int(0, 1), Limits::max());
  EXPECT_EQ(row.Time(0, 2), absl::InfiniteFuture());
  EXPECT_EQ(row.Time(0, 3), absl::InfinitePast());
  EXPECT_THAT(row.Array(0, 4), IsEmpty());
  EXPECT_FALSE(row.IsNull(0, 5));
}

TEST_F(ConnectionTest, ReadsTheServersOtherTypes) {
  const Result row =
      pg_->Query(
             "SELECT 7::int2, -7::int4, '18446744073709551614'::xid8, 1.5::float4, 'n'::name, "
             "'v'::varchar, timestamptz '1999-12-31 23:00:00-02', ARRAY['a', NULL]")
          .value();
  EXPECT_EQ(row.Int(0, 0), 7);
  EXPECT_EQ(row.Int(0, 1), -7);
  EXPECT_EQ(row.Int(0, 2), -2);
  EXPECT_EQ(row.Double(0, 3), 1.5);
  EXPECT_EQ(row.Text(0, 4), "n");
  EXPECT_EQ(row.Text(0, 5), "v");
  EXPECT_EQ(row.Time(0, 6), absl::FromUnixSeconds(946688400));
  EXPECT_THAT(row.Array(0, 7), ElementsAre("a", ""));
}

TEST_F(ConnectionTest, TheSessionsZoneIsUtc) {
  const Result row = pg_->Query("SELECT $1::text", {"x"}).ok()
                         ? pg_->Query("SELECT timestamptz '2026-07-01 12:00:00Z'::text").value()
                         : Result();
  EXPECT_EQ(row.Text(0, 0), "2026-07-01 12:00:00+00");
}

TEST_F(ConnectionTest, AParameterThatWasNullFirstTakesAValueLater) {
  MakeTable();
  const std::string sql = "INSERT INTO t (k, v, n) VALUES ($1, $2, $3)";
  ASSERT_THAT(pg_->Query(sql, {"a", Null{}, Null{}}), IsOk());
  ASSERT_THAT(pg_->Query(sql, {"b", Bytes{std::string("\0\1", 2)}, Null{}}), IsOk());
  ASSERT_THAT(pg_->Query(sql, {"c", Null{}, int64_t{3}}), IsOk());
  ASSERT_THAT(pg_->Query(sql, {"d", Bytes{"x"}, int64_t{4}}), IsOk());
  const Result rows = pg_->Query("SELECT v, n FROM t ORDER BY k").value();
  EXPECT_TRUE(rows.IsNull(0, 0));
  EXPECT_EQ(rows.Text(1, 0), std::string("\0\1", 2));
  EXPECT_TRUE(rows.IsNull(2, 0));
  EXPECT_EQ(rows.Int(3, 1), 4);
  // Each form knows what the ones before it knew, so three serve all eight patterns.
  EXPECT_EQ(pg_->Query("SELECT count(*) FROM pg_prepared_statements WHERE statement = $1", {sql})
                .value()
                .Int(0, 0),
            3);
}

TEST_F(ConnectionTest, AStatementIsPreparedOnce) {
  const std::string sql = "SELECT $1 + 1";
  for (int64_t i = 0; i < 5; ++i) EXPECT_EQ(pg_->Query(sql, {i}).value().Int(0, 0), i + 1);
  EXPECT_EQ(pg_->Query("SELECT count(*) FROM pg_prepared_statements WHERE statement = $1", {sql})
                .value()
                .Int(0, 0),
            1);
}

TEST_F(ConnectionTest, SaysHowManyRowsWereTouched) {
  MakeTable();
  EXPECT_EQ(
      pg_->Query("INSERT INTO t SELECT i::text FROM generate_series(1, 3) i").value().affected(),
      3);
  EXPECT_EQ(pg_->Query("DELETE FROM t WHERE k < '3'").value().affected(), 2);
  EXPECT_EQ(pg_->Query("UPDATE t SET n = 1 WHERE k = 'none'").value().affected(), 0);
}

TEST_F(ConnectionTest, ErrorsNameTheConstraintAndNeverTheValue) {
  MakeTable();
  ASSERT_THAT(pg_->Query("INSERT INTO t (k) VALUES ($1)", {"Jane O'Connor"}), IsOk());
  const auto twice = pg_->Query("INSERT INTO t (k) VALUES ($1)", {"Jane O'Connor"});
  EXPECT_THAT(twice, StatusIs(absl::StatusCode::kAlreadyExists,
                              AllOf(HasSubstr("t_pkey"), Not(HasSubstr("Jane")))));
  EXPECT_EQ(ConstraintOf(twice.status()), "t_pkey");
  EXPECT_THAT(pg_->Query("SELECT $1::int", {"Jane O'Connor"}),
              StatusIs(absl::StatusCode::kInternal, Not(HasSubstr("Jane"))));
  EXPECT_THAT(pg_->Query("SELECT $1", {std::string("Jane\0O'Connor", 13)}),
              StatusIs(absl::StatusCode::kInvalidArgument, Not(HasSubstr("Jane"))));
  EXPECT_TRUE(pg_->alive());
}

TEST_F(ConnectionTest, ACommitThatTheServerRolledBackIsAnError) {
  MakeTable();
  ASSERT_THAT(pg_->Begin(), IsOk());
  ASSERT_THAT(pg_->Query("INSERT INTO t (k) VALUES ('a')"), IsOk());
  ASSERT_THAT(pg_->Query("SELECT 1 / 0"), StatusIs(absl::StatusCode::kInternal));
  EXPECT_THAT(pg_->Commit(), StatusIs(absl::StatusCode::kAborted));
  EXPECT_EQ(Count(), 0);
}

TEST_F(ConnectionTest, ADeferredConstraintFailsTheCommit) {
  ASSERT_THAT(pg_->Script("CREATE TABLE t (k text UNIQUE DEFERRABLE INITIALLY DEFERRED)"), IsOk());
  EXPECT_THAT(Transact(*pg_,
                       [](Connection& tx) {
                         return tx.Query("INSERT INTO t VALUES ('a'), ('a')").status();
                       }),
              StatusIs(absl::StatusCode::kAlreadyExists));
  EXPECT_EQ(Count(), 0);
}

TEST_F(ConnectionTest, ALostConnectionIsUnavailableAndAtTheCommitUnknown) {
  MakeTable();
  ASSERT_THAT(pg_->Begin(), IsOk());
  ASSERT_THAT(pg_->Query("INSERT INTO t (k) VALUES ('a')"), IsOk());
  Terminate();
  EXPECT_THAT(pg_->Commit(), StatusIs(absl::StatusCode::kUnknown));
  EXPECT_FALSE(pg_->alive());
  EXPECT_THAT(pg_->Query("SELECT 1"), StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_THAT(pg_->Pipeline({{"SELECT 1", {}}}), StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_THAT(pg_->Begin(), StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_THAT(pg_->Commit(), StatusIs(absl::StatusCode::kUnavailable));
  pg_->Rollback();
}

TEST_F(ConnectionTest, ALostConnectionIsUnavailableInTheMiddleOfAQueryAndOfAPipeline) {
  Terminate();
  EXPECT_FALSE(pg_->alive());
  EXPECT_THAT(pg_->Query("SELECT 1"), StatusIs(absl::StatusCode::kUnavailable));
  pg_ = Connect(database_.admin());
  Terminate();
  EXPECT_THAT(pg_->Pipeline({{"SELECT 1", {}}, {"SELECT 2", {}}}),
              StatusIs(absl::StatusCode::kUnavailable));
}

TEST_F(ConnectionTest, TransactCommitsOnOkAndRollsBackOtherwise) {
  MakeTable();
  const auto insert = [](Connection& tx, const char* key) {
    return tx.Query("INSERT INTO t (k) VALUES ($1)", {key}).status();
  };
  EXPECT_THAT(Transact(*pg_, [&](Connection& tx) { return insert(tx, "a"); }), IsOk());
  EXPECT_THAT(Transact(*pg_,
                       [&](Connection& tx) {
                         EXPECT_THAT(insert(tx, "b"), IsOk());
                         return absl::NotFoundError("changed my mind");
                       }),
              StatusIs(absl::StatusCode::kNotFound));
  EXPECT_EQ(Count(), 1);
}

TEST_F(ConnectionTest, BeginAndCommitOutOfOrderAreRefused) {
  EXPECT_THAT(pg_->Commit(), StatusIs(absl::StatusCode::kInternal));
  ASSERT_THAT(pg_->Begin(), IsOk());
  EXPECT_THAT(pg_->Begin(), StatusIs(absl::StatusCode::kInternal));
  EXPECT_THAT(pg_->Commit(), IsOk());
}

TEST_F(ConnectionTest, APipelineAnswersInOrderAndPreparesAsItGoes) {
  MakeTable();
  ASSERT_THAT(pg_->Begin(), IsOk());
  const auto results = pg_->Pipeline({
      {"INSERT INTO t (k, n) VALUES ($1, $2)", {"a", int64_t{1}}},
      {"INSERT INTO t (k, n) VALUES ($1, $2)", {"b", Null{}}},
      {"SELECT count(*) FROM t", {}},
      {"SELECT k FROM t WHERE n = $1", {int64_t{1}}},
  });
  ASSERT_THAT(results, IsOk());
  ASSERT_EQ(results->size(), 4u);
  EXPECT_EQ((*results)[0].affected(), 1);
  EXPECT_EQ((*results)[2].Int(0, 0), 2);
  EXPECT_EQ((*results)[3].Text(0, 0), "a");
  ASSERT_THAT(pg_->Commit(), IsOk());
  EXPECT_EQ(Count(), 2);
}

TEST_F(ConnectionTest, AnEmptyPipelineIsNothing) {
  EXPECT_EQ(pg_->Pipeline({}).value().size(), 0u);
}

TEST_F(ConnectionTest, AnErrorInAPipelineNamesTheStatementAndDoomsTheTransaction) {
  MakeTable();
  ASSERT_THAT(pg_->Begin(), IsOk());
  const std::string insert = "INSERT INTO t (k) VALUES ($1)";
  const auto results = pg_->Pipeline({{insert, {"a"}}, {insert, {"a"}}, {"SELECT 7", {}}});
  EXPECT_THAT(results, StatusIs(absl::StatusCode::kAlreadyExists, HasSubstr("statement 1:")));
  EXPECT_EQ(ConstraintOf(results.status()), "t_pkey");
  EXPECT_THAT(pg_->Commit(), StatusIs(absl::StatusCode::kAborted));
  EXPECT_EQ(Count(), 0);
  // What was prepared before the error is kept, what came after it is prepared again.
  EXPECT_THAT(pg_->Pipeline({{insert, {"a"}}, {"SELECT 7", {}}}), IsOk());
  EXPECT_EQ(Count(), 1);
  EXPECT_TRUE(pg_->alive());
}

TEST_F(ConnectionTest, AnErrorInPreparingInAPipelineNamesTheStatement) {
  EXPECT_THAT(pg_->Pipeline({{"SELECT 1", {}}, {"SELECT nothing", {}}, {"SELECT 1", {}}}),
              StatusIs(absl::StatusCode::kInternal, HasSubstr("statement 1:")));
  EXPECT_THAT(pg_->Pipeline({{"SELECT 1", {}}}), IsOk());
  EXPECT_THAT(pg_->Query("SELECT nothing"), StatusIs(absl::StatusCode::kInternal));
}

TEST_F(ConnectionTest, APipelineOutsideATransactionIsOne) {
  MakeTable();
  const std::string insert = "INSERT INTO t (k) VALUES ($1)";
  EXPECT_THAT(pg_->Pipeline({{insert, {"a"}}, {insert, {"a"}}}),
              StatusIs(absl::StatusCode::kAlreadyExists));
  EXPECT_EQ(Count(), 0);
}

// Both directions carry much more than a socket buffer holds.
TEST_F(ConnectionTest, TwoThousandStatementsWithLargeAnswersDoNotLockUp) {
  std::vector<Statement> statements;
  const std::string payload(20'000, 'x');
  for (int i = 0; i < 2000; ++i) {
    statements.push_back({"SELECT $1 || $2", {payload, absl::StrCat(i)}});
  }
  const auto results = pg_->Pipeline(statements);
  ASSERT_THAT(results, IsOk());
  ASSERT_EQ(results->size(), 2000u);
  for (int i = 0; i < 2000; ++i) ASSERT_EQ((*results)[i].Text(0, 0), absl::StrCat(payload, i));
}

// The server stops reading once its answers are not read, while much is still to be sent.
TEST_F(ConnectionTest, ALargeParameterBehindLargeAnswersDoesNotLockUp) {
  std::vector<Statement> statements(30, {"SELECT repeat('x', 1000000)", {}});
  statements.push_back({"SELECT length($1)", {std::string(20'000'000, 'y')}});
  const auto results = pg_->Pipeline(statements);
  ASSERT_THAT(results, IsOk());
  EXPECT_EQ(results->front().Text(0, 0).size(), 1'000'000u);
  EXPECT_EQ(results->back().Int(0, 0), 20'000'000);
}

TEST_F(ConnectionTest, ChangedTablesUnderAPreparedStatementRetireTheConnection) {
  MakeTable();
  ASSERT_THAT(pg_->Query("SELECT * FROM t"), IsOk());
  ASSERT_THAT(Connect(database_.admin())->Script("ALTER TABLE t ADD COLUMN more text"), IsOk());
  EXPECT_THAT(pg_->Query("SELECT * FROM t"), StatusIs(absl::StatusCode::kInternal));
  EXPECT_FALSE(pg_->alive());
}

TEST_F(ConnectionTest, AStatementThatTakesTooLongIsDeadlineExceeded) {
  ASSERT_THAT(pg_->Script("SET statement_timeout = '20ms'"), IsOk());
  EXPECT_THAT(pg_->Query("SELECT pg_sleep(30)"), StatusIs(absl::StatusCode::kDeadlineExceeded));
}

TEST_F(ConnectionTest, ReadingAColumnAsAnotherTypeAborts) {
  const Result row = pg_->Query("SELECT 'text'").value();
  EXPECT_DEATH((void)row.Int(0, 0), "reading an int from row 0 column 0");
  EXPECT_DEATH((void)row.Text(1, 0), "reading a text from row 1");
}

TEST(Open, SaysThatNoServerAnswers) {
  EXPECT_THAT(Connection::Open("host=/nonexistent user=nobody dbname=none"),
              StatusIs(absl::StatusCode::kUnavailable));
}

TEST(Open, RefusesAMalformedConninfoWithoutQuotingIt) {
  EXPECT_THAT(Connection::Open("password=secret zzz"),
              StatusIs(absl::StatusCode::kInvalidArgument, Not(HasSubstr("secret"))));
}

}  // namespace
}  // namespace fosterwatch::pg
