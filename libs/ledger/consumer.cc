#include "libs/ledger/consumer.h"

#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"

#include "libs/ledger/id.h"
#include "libs/runtime/log.h"
#include "libs/status/error.h"
#include "libs/status/status_macros.h"
#include "libs/testing/crash_point.h"

namespace fosterwatch::ledger {
namespace {

// A parked record whose agency cannot be known belongs to this one: operators see it, no agency.
constexpr char kNoAgency[] = "-";
// How long one record may wait for a place in the ledger's queue before the batch begins again.
constexpr absl::Duration kQueuePatience = absl::Seconds(5);

std::string Position(const bus::Record& record) {
  return absl::StrCat(record.topic, "/", record.partition, "/", record.offset);
}

absl::Status MalformedEnvelope() {
  return Error(absl::StatusCode::kInvalidArgument, "MALFORMED_ENVELOPE",
               "the record lacks a CloudEvents attribute");
}

// What an attribute says, in a form that any column takes; nobody has checked it yet.
std::string Printable(const bus::Record& record, absl::string_view attribute) {
  return absl::CEscape(bus::HeaderOf(record, attribute)).substr(0, kMaxIdBytes);
}

}  // namespace

absl::StatusOr<Envelope> EnvelopeOf(const bus::Record& record) {
  Envelope envelope;
  envelope.fact_id = bus::HeaderOf(record, "ce_id");
  envelope.agency_id = bus::HeaderOf(record, "ce_agencyid");
  envelope.aggregate_id = bus::HeaderOf(record, "ce_subject");
  envelope.actor = bus::HeaderOf(record, "ce_actor");
  envelope.trace_parent = bus::HeaderOf(record, "traceparent");
  const std::vector<std::string> type = absl::StrSplit(bus::HeaderOf(record, "ce_type"), '.');
  envelope.fact_name = type.back();
  std::string error;
  const bool timed = absl::ParseTime(absl::RFC3339_full, bus::HeaderOf(record, "ce_time"),
                                     &envelope.recorded, &error);
  if (envelope.fact_id.empty() || envelope.agency_id.empty() || envelope.fact_name.empty() ||
      !timed) {
    return MalformedEnvelope();
  }
  return envelope;
}

absl::Status Unreadable() {
  return Error(absl::StatusCode::kInvalidArgument, "UNREADABLE",
               "the record's value cannot be read as its type");
}

Consumer::Consumer(Ledger* ledger, bus::Bus* bus, privacy::Sealer* sealer, std::string conninfo,
                   Options options)
    : ledger_(ledger),
      bus_(bus),
      sealer_(sealer),
      conninfo_(std::move(conninfo)),
      options_(std::move(options)) {}

absl::Status Consumer::last_status() const {
  absl::MutexLock lock(&mutex_);
  return last_status_;
}

int64_t Consumer::parked_count() const {
  absl::MutexLock lock(&mutex_);
  return parked_;
}

void Consumer::Run(const runtime::Stop& stop) {
  while (!stop.requested()) {
    absl::Status status;
    if (subscription_ == nullptr) {
      auto subscription =
          bus_->Subscribe({options_.group, options_.topics, options_.member, /*live=*/false});
      status = subscription.status();
      if (status.ok()) subscription_ = *std::move(subscription);
    }
    if (status.ok()) status = Step();
    absl::Status before;
    {
      absl::MutexLock lock(&mutex_);
      before = std::exchange(last_status_, status);
    }
    if (status.ok()) {
      if (!before.ok()) runtime::LogInfo("a consumer goes on", {{"group", options_.group}});
      continue;
    }
    if (before.ok()) {
      runtime::LogStatus("a consumer waits", status, {{"group", options_.group}});
    }
    // What was polled and not committed comes again.
    if (subscription_ != nullptr && !subscription_->Rewind().ok()) subscription_.reset();
    stop.WaitFor(absl::Milliseconds(250));
  }
  subscription_.reset();
}

absl::Status Consumer::Step() {
  ASSIGN_OR_RETURN(std::vector<bus::Record> records,
                   subscription_->Poll(options_.batch, absl::Milliseconds(200)));
  if (records.empty()) return absl::OkStatus();
  FOSTERWATCH_CRASH_POINT("after_receive");

  std::vector<absl::Status> results(records.size());
  std::vector<Unit> units;
  std::vector<size_t> unit_of;
  const auto chain = std::make_shared<Unit::Chain>();
  for (size_t i = 0; i < records.size(); ++i) {
    auto unit = options_.handle(records[i]);
    if (!unit.ok()) {
      results[i] = unit.status();
      continue;
    }
    if (!unit->has_value()) continue;
    if (options_.inbox) {
      (*unit)->consumer = options_.group;
      (*unit)->inbox_id = bus::HeaderOf(records[i], "ce_id");
      if ((*unit)->inbox_id.empty()) {
        results[i] = MalformedEnvelope();
        continue;
      }
    }
    (*unit)->chain = chain;
    units.push_back(*std::move(*unit));
    unit_of.push_back(i);
  }
  // Nothing is handed to the ledger behind a record that could not be: order holds.
  const auto failed = [&results]() -> absl::Status {
    for (const absl::Status& result : results) {
      if (!IsAnswer(result)) return result;
    }
    return absl::OkStatus();
  };
  RETURN_IF_ERROR(failed());
  absl::Mutex mutex;
  int pending = 0;
  const auto none_pending = [&pending] { return pending == 0; };
  for (size_t u = 0; u < units.size(); ++u) {
    absl::Status& result = results[unit_of[u]];
    for (const absl::Time until = absl::Now() + kQueuePatience;;) {
      Unit unit = units[u];
      unit.done = [&mutex, &pending, &result](absl::StatusOr<Outcome> outcome) {
        absl::MutexLock lock(&mutex);
        result = outcome.status();
        --pending;
      };
      {
        absl::MutexLock lock(&mutex);
        ++pending;
      }
      ledger_->Submit(std::move(unit));
      absl::MutexLock lock(&mutex);
      if (ReasonOf(result) != "BUSY") break;
      // Others have filled the queue. Again when ours are done, so that none is overtaken.
      mutex.Await(absl::Condition(&none_pending));
      if (absl::Now() >= until) return result;
      absl::SleepFor(absl::Milliseconds(5));
    }
  }
  {
    absl::MutexLock lock(&mutex);
    mutex.Await(absl::Condition(&none_pending));
  }
  RETURN_IF_ERROR(failed());
  for (size_t i = 0; i < records.size(); ++i) {
    if (!results[i].ok()) RETURN_IF_ERROR(Park(records[i], results[i]));
  }
  FOSTERWATCH_CRASH_POINT("after_effect_before_offset");
  return subscription_->Commit();
}

absl::Status Consumer::Park(const bus::Record& record, const absl::Status& why) {
  Parked parked;
  parked.parked_id = DerivedId(absl::StrCat(options_.group, "/", Position(record)));
  parked.reason_code = ReasonOf(why);
  if (parked.reason_code.empty()) {
    parked.reason_code = absl::StatusCodeToString(why.code());
  }
  const std::vector<Violation> violations = ViolationsOf(why);
  if (!violations.empty()) parked.field = violations.front().field;

  Unit unit;
  unit.agency_id = Printable(record, "ce_agencyid");
  if (unit.agency_id.empty() || absl::StrContains(unit.agency_id, ',')) unit.agency_id = kNoAgency;
  unit.actor = absl::StrCat("consumer:", options_.group);
  unit.cause = Printable(record, "ce_id");
  unit.consumer = absl::StrCat(options_.group, "/parked");
  unit.inbox_id = Position(record);
  if (options_.on_parked) options_.on_parked(record, parked, unit);

  // What could not be taken may hold anything: it is kept sealed, under a key of its own.
  const privacy::Subject subject{unit.agency_id, absl::StrCat("parked:", parked.parked_id)};
  ASSIGN_OR_RETURN(std::unique_ptr<pg::Connection> connection, pg::Connection::Open(conninfo_));
  RETURN_IF_ERROR(pg::Transact(*connection, [&](pg::Connection& tx) -> absl::Status {
    RETURN_IF_ERROR(
        tx.Query("SELECT set_config('fosterwatch.agencies', $1, true)", {unit.agency_id}).status());
    return sealer_->Prepare(tx, {subject}, /*create=*/true);
  }));
  ASSIGN_OR_RETURN(std::string sealed, sealer_->Seal(subject, parked.parked_id, record.value));
  std::string headers;
  for (const auto& [name, value] : record.headers)
    absl::StrAppend(&headers, name, ": ", value, "\n");
  ASSIGN_OR_RETURN(std::string sealed_headers, sealer_->Seal(subject, "headers", headers));
  unit.effects.push_back(
      {"INSERT INTO ledger.parked VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
       {parked.parked_id, unit.agency_id, options_.group, record.topic, int64_t{record.partition},
        record.offset, pg::Bytes{record.key}, pg::Bytes{std::move(sealed_headers)},
        pg::Bytes{std::move(sealed)}, parked.reason_code, parked.field, absl::Now()}});
  auto outcome = ledger_->SubmitAndWait(std::move(unit));
  RETURN_IF_ERROR(outcome.status());
  if (!outcome->repeated) {
    runtime::LogWarning("a record was parked", {{"group", options_.group},
                                                {"topic", record.topic},
                                                {"parked_id", parked.parked_id},
                                                {"reason", parked.reason_code},
                                                {"field", parked.field}});
    absl::MutexLock lock(&mutex_);
    ++parked_;
  }
  return absl::OkStatus();
}

}  // namespace fosterwatch::ledger
