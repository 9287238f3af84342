// A fuzz target: FUZZ_TARGET(name) { … } over `input`, any bytes. It must end, and what it reads
// must be refused or mean what it says: abort() where it does not (CHECKED).
//
// Under the preset fuzz each target is a libFuzzer program of its own; under the others they are
// all in one test, which runs the committed corpora through them (corpus_test.cc).
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <string>

#include "absl/strings/string_view.h"

namespace fosterwatch::fuzz {

using Target = void (*)(absl::string_view input);

// By name; the name is also that of the folder of its corpus.
std::map<std::string, Target>& Targets();

struct Register {
  Register(const char* name, Target target) { Targets()[name] = target; }
};

// Parts of an input: what stands before the next newline, and the rest after it.
inline absl::string_view TakeLine(absl::string_view* input) {
  const size_t end = input->find('\n');
  const absl::string_view line = input->substr(0, end);
  input->remove_prefix(end == absl::string_view::npos ? input->size() : end + 1);
  return line;
}

}  // namespace fosterwatch::fuzz

#define CHECKED(condition)                                     \
  do {                                                         \
    if (!(condition)) {                                        \
      std::fprintf(stderr, "does not hold: %s\n", #condition); \
      std::abort();                                            \
    }                                                          \
  } while (false)

#ifdef FOSTERWATCH_LIBFUZZER
#define FUZZ_TARGET(name)                                                   \
  static void Fuzz_##name(absl::string_view input);                         \
  extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) { \
    Fuzz_##name({reinterpret_cast<const char*>(data), size});               \
    return 0;                                                               \
  }                                                                         \
  static void Fuzz_##name(absl::string_view input)
#else
#define FUZZ_TARGET(name)                                                            \
  static void Fuzz_##name(absl::string_view input);                                  \
  static const ::fosterwatch::fuzz::Register registered_##name(#name, &Fuzz_##name); \
  static void Fuzz_##name(absl::string_view input)
#endif
