// What the register of complaints does: each use case asks the domain and records the facts. The
// RPCs, other services' facts, the feedback feed and the timers all come through here.
//
// Threads: any, but not the ledger's own, as use cases read tables.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

#include "fosterwatch/complaints/v1/complaint_facts.pb.h"
#include "fosterwatch/complaints/v1/complaints_service.pb.h"
#include "fosterwatch/complaints/v1/oversight_service.pb.h"
#include "libs/clock/working_calendar.h"
#include "libs/duty/rework.h"
#include "libs/ledger/aggregate.h"
#include "libs/ledger/id.h"
#include "libs/ledger/ledger.h"
#include "libs/status/error.h"
#include "services/complaints/domain/clocks.h"
#include "services/complaints/domain/command.h"
#include "services/complaints/domain/sighting.h"
#include "services/complaints/references.h"

namespace fosterwatch::complaints {

// Who asks, for which agency, under which request id.
struct Origin {
  std::string agency_id;
  domain::Actor actor;
  std::string trace_parent;
  std::string request_id;
  std::string request_hash;
};

// The service itself, where nobody asked.
Origin OwnOrigin(const std::string& agency_id);

inline constexpr char kComplaintAggregate[] = "complaint";
inline constexpr char kSightingAggregate[] = "sighting";

// Of a record that another register has: the same however often it is heard of.
std::string SightingIdOf(const std::string& agency_id, v1::SightingSource source,
                         const std::string& source_id);

class App {
 public:
  App(ledger::Ledger* ledger, domain::AgencyBooks books, clock::WorkingCalendar calendar,
      std::function<absl::Time()> now);

  // Each returns the unit of work that the request asks for, to be submitted; its first change is
  // what the answer shows.
  absl::StatusOr<ledger::Unit> RecordComplaint(const Origin& origin,
                                               const v1::RecordComplaintRequest& request);
  absl::StatusOr<ledger::Unit> RecordCompliment(const Origin& origin,
                                                const v1::RecordComplimentRequest& request);

  // A request about a complaint that must be there, decided by one rule of the domain. Attention
  // that what is recorded makes needless is settled with it.
  template <typename Request>
  using Rule = absl::StatusOr<domain::Facts> (*)(const v1::Complaint&, const Request&,
                                                 const domain::Actor&, const domain::Given&);
  template <typename Request>
  absl::StatusOr<ledger::Unit> Change(const Origin& origin, const Request& request,
                                      Rule<Request> rule) const {
    return ChangeComplaint(origin, request.complaint_id(),
                           [request, rule, actor = origin.actor](const v1::Complaint& complaint,
                                                                 const domain::Given& given) {
                             return rule(complaint, request, actor, given);
                           });
  }
  // The same of one that gives a person of our own a part in it, in `field`: INVALID_ARGUMENT
  // (NO_ROLE_HOLDER) for whoever holds no role in the agency now, once nothing else is wrong.
  template <typename Request>
  absl::StatusOr<ledger::Unit> ChangeNaming(const Origin& origin, const Request& request,
                                            Rule<Request> rule, const std::string& field,
                                            const std::string& person_id) {
    bool known = true;
    if (!person_id.empty()) {
      auto holds = references_.HoldsRole(origin.agency_id, person_id, now_());
      if (!holds.ok()) return holds.status();
      known = *holds;
    }
    return ChangeComplaint(origin, request.complaint_id(),
                           [request, rule, field, known, actor = origin.actor](
                               const v1::Complaint& complaint,
                               const domain::Given& given) -> absl::StatusOr<domain::Facts> {
                             auto facts = rule(complaint, request, actor, given);
                             if (facts.ok() && !known) {
                               return InvalidField(field, "NO_ROLE_HOLDER",
                                                   "holds no role in the agency now");
                             }
                             return facts;
                           });
  }

  absl::StatusOr<ledger::Unit> MatchSighting(const Origin& origin,
                                             const v1::MatchSightingRequest& request);
  absl::StatusOr<ledger::Unit> TakeBackMatch(const Origin& origin,
                                             const v1::TakeBackMatchRequest& request);
  absl::StatusOr<ledger::Unit> ExplainSighting(const Origin& origin,
                                               const v1::ExplainSightingRequest& request);

  // With the event of a sighting that is this complaint, where there is one.
  absl::StatusOr<ledger::Unit> AcceptEventProposal(const Origin& origin,
                                                   const v1::AcceptEventProposalRequest& request);

  // What nobody asks for: timers, other registers' facts. Once, however often they are asked.
  ledger::Unit RecordOverdue(const std::string& agency_id, const std::string& complaint_id);
  absl::StatusOr<ledger::Unit> RaiseSighting(const std::string& agency_id,
                                             const std::string& sighting_id);
  absl::StatusOr<ledger::Unit> See(const Origin& origin, const v1::Sighting& seen);
  ledger::Unit LinkAllegation(const Origin& origin, const std::string& complaint_id,
                              const std::string& allegation_id);
  // Counts its open clocks again where they were counted by other bank holidays.
  ledger::Unit MoveDueTimes(const std::string& agency_id, const std::string& complaint_id);
  // Does so for all complaints, after a start with other bank holidays.
  duty::ReworkOptions Recounting(const std::string& relay_conninfo);

  // What is hidden from whoever asks is NOT_FOUND, and in no list.
  absl::StatusOr<v1::Complaint> GetComplaint(const Origin& origin,
                                             const v1::GetComplaintRequest& request);
  absl::StatusOr<v1::ListComplaintsResponse> ListComplaints(
      const Origin& origin, const v1::ListComplaintsRequest& request);
  absl::StatusOr<type::v1::Explanation> ExplainDueTime(const Origin& origin,
                                                       const v1::ExplainDueTimeRequest& request);
  absl::StatusOr<v1::ListProceduresResponse> ListProcedures(
      const std::string& agency_id, const v1::ListProceduresRequest& request);
  absl::StatusOr<v1::ListSightingsResponse> ListSightings(const Origin& origin,
                                                          const v1::ListSightingsRequest& request);
  absl::StatusOr<v1::ListThemesResponse> ListThemes(const std::string& agency_id,
                                                    const v1::ListThemesRequest& request);
  absl::StatusOr<v1::Statement> GetStatement(const std::string& agency_id,
                                             const v1::GetStatementRequest& request);

  ledger::Ledger& ledger() { return *ledger_; }
  References& references() { return references_; }

 private:
  using Decide =
      std::function<absl::StatusOr<domain::Facts>(const v1::Complaint&, const domain::Given&)>;
  using Record = std::function<absl::StatusOr<domain::Facts>(
      const std::string& complaint_id, const v1::CaseNumber&, const domain::Given&)>;

  absl::StatusOr<v1::Complaint> Seen(const Origin& origin, const std::string& complaint_id);
  domain::Given GivenNow(const std::string& agency_id) const {
    return {books_.Of(agency_id), calendar_, now_(), ledger::NewId};
  }
  ledger::Unit UnitOf(const Origin& origin) const;
  ledger::Unit ChangeComplaint(const Origin& origin, const std::string& complaint_id,
                               Decide decide) const;
  ledger::Change SightingChange(
      const std::string& sighting_id,
      std::function<absl::StatusOr<domain::Facts>(const v1::Sighting&)> decide) const;
  // A new record with the year's next number; `matched` are the sightings that it settles.
  absl::StatusOr<ledger::Unit> Number(const Origin& origin, const std::string& complaint_id,
                                      std::vector<v1::Sighting> matched,
                                      std::vector<domain::Match> matches, Record record);
  // The complaint's own note of a sighting that is matched with it, unless an earlier change of the
  // same unit has not made that match; to `reader` it must not be hidden.
  ledger::Change LinkSighting(const std::string& reader, const std::string& complaint_id,
                              const std::string& sighting_id,
                              std::shared_ptr<const bool> made = nullptr) const;
  // NOT_FOUND where that sighting is hidden from whoever asks.
  absl::Status CheckSeen(const Origin& origin, const std::string& sighting_id);
  absl::Duration Window(const std::string& agency_id) const;

  ledger::Ledger* const ledger_;
  References references_;
  const domain::AgencyBooks books_;
  const clock::WorkingCalendar calendar_;
  const std::function<absl::Time()> now_;
};

}  // namespace fosterwatch::complaints
