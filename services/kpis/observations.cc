#include "services/kpis/observations.h"

#include <limits>
#include <map>
#include <memory>
#include <set>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

#include "libs/ledger/envelope.h"
#include "libs/status/status_macros.h"
#include "nlohmann/json.hpp"
#include "services/kpis/catalogue_files.h"
#include "services/kpis/domain/fold.h"
#include "services/kpis/domain/observe.h"

namespace fosterwatch::kpis {
namespace {

using Attributes = std::map<std::string, std::string>;

// Codes and ids of ours: always UTF-8.
std::string ToJson(const Attributes& attributes) { return nlohmann::json(attributes).dump(); }

Attributes FromJson(const std::string& text) {
  return nlohmann::json::parse(text).get<Attributes>();
}

std::optional<absl::Time> TimeOf(const pg::Result& result, int row, int column) {
  if (result.IsNull(row, column)) return std::nullopt;
  return result.Time(row, column);
}

std::optional<int64_t> NumberOf(const pg::Result& result, int row, int column) {
  if (result.IsNull(row, column)) return std::nullopt;
  return result.Int(row, column);
}

std::optional<double> DoubleOf(const pg::Result& result, int row, int column) {
  if (result.IsNull(row, column)) return std::nullopt;
  return result.Double(row, column);
}

pg::Statement Take(Taking taking, const ledger::Envelope& envelope, int64_t version, int64_t place,
                   bool chained, const domain::Observation& observation) {
  using Texts = pg::TextArray;
  using Times = pg::TimeArray;
  using Numbers = pg::IntArray;
  return {
      absl::StrCat("SELECT view.",
                   taking == Taking::kTallied ? "take_tallied" : "take_observations",
                   "($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)"),
      {Texts{envelope.agency_id}, Texts{observation.stream}, Numbers{chained ? 1 : 0},
       Texts{envelope.aggregate_id}, Numbers{version}, Texts{envelope.fact_id}, Numbers{place},
       Texts{domain::KindName(observation.kind)}, Texts{observation.key}, Texts{observation.chain},
       Times{observation.time}, Times{observation.due.value_or(absl::InfiniteFuture())},
       Texts{ToJson(observation.attributes)},
       Numbers{observation.value.value_or(std::numeric_limits<int64_t>::min())},
       pg::BytesArray{{observation.explanation}}, Times{envelope.recorded}}};
}

// As was known then: what the observations recorded by then add up to.
absl::StatusOr<std::vector<domain::Span>> Refold(ledger::Ledger& ledger,
                                                 const std::string& agency_id,
                                                 const v1::Stream& stream, absl::Time known_at) {
  ASSIGN_OR_RETURN(
      const auto rows,
      ledger.Read(agency_id, {{"SELECT aggregate_id, version, place, fact_id, recorded_at, kind,"
                               " key, chain, at, due_at, attributes::text, value"
                               " FROM view.observation WHERE agency_id = $1 AND stream = $2"
                               " AND recorded_at <= $3",
                               {agency_id, stream.stream(), known_at}}}));
  const pg::Result& result = rows[0];
  std::vector<domain::Recorded> recorded(result.rows());
  for (int row = 0; row < result.rows(); ++row) {
    domain::Recorded& each = recorded[row];
    each.aggregate_id = result.Text(row, 0);
    each.version = result.Int(row, 1);
    each.place = result.Int(row, 2);
    each.fact_id = result.Text(row, 3);
    each.recorded = result.Time(row, 4);
    each.observation.stream = stream.stream();
    each.observation.kind = domain::KindNamed(result.Text(row, 5));
    each.observation.key = result.Text(row, 6);
    each.observation.chain = result.Text(row, 7);
    each.observation.time = result.Time(row, 8);
    each.observation.due = TimeOf(result, row, 9);
    each.observation.attributes = FromJson(result.Text(row, 10));
    each.observation.value = NumberOf(result, row, 11);
  }
  return domain::Fold(stream.chained(), std::move(recorded));
}

}  // namespace

absl::StatusOr<std::optional<Observed>> ObserveRecord(const v1::Catalogue& catalogue,
                                                      const bus::Record& record, Taking taking) {
  ASSIGN_OR_RETURN(const ledger::Envelope envelope, ledger::EnvelopeOf(record));
  const auto topic = KnownTopics().find(record.topic);
  if (topic == KnownTopics().end()) return std::nullopt;
  std::unique_ptr<google::protobuf::Message> fact(topic->second->New());
  if (!fact->ParseFromString(record.value)) return ledger::Unreadable();
  int64_t version = 0;
  if (!absl::SimpleAtoi(bus::HeaderOf(record, "ce_sequence"), &version)) {
    return ledger::MalformedEnvelope();
  }
  Observed observed{envelope.agency_id, envelope.fact_id, {}, {}};
  std::set<std::string> streams;
  int64_t place = 0;
  for (const domain::Observation& observation :
       domain::Observe(catalogue, record.topic, *fact, envelope.recorded)) {
    streams.insert(observation.stream);
    const bool chained = domain::FindStream(catalogue, observation.stream)->chained();
    observed.statements.push_back(Take(taking, envelope, version, place++, chained, observation));
  }
  if (streams.empty()) return std::nullopt;
  observed.streams.assign(streams.begin(), streams.end());
  return observed;
}

pg::Statement SpansStatement(const std::string& agency_id, const std::string& stream,
                             absl::Time from, absl::Time until) {
  // A due time may lie after the end, and a beginning after it, so what ended before `from` but
  // falls due or begins later counts too.
  return {
      "SELECT key, aggregate_id, begin_at, due_at, end_at, begin_fact_id,"
      " end_fact_id, chain, lapsed, attributes::text, value, begin_recorded_at,"
      " end_recorded_at FROM view.span WHERE agency_id = $1 AND stream = $2"
      " AND begin_at IS NOT NULL AND begin_at < $4"
      " AND (end_at IS NULL OR end_at >= $3 OR due_at >= $3 OR begin_at >= $3)"
      " ORDER BY begin_at, aggregate_id COLLATE \"C\", key COLLATE \"C\"",
      {agency_id, stream, from, until}};
}

absl::StatusOr<std::vector<domain::Span>> ReadSpans(ledger::Ledger& ledger,
                                                    const std::string& agency_id,
                                                    const v1::Stream& stream, absl::Time from,
                                                    absl::Time until,
                                                    std::optional<absl::Time> known_at) {
  if (known_at) return Refold(ledger, agency_id, stream, *known_at);
  ASSIGN_OR_RETURN(
      const auto rows,
      ledger.Read(agency_id, {SpansStatement(agency_id, stream.stream(), from, until)}));
  const pg::Result& result = rows[0];
  std::vector<domain::Span> spans(result.rows());
  for (int row = 0; row < result.rows(); ++row) {
    domain::Span& span = spans[row];
    span.key = result.Text(row, 0);
    span.aggregate_id = result.Text(row, 1);
    span.begin = result.Time(row, 2);
    span.due = TimeOf(result, row, 3);
    span.end = TimeOf(result, row, 4);
    span.begin_fact_id = result.Text(row, 5);
    span.end_fact_id = result.Text(row, 6);
    span.chain = result.Text(row, 7);
    span.lapsed = result.Bool(row, 8);
    span.attributes = FromJson(result.Text(row, 9));
    span.value = NumberOf(result, row, 10);
    span.begin_recorded = TimeOf(result, row, 11);
    span.end_recorded = TimeOf(result, row, 12);
  }
  return spans;
}

absl::StatusOr<Reports> ReadReported(ledger::Ledger& ledger, const std::string& agency_id,
                                     absl::CivilMonth first, absl::CivilMonth last,
                                     std::optional<absl::Time> known_at) {
  ASSIGN_OR_RETURN(
      const auto rows,
      ledger.Read(agency_id,
                  {{"SELECT DISTINCT ON (code, period) code, period, numerator, denominator, value,"
                    " fact_id, recorded_at FROM view.imported_figure WHERE agency_id = $1"
                    " AND period BETWEEN $2 AND $3 AND recorded_at <= $4"
                    " ORDER BY code, period, recorded_at DESC, fact_id COLLATE \"C\" DESC",
                    {agency_id, FormatPeriod(domain::MonthPeriod(first)),
                     FormatPeriod(domain::MonthPeriod(last)),
                     known_at.value_or(absl::InfiniteFuture())}}}));
  Reports reports;
  const pg::Result& result = rows[0];
  for (int row = 0; row < result.rows(); ++row) {
    domain::ReportedMonth month;
    ASSIGN_OR_RETURN(const domain::Period period, domain::ParsePeriod(result.Text(row, 1)));
    month.month = absl::CivilMonth(period.first);
    month.numerator = DoubleOf(result, row, 2);
    month.denominator = DoubleOf(result, row, 3);
    month.value = DoubleOf(result, row, 4);
    month.fact_id = result.Text(row, 5);
    month.recorded = result.Time(row, 6);
    // Taken back.
    if (!month.numerator && !month.denominator && !month.value) continue;
    reports[result.Text(row, 0)].push_back(std::move(month));
  }
  return reports;
}

absl::StatusOr<OnRecord> ReadOnRecord(ledger::Ledger& ledger, const std::string& agency_id,
                                      const v1::Catalogue& catalogue,
                                      std::optional<absl::Time> known_at) {
  ledger::Statements statements = {
      {"SELECT min(recorded_at) FROM view.observation WHERE agency_id = $1 AND recorded_at <= $2",
       {agency_id, known_at.value_or(absl::InfiniteFuture())}}};
  if (!known_at) {
    pg::TextArray streams;
    for (const v1::Stream& stream : catalogue.streams()) streams.push_back(stream.stream());
    statements.push_back(
        {"SELECT stream, (SELECT min(begin_at) FROM view.span"
         " WHERE agency_id = $1 AND span.stream = asked.stream)"
         " FROM unnest($2) AS asked (stream)",
         {agency_id, streams}});
  }
  ASSIGN_OR_RETURN(const auto rows, ledger.Read(agency_id, statements));
  OnRecord on_record;
  on_record.heard = TimeOf(rows[0], 0, 0);
  for (int row = 0; !known_at && row < rows[1].rows(); ++row) {
    if (const auto begun = TimeOf(rows[1], row, 1)) on_record.begun[rows[1].Text(row, 0)] = *begun;
  }
  return on_record;
}

absl::StatusOr<std::map<Element, type::v1::Explanation>> ReadExplanations(
    ledger::Ledger& ledger, const std::string& agency_id, const std::string& stream,
    std::optional<absl::Time> known_at, const std::vector<Element>& elements) {
  std::map<Element, type::v1::Explanation> explanations;
  pg::TextArray records, keys;
  for (const auto& [record, key] : elements) {
    records.push_back(record);
    keys.push_back(key);
  }
  if (elements.empty()) return explanations;
  // The last one that set a due time has explained it.
  ASSIGN_OR_RETURN(
      const auto rows,
      ledger.Read(agency_id, {{"SELECT DISTINCT ON (o.aggregate_id, o.key) o.aggregate_id, o.key,"
                               " o.explanation FROM unnest($3, $4) AS wanted (aggregate_id, key)"
                               " JOIN view.observation o USING (aggregate_id, key)"
                               " WHERE o.agency_id = $1 AND o.stream = $2 AND o.recorded_at <= $5"
                               " AND o.kind IN ('begins', 'moves')"
                               " ORDER BY o.aggregate_id, o.key, o.version DESC, o.place DESC",
                               {agency_id, stream, records, keys,
                                known_at.value_or(absl::InfiniteFuture())}}}));
  const pg::Result& result = rows[0];
  for (int row = 0; row < result.rows(); ++row) {
    const std::string bytes = result.Text(row, 2);
    if (bytes.empty()) continue;
    if (!explanations[{result.Text(row, 0), result.Text(row, 1)}].ParseFromString(bytes)) {
      return absl::InternalError("an explanation cannot be read");
    }
  }
  return explanations;
}

ledger::Statements Emptied() {
  return {{"DELETE FROM view.span", {}}, {"DELETE FROM view.observation", {}}};
}

}  // namespace fosterwatch::kpis
