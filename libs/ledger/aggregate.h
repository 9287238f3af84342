// What the ledger knows about one type of aggregate of a service: how its facts make its state,
// how its state makes its rows in the views, and whose key seals its personal fields.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "google/protobuf/message.h"

#include "libs/pg/connection.h"

namespace fosterwatch::ledger {

// What the ledger says of a fact besides the fact itself.
struct FactStamp {
  std::string fact_id;
  std::string agency_id;
  std::string aggregate_type;
  std::string aggregate_id;
  int64_t version = 0;  // 1 for the aggregate's first fact
  std::string name;     // the oneof field that is set: "notice_given"
  absl::Time recorded;
  std::string actor;  // the person or service
  std::string cause;  // the request or the fact that led to it
  std::string trace_parent;
};

// Of one transaction. A statement whose parameters are all arrays says by that: it may run as one
// with the other statements of its text, at the place of the first of them, the rows of a later
// one behind those of an earlier one. A batch of many aggregates is then written by few statements:
//   INSERT INTO view.notice SELECT * FROM unnest($1, $2) ON CONFLICT DO NOTHING
// Rows of one INSERT .. ON CONFLICT DO UPDATE must not share a key: where they may, the statement
// keeps one of each.
using Statements = std::vector<pg::Statement>;

struct Aggregate {
  std::string type;  // "event"
  std::unique_ptr<google::protobuf::Message> empty_state;
  // Pure, and total: every recorded fact can be applied to the state that it was recorded on.
  std::function<void(google::protobuf::Message& state, const google::protobuf::Message& fact,
                     const FactStamp& stamp)>
      evolve;
  // The statements that make the views say `state`: a function of the state's clear part alone
  // (a rebuild opens nothing that is sealed), so that a rebuild gives the same rows. `last` is the
  // stamp of the newest fact.
  std::function<void(const google::protobuf::Message& state, const FactStamp& last,
                     Statements& statements)>
      project;
  // The statements that one fact brings to the views, for rows that a state does not keep, such as
  // a log: a pure function of the fact's clear part and its stamp. Run once for each fact, in the
  // order of its aggregate's versions and before `project`, by the commit and by a rebuild alike.
  std::function<void(const google::protobuf::Message& fact, const FactStamp& stamp,
                     Statements& statements)>
      project_fact;
  // Tables that `project` and `project_fact` write, emptied by a rebuild.
  std::vector<std::string> views;
  // Whose key seals the personal fields of a fact. Where absent: "<type>:<aggregate_id>".
  std::function<std::string(const google::protobuf::Message& fact, const std::string& id)> subject;
};

template <typename State, typename Fact>
Aggregate MakeAggregate(std::string type,
                        std::function<void(State&, const Fact&, const FactStamp&)> evolve,
                        std::function<void(const State&, const FactStamp&, Statements&)> project,
                        std::vector<std::string> views) {
  Aggregate aggregate;
  aggregate.type = std::move(type);
  aggregate.empty_state = std::make_unique<State>();
  aggregate.evolve = [evolve = std::move(evolve)](google::protobuf::Message& state,
                                                  const google::protobuf::Message& fact,
                                                  const FactStamp& stamp) {
    evolve(static_cast<State&>(state), static_cast<const Fact&>(fact), stamp);
  };
  if (project) {
    aggregate.project = [project = std::move(project)](const google::protobuf::Message& state,
                                                       const FactStamp& last,
                                                       Statements& statements) {
      project(static_cast<const State&>(state), last, statements);
    };
  }
  aggregate.views = std::move(views);
  return aggregate;
}

// For Aggregate::project_fact.
template <typename Fact>
std::function<void(const google::protobuf::Message&, const FactStamp&, Statements&)> ProjectFact(
    std::function<void(const Fact&, const FactStamp&, Statements&)> project_fact) {
  return [project_fact = std::move(project_fact)](const google::protobuf::Message& fact,
                                                  const FactStamp& stamp, Statements& statements) {
    project_fact(static_cast<const Fact&>(fact), stamp, statements);
  };
}

using Facts = std::vector<std::unique_ptr<google::protobuf::Message>>;

// One aggregate's part in a unit of work.
struct Change {
  std::string type;
  std::string id;
  // Pure: what is to be recorded, given the state (empty at version 0). No fact is fine: nothing
  // happens. May run again after a lost race.
  std::function<absl::StatusOr<Facts>(const google::protobuf::Message& state, int64_t version)>
      decide;
};

template <typename State, typename Fact>
Change MakeChange(
    std::string type, std::string id,
    std::function<absl::StatusOr<std::vector<Fact>>(const State&, int64_t version)> decide) {
  return {std::move(type), std::move(id),
          [decide = std::move(decide)](const google::protobuf::Message& state,
                                       int64_t version) -> absl::StatusOr<Facts> {
            auto decided = decide(static_cast<const State&>(state), version);
            if (!decided.ok()) return decided.status();
            Facts facts;
            for (Fact& fact : *decided) facts.push_back(std::make_unique<Fact>(std::move(fact)));
            return facts;
          }};
}

}  // namespace fosterwatch::ledger
