#include "services/kpis/domain/figure.h"

#include <algorithm>
#include <map>
#include <string>

#include "libs/clock/proto_time.h"
#include "services/kpis/domain/measure.h"
#include "services/kpis/domain/reported_figure.h"

namespace fosterwatch::kpis::domain {
namespace {

v1::Evidence Of(const Span& span, bool counted) {
  v1::Evidence evidence;
  evidence.set_key(span.key);
  evidence.set_aggregate_id(span.aggregate_id);
  *evidence.mutable_begin_time() = clock::ToProto(span.begin);
  if (span.due) *evidence.mutable_due_time() = clock::ToProto(*span.due);
  if (span.end) *evidence.mutable_end_time() = clock::ToProto(*span.end);
  evidence.set_begin_fact_id(span.begin_fact_id);
  evidence.set_end_fact_id(span.end_fact_id);
  evidence.set_counted(counted);
  evidence.set_lapsed(span.lapsed);
  if (span.begin_recorded) {
    *evidence.mutable_begin_recorded_time() = clock::ToProto(*span.begin_recorded);
  }
  if (span.end_recorded) {
    *evidence.mutable_end_recorded_time() = clock::ToProto(*span.end_recorded);
  }
  evidence.set_chain(span.chain);
  for (const auto& [name, code] : span.attributes) (*evidence.mutable_attributes())[name] = code;
  if (span.value) evidence.set_value(*span.value);
  return evidence;
}

// Of each record the last one that had begun by then, and in the period or before: `at` may be the
// first moment after it.
std::map<std::string, const Span*> LastOf(const std::vector<Span>& covers, const Asked& asked) {
  std::map<std::string, const Span*> last;
  for (const Span& each : covers) {
    if (!each.due || each.begin > asked.at || each.begin >= asked.until) continue;
    const Span*& before = last[each.aggregate_id];
    if (before == nullptr || each.begin >= before->begin) before = &each;
  }
  return last;
}

void SetCover(const Span& span, v1::Evidence& evidence) {
  v1::Cover& cover = *evidence.mutable_cover();
  cover.set_key(span.key);
  *cover.mutable_begin_time() = clock::ToProto(span.begin);
  *cover.mutable_due_time() = clock::ToProto(*span.due);
  cover.set_fact_id(span.begin_fact_id);
  if (span.begin_recorded) *cover.mutable_recorded_time() = clock::ToProto(*span.begin_recorded);
}

void SetShares(const v1::KpiDefinition& kpi, const std::map<std::string, int64_t>& counts,
               v1::Figure& figure) {
  for (const auto& [code, count] : counts) {
    if (count == 0) continue;
    v1::Share* share = figure.add_shares();
    share->set_code(code);
    const auto title = kpi.titles().find(code);
    share->set_title(title == kpi.titles().end() ? code : title->second);
    share->set_count(count);
  }
  std::stable_sort(figure.mutable_shares()->begin(), figure.mutable_shares()->end(),
                   [](const v1::Share& a, const v1::Share& b) { return a.count() > b.count(); });
}

v1::Figure EmptyFigure(const v1::KpiDefinition& kpi, const Period& period, absl::Time now) {
  v1::Figure figure;
  figure.set_code(kpi.code());
  figure.set_period(FormatPeriod(period));
  const absl::Time until = period.Until();
  *figure.mutable_as_at_time() = clock::ToProto(std::min(now, until));
  *figure.mutable_begin_time() = clock::ToProto(period.Begin());
  *figure.mutable_until_time() = clock::ToProto(until);
  return figure;
}

// `evidence` is looked at where the measure needs more than what it adds up to.
v1::Figure Measured(const v1::KpiDefinition& kpi, const Counted& counted,
                    const std::vector<v1::Evidence>& evidence, const Period& period, absl::Time now,
                    std::optional<absl::Time> known_from) {
  v1::Figure figure = EmptyFigure(kpi, period, now);
  if (now < period.Begin()) return figure;
  figure.set_numerator(counted.numerator);
  figure.set_denominator(counted.denominator);
  SetShares(kpi, counted.shares, figure);
  const Measure* measure = MeasureOf(kpi.measure());
  if (measure == nullptr) return figure;
  if (measure->needs_value) figure.set_sum(counted.sum);
  measure->set_value(kpi, evidence, figure);
  if (measure->known_from == KnownFrom::kEvidence) return figure;
  if (known_from && *known_from != absl::InfinitePast()) {
    *figure.mutable_known_from_time() = clock::ToProto(*known_from);
  }
  if (!known_from || *known_from > now || *known_from >= period.Until()) {
    figure.clear_value();
    figure.clear_sum();
  }
  return figure;
}

}  // namespace

std::vector<v1::Evidence> EvidenceOf(const v1::KpiDefinition& kpi, const v1::Stream& stream,
                                     const std::vector<Span>& spans, const Period& period,
                                     absl::Time now, const std::vector<Span>& covers) {
  std::vector<v1::Evidence> evidence;
  const Measure* measure = MeasureOf(kpi.measure());
  const absl::Time until = period.Until();
  Asked asked = {kpi, stream, period.Begin(), until, now, std::min(now, until)};
  if (measure == nullptr || now < asked.from) return evidence;
  const std::map<std::string, const Span*> covering = LastOf(covers, asked);
  for (const Span& span : spans) {
    if (span.begin >= until || !Hold(kpi.where(), span.attributes)) continue;
    const auto cover = covering.find(span.aggregate_id);
    asked.cover = cover == covering.end() ? nullptr : cover->second;
    if (const auto counted = measure->counts(asked, span)) {
      evidence.push_back(Of(span, *counted));
      if (asked.cover != nullptr) SetCover(*asked.cover, evidence.back());
    }
  }
  return evidence;
}

Counted CountedOf(const v1::KpiDefinition& kpi, const std::vector<v1::Evidence>& evidence) {
  Counted counted;
  counted.denominator = static_cast<int64_t>(evidence.size());
  for (const v1::Evidence& each : evidence) {
    counted.sum += each.value();
    if (!each.counted()) continue;
    ++counted.numerator;
    if (kpi.group_by().empty()) continue;
    const auto at = each.attributes().find(kpi.group_by());
    ++counted.shares[at == each.attributes().end() ? "" : at->second];
  }
  return counted;
}

v1::Figure FigureOf(const v1::KpiDefinition& kpi, const std::vector<v1::Evidence>& evidence,
                    const Period& period, absl::Time now, std::optional<absl::Time> known_from) {
  if (!IsReportedMeasure(kpi.measure())) {
    return Measured(kpi, CountedOf(kpi, evidence), evidence, period, now, known_from);
  }
  v1::Figure figure = EmptyFigure(kpi, period, now);
  if (now >= period.Begin()) SetReported(kpi, evidence, period, now, figure);
  return figure;
}

v1::Figure FigureOf(const v1::KpiDefinition& kpi, const Counted& counted, const Period& period,
                    absl::Time now, std::optional<absl::Time> known_from) {
  return Measured(kpi, counted, {}, period, now, known_from);
}

}  // namespace fosterwatch::kpis::domain
