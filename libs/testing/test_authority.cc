#include "libs/testing/test_authority.h"

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <functional>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace fosterwatch::testing {
namespace {

constexpr long kDay = 24 * 60 * 60;

void Check(bool good, const char* what) {
  if (good) return;
  std::perror(what);
  std::abort();
}

// Signed by `issuer` (itself where null).
X509* MakeCertificate(EVP_PKEY* key, const char* name, X509* issuer, EVP_PKEY* issuer_key,
                      const TestAuthority::Options& options) {
  static long serial = 0;
  X509* certificate = X509_new();
  X509_set_version(certificate, 2);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate), ++serial);
  X509_gmtime_adj(X509_getm_notBefore(certificate), options.not_yet ? kDay / 2 : -2 * kDay);
  X509_gmtime_adj(X509_getm_notAfter(certificate), options.expired ? -kDay : options.days * kDay);
  X509_set_pubkey(certificate, key);
  X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate), "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>(name), -1, -1, 0);
  X509_set_issuer_name(certificate, X509_get_subject_name(issuer ? issuer : certificate));
  const auto extend = [&](int kind, const std::string& value) {
    X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, nullptr, kind, value.c_str());
    Check(extension != nullptr, "an extension of a certificate");
    X509_add_ext(certificate, extension, -1);
    X509_EXTENSION_free(extension);
  };
  if (issuer == nullptr) extend(NID_basic_constraints, "critical,CA:TRUE");
  if (!options.names.empty()) extend(NID_subject_alt_name, options.names);
  if (!options.usage.empty()) extend(NID_ext_key_usage, options.usage);
  Check(X509_sign(certificate, issuer_key, EVP_sha256()) > 0, "signing a certificate");
  return certificate;
}

// Whoever reads meanwhile gets the old or the new one, whole.
void WritePem(const std::string& path, const std::function<int(std::FILE*)>& write) {
  const std::string beside = path + ".new";
  std::FILE* file = std::fopen(beside.c_str(), "w");
  Check(file != nullptr && write(file) == 1, "writing PEM");
  std::fclose(file);
  std::filesystem::rename(beside, path);
}

}  // namespace

TestAuthority::TestAuthority(const Options& options) {
  char path[] = "/tmp/fosterwatch-authority.XXXXXX";
  Check(mkdtemp(path) != nullptr, "mkdtemp");
  folder_ = path;
  ca_file_ = folder_ + "/ca.pem";
  ca_key_ = EVP_EC_gen("P-256");
  Options of_authority;
  of_authority.names = "";
  of_authority.days = 1000;
  // Each has a name of its own: of two with one name, a client would try either key.
  ca_ = MakeCertificate(ca_key_, path, nullptr, ca_key_, of_authority);
  WritePem(ca_file_, [&](std::FILE* file) { return PEM_write_X509(file, ca_); });
  EVP_PKEY* key = EVP_EC_gen("P-256");
  X509* server = MakeCertificate(key, "test server", ca_, ca_key_, options);
  server_ = SSL_CTX_new(TLS_server_method());
  Check(SSL_CTX_use_certificate(server_, server) == 1 && SSL_CTX_use_PrivateKey(server_, key) == 1,
        "a TLS context");
  X509_free(server);
  EVP_PKEY_free(key);
}

TestAuthority::~TestAuthority() {
  SSL_CTX_free(server_);
  X509_free(ca_);
  EVP_PKEY_free(ca_key_);
  std::filesystem::remove_all(folder_);
}

void TestAuthority::Issue(const std::string& certificate_file, const std::string& key_file,
                          const Options& options) const {
  EVP_PKEY* key = EVP_EC_gen("P-256");
  X509* certificate = MakeCertificate(key, "test service", ca_, ca_key_, options);
  const auto write_key = [&](std::FILE* file) {
    return PEM_write_PrivateKey(file, key, nullptr, nullptr, 0, nullptr, nullptr);
  };
  const bool in_one = key_file == certificate_file;
  if (!in_one) WritePem(key_file, write_key);
  WritePem(certificate_file, [&](std::FILE* file) {
    return PEM_write_X509(file, certificate) == 1 && (!in_one || write_key(file) == 1) ? 1 : 0;
  });
  X509_free(certificate);
  EVP_PKEY_free(key);
}

Peer::Peer(int socket) : socket_(socket) {
  const timeval patience{5, 0};  // so that no client can keep the test from ending
  ::setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
}

Peer::~Peer() {
  SSL_free(ssl_);
  ::close(socket_);
}

bool Peer::StartTls(ssl_ctx_st* context) {
  ssl_ = SSL_new(context);
  SSL_set_fd(ssl_, socket_);
  return SSL_accept(ssl_) == 1;
}

bool Peer::Write(absl::string_view bytes) {
  const auto size = static_cast<ssize_t>(bytes.size());
  if (ssl_ != nullptr) return SSL_write(ssl_, bytes.data(), static_cast<int>(size)) == size;
  return ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL) == size;
}

bool Peer::Read(std::string* to) {
  char bytes[4096];
  const ssize_t count = ssl_ != nullptr ? SSL_read(ssl_, bytes, sizeof(bytes))
                                        : ::recv(socket_, bytes, sizeof(bytes), 0);
  if (count <= 0) return false;
  to->append(bytes, static_cast<size_t>(count));
  return true;
}

int Listen(int* port) {
  std::signal(SIGPIPE, SIG_IGN);  // OpenSSL writes without MSG_NOSIGNAL
  const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  Check(listener >= 0, "socket");
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  Check(::bind(listener, reinterpret_cast<sockaddr*>(&address), size) == 0, "bind");
  Check(::listen(listener, 64) == 0, "listen");
  Check(::getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size) == 0, "getsockname");
  *port = ntohs(address.sin_port);
  return listener;
}

int AcceptSoon(int listener) {
  pollfd waiting{listener, POLLIN, 0};
  if (::poll(&waiting, 1, 20) <= 0) return -1;
  return ::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
}

}  // namespace fosterwatch::testing
