#include "services/allegations/views.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"

#include "fosterwatch/allegations/v1/allegation_facts.pb.h"
#include "libs/clock/proto_time.h"
#include "libs/duty/timer.h"
#include "libs/runtime/page_token.h"
#include "libs/status/error.h"
#include "libs/status/status_macros.h"
#include "services/allegations/app.h"
#include "services/allegations/domain/attention.h"
#include "services/allegations/domain/audit.h"
#include "services/allegations/domain/evolve.h"

namespace fosterwatch::allegations {
namespace {

using ledger::FactStamp;
using ledger::Statements;
using v1::Allegation;
using v1::AllegationFact;
using v1::Audit;

// Beyond this nobody reads a number but waits for it: a count visits every row.
constexpr int kCountedUpTo = 10'000;

// Stands for no moment where a column needs one.
absl::Time Never() { return absl::FromUnixSeconds(253'402'300'799); }  // the year 9999

void Project(const Allegation& allegation, const FactStamp& last, Statements& statements) {
  absl::Time next_due = Never();
  for (const domain::Owed& owed : domain::OwedBy(allegation)) {
    if (owed.due < next_due) next_due = owed.due;
  }
  int64_t open = 0;
  for (const auto& item : allegation.checklist()) {
    if (item.action().state() == type::v1::Action::STATE_OPEN) ++open;
  }
  const bool closed = allegation.has_closure();
  statements.push_back(
      {"INSERT INTO view.allegation VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13,"
       " $14, $15) ON CONFLICT (agency_id, allegation_id) DO UPDATE SET state = excluded.state,"
       " carer_id = excluded.carer_id, person_id = excluded.person_id,"
       " child_id = excluded.child_id, outcome = excluded.outcome,"
       " next_due_at = excluded.next_due_at, checklist_count = excluded.checklist_count,"
       " checklist_open = excluded.checklist_open, closed_at = excluded.closed_at",
       {last.agency_id, allegation.allegation_id(), int64_t{allegation.state()},
        allegation.carer_id(), allegation.person_id(), allegation.child_id(),
        allegation.complaint_id(), int64_t{allegation.conclusion().outcome()},
        clock::FromProto(allegation.report().became_aware_time()),
        clock::FromProto(allegation.received_time()), next_due,
        int64_t{allegation.checklist_size()}, open,
        absl::StrJoin(allegation.report().grounds(), ","),
        closed ? clock::FromProto(allegation.closure().closed_time()) : Never()}});
  std::vector<duty::Timer> timers;
  if (const auto next = domain::NextAttention(allegation)) {
    timers.push_back({kAllegationTimer, kAllegationTimer, *next});
  }
  duty::Project(timers, last, statements);
}

void ProjectAudit(const Audit& audit, const FactStamp& last, Statements& statements) {
  statements.push_back(
      {"INSERT INTO view.audit VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)"
       " ON CONFLICT (agency_id, audit_id) DO UPDATE SET state = excluded.state,"
       " graded_count = excluded.graded_count, open_action_count = excluded.open_action_count",
       {last.agency_id, audit.audit_id(), int64_t{audit.state()}, int64_t{audit.scope()},
        audit.started_by(), clock::FromProto(audit.started_time()), int64_t{audit.records_size()},
        int64_t{audit.graded_count()}, int64_t{audit.open_action_count()}}});
  std::vector<duty::Timer> timers;
  if (const auto next = domain::NextAttention(audit)) {
    timers.push_back({kAuditTimer, kAuditTimer, *next});
  }
  duty::Project(timers, last, statements);
}

struct Place {
  absl::Time before;
  std::string before_id;
};

// Where a page begins, of a list that goes from the newest on.
absl::StatusOr<Place> PlaceOf(const google::protobuf::Message& request) {
  ASSIGN_OR_RETURN(const std::string token, runtime::ReadPageToken(request));
  if (token.empty()) return Place{Never(), ""};
  const std::pair<std::string, std::string> parts = absl::StrSplit(token, absl::MaxSplits('|', 1));
  int64_t micros = 0;
  if (!absl::SimpleAtoi(parts.first, &micros)) {
    return InvalidField("page_token", "INVALID_PAGE_TOKEN", "does not belong to this list");
  }
  return Place{absl::FromUnixMicros(micros), parts.second};
}

std::string TokenAfter(const google::protobuf::Message& request, absl::Time time,
                       const std::string& id) {
  return runtime::MakePageToken(request, absl::StrCat(absl::ToUnixMicros(time), "|", id));
}

v1::AllegationSummary SummaryOf(const pg::Result& rows, int row, absl::Time now) {
  v1::AllegationSummary summary;
  summary.set_allegation_id(rows.Text(row, 0));
  summary.set_state(static_cast<Allegation::State>(rows.Int(row, 1)));
  summary.set_carer_id(rows.Text(row, 2));
  summary.set_person_id(rows.Text(row, 3));
  summary.set_child_id(rows.Text(row, 4));
  summary.set_complaint_id(rows.Text(row, 5));
  summary.set_outcome(static_cast<v1::Outcome>(rows.Int(row, 6)));
  *summary.mutable_became_aware_time() = clock::ToProto(rows.Time(row, 7));
  *summary.mutable_received_time() = clock::ToProto(rows.Time(row, 8));
  const absl::Time next_due = rows.Time(row, 9);
  if (next_due < Never()) *summary.mutable_next_due_time() = clock::ToProto(next_due);
  summary.set_overdue(next_due < now);
  summary.set_checklist_count(static_cast<int32_t>(rows.Int(row, 10)));
  summary.set_checklist_open(static_cast<int32_t>(rows.Int(row, 11)));
  for (const auto ground : absl::StrSplit(rows.Text(row, 12), ',', absl::SkipEmpty())) {
    int number = 0;
    if (absl::SimpleAtoi(ground, &number)) summary.add_grounds(static_cast<v1::Ground>(number));
  }
  const absl::Time closed = rows.Time(row, 13);
  if (closed < Never()) *summary.mutable_closed_time() = clock::ToProto(closed);
  return summary;
}

}  // namespace

std::vector<ledger::Aggregate> Aggregates() {
  std::vector<ledger::Aggregate> aggregates;
  aggregates.push_back(ledger::MakeAggregate<Allegation, AllegationFact>(
      kAllegationAggregate,
      [](Allegation& allegation, const AllegationFact& fact, const FactStamp& stamp) {
        domain::Evolve(allegation, fact, {stamp.fact_id, stamp.recorded, stamp.actor});
      },
      Project, {"view.allegation", duty::kTable}));
  aggregates.push_back(ledger::MakeAggregate<Audit, AllegationFact>(
      kAuditAggregate,
      [](Audit& audit, const AllegationFact& fact, const FactStamp&) {
        domain::EvolveAudit(audit, fact);
      },
      ProjectAudit, {"view.audit", duty::kTable}));
  return aggregates;
}

std::string ViewsSql(const std::string& role) {
  return absl::StrCat(
      "CREATE TABLE view.allegation (agency_id text, allegation_id text, state bigint NOT NULL,"
      " carer_id text NOT NULL, person_id text NOT NULL, child_id text NOT NULL,"
      " complaint_id text NOT NULL, outcome bigint NOT NULL, aware_at timestamptz NOT NULL,"
      " received_at timestamptz NOT NULL, next_due_at timestamptz NOT NULL,"
      " checklist_count bigint NOT NULL, checklist_open bigint NOT NULL, grounds text NOT NULL,"
      " closed_at timestamptz NOT NULL, PRIMARY KEY (agency_id, allegation_id));"
      "CREATE INDEX allegation_newest ON view.allegation"
      " (agency_id, received_at DESC, allegation_id DESC);"
      "CREATE INDEX allegation_of_carer ON view.allegation (agency_id, carer_id)"
      " WHERE carer_id <> '';"
      "CREATE INDEX allegation_of_child ON view.allegation (agency_id, child_id)"
      " WHERE child_id <> '';",
      ledger::ViewRights("view.allegation", role),
      "CREATE TABLE view.audit (agency_id text, audit_id text, state bigint NOT NULL,"
      " scope bigint NOT NULL, started_by text NOT NULL, started_at timestamptz NOT NULL,"
      " record_count bigint NOT NULL, graded_count bigint NOT NULL,"
      " open_action_count bigint NOT NULL, PRIMARY KEY (agency_id, audit_id));"
      "CREATE INDEX audit_newest ON view.audit (agency_id, started_at DESC, audit_id DESC);",
      ledger::ViewRights("view.audit", role), duty::TableSql(role));
}

std::string IndexesSql() {
  return absl::StrCat(
      "CREATE INDEX allegation_of_state ON view.allegation"
      " (agency_id, state, received_at DESC, allegation_id DESC);"
      "CREATE INDEX allegation_of_person ON view.allegation (agency_id, person_id)"
      " WHERE person_id <> '';"
      "CREATE INDEX allegation_open ON view.allegation"
      " (agency_id, received_at DESC, allegation_id DESC) WHERE state <> ",
      static_cast<int>(Allegation::STATE_CLOSED),
      ";"
      "CREATE INDEX allegation_due ON view.allegation (agency_id, next_due_at)"
      " WHERE next_due_at < '9999-01-01 00:00:00+00';");
}

absl::StatusOr<std::vector<pg::Statement>> ListStatements(const std::string& agency_id,
                                                          const std::string& reader,
                                                          const v1::ListAllegationsRequest& request,
                                                          absl::Time now) {
  ASSIGN_OR_RETURN(const int size, runtime::PageSize(request.page_size(), 50, 200));
  ASSIGN_OR_RETURN(const Place place, PlaceOf(request));
  // Only the conditions that were asked for, so that each question finds its index.
  pg::Values values = {agency_id, reader};
  std::string from = "view.allegation";
  std::string where = " WHERE agency_id = $1 AND person_id <> $2";
  const auto asked = [&](const char* condition, pg::Value value) {
    values.push_back(std::move(value));
    absl::StrAppend(&where, " AND ", condition, "$", values.size());
  };
  if (request.state() != 0) asked("state = ", int64_t{request.state()});
  if (!request.carer_id().empty()) asked("carer_id <> '' AND carer_id = ", request.carer_id());
  if (!request.child_id().empty()) asked("child_id <> '' AND child_id = ", request.child_id());
  if (!request.person_id().empty()) asked("person_id <> '' AND person_id = ", request.person_id());
  if (request.open_only()) {
    absl::StrAppend(&where, " AND state <> ", static_cast<int>(Allegation::STATE_CLOSED));
  }
  if (request.overdue_only()) {
    // Few among however many: found by their own index first, and put in order afterwards.
    values.push_back(now);
    from = absl::StrCat(
        "(SELECT * FROM view.allegation WHERE agency_id = $1"
        " AND next_due_at < '9999-01-01 00:00:00+00' AND next_due_at < $",
        values.size(), " OFFSET 0) AS allegation");
  }
  const std::string rows = absl::StrCat(" FROM ", from, where);
  pg::Values page = values;
  const size_t n = page.size();
  page.insert(page.end(), {place.before, place.before_id, int64_t{size} + 1});
  return std::vector<pg::Statement>{
      {absl::StrCat("SELECT allegation_id, state, carer_id, person_id, child_id, complaint_id,"
                    " outcome, aware_at, received_at, next_due_at, checklist_count,"
                    " checklist_open, grounds, closed_at",
                    rows, " AND (received_at, allegation_id) < ($", n + 1, ", $", n + 2,
                    ") ORDER BY received_at DESC, allegation_id DESC LIMIT $", n + 3),
       page},
      {absl::StrCat("SELECT count(*) FROM (SELECT", rows, " LIMIT ", kCountedUpTo + 1,
                    ") AS counted"),
       values}};
}

absl::StatusOr<v1::ListAllegationsResponse> ListAllegations(
    ledger::Ledger& ledger, const std::string& agency_id, const std::string& reader,
    const v1::ListAllegationsRequest& request, absl::Time now) {
  ASSIGN_OR_RETURN(const int size, runtime::PageSize(request.page_size(), 50, 200));
  ASSIGN_OR_RETURN(std::vector<pg::Statement> statements,
                   ListStatements(agency_id, reader, request, now));
  ASSIGN_OR_RETURN(const auto rows, ledger.Read(agency_id, std::move(statements)));
  v1::ListAllegationsResponse response;
  response.set_total_size(rows[1].Int(0, 0));
  for (int row = 0; row < rows[0].rows() && row < size; ++row) {
    *response.add_allegations() = SummaryOf(rows[0], row, now);
  }
  if (rows[0].rows() > size) {
    response.set_next_page_token(
        TokenAfter(request, rows[0].Time(size - 1, 8), rows[0].Text(size - 1, 0)));
  }
  return response;
}

absl::StatusOr<v1::ListAuditsResponse> ListAudits(ledger::Ledger& ledger,
                                                  const std::string& agency_id,
                                                  const v1::ListAuditsRequest& request) {
  ASSIGN_OR_RETURN(const int size, runtime::PageSize(request.page_size(), 50, 200));
  ASSIGN_OR_RETURN(const Place place, PlaceOf(request));
  constexpr char kWhere[] = " FROM view.audit WHERE agency_id = $1 AND ($2 = 0 OR state = $2)";
  const int64_t state = request.state();
  ASSIGN_OR_RETURN(
      const auto rows,
      ledger.Read(agency_id,
                  {{absl::StrCat("SELECT audit_id, state, scope, started_by, started_at,"
                                 " record_count, graded_count, open_action_count",
                                 kWhere,
                                 " AND (started_at, audit_id) < ($3, $4)"
                                 " ORDER BY started_at DESC, audit_id DESC LIMIT $5"),
                    {agency_id, state, place.before, place.before_id, int64_t{size} + 1}},
                   {absl::StrCat("SELECT count(*) FROM (SELECT", kWhere, " LIMIT ",
                                 kCountedUpTo + 1, ") AS counted"),
                    {agency_id, state}}}));
  v1::ListAuditsResponse response;
  response.set_total_size(rows[1].Int(0, 0));
  for (int row = 0; row < rows[0].rows() && row < size; ++row) {
    v1::AuditSummary& summary = *response.add_audits();
    summary.set_audit_id(rows[0].Text(row, 0));
    summary.set_state(static_cast<Audit::State>(rows[0].Int(row, 1)));
    summary.set_scope(static_cast<Audit::Scope>(rows[0].Int(row, 2)));
    summary.set_started_by(rows[0].Text(row, 3));
    *summary.mutable_started_time() = clock::ToProto(rows[0].Time(row, 4));
    summary.set_record_count(static_cast<int32_t>(rows[0].Int(row, 5)));
    summary.set_graded_count(static_cast<int32_t>(rows[0].Int(row, 6)));
    summary.set_open_action_count(static_cast<int32_t>(rows[0].Int(row, 7)));
  }
  if (rows[0].rows() > size) {
    response.set_next_page_token(
        TokenAfter(request, rows[0].Time(size - 1, 4), rows[0].Text(size - 1, 0)));
  }
  return response;
}

absl::StatusOr<std::vector<v1::AuditedRecord>> RecordsIn(ledger::Ledger& ledger,
                                                         const std::string& agency_id,
                                                         const v1::StartAuditRequest& request,
                                                         absl::Time since, int most) {
  const bool active = request.scope() == Audit::SCOPE_ACTIVE;
  absl::Time from = active ? absl::UnixEpoch() : since;
  if (request.has_recorded_from_time() && clock::IsValid(request.recorded_from_time())) {
    from = std::max(from, clock::FromProto(request.recorded_from_time()));
  }
  absl::Time until = Never();
  if (request.has_recorded_until_time() && clock::IsValid(request.recorded_until_time())) {
    until = clock::FromProto(request.recorded_until_time());
  }
  const auto at_most = [&](v1::AuditedRecord::Kind kind) {
    const bool wanted =
        request.kind() == v1::AuditedRecord::KIND_UNSPECIFIED || request.kind() == kind;
    return int64_t{wanted ? most : 0};
  };
  ASSIGN_OR_RETURN(
      const auto rows,
      ledger.Read(
          agency_id,
          {{absl::StrCat("SELECT allegation_id FROM view.allegation WHERE agency_id = $1"
                         " AND (NOT $2 OR state <> ",
                         static_cast<int>(Allegation::STATE_CLOSED),
                         ") AND received_at >= $3 AND received_at < $4"
                         " ORDER BY allegation_id LIMIT $5"),
            {agency_id, active, from, until, at_most(v1::AuditedRecord::KIND_ALLEGATION)}},
           {"SELECT event_id FROM reference.event WHERE agency_id = $1 AND (NOT $2 OR active)"
            " AND recorded_at >= $3 AND recorded_at < $4 ORDER BY event_id LIMIT $5",
            {agency_id, active, from, until, at_most(v1::AuditedRecord::KIND_EVENT)}},
           {"SELECT complaint_id FROM reference.complaint WHERE agency_id = $1"
            " AND (NOT $2 OR active) AND recorded_at >= $3 AND recorded_at < $4"
            " ORDER BY complaint_id LIMIT $5",
            {agency_id, active, from, until, at_most(v1::AuditedRecord::KIND_COMPLAINT)}}}));
  constexpr v1::AuditedRecord::Kind kKinds[] = {v1::AuditedRecord::KIND_ALLEGATION,
                                                v1::AuditedRecord::KIND_EVENT,
                                                v1::AuditedRecord::KIND_COMPLAINT};
  std::vector<v1::AuditedRecord> records;
  for (size_t i = 0; i < std::size(kKinds); ++i) {
    for (int row = 0; row < rows[i].rows(); ++row) {
      v1::AuditedRecord& record = records.emplace_back();
      record.set_kind(kKinds[i]);
      record.set_record_id(rows[i].Text(row, 0));
    }
  }
  return records;
}

}  // namespace fosterwatch::allegations
