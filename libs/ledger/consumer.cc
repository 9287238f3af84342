#include "libs/ledger/consumer.h"

#include <algorithm>
#include <exception>
#include <map>
#include <set>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"

#include "libs/ledger/consumer_item.h"
#include "libs/ledger/envelope.h"
#include "libs/ledger/loaded.h"
#include "libs/ledger/parked.h"
#include "libs/runtime/log.h"
#include "libs/status/error.h"
#include "libs/status/status_macros.h"
#include "libs/testing/crash_point.h"

namespace fosterwatch::ledger {
namespace {

// How long one record may wait for a place in the ledger's queue before the batch begins again.
constexpr absl::Duration kQueuePatience = absl::Seconds(5);
// How long after a failure the same is tried again while a dependency is away.
constexpr absl::Duration kAwayPause = absl::Milliseconds(250);
// Between two attempts at a record that fails, times the number of the attempt.
constexpr absl::Duration kAttemptPause = absl::Milliseconds(50);
// How far a probe looks ahead, in batches.
constexpr int kProbeBatches = 5;
// A key of ours is two ids and a slash.
constexpr size_t kMaxKeyBytes = 2 * kMaxIdBytes + 1;
// How often a batch may find a key free that was blocked a moment before.
constexpr int kMostRounds = 20;

// Neither an answer nor away: something of ours does not work.
bool IsFailure(const absl::Status& status) { return !IsAnswer(status) && !IsAway(status); }

absl::Status BreakerOpen(size_t keys, int threshold) {
  return Error(absl::StatusCode::kUnavailable, "BREAKER_OPEN",
               absl::StrCat("nothing could be taken of ", std::max<size_t>(keys, threshold),
                            " different keys in a row: the fault is ours, nothing more is parked"));
}

}  // namespace

Consumer::Consumer(Ledger* ledger, bus::Bus* bus, privacy::Sealer* sealer, std::string conninfo,
                   Options options)
    : ledger_(ledger),
      bus_(bus),
      sealer_(sealer),
      conninfo_(std::move(conninfo)),
      options_(std::move(options)),
      breaker_(options_.breaker_keys) {}

absl::Status Consumer::last_status() const {
  absl::MutexLock lock(&mutex_);
  return last_status_;
}

int64_t Consumer::parked_count() const {
  absl::MutexLock lock(&mutex_);
  return parked_;
}

bool Consumer::breaker_open() const {
  absl::MutexLock lock(&mutex_);
  return breaker_open_;
}

bool Consumer::data_lost() const {
  absl::MutexLock lock(&mutex_);
  return data_lost_;
}

void Consumer::Run(const runtime::Stop& stop) {
  while (!stop.requested()) {
    absl::Status status;
    if (subscription_ == nullptr) {
      auto subscription = bus_->Subscribe({options_.group, options_.topics, options_.member,
                                           /*live=*/false, options_.progress});
      status = subscription.status();
      if (status.ok()) subscription_ = *std::move(subscription);
    }
    if (status.ok()) status = breaker_.open() ? Probe() : Step();
    SetStatus(status);
    if (status.ok()) continue;
    // What was polled and not committed comes again. A member that holds at a loss keeps holding.
    if (!lost_ && subscription_ != nullptr && !subscription_->Rewind().ok()) subscription_.reset();
    careful_ = !breaker_.open();
    stop.WaitFor(breaker_.open() ? options_.probe_every : kAwayPause);
  }
  subscription_.reset();
}

// Says what has changed, once.
void Consumer::SetStatus(const absl::Status& status) {
  absl::Status before;
  bool was_open = false, was_lost = false;
  {
    absl::MutexLock lock(&mutex_);
    before = std::exchange(last_status_, status);
    was_open = std::exchange(breaker_open_, breaker_.open());
    was_lost = std::exchange(data_lost_, lost_);
  }
  const runtime::LogFields fields = {{"group", options_.group}};
  if (breaker_.open() && !was_open) {
    runtime::LogError("a consumer takes nothing any more",
                      {{"group", options_.group}, {"error", std::string(status.message())}});
  } else if (lost_ && !was_lost) {
    runtime::LogError("a consumer stands still: records that it has not handled are gone",
                      {{"group", options_.group}, {"error", std::string(status.message())}});
  } else if (!status.ok() && before.ok()) {
    runtime::LogStatus("a consumer waits", status, fields);
  } else if (status.ok() && !before.ok()) {
    runtime::LogInfo("a consumer goes on", fields);
  }
}

absl::StatusOr<std::vector<bus::Record>> Consumer::Poll(int most) {
  auto polled = subscription_->Poll(most, absl::Milliseconds(200));
  lost_ = absl::IsDataLoss(polled.status());
  return polled;
}

absl::Status Consumer::Step() {
  ASSIGN_OR_RETURN(const std::vector<bus::Record> records, Poll(careful_ ? 1 : options_.batch));
  if (records.empty()) return absl::OkStatus();
  FOSTERWATCH_CRASH_POINT("after_receive");
  RETURN_IF_ERROR(Take(records));
  FOSTERWATCH_CRASH_POINT("after_effect_before_offset");
  RETURN_IF_ERROR(subscription_->Commit());
  FOSTERWATCH_CRASH_POINT("after_offset");
  careful_ = false;
  return absl::OkStatus();
}

std::string Consumer::SequenceKeyOf(const bus::Record& record) const {
  if (!options_.sequenced || record.key.empty() || record.key.size() > kMaxKeyBytes) return "";
  const absl::StatusOr<Envelope> envelope = EnvelopeOf(record);
  if (!envelope.ok() || envelope->agency_id != AgencyOf(record)) return "";
  // One agency for all records of a key, so that whoever may see one may see them all.
  const std::string key = absl::CEscape(record.key);
  if (absl::StartsWith(key, absl::StrCat(envelope->agency_id, "/"))) return key;
  return absl::StrCat(envelope->agency_id, "|", key);
}

// All of a batch is taken, or parked, or it comes again.
absl::Status Consumer::Take(const std::vector<bus::Record>& records) {
  std::vector<Item> batch(records.size());
  Items items;
  for (size_t i = 0; i < records.size(); ++i) {
    Item& item = batch[i];
    item.record = &records[i];
    item.key = SequenceKeyOf(records[i]);
    const auto& versioned = options_.versioned_topics;
    if (std::find(versioned.begin(), versioned.end(), records[i].topic) != versioned.end()) {
      if (item.key.empty() ||
          !absl::SimpleAtoi(bus::HeaderOf(records[i], "ce_sequence"), &item.version)) {
        item.version = 0;
      }
      item.missing = watch_.Missing(records[i], item.version);
    }
    items.push_back(&item);
  }
  std::vector<const Item*> awaited;
  for (int round = 0;; ++round) {
    RETURN_IF_ERROR(LookForBlocked(items, &awaited));
    RETURN_IF_ERROR(Try(items));
    for (Item& item : batch) Count(item);
    if (round == 0) breaker_.EndBatch(batch.size());
    if (breaker_.open()) return BreakerOpen(breaker_.failing(), options_.breaker_keys);
    for (Item* item : items) {
      if (item->state == Item::kFailed) RETURN_IF_ERROR(ParkFirst(*item));
    }
    RETURN_IF_ERROR(ParkBehind(items));
    std::erase_if(items, [](const Item* item) { return item->state != Item::kNew; });
    if (items.empty()) break;
    if (round >= kMostRounds) return absl::AbortedError("keys are let go on faster than we look");
  }
  // What waited for a version that has come now follows it.
  for (const Item* item : awaited) {
    if (item->state != Item::kDone && item->state != Item::kNothing) continue;
    RETURN_IF_ERROR(Follow(item->record->topic, item->key));
  }
  return absl::OkStatus();
}

// Which of the new items wait behind a blocked key, or for a version that has not come.
absl::Status Consumer::LookForBlocked(const Items& items, std::vector<const Item*>* awaited) {
  std::map<std::string, std::vector<std::string>> keys;  // by topic
  for (const Item* item : items) {
    if (!item->key.empty()) keys[item->record->topic].push_back(item->key);
  }
  for (const auto& [topic, of_topic] : keys) {
    ASSIGN_OR_RETURN(auto blocked, BlockedKeys(*ledger_, options_.group, topic, of_topic));
    for (Item* item : items) {
      if (item->record->topic != topic || item->key.empty()) continue;
      if (const auto found = blocked.find(item->key); found != blocked.end()) {
        const int64_t missing = found->second;
        if (missing == 0 || item->version == 0 || item->version > missing) {
          item->state = Item::kBehind;
          item->blocked = true;
        } else if (item->version == missing) {
          awaited->push_back(item);
        }
      } else if (item->missing > 0) {
        item->state = Item::kFailed;
        item->why = Error(absl::StatusCode::kFailedPrecondition, kVersionMissing,
                          "an earlier fact of its aggregate has not come");
        blocked[item->key] = item->missing;
      }
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<std::optional<Unit>> Consumer::UnitFor(const bus::Record& record) const {
  absl::StatusOr<std::optional<Unit>> unit = std::nullopt;
  try {
    unit = options_.handle(record);
  } catch (const std::exception&) {
    return Error(absl::StatusCode::kUnknown, "HANDLER_THREW", "the handler threw an exception");
  }
  if (!unit.ok() || !unit->has_value() || !options_.inbox) return unit;
  (*unit)->consumer = options_.group;
  (*unit)->inbox_id = bus::HeaderOf(record, "ce_id");
  if ((*unit)->inbox_id.empty()) return MalformedEnvelope();
  return unit;
}

// Tries what is new, what fails several times. An error: a dependency is away.
absl::Status Consumer::Try(const Items& items) {
  for (int attempt = 1;; ++attempt) {
    RETURN_IF_ERROR(TryOnce(items));
    std::set<std::string> again;
    bool failed = false;
    for (Item* item : items) {
      if (item->state != Item::kFailed || !IsFailure(item->why)) continue;
      failed = true;
      if (attempt >= options_.attempts) continue;
      item->state = Item::kNew;
      if (!item->key.empty()) again.insert(item->key);
    }
    if (!failed) return absl::OkStatus();
    // Whose fault it is can only be said while the database is well.
    if (attempt >= options_.attempts) return ledger_->Check();
    for (Item* item : items) {
      if (item->state == Item::kBehind && !item->blocked && again.contains(item->key)) {
        item->state = Item::kNew;
      }
    }
    absl::SleepFor(kAttemptPause * attempt);
  }
}

absl::Status Consumer::TryOnce(const Items& items) {
  struct Submitted {
    Item* item;
    Unit unit;
    bool answered = false;
    absl::StatusOr<Outcome> outcome = absl::UnknownError("");
  };
  std::vector<Submitted> submitted;
  submitted.reserve(items.size());
  std::map<std::string, std::shared_ptr<Unit::Chain>> chains;
  std::set<std::string> broken;
  for (Item* item : items) {
    if (item->state != Item::kNew) continue;
    if (broken.contains(item->key)) {
      item->state = Item::kBehind;
      continue;
    }
    absl::StatusOr<std::optional<Unit>> unit = UnitFor(*item->record);
    if (!unit.ok()) {
      if (IsAway(unit.status())) return unit.status();
      item->state = Item::kFailed;
      item->why = unit.status();
      if (!item->key.empty()) broken.insert(item->key);
    } else if (!unit->has_value()) {
      item->state = Item::kNothing;
    } else {
      if (!item->key.empty()) {
        std::shared_ptr<Unit::Chain>& chain = chains[item->key];
        if (chain == nullptr) chain = std::make_shared<Unit::Chain>();
        (*unit)->chain = chain;
      }
      submitted.push_back({item, **std::move(unit)});
    }
  }

  absl::Mutex mutex;
  int pending = 0;
  const auto none_pending = [&pending] { return pending == 0; };
  for (Submitted& each : submitted) {
    if (broken.contains(each.item->key)) {
      each.outcome = BehindFailed();
      continue;
    }
    for (const absl::Time until = absl::Now() + kQueuePatience;;) {
      Unit unit = each.unit;
      unit.done = [&mutex, &pending, &each](absl::StatusOr<Outcome> outcome) {
        absl::MutexLock lock(&mutex);
        each.outcome = std::move(outcome);
        each.answered = true;
        --pending;
      };
      {
        absl::MutexLock lock(&mutex);
        each.answered = false;
        ++pending;
      }
      ledger_->Submit(std::move(unit));
      absl::MutexLock lock(&mutex);
      if (!each.answered || ReasonOf(each.outcome.status()) != "BUSY") {
        // One that was refused at once has not broken its chain.
        if (each.answered && !each.outcome.ok() && !each.item->key.empty()) {
          broken.insert(each.item->key);
        }
        break;
      }
      // Others have filled the queue. Again when ours are done, so that none is overtaken.
      mutex.Await(absl::Condition(&none_pending));
      if (absl::Now() >= until) return each.outcome.status();
      absl::SleepFor(absl::Milliseconds(5));
    }
  }
  absl::MutexLock lock(&mutex);
  mutex.Await(absl::Condition(&none_pending));
  absl::Status away;
  for (const Submitted& each : submitted) {
    const absl::Status status = each.outcome.status();
    if (status.ok()) {
      each.item->state = each.outcome->repeated ? Item::kNothing : Item::kDone;
    } else if (ReasonOf(status) == "BEHIND_FAILED") {
      each.item->state = Item::kBehind;
    } else if (IsAway(status)) {
      if (away.ok()) away = status;
    } else {
      each.item->state = Item::kFailed;
      each.item->why = status;
    }
  }
  return away;
}

void Consumer::Count(Item& item) {
  if (item.counted) return;
  item.counted = true;
  if (item.state == Item::kDone) {
    breaker_.Succeeded();
  } else if (item.state == Item::kFailed) {
    if (!options_.sequenced && IsAnswer(item.why)) {
      breaker_.Succeeded();
    } else {
      breaker_.Failed(item.key.empty() ? Position(*item.record) : item.key);
    }
  } else {
    item.counted = item.state == Item::kNothing;
  }
}

// The breaker is open: tries one record, another one than last time.
absl::Status Consumer::Probe() {
  const absl::Status still_open = BreakerOpen(0, options_.breaker_keys);
  std::vector<bus::Record> ahead;
  for (int i = 0; i < kProbeBatches; ++i) {
    ASSIGN_OR_RETURN(const std::vector<bus::Record> records, Poll(options_.batch));
    ahead.insert(ahead.end(), records.begin(), records.end());
    if (records.size() < static_cast<size_t>(options_.batch)) break;
  }
  std::vector<Item> batch;
  std::vector<const Item*> awaited;
  // The first of each key only: nothing is overtaken.
  std::set<std::string> seen;
  for (const bus::Record& record : ahead) {
    Item& item = batch.emplace_back();
    item.record = &record;
    item.key = SequenceKeyOf(record);
    if (!item.key.empty() && !seen.insert(item.key).second) item.state = Item::kBehind;
  }
  Items items;
  for (Item& item : batch) items.push_back(&item);
  RETURN_IF_ERROR(LookForBlocked(items, &awaited));
  for (size_t i = 0; i < items.size(); ++i) {
    // The oldest, the newest, the second oldest, ...
    const size_t turn = probed_++ / 2 % items.size();
    const size_t at = probed_ % 2 == 1 ? turn : items.size() - 1 - turn;
    if (items[at]->state != Item::kNew) continue;
    RETURN_IF_ERROR(TryOnce({items[at]}));
    if (items[at]->state == Item::kNothing) continue;  // says nothing
    if (items[at]->state == Item::kFailed) {
      if (!options_.sequenced && IsAnswer(items[at]->why)) break;  // it is answered again
      return still_open;
    }
    break;
  }
  const auto taken = std::find_if(items.begin(), items.end(), [](const Item* item) {
    return item->state == Item::kDone || item->state == Item::kFailed;
  });
  if (taken == items.end()) return still_open;
  probed_ = 0;
  breaker_.Close(static_cast<size_t>(taken - items.begin()) + 1);
  return subscription_->Rewind();
}

}  // namespace fosterwatch::ledger
