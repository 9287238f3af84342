// What the pack says of law beside the figures: the matters of Schedule 6 and what regulations ask
// for, as data (policy/packs.json), each with the figures that answer it.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace fosterwatch::packs {

struct PolicyFigure {
  std::string figure;  // a name that InspectionFigures knows
  std::string words;
};

struct PolicyRow {
  std::string title;  // the matter, or the regulation
  std::string asks;   // of a requirement
  std::string grade;  // how sure the source is, of a matter
  std::string section;
  std::vector<PolicyFigure> figures;
  std::string kept_elsewhere;  // where it is; empty where figures answer it
};

struct Policy {
  std::string version, source;
  std::vector<PolicyRow> schedule6, requirements;
};

// INVALID_ARGUMENT that names the row at fault: an unknown figure or field, a row with neither
// figures, nor a section, nor where else it is kept.
absl::StatusOr<Policy> ParsePolicy(absl::string_view json, const std::set<std::string>& known);

}  // namespace fosterwatch::packs
