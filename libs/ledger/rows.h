// Facts <-> rows of ledger.fact. Used by the ledger and the relay only.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

#include "libs/ledger/aggregate.h"
#include "libs/pg/connection.h"
#include "libs/privacy/sealer.h"

namespace fosterwatch::ledger {

inline constexpr char kFactColumns[] =
    "fact_id, agency_id, aggregate_type, aggregate_id, version, name, payload, subject_id, sealed,"
    " recorded_at, actor, cause, trace_parent";

struct StoredFact {
  FactStamp stamp;
  std::unique_ptr<google::protobuf::Message> fact;  // its clear part, until OpenSealed
  std::string subject;
  std::string sealed;
};

// The name of the oneof field that is set in a fact message: "notice_given".
std::string FactName(const google::protobuf::Message& fact);

// Rows of kFactColumns, `from` being the first of these columns. DATA_LOSS where a payload cannot
// be read.
absl::StatusOr<std::vector<StoredFact>> ReadFacts(const pg::Result& result,
                                                  const google::protobuf::Message& prototype,
                                                  int from = 0);

// Puts the personal parts back. One whose key was destroyed stays without.
absl::Status OpenSealed(pg::Connection& connection, privacy::Sealer& sealer,
                        std::vector<StoredFact>& facts);

// For a subject that the sealer has prepared, where the fact has personal fields.
absl::StatusOr<pg::Statement> InsertFact(const FactStamp& stamp,
                                         const google::protobuf::Message& fact,
                                         const std::string& subject, privacy::Sealer& sealer);

}  // namespace fosterwatch::ledger
