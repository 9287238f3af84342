#include "services/placements/domain/check.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

#include "libs/status/error.h"
#include "libs/status/status_macros.h"
#include "services/placements/domain/codes.h"
#include "services/placements/domain/day.h"

namespace fosterwatch::placements::domain {
namespace {

constexpr size_t kLongestProvision = 100;
constexpr size_t kLongestText = 2000;

absl::Status CheckDay(const std::string& field, const std::string& day, const std::string& today) {
  if (!IsDay(day)) {
    return InvalidField(field, "INVALID_DATE", "is not a day such as 2026-11-22");
  }
  if (day > today) return InvalidField(field, "IN_THE_FUTURE", "is after today");
  return absl::OkStatus();
}

absl::Status CheckText(const std::string& field, const std::string& text, size_t longest) {
  if (text.size() <= longest) return absl::OkStatus();
  return InvalidField(field, "TEXT_TOO_LONG",
                      absl::StrCat("is longer than ", longest, " characters"));
}

absl::Status CheckDays(const v1::ChildFile& file, const v1::Placement& placement,
                       const std::string& prefix, const std::string& today) {
  RETURN_IF_ERROR(CheckDay(prefix + "start_date", placement.start_date(), today));
  const std::string& birth = file.birth_date();
  if (!birth.empty() && placement.start_date() < birth) {
    return InvalidField(prefix + "start_date", "BEFORE_BIRTH", "is before the child was born");
  }
  if (placement.end_date().empty()) {
    if (placement.reason_code().empty()) return absl::OkStatus();
    return InvalidField(prefix + "reason_code", "NOT_ENDED",
                        "says why a placement ended that has no end_date");
  }
  RETURN_IF_ERROR(CheckDay(prefix + "end_date", placement.end_date(), today));
  if (placement.end_date() < placement.start_date()) {
    return InvalidField(prefix + "end_date", "BEFORE_START", "is before start_date");
  }
  return absl::OkStatus();
}

absl::Status CheckCodes(const v1::Placement& placement, const std::string& prefix,
                        const v1::CodeLists& codes) {
  const v1::CodeList& list = InForce(codes, placement.start_date());
  if (!placement.placement_code().empty()) {
    const v1::PlacementCode* code = FindPlacementCode(list, placement.placement_code());
    if (code == nullptr) {
      return InvalidField(prefix + "placement_code", "UNKNOWN_CODE",
                          "is not in the list of placement codes");
    }
    if (!code->with_carer()) {
      return InvalidField(prefix + "placement_code", "NOT_WITH_A_CARER",
                          "is the code of a placement that is not with a foster carer");
    }
  }
  if (!placement.kind().empty() && FindKind(list, placement.kind()) == nullptr) {
    return InvalidField(prefix + "kind", "UNKNOWN_CODE", "is not in the list of kinds");
  }
  if (!placement.reason_code().empty() &&
      FindReasonCode(InForce(codes, placement.end_date()), placement.reason_code()) == nullptr) {
    return InvalidField(prefix + "reason_code", "UNKNOWN_CODE", "is not in the list of reasons");
  }
  return absl::OkStatus();
}

// Ends come after everything: an open placement goes on for ever.
bool EndsAfter(const v1::Placement& placement, const std::string& day) {
  return placement.end_date().empty() || placement.end_date() > day;
}

bool Overlap(const v1::Placement& a, const v1::Placement& b) {
  return EndsAfter(b, a.start_date()) && EndsAfter(a, b.start_date());
}

}  // namespace

bool IsId(absl::string_view id) {
  return !id.empty() && id.size() <= 64 && std::all_of(id.begin(), id.end(), absl::ascii_isgraph);
}

absl::Status CheckGiven(absl::string_view field, absl::string_view value) {
  if (!value.empty()) return absl::OkStatus();
  return InvalidField(field, "REQUIRED", "is missing");
}

absl::Status CheckPlacement(const v1::ChildFile& file, const v1::Placement& placement,
                            absl::string_view path, const Circumstances& circumstances) {
  const std::string prefix = absl::StrCat(path, ".");
  if (!IsId(placement.placement_id())) {
    return InvalidField(prefix + "placement_id", "INVALID_ID", "is not 1 to 64 visible characters");
  }
  RETURN_IF_ERROR(CheckDays(file, placement, prefix, LondonDayText(circumstances.now)));
  RETURN_IF_ERROR(CheckCodes(placement, prefix, *circumstances.codes));
  RETURN_IF_ERROR(CheckText(prefix + "statutory_provision", placement.statutory_provision(),
                            kLongestProvision));
  for (const auto& [field, text] :
       {std::pair{"address_before", &placement.address_before()},
        std::pair{"address_on_leaving", &placement.address_on_leaving()},
        std::pair{"ending_note", &placement.ending_note()}}) {
    RETURN_IF_ERROR(CheckText(prefix + field, *text, kLongestText));
  }
  if (!circumstances.carer_known(placement.carer_id())) {
    return InvalidField(prefix + "carer_id", "UNKNOWN_CARER", "is not in the register of carers");
  }
  if (!placement.placing_authority_id().empty() &&
      !circumstances.authority_known(placement.placing_authority_id())) {
    return InvalidField(prefix + "placing_authority_id", "UNKNOWN_BODY",
                        "is no local authority of the directory");
  }
  for (const v1::Placement& other : file.placements()) {
    if (other.placement_id() != placement.placement_id() && Overlap(placement, other)) {
      return InvalidField(prefix + "start_date", "OVERLAPS",
                          "is of a placement that overlaps another one of the child");
    }
  }
  return absl::OkStatus();
}

absl::Status CheckEnd(const v1::Placement& placement, const Circumstances& circumstances) {
  RETURN_IF_ERROR(CheckDay("end_date", placement.end_date(), LondonDayText(circumstances.now)));
  if (placement.end_date() < placement.start_date()) {
    return InvalidField("end_date", "BEFORE_START",
                        "is before the day on which the child came to where it lives now");
  }
  if (FindReasonCode(InForce(*circumstances.codes, placement.end_date()),
                     placement.reason_code()) == nullptr) {
    return InvalidField("reason_code", "UNKNOWN_CODE", "is not in the list of reasons");
  }
  RETURN_IF_ERROR(CheckText("address_on_leaving", placement.address_on_leaving(), kLongestText));
  return CheckText("ending_note", placement.ending_note(), kLongestText);
}

void SetEnding(v1::Placement& placement, const v1::CodeLists& codes) {
  if (placement.end_date().empty()) return placement.clear_ending();
  const v1::ReasonCode* reason =
      FindReasonCode(InForce(codes, placement.end_date()), placement.reason_code());
  placement.set_ending(reason == nullptr ? v1::ENDING_NOT_SAID : reason->ending());
}

}  // namespace fosterwatch::placements::domain
