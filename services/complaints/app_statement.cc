// The use cases over all complaints of 12 months.
#include "libs/clock/check_time.h"
#include "libs/clock/proto_time.h"
#include "libs/status/field_check.h"
#include "libs/status/status_macros.h"
#include "services/complaints/app.h"
#include "services/complaints/domain/statement.h"
#include "services/complaints/views.h"

namespace fosterwatch::complaints {
namespace {

using v1::Complaint;

// Each as it was in the version that it had then.
absl::StatusOr<std::vector<Complaint>> ComplaintsAsAt(ledger::Ledger& ledger,
                                                      const std::string& agency_id,
                                                      const domain::TwelveMonths& months,
                                                      absl::Time as_at) {
  ASSIGN_OR_RETURN(const auto versions,
                   VersionsAsAt(ledger, agency_id, months.from(), months.until(), as_at));
  std::vector<Complaint> complaints;
  complaints.reserve(versions.size());
  for (const auto& [complaint_id, version] : versions) {
    ASSIGN_OR_RETURN(const auto state,
                     ledger.Load(agency_id, kComplaintAggregate, complaint_id, version));
    complaints.push_back(static_cast<const Complaint&>(*state));
  }
  return complaints;
}

}  // namespace

absl::StatusOr<v1::ListThemesResponse> App::ListThemes(const std::string& agency_id,
                                                       const v1::ListThemesRequest& request) {
  const absl::Time now = now_();
  ASSIGN_OR_RETURN(const auto months, domain::MonthsUntil(request.until_date(), now));
  ASSIGN_OR_RETURN(const auto complaints, ComplaintsAsAt(*ledger_, agency_id, months, now));
  return domain::MakeThemes(complaints, months);
}

absl::StatusOr<v1::Statement> App::GetStatement(const std::string& agency_id,
                                                const v1::GetStatementRequest& request) {
  const absl::Time now = now_();
  ASSIGN_OR_RETURN(const auto months, domain::MonthsUntil(request.until_date(), now));
  absl::Time as_at = now;
  if (request.has_as_at_time()) {
    FieldCheck check;
    const auto asked = clock::CheckTime(check, "as_at_time", true, request.as_at_time(), now);
    RETURN_IF_ERROR(check.ToStatus());
    as_at = std::min(*asked, now);
  }
  ASSIGN_OR_RETURN(const auto complaints, ComplaintsAsAt(*ledger_, agency_id, months, as_at));
  return domain::MakeStatement(complaints, months, as_at, calendar_);
}

}  // namespace fosterwatch::complaints
