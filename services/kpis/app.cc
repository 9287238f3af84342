#include "services/kpis/app.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <utility>

#include "absl/strings/str_cat.h"

#include "fosterwatch/carers/v1/carer_facts.pb.h"
#include "fosterwatch/directory/v1/directory_facts.pb.h"
#include "fosterwatch/kpis/v1/kpi_facts.pb.h"
#include "fosterwatch/notifiable_events/v1/notifiable_event_facts.pb.h"
#include "fosterwatch/notifications/v1/notification_facts.pb.h"
#include "fosterwatch/placements/v1/child_facts.pb.h"
#include "libs/clock/working_calendar.h"
#include "libs/json/to_message.h"
#include "libs/ledger/consumer.h"
#include "libs/status/error.h"
#include "libs/status/status_macros.h"
#include "services/kpis/domain/observe.h"
#include "services/kpis/domain/status.h"

namespace fosterwatch::kpis {
namespace {

constexpr int kMostHistory = 24;

// A month's status looks back at so many.
constexpr int kMonthsBefore = 2;

absl::Status UnknownCode() {
  return Error(absl::StatusCode::kNotFound, "UNKNOWN_KPI", "there is no KPI with this code",
               {{"code", "names no KPI"}});
}

// The figure of a month, with its status beside the months before it.
v1::Figure FigureWithStatus(const v1::KpiDefinition& definition,
                            const std::vector<domain::Span>& spans, absl::CivilMonth month,
                            absl::Time now) {
  const auto figure = [&](absl::CivilMonth of) {
    return domain::FigureOf(definition, domain::EvidenceOf(definition, spans, of, now), of, now);
  };
  v1::Figure of_month = figure(month);
  domain::SetStatus(definition, figure(month - 1), figure(month - 2), of_month);
  return of_month;
}

}  // namespace

const domain::Topics& KnownTopics() {
  static const domain::Topics* const topics = new domain::Topics{
      {"fosterwatch.notifiable-events.v1",
       &notifiable_events::v1::NotifiableEventFact::default_instance()},
      {"fosterwatch.notifications.v1", &notifications::v1::NotificationFact::default_instance()},
      {"fosterwatch.directory.v1", &directory::v1::DirectoryFact::default_instance()},
      {"fosterwatch.placements.v1", &placements::v1::PlacementsFact::default_instance()},
      {"fosterwatch.carers.v1", &carers::v1::CarersFact::default_instance()},
  };
  return *topics;
}

absl::StatusOr<v1::Catalogue> ReadCatalogue(const std::string& folder) {
  v1::Catalogue catalogue;
  std::error_code error;
  std::set<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
    if (entry.path().extension() == ".json") files.insert(entry.path());
  }
  if (error || files.empty()) {
    return absl::NotFoundError("no KPI definitions can be read in " + folder);
  }
  for (const std::filesystem::path& path : files) {
    std::ifstream file(path, std::ios::binary);
    std::ostringstream text;
    text << file.rdbuf();
    v1::Catalogue part;
    const absl::Status read = json::TextToMessage(text.str(), part);
    if (!read.ok()) {
      return absl::Status(read.code(),
                          absl::StrCat(path.filename().string(), ": ", read.message()));
    }
    catalogue.MergeFrom(part);
  }
  RETURN_IF_ERROR(domain::Check(catalogue, KnownTopics()));
  return catalogue;
}

std::vector<std::string> VersionedTopics() {
  return {"fosterwatch.notifiable-events.v1", "fosterwatch.notifications.v1"};
}

std::vector<std::string> TopicsOf(const v1::Catalogue& catalogue) {
  std::set<std::string> topics;
  for (const v1::Stream& stream : catalogue.streams()) {
    for (const auto& mark : stream.begins()) topics.insert(mark.topic());
    for (const auto& mark : stream.ends()) topics.insert(mark.topic());
  }
  return {topics.begin(), topics.end()};
}

std::vector<ledger::Aggregate> Aggregates() {
  std::vector<ledger::Aggregate> aggregates;
  // One aggregate for each fact that changed figures: it has no state to speak of.
  aggregates.push_back(ledger::MakeAggregate<v1::KpiChanged, v1::KpiFact>(
      "change",
      [](v1::KpiChanged& change, const v1::KpiFact& fact, const ledger::FactStamp&) {
        if (fact.has_kpi_changed()) change = fact.kpi_changed();
      },
      nullptr, {}));
  return aggregates;
}

std::string ViewsSql(const std::string& role) {
  return absl::StrCat(
      "CREATE TABLE view.span (agency_id text, stream text, key text, aggregate_id text NOT NULL,"
      " begin_at timestamptz, due_at timestamptz, begin_fact_id text NOT NULL DEFAULT '',"
      " end_at timestamptz, end_fact_id text NOT NULL DEFAULT '',"
      " PRIMARY KEY (agency_id, stream, key));"
      "CREATE INDEX span_open ON view.span (agency_id, stream, begin_at) WHERE end_at IS NULL;"
      "CREATE INDEX span_ended ON view.span (agency_id, stream, end_at);",
      ledger::ViewRights("view.span", role));
}

absl::StatusOr<std::optional<Observed>> ObserveRecord(const v1::Catalogue& catalogue,
                                                      const bus::Record& record) {
  ASSIGN_OR_RETURN(const ledger::Envelope envelope, ledger::EnvelopeOf(record));
  const auto topic = KnownTopics().find(record.topic);
  if (topic == KnownTopics().end()) return std::nullopt;
  std::unique_ptr<google::protobuf::Message> fact(topic->second->New());
  if (!fact->ParseFromString(record.value)) return ledger::Unreadable();
  Observed observed{envelope.agency_id, envelope.fact_id, {}, {}};
  std::set<std::string> streams;
  for (const domain::Observation& observation :
       domain::Observe(catalogue, record.topic, *fact, envelope.recorded)) {
    streams.insert(observation.stream);
    using Texts = pg::TextArray;
    if (observation.kind == domain::Observation::Kind::kBegins) {
      // Of several in one batch the last counts, as it would one after the other.
      observed.statements.push_back(
          {"INSERT INTO view.span (agency_id, stream, key, aggregate_id, begin_at, due_at,"
           " begin_fact_id) SELECT DISTINCT ON (agency_id, stream, key) agency_id, stream, key,"
           " aggregate_id, begin_at, NULLIF(due_at, 'infinity'), fact_id"
           " FROM unnest($1, $2, $3, $4, $5, $6, $7) WITH ORDINALITY AS rows (agency_id, stream,"
           " key, aggregate_id, begin_at, due_at, fact_id, place)"
           " ORDER BY agency_id, stream, key, place DESC"
           " ON CONFLICT (agency_id, stream, key) DO UPDATE SET begin_at = excluded.begin_at,"
           " due_at = excluded.due_at, begin_fact_id = excluded.begin_fact_id",
           {Texts{envelope.agency_id}, Texts{observation.stream}, Texts{observation.key},
            Texts{envelope.aggregate_id}, pg::TimeArray{observation.time},
            pg::TimeArray{observation.due.value_or(absl::InfiniteFuture())},
            Texts{envelope.fact_id}}});
    } else {
      // The first end counts: a second copy of a notice does not make it later. What is reopened,
      // here at the end of all time, forgets the ends before.
      const bool ends = observation.kind == domain::Observation::Kind::kEnds;
      observed.statements.push_back(
          {"INSERT INTO view.span (agency_id, stream, key, aggregate_id, end_at, end_fact_id)"
           " SELECT DISTINCT ON (agency_id, stream, key) agency_id, stream, key, aggregate_id,"
           " NULLIF(end_at, 'infinity'), CASE end_at WHEN 'infinity' THEN '' ELSE fact_id END"
           " FROM (SELECT *, max(place) FILTER (WHERE end_at = 'infinity')"
           " OVER (PARTITION BY agency_id, stream, key) AS reopened"
           " FROM unnest($1, $2, $3, $4, $5, $6) WITH ORDINALITY AS rows"
           " (agency_id, stream, key, aggregate_id, end_at, fact_id, place)) AS rows"
           " WHERE reopened IS NULL OR place >= reopened"
           " ORDER BY agency_id, stream, key, end_at = 'infinity', place"
           " ON CONFLICT (agency_id, stream, key) DO UPDATE SET end_at = excluded.end_at,"
           " end_fact_id = excluded.end_fact_id WHERE span.end_at IS NULL"
           " OR (span.agency_id, span.stream, span.key) IN (SELECT agency_id, stream, key"
           " FROM unnest($1, $2, $3, $5) AS reopened (agency_id, stream, key, end_at)"
           " WHERE end_at = 'infinity')",
           {Texts{envelope.agency_id}, Texts{observation.stream}, Texts{observation.key},
            Texts{envelope.aggregate_id},
            pg::TimeArray{ends ? observation.time : absl::InfiniteFuture()},
            Texts{envelope.fact_id}}});
    }
  }
  if (domain::TakesBack(catalogue, record.topic, *fact)) {
    // Not in arrays: it stays behind what the same batch wrote of the record before.
    observed.statements.push_back(
        {"DELETE FROM view.span WHERE agency_id = $1 AND aggregate_id = $2",
         {envelope.agency_id, envelope.aggregate_id}});
    for (const v1::Stream& stream : catalogue.streams()) streams.insert(stream.stream());
  }
  if (streams.empty()) return std::nullopt;
  observed.streams.assign(streams.begin(), streams.end());
  return observed;
}

App::App(ledger::Ledger* ledger, v1::Catalogue catalogue, std::function<absl::Time()> now)
    : ledger_(ledger), catalogue_(std::move(catalogue)), now_(std::move(now)) {}

absl::StatusOr<std::optional<ledger::Unit>> App::Observe(const bus::Record& record) {
  ASSIGN_OR_RETURN(std::optional<Observed> observed, ObserveRecord(catalogue_, record));
  if (!observed) return std::nullopt;
  ledger::Unit unit;
  unit.agency_id = observed->agency_id;
  unit.actor = "service:kpis";
  unit.cause = observed->fact_id;
  unit.effects = std::move(observed->statements);
  unit.changes.push_back(ledger::MakeChange<v1::KpiChanged, v1::KpiFact>(
      "change", observed->fact_id,
      [this, streams = observed->streams, cause = observed->fact_id](
          const v1::KpiChanged&, int64_t version) -> absl::StatusOr<std::vector<v1::KpiFact>> {
        if (version > 0) return std::vector<v1::KpiFact>{};
        v1::KpiFact fact;
        v1::KpiChanged* changed = fact.mutable_kpi_changed();
        changed->set_cause_fact_id(cause);
        for (const std::string& stream : streams) changed->add_streams(stream);
        for (const v1::KpiDefinition& kpi : catalogue_.kpis()) {
          if (std::find(streams.begin(), streams.end(), kpi.stream()) != streams.end()) {
            changed->add_codes(kpi.code());
          }
        }
        return std::vector<v1::KpiFact>{fact};
      }));
  return unit;
}

absl::StatusOr<std::vector<domain::Span>> App::ReadSpans(const std::string& agency_id,
                                                         const std::string& stream, absl::Time from,
                                                         absl::Time until) {
  // A due time may lie after the end, so what ended before `from` but falls due later counts too.
  ASSIGN_OR_RETURN(
      auto rows,
      ledger_->Read(agency_id,
                    {{"SELECT key, aggregate_id, begin_at, due_at, end_at, begin_fact_id,"
                      " end_fact_id FROM view.span WHERE agency_id = $1 AND stream = $2"
                      " AND begin_at IS NOT NULL AND begin_at < $4"
                      " AND (end_at IS NULL OR end_at >= $3 OR due_at >= $3)"
                      " ORDER BY begin_at, key",
                      {agency_id, stream, from, until}}}));
  std::vector<domain::Span> spans;
  const pg::Result& result = rows[0];
  for (int row = 0; row < result.rows(); ++row) {
    domain::Span span;
    span.key = result.Text(row, 0);
    span.aggregate_id = result.Text(row, 1);
    span.begin = result.Time(row, 2);
    if (!result.IsNull(row, 3)) span.due = result.Time(row, 3);
    if (!result.IsNull(row, 4)) span.end = result.Time(row, 4);
    span.begin_fact_id = result.Text(row, 5);
    span.end_fact_id = result.Text(row, 6);
    spans.push_back(std::move(span));
  }
  return spans;
}

absl::StatusOr<v1::ListKpisResponse> App::ListKpis(const std::string& agency_id,
                                                   const v1::ListKpisRequest& request) {
  if (request.history_months() < 0 || request.history_months() > kMostHistory) {
    return InvalidField("history_months", "OUT_OF_RANGE", "is not between 0 and 24");
  }
  const absl::Time now = now_();
  absl::CivilMonth month(clock::LondonDay(now));
  if (!request.period().empty()) {
    ASSIGN_OR_RETURN(month, domain::ParsePeriod(request.period()));
  }
  const absl::CivilMonth first = month - request.history_months();
  std::map<std::string, std::vector<domain::Span>> spans;
  v1::ListKpisResponse response;
  for (const v1::KpiDefinition& definition : catalogue_.kpis()) {
    if (!spans.contains(definition.stream())) {
      ASSIGN_OR_RETURN(spans[definition.stream()], ReadSpans(agency_id, definition.stream(),
                                                             domain::BeginOf(first - kMonthsBefore),
                                                             domain::BeginOf(month + 1)));
    }
    const auto figure = [&](absl::CivilMonth of) {
      return FigureWithStatus(definition, spans[definition.stream()], of, now);
    };
    v1::Kpi* kpi = response.add_kpis();
    *kpi->mutable_definition() = definition;
    *kpi->mutable_current() = figure(month);
    for (absl::CivilMonth past = first; past < month; ++past) *kpi->add_history() = figure(past);
  }
  return response;
}

absl::StatusOr<v1::ExplainKpiResponse> App::ExplainKpi(const std::string& agency_id,
                                                       const v1::ExplainKpiRequest& request) {
  const v1::KpiDefinition* definition = domain::Find(catalogue_, request.code());
  if (definition == nullptr) return UnknownCode();
  const absl::Time now = now_();
  absl::CivilMonth month(clock::LondonDay(now));
  if (!request.period().empty()) {
    ASSIGN_OR_RETURN(month, domain::ParsePeriod(request.period()));
  }
  ASSIGN_OR_RETURN(const std::vector<domain::Span> spans,
                   ReadSpans(agency_id, definition->stream(),
                             domain::BeginOf(month - kMonthsBefore), domain::BeginOf(month + 1)));
  v1::ExplainKpiResponse response;
  *response.mutable_definition() = *definition;
  for (v1::Evidence& each : domain::EvidenceOf(*definition, spans, month, now)) {
    *response.add_evidence() = std::move(each);
  }
  *response.mutable_figure() = FigureWithStatus(*definition, spans, month, now);
  return response;
}

}  // namespace fosterwatch::kpis
