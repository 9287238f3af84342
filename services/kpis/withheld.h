// Records that their readers may not see: an allegation or a complaint about a member of the staff
// is hidden from that person by its own register, and so it is here. Figures count it as any other;
// what is behind them names it to others alone. A complaint in whose
// informal stage its subject takes part is shown to them by its register, and not here.
#pragma once

#include <optional>
#include <set>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#include "fosterwatch/kpis/v1/kpis_service.pb.h"
#include "libs/bus/bus.h"
#include "libs/ledger/ledger.h"

namespace fosterwatch::kpis {

inline constexpr char kAllegationsTopic[] = "fosterwatch.allegations.v1";
inline constexpr char kComplaintsTopic[] = "fosterwatch.complaints.v1";

// reference.subject. `role` is that of the service.
std::string SubjectsSql(const std::string& role);

// Whom a record of one of the two topics is about, where it says so; nullopt where it does not.
absl::StatusOr<std::optional<ledger::Unit>> NoteSubject(const bus::Record& record);

// The records that are about `person_id`, as "record:ID": who looked at them is not told to that
// person either. None for nobody.
absl::StatusOr<std::set<std::string>> RecordsAbout(ledger::Ledger& ledger,
                                                   const std::string& agency_id,
                                                   const std::string& person_id);

// Takes out the evidence that is about `person_id`, and says how many pieces of it there were.
absl::Status Withhold(ledger::Ledger& ledger, const std::string& agency_id,
                      const std::string& person_id, v1::ExplainKpiResponse& response);

}  // namespace fosterwatch::kpis
