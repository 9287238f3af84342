#include "services/kpis/figures.h"

#include <algorithm>
#include <utility>

#include "libs/clock/proto_time.h"
#include "libs/status/status_macros.h"
#include "services/kpis/domain/catalogue.h"
#include "services/kpis/domain/figure.h"
#include "services/kpis/domain/measure.h"
#include "services/kpis/domain/status.h"

namespace fosterwatch::kpis {

using domain::Period;

Figures::Figures(ledger::Ledger* ledger, const v1::Catalogue* catalogue, std::string agency_id,
                 When when, const Period& first, const Period& last)
    : ledger_(ledger),
      catalogue_(catalogue),
      agency_id_(std::move(agency_id)),
      when_(when),
      first_(Shifted(first, -kPeriodsBefore)),
      last_(last) {}

absl::StatusOr<const std::vector<domain::Span>*> Figures::SpansOf(const v1::Stream& stream,
                                                                  absl::Time from) {
  const auto known = spans_.find(stream.stream());
  if (known != spans_.end() && known->second.from <= from) return &known->second.spans;
  ASSIGN_OR_RETURN(std::vector<domain::Span> spans,
                   ReadSpans(*ledger_, agency_id_, stream, from, last_.Until(), when_.known_at));
  // As was known then, all of them.
  if (when_.known_at) from = absl::InfinitePast();
  return &(spans_[stream.stream()] = {from, std::move(spans)}).spans;
}

absl::StatusOr<const Tallies*> Figures::TalliesFor(const v1::KpiDefinition& kpi,
                                                   const Period& period) {
  if (when_.known_at || !IsTallied(kpi, period)) return nullptr;
  if (!has_tallies_read_) {
    ASSIGN_OR_RETURN(tallies_, Tallies::Read(*ledger_, agency_id_, *catalogue_, when_.as_at,
                                             absl::CivilMonth(first_.first), LastMonthOf(last_)));
    has_tallies_read_ = true;
  }
  return tallies_ ? &*tallies_ : nullptr;
}

absl::StatusOr<const std::vector<domain::ReportedMonth>*> Figures::ReportedOf(
    const v1::KpiDefinition& kpi) {
  if (!reported_) {
    // Of all KPIs at once, and from April on for those that add up over the year.
    const absl::CivilMonth first = domain::FinancialYearOf(absl::CivilMonth(first_.first));
    ASSIGN_OR_RETURN(reported_,
                     ReadReported(*ledger_, agency_id_, first, LastMonthOf(last_), when_.known_at));
  }
  return &(*reported_)[kpi.code()];
}

absl::StatusOr<std::vector<v1::Evidence>> Figures::EvidenceOf(const v1::KpiDefinition& kpi,
                                                              const Period& period) {
  ASSIGN_OR_RETURN(std::vector<v1::Evidence> evidence, EvidenceSince(period.Begin(), kpi, period));
  ASSIGN_OR_RETURN(const auto known_from, KnownFromOf(kpi));
  Keep(domain::FigureOf(kpi, evidence, period, when_.as_at, known_from), period);
  return evidence;
}

absl::StatusOr<std::vector<v1::Evidence>> Figures::EvidenceSince(absl::Time from,
                                                                 const v1::KpiDefinition& kpi,
                                                                 const Period& period) {
  if (domain::IsReportedMeasure(kpi.measure())) {
    ASSIGN_OR_RETURN(const auto* reported, ReportedOf(kpi));
    return domain::ReportedEvidence(kpi, *reported, period, when_.as_at);
  }
  const v1::Stream* stream = domain::FindStream(*catalogue_, kpi.stream());
  ASSIGN_OR_RETURN(const auto* spans, SpansOf(*stream, from));
  if (kpi.covered_by().empty()) {
    return domain::EvidenceOf(kpi, *stream, *spans, period, when_.as_at);
  }
  ASSIGN_OR_RETURN(const auto* covers,
                   SpansOf(*domain::FindStream(*catalogue_, kpi.covered_by()), from));
  return domain::EvidenceOf(kpi, *stream, *spans, period, when_.as_at, *covers);
}

absl::StatusOr<std::optional<absl::Time>> Figures::KnownFromOf(const v1::KpiDefinition& kpi) {
  const domain::Measure* measure = domain::MeasureOf(kpi.measure());
  if (measure == nullptr || measure->known_from == domain::KnownFrom::kEvidence) {
    return absl::InfinitePast();
  }
  std::optional<absl::Time> from;
  const auto or_earlier = [&from](absl::Time moment) {
    from = std::min(moment, from.value_or(absl::InfiniteFuture()));
  };
  if (measure->known_from == domain::KnownFrom::kCover) {
    ASSIGN_OR_RETURN(const auto* covers,
                     SpansOf(*domain::FindStream(*catalogue_, kpi.covered_by()), first_.Begin()));
    for (const domain::Span& span : *covers) or_earlier(span.begin_recorded.value_or(span.begin));
    return from;
  }
  if (!on_record_) {
    ASSIGN_OR_RETURN(on_record_, ReadOnRecord(*ledger_, agency_id_, *catalogue_, when_.known_at));
  }
  if (on_record_->heard) or_earlier(*on_record_->heard);
  if (when_.known_at) {
    ASSIGN_OR_RETURN(const auto* spans,
                     SpansOf(*domain::FindStream(*catalogue_, kpi.stream()), first_.Begin()));
    if (!spans->empty()) or_earlier(spans->front().begin);
  } else if (const auto begun = on_record_->begun.find(kpi.stream());
             begun != on_record_->begun.end()) {
    or_earlier(begun->second);
  }
  return from;
}

const v1::Figure* Figures::Keep(v1::Figure figure, const Period& period) {
  *figure.mutable_known_at_time() = clock::ToProto(when_.known_at.value_or(when_.as_at));
  const auto place = std::pair(figure.code(), FormatPeriod(period));
  return &(figures_[place] = std::move(figure));
}

absl::StatusOr<const v1::Figure*> Figures::Bare(const v1::KpiDefinition& kpi,
                                                const Period& period) {
  const auto known = figures_.find(std::pair(kpi.code(), FormatPeriod(period)));
  if (known != figures_.end()) return &known->second;
  ASSIGN_OR_RETURN(const auto known_from, KnownFromOf(kpi));
  ASSIGN_OR_RETURN(const Tallies* tallies, TalliesFor(kpi, period));
  if (tallies != nullptr) {
    return Keep(domain::FigureOf(kpi, tallies->Of(kpi, period), period, when_.as_at, known_from),
                period);
  }
  ASSIGN_OR_RETURN(const std::vector<v1::Evidence> evidence,
                   EvidenceSince(first_.Begin(), kpi, period));
  return Keep(domain::FigureOf(kpi, evidence, period, when_.as_at, known_from), period);
}

absl::StatusOr<v1::Figure> Figures::FigureOf(const v1::KpiDefinition& kpi, const Period& period) {
  ASSIGN_OR_RETURN(const v1::Figure* two_before, Bare(kpi, Shifted(period, -2)));
  ASSIGN_OR_RETURN(const v1::Figure* one_before, Bare(kpi, Shifted(period, -1)));
  ASSIGN_OR_RETURN(const v1::Figure* bare, Bare(kpi, period));
  v1::Figure figure = *bare;
  domain::SetStatus(kpi, *one_before, *two_before, figure);
  return figure;
}

}  // namespace fosterwatch::kpis
