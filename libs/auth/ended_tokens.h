// Tokens that were taken back before their end: what of it this process knows. Who signs out, or is
// signed out, ends a token and all that were made from it (Caller.token_id); who is shut out ends
// all that were issued until then. The directory keeps the list, and an entry until no such token
// could be good any more (libs/runtime/ended_tokens.h).
//
// Threads: all of it may be used from any thread.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

namespace fosterwatch::auth {

struct Caller;

class EndedTokens {
 public:
  struct Entry {
    std::string agency_id;
    std::string token_id;     // empty: all of the person
    std::string person_id;    // where token_id is empty
    absl::Time issued_until;  // where token_id is empty
    absl::Time end;           // the entry says nothing more from then on
  };

  void Add(const std::vector<Entry>& entries);
  // The list was read whole at this moment, or what is new of it since.
  void SetRead(absl::Time now);

  bool Has(const Caller& caller) const;
  // Whether it was ever read: until then it says of no token that it has not ended.
  bool known() const;
  // When it was last read; InfinitePast where it never was.
  absl::Time read() const;
  size_t size() const;

 private:
  using Key = std::pair<std::string, std::string>;  // agency, and token or person
  struct OfPerson {
    absl::Time issued_until, end;
  };

  mutable absl::Mutex mutex_;
  absl::flat_hash_map<Key, absl::Time> tokens_ ABSL_GUARDED_BY(mutex_);
  absl::flat_hash_map<Key, OfPerson> persons_ ABSL_GUARDED_BY(mutex_);
  absl::Time read_ ABSL_GUARDED_BY(mutex_) = absl::InfinitePast();
};

}  // namespace fosterwatch::auth
