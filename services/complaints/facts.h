// Other registers' facts in: complaints that were seen there, and the allegations that disclosures
// have opened.
#pragma once

#include <optional>

#include "absl/status/statusor.h"

#include "libs/bus/bus.h"
#include "libs/ledger/ledger.h"
#include "services/complaints/app.h"

namespace fosterwatch::complaints {

inline constexpr char kEventsTopic[] = "fosterwatch.notifiable-events.v1";
inline constexpr char kAllegationsTopic[] = "fosterwatch.allegations.v1";

// A notifiable event of kind SERIOUS_COMPLAINT is a sighting.
absl::StatusOr<std::optional<ledger::Unit>> EventSeen(App& app, const bus::Record& record);

// An allegation that a complaint has opened is linked with it; any other is a sighting.
absl::StatusOr<std::optional<ledger::Unit>> AllegationSeen(App& app, const bus::Record& record);

}  // namespace fosterwatch::complaints
