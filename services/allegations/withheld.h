// What audits are over and their readers may not see: allegations and complaints about themselves.
// They are graded by others; to whom one is about, an audit says how many records are withheld and
// nothing else.
#pragma once

#include <set>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#include "fosterwatch/allegations/v1/audit.pb.h"
#include "libs/ledger/ledger.h"

namespace fosterwatch::allegations {

// Ids of the allegations about that member of the staff.
absl::StatusOr<std::set<std::string>> AllegationsAbout(ledger::Ledger& ledger,
                                                       const std::string& agency_id,
                                                       const std::string& person_id);

// Of all that is audited: those, and complaints about that person.
absl::StatusOr<std::set<std::string>> AuditedAbout(ledger::Ledger& ledger,
                                                   const std::string& agency_id,
                                                   const std::string& person_id);

// The same for the list of who looked at what: "allegation:ID" and "complaint:ID" of each, which an
// audit names by their ids alone.
absl::StatusOr<std::set<std::string>> RecordsWithheldFrom(ledger::Ledger& ledger,
                                                          const std::string& agency_id,
                                                          const std::string& person_id);

// The audit as it is shown: without those records.
v1::Audit Shown(v1::Audit audit, const std::set<std::string>& withheld);

// A refusal that names records, without the names of those: "records".
absl::Status Shown(const absl::Status& refusal, const std::set<std::string>& withheld);

}  // namespace fosterwatch::allegations
