#include "services/complaints/app.h"

#include <memory>
#include <set>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/strip.h"

#include "libs/clock/proto_time.h"
#include "libs/status/error.h"
#include "libs/status/status_macros.h"
#include "services/complaints/domain/evolve.h"
#include "services/complaints/domain/overdue.h"
#include "services/complaints/domain/part.h"
#include "services/complaints/domain/record.h"
#include "services/complaints/domain/serious.h"
#include "services/complaints/numbers.h"
#include "services/complaints/views.h"

namespace fosterwatch::complaints {

using v1::Complaint;
using v1::ComplaintFact;
using v1::Sighting;

namespace {

absl::Status NoSuchComplaint() {
  return Error(absl::StatusCode::kNotFound, "NOT_FOUND", "there is no such complaint",
               {{"complaint_id", "names no complaint of this agency"}});
}

}  // namespace

Origin OwnOrigin(const std::string& agency_id) {
  Origin origin;
  origin.agency_id = agency_id;
  origin.actor = {"service:complaints", {options::v1::ROLE_SERVICE}};
  return origin;
}

App::App(ledger::Ledger* ledger, domain::AgencyBooks books, clock::WorkingCalendar calendar,
         std::function<absl::Time()> now)
    : ledger_(ledger),
      references_(ledger),
      books_(std::move(books)),
      calendar_(std::move(calendar)),
      now_(std::move(now)) {}

ledger::Unit App::UnitOf(const Origin& origin) const {
  ledger::Unit unit;
  unit.agency_id = origin.agency_id;
  unit.actor = origin.actor.id;
  unit.cause = origin.request_id;
  unit.trace_parent = origin.trace_parent;
  unit.request_id = origin.request_id;
  unit.request_hash = origin.request_hash;
  return unit;
}

ledger::Unit App::ChangeComplaint(const Origin& origin, const std::string& complaint_id,
                                  Decide decide) const {
  ledger::Unit unit = UnitOf(origin);
  unit.changes.push_back(ledger::MakeChange<Complaint, ComplaintFact>(
      kComplaintAggregate, complaint_id,
      [this, agency_id = origin.agency_id, reader = origin.actor.id, decide = std::move(decide)](
          const Complaint& complaint, int64_t version) -> absl::StatusOr<domain::Facts> {
        if (version == 0 || domain::IsHiddenFrom(complaint, reader)) return NoSuchComplaint();
        const domain::Given given = GivenNow(agency_id);
        ASSIGN_OR_RETURN(domain::Facts facts, decide(complaint, given));
        const domain::Facts settled = domain::RecordSettled(complaint, facts, given.now);
        facts.insert(facts.end(), settled.begin(), settled.end());
        return facts;
      }));
  return unit;
}

absl::StatusOr<ledger::Unit> App::Number(const Origin& origin, const std::string& complaint_id,
                                         std::vector<Sighting> matched,
                                         std::vector<domain::Match> matches, Record record) {
  auto taken = std::make_shared<TakenNumber>();
  taken->year = static_cast<int>(clock::LondonDay(now_()).year());
  ASSIGN_OR_RETURN(const int known, LastNumber(*ledger_, origin.agency_id, taken->year));
  ledger::Unit unit = UnitOf(origin);
  // The complaint first, for the answer; its facts come once there is a number.
  unit.changes.push_back(ledger::MakeChange<Complaint, ComplaintFact>(
      kComplaintAggregate, complaint_id,
      [](const Complaint&, int64_t) -> absl::StatusOr<domain::Facts> { return domain::Facts{}; }));
  TakeNumber(unit, complaint_id, known, taken);
  // Those that nobody has settled in the meantime.
  auto made = std::make_shared<std::set<std::string>>();
  for (size_t i = 0; i < matched.size(); ++i) {
    const std::string& sighting_id = matched[i].sighting_id();
    unit.changes.push_back(SightingChange(
        sighting_id,
        [this, agency_id = origin.agency_id, match = matches[i], sighting_id,
         made](const Sighting& sighting) -> absl::StatusOr<domain::Facts> {
          domain::Facts facts = domain::MatchRecorded(sighting, match, GivenNow(agency_id));
          facts.empty() ? void(made->erase(sighting_id)) : void(made->insert(sighting_id));
          return facts;
        }));
  }
  unit.changes.push_back(ledger::MakeChange<Complaint, ComplaintFact>(
      kComplaintAggregate, complaint_id,
      [this, agency_id = origin.agency_id, complaint_id, taken, made, record = std::move(record)](
          const Complaint&, int64_t) -> absl::StatusOr<domain::Facts> {
        ASSIGN_OR_RETURN(domain::Facts facts,
                         record(complaint_id, domain::MakeCaseNumber(taken->year, taken->number),
                                GivenNow(agency_id)));
        for (const std::string& sighting_id : *made) {
          auto* linked = facts.emplace_back().mutable_sighting_linked();
          linked->set_complaint_id(complaint_id);
          linked->set_sighting_id(sighting_id);
        }
        return facts;
      }));
  return unit;
}

absl::StatusOr<ledger::Unit> App::RecordComplaint(const Origin& origin,
                                                  const v1::RecordComplaintRequest& request) {
  const v1::Subject& subject = request.report().subject();
  ASSIGN_OR_RETURN(domain::Circumstances circumstances,
                   references_.CircumstancesOf(origin.agency_id, subject, now_()));
  const std::string complaint_id = ledger::NewId();
  std::vector<std::string> near;
  domain::Candidate candidate{complaint_id, subject.child_id(), subject.carer_id(), now_(), "", {}};
  if (request.report().has_received_time() && clock::IsValid(request.report().received_time())) {
    candidate.received = clock::FromProto(request.report().received_time());
    ASSIGN_OR_RETURN(
        near, UnmatchedNear(*ledger_, origin.agency_id, subject.child_id(), subject.carer_id(),
                            candidate.received, Window(origin.agency_id)));
  }
  if (!request.sighting_id().empty()) near.push_back(request.sighting_id());
  ASSIGN_OR_RETURN(const auto sightings,
                   ledger_->LoadMany(origin.agency_id, kSightingAggregate, near));
  if (!request.sighting_id().empty() && !sightings.contains(request.sighting_id())) {
    return InvalidField("sighting_id", "UNKNOWN_SIGHTING", "names no sighting of this agency");
  }
  std::vector<Sighting> matched;
  std::vector<domain::Match> matches;
  for (const auto& [id, message] : sightings) {
    const auto& sighting = static_cast<const Sighting&>(*message);
    if (sighting.state() != Sighting::STATE_UNMATCHED) continue;
    if (id == request.sighting_id()) {
      matches.push_back({complaint_id, v1::MATCHED_BY_ID});
    } else if (const auto match =
                   domain::FindMatch(sighting, {candidate}, Window(origin.agency_id))) {
      matches.push_back(*match);
    } else {
      continue;
    }
    matched.push_back(sighting);
  }
  return Number(
      origin, complaint_id, std::move(matched), std::move(matches),
      [request, actor = origin.actor, circumstances = std::move(circumstances)](
          const std::string& id, const v1::CaseNumber& number, const domain::Given& given) {
        return domain::Record(request, id, number, actor, circumstances, given);
      });
}

absl::StatusOr<ledger::Unit> App::RecordCompliment(const Origin& origin,
                                                   const v1::RecordComplimentRequest& request) {
  const v1::Subject& subject = request.report().subject();
  ASSIGN_OR_RETURN(domain::Circumstances circumstances,
                   references_.CircumstancesOf(origin.agency_id, subject, now_()));
  return Number(
      origin, ledger::NewId(), {}, {},
      [request, actor = origin.actor, circumstances = std::move(circumstances)](
          const std::string& id, const v1::CaseNumber& number, const domain::Given& given) {
        return domain::RecordCompliment(request, id, number, actor, circumstances, given);
      });
}

ledger::Unit App::RecordOverdue(const std::string& agency_id, const std::string& complaint_id) {
  return ChangeComplaint(OwnOrigin(agency_id), complaint_id,
                         [](const Complaint& complaint, const domain::Given& given) {
                           return domain::RecordOverdue(complaint, given.now);
                         });
}

ledger::Unit App::LinkAllegation(const Origin& origin, const std::string& complaint_id,
                                 const std::string& allegation_id) {
  return ChangeComplaint(origin, complaint_id,
                         [allegation_id](const Complaint& complaint, const domain::Given&) {
                           return domain::LinkAllegation(complaint, allegation_id);
                         });
}

ledger::Unit App::MoveDueTimes(const std::string& agency_id, const std::string& complaint_id) {
  return ChangeComplaint(OwnOrigin(agency_id), complaint_id,
                         [this](const Complaint& complaint, const domain::Given&) {
                           return domain::MoveDueTimes(complaint, calendar_);
                         });
}

duty::ReworkOptions App::Recounting(const std::string& relay_conninfo) {
  return {"complaints", relay_conninfo,
          "SELECT agency_id, complaint_id FROM view.complaint WHERE calendars <> ''",
          [this] { return calendar_.version(); },
          [this](const std::string& agency_id, const std::string& complaint_id) {
            return MoveDueTimes(agency_id, complaint_id);
          }};
}

absl::StatusOr<Complaint> App::Seen(const Origin& origin, const std::string& complaint_id) {
  ASSIGN_OR_RETURN(Complaint complaint,
                   ledger_->LoadAs<Complaint>(origin.agency_id, kComplaintAggregate, complaint_id));
  if (domain::IsHiddenFrom(complaint, origin.actor.id)) return NoSuchComplaint();
  return complaint;
}

absl::StatusOr<Complaint> App::GetComplaint(const Origin& origin,
                                            const v1::GetComplaintRequest& request) {
  return Seen(origin, request.complaint_id());
}

absl::StatusOr<v1::ListComplaintsResponse> App::ListComplaints(
    const Origin& origin, const v1::ListComplaintsRequest& request) {
  return complaints::ListComplaints(*ledger_, origin.agency_id, origin.actor.id, request, now_());
}

absl::StatusOr<type::v1::Explanation> App::ExplainDueTime(
    const Origin& origin, const v1::ExplainDueTimeRequest& request) {
  ASSIGN_OR_RETURN(const Complaint complaint, Seen(origin, request.complaint_id()));
  if (const v1::Duty* duty = domain::FindDuty(complaint, request.duty_id())) {
    return duty->explanation();
  }
  absl::string_view number = request.duty_id();
  int stage_number = 0;
  if (absl::ConsumePrefix(&number, "request:") && absl::SimpleAtoi(number, &stage_number)) {
    const v1::Stage* stage = domain::FindStage(complaint, stage_number);
    if (stage != nullptr && stage->has_request_explanation()) return stage->request_explanation();
  }
  return Error(absl::StatusCode::kNotFound, "NOT_FOUND", "there is no such duty",
               {{"duty_id", "names no duty of this complaint"}});
}

absl::StatusOr<v1::ListProceduresResponse> App::ListProcedures(const std::string& agency_id,
                                                               const v1::ListProceduresRequest&) {
  const domain::Book::Edition& edition = domain::InForce(books_.Of(agency_id), now_());
  v1::ListProceduresResponse response;
  response.set_version(edition.version());
  for (const auto& procedure : edition.procedures()) {
    auto* said = response.add_procedures();
    said->set_procedure_id(procedure.procedure_id());
    said->set_title(procedure.title());
    for (const auto& stage : procedure.stages()) {
      auto* of = said->add_stages();
      of->set_stage_id(stage.stage_id());
      of->set_title(stage.title());
      for (const auto& step : stage.steps()) of->add_steps(step.step_id());
      *of->mutable_independents() = stage.independents();
    }
  }
  for (const auto& category : edition.categories()) {
    auto* said = response.add_categories();
    said->set_code(category.code());
    said->set_title(category.title());
  }
  return response;
}

}  // namespace fosterwatch::complaints
