// The use cases of completeness: complaints that were seen elsewhere.
#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"

#include "libs/clock/proto_time.h"
#include "libs/status/error.h"
#include "libs/status/status_macros.h"
#include "services/complaints/app.h"
#include "services/complaints/domain/part.h"
#include "services/complaints/domain/serious.h"
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

ledger::Change App::LinkSighting(const std::string& reader, const std::string& complaint_id,
                                 const std::string& sighting_id) const {
  return ledger::MakeChange<Complaint, ComplaintFact>(
      kComplaintAggregate, complaint_id,
      [reader, complaint_id, sighting_id](const Complaint& complaint,
                                          int64_t version) -> absl::StatusOr<domain::Facts> {
        if (version == 0 || domain::IsHiddenFrom(complaint, reader)) {
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

std::string SightingIdOf(const std::string& agency_id, v1::SightingSource source,
                         const std::string& source_id) {
  const char* of = source == v1::SIGHTING_SOURCE_EVENT ? "event" : "allegation";
  return ledger::DerivedId(absl::StrCat("complaint seen\n", agency_id, "\n", of, "\n", source_id));
}

absl::Status App::CheckSeen(const Origin& origin, const std::string& sighting_id) {
  ASSIGN_OR_RETURN(const std::vector<std::string> hidden,
                   SightingsHiddenFrom(*ledger_, origin.agency_id, origin.actor.id));
  const bool is_hidden = std::find(hidden.begin(), hidden.end(), sighting_id) != hidden.end();
  return is_hidden ? NoSuchSighting() : absl::OkStatus();
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
  if (match) unit.changes.push_back(LinkSighting("", match->complaint_id, seen.sighting_id()));
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
  if (match) unit.changes.push_back(LinkSighting("", match->complaint_id, sighting_id));
  return unit;
}

absl::StatusOr<ledger::Unit> App::MatchSighting(const Origin& origin,
                                                const v1::MatchSightingRequest& request) {
  RETURN_IF_ERROR(CheckSeen(origin, request.sighting_id()));
  ledger::Unit unit = UnitOf(origin);
  unit.changes.push_back(SightingChange(
      request.sighting_id(), [this, request, actor = origin.actor](const Sighting& sighting) {
        return domain::MatchByPerson(sighting, request, actor, GivenNow());
      }));
  unit.changes.push_back(
      LinkSighting(origin.actor.id, request.complaint_id(), request.sighting_id()));
  return unit;
}

absl::StatusOr<ledger::Unit> App::ExplainSighting(const Origin& origin,
                                                  const v1::ExplainSightingRequest& request) {
  RETURN_IF_ERROR(CheckSeen(origin, request.sighting_id()));
  ledger::Unit unit = UnitOf(origin);
  unit.changes.push_back(SightingChange(
      request.sighting_id(), [this, request, actor = origin.actor](const Sighting& sighting) {
        return domain::ExplainSighting(sighting, request, actor, GivenNow());
      }));
  return unit;
}

absl::StatusOr<ledger::Unit> App::AcceptEventProposal(
    const Origin& origin, const v1::AcceptEventProposalRequest& request) {
  ASSIGN_OR_RETURN(
      const Complaint complaint,
      ledger_->LoadAs<Complaint>(origin.agency_id, kComplaintAggregate, request.complaint_id()));
  ASSIGN_OR_RETURN(const auto sightings, ledger_->LoadMany(origin.agency_id, kSightingAggregate,
                                                           {complaint.sighting_ids().begin(),
                                                            complaint.sighting_ids().end()}));
  std::string event_id;
  for (const auto& [id, message] : sightings) {
    const auto& sighting = static_cast<const Sighting&>(*message);
    if (sighting.source() == v1::SIGHTING_SOURCE_EVENT) event_id = sighting.source_id();
  }
  return ChangeComplaint(
      origin, request.complaint_id(),
      [request, event_id, actor = origin.actor](const Complaint& now, const domain::Given& given) {
        return domain::AcceptEventProposal(now, request, event_id, actor, given);
      });
}

absl::StatusOr<v1::ListSightingsResponse> App::ListSightings(
    const Origin& origin, const v1::ListSightingsRequest& request) {
  return complaints::ListSightings(*ledger_, origin.agency_id, origin.actor.id, request);
}

}  // namespace fosterwatch::complaints
