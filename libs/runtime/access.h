// Who looked at whose record. The door (door.h) makes a note of every call that shows a record of a
// person, of every refusal, and of every try to do so with a token that is over, and gives an
// answer only once its note is kept. Services do nothing for it: which fields of a message name a
// record is known by their names, which mean one thing in all of protos/ (RecordKindOf).
//
// A note holds ids, codes and moments; never a name and never a text.
#pragma once

#include <functional>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "google/protobuf/message.h"

namespace fosterwatch::runtime {

// The kind of record that a field names by an id, by the field's name: "child" for child_id and
// named_child_ids; "record" where the name does not say which kind (subject_id). "" where it names
// none, or none about a person.
absl::string_view RecordKindOf(absl::string_view field_name);

// All kinds but "record".
std::vector<absl::string_view> RecordKinds();

// Whether a message of this type may hold a field that is about a person (FIELD_CLASS_PERSONAL), at
// any depth.
bool MayBePersonal(const google::protobuf::Descriptor* type);
// Whether it may name a record, at any depth.
bool MayNameRecords(const google::protobuf::Descriptor* type);

// Adds the records that the message names, at any depth, each as "kind:id". What does not look like
// an id (letters, digits and -_.:/ up to 200) is added as "kind:?", for a request may hold
// anything.
void AddRecordsOf(const google::protobuf::Message& message, std::set<std::string>* records);

// The same without what the message only mentions (the option `mentions`): of which it may tell
// something.
void AddRecordsToldOf(const google::protobuf::Message& message, std::set<std::string>* records);

class Sight;

// One call on its way into the log. Any thread.
class AccessNote {
 public:
  std::string agency_id;
  std::string person_id;
  std::string roles;    // words with commas between them: "caseworker,team_manager"
  std::string method;   // "fosterwatch.carers.v1.CarersService/GetCarer"
  std::string outcome;  // "OK", "NOT_FOUND", "PERMISSION_DENIED", "UNAUTHENTICATED"
  std::string reason;   // of a refusal: "ROLE_NOT_ALLOWED"
  std::string purpose;  // as the caller gave it; "" where it gave none
  std::string trace_id;
  // Which sealed sections whoever looks reads; null where none are known.
  std::shared_ptr<const Sight> sight;
  // Of the request, and once it is answered of the answer; beside them the sealed sections that it
  // shows ("section:panel") and those that were taken out of it ("sealed:panel").
  std::set<std::string> records;

  // Adds the records, and the sections, of what is shown.
  void AddShown(const google::protobuf::Message& shown, std::set<std::string>* records) const;

  // The log has kept these, for good.
  void SetKept(const std::set<std::string>& kept);
  // Whether anything was kept, and what of `records` was not.
  std::pair<bool, std::set<std::string>> Left() const;

 private:
  mutable absl::Mutex mutex_;
  bool kept_ ABSL_GUARDED_BY(mutex_) = false;
  std::set<std::string> kept_records_ ABSL_GUARDED_BY(mutex_);
};

// Where notes are kept, so that nobody changes them later. Any thread.
class AccessLog {
 public:
  virtual ~AccessLog() = default;
  // Calls `done` once, from any thread: OK once the note is kept for good.
  virtual void Keep(std::shared_ptr<AccessNote> note, std::function<void(absl::Status)> done) = 0;
};

}  // namespace fosterwatch::runtime
