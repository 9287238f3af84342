// The batches of app.h.
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "libs/ledger/service.h"
#include "libs/status/error.h"
#include "libs/status/status_macros.h"
#include "services/placements/app.h"
#include "services/placements/views.h"

namespace fosterwatch::placements {
namespace {

using Result = v1::BatchRecordResponse::Result;

constexpr int kMostRows = 500;

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

absl::Status CheckSize(int size) {
  if (size <= kMostRows) return absl::OkStatus();
  return InvalidField("requests", "TOO_MANY", "are more than 500");
}

}  // namespace

absl::StatusOr<v1::BatchRecordResponse> App::Batch(const std::string& agency_id, const Named& named,
                                                   std::vector<Row> rows, bool validate_only) {
  ASSIGN_OR_RETURN(const auto known, KnownOf(agency_id, named));
  v1::BatchRecordResponse response;
  for (size_t i = 0; i < rows.size(); ++i) response.add_results();
  if (validate_only) {
    // What would come of them, one after the other, on copies.
    std::set<std::string> children;
    for (const Row& row : rows) children.insert(row.child_id);
    ASSIGN_OR_RETURN(const auto loaded, ledger_->LoadMany(agency_id, kChildAggregate,
                                                          {children.begin(), children.end()}));
    std::map<std::string, v1::ChildFile> files;
    for (const auto& [id, file] : loaded) files[id] = static_cast<const v1::ChildFile&>(*file);
    for (size_t i = 0; i < rows.size(); ++i) {
      Result& result = *response.mutable_results(static_cast<int>(i));
      v1::ChildFile& file = files[rows[i].child_id];
      const auto facts = rows[i].decide(file, CircumstancesOf(known, rows[i].unit.actor));
      if (!facts.ok()) {
        SetRefused(facts.status(), result);
        continue;
      }
      for (const v1::PlacementsFact& fact : *facts) domain::Evolve(file, fact, {"", now_()});
      result.set_outcome(facts->empty() ? Result::OUTCOME_UNCHANGED : Result::OUTCOME_RECORDED);
    }
    return response;
  }
  std::vector<ledger::Unit> units;
  for (Row& row : rows) {
    units.push_back(Changing(std::move(row.unit), row.child_id, known, std::move(row.decide)));
  }
  const auto outcomes = ledger_->SubmitAllAndWait(std::move(units));
  for (size_t i = 0; i < outcomes.size(); ++i) {
    Result& result = *response.mutable_results(static_cast<int>(i));
    if (!outcomes[i].ok()) {
      SetRefused(outcomes[i].status(), result);
    } else {
      result.set_outcome(outcomes[i]->changed ? Result::OUTCOME_RECORDED
                                              : Result::OUTCOME_UNCHANGED);
    }
  }
  return response;
}

absl::StatusOr<v1::BatchRecordResponse> App::BatchRecordChildren(
    const runtime::Call& call, const v1::BatchRecordChildrenRequest& request) {
  RETURN_IF_ERROR(CheckSize(request.requests_size()));
  Named named;
  std::vector<Row> rows;
  for (const v1::RecordChildRequest& one : request.requests()) {
    named.Add(one.child());
    rows.push_back({one.child().child_id(), ledger::UnitOf(call, one),
                    [&one](const v1::ChildFile& file, const domain::Circumstances& circumstances) {
                      return domain::RecordChild(file, one, circumstances);
                    }});
  }
  return Batch(call.agency_id, named, std::move(rows), request.validate_only());
}

absl::StatusOr<v1::BatchRecordResponse> App::BatchRecordPlacements(
    const runtime::Call& call, const v1::BatchRecordPlacementsRequest& request) {
  RETURN_IF_ERROR(CheckSize(request.requests_size()));
  Named named;
  std::vector<Row> rows;
  for (const v1::RecordPlacementRequest& one : request.requests()) {
    named.Add(one.placement());
    rows.push_back({one.placement().child_id(), ledger::UnitOf(call, one),
                    [&one](const v1::ChildFile& file, const domain::Circumstances& circumstances) {
                      return domain::Record(file, one, circumstances);
                    }});
  }
  return Batch(call.agency_id, named, std::move(rows), request.validate_only());
}

}  // namespace fosterwatch::placements
