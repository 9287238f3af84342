#include "libs/bus/partitioner.h"

#include <cstddef>

namespace fosterwatch::bus {

uint32_t Murmur2(absl::string_view key) {
  constexpr uint32_t kSeed = 0x9747b28c;
  constexpr uint32_t kMultiplier = 0x5bd1e995;
  constexpr int kShift = 24;
  const auto byte = [&](size_t i) { return static_cast<uint32_t>(static_cast<uint8_t>(key[i])); };

  uint32_t hash = kSeed ^ static_cast<uint32_t>(key.size());
  size_t i = 0;
  for (; i + 4 <= key.size(); i += 4) {
    uint32_t word = byte(i) | byte(i + 1) << 8 | byte(i + 2) << 16 | byte(i + 3) << 24;
    word *= kMultiplier;
    word ^= word >> kShift;
    word *= kMultiplier;
    hash *= kMultiplier;
    hash ^= word;
  }
  switch (key.size() - i) {
    case 3:
      hash ^= byte(i + 2) << 16;
      [[fallthrough]];
    case 2:
      hash ^= byte(i + 1) << 8;
      [[fallthrough]];
    case 1:
      hash ^= byte(i);
      hash *= kMultiplier;
  }
  hash ^= hash >> 13;
  hash *= kMultiplier;
  hash ^= hash >> 15;
  return hash;
}

int32_t PartitionOf(absl::string_view key, int32_t partitions) {
  return static_cast<int32_t>(Murmur2(key) & 0x7fffffff) % partitions;
}

}  // namespace fosterwatch::bus
