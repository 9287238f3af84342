// A child, the shipped codes and a clock for the tests of the rules.
#pragma once

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>

#include "absl/time/time.h"

#include "libs/status/error.h"
#include "services/placements/domain/codes.h"
#include "services/placements/domain/placement.h"

namespace fosterwatch::placements::domain {

inline const v1::CodeLists& ShippedCodes() {
  static const auto* const codes = [] {
    std::ifstream file(std::string(std::getenv("FOSTERWATCH_SHARE_DIR")) +
                       "/policy/placement_codes.json");
    std::ostringstream text;
    text << file.rdbuf();
    return new v1::CodeLists(*ParseCodeLists(text.str()));
  }();
  return *codes;
}

inline absl::Time Noon(int year, int month, int day) {
  return absl::FromCivil(absl::CivilSecond(year, month, day, 12), absl::UTCTimeZone());
}

// 22 November 2026; carers "F-1" to "F-3" and authority "northshire" are known.
inline Circumstances Today() {
  Circumstances circumstances;
  circumstances.carer_known = [](const std::string& id) {
    return id == "F-1" || id == "F-2" || id == "F-3";
  };
  circumstances.authority_known = [](const std::string& id) { return id == "northshire"; };
  circumstances.codes = &ShippedCodes();
  circumstances.now = Noon(2026, 11, 22);
  circumstances.person_id = "person-1";
  circumstances.new_id = [] {
    static int next = 0;
    return "made-" + std::to_string(++next);
  };
  return circumstances;
}

inline v1::ChildFile NotPlaced() {
  v1::ChildFile file;
  file.set_child_id("C-1");
  file.set_name("Example Child");
  file.set_birth_date("2014-06-01");
  file.set_responsible_authority_id("northshire");
  file.set_area_authority_id("northshire");
  return file;
}

// The file as the facts leave it.
inline v1::ChildFile After(v1::ChildFile file, const Facts& facts) {
  for (const v1::PlacementsFact& fact : facts) Evolve(file, fact, {"fact", Noon(2026, 11, 22)});
  return file;
}

inline v1::StartPlacementRequest StartRequest(const std::string& carer_id, const std::string& day) {
  v1::StartPlacementRequest request;
  request.mutable_placement()->set_child_id("C-1");
  request.mutable_placement()->set_carer_id(carer_id);
  request.mutable_placement()->set_start_date(day);
  request.mutable_placement()->set_placement_code("U6");
  return request;
}

inline v1::MoveChildRequest MoveRequest(const std::string& carer_id, const std::string& day,
                                        const std::string& reason) {
  v1::MoveChildRequest request;
  request.set_child_id("C-1");
  request.set_reason_code(reason);
  request.mutable_next()->set_carer_id(carer_id);
  request.mutable_next()->set_start_date(day);
  request.mutable_next()->set_placement_code("U4");
  return request;
}

inline v1::EndPlacementRequest EndRequest(const std::string& day, const std::string& reason) {
  v1::EndPlacementRequest request;
  request.set_child_id("C-1");
  request.set_end_date(day);
  request.set_reason_code(reason);
  return request;
}

// Lives with F-1 since 1 March 2026.
inline const v1::ChildFile& Placed() {
  static const auto* const file = new v1::ChildFile(
      After(NotPlaced(), *Start(NotPlaced(), StartRequest("F-1", "2026-03-01"), Today())));
  return *file;
}

inline std::string FieldAtFault(const absl::Status& status) {
  const auto violations = ViolationsOf(status);
  return violations.empty() ? "" : violations[0].field;
}

}  // namespace fosterwatch::placements::domain
