#include "services/notifications/testing/scripted_smtp_server.h"

#include <cstdio>
#include <cstdlib>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace fosterwatch::notifications {
namespace {

void Check(bool good, const char* what) {
  if (good) return;
  std::perror(what);
  std::abort();
}

class Connection {
 public:
  explicit Connection(int socket) : socket_(socket) {}

  bool Say(const std::string& line) {
    const std::string bytes = line + "\r\n";
    return ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL) ==
           static_cast<ssize_t>(bytes.size());
  }

  // One line without its CRLF; false where the other side is gone.
  bool Hear(std::string* line) {
    for (;;) {
      if (const size_t end = buffer_.find("\r\n"); end != std::string::npos) {
        *line = buffer_.substr(0, end);
        buffer_.erase(0, end + 2);
        return true;
      }
      char bytes[4096];
      const ssize_t count = ::recv(socket_, bytes, sizeof(bytes), 0);
      if (count <= 0) return false;
      buffer_.append(bytes, static_cast<size_t>(count));
    }
  }

 private:
  const int socket_;
  std::string buffer_;
};

}  // namespace

std::string ScriptedSmtpServer::Received::Header(const std::string& name) const {
  std::string value;
  bool found = false;
  for (const absl::string_view line : absl::StrSplit(data, "\r\n")) {
    if (found && absl::StartsWith(line, " ")) {
      absl::StrAppend(&value, line);
      continue;
    }
    if (found || line.empty()) break;
    if (absl::StartsWithIgnoreCase(line, name + ": ")) {
      value = std::string(line.substr(name.size() + 2));
      found = true;
    }
  }
  return value;
}

ScriptedSmtpServer::ScriptedSmtpServer() {
  listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  Check(listener_ >= 0, "socket");
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  Check(::bind(listener_, reinterpret_cast<sockaddr*>(&address), size) == 0, "bind");
  Check(::listen(listener_, 16) == 0, "listen");
  Check(::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) == 0, "getsockname");
  port_ = ntohs(address.sin_port);
  thread_ = std::thread([this] { Listen(); });
}

ScriptedSmtpServer::~ScriptedSmtpServer() {
  stopping_ = true;
  thread_.join();
  ::close(listener_);
}

std::string ScriptedSmtpServer::url() const { return absl::StrCat("smtp://127.0.0.1:", port_); }

void ScriptedSmtpServer::Expect(Script script) {
  absl::MutexLock lock(&mutex_);
  scripts_.push_back(std::move(script));
}

void ScriptedSmtpServer::Always(Script script) {
  absl::MutexLock lock(&mutex_);
  always_ = std::move(script);
}

std::vector<ScriptedSmtpServer::Received> ScriptedSmtpServer::received() const {
  absl::MutexLock lock(&mutex_);
  return received_;
}

void ScriptedSmtpServer::Listen() {
  std::vector<std::thread> talks;
  while (!stopping_) {
    pollfd waiting{listener_, POLLIN, 0};
    if (::poll(&waiting, 1, 20) <= 0) continue;
    const int socket = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (socket < 0) continue;
    const timeval patience{5, 0};  // so that no client can keep the test from ending
    ::setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
    ++connections_;
    Script script;
    {
      absl::MutexLock lock(&mutex_);
      script = always_;
      if (!scripts_.empty()) {
        script = std::move(scripts_.front());
        scripts_.pop_front();
      }
    }
    talks.emplace_back([this, socket, script = std::move(script)] {
      Talk(socket, script);
      ::close(socket);
    });
  }
  for (std::thread& talk : talks) talk.join();
}

void ScriptedSmtpServer::Talk(int socket, const Script& script) {
  Connection client(socket);
  if (script.greeting.empty() || !client.Say(script.greeting)) return;
  std::string line, recipient;
  while (client.Hear(&line)) {
    const std::string verb = absl::AsciiStrToUpper(line.substr(0, 4));
    if (verb == "RCPT") {
      if (script.rcpt.empty()) return;
      recipient = line.substr(line.find('<') + 1);
      recipient = recipient.substr(0, recipient.find('>'));
      if (!client.Say(script.rcpt)) return;
    } else if (verb == "DATA") {
      if (!client.Say("354 go on")) return;
      Received mail;
      mail.recipient = recipient;
      while (client.Hear(&line) && line != ".") {
        absl::StrAppend(&mail.data, absl::StartsWith(line, ".") ? line.substr(1) : line, "\r\n");
      }
      mail.taken = absl::StartsWith(script.end_of_data, "2");
      {
        absl::MutexLock lock(&mutex_);
        received_.push_back(std::move(mail));
      }
      if (script.before_end) script.before_end();
      if (script.end_of_data.empty() || !client.Say(script.end_of_data)) return;
    } else if (verb == "QUIT") {
      client.Say("221 bye");
      return;
    } else if (!client.Say("250 ok")) {
      return;
    }
  }
}

}  // namespace fosterwatch::notifications
