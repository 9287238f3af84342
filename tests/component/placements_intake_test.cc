// Placements from outside, by the real binary: by the intake topic, over HTTP and from CSV.
#include <string>
#include <thread>
#include <vector>

#include "tests/component/placements_fixture.h"

namespace fosterwatch::placements {
namespace {

class PlacementsIntakeTest : public PlacementsTest {
 protected:
  static v1::IngestCloudEventRequest Event(const std::string& id, const std::string& type,
                                           const std::string& data) {
    v1::IngestCloudEventRequest event;
    event.set_id(id);
    event.set_source(agency_->source());
    event.set_type(type);
    event.set_data(data);
    return event;
  }
  static void Publish(const v1::IngestCloudEventRequest& event) {
    bus::Record record;
    record.topic = kIntake;
    record.key = "case-system";
    record.headers = {{"ce_specversion", "1.0"},
                      {"ce_id", event.id()},
                      {"ce_source", event.source()},
                      {"ce_type", event.type()},
                      {"content-type", "application/json"}};
    record.value = event.data();
    ASSERT_THAT(installation_->OpenBus()->Publish({record}), IsOk());
  }
};

TEST_F(PlacementsIntakeTest, TheSameCloudEventByBothWaysIsOneChange) {
  const std::string child = NewChild();
  const auto started =
      Event("started-1", "uk.fosterwatch.placement.started.v1",
            absl::StrCat(R"({"child_id": ")", child, R"(", "carer_id": "F-1",)",
                         R"( "start_date": "2026-03-01", "placement_code": "U6"})"));
  Publish(started);
  ASSERT_TRUE(AwaitTrue([&] { return PlacementsOf(child).total_size() == 1; }, kPatience));
  const auto answer = Call("IngestCloudEvent", started, agency_->Publisher());
  ASSERT_THAT(answer, IsOk());
  EXPECT_EQ(answer->placement_id(), PlacementsOf(child).placements(0).placement_id());
  Publish(Event("moved-1", "uk.fosterwatch.placement.moved.v1",
                absl::StrCat(R"({"child_id": ")", child, R"(", "reason_code": "CARPL", "next":)",
                             R"( {"carer_id": "F-3", "start_date": "2026-04-01",)",
                             R"( "placement_code": "U4"}})")));
  Publish(Event("ended-1", "uk.fosterwatch.placement.ended.v1",
                absl::StrCat(R"({"child_id": ")", child,
                             R"(", "end_date": "2026-05-01", "reason_code": "LAREQ"})")));
  ASSERT_TRUE(AwaitTrue(
      [&] {
        const auto list = PlacementsOf(child);
        return list.total_size() == 2 && !list.placements(0).end_date().empty();
      },
      kPatience));
  EXPECT_EQ(PlacementsOf(child).placements(0).ending(), v1::ENDING_UNPLANNED);
}

TEST_F(PlacementsIntakeTest, WhatCannotBeTakenIsParkedAndCallsAPerson) {
  const auto parked = [](const std::string& reason) {
    return Count("placements", "SELECT count(*) FROM ledger.parked WHERE reason_code = $1",
                 {reason});
  };
  Publish(Event("bad-1", "uk.fosterwatch.placement.started.v1", R"({"child_id": "C-1", "x": 1})"));
  Publish(Event("bad-2", "uk.fosterwatch.placement.vanished.v1", "{}"));
  auto stranger = Event("bad-3", "uk.fosterwatch.placement.ended.v1", "{}");
  stranger.set_source("urn:nobody");
  Publish(stranger);
  EXPECT_TRUE(AwaitTrue(
      [&] {
        return parked("UNKNOWN_FIELD") == 1 && parked("UNKNOWN_EVENT_TYPE") == 1 &&
               parked("SOURCE_NOT_REGISTERED") == 1;
      },
      kPatience));
  EXPECT_GE(Count("placements",
                  "SELECT count(*) FROM ledger.fact WHERE aggregate_type = 'intake'"
                  " AND name = 'attention_needed'"),
            2);
  EXPECT_THAT(Call("IngestCloudEvent", stranger, agency_->Publisher()),
              HasReason("SOURCE_NOT_REGISTERED"));
}

TEST_F(PlacementsIntakeTest, WhatIsReadInPartIsNotWrittenBackByAnEvent) {
  const std::string child = NewChild();
  const auto event = Event("sealed-1", "uk.fosterwatch.placement.started.v1",
                           absl::StrCat(R"({"child_id": ")", child, R"(", "carer_id": "F-1",)",
                                        R"( "start_date": "2026-03-01", "placement_code": "U6",)",
                                        R"( "sealed_sections": ["SECTION_ADOPTION"]})"));
  EXPECT_THAT(Call("IngestCloudEvent", event, agency_->Publisher()),
              HasReason("SEALED_IN_REQUEST"));
  EXPECT_EQ(PlacementsOf(child).total_size(), 0);
}

TEST_F(PlacementsIntakeTest, ASourceThatIsBoundIsSpokenForByItsProgramsAlone) {
  directory::v1::RegisterPublisherRequest request;
  request.mutable_publisher()->set_publisher_id("second");
  request.mutable_publisher()->set_source("urn:second");
  request.mutable_publisher()->add_program_ids("program:second");
  ASSERT_THAT(installation_->Call<directory::v1::Publisher>(
                  agency_->Administrator(), "fosterwatch.directory.v1.DirectoryService",
                  "RegisterPublisher", request),
              IsOk());
  ASSERT_TRUE(AwaitTrue(
      [] {
        return Count("placements",
                     "SELECT count(*) FROM reference.publisher"
                     " WHERE source = 'urn:second' AND cardinality(programs) = 1") == 1;
      },
      kPatience));
  auto event = Event("bound-1", "uk.fosterwatch.placement.started.v1",
                     absl::StrCat(R"({"child_id": ")", NewChild(), R"(", "carer_id": "F-1",)",
                                  R"( "start_date": "2026-03-01", "placement_code": "U6"})"));
  event.set_source("urn:second");
  EXPECT_THAT(Call("IngestCloudEvent", event, agency_->Publisher()),
              HasReason("SOURCE_OF_ANOTHER"));
  EXPECT_THAT(Call("IngestCloudEvent", event,
                   {agency_->id(), "program:second", {options::v1::ROLE_PUBLISHER}}),
              IsOk());
}

TEST_F(PlacementsTest, ARegisterComesInFromCsvAndAgainChangesNothing) {
  const std::string folder = installation_->folder();
  const auto write = [&](const std::string& name, const std::string& text) {
    std::ofstream(folder + "/" + name, std::ios::binary) << text;
    return folder + "/" + name;
  };
  std::string children = "child_id,name,birth_date,responsible_authority_id,area_authority_id\n";
  std::string placements = "child_id,carer_id,start_date,end_date,placement_code,reason_code\n";
  for (int i = 0; i < 200; ++i) {
    absl::StrAppend(&children, "I-", i, ",Child ", i, i % 100 == 3 ? ",2015-02-30" : ",2015-02-28",
                    ",northshire,northshire\n");
    absl::StrAppend(&placements, "I-", i, ",F-1,2024-01-05,2025-01-05,U6,CREQB\n");
  }
  const auto import = [&](std::vector<std::string> arguments, std::string* output) {
    arguments.insert(arguments.begin(), "import");
    arguments.insert(arguments.end(),
                     {"--agency", agency_->id(), "--json", "--rejects", folder + "/rejects.csv"});
    return installation_->RunWith(std::move(arguments), {}, absl::Minutes(2), output);
  };
  const std::string children_file = write("children.csv", children);
  const std::string placements_file = write("placements.csv", placements);
  const auto recorded = [] {
    return Count("placements", "SELECT count(*) FROM view.child WHERE child_id LIKE 'I-%'");
  };
  std::string output;
  EXPECT_EQ(import({"children", children_file, "--dry-run"}, &output), 4);
  EXPECT_THAT(output, HasSubstr("\"recorded\": 198"));
  EXPECT_EQ(recorded(), 0);
  EXPECT_EQ(import({"children", children_file}, &output), 4);
  EXPECT_EQ(recorded(), 198);
  std::ostringstream rejects;
  rejects << std::ifstream(folder + "/rejects.csv").rdbuf();
  EXPECT_THAT(rejects.str(), HasSubstr("\n5,INVALID_DATE,birth_date,"));
  EXPECT_THAT(rejects.str(), HasSubstr("\n105,INVALID_DATE,birth_date,"));
  EXPECT_EQ(import({"placements", placements_file}, &output), 4);
  EXPECT_THAT(output, HasSubstr("\"rejected\": 2"));
  const int64_t facts = Count("placements",
                              "SELECT count(*) FROM ledger.fact"
                              " WHERE aggregate_id LIKE 'I-%'");
  EXPECT_EQ(import({"children", children_file}, &output), 4);
  EXPECT_EQ(import({"placements", placements_file}, &output), 4);
  EXPECT_THAT(output, HasSubstr("\"unchanged\": 198"));
  EXPECT_EQ(Count("placements", "SELECT count(*) FROM ledger.fact WHERE aggregate_id LIKE 'I-%'"),
            facts);
  EXPECT_EQ(import({"children", write("wrong.csv", "child_id,Name,colour\n1,2,3\n")}, &output), 4);
  EXPECT_THAT(output, HasSubstr("WRONG_COLUMNS"));
}

}  // namespace
}  // namespace fosterwatch::placements
