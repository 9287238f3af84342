// Who may do what about a complaint, beyond roles. Regulation 18(2): nobody who is the subject of a
// complaint takes part in its consideration, except, if the registered person thinks fit, at the
// informal stage. A complaint about whoever would consider it, as the registered manager, is
// considered by those whom the procedures name. An investigator is neither the subject, nor who
// manages the subject, nor who gave it, nor who handled an earlier stage.
#pragma once

#include <optional>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

#include "fosterwatch/complaints/v1/complaint.pb.h"
#include "fosterwatch/type/v1/attention.pb.h"
#include "services/complaints/domain/command.h"
#include "services/complaints/domain/procedures.h"

namespace fosterwatch::complaints::domain {

// FAILED_PRECONDITION: NOT_A_COMPLAINT for a compliment, COMPLAINT_ENDED.
absl::Status CheckOpen(const v1::Complaint& complaint);

enum class Part {
  kConsidering,
  // Acknowledging and answering, which the subject may do in an informal stage where it was
  // allowed.
  kInformal,
};
// PERMISSION_DENIED: SUBJECT_TAKES_NO_PART; ANOTHER_ROUTE for whoever has no role that considers
// it.
absl::Status CheckPart(const v1::Complaint& complaint, const Actor& actor, Part part);

// Both, in this order.
absl::Status CheckConsidering(const v1::Complaint& complaint, const Actor& actor);

// The way of a complaint about somebody who holds these roles; nothing where it is the ordinary
// one.
std::optional<v1::OtherRoute> RouteFor(const Book::Edition& edition,
                                       const std::vector<options::v1::Role>& subject_roles);

// Whether that person does not find it: whom it is about, unless it goes another route that does
// not hide it. Not while they may take part in an informal stage.
bool IsHiddenFrom(const v1::Complaint& complaint, absl::string_view person_id);

// Says of an attention who alone is told, and who is not.
void Address(const v1::Complaint& complaint, type::v1::AttentionNeeded& needed);

// PERMISSION_DENIED (NOT_INDEPENDENT), saying why, where that person may not investigate the
// present stage.
absl::Status CheckIndependent(const v1::Complaint& complaint, absl::string_view person_id);
// The same of somebody from outside, who is known by their name: whoever had part in an earlier
// stage, has another one in this (`replaced` apart), or gave the complaint. Case and spaces are no
// difference.
inline constexpr char kInvestigator[] = "investigator";
absl::Status CheckIndependentName(const v1::Complaint& complaint, absl::string_view name,
                                  absl::string_view replaced = "");
// The same of whoever answers the present stage: outside an informal one nobody who manages whom it
// is about.
absl::Status CheckAnswers(const v1::Complaint& complaint, const Actor& actor);

}  // namespace fosterwatch::complaints::domain
