// What follows from figures of its own accord: a KPI that turns red opens its action plan, a green
// month ends it, figures that are no longer what an edition states become restatements, and what is
// wrong with the data is found.
//
//   own topic (KpiChanged, figures reported) -> Mark -> Run -> Look -> facts
//
// Run looks at every KPI of every agency when it starts and when a day begins in London, and at
// those that were marked as soon as they are. A look reads the figures as they are and records only
// what is not recorded yet, so that looking twice, in two processes, or after a crash in between is
// the same as looking once; what a crash forgot is seen at the next start. It takes a tenth of a
// core at most: after a look it rests nine times as long as that took.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

#include "fosterwatch/kpis/v1/action_plans_service.pb.h"
#include "fosterwatch/kpis/v1/data_quality_service.pb.h"
#include "fosterwatch/kpis/v1/editions_service.pb.h"
#include "fosterwatch/kpis/v1/kpi.pb.h"
#include "libs/bus/bus.h"
#include "libs/clock/working_calendar.h"
#include "libs/duty/loop.h"
#include "libs/ledger/ledger.h"
#include "libs/runtime/door.h"
#include "libs/runtime/module.h"
#include "services/kpis/domain/plan.h"
#include "services/kpis/domain/quality.h"

namespace fosterwatch::kpis {

class Upkeep {
 public:
  // `relay_conninfo` is that of the role that reads all agencies. Ledger and catalogue outlive it.
  Upkeep(ledger::Ledger* ledger, const v1::Catalogue* catalogue, v1::KpiPolicies policies,
         clock::WorkingCalendar calendar, std::string relay_conninfo,
         std::function<absl::Time()> now);

  // Of a record of this service's own topic: what is to be looked at soon. Never a unit.
  absl::StatusOr<std::optional<ledger::Unit>> Mark(const bus::Record& record);
  // Until stopped.
  void Run(const runtime::Stop& stop);
  // What is to be looked at in an agency.
  struct Marks {
    bool all = false;
    // KPI -> the fact after which its figures may be others.
    std::map<std::string, std::string> causes;

    bool Has(const std::string& code) const { return all || causes.contains(code); }
  };
  // Looks once at one agency.
  absl::Status Look(const std::string& agency_id, const Marks& marks);
  // OK while it works; the last error otherwise.
  absl::Status last_status() const;

  // The unit that calls attention to what of a KPI's plans is overdue.
  ledger::Unit RecordOverdue(const duty::Due& due) const;

  absl::StatusOr<v1::ActionPlan> GetPlan(const std::string& agency_id,
                                         const v1::GetPlanRequest& request);
  absl::StatusOr<v1::ActionPlan> NamePlanOwner(const runtime::Call& call,
                                               const v1::NamePlanOwnerRequest& request);
  absl::StatusOr<v1::ActionPlan> AddAction(const runtime::Call& call,
                                           const v1::AddActionRequest& request);
  absl::StatusOr<v1::ActionPlan> FinishAction(const runtime::Call& call,
                                              const v1::FinishActionRequest& request);
  absl::StatusOr<v1::ActionPlan> ReviewPlan(const runtime::Call& call,
                                            const v1::ReviewPlanRequest& request);
  absl::StatusOr<v1::Edition> FreezeEdition(const runtime::Call& call,
                                            const v1::FreezeEditionRequest& request);
  absl::StatusOr<v1::Restatement> AcceptRestatement(const runtime::Call& call,
                                                    const v1::AcceptRestatementRequest& request);
  absl::StatusOr<v1::ListFindingsResponse> ListFindings(const std::string& agency_id,
                                                        const v1::ListFindingsRequest& request);

  ledger::Ledger& ledger() { return *ledger_; }

 private:
  // Of one KPI over the months that are looked at.
  struct Standing {
    const v1::KpiDefinition* kpi = nullptr;
    std::vector<domain::MonthStanding> months;
    std::vector<domain::MonthSeen> seen;
  };

  domain::Given GivenNow() const { return {now_(), policies_, calendar_}; }
  // Of the monthly KPIs that have a target or are reported; or of all.
  absl::StatusOr<std::vector<Standing>> Stand(const std::string& agency_id, const Marks& marks,
                                              bool of_all);
  absl::Status LookAtEditions(const std::string& agency_id, const Marks& marks, ledger::Unit& unit);
  absl::StatusOr<v1::ActionPlan> WritePlan(
      const runtime::Call& call, const google::protobuf::Message& request,
      const std::string& plan_id,
      std::function<absl::StatusOr<domain::Facts>(const v1::ActionPlanFile&)> decide);
  absl::StatusOr<std::vector<std::string>> Agencies() const;

  ledger::Ledger* const ledger_;
  const v1::Catalogue* const catalogue_;
  const v1::KpiPolicies policies_;
  const clock::WorkingCalendar calendar_;
  const std::string relay_conninfo_;
  const std::function<absl::Time()> now_;

  mutable absl::Mutex mutex_;
  std::map<std::string, Marks> marked_ ABSL_GUARDED_BY(mutex_);  // by agency
  absl::Status last_status_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace fosterwatch::kpis
