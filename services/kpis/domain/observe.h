// What a fact means for the streams of the catalogue.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "google/protobuf/message.h"

#include "fosterwatch/kpis/v1/kpi.pb.h"

namespace fosterwatch::kpis::domain {

// What a fact says of an element of a stream; fold.h says what becomes of several.
struct Observation {
  std::string stream;
  // Empty in a kResets, kEnds or kLapses of every element of the chain, or without a chain of the
  // record.
  std::string key;
  std::string chain;
  // In the order in which they count, of one fact and stream.
  enum class Kind { kResets, kBegins, kMoves, kReopens, kEnds, kLapses };
  Kind kind = Kind::kEnds;
  absl::Time time;
  std::optional<absl::Time> due;                  // kBegins, kMoves
  std::map<std::string, std::string> attributes;  // kBegins, kEnds
  std::optional<int64_t> value;                   // kBegins
  std::string explanation;  // of the due time: the bytes of a type.v1.Explanation
  bool operator==(const Observation&) const = default;
};

// "begins".
std::string KindName(Observation::Kind kind);
// kEnds of anything else.
Observation::Kind KindNamed(const std::string& name);

// `fact` is the message of the topic with one oneof field set; `recorded` stands in where a mark
// names no time or the fact does not say. An element without a key is left out. A fact that takes
// back what its record is about resets every stream of its topic.
std::vector<Observation> Observe(const v1::Catalogue& catalogue, const std::string& topic,
                                 const google::protobuf::Message& fact, absl::Time recorded);

}  // namespace fosterwatch::kpis::domain
