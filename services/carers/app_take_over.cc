// Carers from another register: one, many, or none yet.
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"

#include "libs/ledger/service.h"
#include "libs/status/error.h"
#include "libs/status/field_check.h"
#include "libs/status/status_macros.h"
#include "services/carers/app.h"
#include "services/carers/domain/carer.h"
#include "services/carers/domain/check.h"
#include "services/carers/domain/consequences.h"
#include "services/carers/domain/evolve.h"
#include "services/carers/views.h"

namespace fosterwatch::carers {
namespace {

using v1::Carer;
using Result = v1::TakeOverCarersResponse::Result;

constexpr int kMostRows = 500;

std::string HashOf(v1::TakeOverCarerRequest request) {
  request.clear_dry_run();
  return ledger::RequestHash(request);
}

void SetRefused(const absl::Status& status, Result& result) {
  result.set_outcome(ledger::IsAnswer(status) ? Result::OUTCOME_REFUSED
                                              : Result::OUTCOME_TRY_AGAIN);
  result.set_reason(ReasonOf(status));
  result.set_description(std::string(status.message()));
  if (const auto violations = ViolationsOf(status); !violations.empty()) {
    result.set_field(violations[0].field);
    result.set_description(violations[0].description);
  }
}

// What taking over would record, on `carer`. True where it would be anything.
absl::StatusOr<bool> Try(const v1::TakeOverCarerRequest& request, const domain::Context& context,
                         Carer& carer) {
  ASSIGN_OR_RETURN(domain::Facts facts,
                   domain::TakeOverCarer(carer, request, HashOf(request), context));
  facts = domain::WithConsequences(carer, std::move(facts), context);
  for (const v1::CarersFact& fact : facts) domain::Evolve(carer, fact, {"", context.now, ""});
  return !facts.empty();
}

}  // namespace

absl::StatusOr<ledger::Unit> App::TakeOverCarer(const runtime::Call& call,
                                                const v1::TakeOverCarerRequest& request) const {
  return Change(call, request, request.carer_id(), /*may_be_new=*/true,
                [request](const Carer& carer, const domain::Context& context) {
                  return domain::TakeOverCarer(carer, request, HashOf(request), context);
                });
}

absl::StatusOr<Carer> App::TryTakeOver(const runtime::Call& call,
                                       const v1::TakeOverCarerRequest& request) const {
  FieldCheck check;
  domain::CheckId(check, "carer_id", request.carer_id());
  if (!check.ok()) return check.ToStatus();
  auto loaded = ledger_->LoadAs<Carer>(call.agency_id, kCarerAggregate, request.carer_id());
  if (!loaded.ok() && !absl::IsNotFound(loaded.status())) return loaded.status();
  Carer carer = loaded.ok() ? *std::move(loaded) : Carer();
  RETURN_IF_ERROR(Try(request, ContextOf(call.caller.person_id), carer).status());
  return Shown(carer);
}

absl::StatusOr<v1::TakeOverCarersResponse> App::TakeOverCarers(
    const runtime::Call& call, const v1::TakeOverCarersRequest& request) {
  if (request.requests_size() > kMostRows) {
    return InvalidField("requests", "TOO_MANY", "are more than 500");
  }
  for (int i = 0; i < request.requests_size(); ++i) {
    if (request.requests(i).dry_run()) {
      return InvalidField(absl::StrCat("requests[", i, "].dry_run"), "SET_FOR_ALL",
                          "is of the whole: validate_only");
    }
  }
  v1::TakeOverCarersResponse response;
  for (int i = 0; i < request.requests_size(); ++i) response.add_results();
  const auto record = [&response](int row, const absl::StatusOr<bool>& changed) {
    Result& result = *response.mutable_results(row);
    if (!changed.ok()) return SetRefused(changed.status(), result);
    result.set_outcome(*changed ? Result::OUTCOME_RECORDED : Result::OUTCOME_UNCHANGED);
  };
  if (request.validate_only()) {
    // What would come of them, one after the other, on copies.
    std::vector<std::string> ids;
    for (const auto& one : request.requests()) ids.push_back(one.carer_id());
    ASSIGN_OR_RETURN(const auto known, ledger_->LoadMany(call.agency_id, kCarerAggregate, ids));
    std::map<std::string, Carer> carers;
    for (const auto& [id, carer] : known) carers[id] = static_cast<const Carer&>(*carer);
    for (int i = 0; i < request.requests_size(); ++i) {
      const v1::TakeOverCarerRequest& one = request.requests(i);
      record(i, Try(one, ContextOf(call.caller.person_id), carers[one.carer_id()]));
    }
    return response;
  }
  std::vector<ledger::Unit> units;
  std::vector<int> rows;
  for (int i = 0; i < request.requests_size(); ++i) {
    auto unit = TakeOverCarer(call, request.requests(i));
    if (!unit.ok()) {
      record(i, unit.status());
      continue;
    }
    units.push_back(*std::move(unit));
    rows.push_back(i);
  }
  const auto outcomes = ledger_->SubmitAllAndWait(std::move(units));
  for (size_t i = 0; i < outcomes.size(); ++i) {
    record(rows[i], outcomes[i].ok() ? absl::StatusOr<bool>(outcomes[i]->changed)
                                     : absl::StatusOr<bool>(outcomes[i].status()));
  }
  return response;
}

}  // namespace fosterwatch::carers
