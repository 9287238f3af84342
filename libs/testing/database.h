// A fresh database for a test, on the cluster that FOSTERWATCH_TEST_POSTGRES names (the conninfo of
// a superuser); ./dev test sets it. Where it is missing, or the cluster is away, the test fails: a
// test that skips proves nothing. Several test processes may run at once.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "libs/pg/connection.h"
#include "libs/pg/migrate.h"

namespace fosterwatch::testing {

class Database {
 public:
  // Makes a database of its own, the roles `role` and `role`_relay (which stay in the cluster), and
  // applies the migrations. Throws std::runtime_error, which fails the test, where it cannot.
  explicit Database(const std::string& role, const std::vector<pg::Migration>& migrations = {});
  // Drops the database, and cuts off whoever is still connected to it.
  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  // To this database: as superuser, as the service's role, as its relay role.
  const std::string& admin() const { return admin_; }
  const std::string& service() const { return service_; }
  const std::string& relay() const { return relay_; }
  const std::string& name() const { return name_; }
  const std::string& role() const { return role_; }

 private:
  const std::string role_;
  const std::string name_;
  std::string admin_;
  std::string service_;
  std::string relay_;
};

// The conninfo in FOSTERWATCH_TEST_POSTGRES; throws std::runtime_error where there is none.
std::string TestCluster();

// Throws std::runtime_error where it cannot connect.
std::unique_ptr<pg::Connection> Connect(const std::string& conninfo);

}  // namespace fosterwatch::testing
