#include "services/placements/domain/codes.h"

#include <set>
#include <string>

#include "absl/strings/str_cat.h"
#include "google/protobuf/util/json_util.h"

#include "libs/status/error.h"
#include "libs/status/status_macros.h"
#include "services/placements/domain/day.h"

namespace fosterwatch::placements::domain {
namespace {

absl::Status Invalid(absl::string_view what) {
  return Error(absl::StatusCode::kInvalidArgument, "CODES_INVALID",
               absl::StrCat("the lists of codes ", what));
}

absl::Status CheckEdition(const v1::CodeList& list) {
  if (list.version().empty()) return Invalid("have an edition without a version");
  if (!IsDay(list.effective_from())) {
    return Invalid("have an edition that does not say from which day it holds");
  }
  const std::string& grade = list.origin().grade();
  if (list.origin().source().empty() || (grade != "H" && grade != "M" && grade != "L")) {
    return Invalid("have an edition without a source, or without a grade H, M or L");
  }
  std::set<std::string> codes;
  for (const v1::PlacementCode& code : list.placement_codes()) {
    if (code.title().empty() || !codes.insert(code.code()).second) {
      return Invalid("have a placement code twice, or one without a title");
    }
  }
  codes.clear();
  for (const v1::ReasonCode& reason : list.reason_codes()) {
    if (reason.title().empty() || !codes.insert(reason.code()).second) {
      return Invalid("have a reason twice, or one without a title");
    }
    if (reason.ending() != v1::ENDING_PLANNED && reason.ending() != v1::ENDING_UNPLANNED &&
        reason.ending() != v1::ENDING_NOT_COUNTED) {
      return Invalid("have a reason that does not say how it counts");
    }
  }
  codes.clear();
  for (const v1::PlacementKind& kind : list.kinds()) {
    if (kind.title().empty() || !codes.insert(kind.kind()).second) {
      return Invalid("have a kind twice, or one without a title");
    }
  }
  if (list.placement_codes().empty() || list.reason_codes().empty() || list.kinds().empty()) {
    return Invalid("have an edition with an empty list");
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<v1::CodeLists> ParseCodeLists(absl::string_view json) {
  v1::CodeLists lists;
  const auto parsed =
      google::protobuf::util::JsonStringToMessage({json.data(), json.size()}, &lists);
  if (!parsed.ok()) {
    return Invalid(absl::StrCat("cannot be read: ", std::string(parsed.message())));
  }
  if (lists.editions().empty()) return Invalid("have no edition");
  std::string before;
  for (const v1::CodeList& list : lists.editions()) {
    RETURN_IF_ERROR(CheckEdition(list));
    if (list.effective_from() <= before) {
      return Invalid("have editions that are not in the order of their days");
    }
    before = list.effective_from();
  }
  return lists;
}

const v1::CodeList& InForce(const v1::CodeLists& lists, absl::string_view day) {
  int last = 0;
  for (int i = 1; i < lists.editions_size(); ++i) {
    if (lists.editions(i).effective_from() <= day) last = i;
  }
  return lists.editions(last);
}

const v1::PlacementCode* FindPlacementCode(const v1::CodeList& list, absl::string_view code) {
  for (const v1::PlacementCode& known : list.placement_codes()) {
    if (known.code() == code) return &known;
  }
  return nullptr;
}

const v1::ReasonCode* FindReasonCode(const v1::CodeList& list, absl::string_view code) {
  for (const v1::ReasonCode& known : list.reason_codes()) {
    if (known.code() == code) return &known;
  }
  return nullptr;
}

const v1::PlacementKind* FindKind(const v1::CodeList& list, absl::string_view kind) {
  for (const v1::PlacementKind& known : list.kinds()) {
    if (known.kind() == kind) return &known;
  }
  return nullptr;
}

}  // namespace fosterwatch::placements::domain
