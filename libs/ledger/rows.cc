#include "libs/ledger/rows.h"

#include <utility>

#include "libs/privacy/privacy.h"
#include "libs/status/status_macros.h"

namespace fosterwatch::ledger {

using google::protobuf::Message;

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

absl::StatusOr<pg::Statement> InsertFact(const FactStamp& stamp, const Message& fact,
                                         const std::string& subject, privacy::Sealer& sealer) {
  pg::Value sealed = pg::Null{};
  std::unique_ptr<Message> part(fact.New());
  if (privacy::HasPersonal(fact)) {
    part->CopyFrom(fact);
    privacy::KeepPersonal(part.get());
    ASSIGN_OR_RETURN(std::string bytes, sealer.Seal({stamp.agency_id, subject}, stamp.fact_id,
                                                    part->SerializeAsString()));
    sealed = pg::Bytes{std::move(bytes)};
  }
  part->CopyFrom(fact);
  privacy::KeepClear(part.get());
  return pg::Statement{
      "INSERT INTO ledger.fact (fact_id, agency_id, aggregate_type, aggregate_id, version, name,"
      " payload, subject_id, sealed, recorded_at, actor, cause, trace_parent)"
      " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
      {stamp.fact_id, stamp.agency_id, stamp.aggregate_type, stamp.aggregate_id, stamp.version,
       stamp.name, pg::Bytes{part->SerializeAsString()}, subject, std::move(sealed), stamp.recorded,
       stamp.actor, stamp.cause, stamp.trace_parent}};
}

}  // namespace fosterwatch::ledger
