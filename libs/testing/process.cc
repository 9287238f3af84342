#include "libs/testing/process.h"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "libs/testing/await.h"

extern char** environ;

namespace fosterwatch::testing {
namespace {

std::vector<std::string> Environment(const Process::Options& options) {
  std::vector<std::string> environment;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::pair<std::string, std::string> pair =
        absl::StrSplit(absl::string_view(*entry), absl::MaxSplits('=', 1));
    const bool gone =
        std::find(options.unset.begin(), options.unset.end(), pair.first) != options.unset.end();
    if (!gone && options.set.count(pair.first) == 0) environment.emplace_back(*entry);
  }
  for (const auto& [name, value] : options.set) {
    environment.push_back(absl::StrCat(name, "=", value));
  }
  return environment;
}

std::vector<char*> Pointers(std::vector<std::string>& strings) {
  std::vector<char*> pointers;
  for (std::string& string : strings) pointers.push_back(string.data());
  pointers.push_back(nullptr);
  return pointers;
}

}  // namespace

absl::StatusOr<Process> Process::Start(Options options) {
  if (options.arguments.empty()) return absl::InvalidArgumentError("no program was named");
  const bool owns_output = options.output.empty();
  int output;
  if (owns_output) {
    const char* folder = std::getenv("TMPDIR");
    options.output = absl::StrCat(folder == nullptr ? "/tmp" : folder, "/fosterwatch-test-XXXXXX");
    output = mkostemp(options.output.data(), O_APPEND | O_CLOEXEC);
  } else {
    output = open(options.output.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  }
  if (output < 0) {
    return absl::UnavailableError(
        absl::StrCat("cannot write ", options.output, ": ", std::strerror(errno)));
  }
  struct stat file {};
  fstat(output, &file);

  // All memory is made here: after fork only what is safe in a signal handler may run.
  std::vector<std::string> environment = Environment(options);
  const std::vector<char*> arguments = Pointers(options.arguments);
  const std::vector<char*> variables = Pointers(environment);
  int failure[2];  // closed by a successful exec, or carries its errno
  if (pipe2(failure, O_CLOEXEC) != 0) {
    close(output);
    return absl::UnavailableError(absl::StrCat("cannot make a pipe: ", std::strerror(errno)));
  }
  const pid_t parent = getpid();
  const pid_t pid = fork();
  if (pid == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) _exit(127);
    const int nothing = open("/dev/null", O_RDONLY);
    dup2(nothing, STDIN_FILENO);
    dup2(output, STDOUT_FILENO);
    dup2(output, STDERR_FILENO);
    execvpe(arguments[0], arguments.data(), variables.data());
    const int error = errno;
    (void)!write(failure[1], &error, sizeof(error));
    _exit(127);
  }
  close(output);
  close(failure[1]);
  int error = pid < 0 ? errno : 0;
  if (pid > 0 && read(failure[0], &error, sizeof(error)) != sizeof(error)) error = 0;
  close(failure[0]);
  if (error != 0) {
    if (pid > 0) waitpid(pid, nullptr, 0);
    if (owns_output) unlink(options.output.c_str());
    return absl::UnavailableError(
        absl::StrCat("cannot start ", options.arguments[0], ": ", std::strerror(error)));
  }
  return Process(pid, options.output, file.st_size, owns_output);
}

Process::Process(pid_t pid, std::string output, off_t begin, bool owns_output)
    : pid_(pid), output_(std::move(output)), begin_(begin), owns_output_(owns_output) {}

Process::Process(Process&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)),
      output_(std::move(other.output_)),
      begin_(other.begin_),
      owns_output_(std::exchange(other.owns_output_, false)),
      exit_code_(other.exit_code_) {}

Process& Process::operator=(Process&& other) noexcept {
  if (this == &other) return *this;
  End();
  pid_ = std::exchange(other.pid_, -1);
  output_ = std::move(other.output_);
  begin_ = other.begin_;
  owns_output_ = std::exchange(other.owns_output_, false);
  exit_code_ = other.exit_code_;
  return *this;
}

Process::~Process() { End(); }

void Process::End() {
  if (Running()) {
    Kill(SIGKILL);
    waitpid(pid_, nullptr, 0);
  }
  if (owns_output_) unlink(output_.c_str());
}

bool Process::Running() {
  if (pid_ < 0 || exit_code_) return false;
  int status = 0;
  pid_t ended;
  while ((ended = waitpid(pid_, &status, WNOHANG)) < 0 && errno == EINTR) {
  }
  if (ended == 0) return true;
  exit_code_ = ended < 0 ? 127 : WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return false;
}

void Process::Kill(int signal) {
  if (Running()) kill(pid_, signal);
}

absl::StatusOr<int> Process::Wait(absl::Duration timeout) {
  if (!AwaitTrue([this] { return !Running(); }, timeout)) {
    return absl::DeadlineExceededError(absl::StrCat("process ", pid_, " still runs\n", Tail()));
  }
  return exit_code_.value_or(127);
}

absl::StatusOr<int> Process::Stop(absl::Duration timeout) {
  Kill(SIGTERM);
  return Wait(timeout);
}

std::string Process::Output() const {
  std::ifstream file(output_, std::ios::binary);
  file.seekg(begin_);
  return std::string(std::istreambuf_iterator<char>(file), {});
}

std::string Process::Tail() const {
  const std::string output = Output();
  constexpr size_t kEnough = 4000;
  return output.size() <= kEnough ? output : output.substr(output.size() - kEnough);
}

absl::StatusOr<std::string> Process::AwaitLine(const std::string& prefix, absl::Duration timeout) {
  std::string found;
  bool ended = false;
  const bool came = AwaitTrue(
      [&] {
        ended = !Running();  // asked first: what it wrote before its end is read after
        const std::string output = Output();
        const size_t at = output.find(prefix);
        const size_t end = at == std::string::npos ? at : output.find('\n', at);
        if (end == std::string::npos) return ended;
        found = output.substr(at + prefix.size(), end - at - prefix.size());
        ended = false;
        return true;
      },
      timeout);
  if (came && !ended) return found;
  const std::string what = absl::StrCat("no line with '", prefix, "' from process ", pid_);
  if (ended) return absl::FailedPreconditionError(absl::StrCat(what, ", which ended\n", Tail()));
  return absl::DeadlineExceededError(absl::StrCat(what, "\n", Tail()));
}

}  // namespace fosterwatch::testing
