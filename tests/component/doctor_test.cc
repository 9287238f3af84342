// What `fosterwatch doctor` names when it is shown a fault, by the real binary on a PostgreSQL of
// its own: each fault is made, named in the line of what it is about, and gone once it is mended.
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "libs/testing/await.h"
#include "libs/testing/process.h"
#include "libs/testing/test_authority.h"
#include "tests/support/installation.h"

namespace fosterwatch::testing {
namespace {

using ::testing::AllOf;
using ::testing::EndsWith;
using ::testing::HasSubstr;

class DoctorTest : public ::testing::Test {
 protected:
  DoctorTest() {
    Issue("ours", {.days = 30});
    settings_ = Files("ours");
    installation_.Start(settings_);
    EXPECT_TRUE(AwaitTrue([&] { return installation_.RunWith({"health"}, settings_) == 0; }))
        << installation_.process().Output();
  }

  void Issue(const std::string& name, const TestAuthority::Options& options) {
    const std::string file = absl::StrCat(installation_.folder(), "/", name, ".pem");
    authority_.Issue(file, file, options);
    std::filesystem::permissions(file, std::filesystem::perms::owner_read);
  }
  std::map<std::string, std::string> Files(const std::string& name) const {
    const std::string file = absl::StrCat(installation_.folder(), "/", name, ".pem");
    return {{"FOSTERWATCH_GRPC_CERT_FILE", file},
            {"FOSTERWATCH_GRPC_KEY_FILE", file},
            {"FOSTERWATCH_GRPC_CA_FILE", authority_.ca_file()}};
  }

  // What doctor says, with these settings over the test's own.
  std::string Doctor(const std::map<std::string, std::string>& more = {}) {
    std::map<std::string, std::string> settings = settings_;
    for (const auto& [name, value] : more) settings[name] = value;
    std::string output;
    EXPECT_EQ(installation_.RunWith({"doctor"}, settings, absl::Minutes(3), &output), 6)
        << "nobody is at the mail server";
    return output;
  }
  std::string Line(const std::string& what, const std::map<std::string, std::string>& more = {}) {
    return LineIn(Doctor(more), what);
  }
  static std::string LineIn(const std::string& output, const std::string& what) {
    for (const absl::string_view line : absl::StrSplit(output, '\n')) {
      if (line.substr(0, what.size()) == what) return std::string(line);
    }
    return absl::StrCat("no line of ", what, " in:\n", output);
  }

  void Sql(const std::string& database, const std::string& statement) {
    const auto result = installation_.Database(database)->Query(statement);
    ASSERT_TRUE(result.ok()) << result.status();
  }

  TestAuthority authority_;
  Installation installation_{Installation::Options()};
  std::map<std::string, std::string> settings_;
};

TEST_F(DoctorTest, NamesWhatIsWrongWithCertificates) {
  const std::string well = Doctor();
  for (const char* what :
       {"certificate between services", "service directory", "a call with a token"}) {
    EXPECT_THAT(LineIn(well, what), EndsWith(" ok"));
  }
  Issue("soon", {.days = 13});
  EXPECT_THAT(Line("certificate between services", Files("soon")),
              HasSubstr("WRONG: this process's certificate ends "));
  Issue("over", {.expired = true});
  const std::string over = Doctor(Files("over"));
  EXPECT_THAT(LineIn(over, "certificate between services"),
              HasSubstr("WRONG: this process's certificate ended "));
  EXPECT_THAT(LineIn(over, "service directory"), HasSubstr("WRONG: no TLS with directory"));
  EXPECT_THAT(Line("certificate between services", {{"FOSTERWATCH_GRPC_KEY_FILE", ""}}),
              HasSubstr("WRONG: TLS between the services needs"));
  const std::string readable = installation_.folder() + "/readable.pem";
  std::filesystem::copy_file(settings_["FOSTERWATCH_GRPC_KEY_FILE"], readable);
  std::filesystem::permissions(readable, std::filesystem::perms(0644));
  EXPECT_THAT(Line("key of that certificate", {{"FOSTERWATCH_GRPC_KEY_FILE", readable}}),
              HasSubstr("WRONG: others may read"));

  // The server's own is over: who calls it is told so. A new one is in force without a restart.
  Issue("ours", {.expired = true});
  Issue("client", {.days = 30});
  EXPECT_TRUE(AwaitTrue([&] {
    return absl::StrContains(Line("service directory", Files("client")),
                             "WRONG: no TLS with directory: its certificate is over");
  }));
  Issue("ours", {.days = 30});
  EXPECT_TRUE(AwaitTrue([&] { return absl::EndsWith(Line("service directory"), " ok"); }));

  std::map<std::string, std::string> in_clear = {{"FOSTERWATCH_ENDPOINTS", "kpis=10.0.0.7:7410"}};
  for (const auto& [name, value] : settings_) in_clear[name] = "";
  EXPECT_THAT(Line("certificate between services", in_clear), HasSubstr("NOTE: none: services"));
}

TEST_F(DoctorTest, NamesAClockThatIsNotTheDatabases) {
  EXPECT_THAT(Line("clock"), EndsWith(" ok"));
  Sql("directory", "CREATE SCHEMA fault");
  Sql("directory",
      "CREATE FUNCTION fault.clock_timestamp() RETURNS timestamptz LANGUAGE sql AS "
      "$$ SELECT pg_catalog.clock_timestamp() + interval '7 minutes' $$");
  Sql("directory", "GRANT USAGE ON SCHEMA fault TO fosterwatch_directory");
  Sql("directory", "ALTER ROLE fosterwatch_directory SET search_path = fault, pg_catalog, public");
  EXPECT_THAT(Line("clock"), AllOf(HasSubstr("WRONG: the database's clock is "), HasSubstr("off")));
  Sql("directory", "ALTER ROLE fosterwatch_directory RESET search_path");
  EXPECT_THAT(Line("clock"), EndsWith(" ok"));
}

TEST_F(DoctorTest, NamesARoleThatWasRevoked) {
  EXPECT_THAT(Line("database of kpis"), EndsWith(" ok"));
  for (const char* role : {"fosterwatch_kpis", "fosterwatch_kpis_relay"}) {
    Sql("kpis", absl::StrCat("ALTER ROLE ", role, " NOLOGIN"));
    EXPECT_THAT(Line("database of kpis"), HasSubstr("WRONG: ")) << role;
    EXPECT_THAT(Line("database of carers"), EndsWith(" ok"));
    Sql("kpis", absl::StrCat("ALTER ROLE ", role, " LOGIN"));
    EXPECT_THAT(Line("database of kpis"), EndsWith(" ok"));
  }
}

TEST_F(DoctorTest, NamesATopicThatIsMissing) {
  EXPECT_THAT(Line("topic fosterwatch.kpis.v1"), EndsWith(" ok"));
  Sql("bus", "DELETE FROM partition WHERE topic = 'fosterwatch.kpis.v1'");
  Sql("bus", "DELETE FROM topic WHERE name = 'fosterwatch.kpis.v1'");
  EXPECT_THAT(Line("topic fosterwatch.kpis.v1"), HasSubstr("WRONG: "));
  EXPECT_THAT(Line("topic fosterwatch.carers.v1"), EndsWith(" ok"));
  EXPECT_EQ(installation_.Run({"database", "setup"}), 0);
  EXPECT_THAT(Line("topic fosterwatch.kpis.v1"), EndsWith(" ok"));
}

TEST_F(DoctorTest, NamesABrokerThatDoesNotAnswer) {
  EXPECT_THAT(Line("bus (postgres)"), EndsWith(" ok"));
  const std::map<std::string, std::string> nobody = {{"FOSTERWATCH_BUS", "kafka"},
                                                     {"FOSTERWATCH_KAFKA", "127.0.0.1:1"}};
  const std::string away = Doctor(nobody);
  EXPECT_THAT(LineIn(away, "bus (kafka)"), HasSubstr("WRONG: "));
  EXPECT_THAT(LineIn(away, "topic fosterwatch.kpis.v1"), HasSubstr("WRONG: "));
}

// A disk of 4 MB of its own, which only this process and its child see.
TEST_F(DoctorTest, NamesADiskThatIsFull) {
  EXPECT_THAT(Line("disk of the data folder"), EndsWith(" ok"));
  Process::Options options;
  const std::string folder = installation_.folder() + "/small";
  std::filesystem::create_directories(folder);
  options.arguments = {
      "/usr/bin/unshare",
      "--map-root-user",
      "--mount",
      "/bin/sh",
      "-c",
      absl::StrCat("mount -t tmpfs -o size=4m tmpfs ", folder, " || exit 77; ", "exec ",
                   std::getenv("FOSTERWATCH_BIN_DIR"), "/fosterwatch doctor")};
  options.set = installation_.Settings();
  options.set["FOSTERWATCH_DATA_DIR"] = folder;
  auto process = Process::Start(std::move(options));
  ASSERT_TRUE(process.ok()) << process.status();
  const auto code = process->Wait(absl::Minutes(1));
  ASSERT_TRUE(code.ok()) << code.status();
  ASSERT_NE(*code, 77) << "no disk can be mounted, so nothing is shown: " << process->Output();
  EXPECT_THAT(LineIn(process->Output(), "disk of the data folder"),
              AllOf(HasSubstr("WRONG: the disk of "), HasSubstr(" is full: 4 MB are left")));
}

}  // namespace
}  // namespace fosterwatch::testing
