// The disk is full under PostgreSQL, its log of transactions, the data folder and our own log: what
// is written is refused with a code that says so, what was acknowledged stays, and all goes on by
// itself once there is room. reliability.md J1, F8.
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <map>
#include <stdexcept>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <unistd.h>

#include "fosterwatch/directory/v1/directory_service.pb.h"
#include "libs/testing/await.h"
#include "libs/testing/process.h"
#include "libs/testing/status_matchers.h"
#include "tests/faults/scale.h"
#include "tests/support/agency.h"
#include "tests/support/installation.h"

namespace fosterwatch::faults {
namespace {

using ::fosterwatch::testing::Agency;
using ::fosterwatch::testing::AwaitTrue;
using ::fosterwatch::testing::Installation;
using ::fosterwatch::testing::IsOk;
using ::fosterwatch::testing::Process;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kDirectory[] = "fosterwatch.directory.v1.DirectoryService";

void Write(const std::string& path, const std::string& text) { std::ofstream(path) << text; }

void Must(bool done, const std::string& doing) {
  if (done) return;
  throw std::runtime_error(
      absl::StrCat("no disk can be mounted here, so nothing of this is shown: "
                   "run it as root, or allow user namespaces (",
                   doing, ": ", std::strerror(errno), ")"));
}

// As root, or as anybody where the kernel lets people have namespaces of their own.
void HaveMountsOfOnesOwn() {
  const uid_t user = getuid();
  const gid_t group = getgid();
  if (unshare(CLONE_NEWNS) != 0) {
    Must(unshare(CLONE_NEWUSER | CLONE_NEWNS) == 0, "unshare");
    Write("/proc/self/setgroups", "deny");
    Write("/proc/self/uid_map", absl::StrCat(user, " ", user, " 1"));
    Write("/proc/self/gid_map", absl::StrCat(group, " ", group, " 1"));
  }
  Must(mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0, "mount");
}

// One small disk under the cluster and the data folder of an installation that has not started yet;
// seen by this thread and what it starts, and gone with them. Throws std::runtime_error where there
// can be none: a test that skips proves nothing.
class SmallDisk {
 public:
  SmallDisk(Installation* installation, const std::string& size) {
    HaveMountsOfOnesOwn();
    std::string path = "/tmp/fosterwatch-disk-XXXXXX";
    Must(mkdtemp(path.data()) != nullptr, "mkdtemp");
    path_ = path;
    const std::string options = absl::StrCat("mode=0755,size=", size);
    Must(mount("tmpfs", path_.c_str(), "tmpfs", 0, options.c_str()) == 0, "mount");
    const std::string conninfo = installation->cluster().conninfo();
    const std::string cluster = conninfo.substr(5, conninfo.find(' ') - 5);  // host=
    installation->Database("directory")->Script("CHECKPOINT").IgnoreError();
    installation->cluster().Crash();
    Move(absl::StrCat(cluster, "/data"), "data");
    Move(installation->folder(), "own");
    installation->cluster().Start();
  }
  ~SmallDisk() {
    for (const std::string& place : places_) umount2(place.c_str(), MNT_DETACH);
    umount2(path_.c_str(), MNT_DETACH);
    rmdir(path_.c_str());
  }

  // All the room that there is, to the last byte.
  void Fill() {
    const int file = open(Filler().c_str(), O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
    const std::string zeros(1 << 16, '\0');
    for (size_t piece = zeros.size(); piece > 0;) {
      if (write(file, zeros.data(), piece) <= 0) piece /= 2;
    }
    close(file);
  }
  void Empty() { unlink(Filler().c_str()); }

 private:
  std::string Filler() const { return path_ + "/filler"; }
  void Move(const std::string& place, const std::string& name) {
    const std::string there = absl::StrCat(path_, "/", name);
    auto copy = Process::Start({{"/bin/cp", "-a", place, there}, {}, {}, ""});
    Must(copy.ok() && copy->Wait().value_or(-1) == 0, "cp");
    Must(mount(there.c_str(), place.c_str(), nullptr, MS_BIND, nullptr) == 0, "bind");
    places_.push_back(place);
  }

  std::string path_;
  std::vector<std::string> places_;
};

TEST(DiskFullTest, WritesAreRefusedWithACodeAndTakenAgainOnceThereIsRoom) {
  Installation installation({});
  SmallDisk disk(&installation, "700m");
  installation.Start();
  ASSERT_TRUE(installation.AwaitReady()) << installation.process().Output();
  const Agency agency(&installation, "agency-a");
  std::map<std::string, std::string> acknowledged;  // request id to event id
  std::map<absl::StatusCode, int> refused;
  int number = 0;
  const auto report = [&] {
    notifiable_events::v1::ReportEventRequest request;
    request.set_request_id(absl::StrCat("disk-", number++));
    *request.mutable_report() = agency.Report(notifiable_events::v1::EVENT_KIND_CHILD_MISSING);
    request.mutable_report()->set_summary(std::string(4'000, 'x'));
    const auto event = agency.Call(agency.Caseworker(), "ReportEvent", request);
    if (event.ok()) {
      acknowledged[request.request_id()] = event->event_id();
    } else {
      ++refused[event.status().code()];
    }
    return event.status();
  };
  const auto list_bodies = [&] {
    return installation
        .Call<directory::v1::ListBodiesResponse>({"agency-a"}, kDirectory, "ListBodies",
                                                 directory::v1::ListBodiesRequest())
        .status();
  };
  for (int i = 0; i < 5; ++i) ASSERT_THAT(report(), IsOk());

  for (int time = 0; time < Scaled(2, 10); ++time) {
    // What was written so far is on the disk, and the log of transactions has room of its own.
    ASSERT_THAT(installation.Database("directory")->Script("CHECKPOINT"), IsOk());
    disk.Fill();
    const int before = static_cast<int>(acknowledged.size());
    absl::Status last;
    ASSERT_TRUE(AwaitTrue([&] { return !(last = report()).ok(); }, absl::Seconds(60)));
    EXPECT_THAT(last.message(), Not(HasSubstr("base/"))) << "where files are is nobody's business";
    // What is not about people is still to be had; of people nothing is shown that cannot be
    // kept.
    EXPECT_THAT(list_bodies(), IsOk());
    for (int i = 0; i < 10; ++i) report().IgnoreError();
    std::string doctor;
    EXPECT_NE(installation.RunWith({"doctor"}, {}, absl::Minutes(1), &doctor), 0);
    EXPECT_THAT(doctor, HasSubstr(" is full: "));
    EXPECT_THAT(doctor, HasSubstr("No space left on device")) << "of the database";
    EXPECT_TRUE(installation.process().Running());
    std::printf("full: %d more taken, then refused: %s\n",
                static_cast<int>(acknowledged.size()) - before, last.ToString().c_str());
    disk.Empty();
    ASSERT_TRUE(AwaitTrue([&] { return report().ok(); }, absl::Seconds(60)))
        << installation.process().Output();
    EXPECT_TRUE(installation.AwaitReady(absl::Seconds(30)));
  }
  // The log of transactions has no room either: PostgreSQL ends, as it says it does; whoever runs
  // it starts it again once there is some, and nothing of ours has to be.
  disk.Fill();
  const auto writer = installation.Database("directory");
  EXPECT_TRUE(AwaitTrue([&] {
    return !writer->Query("SELECT pg_logical_emit_message(true, 'full', repeat('x', 1000))").ok() ||
           !writer->Query("SELECT pg_switch_wal()").ok();
  }));
  EXPECT_TRUE(AwaitTrue([&] { return absl::IsUnavailable(report()); }));
  EXPECT_TRUE(installation.process().Running());
  disk.Empty();
  installation.cluster().Crash();
  installation.cluster().Start();
  ASSERT_TRUE(AwaitTrue([&] { return report().ok(); }, absl::Seconds(60)))
      << installation.process().Output();
  for (const auto& [code, times] : refused) {
    std::printf("refused with %s: %d\n", absl::StatusCodeToString(code).c_str(), times);
    EXPECT_TRUE(code == absl::StatusCode::kResourceExhausted ||
                code == absl::StatusCode::kUnavailable)
        << absl::StatusCodeToString(code);
  }
  EXPECT_FALSE(refused.empty());
  // Each that was acknowledged is there, under its id, and raises its alert.
  const auto facts = installation.Database("notifiable_events");
  for (const auto& [request_id, event_id] : acknowledged) {
    EXPECT_EQ(facts
                  ->Query("SELECT count(*) FROM ledger.fact WHERE aggregate_id = $1"
                          " AND name = 'event_reported'",
                          {event_id})
                  .value()
                  .Int(0, 0),
              1)
        << request_id;
  }
  const auto alerts = installation.Database("notifications");
  EXPECT_TRUE(AwaitTrue(
      [&] {
        return alerts->Query("SELECT count(DISTINCT event_id) FROM view.alert").value().Int(0, 0) >=
               static_cast<int64_t>(acknowledged.size());
      },
      absl::Seconds(60)));
}

}  // namespace
}  // namespace fosterwatch::faults
