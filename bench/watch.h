// What processes and the machine have used, from /proc.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "nlohmann/json.hpp"

namespace fosterwatch::bench {

// A process by a name of ours. The CPU time of "postgres" counts its children too, those that have
// ended included.
struct Watched {
  std::string name;
  int pid = 0;
};

// "gateway=1234"; an entry that is no such pair ends the program.
std::vector<Watched> ParseWatched(const std::vector<std::string>& entries);

// CPU seconds so far; a process that is gone counts 0.
std::map<std::string, double> CpuOf(const std::vector<Watched>& watched);
double CpuOfMachine();
double CpuOfSelf();

// {"gateway": {"rss_mb": 20.1, "peak_mb": 23.4, "threads": 12}, ...}, PostgreSQL left out.
nlohmann::json MemoryOf(const std::vector<Watched>& watched);

}  // namespace fosterwatch::bench
