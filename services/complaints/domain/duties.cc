#include "services/complaints/domain/duties.h"

#include <algorithm>
#include <string>

#include "libs/clock/proto_time.h"

namespace fosterwatch::complaints::domain {
namespace {

bool IsStepOf(const v1::Duty& duty, int stage_number) {
  return duty.kind() == v1::DUTY_KIND_STEP && duty.stage_number() == stage_number;
}

}  // namespace

bool OfConsideration(const v1::Duty& duty) {
  return duty.kind() == v1::DUTY_KIND_STEP || duty.kind() == v1::DUTY_KIND_CLOSING ||
         duty.kind() == v1::DUTY_KIND_REOPENED || duty.kind() == v1::DUTY_KIND_OUT_OF_TIME ||
         duty.kind() == v1::DUTY_KIND_PAUSE_REMINDER;
}

bool OwedUntilItEnds(const v1::Duty& duty) {
  return OfConsideration(duty) || duty.kind() == v1::DUTY_KIND_ACKNOWLEDGEMENT;
}

void Suspend(v1::Complaint& complaint, int stage_number, const google::protobuf::Timestamp& from) {
  for (v1::Duty& duty : *complaint.mutable_duties()) {
    if (IsOpen(duty) && IsStepOf(duty, stage_number) &&
        clock::FromProto(from) < clock::FromProto(duty.due_time())) {
      duty.set_suspended(true);
    }
  }
}

void Unsuspend(v1::Complaint& complaint, int stage_number) {
  for (v1::Duty& duty : *complaint.mutable_duties()) {
    if (IsOpen(duty) && IsStepOf(duty, stage_number)) duty.set_suspended(false);
  }
}

void SetAttention(v1::Complaint& complaint, absl::string_view attention_id, bool open) {
  const size_t dot = attention_id.rfind('.');
  for (v1::Duty& duty : *complaint.mutable_duties()) {
    if (dot == absl::string_view::npos || duty.duty_id() != attention_id.substr(0, dot)) continue;
    duty.set_attention_open(open);
    if (open) duty.set_attentions(duty.attentions() + 1);
    return;
  }
  auto& ids = *complaint.mutable_open_attention_ids();
  ids.erase(std::remove(ids.begin(), ids.end(), attention_id), ids.end());
  if (open) complaint.add_open_attention_ids(std::string(attention_id));
}

}  // namespace fosterwatch::complaints::domain
