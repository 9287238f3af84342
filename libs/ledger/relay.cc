#include "libs/ledger/relay.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"

#include "libs/ledger/rows.h"
#include "libs/privacy/privacy.h"
#include "libs/runtime/log.h"
#include "libs/status/error.h"
#include "libs/status/status_macros.h"
#include "libs/testing/crash_point.h"

namespace fosterwatch::ledger {
namespace {

// The number of the lock that only one relay of a database holds.
constexpr int64_t kRelayLock = 0x666f737465720001;
// How long a relay sleeps when nobody wakes it: another process may have committed.
constexpr absl::Duration kPoll = absl::Milliseconds(50);
// How often it looks for facts that wait behind somebody's open transaction.
constexpr absl::Duration kLook = absl::Seconds(1);
// How soon it looks again where facts were seen that wait so; twice as long each time, up to kPoll.
// Most transactions are over by then.
constexpr absl::Duration kSoon = absl::Microseconds(500);
// Whether the transaction ids in this database are not this cluster's.
constexpr char kForeign[] =
    "SELECT EXISTS (SELECT FROM ledger.relay WHERE"
    " cluster <> (SELECT system_identifier::text FROM pg_control_system())"
    " OR tx::xid8 >= pg_snapshot_xmax(pg_current_snapshot()))";

}  // namespace

absl::Status TakeRelayLock(pg::Connection& connection, const std::string& service) {
  ASSIGN_OR_RETURN(const pg::Result lock,
                   connection.Query("SELECT pg_try_advisory_lock($1)", {kRelayLock}));
  if (lock.Bool(0, 0)) return absl::OkStatus();
  return Error(absl::StatusCode::kFailedPrecondition, "SERVICE_RUNNING",
               absl::StrCat("the service ", service, " is running: stop it first"));
}

absl::Status AdoptLedger(pg::Connection& owner) {
  return pg::Transact(owner, [](pg::Connection& tx) -> absl::Status {
    ASSIGN_OR_RETURN(const pg::Result ledger,
                     tx.Query("SELECT to_regclass('ledger.relay') IS NOT NULL"));
    if (!ledger.Bool(0, 0)) return absl::OkStatus();
    RETURN_IF_ERROR(tx.Query("LOCK TABLE ledger.fact, ledger.relay IN EXCLUSIVE MODE").status());
    ASSIGN_OR_RETURN(const pg::Result foreign, tx.Query(kForeign));
    if (!foreign.Bool(0, 0)) return absl::OkStatus();
    // Ids below 3 are nobody's: everything of before is older than any transaction of this cluster.
    // What was recorded here already, before this was called, came behind all of it. With it some
    // may leave once more, under their ids.
    RETURN_IF_ERROR(
        tx.Query("UPDATE ledger.fact SET tx = CASE WHEN (fact.tx, fact.position) >"
                 " (relay.tx::xid8, relay.position) OR fact.position > relay.position"
                 " THEN '2'::xid8 ELSE '1'::xid8 END FROM ledger.relay WHERE relay.name = 'bus'")
            .status());
    return tx
        .Query(
            "UPDATE ledger.relay SET tx = '1', position = 9223372036854775807,"
            " cluster = (SELECT system_identifier::text FROM pg_control_system())")
        .status();
  });
}

Relay::Relay(Ledger* ledger, bus::Bus* bus, Options options)
    : ledger_(ledger), bus_(bus), options_(std::move(options)) {
  watch_ = ledger_->OnCommit([this] {
    absl::MutexLock lock(&mutex_);
    woken_ = true;
  });
}

double Relay::oldest_unsent_seconds() const {
  absl::MutexLock lock(&mutex_);
  if (oldest_unsent_ == absl::InfiniteFuture()) return 0;
  return absl::ToDoubleSeconds(absl::Now() - oldest_unsent_);
}

absl::Status Relay::last_status() const {
  absl::MutexLock lock(&mutex_);
  return last_status_;
}

void Relay::Run(const runtime::Stop& stop) {
  absl::Duration wait = absl::ZeroDuration();
  absl::Duration patience = kPoll;
  while (!stop.requested()) {
    if (wait > absl::ZeroDuration()) {
      if (stop.WaitFor(wait)) break;
    } else {
      absl::MutexLock lock(&mutex_);
      mutex_.AwaitWithTimeout(absl::Condition(&woken_), patience);
      woken_ = false;
    }
    wait = absl::ZeroDuration();
    absl::StatusOr<int> sent = 0;
    bool any = false;
    do {
      sent = PublishBatch();
      any = any || (sent.ok() && *sent > 0);
    } while (sent.ok() && *sent == options_.batch && !stop.requested());
    if (!hidden_) {
      patience = kPoll;
    } else {
      patience = any || patience >= kPoll ? kSoon : std::min(kPoll, patience * 2);
    }
    absl::Status before;
    {
      absl::MutexLock lock(&mutex_);
      before = std::exchange(last_status_, sent.status());
    }
    if (!sent.ok()) {
      if (before.ok())
        runtime::LogStatus("the relay waits", sent.status(), {{"topic", options_.topic}});
      wait = absl::Milliseconds(200);
    } else if (!before.ok()) {
      runtime::LogInfo("the relay publishes again", {{"topic", options_.topic}});
    }
  }
}

absl::StatusOr<int> Relay::PublishBatch() {
  if (connection_ == nullptr || !connection_->alive()) {
    locked_ = false;
    ASSIGN_OR_RETURN(connection_, pg::Connection::Open(ledger_->options().relay_conninfo));
    // The mark need not be on disk before the next batch: one that is lost with the machine
    // publishes a batch again.
    RETURN_IF_ERROR(connection_->Script(
        absl::StrCat(kByKey, "; SET enable_sort = off; SET synchronous_commit = off")));
    ASSIGN_OR_RETURN(const pg::Result foreign, connection_->Query(kForeign));
    if (foreign.Bool(0, 0)) {
      connection_.reset();
      return Error(absl::StatusCode::kFailedPrecondition, "LEDGER_OF_ANOTHER_CLUSTER",
                   "the database was restored from another cluster, and nothing can be published "
                   "before 'fosterwatch database setup' has run");
    }
  }
  if (!locked_) {
    ASSIGN_OR_RETURN(pg::Result lock,
                     connection_->Query("SELECT pg_try_advisory_lock($1)", {kRelayLock}));
    if (!lock.Bool(0, 0)) {
      // Another process relays this database. If it stands still, those that wait say so.
      RETURN_IF_ERROR(LookForHidden());
      return 0;
    }
    locked_ = true;
  }
  // Rows of transactions below the oldest one still open: none can appear behind the cursor.
  // And, by an earlier look, whether others wait behind that one: what is settled by then is seen.
  constexpr char kAfterMark[] =
      // Not a join with the mark: its values are to be known before the index is entered.
      " FROM ledger.fact WHERE (fact.tx, fact.position) >"
      " ((SELECT tx::xid8 FROM ledger.relay WHERE relay.name = 'bus'),"
      " (SELECT position FROM ledger.relay WHERE relay.name = 'bus'))";
  ASSIGN_OR_RETURN(
      const std::vector<pg::Result> results,
      connection_->Pipeline(
          {{absl::StrCat("SELECT EXISTS (SELECT", kAfterMark,
                         " AND fact.tx >= pg_snapshot_xmin(pg_current_snapshot()))")},
           {absl::StrCat("SELECT fact.tx::text AS transaction, fact.position, ", kFactColumns,
                         kAfterMark,
                         " AND fact.tx < pg_snapshot_xmin(pg_current_snapshot())"
                         // As numbers: a bare "tx" here could be a column of the answer, a text.
                         " ORDER BY fact.tx, fact.position LIMIT $1"),
            {int64_t{options_.batch}}}}));
  hidden_ = results[0].Bool(0, 0);
  const pg::Result& result = results[1];
  const int rows = result.rows();
  ASSIGN_OR_RETURN(std::vector<StoredFact> facts,
                   ReadFacts(result, ledger_->fact_prototype(), /*from=*/2));
  if (rows == 0) {
    RETURN_IF_ERROR(LookForHidden());
    return 0;
  }
  FOSTERWATCH_CRASH_POINT("after_relay_read");
  {
    absl::MutexLock lock(&mutex_);
    oldest_unsent_ = facts.front().stamp.recorded;
  }

  std::vector<bus::Record> records;
  records.reserve(facts.size());
  for (StoredFact& fact : facts) {
    const FactStamp& stamp = fact.stamp;
    privacy::KeepPublic(fact.fact.get());
    bus::Record record;
    record.topic = options_.topic;
    record.key = absl::StrCat(stamp.agency_id, "/", stamp.aggregate_id);
    record.headers = {
        {"ce_specversion", "1.0"},
        {"ce_id", stamp.fact_id},
        {"ce_source", options_.source},
        {"ce_type", absl::StrCat(options_.type_prefix, ".", stamp.name)},
        {"ce_time", absl::FormatTime(absl::RFC3339_full, stamp.recorded, absl::UTCTimeZone())},
        {"ce_subject", stamp.aggregate_id},
        {"ce_agencyid", stamp.agency_id},
        {"ce_sequence", absl::StrCat(absl::Dec(stamp.version, absl::kZeroPad10))},
        {"ce_actor", stamp.actor},
        {"content-type", "application/protobuf"},
        {"traceparent", stamp.trace_parent},
    };
    record.value = fact.fact->SerializeAsString();
    records.push_back(std::move(record));
  }
  RETURN_IF_ERROR(bus_->Publish(records));
  FOSTERWATCH_CRASH_POINT("after_ack_before_mark");
  RETURN_IF_ERROR(connection_
                      ->Query("UPDATE ledger.relay SET tx = $1, position = $2 WHERE name = 'bus'",
                              {result.Text(rows - 1, 0), result.Int(rows - 1, 1)})
                      .status());
  {
    absl::MutexLock lock(&mutex_);
    oldest_unsent_ = absl::InfiniteFuture();
  }
  return rows;
}

absl::Status Relay::LookForHidden() {
  if (absl::Now() < look_again_) return absl::OkStatus();
  look_again_ = absl::Now() + kLook;
  ASSIGN_OR_RETURN(
      const pg::Result hidden,
      connection_->Query("SELECT recorded_at FROM ledger.fact WHERE (fact.tx, fact.position) >"
                         " ((SELECT tx::xid8 FROM ledger.relay WHERE relay.name = 'bus'),"
                         " (SELECT position FROM ledger.relay WHERE relay.name = 'bus'))"
                         " ORDER BY fact.tx, fact.position LIMIT 1"));
  absl::MutexLock lock(&mutex_);
  oldest_unsent_ = hidden.rows() == 0 ? absl::InfiniteFuture() : hidden.Time(0, 0);
  return absl::OkStatus();
}

}  // namespace fosterwatch::ledger
