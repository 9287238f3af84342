#include "libs/testing/database.h"

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <random>
#include <stdexcept>

#include "absl/strings/str_cat.h"
#include <unistd.h>

namespace fosterwatch::testing {
namespace {

void Check(const absl::Status& status, const std::string& doing) {
  if (!status.ok()) throw std::runtime_error(absl::StrCat(doing, ": ", status.ToString()));
}

// The process id alone may come again while a crashed run's database is still there.
std::string FreshName() {
  static std::atomic<int> count = 0;
  static const unsigned int random = std::random_device()();
  return absl::StrCat("test_", getpid(), "_", absl::Hex(random), "_", ++count);
}

}  // namespace

std::string TestCluster() {
  const char* conninfo = std::getenv("FOSTERWATCH_TEST_POSTGRES");
  if (conninfo == nullptr || *conninfo == '\0') {
    throw std::runtime_error(
        "FOSTERWATCH_TEST_POSTGRES is not set: this test needs a PostgreSQL cluster, as "
        "'./dev test' starts one");
  }
  return conninfo;
}

std::unique_ptr<pg::Connection> Connect(const std::string& conninfo) {
  auto connection = pg::Connection::Open(conninfo);
  Check(connection.status(), "connecting to the test's database");
  return *std::move(connection);
}

Database::Database(const std::string& role, const std::vector<pg::Migration>& migrations)
    : role_(role), name_(FreshName()) {
  const std::string cluster = TestCluster();
  const std::string relay = role + "_relay";
  // The last of a repeated keyword counts.
  admin_ = absl::StrCat(cluster, " dbname=", name_);
  service_ = absl::StrCat(admin_, " user=", role);
  relay_ = absl::StrCat(admin_, " user=", relay);

  const auto server = Connect(cluster);
  Check(pg::EnsureDatabase(*server, name_, {role, relay}, {"", ""}), "making the test's database");
  const auto owner = Connect(admin_);
  Check(pg::Migrate(*owner, migrations), "migrating the test's database");
}

Database::~Database() {
  auto server = pg::Connection::Open(TestCluster());
  const absl::Status dropped =
      server.ok()
          ? (*server)->Script(absl::StrCat("DROP DATABASE ", pg::QuoteName(name_), " WITH (FORCE)"))
          : server.status();
  if (!dropped.ok()) {
    std::fprintf(stderr, "test database %s stays: %s\n", name_.c_str(), dropped.ToString().c_str());
  }
}

}  // namespace fosterwatch::testing
