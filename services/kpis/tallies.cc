#include "services/kpis/tallies.h"

#include <memory>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"

#include "libs/ledger/id.h"
#include "libs/status/status_macros.h"
#include "nlohmann/json.hpp"
#include "services/kpis/domain/catalogue.h"
#include "services/kpis/domain/measure.h"

namespace fosterwatch::kpis {
namespace {

using domain::Counted;
using domain::Period;
using domain::Span;
using domain::Tally;

// Of the functions that count (tally_schema.cc), which the tallies follow too.
constexpr char kCountedBy[] = "1";

Tally TallyOf(const v1::KpiDefinition& kpi) {
  const domain::Measure* measure = domain::MeasureOf(kpi.measure());
  return measure == nullptr ? Tally::kNone : measure->tally;
}

// A question to attributes: whether all conditions hold. What is not there is "".
using Conditions = google::protobuf::RepeatedPtrField<v1::Condition>;
std::string PathOf(const Conditions& conditions) {
  const auto quoted = [](const std::string& text) { return nlohmann::json(text).dump(); };
  std::string path = "1 == 1";
  for (const v1::Condition& condition : conditions) {
    const std::string field = absl::StrCat("$.", quoted(condition.field()));
    absl::StrAppend(&path, " && ", condition.none_of() ? "!" : "", "(1 == 2");
    for (const std::string& code : condition.any_of()) {
      absl::StrAppend(&path, " || ", field, " == ", quoted(code));
      if (code.empty()) absl::StrAppend(&path, " || !exists(", field, ")");
    }
    absl::StrAppend(&path, ")");
  }
  return path;
}

// What of a catalogue says what is counted, as rows of reference.tally_rule.
struct Rules {
  pg::TextArray streams, codes, measures, conditions, numerator_conditions, group_by;
  pg::IntArray due_exclusive;
  std::string version;
};

Rules RulesOf(const v1::Catalogue& catalogue) {
  Rules rules;
  std::string text = kCountedBy;
  for (const v1::KpiDefinition& kpi : catalogue.kpis()) {
    if (TallyOf(kpi) == Tally::kNone) continue;
    rules.streams.push_back(kpi.stream());
    rules.codes.push_back(kpi.code());
    rules.measures.push_back(v1::KpiDefinition::Measure_Name(kpi.measure()));
    rules.due_exclusive.push_back(domain::FindStream(catalogue, kpi.stream())->due_exclusive() ? 1
                                                                                               : 0);
    rules.conditions.push_back(PathOf(kpi.where()));
    rules.numerator_conditions.push_back(PathOf(kpi.numerator_where()));
    rules.group_by.push_back(kpi.group_by());
    absl::StrAppend(&text, "\n", rules.streams.back(), "\n", rules.codes.back(), "\n",
                    rules.measures.back(), "\n", rules.due_exclusive.back(), "\n",
                    rules.conditions.back(), "\n", rules.numerator_conditions.back(), "\n",
                    rules.group_by.back());
  }
  rules.version = ledger::DerivedId(text);
  return rules;
}

// One statement, so that tallies and elements are of one moment. What elements that are read add by
// the tallies is taken off again. Read are those whose beginning, end or due time is still to come
// on the day of the moment, and those that are done in time later in the month.
constexpr char kRead[] = R"sql(
WITH touched AS MATERIALIZED (
  SELECT s AS span FROM view.span AS s
  WHERE $4 AND s.agency_id = $1 AND s.stream = ANY ($2) AND s.begin_at < $9
    AND (s.begin_at > $7 AND s.begin_at <= $8 OR s.end_at > $7 AND s.end_at <= $8
      OR s.due_at >= $7 AND s.due_at <= $8
      OR s.due_at > $7 AND s.due_at <= $9 AND s.end_at > $7 AND s.end_at < $9))
SELECT 'month', code, share, CASE WHEN first < $3::date THEN '' ELSE first::text END AS day,
  sum(numerator)::bigint, sum(denominator)::bigint, sum(sum)::bigint, NULL::timestamptz,
  NULL::timestamptz, NULL::timestamptz, false, ''
FROM view.tally WHERE agency_id = $1 AND unit = 'month' GROUP BY 2, 3, 4
UNION ALL
SELECT 'day', code, share, first::text, numerator, denominator, sum, NULL, NULL, NULL, false, ''
FROM view.tally WHERE $4 AND agency_id = $1 AND unit = 'day' AND first >= $5::date
  AND first < $6::date
UNION ALL
SELECT 'day', r.code, coalesce((span).attributes ->> nullif(r.group_by, ''), ''),
  CASE WHEN entry.day < $5::date THEN '' ELSE entry.day::text END, -sum(entry.numerator)::bigint,
  -sum(entry.denominator)::bigint, -sum(entry.sum)::bigint, NULL, NULL, NULL, false, ''
FROM touched JOIN reference.tally_rule AS r ON r.stream = (span).stream
CROSS JOIN LATERAL view.tallied(span, r) AS entry
WHERE entry.day < $6::date AND jsonb_path_match((span).attributes, r.conditions)
GROUP BY 2, 3, 4
UNION ALL
SELECT 'span', (span).stream, '', '', coalesce((span).value, 0), ((span).value IS NOT NULL)::int, 0,
  (span).begin_at, (span).due_at, (span).end_at, (span).lapsed, (span).attributes::text
FROM touched
UNION ALL
SELECT 'rules', version, '', '', 0, 0, 0, NULL, NULL, NULL, false, '' FROM reference.tally_rules
)sql";

std::optional<absl::Time> TimeOf(const pg::Result& result, int row, int column) {
  if (result.IsNull(row, column)) return std::nullopt;
  return result.Time(row, column);
}

Span SpanOf(const pg::Result& result, int row) {
  Span span;
  if (result.Int(row, 5) == 1) span.value = result.Int(row, 4);
  span.begin = result.Time(row, 7);
  span.due = TimeOf(result, row, 8);
  span.end = TimeOf(result, row, 9);
  span.lapsed = result.Bool(row, 10);
  span.attributes =
      nlohmann::json::parse(result.Text(row, 11)).get<std::map<std::string, std::string>>();
  return span;
}

}  // namespace

absl::Status HoldTallies(pg::Connection& tx) {
  return tx.Query("SELECT pg_advisory_xact_lock($1)", {int64_t{kTallyLock}}).status();
}

absl::Status RemakeTallies(pg::Connection& tx) {
  return tx.Query("SELECT view.tally_all()").status();
}

absl::Status KeepTallies(const std::string& relay_conninfo, const v1::Catalogue& catalogue) {
  const Rules rules = RulesOf(catalogue);
  ASSIGN_OR_RETURN(auto connection, pg::Connection::Open(relay_conninfo));
  RETURN_IF_ERROR(connection->Script("SET jit = off"));
  return pg::Transact(*connection, [&](pg::Connection& tx) -> absl::Status {
    RETURN_IF_ERROR(HoldTallies(tx));
    ASSIGN_OR_RETURN(const pg::Result known, tx.Query("SELECT version FROM reference.tally_rules"));
    if (known.rows() == 1 && known.Text(0, 0) == rules.version) return absl::OkStatus();
    RETURN_IF_ERROR(
        tx.Pipeline({{"DELETE FROM reference.tally_rule", {}},
                     {"DELETE FROM reference.tally_rules", {}},
                     {"INSERT INTO reference.tally_rule SELECT stream, code, measure,"
                      " exclusive = 1, conditions::jsonpath, numerators::jsonpath, group_by"
                      " FROM unnest($1, $2, $3, $4, $5, $6, $7) AS given (stream, code,"
                      " measure, exclusive, conditions, numerators, group_by)",
                      {rules.streams, rules.codes, rules.measures, rules.due_exclusive,
                       rules.conditions, rules.numerator_conditions, rules.group_by}},
                     {"INSERT INTO reference.tally_rules VALUES ($1)", {rules.version}}})
            .status());
    return RemakeTallies(tx);
  });
}

bool IsTallied(const v1::KpiDefinition& kpi, const Period& period) {
  return period.cadence == v1::CADENCE_MONTH && TallyOf(kpi) != Tally::kNone;
}

pg::Statement Tallies::StatementOf(const std::string& agency_id, const v1::Catalogue& catalogue,
                                   absl::Time as_at, absl::CivilMonth first,
                                   absl::CivilMonth last) {
  std::set<std::string> streams;
  for (const v1::KpiDefinition& kpi : catalogue.kpis()) {
    if (TallyOf(kpi) != Tally::kNone) streams.insert(kpi.stream());
  }
  const absl::CivilMonth month = domain::MonthAt(as_at);
  const auto day = [](absl::CivilMonth of) { return absl::FormatCivilTime(absl::CivilDay(of)); };
  return {kRead,
          {agency_id, pg::TextArray(streams.begin(), streams.end()), day(first),
           first <= month && month <= last, day(month), day(month + 1), as_at,
           domain::PeriodAt(as_at, v1::CADENCE_DAY).Until(), domain::StartOfMonth(month + 1)}};
}

absl::StatusOr<std::optional<Tallies>> Tallies::Read(ledger::Ledger& ledger,
                                                     const std::string& agency_id,
                                                     const v1::Catalogue& catalogue,
                                                     absl::Time as_at, absl::CivilMonth first,
                                                     absl::CivilMonth last) {
  const std::string version = RulesOf(catalogue).version;
  ASSIGN_OR_RETURN(const auto rows,
                   ledger.Read(agency_id, {StatementOf(agency_id, catalogue, as_at, first, last)}));
  const pg::Result& result = rows[0];
  Tallies tallies(&catalogue, as_at);
  bool of_catalogue = false;
  for (int row = 0; row < result.rows(); ++row) {
    const std::string what = result.Text(row, 0), name = result.Text(row, 1);
    if (what == "rules") {
      of_catalogue = name == version;
    } else if (what == "span") {
      tallies.touched_[name].push_back(SpanOf(result, row));
    } else {
      Entry entry = {result.Text(row, 2), std::nullopt, result.Int(row, 4), result.Int(row, 5),
                     result.Int(row, 6)};
      absl::CivilDay of;
      if (absl::ParseCivilTime(result.Text(row, 3), &of)) entry.first = of;
      (what == "month" ? tallies.months_ : tallies.days_)[name].push_back(std::move(entry));
    }
  }
  if (!of_catalogue) return std::nullopt;
  return tallies;
}

const std::vector<Tallies::Entry>& Tallies::Of(const Entries& entries,
                                               const std::string& code) const {
  static const auto* const none = new std::vector<Entry>;
  const auto found = entries.find(code);
  return found == entries.end() ? *none : found->second;
}

Counted Tallies::Of(const v1::KpiDefinition& kpi, const Period& month) const {
  const Tally tally = TallyOf(kpi);
  const bool standing = tally == Tally::kStanding;
  Counted counted;
  const auto add = [&](const Entry& entry, int64_t denominator) {
    counted.numerator += entry.numerator;
    counted.denominator += denominator;
    counted.sum += entry.sum;
    if (!kpi.group_by().empty()) counted.shares[entry.share] += entry.numerator;
  };
  const bool is_over = month.Until() <= as_at_;
  for (const Entry& entry : Of(months_, kpi.code())) {
    const bool before = !entry.first || *entry.first < month.first;
    const bool within = !before && *entry.first < month.after;
    if ((standing && before) || (is_over && within)) add(entry, entry.denominator);
  }
  if (is_over) return counted;
  const absl::CivilDay today = domain::PeriodAt(as_at_, v1::CADENCE_DAY).first;
  for (const Entry& entry : Of(days_, kpi.code())) {
    if (!entry.first || *entry.first <= today) {
      if (standing || entry.first) add(entry, entry.denominator);
    } else if (tally == Tally::kDue) {
      add(entry, entry.numerator);  // only what is done counts already
    }
  }
  const auto touched = touched_.find(kpi.stream());
  if (touched == touched_.end()) return counted;
  const Counted now =
      domain::CountedOf(kpi, domain::EvidenceOf(kpi, *domain::FindStream(*catalogue_, kpi.stream()),
                                                touched->second, month, as_at_));
  counted.numerator += now.numerator;
  counted.denominator += now.denominator;
  counted.sum += now.sum;
  for (const auto& [code, count] : now.shares) counted.shares[code] += count;
  return counted;
}

}  // namespace fosterwatch::kpis
