#include "services/complaints/domain/present.h"

#include "libs/clock/check_time.h"
#include "libs/clock/proto_time.h"
#include "libs/status/error.h"
#include "services/complaints/domain/evolve.h"

namespace fosterwatch::complaints::domain {

using google::protobuf::Timestamp;

absl::Status Not(absl::string_view reason, absl::string_view message) {
  return Error(absl::StatusCode::kFailedPrecondition, reason, message);
}

absl::StatusOr<Present> PresentOf(const v1::Complaint& complaint, const Book& book) {
  const v1::Stage* stage = CurrentStage(complaint);
  if (stage == nullptr) return Not("NOT_A_COMPLAINT", "it has no stage");
  const Book::Edition& edition =
      EditionOf(book, stage->procedure_version(), clock::FromProto(stage->clock_start_time()));
  const Book::Procedure* procedure = FindProcedure(edition, stage->procedure_id());
  const Book::Stage* rules =
      procedure == nullptr ? nullptr : FindStage(*procedure, stage->stage_id());
  if (rules == nullptr) {
    return Error(absl::StatusCode::kInternal, "PROCEDURE_GONE",
                 "the procedure of the complaint's stage is in the book no longer");
  }
  return Present{*stage, edition, *procedure, *rules};
}

absl::Status CheckRunning(const v1::Stage& stage) {
  if (stage.has_answered_time()) {
    return Not("ANSWERED_BEFORE", "the present stage has been answered");
  }
  if (IsPaused(stage)) return Not("STAGE_PAUSED", "the present stage is paused; resume it first");
  return absl::OkStatus();
}

std::optional<absl::Time> MomentOf(FieldCheck& check, absl::string_view field, bool present,
                                   const Timestamp& timestamp, absl::Time start, absl::Time now) {
  if (!present) return now;
  const auto time = clock::CheckTime(check, field, true, timestamp, now);
  if (time && *time < start) {
    check.Refuse(field, "BEFORE_START", "is before what it follows");
    return std::nullopt;
  }
  return time;
}

const v1::Duty* OpenStep(const v1::Complaint& complaint, const v1::Stage& stage,
                         absl::string_view step_id) {
  for (const v1::Duty& duty : complaint.duties()) {
    if (duty.kind() == v1::DUTY_KIND_STEP && IsOpen(duty) &&
        duty.stage_number() == stage.number() && duty.step_id() == step_id) {
      return &duty;
    }
  }
  return nullptr;
}

const Book::Step* NextStep(const Present& present) {
  const int done = present.stage.steps_done_size();
  return done < present.rules.steps_size() ? &present.rules.steps(done) : nullptr;
}

absl::Time StartOf(const Present& present, const Book::Step& step) {
  if (step.start() == Book::START_STEP_BEFORE && !present.stage.steps_done().empty()) {
    return clock::FromProto(present.stage.steps_done().rbegin()->done_time());
  }
  return clock::FromProto(present.stage.clock_start_time());
}

}  // namespace fosterwatch::complaints::domain
