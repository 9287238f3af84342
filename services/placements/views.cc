#include "services/placements/views.h"

#include <utility>

#include "absl/strings/str_cat.h"

#include "fosterwatch/placements/v1/child_facts.pb.h"
#include "libs/clock/working_calendar.h"
#include "services/placements/domain/day.h"
#include "services/placements/domain/household.h"
#include "services/placements/domain/placement.h"

namespace fosterwatch::placements {
namespace {

using ledger::FactStamp;
using ledger::Statements;
using v1::PlacementsFact;
using Texts = pg::TextArray;

void ProjectChild(const v1::ChildFile& file, const FactStamp& last, Statements& statements) {
  statements.push_back(
      {"INSERT INTO view.child SELECT * FROM unnest($1, $2, $3)"
       " ON CONFLICT (agency_id, child_id) DO UPDATE SET"
       " carer_id = excluded.carer_id WHERE child.carer_id <> excluded.carer_id",
       {Texts{last.agency_id}, Texts{last.aggregate_id}, Texts{file.carer_id()}}});
  if (file.placements().empty()) return;
  Texts agencies, children, ids, carers, starts, ends, codes, reasons;
  pg::IntArray endings;
  for (const v1::Placement& placement : file.placements()) {
    agencies.push_back(last.agency_id);
    children.push_back(last.aggregate_id);
    ids.push_back(placement.placement_id());
    carers.push_back(placement.carer_id());
    starts.push_back(placement.start_date());
    ends.push_back(placement.end_date());
    codes.push_back(placement.placement_code());
    reasons.push_back(placement.reason_code());
    endings.push_back(placement.ending());
  }
  statements.push_back(
      {"INSERT INTO view.placement SELECT * FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9)"
       " ON CONFLICT (agency_id, child_id, placement_id) DO UPDATE SET"
       " carer_id = excluded.carer_id, start_date = excluded.start_date,"
       " end_date = excluded.end_date, placement_code = excluded.placement_code,"
       " reason_code = excluded.reason_code, ending = excluded.ending"
       " WHERE (placement.carer_id, placement.start_date, placement.end_date,"
       " placement.placement_code, placement.reason_code, placement.ending) IS DISTINCT FROM"
       " (excluded.carer_id, excluded.start_date, excluded.end_date, excluded.placement_code,"
       " excluded.reason_code, excluded.ending)",
       {std::move(agencies), std::move(children), std::move(ids), std::move(carers),
        std::move(starts), std::move(ends), std::move(codes), std::move(reasons),
        std::move(endings)}});
}

void ProjectHousehold(const v1::Household& household, const FactStamp& last,
                      Statements& statements) {
  statements.push_back(
      {"INSERT INTO view.household SELECT agency_id, carer_id, residents, breaches > 0, vacancies"
       " FROM unnest($1, $2, $3, $4, $5) AS rows (agency_id, carer_id, residents, breaches,"
       " vacancies) ON CONFLICT (agency_id, carer_id) DO UPDATE SET"
       " residents = excluded.residents, outside_terms = excluded.outside_terms,"
       " vacancies = excluded.vacancies",
       {Texts{last.agency_id}, Texts{last.aggregate_id}, pg::IntArray{household.residents_size()},
        pg::IntArray{household.breaches_size()}, pg::IntArray{household.vacancies()}}});
  duty::Project(TimersOf(household), last, statements);
}

}  // namespace

std::vector<duty::Timer> TimersOf(const v1::Household& household) {
  if (household.next_look_date().empty()) return {};
  return {{kTermsTimer, kTermsTimer,
           absl::FromCivil(domain::DayOf(household.next_look_date()), clock::London())}};
}

std::vector<ledger::Aggregate> Aggregates() {
  std::vector<ledger::Aggregate> aggregates;
  aggregates.push_back(ledger::MakeAggregate<v1::ChildFile, PlacementsFact>(
      kChildAggregate,
      [](v1::ChildFile& file, const PlacementsFact& fact, const FactStamp& stamp) {
        domain::Evolve(file, fact, {stamp.fact_id, stamp.recorded});
      },
      ProjectChild, {"view.child", "view.placement"}));
  aggregates.push_back(ledger::MakeAggregate<v1::Household, PlacementsFact>(
      kHouseholdAggregate,
      [](v1::Household& household, const PlacementsFact& fact, const FactStamp& stamp) {
        domain::EvolveHousehold(household, fact, stamp.aggregate_id);
      },
      ProjectHousehold, {"view.household", duty::kTable}));
  // A child's day of birth stays under the child's key wherever it is written.
  aggregates.back().subject = [](const google::protobuf::Message& fact, const std::string& id) {
    const auto& said = static_cast<const PlacementsFact&>(fact);
    return said.has_resident_joined()
               ? absl::StrCat(kChildAggregate, ":", said.resident_joined().resident().child_id())
               : absl::StrCat(kHouseholdAggregate, ":", id);
  };
  aggregates.push_back(ledger::MakeAggregate<PlacementsFact, PlacementsFact>(
      kIntakeAggregate,
      [](PlacementsFact& parked, const PlacementsFact& fact, const FactStamp&) { parked = fact; },
      nullptr, {}));
  return aggregates;
}

std::string ViewsSql(const std::string& role) {
  return absl::StrCat(
      "CREATE TABLE view.child (agency_id text, child_id text, carer_id text NOT NULL,"
      " PRIMARY KEY (agency_id, child_id));"
      "CREATE INDEX child_of_carer ON view.child (agency_id, carer_id);",
      ledger::ViewRights("view.child", role));
}

const caseload::Tables& CaseloadTables() {
  static const auto* const tables = new caseload::Tables{"reference.caseload", "view.child"};
  return *tables;
}

std::string CaseloadSql(const std::string& role) {
  return caseload::GrantsSql(CaseloadTables().grants, role);
}

std::unique_ptr<caseload::Reader> MakeCaseload(ledger::Ledger* ledger,
                                               std::function<absl::Time()> now) {
  caseload::Reader::Options options;
  options.tables = CaseloadTables();
  options.kinds["placement"] = absl::StrCat(
      "SELECT placement_id FROM view.placement WHERE agency_id = $1"
      " AND placement_id = ANY ($2) AND ",
      caseload::OwnCarer(CaseloadTables(), "carer_id", 3, 4), " AND ",
      caseload::OwnChild(CaseloadTables(), "child_id", 3, 4));
  options.now = std::move(now);
  return std::make_unique<caseload::Reader>(ledger, std::move(options));
}

std::string PlacementsSql(const std::string& role) {
  return absl::StrCat(
      "CREATE TABLE view.placement (agency_id text, child_id text, placement_id text,"
      " carer_id text NOT NULL, start_date text NOT NULL, end_date text NOT NULL,"
      " placement_code text NOT NULL, reason_code text NOT NULL, ending bigint NOT NULL,"
      " PRIMARY KEY (agency_id, child_id, placement_id));"
      "CREATE INDEX placement_by_id ON view.placement (agency_id, placement_id);"
      "CREATE INDEX placement_of_carer ON view.placement (agency_id, carer_id, start_date);"
      "CREATE INDEX placement_newest ON view.placement (agency_id, start_date, placement_id);"
      "CREATE INDEX placement_ended ON view.placement (agency_id, ending, end_date);",
      ledger::ViewRights("view.placement", role),
      "CREATE TABLE view.household (agency_id text, carer_id text, residents bigint NOT NULL,"
      " outside_terms boolean NOT NULL, vacancies bigint NOT NULL,"
      " PRIMARY KEY (agency_id, carer_id));",
      ledger::ViewRights("view.household", role), duty::TableSql(role),
      "INSERT INTO view.placement SELECT child.agency_id, child_id, min(fact_id), min(carer_id),"
      " to_char(min(recorded_at) AT TIME ZONE 'Europe/London', 'YYYY-MM-DD'), '', '', '', 0"
      " FROM view.child JOIN ledger.fact ON fact.agency_id = child.agency_id"
      " AND aggregate_type = 'child' AND aggregate_id = child_id"
      " WHERE carer_id <> '' GROUP BY child.agency_id, child_id HAVING count(*) = 1;");
}

}  // namespace fosterwatch::placements
