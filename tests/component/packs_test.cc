// Documents by the real binary: made from what the registers say to whoever asks, the same each
// time, for that person alone; what bad input gets.
#include <cstdlib>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/civil_time.h"
#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "fosterwatch/complaints/v1/complaints_service.pb.h"
#include "fosterwatch/kpis/v1/editions_service.pb.h"
#include "fosterwatch/kpis/v1/figure_import_service.pb.h"
#include "fosterwatch/kpis/v1/kpis_service.pb.h"
#include "fosterwatch/notifiable_events/v1/notifiable_event_service.pb.h"
#include "fosterwatch/packs/v1/packs_service.pb.h"
#include "libs/clock/proto_time.h"
#include "libs/clock/working_calendar.h"
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
constexpr char kEditions[] = "fosterwatch.kpis.v1.EditionsService";
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
  static Pack Ended(const Person& person, const absl::StatusOr<Pack>& ordered) {
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
    return pack;
  }
  static Pack Made(const Person& person, const absl::StatusOr<Pack>& ordered) {
    Pack pack = Ended(person, ordered);
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
  EXPECT_THAT(html, Not(HasSubstr("Test Child")));
  // Where a figure links to, the page asks for its explanation.
  int explained = 0;
  for (const absl::string_view link : absl::StrSplit(html, "/figures/")) {
    const std::vector<std::string> parts =
        absl::StrSplit(link.substr(0, link.find('"')), absl::MaxSplits("?period=", 1));
    if (parts.size() != 2) continue;
    kpis::v1::ExplainKpiRequest explain;
    explain.set_code(parts[0]);
    explain.set_period(parts[1]);
    EXPECT_THAT(installation_->Call<kpis::v1::ExplainKpiResponse>(
                    manager, "fosterwatch.kpis.v1.KpisService", "ExplainKpi", explain),
                IsOk())
        << parts[0];
    ++explained;
  }
  EXPECT_GT(explained, 18);
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

TEST_F(PacksTest, AStatementNamesNobody) {
  complaints::v1::RecordComplaintRequest record;
  record.set_request_id("packs-test-complaint");
  auto& report = *record.mutable_report();
  report.set_kind(complaints::v1::COMPLAINT_KIND_COMPLAINT);
  report.mutable_giver()->set_kind(complaints::v1::GIVER_KIND_PARENT);
  report.mutable_giver()->set_name("Pat Giver");
  report.mutable_giver()->set_contact("pat@example.invalid");
  report.mutable_subject()->set_kind(complaints::v1::SUBJECT_KIND_CARER);
  report.mutable_subject()->set_carer_id("F-1");
  report.set_received_by(complaints::v1::RECEIVED_BY_EMAIL);
  *report.mutable_received_time() = clock::ToProto(absl::Now() - absl::Hours(1));
  report.set_category("CARER_CONDUCT");
  report.set_summary("Robin said that nobody listens.");
  report.set_procedure_id("reg18");
  const auto complaint = installation_->Call<complaints::v1::Complaint>(
      agency_->Caseworker(), "fosterwatch.complaints.v1.ComplaintsService", "RecordComplaint",
      record);
  ASSERT_THAT(complaint, IsOk());
  const Person manager = RegisteredManager();
  const Pack pack =
      Made(manager, Call(manager, "MakeComplaintsStatement", v1::MakeComplaintsStatementRequest()));
  EXPECT_THAT(Content(manager, pack, "complaints.csv"), HasSubstr("Complaints,1\r\n"));
  for (const v1::PackFile& file : pack.files()) {
    if (file.media_type() == "application/pdf" || file.name().ends_with(".xlsx")) continue;
    const std::string content = Content(manager, pack, file.name());
    for (const std::string& who : {std::string("Pat"), std::string("pat@"), std::string("Robin"),
                                   std::string("F-1"), complaint->complaint_id()}) {
      EXPECT_THAT(content, Not(HasSubstr(who))) << file.name();
    }
  }
}

TEST_F(PacksTest, AnEditionIsTheSameDocumentAfterItsFiguresWereRestated) {
  const Person manager = RegisteredManager();
  const std::string period =
      absl::FormatCivilTime(absl::CivilMonth(clock::LondonDay(absl::Now())) - 1);
  const auto import = [&](int64_t numerator) {
    kpis::v1::ImportFiguresRequest request;
    auto& figure = *request.add_figures();
    figure.set_code("SC5");
    figure.set_period(period);
    figure.set_numerator(numerator);
    figure.set_denominator(100);
    EXPECT_THAT(installation_->Call<kpis::v1::ImportFiguresResponse>(
                    manager, "fosterwatch.kpis.v1.FiguresService", "ImportFigures", request),
                IsOk());
  };
  const auto freeze = [&] {
    kpis::v1::FreezeEditionRequest request;
    request.set_set("board");
    request.set_period(period);
    const auto edition =
        installation_->Call<kpis::v1::Edition>(manager, kEditions, "FreezeEdition", request);
    EXPECT_THAT(edition, IsOk());
    return edition.value_or(kpis::v1::Edition());
  };
  const auto keep = [&](const std::string& edition_id, const std::string& name) {
    const std::string folder = installation_->folder() + "/" + name;
    EXPECT_EQ(installation_->Run(
                  {"pack", "board", edition_id, "--agency", "agency-a", "--output", folder}),
              0);
    return folder;
  };
  import(81);
  const kpis::v1::Edition first = freeze();
  const std::string before = keep(first.edition_id(), "edition");

  import(70);
  kpis::v1::ListRestatementsResponse waiting;
  ASSERT_TRUE(AwaitTrue([&] {
    waiting = installation_
                  ->Call<kpis::v1::ListRestatementsResponse>(manager, kEditions, "ListRestatements",
                                                             kpis::v1::ListRestatementsRequest())
                  .value_or(kpis::v1::ListRestatementsResponse());
    return waiting.restatements_size() > 0;
  }));
  kpis::v1::AcceptRestatementRequest accept;
  accept.set_restatement_id(waiting.restatements(0).restatement_id());
  accept.set_reason("counted again");
  ASSERT_THAT(
      installation_->Call<kpis::v1::Restatement>(manager, kEditions, "AcceptRestatement", accept),
      IsOk());
  const kpis::v1::Edition second = freeze();
  EXPECT_EQ(second.number(), first.number() + 1);

  const std::string after = keep(first.edition_id(), "edition-again");
  const std::string next = keep(second.edition_id(), "edition-next");
  // The document, in every form; what the hash on its cover is of; both editions, side by side.
  const std::string check = absl::StrCat(
      "diff -r '", before, "' '", after, "' && cd '", before,
      "' && sha256sum --quiet -c SHA256SUMS && test $(sha256sum < edition.txt | cut -c 1-64) = ",
      first.hash(), " && grep -q ", first.hash(), " board-edition.html && grep -q '^SC5.*81%' ",
      "figures.csv && grep -q '^SC5.*70%' '", next, "/figures.csv'");
  EXPECT_EQ(std::system(check.c_str()), 0) << check;

  // An edition of nobody, or of another agency, is none.
  v1::MakeBoardEditionRequest request;
  request.set_edition_id("board-1999-01-1");
  EXPECT_EQ(Ended(manager, Call(manager, "MakeBoardEdition", request)).failure_reason(),
            "NOT_FOUND");
  const Person other = In(options::v1::ROLE_REGISTERED_MANAGER, "agency-b");
  request.set_edition_id(first.edition_id());
  EXPECT_EQ(Ended(other, Call(other, "MakeBoardEdition", request)).failure_reason(), "NOT_FOUND");
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
