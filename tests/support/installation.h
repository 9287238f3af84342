// A Fosterwatch of a test's own: the real binary `fosterwatch serve` on a private PostgreSQL, with
// clients that hold tokens of its local issuer. It can be killed and started again; what it has
// recorded stays.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"

#include "fosterwatch/options/v1/options.pb.h"
#include "libs/auth/token.h"
#include "libs/bus/bus.h"
#include "libs/pg/connection.h"
#include "libs/runtime/client.h"
#include "libs/testing/cluster.h"
#include "libs/testing/process.h"

namespace fosterwatch::testing {

// A port of 127.0.0.1 that nobody has, nor gets before the test ends, but who asks for this very
// one (with SO_REUSEADDR). Throws std::runtime_error where there is none.
uint16_t FreePort();

// Who calls, for which agency.
struct Person {
  std::string agency_id;
  std::string person_id = "caseworker-1";
  std::vector<options::v1::Role> roles = {options::v1::ROLE_CASEWORKER};
  std::vector<std::string> other_agencies = {};
};

class Installation {
 public:
  struct Options {
    std::string bus = "postgres";
    std::string kafka;          // bootstrap servers, for bus = "kafka"
    std::string share_dir;      // empty: the build's own
    bool certificates = false;  // TLS between services, by an authority of its own
  };

  // Makes databases, keys and, on PostgreSQL, topics; starts nothing. FOSTERWATCH_BIN_DIR names the
  // folder of the binaries. Throws std::runtime_error where something is missing.
  explicit Installation(Options options);
  ~Installation();

  // `fosterwatch serve` with these settings besides its own.
  void Start(const std::map<std::string, std::string>& settings = {});
  // Whether calls are taken and all that they need is there.
  bool AwaitReady(absl::Duration timeout = absl::Seconds(60));
  Process& process() { return *process_; }
  // Runs another command of the binary to its end; its exit code. What it says is shown where that
  // is not 0.
  int Run(std::vector<std::string> arguments, absl::Duration timeout = absl::Minutes(2));
  // The same with settings of its own; shows nothing.
  int RunWith(std::vector<std::string> arguments,
              const std::map<std::string, std::string>& settings,
              absl::Duration timeout = absl::Minutes(2), std::string* output = nullptr);

  std::string TokenOf(const Person& person);

  // One RPC, as "fosterwatch.directory.v1.DirectoryService".
  template <typename Response>
  absl::StatusOr<Response> Call(const Person& person, const std::string& full_service,
                                const std::string& method, const google::protobuf::Message& request,
                                absl::Duration timeout = absl::Seconds(60)) {
    return client_.Call<Response>(RouteOf(full_service), full_service, method, request,
                                  {.token = TokenOf(person), .timeout = timeout});
  }

  // From here on calls of a service ("notifiable-events") go to a process of its own at this
  // address; those of all others to the one that Start has started. Before other threads call.
  void Route(const std::string& service, const std::string& address) { routes_[service] = address; }

  runtime::Client& client() { return client_; }
  const std::string& grpc_address() const { return grpc_address_; }
  uint16_t http_port() const { return http_port_; }
  const std::string& folder() const { return folder_; }
  const Cluster& cluster() const { return cluster_; }
  Cluster& cluster() { return cluster_; }

  // A superuser's connection to a service's database.
  std::unique_ptr<pg::Connection> Database(const std::string& service) const;
  // The same bus that the binary is on.
  std::unique_ptr<bus::Bus> OpenBus() const;

  // What `fosterwatch serve` is told, for another process of the same installation.
  std::map<std::string, std::string> Settings() const;

 private:
  // "any" where it is the one process's.
  std::string RouteOf(const std::string& full_service) const;

  const Options options_;
  Cluster cluster_;
  const std::string folder_;
  std::string grpc_address_;
  uint16_t http_port_ = 0;
  std::map<std::string, std::string> routes_;
  std::unique_ptr<auth::LocalIssuer> issuer_;
  runtime::Client client_;
  std::unique_ptr<Process> process_;
};

}  // namespace fosterwatch::testing
