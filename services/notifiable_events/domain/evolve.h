// The event as its facts say: the one place where a fact changes it. Never fails and never decides:
// what is recorded has happened. Replaying the facts in order gives the same event, also after the
// personal fields of a fact have been shredded (they are then empty).
#pragma once

#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"

#include "fosterwatch/notifiable_events/v1/notifiable_event.pb.h"
#include "fosterwatch/notifiable_events/v1/notifiable_event_facts.pb.h"

namespace fosterwatch::notifiable_events::domain {

// What the ledger knows of a fact beside the fact.
struct FactStamp {
  std::string fact_id;
  absl::Time recorded_time;
  std::string actor;
};

// Applies one fact: version grows by one and the timeline by one entry. IntakeRecordParked and
// those of a decision not to notify are about no event and leave nothing but the entry.
void Evolve(v1::NotifiableEvent& event, const v1::NotifiableEventFact& fact,
            const FactStamp& stamp);

// The report with its corrections laid over it in order: what is now held to be so. Kinds are the
// union, sorted; each other field is the last one that was not empty.
v1::EventReport EffectiveReport(const v1::NotifiableEvent& event);

const v1::Notice* FindNotice(const v1::NotifiableEvent& event, absl::string_view notice_id);

bool HasKind(const v1::NotifiableEvent& event, v1::EventKind kind);

}  // namespace fosterwatch::notifiable_events::domain
