#include "services/carers/views.h"

#include <map>
#include <optional>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"

#include "fosterwatch/carers/v1/carer_facts.pb.h"
#include "libs/clock/proto_time.h"
#include "libs/duty/timer.h"
#include "libs/runtime/page_token.h"
#include "libs/status/error.h"
#include "libs/status/status_macros.h"
#include "services/carers/domain/carer.h"
#include "services/carers/domain/duties.h"
#include "services/carers/domain/evolve.h"

namespace fosterwatch::carers {
namespace {

using ledger::FactStamp;
using ledger::Statements;
using v1::Carer;
using v1::CarersFact;

// Beyond this nobody reads a number but waits for it: a count visits every row.
constexpr int kCountedUpTo = 10'000;

// Of arrays alone, so that those of many carers run as one.
void Project(const Carer& carer, const FactStamp& last, Statements& statements) {
  std::optional<absl::Time> next_due;
  pg::TextArray duty_ids;
  pg::IntArray kinds;
  pg::TimeArray due;
  std::string stay;
  for (const v1::CarerDuty& duty : carer.duties()) {
    const absl::Time at = clock::FromProto(duty.due_time());
    if (!next_due || at < *next_due) next_due = at;
    duty_ids.push_back(duty.duty_id());
    kinds.push_back(duty.kind());
    due.push_back(at);
    absl::StrAppend(&stay, duty.duty_id(), "\n");
  }
  const bool approved = !carer.approved_date().empty() || carer.has_temporary_approval();
  statements.push_back(
      {"INSERT INTO view.carer (agency_id, carer_id, kind, status, next_due_at, ended_date,"
       " application_ended_date, on_hold, in_register)"
       " SELECT agency_id, carer_id, kind, status, CASE WHEN has_due <> 0 THEN next_due_at END,"
       " ended_date, application_ended_date, on_hold <> 0, in_register <> 0"
       " FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) AS rows (agency_id, carer_id, kind,"
       " status, has_due, next_due_at, ended_date, application_ended_date, on_hold, in_register)"
       " ON CONFLICT (agency_id, carer_id) DO UPDATE SET kind = excluded.kind,"
       " status = excluded.status, next_due_at = excluded.next_due_at,"
       " ended_date = excluded.ended_date,"
       " application_ended_date = excluded.application_ended_date, on_hold = excluded.on_hold,"
       " in_register = excluded.in_register",
       {pg::TextArray{last.agency_id}, pg::TextArray{carer.carer_id()}, pg::IntArray{carer.kind()},
        pg::IntArray{carer.status()}, pg::IntArray{next_due ? 1 : 0},
        pg::TimeArray{next_due.value_or(absl::UnixEpoch())}, pg::TextArray{carer.ended_date()},
        pg::TextArray{carer.application().ended_date()},
        pg::IntArray{domain::IsOnHold(carer) ? 1 : 0}, pg::IntArray{approved ? 1 : 0}}});
  statements.push_back(
      {"DELETE FROM view.carer_duty USING unnest($1, $2, $3) AS carer (agency_id, carer_id, stay)"
       " WHERE carer_duty.agency_id = carer.agency_id AND carer_duty.carer_id = carer.carer_id"
       " AND carer_duty.duty_id <> ALL (string_to_array(carer.stay, E'\n'))",
       {pg::TextArray{last.agency_id}, pg::TextArray{carer.carer_id()},
        pg::TextArray{std::move(stay)}}});
  if (!duty_ids.empty()) {
    statements.push_back(
        {"INSERT INTO view.carer_duty SELECT agency_id, carer_id, duty_id, kind, due_at"
         " FROM unnest($1, $2, $3, $4, $5) AS rows (agency_id, carer_id, duty_id, kind, due_at)"
         " ON CONFLICT (agency_id, carer_id, duty_id) DO UPDATE SET due_at = excluded.due_at"
         " WHERE carer_duty.due_at <> excluded.due_at",
         {pg::TextArray(duty_ids.size(), last.agency_id),
          pg::TextArray(duty_ids.size(), carer.carer_id()), duty_ids, kinds, due}});
  }
  std::vector<duty::Timer> timers;
  if (const auto next = domain::NextMoment(carer)) timers.push_back({kTimer, "next", *next});
  duty::Project(timers, last, statements);
}

void ProjectVisit(const CarersFact& fact, const FactStamp& stamp, Statements& statements) {
  if (!fact.has_visit_recorded()) return;
  const v1::Visit& visit = fact.visit_recorded().visit();
  std::vector<std::string> children;
  for (const auto& seen : visit.seen()) {
    if (!seen.child_id().empty()) children.push_back(seen.child_id());
  }
  statements.push_back(
      {"INSERT INTO view.visit"
       " SELECT agency_id, visit_id, carer_id, visited_at, unannounced <> 0,"
       " string_to_array(child_ids, E'\n') FROM unnest($1, $2, $3, $4, $5, $6)"
       " AS rows (agency_id, visit_id, carer_id, visited_at, unannounced, child_ids)",
       {pg::TextArray{stamp.agency_id}, pg::TextArray{visit.visit_id()},
        pg::TextArray{stamp.aggregate_id}, pg::TimeArray{clock::FromProto(visit.visited_time())},
        pg::IntArray{visit.unannounced() ? 1 : 0}, pg::TextArray{absl::StrJoin(children, "\n")}}});
}

// "micros|carer|item" of a page token.
struct Place {
  absl::Time at = absl::InfinitePast();
  std::string carer_id, item_id;
};

absl::StatusOr<Place> ReadPlace(const google::protobuf::Message& request, absl::Time first) {
  Place place;
  place.at = first;
  ASSIGN_OR_RETURN(const std::string after, runtime::ReadPageToken(request));
  if (after.empty()) return place;
  const std::vector<std::string> parts = absl::StrSplit(after, absl::MaxSplits('|', 1));
  int64_t micros = 0;
  if (parts.size() == 2 && absl::SimpleAtoi(parts[0], &micros)) {
    const std::vector<std::string> ids = absl::StrSplit(parts[1], '\n');
    if (ids.size() == 2) {
      place = {absl::FromUnixMicros(micros), ids[0], ids[1]};
      return place;
    }
  }
  return InvalidField("page_token", "INVALID_PAGE_TOKEN", "is not one of this list");
}

// Rows of carer, item and moment.
Page PageOf(const pg::Result& rows, const pg::Result& counted, int size) {
  Page page;
  page.total = counted.Int(0, 0);
  page.more = rows.rows() > size;
  for (int row = 0; row < rows.rows() && row < size; ++row) {
    page.rows.push_back({rows.Text(row, 0), rows.Text(row, 1),
                         absl::StrCat(absl::ToUnixMicros(rows.Time(row, 2)), "|", rows.Text(row, 0),
                                      "\n", rows.Text(row, 1))});
  }
  return page;
}

// The last day on which what must be kept so long may have ended, to be destroyed by `day`.
std::string Latest(absl::CivilDay day, const v1::CarerPolicy::Limit& limit) {
  absl::CivilDay latest = day - limit.calendar_days() - 1;
  if (limit.calendar_months() > 0) {
    const absl::CivilMonth month = absl::CivilMonth(day - 1) - limit.calendar_months();
    const absl::CivilDay last_of_month = absl::CivilDay(month + 1) - 1;
    latest = std::min(last_of_month, absl::CivilDay(month) + (day - 1).day() - 1);
    // What ended on the 31st is kept until the end of a shorter month.
    if ((day - 1) == absl::CivilDay(absl::CivilMonth(day - 1) + 1) - 1) latest = last_of_month;
  }
  return absl::FormatCivilTime(latest);
}

}  // namespace

std::vector<ledger::Aggregate> Aggregates() {
  std::vector<ledger::Aggregate> aggregates;
  aggregates.push_back(ledger::MakeAggregate<Carer, CarersFact>(
      kCarerAggregate,
      [](Carer& carer, const CarersFact& fact, const FactStamp& stamp) {
        domain::Evolve(carer, fact, {stamp.fact_id, stamp.recorded, stamp.actor});
      },
      Project, {"view.carer", "view.carer_duty", "view.visit", duty::kTable}));
  aggregates.back().project_fact = ledger::ProjectFact<CarersFact>(ProjectVisit);
  return aggregates;
}

std::string ViewsSql(const std::string& role) {
  return absl::StrCat(
      "CREATE TABLE view.carer (agency_id text, carer_id text, kind bigint NOT NULL,"
      " PRIMARY KEY (agency_id, carer_id));",
      ledger::ViewRights("view.carer", role));
}

std::string DutiesSql(const std::string& role) {
  return absl::StrCat(
      "ALTER TABLE view.carer ADD COLUMN status bigint NOT NULL DEFAULT ",
      static_cast<int>(Carer::STATUS_APPROVED),
      ", ADD COLUMN next_due_at timestamptz, ADD COLUMN ended_date text NOT NULL DEFAULT '',"
      " ADD COLUMN application_ended_date text NOT NULL DEFAULT '',"
      " ADD COLUMN on_hold boolean NOT NULL DEFAULT false,"
      " ADD COLUMN in_register boolean NOT NULL DEFAULT true;"
      "CREATE TABLE view.carer_duty (agency_id text, carer_id text, duty_id text,"
      " kind bigint NOT NULL, due_at timestamptz NOT NULL,"
      " PRIMARY KEY (agency_id, carer_id, duty_id));"
      "CREATE INDEX carer_duty_due ON view.carer_duty (agency_id, due_at, carer_id, duty_id);"
      "CREATE INDEX carer_duty_kind ON view.carer_duty"
      " (agency_id, kind, due_at, carer_id, duty_id);",
      ledger::ViewRights("view.carer_duty", role),
      "CREATE TABLE view.visit (agency_id text, visit_id text, carer_id text NOT NULL,"
      " visited_at timestamptz NOT NULL, unannounced boolean NOT NULL, child_ids text[] NOT NULL,"
      " PRIMARY KEY (agency_id, visit_id));"
      "CREATE INDEX visit_newest ON view.visit"
      " (agency_id, visited_at DESC, carer_id DESC, visit_id DESC);"
      "CREATE INDEX visit_of_carer ON view.visit"
      " (agency_id, carer_id, visited_at DESC, visit_id DESC);"
      "CREATE INDEX visit_of_child ON view.visit USING gin (child_ids);",
      ledger::ViewRights("view.visit", role), duty::TableSql(role),
      "INSERT INTO view.timer (agency_id, subject_id, kind, id, due_at, urgent)"
      " SELECT carer.agency_id, carer.carer_id, '",
      kTimer,
      "', 'next', fact.recorded_at, false FROM view.carer JOIN ledger.fact"
      " ON fact.agency_id = carer.agency_id AND fact.aggregate_id = carer.carer_id"
      " AND fact.aggregate_type = 'carer' AND fact.version = 1;");
}

absl::StatusOr<Page> ListCarers(ledger::Ledger& ledger, const std::string& agency_id,
                                const v1::ListCarersRequest& request, const v1::CarerPolicy& policy,
                                absl::Time now) {
  ASSIGN_OR_RETURN(const int size, runtime::PageSize(request.page_size(), 200, 1000));
  ASSIGN_OR_RETURN(const std::string after, runtime::ReadPageToken(request));
  std::string approval_by, application_by;
  if (!request.retention_over_by_date().empty()) {
    absl::CivilDay day;
    if (request.retention_over_by_date().size() != 10 ||
        !absl::ParseCivilTime(request.retention_over_by_date(), &day)) {
      return InvalidField("retention_over_by_date", "INVALID_DATE",
                          "is not a day such as 2026-11-22");
    }
    approval_by = Latest(day, policy.keep_after_approval());
    application_by = Latest(day, policy.keep_after_application());
  }
  // Only what is asked for: a plan for any filter would serve none of them well.
  std::string where = " FROM view.carer WHERE agency_id = $1";
  pg::Values values = {agency_id};
  const auto given = [&values](pg::Value value) {
    values.push_back(std::move(value));
    return absl::StrCat("$", values.size());
  };
  if (request.kind() != Carer::KIND_UNSPECIFIED) {
    absl::StrAppend(&where, " AND kind = ", given(int64_t{request.kind()}));
  }
  if (request.status() != Carer::STATUS_UNSPECIFIED) {
    absl::StrAppend(&where, " AND status = ", given(int64_t{request.status()}));
  }
  if (request.overdue()) absl::StrAppend(&where, " AND next_due_at <= ", given(now));
  if (request.overdue_duty() != v1::DUTY_KIND_UNSPECIFIED) {
    const std::string kind = given(int64_t{request.overdue_duty()});
    absl::StrAppend(&where,
                    " AND EXISTS (SELECT FROM view.carer_duty WHERE carer_duty.agency_id = $1"
                    " AND carer_duty.carer_id = carer.carer_id AND carer_duty.kind = ",
                    kind, " AND due_at <= ", given(now), ")");
  }
  if (!approval_by.empty()) {
    const std::string approval = given(approval_by);
    absl::StrAppend(&where, " AND status >= 5 AND NOT on_hold AND ended_date <= ", approval,
                    " AND application_ended_date <= ", given(application_by));
  }
  if (!request.carer_ids().empty()) {
    absl::StrAppend(&where, " AND carer_id = ANY (",
                    given(pg::TextArray(request.carer_ids().begin(), request.carer_ids().end())),
                    ")");
  }
  const pg::Statement count = {
      absl::StrCat("SELECT count(*) FROM (SELECT", where, " LIMIT ", kCountedUpTo + 1, ") AS c"),
      values};
  const std::string place = given(after);
  ASSIGN_OR_RETURN(
      auto rows,
      ledger.Read(agency_id, {{absl::StrCat("SELECT carer_id", where, " AND carer_id > ", place,
                                            " ORDER BY carer_id LIMIT ", given(int64_t{size} + 1)),
                               values},
                              count}));
  Page result;
  result.total = rows[1].Int(0, 0);
  result.more = rows[0].rows() > size;
  for (int row = 0; row < rows[0].rows() && row < size; ++row) {
    result.rows.push_back({rows[0].Text(row, 0), "", rows[0].Text(row, 0)});
  }
  return result;
}

absl::StatusOr<Page> ListDuties(ledger::Ledger& ledger, const std::string& agency_id,
                                const v1::ListDutiesRequest& request, absl::Time now) {
  ASSIGN_OR_RETURN(const int size, runtime::PageSize(request.page_size(), 200, 1000));
  // Before any moment that the database keeps for a duty.
  ASSIGN_OR_RETURN(const Place place, ReadPlace(request, absl::FromCivil(absl::CivilDay(1900, 1, 1),
                                                                         absl::UTCTimeZone())));
  absl::Time before = absl::FromCivil(absl::CivilDay(9000, 1, 1), absl::UTCTimeZone());
  if (request.has_due_before_time()) {
    if (!clock::IsValid(request.due_before_time())) {
      return InvalidField("due_before_time", "INVALID_TIME",
                          "is no moment between the years 1 and 9999");
    }
    before = std::min(before, clock::FromProto(request.due_before_time()));
  }
  if (request.overdue()) before = std::min(before, now + absl::Microseconds(1));
  static constexpr char kWhere[] =
      " FROM view.carer_duty WHERE agency_id = $1 AND due_at < $2 AND ($3 = '' OR carer_id = $3)"
      " AND ($4 = 0 OR kind = $4)";
  const pg::Values filter = {agency_id, before, request.carer_id(), int64_t{request.kind()}};
  pg::Values page = filter;
  page.insert(page.end(), {place.at, place.carer_id, place.item_id, int64_t{size} + 1});
  ASSIGN_OR_RETURN(
      auto rows,
      ledger.Read(agency_id, {{absl::StrCat("SELECT carer_id, duty_id, due_at", kWhere,
                                            " AND (due_at, carer_id, duty_id) > ($5, $6, $7)"
                                            " ORDER BY due_at, carer_id, duty_id LIMIT $8"),
                               page},
                              {absl::StrCat("SELECT count(*) FROM (SELECT", kWhere, " LIMIT ",
                                            kCountedUpTo + 1, ") AS c"),
                               filter}}));
  return PageOf(rows[0], rows[1], size);
}

absl::StatusOr<Page> ListVisits(ledger::Ledger& ledger, const std::string& agency_id,
                                const v1::ListVisitsRequest& request) {
  ASSIGN_OR_RETURN(const int size, runtime::PageSize(request.page_size(), 200, 1000));
  ASSIGN_OR_RETURN(const Place place, ReadPlace(request, absl::FromCivil(absl::CivilDay(9000, 1, 1),
                                                                         absl::UTCTimeZone())));
  static constexpr char kWhere[] =
      " FROM view.visit WHERE agency_id = $1 AND ($2 = '' OR carer_id = $2)"
      " AND ($3 = '' OR child_ids @> ARRAY[$3]) AND (NOT $4 OR unannounced)";
  const pg::Values filter = {agency_id, request.carer_id(), request.child_id(),
                             request.unannounced()};
  pg::Values page = filter;
  page.insert(page.end(), {place.at, place.carer_id, place.item_id, int64_t{size} + 1});
  ASSIGN_OR_RETURN(
      auto rows,
      ledger.Read(
          agency_id,
          {{absl::StrCat("SELECT carer_id, visit_id, visited_at", kWhere,
                         " AND (visited_at, carer_id, visit_id) < ($5, $6, $7)"
                         " ORDER BY visited_at DESC, carer_id DESC, visit_id DESC LIMIT $8"),
            page},
           {absl::StrCat("SELECT count(*) FROM (SELECT", kWhere, " LIMIT ", kCountedUpTo + 1,
                         ") AS c"),
            filter}}));
  return PageOf(rows[0], rows[1], size);
}

absl::StatusOr<std::vector<std::string>> CarersAfter(ledger::Ledger& ledger,
                                                     const std::string& agency_id,
                                                     const std::string& after, int limit) {
  ASSIGN_OR_RETURN(auto rows,
                   ledger.Read(agency_id, {{"SELECT carer_id FROM view.carer WHERE agency_id = $1"
                                            " AND carer_id > $2 ORDER BY carer_id LIMIT $3",
                                            {agency_id, after, int64_t{limit}}}}));
  std::vector<std::string> ids;
  for (int row = 0; row < rows[0].rows(); ++row) ids.push_back(rows[0].Text(row, 0));
  return ids;
}

absl::StatusOr<v1::CarerCounts> CountCarers(ledger::Ledger& ledger, const std::string& agency_id,
                                            absl::Time now) {
  ASSIGN_OR_RETURN(
      auto rows,
      ledger.Read(agency_id,
                  {{"SELECT status, count(*) FILTER (WHERE kind = 1),"
                    " count(*) FILTER (WHERE kind = 2) FROM view.carer WHERE agency_id = $1"
                    " GROUP BY status ORDER BY status",
                    {agency_id}},
                   {"SELECT kind, count(*), count(*) FILTER (WHERE due_at <= $2)"
                    " FROM view.carer_duty WHERE agency_id = $1 GROUP BY kind ORDER BY kind",
                    {agency_id, now}}}));
  v1::CarerCounts counts;
  for (int row = 0; row < rows[0].rows(); ++row) {
    auto* of = counts.add_statuses();
    of->set_status(static_cast<Carer::Status>(rows[0].Int(row, 0)));
    of->set_mainstream(rows[0].Int(row, 1));
    of->set_connected(rows[0].Int(row, 2));
  }
  for (int row = 0; row < rows[1].rows(); ++row) {
    auto* of = counts.add_duties();
    of->set_kind(static_cast<v1::DutyKind>(rows[1].Int(row, 0)));
    of->set_owed(rows[1].Int(row, 1));
    of->set_overdue(rows[1].Int(row, 2));
  }
  *counts.mutable_as_of_time() = clock::ToProto(now);
  return counts;
}

}  // namespace fosterwatch::carers
