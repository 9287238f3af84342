// What the directory has taken back of people whose session goes on: a session names the roles that
// somebody had when it began, and the directory's dated appointments say until when.
//
// Somebody who was never appointed to a role in the directory has it by their token alone; a role
// that somebody was appointed to, and is appointed to no more, is lost. Whoever signs in anew is
// told so by the same.
#pragma once

#include <functional>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

#include "fosterwatch/directory/v1/directory.pb.h"
#include "libs/auth/token.h"

namespace fosterwatch::gateway {

// Any thread.
class Appointments {
 public:
  // Who has held which role of the agency at any time, holds it or is going to. Blocks.
  using Ask = std::function<absl::StatusOr<std::vector<directory::v1::RoleHolder>>(
      const std::string& agency_id)>;
  explicit Appointments(Ask ask) : ask_(std::move(ask)) {}

  // The roles that the directory has taken back of the caller, as far as it was asked. Does not
  // block; from the first call on, Look asks about the caller's agency.
  std::vector<options::v1::Role> LostBy(const auth::Caller& caller, absl::Time now);
  // Something has changed in the directory of this agency; of all of them, perhaps, where it is "".
  void Changed(const std::string& agency_id);
  // Asks about the agencies that are new or have changed, and about all others whose last answer is
  // older than `oldest`. What cannot be asked stays as it was, and is asked the next time. Blocks.
  void Look(absl::Time now, absl::Duration oldest);

 private:
  using Key = std::pair<std::string, options::v1::Role>;  // person
  struct Held {
    absl::Time from, until;
  };
  struct Agency {
    absl::Time looked = absl::InfinitePast();
    std::map<Key, std::vector<Held>> held;
  };

  const Ask ask_;
  absl::Mutex mutex_;
  std::map<std::string, Agency> agencies_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace fosterwatch::gateway
