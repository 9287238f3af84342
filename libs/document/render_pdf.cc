#include "libs/document/render_pdf.h"

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "libs/status/error.h"

namespace fosterwatch::document {
namespace {

constexpr size_t kMostPdfBytes = 256'000'000;

class Descriptor {
 public:
  explicit Descriptor(int fd = -1) : fd_(fd) {}
  ~Descriptor() { Close(); }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return fd_; }
  void Reset(int fd) {
    Close();
    fd_ = fd;
  }
  void Close() {
    if (fd_ >= 0) close(fd_);
    fd_ = -1;
  }

 private:
  int fd_;
};

// A socket pair, because writing to a pipe whose reader has gone would be a signal to all of this
// process.
bool Pair(Descriptor& ours, Descriptor& theirs) {
  int ends[2];
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) return false;
  ours.Reset(ends[0]);
  theirs.Reset(ends[1]);
  return fcntl(ends[0], F_SETFL, O_NONBLOCK) == 0;
}

// Ended and collected when it goes.
class Child {
 public:
  ~Child() {
    if (pid_ > 0) {
      kill(pid_, SIGKILL);
      Wait();
    }
  }
  bool Start(const std::vector<std::string>& arguments, int input, int output) {
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, input, 0);
    posix_spawn_file_actions_adddup2(&actions, output, 1);
    posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0);
    posix_spawn_file_actions_addclosefrom_np(&actions, 3);
    std::vector<char*> argv;
    for (const std::string& argument : arguments)
      argv.push_back(const_cast<char*>(argument.data()));
    argv.push_back(nullptr);
    // Nothing of ours: no secrets, no proxies, no settings of Python.
    std::string path = "PATH=/usr/bin:/bin", language = "LANG=C.UTF-8", home = "HOME=/nonexistent";
    char* const environment[] = {path.data(), language.data(), home.data(), nullptr};
    const int error =
        posix_spawn(&pid_, arguments[0].c_str(), &actions, nullptr, argv.data(), environment);
    posix_spawn_file_actions_destroy(&actions);
    if (error != 0) pid_ = -1;
    return error == 0;
  }
  // Its exit code; 128 and more for a signal.
  int Wait() {
    int status = 0;
    while (waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
    }
    pid_ = -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  }

 private:
  pid_t pid_ = -1;
};

absl::Status Failed(absl::string_view how) {
  return Error(absl::StatusCode::kInternal, "PDF_FAILED",
               absl::StrCat("the document could not be made a PDF: ", how));
}

}  // namespace

absl::Status PdfRenderer::Check() const {
  if (options_.python.empty()) {
    return Error(absl::StatusCode::kFailedPrecondition, "NO_PDF_RENDERER",
                 "no PDF can be made here: the setting pdf-python names no Python with WeasyPrint");
  }
  if (access(options_.python.c_str(), X_OK) != 0 || access(options_.script.c_str(), R_OK) != 0) {
    return Error(absl::StatusCode::kFailedPrecondition, "NO_PDF_RENDERER",
                 "no PDF can be made here: the program that the setting pdf-python names, or its "
                 "script in share-dir, is not there");
  }
  return absl::OkStatus();
}

absl::StatusOr<std::string> PdfRenderer::Render(absl::string_view html,
                                                const std::function<bool()>& cancelled) const {
  if (const absl::Status able = Check(); !able.ok()) return able;
  Descriptor input, child_input, output, child_output;
  if (!Pair(input, child_input) || !Pair(output, child_output)) return Failed("no sockets");
  Child child;
  // -I: neither the environment nor the user's own folders say what Python loads.
  if (!child.Start({options_.python, "-I", "-B", options_.script}, child_input.get(),
                   child_output.get())) {
    return Failed("the program does not start");
  }
  child_input.Close();
  child_output.Close();

  const absl::Time deadline = absl::Now() + options_.most_time;
  std::string pdf;
  std::vector<char> buffer(1 << 16);
  for (bool open = true; open;) {
    if (cancelled && cancelled()) return absl::CancelledError("the making was given up");
    if (absl::Now() >= deadline) {
      return Error(absl::StatusCode::kDeadlineExceeded, "PDF_TOOK_TOO_LONG",
                   "the document could not be made a PDF in time");
    }
    pollfd waits[] = {{output.get(), POLLIN, 0}, {input.get(), POLLOUT, 0}};
    if (poll(waits, input.get() >= 0 ? 2 : 1, 100) < 0 && errno != EINTR) return Failed("no poll");
    if (input.get() >= 0 && waits[1].revents != 0) {
      const ssize_t sent = send(input.get(), html.data(), html.size(), MSG_NOSIGNAL);
      if (sent > 0) html.remove_prefix(sent);
      const bool gone = sent < 0 && errno != EAGAIN && errno != EINTR;
      if (html.empty() || gone) input.Close();
    }
    if (waits[0].revents == 0) continue;
    const ssize_t got = recv(output.get(), buffer.data(), buffer.size(), 0);
    if (got > 0) {
      pdf.append(buffer.data(), got);
      if (pdf.size() > kMostPdfBytes) return Failed("it is too large");
    } else if (got == 0 || (errno != EAGAIN && errno != EINTR)) {
      open = false;
    }
  }
  if (const int code = child.Wait(); code != 0) {
    return Failed(absl::StrCat("the program ended with code ", code));
  }
  if (!absl::StartsWith(pdf, "%PDF-")) return Failed("the program gave none");
  return pdf;
}

}  // namespace fosterwatch::document
