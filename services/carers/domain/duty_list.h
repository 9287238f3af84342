// Collects what is owed on one carer, each duty dated by the policy in force.
#pragma once

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"

#include "services/carers/domain/command.h"

namespace fosterwatch::carers::domain {

// Looks at the carer and the context as long as it lives.
class DutyList {
 public:
  DutyList(const v1::Carer& carer, const Context& context);

  const v1::CarerPolicy& policy() const { return policy_; }

  // Whether the policy's rule holds for what began on that day; always where the rule names no day.
  bool HoldsFor(v1::DutyKind kind, absl::CivilDay day) const;

  // Due its limit after `start`; `trigger` names that moment. The reference holds until the next
  // one is added.
  v1::CarerDuty& Add(v1::DutyKind kind, const std::string& about, absl::Time start,
                     absl::string_view trigger);

  // One that comes again: from the day on which it was done last ("" for never), else from the
  // approval; where it is owed only while a child is placed, not from before one was.
  void AddRecurring(v1::DutyKind kind, const std::string& about, const std::string& last,
                    absl::string_view last_name);
  // None where there is no approval.
  void AddFromApproval(v1::DutyKind kind, const std::string& about);
  // Of a person who joined after the approval: by the limit that the policy sets for them.
  void AddFromJoining(v1::DutyKind kind, const std::string& person, const std::string& joined);

  // As it was set when it came about.
  void Keep(const std::string& duty_id, v1::DutyKind kind, const std::string& about,
            absl::Time start, absl::string_view trigger);

  // Gives it the warnings of its policy, none before a moment, and none once it counts as overdue.
  void Warn(v1::CarerDuty& duty, absl::Time not_before) const;

  // All, by due time, then by id. Leaves none.
  std::vector<v1::CarerDuty> Take();

 private:
  v1::CarerDuty& AddBy(const v1::CarerPolicy::Limit& limit, v1::DutyKind kind,
                       const std::string& about, absl::Time start, absl::string_view trigger);
  void AwaitRecords(v1::CarerDuty& duty) const;

  const v1::Carer& carer_;
  const Context& context_;
  const v1::CarerPolicy& policy_;
  std::vector<v1::CarerDuty> duties_;
};

}  // namespace fosterwatch::carers::domain
