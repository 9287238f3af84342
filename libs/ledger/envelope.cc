#include "libs/ledger/envelope.h"

#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

#include "libs/ledger/ledger.h"
#include "libs/ledger/parked.h"
#include "libs/status/error.h"

namespace fosterwatch::ledger {

absl::Status MalformedEnvelope() {
  return Error(absl::StatusCode::kInvalidArgument, "MALFORMED_ENVELOPE",
               "the record lacks a CloudEvents attribute");
}

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

std::string Position(const bus::Record& record) {
  return absl::StrCat(record.topic, "/", record.partition, "/", record.offset);
}

std::string Printable(const bus::Record& record, absl::string_view attribute) {
  return absl::CEscape(bus::HeaderOf(record, attribute)).substr(0, kMaxIdBytes);
}

std::string AgencyOf(const bus::Record& record) {
  std::string agency = Printable(record, "ce_agencyid");
  if (agency.empty() || absl::StrContains(agency, ',')) return kNoAgency;
  return agency;
}

}  // namespace fosterwatch::ledger
