#include "services/carers/domain/merge.h"

#include <algorithm>
#include <set>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"

#include "libs/clock/working_calendar.h"
#include "libs/status/error.h"
#include "services/carers/domain/check.h"
#include "services/carers/domain/duties.h"
#include "services/carers/domain/register.h"

namespace fosterwatch::carers::domain {
namespace {

using v1::Carer;

bool Names(const google::protobuf::RepeatedPtrField<std::string>& ids, const std::string& id) {
  return std::find(ids.begin(), ids.end(), id) != ids.end();
}

// Words in lower case, one space between them: how they were typed does not count.
std::string Plain(const std::string& text) {
  return absl::AsciiStrToLower(
      absl::StrJoin(absl::StrSplit(text, absl::ByAnyChar(" \t\r\n,.;"), absl::SkipEmpty()), " "));
}

Facts SetMerged(const Carer& carer, const std::set<std::string>& ids) {
  Facts facts(1);
  auto* set = facts[0].mutable_merged_carers_set();
  set->set_carer_id(carer.carer_id());
  for (const std::string& id : ids) set->add_carer_ids(id);
  return facts;
}

std::set<std::string> MergedOf(const Carer& carer) {
  return {carer.merged_carer_ids().begin(), carer.merged_carer_ids().end()};
}

}  // namespace

absl::StatusOr<Facts> MergeInto(const Carer& carer, const v1::MergeCarersRequest& request,
                                const Context& context, NewId new_id) {
  FieldCheck check;
  CheckId(check, "into_carer_id", request.into_carer_id());
  if (request.into_carer_id() == carer.carer_id()) {
    check.Refuse("into_carer_id", "SAME_RECORD", "is the record itself");
  }
  check.Require("reason", request.reason(), kMaxText);
  if (!check.ok()) return check.ToStatus();
  if (!carer.merged_into_carer_id().empty() || !carer.merged_carer_ids().empty()) {
    return Refused("MERGED_BEFORE", "the record is merged with another already");
  }
  if (!carer.occupants().empty()) {
    return Refused("CHILD_PLACED",
                   "a child lives with the carer by this record: put that right first");
  }
  if (carer.application().state() == v1::Application::STATE_OPEN) {
    return Refused("APPLICATION_OPEN", "an application is open on this record: withdraw it first");
  }
  if (!OpenWork(carer, context).empty()) {
    return Refused("WORK_OPEN",
                   "a notice, an action, a review or a request for access is open on this record:"
                   " finish it first");
  }
  Facts facts;
  v1::RegisterChange* change =
      AddChange(facts, carer.carer_id(), context, new_id(), ShowDay(clock::LondonDay(context.now)));
  change->mutable_merged_into()->set_carer_id(request.into_carer_id());
  change->set_reason(request.reason());
  return facts;
}

absl::StatusOr<Facts> TakeIn(const Carer& carer, const std::string& other_carer_id) {
  if (!carer.merged_into_carer_id().empty()) {
    return Refused("MERGED_BEFORE", "the record to keep is merged into another");
  }
  auto ids = MergedOf(carer);
  ids.insert(other_carer_id);
  return SetMerged(carer, ids);
}

absl::StatusOr<Facts> UndoMerge(const Carer& carer, const v1::UndoMergeRequest& request,
                                const Context& context, NewId new_id) {
  FieldCheck check;
  check.Require("reason", request.reason(), kMaxText);
  if (!check.ok()) return check.ToStatus();
  const v1::RegisterChange* merge = nullptr;
  for (const v1::RegisterChange* change : Standing(carer, absl::InfiniteFuture())) {
    if (change->has_merged_into()) merge = change;
  }
  if (merge == nullptr) return Refused("NOT_MERGED", "the record is not merged into another");
  Facts facts;
  v1::RegisterChange* change =
      AddChange(facts, carer.carer_id(), context, new_id(), merge->effective_date());
  change->set_replaces_change_id(merge->change_id());
  change->set_reason(request.reason());
  return facts;
}

Facts LetGo(const Carer& carer, const std::string& other_carer_id) {
  auto ids = MergedOf(carer);
  if (ids.erase(other_carer_id) == 0) return {};
  return SetMerged(carer, ids);
}

absl::StatusOr<Facts> KeepApart(const Carer& carer, const std::string& other_carer_id) {
  FieldCheck check;
  CheckId(check, "other_carer_id", other_carer_id);
  if (other_carer_id == carer.carer_id()) {
    check.Refuse("other_carer_id", "SAME_RECORD", "is the record itself");
  }
  if (!check.ok()) return check.ToStatus();
  if (carer.merged_into_carer_id() == other_carer_id ||
      Names(carer.merged_carer_ids(), other_carer_id)) {
    return Refused("MERGED_BEFORE", "the two are merged: take that back first");
  }
  if (Names(carer.distinct_carer_ids(), other_carer_id)) return Facts();
  std::set<std::string> ids(carer.distinct_carer_ids().begin(), carer.distinct_carer_ids().end());
  ids.insert(other_carer_id);
  Facts facts(1);
  auto* set = facts[0].mutable_distinct_carers_set();
  set->set_carer_id(carer.carer_id());
  for (const std::string& id : ids) set->add_carer_ids(id);
  return facts;
}

Likeness LikenessOf(const Carer& carer) {
  Likeness likeness;
  for (const v1::FosterParent& person : carer.foster_parents()) {
    const std::string name = Plain(person.name());
    if (name.empty() || person.birth_date().empty()) continue;
    likeness.persons.push_back(absl::StrCat(name, "\n", person.birth_date()));
  }
  const std::string name = Plain(carer.name());
  const std::string address = Plain(carer.address());
  if (!name.empty() && !address.empty()) likeness.household = absl::StrCat(name, "\n", address);
  return likeness;
}

bool MayBeProposed(const Carer& carer, const std::string& other_carer_id) {
  return carer.merged_into_carer_id().empty() && carer.carer_id() != other_carer_id &&
         !Names(carer.distinct_carer_ids(), other_carer_id);
}

}  // namespace fosterwatch::carers::domain
