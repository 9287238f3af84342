#include "libs/ledger/access_service.h"

#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

#include "libs/clock/proto_time.h"
#include "libs/ledger/unusual_access.h"
#include "libs/runtime/data_file.h"
#include "libs/runtime/page_token.h"
#include "libs/status/error.h"
#include "libs/status/status_macros.h"

namespace fosterwatch::ledger {
namespace {

namespace rpc = ::fosterwatch::operations::v1;

constexpr char kService[] = "fosterwatch.operations.v1.AccessService";
constexpr absl::Duration kLongestReport = absl::Hours(24 * 31);

// What is withheld goes whole: a row that names it beside others would tell of it.
constexpr char kNotWithheld[] =
    " AND NOT EXISTS (SELECT 1 FROM ledger.access_record w WHERE w.agency_id = $1"
    " AND w.access_id = a.access_id AND w.record = ANY ($2) OFFSET 0)";

// Every question goes by an index, and the records of each row by themselves (OFFSET 0); a plan
// that is made while the tables are new would read them whole, and once for each row.
constexpr char kByIndex[] = "SELECT set_config('enable_seqscan', 'off', true)";

rpc::Access AccessAt(const std::string& service, const pg::Result& rows, int row) {
  rpc::Access access;
  access.set_access_id(rows.Text(row, 0));
  access.set_service(service);
  *access.mutable_time() = clock::ToProto(rows.Time(row, 1));
  access.set_person_id(rows.Text(row, 2));
  for (absl::string_view role : absl::StrSplit(rows.Text(row, 3), ',', absl::SkipEmpty())) {
    access.add_roles(std::string(role));
  }
  access.set_method(rows.Text(row, 4));
  access.set_outcome(rows.Text(row, 5));
  access.set_reason(rows.Text(row, 6));
  access.set_purpose(rows.Text(row, 7));
  access.set_trace_id(rows.Text(row, 8));
  for (const std::string& text : rows.Array(row, 9)) {
    const std::vector<std::string> parts = absl::StrSplit(text, absl::MaxSplits(':', 1));
    rpc::Access::Record* record = access.add_records();
    record->set_kind(parts[0]);
    record->set_id(parts.back());
  }
  return access;
}

// How rows may name the record: where its kind is not known, by any.
pg::TextArray NamesOf(const std::string& kind, const std::string& id) {
  // Of no record, but in it.
  if (kind == "section" || kind == "sealed") return {absl::StrCat(kind, ":", id)};
  pg::TextArray names = {absl::StrCat("record:", id)};
  for (const absl::string_view known : runtime::RecordKinds()) {
    if (kind.empty() || kind == known) names.push_back(absl::StrCat(known, ":", id));
  }
  return names;
}

absl::Status CheckMoment(const google::protobuf::Timestamp& time, absl::string_view field) {
  if (clock::IsValid(time)) return absl::OkStatus();
  return InvalidField(field, "INVALID_TIMESTAMP", "is no moment");
}

}  // namespace

absl::StatusOr<AccessService::Options> AccessService::OptionsFrom(const std::string& share_dir) {
  Options options;
  ASSIGN_OR_RETURN(const std::string rules,
                   runtime::ReadDataFile(share_dir + "/policy/access_rules.json"));
  ASSIGN_OR_RETURN(options.rules, ParseAccessRules(rules));
  ASSIGN_OR_RETURN(
      const std::string days,
      runtime::ReadDataFile(share_dir + "/clock/bank_holidays_england_and_wales.json"));
  ASSIGN_OR_RETURN(options.calendar, clock::WorkingCalendar::Parse(days));
  return options;
}

AccessService::AccessService(Options options, Ledger* ledger)
    : options_(std::move(options)), ledger_(ledger), log_(ledger) {}

void AccessService::Serve(runtime::Door& door, const std::string& package) {
  door.KeepAccess(package, options_.name, &log_);
  door.Serve(rpc::Access::descriptor()->file()->pool()->FindServiceByName(kService));
  door.OnFor(options_.name, kService, "ListAccess", this, &AccessService::ListAccess);
  door.OnFor(options_.name, kService, "ReportUnusualAccess", this,
             &AccessService::ReportUnusualAccess);
}

absl::StatusOr<pg::TextArray> AccessService::WithheldFrom(const runtime::Call& call) const {
  if (!options_.withheld) return pg::TextArray();
  ASSIGN_OR_RETURN(const std::set<std::string> withheld, options_.withheld(call));
  pg::TextArray records(withheld.begin(), withheld.end());
  // A call may have named it by its id alone.
  for (const std::string& record : withheld) {
    records.push_back(absl::StrCat("record:", record.substr(record.find(':') + 1)));
  }
  return records;
}

absl::StatusOr<rpc::ListAccessResponse> AccessService::ListAccess(
    const runtime::Call& call, const rpc::ListAccessRequest& request) {
  ASSIGN_OR_RETURN(const int size, runtime::PageSize(request.page_size(), 50, 200));
  ASSIGN_OR_RETURN(const std::string after, runtime::ReadPageToken(request));
  if (!request.record_kind().empty() && request.record_id().empty()) {
    return InvalidField("record_id", "REQUIRED", "is required where a kind is named");
  }
  RETURN_IF_ERROR(CheckMoment(request.from_time(), "from_time"));
  RETURN_IF_ERROR(CheckMoment(request.until_time(), "until_time"));
  absl::Time before = request.has_until_time() ? clock::FromProto(request.until_time())
                                               : absl::UnixEpoch() + absl::Hours(24 * 365 * 1000);
  std::string before_id;
  if (!after.empty()) {
    const std::vector<std::string> last = absl::StrSplit(after, absl::MaxSplits('|', 1));
    int64_t micros = 0;
    if (last.size() != 2 || !absl::SimpleAtoi(last[0], &micros)) {
      return InvalidField("page_token", "UNKNOWN_PAGE", "is none of ours");
    }
    before = absl::FromUnixMicros(micros);
    before_id = last[1];
  }
  ASSIGN_OR_RETURN(pg::TextArray withheld, WithheldFrom(call));

  // Written for what was asked, so that each question goes by the index that fits it.
  std::string sql =
      "SELECT a.access_id, a.at, a.person_id, a.roles, a.method, a.outcome, a.reason, a.purpose,"
      " a.trace_id, ARRAY(SELECT r.record FROM ledger.access_record r WHERE r.agency_id = $1"
      " AND r.access_id = a.access_id ORDER BY r.record),"
      " (extract(epoch FROM a.at) * 1000000)::bigint FROM ledger.access a"
      " WHERE a.agency_id = $1 AND (a.at, a.access_id) < ($3, $4)";
  pg::Values values = {call.agency_id, std::move(withheld), before, before_id, int64_t{size} + 1};
  const auto add = [&](absl::string_view condition, pg::Value value) {
    values.push_back(std::move(value));
    absl::StrAppend(&sql, condition, "$", values.size());
  };
  if (request.has_from_time()) add(" AND a.at >= ", clock::FromProto(request.from_time()));
  if (!request.person_id().empty()) add(" AND a.person_id = ", request.person_id());
  if (request.refusals_only()) absl::StrAppend(&sql, " AND a.outcome <> 'OK'");
  if (request.callers() == rpc::ListAccessRequest::CALLERS_PEOPLE) {
    absl::StrAppend(&sql, " AND a.roles NOT IN ('service', 'publisher')");
  } else if (request.callers() == rpc::ListAccessRequest::CALLERS_PROGRAMS) {
    absl::StrAppend(&sql, " AND a.roles IN ('service', 'publisher')");
  }
  if (!request.record_id().empty()) {
    add(" AND a.access_id IN (SELECT f.access_id FROM ledger.access_record f"
        " WHERE f.agency_id = $1 AND f.record = ANY (",
        NamesOf(request.record_kind(), request.record_id()));
    absl::StrAppend(&sql, "))");
  }
  absl::StrAppend(&sql, kNotWithheld, " ORDER BY a.at DESC, a.access_id DESC LIMIT $5");
  ASSIGN_OR_RETURN(
      const std::vector<pg::Result> results,
      ledger_->Read(call.agency_id, {{kByIndex, {}}, {std::move(sql), std::move(values)}}));
  const pg::Result& rows = results[1];
  rpc::ListAccessResponse response;
  for (int row = 0; row < rows.rows() && row < size; ++row) {
    *response.add_accesses() = AccessAt(options_.name, rows, row);
  }
  if (rows.rows() > size) {
    response.set_next_page_token(runtime::MakePageToken(
        request, absl::StrCat(rows.Int(size - 1, 10), "|", rows.Text(size - 1, 0))));
  }
  return response;
}

absl::StatusOr<rpc::ReportUnusualAccessResponse> AccessService::ReportUnusualAccess(
    const runtime::Call& call, const rpc::ReportUnusualAccessRequest& request) {
  if (!request.has_from_time()) return InvalidField("from_time", "REQUIRED", "is required");
  if (!request.has_until_time()) return InvalidField("until_time", "REQUIRED", "is required");
  RETURN_IF_ERROR(CheckMoment(request.from_time(), "from_time"));
  RETURN_IF_ERROR(CheckMoment(request.until_time(), "until_time"));
  const absl::Time from = clock::FromProto(request.from_time());
  const absl::Time until = clock::FromProto(request.until_time());
  if (until <= from || until - from > kLongestReport) {
    return InvalidField("until_time", "OUT_OF_RANGE", "is not within 31 days after from_time");
  }
  ASSIGN_OR_RETURN(pg::TextArray withheld, WithheldFrom(call));
  ASSIGN_OR_RETURN(
      const std::vector<pg::Result> results,
      ledger_->Read(
          call.agency_id,
          {{kByIndex, {}},
           {absl::StrCat(
                "SELECT a.person_id, to_timestamp(floor(extract(epoch FROM a.at) / 3600) * 3600),"
                " count(DISTINCT r.record)"
                // Many that were sent here by one call were looked at by nobody. A section is part
                // of a record that counts.
                " FILTER (WHERE a.outcome = 'OK' AND a.method !~ '/(List|Count|Batch|TakeOver)'"
                " AND r.record !~ '^(section|sealed):'),"
                " count(DISTINCT a.access_id) FILTER (WHERE a.outcome <> 'OK')"
                " FROM ledger.access a LEFT JOIN LATERAL (SELECT record"
                " FROM ledger.access_record WHERE agency_id = $1 AND access_id = a.access_id"
                " OFFSET 0) AS r ON true"
                " WHERE a.agency_id = $1 AND a.at >= $3 AND a.at < $4"
                " AND a.roles NOT IN ('service', 'publisher')",
                kNotWithheld, " GROUP BY 1, 2"),
            {call.agency_id, std::move(withheld), from, until}}}));
  std::vector<AccessHour> hours;
  for (int row = 0; row < results[1].rows(); ++row) {
    hours.push_back({results[1].Text(row, 0), results[1].Time(row, 1), results[1].Int(row, 2),
                     results[1].Int(row, 3)});
  }
  rpc::ReportUnusualAccessResponse response;
  for (rpc::UnusualAccess& unusual : UnusualOf(options_.rules, options_.calendar, hours)) {
    unusual.set_service(options_.name);
    *response.add_unusual() = std::move(unusual);
  }
  return response;
}

}  // namespace fosterwatch::ledger
