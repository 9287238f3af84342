// Reading: states with their personal parts, views, and making the views again.
#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

#include "libs/ledger/loaded.h"
#include "libs/ledger/merge.h"
#include "libs/ledger/rows.h"
#include "libs/runtime/cancellation.h"
#include "libs/status/error.h"
#include "libs/status/status_macros.h"
#include "libs/testing/crash_point.h"

namespace fosterwatch::ledger {

using google::protobuf::Message;

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

namespace {

// A read ends with the deadline of the call that it is for (runtime::CallScope), and never takes
// longer than this: an open transaction holds every relay of the cluster up.
constexpr absl::Duration kReadPatience = absl::Seconds(30);
constexpr absl::Duration kPoolPatience = absl::Seconds(5);

// Of many aggregates: the facts of so many are in memory together.
constexpr size_t kLoadedAtOnce = 100;

// The agencies of a reading transaction, and when the server ends its statements. A plan that looks
// worth compiling looks so because it was made for any filter: compiling it took half a second
// where running it takes ten milliseconds.
pg::Statement SetReader(const std::string& agency_id) {
  pg::Statement statement = SetAgencies({agency_id});
  const absl::Time now = absl::Now();
  const int64_t left =
      absl::ToInt64Milliseconds(runtime::CallScope::NoLaterThan(now + kReadPatience) - now);
  absl::StrAppend(&statement.sql,
                  ", set_config('statement_timeout', $2, true),"
                  " set_config('jit', 'off', true)");
  statement.values.push_back(absl::StrCat(std::max<int64_t>(1, left)));
  return statement;
}

}  // namespace

template <typename Body>
absl::Status Ledger::WithReader(Body&& body) {
  absl::Status status;
  // After a restart of the server every connection at hand may be lost.
  for (int attempt = 0; attempt <= options_.readers; ++attempt) {
    const absl::Duration patience =
        runtime::CallScope::NoLaterThan(absl::Now() + kReadPatience) - absl::Now();
    if (patience <= absl::ZeroDuration()) {
      return absl::DeadlineExceededError("the deadline passed before the database was asked");
    }
    ASSIGN_OR_RETURN(pg::Pool::Lease connection,
                     readers_.Borrow(std::min(patience, kPoolPatience)));
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
      RETURN_IF_ERROR(tx.Query(SetReader(agency_id)).status());
      ASSIGN_OR_RETURN(loaded, Fold(tx, agency_id, type, id, version));
      return absl::OkStatus();
    });
  }));
  return std::move(loaded.state);
}

absl::Status Ledger::LoadEach(
    const std::string& agency_id, const std::string& type, const std::vector<std::string>& asked,
    absl::FunctionRef<void(const std::string& id, std::unique_ptr<Message> state)> take,
    const std::vector<std::string>& names) {
  const Aggregate& aggregate = AggregateOf(type);
  // Its facts come once for each time that an id is asked for.
  std::vector<std::string> ids;
  absl::flat_hash_set<absl::string_view> known;
  for (const std::string& id : asked) {
    if (known.insert(id).second) ids.push_back(id);
  }
  for (size_t from = 0; from < ids.size(); from += kLoadedAtOnce) {
    const std::vector<std::string> slice(
        ids.begin() + static_cast<ptrdiff_t>(from),
        ids.begin() + static_cast<ptrdiff_t>(std::min(from + kLoadedAtOnce, ids.size())));
    absl::flat_hash_map<std::string, std::unique_ptr<Message>> found;
    const auto load = [&](pg::Connection& tx) -> absl::Status {
      found.clear();
      RETURN_IF_ERROR(tx.Query(SetReader(agency_id)).status());
      ASSIGN_OR_RETURN(
          pg::Result result,
          tx.Query(
              absl::StrCat("SELECT ", kFactColumns,
                           " FROM unnest($3) AS wanted (id), LATERAL (SELECT * FROM ledger.fact"
                           " WHERE agency_id = $1 AND aggregate_type = $2"
                           " AND aggregate_id = wanted.id",
                           names.empty() ? "" : " AND name = ANY ($4)",
                           " OFFSET 0) AS fact ORDER BY aggregate_id, version"),
              names.empty() ? pg::Values{agency_id, type, slice}
                            : pg::Values{agency_id, type, slice, names}));
      ASSIGN_OR_RETURN(std::vector<StoredFact> facts, ReadFacts(result, *options_.fact));
      RETURN_IF_ERROR(OpenSealed(tx, *sealer_, facts));
      for (const StoredFact& fact : facts) {
        std::unique_ptr<Message>& state = found[fact.stamp.aggregate_id];
        if (state == nullptr) state.reset(aggregate.empty_state->New());
        aggregate.evolve(*state, *fact.fact, fact.stamp);
      }
      return absl::OkStatus();
    };
    RETURN_IF_ERROR(
        WithReader([&](pg::Connection& connection) { return pg::Transact(connection, load); }));
    for (const std::string& id : slice) {
      const auto state = found.find(id);
      if (state == found.end()) continue;
      take(id, std::move(state->second));
      found.erase(state);
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<absl::flat_hash_map<std::string, std::unique_ptr<Message>>> Ledger::LoadMany(
    const std::string& agency_id, const std::string& type, const std::vector<std::string>& ids) {
  absl::flat_hash_map<std::string, std::unique_ptr<Message>> found;
  RETURN_IF_ERROR(LoadEach(agency_id, type, ids,
                           [&found](const std::string& id, std::unique_ptr<Message> state) {
                             found[id] = std::move(state);
                           }));
  return found;
}

absl::StatusOr<std::vector<pg::Result>> Ledger::Read(const std::string& agency_id,
                                                     Statements statements) {
  // A pipeline is one transaction by itself.
  statements.insert(statements.begin(), SetReader(agency_id));
  std::vector<pg::Result> results;
  RETURN_IF_ERROR(WithReader([&](pg::Connection& connection) -> absl::Status {
    ASSIGN_OR_RETURN(results, connection.Pipeline(statements));
    return absl::OkStatus();
  }));
  results.erase(results.begin());
  return results;
}

absl::Status Ledger::Check() {
  ASSIGN_OR_RETURN(pg::Pool::Lease connection, readers_.Borrow(absl::Seconds(1)));
  return connection->Query("SELECT 1").status();
}

absl::Status Ledger::Rebuild() {
  ASSIGN_OR_RETURN(std::unique_ptr<pg::Connection> connection,
                   pg::Connection::Open(options_.relay_conninfo));
  // A rebuild that the machine took with it is done again, so no slice waits for the disk.
  RETURN_IF_ERROR(connection->Script(absl::StrCat(kByKey, "; SET synchronous_commit = off")));
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
      std::set<std::pair<std::string, std::string>> ids;
      for (int row = 0; row < slice; ++row) {
        wanted.insert({first.Text(row, 1), first.Text(row, 2), first.Text(row, 3)});
        ids.insert({first.Text(row, 1), first.Text(row, 3)});
        position = first.Int(row, 0);
      }
      ASSIGN_OR_RETURN(pg::Result result, tx.Query(FactsOf(ids)));
      ASSIGN_OR_RETURN(std::vector<StoredFact> facts, ReadFacts(result, *options_.fact));
      std::map<Key, Loaded> loaded;
      Statements statements;
      for (const StoredFact& fact : facts) {
        const FactStamp& stamp = fact.stamp;
        const Key key{stamp.agency_id, stamp.aggregate_type, stamp.aggregate_id};
        if (!wanted.contains(key)) continue;
        const Aggregate& aggregate = AggregateOf(stamp.aggregate_type);
        Loaded& entry = loaded[key];
        if (entry.state == nullptr) entry.state.reset(aggregate.empty_state->New());
        aggregate.evolve(*entry.state, *fact.fact, stamp);
        entry.last = stamp;
        if (aggregate.project_fact) aggregate.project_fact(*fact.fact, stamp, statements);
      }
      for (const auto& [key, entry] : loaded) {
        const Aggregate& aggregate = AggregateOf(entry.last.aggregate_type);
        if (aggregate.project) aggregate.project(*entry.state, entry.last, statements);
      }
      RETURN_IF_ERROR(tx.Pipeline(Merged(std::move(statements))).status());
      FOSTERWATCH_CRASH_POINT("during_rebuild");
      return absl::OkStatus();
    }));
    if (slice == 0) return absl::OkStatus();
  }
}

}  // namespace fosterwatch::ledger
