#include "services/allegations/withheld.h"

#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"

#include "libs/status/error.h"
#include "libs/status/status_macros.h"

namespace fosterwatch::allegations {

absl::StatusOr<std::set<std::string>> AllegationsAbout(ledger::Ledger& ledger,
                                                       const std::string& agency_id,
                                                       const std::string& person_id) {
  std::set<std::string> about;
  if (person_id.empty()) return about;
  ASSIGN_OR_RETURN(const auto rows,
                   ledger.Read(agency_id, {{"SELECT allegation_id FROM view.allegation"
                                            " WHERE agency_id = $1 AND person_id = $2",
                                            {agency_id, person_id}}}));
  for (int row = 0; row < rows[0].rows(); ++row) about.insert(rows[0].Text(row, 0));
  return about;
}

absl::StatusOr<std::set<std::string>> AuditedAbout(ledger::Ledger& ledger,
                                                   const std::string& agency_id,
                                                   const std::string& person_id) {
  ASSIGN_OR_RETURN(std::set<std::string> about, AllegationsAbout(ledger, agency_id, person_id));
  if (person_id.empty()) return about;
  ASSIGN_OR_RETURN(const auto rows,
                   ledger.Read(agency_id, {{"SELECT complaint_id FROM reference.complaint"
                                            " WHERE agency_id = $1 AND staff_id <> ''"
                                            " AND staff_id = $2",
                                            {agency_id, person_id}}}));
  for (int row = 0; row < rows[0].rows(); ++row) about.insert(rows[0].Text(row, 0));
  return about;
}

absl::StatusOr<std::set<std::string>> RecordsWithheldFrom(ledger::Ledger& ledger,
                                                          const std::string& agency_id,
                                                          const std::string& person_id) {
  ASSIGN_OR_RETURN(const std::set<std::string> about, AuditedAbout(ledger, agency_id, person_id));
  std::set<std::string> records;
  for (const std::string& id : about) {
    records.insert(absl::StrCat("allegation:", id));
    records.insert(absl::StrCat("complaint:", id));
  }
  return records;
}

v1::Audit Shown(v1::Audit audit, const std::set<std::string>& withheld) {
  if (withheld.empty()) return audit;
  google::protobuf::RepeatedPtrField<v1::AuditedRecord> shown;
  for (v1::AuditedRecord& record : *audit.mutable_records()) {
    if (record.kind() != v1::AuditedRecord::KIND_EVENT && withheld.contains(record.record_id())) {
      audit.set_withheld_count(audit.withheld_count() + 1);
    } else {
      *shown.Add() = std::move(record);
    }
  }
  audit.mutable_records()->Swap(&shown);
  return audit;
}

absl::Status Shown(const absl::Status& refusal, const std::set<std::string>& withheld) {
  std::vector<Violation> violations = ViolationsOf(refusal);
  bool any = false;
  for (Violation& violation : violations) {
    for (const std::string& id : withheld) {
      if (violation.field != absl::StrCat("records[", id, "]")) continue;
      violation.field = "records";
      violation.description = "one that you may not see is not graded";
      any = true;
    }
  }
  if (!any) return refusal;
  return Error(refusal.code(), ReasonOf(refusal), refusal.message(), std::move(violations));
}

}  // namespace fosterwatch::allegations
