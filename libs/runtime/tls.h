// TLS between the processes of an installation, with a certificate on both sides: the gRPC port
// lets nobody in who has none of our authority, and nobody is called who has none of that name
// (docs/adr/0027). Who calls for whom is still said by the token, never by the certificate.
//
// The files are read again every second: what is put in their place is in force for connections
// that are made from then on. A file that is not there changes nothing; one that holds half a
// certificate, or another's key, lets no new connection be made until it is mended, so files are
// moved into place.
//
// Threads: all of it may be used from any thread.
#pragma once

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include <grpcpp/security/credentials.h>
#include <grpcpp/security/server_credentials.h>

#include "libs/runtime/settings.h"

namespace fosterwatch::runtime {

// A certificate that ends within this time is told of.
inline constexpr absl::Duration kCertificateSoon = absl::Hours(14 * 24);

// When certificates end.
struct CertificateEnds {
  absl::Time certificate;
  // Of the authority in our bundle that signed ours; InfinitePast where none of them did.
  absl::Time authority;
  absl::Time begin;  // of ours
};

// When the first certificate of a PEM file ends. FAILED_PRECONDITION names the file.
absl::StatusOr<absl::Time> EndOfCertificate(const std::string& file);

class Tls {
 public:
  // Null where none of the three files is named. FAILED_PRECONDITION names the setting that is
  // missing beside the others, the file that cannot be used, or that the key is another's. A
  // certificate that is over is no reason not to start: a new one may come.
  static absl::StatusOr<std::shared_ptr<const Tls>> Open(const Settings& settings);

  std::shared_ptr<grpc::ServerCredentials> ForServer() const;
  std::shared_ptr<grpc::ChannelCredentials> ForClient() const;

  // Of the files as they are now.
  absl::StatusOr<CertificateEnds> Ends() const;
  // OK while both are good for longer than kCertificateSoon; else names which is not, and until
  // when it is good (reasons CERTIFICATE_ENDS, CERTIFICATE_ENDED, CERTIFICATE_NOT_YET,
  // CERTIFICATE_UNTRUSTED).
  absl::Status Check(absl::Time now) const;

  // Of a call that found nobody: says by which certificate it failed where that can be told (reason
  // TLS_FAILED), else the same again. The words are gRPC's and OpenSSL's.
  absl::Status Explain(const std::string& service, const absl::Status& unavailable,
                       absl::Time now) const;

 private:
  Tls(std::string certificate, std::string key, std::string authority);
  const std::string certificate_file_, key_file_, authority_file_;
};

// Whether an address to listen at can be reached from this machine alone.
bool IsLoopback(const std::string& listen);

}  // namespace fosterwatch::runtime
