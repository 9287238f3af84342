#include "libs/mail/testing/scripted_smtp_server.h"

#include <tuple>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include <unistd.h>

namespace fosterwatch::mail {
namespace {

// Lines of one connection.
class Connection {
 public:
  explicit Connection(int socket) : peer_(socket) {}

  bool Say(const std::string& line) { return peer_.Write(line + "\r\n"); }

  // One line without its CRLF; false where the other side is gone.
  bool Hear(std::string* line) {
    for (;;) {
      if (const size_t end = buffer_.find("\r\n"); end != std::string::npos) {
        *line = buffer_.substr(0, end);
        buffer_.erase(0, end + 2);
        return true;
      }
      if (!peer_.Read(&buffer_)) return false;
    }
  }

  bool StartTls(const testing::TestAuthority& authority) {
    over_tls_ = true;
    return peer_.StartTls(authority.server());
  }
  bool over_tls() const { return over_tls_; }

 private:
  testing::Peer peer_;
  bool over_tls_ = false;
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

ScriptedSmtpServer::ScriptedSmtpServer(const testing::TestAuthority* authority)
    : authority_(authority), listener_(testing::Listen(&port_)) {
  thread_ = std::thread([this] { Run(); });
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

ScriptedSmtpServer::Script ScriptedSmtpServer::Next() {
  absl::MutexLock lock(&mutex_);
  if (scripts_.empty()) return always_;
  Script script = std::move(scripts_.front());
  scripts_.pop_front();
  return script;
}

bool ScriptedSmtpServer::IsNextFresh(std::string* farewell) const {
  absl::MutexLock lock(&mutex_);
  const Script& next = scripts_.empty() ? always_ : scripts_.front();
  *farewell = next.farewell;
  return next.fresh || next.greeting != kGreeting;
}

void ScriptedSmtpServer::Run() {
  std::vector<std::thread> talks;
  while (!stopping_) {
    const int socket = testing::AcceptSoon(listener_);
    if (socket < 0) continue;
    ++connections_;
    talks.emplace_back([this, socket, script = Next()] { Talk(socket, script); });
  }
  for (std::thread& talk : talks) talk.join();
}

void ScriptedSmtpServer::Talk(int socket, Script script) {
  Connection client(socket);
  if (script.greeting.empty() || !client.Say(script.greeting)) return;
  std::string line, recipient, user, password;
  bool first = true;
  while (client.Hear(&line)) {
    const std::string verb = absl::AsciiStrToUpper(line.substr(0, 4));
    if (verb == "EHLO") {
      std::string answer = "250-test\r\n";
      if (authority_ != nullptr && !client.over_tls()) answer += "250-STARTTLS\r\n";
      if (client.over_tls() || script.login_in_clear) answer += "250-AUTH PLAIN\r\n";
      if (!client.Say(answer + "250 HELP")) return;
    } else if (verb == "STAR") {
      if (!client.Say("220 go on") || !client.StartTls(*authority_)) return;
    } else if (verb == "AUTH") {
      ++logins_;
      std::vector<std::string> words = absl::StrSplit(line, ' ');
      if (words.size() < 3 && (!client.Say("334 ") || !client.Hear(&words.emplace_back()))) return;
      std::string login;
      absl::Base64Unescape(words[2], &login);
      const std::vector<std::string> parts = absl::StrSplit(login, '\0');
      if (parts.size() == 3) std::tie(user, password) = std::tie(parts[1], parts[2]);
      if (!client.Say(script.login)) return;
    } else if (verb == "MAIL") {
      if (!std::exchange(first, false)) {
        std::string farewell;
        if (IsNextFresh(&farewell)) {
          if (!farewell.empty()) client.Say(farewell);
          return;
        }
        script = Next();
      }
      if (!client.Say("250 ok")) return;
    } else if (verb == "RCPT") {
      if (script.rcpt.empty()) return;
      recipient = line.substr(line.find('<') + 1);
      recipient = recipient.substr(0, recipient.find('>'));
      if (!client.Say(script.rcpt)) return;
    } else if (verb == "DATA") {
      if (!client.Say("354 go on")) return;
      Received mail;
      mail.over_tls = client.over_tls();
      mail.user = user;
      mail.password = password;
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

}  // namespace fosterwatch::mail
