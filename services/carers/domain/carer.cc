#include "services/carers/domain/carer.h"

#include <algorithm>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/time/civil_time.h"

#include "libs/status/error.h"

namespace fosterwatch::carers::domain {

absl::Status CheckCarer(const v1::Carer& carer) {
  const std::string& id = carer.carer_id();
  if (id.empty() || id.size() > 64 || !std::all_of(id.begin(), id.end(), absl::ascii_isgraph)) {
    return InvalidField("carer.carer_id", "INVALID_ID", "is not 1 to 64 visible characters");
  }
  if (carer.name().empty() || carer.name().size() > 200) {
    return InvalidField("carer.name", "INVALID_NAME", "is missing or longer than 200 characters");
  }
  if (carer.kind() == v1::Carer::KIND_UNSPECIFIED || !v1::Carer::Kind_IsValid(carer.kind())) {
    return InvalidField("carer.kind", "MISSING_FIELD", "is missing or unknown");
  }
  absl::CivilDay day;
  if (!absl::ParseCivilTime(carer.approved_date(), &day) || carer.approved_date().size() != 10) {
    return InvalidField("carer.approved_date", "INVALID_DATE", "is not a day such as 2026-11-22");
  }
  if (carer.address().size() > 500) {
    return InvalidField("carer.address", "TOO_LONG", "is longer than 500 characters");
  }
  return absl::OkStatus();
}

}  // namespace fosterwatch::carers::domain
