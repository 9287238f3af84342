#include "services/kpis/app.h"

#include <algorithm>
#include <set>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

#include "fosterwatch/kpis/v1/kpi_facts.pb.h"
#include "libs/clock/proto_time.h"
#include "libs/status/error.h"
#include "libs/status/status_macros.h"
#include "services/kpis/domain/catalogue.h"
#include "services/kpis/domain/roll_up.h"
#include "services/kpis/domain/status.h"
#include "services/kpis/observations.h"

namespace fosterwatch::kpis {
namespace {

using domain::Period;
using google::protobuf::Timestamp;

constexpr int kMostHistory = 24;
constexpr int kMostPeriods = 60;
constexpr int kUsualPeriods = 12;
constexpr int kMostEvidence = 1000;
constexpr char kServiceData[] = "service_data";

absl::Status UnknownCode(absl::string_view field) {
  return Error(absl::StatusCode::kNotFound, "UNKNOWN_KPI", "there is no KPI with this code",
               {{std::string(field), "names no KPI"}});
}

// The moment that a field of the request names; nullopt where it names none.
absl::StatusOr<std::optional<absl::Time>> MomentIn(absl::string_view field, bool has,
                                                   const Timestamp& timestamp, absl::Time now) {
  if (!has) return std::nullopt;
  if (!clock::IsValid(timestamp)) return InvalidField(field, "INVALID_TIME", "is no moment");
  const absl::Time moment = clock::FromProto(timestamp);
  if (moment > now) return InvalidField(field, "IN_THE_FUTURE", "is in the future");
  return moment;
}

template <typename Request>
absl::StatusOr<When> WhenOf(const Request& request, absl::Time now) {
  ASSIGN_OR_RETURN(const auto as_at,
                   MomentIn("as_at_time", request.has_as_at_time(), request.as_at_time(), now));
  ASSIGN_OR_RETURN(const auto known_at, MomentIn("known_at_time", request.has_known_at_time(),
                                                 request.known_at_time(), now));
  return When{as_at.value_or(now), known_at};
}

absl::StatusOr<Period> PeriodOf(const std::string& text, const When& when) {
  if (text.empty()) return domain::PeriodAt(when.as_at, v1::CADENCE_MONTH);
  return domain::ParsePeriod(text);
}

Timestamp KnownAt(const When& when, absl::Time now) {
  return clock::ToProto(when.known_at.value_or(now));
}

// Of a page of evidence: where it begins, and when the first page was made. A page is of what was
// known then, so that no piece is shown twice or never.
struct Page {
  int64_t first = 0;
  When when;
};

std::string TokenOf(const Page& page) {
  return absl::WebSafeBase64Escape(absl::StrCat(page.first, ",",
                                                absl::ToUnixMicros(page.when.as_at), ",",
                                                absl::ToUnixMicros(*page.when.known_at)));
}

absl::StatusOr<Page> PageOf(const std::string& token) {
  std::string text;
  int64_t first = 0, as_at = 0, known_at = 0;
  std::vector<std::string> parts;
  if (absl::WebSafeBase64Unescape(token, &text)) parts = absl::StrSplit(text, ',');
  if (parts.size() != 3 || !absl::SimpleAtoi(parts[0], &first) || first < 0 ||
      !absl::SimpleAtoi(parts[1], &as_at) || !absl::SimpleAtoi(parts[2], &known_at)) {
    return InvalidField("page_token", "INVALID_PAGE_TOKEN", "is not one of ours");
  }
  return Page{first, {absl::FromUnixMicros(as_at), absl::FromUnixMicros(known_at)}};
}

}  // namespace

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

absl::StatusOr<std::vector<const v1::KpiDefinition*>> App::DefinitionsOf(
    const std::string& set) const {
  const auto& sets = catalogue_.sets();
  if (!set.empty() && std::none_of(sets.begin(), sets.end(),
                                   [&](const v1::KpiSet& each) { return each.set() == set; })) {
    return Error(absl::StatusCode::kNotFound, "UNKNOWN_SET", "there is no such set of KPIs",
                 {{"set", "names no set"}});
  }
  std::vector<const v1::KpiDefinition*> definitions;
  for (const v1::KpiDefinition& kpi : catalogue_.kpis()) {
    const auto& of = kpi.sets();
    if (set.empty() || std::find(of.begin(), of.end(), set) != of.end()) {
      definitions.push_back(&kpi);
    }
  }
  return definitions;
}

absl::StatusOr<v1::ListKpisResponse> App::ListKpis(const std::string& agency_id,
                                                   const v1::ListKpisRequest& request) {
  if (request.history_months() < 0 || request.history_months() > kMostHistory) {
    return InvalidField("history_months", "OUT_OF_RANGE", "is not between 0 and 24");
  }
  const absl::Time now = now_();
  ASSIGN_OR_RETURN(const When when, WhenOf(request, now));
  ASSIGN_OR_RETURN(const Period last, PeriodOf(request.period(), when));
  ASSIGN_OR_RETURN(const auto definitions, DefinitionsOf(request.set()));
  const std::set<std::string> codes(request.codes().begin(), request.codes().end());
  for (const std::string& code : codes) {
    if (domain::Find(catalogue_, code) == nullptr) return UnknownCode("codes");
  }
  const Period first = Shifted(last, -request.history_months());
  Figures figures(ledger_, &catalogue_, agency_id, when, first, last);
  v1::ListKpisResponse response;
  *response.mutable_as_at_time() = clock::ToProto(when.as_at);
  *response.mutable_known_at_time() = KnownAt(when, now);
  for (const v1::KpiDefinition* definition : definitions) {
    if (!codes.empty() && !codes.contains(definition->code())) continue;
    v1::Kpi* kpi = response.add_kpis();
    *kpi->mutable_definition() = *definition;
    for (int back = request.history_months(); back > 0; --back) {
      ASSIGN_OR_RETURN(*kpi->add_history(), figures.FigureOf(*definition, Shifted(last, -back)));
    }
    ASSIGN_OR_RETURN(*kpi->mutable_current(), figures.FigureOf(*definition, last));
  }
  return response;
}

absl::Status App::AddExplanations(const std::string& agency_id, const v1::KpiDefinition& kpi,
                                  std::optional<absl::Time> known_at,
                                  google::protobuf::RepeatedPtrField<v1::Evidence>& evidence) {
  std::vector<Element> due, covers;
  for (const v1::Evidence& each : evidence) {
    if (each.has_due_time()) due.emplace_back(each.aggregate_id(), each.key());
    if (each.has_cover()) covers.emplace_back(each.aggregate_id(), each.cover().key());
  }
  ASSIGN_OR_RETURN(const auto of_due,
                   ReadExplanations(*ledger_, agency_id, kpi.stream(), known_at, due));
  ASSIGN_OR_RETURN(const auto of_covers,
                   ReadExplanations(*ledger_, agency_id, kpi.covered_by(), known_at, covers));
  for (v1::Evidence& each : evidence) {
    if (const auto found = of_due.find({each.aggregate_id(), each.key()}); found != of_due.end()) {
      *each.mutable_due_explanation() = found->second;
    }
    if (!each.has_cover()) continue;
    const auto found = of_covers.find({each.aggregate_id(), each.cover().key()});
    if (found == of_covers.end()) continue;
    *each.mutable_cover()->mutable_due_explanation() = found->second;
  }
  return absl::OkStatus();
}

absl::StatusOr<v1::ExplainKpiResponse> App::ExplainKpi(const std::string& agency_id,
                                                       const v1::ExplainKpiRequest& request) {
  const v1::KpiDefinition* definition = domain::Find(catalogue_, request.code());
  if (definition == nullptr) return UnknownCode("code");
  if (request.page_size() < 0 || request.page_size() > kMostEvidence) {
    return InvalidField("page_size", "OUT_OF_RANGE", "is not between 0 and 1,000");
  }
  const absl::Time now = now_();
  Page page;
  ASSIGN_OR_RETURN(page.when, WhenOf(request, now));
  if (!request.page_token().empty()) {
    ASSIGN_OR_RETURN(page, PageOf(request.page_token()));
  }
  ASSIGN_OR_RETURN(const Period period, PeriodOf(request.period(), page.when));
  Figures figures(ledger_, &catalogue_, agency_id, page.when, Shifted(period, -kPeriodsBefore),
                  period);
  // First, so that the figure is what this adds up to, whatever comes in meanwhile.
  ASSIGN_OR_RETURN(std::vector<v1::Evidence> evidence, figures.EvidenceOf(*definition, period));
  v1::ExplainKpiResponse response;
  *response.mutable_definition() = *definition;
  ASSIGN_OR_RETURN(*response.mutable_figure(), figures.FigureOf(*definition, period));
  for (int back = kPeriodsBefore; back > 0; --back) {
    ASSIGN_OR_RETURN(*response.add_before(), figures.FigureOf(*definition, Shifted(period, -back)));
  }
  const std::string& written = response.figure().period();
  if (const auto* target = domain::TargetIn(*definition, written)) {
    *response.mutable_target() = *target;
  }
  if (const auto* benchmark = domain::BenchmarkIn(*definition, written)) {
    *response.mutable_benchmark() = *benchmark;
  }
  const v1::Stream* stream = domain::FindStream(catalogue_, definition->stream());
  if (stream != nullptr) *response.mutable_stream() = *stream;
  if (const auto* covers = domain::FindStream(catalogue_, definition->covered_by())) {
    *response.mutable_covered_by() = *covers;
  }
  const int64_t size = request.page_size() == 0 ? kMostEvidence : request.page_size();
  const int64_t all = static_cast<int64_t>(evidence.size());
  const int64_t until = std::min(all, page.first + size);
  for (int64_t i = page.first; i < until; ++i) {
    *response.add_evidence() = std::move(evidence[i]);
  }
  if (stream != nullptr) {
    RETURN_IF_ERROR(
        AddExplanations(agency_id, *definition, page.when.known_at, *response.mutable_evidence()));
  }
  if (until < all) {
    page.first = until;
    page.when.known_at = page.when.known_at.value_or(now);
    response.set_next_page_token(TokenOf(page));
  }
  return response;
}

v1::ListKpiSetsResponse App::ListKpiSets() const {
  v1::ListKpiSetsResponse response;
  *response.mutable_sets() = catalogue_.sets();
  return response;
}

absl::StatusOr<v1::GetSeriesResponse> App::GetSeries(const std::string& agency_id,
                                                     const v1::GetSeriesRequest& request) {
  const v1::KpiDefinition* definition = domain::Find(catalogue_, request.code());
  if (definition == nullptr) return UnknownCode("code");
  if (request.periods() < 0 || request.periods() > kMostPeriods) {
    return InvalidField("periods", "OUT_OF_RANGE", "is not between 0 and 60");
  }
  ASSIGN_OR_RETURN(const When when, WhenOf(request, now_()));
  ASSIGN_OR_RETURN(const Period last, PeriodOf(request.period(), when));
  const int count = request.periods() == 0 ? kUsualPeriods : request.periods();
  Figures figures(ledger_, &catalogue_, agency_id, when, Shifted(last, 1 - count), last);
  v1::GetSeriesResponse response;
  *response.mutable_definition() = *definition;
  for (int back = count - 1; back >= 0; --back) {
    ASSIGN_OR_RETURN(*response.add_figures(), figures.FigureOf(*definition, Shifted(last, -back)));
  }
  return response;
}

absl::StatusOr<v1::GetServiceDataResponse> App::GetServiceData(
    const std::string& agency_id, const v1::GetServiceDataRequest& request) {
  v1::ListKpisRequest list;
  list.set_set(kServiceData);
  if (request.has_as_at_time()) *list.mutable_as_at_time() = request.as_at_time();
  if (request.has_known_at_time()) *list.mutable_known_at_time() = request.known_at_time();
  ASSIGN_OR_RETURN(v1::ListKpisResponse listed, ListKpis(agency_id, list));
  v1::GetServiceDataResponse response;
  response.mutable_kpis()->Swap(listed.mutable_kpis());
  response.mutable_as_at_time()->Swap(listed.mutable_as_at_time());
  response.mutable_known_at_time()->Swap(listed.mutable_known_at_time());
  return response;
}

absl::StatusOr<v1::CompareAgenciesResponse> App::CompareAgencies(
    const std::vector<std::string>& agency_ids, const v1::CompareAgenciesRequest& request) {
  const absl::Time now = now_();
  ASSIGN_OR_RETURN(const When when, WhenOf(request, now));
  ASSIGN_OR_RETURN(const Period period, PeriodOf(request.period(), when));
  ASSIGN_OR_RETURN(const auto definitions, DefinitionsOf(request.set()));
  std::vector<Figures> of_agencies;
  v1::CompareAgenciesResponse response;
  for (const std::string& id : agency_ids) {
    response.add_agency_ids(id);
    of_agencies.emplace_back(ledger_, &catalogue_, id, when, Shifted(period, -kPeriodsBefore),
                             period);
  }
  *response.mutable_as_at_time() = clock::ToProto(when.as_at);
  *response.mutable_known_at_time() = KnownAt(when, now);
  for (const v1::KpiDefinition* definition : definitions) {
    v1::ComparedKpi* kpi = response.add_kpis();
    *kpi->mutable_definition() = *definition;
    // Of the period, and of those before that its status rests on.
    std::vector<v1::RollUp> rolled;
    for (int back = 0; back <= kPeriodsBefore; ++back) {
      std::vector<v1::Figure> figures;
      for (Figures& of_agency : of_agencies) {
        ASSIGN_OR_RETURN(figures.emplace_back(),
                         of_agency.FigureOf(*definition, Shifted(period, -back)));
      }
      rolled.push_back(domain::RollUpOf(*definition, agency_ids, figures));
      if (back == 0) kpi->mutable_figures()->Assign(figures.begin(), figures.end());
    }
    if (rolled[0].has_figure()) {
      domain::SetStatus(*definition, rolled[1].figure(), rolled[2].figure(),
                        *rolled[0].mutable_figure());
    }
    *kpi->mutable_roll_up() = std::move(rolled[0]);
  }
  return response;
}

}  // namespace fosterwatch::kpis
