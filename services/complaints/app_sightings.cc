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

bool IsMatched(const domain::Facts& facts) {
  return std::any_of(facts.begin(), facts.end(),
                     [](const ComplaintFact& fact) { return fact.has_sighting_matched(); });
}

// The one complaint that it is matched with, as far as is known before the transaction: whoever
// decides in it looks at no other, so that both records say the same. None or one.
absl::StatusOr<std::vector<domain::Candidate>> NearestOf(ledger::Ledger& ledger,
                                                         const std::string& agency_id,
                                                         const Sighting& sighting,
                                                         absl::Duration window) {
  ASSIGN_OR_RETURN(std::vector<domain::Candidate> candidates,
                   CandidatesFor(ledger, agency_id, sighting, window));
  const auto match = domain::FindMatch(sighting, candidates, window);
  std::vector<domain::Candidate> nearest;
  for (domain::Candidate& each : candidates) {
    if (match && nearest.empty() && each.complaint_id == match->complaint_id) {
      nearest.push_back(std::move(each));
    }
  }
  return nearest;
}

}  // namespace

absl::Duration App::Window(const std::string& agency_id) const {
  return absl::Hours(24 *
                     domain::InForce(books_.Of(agency_id), now_()).completeness().window_days());
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
                                 const std::string& sighting_id,
                                 std::shared_ptr<const bool> made) const {
  return ledger::MakeChange<Complaint, ComplaintFact>(
      kComplaintAggregate, complaint_id,
      [reader, complaint_id, sighting_id, made = std::move(made)](
          const Complaint& complaint, int64_t version) -> absl::StatusOr<domain::Facts> {
        if (made != nullptr && !*made) return domain::Facts{};
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
  ASSIGN_OR_RETURN(const bool hidden,
                   IsSightingHidden(*ledger_, origin.agency_id, origin.actor.id, sighting_id));
  return hidden ? NoSuchSighting() : absl::OkStatus();
}

absl::StatusOr<ledger::Unit> App::See(const Origin& origin, const Sighting& seen) {
  ASSIGN_OR_RETURN(const auto candidate,
                   NearestOf(*ledger_, origin.agency_id, seen, Window(origin.agency_id)));
  ledger::Unit unit = UnitOf(origin);
  auto made = std::make_shared<bool>(false);
  unit.changes.push_back(ledger::MakeChange<Sighting, ComplaintFact>(
      kSightingAggregate, seen.sighting_id(),
      [this, agency_id = origin.agency_id, seen, candidate, made](
          const Sighting& sighting, int64_t) -> absl::StatusOr<domain::Facts> {
        domain::Facts facts = domain::See(sighting, seen, candidate, GivenNow(agency_id));
        *made = IsMatched(facts);
        return facts;
      }));
  for (const domain::Candidate& each : candidate) {
    unit.changes.push_back(LinkSighting("", each.complaint_id, seen.sighting_id(), made));
  }
  return unit;
}

absl::StatusOr<ledger::Unit> App::RaiseSighting(const std::string& agency_id,
                                                const std::string& sighting_id) {
  ASSIGN_OR_RETURN(const Sighting now,
                   ledger_->LoadAs<Sighting>(agency_id, kSightingAggregate, sighting_id));
  ASSIGN_OR_RETURN(const auto candidate, NearestOf(*ledger_, agency_id, now, Window(agency_id)));
  ledger::Unit unit = UnitOf(OwnOrigin(agency_id));
  auto made = std::make_shared<bool>(false);
  unit.changes.push_back(SightingChange(
      sighting_id,
      [this, agency_id, candidate,
       made](const Sighting& sighting) -> absl::StatusOr<domain::Facts> {
        domain::Facts facts = domain::Raise(sighting, candidate, GivenNow(agency_id));
        *made = IsMatched(facts);
        return facts;
      }));
  for (const domain::Candidate& each : candidate) {
    unit.changes.push_back(LinkSighting("", each.complaint_id, sighting_id, made));
  }
  return unit;
}

absl::StatusOr<ledger::Unit> App::MatchSighting(const Origin& origin,
                                                const v1::MatchSightingRequest& request) {
  RETURN_IF_ERROR(CheckSeen(origin, request.sighting_id()));
  ledger::Unit unit = UnitOf(origin);
  unit.changes.push_back(
      SightingChange(request.sighting_id(), [this, request, agency_id = origin.agency_id,
                                             actor = origin.actor](const Sighting& sighting) {
        return domain::MatchByPerson(sighting, request, actor, GivenNow(agency_id));
      }));
  unit.changes.push_back(
      LinkSighting(origin.actor.id, request.complaint_id(), request.sighting_id()));
  return unit;
}

absl::StatusOr<ledger::Unit> App::TakeBackMatch(const Origin& origin,
                                                const v1::TakeBackMatchRequest& request) {
  RETURN_IF_ERROR(CheckSeen(origin, request.sighting_id()));
  ledger::Unit unit = UnitOf(origin);
  auto matched = std::make_shared<Sighting>();
  unit.changes.push_back(SightingChange(
      request.sighting_id(), [this, request, agency_id = origin.agency_id, actor = origin.actor,
                              matched](const Sighting& sighting) {
        *matched = sighting;
        return domain::TakeBackMatch(sighting, request, actor, GivenNow(agency_id));
      }));
  unit.changes.push_back(ledger::MakeChange<Complaint, ComplaintFact>(
      kComplaintAggregate, request.complaint_id(),
      [this, request, agency_id = origin.agency_id, actor = origin.actor, matched](
          const Complaint& complaint, int64_t version) -> absl::StatusOr<domain::Facts> {
        if (version == 0 || domain::IsHiddenFrom(complaint, actor.id)) return NoSuchSighting();
        return domain::Unlink(complaint, *matched, request.reason(), actor, GivenNow(agency_id));
      }));
  return unit;
}

absl::StatusOr<ledger::Unit> App::ExplainSighting(const Origin& origin,
                                                  const v1::ExplainSightingRequest& request) {
  RETURN_IF_ERROR(CheckSeen(origin, request.sighting_id()));
  ledger::Unit unit = UnitOf(origin);
  unit.changes.push_back(
      SightingChange(request.sighting_id(), [this, request, agency_id = origin.agency_id,
                                             actor = origin.actor](const Sighting& sighting) {
        return domain::ExplainSighting(sighting, request, actor, GivenNow(agency_id));
      }));
  return unit;
}

absl::StatusOr<ledger::Unit> App::AcceptEventProposal(
    const Origin& origin, const v1::AcceptEventProposalRequest& request) {
  ASSIGN_OR_RETURN(const Complaint complaint, Seen(origin, request.complaint_id()));
  ASSIGN_OR_RETURN(const auto sightings, ledger_->LoadMany(origin.agency_id, kSightingAggregate,
                                                           {complaint.sighting_ids().begin(),
                                                            complaint.sighting_ids().end()}));
  // The first of several, in the order in which they were matched.
  std::string event_id;
  for (const std::string& id : complaint.sighting_ids()) {
    const auto found = sightings.find(id);
    if (found == sightings.end()) continue;
    const auto& sighting = static_cast<const Sighting&>(*found->second);
    if (sighting.source() != v1::SIGHTING_SOURCE_EVENT ||
        sighting.matched_complaint_id() != complaint.complaint_id()) {
      continue;
    }
    event_id = sighting.source_id();
    break;
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
