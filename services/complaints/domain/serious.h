// What a complaint leads to in other registers: a serious one about a carer is proposed as a
// notifiable event (Schedule 7, row 9), which the registered manager decides; a disclosure of harm
// becomes an allegation at once.
#pragma once

#include <string>

#include "absl/status/statusor.h"

#include "fosterwatch/complaints/v1/complaints_service.pb.h"
#include "fosterwatch/complaints/v1/sighting.pb.h"
#include "services/complaints/domain/clocks.h"
#include "services/complaints/domain/command.h"

namespace fosterwatch::complaints::domain {

// SeriousnessJudged; for a serious one about a carer EventProposed with its attention, unless a
// proposal is open or was accepted. A judgement that it is not serious lets an open proposal fall
// away. Also after the complaint has ended.
absl::StatusOr<Facts> JudgeSeriousness(const v1::Complaint& complaint,
                                       const v1::JudgeSeriousnessRequest& request,
                                       const Actor& actor, const Given& given);

// With the id of the event to be, or of the one that was reported of it before
// (`reported_event_id`; empty where none was): nobody is notified twice of one complaint.
// FAILED_PRECONDITION (DECIDED_BEFORE); INVALID_ARGUMENT (UNKNOWN_PROPOSAL).
absl::StatusOr<Facts> AcceptEventProposal(const v1::Complaint& complaint,
                                          const v1::AcceptEventProposalRequest& request,
                                          const std::string& reported_event_id, const Actor& actor,
                                          const Given& given);
absl::StatusOr<Facts> DeclineEventProposal(const v1::Complaint& complaint,
                                           const v1::DeclineEventProposalRequest& request,
                                           const Actor& actor, const Given& given);

// What a person has seen not to be this complaint, with the sighting as it was matched: an event
// that stood for the complaint's does so no longer, and one that is still serious is proposed anew.
// FAILED_PRECONDITION (EVENT_OF_COMPLAINT) for the event that was reported from this complaint.
absl::StatusOr<Facts> Unlink(const v1::Complaint& complaint, const v1::Sighting& sighting,
                             const std::string& reason, const Actor& actor, const Given& given);

// Also after the complaint has ended: harm is never too late.
absl::StatusOr<Facts> DiscloseHarm(const v1::Complaint& complaint,
                                   const v1::DiscloseHarmRequest& request, const Actor& actor,
                                   const Given& given);
// HarmDisclosed with its attention.
Facts Disclosed(const v1::Complaint& complaint, const std::string& text, absl::Time aware,
                const Actor& actor, std::string disclosure_id);

// The register of allegations has opened one for this complaint; nothing the second time.
Facts LinkAllegation(const v1::Complaint& complaint, const std::string& allegation_id);

}  // namespace fosterwatch::complaints::domain
