#include "libs/ledger/merge.h"

#include <algorithm>
#include <iterator>
#include <type_traits>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"

namespace fosterwatch::ledger {
namespace {

template <typename T>
constexpr bool kIsArray = std::is_same_v<T, pg::TextArray> || std::is_same_v<T, pg::IntArray> ||
                          std::is_same_v<T, pg::BytesArray> || std::is_same_v<T, pg::TimeArray>;

bool OfArrays(const pg::Statement& statement) {
  return !statement.values.empty() &&
         std::all_of(statement.values.begin(), statement.values.end(), [](const pg::Value& value) {
           return std::visit(
               [](const auto& array) { return kIsArray<std::decay_t<decltype(array)>>; }, value);
         });
}

void Append(pg::Values&& from, pg::Values& to) {
  for (size_t i = 0; i < to.size(); ++i) {
    std::visit(
        [&](auto& array) {
          using Array = std::decay_t<decltype(array)>;
          if constexpr (kIsArray<Array>) {
            Array& more = std::get<Array>(from[i]);
            array.insert(array.end(), std::make_move_iterator(more.begin()),
                         std::make_move_iterator(more.end()));
          }
        },
        to[i]);
  }
}

}  // namespace

Statements Merged(Statements statements) {
  Statements merged;
  merged.reserve(statements.size());  // the views below point into it
  absl::flat_hash_map<absl::string_view, size_t> places;
  for (pg::Statement& statement : statements) {
    if (!OfArrays(statement)) {
      merged.push_back(std::move(statement));
      continue;
    }
    const auto known = places.find(statement.sql);
    if (known != places.end()) {
      Append(std::move(statement.values), merged[known->second].values);
      continue;
    }
    merged.push_back(std::move(statement));
    places[merged.back().sql] = merged.size() - 1;
  }
  return merged;
}

}  // namespace fosterwatch::ledger
