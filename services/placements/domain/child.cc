#include "services/placements/domain/child.h"

#include <algorithm>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/time/civil_time.h"

#include "libs/status/error.h"

namespace fosterwatch::placements::domain {

absl::Status CheckChild(const v1::Child& child, const Known& known) {
  const std::string& id = child.child_id();
  if (id.empty() || id.size() > 64 || !std::all_of(id.begin(), id.end(), absl::ascii_isgraph)) {
    return InvalidField("child.child_id", "INVALID_ID", "is not 1 to 64 visible characters");
  }
  if (child.name().empty() || child.name().size() > 200) {
    return InvalidField("child.name", "INVALID_NAME", "is missing or longer than 200 characters");
  }
  absl::CivilDay day;
  if (!absl::ParseCivilTime(child.birth_date(), &day) || child.birth_date().size() != 10) {
    return InvalidField("child.birth_date", "INVALID_DATE", "is not a day such as 2026-11-22");
  }
  if (!known.responsible_authority) {
    return InvalidField("child.responsible_authority_id", "UNKNOWN_BODY",
                        "is no local authority of the directory");
  }
  if (!known.area_authority) {
    return InvalidField("child.area_authority_id", "UNKNOWN_BODY",
                        "is no local authority of the directory");
  }
  if (!child.carer_id().empty() && !known.carer) {
    return InvalidField("child.carer_id", "UNKNOWN_CARER", "is not in the register of carers");
  }
  return absl::OkStatus();
}

}  // namespace fosterwatch::placements::domain
