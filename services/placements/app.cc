#include "services/placements/app.h"

#include <utility>

#include "libs/ledger/id.h"
#include "libs/status/error.h"
#include "libs/status/status_macros.h"
#include "services/placements/domain/check.h"
#include "services/placements/domain/codes.h"
#include "services/placements/domain/day.h"
#include "services/placements/views.h"

namespace fosterwatch::placements {

using domain::Circumstances;
using v1::ChildFile;

App::App(ledger::Ledger* ledger, v1::CodeLists codes, std::function<absl::Time()> now)
    : ledger_(ledger),
      references_(ledger),
      publishers_(ledger),
      codes_(std::move(codes)),
      now_(std::move(now)) {}

void App::Named::Add(const v1::Child& child) {
  authorities.insert({child.responsible_authority_id(), child.area_authority_id()});
  carers.insert(child.carer_id());
}

void App::Named::Add(const v1::Placement& placement) {
  authorities.insert(placement.placing_authority_id());
  carers.insert(placement.carer_id());
}

absl::StatusOr<std::shared_ptr<const References::Known>> App::KnownOf(const std::string& agency_id,
                                                                      const Named& named) {
  ASSIGN_OR_RETURN(References::Known known,
                   references_.KnownOf(agency_id, named.authorities, named.carers));
  return std::make_shared<const References::Known>(std::move(known));
}

Circumstances App::CircumstancesOf(std::shared_ptr<const References::Known> known,
                                   const std::string& person_id) const {
  Circumstances circumstances;
  circumstances.carer_known = [known](const std::string& id) { return known->carers.contains(id); };
  circumstances.authority_known = [known](const std::string& id) {
    return known->authorities.contains(id);
  };
  circumstances.codes = &codes_;
  circumstances.now = now_();
  circumstances.person_id = person_id;
  circumstances.new_id = ledger::NewId;
  return circumstances;
}

ledger::Unit App::Changing(ledger::Unit unit, const std::string& child_id,
                           std::shared_ptr<const References::Known> known, Decide decide) const {
  unit.changes.push_back(ledger::MakeChange<ChildFile, v1::PlacementsFact>(
      kChildAggregate, child_id,
      [this, known = std::move(known), person_id = unit.actor, decide = std::move(decide)](
          const ChildFile& file, int64_t) -> absl::StatusOr<domain::Facts> {
        return decide(file, CircumstancesOf(known, person_id));
      }));
  return unit;
}

absl::StatusOr<ledger::Unit> App::RecordChild(ledger::Unit unit,
                                              const v1::RecordChildRequest& request) {
  Named named;
  named.Add(request.child());
  ASSIGN_OR_RETURN(auto known, KnownOf(unit.agency_id, named));
  return Changing(std::move(unit), request.child().child_id(), std::move(known),
                  [request](const ChildFile& file, const Circumstances& circumstances) {
                    return domain::RecordChild(file, request, circumstances);
                  });
}

absl::StatusOr<ledger::Unit> App::StartPlacement(ledger::Unit unit,
                                                 const v1::StartPlacementRequest& request) {
  Named named;
  named.Add(request.placement());
  ASSIGN_OR_RETURN(auto known, KnownOf(unit.agency_id, named));
  return Changing(std::move(unit), request.placement().child_id(), std::move(known),
                  [request](const ChildFile& file, const Circumstances& circumstances) {
                    return domain::Start(file, request, circumstances);
                  });
}

absl::StatusOr<ledger::Unit> App::MoveChild(ledger::Unit unit,
                                            const v1::MoveChildRequest& request) {
  Named named;
  named.Add(request.next());
  ASSIGN_OR_RETURN(auto known, KnownOf(unit.agency_id, named));
  return Changing(std::move(unit), request.child_id(), std::move(known),
                  [request](const ChildFile& file, const Circumstances& circumstances) {
                    return domain::Move(file, request, circumstances);
                  });
}

absl::StatusOr<ledger::Unit> App::EndPlacement(ledger::Unit unit,
                                               const v1::EndPlacementRequest& request) {
  return Changing(std::move(unit), request.child_id(), std::make_shared<const References::Known>(),
                  [request](const ChildFile& file, const Circumstances& circumstances) {
                    return domain::End(file, request, circumstances);
                  });
}

absl::StatusOr<ledger::Unit> App::CorrectPlacement(ledger::Unit unit,
                                                   const v1::CorrectPlacementRequest& request) {
  // A corrected placement is checked whole, so all that it names must be known.
  ASSIGN_OR_RETURN(const v1::Placement before,
                   GetPlacement(*ledger_, unit.agency_id, request.placement().placement_id()));
  Named named;
  named.Add(before);
  named.Add(request.placement());
  ASSIGN_OR_RETURN(auto known, KnownOf(unit.agency_id, named));
  return Changing(std::move(unit), before.child_id(), std::move(known),
                  [request](const ChildFile& file, const Circumstances& circumstances) {
                    return domain::Correct(file, request, circumstances);
                  });
}

absl::StatusOr<ledger::Unit> App::RecordPlacement(ledger::Unit unit,
                                                  const v1::RecordPlacementRequest& request) {
  Named named;
  named.Add(request.placement());
  ASSIGN_OR_RETURN(auto known, KnownOf(unit.agency_id, named));
  return Changing(std::move(unit), request.placement().child_id(), std::move(known),
                  [request](const ChildFile& file, const Circumstances& circumstances) {
                    return domain::Record(file, request, circumstances);
                  });
}

absl::StatusOr<v1::Child> App::GetChild(const std::string& agency_id,
                                        const v1::GetChildRequest& request) {
  ASSIGN_OR_RETURN(const auto file,
                   ledger_->LoadAs<ChildFile>(agency_id, kChildAggregate, request.child_id()));
  return domain::ChildOf(file);
}

absl::StatusOr<v1::CodeList> App::ListCodes(const v1::ListCodesRequest& request) {
  if (!request.date().empty() && !domain::IsDay(request.date())) {
    return InvalidField("date", "INVALID_DATE", "is not a day such as 2026-11-22");
  }
  return domain::InForce(codes_,
                         request.date().empty() ? domain::LondonDayText(now_()) : request.date());
}

absl::StatusOr<ChildFile> App::Commit(absl::StatusOr<ledger::Unit> unit) {
  RETURN_IF_ERROR(unit.status());
  ASSIGN_OR_RETURN(const ledger::Outcome outcome, ledger_->SubmitAndWait(*std::move(unit)));
  return outcome.As<ChildFile>(0);
}

}  // namespace fosterwatch::placements
