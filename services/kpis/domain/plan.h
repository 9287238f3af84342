// Action plans for KPIs that are red: one for each episode. An episode begins with a red month and
// ends with the first green month that is over; amber and incomplete months leave it as it is. Pure
// functions over all plans of one KPI.
//
// What is late calls for attention once for each time that it becomes late, and no more once it is
// done or the plan has ended.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"

#include "fosterwatch/kpis/v1/action_plan.pb.h"
#include "fosterwatch/kpis/v1/action_plans_service.pb.h"
#include "fosterwatch/kpis/v1/kpi.pb.h"
#include "fosterwatch/kpis/v1/kpi_facts.pb.h"
#include "libs/clock/working_calendar.h"
#include "services/kpis/domain/policy.h"
#include "services/kpis/domain/reported.h"

namespace fosterwatch::kpis::domain {

struct Given {
  absl::Time now;
  const v1::KpiPolicies& policies;
  const clock::WorkingCalendar& calendar;
};

// A month as it stands by what is known now.
struct MonthStanding {
  absl::CivilMonth month;
  v1::Status status = v1::STATUS_UNSPECIFIED;
  // The running month's figure may change by the hour: it may turn a KPI red, but ends nothing.
  bool over = false;
  std::optional<double> value;
  std::optional<double> target;
};

// What follows for the plans of a KPI from its months, which are consecutive, the oldest first.
// They may begin within an episode:
//   - a plan is opened where an episode goes on for which there is none (RedBegan), and attention
//     called to it. An episode that is over before it was ever seen opens none;
//   - the open plan ends with its episode, or where no month since was red by what is known now;
//   - a plan that has ended goes on where the month that ended it is not green after all
//     (RedResumed), instead of a second plan for one episode.
// Asked again with the same months it gives nothing.
Facts Judge(const v1::ActionPlanFile& file, absl::string_view code,
            absl::string_view definition_version, const std::vector<MonthStanding>& months,
            const Given& given);

// INVALID_ARGUMENT names the field; FAILED_PRECONDITION PLAN_ENDED, ACTION_CLOSED; NOT_FOUND
// (NOT_FOUND) for a plan or an action that is not there. `now` of a request lies in `given`.
absl::StatusOr<Facts> NameOwner(const v1::ActionPlanFile& file,
                                const v1::NamePlanOwnerRequest& request,
                                absl::string_view person_id, const Given& given);
absl::StatusOr<Facts> AddAction(const v1::ActionPlanFile& file, const v1::AddActionRequest& request,
                                absl::string_view action_id, const Given& given);
absl::StatusOr<Facts> FinishAction(const v1::ActionPlanFile& file,
                                   const v1::FinishActionRequest& request,
                                   absl::string_view person_id, const Given& given);
// The next review: DUE_IN_THE_PAST for one that is not after now.
absl::StatusOr<Facts> Review(const v1::ActionPlanFile& file, const v1::ReviewPlanRequest& request,
                             absl::string_view review_id, absl::string_view person_id,
                             const Given& given);

// When the first duty of the open plan is due to which nobody's attention was called.
std::optional<absl::Time> NextOverdue(const v1::ActionPlanFile& file);
// AttentionNeeded for each that is due by now.
Facts RecordOverdue(const v1::ActionPlanFile& file, absl::Time now);

// In the id of the attention that is called to a plan's being red; of a duty's it is the duty's id.
inline constexpr char kRedAttention[] = "red";

// Null where there is none of that id.
const v1::ActionPlan* FindPlan(const v1::ActionPlanFile& file, absl::string_view plan_id);
// "SC5" of "SC5-1"; empty for what is no id of a plan.
std::string CodeOfPlan(absl::string_view plan_id);

// Applies one fact; total.
void Evolve(v1::ActionPlanFile& file, const v1::KpiFact& fact);

}  // namespace fosterwatch::kpis::domain
