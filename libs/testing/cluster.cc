#include "libs/testing/cluster.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <stdexcept>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include <pwd.h>
#include <signal.h>
#include <sys/types.h>
#include <unistd.h>

#include "libs/pg/connection.h"
#include "libs/testing/await.h"

namespace fosterwatch::testing {
namespace {

namespace fs = std::filesystem;

// The newest that is installed; Debian keeps the server's programs out of the PATH.
std::string FolderOfPrograms() {
  std::error_code error;
  std::string newest;
  for (const auto& version : fs::directory_iterator("/usr/lib/postgresql", error)) {
    const std::string programs = (version.path() / "bin").string();
    if (fs::exists(programs + "/initdb", error)) newest = std::max(newest, programs);
  }
  if (newest.empty()) {
    throw std::runtime_error("no PostgreSQL server is installed in /usr/lib/postgresql");
  }
  return newest;
}

// The program and its arguments as the user that may run a server: never root.
std::vector<std::string> AsServer(std::vector<std::string> arguments) {
  if (geteuid() != 0) return arguments;
  std::vector<std::string> all = {"setpriv", "--reuid=postgres", "--regid=postgres",
                                  "--clear-groups", "--pdeathsig=QUIT"};
  all.insert(all.end(), arguments.begin(), arguments.end());
  return all;
}

Process Started(std::vector<std::string> arguments) {
  auto process = Process::Start({AsServer(std::move(arguments)), {{"LC_ALL", "C"}}, {}, ""});
  if (!process.ok()) throw std::runtime_error(process.status().ToString());
  return *std::move(process);
}

}  // namespace

Cluster::Cluster() : programs_(FolderOfPrograms()) {
  std::string folder = "/tmp/fosterwatch-pg-XXXXXX";  // short: a socket's path is
  if (mkdtemp(folder.data()) == nullptr) throw std::runtime_error("cannot make a folder in /tmp");
  folder_ = folder;
  if (geteuid() == 0) {
    const passwd* user = getpwnam("postgres");
    if (user == nullptr || chown(folder_.c_str(), user->pw_uid, user->pw_gid) != 0) {
      throw std::runtime_error("there is no user postgres to run a server as");
    }
  }
  Make();
  Start();
}

void Cluster::Make() {
  Process initdb =
      Started({programs_ + "/initdb", "--pgdata=" + folder_ + "/data", "--no-sync", "--auth=trust",
               "--username=postgres", "--encoding=UTF8", "--locale=C"});
  if (auto code = initdb.Wait(absl::Minutes(2)); !code.ok() || *code != 0) {
    throw std::runtime_error("initdb failed: " + initdb.Output());
  }
}

void Cluster::Start() {
  // What is tested is the death of processes, not of the machine: no fsync.
  server_ = std::make_unique<Process>(Started(
      {programs_ + "/postgres", "-D", folder_ + "/data", "-k", folder_, "-c", "listen_addresses=",
       "-c", "fsync=off", "-c", "max_connections=400", "-c", "shared_buffers=64MB"}));
  const bool up = AwaitTrue([&] { return pg::Connection::Open(admin()).ok(); }, absl::Minutes(1));
  if (!up) throw std::runtime_error("the server does not start: " + server_->Output());
}

void Cluster::Crash() {
  if (server_ == nullptr) return;
  server_->Kill(SIGQUIT);  // at once; its processes go with it
  server_->Wait().IgnoreError();
  server_.reset();
}

void Cluster::BackUp(const std::string& name) {
  Process copy = Started({programs_ + "/pg_basebackup", "--pgdata=" + folder_ + "/" + name,
                          "--checkpoint=fast", "--no-sync", "--dbname=" + admin()});
  if (auto code = copy.Wait(absl::Minutes(2)); !code.ok() || *code != 0) {
    throw std::runtime_error("pg_basebackup failed: " + copy.Output());
  }
}

void Cluster::Restore(const std::string& name) {
  fs::remove_all(folder_ + "/data");
  fs::rename(folder_ + "/" + name, folder_ + "/data");
}

void Cluster::Dump(const std::string& name) {
  Process dump =
      Started({programs_ + "/pg_dumpall", "--file=" + folder_ + "/" + name, "--dbname=" + admin()});
  if (auto code = dump.Wait(absl::Minutes(2)); !code.ok() || *code != 0) {
    throw std::runtime_error("pg_dumpall failed: " + dump.Output());
  }
}

void Cluster::RestoreDump(const std::string& name) {
  fs::remove_all(folder_ + "/data");
  Make();
  Start();
  // That there is a role postgres already is an error, which psql passes over.
  Process psql =
      Started({programs_ + "/psql", "--quiet", "--file=" + folder_ + "/" + name, admin()});
  if (auto code = psql.Wait(absl::Minutes(2)); !code.ok() || *code != 0) {
    throw std::runtime_error("psql failed: " + psql.Output());
  }
}

Cluster::~Cluster() {
  Crash();
  std::error_code error;
  fs::remove_all(folder_, error);
}

std::string Cluster::conninfo() const { return absl::StrCat("host=", folder_, " port=5432"); }
std::string Cluster::admin() const {
  return absl::StrCat(conninfo(), " user=postgres dbname=postgres");
}

}  // namespace fosterwatch::testing
