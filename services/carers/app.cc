#include "services/carers/app.h"

#include <memory>
#include <set>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

#include "libs/clock/proto_time.h"
#include "libs/ledger/service.h"
#include "libs/runtime/page_token.h"
#include "libs/status/error.h"
#include "libs/status/field_check.h"
#include "libs/status/status_macros.h"
#include "services/carers/domain/carer.h"
#include "services/carers/domain/check.h"
#include "services/carers/domain/consequences.h"
#include "services/carers/domain/evolve.h"
#include "services/carers/domain/occupancy.h"
#include "services/carers/domain/policy.h"
#include "services/carers/domain/register.h"
#include "services/carers/references.h"
#include "services/carers/views.h"

namespace fosterwatch::carers {
namespace {

using v1::Carer;
using v1::CarersFact;

constexpr char kActor[] = "service:carers";
constexpr int kMostNamed = 1000;

absl::Status NoSuchCarer() {
  return Error(absl::StatusCode::kNotFound, "NOT_FOUND", "there is no such carer",
               {{"carer_id", "names no carer of this agency"}});
}

absl::Status CheckCarerId(const std::string& carer_id, bool may_be_new) {
  FieldCheck check;
  domain::CheckId(check, "carer_id", carer_id);
  if (check.ok()) return absl::OkStatus();
  return may_be_new ? check.ToStatus() : NoSuchCarer();
}

}  // namespace

absl::StatusOr<ledger::Unit> App::Change(const runtime::Call& call,
                                         const google::protobuf::Message& request,
                                         const std::string& carer_id, bool may_be_new,
                                         Decide decide,
                                         std::shared_ptr<const domain::Directory> directory) const {
  RETURN_IF_ERROR(CheckCarerId(carer_id, may_be_new));
  ledger::Unit unit = ledger::UnitOf(call, request);
  unit.changes.push_back(ledger::MakeChange<Carer, CarersFact>(
      kCarerAggregate, carer_id,
      [this, actor = call.caller.person_id, may_be_new, directory = std::move(directory),
       decide = std::move(decide)](const Carer& carer,
                                   int64_t version) -> absl::StatusOr<domain::Facts> {
        if (version == 0 && !may_be_new) return NoSuchCarer();
        domain::Context context = ContextOf(actor);
        context.directory = directory.get();
        ASSIGN_OR_RETURN(domain::Facts facts, decide(carer, context));
        return domain::WithConsequences(carer, std::move(facts), context);
      }));
  return unit;
}

ledger::Unit App::Fire(const duty::Due& due) const {
  return duty::Firing<Carer, CarersFact>(
      due, kCarerAggregate, kActor,
      [](const Carer& carer) {
        std::vector<duty::Timer> timers;
        if (const auto next = domain::NextMoment(carer)) timers.push_back({kTimer, "next", *next});
        return timers;
      },
      [this](const Carer& carer) -> absl::StatusOr<domain::Facts> {
        return domain::OnTime(carer, ContextOf(kActor));
      });
}

ledger::Unit App::WorkOutAgain(const std::string& agency_id, const std::string& carer_id) const {
  ledger::Unit unit;
  unit.agency_id = agency_id;
  unit.actor = kActor;
  unit.changes.push_back(ledger::MakeChange<Carer, CarersFact>(
      kCarerAggregate, carer_id,
      [this](const Carer& carer, int64_t) -> absl::StatusOr<domain::Facts> {
        return domain::OnTime(carer, ContextOf(kActor));
      }));
  return unit;
}

ledger::Unit App::NoteOccupant(const ledger::Envelope& household, const std::string& child_id,
                               const std::string& since_date) const {
  ledger::Unit unit;
  unit.agency_id = household.agency_id;
  unit.actor = kActor;
  unit.cause = household.fact_id;
  unit.trace_parent = household.trace_parent;
  unit.changes.push_back(ledger::MakeChange<Carer, CarersFact>(
      kCarerAggregate, household.aggregate_id,
      [this, child_id, since_date](const Carer& carer, int64_t) -> absl::StatusOr<domain::Facts> {
        return domain::WithConsequences(carer, domain::NoteOccupant(carer, child_id, since_date),
                                        ContextOf(kActor));
      }));
  return unit;
}

ledger::Unit App::NoteEnding(const ledger::Envelope& child,
                             const std::vector<EndingOf>& endings) const {
  ledger::Unit unit;
  unit.agency_id = child.agency_id;
  unit.actor = kActor;
  unit.cause = child.fact_id;
  unit.trace_parent = child.trace_parent;
  for (const EndingOf& ending : endings) {
    unit.changes.push_back(ledger::MakeChange<Carer, CarersFact>(
        kCarerAggregate, ending.carer_id,
        [this, placement = ending.placement](const Carer& carer,
                                             int64_t) -> absl::StatusOr<domain::Facts> {
          const domain::Context context = ContextOf(kActor);
          return domain::WithConsequences(carer, domain::NoteEnding(carer, placement, context),
                                          context);
        }));
  }
  return unit;
}

duty::ReworkOptions App::Reworking(const std::string& relay_conninfo) const {
  return {"carers", relay_conninfo, "SELECT agency_id, carer_id FROM view.carer",
          [this] {
            return absl::StrCat(domain::InForce(policies_, now_()).version(), ", days of ",
                                calendar_.version());
          },
          [this](const std::string& agency_id, const std::string& carer_id) {
            return WorkOutAgain(agency_id, carer_id);
          }};
}

Carer App::Shown(const Carer& carer) const { return domain::Present(carer, ContextOf(kActor)); }

Carer App::ShownTo(const runtime::Call& call, const Carer& carer) const {
  return call.own_caseload ? domain::PresentToOwn(Shown(carer), call.caller.person_id)
                           : Shown(carer);
}

caseload::Asker App::AskerOf(const runtime::Call& call) const {
  return caseload::AskerOf(call, now_());
}

absl::StatusOr<Carer> App::GetCarer(const runtime::Call& call, const v1::GetCarerRequest& request) {
  ASSIGN_OR_RETURN(const Carer carer,
                   ledger_->LoadAs<Carer>(call.agency_id, kCarerAggregate, request.carer_id()));
  Carer shown = ShownTo(call, carer);
  RETURN_IF_ERROR(AddUnknownReferences(*ledger_, call.agency_id, shown));
  return shown;
}

absl::StatusOr<v1::ListCarersResponse> App::ListCarers(const runtime::Call& call,
                                                       const v1::ListCarersRequest& request) {
  if (request.carer_ids_size() > kMostNamed) {
    return InvalidField("carer_ids", "TOO_MANY", "are more than 1000");
  }
  const domain::Context context = ContextOf(kActor);
  ASSIGN_OR_RETURN(const Page page, carers::ListCarers(*ledger_, AskerOf(call), request,
                                                       domain::InForce(policies_, context.now)));
  std::vector<std::string> ids;
  for (const Page::Row& row : page.rows) ids.push_back(row.carer_id);
  v1::ListCarersResponse response;
  response.set_total_size(page.total);
  RETURN_IF_ERROR(ledger_->LoadEach(
      call.agency_id, kCarerAggregate, ids,
      [&](const std::string&, std::unique_ptr<google::protobuf::Message> state) {
        *response.add_carers() =
            domain::PresentInList(static_cast<Carer&&>(std::move(*state)), context);
      }));
  if (page.more) {
    response.set_next_page_token(runtime::MakePageToken(request, page.rows.back().place));
  }
  return response;
}

absl::StatusOr<v1::CarerCounts> App::CountCarers(const runtime::Call& call,
                                                 const v1::CountCarersRequest&) {
  return carers::CountCarers(*ledger_, call.agency_id, now_());
}

absl::StatusOr<v1::ExtractRegisterResponse> App::ExtractRegister(
    const runtime::Call& call, const v1::ExtractRegisterRequest& request) {
  const absl::Time now = now_();
  v1::ExtractRegisterRequest asked = request;
  FieldCheck check;
  if (asked.as_at_date().empty()) {
    asked.set_as_at_date(domain::ShowDay(clock::LondonDay(now)));
  }
  const auto as_at = domain::CheckDay(check, "as_at_date", asked.as_at_date(), now);
  if (!asked.has_as_known_at_time()) *asked.mutable_as_known_at_time() = clock::ToProto(now);
  const auto known =
      domain::CheckTime(check, "as_known_at_time", true, asked.as_known_at_time(), now);
  if (!check.ok()) return check.ToStatus();
  ASSIGN_OR_RETURN(const int size, runtime::PageSize(request.page_size(), 200, 1000));
  std::string after;
  if (!request.page_token().empty()) {
    ASSIGN_OR_RETURN(after, runtime::ReadPageToken(asked));
  }
  ASSIGN_OR_RETURN(std::vector<std::string> ids,
                   CarersAfter(*ledger_, call.agency_id, after, size + 1));
  const bool more = ids.size() > static_cast<size_t>(size);
  if (more) ids.pop_back();
  v1::ExtractRegisterResponse response;
  response.set_as_at_date(asked.as_at_date());
  *response.mutable_as_known_at_time() = asked.as_known_at_time();
  RETURN_IF_ERROR(ledger_->LoadEach(
      call.agency_id, kCarerAggregate, ids,
      [&](const std::string&, std::unique_ptr<google::protobuf::Message> state) {
        v1::RegisterEntry entry =
            domain::EntryAt(static_cast<const Carer&>(*state), *as_at, *known);
        const bool was_there = entry.has_particulars() || !entry.approved_date().empty();
        if (request.everyone() ? was_there : domain::IsApprovedOn(entry, *as_at)) {
          *response.add_entries() = std::move(entry);
        }
      },
      domain::RegisterFacts()));
  if (more) response.set_next_page_token(runtime::MakePageToken(asked, ids.back()));
  return response;
}

absl::StatusOr<v1::ListRegisterChangesResponse> App::ListRegisterChanges(
    const runtime::Call& call, const v1::ListRegisterChangesRequest& request) {
  ASSIGN_OR_RETURN(const Carer carer,
                   ledger_->LoadAs<Carer>(call.agency_id, kCarerAggregate, request.carer_id()));
  v1::ListRegisterChangesResponse response;
  for (auto& shown : domain::ChangesShown(carer)) *response.add_changes() = std::move(shown);
  return response;
}

absl::StatusOr<v1::CarerPolicy> App::GetCarerPolicy(const runtime::Call&,
                                                    const v1::GetCarerPolicyRequest& request) {
  if (request.date().empty()) return domain::InForce(policies_, now_());
  const auto day = domain::ParseDay(request.date());
  if (!day) return InvalidField("date", "INVALID_DATE", "is not a day such as 2026-11-22");
  return domain::InForce(policies_, domain::StartOf(*day));
}

absl::StatusOr<v1::ListDutiesResponse> App::ListDuties(const runtime::Call& call,
                                                       const v1::ListDutiesRequest& request) {
  const caseload::Asker asker = AskerOf(call);
  const absl::Time now = asker.now;
  ASSIGN_OR_RETURN(const Page page, carers::ListDuties(*ledger_, asker, request));
  std::set<std::string> ids;
  for (const Page::Row& row : page.rows) ids.insert(row.carer_id);
  ASSIGN_OR_RETURN(auto carers,
                   ledger_->LoadMany(call.agency_id, kCarerAggregate, {ids.begin(), ids.end()}));
  v1::ListDutiesResponse response;
  response.set_total_size(page.total);
  *response.mutable_as_of_time() = clock::ToProto(now);
  for (const Page::Row& row : page.rows) {
    const auto found = carers.find(row.carer_id);
    if (found == carers.end()) continue;
    const Carer& carer = static_cast<const Carer&>(*found->second);
    for (const v1::CarerDuty& duty : carer.duties()) {
      if (duty.duty_id() != row.item_id) continue;
      auto* item = response.add_items();
      item->set_carer_id(row.carer_id);
      item->set_carer_name(carer.name());
      *item->mutable_duty() = duty;
      item->mutable_duty()->set_overdue(clock::FromProto(duty.due_time()) <= now);
    }
  }
  if (page.more) {
    response.set_next_page_token(runtime::MakePageToken(request, page.rows.back().place));
  }
  return response;
}

absl::StatusOr<v1::ListVisitsResponse> App::ListVisits(const runtime::Call& call,
                                                       const v1::ListVisitsRequest& request) {
  ASSIGN_OR_RETURN(const Page page, carers::ListVisits(*ledger_, AskerOf(call), request));
  std::set<std::string> ids;
  for (const Page::Row& row : page.rows) ids.insert(row.carer_id);
  ASSIGN_OR_RETURN(auto carers,
                   ledger_->LoadMany(call.agency_id, kCarerAggregate, {ids.begin(), ids.end()}));
  v1::ListVisitsResponse response;
  response.set_total_size(page.total);
  for (const Page::Row& row : page.rows) {
    const auto found = carers.find(row.carer_id);
    if (found == carers.end()) continue;
    const Carer& carer = static_cast<const Carer&>(*found->second);
    for (const v1::Visit& visit : carer.visits()) {
      if (visit.visit_id() != row.item_id) continue;
      auto* item = response.add_items();
      item->set_carer_id(row.carer_id);
      item->set_carer_name(carer.name());
      *item->mutable_visit() = visit;
    }
  }
  if (page.more) {
    response.set_next_page_token(runtime::MakePageToken(request, page.rows.back().place));
  }
  return response;
}

}  // namespace fosterwatch::carers
