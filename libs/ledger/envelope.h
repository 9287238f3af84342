// What the headers of a consumed record say (CloudEvents 1.0, Kafka binary mode).
#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

#include "libs/bus/bus.h"

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

// MALFORMED_ENVELOPE.
absl::Status MalformedEnvelope();

// Where the record lies: "topic/partition/offset".
std::string Position(const bus::Record& record);

// What an attribute says, in a form that any column takes; nobody has checked it yet.
std::string Printable(const bus::Record& record, absl::string_view attribute);

// The agency that a record names, where it is the name of one; kNoAgency otherwise.
std::string AgencyOf(const bus::Record& record);

}  // namespace fosterwatch::ledger
