// A kind of measure: which elements of a stream count for a period, and what their figure is. One
// small file in measures/ each; adding a KPI of a kind that there is needs none.
#pragma once

#include <optional>
#include <vector>

#include "absl/time/time.h"

#include "fosterwatch/kpis/v1/kpi.pb.h"
#include "services/kpis/domain/span.h"

namespace fosterwatch::kpis::domain {

// What a figure is asked of. [from, until) is the period, `now` the moment that it is as at, not
// before `from`, and `at` the earlier one of `now` and `until`: the moment at which it stands.
struct Asked {
  const v1::KpiDefinition& kpi;
  const v1::Stream& stream;
  absl::Time from;
  absl::Time until;
  absl::Time now;
  absl::Time at;
  // Of ShareCovered: what covers the element that is asked of; it has a due time. Null: nothing.
  const Span* cover = nullptr;
};

// From when on a figure is known, where an absence of elements does not say so by itself.
enum class KnownFrom {
  kEvidence,  // of nothing there is no value
  kStream,    // a count: since something could have been on record (KnownFromOf)
  kCover,     // since anybody has said anything of what covers
};

// How what it counts is kept by the day (tallies.h); its value then needs no evidence.
enum class Tally {
  kNone,
  kStanding,  // what stands at a moment
  kDone,      // what began or ended in the period
  kDue,       // what was due in it: of what is due later, what is done already
};

struct Measure {
  // Whether the element is in the numerator; nullopt where it is not counted at all.
  std::optional<bool> (*counts)(const Asked& asked, const Span& span);
  // Sets the value; numerator, denominator, shares and, where needs_value, the sum are set already.
  void (*set_value)(const v1::KpiDefinition& kpi, const std::vector<v1::Evidence>& evidence,
                    v1::Figure& figure);
  // What it asks of its stream.
  bool needs_due = false;
  bool needs_value = false;
  KnownFrom known_from = KnownFrom::kEvidence;
  Tally tally = Tally::kNone;
};

const Measure& RatioInTime();
const Measure& MedianTime();
const Measure& OpenCount();
const Measure& OverdueCount();
const Measure& BegunCount();
const Measure& EndedCount();
const Measure& ShareInOrder();
const Measure& SumOpen();
const Measure& ShareOfEnded();
const Measure& ShareCovered();

// Null for what is reported from outside (reported_figure.h), and for none.
const Measure* MeasureOf(v1::KpiDefinition::Measure measure);

// Whether the element had begun and not ended at the moment, and whether it had ended.
bool IsOpenAt(const Span& span, absl::Time at);
bool HasEndedAt(const Span& span, absl::Time at);

// Whether the moment is too late for the due time.
bool IsLate(const v1::Stream& stream, absl::Time due, absl::Time moment);

// The last moment at which it is in time: what is due by the last day of a month is due at the
// first moment of the next one, where that is too late, and belongs to the month by whose end it is
// due.
absl::Time LastInTime(const v1::Stream& stream, absl::Time due);

// It ended within the period, done.
bool WasDoneIn(const Asked& asked, const Span& span);

// Whether all conditions hold of the attributes.
bool Hold(const google::protobuf::RepeatedPtrField<v1::Condition>& conditions,
          const std::map<std::string, std::string>& attributes);

// 100 * numerator / denominator; no value of nothing.
void SetShare(v1::Figure& figure);

}  // namespace fosterwatch::kpis::domain
