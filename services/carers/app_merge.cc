// Records of one household: proposed, merged, taken apart again, said to be two.
#include <algorithm>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/hash/hash.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

#include "libs/ledger/id.h"
#include "libs/ledger/service.h"
#include "libs/runtime/page_token.h"
#include "libs/status/error.h"
#include "libs/status/status_macros.h"
#include "services/carers/app.h"
#include "services/carers/domain/carer.h"
#include "services/carers/domain/check.h"
#include "services/carers/domain/consequences.h"
#include "services/carers/domain/merge.h"
#include "services/carers/views.h"

namespace fosterwatch::carers {
namespace {

using v1::Carer;

// Of the facts of a carer, those that MayBeProposed and LikenessOf rest on.
const std::vector<std::string>& FactsOfLikeness() {
  static const auto* const names =
      new std::vector<std::string>{"carer_recorded", "register_changed", "distinct_carers_set"};
  return *names;
}

constexpr int kReadAtOnce = 500;
// Of records that are all alike: who shares a placeholder is no household.
constexpr size_t kMostAlike = 20;

using Ids = std::vector<std::string>;
using Pair = std::pair<std::string, std::string>;

// By what records share, which records share it: hashes alone, so that nothing personal is kept.
class Alike {
 public:
  void Add(const Carer& carer) {
    if (!carer.merged_into_carer_id().empty()) return;
    const domain::Likeness likeness = domain::LikenessOf(carer);
    for (const std::string& person : likeness.persons) Add("person", person, carer.carer_id());
    if (!likeness.household.empty()) Add("household", likeness.household, carer.carer_id());
  }
  std::set<Pair> Pairs(const std::string& only) const {
    std::set<Pair> pairs;
    for (const auto& [hash, ids] : ids_) {
      if (ids.size() > kMostAlike) continue;
      for (size_t i = 0; i < ids.size(); ++i) {
        for (size_t j = i + 1; j < ids.size(); ++j) {
          if (ids[i] == ids[j] || (!only.empty() && ids[i] != only && ids[j] != only)) continue;
          pairs.insert(std::minmax(ids[i], ids[j]));
        }
      }
    }
    return pairs;
  }

 private:
  void Add(absl::string_view what, const std::string& likeness, const std::string& carer_id) {
    ids_[absl::HashOf(what, likeness)].push_back(carer_id);
  }
  absl::flat_hash_map<size_t, Ids> ids_;
};

bool SharesPerson(const domain::Likeness& a, const domain::Likeness& b) {
  return std::any_of(a.persons.begin(), a.persons.end(), [&](const std::string& person) {
    return std::find(b.persons.begin(), b.persons.end(), person) != b.persons.end();
  });
}

}  // namespace

absl::StatusOr<ledger::Unit> App::MergeCarers(const runtime::Call& call,
                                              const v1::MergeCarersRequest& request) const {
  ASSIGN_OR_RETURN(ledger::Unit unit,
                   Change(call, request, request.into_carer_id(), /*may_be_new=*/false,
                          [id = request.carer_id()](const Carer& carer, const domain::Context&) {
                            return domain::TakeIn(carer, id);
                          }));
  ASSIGN_OR_RETURN(ledger::Unit other,
                   Change(call, request, request.carer_id(), /*may_be_new=*/false,
                          [request](const Carer& carer, const domain::Context& context) {
                            return domain::MergeInto(carer, request, context, ledger::NewId);
                          }));
  unit.changes.push_back(std::move(other.changes[0]));
  return unit;
}

absl::StatusOr<Carer> App::UndoMerge(const runtime::Call& call,
                                     const v1::UndoMergeRequest& request) {
  ASSIGN_OR_RETURN(const Carer merged,
                   ledger_->LoadAs<Carer>(call.agency_id, kCarerAggregate, request.carer_id()));
  ASSIGN_OR_RETURN(
      ledger::Unit unit,
      Change(
          call, request, request.carer_id(), /*may_be_new=*/false,
          [request, seen = merged.merged_into_carer_id()](
              const Carer& carer, const domain::Context& context) -> absl::StatusOr<domain::Facts> {
            if (carer.merged_into_carer_id() != seen) {
              return Error(absl::StatusCode::kAborted, "CHANGED_MEANWHILE",
                           "the record was merged or taken apart meanwhile; try again");
            }
            return domain::UndoMerge(carer, request, context, ledger::NewId);
          }));
  if (const std::string& into = merged.merged_into_carer_id(); !into.empty()) {
    ASSIGN_OR_RETURN(
        ledger::Unit other,
        Change(call, request, into, /*may_be_new=*/false,
               [id = request.carer_id()](const Carer& carer, const domain::Context&)
                   -> absl::StatusOr<domain::Facts> { return domain::LetGo(carer, id); }));
    unit.changes.push_back(std::move(other.changes[0]));
  }
  ASSIGN_OR_RETURN(const ledger::Outcome outcome, ledger_->SubmitAndWait(std::move(unit)));
  return Shown(outcome.As<Carer>(0));
}

absl::StatusOr<ledger::Unit> App::KeepCarersApart(const runtime::Call& call,
                                                  const v1::KeepCarersApartRequest& request) const {
  const auto keep = [](const std::string& id) {
    return
        [id](const Carer& carer, const domain::Context&) { return domain::KeepApart(carer, id); };
  };
  ASSIGN_OR_RETURN(ledger::Unit unit, Change(call, request, request.carer_id(), false,
                                             keep(request.other_carer_id())));
  ASSIGN_OR_RETURN(ledger::Unit other, Change(call, request, request.other_carer_id(), false,
                                              keep(request.carer_id())));
  unit.changes.push_back(std::move(other.changes[0]));
  return unit;
}

absl::StatusOr<v1::ListDuplicatesResponse> App::ListDuplicates(
    const runtime::Call& call, const v1::ListDuplicatesRequest& request) {
  ASSIGN_OR_RETURN(const int size, runtime::PageSize(request.page_size(), 200, 1000));
  Pair after;
  if (!request.page_token().empty()) {
    ASSIGN_OR_RETURN(const std::string token, runtime::ReadPageToken(request));
    after = absl::StrSplit(token, absl::MaxSplits('\n', 1));
  }
  Alike alike;
  Ids ids;
  do {
    ASSIGN_OR_RETURN(
        ids, CarersAfter(*ledger_, call.agency_id, ids.empty() ? "" : ids.back(), kReadAtOnce));
    RETURN_IF_ERROR(ledger_->LoadEach(
        call.agency_id, kCarerAggregate, ids,
        [&](const std::string&, std::unique_ptr<google::protobuf::Message> state) {
          alike.Add(static_cast<const Carer&>(*state));
        },
        FactsOfLikeness()));
  } while (ids.size() == kReadAtOnce);
  v1::ListDuplicatesResponse response;
  const std::set<Pair> pairs = alike.Pairs(request.carer_id());
  // Read again, some at a time, to be sure that more than their hashes are the same.
  auto next = pairs.upper_bound(after);
  while (next != pairs.end()) {
    std::vector<Pair> some;
    std::set<std::string> named;
    for (; next != pairs.end() && some.size() < static_cast<size_t>(size); ++next) {
      some.push_back(*next);
      named.insert({next->first, next->second});
    }
    ASSIGN_OR_RETURN(const auto carers, ledger_->LoadMany(call.agency_id, kCarerAggregate,
                                                          {named.begin(), named.end()}));
    for (const auto& [a, b] : some) {
      const auto& one = static_cast<const Carer&>(*carers.at(a));
      const auto& other = static_cast<const Carer&>(*carers.at(b));
      if (!domain::MayBeProposed(one, b) || !domain::MayBeProposed(other, a)) continue;
      const domain::Likeness likeness = domain::LikenessOf(one);
      const domain::Likeness others = domain::LikenessOf(other);
      const bool household = !likeness.household.empty() && likeness.household == others.household;
      const bool person = SharesPerson(likeness, others);
      if (!household && !person) continue;
      if (response.pairs_size() == size) {
        const auto& last = *response.pairs().rbegin();
        response.set_next_page_token(runtime::MakePageToken(
            request, absl::StrCat(last.carer_id(), "\n", last.other_carer_id())));
        return response;
      }
      auto* pair = response.add_pairs();
      pair->set_carer_id(a);
      pair->set_other_carer_id(b);
      pair->set_same_person(person);
      pair->set_same_household(household);
      pair->set_carer_name(one.name());
      pair->set_other_carer_name(other.name());
    }
  }
  return response;
}

}  // namespace fosterwatch::carers
