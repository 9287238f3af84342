// A child process of a test: started with arguments and settings, spoken to by signals, its output
// kept in a file. It never outlives the test: it is killed when this object goes, and by the kernel
// when the test itself dies.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include <sys/types.h>

namespace fosterwatch::testing {

class Process {
 public:
  struct Options {
    std::vector<std::string> arguments;      // the first is the program, a path
    std::map<std::string, std::string> set;  // on top of the test's own environment
    std::vector<std::string> unset;
    std::string output;  // file for standard output and error, appended to; "": a fresh file
  };

  // UNAVAILABLE where the program cannot be started. Call from a thread that lives as long as the
  // child: the kernel's part of the promise above follows the thread.
  static absl::StatusOr<Process> Start(Options options);
  Process(Process&& other) noexcept;
  Process& operator=(Process&& other) noexcept;
  ~Process();  // SIGKILL, unless it has ended

  pid_t pid() const { return pid_; }
  const std::string& output_file() const { return output_; }
  std::string Output() const;

  // Whether it still runs; collects it where it has ended.
  bool Running();

  // Sends a signal; nothing happens where it has ended.
  void Kill(int signal);

  // The exit code, or 128 + the signal that ended it. DEADLINE_EXCEEDED where it still runs.
  absl::StatusOr<int> Wait(absl::Duration timeout = absl::Seconds(60));

  // SIGTERM, then Wait.
  absl::StatusOr<int> Stop(absl::Duration timeout = absl::Seconds(60));

  // What follows `prefix` on the first line of the output that contains it, as in
  // AwaitLine("listening on 127.0.0.1:"). FAILED_PRECONDITION where the child ends first,
  // DEADLINE_EXCEEDED where it does not come; both hold the end of the output.
  absl::StatusOr<std::string> AwaitLine(const std::string& prefix,
                                        absl::Duration timeout = absl::Seconds(60));

 private:
  Process(pid_t pid, std::string output, off_t begin, bool owns_output);
  void End();
  std::string Tail() const;

  pid_t pid_ = -1;
  std::string output_;
  off_t begin_ = 0;  // where this child's output begins in the file
  bool owns_output_ = false;
  std::optional<int> exit_code_;
};

}  // namespace fosterwatch::testing
