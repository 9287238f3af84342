// PostgreSQL through libpq: binary parameters, prepared statements, pipelines, typed errors.
//
// Values travel as: bool, int64_t (bigint), double, std::string (text), Bytes (bytea),
// absl::Time (timestamptz, microseconds, UTC), TextArray (text[]), IntArray (bigint[]), BytesArray
// (bytea[]), TimeArray (timestamptz[]), Null. Ids are text. The server is told these types, so
// where SQL wants another it casts: $1::int, $1::jsonb, $1::text::xid8. A Null whose type the
// server cannot guess from the SQL wants a cast too. Arrays hold no Null; many rows travel as one
// array for each column, which SQL takes apart by unnest.
//
// Errors: the SQLSTATE decides the code (see StatusFromSqlState). Messages never hold parameter
// values nor the server's DETAIL, which may quote them; a RAISE in our own SQL must not quote any.
//
// Threads: a Connection belongs to one thread at a time.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

typedef struct pg_conn PGconn;
typedef struct pg_result PGresult;

namespace fosterwatch::pg {

struct Null {};
struct Bytes {
  std::string data;
};
using TextArray = std::vector<std::string>;
using IntArray = std::vector<int64_t>;
using BytesArray = std::vector<Bytes>;
using TimeArray = std::vector<absl::Time>;
using Value = std::variant<Null, bool, int64_t, double, std::string, Bytes, absl::Time, TextArray,
                           IntArray, BytesArray, TimeArray>;
using Values = std::vector<Value>;

// One statement with its parameters $1, $2, ...; prepared once per connection by its text, so the
// text is a literal and never holds a value.
struct Statement {
  std::string sql;
  Values values;
};

// Rows of an answer; cheap to copy. Reading a column as another type than it has, or out of range,
// aborts: that is a bug of the caller. A NULL read as a value is the type's empty value; ask IsNull
// first.
class Result {
 public:
  Result() = default;
  int rows() const;
  // Rows that an INSERT, UPDATE or DELETE touched.
  int64_t affected() const;
  bool IsNull(int row, int column) const;
  bool Bool(int row, int column) const;
  int64_t Int(int row, int column) const;  // int2, int4, int8, xid8
  double Double(int row, int column) const;
  std::string Text(int row, int column) const;  // text, varchar, name, bytea
  absl::Time Time(int row, int column) const;   // timestamptz
  TextArray Array(int row, int column) const;   // text[]

 private:
  friend class Connection;
  explicit Result(PGresult* result);
  std::shared_ptr<PGresult> result_;
};

// Maps an SQLSTATE to a code: 40001 and 40P01 ABORTED, class 08, 57P0x and 53300 UNAVAILABLE,
// other 53 RESOURCE_EXHAUSTED, 57014 DEADLINE_EXCEEDED, 23505 ALREADY_EXISTS, other 23
// FAILED_PRECONDITION, 42501 PERMISSION_DENIED, 22021 (a text that is not UTF-8, or holds a NUL)
// INVALID_ARGUMENT, everything else INTERNAL.
// The message ends with the SQLSTATE; of class 22 (bad values) nothing else is kept, since the
// server quotes the value there. Never retryable by accident: see IsRetryable.
absl::Status StatusFromSqlState(absl::string_view sqlstate, absl::string_view primary_message,
                                absl::string_view constraint);

// The constraint that a status of this library is about ("fact_agency_request_key"), or "".
std::string ConstraintOf(const absl::Status& status);

// "name" as an SQL identifier, quoted.
std::string QuoteName(absl::string_view name);

class Connection {
 public:
  // UNAVAILABLE when the server cannot be reached. `conninfo` as libpq has it.
  static absl::StatusOr<std::unique_ptr<Connection>> Open(const std::string& conninfo);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  absl::StatusOr<Result> Query(const Statement& statement);
  absl::StatusOr<Result> Query(std::string sql, Values values = {}) {
    return Query(Statement{std::move(sql), std::move(values)});
  }

  // Several statements without parameters, as in a migration file.
  absl::Status Script(const std::string& sql);

  // Sends all statements in one round trip (pipeline mode) and returns their results in order. On
  // an error the rest are not executed, and the error names the statement's index. Outside of
  // Begin and Commit the whole pipeline is one transaction.
  absl::StatusOr<std::vector<Result>> Pipeline(const std::vector<Statement>& statements);

  absl::Status Begin();
  // OK only if the server answered COMMIT: a transaction that an error had already doomed is
  // rolled back by the server on COMMIT, and that is ABORTED here. A connection lost while
  // waiting for the answer is UNKNOWN: it may have been committed.
  absl::Status Commit();
  // Never fails in a way that matters: a broken connection rolls back by itself.
  void Rollback();

  // False once the connection is lost; the pool then throws it away.
  bool alive() const;

  // The SCRAM verifier for ALTER ROLE .. PASSWORD, so that no password travels in SQL.
  absl::StatusOr<std::string> EncryptPassword(const std::string& role, const std::string& password);

 private:
  // One prepared form of a text: the same text is prepared again where a parameter that was Null
  // so far gets a type.
  struct Prepared {
    std::string name;
    std::vector<unsigned int> types;  // 0: only Null was seen here
  };
  struct Parameters;

  explicit Connection(PGconn* conn);
  const Prepared* Find(const std::string& sql, const std::vector<unsigned int>& types) const;
  // Names a new form; it is not in `prepared_` before the server has taken it.
  Prepared NewPrepared(const std::string& sql, std::vector<unsigned int> types);
  absl::Status Flush();
  absl::Status SendPipeline(const std::vector<Statement>& statements);
  absl::Status ReadPipeline(std::vector<Result>* results);
  absl::Status ErrorOf(const PGresult* result);
  absl::Status Lost();

  struct Sent {
    size_t statement;
    std::string prepared_sql;  // empty: an execution
    Prepared prepared;
  };

  PGconn* const conn_;
  int64_t next_name_ = 1;
  // The server no longer knows what we prepared, or its tables changed under it.
  bool stale_ = false;
  absl::flat_hash_map<std::string, std::vector<Prepared>> prepared_;
  std::vector<Sent> sent_;
};

// Runs body(connection) in a transaction: commits when it returns OK, else rolls back and returns
// its status. The body runs once; whoever calls decides about again (IsRetryable).
template <typename Body>
absl::Status Transact(Connection& connection, Body&& body) {
  if (absl::Status begun = connection.Begin(); !begun.ok()) return begun;
  if (absl::Status done = body(connection); !done.ok()) {
    connection.Rollback();
    return done;
  }
  return connection.Commit();
}

}  // namespace fosterwatch::pg
