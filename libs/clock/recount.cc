#include "libs/clock/recount.h"

#include "libs/clock/proto_time.h"
#include "libs/status/status_macros.h"

namespace fosterwatch::clock {
namespace {

using type::v1::Explanation;
using type::v1::ExplanationStep;

bool CountsWorkingDays(const Explanation& explanation) {
  return explanation.steps_size() == 1 &&
         (explanation.steps(0).operation() == ExplanationStep::OPERATION_ADD_WORKING_DAYS ||
          explanation.steps(0).operation() == ExplanationStep::OPERATION_ADD_UNPAUSED_WORKING_DAYS);
}

}  // namespace

bool IsCountedOtherwise(const Explanation& explanation, const WorkingCalendar& calendar) {
  return CountsWorkingDays(explanation) && explanation.calendar_version() != calendar.version();
}

absl::Status Recount(Explanation& explanation, google::protobuf::Timestamp& due_time,
                     const std::vector<Pause>& pauses, const WorkingCalendar& calendar) {
  if (!CountsWorkingDays(explanation)) return absl::OkStatus();
  const absl::Time start = FromProto(explanation.trigger_time());
  const int days = static_cast<int>(explanation.steps(0).amount());
  ASSIGN_OR_RETURN(const CivilDeadline due, pauses.empty()
                                                ? AddWorkingDays(start, days, calendar)
                                                : AddWorkingDays(start, days, calendar, pauses));
  explanation = Explain({explanation.trigger(), explanation.rule(), explanation.rule_version(),
                         explanation.source(), explanation.confidence()},
                        start, due);
  due_time = ToProto(due.due());
  return absl::OkStatus();
}

}  // namespace fosterwatch::clock
