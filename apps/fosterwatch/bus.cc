// topics and consumers: what an operator sees and mends of the bus.
#include "libs/bus/bus.h"

#include <cstdio>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/clock.h"

#include "apps/fosterwatch/commands.h"
#include "apps/fosterwatch/modules.h"
#include "apps/fosterwatch/table.h"
#include "libs/bus/kafka_bus.h"
#include "libs/runtime/module.h"
#include "libs/status/error.h"
#include "libs/status/status_macros.h"

namespace fosterwatch::app {
namespace {

// A member with a lasting name that holds is missed after its session of ten seconds.
constexpr absl::Duration kSessionPatience = absl::Seconds(30);

std::vector<bus::Topic> Topics() {
  std::vector<bus::Topic> topics;
  for (const auto& module : MakeModules()) {
    for (bus::Topic& topic : module->topics()) topics.push_back(std::move(topic));
  }
  return topics;
}

absl::Status ApplyTopics(const Context& context) {
  RETURN_IF_ERROR(runtime::SetUpTopics(context.settings, MakeModules()));
  std::puts("The topics are there.");
  return absl::OkStatus();
}

// As deploy/kafka/topics.txt has them.
absl::Status ListTopics() {
  for (const bus::Topic& topic : Topics()) {
    std::printf("%s %d %s\n", topic.name.c_str(), topic.partitions,
                absl::StrJoin(bus::SettingsOf(topic), " ", absl::PairFormatter("=")).c_str());
  }
  return absl::OkStatus();
}

// Where a group stands in each topic that it has handled something of.
absl::StatusOr<std::vector<bus::GroupPosition>> PositionsOf(bus::Bus& bus,
                                                            const std::string& group) {
  std::vector<bus::GroupPosition> positions;
  for (const bus::Topic& topic : Topics()) {
    ASSIGN_OR_RETURN(const auto of_topic, bus.PositionsOf(group, {topic.name}));
    bool reads = false;
    for (const bus::GroupPosition& position : of_topic) reads |= position.committed.has_value();
    if (reads) positions.insert(positions.end(), of_topic.begin(), of_topic.end());
  }
  return positions;
}

std::string HandledOf(const bus::GroupPosition& position) {
  if (!position.committed) return "-";
  // Of a topic that was removed and made again, or had more.
  if (*position.committed > position.end) return "more";
  return absl::StrCat(*position.committed);
}

absl::Status ListConsumers(const Context& context) {
  ASSIGN_OR_RETURN(const std::unique_ptr<bus::Bus> bus, runtime::OpenBus(context.settings));
  ASSIGN_OR_RETURN(const std::vector<std::string> groups, bus->Groups());
  Table table({"group", "topic", "partition", "handled", "end", "behind", ""});
  for (const std::string& group : groups) {
    ASSIGN_OR_RETURN(const auto positions, PositionsOf(*bus, group));
    for (const bus::GroupPosition& position : positions) {
      table.Add({group, position.topic, absl::StrCat(position.partition), HandledOf(position),
                 absl::StrCat(position.end), absl::StrCat(position.behind()),
                 position.lost()
                     ? absl::StrCat("RECORDS LOST: the oldest that is left is ", position.oldest)
                     : ""});
    }
  }
  if (table.empty()) {
    std::puts("No group has handled anything yet.");
  } else {
    std::fputs(table.Text().c_str(), stdout);
  }
  return absl::OkStatus();
}

absl::Status Resume(const Context& context, const std::string& group) {
  ASSIGN_OR_RETURN(const std::unique_ptr<bus::Bus> bus, runtime::OpenBus(context.settings));
  ASSIGN_OR_RETURN(std::vector<bus::GroupPosition> positions, PositionsOf(*bus, group));
  if (positions.empty()) {
    return Error(absl::StatusCode::kNotFound, "UNKNOWN_GROUP",
                 absl::StrCat("there is no group ", group, " ('fosterwatch consumers list')"));
  }
  std::vector<bus::GroupPosition> moves;
  for (bus::GroupPosition& position : positions) {
    if (!position.lost()) continue;
    const std::string was = HandledOf(position);
    position.committed = position.oldest;
    std::puts(absl::StrCat(position.topic, "/", position.partition, ": from ", was, " to ",
                           position.oldest)
                  .c_str());
    moves.push_back(position);
  }
  if (moves.empty()) {
    std::printf("The group %s has lost nothing.\n", group.c_str());
    return absl::OkStatus();
  }
  absl::Status moved;
  bool said = false;
  for (const absl::Time until = absl::Now() + kSessionPatience; absl::Now() < until;) {
    moved = bus->MoveGroup(group, moves);
    if (!absl::IsFailedPrecondition(moved)) break;
    if (!std::exchange(said, true)) {
      std::puts("Waiting for the group's last member to let go ...");
      std::fflush(stdout);
    }
    absl::SleepFor(absl::Milliseconds(500));
  }
  if (absl::IsFailedPrecondition(moved)) {
    return Error(absl::StatusCode::kFailedPrecondition, "GROUP_READS",
                 absl::StrCat("a member of ", group,
                              " reads: stop the service, or wait until it says that it holds"));
  }
  RETURN_IF_ERROR(moved);
  std::printf("The group %s goes on from there.\n", group.c_str());
  return absl::OkStatus();
}

}  // namespace

void AddBus(CLI::App& app, Context* context) {
  CLI::App* topics = app.add_subcommand("topics", "Topics of the bus");
  topics->require_subcommand(1);
  topics->add_subcommand("apply", "Make the topics that are missing; changes none that is there")
      ->callback([context] { context->run = [context] { return ApplyTopics(*context); }; });
  topics
      ->add_subcommand("list",
                       "Name, partitions and settings of each, for who makes them with other tools")
      ->callback([context] { context->run = [] { return ListTopics(); }; });

  CLI::App* consumers = app.add_subcommand("consumers", "How far the services have read the bus");
  consumers->require_subcommand(1);
  consumers->add_subcommand("list", "Where each group stands, how far it is behind, what is lost")
      ->callback([context] { context->run = [context] { return ListConsumers(*context); }; });
  CLI::App* resume = consumers->add_subcommand(
      "resume", "Let a group go on that holds because records were removed before it read them");
  auto group = std::make_shared<std::string>();
  resume->add_option("group", *group, "such as notifications")->required();
  resume->footer(
      "It goes on with the oldest record that is left; what was removed, it never sees. First find "
      "out why:\ntopics of facts never expire. What is lost on the bus is still in the ledger of "
      "the service that published it.\n");
  resume->callback(
      [context, group] { context->run = [context, group] { return Resume(*context, *group); }; });
}

}  // namespace fosterwatch::app
