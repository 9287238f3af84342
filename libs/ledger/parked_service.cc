#include "libs/ledger/parked_service.h"

#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"

#include "libs/ledger/parked.h"
#include "libs/runtime/page_token.h"
#include "libs/status/error.h"
#include "libs/status/status_macros.h"

namespace fosterwatch::ledger {
namespace {

namespace rpc = ::fosterwatch::operations::v1;
using rpc::ParkedRecord;

constexpr char kService[] = "fosterwatch.operations.v1.ParkedService";
constexpr size_t kMaxReason = 2000;
constexpr size_t kMaxKeyShown = 200;

// One row for each parked record of an agency ($1), with what became of it and its place among the
// open ones of its key.
constexpr char kRecords[] = R"sql(
  SELECT p.parked_id, p.consumer, p.topic, p.partition, p."offset", p.sequence_key, p.reason_code,
    p.field, p.parked_at, (extract(epoch FROM p.parked_at) * 1000000)::bigint AS micros,
    c.outcome IS NULL AS open, coalesce(c.outcome, '') AS outcome,
    coalesce(c.person_id, '') AS closed_by, c.at AS closed_at, c.sealed_reason,
    CASE WHEN c.outcome IS NULL AND p.sequence_key <> '' THEN
      row_number() OVER (PARTITION BY p.consumer, p.topic, p.sequence_key, c.outcome IS NULL
                         ORDER BY p.sequence, p."offset") ELSE 1 END AS place,
    CASE WHEN c.outcome IS NULL AND p.sequence_key <> '' THEN
      count(*) OVER (PARTITION BY p.consumer, p.topic, p.sequence_key, c.outcome IS NULL)
      ELSE 1 END AS waiting
  FROM ledger.parked p LEFT JOIN ledger.parked_outcome c
    ON c.parked_id = p.parked_id AND c.outcome <> 'FAILED'
  WHERE p.agency_id = $1)sql";

constexpr char kColumns[] = R"sql(
  SELECT r.parked_id, r.consumer, r.topic, r.partition, r."offset", r.sequence_key, r.reason_code,
    r.field, r.parked_at, r.micros, r.open, r.outcome, r.closed_by, r.closed_at, r.sealed_reason,
    r.waiting - r.place AS behind,
    EXISTS (SELECT 1 FROM ledger.blocked_key b WHERE b.consumer = r.consumer
      AND b.topic = r.topic AND b.sequence_key = r.sequence_key) AS blocked,
    coalesce(a.person_id, ''), a.at, coalesce(a.reason_code, ''), coalesce(a.number, 0)
  FROM records r LEFT JOIN LATERAL (
    SELECT person_id, at, reason_code, count(*) OVER () AS number FROM ledger.parked_outcome o
    WHERE o.parked_id = r.parked_id AND o.outcome = 'FAILED' ORDER BY position DESC LIMIT 1
  ) a ON true)sql";

void SetTime(absl::Time time, google::protobuf::Timestamp* to) {
  const int64_t micros = absl::ToUnixMicros(time);
  to->set_seconds(micros / 1'000'000);
  to->set_nanos(static_cast<int32_t>(micros % 1'000'000) * 1000);
}

ParkedRecord RecordAt(const std::string& service, const pg::Result& rows, int row) {
  ParkedRecord record;
  record.set_parked_id(rows.Text(row, 0));
  record.set_service(service);
  record.set_consumer(rows.Text(row, 1));
  record.set_topic(rows.Text(row, 2));
  record.set_partition(static_cast<int32_t>(rows.Int(row, 3)));
  record.set_offset(rows.Int(row, 4));
  record.set_key(rows.Text(row, 5).substr(0, kMaxKeyShown));
  record.set_reason_code(rows.Text(row, 6));
  record.set_field(rows.Text(row, 7));
  SetTime(rows.Time(row, 8), record.mutable_parked_time());
  const std::string outcome = rows.Text(row, 11);
  record.set_state(rows.Bool(row, 10)   ? ParkedRecord::STATE_OPEN
                   : outcome == "TAKEN" ? ParkedRecord::STATE_TAKEN
                                        : ParkedRecord::STATE_DISCARDED);
  if (!rows.Bool(row, 10)) {
    record.set_closed_by(rows.Text(row, 12));
    SetTime(rows.Time(row, 13), record.mutable_closed_time());
  }
  record.set_behind(static_cast<int32_t>(rows.Int(row, 15)));
  record.set_key_blocked(rows.Bool(row, 16));
  record.set_attempts(static_cast<int32_t>(rows.Int(row, 20)));
  if (record.attempts() > 0) {
    record.mutable_last_attempt()->set_person_id(rows.Text(row, 17));
    SetTime(rows.Time(row, 18), record.mutable_last_attempt()->mutable_time());
    record.mutable_last_attempt()->set_reason_code(rows.Text(row, 19));
  }
  return record;
}

// Whose records the caller asks for.
absl::StatusOr<std::string> AgencyFor(const runtime::Call& call, bool of_no_agency) {
  if (!of_no_agency) return call.agency_id;
  if (call.caller.Has(options::v1::ROLE_SERVICE)) return kNoAgency;
  return Error(absl::StatusCode::kPermissionDenied, "ROLE_NOT_ALLOWED",
               "only operators see records of which nobody knows the agency",
               {{"of_no_agency", "is for operators"}});
}

absl::Status CheckId(const std::string& parked_id) {
  if (parked_id.empty()) return InvalidField("parked_id", "REQUIRED", "is required");
  return absl::OkStatus();
}

}  // namespace

ParkedService::ParkedService(std::string name, Ledger* ledger, privacy::Sealer* sealer,
                             std::string conninfo)
    : name_(std::move(name)), ledger_(ledger), sealer_(sealer), conninfo_(std::move(conninfo)) {}

void ParkedService::Serve(runtime::Door& door) {
  door.Serve(ParkedRecord::descriptor()->file()->pool()->FindServiceByName(kService));
  door.OnFor(name_, kService, "ListParked", this, &ParkedService::ListParked);
  door.OnFor(name_, kService, "GetParked", this, &ParkedService::GetParked);
  door.OnFor(name_, kService, "RetryParked", this, &ParkedService::RetryParked);
  door.OnFor(name_, kService, "DiscardParked", this, &ParkedService::DiscardParked);
}

void ParkedService::Add(Consumer* consumer) { consumers_[consumer->group()] = consumer; }

absl::StatusOr<rpc::ListParkedResponse> ParkedService::ListParked(
    const runtime::Call& call, const rpc::ListParkedRequest& request) {
  ASSIGN_OR_RETURN(const std::string agency, AgencyFor(call, request.of_no_agency()));
  ASSIGN_OR_RETURN(const int size, runtime::PageSize(request.page_size(), 50, 200));
  ASSIGN_OR_RETURN(const std::string after, runtime::ReadPageToken(request));
  // Open ones first, then by time, then by id.
  int64_t open = 2, micros = 0;
  std::string id;
  if (!after.empty()) {
    const std::vector<std::string> last = absl::StrSplit(after, absl::MaxSplits('|', 2));
    if (last.size() != 3 || !absl::SimpleAtoi(last[0], &open) ||
        !absl::SimpleAtoi(last[1], &micros)) {
      return InvalidField("page_token", "UNKNOWN_PAGE", "is none of ours");
    }
    id = last[2];
  }
  const std::string wanted = request.state() == ParkedRecord::STATE_OPEN        ? ""
                             : request.state() == ParkedRecord::STATE_TAKEN     ? "TAKEN"
                             : request.state() == ParkedRecord::STATE_DISCARDED ? "DISCARDED"
                                                                                : "*";
  ASSIGN_OR_RETURN(
      const std::vector<pg::Result> results,
      ledger_->Read(
          agency,
          {{absl::StrCat("WITH records AS (", kRecords, ")", kColumns,
                         " WHERE ($2 = '*' OR r.outcome = $2)"
                         " AND CASE WHEN r.open THEN r.place = 1"
                         " ELSE r.reason_code <> 'BEHIND_PARKED' OR r.outcome = 'DISCARDED' END"
                         " AND (r.open::int::bigint, r.micros, r.parked_id) < ($3, $4, $5)"
                         " ORDER BY r.open DESC, r.micros DESC, r.parked_id DESC LIMIT $6"),
            {agency, wanted, open, micros, id, int64_t{size} + 1}},
           {"SELECT count(*) FROM ledger.parked p WHERE agency_id = $1 AND NOT EXISTS"
            " (SELECT 1 FROM ledger.parked_outcome o WHERE o.parked_id = p.parked_id"
            " AND o.outcome <> 'FAILED')",
            {agency}}}));
  const pg::Result& rows = results[0];
  rpc::ListParkedResponse response;
  response.set_open_count(static_cast<int32_t>(results[1].Int(0, 0)));
  for (int row = 0; row < rows.rows() && row < size; ++row) {
    *response.add_records() = RecordAt(name_, rows, row);
  }
  if (rows.rows() > size) {
    response.set_next_page_token(runtime::MakePageToken(
        request, absl::StrCat(rows.Bool(size - 1, 10) ? 1 : 0, "|", rows.Int(size - 1, 9), "|",
                              rows.Text(size - 1, 0))));
  }
  return response;
}

absl::StatusOr<ParkedRecord> ParkedService::Read(const std::string& agency_id,
                                                 const std::string& parked_id) {
  ASSIGN_OR_RETURN(const std::vector<pg::Result> results,
                   ledger_->Read(agency_id, {{absl::StrCat("WITH records AS (", kRecords, ")",
                                                           kColumns, " WHERE r.parked_id = $2"),
                                              {agency_id, parked_id}}}));
  const pg::Result& rows = results[0];
  if (rows.rows() == 0) {
    return Error(absl::StatusCode::kNotFound, "UNKNOWN_RECORD",
                 "there is no such parked record in this agency");
  }
  ParkedRecord record = RecordAt(name_, rows, 0);
  if (rows.IsNull(0, 14)) return record;
  ParkedRow row;
  row.agency_id = agency_id;
  row.parked_id = parked_id;
  ASSIGN_OR_RETURN(const auto connection, pg::Connection::Open(conninfo_));
  RETURN_IF_ERROR(pg::Transact(*connection, [&](pg::Connection& tx) -> absl::Status {
    RETURN_IF_ERROR(
        tx.Query("SELECT set_config('fosterwatch.agencies', $1, true)", {agency_id}).status());
    RETURN_IF_ERROR(sealer_->Prepare(tx, {SubjectOf(row)}, /*create=*/false));
    auto reason = sealer_->Open(SubjectOf(row), "reason", rows.Text(0, 14));
    if (reason.ok()) record.set_discard_reason(*std::move(reason));
    return absl::IsNotFound(reason.status()) ? absl::OkStatus() : reason.status();
  }));
  return record;
}

absl::StatusOr<ParkedRecord> ParkedService::GetParked(const runtime::Call& call,
                                                      const rpc::GetParkedRequest& request) {
  ASSIGN_OR_RETURN(const std::string agency, AgencyFor(call, request.of_no_agency()));
  RETURN_IF_ERROR(CheckId(request.parked_id()));
  return Read(agency, request.parked_id());
}

absl::StatusOr<rpc::RetryParkedResponse> ParkedService::RetryParked(
    const runtime::Call& call, const rpc::RetryParkedRequest& request) {
  ASSIGN_OR_RETURN(const std::string agency, AgencyFor(call, request.of_no_agency()));
  RETURN_IF_ERROR(CheckId(request.parked_id()));
  ASSIGN_OR_RETURN(const ParkedRecord before, Read(agency, request.parked_id()));
  const auto consumer = consumers_.find(before.consumer());
  if (consumer == consumers_.end()) {
    return Error(absl::StatusCode::kFailedPrecondition, "UNKNOWN_CONSUMER",
                 "the consumer that parked the record does not run here any more");
  }
  // Time is left to say what became of it.
  ASSIGN_OR_RETURN(const Replayed replayed,
                   consumer->second->Replay(agency, request.parked_id(), call.caller.person_id,
                                            call.deadline - absl::Seconds(2)));
  rpc::RetryParkedResponse response;
  response.set_taken(replayed.taken);
  response.set_waiting(replayed.waiting);
  response.set_stopped_by(replayed.stopped_by);
  ASSIGN_OR_RETURN(*response.mutable_record(), Read(agency, request.parked_id()));
  return response;
}

absl::StatusOr<ParkedRecord> ParkedService::DiscardParked(
    const runtime::Call& call, const rpc::DiscardParkedRequest& request) {
  ASSIGN_OR_RETURN(const std::string agency, AgencyFor(call, request.of_no_agency()));
  RETURN_IF_ERROR(CheckId(request.parked_id()));
  if (request.reason().find_first_not_of(" \t\r\n") == std::string::npos) {
    return InvalidField("reason", "REQUIRED", "is required");
  }
  if (request.reason().size() > kMaxReason) {
    return InvalidField("reason", "TOO_LONG",
                        absl::StrCat("is longer than ", kMaxReason, " bytes"));
  }
  ASSIGN_OR_RETURN(const auto relay, pg::Connection::Open(ledger_->options().relay_conninfo));
  ASSIGN_OR_RETURN(const FoundRow found, ReadRow(*relay, agency, request.parked_id()));
  ASSIGN_OR_RETURN(const auto lock, KeyLock::Take(conninfo_, found.row));
  absl::Status status = pg::Transact(lock->connection(), [&](pg::Connection& tx) -> absl::Status {
    RETURN_IF_ERROR(
        tx.Query("SELECT set_config('fosterwatch.agencies', $1, true)", {agency}).status());
    RETURN_IF_ERROR(sealer_->Prepare(tx, {SubjectOf(found.row)}, /*create=*/true));
    ASSIGN_OR_RETURN(std::string sealed,
                     sealer_->Seal(SubjectOf(found.row), "reason", request.reason()));
    return tx
        .Pipeline(
            Conclude(found.row,
                     {"DISCARDED", call.caller.person_id, found.row.reason_code, std::move(sealed)},
                     agency, absl::Now()))
        .status();
  });
  if (found.closed || pg::ConstraintOf(status) == "parked_closed_once") {
    return Error(absl::StatusCode::kFailedPrecondition, "ALREADY_CLOSED",
                 "the record was taken or discarded before");
  }
  if (absl::IsUnknown(status)) status = absl::UnavailableError(status.message());
  RETURN_IF_ERROR(status);
  return Read(agency, request.parked_id());
}

absl::StatusOr<std::map<std::string, int64_t>> CountOpenByConsumer(pg::Connection& relay) {
  ASSIGN_OR_RETURN(const pg::Result rows,
                   relay.Query("SELECT consumer, count(*) FROM ledger.parked p WHERE NOT EXISTS"
                               " (SELECT 1 FROM ledger.parked_outcome o WHERE"
                               " o.parked_id = p.parked_id AND o.outcome <> 'FAILED')"
                               " GROUP BY consumer"));
  std::map<std::string, int64_t> counts;
  for (int row = 0; row < rows.rows(); ++row) counts[rows.Text(row, 0)] = rows.Int(row, 1);
  return counts;
}

}  // namespace fosterwatch::ledger
