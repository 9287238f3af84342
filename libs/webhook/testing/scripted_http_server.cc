#include "libs/webhook/testing/scripted_http_server.h"

#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include <unistd.h>

namespace fosterwatch::testing {

ScriptedHttpServer::ScriptedHttpServer(const TestAuthority* authority)
    : authority_(authority), listener_(Listen(&port_)) {
  thread_ = std::thread([this] { Run(); });
}

ScriptedHttpServer::~ScriptedHttpServer() {
  stopping_ = true;
  thread_.join();
  ::close(listener_);
}

std::string ScriptedHttpServer::url() const {
  return absl::StrCat(authority_ ? "https" : "http", "://127.0.0.1:", port_, "/notices");
}

void ScriptedHttpServer::Expect(Answer answer) {
  absl::MutexLock lock(&mutex_);
  answers_.push_back(std::move(answer));
}

void ScriptedHttpServer::Always(Answer answer) {
  absl::MutexLock lock(&mutex_);
  always_ = std::move(answer);
}

std::vector<ScriptedHttpServer::Received> ScriptedHttpServer::received() const {
  absl::MutexLock lock(&mutex_);
  return received_;
}

void ScriptedHttpServer::Run() {
  std::vector<std::thread> talks;
  while (!stopping_) {
    const int socket = AcceptSoon(listener_);
    if (socket < 0) continue;
    ++connections_;
    Answer answer;
    {
      absl::MutexLock lock(&mutex_);
      answer = always_;
      if (!answers_.empty()) {
        answer = std::move(answers_.front());
        answers_.pop_front();
      }
    }
    talks.emplace_back([this, socket, answer = std::move(answer)] { Talk(socket, answer); });
  }
  for (std::thread& talk : talks) talk.join();
}

void ScriptedHttpServer::Talk(int socket, const Answer& answer) {
  Peer client(socket);
  if (answer.fault == Answer::Fault::kAtOnce) return;
  if (authority_ != nullptr && !client.StartTls(authority_->server())) return;
  std::string bytes;
  while (bytes.find("\r\n\r\n") == std::string::npos) {
    if (!client.Read(&bytes)) return;
  }
  const size_t end = bytes.find("\r\n\r\n");
  Received request;
  request.status = answer.status;
  const std::vector<std::string> lines = absl::StrSplit(bytes.substr(0, end), "\r\n");
  const std::vector<std::string> first = absl::StrSplit(lines[0], ' ');
  if (first.size() == 3) request.target = first[1];
  for (size_t i = 1; i < lines.size(); ++i) {
    const std::pair<std::string, std::string> header =
        absl::StrSplit(lines[i], absl::MaxSplits(": ", 1));
    request.headers[absl::AsciiStrToLower(header.first)] = header.second;
  }
  size_t length = 0;
  if (!absl::SimpleAtoi(request.headers["content-length"], &length)) return;
  while (bytes.size() < end + 4 + length) {
    if (!client.Read(&bytes)) return;
  }
  request.body = bytes.substr(end + 4);
  {
    absl::MutexLock lock(&mutex_);
    received_.push_back(std::move(request));
  }
  if (answer.before) answer.before();
  if (answer.fault == Answer::Fault::kAfterTheRequest) return;
  if (answer.fault == Answer::Fault::kSilent) {
    while (!stopping_ && client.Read(&bytes)) {
    }
    return;
  }
  client.Write(absl::StrCat("HTTP/1.1 ", answer.status, " whatever\r\n", answer.headers,
                            "Content-Length: ", answer.body.size(), "\r\n\r\n", answer.body));
}

}  // namespace fosterwatch::testing
