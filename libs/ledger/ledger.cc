#include "libs/ledger/ledger.h"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/synchronization/notification.h"

#include "libs/bus/bus.h"
#include "libs/ledger/id.h"
#include "libs/ledger/rows.h"
#include "libs/privacy/privacy.h"
#include "libs/status/error.h"
#include "libs/status/status_macros.h"
#include "libs/testing/crash_point.h"

namespace fosterwatch::ledger {
namespace {

using google::protobuf::Message;
using Key = std::tuple<std::string, std::string, std::string>;  // agency, type, id
using RequestKey = std::pair<std::string, std::string>;         // agency, request id

constexpr int kTries = 5;
// Leaves room for the key and the headers of a record.
constexpr size_t kMaxPublicBytes = bus::kMaxRecordBytes - 20'000;

pg::Statement SetAgencies(const std::set<std::string>& agencies) {
  return {"SELECT set_config('fosterwatch.agencies', $1, true)", {absl::StrJoin(agencies, ",")}};
}

std::unique_ptr<Message> Clone(const Message& message) {
  std::unique_ptr<Message> copy(message.New());
  copy->CopyFrom(message);
  return copy;
}

// A fact that this batch will append.
struct NewFact {
  FactStamp stamp;
  std::unique_ptr<Message> fact;
  std::string subject;
};

absl::Status Reused() {
  return Error(absl::StatusCode::kAlreadyExists, "REQUEST_ID_REUSED",
               "the request id was used before with another request",
               {{"request_id", "was used before with another request"}});
}

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

// A fact that the bus refused would stop all that come after it.
absl::Status CheckSize(const Message& fact) {
  if (fact.ByteSizeLong() <= kMaxPublicBytes) return absl::OkStatus();
  const std::unique_ptr<Message> copy = Clone(fact);
  privacy::KeepPublic(copy.get());
  if (copy->ByteSizeLong() <= kMaxPublicBytes) return absl::OkStatus();
  return Error(absl::StatusCode::kInvalidArgument, "TOO_LARGE",
               "what is to be recorded is too large to be published");
}

}  // namespace

// The state of an aggregate while a batch is worked on.
struct Ledger::Loaded {
  std::unique_ptr<Message> state;
  FactStamp last;

  Loaded Copy() const { return {Clone(*state), last}; }
};

struct Ledger::Batch {
  std::vector<absl::StatusOr<Outcome>> results;
  bool appended = false;
};

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

void Ledger::OnCommit(std::function<void()> committed) {
  absl::MutexLock lock(&mutex_);
  committed_ = std::move(committed);
}

int Ledger::waiting() const {
  absl::MutexLock lock(&mutex_);
  return static_cast<int>(queue_.size());
}

void Ledger::Submit(Unit unit) {
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
    Process(std::move(units)).IgnoreError();
  }
}

void Ledger::Finish(Unit& unit, absl::StatusOr<Outcome> outcome) {
  if (unit.chain != nullptr && unit.chain->broken.ok() && !IsAnswer(outcome.status())) {
    unit.chain->broken = outcome.status();
  }
  unit.done(std::move(outcome));
}

absl::Status Ledger::Process(std::vector<Unit> units) {
  absl::Status status;
  for (int attempt = 0;; ++attempt) {
    std::erase_if(units, [this](Unit& unit) {
      const bool broken = unit.chain != nullptr && !unit.chain->broken.ok();
      if (broken) unit.done(unit.chain->broken);
      return broken;
    });
    if (units.empty()) return absl::OkStatus();

    Batch batch;
    status = TryBatch(units, batch);
    if (status.ok()) {
      if (batch.appended) {
        FOSTERWATCH_CRASH_POINT("after_commit_before_reply");
        absl::MutexLock lock(&mutex_);
        if (committed_) committed_();
      }
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

absl::Status Ledger::TryBatch(std::vector<Unit>& units, Batch& batch) {
  if (writer_ == nullptr || !writer_->alive()) {
    writer_.reset();
    ASSIGN_OR_RETURN(writer_, pg::Connection::Open(options_.conninfo));
  }
  pg::Connection& connection = *writer_;

  std::set<std::string> agencies, consumers;
  pg::TextArray request_ids, inbox_ids, aggregate_ids;
  for (const Unit& unit : units) {
    agencies.insert(unit.agency_id);
    if (!unit.request_id.empty()) request_ids.push_back(unit.request_id);
    if (!unit.inbox_id.empty()) {
      consumers.insert(unit.consumer);
      inbox_ids.push_back(unit.inbox_id);
    }
    for (const Change& change : unit.changes) aggregate_ids.push_back(change.id);
  }

  const pg::TextArray agency_list(agencies.begin(), agencies.end());
  auto read = connection.Pipeline(
      {{"BEGIN", {}},
       SetAgencies(agencies),
       {"SELECT agency_id, request_id, request_hash, aggregate_type, aggregate_id, version"
        " FROM ledger.request WHERE agency_id = ANY ($1) AND request_id = ANY ($2)",
        {agency_list, request_ids}},
       {"SELECT consumer, inbox_id FROM ledger.inbox"
        " WHERE consumer = ANY ($1) AND inbox_id = ANY ($2)",
        {pg::TextArray(consumers.begin(), consumers.end()), inbox_ids}},
       {absl::StrCat("SELECT ", kFactColumns,
                     " FROM ledger.fact WHERE agency_id = ANY ($1) AND aggregate_id = ANY ($2)"
                     " ORDER BY aggregate_id, aggregate_type, version"),
        {agency_list, aggregate_ids}}});
  if (!read.ok()) {
    connection.Rollback();
    return read.status();
  }
  struct Rollback {
    pg::Connection* connection;
    ~Rollback() {
      if (connection != nullptr) connection->Rollback();
    }
  } rollback{&connection};

  struct Answered {
    std::string hash, type, id;
    int64_t version;
  };
  std::map<RequestKey, Answered> answered;
  const pg::Result& requests = (*read)[2];
  for (int row = 0; row < requests.rows(); ++row) {
    answered[{requests.Text(row, 0), requests.Text(row, 1)}] = {
        requests.Text(row, 2), requests.Text(row, 3), requests.Text(row, 4), requests.Int(row, 5)};
  }
  std::set<std::pair<std::string, std::string>> consumed;
  for (int row = 0; row < (*read)[3].rows(); ++row) {
    consumed.insert({(*read)[3].Text(row, 0), (*read)[3].Text(row, 1)});
  }

  ASSIGN_OR_RETURN(std::vector<StoredFact> stored, ReadFacts((*read)[4], *options_.fact));
  RETURN_IF_ERROR(OpenSealed(connection, *sealer_, stored));
  std::map<Key, Loaded> loaded;
  for (const StoredFact& fact : stored) {
    const FactStamp& stamp = fact.stamp;
    Loaded& entry = loaded[{stamp.agency_id, stamp.aggregate_type, stamp.aggregate_id}];
    const Aggregate& aggregate = AggregateOf(stamp.aggregate_type);
    if (entry.state == nullptr) entry.state.reset(aggregate.empty_state->New());
    aggregate.evolve(*entry.state, *fact.fact, stamp);
    entry.last = stamp;
  }

  std::vector<NewFact> facts;
  std::set<Key> changed;
  std::map<RequestKey, size_t> answered_here;
  Statements statements;
  batch.results.reserve(units.size());
  for (size_t i = 0; i < units.size(); ++i) {
    Unit& unit = units[i];
    if (!unit.inbox_id.empty() && consumed.contains({unit.consumer, unit.inbox_id})) {
      Outcome outcome;
      outcome.repeated = true;
      batch.results.push_back(std::move(outcome));
      continue;
    }
    const RequestKey request{unit.agency_id, unit.request_id};
    if (!unit.request_id.empty()) {
      if (auto seen = answered.find(request); seen != answered.end()) {
        if (seen->second.hash != unit.request_hash) {
          batch.results.push_back(Reused());
          continue;
        }
        Outcome outcome;
        outcome.repeated = true;
        if (seen->second.version == 0) {  // nothing had happened
          outcome.states.emplace_back(AggregateOf(seen->second.type).empty_state->New());
        } else {
          ASSIGN_OR_RETURN(Loaded then, Fold(connection, unit.agency_id, seen->second.type,
                                             seen->second.id, seen->second.version));
          outcome.states.push_back(std::move(then.state));
        }
        batch.results.push_back(std::move(outcome));
        continue;
      }
      if (auto here = answered_here.find(request); here != answered_here.end()) {
        if (units[here->second].request_hash != unit.request_hash) {
          batch.results.push_back(Reused());
          continue;
        }
        Outcome outcome;
        outcome.repeated = true;
        outcome.states.push_back(Clone(*batch.results[here->second]->states[0]));
        batch.results.push_back(std::move(outcome));
        continue;
      }
    }

    // Work on copies: a unit that is refused half way has changed nothing.
    std::map<Key, Loaded> copies;
    std::vector<NewFact> unit_facts;
    absl::Status refusal;
    for (const Change& change : unit.changes) {
      const Aggregate& aggregate = AggregateOf(change.type);
      const Key key{unit.agency_id, change.type, change.id};
      auto copy = copies.find(key);
      if (copy == copies.end()) {
        auto found = loaded.find(key);
        Loaded start;
        if (found != loaded.end()) {
          start = found->second.Copy();
        } else {
          start.state.reset(aggregate.empty_state->New());
        }
        copy = copies.emplace(key, std::move(start)).first;
      }
      Loaded& current = copy->second;
      auto decided = change.decide(*current.state, current.last.version);
      if (!decided.ok()) {
        refusal = decided.status();
        break;
      }
      for (std::unique_ptr<Message>& fact : *decided) {
        FactStamp stamp;
        stamp.fact_id = NewId();
        stamp.agency_id = unit.agency_id;
        stamp.aggregate_type = change.type;
        stamp.aggregate_id = change.id;
        stamp.version = current.last.version + 1;
        stamp.name = FactName(*fact);
        stamp.recorded = absl::FromUnixMicros(absl::ToUnixMicros(options_.now()));
        stamp.actor = unit.actor;
        stamp.cause = unit.cause;
        stamp.trace_parent = unit.trace_parent;
        refusal = CheckSize(*fact);
        if (!refusal.ok()) break;
        aggregate.evolve(*current.state, *fact, stamp);
        current.last = stamp;
        std::string subject = aggregate.subject ? aggregate.subject(*fact, change.id)
                                                : absl::StrCat(change.type, ":", change.id);
        unit_facts.push_back({std::move(stamp), std::move(fact), std::move(subject)});
      }
      if (!refusal.ok()) break;
    }
    if (!refusal.ok()) {
      batch.results.push_back(refusal);
      continue;
    }

    Outcome outcome;
    for (const Change& change : unit.changes) {
      const Loaded& after = copies.at({unit.agency_id, change.type, change.id});
      outcome.states.push_back(Clone(*after.state));
    }
    if (!unit.request_id.empty() && !unit.changes.empty()) {
      const Change& first = unit.changes[0];
      const Loaded& after = copies.at({unit.agency_id, first.type, first.id});
      statements.push_back({"INSERT INTO ledger.request VALUES ($1, $2, $3, $4, $5, $6)",
                            {unit.agency_id, unit.request_id, unit.request_hash, first.type,
                             first.id, after.last.version}});
      answered_here[request] = i;
    }
    if (!unit.inbox_id.empty()) {
      statements.push_back({"INSERT INTO ledger.inbox VALUES ($1, $2, $3)",
                            {unit.agency_id, unit.consumer, unit.inbox_id}});
      consumed.insert({unit.consumer, unit.inbox_id});
    }
    for (pg::Statement& effect : unit.effects) statements.push_back(effect);
    for (NewFact& fact : unit_facts) {
      changed.insert({fact.stamp.agency_id, fact.stamp.aggregate_type, fact.stamp.aggregate_id});
      facts.push_back(std::move(fact));
    }
    for (auto& [key, copy] : copies) loaded[key] = std::move(copy);
    batch.results.push_back(std::move(outcome));
  }
  if (facts.empty() && statements.empty()) return absl::OkStatus();

  std::vector<privacy::Subject> subjects;
  for (const NewFact& fact : facts) {
    if (privacy::HasPersonal(*fact.fact)) {
      subjects.push_back({fact.stamp.agency_id, fact.subject});
    }
  }
  if (!subjects.empty()) {
    RETURN_IF_ERROR(sealer_->Prepare(connection, subjects, /*create=*/true));
  }
  for (const NewFact& fact : facts) {
    ASSIGN_OR_RETURN(pg::Statement insert,
                     InsertFact(fact.stamp, *fact.fact, fact.subject, *sealer_));
    statements.push_back(std::move(insert));
  }
  for (const Key& key : changed) {
    const Loaded& after = loaded.at(key);
    const Aggregate& aggregate = AggregateOf(after.last.aggregate_type);
    if (aggregate.project) aggregate.project(*after.state, after.last, statements);
  }

  auto written = connection.Pipeline(statements);
  // A key that another process took first: the same race as a lost update.
  const std::string constraint = pg::ConstraintOf(written.status());
  if (constraint == "fact_version" || constraint == "request_once" || constraint == "inbox_once") {
    return absl::AbortedError("another process recorded at the same time");
  }
  RETURN_IF_ERROR(written.status());
  FOSTERWATCH_CRASH_POINT("before_commit");
  rollback.connection = nullptr;
  RETURN_IF_ERROR(connection.Commit());
  batch.appended = !facts.empty();
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

absl::StatusOr<Ledger::Loaded> Ledger::Fold(pg::Connection& connection,
                                            const std::string& agency_id, const std::string& type,
                                            const std::string& id, int64_t version) {
  ASSIGN_OR_RETURN(
      pg::Result result,
      connection.Query(absl::StrCat("SELECT ", kFactColumns,
                                    " FROM ledger.fact WHERE agency_id = $1 AND aggregate_id = $2"
                                    " AND aggregate_type = $3 AND ($4 = 0 OR version <= $4)"
                                    " ORDER BY version"),
                       {agency_id, id, type, version}));
  ASSIGN_OR_RETURN(std::vector<StoredFact> facts, ReadFacts(result, *options_.fact));
  if (facts.empty())
    return Error(absl::StatusCode::kNotFound, "NOT_FOUND", "there is no such " + type);
  RETURN_IF_ERROR(OpenSealed(connection, *sealer_, facts));
  const Aggregate& aggregate = AggregateOf(type);
  Loaded loaded;
  loaded.state.reset(aggregate.empty_state->New());
  for (const StoredFact& fact : facts) {
    aggregate.evolve(*loaded.state, *fact.fact, fact.stamp);
    loaded.last = fact.stamp;
  }
  return loaded;
}

template <typename Body>
absl::Status Ledger::WithReader(Body&& body) {
  absl::Status status;
  // After a restart of the server every connection at hand may be lost.
  for (int attempt = 0; attempt <= options_.readers; ++attempt) {
    ASSIGN_OR_RETURN(pg::Pool::Lease connection, readers_.Borrow());
    status = body(*connection);
    if (status.ok() || connection->alive()) return status;
  }
  return status;
}

absl::StatusOr<std::unique_ptr<Message>> Ledger::Load(const std::string& agency_id,
                                                      const std::string& type,
                                                      const std::string& id, int64_t version) {
  Loaded loaded;
  RETURN_IF_ERROR(WithReader([&](pg::Connection& connection) {
    return pg::Transact(connection, [&](pg::Connection& tx) -> absl::Status {
      RETURN_IF_ERROR(tx.Query(SetAgencies({agency_id})).status());
      ASSIGN_OR_RETURN(loaded, Fold(tx, agency_id, type, id, version));
      return absl::OkStatus();
    });
  }));
  return std::move(loaded.state);
}

absl::StatusOr<absl::flat_hash_map<std::string, std::unique_ptr<Message>>> Ledger::LoadMany(
    const std::string& agency_id, const std::string& type, const std::vector<std::string>& ids) {
  absl::flat_hash_map<std::string, std::unique_ptr<Message>> found;
  const auto load = [&](pg::Connection& tx) -> absl::Status {
    found.clear();
    RETURN_IF_ERROR(tx.Query(SetAgencies({agency_id})).status());
    ASSIGN_OR_RETURN(
        pg::Result result,
        tx.Query(absl::StrCat("SELECT ", kFactColumns,
                              " FROM ledger.fact WHERE agency_id = $1 AND aggregate_type = $2"
                              " AND aggregate_id = ANY ($3) ORDER BY aggregate_id, version"),
                 {agency_id, type, ids}));
    ASSIGN_OR_RETURN(std::vector<StoredFact> facts, ReadFacts(result, *options_.fact));
    RETURN_IF_ERROR(OpenSealed(tx, *sealer_, facts));
    const Aggregate& aggregate = AggregateOf(type);
    for (const StoredFact& fact : facts) {
      std::unique_ptr<Message>& state = found[fact.stamp.aggregate_id];
      if (state == nullptr) state.reset(aggregate.empty_state->New());
      aggregate.evolve(*state, *fact.fact, fact.stamp);
    }
    return absl::OkStatus();
  };
  RETURN_IF_ERROR(
      WithReader([&](pg::Connection& connection) { return pg::Transact(connection, load); }));
  return found;
}

absl::StatusOr<std::vector<pg::Result>> Ledger::Read(const std::string& agency_id,
                                                     Statements statements) {
  statements.insert(statements.begin(), {{"BEGIN", {}}, SetAgencies({agency_id})});
  statements.push_back({"COMMIT", {}});
  std::vector<pg::Result> results;
  RETURN_IF_ERROR(WithReader([&](pg::Connection& connection) -> absl::Status {
    ASSIGN_OR_RETURN(results, connection.Pipeline(statements));
    return absl::OkStatus();
  }));
  results.erase(results.begin(), results.begin() + 2);
  results.pop_back();
  return results;
}

absl::Status Ledger::Check() {
  ASSIGN_OR_RETURN(pg::Pool::Lease connection, readers_.Borrow(absl::Seconds(1)));
  return connection->Query("SELECT 1").status();
}

absl::Status Ledger::Rebuild() {
  ASSIGN_OR_RETURN(std::unique_ptr<pg::Connection> connection,
                   pg::Connection::Open(options_.relay_conninfo));
  RETURN_IF_ERROR(pg::Transact(*connection, [&](pg::Connection& tx) -> absl::Status {
    for (const Aggregate& aggregate : options_.aggregates) {
      for (const std::string& view : aggregate.views) {
        RETURN_IF_ERROR(tx.Script("DELETE FROM " + view));
      }
    }
    return absl::OkStatus();
  }));
  int64_t position = -1;
  for (;;) {
    int slice = 0;
    RETURN_IF_ERROR(pg::Transact(*connection, [&](pg::Connection& tx) -> absl::Status {
      ASSIGN_OR_RETURN(pg::Result first,
                       tx.Query("SELECT position, agency_id, aggregate_type, aggregate_id"
                                " FROM ledger.fact WHERE version = 1 AND position > $1"
                                " ORDER BY position LIMIT 500",
                                {position}));
      slice = first.rows();
      if (slice == 0) return absl::OkStatus();
      std::set<Key> wanted;
      pg::TextArray ids;
      for (int row = 0; row < slice; ++row) {
        wanted.insert({first.Text(row, 1), first.Text(row, 2), first.Text(row, 3)});
        ids.push_back(first.Text(row, 3));
        position = first.Int(row, 0);
      }
      ASSIGN_OR_RETURN(pg::Result result,
                       tx.Query(absl::StrCat("SELECT ", kFactColumns,
                                             " FROM ledger.fact WHERE aggregate_id = ANY ($1)"
                                             " ORDER BY aggregate_id, aggregate_type, version"),
                                {ids}));
      ASSIGN_OR_RETURN(std::vector<StoredFact> facts, ReadFacts(result, *options_.fact));
      std::map<Key, Loaded> loaded;
      for (const StoredFact& fact : facts) {
        const FactStamp& stamp = fact.stamp;
        const Key key{stamp.agency_id, stamp.aggregate_type, stamp.aggregate_id};
        if (!wanted.contains(key)) continue;
        const Aggregate& aggregate = AggregateOf(stamp.aggregate_type);
        Loaded& entry = loaded[key];
        if (entry.state == nullptr) entry.state.reset(aggregate.empty_state->New());
        aggregate.evolve(*entry.state, *fact.fact, stamp);
        entry.last = stamp;
      }
      Statements statements;
      for (const auto& [key, entry] : loaded) {
        const Aggregate& aggregate = AggregateOf(entry.last.aggregate_type);
        if (aggregate.project) aggregate.project(*entry.state, entry.last, statements);
      }
      return tx.Pipeline(statements).status();
    }));
    if (slice == 0) return absl::OkStatus();
  }
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
