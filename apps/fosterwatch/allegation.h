// What the commands about allegations share.
#pragma once

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#include "apps/fosterwatch/remote.h"
#include "fosterwatch/allegations/v1/allegation.pb.h"

namespace fosterwatch::app {

inline constexpr char kAllegationsArea[] = "allegations";
inline constexpr char kAllegationsService[] = "AllegationsService";

// One allegation with its checklist and what is owed; the error where it is none.
absl::Status ShowAllegation(const Context& context,
                            const absl::StatusOr<allegations::v1::Allegation>& allegation);

// receive, amend, refer, ... close, reopen.
void AddAllegationActs(CLI::App* allegation, Context* context);

}  // namespace fosterwatch::app
