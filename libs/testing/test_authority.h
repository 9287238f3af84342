// A certificate authority of a test, and one end of a connection that may speak TLS under it.
#pragma once

#include <string>

#include "absl/strings/string_view.h"

struct evp_pkey_st;
struct ssl_ctx_st;
struct ssl_st;
struct x509_st;

namespace fosterwatch::testing {

// Makes an authority and the certificate of a server, in a folder of its own that goes with it, and
// further certificates.
class TestAuthority {
 public:
  struct Options {
    std::string names = "IP:127.0.0.1,DNS:localhost";  // a subjectAltName as OpenSSL writes it
    bool expired = false;
    bool not_yet = false;
    std::string usage;  // an extendedKeyUsage as OpenSSL writes it; empty: for anything
    int days = 1;       // how long it is good
  };
  TestAuthority() : TestAuthority(Options()) {}
  explicit TestAuthority(const Options& options);
  ~TestAuthority();
  TestAuthority(const TestAuthority&) = delete;
  TestAuthority& operator=(const TestAuthority&) = delete;

  // For clients that are to trust it; PEM.
  const std::string& ca_file() const { return ca_file_; }
  ssl_ctx_st* server() const { return server_; }

  // Writes another certificate and its key, PEM, perhaps into one file; what is there is replaced,
  // each file at once.
  void Issue(const std::string& certificate_file, const std::string& key_file,
             const Options& options) const;

 private:
  std::string folder_;
  std::string ca_file_;
  x509_st* ca_ = nullptr;
  evp_pkey_st* ca_key_ = nullptr;
  ssl_ctx_st* server_ = nullptr;
};

// The server's end of a connection, closed with it. Blocks; gives up after five silent seconds.
class Peer {
 public:
  explicit Peer(int socket);
  ~Peer();
  Peer(const Peer&) = delete;
  Peer& operator=(const Peer&) = delete;

  // From now on it speaks TLS; false where the client does not go along.
  bool StartTls(ssl_ctx_st* context);
  bool Write(absl::string_view bytes);
  // Appends what comes next; false where the client is gone or silent.
  bool Read(std::string* to);

 private:
  const int socket_;
  ssl_st* ssl_ = nullptr;
};

// A socket that listens on a port of its own of 127.0.0.1.
int Listen(int* port);
// The next connection, or -1 after 20 ms without one.
int AcceptSoon(int listener);

}  // namespace fosterwatch::testing
