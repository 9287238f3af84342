#include "services/carers/domain/carer.h"

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "libs/status/error.h"

namespace fosterwatch::carers::domain {
namespace {

v1::Carer Carer() {
  v1::Carer carer;
  carer.set_carer_id("F-0031");
  carer.set_name("A. and B. Example");
  carer.set_kind(v1::Carer::KIND_CONNECTED);
  carer.set_approved_date("2021-04-30");
  return carer;
}

TEST(CheckCarerTest, TakesACarer) { EXPECT_TRUE(CheckCarer(Carer()).ok()); }

TEST(CheckCarerTest, NamesTheFieldAtFault) {
  const std::vector<std::pair<std::string, std::function<void(v1::Carer&)>>> cases = {
      {"carer.carer_id", [](v1::Carer& c) { c.set_carer_id("F 31"); }},
      {"carer.name", [](v1::Carer& c) { c.clear_name(); }},
      {"carer.kind", [](v1::Carer& c) { c.clear_kind(); }},
      {"carer.approved_date", [](v1::Carer& c) { c.set_approved_date("2021-02-30"); }},
      {"carer.approved_date", [](v1::Carer& c) { c.set_approved_date("30/04/2021"); }},
      {"carer.address", [](v1::Carer& c) { c.set_address(std::string(501, 'a')); }},
  };
  for (const auto& [field, spoil] : cases) {
    v1::Carer carer = Carer();
    spoil(carer);
    const auto violations = ViolationsOf(CheckCarer(carer));
    ASSERT_EQ(violations.size(), 1u) << field;
    EXPECT_EQ(violations[0].field, field);
  }
}

}  // namespace
}  // namespace fosterwatch::carers::domain
