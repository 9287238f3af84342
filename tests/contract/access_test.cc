// Holds every method of every service to what the door keeps of who looked at what: an answer about
// people says about whom.
#include "libs/runtime/access.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "fosterwatch/carers/v1/carers_service.pb.h"
#include "fosterwatch/placements/v1/placements_service.pb.h"
#include "tests/support/services.h"

namespace fosterwatch::runtime {
namespace {

using ::testing::UnorderedElementsAre;

// What is personal in these is what a member of the staff wrote of the agency's own things, or a
// secret: there is no record of a person.
const std::set<std::string>& AboutNobodysRecord() {
  static const auto* const methods = new std::set<std::string>{
      "fosterwatch.directory.v1.DirectoryService.GetWebhook",
      "fosterwatch.kpis.v1.EditionsService.AcceptRestatement",
      "fosterwatch.kpis.v1.EditionsService.GetEdition",
      "fosterwatch.kpis.v1.EditionsService.ListRestatements",
      "fosterwatch.kpis.v1.FiguresService.IngestCloudEvent",
      "fosterwatch.kpis.v1.FiguresService.ListImportedFigures",
      "fosterwatch.kpis.v1.FiguresService.WithdrawFigure",
      "fosterwatch.notifiable_events.v1.LawService.AdoptLaw",
      "fosterwatch.notifiable_events.v1.LawService.GetLaw",
      "fosterwatch.notifiable_events.v1.LawService.SwitchPolicyRecipient",
  };
  return *methods;
}

std::string TextOf(const std::filesystem::path& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

TEST(AccessContractTest, KnowsEveryServiceOfTheProtos) {
  std::set<std::string> written, known;
  const std::string root =
      std::string(std::getenv("FOSTERWATCH_SOURCE_DIR")) + "/protos/fosterwatch";
  const std::regex service("(?:^|\n)service (\\w+) \\{"), package("\npackage ([\\w.]+);");
  for (const auto& entry : std::filesystem::recursive_directory_iterator(root)) {
    if (entry.path().extension() != ".proto") continue;
    const std::string source = TextOf(entry.path());
    std::smatch of;
    if (!std::regex_search(source, of, package)) continue;
    for (std::sregex_iterator it(source.begin(), source.end(), service), end; it != end; ++it) {
      written.insert(absl::StrCat(of[1].str(), ".", (*it)[1].str()));
    }
  }
  for (const auto* descriptor : testing::EveryService()) known.insert(descriptor->full_name());
  EXPECT_EQ(known, written);
  EXPECT_GT(known.size(), 20u);
}

// What is unusual is looked for wherever somebody may look: in each service that keeps a ledger,
// and with it who looked at what.
TEST(AccessContractTest, EveryServiceWithALedgerIsWatched) {
  const std::string services = std::string(std::getenv("FOSTERWATCH_SOURCE_DIR")) + "/services";
  std::set<std::string> keeping, watched;
  for (const auto& entry : std::filesystem::directory_iterator(services)) {
    if (absl::StrContains(TextOf(entry.path() / "module.cc"), "ledger::Migrations(")) {
      keeping.insert(entry.path().filename());
    }
  }
  const std::string watcher = TextOf(services + "/notifications/access_watcher.cc");
  const size_t begin = watcher.find("kServices[] = {"), end = watcher.find("};", begin);
  ASSERT_NE(begin, std::string::npos);
  const std::string list = watcher.substr(begin, end - begin);
  const std::regex name("\"(\\w+)\"");
  for (std::sregex_iterator it(list.begin(), list.end(), name), none; it != none; ++it) {
    watched.insert((*it)[1]);
  }
  EXPECT_EQ(watched, keeping);
  EXPECT_GT(watched.size(), 5u);
}

// An answer that may hold what is personal names a record, or is about no person's record.
TEST(AccessContractTest, EveryAnswerAboutPeopleSaysAboutWhom) {
  std::set<std::string> silent;
  int personal = 0;
  for (const auto* service : testing::EveryService()) {
    for (int i = 0; i < service->method_count(); ++i) {
      const google::protobuf::MethodDescriptor* method = service->method(i);
      if (!MayBePersonal(method->output_type())) continue;
      ++personal;
      if (!MayNameRecords(method->output_type()) && !MayNameRecords(method->input_type())) {
        silent.insert(method->full_name());
      }
    }
  }
  EXPECT_EQ(silent, AboutNobodysRecord());
  EXPECT_GT(personal, 100);
}

// Whoever sees their own caseload alone is let in by own_caseload, which the door holds them to,
// and beside the wider roles only where what they do is theirs by itself.
TEST(AccessContractTest, WhoSeesAnOwnCaseloadIsLetInWhereTheDoorHoldsThemToIt) {
  constexpr auto kRole = options::v1::ROLE_SUPERVISING_SOCIAL_WORKER;
  std::set<std::string> held, beside;
  for (const auto* service : testing::EveryService()) {
    for (int i = 0; i < service->method_count(); ++i) {
      const google::protobuf::MethodDescriptor* method = service->method(i);
      const auto& access = method->options().GetExtension(options::v1::access);
      for (const int role : access.own_caseload()) {
        EXPECT_EQ(role, kRole) << method->full_name();
        EXPECT_TRUE(MayNameRecords(method->input_type()) || MayNameRecords(method->output_type()))
            << method->full_name();
        held.insert(method->full_name());
      }
      if (std::count(access.roles().begin(), access.roles().end(), kRole) > 0 &&
          (MayBePersonal(method->output_type()) || MayNameRecords(method->output_type()))) {
        beside.insert(method->full_name());
      }
    }
  }
  // Opens a household, with a reason and an alert; records what was said to them, and no more;
  // finds out who works here.
  EXPECT_THAT(beside, UnorderedElementsAre("fosterwatch.directory.v1.DirectoryService.ListHolders",
                                           "fosterwatch.carers.v1.CarersService.OpenInEmergency",
                                           "fosterwatch.complaints.v1.ComplaintsService."
                                           "RecordComplaint"));
  EXPECT_GT(held.size(), 15u);
  for (const std::string& method : held) {
    EXPECT_FALSE(beside.contains(method)) << method;
    for (const char* closed : {".allegations.", ".kpis.", ".packs.", ".notifications."}) {
      EXPECT_EQ(method.find(closed), std::string::npos) << method;
    }
  }
}

TEST(AddRecordsToldOfTest, LeavesOutWhatIsOnlyMentioned) {
  carers::v1::Carer carer;
  carer.set_carer_id("f-1");
  carer.add_distinct_carer_ids("f-2");
  carer.add_occupants()->set_child_id("c-1");
  carer.mutable_standing()->set_carer_id("f-3");
  std::set<std::string> told, named;
  AddRecordsToldOf(carer, &told);
  EXPECT_THAT(told, UnorderedElementsAre("carer:f-1", "carer:f-3"));
  AddRecordsOf(carer, &named);
  EXPECT_THAT(named, UnorderedElementsAre("carer:f-1", "carer:f-2", "carer:f-3", "child:c-1"));
}

TEST(RecordKindOfTest, GoesByTheLastWordOfAnIdsName) {
  EXPECT_EQ(RecordKindOf("child_id"), "child");
  EXPECT_EQ(RecordKindOf("named_child_ids"), "child");
  EXPECT_EQ(RecordKindOf("placed_with_carer_id"), "carer");
  EXPECT_EQ(RecordKindOf("foster_parent_id"), "foster_parent");
  EXPECT_EQ(RecordKindOf("repeat_of_event_id"), "event");
  EXPECT_EQ(RecordKindOf("subject_id"), "record");
  for (const char* none : {"grandchild_id", "child", "body_id", "person_id", "request_id", "_id"}) {
    EXPECT_EQ(RecordKindOf(none), "") << none;
  }
}

TEST(AddRecordsOfTest, FindsThemAtAnyDepthEachOnceAndNeverAText) {
  placements::v1::ListChildrenResponse response;
  for (const char* id : {"c-1", "c-2"}) {
    placements::v1::Child* child = response.add_children();
    child->set_child_id(id);
    child->set_carer_id("f-1");
    child->set_name("Jane Doe");
    child->set_area_authority_id("northshire");
  }
  response.mutable_children(1)->set_carer_id("Jane Doe");
  std::set<std::string> records;
  AddRecordsOf(response, &records);
  EXPECT_THAT(records, UnorderedElementsAre("child:c-1", "child:c-2", "carer:f-1", "carer:?"));
}

}  // namespace
}  // namespace fosterwatch::runtime
