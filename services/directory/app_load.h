// How the use cases read and change entries of one type; for the sources of App only.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "libs/ledger/service.h"
#include "libs/status/status_macros.h"
#include "services/directory/app.h"

namespace fosterwatch::directory {

template <typename Entry>
absl::StatusOr<std::vector<Entry>> App::LoadAll(const std::string& agency_id,
                                                const std::string& type, pg::Statement ids) {
  ASSIGN_OR_RETURN(const auto rows, ledger_->Read(agency_id, {std::move(ids)}));
  std::vector<std::string> names;
  for (int row = 0; row < rows[0].rows(); ++row) names.push_back(rows[0].Text(row, 0));
  std::vector<Entry> entries;
  if (names.empty()) return entries;
  ASSIGN_OR_RETURN(const auto states, ledger_->LoadMany(agency_id, type, names));
  for (const std::string& name : names) {
    const auto state = states.find(name);
    if (state != states.end()) entries.push_back(static_cast<const Entry&>(*state->second));
  }
  return entries;
}

template <typename Entry>
absl::StatusOr<Entry> App::Enter(
    const runtime::Call& call, const google::protobuf::Message& request, std::string type,
    std::string id,
    std::function<absl::StatusOr<std::vector<v1::DirectoryFact>>(const Entry&, int64_t version)>
        decide) {
  ledger::Unit unit = ledger::UnitOf(call, request);
  // The first change is the one whose result a repeated request gets.
  unit.changes.push_back(ledger::MakeChange<Entry, v1::DirectoryFact>(
      std::move(type), std::move(id), std::move(decide)));
  unit.changes.push_back(PlanCheck());
  ASSIGN_OR_RETURN(const ledger::Outcome outcome, ledger_->SubmitAndWait(std::move(unit)));
  return outcome.As<Entry>(0);
}

}  // namespace fosterwatch::directory
