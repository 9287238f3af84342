#include "services/placements/domain/placement.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"

#include "libs/clock/proto_time.h"
#include "libs/status/error.h"
#include "libs/status/status_macros.h"
#include "services/placements/domain/check.h"
#include "services/placements/domain/child.h"
#include "services/placements/domain/codes.h"
#include "services/placements/domain/correct.h"
#include "services/placements/domain/day.h"

namespace fosterwatch::placements::domain {
namespace {

absl::Status NoSuchChild(absl::string_view field) {
  return InvalidField(field, "UNKNOWN_CHILD", "names no child of this agency");
}

absl::Status NotPlaced() {
  return Error(absl::StatusCode::kFailedPrecondition, "NOT_PLACED",
               "the child lives with no carer of this agency",
               {{"child_id", "lives with no carer of this agency"}});
}

v1::PlacementsFact ChildRecorded(v1::Child child, const std::string& carer_id) {
  child.set_carer_id(carer_id);
  v1::PlacementsFact fact;
  *fact.mutable_child_recorded()->mutable_child() = std::move(child);
  return fact;
}

v1::PlacementsFact Started(v1::Placement placement, const Circumstances& circumstances) {
  SetEnding(placement, *circumstances.codes);
  *placement.mutable_recorded_time() = clock::ToProto(circumstances.now);
  v1::PlacementsFact fact;
  *fact.mutable_placement_started()->mutable_placement() = std::move(placement);
  return fact;
}

// Of a placement that has been given its end.
v1::PlacementsFact Ended(v1::Placement placement, const Circumstances& circumstances) {
  SetEnding(placement, *circumstances.codes);
  v1::PlacementsFact fact;
  v1::PlacementEnded& ended = *fact.mutable_placement_ended();
  ended.set_placement_id(placement.placement_id());
  ended.set_child_id(placement.child_id());
  ended.set_carer_id(placement.carer_id());
  ended.set_end_date(placement.end_date());
  ended.set_end_assumed(placement.end_assumed());
  ended.set_reason_code(placement.reason_code());
  ended.set_ending(placement.ending());
  ended.set_list_version(InForce(*circumstances.codes, placement.end_date()).version());
  ended.set_address_on_leaving(placement.address_on_leaving());
  ended.set_ending_note(placement.ending_note());
  return fact;
}

// What a request may say of a placement that begins.
v1::Placement Beginning(const v1::Placement& asked, const Circumstances& circumstances) {
  v1::Placement placement;
  placement.set_placement_id(asked.placement_id().empty() ? circumstances.new_id()
                                                          : asked.placement_id());
  placement.set_child_id(asked.child_id());
  placement.set_carer_id(asked.carer_id());
  placement.set_start_date(asked.start_date());
  placement.set_placement_code(asked.placement_code());
  placement.set_kind(asked.kind());
  placement.set_placing_authority_id(asked.placing_authority_id());
  placement.set_statutory_provision(asked.statutory_provision());
  placement.set_address_before(asked.address_before());
  return placement;
}

absl::Status CheckBeginning(const v1::ChildFile& file, const v1::Placement& asked,
                            const v1::Placement& placement, const std::string& path,
                            const Circumstances& circumstances) {
  for (const auto& [field, value] :
       {std::pair{".end_date", &asked.end_date()}, std::pair{".reason_code", &asked.reason_code()},
        std::pair{".address_on_leaving", &asked.address_on_leaving()},
        std::pair{".ending_note", &asked.ending_note()}}) {
    if (!value->empty()) {
      return InvalidField(path + field, "NOT_ENDED", "is of an ending, and this placement begins");
    }
  }
  RETURN_IF_ERROR(CheckGiven(path + ".placement_code", placement.placement_code()));
  RETURN_IF_ERROR(CheckPlacement(file, placement, path, circumstances));
  if (FindPlacement(file, placement.placement_id()) != nullptr) {
    return InvalidField(path + ".placement_id", "ID_TAKEN", "is of another placement");
  }
  return absl::OkStatus();
}

void Sort(v1::ChildFile& file) {
  std::sort(file.mutable_placements()->begin(), file.mutable_placements()->end(),
            [](const v1::Placement& a, const v1::Placement& b) {
              if (a.start_date() != b.start_date()) return a.start_date() < b.start_date();
              if (a.end_date() != b.end_date()) {
                return !a.end_date().empty() &&
                       (b.end_date().empty() || a.end_date() < b.end_date());
              }
              return a.placement_id() < b.placement_id();
            });
}

v1::Placement* Mutable(v1::ChildFile& file, const std::string& placement_id) {
  for (v1::Placement& placement : *file.mutable_placements()) {
    if (placement.placement_id() == placement_id) return &placement;
  }
  return nullptr;
}

// Where the record of a child alone tells where the child lives.
void EvolveChild(v1::ChildFile& file, const v1::Child& child, const Stamp& stamp) {
  const std::string today = LondonDayText(stamp.recorded);
  if (const v1::Placement* current = Current(file);
      current != nullptr && current->carer_id() != child.carer_id()) {
    v1::Placement& ended = *Mutable(file, current->placement_id());
    ended.set_end_date(std::max(today, ended.start_date()));
    ended.set_end_assumed(true);
    ended.set_ending(v1::ENDING_NOT_SAID);
  }
  if (!child.carer_id().empty() && Current(file) == nullptr) {
    v1::Placement& started = *file.add_placements();
    started.set_placement_id(stamp.fact_id);
    started.set_child_id(child.child_id());
    started.set_carer_id(child.carer_id());
    started.set_start_date(today);
    started.set_start_assumed(true);
    *started.mutable_recorded_time() = clock::ToProto(stamp.recorded);
  }
  file.set_child_id(child.child_id());
  file.set_name(child.name());
  file.set_birth_date(child.birth_date());
  file.set_responsible_authority_id(child.responsible_authority_id());
  file.set_area_authority_id(child.area_authority_id());
  file.set_carer_id(child.carer_id());
}

}  // namespace

v1::Child ChildOf(const v1::ChildFile& file) {
  v1::Child child;
  child.set_child_id(file.child_id());
  child.set_name(file.name());
  child.set_birth_date(file.birth_date());
  child.set_responsible_authority_id(file.responsible_authority_id());
  child.set_area_authority_id(file.area_authority_id());
  child.set_carer_id(file.carer_id());
  return child;
}

const v1::Placement* Current(const v1::ChildFile& file) {
  for (const v1::Placement& placement : file.placements()) {
    if (placement.end_date().empty()) return &placement;
  }
  return nullptr;
}

const v1::Placement* FindPlacement(const v1::ChildFile& file, const std::string& placement_id) {
  for (const v1::Placement& placement : file.placements()) {
    if (placement.placement_id() == placement_id) return &placement;
  }
  return nullptr;
}

const v1::Placement* FindSame(const v1::ChildFile& file, const v1::Placement& placement) {
  if (const auto* same = FindPlacement(file, placement.placement_id())) return same;
  for (const v1::Placement& known : file.placements()) {
    if (known.carer_id() == placement.carer_id() && known.start_date() == placement.start_date()) {
      return &known;
    }
  }
  const v1::Placement* current = Current(file);
  if (current != nullptr && current->start_assumed() &&
      current->carer_id() == placement.carer_id() &&
      placement.start_date() <= current->start_date() &&
      (placement.end_date().empty() || placement.end_date() >= current->start_date())) {
    return current;
  }
  return nullptr;
}

void Evolve(v1::ChildFile& file, const v1::PlacementsFact& fact, const Stamp& stamp) {
  if (fact.has_child_recorded()) {
    EvolveChild(file, fact.child_recorded().child(), stamp);
  } else if (fact.has_placement_started()) {
    *file.add_placements() = fact.placement_started().placement();
  } else if (fact.has_placement_ended()) {
    const v1::PlacementEnded& ended = fact.placement_ended();
    if (v1::Placement* placement = Mutable(file, ended.placement_id())) {
      placement->set_end_date(ended.end_date());
      placement->set_end_assumed(ended.end_assumed());
      placement->set_reason_code(ended.reason_code());
      placement->set_ending(ended.ending());
      placement->set_address_on_leaving(ended.address_on_leaving());
      placement->set_ending_note(ended.ending_note());
    }
  } else if (fact.has_placement_corrected()) {
    const v1::PlacementCorrected& corrected = fact.placement_corrected();
    if (v1::Placement* placement = Mutable(file, corrected.placement().placement_id())) {
      const auto earlier = placement->corrections();
      *placement = corrected.placement();
      *placement->mutable_corrections() = earlier;
      *placement->add_corrections() = corrected.correction();
    }
  } else {
    return;
  }
  Sort(file);
}

absl::StatusOr<Facts> RecordChild(const v1::ChildFile& file, const v1::RecordChildRequest& request,
                                  const Circumstances& circumstances) {
  v1::Child child = request.child();
  if (request.keep_placement()) {
    if (!child.carer_id().empty()) {
      return InvalidField("child.carer_id", "PLACEMENT_KEPT",
                          "is given with keep_placement, which leaves it as it is");
    }
    child.set_carer_id(file.carer_id());
  }
  RETURN_IF_ERROR(
      CheckChild(child, {circumstances.authority_known(child.responsible_authority_id()),
                         circumstances.authority_known(child.area_authority_id()),
                         request.keep_placement() || circumstances.carer_known(child.carer_id())}));
  Facts facts;
  if (ChildOf(file).SerializeAsString() == child.SerializeAsString()) return facts;
  const v1::Placement* current = Current(file);
  const std::string today = LondonDayText(circumstances.now);
  if ((current == nullptr ? "" : current->carer_id()) != child.carer_id()) {
    if (current != nullptr) {
      v1::Placement placement = *current;
      placement.set_end_date(std::max(today, placement.start_date()));
      placement.set_end_assumed(true);
      facts.push_back(Ended(std::move(placement), circumstances));
    }
    if (!child.carer_id().empty()) {
      v1::Placement placement;
      placement.set_placement_id(circumstances.new_id());
      placement.set_child_id(child.child_id());
      placement.set_carer_id(child.carer_id());
      placement.set_start_date(current == nullptr ? today : std::max(today, current->start_date()));
      placement.set_start_assumed(true);
      facts.push_back(Started(std::move(placement), circumstances));
    }
  }
  facts.push_back(ChildRecorded(child, child.carer_id()));
  return facts;
}

absl::StatusOr<Facts> Start(const v1::ChildFile& file, const v1::StartPlacementRequest& request,
                            const Circumstances& circumstances) {
  if (file.child_id().empty()) return NoSuchChild("placement.child_id");
  const v1::Placement placement = Beginning(request.placement(), circumstances);
  if (Current(file) != nullptr) {
    return Error(absl::StatusCode::kFailedPrecondition, "ALREADY_PLACED",
                 "the child lives with a carer already",
                 {{"placement.child_id", "lives with a carer already"}});
  }
  RETURN_IF_ERROR(CheckBeginning(file, request.placement(), placement, "placement", circumstances));
  return Facts{Started(placement, circumstances),
               ChildRecorded(ChildOf(file), placement.carer_id())};
}

absl::StatusOr<Facts> Move(const v1::ChildFile& file, const v1::MoveChildRequest& request,
                           const Circumstances& circumstances) {
  if (file.child_id().empty()) return NoSuchChild("child_id");
  const v1::Placement* current = Current(file);
  if (current == nullptr) return NotPlaced();
  if (!request.next().child_id().empty() && request.next().child_id() != request.child_id()) {
    return InvalidField("next.child_id", "ANOTHER_CHILD", "is another than child_id");
  }
  RETURN_IF_ERROR(CheckGiven("reason_code", request.reason_code()));
  v1::Placement left = *current;
  left.set_end_date(request.next().start_date());
  left.set_reason_code(request.reason_code());
  left.set_address_on_leaving(request.address_on_leaving());
  left.set_ending_note(request.ending_note());
  if (!IsDay(left.end_date())) {
    return InvalidField("next.start_date", "INVALID_DATE", "is not a day such as 2026-11-22");
  }
  if (left.end_date() < left.start_date()) {
    return InvalidField("next.start_date", "BEFORE_START",
                        "is before the day on which the child came to where it lives now");
  }
  if (FindReasonCode(InForce(*circumstances.codes, left.end_date()), left.reason_code()) ==
      nullptr) {
    return InvalidField("reason_code", "UNKNOWN_CODE", "is not in the list of reasons");
  }
  v1::Placement next = Beginning(request.next(), circumstances);
  next.set_child_id(request.child_id());
  // Among the child's placements as they will stand.
  v1::ChildFile after = file;
  *Mutable(after, left.placement_id()) = left;
  RETURN_IF_ERROR(CheckBeginning(after, request.next(), next, "next", circumstances));
  return Facts{Ended(left, circumstances), Started(next, circumstances),
               ChildRecorded(ChildOf(file), next.carer_id())};
}

absl::StatusOr<Facts> End(const v1::ChildFile& file, const v1::EndPlacementRequest& request,
                          const Circumstances& circumstances) {
  if (file.child_id().empty()) return NoSuchChild("child_id");
  const v1::Placement* current = Current(file);
  if (current == nullptr) return NotPlaced();
  RETURN_IF_ERROR(CheckGiven("reason_code", request.reason_code()));
  RETURN_IF_ERROR(CheckGiven("end_date", request.end_date()));
  v1::Placement left = *current;
  left.set_end_date(request.end_date());
  left.set_reason_code(request.reason_code());
  left.set_address_on_leaving(request.address_on_leaving());
  left.set_ending_note(request.ending_note());
  RETURN_IF_ERROR(CheckEnd(left, circumstances));
  return Facts{Ended(left, circumstances), ChildRecorded(ChildOf(file), "")};
}

absl::StatusOr<Facts> Correct(const v1::ChildFile& file, const v1::CorrectPlacementRequest& request,
                              const Circumstances& circumstances) {
  const v1::Placement* before = FindPlacement(file, request.placement().placement_id());
  if (before == nullptr) {
    return Error(absl::StatusCode::kNotFound, "NOT_FOUND", "there is no such placement",
                 {{"placement.placement_id", "names no placement of the child"}});
  }
  RETURN_IF_ERROR(CheckGiven("why", request.why()));
  ASSIGN_OR_RETURN(v1::Placement after, Corrected(*before, request));
  return CorrectionOf(file, *before, std::move(after), request.why(), circumstances);
}

absl::StatusOr<Facts> Record(const v1::ChildFile& file, const v1::RecordPlacementRequest& request,
                             const Circumstances& circumstances) {
  const v1::Placement& asked = request.placement();
  if (file.child_id().empty()) return NoSuchChild("placement.child_id");
  const v1::Placement* before = FindSame(file, asked);
  if (before == nullptr) {
    v1::Placement placement = Beginning(asked, circumstances);
    placement.set_end_date(asked.end_date());
    placement.set_reason_code(asked.reason_code());
    placement.set_address_on_leaving(asked.address_on_leaving());
    placement.set_ending_note(asked.ending_note());
    RETURN_IF_ERROR(CheckPlacement(file, placement, "placement", circumstances));
    Facts facts{Started(placement, circumstances)};
    if (placement.end_date().empty()) {
      facts.push_back(ChildRecorded(ChildOf(file), placement.carer_id()));
    }
    return facts;
  }
  v1::CorrectPlacementRequest said;
  *said.mutable_placement() = asked;
  v1::Placement ended = *before;
  Facts facts;
  if (before->end_date().empty() && !asked.end_date().empty()) {
    // An ending is no correction.
    ended.set_end_date(asked.end_date());
    ended.set_reason_code(asked.reason_code());
    ended.set_address_on_leaving(asked.address_on_leaving());
    ended.set_ending_note(asked.ending_note());
    SetEnding(ended, *circumstances.codes);
  }
  ASSIGN_OR_RETURN(v1::Placement after, Corrected(ended, said));
  RETURN_IF_ERROR(CheckPlacement(file, after, "placement", circumstances));
  if (ended.end_date() != before->end_date()) facts.push_back(Ended(ended, circumstances));
  ASSIGN_OR_RETURN(Facts corrected, CorrectionOf(file, ended, std::move(after),
                                                 "as the case system has it", circumstances));
  facts.insert(facts.end(), corrected.begin(), corrected.end());
  if (ended.end_date() != before->end_date() && !facts.back().has_child_recorded()) {
    facts.push_back(ChildRecorded(ChildOf(file), ""));
  }
  return facts;
}

}  // namespace fosterwatch::placements::domain
