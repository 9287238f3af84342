#include "services/carers/domain/register.h"

#include <algorithm>
#include <map>
#include <set>

#include "libs/clock/proto_time.h"
#include "libs/status/error.h"
#include "services/carers/domain/check.h"

namespace fosterwatch::carers::domain {
namespace {

using Change = v1::RegisterChange;

std::vector<const Change*> ByDay(std::vector<const Change*> changes) {
  // ISO days sort as text.
  std::stable_sort(changes.begin(), changes.end(), [](const Change* a, const Change* b) {
    return a->effective_date() < b->effective_date();
  });
  return changes;
}

// The changes that stand, of the first `count` that were recorded.
std::vector<const Change*> StandingOf(const v1::Carer& carer, int count) {
  std::set<std::string> replaced;
  for (int i = 0; i < count; ++i) {
    const std::string& id = carer.register_changes(i).replaces_change_id();
    if (!id.empty()) replaced.insert(id);
  }
  std::vector<const Change*> standing;
  for (int i = 0; i < count; ++i) {
    const Change& change = carer.register_changes(i);
    if (change.value_case() != Change::VALUE_NOT_SET && !replaced.contains(change.change_id())) {
      standing.push_back(&change);
    }
  }
  return ByDay(std::move(standing));
}

// How many changes were recorded by then: they are kept in the order of their recording.
int RecordedBy(const v1::Carer& carer, absl::Time known_at) {
  int count = 0;
  while (count < carer.register_changes_size() &&
         clock::FromProto(carer.register_changes(count).recorded_time()) <= known_at) {
    ++count;
  }
  return count;
}

// The one of a kind that holds on a day; null where there is none.
const Change* Holding(const std::vector<const Change*>& standing, Change::ValueCase kind,
                      absl::string_view day) {
  const Change* found = nullptr;
  for (const Change* change : standing) {
    if (change->effective_date() > day) break;
    if (change->value_case() == kind) found = change;
  }
  return found;
}

bool StandsForItself(Change::ValueCase kind) {
  return kind == Change::kReview || kind == Change::kExemption;
}

std::string FirstDay(const v1::Carer& carer) {
  std::string first = carer.application().received_date();
  for (const Change* change : Standing(carer, absl::InfiniteFuture())) {
    if (change->value_case() != Change::kApprovalBegin) continue;
    if (first.empty() || change->effective_date() < first) first = change->effective_date();
  }
  return first;
}

// By person, the day from which the register first names them, of those who came after the first
// line that names anybody.
std::map<std::string, std::string> CameLater(const std::vector<const Change*>& standing) {
  std::map<std::string, std::string> came;
  std::set<std::string> first;
  for (const Change* change : standing) {
    if (!change->has_particulars()) continue;
    const bool is_first = first.empty();
    for (const auto& person : change->particulars().foster_parents()) {
      const std::string& id = person.foster_parent_id();
      if (is_first) {
        first.insert(id);
      } else if (!first.contains(id)) {
        came.emplace(id, change->effective_date());
      }
    }
  }
  return came;
}

// The later of the two; empty where the household is not approved.
std::string ApprovedSince(const std::map<std::string, std::string>& came,
                          const std::string& foster_parent_id, const std::string& approved) {
  const auto found = came.find(foster_parent_id);
  if (approved.empty() || found == came.end()) return approved;
  return std::max(approved, found->second);
}

// Of that day; before the first line of it, as the register first knew it.
v1::Carer::Kind KindOn(const std::vector<const Change*>& standing, absl::string_view day) {
  const Change* line = Holding(standing, Change::kCarerKind, day);
  for (const Change* change : standing) {
    if (line == nullptr && change->has_carer_kind()) line = change;
  }
  if (line == nullptr) return v1::Carer::KIND_UNSPECIFIED;
  return line->carer_kind().connected() ? v1::Carer::KIND_CONNECTED : v1::Carer::KIND_MAINSTREAM;
}

absl::Status CheckValue(const v1::CorrectRegisterRequest& request, const Change& before,
                        absl::Time now) {
  FieldCheck check;
  using Request = v1::CorrectRegisterRequest;
  const auto kind = request.value_case();
  const bool same = (kind == Request::kParticulars && before.has_particulars()) ||
                    (kind == Request::kTerms && before.has_terms()) ||
                    (kind == Request::kReview && before.has_review()) ||
                    (kind == Request::kExemption && before.has_exemption()) ||
                    (kind == Request::kCarerKind && before.has_carer_kind());
  if (kind != Request::VALUE_NOT_SET && !same) {
    check.Refuse("value", "OTHER_KIND", "is not of the kind of the line that it corrects");
  }
  if (kind == Request::kParticulars) {
    CheckParticulars(check, "particulars", request.particulars(), now);
  }
  if (kind == Request::kTerms) CheckTerms(check, "terms", request.terms());
  if (kind == Request::kExemption) {
    CheckIds(check, "exemption.child_ids", request.exemption().child_ids(), true);
    check.AtMost("exemption.reason", request.exemption().reason(), kMaxText);
    if (!request.exemption().until_date().empty()) {
      CheckDay(check, "exemption.until_date", request.exemption().until_date(), now, true);
    }
  }
  if (request.strike() && (kind != Request::VALUE_NOT_SET || !request.effective_date().empty())) {
    check.Refuse("strike", "NOTHING_CHANGES", "leaves no room for what should stand there");
  }
  if (!request.strike() && kind == Request::VALUE_NOT_SET && request.effective_date().empty()) {
    check.Refuse("value", "REQUIRED", "is missing");
  }
  if (!request.effective_date().empty()) {
    // Terms may be decided on before they hold.
    CheckDay(check, "effective_date", request.effective_date(), now, before.has_terms());
  }
  check.Require("reason", request.reason(), kMaxText);
  return check.ToStatus();
}

}  // namespace

const std::vector<std::string>& RegisterFacts() {
  static const auto* const names =
      new std::vector<std::string>{"carer_recorded", "register_changed"};
  return *names;
}

std::vector<const Change*> Standing(const v1::Carer& carer, absl::Time known_at) {
  return StandingOf(carer, RecordedBy(carer, known_at));
}

v1::RegisterEntry EntryAt(const v1::Carer& carer, absl::CivilDay as_at, absl::Time known_at) {
  const std::string day = ShowDay(as_at);
  const auto standing = Standing(carer, known_at);
  v1::RegisterEntry entry;
  entry.set_carer_id(carer.carer_id());
  if (const Change* change = Holding(standing, Change::kParticulars, day)) {
    *entry.mutable_particulars() = change->particulars();
  }
  if (const Change* begin = Holding(standing, Change::kApprovalBegin, day)) {
    entry.set_approved_date(begin->effective_date());
    entry.set_temporary(begin->approval_begin().temporary());
    const Change* end = Holding(standing, Change::kApprovalEnd, day);
    // One before it was of an earlier, temporary approval.
    if (end != nullptr && end->effective_date() >= begin->effective_date()) {
      entry.set_ended_date(end->effective_date());
      entry.set_end_reason(end->approval_end().reason());
    }
  }
  if (entry.has_particulars() || !entry.approved_date().empty()) {
    entry.set_kind(KindOn(standing, day));
    // Of a ledger from before the kind had lines of its own.
    if (entry.kind() == v1::Carer::KIND_UNSPECIFIED) entry.set_kind(carer.kind());
  }
  for (const Change* change : standing) {
    if (change->has_merged_into()) {
      entry.set_merged_into_carer_id(change->merged_into().carer_id());
    }
  }
  const auto came = CameLater(standing);
  for (int i = 0; i < entry.particulars().foster_parents_size(); ++i) {
    v1::FosterParent* person = entry.mutable_particulars()->mutable_foster_parents(i);
    person->set_approved_date(
        ApprovedSince(came, person->foster_parent_id(), entry.approved_date()));
  }
  if (const Change* terms = Holding(standing, Change::kTerms, day);
      terms != nullptr && (entry.ended_date().empty() || entry.ended_date() >= day)) {
    *entry.mutable_terms() = terms->terms();
    entry.set_terms_since_date(terms->effective_date());
  }
  for (const Change* change : standing) {
    if (change->effective_date() > day) break;
    if (change->has_review()) {
      *entry.add_reviews() = change->review();
      entry.mutable_reviews()->rbegin()->set_review_date(change->effective_date());
    }
    if (change->has_exemption()) {
      const std::string& until = change->exemption().until_date();
      if (!until.empty() && until < day) continue;
      *entry.add_exemptions() = change->exemption();
      entry.mutable_exemptions()->rbegin()->set_from_date(change->effective_date());
    }
  }
  return entry;
}

bool IsApprovedOn(const v1::RegisterEntry& entry, absl::CivilDay day) {
  return !entry.approved_date().empty() && entry.merged_into_carer_id().empty() &&
         (entry.ended_date().empty() || entry.ended_date() >= ShowDay(day));
}

std::vector<v1::RegisterChangeShown> ChangesShown(const v1::Carer& carer) {
  std::vector<v1::RegisterChangeShown> shown;
  std::map<std::string, const Change*> replaced_by;
  for (const Change& change : carer.register_changes()) {
    if (!change.replaces_change_id().empty()) {
      replaced_by.emplace(change.replaces_change_id(), &change);
    }
  }
  for (int i = carer.register_changes_size() - 1; i >= 0; --i) {
    const Change& change = carer.register_changes(i);
    v1::RegisterChangeShown& line = shown.emplace_back();
    *line.mutable_change() = change;
    const Change* before = nullptr;
    if (!change.replaces_change_id().empty()) {
      for (const Change& other : carer.register_changes()) {
        if (other.change_id() == change.replaces_change_id()) before = &other;
      }
    } else if (!StandsForItself(change.value_case())) {
      before = Holding(StandingOf(carer, i), change.value_case(), change.effective_date());
    }
    if (before != nullptr) *line.mutable_before() = *before;
    if (const auto by = replaced_by.find(change.change_id()); by != replaced_by.end()) {
      line.set_replaced_by_change_id(by->second->change_id());
      *line.mutable_replaced_time() = by->second->recorded_time();
    }
  }
  return shown;
}

std::vector<v1::DatedTerms> TermsOf(const v1::Carer& carer) {
  std::vector<v1::DatedTerms> terms;
  for (const Change* change : Standing(carer, absl::InfiniteFuture())) {
    if (!change->has_terms()) continue;
    // Of one day, the one recorded last holds.
    if (terms.empty() || terms.back().effective_date() != change->effective_date()) {
      terms.emplace_back();
    }
    terms.back().set_effective_date(change->effective_date());
    *terms.back().mutable_terms() = change->terms();
  }
  return terms;
}

std::map<std::string, std::string> JoinersOf(const v1::Carer& carer) {
  if (carer.approved_date().empty()) return {};
  auto joiners = CameLater(Standing(carer, absl::InfiniteFuture()));
  std::erase_if(joiners, [&](const auto& one) { return one.second <= carer.approved_date(); });
  return joiners;
}

std::vector<v1::Exemption> ExemptionsOf(const v1::Carer& carer) {
  std::vector<v1::Exemption> exemptions;
  for (const Change* change : Standing(carer, absl::InfiniteFuture())) {
    if (!change->has_exemption()) continue;
    exemptions.push_back(change->exemption());
    exemptions.back().set_from_date(change->effective_date());
  }
  return exemptions;
}

std::vector<std::string> ReviewDatesOf(const v1::Carer& carer) {
  std::vector<std::string> dates;
  for (const Change* change : Standing(carer, absl::InfiniteFuture())) {
    if (change->has_review()) dates.push_back(change->effective_date());
  }
  return dates;
}

Change* AddChange(Facts& facts, const std::string& carer_id, const Context& context,
                  const std::string& change_id, absl::string_view effective_date) {
  auto* changed = facts.emplace_back().mutable_register_changed();
  changed->set_carer_id(carer_id);
  Change* change = changed->mutable_change();
  change->set_change_id(change_id);
  change->set_effective_date(std::string(effective_date));
  *change->mutable_recorded_time() = clock::ToProto(context.now);
  change->set_recorded_by(context.actor);
  return change;
}

absl::StatusOr<Facts> RecordParticulars(const v1::Carer& carer,
                                        const v1::RecordParticularsRequest& request,
                                        const Context& context, NewId new_id) {
  FieldCheck check;
  CheckParticulars(check, "particulars", request.particulars(), context.now);
  const auto day = CheckDay(check, "effective_date", request.effective_date(), context.now);
  if (day && request.effective_date() < FirstDay(carer)) {
    check.Refuse("effective_date", "BEFORE_THE_REGISTER",
                 "is before the application and the approval");
  }
  if (!check.ok()) return check.ToStatus();
  Facts facts;
  *AddChange(facts, carer.carer_id(), context, new_id(), request.effective_date())
       ->mutable_particulars() = WithIds(request.particulars());
  return facts;
}

absl::StatusOr<Facts> CorrectRegister(const v1::Carer& carer,
                                      const v1::CorrectRegisterRequest& request,
                                      const Context& context, NewId new_id) {
  const Change* before = nullptr;
  for (const Change& change : carer.register_changes()) {
    if (change.change_id() == request.change_id()) before = &change;
    if (!request.change_id().empty() && change.replaces_change_id() == request.change_id()) {
      return Refused("REPLACED_BEFORE", "the line of the register was replaced before");
    }
  }
  if (before == nullptr || before->value_case() == Change::VALUE_NOT_SET) {
    return InvalidField("change_id", "UNKNOWN_CHANGE", "names no line of this carer");
  }
  if (before->has_approval_end() || (before->has_approval_begin() && request.strike())) {
    return Refused("APPROVAL_STANDS", "the begin or end of an approval is not struck out");
  }
  if (before->has_merged_into()) {
    return Refused("MERGE_STANDS", "a merge is taken back, not corrected");
  }
  if (before->has_carer_kind() && request.strike()) {
    return Refused("KIND_STANDS", "a household is of some kind: it is put right, not struck out");
  }
  if (const absl::Status valid = CheckValue(request, *before, context.now); !valid.ok()) {
    return valid;
  }
  Facts facts;
  Change* change = AddChange(
      facts, carer.carer_id(), context, new_id(),
      request.effective_date().empty() ? before->effective_date() : request.effective_date());
  change->set_replaces_change_id(before->change_id());
  change->set_reason(request.reason());
  if (request.strike()) return facts;
  switch (request.value_case()) {
    case v1::CorrectRegisterRequest::kParticulars:
      *change->mutable_particulars() = WithIds(request.particulars());
      break;
    case v1::CorrectRegisterRequest::kTerms:
      *change->mutable_terms() = request.terms();
      break;
    case v1::CorrectRegisterRequest::kReview:
      *change->mutable_review() = request.review();
      change->mutable_review()->set_review_id(before->review().review_id());
      break;
    case v1::CorrectRegisterRequest::kExemption:
      *change->mutable_exemption() = request.exemption();
      change->mutable_exemption()->set_exemption_id(before->exemption().exemption_id());
      break;
    case v1::CorrectRegisterRequest::kCarerKind:
      *change->mutable_carer_kind() = request.carer_kind();
      break;
    case v1::CorrectRegisterRequest::VALUE_NOT_SET: {
      // Only the day was wrong.
      Change kept = *before;
      kept.set_change_id(change->change_id());
      kept.set_effective_date(change->effective_date());
      *kept.mutable_recorded_time() = change->recorded_time();
      kept.set_recorded_by(context.actor);
      kept.set_replaces_change_id(before->change_id());
      kept.set_reason(request.reason());
      *change = std::move(kept);
      break;
    }
  }
  if (change->has_approval_begin() && !ReviewDatesOf(carer).empty() &&
      change->effective_date() > ReviewDatesOf(carer).front()) {
    return InvalidField("effective_date", "AFTER_A_REVIEW", "is after a review of the approval");
  }
  return facts;
}

}  // namespace fosterwatch::carers::domain
