#include "services/notifiable_events/views.h"

#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"

#include "fosterwatch/notifiable_events/v1/notifiable_event_facts.pb.h"
#include "libs/clock/proto_time.h"
#include "libs/duty/timer.h"
#include "libs/runtime/page_token.h"
#include "libs/status/error.h"
#include "libs/status/status_macros.h"
#include "services/notifiable_events/agency_laws.h"
#include "services/notifiable_events/decisions.h"
#include "services/notifiable_events/domain/agency_law.h"
#include "services/notifiable_events/domain/evolve.h"
#include "services/notifiable_events/domain/notices.h"
#include "services/notifiable_events/domain/overdue.h"
#include "services/notifiable_events/trend.h"

namespace fosterwatch::notifiable_events {
namespace {

// Beyond this nobody reads a number but waits for it: a count visits every row.
constexpr int kCountedUpTo = 10'000;

using ledger::FactStamp;
using ledger::Statements;
using v1::NotifiableEvent;
using v1::NotifiableEventFact;

void Project(const NotifiableEvent& event, const FactStamp& last, Statements& statements) {
  std::vector<int> signed_stages;
  for (const v1::SignOff& sign_off : event.sign_offs()) {
    if (!sign_off.signed_by().empty()) signed_stages.push_back(sign_off.stage());
  }
  const v1::EventReport report = domain::EffectiveReport(event);
  using Texts = pg::TextArray;
  using Times = pg::TimeArray;
  statements.push_back(
      {"INSERT INTO view.event SELECT agency_id, event_id, string_to_array(kinds, ','), child_id,"
       " carer_id, state, occurred_at, aware_at, recorded_at, reporter_id,"
       " string_to_array(signed_stages, ','), silent <> 0"
       " FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) AS rows (agency_id,"
       " event_id, kinds, child_id, carer_id, state, occurred_at, aware_at, recorded_at,"
       " reporter_id, signed_stages, silent)"
       " ON CONFLICT (agency_id, event_id) DO UPDATE SET kinds = excluded.kinds,"
       " child_id = excluded.child_id, carer_id = excluded.carer_id, state = excluded.state,"
       " occurred_at = excluded.occurred_at, aware_at = excluded.aware_at,"
       " signed_stages = excluded.signed_stages, silent = excluded.silent"
       " WHERE (event.kinds, event.child_id, event.carer_id, event.state, event.occurred_at,"
       " event.aware_at, event.signed_stages, event.silent) IS DISTINCT FROM (excluded.kinds,"
       " excluded.child_id, excluded.carer_id, excluded.state, excluded.occurred_at,"
       " excluded.aware_at, excluded.signed_stages, excluded.silent)",
       {Texts{last.agency_id}, Texts{event.event_id()}, Texts{absl::StrJoin(event.kinds(), ",")},
        Texts{report.child_id()}, Texts{report.carer_id()}, pg::IntArray{event.state()},
        Times{clock::FromProto(report.occurred_time())},
        Times{clock::FromProto(report.became_aware_time())},
        Times{clock::FromProto(event.recorded_time())}, Texts{event.reporter_id()},
        Texts{absl::StrJoin(signed_stages, ",")}, pg::IntArray{domain::IsSilent(event) ? 1 : 0}}});
  // One timer for each event, of whatever passes its due time first.
  std::vector<duty::Timer> timers;
  if (const auto next = domain::NextOverdue(event)) {
    timers.push_back({kOverdueTimer, kOverdueTimer, *next});
  }
  duty::Project(timers, last, statements);
  ProjectPlaced(event, last, statements);
  if (event.notices().empty()) return;
  Texts agencies, events, notices;
  pg::IntArray owed;
  Times due;
  Texts gone_agencies, gone_events, gone_notices;
  for (const v1::Notice& notice : event.notices()) {
    // The lists count what the law and the standards ask for.
    if (domain::BasisOf(notice) == v1::BASIS_POLICY) continue;
    const bool gone = notice.state() == v1::Notice::STATE_FALLEN_AWAY;
    (gone ? gone_agencies : agencies).push_back(last.agency_id);
    (gone ? gone_events : events).push_back(event.event_id());
    (gone ? gone_notices : notices).push_back(notice.notice_id());
    if (gone) continue;
    owed.push_back(notice.state() == v1::Notice::STATE_OWED ? 1 : 0);
    due.push_back(clock::FromProto(notice.due_time()));
  }
  statements.push_back(
      {"INSERT INTO view.notice SELECT agency_id, event_id, notice_id, owed <> 0, due_at"
       " FROM unnest($1, $2, $3, $4, $5) AS rows (agency_id, event_id, notice_id, owed, due_at)"
       " ON CONFLICT (agency_id, event_id, notice_id) DO UPDATE SET owed = excluded.owed,"
       " due_at = excluded.due_at"
       " WHERE (notice.owed, notice.due_at) IS DISTINCT FROM (excluded.owed, excluded.due_at)",
       {std::move(agencies), std::move(events), std::move(notices), std::move(owed),
        std::move(due)}});
  if (gone_notices.empty()) return;
  statements.push_back(
      {"DELETE FROM view.notice USING unnest($1, $2, $3) AS rows (agency_id, event_id, notice_id)"
       " WHERE notice.agency_id = rows.agency_id AND notice.event_id = rows.event_id"
       " AND notice.notice_id = rows.notice_id",
       {std::move(gone_agencies), std::move(gone_events), std::move(gone_notices)}});
}

}  // namespace

std::vector<ledger::Aggregate> Aggregates() {
  std::vector<ledger::Aggregate> aggregates;
  aggregates.push_back(ledger::MakeAggregate<NotifiableEvent, NotifiableEventFact>(
      "event",
      [](NotifiableEvent& event, const NotifiableEventFact& fact, const FactStamp& stamp) {
        domain::Evolve(event, fact, {stamp.fact_id, stamp.recorded, stamp.actor});
      },
      Project, {"view.event", "view.notice", kPlacedTable, duty::kTable}));
  aggregates.push_back(ledger::MakeAggregate<v1::IntakeRecordParked, NotifiableEventFact>(
      "intake",
      [](v1::IntakeRecordParked& parked, const NotifiableEventFact& fact, const FactStamp&) {
        if (fact.has_intake_record_parked()) parked = fact.intake_record_parked();
      },
      nullptr, {}));
  aggregates.push_back(ledger::MakeAggregate<v1::AgencyLaw, NotifiableEventFact>(
      kLawAggregate,
      [](v1::AgencyLaw& agency, const NotifiableEventFact& fact, const FactStamp&) {
        domain::EvolveAgencyLaw(agency, fact);
      },
      nullptr, {}));
  aggregates.push_back(DecisionAggregate());
  return aggregates;
}

std::string ViewsSql(const std::string& role) {
  return absl::StrCat(
      "CREATE TABLE view.event (agency_id text, event_id text, kinds text[] NOT NULL,"
      " child_id text NOT NULL, carer_id text NOT NULL, state bigint NOT NULL,"
      " occurred_at timestamptz NOT NULL, aware_at timestamptz NOT NULL,"
      " recorded_at timestamptz NOT NULL, reporter_id text NOT NULL,"
      " signed_stages text[] NOT NULL, PRIMARY KEY (agency_id, event_id));"
      "CREATE INDEX event_newest ON view.event (agency_id, recorded_at DESC, event_id DESC);"
      "CREATE INDEX event_of_child ON view.event (agency_id, child_id);",
      ledger::ViewRights("view.event", role),
      "CREATE TABLE view.notice (agency_id text, event_id text, notice_id text,"
      " owed boolean NOT NULL, due_at timestamptz NOT NULL,"
      " PRIMARY KEY (agency_id, event_id, notice_id));"
      "CREATE INDEX notice_owed ON view.notice (agency_id, due_at) WHERE owed;",
      ledger::ViewRights("view.notice", role));
}

std::string TimersSql(const std::string& role) {
  // Open events from before there were timers are looked at when a notice of theirs is due, or at
  // once where none is owed; whatever they then record sets their timer right.
  return absl::StrCat(
      duty::TableSql(role),
      "INSERT INTO view.timer (agency_id, subject_id, kind, id, due_at, urgent)"
      " SELECT agency_id, event_id, '",
      kOverdueTimer, "', '", kOverdueTimer,
      "', coalesce((SELECT min(due_at) FROM view.notice WHERE notice.agency_id = event.agency_id"
      " AND notice.event_id = event.event_id AND owed), recorded_at), false"
      " FROM view.event WHERE state = ",
      static_cast<int>(NotifiableEvent::STATE_OPEN), ";");
}

std::string SilentSql() {
  return "ALTER TABLE view.event ADD COLUMN silent boolean NOT NULL DEFAULT false;"
         "ALTER TABLE view.event ALTER COLUMN silent DROP DEFAULT;"
         "CREATE INDEX event_silent ON view.event (agency_id) WHERE silent;";
}

std::string NearSql() {
  return "CREATE INDEX event_near ON view.event (agency_id, child_id, occurred_at);"
         "DROP INDEX view.event_of_child;";
}

std::string OfCarerSql() {
  return "CREATE INDEX event_of_carer ON view.event (agency_id, carer_id, recorded_at);";
}

const caseload::Tables& CaseloadTables() {
  static const auto* const tables = new caseload::Tables{"reference.caseload", "reference.child"};
  return *tables;
}

std::string CaseloadSql(const std::string& role) {
  return caseload::GrantsSql(CaseloadTables().grants, role);
}

namespace {

// The condition of an event of the person's own, by the numbers of their value and of the moment.
std::string OwnEvent(int person, int now) {
  return absl::StrCat("reporter_id = $", person, " AND (child_id = '' OR ",
                      caseload::OwnChild(CaseloadTables(), "child_id", person, now),
                      ") AND (carer_id = '' OR ",
                      caseload::OwnCarer(CaseloadTables(), "carer_id", person, now), ")");
}

}  // namespace

std::unique_ptr<caseload::Reader> MakeCaseload(ledger::Ledger* ledger,
                                               std::function<absl::Time()> now) {
  caseload::Reader::Options options;
  options.tables = CaseloadTables();
  options.kinds["event"] = absl::StrCat(
      "SELECT event_id FROM view.event WHERE agency_id = $1 AND event_id = ANY ($2) AND ",
      OwnEvent(3, 4));
  options.parts = {"decision", "delegation"};
  options.now = std::move(now);
  return std::make_unique<caseload::Reader>(ledger, std::move(options));
}

absl::StatusOr<v1::ListEventsResponse> ListEvents(ledger::Ledger& ledger,
                                                  const caseload::Asker& asker,
                                                  const v1::ListEventsRequest& request) {
  ASSIGN_OR_RETURN(const int size, runtime::PageSize(request.page_size(), 50, 200));
  ASSIGN_OR_RETURN(const std::string token, runtime::ReadPageToken(request));
  absl::Time before = absl::FromUnixSeconds(253'402'300'799);  // the year 9999
  std::string before_id;
  if (!token.empty()) {
    const std::pair<std::string, std::string> parts =
        absl::StrSplit(token, absl::MaxSplits('|', 1));
    int64_t micros = 0;
    if (!absl::SimpleAtoi(parts.first, &micros)) {
      return InvalidField("page_token", "INVALID_PAGE_TOKEN", "does not belong to this list");
    }
    before = absl::FromUnixMicros(micros);
    before_id = parts.second;
  }
  constexpr char kWhere[] =
      " FROM view.event AS event WHERE agency_id = $1 AND ($2 = 0 OR state = $2)"
      " AND ($3 = '0' OR $3 = ANY (kinds)) AND ($4 = '' OR child_id = $4)"
      " AND (NOT $5 OR EXISTS (SELECT FROM view.notice WHERE notice.agency_id = event.agency_id"
      " AND notice.event_id = event.event_id AND notice.owed AND notice.due_at < $6))"
      " AND (NOT $7 OR silent) AND ($8 = '' OR carer_id = $8)";
  pg::Values filter = {
      asker.agency_id,       int64_t{request.state()}, absl::StrCat(request.kind()),
      request.child_id(),    request.overdue_only(),   asker.now,
      request.silent_only(), request.carer_id()};
  pg::Values page = filter;
  page.insert(page.end(), {before, before_id, int64_t{size} + 1});
  std::string own_page, own_count;
  if (!asker.own_of.empty()) {
    for (auto& [values, own] : {std::pair{&page, &own_page}, std::pair{&filter, &own_count}}) {
      values->insert(values->end(), {asker.own_of, asker.now});
      const int last = static_cast<int>(values->size());
      *own = absl::StrCat(" AND ", OwnEvent(last - 1, last));
    }
  }
  ASSIGN_OR_RETURN(
      auto rows,
      ledger.Read(
          asker.agency_id,
          {{absl::StrCat("SELECT event_id, kinds, child_id, carer_id, state, occurred_at, aware_at,"
                         " recorded_at, reporter_id, signed_stages, notices.total, notices.given,"
                         " notices.overdue, notices.next_due FROM (SELECT *",
                         kWhere, own_page,
                         " AND (recorded_at, event_id) < ($9, $10)"
                         " ORDER BY recorded_at DESC, event_id DESC LIMIT $11) AS page,"
                         " LATERAL (SELECT count(*) AS total,"
                         " count(*) FILTER (WHERE NOT owed) AS given,"
                         " count(*) FILTER (WHERE owed AND due_at < $6) AS overdue,"
                         " min(due_at) FILTER (WHERE owed) AS next_due FROM view.notice"
                         " WHERE notice.agency_id = page.agency_id"
                         " AND notice.event_id = page.event_id) AS notices"
                         " ORDER BY recorded_at DESC, event_id DESC"),
            page},
           {absl::StrCat("SELECT count(*) FROM (SELECT", kWhere, own_count, " LIMIT ",
                         kCountedUpTo + 1, ") AS counted"),
            filter}}));
  v1::ListEventsResponse response;
  response.set_total_size(rows[1].Int(0, 0));
  const pg::Result& result = rows[0];
  for (int row = 0; row < result.rows() && row < size; ++row) {
    v1::EventSummary* event = response.add_events();
    event->set_event_id(result.Text(row, 0));
    for (const std::string& kind : result.Array(row, 1)) {
      int number = 0;
      if (absl::SimpleAtoi(kind, &number)) event->add_kinds(static_cast<v1::EventKind>(number));
    }
    event->set_child_id(result.Text(row, 2));
    event->set_carer_id(result.Text(row, 3));
    event->set_state(static_cast<NotifiableEvent::State>(result.Int(row, 4)));
    *event->mutable_occurred_time() = clock::ToProto(result.Time(row, 5));
    *event->mutable_became_aware_time() = clock::ToProto(result.Time(row, 6));
    *event->mutable_recorded_time() = clock::ToProto(result.Time(row, 7));
    event->set_reporter_id(result.Text(row, 8));
    for (const std::string& stage : result.Array(row, 9)) {
      int number = 0;
      if (absl::SimpleAtoi(stage, &number)) {
        event->add_signed_stages(static_cast<v1::SignOff::Stage>(number));
      }
    }
    event->set_notice_count(static_cast<int32_t>(result.Int(row, 10)));
    event->set_notices_given(static_cast<int32_t>(result.Int(row, 11)));
    event->set_notices_overdue(static_cast<int32_t>(result.Int(row, 12)));
    if (!result.IsNull(row, 13))
      *event->mutable_next_due_time() = clock::ToProto(result.Time(row, 13));
  }
  if (result.rows() > size) {
    response.set_next_page_token(runtime::MakePageToken(
        request,
        absl::StrCat(absl::ToUnixMicros(result.Time(size - 1, 7)), "|", result.Text(size - 1, 0))));
  }
  return response;
}

absl::StatusOr<std::vector<std::string>> NextEvents(ledger::Ledger& ledger,
                                                    const std::string& agency_id, int limit,
                                                    EventPlace& place) {
  ASSIGN_OR_RETURN(
      auto rows,
      ledger.Read(agency_id, {{"SELECT event_id, recorded_at FROM view.event WHERE agency_id = $1"
                               " AND (recorded_at, event_id) < ($2, $3)"
                               " ORDER BY recorded_at DESC, event_id DESC LIMIT $4",
                               {agency_id, place.recorded, place.event_id, int64_t{limit}}}}));
  std::vector<std::string> ids;
  for (int row = 0; row < rows[0].rows(); ++row) {
    ids.push_back(rows[0].Text(row, 0));
    place = {rows[0].Time(row, 1), ids.back()};
  }
  return ids;
}

}  // namespace fosterwatch::notifiable_events
