#include "services/packs/policy.h"

#include <utility>

#include "absl/strings/str_cat.h"

#include "libs/status/status_macros.h"
#include "nlohmann/json.hpp"

namespace fosterwatch::packs {
namespace {

using nlohmann::json;

absl::Status Wrong(absl::string_view where, absl::string_view what) {
  return absl::InvalidArgumentError(absl::StrCat("packs.json, ", where, ": ", what));
}

absl::StatusOr<std::string> Text(const json& object, const char* name, absl::string_view where) {
  const auto found = object.find(name);
  if (found == object.end()) return std::string();
  if (!found->is_string()) return Wrong(where, absl::StrCat(name, " is no text"));
  return found->get<std::string>();
}

absl::StatusOr<std::vector<PolicyRow>> Rows(const json& document, const char* list,
                                            const char* title, const std::set<std::string>& known) {
  static const std::set<std::string>* const kFields = new std::set<std::string>{
      "matter", "regulation", "asks", "grade", "section", "figures", "kept_elsewhere"};
  std::vector<PolicyRow> rows;
  const auto found = document.find(list);
  if (found == document.end() || !found->is_array() || found->empty()) {
    return Wrong(list, "is no list with rows");
  }
  for (const json& item : *found) {
    const std::string where = absl::StrCat(list, "[", rows.size(), "]");
    if (!item.is_object()) return Wrong(where, "is no object");
    for (const auto& [name, value] : item.items()) {
      if (!kFields->contains(name)) return Wrong(where, "has a field that nobody reads");
    }
    PolicyRow row;
    ASSIGN_OR_RETURN(row.title, Text(item, title, where));
    ASSIGN_OR_RETURN(row.asks, Text(item, "asks", where));
    ASSIGN_OR_RETURN(row.grade, Text(item, "grade", where));
    ASSIGN_OR_RETURN(row.section, Text(item, "section", where));
    ASSIGN_OR_RETURN(row.kept_elsewhere, Text(item, "kept_elsewhere", where));
    if (row.title.empty()) return Wrong(where, absl::StrCat("has no ", title));
    for (const json& figure : item.value("figures", json::array())) {
      PolicyFigure added;
      ASSIGN_OR_RETURN(added.figure, Text(figure, "figure", where));
      ASSIGN_OR_RETURN(added.words, Text(figure, "words", where));
      if (!known.contains(added.figure)) {
        return Wrong(where, absl::StrCat("no figure is named ", added.figure));
      }
      row.figures.push_back(std::move(added));
    }
    if (row.figures.empty() && row.section.empty() && row.kept_elsewhere.empty()) {
      return Wrong(where, "has neither figures, nor a section, nor where else it is kept");
    }
    rows.push_back(std::move(row));
  }
  return rows;
}

}  // namespace

absl::StatusOr<Policy> ParsePolicy(absl::string_view text, const std::set<std::string>& known) {
  const json document = json::parse(text.begin(), text.end(), nullptr, false);
  if (!document.is_object()) return Wrong("the file", "is no JSON object");
  Policy policy;
  ASSIGN_OR_RETURN(policy.version, Text(document, "version", "the file"));
  ASSIGN_OR_RETURN(policy.source, Text(document, "source", "the file"));
  if (policy.version.empty()) return Wrong("the file", "has no version");
  ASSIGN_OR_RETURN(policy.schedule6, Rows(document, "schedule6", "matter", known));
  ASSIGN_OR_RETURN(policy.requirements, Rows(document, "requirements", "regulation", known));
  return policy;
}

}  // namespace fosterwatch::packs
