// Holds docs/roles.md to the protos, in both directions: who may call which method is decided on
// that page, and a method without a row there, or with another one, is not built.
#include <cstdlib>
#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "absl/algorithm/container.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "fosterwatch/options/v1/options.pb.h"
#include "tests/support/services.h"

namespace fosterwatch::testing {
namespace {

// The page's columns, in their order.
std::vector<options::v1::Role> Columns() {
  return {options::v1::ROLE_CASEWORKER,
          options::v1::ROLE_SUPERVISING_SOCIAL_WORKER,
          options::v1::ROLE_TEAM_MANAGER,
          options::v1::ROLE_DEPUTY_MANAGER,
          options::v1::ROLE_REGISTERED_MANAGER,
          options::v1::ROLE_RESPONSIBLE_INDIVIDUAL,
          options::v1::ROLE_ADMINISTRATOR,
          options::v1::ROLE_PUBLISHER,
          options::v1::ROLE_SERVICE};
}

// "| CarersService.GetCarer | yes | own | ..."
std::string RowOf(const google::protobuf::MethodDescriptor& method) {
  const auto& access = method.options().GetExtension(options::v1::access);
  std::string row = absl::StrCat("| ", method.service()->name(), ".", method.name(), " |");
  for (const options::v1::Role role : Columns()) {
    const bool own = absl::c_linear_search(access.own_caseload(), role);
    const bool all = absl::c_linear_search(access.roles(), role);
    absl::StrAppend(&row, all ? " yes |" : own ? " own |" : " |");
  }
  return row;
}

TEST(RolesPageTest, SaysOfEveryMethodWhoMayCallItAndOfNoOther) {
  std::ifstream page(std::string(std::getenv("FOSTERWATCH_SOURCE_DIR")) + "/docs/roles.md");
  std::set<std::string> decided, built;
  for (std::string line; std::getline(page, line);) {
    if (absl::StartsWith(line, "| ") && absl::StrContains(line, "Service.")) decided.insert(line);
  }
  for (const auto* service : EveryService()) {
    for (int i = 0; i < service->method_count(); ++i) built.insert(RowOf(*service->method(i)));
  }
  for (const std::string& row : built) {
    EXPECT_TRUE(decided.contains(row)) << "docs/roles.md has not:\n" << row;
  }
  for (const std::string& row : decided) {
    EXPECT_TRUE(built.contains(row)) << "the protos have not:\n" << row;
  }
  EXPECT_GT(built.size(), 200u);
}

TEST(RolesPageTest, HasAColumnForEveryRole) {
  EXPECT_EQ(static_cast<int>(Columns().size()) + 1, options::v1::Role_descriptor()->value_count());
}

}  // namespace
}  // namespace fosterwatch::testing
