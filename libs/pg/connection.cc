#include "libs/pg/connection.h"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <utility>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/ascii.h"
#include "absl/strings/cord.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include <endian.h>
#include <libpq-fe.h>
#include <poll.h>

#include "libs/pg/conninfo.h"
#include "libs/testing/crash_point.h"

namespace fosterwatch::pg {
namespace {

// From the server's pg_type.dat; these numbers never change.
constexpr Oid kBool = 16, kBytea = 17, kName = 19, kInt8 = 20, kInt2 = 21, kInt4 = 23, kText = 25,
              kFloat4 = 700, kFloat8 = 701, kByteaArray = 1001, kTextArray = 1009,
              kInt8Array = 1016, kTimestamptzArray = 1185, kBpchar = 1042, kVarchar = 1043,
              kTimestamptz = 1184, kXid8 = 5069, kVoid = 2278;

constexpr char kConstraintPayload[] = "fosterwatch.pg/constraint";

// PostgreSQL counts microseconds from here.
absl::Time Epoch() { return absl::FromUnixSeconds(946684800); }

struct FreeResult {
  void operator()(PGresult* result) const { PQclear(result); }
};
using ResultPtr = std::unique_ptr<PGresult, FreeResult>;

[[noreturn]] void Misuse(const char* what, int row, int column, Oid type) {
  std::fprintf(stderr, "pg: reading %s from row %d column %d of type %u\n", what, row, column,
               type);
  std::abort();
}

std::string Big64(uint64_t bits) {
  bits = htobe64(bits);
  return std::string(reinterpret_cast<const char*>(&bits), sizeof(bits));
}

uint64_t FromBig64(const char* data) {
  uint64_t bits;
  std::memcpy(&bits, data, sizeof(bits));
  return be64toh(bits);
}

uint32_t FromBig32(const char* data) {
  uint32_t bits;
  std::memcpy(&bits, data, sizeof(bits));
  return be32toh(bits);
}

uint16_t FromBig16(const char* data) {
  uint16_t bits;
  std::memcpy(&bits, data, sizeof(bits));
  return be16toh(bits);
}

int64_t Microseconds(absl::Time time) {
  if (time == absl::InfiniteFuture()) return std::numeric_limits<int64_t>::max();
  if (time == absl::InfinitePast()) return std::numeric_limits<int64_t>::min();
  return absl::ToInt64Microseconds(time - Epoch());
}

void AppendBig32(uint32_t bits, std::string* out) {
  bits = htobe32(bits);
  out->append(reinterpret_cast<const char*>(&bits), sizeof(bits));
}

void AppendElement(const std::string& element, std::string* out) {
  AppendBig32(static_cast<uint32_t>(element.size()), out);
  out->append(element);
}
void AppendElement(const Bytes& element, std::string* out) { AppendElement(element.data, out); }
void AppendElement(int64_t element, std::string* out) {
  const uint64_t bits = htobe64(static_cast<uint64_t>(element));
  AppendBig32(sizeof(bits), out);
  out->append(reinterpret_cast<const char*>(&bits), sizeof(bits));
}
void AppendElement(absl::Time element, std::string* out) {
  AppendElement(Microseconds(element), out);
}

// One dimension, no NULLs: count of dimensions, has-nulls flag, element type, length, lower bound,
// then each element with its length.
template <typename Array>
std::string EncodeArray(const Array& array, Oid element_type) {
  std::string out;
  AppendBig32(array.empty() ? 0 : 1, &out);
  AppendBig32(0, &out);
  AppendBig32(element_type, &out);
  if (array.empty()) return out;
  AppendBig32(static_cast<uint32_t>(array.size()), &out);
  AppendBig32(1, &out);
  for (const auto& element : array) AppendElement(element, &out);
  return out;
}

const char* OrEmpty(const char* text) { return text == nullptr ? "" : text; }

}  // namespace

absl::Status StatusFromSqlState(absl::string_view sqlstate, absl::string_view primary_message,
                                absl::string_view constraint) {
  const absl::string_view sql_class = sqlstate.substr(0, 2);
  absl::StatusCode code = absl::StatusCode::kInternal;
  if (sqlstate == "40001" || sqlstate == "40P01") {
    code = absl::StatusCode::kAborted;
  } else if (sql_class == "08" || absl::StartsWith(sqlstate, "57P0") || sqlstate == "53300") {
    code = absl::StatusCode::kUnavailable;
  } else if (sql_class == "53") {
    code = absl::StatusCode::kResourceExhausted;
  } else if (sqlstate == "57014") {
    code = absl::StatusCode::kDeadlineExceeded;
  } else if (sqlstate == "23505") {
    code = absl::StatusCode::kAlreadyExists;
  } else if (sql_class == "23") {
    code = absl::StatusCode::kFailedPrecondition;
  } else if (sqlstate == "22021") {
    code = absl::StatusCode::kInvalidArgument;
  } else if (sqlstate == "42501") {
    code = absl::StatusCode::kPermissionDenied;
  }
  if (sql_class == "22") primary_message = "a value is not what its column or function takes";
  absl::Status status(code, absl::StrCat(primary_message, " (SQLSTATE ", sqlstate, ")"));
  if (!constraint.empty()) status.SetPayload(kConstraintPayload, absl::Cord(constraint));
  return status;
}

std::string ConstraintOf(const absl::Status& status) {
  const auto payload = status.GetPayload(kConstraintPayload);
  return payload ? std::string(*payload) : "";
}

std::string QuoteName(absl::string_view name) {
  return absl::StrCat("\"", absl::StrReplaceAll(name, {{"\"", "\"\""}}), "\"");
}

// ---- Result ----

Result::Result(PGresult* result) : result_(result, PQclear) {}

int Result::rows() const { return result_ ? PQntuples(result_.get()) : 0; }

int64_t Result::affected() const {
  return result_ ? std::strtoll(PQcmdTuples(result_.get()), nullptr, 10) : 0;
}

namespace {

struct Cell {
  const char* data;
  int size;
  Oid type;
  bool is_null;
};

Cell At(PGresult* result, int row, int column, const char* what,
        std::initializer_list<Oid> allowed) {
  if (result == nullptr || row < 0 || row >= PQntuples(result) || column < 0 ||
      column >= PQnfields(result)) {
    Misuse(what, row, column, 0);
  }
  const Oid type = PQftype(result, column);
  if (allowed.size() > 0 && std::find(allowed.begin(), allowed.end(), type) == allowed.end()) {
    Misuse(what, row, column, type);
  }
  return {PQgetvalue(result, row, column), PQgetlength(result, row, column), type,
          PQgetisnull(result, row, column) == 1};
}

}  // namespace

bool Result::IsNull(int row, int column) const {
  return At(result_.get(), row, column, "a null", {}).is_null;
}

bool Result::Bool(int row, int column) const {
  const Cell cell = At(result_.get(), row, column, "a bool", {kBool});
  return !cell.is_null && cell.data[0] != 0;
}

int64_t Result::Int(int row, int column) const {
  const Cell cell = At(result_.get(), row, column, "an int", {kInt8, kInt4, kInt2, kXid8});
  if (cell.is_null) return 0;
  if (cell.type == kInt4) return static_cast<int32_t>(FromBig32(cell.data));
  if (cell.type == kInt2) return static_cast<int16_t>(FromBig16(cell.data));
  return static_cast<int64_t>(FromBig64(cell.data));
}

double Result::Double(int row, int column) const {
  const Cell cell = At(result_.get(), row, column, "a double", {kFloat8, kFloat4});
  if (cell.is_null) return 0;
  if (cell.type == kFloat4) {
    const uint32_t bits = FromBig32(cell.data);
    float value;
    std::memcpy(&value, &bits, sizeof(value));
    return value;
  }
  const uint64_t bits = FromBig64(cell.data);
  double value;
  std::memcpy(&value, &bits, sizeof(value));
  return value;
}

std::string Result::Text(int row, int column) const {
  // A void comes from functions called for their effect, as pg_advisory_lock.
  const Cell cell =
      At(result_.get(), row, column, "a text", {kText, kVarchar, kBpchar, kName, kBytea, kVoid});
  return cell.is_null ? std::string() : std::string(cell.data, cell.size);
}

absl::Time Result::Time(int row, int column) const {
  const Cell cell = At(result_.get(), row, column, "a time", {kTimestamptz});
  if (cell.is_null) return absl::UnixEpoch();
  const auto micros = static_cast<int64_t>(FromBig64(cell.data));
  if (micros == std::numeric_limits<int64_t>::max()) return absl::InfiniteFuture();
  if (micros == std::numeric_limits<int64_t>::min()) return absl::InfinitePast();
  return Epoch() + absl::Microseconds(micros);
}

TextArray Result::Array(int row, int column) const {
  const Cell cell = At(result_.get(), row, column, "a text[]", {kTextArray});
  TextArray array;
  if (cell.is_null) return array;
  const uint32_t dimensions = FromBig32(cell.data);
  if (dimensions == 0) return array;
  if (dimensions != 1) Misuse("a flat text[]", row, column, cell.type);
  const uint32_t count = FromBig32(cell.data + 12);
  const char* at = cell.data + 20;
  array.reserve(count);
  for (uint32_t i = 0; i < count; ++i) {
    const auto size = static_cast<int32_t>(FromBig32(at));
    at += 4;
    if (size < 0) {
      array.emplace_back();  // a NULL element reads as the empty text
      continue;
    }
    array.emplace_back(at, size);
    at += size;
  }
  return array;
}

// ---- Parameters ----

// What libpq wants, pointing into the statement's values where it can.
struct Connection::Parameters {
  explicit Parameters(const Values& from) {
    values.reserve(from.size());
    encoded.reserve(from.size());  // its elements are pointed at
    for (const Value& value : from) std::visit([this](const auto& v) { Add(v); }, value);
    formats.assign(from.size(), 1);
  }

  void Add(const Null&) { Push(0, nullptr, 0); }
  void Add(bool v) { Own(kBool, std::string(1, v ? 1 : 0)); }
  void Add(int64_t v) { Own(kInt8, Big64(static_cast<uint64_t>(v))); }
  void Add(double v) {
    uint64_t bits;
    std::memcpy(&bits, &v, sizeof(bits));
    Own(kFloat8, Big64(bits));
  }
  void Add(const std::string& v) { Push(kText, v.data(), v.size()); }
  void Add(const Bytes& v) { Push(kBytea, v.data.data(), v.data.size()); }
  void Add(absl::Time v) { Own(kTimestamptz, Big64(static_cast<uint64_t>(Microseconds(v)))); }
  void Add(const TextArray& v) { Own(kTextArray, EncodeArray(v, kText)); }
  void Add(const IntArray& v) { Own(kInt8Array, EncodeArray(v, kInt8)); }
  void Add(const BytesArray& v) { Own(kByteaArray, EncodeArray(v, kBytea)); }
  void Add(const TimeArray& v) { Own(kTimestamptzArray, EncodeArray(v, kTimestamptz)); }

  void Own(Oid type, std::string data) {
    encoded.push_back(std::move(data));
    Push(type, encoded.back().data(), encoded.back().size());
  }
  void Push(Oid type, const char* data, size_t size) {
    types.push_back(type);
    values.push_back(data);
    lengths.push_back(static_cast<int>(size));
  }

  int count() const { return static_cast<int>(values.size()); }

  std::vector<Oid> types;
  std::vector<const char*> values;
  std::vector<int> lengths;
  std::vector<int> formats;
  std::vector<std::string> encoded;
};

// ---- Connection ----

absl::StatusOr<std::unique_ptr<Connection>> Connection::Open(const std::string& conninfo) {
  // A parse error would quote the string, which may hold a password.
  PQconninfoOption* parsed = PQconninfoParse(conninfo.c_str(), nullptr);
  if (parsed == nullptr) {
    return absl::InvalidArgumentError("the connection string of the database is malformed");
  }
  PQconninfoFree(parsed);

  // What stands before dbname is a default that the connection string may override.
  const char* const keywords[] = {"connect_timeout",  "fallback_application_name",
                                  "tcp_user_timeout", "dbname",
                                  "client_encoding",  nullptr};
  const char* const values[] = {"5", "fosterwatch", "30000", conninfo.c_str(), "UTF8", nullptr};
  std::unique_ptr<Connection> connection(
      new Connection(PQconnectdbParams(keywords, values, /*expand_dbname=*/1)));
  if (connection->conn_ == nullptr) return absl::ResourceExhaustedError("out of memory");
  if (PQstatus(connection->conn_) != CONNECTION_OK) {
    return WhyNotMade(connection->conn_);
  }
  // Notices may quote values, and would go to standard error.
  PQsetNoticeProcessor(
      connection->conn_, [](void*, const char*) {}, nullptr);
  if (absl::Status set = connection->Script("SET TimeZone = 'UTC'"); !set.ok()) return set;
  return connection;
}

Connection::Connection(PGconn* conn) : conn_(conn) {}

Connection::~Connection() { PQfinish(conn_); }

absl::Status Connection::Lost() {
  return absl::UnavailableError("the connection to the database was lost");
}

absl::Status Connection::ErrorOf(const PGresult* result) {
  const char* sqlstate = result == nullptr ? nullptr : PQresultErrorField(result, PG_DIAG_SQLSTATE);
  if (sqlstate == nullptr) {
    if (PQstatus(conn_) != CONNECTION_OK) return Lost();
    // libpq itself refused, before anything was sent: too many parameters, out of memory.
    return absl::InternalError(absl::StrCat("the database client refused the call: ",
                                            absl::StripAsciiWhitespace(PQerrorMessage(conn_))));
  }
  // 26000: no such prepared statement; 0A000: "cached plan must not change result type".
  if (absl::string_view(sqlstate) == "26000" || absl::string_view(sqlstate) == "0A000") {
    stale_ = true;
  }
  return StatusFromSqlState(sqlstate, OrEmpty(PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY)),
                            OrEmpty(PQresultErrorField(result, PG_DIAG_CONSTRAINT_NAME)));
}

const Connection::Prepared* Connection::Find(const std::string& sql,
                                             const std::vector<Oid>& types) const {
  const auto found = prepared_.find(sql);
  if (found == prepared_.end()) return nullptr;
  // The newest form knows most types.
  for (auto form = found->second.rbegin(); form != found->second.rend(); ++form) {
    if (std::equal(types.begin(), types.end(), form->types.begin(), form->types.end(),
                   [](Oid wanted, Oid prepared) { return wanted == 0 || wanted == prepared; })) {
      return &*form;
    }
  }
  return nullptr;
}

Connection::Prepared Connection::NewPrepared(const std::string& sql, std::vector<Oid> types) {
  // Types that earlier forms know make the new one fit more calls, so that there are few forms.
  if (const auto found = prepared_.find(sql); found != prepared_.end()) {
    for (const Prepared& form : found->second) {
      for (size_t i = 0; i < std::min(types.size(), form.types.size()); ++i) {
        if (types[i] == 0) types[i] = form.types[i];
      }
    }
  }
  return {absl::StrCat("s", next_name_++), std::move(types)};
}

absl::StatusOr<Result> Connection::Query(const Statement& statement) {
  const Parameters parameters(statement.values);
  const Prepared* prepared = Find(statement.sql, parameters.types);
  if (prepared == nullptr) {
    Prepared form = NewPrepared(statement.sql, parameters.types);
    const ResultPtr made(PQprepare(conn_, form.name.c_str(), statement.sql.c_str(),
                                   parameters.count(), form.types.data()));
    if (PQresultStatus(made.get()) != PGRES_COMMAND_OK) return ErrorOf(made.get());
    std::vector<Prepared>& forms = prepared_[statement.sql];
    forms.push_back(std::move(form));
    prepared = &forms.back();
  }
  ResultPtr result(PQexecPrepared(conn_, prepared->name.c_str(), parameters.count(),
                                  parameters.values.data(), parameters.lengths.data(),
                                  parameters.formats.data(), /*resultFormat=*/1));
  const ExecStatusType status = PQresultStatus(result.get());
  if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK) return ErrorOf(result.get());
  return Result(result.release());
}

absl::Status Connection::Script(const std::string& sql) {
  const ResultPtr result(PQexec(conn_, sql.c_str()));
  const ExecStatusType status = PQresultStatus(result.get());
  if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK && status != PGRES_EMPTY_QUERY) {
    return ErrorOf(result.get());
  }
  return absl::OkStatus();
}

// ---- Pipeline ----

absl::StatusOr<std::vector<Result>> Connection::Pipeline(const std::vector<Statement>& statements) {
  std::vector<Result> results;
  if (statements.empty()) return results;
  if (PQstatus(conn_) != CONNECTION_OK) return Lost();
  if (PQenterPipelineMode(conn_) != 1) return ErrorOf(nullptr);
  // Not blocking: both socket buffers may fill while each side waits for the other to read.
  PQsetnonblocking(conn_, 1);
  const auto leave = absl::MakeCleanup([this] {
    sent_.clear();
    if (PQstatus(conn_) != CONNECTION_OK) return;
    PQsetnonblocking(conn_, 0);
    if (PQexitPipelineMode(conn_) != 1) stale_ = true;
  });
  results.reserve(statements.size());
  if (absl::Status sent = SendPipeline(statements); !sent.ok()) {
    stale_ = true;  // half a pipeline is on its way
    return sent;
  }
  FOSTERWATCH_CRASH_POINT("after_send_before_answer");
  if (absl::Status read = ReadPipeline(&results); !read.ok()) return read;
  return results;
}

absl::Status Connection::SendPipeline(const std::vector<Statement>& statements) {
  for (size_t i = 0; i < statements.size(); ++i) {
    const Statement& statement = statements[i];
    const Parameters parameters(statement.values);
    const Prepared* prepared = Find(statement.sql, parameters.types);
    if (prepared == nullptr) {
      Prepared form = NewPrepared(statement.sql, parameters.types);
      if (PQsendPrepare(conn_, form.name.c_str(), statement.sql.c_str(), parameters.count(),
                        form.types.data()) != 1) {
        return ErrorOf(nullptr);
      }
      sent_.push_back({i, statement.sql, form});
      // Later statements of this pipeline use it; ReadPipeline takes it back if it failed.
      std::vector<Prepared>& forms = prepared_[statement.sql];
      forms.push_back(std::move(form));
      prepared = &forms.back();
    }
    if (PQsendQueryPrepared(conn_, prepared->name.c_str(), parameters.count(),
                            parameters.values.data(), parameters.lengths.data(),
                            parameters.formats.data(), /*resultFormat=*/1) != 1) {
      return ErrorOf(nullptr);
    }
    sent_.push_back({i, "", {}});
  }
  if (PQpipelineSync(conn_) != 1) return ErrorOf(nullptr);
  return Flush();
}

absl::Status Connection::Flush() {
  while (true) {
    const int left = PQflush(conn_);
    if (left == 0) return absl::OkStatus();
    if (left < 0) return ErrorOf(nullptr);
    pollfd fd{PQsocket(conn_), POLLIN | POLLOUT, 0};
    if (poll(&fd, 1, -1) < 0 && errno != EINTR) return Lost();
    if ((fd.revents & (POLLIN | POLLHUP | POLLERR)) != 0 && PQconsumeInput(conn_) != 1) {
      return ErrorOf(nullptr);
    }
  }
}

absl::Status Connection::ReadPipeline(std::vector<Result>* results) {
  absl::Status failed;
  for (const Sent& sent : sent_) {
    ResultPtr result(PQgetResult(conn_));
    const ExecStatusType status = PQresultStatus(result.get());
    const bool good = status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK;
    if (!good) {
      if (!sent.prepared_sql.empty()) {
        std::vector<Prepared>& forms = prepared_[sent.prepared_sql];
        forms.erase(
            std::remove_if(forms.begin(), forms.end(),
                           [&](const Prepared& form) { return form.name == sent.prepared.name; }),
            forms.end());
      }
      if (failed.ok()) {
        const absl::Status error = ErrorOf(result.get());
        failed = absl::Status(error.code(),
                              absl::StrCat("statement ", sent.statement, ": ", error.message()));
        error.ForEachPayload([&](absl::string_view url, const absl::Cord& payload) {
          failed.SetPayload(url, payload);
        });
      }
      if (PQstatus(conn_) != CONNECTION_OK) return failed;
    } else if (sent.prepared_sql.empty()) {
      results->push_back(Result(result.release()));
    }
    // Each statement's results end with a null.
    while (ResultPtr rest{PQgetResult(conn_)}) {
    }
  }
  const ResultPtr sync(PQgetResult(conn_));
  if (PQresultStatus(sync.get()) != PGRES_PIPELINE_SYNC) {
    stale_ = true;
    if (failed.ok()) failed = ErrorOf(sync.get());
  }
  return failed;
}

// ---- Transactions ----

absl::Status Connection::Begin() {
  if (PQtransactionStatus(conn_) == PQTRANS_INTRANS ||
      PQtransactionStatus(conn_) == PQTRANS_INERROR) {
    return absl::InternalError("a transaction is already open on this connection");
  }
  return Script("BEGIN");
}

absl::Status Connection::Commit() {
  switch (PQtransactionStatus(conn_)) {
    case PQTRANS_INTRANS:
    case PQTRANS_INERROR:
      break;
    case PQTRANS_UNKNOWN:
      return Lost();
    default:
      return absl::InternalError("no transaction is open on this connection");
  }
  const ResultPtr result(PQexec(conn_, "COMMIT"));
  if (PQstatus(conn_) != CONNECTION_OK) {
    return absl::UnknownError(
        "the connection to the database was lost while it committed: it may have been committed");
  }
  if (PQresultStatus(result.get()) != PGRES_COMMAND_OK) return ErrorOf(result.get());
  if (absl::string_view(PQcmdStatus(result.get())) != "COMMIT") {
    return absl::AbortedError("the transaction had failed before it was to be committed");
  }
  return absl::OkStatus();
}

void Connection::Rollback() {
  const PGTransactionStatusType status = PQtransactionStatus(conn_);
  if (status != PQTRANS_INTRANS && status != PQTRANS_INERROR) return;
  if (!Script("ROLLBACK").ok()) stale_ = true;
}

bool Connection::alive() const {
  if (stale_) return false;
  // An idle connection has nothing to read, unless the server has said goodbye or changed a
  // setting. Bounded: each round takes what has arrived.
  for (int i = 0; i < 16 && PQstatus(conn_) == CONNECTION_OK; ++i) {
    pollfd fd{PQsocket(conn_), POLLIN, 0};
    if (poll(&fd, 1, 0) <= 0) break;
    if (PQconsumeInput(conn_) != 1) return false;
  }
  return PQstatus(conn_) == CONNECTION_OK;
}

absl::StatusOr<std::string> Connection::EncryptPassword(const std::string& role,
                                                        const std::string& password) {
  char* const verifier =
      PQencryptPasswordConn(conn_, password.c_str(), role.c_str(), "scram-sha-256");
  if (verifier == nullptr) return absl::InternalError("the password could not be encrypted");
  std::string copy(verifier);
  PQfreemem(verifier);
  return copy;
}

}  // namespace fosterwatch::pg
