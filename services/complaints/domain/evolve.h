// The complaint as its facts say: the one place where a fact changes it. Never fails and never
// decides: what is recorded has happened. Replaying the facts in order gives the same complaint,
// also after the personal fields of a fact have been shredded (they are then empty).
#pragma once

#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"

#include "fosterwatch/complaints/v1/complaint.pb.h"
#include "fosterwatch/complaints/v1/complaint_facts.pb.h"

namespace fosterwatch::complaints::domain {

// What the ledger knows of a fact beside the fact.
struct FactStamp {
  std::string fact_id;
  absl::Time recorded_time;
  std::string actor;
};

// Applies one fact: version grows by one and the history by one entry.
void Evolve(v1::Complaint& complaint, const v1::ComplaintFact& fact, const FactStamp& stamp);

// Still to be done; its clock may stand still.
bool IsOpen(const v1::Duty& duty);
const v1::Duty* FindDuty(const v1::Complaint& complaint, absl::string_view duty_id);
// The open one of a kind; null where there is none.
const v1::Duty* OpenDuty(const v1::Complaint& complaint, v1::DutyKind kind);
// The last that there was of a kind; null where there was none.
const v1::Duty* LastOf(const v1::Complaint& complaint, v1::DutyKind kind);
const v1::Stage* FindStage(const v1::Complaint& complaint, int number);
// The present stage; null for a compliment.
const v1::Stage* CurrentStage(const v1::Complaint& complaint);
bool IsPaused(const v1::Stage& stage);
const v1::Point* FindPoint(const v1::Complaint& complaint, absl::string_view point_id);
const v1::LearningReview* FindReview(const v1::Complaint& complaint, absl::string_view review_id);
const v1::EventProposal* OpenProposal(const v1::Complaint& complaint);
bool HasEnded(const v1::Complaint& complaint);

}  // namespace fosterwatch::complaints::domain
