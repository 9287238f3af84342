// Named places where a test may end the process, as if its power were cut:
//
//   FOSTERWATCH_CRASH_POINT("after_commit");
//
// With FOSTERWATCH_CRASH_AT=after_commit:3 the third pass does not return: the process
// ends at once with code 137 and runs nothing on its way out. With FOSTERWATCH_STOP_AT=<name>[:n]
// it is stopped there, as by SIGSTOP, until somebody sends it SIGCONT. Compiled to nothing unless
// the build has FOSTERWATCH_CRASH_POINTS (the preset dev has, release has not). Any thread.
#pragma once

#ifdef FOSTERWATCH_CRASH_POINTS
namespace fosterwatch::testing {
void PassCrashPoint(const char* name);
}  // namespace fosterwatch::testing
#define FOSTERWATCH_CRASH_POINT(name) ::fosterwatch::testing::PassCrashPoint(name)
#else
#define FOSTERWATCH_CRASH_POINT(name) static_cast<void>(0)
#endif
