// TLS between services, with a certificate on both sides: who gets in, who does not, and what is
// said of it; and that certificates change under calls that go on.
#include "libs/runtime/tls.h"

#include <filesystem>
#include <fstream>
#include <functional>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include <grpcpp/create_channel.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/security/credentials.h>
#include <openssl/ssl.h>

#include "libs/testing/test_authority.h"
#include "tests/component/door_fixture.h"

namespace fosterwatch::runtime {
namespace {

using fosterwatch::testing::TestAuthority;
using ::testing::HasSubstr;

class TlsTest : public DoorTest {
 protected:
  // Files of one process under `name` in the test's folder.
  Settings Of(const std::string& name, const TestAuthority& authority,
              const TestAuthority::Options& options = {}) {
    Settings settings;
    settings.grpc_cert_file = absl::StrCat(folder_, "/", name, ".pem");
    settings.grpc_key_file = absl::StrCat(folder_, "/", name, ".key");
    settings.grpc_ca_file = absl::StrCat(folder_, "/", name, "-ca.pem");
    authority.Issue(settings.grpc_cert_file, settings.grpc_key_file, options);
    Trust(settings, {&authority});
    return settings;
  }

  // Whom the process trusts from now on.
  static void Trust(const Settings& settings,
                    const std::vector<const TestAuthority*>& authorities) {
    const std::string beside = settings.grpc_ca_file + ".new";
    std::ofstream bundle(beside);
    for (const TestAuthority* authority : authorities) {
      bundle << std::ifstream(authority->ca_file()).rdbuf();
    }
    bundle.close();
    std::filesystem::rename(beside, settings.grpc_ca_file);
  }

  void Shut() {
    door_->Close(absl::Seconds(5));
    server_->Shutdown();
    server_.reset();
    door_.reset();
  }

  void OpenWith(const Settings& settings) {
    const auto tls = Tls::Open(settings);
    ASSERT_THAT(tls.status(), IsOk());
    credentials_ = (*tls)->ForServer();
    Open(AnswersItsId());
  }

  // By a connection of its own.
  absl::Status CallWith(const Settings& settings) {
    const auto tls = Tls::Open(settings);
    if (!tls.ok()) return tls.status();
    client_ = std::make_unique<Client>(
        [this](const std::string&) { return absl::StrCat("127.0.0.1:", port_); }, *tls);
    Client::Options options = Caseworker();
    options.timeout = absl::Seconds(10);
    return Get(options).status();
  }

  // Files are read again every second.
  bool Soon(const std::function<bool()>& true_soon) {
    const absl::Time until = absl::Now() + absl::Seconds(20);
    while (absl::Now() < until) {
      if (true_soon()) return true;
    }
    return false;
  }

  TestAuthority ours_;
  TestAuthority strangers_;
};

TEST_F(TlsTest, ACallerWithACertificateOfOursIsLetIn) {
  OpenWith(Of("server", ours_));
  EXPECT_THAT(CallWith(Of("client", ours_)), IsOk());
  EXPECT_THAT(client_->CheckHealth("directory", absl::Seconds(5)), IsOk());
}

TEST_F(TlsTest, NobodyElseIsLetIn) {
  OpenWith(Of("server", ours_));
  const Settings good = Of("client", ours_);
  struct Case {
    const char* what;
    const TestAuthority* by;
    TestAuthority::Options options;
    std::string says;
  };
  const std::vector<Case> cases = {
      {"of a stranger", &strangers_, {}, "of none of the authorities"},
      {"expired", &ours_, {.expired = true}, "certificate ended"},
      {"not good yet", &ours_, {.not_yet = true}, "is not good before"},
      {"for servers only", &ours_, {.usage = "serverAuth"}, ""},
  };
  for (const Case& c : cases) {
    Settings bad = Of("bad", *c.by, c.options);
    Trust(bad, {&ours_});
    const absl::Status refused = CallWith(bad);
    EXPECT_THAT(refused, StatusIs(absl::StatusCode::kUnavailable, HasSubstr(c.says))) << c.what;
    EXPECT_THAT(refused, HasReason(c.says.empty() ? "" : "TLS_FAILED")) << c.what;
    EXPECT_THAT(CallWith(good), IsOk()) << "after one " << c.what;
  }
  // In clear.
  EXPECT_THAT(CallWith({}), StatusIs(absl::StatusCode::kUnavailable));
  // By TLS, without a certificate.
  grpc::SslCredentialsOptions anonymous;
  std::stringstream ca;
  ca << std::ifstream(ours_.ca_file()).rdbuf();
  anonymous.pem_root_certs = ca.str();
  const auto channel =
      grpc::CreateChannel(absl::StrCat("127.0.0.1:", port_), grpc::SslCredentials(anonymous));
  grpc::GenericStub stub(channel);
  grpc::ClientContext context;
  context.set_deadline(absl::ToChronoTime(absl::Now() + absl::Seconds(10)));
  const grpc::Slice nothing("");
  grpc::ByteBuffer request(&nothing, 1), response;
  absl::Notification done;
  stub.UnaryCall(&context, "/grpc.health.v1.Health/Check", {}, &request, &response,
                 [&](const grpc::Status& status) {
                   EXPECT_EQ(status.error_code(), grpc::StatusCode::UNAVAILABLE);
                   done.Notify();
                 });
  done.WaitForNotification();
  EXPECT_THAT(CallWith(good), IsOk());
}

TEST_F(TlsTest, NobodyElseIsCalled) {
  struct Case {
    const char* what;
    const TestAuthority* by;
    TestAuthority::Options options;
    std::string says;
  };
  const std::vector<Case> cases = {
      {"of a stranger", &strangers_, {}, "of an authority that is not trusted here"},
      {"expired", &ours_, {.expired = true}, "is over"},
      {"of another name", &ours_, {.names = "DNS:elsewhere,IP:127.0.0.2"}, "for another name"},
  };
  for (const Case& c : cases) {
    Settings server = Of("server", *c.by, c.options);
    Trust(server, {&ours_});
    OpenWith(server);
    EXPECT_THAT(
        CallWith(Of("client", ours_)),
        AllOf(StatusIs(absl::StatusCode::kUnavailable, HasSubstr(c.says)), HasReason("TLS_FAILED")))
        << c.what;
    EXPECT_THAT(client_->CheckHealth("directory", absl::Seconds(5)), HasReason("TLS_FAILED"));
    Shut();
  }
}

TEST_F(TlsTest, CertificatesAndTheirAuthorityChangeUnderCallsThatGoOn) {
  Settings server = Of("server", ours_);
  // In one file, the certificate and its key are never seen apart.
  server.grpc_key_file = server.grpc_cert_file;
  ours_.Issue(server.grpc_cert_file, server.grpc_key_file, {});
  const Settings client = Of("client", ours_);
  const Settings old_client = Of("old-client", ours_);
  const Settings new_client = Of("new-client", strangers_);
  Trust(new_client, {&ours_, &strangers_});
  Trust(old_client, {&ours_, &strangers_});
  OpenWith(server);
  ASSERT_THAT(CallWith(client), IsOk());
  // It keeps its connection and its credentials throughout.
  const std::unique_ptr<Client> lasting = std::move(client_);
  const auto lasts = [&] {
    GetBodyRequest request;
    return lasting->Call<Body>("directory", kService, "GetBody", request, Caseworker()).ok();
  };
  ASSERT_TRUE(lasts());
  EXPECT_THAT(CallWith(new_client), StatusIs(absl::StatusCode::kUnavailable));

  // The new authority is trusted beside the old one, by all.
  Trust(server, {&ours_, &strangers_});
  Trust(client, {&ours_, &strangers_});
  EXPECT_TRUE(Soon([&] { return CallWith(new_client).ok(); }));
  EXPECT_THAT(CallWith(client), IsOk());
  EXPECT_TRUE(lasts());

  // Each gets a certificate of the new one. Its server shows it to who trusts the new one alone.
  strangers_.Issue(server.grpc_cert_file, server.grpc_key_file, {});
  strangers_.Issue(client.grpc_cert_file, client.grpc_key_file, {});
  Trust(new_client, {&strangers_});
  EXPECT_TRUE(Soon([&] { return CallWith(new_client).ok(); }));
  EXPECT_THAT(CallWith(client), IsOk());
  EXPECT_TRUE(lasts());

  // The old one goes.
  Trust(server, {&strangers_});
  Trust(client, {&strangers_});
  EXPECT_TRUE(Soon([&] { return !CallWith(old_client).ok(); }));
  EXPECT_THAT(CallWith(client), IsOk());
  EXPECT_TRUE(lasts());

  // And who has lasted connects anew, to another server, with what its files say by now.
  Shut();
  OpenWith(server);
  EXPECT_TRUE(Soon(lasts));
}

TEST_F(TlsTest, FilesThatAreNotThereChangeNothingAndHalfOfOneHeals) {
  const Settings server = Of("server", ours_);
  const Settings client = Of("client", ours_);
  OpenWith(server);
  ASSERT_THAT(CallWith(client), IsOk());
  const auto tls = *Tls::Open(server);
  for (const std::string& file : {server.grpc_cert_file, server.grpc_ca_file}) {
    std::filesystem::rename(file, file + ".away");
  }
  EXPECT_THAT(tls->Check(absl::Now()), StatusIs(absl::StatusCode::kFailedPrecondition));
  const absl::Time until = absl::Now() + absl::Seconds(3);
  while (absl::Now() < until) ASSERT_THAT(CallWith(client), IsOk());

  std::filesystem::rename(server.grpc_ca_file + ".away", server.grpc_ca_file);
  std::ofstream(server.grpc_cert_file) << "-----BEGIN CERTIFICATE-----\nMIIB";
  EXPECT_TRUE(Soon([&] { return !CallWith(client).ok(); }));
  std::filesystem::rename(server.grpc_cert_file + ".away", server.grpc_cert_file);
  EXPECT_TRUE(Soon([&] { return CallWith(client).ok(); }));
  EXPECT_THAT(tls->Check(absl::Now()), HasReason("CERTIFICATE_ENDS"));
}

// Whether the server agrees on this version and, of TLS 1.2, one of these ciphers.
bool Agrees(int port, const Settings& client, int version, const char* ciphers) {
  SSL_CTX* context = SSL_CTX_new(TLS_client_method());
  SSL_CTX_set_security_level(context, 0);
  SSL_CTX_set_min_proto_version(context, version);
  SSL_CTX_set_max_proto_version(context, version);
  if (ciphers != nullptr) {
    EXPECT_EQ(SSL_CTX_set_cipher_list(context, ciphers), 1) << ciphers;
  }
  SSL_CTX_use_certificate_file(context, client.grpc_cert_file.c_str(), SSL_FILETYPE_PEM);
  SSL_CTX_use_PrivateKey_file(context, client.grpc_key_file.c_str(), SSL_FILETYPE_PEM);
  BIO* connection = BIO_new_ssl_connect(context);
  BIO_set_conn_hostname(connection, absl::StrCat("127.0.0.1:", port).c_str());
  const bool agreed = BIO_do_connect(connection) == 1 && BIO_do_handshake(connection) == 1;
  BIO_free_all(connection);
  SSL_CTX_free(context);
  return agreed;
}

TEST_F(TlsTest, OldProtocolsAreNotSpoken) {
  OpenWith(Of("server", ours_));
  const Settings client = Of("client", ours_);
  EXPECT_FALSE(Agrees(port_, client, TLS1_1_VERSION, nullptr));
  EXPECT_TRUE(Agrees(port_, client, TLS1_2_VERSION, nullptr));
  EXPECT_TRUE(Agrees(port_, client, TLS1_3_VERSION, nullptr));
}

TEST_F(TlsTest, WeakCiphersAreNotSpoken) {
  OpenWith(Of("server", ours_));
  const Settings client = Of("client", ours_);
  const auto agrees = [&](const char* ciphers) {
    return Agrees(port_, client, TLS1_2_VERSION, ciphers);
  };
  for (const char* weak : {
           "aNULL",                 // of nobody
           "eNULL",                 // in clear
           "kRSA",                  // opened by a key that is stolen later
           "ECDHE+SHA1",            // by blocks, with SHA-1
           "ECDHE+SHA256",          // by blocks
           "ECDHE+SHA384:!AESGCM",  // by blocks
           "CAMELLIA",
           "ARIA",
       }) {
    EXPECT_FALSE(agrees(weak)) << weak;
  }
  EXPECT_TRUE(agrees("ECDHE+AESGCM"));
}

TEST_F(TlsTest, AllThreeFilesOrNone) {
  const Settings good = Of("server", ours_);
  const Settings other = Of("other", ours_);
  EXPECT_EQ(*Tls::Open({}), nullptr);
  struct Case {
    std::function<void(Settings&)> change;
    std::string says;
  };
  const std::string nothing = folder_ + "/nothing";
  const std::string empty = folder_ + "/empty";
  std::ofstream{empty};
  const std::vector<Case> cases = {
      {[](Settings& s) { s.grpc_key_file.clear(); }, "--grpc-key-file is missing"},
      {[](Settings& s) { s.grpc_cert_file = s.grpc_ca_file = ""; },
       "--grpc-cert-file and --grpc-ca-file is missing"},
      {[&](Settings& s) { s.grpc_cert_file = nothing; }, nothing + " cannot be read"},
      {[&](Settings& s) { s.grpc_ca_file = empty; }, empty + " holds no certificate"},
      {[&](Settings& s) { s.grpc_key_file = s.grpc_cert_file; }, "holds no private key"},
      {[&](Settings& s) { s.grpc_key_file = other.grpc_key_file; }, "is not the key of"},
  };
  for (const Case& c : cases) {
    Settings settings = good;
    c.change(settings);
    EXPECT_THAT(Tls::Open(settings).status(),
                StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr(c.says)));
  }
}

TEST_F(TlsTest, SaysWhatIsWrongWithItsOwnBeforeAnybodyElseDoes) {
  struct Case {
    TestAuthority::Options options;
    const TestAuthority* trusted;
    std::string reason;
  };
  for (const Case& c : std::vector<Case>{{{.days = 15}, &ours_, ""},
                                         {{.days = 13}, &ours_, "CERTIFICATE_ENDS"},
                                         {{.expired = true}, &ours_, "CERTIFICATE_ENDED"},
                                         {{.not_yet = true}, &ours_, "CERTIFICATE_NOT_YET"},
                                         {{.days = 15}, &strangers_, "CERTIFICATE_UNTRUSTED"}}) {
    const Settings settings = Of("one", ours_, c.options);
    Trust(settings, {c.trusted});
    const absl::Status status = (*Tls::Open(settings))->Check(absl::Now());
    if (c.reason.empty()) {
      EXPECT_THAT(status, IsOk());
    } else {
      EXPECT_THAT(status, HasReason(c.reason));
    }
  }
  const Settings settings = Of("one", ours_, {.days = 15});
  EXPECT_GT(*EndOfCertificate(settings.grpc_cert_file), absl::Now() + absl::Hours(14 * 24));
}

TEST(IsLoopbackTest, TellsThisMachineFromOthers) {
  for (const char* here :
       {"127.0.0.1:7410", "127.8.0.1:0", "[::1]:7410", "localhost:7410", "unix:/run/fosterwatch"}) {
    EXPECT_TRUE(IsLoopback(here)) << here;
  }
  for (const char* open :
       {"0.0.0.0:7410", "[::]:7410", "10.0.0.7:7410", "directory:7410", ":7410"}) {
    EXPECT_FALSE(IsLoopback(open)) << open;
  }
}

}  // namespace
}  // namespace fosterwatch::runtime
