// The real binary starts before what it stands on, loses it, and has it back, without a restart;
// meanwhile it lives, and says what is missing. A database that takes no more connections is an
// answer, not a wait. reliability.md F4, J7.
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include <signal.h>

#include "fosterwatch/directory/v1/directory_service.pb.h"
#include "libs/testing/await.h"
#include "libs/testing/status_matchers.h"
#include "libs/testing/tcp_gate.h"
#include "tests/component/http_client.h"
#include "tests/support/installation.h"

namespace fosterwatch::faults {
namespace {

using ::fosterwatch::testing::AwaitTrue;
using ::fosterwatch::testing::HttpAnswer;
using ::fosterwatch::testing::HttpConnection;
using ::fosterwatch::testing::HttpText;
using ::fosterwatch::testing::Installation;
using ::fosterwatch::testing::IsOk;
using ::fosterwatch::testing::StatusIs;
using ::fosterwatch::testing::TcpGate;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kDirectory[] = "fosterwatch.directory.v1.DirectoryService";

class StartTest : public ::testing::Test {
 protected:
  StartTest() : installation_({}), gate_(SocketOf(installation_.cluster().conninfo())) {}

  // "host=/folder port=5432"
  static std::string SocketOf(const std::string& conninfo) {
    const std::string folder = conninfo.substr(5, conninfo.find(' ') - 5);
    return absl::StrCat(folder, "/.s.PGSQL.5432");
  }

  void Start() {
    installation_.Start(
        {{"FOSTERWATCH_POSTGRES", absl::StrCat("host=127.0.0.1 port=", gate_.port(),
                                               " sslmode=disable gssencmode=disable")}});
  }
  // Status 0 where nobody listens yet.
  HttpAnswer Get(const std::string& path) {
    try {
      HttpConnection connection(installation_.http_port());
      connection.Send(HttpText("GET", path, {}));
      return connection.Read();
    } catch (const std::exception&) {
      return {};
    }
  }
  absl::Status ListBodies() {
    return installation_
        .Call<directory::v1::ListBodiesResponse>({"agency-a"}, kDirectory, "ListBodies",
                                                 directory::v1::ListBodiesRequest())
        .status();
  }

  Installation installation_;
  TcpGate gate_;
};

TEST_F(StartTest, StartsBeforeItsDatabaseLosesItAndHasItBack) {
  gate_.StopAccepting();
  Start();
  // It lives, is not ready, and says why.
  ASSERT_TRUE(AwaitTrue([&] { return Get("/livez").status == 200; }, absl::Seconds(60)))
      << installation_.process().Output();
  ASSERT_TRUE(AwaitTrue([&] {
    return Get("/readyz").body.find(
               "[-] directory database is not ready: it cannot be reached\n") != std::string::npos;
  })) << Get("/readyz").body;
  EXPECT_THAT(Get("/readyz").body, HasSubstr("[-] bus is not ready: it cannot be reached\n"));
  EXPECT_THAT(Get("/readyz").body, Not(HasSubstr("127.0.0.1")));
  EXPECT_EQ(Get("/readyz").status, 503);
  EXPECT_THAT(installation_.client().CheckHealth("any", absl::Seconds(1)),
              StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_THAT(ListBodies(), StatusIs(absl::StatusCode::kUnavailable));

  for (int time = 0; time < 3; ++time) {
    gate_.StartAccepting();
    ASSERT_TRUE(installation_.AwaitReady())
        << Get("/readyz?verbose").body << installation_.process().Output();
    ASSERT_TRUE(AwaitTrue([&] { return Get("/readyz").status == 200; }));
    EXPECT_THAT(ListBodies(), IsOk());

    gate_.StopAccepting();
    gate_.CloseSockets();
    ASSERT_TRUE(AwaitTrue([&] { return Get("/readyz").status == 503; }));
    EXPECT_EQ(Get("/livez").status, 200);
    EXPECT_THAT(ListBodies(), StatusIs(absl::StatusCode::kUnavailable));
  }
  const auto code = installation_.process().Stop();
  ASSERT_TRUE(code.ok()) << installation_.process().Output();
  EXPECT_EQ(*code, 0);
}

TEST_F(StartTest, ADatabaseThatTakesNoMoreConnectionsIsAnAnswerAndNoWait) {
  Start();
  ASSERT_TRUE(installation_.AwaitReady()) << installation_.process().Output();
  ASSERT_THAT(ListBodies(), IsOk());
  const auto directory = installation_.Database("directory");
  ASSERT_THAT(directory->Script("ALTER ROLE fosterwatch_directory CONNECTION LIMIT 0"), IsOk());
  ASSERT_THAT(directory->Query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                               " WHERE usename = 'fosterwatch_directory'"),
              IsOk());
  // At once: not after the deadline, which would be another status.
  EXPECT_THAT(ListBodies(), StatusIs(absl::StatusCode::kUnavailable));
  HttpConnection connection(installation_.http_port());
  connection.Send(
      HttpText("POST", absl::StrCat("/", kDirectory, "/ListBodies"),
               {{"Content-Type", "application/json"},
                {"Authorization", absl::StrCat("Bearer ", installation_.TokenOf({"agency-a"}))}},
               "{}"));
  const HttpAnswer answer = connection.Read();
  EXPECT_EQ(answer.status, 503);
  EXPECT_EQ(answer.headers.at("retry-after"), "1");
  ASSERT_TRUE(AwaitTrue([&] {
    return Get("/readyz").body.find("directory database is not ready: it cannot be reached") !=
           std::string::npos;
  }));
  ASSERT_THAT(directory->Script("ALTER ROLE fosterwatch_directory CONNECTION LIMIT -1"), IsOk());
  ASSERT_TRUE(AwaitTrue([&] { return ListBodies().ok(); }));
  EXPECT_TRUE(AwaitTrue([&] { return Get("/readyz").status == 200; }));
}

TEST_F(StartTest, AFurtherSignalEndsItAtOnce) {
  Start();
  ASSERT_TRUE(installation_.AwaitReady()) << installation_.process().Output();
  // What its database does not answer holds the end up.
  gate_.SetBoth(TcpGate::Noop());
  HttpConnection connection(installation_.http_port());
  connection.Send(
      HttpText("POST", absl::StrCat("/", kDirectory, "/ListBodies"),
               {{"Content-Type", "application/json"},
                {"Connect-Timeout-Ms", "30000"},
                {"Authorization", absl::StrCat("Bearer ", installation_.TokenOf({"agency-a"}))}},
               "{}"));
  installation_.process().Kill(SIGTERM);
  ASSERT_TRUE(installation_.process().AwaitLine("\"msg\":\"stopping\"").ok());
  EXPECT_FALSE(installation_.process().Wait(absl::Seconds(2)).ok()) << "it finishes what it has";
  installation_.process().Kill(SIGTERM);
  const auto code = installation_.process().Wait();
  ASSERT_TRUE(code.ok()) << installation_.process().Output();
  EXPECT_EQ(*code, 128 + SIGTERM) << "by the signal, not by its own end";
}

}  // namespace
}  // namespace fosterwatch::faults
