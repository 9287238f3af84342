#include "libs/testing/crash_point.h"

#ifdef FOSTERWATCH_CRASH_POINTS

#include <atomic>
#include <cstdlib>
#include <string>

#include <unistd.h>

namespace fosterwatch::testing {
namespace {

struct Chosen {
  std::string name;
  long pass = 1;
};

Chosen Read() {
  const char* text = std::getenv("FOSTERWATCH_CRASH_AT");
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
  static const Chosen chosen = Read();
  static std::atomic<long> passes = 0;
  if (chosen.name == name && ++passes == chosen.pass) _exit(137);
}

}  // namespace fosterwatch::testing

#endif
