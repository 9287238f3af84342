#include "libs/auth/ended_tokens.h"

#include <algorithm>

#include "libs/auth/token.h"

namespace fosterwatch::auth {

void EndedTokens::Add(const std::vector<Entry>& entries) {
  absl::MutexLock lock(&mutex_);
  for (const Entry& entry : entries) {
    if (!entry.token_id.empty()) {
      absl::Time& end = tokens_[{entry.agency_id, entry.token_id}];
      end = std::max(end, entry.end);
      continue;
    }
    OfPerson& of = persons_
                       .try_emplace({entry.agency_id, entry.person_id},
                                    OfPerson{entry.issued_until, entry.end})
                       .first->second;
    of.issued_until = std::max(of.issued_until, entry.issued_until);
    of.end = std::max(of.end, entry.end);
  }
}

void EndedTokens::SetRead(absl::Time now) {
  absl::MutexLock lock(&mutex_);
  read_ = now;
  absl::erase_if(tokens_, [now](const auto& entry) { return entry.second <= now; });
  absl::erase_if(persons_, [now](const auto& entry) { return entry.second.end <= now; });
}

bool EndedTokens::Has(const Caller& caller) const {
  absl::MutexLock lock(&mutex_);
  if (tokens_.contains(Key{caller.agency_id, caller.token_id})) return true;
  const auto person = persons_.find(Key{caller.agency_id, caller.person_id});
  return person != persons_.end() && caller.issued <= person->second.issued_until;
}

bool EndedTokens::known() const {
  absl::MutexLock lock(&mutex_);
  return read_ != absl::InfinitePast();
}

absl::Time EndedTokens::read() const {
  absl::MutexLock lock(&mutex_);
  return read_;
}

size_t EndedTokens::size() const {
  absl::MutexLock lock(&mutex_);
  return tokens_.size() + persons_.size();
}

}  // namespace fosterwatch::auth
