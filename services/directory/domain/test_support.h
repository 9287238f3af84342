// People of a small agency for tests of rules: m1 manages, d1 is the deputy, t1 leads a team, r1 is
// the responsible individual.
#pragma once

#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "gtest/gtest.h"

#include "libs/clock/proto_time.h"
#include "libs/status/error.h"
#include "services/directory/domain/absence.h"
#include "services/directory/domain/policy.h"

namespace fosterwatch::directory::domain {

inline absl::Time At(const std::string& text) {
  absl::Time time;
  std::string error;
  EXPECT_TRUE(absl::ParseTime(absl::RFC3339_full, text, &time, &error)) << error;
  return time;
}

inline google::protobuf::Timestamp ProtoAt(const std::string& text) {
  return clock::ToProto(At(text));
}

inline v1::RoleHolder Holder(const std::string& person, options::v1::Role role) {
  v1::RoleHolder holder;
  holder.set_holder_id("h-" + person);
  holder.set_person_id(person);
  holder.set_role(role);
  holder.set_name("A Name");
  holder.set_email(person + "@agency.example");
  holder.set_title("A title");
  *holder.mutable_from_time() = ProtoAt("2026-01-01T00:00:00Z");
  return holder;
}

inline std::vector<v1::RoleHolder> People() {
  return {Holder("m1", options::v1::ROLE_REGISTERED_MANAGER),
          Holder("d1", options::v1::ROLE_DEPUTY_MANAGER),
          Holder("t1", options::v1::ROLE_TEAM_MANAGER),
          Holder("r1", options::v1::ROLE_RESPONSIBLE_INDIVIDUAL),
          Holder("c1", options::v1::ROLE_CASEWORKER)};
}

inline std::string SourceFile(const std::string& path) {
  std::ifstream file(std::string(std::getenv("FOSTERWATCH_SOURCE_DIR")) + "/" + path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

// The policy that is shipped.
inline v1::DirectoryPolicy Policy() {
  const auto policies =
      ParseDirectoryPolicies(SourceFile("services/directory/policy/directory.json"));
  EXPECT_TRUE(policies.ok()) << policies.status();
  return policies->editions(0);
}

inline std::string FieldAtFault(const absl::Status& status) {
  const auto violations = ViolationsOf(status);
  return violations.empty() ? "" : violations[0].field;
}

}  // namespace fosterwatch::directory::domain
