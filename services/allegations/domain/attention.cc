#include "services/allegations/domain/attention.h"

#include <algorithm>
#include <set>

#include "absl/strings/str_cat.h"

#include "libs/clock/proto_time.h"
#include "services/allegations/domain/evolve.h"

namespace fosterwatch::allegations::domain {
namespace {

constexpr char kOpened[] = "opened";

std::string AttentionId(absl::string_view allegation_id, absl::string_view id) {
  return absl::StrCat(allegation_id, ".", id);
}

bool WasRaised(const v1::Allegation& allegation, const Owed& owed) {
  const std::string id = AttentionId(allegation.allegation_id(), owed.id);
  return std::any_of(
      allegation.attention().begin(), allegation.attention().end(),
      [&](const v1::RaisedAttention& raised) { return raised.attention_id() == id; });
}

// Whom it is about hears nothing of it.
void KeepFrom(const std::string& person_id, type::v1::AttentionNeeded& needed) {
  if (!person_id.empty()) needed.add_not_to_person_ids(person_id);
}

}  // namespace

std::vector<Owed> OwedBy(const v1::Allegation& allegation) {
  std::vector<Owed> all;
  if (allegation.state() == v1::Allegation::STATE_CLOSED) return all;
  for (const v1::Duty& duty : allegation.duties()) {
    if (duty.has_done_time()) continue;
    all.push_back({duty.duty_id(), duty.code(), duty.explanation().rule_version(),
                   absl::StrCat("ALLEGATION_", duty.code(), "_OVERDUE"),
                   clock::FromProto(duty.due_time())});
  }
  for (const v1::ChecklistItem& item : allegation.checklist()) {
    if (item.action().state() != type::v1::Action::STATE_OPEN) continue;
    all.push_back({item.action().action_id(), item.code(), item.explanation().rule_version(),
                   "ALLEGATION_CHECKLIST_OVERDUE", clock::FromProto(item.action().due_time())});
  }
  for (const v1::Telling& telling : allegation.tellings()) {
    if (telling.has_told_time()) continue;
    // Those of a conclusion after a reopening are another episode.
    const int episode = allegation.reopenings_size();
    all.push_back({episode == 0 ? absl::StrCat("told-", telling.party())
                                : absl::StrCat("told-", telling.party(), "-", episode),
                   telling.party(), telling.explanation().rule_version(),
                   "ALLEGATION_OUTCOME_NOT_TOLD", clock::FromProto(telling.due_time())});
  }
  for (Owed& owed : all) owed.id += SubjectEpisode(allegation);
  return all;
}

std::optional<absl::Time> NextAttention(const v1::Allegation& allegation) {
  std::optional<absl::Time> next;
  for (const Owed& owed : OwedBy(allegation)) {
    if (WasRaised(allegation, owed)) continue;
    // The database keeps microseconds.
    const absl::Time passed = owed.due + absl::Microseconds(1);
    if (!next || passed < *next) next = passed;
  }
  return next;
}

Facts RaiseAttention(const v1::Allegation& allegation, const v1::PathwayPolicies& policies,
                     absl::Time now) {
  Facts facts;
  for (const Owed& owed : OwedBy(allegation)) {
    if (now <= owed.due || WasRaised(allegation, owed)) continue;
    const Loudness loudness = LoudnessOf(policies, owed.version, owed.code);
    auto* needed = facts.emplace_back().mutable_attention_needed();
    needed->set_attention_id(AttentionId(allegation.allegation_id(), owed.id));
    needed->set_code(owed.alert);
    needed->set_subject_id(allegation.allegation_id());
    *needed->mutable_due_time() = clock::ToProto(owed.due);
    needed->set_in_digest(loudness.in_digest);
    needed->set_urgent(loudness.urgent);
    KeepFrom(allegation.person_id(), *needed);
  }
  return facts;
}

Facts SettleAttention(const v1::Allegation& allegation, const Facts& facts) {
  Facts settled;
  const bool any =
      std::any_of(allegation.attention().begin(), allegation.attention().end(),
                  [](const v1::RaisedAttention& raised) { return !raised.has_settled_time(); });
  if (!any || facts.empty()) return settled;
  v1::Allegation after = allegation;
  for (const auto& fact : facts) Evolve(after, fact, {});
  std::set<std::string> owed;
  for (const Owed& one : OwedBy(after)) {
    owed.insert(AttentionId(allegation.allegation_id(), one.id));
  }
  if (after.state() == v1::Allegation::STATE_RECEIVED) {
    owed.insert(AttentionId(allegation.allegation_id(), kOpened) + SubjectEpisode(after));
  }
  for (const v1::RaisedAttention& raised : allegation.attention()) {
    if (raised.has_settled_time() || owed.contains(raised.attention_id())) continue;
    auto* fact = settled.emplace_back().mutable_attention_settled();
    fact->set_attention_id(raised.attention_id());
    fact->set_subject_id(allegation.allegation_id());
  }
  return settled;
}

type::v1::AttentionNeeded OpenedAttention(absl::string_view allegation_id,
                                          const std::string& person_id) {
  type::v1::AttentionNeeded needed;
  needed.set_attention_id(AttentionId(allegation_id, kOpened));
  needed.set_code("ALLEGATION_OPENED");
  needed.set_subject_id(std::string(allegation_id));
  needed.set_urgent(true);
  KeepFrom(person_id, needed);
  return needed;
}

}  // namespace fosterwatch::allegations::domain
