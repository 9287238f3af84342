#include "libs/ledger/rows.h"

#include <utility>

#include "absl/strings/str_cat.h"

#include "libs/privacy/privacy.h"
#include "libs/status/status_macros.h"

namespace fosterwatch::ledger {

using google::protobuf::Message;

pg::Values Pairs(const std::set<std::pair<std::string, std::string>>& pairs) {
  pg::TextArray first, second;
  for (const auto& [one, two] : pairs) {
    first.push_back(one);
    second.push_back(two);
  }
  return {std::move(first), std::move(second)};
}

// Each aggregate by itself: LATERAL with OFFSET 0 leaves the planner no other order. Before a young
// table has statistics, all facts of an agency, which the row-level policy's list of agencies is an
// index condition for, look like one row, and the whole of them would be held against all ids.
pg::Statement FactsOf(const std::set<std::pair<std::string, std::string>>& aggregates) {
  return {absl::StrCat("SELECT ", kFactColumns,
                       " FROM unnest($1, $2) AS wanted (agency, aggregate), LATERAL"
                       " (SELECT * FROM ledger.fact WHERE fact.agency_id = wanted.agency"
                       " AND fact.aggregate_id = wanted.aggregate OFFSET 0) AS fact"
                       " ORDER BY aggregate_id, aggregate_type, version"),
          Pairs(aggregates)};
}

std::string FactName(const Message& fact) {
  const auto* oneof = fact.GetDescriptor()->oneof_decl(0);
  const auto* field = fact.GetReflection()->GetOneofFieldDescriptor(fact, oneof);
  return field == nullptr ? "" : field->name();
}

absl::StatusOr<std::vector<StoredFact>> ReadFacts(const pg::Result& result,
                                                  const Message& prototype, int from) {
  std::vector<StoredFact> facts;
  facts.reserve(result.rows());
  for (int row = 0; row < result.rows(); ++row) {
    StoredFact stored;
    FactStamp& stamp = stored.stamp;
    stamp.fact_id = result.Text(row, from);
    stamp.agency_id = result.Text(row, from + 1);
    stamp.aggregate_type = result.Text(row, from + 2);
    stamp.aggregate_id = result.Text(row, from + 3);
    stamp.version = result.Int(row, from + 4);
    stamp.name = result.Text(row, from + 5);
    stored.fact.reset(prototype.New());
    if (!stored.fact->ParseFromString(result.Text(row, from + 6))) {
      return absl::DataLossError("the payload of fact " + stamp.fact_id + " cannot be read");
    }
    stored.subject = result.Text(row, from + 7);
    if (!result.IsNull(row, from + 8)) stored.sealed = result.Text(row, from + 8);
    stamp.recorded = result.Time(row, from + 9);
    stamp.actor = result.Text(row, from + 10);
    stamp.cause = result.Text(row, from + 11);
    stamp.trace_parent = result.Text(row, from + 12);
    facts.push_back(std::move(stored));
  }
  return facts;
}

absl::Status OpenSealed(pg::Connection& connection, privacy::Sealer& sealer,
                        std::vector<StoredFact>& facts) {
  std::vector<privacy::Subject> subjects;
  for (const StoredFact& fact : facts) {
    if (!fact.sealed.empty()) subjects.push_back({fact.stamp.agency_id, fact.subject});
  }
  if (subjects.empty()) return absl::OkStatus();
  RETURN_IF_ERROR(sealer.Prepare(connection, subjects, /*create=*/false));
  for (StoredFact& fact : facts) {
    if (fact.sealed.empty()) continue;
    auto plain = sealer.Open({fact.stamp.agency_id, fact.subject}, fact.stamp.fact_id, fact.sealed);
    if (absl::IsNotFound(plain.status())) continue;  // the subject was shredded
    RETURN_IF_ERROR(plain.status());
    std::unique_ptr<Message> personal(fact.fact->New());
    if (!personal->ParseFromString(*plain)) {
      return absl::DataLossError("the sealed part of fact " + fact.stamp.fact_id +
                                 " cannot be read");
    }
    privacy::MergePersonal(*personal, fact.fact.get());
  }
  return absl::OkStatus();
}

absl::Status FactRows::Add(const FactStamp& stamp, const Message& fact, const std::string& subject,
                           privacy::Sealer& sealer) {
  std::string sealed;
  std::unique_ptr<Message> part(fact.New());
  if (privacy::HasPersonal(fact)) {
    part->CopyFrom(fact);
    privacy::KeepPersonal(part.get());
    ASSIGN_OR_RETURN(
        sealed, sealer.Seal({stamp.agency_id, subject}, stamp.fact_id, part->SerializeAsString()));
  }
  part->CopyFrom(fact);
  privacy::KeepClear(part.get());
  fact_ids_.push_back(stamp.fact_id);
  agency_ids_.push_back(stamp.agency_id);
  types_.push_back(stamp.aggregate_type);
  ids_.push_back(stamp.aggregate_id);
  versions_.push_back(stamp.version);
  names_.push_back(stamp.name);
  payloads_.push_back({part->SerializeAsString()});
  subjects_.push_back(subject);
  sealed_.push_back({std::move(sealed)});
  recorded_.push_back(stamp.recorded);
  actors_.push_back(stamp.actor);
  causes_.push_back(stamp.cause);
  traces_.push_back(stamp.trace_parent);
  return absl::OkStatus();
}

pg::Statement FactRows::Insert() && {
  return {
      "INSERT INTO ledger.fact (fact_id, agency_id, aggregate_type, aggregate_id, version, name,"
      " payload, subject_id, sealed, recorded_at, actor, cause, trace_parent)"
      " SELECT fact_id, agency_id, aggregate_type, aggregate_id, version, name, payload,"
      // What is sealed is never empty.
      " subject_id, NULLIF(sealed, ''), recorded_at, actor, cause, trace_parent"
      " FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) WITH ORDINALITY"
      " AS added (fact_id, agency_id, aggregate_type, aggregate_id, version, name, payload,"
      " subject_id, sealed, recorded_at, actor, cause, trace_parent, place) ORDER BY place",
      {std::move(fact_ids_), std::move(agency_ids_), std::move(types_), std::move(ids_),
       std::move(versions_), std::move(names_), std::move(payloads_), std::move(subjects_),
       std::move(sealed_), std::move(recorded_), std::move(actors_), std::move(causes_),
       std::move(traces_)}};
}

}  // namespace fosterwatch::ledger
