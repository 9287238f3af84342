#include "services/placements/domain/correct.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "absl/strings/str_cat.h"
#include "google/protobuf/descriptor.h"

#include "libs/clock/proto_time.h"
#include "libs/status/error.h"
#include "libs/status/status_macros.h"
#include "services/placements/domain/check.h"

namespace fosterwatch::placements::domain {
namespace {

using google::protobuf::FieldDescriptor;

constexpr const char* kCorrectable[] = {"carer_id",
                                        "start_date",
                                        "end_date",
                                        "placement_code",
                                        "reason_code",
                                        "kind",
                                        "placing_authority_id",
                                        "statutory_provision",
                                        "address_before",
                                        "address_on_leaving",
                                        "ending_note"};

const FieldDescriptor* Field(const std::string& name) {
  return v1::Placement::descriptor()->FindFieldByName(name);
}

std::string Get(const v1::Placement& placement, const std::string& name) {
  return placement.GetReflection()->GetString(placement, Field(name));
}

void Set(v1::Placement& placement, const std::string& name, std::string value) {
  placement.GetReflection()->SetString(&placement, Field(name), std::move(value));
}

// What nobody has assumed any more.
void DropAssumptions(const v1::Placement& before, v1::Placement& after) {
  if (after.start_date() != before.start_date()) after.clear_start_assumed();
  if (after.end_date() != before.end_date()) after.clear_end_assumed();
}

std::string CarerOfCurrent(const v1::ChildFile& file, const v1::Placement& after) {
  if (after.end_date().empty()) return after.carer_id();
  const v1::Placement* current = Current(file);
  if (current == nullptr || current->placement_id() == after.placement_id()) return "";
  return current->carer_id();
}

}  // namespace

absl::StatusOr<v1::Placement> Corrected(const v1::Placement& placement,
                                        const v1::CorrectPlacementRequest& request) {
  v1::Placement after = placement;
  for (const char* name : kCorrectable) {
    if (const std::string said = Get(request.placement(), name); !said.empty()) {
      Set(after, name, said);
    }
  }
  for (const std::string& name : request.cleared()) {
    if (std::find(std::begin(kCorrectable), std::end(kCorrectable), name) ==
            std::end(kCorrectable) ||
        name == "carer_id" || name == "start_date") {
      return InvalidField("cleared", "NOT_CORRECTABLE", "names a field that cannot be emptied");
    }
    if (!Get(request.placement(), name).empty()) {
      return InvalidField("cleared", "NOT_CORRECTABLE", "names a field that is also given");
    }
    Set(after, name, "");
  }
  return after;
}

absl::StatusOr<Facts> CorrectionOf(const v1::ChildFile& file, const v1::Placement& before,
                                   v1::Placement after, const std::string& why,
                                   const Circumstances& circumstances) {
  v1::PlacementsFact fact;
  v1::PlacementCorrected& corrected = *fact.mutable_placement_corrected();
  v1::PlacementCorrection& correction = *corrected.mutable_correction();
  for (const char* name : kCorrectable) {
    if (Get(before, name) == Get(after, name)) continue;
    v1::ReplacedField& replaced = *correction.add_replaced();
    replaced.set_field(name);
    replaced.set_before(Get(before, name));
    replaced.set_after(Get(after, name));
  }
  if (correction.replaced().empty()) return Facts{};
  DropAssumptions(before, after);
  RETURN_IF_ERROR(CheckPlacement(file, after, "placement", circumstances));
  SetEnding(after, *circumstances.codes);
  *correction.mutable_corrected_time() = clock::ToProto(circumstances.now);
  correction.set_person_id(circumstances.person_id);
  correction.set_why(why);
  if (after.carer_id() != before.carer_id()) corrected.set_former_carer_id(before.carer_id());
  *corrected.mutable_placement() = after;
  corrected.mutable_placement()->clear_corrections();
  Facts facts{fact};
  if (const std::string carer = CarerOfCurrent(file, after); carer != file.carer_id()) {
    v1::PlacementsFact child;
    *child.mutable_child_recorded()->mutable_child() = ChildOf(file);
    child.mutable_child_recorded()->mutable_child()->set_carer_id(carer);
    facts.push_back(std::move(child));
  }
  return facts;
}

}  // namespace fosterwatch::placements::domain
