// How facts change what a complaint owes; for Evolve alone.
#pragma once

#include "absl/strings/string_view.h"
#include <google/protobuf/timestamp.pb.h>

#include "fosterwatch/complaints/v1/complaint.pb.h"
#include "services/complaints/domain/evolve.h"

namespace fosterwatch::complaints::domain {

// Adds duties, or puts them in the place of those with their ids.
template <typename Duties>
void Put(v1::Complaint& complaint, const Duties& duties) {
  for (const v1::Duty& duty : duties) {
    v1::Duty* found = nullptr;
    for (v1::Duty& known : *complaint.mutable_duties()) {
      if (known.duty_id() == duty.duty_id()) found = &known;
    }
    *(found == nullptr ? complaint.add_duties() : found) = duty;
  }
}

// Marks the open duties for which `is` holds as done.
template <typename Is>
void Done(v1::Complaint& complaint, const google::protobuf::Timestamp& when, const Is& is) {
  for (v1::Duty& duty : *complaint.mutable_duties()) {
    if (!IsOpen(duty) || !is(duty)) continue;
    *duty.mutable_done_time() = when;
    duty.set_suspended(false);
  }
}

// Marks them as owed no longer, though never fulfilled.
template <typename Is>
void FallAway(v1::Complaint& complaint, const Is& is) {
  for (v1::Duty& duty : *complaint.mutable_duties()) {
    if (IsOpen(duty) && is(duty)) duty.set_fallen_away(true);
  }
}

inline auto OfKind(v1::DutyKind kind) {
  return [kind](const v1::Duty& duty) { return duty.kind() == kind; };
}

// What ends with the complaint, or with its procedure.
bool OfConsideration(const v1::Duty& duty);
bool OwedUntilItEnds(const v1::Duty& duty);

// The clocks of a stage's open steps stand still from then on, but for what was late by then; or
// they run again.
void Suspend(v1::Complaint& complaint, int stage_number, const google::protobuf::Timestamp& from);
void Unsuspend(v1::Complaint& complaint, int stage_number);

// Attention that is called to a duty ("<duty_id>.<n>"), or to something that is none.
void SetAttention(v1::Complaint& complaint, absl::string_view attention_id, bool open);

}  // namespace fosterwatch::complaints::domain
