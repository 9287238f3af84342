// What a fact means for the streams of the catalogue.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "google/protobuf/message.h"

#include "fosterwatch/kpis/v1/kpi.pb.h"

namespace fosterwatch::kpis::domain {

// Something of a stream has begun or ended.
struct Observation {
  std::string stream;
  std::string key;
  enum class Kind { kBegins, kEnds, kReopens };
  Kind kind = Kind::kEnds;
  absl::Time time;
  std::optional<absl::Time> due;  // of a beginning
};

// `fact` is the message of the topic with one oneof field set; `recorded` stands in where a mark
// names no time or the fact does not say. An element without a key is left out.
std::vector<Observation> Observe(const v1::Catalogue& catalogue, const std::string& topic,
                                 const google::protobuf::Message& fact, absl::Time recorded);

// Whether the fact takes back what its record is about.
bool TakesBack(const v1::Catalogue& catalogue, const std::string& topic,
               const google::protobuf::Message& fact);

}  // namespace fosterwatch::kpis::domain
