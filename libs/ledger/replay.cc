// Parked records handed over again; why that is safe is in parked.h.
#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"

#include "libs/ledger/consumer.h"
#include "libs/ledger/parked.h"
#include "libs/runtime/log.h"
#include "libs/status/error.h"
#include "libs/status/status_macros.h"
#include "libs/testing/crash_point.h"

namespace fosterwatch::ledger {
namespace {

// How many records are opened at a time.
constexpr int kSlice = 50;

absl::Status AlreadyClosed() {
  return Error(absl::StatusCode::kFailedPrecondition, "ALREADY_CLOSED",
               "the record was taken or discarded before");
}

bool WasClosedByAnother(const absl::Status& status) {
  return pg::ConstraintOf(status) == "parked_closed_once";
}

}  // namespace

absl::StatusOr<Replayed> Consumer::Replay(const std::string& agency_id,
                                          const std::string& parked_id,
                                          const std::string& person_id, absl::Time deadline,
                                          bool by_itself) {
  ASSIGN_OR_RETURN(const std::unique_ptr<pg::Connection> relay,
                   pg::Connection::Open(ledger_->options().relay_conninfo));
  ASSIGN_OR_RETURN(const FoundRow found, ReadRow(*relay, agency_id, parked_id));
  if (found.closed) return AlreadyClosed();
  const ParkedRow& first = found.row;
  ASSIGN_OR_RETURN(const std::unique_ptr<KeyLock> lock, KeyLock::Take(conninfo_, first));

  // The versions that follow one another from the one that was missing.
  int64_t expected = 0;
  if (by_itself) {
    ASSIGN_OR_RETURN(auto blocked, BlockedKeys(*ledger_, options_.group, first.record.topic,
                                               {first.sequence_key}));
    expected = blocked[first.sequence_key] + 1;
  }
  Replayed replayed;
  while (replayed.stopped_by.empty()) {
    ASSIGN_OR_RETURN(const std::vector<ParkedRow> open, ReadOpen(*relay, *sealer_, first, kSlice));
    if (open.empty()) break;
    for (const ParkedRow& row : open) {
      if (absl::Now() >= deadline) {
        replayed.stopped_by = "OUT_OF_TIME";
        break;
      }
      if (by_itself && row.sequence > expected) {
        RETURN_IF_ERROR(lock->connection()
                            .Query("UPDATE ledger.blocked_key SET missing_version = $4"
                                   " WHERE consumer = $1 AND topic = $2 AND sequence_key = $3",
                                   {row.consumer, row.record.topic, row.sequence_key, expected})
                            .status());
        replayed.stopped_by = kVersionMissing;
        break;
      }
      const absl::Status status = ReplayOne(row, person_id);
      if (status.ok()) {
        ++replayed.taken;
        expected = std::max(expected, row.sequence + 1);
        FOSTERWATCH_CRASH_POINT("during_replay");
        continue;
      }
      if (IsAway(status)) return status;
      replayed.stopped_by =
          ReasonOf(status).empty() ? absl::StatusCodeToString(status.code()) : ReasonOf(status);
      RETURN_IF_ERROR(Say(row, {"FAILED", person_id, replayed.stopped_by, std::nullopt}));
      break;
    }
  }
  if (!first.sequence_key.empty()) {
    ASSIGN_OR_RETURN(replayed.waiting, CountOpen(*relay, first));
  } else if (!replayed.stopped_by.empty()) {
    replayed.waiting = 1;
  }
  runtime::LogInfo("parked records were retried", {{"group", options_.group},
                                                   {"parked_id", parked_id},
                                                   {"by", person_id},
                                                   {"taken", absl::StrCat(replayed.taken)},
                                                   {"waiting", absl::StrCat(replayed.waiting)},
                                                   {"stopped_by", replayed.stopped_by}});
  return replayed;
}

// OK: its effect is committed and it is closed.
absl::Status Consumer::ReplayOne(const ParkedRow& row, const std::string& person_id) {
  const ParkedOutcome taken{"TAKEN", person_id, "", std::nullopt};
  ASSIGN_OR_RETURN(std::optional<Unit> unit, UnitFor(row.record));
  if (unit.has_value()) {
    for (pg::Statement& statement : Conclude(row, taken, unit->agency_id, absl::Now())) {
      unit->effects.push_back(std::move(statement));
    }
    const auto outcome = ledger_->SubmitAndWait(*std::move(unit));
    if (WasClosedByAnother(outcome.status())) return AlreadyClosed();
    RETURN_IF_ERROR(outcome.status());
    if (!outcome->repeated) return absl::OkStatus();
  }
  // Of no interest any more, or its effect was there before.
  const absl::Status said = Say(row, taken);
  return WasClosedByAnother(said) ? absl::OkStatus() : said;
}

// An outcome in a transaction of its own.
absl::Status Consumer::Say(const ParkedRow& row, const ParkedOutcome& outcome) {
  ASSIGN_OR_RETURN(const std::unique_ptr<pg::Connection> connection,
                   pg::Connection::Open(conninfo_));
  const absl::Status status = pg::Transact(*connection, [&](pg::Connection& tx) -> absl::Status {
    std::vector<pg::Statement> statements = {
        {"SELECT set_config('fosterwatch.agencies', $1, true)", {row.agency_id}}};
    for (pg::Statement& statement : Conclude(row, outcome, row.agency_id, absl::Now())) {
      statements.push_back(std::move(statement));
    }
    // What fails when its turn has come is a person's matter.
    if (outcome.outcome == "FAILED" && !row.sequence_key.empty()) {
      statements.push_back(
          {"UPDATE ledger.blocked_key SET missing_version = NULL"
           " WHERE consumer = $1 AND topic = $2 AND sequence_key = $3",
           {row.consumer, row.record.topic, row.sequence_key}});
    }
    return tx.Pipeline(statements).status();
  });
  return absl::IsUnknown(status) ? absl::UnavailableError(status.message()) : status;
}

// The version that a key waited for has come: what waited follows it.
absl::Status Consumer::Follow(const std::string& topic, const std::string& key) {
  ASSIGN_OR_RETURN(const std::unique_ptr<pg::Connection> relay,
                   pg::Connection::Open(ledger_->options().relay_conninfo));
  ASSIGN_OR_RETURN(const std::optional<ParkedRow> first,
                   FirstOpen(*relay, options_.group, topic, key));
  if (!first.has_value()) return absl::OkStatus();
  const absl::Status status =
      Replay(first->agency_id, first->parked_id, absl::StrCat("consumer:", options_.group),
             absl::InfiniteFuture(), /*by_itself=*/true)
          .status();
  // Somebody else sees to it.
  const std::string reason = ReasonOf(status);
  if (reason == "RETRY_UNDER_WAY" || reason == "ALREADY_CLOSED") return absl::OkStatus();
  return status;
}

}  // namespace fosterwatch::ledger
