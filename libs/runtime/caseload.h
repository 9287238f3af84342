// Whose records a caller may see whose roles let them call a method for their own caseload alone
// (Access.own_caseload). The door (door.h) asks for every record that a request or an answer names.
#pragma once

#include <set>
#include <string>

#include "absl/status/statusor.h"

namespace fosterwatch::runtime {

// Any thread that may block.
class Caseload {
 public:
  virtual ~Caseload() = default;
  // Those of these records ("carer:F-0031", as AddRecordsOf names them) that are not in the
  // person's caseload now: also those that are not known here, and those of kinds that no caseload
  // of this service knows. An error where that cannot be said.
  virtual absl::StatusOr<std::set<std::string>> Foreign(const std::string& agency_id,
                                                        const std::string& person_id,
                                                        const std::set<std::string>& records) = 0;
};

}  // namespace fosterwatch::runtime
