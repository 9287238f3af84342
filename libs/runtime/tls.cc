#include "libs/runtime/tls.h"

#include <algorithm>
#include <ctime>
#include <fstream>
#include <sstream>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include <grpcpp/security/tls_certificate_provider.h>
#include <grpcpp/security/tls_credentials_options.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "libs/status/error.h"
#include "libs/status/status_macros.h"

namespace fosterwatch::runtime {
namespace {

constexpr unsigned int kLookAgainSeconds = 1;

struct Free {
  void operator()(BIO* bio) const { BIO_free(bio); }
  void operator()(X509* certificate) const { X509_free(certificate); }
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
};
using Certificate = std::unique_ptr<X509, Free>;
using Key = std::unique_ptr<EVP_PKEY, Free>;

absl::Status Unusable(const std::string& file, absl::string_view why) {
  return absl::FailedPreconditionError(absl::StrCat(file, " ", why));
}

absl::StatusOr<std::unique_ptr<BIO, Free>> Read(const std::string& file) {
  std::ifstream stream(file);
  std::stringstream text;
  text << stream.rdbuf();
  if (!stream) return Unusable(file, "cannot be read");
  const std::string bytes = text.str();
  std::unique_ptr<BIO, Free> bio(BIO_new(BIO_s_mem()));
  BIO_write(bio.get(), bytes.data(), static_cast<int>(bytes.size()));
  return bio;
}

absl::StatusOr<std::vector<Certificate>> ReadCertificates(const std::string& file) {
  ASSIGN_OR_RETURN(const auto bio, Read(file));
  std::vector<Certificate> certificates;
  while (X509* found = PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr)) {
    certificates.emplace_back(found);
  }
  ERR_clear_error();  // of the end of the file
  if (certificates.empty()) return Unusable(file, "holds no certificate (PEM)");
  return certificates;
}

// No password is asked for at a terminal.
int NoPassword(char*, int, int, void*) { return -1; }

absl::StatusOr<Key> ReadKey(const std::string& file) {
  ASSIGN_OR_RETURN(const auto bio, Read(file));
  Key key(PEM_read_bio_PrivateKey(bio.get(), nullptr, NoPassword, nullptr));
  ERR_clear_error();
  if (key == nullptr) return Unusable(file, "holds no private key (PEM, without a password)");
  return key;
}

absl::Time TimeOf(const ASN1_TIME* time) {
  std::tm parts = {};
  if (ASN1_TIME_to_tm(time, &parts) != 1) return absl::InfinitePast();
  return absl::FromTM(parts, absl::UTCTimeZone());
}

absl::Time EndOf(const Certificate& certificate) {
  return TimeOf(X509_get0_notAfter(certificate.get()));
}

// The last end among the authorities that signed it: an older copy of one may lie beside.
absl::Time EndOfSigner(const Certificate& signed_one, const std::vector<Certificate>& bundle) {
  absl::Time end = absl::InfinitePast();
  for (const Certificate& authority : bundle) {
    if (X509_check_issued(authority.get(), signed_one.get()) != X509_V_OK) continue;
    const Key key(X509_get_pubkey(authority.get()));
    if (X509_verify(signed_one.get(), key.get()) == 1) end = std::max(end, EndOf(authority));
  }
  ERR_clear_error();
  return end;
}

std::string DayOf(absl::Time time) {
  return absl::FormatTime("%Y-%m-%d %H:%M UTC", time, absl::UTCTimeZone());
}

absl::Status Wrong(absl::string_view reason, absl::string_view what) {
  return Error(absl::StatusCode::kFailedPrecondition, reason, what);
}

}  // namespace

absl::StatusOr<absl::Time> EndOfCertificate(const std::string& file) {
  ASSIGN_OR_RETURN(const std::vector<Certificate> certificates, ReadCertificates(file));
  return EndOf(certificates.front());
}

Tls::Tls(std::string certificate, std::string key, std::string authority)
    : certificate_file_(std::move(certificate)),
      key_file_(std::move(key)),
      authority_file_(std::move(authority)) {}

absl::StatusOr<std::shared_ptr<const Tls>> Tls::Open(const Settings& settings) {
  const std::vector<std::pair<const char*, const std::string*>> named = {
      {"--grpc-cert-file", &settings.grpc_cert_file},
      {"--grpc-key-file", &settings.grpc_key_file},
      {"--grpc-ca-file", &settings.grpc_ca_file}};
  std::vector<std::string> missing;
  for (const auto& [flag, file] : named) {
    if (file->empty()) missing.emplace_back(flag);
  }
  if (missing.size() == named.size()) return nullptr;
  if (!missing.empty()) {
    return absl::FailedPreconditionError(
        absl::StrCat("TLS between the services needs a certificate, its key and an authority: ",
                     absl::StrJoin(missing, " and "), " is missing"));
  }
  ASSIGN_OR_RETURN(const std::vector<Certificate> chain, ReadCertificates(settings.grpc_cert_file));
  ASSIGN_OR_RETURN(const Key key, ReadKey(settings.grpc_key_file));
  RETURN_IF_ERROR(ReadCertificates(settings.grpc_ca_file).status());
  if (X509_check_private_key(chain.front().get(), key.get()) != 1) {
    ERR_clear_error();
    return Unusable(settings.grpc_key_file,
                    absl::StrCat("is not the key of the certificate in ", settings.grpc_cert_file));
  }
  return std::shared_ptr<const Tls>(
      new Tls(settings.grpc_cert_file, settings.grpc_key_file, settings.grpc_ca_file));
}

// TLS 1.2 is the oldest that gRPC speaks by these credentials, with its list of ciphers that have
// forward secrecy and authenticate.
std::shared_ptr<grpc::ServerCredentials> Tls::ForServer() const {
  using namespace grpc::experimental;  // NOLINT: the API has no other name in gRPC 1.51
  TlsServerCredentialsOptions options(std::make_shared<FileWatcherCertificateProvider>(
      key_file_, certificate_file_, authority_file_, kLookAgainSeconds));
  options.watch_root_certs();
  options.watch_identity_key_cert_pairs();
  options.set_cert_request_type(GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY);
  return TlsServerCredentials(options);
}

std::shared_ptr<grpc::ChannelCredentials> Tls::ForClient() const {
  using namespace grpc::experimental;  // NOLINT: as above
  TlsChannelCredentialsOptions options;
  options.set_certificate_provider(std::make_shared<FileWatcherCertificateProvider>(
      key_file_, certificate_file_, authority_file_, kLookAgainSeconds));
  options.watch_root_certs();
  options.watch_identity_key_cert_pairs();
  options.set_certificate_verifier(std::make_shared<HostNameCertificateVerifier>());
  return TlsCredentials(options);
}

absl::StatusOr<CertificateEnds> Tls::Ends() const {
  ASSIGN_OR_RETURN(const std::vector<Certificate> chain, ReadCertificates(certificate_file_));
  ASSIGN_OR_RETURN(const std::vector<Certificate> bundle, ReadCertificates(authority_file_));
  // Signed by one of the bundle, or by one that comes along and is.
  absl::Time authority = EndOfSigner(chain.front(), bundle);
  for (size_t i = 1; authority == absl::InfinitePast() && i < chain.size(); ++i) {
    authority = std::min(EndOf(chain[i]), EndOfSigner(chain[i], bundle));
  }
  return CertificateEnds{EndOf(chain.front()), authority,
                         TimeOf(X509_get0_notBefore(chain.front().get()))};
}

absl::Status Tls::Check(absl::Time now) const {
  ASSIGN_OR_RETURN(const CertificateEnds ends, Ends());
  const absl::string_view own = "this process's certificate";
  const std::string authority = absl::StrCat("the authority of ", own);
  if (now < ends.begin) {
    return Wrong("CERTIFICATE_NOT_YET",
                 absl::StrCat(own, " is not good before ", DayOf(ends.begin)));
  }
  if (now >= ends.certificate) {
    return Wrong("CERTIFICATE_ENDED", absl::StrCat(own, " ended ", DayOf(ends.certificate)));
  }
  if (ends.authority == absl::InfinitePast()) {
    return Wrong("CERTIFICATE_UNTRUSTED",
                 absl::StrCat(own, " is of none of the authorities that it trusts"));
  }
  if (now >= ends.authority) {
    return Wrong("CERTIFICATE_ENDED", absl::StrCat(authority, " ended ", DayOf(ends.authority)));
  }
  const absl::Time first = std::min(ends.certificate, ends.authority);
  if (first - now > kCertificateSoon) return absl::OkStatus();
  return Wrong("CERTIFICATE_ENDS",
               absl::StrCat(first == ends.certificate ? own : authority, " ends ", DayOf(first)));
}

absl::Status Tls::Explain(const std::string& service, const absl::Status& unavailable,
                          absl::Time now) const {
  if (!absl::IsUnavailable(unavailable) || !ReasonOf(unavailable).empty()) return unavailable;
  const absl::string_view said = unavailable.message();
  std::string why;
  if (absl::StrContains(said, "CERTIFICATE_VERIFY_FAILED") ||
      absl::StrContains(said, "certificate verify failed")) {
    why = "its certificate is over, or of an authority that is not trusted here";
  } else if (absl::StrContains(said, "Hostname Verification")) {
    why = "its certificate is for another name";
  } else if (const absl::Status own = Check(now);
             !own.ok() && ReasonOf(own) != "CERTIFICATE_ENDS") {
    why = std::string(own.message());
  } else {
    return unavailable;
  }
  return Error(absl::StatusCode::kUnavailable, "TLS_FAILED",
               absl::StrCat("no TLS with ", service, ": ", why));
}

bool IsLoopback(const std::string& listen) {
  if (absl::StartsWith(listen, "unix:")) return true;
  const absl::string_view host = absl::StripSuffix(
      absl::StripPrefix(absl::string_view(listen).substr(0, listen.rfind(':')), "["), "]");
  return host == "localhost" || host == "::1" || absl::StartsWith(host, "127.");
}

}  // namespace fosterwatch::runtime
