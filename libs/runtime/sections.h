// Sealed sections of records: fields that not everybody reads who may read the record (the option
// `section`, options.proto). The door (door.h) takes them out of every answer by its descriptor, at
// any depth, so that neither a service nor a new message can forget it; whose roles open which is
// data (policy/sections.json).
//
// What is sealed never looks as if there were nothing: a message that lost something says so in
// `sealed_sections`, and one that lost nothing does not. Our own services read everything.
#pragma once

#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "google/protobuf/message.h"

#include "fosterwatch/operations/v1/section_policy.pb.h"
#include "fosterwatch/options/v1/options.pb.h"

namespace fosterwatch::runtime {

// Whose roles open which section, from when on. Any thread.
class SectionTable {
 public:
  // INVALID_ARGUMENT naming the field (INVALID_SECTIONS, or those of libs/json/to_message.h): each
  // edition has a rule with its source for each section that is sealed.
  static absl::StatusOr<std::shared_ptr<const SectionTable>> Parse(absl::string_view json);

  // Whether one of the roles opens the section at that moment.
  bool Opens(options::v1::Section section, const std::vector<options::v1::Role>& roles,
             absl::Time at) const;

 private:
  explicit SectionTable(operations::v1::SectionPolicy policy) : policy_(std::move(policy)) {}

  const operations::v1::SectionPolicy policy_;
};

// What one caller reads of answers. Any thread.
class Sight {
 public:
  // Without a table nothing that is sealed is open to anybody but our own services.
  Sight(const SectionTable* table, const std::vector<options::v1::Role>& roles, absl::Time at);

  // Takes out of the answer what is sealed to the caller, and says so in it.
  void Mask(google::protobuf::Message& answer) const;
  // Adds each section of which something is in the message, for the note of who looked at what:
  // "section:panel" where the caller is shown it, "sealed:panel" where Mask takes it out.
  void AddSectionsOf(const google::protobuf::Message& message,
                     std::set<std::string>* records) const;

 private:
  uint64_t open_ = 0;  // a bit for each section
};

// INVALID_ARGUMENT (SEALED_IN_REQUEST) where the request says of itself that something in it is
// sealed: what was read in part would be written back as if it were the whole.
absl::Status CheckNothingSealed(const google::protobuf::Message& request);

// Whether an answer of this type may hold a sealed section, at any depth.
bool MayBeSealed(const google::protobuf::Descriptor* type);

// What is missing from these types of answers, and all that is in them (options.proto, `section`):
// each as "fosterwatch.carers.v1.Review.report is personal and names no section".
std::set<std::string> SectionProblems(
    const std::vector<const google::protobuf::Descriptor*>& answers);

}  // namespace fosterwatch::runtime
