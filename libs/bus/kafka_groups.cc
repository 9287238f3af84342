#include "libs/bus/kafka_groups.h"

#include <algorithm>
#include <map>
#include <utility>

#include "absl/strings/str_cat.h"

#include "libs/status/status_macros.h"

namespace fosterwatch::bus::kafka {
namespace {

using PositionsRequest =
    Owned<rd_kafka_ListConsumerGroupOffsets_t, rd_kafka_ListConsumerGroupOffsets_destroy>;
using MoveRequest =
    Owned<rd_kafka_AlterConsumerGroupOffsets_t, rd_kafka_AlterConsumerGroupOffsets_destroy>;

// One admin call: options, the call on a queue of its own, its answer.
template <typename Call>
absl::StatusOr<Event> Ask(Producer& producer, rd_kafka_admin_op_t operation, absl::Time deadline,
                          const Call& call) {
  const int patience = MillisecondsUntil(deadline);
  const AdminOptions options(rd_kafka_AdminOptions_new(producer.client(), operation));
  char error[512];
  rd_kafka_AdminOptions_set_request_timeout(options.get(), patience, error, sizeof error);
  const Queue queue(rd_kafka_queue_new(producer.client()));
  call(options.get(), queue.get());
  Event event(rd_kafka_queue_poll(queue.get(), patience + 1000));
  if (event == nullptr) return absl::UnavailableError("kafka does not answer");
  RETURN_IF_ERROR(StatusOf(rd_kafka_event_error(event.get()), "kafka refuses to say"));
  return event;
}

absl::Status ErrorOf(const rd_kafka_error_t* error, absl::string_view what) {
  return error == nullptr ? absl::OkStatus() : StatusOf(rd_kafka_error_code(error), what);
}

}  // namespace

absl::StatusOr<std::vector<std::string>> ListGroups(Producer& producer, absl::Time deadline) {
  ASSIGN_OR_RETURN(const Event event,
                   Ask(producer, RD_KAFKA_ADMIN_OP_LISTCONSUMERGROUPS, deadline,
                       [&](const rd_kafka_AdminOptions_t* options, rd_kafka_queue_t* queue) {
                         rd_kafka_ListConsumerGroups(producer.client(), options, queue);
                       }));
  const auto* result = rd_kafka_event_ListConsumerGroups_result(event.get());
  size_t count = 0;
  const rd_kafka_error_t** errors = rd_kafka_ListConsumerGroups_result_errors(result, &count);
  // A broker that did not answer may coordinate any of them.
  if (count > 0) RETURN_IF_ERROR(ErrorOf(errors[0], "the groups cannot be listed"));
  const rd_kafka_ConsumerGroupListing_t** listings =
      rd_kafka_ListConsumerGroups_result_valid(result, &count);
  std::vector<std::string> groups;
  for (size_t i = 0; i < count; ++i) {
    groups.push_back(rd_kafka_ConsumerGroupListing_group_id(listings[i]));
  }
  std::sort(groups.begin(), groups.end());
  return groups;
}

absl::StatusOr<std::vector<GroupPosition>> ListPositions(Producer& producer,
                                                         const std::string& group,
                                                         const std::vector<std::string>& topics,
                                                         absl::Time deadline) {
  std::vector<GroupPosition> positions;
  const Partitions wanted(rd_kafka_topic_partition_list_new(8));
  for (const std::string& topic : topics) {
    ASSIGN_OR_RETURN(const int partitions, producer.PartitionsOf(topic, deadline));
    for (int i = 0; i < partitions; ++i) {
      positions.push_back({.topic = topic, .partition = i});
      rd_kafka_topic_partition_list_add(wanted.get(), topic.c_str(), i);
    }
  }
  if (positions.empty()) return positions;

  const PositionsRequest request(
      rd_kafka_ListConsumerGroupOffsets_new(group.c_str(), wanted.get()));
  rd_kafka_ListConsumerGroupOffsets_t* raw = request.get();
  ASSIGN_OR_RETURN(const Event event,
                   Ask(producer, RD_KAFKA_ADMIN_OP_LISTCONSUMERGROUPOFFSETS, deadline,
                       [&](const rd_kafka_AdminOptions_t* options, rd_kafka_queue_t* queue) {
                         rd_kafka_ListConsumerGroupOffsets(producer.client(), &raw, 1, options,
                                                           queue);
                       }));
  size_t count = 0;
  const rd_kafka_group_result_t** groups = rd_kafka_ListConsumerGroupOffsets_result_groups(
      rd_kafka_event_ListConsumerGroupOffsets_result(event.get()), &count);
  if (count != 1) return absl::UnavailableError("kafka says nothing of the group");
  RETURN_IF_ERROR(ErrorOf(rd_kafka_group_result_error(groups[0]), "the group cannot be read"));
  std::map<std::pair<std::string, int32_t>, int64_t> committed;
  const rd_kafka_topic_partition_list_t* offsets = rd_kafka_group_result_partitions(groups[0]);
  for (int i = 0; offsets != nullptr && i < offsets->cnt; ++i) {
    const rd_kafka_topic_partition_t& element = offsets->elems[i];
    RETURN_IF_ERROR(StatusOf(element.err, "the group's position cannot be read"));
    if (element.offset >= 0) committed[{element.topic, element.partition}] = element.offset;
  }

  for (GroupPosition& position : positions) {
    RETURN_IF_ERROR(StatusOf(rd_kafka_query_watermark_offsets(
                                 producer.client(), position.topic.c_str(), position.partition,
                                 &position.oldest, &position.end, MillisecondsUntil(deadline)),
                             "the ends of a topic cannot be read"));
    const auto found = committed.find({position.topic, position.partition});
    if (found == committed.end()) continue;
    position.committed = found->second;
    if (!position.lost()) position.oldest = found->second;
  }
  return positions;
}

absl::Status AlterPositions(Producer& producer, const std::string& group,
                            const std::vector<GroupPosition>& positions, absl::Time deadline) {
  if (positions.empty()) return absl::OkStatus();
  const Partitions places(rd_kafka_topic_partition_list_new(static_cast<int>(positions.size())));
  for (const GroupPosition& position : positions) {
    if (!position.committed) return absl::InvalidArgumentError("a position without a place");
    rd_kafka_topic_partition_list_add(places.get(), position.topic.c_str(), position.partition)
        ->offset = *position.committed;
  }
  const MoveRequest request(rd_kafka_AlterConsumerGroupOffsets_new(group.c_str(), places.get()));
  rd_kafka_AlterConsumerGroupOffsets_t* raw = request.get();
  ASSIGN_OR_RETURN(const Event event,
                   Ask(producer, RD_KAFKA_ADMIN_OP_ALTERCONSUMERGROUPOFFSETS, deadline,
                       [&](const rd_kafka_AdminOptions_t* options, rd_kafka_queue_t* queue) {
                         rd_kafka_AlterConsumerGroupOffsets(producer.client(), &raw, 1, options,
                                                            queue);
                       }));
  size_t count = 0;
  const rd_kafka_group_result_t** groups = rd_kafka_AlterConsumerGroupOffsets_result_groups(
      rd_kafka_event_AlterConsumerGroupOffsets_result(event.get()), &count);
  if (count != 1) return absl::UnavailableError("kafka says nothing of the group");
  RETURN_IF_ERROR(ErrorOf(rd_kafka_group_result_error(groups[0]), "the group was not moved"));
  const rd_kafka_topic_partition_list_t* moved = rd_kafka_group_result_partitions(groups[0]);
  for (int i = 0; moved != nullptr && i < moved->cnt; ++i) {
    const rd_kafka_resp_err_t error = moved->elems[i].err;
    if (error == RD_KAFKA_RESP_ERR_UNKNOWN_MEMBER_ID ||
        error == RD_KAFKA_RESP_ERR_REBALANCE_IN_PROGRESS ||
        error == RD_KAFKA_RESP_ERR_NON_EMPTY_GROUP) {
      return absl::FailedPreconditionError(
          absl::StrCat("the group ", group, " has members that read"));
    }
    RETURN_IF_ERROR(StatusOf(error, "the group was not moved"));
  }
  return absl::OkStatus();
}

absl::StatusOr<bool> HasMember(Producer& producer, const std::string& group,
                               const std::string& member, absl::Time deadline) {
  const char* names[] = {group.c_str()};
  ASSIGN_OR_RETURN(const Event event,
                   Ask(producer, RD_KAFKA_ADMIN_OP_DESCRIBECONSUMERGROUPS, deadline,
                       [&](const rd_kafka_AdminOptions_t* options, rd_kafka_queue_t* queue) {
                         rd_kafka_DescribeConsumerGroups(producer.client(), names, 1, options,
                                                         queue);
                       }));
  size_t count = 0;
  const rd_kafka_ConsumerGroupDescription_t** groups =
      rd_kafka_DescribeConsumerGroups_result_groups(
          rd_kafka_event_DescribeConsumerGroups_result(event.get()), &count);
  if (count != 1) return absl::UnavailableError("kafka says nothing of the group");
  RETURN_IF_ERROR(
      ErrorOf(rd_kafka_ConsumerGroupDescription_error(groups[0]), "the group cannot be read"));
  const size_t members = rd_kafka_ConsumerGroupDescription_member_count(groups[0]);
  for (size_t i = 0; i < members; ++i) {
    const char* name = rd_kafka_MemberDescription_group_instance_id(
        rd_kafka_ConsumerGroupDescription_member(groups[0], i));
    if (name != nullptr && member == name) return true;
  }
  return false;
}

}  // namespace fosterwatch::bus::kafka
