// What an allegation asks for now, and when staff is alerted of it: once for each thing that is
// past its due time, and settled when it is done or asked for no more.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"

#include "fosterwatch/allegations/v1/allegation.pb.h"
#include "services/allegations/domain/command.h"
#include "services/allegations/domain/pathway.h"

namespace fosterwatch::allegations::domain {

// Undone as the allegation stands now. `due` is inclusive: what is done at that moment is in time.
struct Owed {
  std::string id;       // a duty_id, an action_id, "told-<party>"; with SubjectEpisode
  std::string code;     // as the policy names it
  std::string version;  // of the policy
  std::string alert;    // "ALLEGATION_REFERRAL_OVERDUE"
  absl::Time due;
};

// None once it is closed.
std::vector<Owed> OwedBy(const v1::Allegation& allegation);

// The first moment at which RaiseAttention has something to record, if nothing happens before.
std::optional<absl::Time> NextAttention(const v1::Allegation& allegation);

// AttentionNeeded for each thing that is past its due time and has none yet.
Facts RaiseAttention(const v1::Allegation& allegation, const v1::PathwayPolicies& policies,
                     absl::Time now);

// AttentionSettled for each alert of `allegation` whose reason is gone once `facts` are recorded;
// to be recorded behind them.
Facts SettleAttention(const v1::Allegation& allegation, const Facts& facts);

// For an allegation that no person has recorded; settled by its referral. Where whom it is about
// becomes another, what is out goes out anew. Kept, as all of them,
// from the member of staff whom it is about.
type::v1::AttentionNeeded OpenedAttention(absl::string_view allegation_id,
                                          const std::string& person_id);

}  // namespace fosterwatch::allegations::domain
