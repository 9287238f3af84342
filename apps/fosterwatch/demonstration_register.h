// The demonstration agency's carers as another system would hand them over: a file for
// `fosterwatch import carers`, with terms, reviews, visits, agreements and checks up to today, so
// that little is overdue. A few visits and certificates are late, as in every real register.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "absl/time/civil_time.h"

#include "apps/fosterwatch/demonstration_agency.h"
#include "fosterwatch/kpis/v1/safer_caring.pb.h"
#include "fosterwatch/placements/v1/placement.pb.h"

namespace fosterwatch::app {

// CSV with its line of column names; without the carers of the ids `known`. The same for the same
// day. Nothing in it is later than `today` or, but for checks, earlier than the approval.
std::string CarersCsv(const DemonstrationAgency& agency, absl::CivilDay today,
                      const std::set<std::string>& known);

// Where each child lives, since when and in what kind of placement: one a child, all of the past
// and the same on any day; with connected carers as such, else short term where it is of the last
// year.
std::vector<placements::v1::Placement> Placements(const DemonstrationAgency& agency);

// When each household's safer caring plan was last looked at, as its case system would report it.
// Of a few nobody has said anything, and a few are out of date. Nothing is later than `today` or
// earlier than the approval.
std::vector<kpis::v1::ReportedSaferCaringPlan> SaferCaringPlans(const DemonstrationAgency& agency,
                                                                absl::CivilDay today);

}  // namespace fosterwatch::app
