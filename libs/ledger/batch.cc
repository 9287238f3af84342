// One batch of units, from the first read to COMMIT.
#include <algorithm>
#include <exception>
#include <map>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"

#include "libs/bus/bus.h"
#include "libs/ledger/access.h"
#include "libs/ledger/id.h"
#include "libs/ledger/loaded.h"
#include "libs/ledger/merge.h"
#include "libs/ledger/rows.h"
#include "libs/privacy/privacy.h"
#include "libs/status/error.h"
#include "libs/status/status_macros.h"
#include "libs/testing/crash_point.h"

namespace fosterwatch::ledger {
namespace {

using google::protobuf::Message;
using RequestKey = std::pair<std::string, std::string>;  // agency, request id

// Leaves room for the key and the headers of a record.
constexpr size_t kMaxPublicBytes = bus::kMaxRecordBytes - 20'000;

// A fact that this batch will append.
struct NewFact {
  FactStamp stamp;
  std::unique_ptr<Message> fact;
  std::string subject;
};

absl::Status Reused(const Unit& unit) {
  return Error(absl::StatusCode::kAlreadyExists, "REQUEST_ID_REUSED",
               "the request id was used before with another request",
               {{unit.request_id_field, "was used before with another request"}});
}

// An exception costs this unit, not the process.
absl::StatusOr<Facts> Decide(const Change& change, const Message& state, int64_t version) {
  try {
    return change.decide(state, version);
  } catch (const std::exception&) {
    return Error(absl::StatusCode::kInternal, "DECISION_THREW", "a decision threw an exception");
  }
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

bool IsAccessAlone(const Unit& unit) {
  return unit.access != nullptr && unit.changes.empty() && unit.effects.empty() &&
         unit.request_id.empty() && unit.inbox_id.empty();
}

}  // namespace

absl::Status Ledger::TryBatch(std::vector<Unit>& units, Batch& batch) {
  if (writer_ == nullptr || !writer_->alive()) {
    writer_.reset();
    ASSIGN_OR_RETURN(writer_, pg::Connection::Open(options_.conninfo));
    RETURN_IF_ERROR(writer_->Script(kByKey));
  }
  pg::Connection& connection = *writer_;

  std::set<std::string> agencies;
  std::set<std::pair<std::string, std::string>> wanted_requests, wanted_inbox, wanted_aggregates;
  for (const Unit& unit : units) {
    agencies.insert(unit.agency_id);
    if (!unit.request_id.empty()) wanted_requests.insert({unit.agency_id, unit.request_id});
    if (!unit.inbox_id.empty()) wanted_inbox.insert({unit.consumer, unit.inbox_id});
    for (const Change& change : unit.changes) wanted_aggregates.insert({unit.agency_id, change.id});
  }
  std::vector<std::pair<std::shared_ptr<runtime::AccessNote>, std::set<std::string>>> noted;
  if (std::all_of(units.begin(), units.end(), IsAccessAlone)) {
    // There is nothing to read first: one round trip, which is one transaction.
    Statements statements = {SetAgencies(agencies)};
    for (const Unit& unit : units) {
      noted.emplace_back(unit.access, unit.access->Left().second);
      AddAccess(*unit.access, noted.back().second, options_.now(), statements);
      batch.results.emplace_back(Outcome());
    }
    RETURN_IF_ERROR(connection.Pipeline(Merged(std::move(statements))).status());
    for (const auto& [note, shown] : noted) note->SetKept(shown);
    return absl::OkStatus();
  }
  auto read = connection.Pipeline(
      {{"BEGIN", {}},
       SetAgencies(agencies),
       {"SELECT agency_id, request_id, request_hash, aggregate_type, aggregate_id, version"
        " FROM unnest($1, $2) AS wanted (agency, request), LATERAL"
        " (SELECT * FROM ledger.request WHERE request.agency_id = wanted.agency"
        " AND request.request_id = wanted.request OFFSET 0) AS request",
        Pairs(wanted_requests)},
       {"SELECT inbox.consumer, inbox.inbox_id FROM unnest($1, $2) AS wanted (consumer, id), "
        "LATERAL"
        " (SELECT * FROM ledger.inbox WHERE inbox.consumer = wanted.consumer"
        " AND inbox.inbox_id = wanted.id OFFSET 0) AS inbox",
        Pairs(wanted_inbox)},
       FactsOf(wanted_aggregates)});
  if (!read.ok()) {
    connection.Rollback();
    return read.status();
  }
  FOSTERWATCH_CRASH_POINT("after_db_begin");
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
  std::set<const Unit::Chain*> broken;
  const auto refuse = [&batch, &broken](const Unit& unit, const absl::Status& why) {
    if (unit.chain != nullptr) broken.insert(unit.chain.get());
    batch.results.push_back(why);
  };
  for (size_t i = 0; i < units.size(); ++i) {
    Unit& unit = units[i];
    if (unit.chain != nullptr && broken.contains(unit.chain.get())) {
      batch.results.push_back(BehindFailed());
      continue;
    }
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
          refuse(unit, Reused(unit));
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
          refuse(unit, Reused(unit));
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
      auto decided = Decide(change, *current.state, current.last.version);
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
      refuse(unit, refusal);
      continue;
    }

    Outcome outcome;
    outcome.changed = !unit_facts.empty();
    // Nobody waits for the states that a consumed record leaves.
    if (unit.inbox_id.empty()) {
      for (const Change& change : unit.changes) {
        const Loaded& after = copies.at({unit.agency_id, change.type, change.id});
        outcome.states.push_back(Clone(*after.state));
      }
    }
    if (!unit.request_id.empty() && !unit.changes.empty()) {
      const Change& first = unit.changes[0];
      const Loaded& after = copies.at({unit.agency_id, first.type, first.id});
      statements.push_back(
          {"INSERT INTO ledger.request SELECT * FROM unnest($1, $2, $3, $4, $5, $6)",
           {pg::TextArray{unit.agency_id}, pg::TextArray{unit.request_id},
            pg::TextArray{unit.request_hash}, pg::TextArray{first.type}, pg::TextArray{first.id},
            pg::IntArray{after.last.version}}});
      answered_here[request] = i;
    }
    if (!unit.inbox_id.empty()) {
      statements.push_back({"INSERT INTO ledger.inbox SELECT * FROM unnest($1, $2, $3)",
                            {pg::TextArray{unit.agency_id}, pg::TextArray{unit.consumer},
                             pg::TextArray{unit.inbox_id}}});
      consumed.insert({unit.consumer, unit.inbox_id});
    }
    if (unit.access != nullptr) {
      std::set<std::string> shown = unit.access->Left().second;
      for (const auto& state : outcome.states) unit.access->AddShown(*state, &shown);
      AddAccess(*unit.access, shown, options_.now(), statements);
      noted.emplace_back(unit.access, std::move(shown));
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
  if (!facts.empty()) {
    FactRows rows;
    for (const NewFact& fact : facts) {
      RETURN_IF_ERROR(rows.Add(fact.stamp, *fact.fact, fact.subject, *sealer_));
    }
    statements.push_back(std::move(rows).Insert());
  }
  for (const NewFact& fact : facts) {
    const Aggregate& aggregate = AggregateOf(fact.stamp.aggregate_type);
    if (aggregate.project_fact) aggregate.project_fact(*fact.fact, fact.stamp, statements);
  }
  for (const Key& key : changed) {
    const Loaded& after = loaded.at(key);
    const Aggregate& aggregate = AggregateOf(after.last.aggregate_type);
    if (aggregate.project) aggregate.project(*after.state, after.last, statements);
  }

  auto written = connection.Pipeline(Merged(std::move(statements)));
  // A key that another process took first: the same race as a lost update.
  const std::string constraint = pg::ConstraintOf(written.status());
  if (constraint == "fact_version" || constraint == "request_once" || constraint == "inbox_once") {
    return absl::AbortedError("another process recorded at the same time");
  }
  RETURN_IF_ERROR(written.status());
  FOSTERWATCH_CRASH_POINT("after_insert");
  rollback.connection = nullptr;
  RETURN_IF_ERROR(connection.Commit());
  FOSTERWATCH_CRASH_POINT("after_commit");
  batch.appended = !facts.empty();
  for (const auto& [note, shown] : noted) note->SetKept(shown);
  return absl::OkStatus();
}

}  // namespace fosterwatch::ledger
