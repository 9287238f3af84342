// Where a child lives, since when, and why it ended: what may be recorded about the placements of
// one child, and what follows.
//
// What always holds of a child's placements, whatever was recorded in whatever order: no two share
// more than the day on which the child moved from one to the other; at most one has no end, and it
// is the last; how one ended follows from its reason by the list in force on that day; and
// Child.carer_id names the carer of the one without an end.
//
// All functions are pure. Errors name the fields as the requests have them, and no value.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

#include "fosterwatch/placements/v1/child_facts.pb.h"
#include "fosterwatch/placements/v1/placements_service.pb.h"

namespace fosterwatch::placements::domain {

using Facts = std::vector<v1::PlacementsFact>;

// What a decision stands on besides the child.
struct Circumstances {
  // By id: whether the register of carers, and the directory as an authority, knows it.
  std::function<bool(const std::string&)> carer_known;
  std::function<bool(const std::string&)> authority_known;
  const v1::CodeLists* codes = nullptr;
  absl::Time now;
  std::string person_id;
  std::function<std::string()> new_id;
};

// What of a fact's stamp the state keeps.
struct Stamp {
  std::string fact_id;
  absl::Time recorded;
};

// Total: every recorded fact can be applied. A ChildRecorded from before placements were kept,
// which names another carer than before, makes a placement whose start is assumed.
void Evolve(v1::ChildFile& file, const v1::PlacementsFact& fact, const Stamp& stamp);

// The child of the file, without its placements; without an id where there is none.
v1::Child ChildOf(const v1::ChildFile& file);
// The placement that has not ended; null where there is none.
const v1::Placement* Current(const v1::ChildFile& file);
const v1::Placement* FindPlacement(const v1::ChildFile& file, const std::string& placement_id);
// The one that RecordPlacement is about, if it is there already: of that id, else with that carer
// from that day, else the current one with that carer whose start was assumed and lies in it.
const v1::Placement* FindSame(const v1::ChildFile& file, const v1::Placement& placement);

// The child as it now is; a carer_id that has changed ends a placement and starts one today, unless
// `keep_placement`.
absl::StatusOr<Facts> RecordChild(const v1::ChildFile& file, const v1::RecordChildRequest& request,
                                  const Circumstances& circumstances);
absl::StatusOr<Facts> Start(const v1::ChildFile& file, const v1::StartPlacementRequest& request,
                            const Circumstances& circumstances);
absl::StatusOr<Facts> Move(const v1::ChildFile& file, const v1::MoveChildRequest& request,
                           const Circumstances& circumstances);
absl::StatusOr<Facts> End(const v1::ChildFile& file, const v1::EndPlacementRequest& request,
                          const Circumstances& circumstances);
absl::StatusOr<Facts> Correct(const v1::ChildFile& file, const v1::CorrectPlacementRequest& request,
                              const Circumstances& circumstances);
absl::StatusOr<Facts> Record(const v1::ChildFile& file, const v1::RecordPlacementRequest& request,
                             const Circumstances& circumstances);

}  // namespace fosterwatch::placements::domain
