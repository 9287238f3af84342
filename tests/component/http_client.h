// A client for tests of HTTP/1.1: sends exactly the bytes it is given, and reads answers and their
// chunks one by one. Blocks; a wait longer than a minute fails the test.
#pragma once

#include <map>
#include <stdexcept>
#include <string>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

namespace fosterwatch::testing {

struct HttpAnswer {
  int status = 0;
  std::map<std::string, std::string> headers;  // names in lower case; of several, a line each
  std::string body;
};

class HttpConnection {
 public:
  explicit HttpConnection(uint16_t port)
      : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    timeval patience = {60, 0};
    ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
    ::setsockopt(socket_, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
    if (::connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof(address)) != 0) {
      ::close(socket_);  // what is not constructed is not destroyed
      throw std::runtime_error("cannot connect to the gateway");
    }
  }
  ~HttpConnection() { ::close(socket_); }
  HttpConnection(const HttpConnection&) = delete;
  HttpConnection& operator=(const HttpConnection&) = delete;

  // A refused client may find the connection closed half way: what was answered is still there.
  void Send(const std::string& bytes) {
    size_t sent = 0;
    while (sent < bytes.size()) {
      const ssize_t n = ::send(socket_, bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL);
      if (n <= 0) return;
      sent += static_cast<size_t>(n);
    }
  }

  // The head of an answer; for a stream its chunks follow.
  HttpAnswer ReadHead() {
    HttpAnswer answer;
    const std::string line = ReadLine();
    if (!absl::SimpleAtoi(line.substr(9, 3), &answer.status)) {
      throw std::runtime_error("no HTTP answer: " + line);
    }
    for (std::string header = ReadLine(); !header.empty(); header = ReadLine()) {
      const size_t colon = header.find(':');
      std::string& value = answer.headers[absl::AsciiStrToLower(header.substr(0, colon))];
      if (!value.empty()) value += "\n";
      value += std::string(absl::StripAsciiWhitespace(header.substr(colon + 1)));
    }
    return answer;
  }

  HttpAnswer Read(bool has_body = true) {
    HttpAnswer answer = ReadHead();
    if (answer.status == 100) return Read(has_body);
    if (answer.headers.count("transfer-encoding") != 0) {
      for (std::string chunk = ReadChunk(); !chunk.empty(); chunk = ReadChunk()) {
        answer.body += chunk;
      }
    } else if (has_body && answer.headers.count("content-length") != 0) {
      answer.body = ReadBytes(std::stoul(answer.headers["content-length"]));
    }
    return answer;
  }

  std::string ReadBytes(size_t size) {
    while (buffer_.size() < size) More();
    const std::string bytes = buffer_.substr(0, size);
    buffer_.erase(0, size);
    return bytes;
  }

  // What has come so far, at least a byte.
  std::string Rest() {
    if (buffer_.empty()) More();
    return std::exchange(buffer_, "");
  }

  // "" at the end of the stream.
  std::string ReadChunk() {
    const size_t size = std::stoul(ReadLine(), nullptr, 16);
    const std::string chunk = ReadBytes(size);
    ReadLine();
    return chunk;
  }

  void EndSending() { ::shutdown(socket_, SHUT_WR); }

  // All that still comes until the server closes.
  std::string ReadToEnd() {
    char part[4096];
    for (ssize_t n; (n = ::recv(socket_, part, sizeof(part), 0)) > 0;) {
      buffer_.append(part, static_cast<size_t>(n));
    }
    return std::exchange(buffer_, "");
  }

  // Whether the server has closed; throws away what comes before.
  bool IsClosed() {
    buffer_.clear();
    while (true) {
      char part[4096];
      const ssize_t n = ::recv(socket_, part, sizeof(part), 0);
      if (n == 0) return true;
      if (n < 0) return errno == ECONNRESET;
    }
  }

 private:
  void More() {
    char part[65536];
    const ssize_t n = ::recv(socket_, part, sizeof(part), 0);
    if (n <= 0) throw std::runtime_error("the gateway closed, or did not answer in a minute");
    buffer_.append(part, static_cast<size_t>(n));
  }

  std::string ReadLine() {
    size_t end;
    while ((end = buffer_.find("\r\n")) == std::string::npos) More();
    const std::string line = buffer_.substr(0, end);
    buffer_.erase(0, end + 2);
    return line;
  }

  const int socket_;
  std::string buffer_;
};

// The text of a request; Host and Content-Length are added.
inline std::string HttpText(const std::string& method, const std::string& target,
                            const std::map<std::string, std::string>& headers,
                            const std::string& body = "") {
  std::string text = absl::StrCat(method, " ", target, " HTTP/1.1\r\nHost: gateway.test\r\n");
  for (const auto& [name, value] : headers) absl::StrAppend(&text, name, ": ", value, "\r\n");
  if (!body.empty() || method == "POST") {
    absl::StrAppend(&text, "Content-Length: ", body.size(), "\r\n");
  }
  return absl::StrCat(text, "\r\n", body);
}

}  // namespace fosterwatch::testing
