#include "libs/testing/crash_point.h"

#ifdef FOSTERWATCH_CRASH_POINTS

#include <atomic>
#include <cstdlib>
#include <string>

#include <signal.h>
#include <unistd.h>

namespace fosterwatch::testing {
namespace {

struct Chosen {
  std::string name;
  long pass = 1;
};

Chosen Read(const char* variable) {
  const char* text = std::getenv(variable);
  if (text == nullptr) return {};
  Chosen chosen{text};
  if (const size_t colon = chosen.name.rfind(':'); colon != std::string::npos) {
    chosen.pass = std::strtol(chosen.name.c_str() + colon + 1, nullptr, 10);
    chosen.name.resize(colon);
  }
  return chosen;
}

}  // namespace

void PassCrashPoint(const char* name) {
  static const Chosen end = Read("FOSTERWATCH_CRASH_AT");
  static const Chosen stop = Read("FOSTERWATCH_STOP_AT");
  static std::atomic<long> end_passes = 0, stop_passes = 0;
  if (end.name == name && ++end_passes == end.pass) _exit(137);
  if (stop.name == name && ++stop_passes == stop.pass) raise(SIGSTOP);
}

}  // namespace fosterwatch::testing

#endif
