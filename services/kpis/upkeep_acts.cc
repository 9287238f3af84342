// What people ask of the upkeep: plans, editions, restatements, findings.
#include <utility>

#include "libs/ledger/id.h"
#include "libs/ledger/service.h"
#include "libs/status/error.h"
#include "libs/status/status_macros.h"
#include "services/kpis/domain/catalogue.h"
#include "services/kpis/domain/edition.h"
#include "services/kpis/domain/period.h"
#include "services/kpis/figures.h"
#include "services/kpis/kept_views.h"
#include "services/kpis/upkeep.h"

namespace fosterwatch::kpis {

absl::StatusOr<v1::ActionPlan> Upkeep::WritePlan(
    const runtime::Call& call, const google::protobuf::Message& request, const std::string& plan_id,
    std::function<absl::StatusOr<domain::Facts>(const v1::ActionPlanFile&)> decide) {
  const std::string code = domain::CodeOfPlan(plan_id);
  const absl::Status none = Error(absl::StatusCode::kNotFound, "NOT_FOUND", "there is no such plan",
                                  {{"plan_id", "names no action plan of this agency"}});
  if (code.empty() || plan_id.size() > ledger::kMaxIdBytes) return none;
  ASSIGN_OR_RETURN(const auto file,
                   (ledger::Write<v1::ActionPlanFile, v1::KpiFact>(
                       *ledger_, call, request, kPlanAggregate, code,
                       [decide = std::move(decide)](const v1::ActionPlanFile& state, int64_t) {
                         return decide(state);
                       })));
  const v1::ActionPlan* plan = domain::FindPlan(file, plan_id);
  if (plan == nullptr) return none;
  return *plan;
}

absl::StatusOr<v1::ActionPlan> Upkeep::GetPlan(const std::string& agency_id,
                                               const v1::GetPlanRequest& request) {
  const absl::Status none = Error(absl::StatusCode::kNotFound, "NOT_FOUND", "there is no such plan",
                                  {{"plan_id", "names no action plan of this agency"}});
  const auto file = ledger_->LoadAs<v1::ActionPlanFile>(agency_id, kPlanAggregate,
                                                        domain::CodeOfPlan(request.plan_id()));
  if (absl::IsNotFound(file.status())) return none;
  RETURN_IF_ERROR(file.status());
  const v1::ActionPlan* plan = domain::FindPlan(*file, request.plan_id());
  if (plan == nullptr) return none;
  return *plan;
}

absl::StatusOr<v1::ActionPlan> Upkeep::NamePlanOwner(const runtime::Call& call,
                                                     const v1::NamePlanOwnerRequest& request) {
  return WritePlan(call, request, request.plan_id(), [&](const v1::ActionPlanFile& file) {
    return domain::NameOwner(file, request, call.caller.person_id, GivenNow());
  });
}

absl::StatusOr<v1::ActionPlan> Upkeep::AddAction(const runtime::Call& call,
                                                 const v1::AddActionRequest& request) {
  return WritePlan(call, request, request.plan_id(),
                   [&, id = ledger::NewId()](const v1::ActionPlanFile& file) {
                     return domain::AddAction(file, request, id, GivenNow());
                   });
}

absl::StatusOr<v1::ActionPlan> Upkeep::FinishAction(const runtime::Call& call,
                                                    const v1::FinishActionRequest& request) {
  return WritePlan(call, request, request.plan_id(), [&](const v1::ActionPlanFile& file) {
    return domain::FinishAction(file, request, call.caller.person_id, GivenNow());
  });
}

absl::StatusOr<v1::ActionPlan> Upkeep::ReviewPlan(const runtime::Call& call,
                                                  const v1::ReviewPlanRequest& request) {
  return WritePlan(call, request, request.plan_id(),
                   [&, id = ledger::NewId()](const v1::ActionPlanFile& file) {
                     return domain::Review(file, request, id, call.caller.person_id, GivenNow());
                   });
}

absl::StatusOr<v1::Edition> Upkeep::FreezeEdition(const runtime::Call& call,
                                                  const v1::FreezeEditionRequest& request) {
  const auto month = domain::MonthOf(request.period());
  if (!month) return InvalidField("period", "INVALID_PERIOD", "is not a month such as 2026-10");
  const bool known = std::any_of(catalogue_->sets().begin(), catalogue_->sets().end(),
                                 [&](const auto& each) { return each.set() == request.set(); });
  if (!known) return InvalidField("set", "UNKNOWN_SET", "names no set of KPIs");
  domain::Freezing freezing{request.set(), request.period(), {}, call.caller.person_id, now_()};
  Figures figures(ledger_, catalogue_, call.agency_id, {freezing.now, std::nullopt},
                  domain::MonthPeriod(*month - 3), domain::MonthPeriod(*month));
  for (const v1::KpiDefinition& kpi : catalogue_->kpis()) {
    if (std::find(kpi.sets().begin(), kpi.sets().end(), request.set()) == kpi.sets().end()) {
      continue;
    }
    std::vector<v1::Figure> history;
    for (int before = 3; before > 0; --before) {
      ASSIGN_OR_RETURN(history.emplace_back(),
                       figures.FigureOf(kpi, domain::MonthPeriod(*month - before)));
    }
    ASSIGN_OR_RETURN(const v1::Figure figure, figures.FigureOf(kpi, domain::MonthPeriod(*month)));
    freezing.kpis.push_back(domain::StatedKpiOf(kpi, figure, history));
  }
  ASSIGN_OR_RETURN(const auto file, (ledger::Write<v1::EditionFile, v1::KpiFact>(
                                        *ledger_, call, request, kEditionAggregate,
                                        EditionFileId(request.set(), request.period()),
                                        [&freezing](const v1::EditionFile& state, int64_t) {
                                          return domain::Freeze(state, freezing, ledger::Sha256);
                                        })));
  return file.editions(file.editions_size() - 1);
}

absl::StatusOr<v1::Restatement> Upkeep::AcceptRestatement(
    const runtime::Call& call, const v1::AcceptRestatementRequest& request) {
  ASSIGN_OR_RETURN(const std::string file_id,
                   FileOfRestatement(*ledger_, call.agency_id, request.restatement_id()));
  if (file_id.empty()) {
    return Error(absl::StatusCode::kNotFound, "NOT_FOUND", "there is no such restatement",
                 {{"restatement_id", "names no restatement of this agency"}});
  }
  ASSIGN_OR_RETURN(const auto file, (ledger::Write<v1::EditionFile, v1::KpiFact>(
                                        *ledger_, call, request, kEditionAggregate, file_id,
                                        [&](const v1::EditionFile& state, int64_t) {
                                          return domain::Accept(state, request.restatement_id(),
                                                                request.reason(),
                                                                call.caller.person_id, now_());
                                        })));
  return *domain::FindRestatement(file, request.restatement_id());
}

}  // namespace fosterwatch::kpis
