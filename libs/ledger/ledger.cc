#include "libs/ledger/ledger.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/blocking_counter.h"
#include "absl/synchronization/notification.h"

#include "libs/ledger/id.h"
#include "libs/ledger/loaded.h"
#include "libs/privacy/privacy.h"
#include "libs/status/error.h"
#include "libs/status/status_macros.h"
#include "libs/testing/crash_point.h"

namespace fosterwatch::ledger {
namespace {

using google::protobuf::Message;

constexpr int kTries = 5;

absl::Status CheckId(const std::string& id, absl::string_view field) {
  if (id.size() > kMaxIdBytes) {
    return InvalidField(field, "ID_TOO_LONG",
                        absl::StrCat("is longer than ", kMaxIdBytes, " bytes"));
  }
  return absl::OkStatus();
}

// Before anything is looked up: the names of agencies travel as a list with commas.
absl::Status CheckUnit(const Unit& unit) {
  if (unit.agency_id.empty() || absl::StrContains(unit.agency_id, ',')) {
    return InvalidField("agency_id", "INVALID_AGENCY", "is not the name of an agency");
  }
  RETURN_IF_ERROR(CheckId(unit.agency_id, "agency_id"));
  RETURN_IF_ERROR(CheckId(unit.request_id, "request_id"));
  RETURN_IF_ERROR(CheckId(unit.inbox_id, "id"));
  RETURN_IF_ERROR(CheckId(unit.actor, "actor"));
  RETURN_IF_ERROR(CheckId(unit.cause, "cause"));
  for (const Change& change : unit.changes) {
    RETURN_IF_ERROR(CheckId(change.id, absl::StrCat(change.type, "_id")));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::unique_ptr<Ledger>> Ledger::Open(Options options,
                                                     std::unique_ptr<privacy::Sealer> sealer) {
  RETURN_IF_ERROR(privacy::CheckClassified(options.fact->GetDescriptor()));
  auto ledger = std::unique_ptr<Ledger>(new Ledger(std::move(options), std::move(sealer)));
  ledger->thread_ = std::thread([raw = ledger.get()] { raw->Work(); });
  return ledger;
}

Ledger::Ledger(Options options, std::unique_ptr<privacy::Sealer> sealer)
    : options_(std::move(options)),
      sealer_(std::move(sealer)),
      readers_(options_.conninfo, options_.readers) {}

Ledger::~Ledger() {
  {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
  }
  if (thread_.joinable()) thread_.join();
}

Ledger::CommitWatch::CommitWatch(Ledger* ledger, std::function<void()> committed)
    : ledger_(ledger), committed_(std::move(committed)) {
  absl::MutexLock lock(&ledger_->watches_mutex_);
  ledger_->watches_.push_back(this);
}

Ledger::CommitWatch::~CommitWatch() {
  absl::MutexLock lock(&ledger_->watches_mutex_);
  std::erase(ledger_->watches_, this);
}

std::unique_ptr<Ledger::CommitWatch> Ledger::OnCommit(std::function<void()> committed) {
  return std::unique_ptr<CommitWatch>(new CommitWatch(this, std::move(committed)));
}

int Ledger::waiting() const {
  absl::MutexLock lock(&mutex_);
  return static_cast<int>(queue_.size());
}

void Ledger::Submit(Unit unit) {
  if (const runtime::CallScope* scope = runtime::CallScope::Current();
      scope != nullptr && !unit.outlives_its_call) {
    unit.deadline = std::min(unit.deadline, scope->deadline());
    if (unit.cancellation == nullptr) unit.cancellation = scope->cancellation();
  }
  // From outside, and of no weight.
  if (unit.trace_parent.size() > kMaxIdBytes ||
      !std::all_of(unit.trace_parent.begin(), unit.trace_parent.end(), absl::ascii_isgraph)) {
    unit.trace_parent.clear();
  }
  absl::Status refusal;
  {
    absl::MutexLock lock(&mutex_);
    if (stopping_) {
      refusal = absl::UnavailableError("the service is stopping");
    } else if (absl::Status checked = CheckUnit(unit); !checked.ok()) {
      refusal = checked;
    } else if (queue_.size() >= static_cast<size_t>(options_.queue)) {
      refusal = Error(absl::StatusCode::kResourceExhausted, "BUSY",
                      "too much is waiting to be recorded; try again shortly");
    } else {
      queue_.push_back(std::move(unit));
      return;
    }
  }
  unit.done(refusal);
}

absl::StatusOr<Outcome> Ledger::SubmitAndWait(Unit unit) {
  absl::StatusOr<Outcome> outcome = absl::UnknownError("");
  absl::Notification ready;
  unit.done = [&](absl::StatusOr<Outcome> result) {
    outcome = std::move(result);
    ready.Notify();
  };
  Submit(std::move(unit));
  ready.WaitForNotification();
  return outcome;
}

std::vector<absl::StatusOr<Outcome>> Ledger::SubmitAllAndWait(std::vector<Unit> units) {
  std::vector<absl::StatusOr<Outcome>> outcomes(units.size());
  absl::BlockingCounter left(static_cast<int>(units.size()));
  for (size_t i = 0; i < units.size(); ++i) {
    units[i].done = [&outcome = outcomes[i], &left](absl::StatusOr<Outcome> result) {
      outcome = std::move(result);
      left.DecrementCount();
    };
    Submit(std::move(units[i]));
  }
  left.Wait();
  return outcomes;
}

void Ledger::Work() {
  for (;;) {
    std::vector<Unit> units;
    {
      absl::MutexLock lock(&mutex_);
      mutex_.Await(absl::Condition(
          +[](Ledger* self) { return self->stopping_ || !self->queue_.empty(); }, this));
      if (queue_.empty()) return;
      const size_t count = std::min(queue_.size(), static_cast<size_t>(options_.batch));
      units.assign(std::make_move_iterator(queue_.begin()),
                   std::make_move_iterator(queue_.begin() + count));
      queue_.erase(queue_.begin(), queue_.begin() + count);
    }
    DropLate(units);
    Process(std::move(units)).IgnoreError();
  }
}

void Ledger::DropLate(std::vector<Unit>& units) {
  const absl::Time now = absl::Now();
  std::erase_if(units, [&](Unit& unit) {
    if (unit.cancellation != nullptr && unit.cancellation->requested()) {
      Finish(unit, absl::CancelledError("the caller has gone"));
    } else if (unit.deadline <= now) {
      Finish(unit, Error(absl::StatusCode::kDeadlineExceeded, "DEADLINE_PASSED",
                         "the deadline passed while the call was waiting to be recorded"));
    } else {
      return false;
    }
    return true;
  });
}

void Ledger::Finish(Unit& unit, absl::StatusOr<Outcome> outcome) {
  if (unit.chain != nullptr && !outcome.ok()) unit.chain->broken = true;
  unit.done(std::move(outcome));
}

absl::Status Ledger::Process(std::vector<Unit> units) {
  absl::Status status;
  for (int attempt = 0;; ++attempt) {
    std::erase_if(units, [](Unit& unit) {
      const bool broken = unit.chain != nullptr && unit.chain->broken;
      if (broken) unit.done(BehindFailed());
      return broken;
    });
    if (units.empty()) return absl::OkStatus();

    Batch batch;
    status = TryBatch(units, batch);
    if (status.ok()) {
      if (batch.appended) {
        absl::MutexLock lock(&watches_mutex_);
        for (const CommitWatch* watch : watches_) watch->committed_();
      }
      FOSTERWATCH_CRASH_POINT("before_reply");
      for (size_t i = 0; i < units.size(); ++i) Finish(units[i], std::move(batch.results[i]));
      return absl::OkStatus();
    }
    if (absl::IsUnknown(status)) {
      // Committed or not: only an id can tell. A unit without one must not be tried again.
      std::erase_if(units, [this](Unit& unit) {
        if (!unit.request_id.empty() || !unit.inbox_id.empty()) return false;
        Finish(unit, Error(absl::StatusCode::kUnavailable, "OUTCOME_UNKNOWN",
                           "the database went away while committing; look before trying again"));
        return true;
      });
      status = absl::UnavailableError(status.message());
    }
    // Together once more where the connection or a race was lost; then one by one.
    const bool away = writer_ == nullptr;
    if (!IsRetryable(status) || attempt + 1 >= kTries) break;
    if (units.size() > 1 && !away && attempt > 0) break;
    {
      absl::MutexLock lock(&mutex_);
      if (stopping_ && away) break;
    }
    absl::SleepFor(absl::Milliseconds(5 << attempt));
  }
  if (units.size() == 1 || writer_ == nullptr) {
    for (Unit& unit : units) Finish(unit, status);
    return writer_ == nullptr ? status : absl::OkStatus();
  }
  // The database refused something in this batch: again, one by one, so that one
  // unit's fault is not another's.
  absl::Status away;
  for (Unit& unit : units) {
    if (!away.ok()) {
      Finish(unit, away);
      continue;
    }
    std::vector<Unit> one;
    one.push_back(std::move(unit));
    away = Process(std::move(one));
  }
  return absl::OkStatus();
}

const Aggregate& Ledger::AggregateOf(const std::string& type) const {
  for (const Aggregate& aggregate : options_.aggregates) {
    if (aggregate.type == type) return aggregate;
  }
  // A type that nobody described is a bug, and going on would lose facts.
  fprintf(stderr, "the ledger has no aggregate type %s\n", type.c_str());
  abort();
}

bool IsAnswer(const absl::Status& status) {
  switch (status.code()) {
    case absl::StatusCode::kOk:
    case absl::StatusCode::kInvalidArgument:
    case absl::StatusCode::kNotFound:
    case absl::StatusCode::kAlreadyExists:
    case absl::StatusCode::kFailedPrecondition:
    case absl::StatusCode::kOutOfRange:
      return true;
    case absl::StatusCode::kPermissionDenied:
      return !ReasonOf(status).empty();  // without one it is the database's
    default:
      return false;
  }
}

std::string RequestHash(const Message& request) {
  std::unique_ptr<Message> copy = Clone(request);
  if (const auto* field = copy->GetDescriptor()->FindFieldByName("request_id")) {
    copy->GetReflection()->ClearField(copy.get(), field);
  }
  return Sha256(absl::StrCat(copy->GetDescriptor()->full_name(), "\n", copy->SerializeAsString()));
}

}  // namespace fosterwatch::ledger
