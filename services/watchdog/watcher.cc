#include "services/watchdog/watcher.h"

#include <algorithm>
#include <cmath>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

#include "libs/clock/proto_time.h"
#include "libs/json/to_message.h"
#include "libs/status/error.h"
#include "libs/status/status_macros.h"

namespace fosterwatch::watchdog {
namespace {

using operations::v1::Vitals;
using v1::WatchPolicy;
using Watch = v1::WatchPolicy::Watch;

absl::Status Invalid(absl::string_view what) {
  return Error(absl::StatusCode::kInvalidArgument, "POLICY_INVALID",
               absl::StrCat("the policy of the watchdog ", what));
}

bool IsOfSomething(Watch::Kind kind) {
  return kind != Watch::KIND_PROCESS_AWAY && kind != Watch::KIND_NOT_READY;
}

// "12.5", "3600"
std::string Number(double value) { return absl::StrFormat("%.10g", value); }

std::string LondonTime(absl::Time time) {
  static const absl::TimeZone* const london = [] {
    auto* zone = new absl::TimeZone(absl::UTCTimeZone());
    absl::LoadTimeZone("Europe/London", zone);
    return zone;
  }();
  return absl::FormatTime("%H:%M:%S on %A %e %B %Y", time, *london);
}

void AddList(const std::string& heading, const std::vector<Notice>& notices,
             const std::map<std::string, std::string>& meanings, bool with_meaning,
             std::string* text) {
  if (notices.empty()) return;
  absl::StrAppend(text, heading, "\n\n");
  for (const Notice& notice : notices) {
    absl::StrAppend(text, "* ", notice.process, notice.item.empty() ? "" : ", ", notice.item, ": ",
                    notice.text, "\n  since ", LondonTime(notice.since), "\n");
    const auto meaning = meanings.find(notice.watch);
    if (with_meaning && meaning != meanings.end()) {
      absl::StrAppend(text, "  ", meaning->second, "\n");
    }
    absl::StrAppend(text, "\n");
  }
}

}  // namespace

absl::StatusOr<WatchPolicy> ParseWatchPolicy(absl::string_view json) {
  WatchPolicy policy;
  if (absl::Status read = json::TextToMessage(json, policy); !read.ok()) {
    return Invalid(absl::StrCat("cannot be read: ", read.message()));
  }
  if (policy.version().empty()) return Invalid("has no version");
  if (policy.source().empty()) return Invalid("has no source");
  if (policy.grade() != "H" && policy.grade() != "M" && policy.grade() != "L") {
    return Invalid("has a grade that is not H, M or L");
  }
  if (policy.ask_every_seconds() < 1) return Invalid("asks less than every second");
  if (policy.remind_every_minutes() < 1) return Invalid("reminds less than every minute");
  if (policy.watches().empty()) return Invalid("watches nothing");
  std::set<std::string> names;
  for (const Watch& watch : policy.watches()) {
    if (watch.name().empty() || !names.insert(watch.name()).second) {
      return Invalid("has a watch without a name of its own");
    }
    if (watch.kind() == Watch::KIND_UNSPECIFIED) return Invalid("has a watch without a kind");
    if (watch.text().empty()) return Invalid("has a watch without a text");
    if (watch.for_seconds() < 0) return Invalid("has a watch for a negative time");
    if (IsOfSomething(watch.kind()) == watch.of().empty()) {
      return Invalid(absl::StrCat("has a watch that is ", watch.of().empty() ? "" : "also ",
                                  "of nothing that its kind has"));
    }
  }
  return policy;
}

bool Matches(absl::string_view pattern, absl::string_view name) {
  while (!pattern.empty()) {
    if (pattern.front() == '*') {
      pattern.remove_prefix(1);
      for (size_t skip = 0; skip <= name.size(); ++skip) {
        if (Matches(pattern, name.substr(skip))) return true;
      }
      return false;
    }
    if (name.empty() || name.front() != pattern.front()) return false;
    pattern.remove_prefix(1);
    name.remove_prefix(1);
  }
  return name.empty();
}

Watcher::Watcher(WatchPolicy policy, const v1::WatchState& state) : policy_(std::move(policy)) {
  for (const Watch& watch : policy_.watches()) watches_[watch.name()] = &watch;
  for (const v1::WatchState::Alarm& alarm : state.alarms()) {
    if (!watches_.contains(alarm.watch())) continue;
    Alarm& kept = alarms_[{alarm.process(), alarm.watch(), alarm.item()}];
    kept.since = clock::FromProto(alarm.since_time());
    kept.told = clock::FromProto(alarm.told_time());
    kept.text = alarm.text();
  }
}

void Watcher::Mark(const Key& key, double value, const std::string& text, absl::Time now) {
  const auto [alarm, added] = alarms_.try_emplace(key, Alarm{now});
  alarm->second.over = false;
  alarm->second.text = text;
  alarm->second.value = value;
}

void Watcher::Hear(const std::string& process, const std::optional<Vitals>& vitals,
                   absl::Time now) {
  // What is not marked again below is over. Of a process that is silent nothing else is known, so
  // its other alarms stay as they are.
  std::map<Key, double> before;
  for (auto& [key, alarm] : alarms_) {
    if (std::get<0>(key) != process) continue;
    before[key] = alarm.value;
    const bool about_answer = watches_.at(std::get<1>(key))->kind() == Watch::KIND_PROCESS_AWAY;
    if (vitals.has_value() || about_answer) alarm.over = true;
  }
  for (const Watch& watch : policy_.watches()) {
    const auto mark = [&](const std::string& item, double value, const std::string& text) {
      Mark({process, watch.name(), item}, value, text, now);
    };
    if (watch.kind() == Watch::KIND_PROCESS_AWAY) {
      if (!vitals.has_value()) mark("", 0, "it does not answer");
      continue;
    }
    if (!vitals.has_value() || vitals->stopping()) continue;
    switch (watch.kind()) {
      case Watch::KIND_NOT_READY:
        for (const Vitals::Check& check : vitals->checks()) {
          if (!check.good() && check.decides()) mark(check.name(), 0, check.text());
        }
        break;
      case Watch::KIND_CHECK_BAD:
        for (const Vitals::Check& check : vitals->checks()) {
          if (!check.good() && Matches(watch.of(), check.name())) {
            mark(check.name(), 0, check.text());
          }
        }
        break;
      case Watch::KIND_GAUGE_ABOVE:
      case Watch::KIND_GAUGE_BELOW:
        for (const Vitals::Gauge& gauge : vitals->gauges()) {
          if (!Matches(watch.of(), gauge.name())) continue;
          const bool above = watch.kind() == Watch::KIND_GAUGE_ABOVE;
          // What cannot be read (NaN) is not fine.
          if (above ? !(gauge.value() <= watch.limit()) : !(gauge.value() >= watch.limit())) {
            mark(gauge.name(), gauge.value(),
                 std::isnan(gauge.value())
                     ? "it cannot be read"
                     : absl::StrCat("it is ", Number(gauge.value()), ", ",
                                    above ? "above " : "below ", Number(watch.limit())));
          }
        }
        break;
      case Watch::KIND_GAUGE_GROWS:
        for (const Vitals::Gauge& gauge : vitals->gauges()) {
          if (!Matches(watch.of(), gauge.name()) || gauge.value() <= watch.limit()) continue;
          const auto last = before.find({process, watch.name(), gauge.name()});
          mark(gauge.name(), gauge.value(),
               absl::StrCat("it is ", Number(gauge.value()), " and does not fall"));
          Alarm& alarm = alarms_.at({process, watch.name(), gauge.name()});
          if (last != before.end() && gauge.value() < last->second) {
            // It is being worked off: the time begins again, and who was told hears that it is
            // over.
            if (alarm.told == absl::InfinitePast())
              alarm.since = now;
            else
              alarm.over = true;
          }
        }
        break;
      case Watch::KIND_LOOP_SILENT:
        for (const Vitals::Loop& loop : vitals->loops()) {
          if (Matches(watch.of(), loop.name()) && loop.silent_seconds() > watch.limit()) {
            mark(loop.name(), loop.silent_seconds(),
                 absl::StrCat("it has been silent for ", Number(std::floor(loop.silent_seconds())),
                              " seconds"));
          }
        }
        break;
      default:
        break;
    }
  }
  // What nobody was told of is forgotten without a word.
  std::erase_if(alarms_, [](const auto& entry) {
    return entry.second.over && entry.second.told == absl::InfinitePast();
  });
}

Report Watcher::Tell(absl::Time now) {
  Report report;
  const auto notice = [](const Key& key, const Alarm& alarm) {
    return Notice{std::get<0>(key), std::get<1>(key), std::get<2>(key), alarm.since, alarm.text};
  };
  absl::Time last_told = absl::InfinitePast();
  std::vector<Alarm*> open;
  for (auto it = alarms_.begin(); it != alarms_.end();) {
    auto& [key, alarm] = *it;
    const Watch& watch = *watches_.at(std::get<1>(key));
    if (alarm.over) {
      report.over.push_back(notice(key, alarm));
      it = alarms_.erase(it);
      continue;
    }
    if (alarm.told != absl::InfinitePast()) {
      last_told = std::max(last_told, alarm.told);
      report.still.push_back(notice(key, alarm));
      open.push_back(&alarm);
    } else if (now - alarm.since >= absl::Seconds(watch.for_seconds())) {
      report.begun.push_back(notice(key, alarm));
      alarm.told = now;
    }
    ++it;
  }
  // Those that are open are told again together, with what is new or by themselves after a while.
  const bool remind = now - last_told >= absl::Minutes(policy_.remind_every_minutes());
  if (report.begun.empty() && report.over.empty() && !remind) report.still.clear();
  if (!report.still.empty()) {
    for (Alarm* alarm : open) alarm->told = now;
  }
  return report;
}

void Watcher::Save(v1::WatchState* state) const {
  state->clear_alarms();
  for (const auto& [key, alarm] : alarms_) {
    if (alarm.told == absl::InfinitePast()) continue;
    v1::WatchState::Alarm* saved = state->add_alarms();
    saved->set_process(std::get<0>(key));
    saved->set_watch(std::get<1>(key));
    saved->set_item(std::get<2>(key));
    *saved->mutable_since_time() = clock::ToProto(alarm.since);
    *saved->mutable_told_time() = clock::ToProto(alarm.told);
    saved->set_text(alarm.text);
  }
}

int Watcher::open() const {
  return static_cast<int>(std::count_if(alarms_.begin(), alarms_.end(), [](const auto& entry) {
    return entry.second.told != absl::InfinitePast() && !entry.second.over;
  }));
}

std::string SubjectOf(const Report& report) {
  if (!report.begun.empty()) {
    return absl::StrCat(
        "Fosterwatch: alarm, ", report.begun.front().process, " (", report.begun.front().watch, ")",
        report.begun.size() == 1 ? "" : absl::StrCat(" and ", report.begun.size() - 1, " more"));
  }
  if (!report.over.empty()) {
    return report.still.empty() ? "Fosterwatch: all alarms are over"
                                : absl::StrCat("Fosterwatch: an alarm is over, ",
                                               report.still.size(), " still open");
  }
  return absl::StrCat("Fosterwatch: still ", report.still.size(), " alarm",
                      report.still.size() == 1 ? "" : "s", " open");
}

std::string TextOf(const Report& report, const WatchPolicy& policy, const std::string& where,
                   absl::Time now) {
  std::map<std::string, std::string> meanings;
  for (const Watch& watch : policy.watches()) meanings[watch.name()] = watch.text();
  std::string text = absl::StrCat("From the watchdog of Fosterwatch at ", where, ", ",
                                  LondonTime(now), " (London).\n\n");
  AddList("NEW", report.begun, meanings, true, &text);
  AddList("OVER", report.over, meanings, false, &text);
  AddList("STILL OPEN", report.still, meanings, report.begun.empty() && report.over.empty(), &text);
  absl::StrAppend(&text, "The limits are those of the agency's policy, version ", policy.version(),
                  ". You are told again every ", policy.remind_every_minutes(),
                  " minutes while something is open, and once when it is over.\n");
  return text;
}

}  // namespace fosterwatch::watchdog
