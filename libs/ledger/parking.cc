// How a consumer parks what it could not take; why that is safe beside a replay is in parked.h.
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/clock.h"

#include "libs/ledger/consumer.h"
#include "libs/ledger/consumer_item.h"
#include "libs/ledger/envelope.h"
#include "libs/ledger/parked.h"
#include "libs/runtime/log.h"
#include "libs/status/error.h"
#include "libs/status/status_macros.h"

namespace fosterwatch::ledger {

absl::StatusOr<pg::Connection*> Consumer::Parking() {
  if (parking_ == nullptr || !parking_->alive()) {
    parking_.reset();
    ASSIGN_OR_RETURN(parking_, pg::Connection::Open(conninfo_));
  }
  return parking_.get();
}

absl::Status Consumer::ParkFirst(Item& item) {
  const bus::Record& record = *item.record;
  Parked parked;
  parked.parked_id = ParkedId(options_.group, record);
  parked.reason_code = ReasonOf(item.why);
  if (parked.reason_code.empty()) {
    parked.reason_code = absl::StatusCodeToString(item.why.code());
  }
  const std::vector<Violation> violations = ViolationsOf(item.why);
  if (!violations.empty()) parked.field = violations.front().field;

  Unit unit;
  unit.agency_id = AgencyOf(record);
  unit.actor = absl::StrCat("consumer:", options_.group);
  unit.cause = Printable(record, "ce_id");
  unit.consumer = absl::StrCat(options_.group, "/parked");
  unit.inbox_id = Position(record);
  if (options_.on_parked) options_.on_parked(record, parked, unit);

  // What could not be taken may hold anything: it is kept sealed, under a key of its own.
  const ParkedRow row{parked.parked_id, unit.agency_id,     options_.group, item.key,
                      item.version,     parked.reason_code, parked.field,   record};
  ASSIGN_OR_RETURN(pg::Connection* const connection, Parking());
  RETURN_IF_ERROR(pg::Transact(*connection, [&](pg::Connection& tx) -> absl::Status {
    RETURN_IF_ERROR(
        tx.Query("SELECT set_config('fosterwatch.agencies', $1, true)", {unit.agency_id}).status());
    return sealer_->Prepare(tx, {SubjectOf(row)}, /*create=*/true);
  }));
  const absl::Time now = absl::Now();
  ASSIGN_OR_RETURN(pg::Statement insert, InsertParked(row, *sealer_, now));
  unit.effects.push_back(std::move(insert));
  if (!item.key.empty()) {
    unit.effects.push_back(BlockKey(options_.group, record.topic, item.key, item.missing, now));
  }
  auto outcome = ledger_->SubmitAndWait(std::move(unit));
  RETURN_IF_ERROR(outcome.status());
  item.state = Item::kParked;
  if (outcome->repeated) return absl::OkStatus();
  runtime::LogWarning("a record was parked", {{"group", options_.group},
                                              {"topic", record.topic},
                                              {"parked_id", parked.parked_id},
                                              {"reason", parked.reason_code},
                                              {"field", parked.field}});
  absl::MutexLock lock(&mutex_);
  ++parked_;
  return absl::OkStatus();
}

// Parks what waits behind a blocked key. Where the key was let go on meanwhile, the item is new.
absl::Status Consumer::ParkBehind(const Items& items) {
  std::map<std::string, Items> behind;  // by topic
  for (Item* item : items) {
    if (item->state == Item::kBehind) behind[item->record->topic].push_back(item);
  }
  for (const auto& [topic, of_topic] : behind) {
    std::vector<ParkedRow> rows;
    std::set<std::string> agencies, keys;
    std::vector<privacy::Subject> subjects;
    for (const Item* item : of_topic) {
      rows.push_back({ParkedId(options_.group, *item->record), AgencyOf(*item->record),
                      options_.group, item->key, item->version, kBehindParked, "", *item->record});
      agencies.insert(rows.back().agency_id);
      keys.insert(item->key);
      subjects.push_back(SubjectOf(rows.back()));
    }
    ASSIGN_OR_RETURN(pg::Connection* const connection, Parking());
    std::set<std::string> blocked;
    int64_t parked = 0;
    const absl::Status status = pg::Transact(*connection, [&](pg::Connection& tx) -> absl::Status {
      RETURN_IF_ERROR(tx.Query("SELECT set_config('fosterwatch.agencies', $1, true)",
                               {absl::StrJoin(agencies, ",")})
                          .status());
      RETURN_IF_ERROR(sealer_->Prepare(tx, subjects, /*create=*/true));
      ASSIGN_OR_RETURN(const pg::Result locked,
                       tx.Query("SELECT sequence_key FROM ledger.blocked_key WHERE consumer = $1"
                                " AND topic = $2 AND sequence_key = ANY ($3)"
                                " ORDER BY sequence_key FOR SHARE",
                                {options_.group, topic, pg::TextArray(keys.begin(), keys.end())}));
      for (int i = 0; i < locked.rows(); ++i) blocked.insert(locked.Text(i, 0));
      std::vector<pg::Statement> inserts;
      for (const ParkedRow& row : rows) {
        if (!blocked.contains(row.sequence_key)) continue;
        ASSIGN_OR_RETURN(pg::Statement insert, InsertParked(row, *sealer_, absl::Now()));
        inserts.push_back(std::move(insert));
      }
      if (inserts.empty()) return absl::OkStatus();
      ASSIGN_OR_RETURN(const std::vector<pg::Result> inserted, tx.Pipeline(inserts));
      for (const pg::Result& result : inserted) parked += result.rows();
      return absl::OkStatus();
    });
    // Committed or not: it comes again, and is parked once.
    if (absl::IsUnknown(status)) return absl::UnavailableError(status.message());
    RETURN_IF_ERROR(status);
    for (Item* item : of_topic) {
      item->state = blocked.contains(item->key) ? Item::kParked : Item::kNew;
      item->blocked = false;
    }
    if (parked == 0) continue;
    runtime::LogWarning(
        "records were parked behind others",
        {{"group", options_.group}, {"topic", topic}, {"records", absl::StrCat(parked)}});
    absl::MutexLock lock(&mutex_);
    parked_ += parked;
  }
  return absl::OkStatus();
}

}  // namespace fosterwatch::ledger
