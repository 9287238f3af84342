// Facts <-> rows of ledger.fact. Used by the ledger and the relay only.
#pragma once

#include <memory>
#include <set>
#include <string>
#include <utility>
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

// For a connection that goes by keys alone. Plans are made once, when tables may be empty and
// reading them whole looks cheap; there that is never the choice. Nor is compiling a plan, which a
// plan looks worth that has no other way than one of these.
inline constexpr char kByKey[] =
    "SET plan_cache_mode = force_generic_plan; SET jit = off; SET enable_seqscan = off;"
    " SET enable_bitmapscan = off; SET enable_hashjoin = off; SET enable_mergejoin = off";

// Two columns of rows that are looked for, as two arrays.
pg::Values Pairs(const std::set<std::pair<std::string, std::string>>& pairs);

// Reads the facts of these aggregates (agency and id; of any type), each one's in order. Not by two
// lists of values: the index would be entered for each agency with each id.
pg::Statement FactsOf(const std::set<std::pair<std::string, std::string>>& aggregates);

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

// Facts on their way into the table, in the order in which they get their positions.
class FactRows {
 public:
  // For a subject that the sealer has prepared, where the fact has personal fields.
  absl::Status Add(const FactStamp& stamp, const google::protobuf::Message& fact,
                   const std::string& subject, privacy::Sealer& sealer);
  // One statement for all that were added.
  pg::Statement Insert() &&;

 private:
  pg::TextArray fact_ids_, agency_ids_, types_, ids_, names_, subjects_, actors_, causes_, traces_;
  pg::IntArray versions_;
  pg::BytesArray payloads_, sealed_;
  pg::TimeArray recorded_;
};

}  // namespace fosterwatch::ledger
