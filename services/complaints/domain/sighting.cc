#include "services/complaints/domain/sighting.h"

#include <algorithm>

#include "absl/strings/str_cat.h"

#include "libs/clock/proto_time.h"
#include "libs/status/error.h"
#include "libs/status/field_check.h"
#include "libs/status/status_macros.h"

namespace fosterwatch::complaints::domain {
namespace {

using v1::Sighting;

absl::Duration WindowOf(const Given& given) {
  return absl::Hours(24 * InForce(given.book, given.now).completeness().window_days());
}

v1::ComplaintFact Matched(const Sighting& sighting, const Match& match, const std::string& person,
                          absl::Time now) {
  v1::ComplaintFact fact;
  auto* said = fact.mutable_sighting_matched();
  said->set_sighting_id(sighting.sighting_id());
  said->set_complaint_id(match.complaint_id);
  said->set_matched_by(match.by);
  said->set_settled_by(person);
  *said->mutable_settled_time() = clock::ToProto(now);
  return fact;
}

// Of the last time it was raised.
std::string AttentionId(const Sighting& sighting) {
  return absl::StrCat(sighting.sighting_id(), ".", sighting.times_raised());
}

void Settle(const Sighting& sighting, Facts& facts) {
  if (!sighting.attention_open()) return;
  auto* settled = facts.emplace_back().mutable_attention_settled();
  settled->set_attention_id(AttentionId(sighting));
  settled->set_subject_id(sighting.sighting_id());
}

absl::Status CheckUnsettled(const Sighting& sighting) {
  if (sighting.state() == Sighting::STATE_UNMATCHED) return absl::OkStatus();
  return Error(absl::StatusCode::kFailedPrecondition, "SETTLED_BEFORE",
               "it has been matched or explained before");
}

bool WasTakenBack(const Sighting& sighting, const Candidate& candidate) {
  return std::any_of(sighting.taken_back().begin(), sighting.taken_back().end(),
                     [&](const v1::MatchTakenBack& past) {
                       return past.complaint_id() == candidate.complaint_id;
                     });
}

bool Agree(const std::string& a, const std::string& b) { return a.empty() || b.empty() || a == b; }

}  // namespace

bool SameByWindow(const Sighting& sighting, const Candidate& candidate, absl::Duration window) {
  const bool child = !sighting.child_id().empty() && sighting.child_id() == candidate.child_id;
  const bool carer = !sighting.carer_id().empty() && sighting.carer_id() == candidate.carer_id;
  if (!child && !carer) return false;
  if (!Agree(sighting.child_id(), candidate.child_id) ||
      !Agree(sighting.carer_id(), candidate.carer_id)) {
    return false;
  }
  return absl::AbsDuration(clock::FromProto(sighting.seen_time()) - candidate.received) <= window;
}

bool SameById(const Sighting& sighting, const Candidate& candidate) {
  if (!sighting.complaint_id().empty()) return sighting.complaint_id() == candidate.complaint_id;
  if (sighting.source() == v1::SIGHTING_SOURCE_EVENT) {
    return !candidate.event_id.empty() && candidate.event_id == sighting.source_id();
  }
  if (sighting.source() == v1::SIGHTING_SOURCE_ALLEGATION) {
    const auto& ids = candidate.allegation_ids;
    return std::find(ids.begin(), ids.end(), sighting.source_id()) != ids.end();
  }
  return false;
}

std::optional<Match> FindMatch(const Sighting& sighting, const std::vector<Candidate>& candidates,
                               absl::Duration window) {
  for (const Candidate& candidate : candidates) {
    if (WasTakenBack(sighting, candidate)) continue;
    if (SameById(sighting, candidate)) return Match{candidate.complaint_id, v1::MATCHED_BY_ID};
  }
  // What names a complaint that is not here is not another one.
  if (!sighting.complaint_id().empty()) return std::nullopt;
  const Candidate* nearest = nullptr;
  const absl::Time seen = clock::FromProto(sighting.seen_time());
  for (const Candidate& candidate : candidates) {
    if (WasTakenBack(sighting, candidate) || !SameByWindow(sighting, candidate, window)) continue;
    if (nearest == nullptr || absl::AbsDuration(candidate.received - seen) <
                                  absl::AbsDuration(nearest->received - seen)) {
      nearest = &candidate;
    }
  }
  if (nearest == nullptr) return std::nullopt;
  return Match{nearest->complaint_id, v1::MATCHED_BY_WINDOW};
}

void EvolveSighting(Sighting& sighting, const v1::ComplaintFact& fact, absl::Time recorded) {
  if (fact.has_complaint_seen()) {
    sighting = fact.complaint_seen().sighting();
    *sighting.mutable_recorded_time() = clock::ToProto(recorded);
  } else if (fact.has_sighting_matched()) {
    const auto& said = fact.sighting_matched();
    sighting.set_state(Sighting::STATE_MATCHED);
    sighting.set_matched_complaint_id(said.complaint_id());
    sighting.set_matched_by(said.matched_by());
    sighting.set_settled_by(said.settled_by());
    *sighting.mutable_settled_time() = said.settled_time();
    sighting.clear_next_raise_time();
  } else if (fact.has_sighting_match_taken_back()) {
    *sighting.add_taken_back() = fact.sighting_match_taken_back().taken_back();
    sighting.set_state(Sighting::STATE_UNMATCHED);
    sighting.clear_matched_complaint_id();
    sighting.clear_matched_by();
    sighting.clear_settled_by();
    sighting.clear_settled_time();
    const absl::Time next = recorded + absl::Hours(sighting.raise_every_hours());
    *sighting.mutable_next_raise_time() = clock::ToProto(next);
  } else if (fact.has_sighting_explained()) {
    const auto& said = fact.sighting_explained();
    sighting.set_state(Sighting::STATE_EXPLAINED);
    sighting.set_explanation(said.explanation());
    sighting.set_settled_by(said.settled_by());
    *sighting.mutable_settled_time() = said.settled_time();
    sighting.clear_next_raise_time();
  } else if (fact.has_attention_needed()) {
    sighting.set_times_raised(sighting.times_raised() + 1);
    sighting.set_attention_open(true);
    const absl::Time next = recorded + absl::Hours(sighting.raise_every_hours());
    *sighting.mutable_next_raise_time() = clock::ToProto(next);
  } else if (fact.has_attention_settled()) {
    sighting.set_attention_open(false);
  }
}

Facts See(const Sighting& state, const Sighting& seen, const std::vector<Candidate>& candidates,
          const Given& given) {
  if (!state.sighting_id().empty()) return {};
  const auto& rule = InForce(given.book, given.now).completeness();
  Facts facts(1);
  Sighting& sighting = *facts[0].mutable_complaint_seen()->mutable_sighting();
  sighting = seen;
  sighting.set_state(Sighting::STATE_UNMATCHED);
  sighting.set_raise_every_hours(rule.raise_every_hours());
  *sighting.mutable_next_raise_time() =
      clock::ToProto(given.now + absl::Hours(rule.raise_every_hours()));
  if (const auto match = FindMatch(seen, candidates, WindowOf(given))) {
    facts.push_back(Matched(seen, *match, "", given.now));
  }
  return facts;
}

Facts Raise(const Sighting& sighting, const std::vector<Candidate>& candidates,
            const Given& given) {
  if (sighting.state() != Sighting::STATE_UNMATCHED ||
      given.now < clock::FromProto(sighting.next_raise_time())) {
    return {};
  }
  if (const auto match = FindMatch(sighting, candidates, WindowOf(given))) {
    return MatchRecorded(sighting, *match, given);
  }
  Facts facts;
  // Yesterday's ends as today's begins: who has acknowledged the one is told of the other.
  Settle(sighting, facts);
  auto* needed = facts.emplace_back().mutable_attention_needed();
  needed->set_attention_id(absl::StrCat(sighting.sighting_id(), ".", sighting.times_raised() + 1));
  needed->set_code("COMPLAINT_SEEN_ELSEWHERE");
  needed->set_subject_id(sighting.sighting_id());
  return facts;
}

Facts MatchRecorded(const Sighting& sighting, const Match& match, const Given& given) {
  if (sighting.state() != Sighting::STATE_UNMATCHED) return {};
  Facts facts = {Matched(sighting, match, "", given.now)};
  Settle(sighting, facts);
  return facts;
}

absl::StatusOr<Facts> MatchByPerson(const Sighting& sighting,
                                    const v1::MatchSightingRequest& request, const Actor& actor,
                                    const Given& given) {
  RETURN_IF_ERROR(CheckUnsettled(sighting));
  Facts facts = {
      Matched(sighting, {request.complaint_id(), v1::MATCHED_BY_PERSON}, actor.id, given.now)};
  Settle(sighting, facts);
  return facts;
}

absl::StatusOr<Facts> TakeBackMatch(const Sighting& sighting,
                                    const v1::TakeBackMatchRequest& request, const Actor& actor,
                                    const Given& given) {
  FieldCheck check;
  check.Require("complaint_id", request.complaint_id(), kMaxName);
  check.Require("reason", request.reason(), kMaxReason);
  RETURN_IF_ERROR(check.ToStatus());
  if (sighting.state() != Sighting::STATE_MATCHED ||
      sighting.matched_complaint_id() != request.complaint_id()) {
    return Error(absl::StatusCode::kFailedPrecondition, "NOT_MATCHED",
                 "it is not matched with that complaint");
  }
  Facts facts(1);
  auto* said = facts[0].mutable_sighting_match_taken_back();
  said->set_sighting_id(sighting.sighting_id());
  v1::MatchTakenBack& taken_back = *said->mutable_taken_back();
  taken_back.set_complaint_id(sighting.matched_complaint_id());
  taken_back.set_matched_by(sighting.matched_by());
  taken_back.set_matched_by_person(sighting.settled_by());
  *taken_back.mutable_matched_time() = sighting.settled_time();
  taken_back.set_reason(request.reason());
  taken_back.set_taken_back_by(actor.id);
  *taken_back.mutable_taken_back_time() = clock::ToProto(given.now);
  return facts;
}

absl::StatusOr<Facts> ExplainSighting(const Sighting& sighting,
                                      const v1::ExplainSightingRequest& request, const Actor& actor,
                                      const Given& given) {
  FieldCheck check;
  check.Require("explanation", request.explanation(), kMaxReason);
  RETURN_IF_ERROR(check.ToStatus());
  RETURN_IF_ERROR(CheckUnsettled(sighting));
  Facts facts(1);
  auto* said = facts[0].mutable_sighting_explained();
  said->set_sighting_id(sighting.sighting_id());
  said->set_explanation(request.explanation());
  said->set_settled_by(actor.id);
  *said->mutable_settled_time() = clock::ToProto(given.now);
  Settle(sighting, facts);
  return facts;
}

}  // namespace fosterwatch::complaints::domain
