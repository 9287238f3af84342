// What is alarming, by policy, and what to say of it. Rules only: who asks and who is told is
// elsewhere.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

#include "fosterwatch/operations/v1/vitals_service.pb.h"
#include "fosterwatch/watchdog/v1/watch.pb.h"

namespace fosterwatch::watchdog {

// Reads policy/watch.json. INVALID_ARGUMENT (POLICY_INVALID) for unknown fields, no version or
// source, a grade that is not H, M or L, periods that are not positive, and watches without a name
// of their own, a kind, a text, or (where the kind wants one) what they are of.
absl::StatusOr<v1::WatchPolicy> ParseWatchPolicy(absl::string_view json);

// Whether the name is the pattern, in which "*" stands for any characters.
bool Matches(absl::string_view pattern, absl::string_view name);

// One thing that a person is told.
struct Notice {
  std::string process, watch, item;
  absl::Time since;
  std::string text;
};

// What changed for those who are told. Empty lists: nothing to say.
struct Report {
  std::vector<Notice> begun, still, over;
  bool empty() const { return begun.empty() && still.empty() && over.empty(); }
};

class Watcher {
 public:
  // Goes on where `state` was: what was told and is still so is not told as new.
  Watcher(v1::WatchPolicy policy, const v1::WatchState& state);

  // What a process said of itself at `now`; nullopt where it did not answer.
  void Hear(const std::string& process, const std::optional<operations::v1::Vitals>& vitals,
            absl::Time now);

  // What there is to tell at `now`, and takes it for told: each alarm once when it has lasted as
  // long as its watch says, all open ones again together after the policy's reminder, and each once
  // when it is over.
  Report Tell(absl::Time now);

  // The alarms that somebody was told of and that are open, for the next start.
  void Save(v1::WatchState* state) const;
  int open() const;

  const v1::WatchPolicy& policy() const { return policy_; }

 private:
  using Key = std::tuple<std::string, std::string, std::string>;  // process, watch, item
  struct Alarm {
    absl::Time since;
    absl::Time told = absl::InfinitePast();  // InfinitePast: nobody was told yet
    std::string text;
    double value = 0;
    bool over = false;
  };

  void Mark(const Key& key, double value, const std::string& text, absl::Time now);

  const v1::WatchPolicy policy_;
  std::map<std::string, const v1::WatchPolicy::Watch*> watches_;
  std::map<Key, Alarm> alarms_;
};

// The mail, for a person: when, what, and what it means; times as in Europe/London. `where` is the
// address of the installation.
std::string SubjectOf(const Report& report);
std::string TextOf(const Report& report, const v1::WatchPolicy& policy, const std::string& where,
                   absl::Time now);

}  // namespace fosterwatch::watchdog
