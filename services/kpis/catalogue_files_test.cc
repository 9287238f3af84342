#include "services/kpis/catalogue_files.h"

#include <cstdlib>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "services/kpis/domain/catalogue.h"

namespace fosterwatch::kpis {
namespace {

using domain::Check;

v1::Catalogue Shipped() {
  const auto catalogue = ReadCatalogue(std::string(std::getenv("FOSTERWATCH_SHARE_DIR")) + "/kpis");
  EXPECT_TRUE(catalogue.ok()) << catalogue.status();
  return catalogue.value_or(v1::Catalogue());
}

v1::KpiDefinition& Kpi(v1::Catalogue& catalogue, const std::string& code) {
  for (v1::KpiDefinition& kpi : *catalogue.mutable_kpis()) {
    if (kpi.code() == code) return kpi;
  }
  ADD_FAILURE() << code;
  return *catalogue.add_kpis();
}

v1::Stream& Of(v1::Catalogue& catalogue, const std::string& name) {
  for (v1::Stream& stream : *catalogue.mutable_streams()) {
    if (stream.stream() == name) return stream;
  }
  ADD_FAILURE() << name;
  return *catalogue.add_streams();
}

TEST(CatalogueTest, TheShippedOneHasItsSets) {
  const v1::Catalogue catalogue = Shipped();
  std::map<std::string, int> sizes;
  for (const auto& kpi : catalogue.kpis()) {
    for (const std::string& set : kpi.sets()) ++sizes[set];
    EXPECT_FALSE(kpi.sets().empty()) << kpi.code();
    EXPECT_NE(kpi.owner_role(), options::v1::ROLE_UNSPECIFIED) << kpi.code();
  }
  EXPECT_EQ(sizes, (std::map<std::string, int>{
                       {"board", 18}, {"fostering", 25}, {"headline", 4}, {"service_data", 8}}));
  EXPECT_EQ(domain::Find(catalogue, "ED5"), nullptr) << "the source has none";
}

TEST(CatalogueTest, AnotherIsDataOnly) {
  v1::Catalogue catalogue = Shipped();
  v1::KpiDefinition sixth = Kpi(catalogue, "NE5");
  sixth.set_code("NE6");
  sixth.set_title("Sign-offs in time");
  sixth.set_unit(v1::KpiDefinition::UNIT_PERCENT);
  sixth.set_measure(v1::KpiDefinition::MEASURE_RATIO_IN_TIME);
  *catalogue.add_kpis() = sixth;
  EXPECT_TRUE(Check(catalogue, KnownTopics()).ok());
}

TEST(CatalogueTest, NamesWhatIsWrong) {
  using Spoil = std::function<void(v1::Catalogue&)>;
  using Definition = v1::KpiDefinition;
  const std::vector<std::pair<std::string, Spoil>> cases = {
      {"KPI NE1", [](auto& c) { Kpi(c, "NE2").set_code("NE1"); }},
      {"KPI NE2", [](auto& c) { Kpi(c, "NE2").clear_unit(); }},
      {"KPI NE2", [](auto& c) { Kpi(c, "NE2").set_stream("nothing"); }},
      {"KPI NE1", [](auto& c) { Kpi(c, "NE1").set_stream("event"); }},  // it has no due times
      {"KPI NE3", [](auto& c) { Kpi(c, "NE3").clear_source(); }},
      {"KPI NE3", [](auto& c) { Kpi(c, "NE3").clear_measure(); }},
      {"KPI NE3", [](auto& c) { Kpi(c, "NE3").add_sets("none"); }},
      {"KPI NE3", [](auto& c) { Kpi(c, "NE3").set_cumulative(true); }},
      {"KPI NE3", [](auto& c) { Kpi(c, "NE3").set_group_by("kind"); }},
      {"KPI NE3", [](auto& c) { Kpi(c, "NE3").add_where()->set_field("kind"); }},
      {"KPI NE3", [](auto& c) { Kpi(c, "NE3").set_measure(Definition::MEASURE_SUM_OPEN); }},
      {"KPI NE1", [](auto& c) { Kpi(c, "NE1").mutable_targets(0)->set_value(101); }},
      {"KPI NE1", [](auto& c) { Kpi(c, "NE1").mutable_targets(0)->clear_source(); }},
      {"KPI NE1", [](auto& c) { Kpi(c, "NE1").mutable_targets(0)->set_effective_from("2026"); }},
      {"KPI NE1",
       [](auto& c) { *Kpi(c, "NE1").add_targets() = Kpi(c, "NE1").targets(0); }},  // a month twice
      {"KPI SC2", [](auto& c) { Kpi(c, "SC2").mutable_benchmarks(0)->clear_source(); }},
      {"KPI SC2", [](auto& c) { Kpi(c, "SC2").set_stream("notice"); }},
      {"KPI SC2", [](auto& c) { Kpi(c, "SC2").set_measure(Definition::MEASURE_SURVEY); }},
      {"KPI CLA", [](auto& c) { Kpi(c, "CLA").set_cumulative(true); }},
      {"KPI PL3", [](auto& c) { Kpi(c, "PL3").clear_numerator_where(); }},
      {"set board", [](auto& c) { *c.add_sets() = c.sets(0); }},
      {"stream notice", [](auto& c) { Of(c, "notice").mutable_begins(0)->set_topic("x"); }},
      {"stream notice", [](auto& c) { Of(c, "notice").mutable_begins(0)->set_fact("x"); }},
      {"stream notice", [](auto& c) { Of(c, "notice").mutable_begins(0)->set_key("x"); }},
      {"stream notice", [](auto& c) { Of(c, "notice").mutable_begins(0)->set_key("'a'+x"); }},
      {"stream notice", [](auto& c) { Of(c, "notice").mutable_begins(0)->clear_key(); }},
      {"stream notice", [](auto& c) { Of(c, "notice").mutable_begins(0)->set_due("explanation"); }},
      {"stream notice",
       [](auto& c) { Of(c, "notice").mutable_begins(0)->set_explanation("due_time"); }},
      {"stream notice",
       [](auto& c) { (*Of(c, "notice").mutable_begins(0)->mutable_attributes())["a"] = "x"; }},
      {"stream notice", [](auto& c) { Of(c, "notice").mutable_begins(0)->set_value("notice_id"); }},
      {"stream notice", [](auto& c) { Of(c, "notice").mutable_begins(0)->set_each("event_id"); }},
      {"stream notice", [](auto& c) { Of(c, "notice").clear_begins(); }},
      {"stream notice", [](auto& c) { Of(c, "notice").set_chained(true); }},
      {"stream notice",
       [](auto& c) { Of(c, "notice").mutable_begins(0)->add_where()->set_field("basis"); }},
  };
  for (const auto& [names, spoil] : cases) {
    v1::Catalogue catalogue = Shipped();
    spoil(catalogue);
    const absl::Status status = Check(catalogue, KnownTopics());
    EXPECT_FALSE(status.ok()) << names;
    EXPECT_THAT(std::string(status.message()), testing::HasSubstr(names));
  }
}

}  // namespace
}  // namespace fosterwatch::kpis
