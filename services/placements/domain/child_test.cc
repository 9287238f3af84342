#include "services/placements/domain/child.h"

#include <gtest/gtest.h>

#include "libs/status/error.h"

namespace fosterwatch::placements::domain {
namespace {

v1::Child Child() {
  v1::Child child;
  child.set_child_id("C-0142");
  child.set_name("Example Child");
  child.set_birth_date("2014-06-01");
  child.set_responsible_authority_id("northshire");
  child.set_area_authority_id("northshire");
  child.set_carer_id("F-0031");
  return child;
}

constexpr Known kAll{true, true, true};

std::string FieldAtFault(const absl::Status& status) {
  const auto violations = ViolationsOf(status);
  return violations.empty() ? "" : violations[0].field;
}

TEST(CheckChildTest, TakesAChildWhoseAuthoritiesAndCarerAreKnown) {
  EXPECT_TRUE(CheckChild(Child(), kAll).ok());
}

TEST(CheckChildTest, AChildWhoIsNotPlacedNeedsNoCarer) {
  v1::Child child = Child();
  child.clear_carer_id();
  EXPECT_TRUE(CheckChild(child, {true, true, false}).ok());
}

TEST(CheckChildTest, RefusesWhatIsUnknown) {
  EXPECT_EQ(FieldAtFault(CheckChild(Child(), {false, true, true})),
            "child.responsible_authority_id");
  EXPECT_EQ(FieldAtFault(CheckChild(Child(), {true, false, true})), "child.area_authority_id");
  EXPECT_EQ(FieldAtFault(CheckChild(Child(), {true, true, false})), "child.carer_id");
}

TEST(CheckChildTest, RefusesADayThatDoesNotExist) {
  v1::Child child = Child();
  child.set_birth_date("2014-02-29");
  EXPECT_EQ(FieldAtFault(CheckChild(child, kAll)), "child.birth_date");
}

}  // namespace
}  // namespace fosterwatch::placements::domain
