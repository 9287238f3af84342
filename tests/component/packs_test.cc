// Documents by the real binary: made from what the registers say to whoever asks, the same each
// time, for that person alone; what bad input gets.
#include <cstdlib>
#include <map>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "fosterwatch/notifiable_events/v1/notifiable_event_service.pb.h"
#include "fosterwatch/packs/v1/packs_service.pb.h"
#include "libs/clock/proto_time.h"
#include "libs/status/error.h"
#include "libs/testing/await.h"
#include "libs/testing/status_matchers.h"
#include "tests/support/agency.h"
#include "tests/support/installation.h"

namespace fosterwatch::packs {
namespace {

using ::fosterwatch::testing::Agency;
using ::fosterwatch::testing::AwaitTrue;
using ::fosterwatch::testing::HasReason;
using ::fosterwatch::testing::Installation;
using ::fosterwatch::testing::IsOk;
using ::fosterwatch::testing::Person;
using ::fosterwatch::testing::StatusIs;
using ::testing::HasSubstr;
using ::testing::Not;
using v1::Pack;

constexpr char kPacks[] = "fosterwatch.packs.v1.PacksService";
constexpr char kEvents[] = "fosterwatch.notifiable_events.v1.NotifiableEventService";

class PacksTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    const char* const python = std::getenv("FOSTERWATCH_PDF_PYTHON");
    ASSERT_NE(python, nullptr) << "./dev test sets it";
    installation_ = new Installation({});
    installation_->Start({{"FOSTERWATCH_PDF_PYTHON", python}});
    ASSERT_TRUE(installation_->AwaitReady()) << installation_->process().Output();
    agency_ = new Agency(installation_, "agency-a");
    notifiable_events::v1::ReportEventRequest report;
    report.set_request_id("packs-test");
    *report.mutable_report() =
        agency_->Report(notifiable_events::v1::EVENT_KIND_SERIOUS_ILLNESS_ACCIDENT);
    const auto event = installation_->Call<notifiable_events::v1::NotifiableEvent>(
        agency_->Caseworker(), kEvents, "ReportEvent", report);
    ASSERT_THAT(event, IsOk());
    event_id_ = new std::string(event->event_id());
  }
  static void TearDownTestSuite() {
    delete event_id_;
    delete agency_;
    delete installation_;
  }

  static Person RegisteredManager() {
    return {"agency-a", "manager-1", {options::v1::ROLE_REGISTERED_MANAGER}};
  }
  static Person In(options::v1::Role role, const std::string& agency = "agency-a") {
    return {agency, "person-1", {role}};
  }

  template <typename Response = Pack>
  static absl::StatusOr<Response> Call(const Person& person, const std::string& method,
                                       const google::protobuf::Message& request) {
    return installation_->Call<Response>(person, kPacks, method, request);
  }

  // The document once it is ready, or has failed.
  static Pack Made(const Person& person, const absl::StatusOr<Pack>& ordered) {
    EXPECT_THAT(ordered, IsOk()) << ordered.status();
    if (!ordered.ok()) return Pack();
    v1::GetPackRequest get;
    get.set_pack_id(ordered->pack_id());
    Pack pack;
    EXPECT_TRUE(AwaitTrue(
        [&] {
          pack = Call(person, "GetPack", get).value_or(Pack());
          return pack.state() == Pack::STATE_READY || pack.state() == Pack::STATE_FAILED;
        },
        absl::Minutes(3)));
    EXPECT_EQ(pack.state(), Pack::STATE_READY) << pack.failure();
    return pack;
  }

  static std::string Content(const Person& person, const Pack& pack, const std::string& name) {
    v1::ReadPackFileRequest read;
    read.set_pack_id(pack.pack_id());
    read.set_name(name);
    std::string content;
    while (true) {
      read.set_offset(static_cast<int64_t>(content.size()));
      const auto part = Call<v1::PackFilePart>(person, "ReadPackFile", read);
      EXPECT_THAT(part, IsOk()) << name;
      if (!part.ok() || part->content().empty()) return content;
      content += part->content();
    }
  }

  static Installation* installation_;
  static Agency* agency_;
  static std::string* event_id_;
};
Installation* PacksTest::installation_ = nullptr;
Agency* PacksTest::agency_ = nullptr;
std::string* PacksTest::event_id_ = nullptr;

TEST_F(PacksTest, APackSaysWhatTheRegistersSayAndIsTheSameEachTime) {
  const Person manager = RegisteredManager();
  v1::MakeInspectionPackRequest request;
  *request.mutable_as_at_time() = clock::ToProto(absl::Now());
  request.set_seed("kestrel");
  const Pack pack = Made(manager, Call(manager, "MakeInspectionPack", request));
  const std::string html = Content(manager, pack, "inspection-pack.html");
  EXPECT_THAT(html, HasSubstr("<html lang=\"en-GB\">"));
  EXPECT_THAT(html, HasSubstr("<h1>Inspection pack</h1>"));
  EXPECT_THAT(html, HasSubstr(pack.manifest_sha256()));
  EXPECT_THAT(html, HasSubstr(absl::StrCat("/events/", *event_id_, "\">")));
  EXPECT_THAT(html, HasSubstr("Test Carer"));
  EXPECT_THAT(html, HasSubstr("/figures/"));
  // What people wrote of a child is no part of it.
  EXPECT_THAT(html, Not(HasSubstr("What happened, in a few words.")));
  EXPECT_THAT(Content(manager, pack, "notices.csv"), HasSubstr(*event_id_));
  EXPECT_THAT(Content(manager, pack, "inspection-pack.pdf"), ::testing::StartsWith("%PDF-1.7"));
  EXPECT_THAT(Content(manager, pack, "inspection-pack.xlsx"), ::testing::StartsWith("PK"));
  const std::string sums = Content(manager, pack, "SHA256SUMS");
  for (const v1::PackFile& file : pack.files()) {
    if (file.name() == "SHA256SUMS") continue;
    EXPECT_THAT(sums, HasSubstr(absl::StrCat(file.sha256(), "  ", file.name(), "\n")));
  }

  // Whoever asks: every owner lets the responsible individual read, too, else there were no pack.
  const Person individual = In(options::v1::ROLE_RESPONSIBLE_INDIVIDUAL);
  const Pack again = Made(individual, Call(individual, "MakeInspectionPack", request));
  ASSERT_EQ(again.files_size(), pack.files_size());
  for (int i = 0; i < pack.files_size(); ++i) {
    EXPECT_EQ(again.files(i).sha256(), pack.files(i).sha256()) << pack.files(i).name();
  }

  // Another's it is not, of whatever role or agency.
  v1::GetPackRequest get;
  get.set_pack_id(pack.pack_id());
  v1::ReadPackFileRequest read;
  read.set_pack_id(pack.pack_id());
  read.set_name("inspection-pack.html");
  for (const Person& other :
       {In(options::v1::ROLE_REGISTERED_MANAGER),
        Person{"agency-b", "manager-1", {options::v1::ROLE_REGISTERED_MANAGER}}}) {
    EXPECT_THAT(Call(other, "GetPack", get), HasReason("UNKNOWN_PACK"));
    EXPECT_THAT(Call<v1::PackFilePart>(other, "ReadPackFile", read), HasReason("UNKNOWN_PACK"));
  }
  EXPECT_THAT(installation_->process().Output(), Not(HasSubstr("Test Carer")));
}

TEST_F(PacksTest, TheStatementIsAPdfByTheCommandLine) {
  const std::string file = installation_->folder() + "/statement.pdf";
  ASSERT_EQ(installation_->Run({"complaint", "statement", "--agency", "agency-a", "--format", "pdf",
                                "--output", file}),
            0);
  const std::string folder = installation_->folder() + "/pack";
  ASSERT_EQ(installation_->Run({"pack", "inspection", "--agency", "agency-a", "--output", folder}),
            0);
  // By a program that knows nothing of us: the hashes, and that the workbook is one.
  const std::string check =
      absl::StrCat("cd '", folder, "' && sha256sum --quiet -c SHA256SUMS && head -c 5 '", file,
                   "' | grep -q '^%PDF-' && python3 -c \"import zipfile, xml.dom.minidom as m; "
                   "z = zipfile.ZipFile('inspection-pack.xlsx'); assert z.testzip() is None; "
                   "[m.parseString(z.read(n)) for n in z.namelist()]\" && test $(stat -c %a "
                   "manifest.json) = 600");
  EXPECT_EQ(std::system(check.c_str()), 0);
}

TEST_F(PacksTest, WhoMayNotReadGetsNone) {
  using options::v1::Role;
  const std::map<Role, std::pair<bool, bool>> may = {
      // inspection, statement
      {options::v1::ROLE_CASEWORKER, {false, false}},
      {options::v1::ROLE_TEAM_MANAGER, {false, true}},
      {options::v1::ROLE_ADMINISTRATOR, {false, false}},
      {options::v1::ROLE_PUBLISHER, {false, false}},
      {options::v1::ROLE_DEPUTY_MANAGER, {true, true}},
      {options::v1::ROLE_RESPONSIBLE_INDIVIDUAL, {true, true}},
  };
  // A request that is wrong: who may ask is told so, and nothing is made.
  v1::MakeInspectionPackRequest pack;
  pack.set_sample_size(-1);
  v1::MakeComplaintsStatementRequest statement;
  statement.set_until_date("yesterday");
  const auto code = [](bool is_allowed) {
    return is_allowed ? absl::StatusCode::kInvalidArgument : absl::StatusCode::kPermissionDenied;
  };
  for (const auto& [role, allowed] : may) {
    EXPECT_THAT(Call(In(role), "MakeInspectionPack", pack), StatusIs(code(allowed.first)))
        << options::v1::Role_Name(role);
    EXPECT_THAT(Call(In(role), "MakeComplaintsStatement", statement),
                StatusIs(code(allowed.second)))
        << options::v1::Role_Name(role);
    EXPECT_THAT(Call(In(role), "MakeBoardEdition", v1::MakeBoardEditionRequest()),
                StatusIs(code(allowed.first)))
        << options::v1::Role_Name(role);
  }
}

TEST_F(PacksTest, BadInputIsRefusedByItsField) {
  const Person manager = RegisteredManager();
  const auto refused = [&](const std::string& method, const google::protobuf::Message& request,
                           const std::string& reason, const std::string& field) {
    const auto answer = Call(manager, method, request);
    EXPECT_THAT(answer, StatusIs(absl::StatusCode::kInvalidArgument)) << request.DebugString();
    EXPECT_EQ(ReasonOf(answer.status()), reason) << request.DebugString();
    const auto violations = ViolationsOf(answer.status());
    ASSERT_EQ(violations.size(), 1u) << answer.status();
    EXPECT_EQ(violations[0].field, field);
  };
  v1::MakeInspectionPackRequest pack;
  *pack.mutable_as_at_time() = clock::ToProto(absl::Now() + absl::Hours(1));
  refused("MakeInspectionPack", pack, "IN_THE_FUTURE", "as_at_time");
  pack.Clear();
  *pack.mutable_as_at_time() = clock::ToProto(absl::FromUnixSeconds(0));
  refused("MakeInspectionPack", pack, "TOO_LONG_AGO", "as_at_time");
  pack.Clear();
  pack.mutable_as_at_time()->set_nanos(-1);
  refused("MakeInspectionPack", pack, "INVALID_TIME", "as_at_time");
  pack.Clear();
  pack.set_seed(std::string(65, 'x'));
  refused("MakeInspectionPack", pack, "TEXT_TOO_LONG", "seed");
  pack.set_seed(std::string("a\0b", 3));
  EXPECT_THAT(Call(manager, "MakeInspectionPack", pack),
              StatusIs(absl::StatusCode::kInvalidArgument));
  pack.Clear();
  for (const int size : {-1, 51, 2'000'000'000}) {
    pack.set_sample_size(size);
    refused("MakeInspectionPack", pack, "OUT_OF_RANGE", "sample_size");
  }
  v1::MakeComplaintsStatementRequest statement;
  for (const char* day : {"yesterday", "2026-02-30", "2026-2-3", "2026-11-22T00:00:00Z"}) {
    statement.set_until_date(day);
    refused("MakeComplaintsStatement", statement, "INVALID_DATE", "until_date");
  }
  v1::GetPackRequest get;
  for (const char* id : {"", "0", "../../etc/passwd", "' OR 1=1 --"}) {
    get.set_pack_id(id);
    EXPECT_THAT(Call(manager, "GetPack", get), HasReason("UNKNOWN_PACK")) << id;
  }
}

}  // namespace
}  // namespace fosterwatch::packs
