#include "services/carers/domain/carer.h"

#include <algorithm>
#include <set>

#include "absl/strings/str_cat.h"

#include "libs/clock/proto_time.h"
#include "libs/status/error.h"
#include "libs/status/status_macros.h"
#include "services/carers/domain/check.h"
#include "services/carers/domain/policy.h"
#include "services/carers/domain/register.h"

namespace fosterwatch::carers::domain {
namespace {

using v1::Carer;

absl::Status CheckTold(const Carer& told, absl::Time now) {
  FieldCheck check;
  CheckId(check, "carer.carer_id", told.carer_id());
  if (told.name().empty() || CountCharacters(told.name()) > kMaxName) {
    check.Refuse("carer.name", "INVALID_NAME", "is missing or longer than 200 characters");
  }
  if (told.kind() == Carer::KIND_UNSPECIFIED || !Carer::Kind_IsValid(told.kind())) {
    check.Refuse("carer.kind", "MISSING_FIELD", "is missing or unknown");
  }
  CheckDay(check, "carer.approved_date", told.approved_date(), now);
  check.AtMost("carer.address", told.address(), kMaxAddress);
  Carer rest = told;
  rest.clear_carer_id();
  rest.clear_name();
  rest.clear_kind();
  rest.clear_approved_date();
  rest.clear_address();
  if (rest.ByteSizeLong() > 0) {
    check.Refuse("carer", "SET_BY_THE_REGISTER", "says what only the register works out");
  }
  return check.ToStatus();
}

// Known by RecordCarer alone.
bool IsThin(const Carer& carer) {
  return !carer.has_application() && !carer.has_temporary_approval() &&
         carer.foster_parents().empty();
}

// INVALID_DATE and the like are of what is said; this is of what the register says otherwise.
absl::Status CheckAgrees(const Carer& carer, const Carer& told) {
  std::vector<Violation> differs;
  const auto compare = [&](absl::string_view field, bool same) {
    if (!same) {
      differs.push_back({absl::StrCat("carer.", field), "is not what the register says"});
    }
  };
  compare("name", carer.name() == told.name());
  compare("kind", carer.kind() == told.kind());
  // Of one whom it knows by a case system's word alone, the register says no day.
  const bool unconfirmed = carer.status() == Carer::STATUS_UNSPECIFIED;
  compare("approved_date", unconfirmed || carer.approved_date() == told.approved_date());
  compare("address", carer.address() == told.address());
  if (differs.empty()) return absl::OkStatus();
  return Error(absl::StatusCode::kFailedPrecondition, "REGISTER_DIFFERS",
               "the register says otherwise of this carer", std::move(differs));
}

void CheckTakenDay(FieldCheck& check, absl::string_view field, const std::string& day,
                   const std::string& approved, const Context& context) {
  if (day.empty()) return;
  CheckDay(check, field, day, context.now);
  if (!approved.empty() && day < approved) {
    check.Refuse(field, "BEFORE_THE_APPROVAL", "is before the approval");
  }
}

absl::Status CheckTakeOver(const v1::TakeOverCarerRequest& request, const Context& context) {
  FieldCheck check;
  CheckId(check, "carer_id", request.carer_id());
  if (request.kind() == Carer::KIND_UNSPECIFIED || !Carer::Kind_IsValid(request.kind())) {
    check.Refuse("kind", "REQUIRED", "is missing or unknown");
  }
  CheckParticulars(check, "particulars", request.particulars(), context.now);
  CheckDay(check, "approved_date", request.approved_date(), context.now);
  const std::string& approved = request.approved_date();
  const auto taken = [&](absl::string_view field, const std::string& day) {
    CheckTakenDay(check, field, day, approved, context);
  };
  if (request.review_dates_size() > 100) check.Refuse("review_dates", "TOO_MANY", "has over 100");
  std::set<std::string> days;
  for (int i = 0; i < request.review_dates_size() && i < 100; ++i) {
    const std::string field = absl::StrCat("review_dates[", i, "]");
    if (request.review_dates(i).empty()) check.Refuse(field, "REQUIRED", "is missing");
    taken(field, request.review_dates(i));
    if (!days.insert(request.review_dates(i)).second) {
      check.Refuse(field, "REVIEWED_THAT_DAY", "stands there twice");
    }
  }
  if (request.terms_size() > 100) check.Refuse("terms", "TOO_MANY", "has over 100");
  for (int i = 0; i < request.terms_size() && i < 100; ++i) {
    const std::string field = absl::StrCat("terms[", i, "]");
    CheckDay(check, field + ".effective_date", request.terms(i).effective_date(), context.now,
             true);
    CheckTerms(check, field + ".terms", request.terms(i).terms());
  }
  if (request.exemptions_size() > kMaxListed) check.Refuse("exemptions", "TOO_MANY", "has over 50");
  for (int i = 0; i < request.exemptions_size() && i < kMaxListed; ++i) {
    const std::string field = absl::StrCat("exemptions[", i, "]");
    CheckDay(check, field + ".from_date", request.exemptions(i).from_date(), context.now, true);
    CheckIds(check, field + ".child_ids", request.exemptions(i).child_ids(), true);
    check.AtMost(field + ".reason", request.exemptions(i).reason(), kMaxText);
  }
  taken("ended_date", request.ended_date());
  taken("last_unannounced_visit_date", request.last_unannounced_visit_date());
  taken("last_supervision_visit_date", request.last_supervision_visit_date());
  taken("last_home_safety_date", request.last_home_safety_date());
  taken("agreement_issued_date", request.agreement_issued_date());
  taken("agreement_returned_date", request.agreement_returned_date());
  if (!request.agreement_returned_date().empty() && request.agreement_issued_date().empty()) {
    check.Refuse("agreement_issued_date", "REQUIRED", "is missing");
  }
  check.AtMost("agreement_version", request.agreement_version(), kMaxName);
  if (request.checks_size() > kMaxListed) check.Refuse("checks", "TOO_MANY", "has over 50");
  const v1::Particulars particulars = WithIds(request.particulars());
  for (int i = 0; i < request.checks_size() && i < kMaxListed; ++i) {
    const std::string field = absl::StrCat("checks[", i, "]");
    const v1::Check& done = request.checks(i);
    if (done.kind() == v1::CHECK_KIND_UNSPECIFIED || !v1::CheckKind_IsValid(done.kind())) {
      check.Refuse(field + ".kind", "REQUIRED", "is missing or unknown");
    }
    CheckDay(check, field + ".done_date", done.done_date(), context.now);
    check.AtMost(field + ".reference", done.reference(), kMaxName);
    if (!done.foster_parent_id().empty() &&
        std::none_of(particulars.foster_parents().begin(), particulars.foster_parents().end(),
                     [&](const auto& person) {
                       return person.foster_parent_id() == done.foster_parent_id();
                     })) {
      check.Refuse(field + ".foster_parent_id", "UNKNOWN_FOSTER_PARENT",
                   "names nobody of this household");
    }
  }
  return check.ToStatus();
}

// Visits are known by their day only: at noon.
void AddVisit(const std::string& carer_id, const std::string& name, const std::string& day,
              void (v1::Visit::*set)(bool), const Context& context, Facts& facts) {
  const auto on = ParseDay(day);
  if (!on) return;
  auto* recorded = facts.emplace_back().mutable_visit_recorded();
  recorded->set_carer_id(carer_id);
  v1::Visit* visit = recorded->mutable_visit();
  visit->set_visit_id(absl::StrCat(carer_id, "/", name, "/", day));
  *visit->mutable_visited_time() = clock::ToProto(StartOf(*on) + absl::Hours(12));
  (visit->*set)(true);
  visit->set_recorded_by(context.actor);
  *visit->mutable_recorded_time() = clock::ToProto(context.now);
}

}  // namespace

absl::StatusOr<Facts> RecordCarer(const Carer& carer, const Carer& told, const Context& context) {
  RETURN_IF_ERROR(CheckTold(told, context.now));
  if (!carer.carer_id().empty()) {
    RETURN_IF_ERROR(CheckAgrees(carer, told));
    return Facts();
  }
  Facts facts;
  Carer* known = facts.emplace_back().mutable_carer_recorded()->mutable_carer();
  *known = told;
  known->clear_approved_date();  // an approval is not taken on a case system's word
  return facts;
}

absl::StatusOr<Facts> TakeOverCarer(const Carer& carer, const v1::TakeOverCarerRequest& request,
                                    const std::string& content_hash, const Context& context) {
  RETURN_IF_ERROR(CheckTakeOver(request, context));
  if (!carer.carer_id().empty()) {
    if (carer.content_hash() == content_hash) return Facts();
    if (!IsThin(carer)) {
      return Error(absl::StatusCode::kAlreadyExists, "CARER_EXISTS",
                   "the register has a carer of that id", {{"carer_id", "is taken"}});
    }
  }
  const std::string& id = request.carer_id();
  const v1::Particulars particulars = WithIds(request.particulars());
  const bool is_new = carer.carer_id().empty();
  Facts facts;
  if (is_new) {
    auto* told = facts.emplace_back().mutable_carer_recorded()->mutable_carer();
    told->set_carer_id(id);
    told->set_kind(request.kind());
    told->set_name(HouseholdName(particulars));
    told->set_address(particulars.address());
    told->set_approved_date(request.approved_date());
  }
  auto* taken = facts.emplace_back().mutable_carer_taken_over();
  taken->set_carer_id(id);
  taken->set_content_hash(content_hash);
  const auto change = [&](absl::string_view name, const std::string& day) {
    return AddChange(facts, id, context, absl::StrCat("taken-over/", name, "/", day), day);
  };
  std::string particulars_before, approval_before, kind_before;
  for (const v1::RegisterChange* line : Standing(carer, absl::InfiniteFuture())) {
    if (line->has_approval_begin()) approval_before = line->change_id();
    if (line->has_carer_kind()) kind_before = line->change_id();
    if (!line->has_particulars()) continue;
    if (particulars_before.empty()) {
      particulars_before = line->change_id();
    } else {
      change(absl::StrCat("strike/", line->change_id()), line->effective_date())
          ->set_replaces_change_id(line->change_id());
    }
  }
  v1::RegisterChange* household = change("particulars", request.approved_date());
  *household->mutable_particulars() = particulars;
  household->set_replaces_change_id(particulars_before);
  if (!is_new) {  // what a case system said of the kind, it said of another day
    v1::RegisterChange* kind = change("kind", request.approved_date());
    kind->mutable_carer_kind()->set_connected(request.kind() == Carer::KIND_CONNECTED);
    kind->set_replaces_change_id(kind_before);
  }
  if (!is_new && carer.approved_date() != request.approved_date()) {
    v1::RegisterChange* approval = change("approval", request.approved_date());
    approval->mutable_approval_begin();
    approval->set_replaces_change_id(approval_before);
  }
  for (const auto& terms : request.terms()) {
    *change("terms", terms.effective_date())->mutable_terms() = terms.terms();
  }
  std::set<std::string> reviews(request.review_dates().begin(), request.review_dates().end());
  for (const std::string& day : reviews) {
    v1::ReviewEntry* review = change("review", day)->mutable_review();
    review->set_review_id(absl::StrCat("taken-over/", day));
    review->set_review_date(day);
  }
  for (int i = 0; i < request.exemptions_size(); ++i) {
    const v1::Exemption& given = request.exemptions(i);
    v1::Exemption* exemption =
        change(absl::StrCat("exemption-", i + 1), given.from_date())->mutable_exemption();
    *exemption = given;
    if (given.exemption_id().empty()) {
      exemption->set_exemption_id(absl::StrCat("taken-over/", i + 1));
    }
  }
  AddVisit(id, "unannounced", request.last_unannounced_visit_date(), &v1::Visit::set_unannounced,
           context, facts);
  AddVisit(id, "supervision", request.last_supervision_visit_date(), &v1::Visit::set_supervision,
           context, facts);
  AddVisit(id, "home-safety", request.last_home_safety_date(), &v1::Visit::set_home_safety, context,
           facts);
  if (!request.agreement_issued_date().empty()) {
    auto* set = facts.emplace_back().mutable_agreement_set();
    set->set_carer_id(id);
    v1::Agreement* agreement = set->mutable_agreement();
    agreement->set_agreement_id("taken-over");
    agreement->set_version(request.agreement_version());
    agreement->set_schedule_version(InForce(*context.policies, context.now).agreement_version());
    agreement->set_issued_date(request.agreement_issued_date());
    agreement->set_returned_date(request.agreement_returned_date());
    agreement->set_recorded_by(context.actor);
  }
  for (int i = 0; i < request.checks_size(); ++i) {
    auto* recorded = facts.emplace_back().mutable_check_recorded();
    recorded->set_carer_id(id);
    *recorded->mutable_check() = request.checks(i);
    recorded->mutable_check()->set_check_id(absl::StrCat("taken-over/", i + 1));
    recorded->mutable_check()->set_recorded_by(context.actor);
  }
  if (!request.ended_date().empty()) {
    auto* ended = facts.emplace_back().mutable_approval_ended();
    ended->set_carer_id(id);
    ended->set_ended_date(request.ended_date());
    ended->set_reason(v1::END_REASON_TAKEN_OVER);
    change("end", request.ended_date())
        ->mutable_approval_end()
        ->set_reason(v1::END_REASON_TAKEN_OVER);
  }
  return facts;
}

bool IsOnHold(const Carer& carer) {
  return std::any_of(carer.legal_holds().begin(), carer.legal_holds().end(),
                     [](const v1::LegalHold& hold) { return !hold.has_lifted_time(); });
}

absl::StatusOr<Facts> PlaceLegalHold(const Carer& carer, const v1::PlaceLegalHoldRequest& request,
                                     const Context& context, NewId new_id) {
  FieldCheck check;
  check.Require("reason", request.reason(), kMaxText);
  if (!check.ok()) return check.ToStatus();
  if (IsOnHold(carer)) return Refused("ON_HOLD", "a legal hold is on");
  Facts facts;
  auto* set = facts.emplace_back().mutable_legal_hold_set();
  set->set_carer_id(carer.carer_id());
  v1::LegalHold* hold = set->mutable_legal_hold();
  hold->set_hold_id(new_id());
  hold->set_reason(request.reason());
  *hold->mutable_placed_time() = clock::ToProto(context.now);
  hold->set_placed_by(context.actor);
  return facts;
}

absl::StatusOr<Facts> LiftLegalHold(const Carer& carer, const v1::LiftLegalHoldRequest& request,
                                    const Context& context) {
  FieldCheck check;
  check.Require("reason", request.reason(), kMaxText);
  if (!check.ok()) return check.ToStatus();
  if (!IsOnHold(carer)) return Refused("NOT_ON_HOLD", "no legal hold is on");
  Facts facts;
  auto* set = facts.emplace_back().mutable_legal_hold_set();
  set->set_carer_id(carer.carer_id());
  for (const v1::LegalHold& hold : carer.legal_holds()) {
    if (!hold.has_lifted_time()) *set->mutable_legal_hold() = hold;
  }
  v1::LegalHold* hold = set->mutable_legal_hold();
  hold->set_lift_reason(request.reason());
  *hold->mutable_lifted_time() = clock::ToProto(context.now);
  hold->set_lifted_by(context.actor);
  return facts;
}

absl::StatusOr<Facts> RecordAccessRequest(const Carer& carer,
                                          const v1::RecordAccessRequestRequest& request,
                                          const Context& context, NewId new_id) {
  FieldCheck check;
  check.Require("service_name", request.service_name(), kMaxName);
  check.Require("basis", request.basis(), kMaxText);
  CheckDay(check, "received_date", request.received_date(), context.now);
  if (!check.ok()) return check.ToStatus();
  Facts facts;
  auto* set = facts.emplace_back().mutable_access_request_set();
  set->set_carer_id(carer.carer_id());
  v1::AccessRequest* access = set->mutable_access_request();
  access->set_access_request_id(new_id());
  access->set_service_name(request.service_name());
  access->set_basis(request.basis());
  access->set_received_date(request.received_date());
  access->set_state(v1::AccessRequest::STATE_OPEN);
  return facts;
}

absl::StatusOr<Facts> AnswerAccessRequest(const Carer& carer,
                                          const v1::AnswerAccessRequestRequest& request,
                                          const Context& context) {
  FieldCheck check;
  const v1::AccessRequest* asked = nullptr;
  for (const v1::AccessRequest& known : carer.access_requests()) {
    if (known.access_request_id() == request.access_request_id()) asked = &known;
  }
  if (asked == nullptr) {
    check.Refuse("access_request_id", "UNKNOWN_REQUEST", "names no request about this carer");
  }
  check.Require("answer", request.answer(), kMaxText);
  CheckDay(check, "answered_date", request.answered_date(), context.now);
  if (check.ok() && request.answered_date() < asked->received_date()) {
    check.Refuse("answered_date", "BEFORE_THE_REQUEST", "is before the request");
  }
  if (!check.ok()) return check.ToStatus();
  if (asked->state() != v1::AccessRequest::STATE_OPEN) {
    return Refused("ANSWERED_BEFORE", "the request was answered before");
  }
  Facts facts;
  auto* set = facts.emplace_back().mutable_access_request_set();
  set->set_carer_id(carer.carer_id());
  v1::AccessRequest* access = set->mutable_access_request();
  *access = *asked;
  access->set_state(request.refused() ? v1::AccessRequest::STATE_REFUSED
                                      : v1::AccessRequest::STATE_GIVEN);
  access->set_answered_date(request.answered_date());
  access->set_answered_by(context.actor);
  access->set_answer(request.answer());
  return facts;
}

}  // namespace fosterwatch::carers::domain
