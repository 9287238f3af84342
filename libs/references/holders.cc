#include "libs/references/holders.h"

#include "libs/clock/proto_time.h"

namespace fosterwatch::references {
namespace {

absl::Time UntilOf(const directory::v1::RoleHolder& holder) {
  return holder.has_until_time() ? clock::FromProto(holder.until_time()) : Never();
}

}  // namespace

absl::Time Never() { return absl::FromUnixSeconds(253'402'300'799); }  // the year 9999

std::optional<pg::Statement> HolderRow(const std::string& agency_id,
                                       const directory::v1::DirectoryFact& fact) {
  if (fact.has_holder_appointed()) {
    const directory::v1::RoleHolder& holder = fact.holder_appointed().holder();
    return pg::Statement{
        "INSERT INTO reference.holder VALUES ($1, $2, $3, $4, $5, $6)"
        " ON CONFLICT (agency_id, holder_id) DO UPDATE SET person_id = excluded.person_id,"
        " role = excluded.role, from_at = excluded.from_at, until_at = excluded.until_at",
        {agency_id, holder.holder_id(), holder.person_id(), int64_t{holder.role()},
         clock::FromProto(holder.from_time()), UntilOf(holder)}};
  }
  if (fact.has_holder_ended()) {
    const directory::v1::RoleHolder& holder = fact.holder_ended().holder();
    return pg::Statement{
        "UPDATE reference.holder SET until_at = $3 WHERE agency_id = $1 AND holder_id = $2",
        {agency_id, holder.holder_id(), UntilOf(holder)}};
  }
  return std::nullopt;
}

}  // namespace fosterwatch::references
