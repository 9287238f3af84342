#include "libs/ledger/parked.h"

#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

#include "libs/ledger/id.h"
#include "libs/status/error.h"
#include "libs/status/status_macros.h"

namespace fosterwatch::ledger {
namespace {

// How sealed headers are written.
constexpr int64_t kLines = 1;
constexpr int64_t kNetstrings = 2;

constexpr char kRowColumns[] =
    "p.parked_id, p.agency_id, p.consumer, p.topic, p.partition, p.\"offset\", p.record_key,"
    " p.sequence_key, p.sequence, p.reason_code, p.field, p.layout, p.headers, p.sealed_value,"
    " p.parked_at";
constexpr char kIsOpen[] =
    " NOT EXISTS (SELECT 1 FROM ledger.parked_outcome o WHERE o.parked_id = p.parked_id"
    " AND o.outcome <> 'FAILED')";

std::string PackHeaders(const bus::Headers& headers) {
  std::string packed;
  for (const auto& [name, value] : headers) {
    absl::StrAppend(&packed, name.size(), ":", name, value.size(), ":", value);
  }
  return packed;
}

absl::StatusOr<bus::Headers> UnpackHeaders(absl::string_view packed, int64_t layout) {
  bus::Headers headers;
  if (layout == kLines) {
    for (absl::string_view line : absl::StrSplit(packed, '\n', absl::SkipEmpty())) {
      const std::pair<std::string, std::string> header =
          absl::StrSplit(line, absl::MaxSplits(": ", 1));
      headers.push_back(header);
    }
    return headers;
  }
  const auto take = [&packed]() -> absl::StatusOr<std::string> {
    const size_t colon = packed.find(':');
    size_t size = 0;
    if (colon == absl::string_view::npos || !absl::SimpleAtoi(packed.substr(0, colon), &size) ||
        size > packed.size() - colon - 1) {
      return absl::DataLossError("the headers of a parked record cannot be read");
    }
    std::string text(packed.substr(colon + 1, size));
    packed.remove_prefix(colon + 1 + size);
    return text;
  };
  while (!packed.empty()) {
    ASSIGN_OR_RETURN(std::string name, take());
    ASSIGN_OR_RETURN(std::string value, take());
    headers.emplace_back(std::move(name), std::move(value));
  }
  return headers;
}

ParkedRow RowAt(const pg::Result& rows, int row) {
  ParkedRow parked;
  parked.parked_id = rows.Text(row, 0);
  parked.agency_id = rows.Text(row, 1);
  parked.consumer = rows.Text(row, 2);
  parked.record.topic = rows.Text(row, 3);
  parked.record.partition = static_cast<int32_t>(rows.Int(row, 4));
  parked.record.offset = rows.Int(row, 5);
  parked.record.key = rows.Text(row, 6);
  parked.sequence_key = rows.Text(row, 7);
  parked.sequence = rows.Int(row, 8);
  parked.reason_code = rows.Text(row, 9);
  parked.field = rows.Text(row, 10);
  parked.record.time = rows.Time(row, 14);
  return parked;
}

}  // namespace

bool IsAway(const absl::Status& status) {
  switch (status.code()) {
    case absl::StatusCode::kUnavailable:
    case absl::StatusCode::kResourceExhausted:
    case absl::StatusCode::kDeadlineExceeded:
    case absl::StatusCode::kAborted:
    case absl::StatusCode::kCancelled:
    case absl::StatusCode::kUnauthenticated:
      return true;
    case absl::StatusCode::kPermissionDenied:
      return ReasonOf(status).empty();
    default:
      return false;
  }
}

std::string ParkedId(const std::string& consumer, const bus::Record& record) {
  return DerivedId(
      absl::StrCat(consumer, "/", record.topic, "/", record.partition, "/", record.offset));
}

privacy::Subject SubjectOf(const ParkedRow& row) {
  return {row.agency_id, absl::StrCat("parked:", row.parked_id)};
}

absl::StatusOr<pg::Statement> InsertParked(const ParkedRow& row, privacy::Sealer& sealer,
                                           absl::Time now) {
  const privacy::Subject subject = SubjectOf(row);
  ASSIGN_OR_RETURN(std::string value, sealer.Seal(subject, row.parked_id, row.record.value));
  ASSIGN_OR_RETURN(std::string headers,
                   sealer.Seal(subject, "headers", PackHeaders(row.record.headers)));
  return pg::Statement{
      "INSERT INTO ledger.parked (parked_id, agency_id, consumer, topic, partition, \"offset\","
      " record_key, headers, sealed_value, reason_code, field, parked_at, sequence_key, sequence,"
      " layout) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)"
      " ON CONFLICT (parked_id) DO NOTHING RETURNING parked_id",
      {row.parked_id, row.agency_id, row.consumer, row.record.topic, int64_t{row.record.partition},
       row.record.offset, pg::Bytes{row.record.key}, pg::Bytes{std::move(headers)},
       pg::Bytes{std::move(value)}, row.reason_code, row.field, now, row.sequence_key, row.sequence,
       kNetstrings}};
}

absl::StatusOr<FoundRow> ReadRow(pg::Connection& relay, const std::string& agency_id,
                                 const std::string& parked_id) {
  ASSIGN_OR_RETURN(
      const pg::Result rows,
      relay.Query(absl::StrCat("SELECT ", kRowColumns, ",", kIsOpen,
                               " FROM ledger.parked p WHERE parked_id = $1 AND agency_id = $2"),
                  {parked_id, agency_id}));
  if (rows.rows() == 0) {
    return Error(absl::StatusCode::kNotFound, "UNKNOWN_RECORD",
                 "there is no such parked record in this agency");
  }
  return FoundRow{RowAt(rows, 0), !rows.Bool(0, 15)};
}

absl::StatusOr<std::vector<ParkedRow>> ReadOpen(pg::Connection& relay, privacy::Sealer& sealer,
                                                const ParkedRow& row, int most) {
  const bool alone = row.sequence_key.empty();
  std::vector<ParkedRow> open;
  RETURN_IF_ERROR(pg::Transact(relay, [&](pg::Connection& tx) -> absl::Status {
    pg::Statement select =
        alone
            ? pg::Statement{absl::StrCat("SELECT ", kRowColumns,
                                         " FROM ledger.parked p WHERE parked_id = $1 AND", kIsOpen),
                            {row.parked_id}}
            : pg::Statement{absl::StrCat("SELECT ", kRowColumns,
                                         " FROM ledger.parked p WHERE consumer = $1 AND topic = $2"
                                         " AND sequence_key = $3 AND sequence_key <> '' AND",
                                         kIsOpen, " ORDER BY sequence, \"offset\" LIMIT $4"),
                            {row.consumer, row.record.topic, row.sequence_key, int64_t{most}}};
    ASSIGN_OR_RETURN(const pg::Result rows, tx.Query(select));
    std::vector<privacy::Subject> subjects;
    for (int i = 0; i < rows.rows(); ++i) {
      open.push_back(RowAt(rows, i));
      subjects.push_back(SubjectOf(open.back()));
    }
    if (open.empty()) return absl::OkStatus();
    RETURN_IF_ERROR(sealer.Prepare(tx, subjects, /*create=*/false));
    for (size_t i = 0; i < open.size(); ++i) {
      const int at = static_cast<int>(i);
      ASSIGN_OR_RETURN(const std::string headers,
                       sealer.Open(subjects[i], "headers", rows.Text(at, 12)));
      ASSIGN_OR_RETURN(open[i].record.headers, UnpackHeaders(headers, rows.Int(at, 11)));
      ASSIGN_OR_RETURN(open[i].record.value,
                       sealer.Open(subjects[i], open[i].parked_id, rows.Text(at, 13)));
    }
    return absl::OkStatus();
  }));
  return open;
}

absl::StatusOr<std::optional<ParkedRow>> FirstOpen(pg::Connection& relay,
                                                   const std::string& consumer,
                                                   const std::string& topic,
                                                   const std::string& sequence_key) {
  ASSIGN_OR_RETURN(const pg::Result rows,
                   relay.Query(absl::StrCat("SELECT ", kRowColumns,
                                            " FROM ledger.parked p WHERE consumer = $1"
                                            " AND topic = $2 AND sequence_key = $3 AND"
                                            " sequence_key <> '' AND",
                                            kIsOpen, " ORDER BY sequence, \"offset\" LIMIT 1"),
                               {consumer, topic, sequence_key}));
  if (rows.rows() == 0) return std::nullopt;
  return RowAt(rows, 0);
}

absl::StatusOr<int> CountOpen(pg::Connection& relay, const ParkedRow& row) {
  ASSIGN_OR_RETURN(const pg::Result rows,
                   relay.Query(absl::StrCat("SELECT count(*) FROM ledger.parked p"
                                            " WHERE consumer = $1 AND topic = $2"
                                            " AND sequence_key = $3 AND sequence_key <> '' AND",
                                            kIsOpen),
                               {row.consumer, row.record.topic, row.sequence_key}));
  return static_cast<int>(rows.Int(0, 0));
}

Statements Conclude(const ParkedRow& row, const ParkedOutcome& outcome,
                    const std::string& agency_id, absl::Time now) {
  Statements statements;
  if (agency_id != row.agency_id) {
    statements.push_back(
        {"SELECT set_config('fosterwatch.agencies',"
         " current_setting('fosterwatch.agencies') || ',' || $1, true)",
         {row.agency_id}});
  }
  pg::Value sealed = pg::Null{};
  if (outcome.sealed_reason) sealed = pg::Bytes{*outcome.sealed_reason};
  statements.push_back(
      {"INSERT INTO ledger.parked_outcome (parked_id, agency_id, outcome,"
       " person_id, reason_code, sealed_reason, at)"
       " VALUES ($1, $2, $3, $4, $5, $6::bytea, $7)",
       {row.parked_id, row.agency_id, outcome.outcome, outcome.person_id, outcome.reason_code,
        std::move(sealed), now}});
  if (outcome.outcome == "FAILED" || row.sequence_key.empty()) return statements;
  const pg::Values key = {row.consumer, row.record.topic, row.sequence_key};
  statements.push_back(
      {"SELECT 1 FROM ledger.blocked_key WHERE consumer = $1 AND topic = $2"
       " AND sequence_key = $3 FOR UPDATE",
       key});
  // A statement of its own, so that it sees what was parked while it waited for the lock.
  statements.push_back(
      {absl::StrCat("DELETE FROM ledger.blocked_key WHERE consumer = $1 AND topic = $2"
                    " AND sequence_key = $3 AND NOT EXISTS (SELECT 1 FROM ledger.parked p"
                    " WHERE consumer = $1 AND topic = $2 AND p.sequence_key = $3"
                    " AND p.sequence_key <> '' AND",
                    kIsOpen, ")"),
       key});
  return statements;
}

absl::StatusOr<absl::flat_hash_map<std::string, int64_t>> BlockedKeys(
    Ledger& ledger, const std::string& consumer, const std::string& topic,
    const std::vector<std::string>& sequence_keys) {
  ASSIGN_OR_RETURN(
      const auto results,
      ledger.Read(kNoAgency, {{"SELECT sequence_key, coalesce(missing_version, 0)"
                               " FROM ledger.blocked_key WHERE consumer = $1 AND topic = $2"
                               " AND sequence_key = ANY ($3)",
                               {consumer, topic, pg::TextArray(sequence_keys)}}}));
  absl::flat_hash_map<std::string, int64_t> blocked;
  for (int row = 0; row < results[0].rows(); ++row) {
    blocked[results[0].Text(row, 0)] = results[0].Int(row, 1);
  }
  return blocked;
}

pg::Statement BlockKey(const std::string& consumer, const std::string& topic,
                       const std::string& sequence_key, int64_t missing, absl::Time now) {
  return {
      "INSERT INTO ledger.blocked_key VALUES ($1, $2, $3, nullif($4::bigint, 0), $5)"
      " ON CONFLICT (consumer, topic, sequence_key) DO UPDATE SET"
      " missing_version = CASE WHEN excluded.missing_version IS NULL THEN NULL"
      " ELSE blocked_key.missing_version END",
      {consumer, topic, sequence_key, missing, now}};
}

absl::StatusOr<std::unique_ptr<KeyLock>> KeyLock::Take(const std::string& conninfo,
                                                       const ParkedRow& row) {
  ASSIGN_OR_RETURN(std::unique_ptr<pg::Connection> connection, pg::Connection::Open(conninfo));
  const std::string what =
      row.sequence_key.empty()
          ? row.parked_id
          : absl::StrCat(row.consumer, "\n", row.record.topic, "\n", row.sequence_key);
  ASSIGN_OR_RETURN(
      const pg::Result taken,
      connection->Query("SELECT pg_try_advisory_lock(hashtextextended($1, 7391))", {what}));
  if (!taken.Bool(0, 0)) {
    return Error(absl::StatusCode::kFailedPrecondition, "RETRY_UNDER_WAY",
                 "somebody is retrying or discarding records of this key at this moment");
  }
  return std::unique_ptr<KeyLock>(new KeyLock(std::move(connection)));
}

}  // namespace fosterwatch::ledger
