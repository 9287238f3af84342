// One event as the regulator's own form asks for it: the minimum fields of Ofsted's notification
// form for children's social care services (URN, kinds, when and where, children, initials and job
// titles of those involved, what happened, who else was told, actions at the time, evaluation,
// planned prevention). What the record does not have is named.
#pragma once

#include <map>
#include <string>

#include "absl/strings/string_view.h"

#include "fosterwatch/notifiable_events/v1/oversight.pb.h"
#include "fosterwatch/options/v1/options.pb.h"

namespace fosterwatch::notifiable_events::domain {

struct Colleague {
  std::string name;
  options::v1::Role role = options::v1::ROLE_UNSPECIFIED;
};
// By person_id; only those whom the directory knows.
using Colleagues = std::map<std::string, Colleague>;

// "J.S." of "Jane Smith", "A.-M.B." of "Anne-Marie Brown"; letters are those of UTF-8.
std::string InitialsOf(absl::string_view name);

// A reference as it may leave the agency: itself where it holds a digit, else initials, since it
// then is who took the call.
std::string ReferenceWithoutNames(absl::string_view reference);

v1::RegulatorExport ExportForRegulator(const v1::NotifiableEvent& event, absl::string_view urn,
                                       const Colleagues& colleagues);

}  // namespace fosterwatch::notifiable_events::domain
