#include "services/kpis/domain/fold.h"

#include <algorithm>
#include <map>
#include <tuple>
#include <utility>

namespace fosterwatch::kpis::domain {
namespace {

using Kind = Observation::Kind;

// An element, which may have ended before anybody said that it began.
struct Known {
  Span span;
  bool begun = false;
};
using Elements = std::map<std::string, Known>;

void End(Span& span, absl::Time at, const std::string& fact_id,
         const std::optional<absl::Time>& recorded, bool lapsed) {
  span.end = at;
  span.end_fact_id = fact_id;
  span.end_recorded = recorded;
  span.lapsed = lapsed;
}

bool EndsAfter(const Span& span, absl::Time at) { return !span.end || *span.end > at; }

void LinkChain(const std::string& key, const Recorded& by, Elements& elements) {
  const absl::Time begin = by.observation.time;
  Known* next = nullptr;
  for (auto& [other, known] : elements) {
    if (other == key || !known.begun || known.span.chain != by.observation.chain) continue;
    if (known.span.begin < begin && EndsAfter(known.span, begin)) {
      End(known.span, begin, by.fact_id, by.recorded, false);
    }
    if (known.span.begin > begin && (next == nullptr || known.span.begin < next->span.begin)) {
      next = &known;
    }
  }
  Span& span = elements[key].span;
  if (next != nullptr && EndsAfter(span, next->span.begin)) {
    End(span, next->span.begin, next->span.begin_fact_id, next->span.begin_recorded, false);
  }
}

void Begin(bool chained, const Recorded& by, Elements& elements) {
  const Observation& said = by.observation;
  Known& known = elements[said.key];
  known.begun = true;
  known.span.begin = said.time;
  known.span.due = said.due;
  known.span.chain = said.chain;
  known.span.value = said.value;
  known.span.begin_fact_id = by.fact_id;
  known.span.begin_recorded = by.recorded;
  for (const auto& [name, code] : said.attributes) known.span.attributes[name] = code;
  if (chained) LinkChain(said.key, by, elements);
}

// Those that an observation without a key is about.
bool IsAbout(const Observation& said, const Known& known) {
  return said.chain.empty() || known.span.chain == said.chain;
}

void Finish(const Recorded& by, bool lapsed, Elements& elements) {
  const Observation& said = by.observation;
  const auto finish = [&](Span& span) {
    if (span.end && (lapsed || !span.lapsed)) return;
    End(span, said.time, by.fact_id, by.recorded, lapsed);
    for (const auto& [name, code] : said.attributes) span.attributes[name] = code;
  };
  if (!said.key.empty()) {
    finish(elements[said.key].span);
    return;
  }
  for (auto& [key, known] : elements) {
    if (known.begun && known.span.begin <= said.time && !known.span.end && IsAbout(said, known)) {
      finish(known.span);
    }
  }
}

void Apply(bool chained, const Recorded& by, Elements& elements) {
  const Observation& said = by.observation;
  switch (said.kind) {
    case Kind::kResets:
      for (auto at = elements.begin(); at != elements.end();) {
        const bool gone = said.key.empty() ? IsAbout(said, at->second) : at->first == said.key;
        at = gone ? elements.erase(at) : std::next(at);
      }
      break;
    case Kind::kBegins:
      Begin(chained, by, elements);
      break;
    case Kind::kMoves:
      if (const auto at = elements.find(said.key); at != elements.end()) {
        at->second.span.due = said.due;
      }
      break;
    case Kind::kReopens: {
      Span& span = elements[said.key].span;
      span.end.reset();
      span.end_fact_id.clear();
      span.end_recorded.reset();
      span.lapsed = false;
      break;
    }
    case Kind::kEnds:
      Finish(by, /*lapsed=*/false, elements);
      break;
    case Kind::kLapses:
      Finish(by, /*lapsed=*/true, elements);
      break;
  }
}

}  // namespace

std::vector<Span> Fold(bool chained, std::vector<Recorded> observations) {
  const auto order = [](const Recorded& a) {
    return std::tie(a.aggregate_id, a.version, a.place, a.fact_id);
  };
  std::sort(observations.begin(), observations.end(),
            [&](const Recorded& a, const Recorded& b) { return order(a) < order(b); });
  std::map<std::string, Elements> records;
  const Recorded* before = nullptr;
  for (const Recorded& observation : observations) {
    if (before != nullptr && order(*before) == order(observation)) continue;
    before = &observation;
    Apply(chained, observation, records[observation.aggregate_id]);
  }
  std::vector<Span> spans;
  for (auto& [aggregate_id, elements] : records) {
    for (auto& [key, known] : elements) {
      if (!known.begun) continue;
      known.span.key = key;
      known.span.aggregate_id = aggregate_id;
      spans.push_back(std::move(known.span));
    }
  }
  std::stable_sort(spans.begin(), spans.end(),
                   [](const Span& a, const Span& b) { return a.begin < b.begin; });
  return spans;
}

}  // namespace fosterwatch::kpis::domain
