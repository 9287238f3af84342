// The inspection pack as a document: what the registers said, as at a moment. Pure: the same
// registers, seed and policy give the same document.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/types/optional.h"

#include "libs/document/document.h"
#include "services/packs/policy.h"
#include "services/packs/registers.h"

namespace fosterwatch::packs {

// One thing that had to be done by a moment, of any register.
struct DutyRow {
  std::string in;  // "events", "complaints", "allegations", "carers"
  std::string record_id;
  std::string what;
  std::string code;  // of a carer's duty: "ANNUAL_REVIEW"
  absl::Time due;
  absl::optional<absl::Time> done;  // by the moment of the pack
  std::string rule;                 // by which it was due, and its source
};

// Open and concluded duties of all registers, by due time.
std::vector<DutyRow> DutiesOf(const Registers& registers);

// The names that policy may use, and their values. Of the 12 months that end with the moment, or,
// where it is about what is open, at it.
const std::set<std::string>& InspectionFigureNames();
std::map<std::string, int64_t> InspectionFigures(const Registers& registers,
                                                 const std::vector<DutyRow>& duties);

struct SampleRequest {
  std::string seed;
  int size = 5;
};

document::Section CarersSection(const Registers& registers);
document::Section EventsSection(const Registers& registers);
document::Section DutiesSection(const Registers& registers, const std::vector<DutyRow>& duties);
document::Section AllegationsSection(const Registers& registers);
document::Section KpisSection(const Registers& registers);
// Of each register the records of the 12 months, and the carers of the day, whose SHA-256 of
// "<seed>/<register>/<id>" are the smallest.
document::Section SampleSection(const Registers& registers, const SampleRequest& request);

document::Document InspectionDocument(const Registers& registers, const Policy& policy,
                                      const SampleRequest& sample);

}  // namespace fosterwatch::packs
