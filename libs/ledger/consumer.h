// Consumes topics into a ledger: each record becomes a unit of work whose inbox id is the record's
// own, so that its effect happens once however often it comes.
//
// What cannot be taken (unreadable, or refused for good) is parked in ledger.parked with a reason
// code, and the next record is handled. A dead database or bus: wait and try the same again.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

#include "libs/bus/bus.h"
#include "libs/ledger/ledger.h"
#include "libs/privacy/sealer.h"
#include "libs/runtime/module.h"

namespace fosterwatch::ledger {

// What a fact's headers say.
struct Envelope {
  std::string fact_id;    // ce_id
  std::string agency_id;  // ce_agencyid
  std::string aggregate_id;
  std::string fact_name;  // the last part of ce_type
  std::string actor;
  absl::Time recorded;
  std::string trace_parent;
};

// INVALID_ARGUMENT (MALFORMED_ENVELOPE) where an attribute is missing or malformed.
absl::StatusOr<Envelope> EnvelopeOf(const bus::Record& record);

// What a handler returns for a value that is no message of its topic.
absl::Status Unreadable();

// A record that could not be taken.
struct Parked {
  std::string parked_id;
  std::string reason_code;
  std::string field;
};

class Consumer {
 public:
  struct Options {
    std::string group;   // "notifications"
    std::string member;  // stable across restarts
    std::vector<std::string> topics;
    // The unit that the record asks for; nullopt where it is of no interest. Runs on the
    // consumer's thread and may read. A refusal (ledger::IsAnswer) parks the record; with any other
    // error the consumer waits and tries again.
    std::function<absl::StatusOr<std::optional<Unit>>(const bus::Record& record)> handle;
    // What else is recorded when a record is parked, such as a fact that alerts a person. May set
    // the unit's agency and changes; absent: only the parked row.
    std::function<void(const bus::Record& record, const Parked& parked, Unit& unit)> on_parked;
    int batch = 200;
    // Whether units get an inbox id (facts, whose records carry a ce_id) or rest on their request
    // id (intake).
    bool inbox = true;
  };

  // All outlive the consumer. The sealer seals what is parked.
  Consumer(Ledger* ledger, bus::Bus* bus, privacy::Sealer* sealer, std::string conninfo,
           Options options);

  void Run(const runtime::Stop& stop);

  // OK while it works; the last error otherwise.
  absl::Status last_status() const;
  // How many records were parked since the start.
  int64_t parked_count() const;

 private:
  absl::Status Step();
  absl::Status Park(const bus::Record& record, const absl::Status& why);

  Ledger* const ledger_;
  bus::Bus* const bus_;
  privacy::Sealer* const sealer_;
  const std::string conninfo_;
  const Options options_;
  std::unique_ptr<bus::Subscription> subscription_;

  mutable absl::Mutex mutex_;
  absl::Status last_status_ ABSL_GUARDED_BY(mutex_);
  int64_t parked_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace fosterwatch::ledger
