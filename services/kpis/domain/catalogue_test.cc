#include "services/kpis/domain/catalogue.h"

#include <cstdlib>
#include <fstream>
#include <functional>
#include <sstream>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fosterwatch/notifiable_events/v1/notifiable_event_facts.pb.h"
#include "libs/json/to_message.h"

namespace fosterwatch::kpis::domain {
namespace {

const Topics kTopics = {{"fosterwatch.notifiable-events.v1",
                         &notifiable_events::v1::NotifiableEventFact::default_instance()}};

v1::Catalogue Shipped() {
  std::ifstream file(std::string(std::getenv("FOSTERWATCH_SHARE_DIR")) +
                     "/kpis/notifiable_events.json");
  std::ostringstream text;
  text << file.rdbuf();
  v1::Catalogue catalogue;
  const absl::Status read = json::TextToMessage(text.str(), catalogue);
  EXPECT_TRUE(read.ok()) << read;
  return catalogue;
}

TEST(CatalogueTest, TheShippedOneIsInOrderAndHasTheFiveOfTheLine) {
  const v1::Catalogue catalogue = Shipped();
  EXPECT_TRUE(Check(catalogue, kTopics).ok()) << Check(catalogue, kTopics);
  EXPECT_EQ(catalogue.kpis_size(), 5);
}

TEST(CatalogueTest, ASixthIsDataOnly) {
  v1::Catalogue catalogue = Shipped();
  v1::KpiDefinition* sixth = catalogue.add_kpis();
  *sixth = catalogue.kpis(4);
  sixth->set_code("NE6");
  sixth->set_title("Sign-offs in time");
  sixth->set_unit(v1::KpiDefinition::UNIT_PERCENT);
  sixth->set_measure(v1::KpiDefinition::MEASURE_RATIO_IN_TIME);
  EXPECT_TRUE(Check(catalogue, kTopics).ok());
  EXPECT_NE(Find(catalogue, "NE6"), nullptr);
}

TEST(CatalogueTest, NamesWhatIsWrong) {
  using Spoil = std::function<void(v1::Catalogue&)>;
  const std::vector<std::pair<std::string, Spoil>> cases = {
      {"KPI NE1", [](auto& c) { c.mutable_kpis(1)->set_code("NE1"); }},
      {"KPI NE2", [](auto& c) { c.mutable_kpis(1)->clear_unit(); }},
      {"KPI NE2", [](auto& c) { c.mutable_kpis(1)->set_stream("nothing"); }},
      {"KPI NE1", [](auto& c) { c.mutable_kpis(0)->set_stream("event"); }},  // it has no due times
      {"KPI NE3", [](auto& c) { c.mutable_kpis(2)->clear_source(); }},
      {"KPI NE1", [](auto& c) { c.mutable_kpis(0)->mutable_targets(0)->set_value(101); }},
      {"KPI NE1", [](auto& c) { c.mutable_kpis(0)->mutable_targets(0)->clear_source(); }},
      {"KPI NE1",
       [](auto& c) { c.mutable_kpis(0)->mutable_targets(0)->set_effective_from("2026"); }},
      {"KPI NE1",
       [](auto& c) { *c.mutable_kpis(0)->add_targets() = c.kpis(0).targets(0); }},  // a month twice
      {"stream notice", [](auto& c) { c.mutable_streams(0)->mutable_begins(0)->set_topic("x"); }},
      {"stream notice", [](auto& c) { c.mutable_streams(0)->mutable_begins(0)->set_fact("x"); }},
      {"stream notice", [](auto& c) { c.mutable_streams(0)->mutable_begins(0)->set_key("x"); }},
      {"stream notice",
       [](auto& c) { c.mutable_streams(0)->mutable_begins(0)->set_due("notice_id"); }},
      {"stream notice",
       [](auto& c) { c.mutable_streams(0)->mutable_begins(0)->set_each("event_id"); }},
      {"stream notice", [](auto& c) { c.mutable_streams(0)->clear_begins(); }},
  };
  for (const auto& [names, spoil] : cases) {
    v1::Catalogue catalogue = Shipped();
    spoil(catalogue);
    const absl::Status status = Check(catalogue, kTopics);
    EXPECT_FALSE(status.ok()) << names;
    EXPECT_THAT(std::string(status.message()), testing::HasSubstr(names));
  }
}

}  // namespace
}  // namespace fosterwatch::kpis::domain
