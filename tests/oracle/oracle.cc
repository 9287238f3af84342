#include "tests/oracle/oracle.h"

#include <algorithm>
#include <map>
#include <set>

#include "absl/strings/str_cat.h"

namespace fosterwatch::oracle {
namespace {

void AppendSome(const char* name, const std::vector<std::string>& entries, std::string& out) {
  constexpr size_t kMost = 10;
  for (size_t i = 0; i < std::min(entries.size(), kMost); ++i) {
    absl::StrAppend(&out, "\n  ", name, ": ", entries[i]);
  }
  if (entries.size() > kMost) {
    absl::StrAppend(&out, "\n  ", name, ": and ", entries.size() - kMost, " more");
  }
}

void JudgeRequests(const History& history, Verdict& verdict) {
  std::map<std::string, std::set<std::string>> keys_of;  // request -> aggregates that it changed
  for (const Fact& fact : history.facts) {
    if (!fact.request.empty()) keys_of[fact.request].insert(fact.key);
  }
  std::set<std::string> asked;
  for (const Request& request : history.requests) {
    asked.insert(request.request_id);
    const auto found = keys_of.find(request.request_id);
    const bool recorded = found != keys_of.end();
    if (request.answer == Answer::kUnknown) {
      ++(recorded ? verdict.unknown_recorded : verdict.unknown_absent);
    }
    if (request.answer == Answer::kAcknowledged && !recorded) {
      verdict.lost.push_back(absl::StrCat("request ", request.request_id,
                                          " was acknowledged and is not in the ledger"));
    }
    if (request.answer == Answer::kRefused && recorded) {
      verdict.ghost.push_back(
          absl::StrCat("request ", request.request_id, " was refused and is in the ledger"));
    }
    if (recorded && found->second.size() > 1) {
      verdict.duplicate.push_back(absl::StrCat("request ", request.request_id, " was recorded ",
                                               found->second.size(), " times"));
    }
  }
  for (const auto& [request, keys] : keys_of) {
    if (!asked.contains(request)) {
      verdict.ghost.push_back(absl::StrCat("request ", request, " is in the ledger, nobody asked"));
    }
  }
}

void JudgeLedger(const History& history, Verdict& verdict) {
  std::map<std::string, std::vector<int64_t>> versions;
  std::set<std::string> ids;
  for (const Fact& fact : history.facts) {
    versions[fact.key].push_back(fact.version);
    if (!ids.insert(fact.fact_id).second) {
      verdict.duplicate.push_back(absl::StrCat("fact ", fact.fact_id, " is in the ledger twice"));
    }
  }
  for (auto& [key, list] : versions) {
    std::sort(list.begin(), list.end());
    for (size_t i = 0; i < list.size(); ++i) {
      if (list[i] == static_cast<int64_t>(i) + 1) continue;
      if (i > 0 && list[i] == list[i - 1]) {
        verdict.duplicate.push_back(
            absl::StrCat("version ", list[i], " of ", key, " is there twice"));
      } else {
        verdict.lost.push_back(absl::StrCat("version ", i + 1, " of ", key, " is missing"));
      }
      break;
    }
  }
}

// What the first appearances of each key's versions say about order.
template <typename Sighting>
void JudgeOrder(const std::vector<Sighting>& sightings, const std::string& where,
                Verdict& verdict) {
  std::map<std::string, int64_t> highest;
  std::set<std::string> seen;
  for (const Sighting& sighting : sightings) {
    if (!seen.insert(sighting.fact_id).second) continue;
    int64_t& before = highest[sighting.key];
    if (sighting.version < before) {
      verdict.out_of_order.push_back(absl::StrCat("version ", sighting.version, " of ",
                                                  sighting.key, " comes after version ", before,
                                                  " ", where));
    }
    before = std::max(before, sighting.version);
  }
}

void JudgeBus(const History& history, Verdict& verdict) {
  std::map<std::string, int> times;
  for (const Record& record : history.records) ++times[record.fact_id];
  std::set<std::string> in_ledger;
  for (const Fact& fact : history.facts) {
    in_ledger.insert(fact.fact_id);
    if (!times.contains(fact.fact_id)) {
      verdict.lost.push_back(absl::StrCat("fact ", fact.fact_id, " is not on the bus"));
    }
  }
  for (const auto& [fact_id, count] : times) {
    verdict.repeated_records += count - 1;
    if (!in_ledger.contains(fact_id)) {
      verdict.ghost.push_back(absl::StrCat("fact ", fact_id, " is on the bus, not in the ledger"));
    }
  }
  JudgeOrder(history.records, "on the bus", verdict);
}

void JudgeEffects(const History& history, Verdict& verdict) {
  std::map<std::string, int> times;
  for (const Effect& effect : history.effects) ++times[effect.fact_id];
  std::set<std::string> in_ledger;
  for (const Fact& fact : history.facts) {
    in_ledger.insert(fact.fact_id);
    if (fact.has_effect && !times.contains(fact.fact_id)) {
      verdict.lost.push_back(absl::StrCat("fact ", fact.fact_id, " had no effect"));
    }
  }
  for (const auto& [fact_id, count] : times) {
    if (!in_ledger.contains(fact_id)) {
      verdict.ghost.push_back(
          absl::StrCat("fact ", fact_id, " had an effect and is not in the ledger"));
    } else if (count > 1) {
      verdict.duplicate.push_back(
          absl::StrCat("fact ", fact_id, " had its effect ", count, " times"));
    }
  }
  JudgeOrder(history.effects, "in the effects", verdict);
}

}  // namespace

Verdict Judge(const History& history) {
  Verdict verdict;
  JudgeRequests(history, verdict);
  JudgeLedger(history, verdict);
  JudgeBus(history, verdict);
  JudgeEffects(history, verdict);
  return verdict;
}

std::string Verdict::ToString() const {
  std::string out = absl::StrCat("lost ", lost.size(), ", ghost ", ghost.size(), ", duplicate ",
                                 duplicate.size(), ", out of order ", out_of_order.size(), " (",
                                 repeated_records, " records repeated; of unanswered requests ",
                                 unknown_recorded, " recorded, ", unknown_absent, " not)");
  AppendSome("lost", lost, out);
  AppendSome("ghost", ghost, out);
  AppendSome("duplicate", duplicate, out);
  AppendSome("out of order", out_of_order, out);
  return out;
}

}  // namespace fosterwatch::oracle
