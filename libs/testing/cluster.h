// A private PostgreSQL cluster for a test that needs databases of fixed names, as the real binaries
// have them: made by initdb in a temporary folder, reached by a unix socket only, gone with this
// object. Works as root too (the server then runs as the user postgres, which Debian's package
// makes).
#pragma once

#include <memory>
#include <string>

#include "libs/testing/process.h"

namespace fosterwatch::testing {

class Cluster {
 public:
  // Throws std::runtime_error where PostgreSQL is not installed or does not start. A second or
  // three. Call from a thread that lives as long as the cluster (see Process).
  Cluster();
  ~Cluster();
  Cluster(const Cluster&) = delete;
  Cluster& operator=(const Cluster&) = delete;

  // Ends it as a crash would, with whatever was under way; starts it again, and waits until it
  // answers. Both may throw std::runtime_error.
  void Crash();
  void Start();
  // Copies all of it while it works, as `pg_basebackup` does; and puts a copy in its place, which
  // is used up. Between Crash and Start.
  void BackUp(const std::string& name);
  void Restore(const std::string& name);
  // The same by `pg_dumpall`: what it wrote is read into a new, empty cluster in the place of this
  // one, which works afterwards.
  void Dump(const std::string& name);
  void RestoreDump(const std::string& name);

  // Conninfo without user and dbname, as FOSTERWATCH_POSTGRES has it; and of a superuser.
  std::string conninfo() const;
  std::string admin() const;

 private:
  void Make();

  const std::string programs_;
  std::string folder_;
  std::unique_ptr<Process> server_;
};

}  // namespace fosterwatch::testing
