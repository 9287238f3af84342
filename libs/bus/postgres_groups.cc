#include "libs/bus/postgres_groups.h"

#include <set>
#include <utility>

#include "absl/strings/str_cat.h"

#include "libs/status/status_macros.h"

namespace fosterwatch::bus::postgres {
namespace {

// The oldest record that is left from the group's place on; where that place is past the end, the
// oldest of all.
constexpr char kPositions[] =
    "SELECT p.topic, p.partition, o.next_offset, p.next_offset,"
    " coalesce((SELECT min(r.\"offset\") FROM record AS r"
    "   WHERE r.topic = p.topic AND r.partition = p.partition AND r.\"offset\" >="
    "     CASE WHEN o.next_offset <= p.next_offset THEN o.next_offset ELSE 0 END),"
    "  p.next_offset) "
    "FROM partition AS p LEFT JOIN consumer_offset AS o"
    "  ON o.consumer_group = $1 AND o.topic = p.topic AND o.partition = p.partition "
    "WHERE p.topic = ANY ($2) ORDER BY p.topic, p.partition";

constexpr char kMove[] =
    "INSERT INTO consumer_offset (consumer_group, topic, partition, next_offset) "
    "VALUES ($1, $2, $3, $4) ON CONFLICT (consumer_group, topic, partition) "
    "DO UPDATE SET next_offset = EXCLUDED.next_offset, committed_at = clock_timestamp()";

}  // namespace

absl::StatusOr<std::vector<std::string>> ListGroups(pg::Connection& connection) {
  ASSIGN_OR_RETURN(const pg::Result result,
                   connection.Query("SELECT DISTINCT consumer_group FROM consumer_offset"
                                    " ORDER BY consumer_group"));
  std::vector<std::string> groups;
  for (int row = 0; row < result.rows(); ++row) groups.push_back(result.Text(row, 0));
  return groups;
}

absl::StatusOr<std::vector<GroupPosition>> ListPositions(pg::Connection& connection,
                                                         const std::string& group,
                                                         const std::vector<std::string>& topics) {
  ASSIGN_OR_RETURN(const pg::Result result, connection.Query(kPositions, {group, topics}));
  std::vector<GroupPosition> positions;
  std::set<std::string> there;
  for (int row = 0; row < result.rows(); ++row) {
    GroupPosition& position = positions.emplace_back();
    position.topic = result.Text(row, 0);
    position.partition = static_cast<int32_t>(result.Int(row, 1));
    if (!result.IsNull(row, 2)) position.committed = result.Int(row, 2);
    position.end = result.Int(row, 3);
    position.oldest = result.Int(row, 4);
    there.insert(position.topic);
  }
  for (const std::string& topic : topics) {
    if (!there.contains(topic)) {
      return absl::UnavailableError(absl::StrCat("there is no topic ", topic));
    }
  }
  return positions;
}

absl::Status AlterPositions(pg::Connection& connection, const std::string& group,
                            const std::vector<GroupPosition>& positions) {
  return pg::Transact(connection, [&](pg::Connection& tx) -> absl::Status {
    std::vector<pg::Statement> locks;
    std::vector<pg::Statement> moves;
    for (const GroupPosition& position : positions) {
      if (!position.committed) return absl::InvalidArgumentError("a position without a place");
      locks.push_back({"SELECT pg_try_advisory_xact_lock(hashtextextended($1, 0))",
                       {PartitionLock(group, position.topic, position.partition)}});
      moves.push_back(
          {kMove, {group, position.topic, int64_t{position.partition}, *position.committed}});
    }
    if (moves.empty()) return absl::OkStatus();
    ASSIGN_OR_RETURN(const auto locked, tx.Pipeline(locks));
    for (const pg::Result& lock : locked) {
      if (!lock.Bool(0, 0)) {
        return absl::FailedPreconditionError(
            absl::StrCat("the group ", group, " has members that read"));
      }
    }
    return tx.Pipeline(moves).status();
  });
}

std::string PartitionLock(const std::string& group, const std::string& topic, int32_t partition) {
  return absl::StrCat("partition\n", group, "\n", topic, "\n", partition);
}

}  // namespace fosterwatch::bus::postgres
