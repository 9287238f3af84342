#include "services/notifications/access_watcher.h"

#include <algorithm>
#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

#include "libs/clock/proto_time.h"
#include "libs/ledger/id.h"
#include "libs/ledger/unusual_access.h"
#include "libs/runtime/log.h"
#include "libs/status/status_macros.h"
#include "services/notifications/domain/access_watch.h"
#include "services/notifications/views.h"

namespace fosterwatch::notifications {
namespace {

using domain::Facts;
using domain::Given;
using operations::v1::ReportUnusualAccessResponse;
using operations::v1::UnusualAccess;

constexpr char kActor[] = "service:notifications";
constexpr absl::Duration kAgain = absl::Minutes(1);

// All that have records.
constexpr const char* kServices[] = {"allegations",   "carers",    "complaints",
                                     "directory",     "kpis",      "notifiable_events",
                                     "notifications", "placements"};

std::string WatchId(absl::string_view service) { return absl::StrCat("access-watch/", service); }

// What was found, by person; the oldest hour first.
std::vector<domain::UnusualAccess> ByPerson(const ReportUnusualAccessResponse& report,
                                            const std::string& service, absl::Time from) {
  std::map<std::string, domain::UnusualAccess> people;
  for (const UnusualAccess& one : report.unusual()) {
    domain::UnusualAccess& found = people[one.person_id()];
    found.service = service;
    found.person_id = one.person_id();
    found.looked_from = from;
    found.findings.push_back(
        absl::StrCat(absl::StripPrefix(UnusualAccess::Kind_Name(one.kind()), "KIND_"), " ",
                     absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", clock::FromProto(one.from_time()),
                                      absl::UTCTimeZone())));
  }
  std::vector<domain::UnusualAccess> all;
  for (auto& [person_id, found] : people) {
    std::reverse(found.findings.begin(), found.findings.end());
    all.push_back(std::move(found));
  }
  return all;
}

}  // namespace

std::vector<ledger::Change> PlanAccessWatches(const std::function<absl::Time()>& now) {
  std::vector<ledger::Change> changes;
  for (const char* service : kServices) {
    changes.push_back(ledger::MakeChange<v1::AccessWatch, v1::NotificationFact>(
        kAccessWatch, WatchId(service),
        [service, now](const v1::AccessWatch& watch, int64_t) -> absl::StatusOr<Facts> {
          return domain::PlanAccessWatch(watch, service, now());
        }));
  }
  return changes;
}

AccessWatcher::AccessWatcher(ledger::Ledger* ledger, Owners* owners, const domain::Rules* rules,
                             operations::v1::AccessRules access_rules,
                             std::function<absl::Time()> now)
    : ledger_(ledger),
      owners_(owners),
      rules_(rules),
      access_rules_(std::move(access_rules)),
      now_(std::move(now)),
      loop_(ledger, [this] {
        duty::Loop::Options options;
        options.kind = kAccessTimer;
        options.now = now_;
        options.work = [this](const duty::Due& due, const runtime::Stop&) {
          const absl::Status status = Look(due);
          if (!status.ok()) {
            runtime::LogStatus("who looked at what could not be looked at", status,
                               {{"service", due.id}});
          }
          return duty::Worked{.progressed = status.ok(), .hold = kAgain};
        };
        return options;
      }()) {}

absl::Status AccessWatcher::Look(const duty::Due& due) {
  ASSIGN_OR_RETURN(const v1::AccessWatch watch,
                   ledger_->LoadAs<v1::AccessWatch>(due.agency_id, kAccessWatch, due.subject_id));
  const absl::Time now = now_();
  const auto span = domain::SpanToLookAt(watch, now);
  std::vector<domain::UnusualAccess> found;
  if (span) {
    ASSIGN_OR_RETURN(
        const ReportUnusualAccessResponse report,
        owners_->UnusualAccess(due.agency_id, watch.service(), span->from, span->until));
    found = ByPerson(report, watch.service(), span->from);
  }
  ledger::Unit unit = duty::Firing<v1::AccessWatch, v1::NotificationFact>(
      due, kAccessWatch, kActor, AccessTimersOf,
      [&](const v1::AccessWatch& state) -> absl::StatusOr<Facts> {
        return domain::AccessLookedAt(state, span, static_cast<int>(found.size()), now,
                                      ledger::NextLook(access_rules_, now));
      });
  for (const domain::UnusualAccess& one : found) {
    unit.changes.push_back(ledger::MakeChange<v1::Notifications, v1::NotificationFact>(
        kAggregate, absl::StrCat(kAccessSubjects, ledger::DerivedId(one.person_id)),
        [&, one](const v1::Notifications& state, int64_t) -> absl::StatusOr<Facts> {
          return domain::UnusualAccessFound(state, one, Given{now, *rules_, ledger::DerivedId});
        }));
  }
  return ledger_->SubmitAndWait(std::move(unit)).status();
}

}  // namespace fosterwatch::notifications
