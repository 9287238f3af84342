// What the registers and the directory publish, as units of work of this service.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

#include "libs/bus/bus.h"
#include "libs/ledger/ledger.h"
#include "services/notifications/domain/given.h"

namespace fosterwatch::notifications {

inline constexpr char kEventsTopic[] = "fosterwatch.notifiable-events.v1";

// The unit that a record of kEventsTopic asks for; nothing where nobody is to be told of it.
// INVALID_ARGUMENT (MALFORMED_ENVELOPE, MALFORMED_FACT) where it cannot be read. The rules
// outlive the unit.
absl::StatusOr<std::optional<ledger::Unit>> Handle(const bus::Record& record,
                                                   const domain::Rules& rules,
                                                   const std::function<absl::Time()>& now);

// The topics of the other registers, which say by AttentionNeeded and AttentionSettled among their
// facts what somebody should look at.
std::vector<std::string> RegisterTopics();

// The same, of a record of RegisterTopics.
absl::StatusOr<std::optional<ledger::Unit>> HandleRegister(const bus::Record& record,
                                                           const domain::Rules& rules,
                                                           const std::function<absl::Time()>& now);

inline constexpr char kDirectoryTopic[] = "fosterwatch.directory.v1";

// The same, of a record of kDirectoryTopic: what a check found is alerted; where a holder was
// appointed, is away or is back, alerts that could reach nobody are tried again. With an agency's
// first holder it begins that who looked at what is looked at daily. Blocks on the
// ledger's views, and fails as they do.
absl::StatusOr<std::optional<ledger::Unit>> HandleDirectory(const bus::Record& record,
                                                            ledger::Ledger& ledger,
                                                            const domain::Rules& rules,
                                                            const std::function<absl::Time()>& now);

}  // namespace fosterwatch::notifications
