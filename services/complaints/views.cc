#include "services/complaints/views.h"

#include <set>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"

#include "fosterwatch/complaints/v1/complaint_facts.pb.h"
#include "libs/clock/proto_time.h"
#include "libs/duty/timer.h"
#include "libs/status/status_macros.h"
#include "services/complaints/domain/evolve.h"
#include "services/complaints/domain/out_of_time.h"
#include "services/complaints/domain/overdue.h"
#include "services/complaints/domain/part.h"
#include "services/complaints/numbers.h"

namespace fosterwatch::complaints {
namespace {

using ledger::FactStamp;
using ledger::Statements;
using v1::Complaint;
using v1::ComplaintFact;
using Texts = pg::TextArray;
using Times = pg::TimeArray;

// What has no due time.
absl::Time Never() { return absl::FromUnixSeconds(253'402'300'799); }  // the year 9999

absl::Time NextDue(const Complaint& complaint) {
  absl::Time next = Never();
  for (const v1::Duty& duty : complaint.duties()) {
    if (!domain::IsOpen(duty) || duty.suspended()) continue;
    next = std::min(next, clock::FromProto(duty.due_time()));
  }
  return next;
}

// The versions of the bank holidays by which its open clocks were counted.
std::string CalendarsOf(const Complaint& complaint) {
  std::set<std::string> versions;
  for (const v1::Duty& duty : complaint.duties()) {
    const std::string& version = duty.explanation().calendar_version();
    if (domain::IsOpen(duty) && !duty.suspended() && !version.empty()) versions.insert(version);
  }
  return absl::StrJoin(versions, " ");
}

std::string EventOf(const Complaint& complaint) {
  for (const v1::EventProposal& proposal : complaint.event_proposals()) {
    if (!proposal.event_id().empty()) return proposal.event_id();
  }
  return "";
}

std::string AllegationsOf(const Complaint& complaint) {
  std::vector<std::string> ids;
  for (const v1::Disclosure& disclosure : complaint.disclosures()) {
    if (!disclosure.allegation_id().empty()) ids.push_back(disclosure.allegation_id());
  }
  return absl::StrJoin(ids, ",");
}

std::string HiddenFrom(const Complaint& complaint) {
  const std::string& subject = complaint.report().subject().staff_id();
  return domain::IsHiddenFrom(complaint, subject) ? subject : "";
}

void Project(const Complaint& complaint, const FactStamp& last, Statements& statements) {
  const v1::ComplaintReport& report = complaint.report();
  const v1::Stage* stage = domain::CurrentStage(complaint);
  statements.push_back(
      {"INSERT INTO view.complaint SELECT agency_id, complaint_id, year, number, case_number, kind,"
       " state, giver_kind, subject_kind, carer_id, child_id, category, procedure_id, stage_id,"
       " received_at, recorded_at, next_due_at, serious <> 0, paused <> 0, event_id,"
       " string_to_array(allegation_ids, ','), calendars, hidden_from, out_of_time <> 0,"
       " other_route <> 0"
       " FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17,"
       " $18, $19, $20, $21, $22, $23, $24, $25) AS rows (agency_id, complaint_id, year, number, "
       "case_number,"
       " kind, state, giver_kind, subject_kind, carer_id, child_id, category, procedure_id,"
       " stage_id, received_at, recorded_at, next_due_at, serious, paused, event_id,"
       " allegation_ids, calendars, hidden_from, out_of_time, other_route)"
       " ON CONFLICT (agency_id, complaint_id) DO UPDATE SET state = excluded.state,"
       " procedure_id = excluded.procedure_id, stage_id = excluded.stage_id,"
       " next_due_at = excluded.next_due_at, serious = excluded.serious,"
       " paused = excluded.paused, event_id = excluded.event_id,"
       " allegation_ids = excluded.allegation_ids, calendars = excluded.calendars,"
       " hidden_from = excluded.hidden_from, out_of_time = excluded.out_of_time"
       " WHERE (complaint.state, complaint.procedure_id, complaint.stage_id,"
       " complaint.next_due_at, complaint.serious, complaint.paused, complaint.event_id,"
       " complaint.allegation_ids, complaint.calendars, complaint.hidden_from,"
       " complaint.out_of_time) IS DISTINCT FROM (excluded.state,"
       " excluded.procedure_id, excluded.stage_id, excluded.next_due_at, excluded.serious,"
       " excluded.paused, excluded.event_id, excluded.allegation_ids, excluded.calendars,"
       " excluded.hidden_from, excluded.out_of_time)",
       {Texts{last.agency_id},
        Texts{complaint.complaint_id()},
        pg::IntArray{complaint.case_number().year()},
        pg::IntArray{complaint.case_number().number()},
        Texts{complaint.case_number().text()},
        pg::IntArray{report.kind()},
        pg::IntArray{complaint.state()},
        pg::IntArray{report.giver().kind()},
        pg::IntArray{report.subject().kind()},
        Texts{report.subject().carer_id()},
        Texts{report.subject().child_id()},
        Texts{report.category()},
        Texts{report.procedure_id()},
        Texts{stage == nullptr ? "" : stage->stage_id()},
        Times{clock::FromProto(report.received_time())},
        Times{clock::FromProto(complaint.recorded_time())},
        Times{NextDue(complaint)},
        pg::IntArray{complaint.seriousness().serious() ? 1 : 0},
        pg::IntArray{stage != nullptr && domain::IsPaused(*stage) ? 1 : 0},
        Texts{EventOf(complaint)},
        Texts{AllegationsOf(complaint)},
        Texts{CalendarsOf(complaint)},
        Texts{HiddenFrom(complaint)},
        pg::IntArray{domain::IsUndecided(complaint) && !domain::HasEnded(complaint) ? 1 : 0},
        pg::IntArray{complaint.has_other_route() ? 1 : 0}}});
  std::vector<duty::Timer> timers;
  if (const auto next = domain::NextOverdue(complaint)) {
    timers.push_back({kOverdueTimer, kOverdueTimer, *next});
  }
  duty::Project(timers, last, statements);
}

// Which version of a complaint held when.
void ProjectVersion(const ComplaintFact&, const FactStamp& stamp, Statements& statements) {
  statements.push_back(
      {"INSERT INTO view.complaint_version SELECT * FROM unnest($1, $2, $3, $4)"
       " ON CONFLICT DO NOTHING",
       {Texts{stamp.agency_id}, Texts{stamp.aggregate_id}, pg::IntArray{stamp.version},
        Times{stamp.recorded}}});
}

void ProjectSighting(const v1::Sighting& sighting, const FactStamp& last, Statements& statements) {
  statements.push_back(
      {"INSERT INTO view.sighting (agency_id, sighting_id, state, complaint_id, child_id, carer_id,"
       " seen_at, recorded_at, matched_complaint_id, allegation_id)"
       " SELECT * FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)"
       " ON CONFLICT (agency_id, sighting_id) DO UPDATE SET state = excluded.state,"
       " matched_complaint_id = excluded.matched_complaint_id,"
       " allegation_id = excluded.allegation_id",
       {Texts{last.agency_id}, Texts{sighting.sighting_id()}, pg::IntArray{sighting.state()},
        Texts{sighting.complaint_id()}, Texts{sighting.child_id()}, Texts{sighting.carer_id()},
        Times{clock::FromProto(sighting.seen_time())},
        Times{clock::FromProto(sighting.recorded_time())}, Texts{sighting.matched_complaint_id()},
        Texts{sighting.source() == v1::SIGHTING_SOURCE_ALLEGATION ? sighting.source_id() : ""}}});
  std::vector<duty::Timer> timers;
  if (sighting.has_next_raise_time()) {
    timers.push_back({kRaiseTimer, kRaiseTimer, clock::FromProto(sighting.next_raise_time())});
  }
  duty::Project(timers, last, statements);
}

}  // namespace

std::vector<ledger::Aggregate> Aggregates() {
  std::vector<ledger::Aggregate> aggregates;
  aggregates.push_back(ledger::MakeAggregate<Complaint, ComplaintFact>(
      "complaint",
      [](Complaint& complaint, const ComplaintFact& fact, const FactStamp& stamp) {
        domain::Evolve(complaint, fact, {stamp.fact_id, stamp.recorded, stamp.actor});
      },
      Project, {"view.complaint", "view.complaint_version", duty::kTable}));
  aggregates.back().project_fact = ledger::ProjectFact<ComplaintFact>(ProjectVersion);
  aggregates.push_back(ledger::MakeAggregate<v1::Sighting, ComplaintFact>(
      "sighting",
      [](v1::Sighting& sighting, const ComplaintFact& fact, const FactStamp& stamp) {
        domain::EvolveSighting(sighting, fact, stamp.recorded);
      },
      ProjectSighting, {"view.sighting", duty::kTable}));
  aggregates.push_back(NumberAggregate());
  aggregates.push_back(ledger::MakeAggregate<v1::IntakeRecordParked, ComplaintFact>(
      "intake",
      [](v1::IntakeRecordParked& parked, const ComplaintFact& fact, const FactStamp&) {
        if (fact.has_intake_record_parked()) parked = fact.intake_record_parked();
      },
      nullptr, {}));
  return aggregates;
}

std::string ViewsSql(const std::string& role) {
  return absl::StrCat(
      "CREATE TABLE view.complaint (agency_id text, complaint_id text, year bigint NOT NULL,"
      " number bigint NOT NULL, case_number text NOT NULL, kind bigint NOT NULL,"
      " state bigint NOT NULL, giver_kind bigint NOT NULL, subject_kind bigint NOT NULL,"
      " carer_id text NOT NULL, child_id text NOT NULL, category text NOT NULL,"
      " procedure_id text NOT NULL, stage_id text NOT NULL, received_at timestamptz NOT NULL,"
      " recorded_at timestamptz NOT NULL, next_due_at timestamptz NOT NULL,"
      " serious boolean NOT NULL, paused boolean NOT NULL, event_id text NOT NULL,"
      " allegation_ids text[] NOT NULL, calendars text NOT NULL,"
      " PRIMARY KEY (agency_id, complaint_id));"
      // Numbers are unique, whatever else fails.
      "CREATE UNIQUE INDEX complaint_number ON view.complaint (agency_id, year, number);"
      "CREATE INDEX complaint_newest ON view.complaint"
      " (agency_id, recorded_at DESC, complaint_id DESC);"
      "CREATE INDEX complaint_of_carer ON view.complaint"
      " (agency_id, carer_id, recorded_at DESC, complaint_id DESC) WHERE carer_id <> '';"
      "CREATE INDEX complaint_of_child ON view.complaint"
      " (agency_id, child_id, recorded_at DESC, complaint_id DESC) WHERE child_id <> '';"
      "CREATE INDEX complaint_due ON view.complaint (agency_id, next_due_at)"
      " WHERE next_due_at < '9999-01-01 00:00:00+00';"
      "CREATE INDEX complaint_received ON view.complaint (agency_id, received_at);"
      "CREATE INDEX complaint_event ON view.complaint (agency_id, event_id) WHERE event_id <> '';"
      "CREATE INDEX complaint_calendars ON view.complaint (calendars) WHERE calendars <> '';",
      ledger::ViewRights("view.complaint", role),
      "CREATE TABLE view.complaint_version (agency_id text, complaint_id text, version bigint,"
      " recorded_at timestamptz NOT NULL, PRIMARY KEY (agency_id, complaint_id, version));",
      ledger::ViewRights("view.complaint_version", role),
      "CREATE TABLE view.sighting (agency_id text, sighting_id text, state bigint NOT NULL,"
      " complaint_id text NOT NULL, child_id text NOT NULL, carer_id text NOT NULL,"
      " seen_at timestamptz NOT NULL, recorded_at timestamptz NOT NULL,"
      " PRIMARY KEY (agency_id, sighting_id));"
      "CREATE INDEX sighting_oldest ON view.sighting (agency_id, state, recorded_at, sighting_id);"
      "CREATE INDEX sighting_near ON view.sighting (agency_id, state, seen_at);",
      ledger::ViewRights("view.sighting", role), duty::TableSql(role));
}

std::string IndexesSql() {
  return "CREATE INDEX complaint_of_state ON view.complaint"
         " (agency_id, state, recorded_at DESC, complaint_id DESC);"
         "CREATE INDEX complaint_of_kind ON view.complaint"
         " (agency_id, kind, recorded_at DESC, complaint_id DESC);"
         "CREATE INDEX complaint_of_category ON view.complaint"
         " (agency_id, category, recorded_at DESC, complaint_id DESC);";
}

std::string HiddenSql() {
  return "CREATE INDEX complaint_hidden ON view.complaint (agency_id, hidden_from)"
         " WHERE hidden_from <> '';";
}

std::string SightingsSql() {
  return "ALTER TABLE view.sighting ADD COLUMN matched_complaint_id text NOT NULL DEFAULT '',"
         " ADD COLUMN allegation_id text NOT NULL DEFAULT '';"
         "CREATE INDEX sighting_all ON view.sighting (agency_id, recorded_at, sighting_id);";
}

// Of rows that are older than these columns, nobody can say what they are of until the views are
// made again.
std::string UnknownMatchesSql() {
  return "ALTER TABLE view.sighting ALTER COLUMN matched_complaint_id DROP NOT NULL,"
         " ALTER COLUMN matched_complaint_id DROP DEFAULT,"
         " ALTER COLUMN allegation_id DROP NOT NULL, ALTER COLUMN allegation_id DROP DEFAULT;"
         "UPDATE view.sighting SET matched_complaint_id = NULL, allegation_id = NULL"
         " WHERE matched_complaint_id = '' AND allegation_id = '';";
}

std::string RoutesSql() {
  return "ALTER TABLE view.complaint ADD COLUMN hidden_from text NOT NULL DEFAULT '',"
         " ADD COLUMN out_of_time boolean NOT NULL DEFAULT false,"
         " ADD COLUMN other_route boolean NOT NULL DEFAULT false;";
}

}  // namespace fosterwatch::complaints
