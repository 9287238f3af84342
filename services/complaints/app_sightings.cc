// The use cases of completeness: complaints that were seen elsewhere.
#include <utility>

#include "libs/clock/proto_time.h"
#include "libs/status/error.h"
#include "libs/status/status_macros.h"
#include "services/complaints/app.h"
#include "services/complaints/views.h"

namespace fosterwatch::complaints {
namespace {

using v1::Complaint;
using v1::ComplaintFact;
using v1::Sighting;

absl::Status NoSuchSighting() {
  return Error(absl::StatusCode::kNotFound, "NOT_FOUND", "there is no such sighting",
               {{"sighting_id", "names no sighting of this agency"}});
}

}  // namespace

absl::Duration App::Window() const {
  return absl::Hours(24 * domain::InForce(book_, now_()).completeness().window_days());
}

ledger::Change App::SightingChange(
    const std::string& sighting_id,
    std::function<absl::StatusOr<domain::Facts>(const Sighting&)> decide) const {
  return ledger::MakeChange<Sighting, ComplaintFact>(
      kSightingAggregate, sighting_id,
      [decide = std::move(decide)](const Sighting& sighting,
                                   int64_t version) -> absl::StatusOr<domain::Facts> {
        if (version == 0) return NoSuchSighting();
        return decide(sighting);
      });
}

ledger::Change App::LinkSighting(const std::string& complaint_id,
                                 const std::string& sighting_id) const {
  return ledger::MakeChange<Complaint, ComplaintFact>(
      kComplaintAggregate, complaint_id,
      [complaint_id, sighting_id](const Complaint& complaint,
                                  int64_t version) -> absl::StatusOr<domain::Facts> {
        if (version == 0) {
          return InvalidField("complaint_id", "UNKNOWN_COMPLAINT",
                              "names no complaint of this agency");
        }
        for (const std::string& linked : complaint.sighting_ids()) {
          if (linked == sighting_id) return domain::Facts{};
        }
        domain::Facts facts(1);
        facts[0].mutable_sighting_linked()->set_complaint_id(complaint_id);
        facts[0].mutable_sighting_linked()->set_sighting_id(sighting_id);
        return facts;
      });
}

absl::StatusOr<ledger::Unit> App::See(const Origin& origin, const Sighting& seen) {
  ASSIGN_OR_RETURN(std::vector<domain::Candidate> candidates,
                   CandidatesFor(*ledger_, origin.agency_id, seen, Window()));
  const auto match = domain::FindMatch(seen, candidates, Window());
  ledger::Unit unit = UnitOf(origin);
  unit.changes.push_back(ledger::MakeChange<Sighting, ComplaintFact>(
      kSightingAggregate, seen.sighting_id(),
      [this, seen, candidates = std::move(candidates)](const Sighting& sighting,
                                                       int64_t) -> absl::StatusOr<domain::Facts> {
        return domain::See(sighting, seen, candidates, GivenNow());
      }));
  if (match) unit.changes.push_back(LinkSighting(match->complaint_id, seen.sighting_id()));
  return unit;
}

absl::StatusOr<ledger::Unit> App::RaiseSighting(const std::string& agency_id,
                                                const std::string& sighting_id) {
  ASSIGN_OR_RETURN(const Sighting now,
                   ledger_->LoadAs<Sighting>(agency_id, kSightingAggregate, sighting_id));
  ASSIGN_OR_RETURN(std::vector<domain::Candidate> candidates,
                   CandidatesFor(*ledger_, agency_id, now, Window()));
  const auto match = domain::FindMatch(now, candidates, Window());
  ledger::Unit unit = UnitOf(OwnOrigin(agency_id));
  unit.changes.push_back(SightingChange(
      sighting_id,
      [this, candidates =
                 std::move(candidates)](const Sighting& sighting) -> absl::StatusOr<domain::Facts> {
        return domain::Raise(sighting, candidates, GivenNow());
      }));
  if (match) unit.changes.push_back(LinkSighting(match->complaint_id, sighting_id));
  return unit;
}

absl::StatusOr<ledger::Unit> App::MatchSighting(const Origin& origin,
                                                const v1::MatchSightingRequest& request) {
  ledger::Unit unit = UnitOf(origin);
  unit.changes.push_back(SightingChange(
      request.sighting_id(), [this, request, actor = origin.actor](const Sighting& sighting) {
        return domain::MatchByPerson(sighting, request, actor, GivenNow());
      }));
  unit.changes.push_back(LinkSighting(request.complaint_id(), request.sighting_id()));
  return unit;
}

absl::StatusOr<ledger::Unit> App::ExplainSighting(const Origin& origin,
                                                  const v1::ExplainSightingRequest& request) {
  ledger::Unit unit = UnitOf(origin);
  unit.changes.push_back(SightingChange(
      request.sighting_id(), [this, request, actor = origin.actor](const Sighting& sighting) {
        return domain::ExplainSighting(sighting, request, actor, GivenNow());
      }));
  return unit;
}

absl::StatusOr<v1::ListSightingsResponse> App::ListSightings(
    const std::string& agency_id, const v1::ListSightingsRequest& request) {
  return complaints::ListSightings(*ledger_, agency_id, request);
}

}  // namespace fosterwatch::complaints
