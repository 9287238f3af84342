// Holds one call to the caseload of its caller (Access.own_caseload). Inside of this library.
#pragma once

#include <algorithm>
#include <iterator>
#include <set>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "google/protobuf/message.h"

#include "libs/runtime/access.h"
#include "libs/runtime/caseload.h"
#include "libs/runtime/door.h"
#include "libs/status/error.h"
#include "libs/status/status_macros.h"

namespace fosterwatch::runtime {

// What the log says of a record that was refused as if it were not there.
inline constexpr char kNotInCaseload[] = "NOT_IN_CASELOAD";

// Threads that may block.
class OwnCaseload {
 public:
  OwnCaseload(Caseload* caseload, const Call& call, const google::protobuf::Message& request)
      : caseload_(caseload),
        agency_id_(call.agency_id),
        person_id_(call.caller.person_id),
        deadline_(call.deadline) {
    AddRecordsOf(request, &asked_);
  }

  absl::Time deadline() const { return deadline_; }

  // NOT_FOUND as of a record that is not there; another error where nobody can say whose it is.
  absl::Status CheckRequest() const { return Check(asked_); }
  // The same of an answer, beyond what was asked for.
  absl::Status CheckAnswer(const google::protobuf::Message& answer) const {
    std::set<std::string> told, more;
    AddRecordsToldOf(answer, &told);
    std::set_difference(told.begin(), told.end(), asked_.begin(), asked_.end(),
                        std::inserter(more, more.end()));
    return Check(more);
  }

 private:
  absl::Status Check(const std::set<std::string>& records) const {
    if (records.empty()) return absl::OkStatus();
    ASSIGN_OR_RETURN(const std::set<std::string> foreign,
                     caseload_->Foreign(agency_id_, person_id_, records));
    if (foreign.empty()) return absl::OkStatus();
    const std::string& first = *foreign.begin();
    return Error(absl::StatusCode::kNotFound, "NOT_FOUND",
                 absl::StrCat("there is no such ", first.substr(0, first.find(':'))));
  }

  Caseload* const caseload_;
  const std::string agency_id_, person_id_;
  const absl::Time deadline_;
  std::set<std::string> asked_;
};

}  // namespace fosterwatch::runtime
