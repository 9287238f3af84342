#include "services/carers/domain/review.h"

#include <algorithm>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"

#include "libs/clock/proto_time.h"
#include "libs/clock/working_calendar.h"
#include "libs/status/status_macros.h"
#include "services/carers/domain/check.h"
#include "services/carers/domain/named.h"
#include "services/carers/domain/register.h"

namespace fosterwatch::carers::domain {
namespace {

using v1::Carer;

constexpr int kMostInputIds = 100;

bool KnowsItself(v1::ReviewInput::Kind kind) {
  return kind == v1::ReviewInput::KIND_VISIT || kind == v1::ReviewInput::KIND_CHECK;
}

void CheckInputs(FieldCheck& check, const v1::RecordReviewRequest& request) {
  std::set<int> kinds;
  for (int i = 0; i < request.inputs_size(); ++i) {
    const v1::ReviewInput& input = request.inputs(i);
    const std::string field = absl::StrCat("inputs[", i, "]");
    if (input.kind() == v1::ReviewInput::KIND_UNSPECIFIED ||
        !v1::ReviewInput::Kind_IsValid(input.kind())) {
      check.Refuse(field + ".kind", "REQUIRED", "is missing or unknown");
    } else if (KnowsItself(input.kind())) {
      check.Refuse(field + ".kind", "SET_BY_THE_REGISTER",
                   "is of what the register of carers knows itself");
    } else if (!kinds.insert(input.kind()).second) {
      check.Refuse(field + ".kind", "DUPLICATE_ID", "is there twice");
    }
    if (input.record_ids_size() > kMostInputIds) {
      check.Refuse(field + ".record_ids", "TOO_MANY", "has more than 100 entries");
    } else {
      for (const std::string& id : input.record_ids()) CheckId(check, field + ".record_ids", id);
    }
    if (input.count() < input.record_ids_size()) {
      check.Refuse(field + ".count", "INVALID_COUNT", "is less than the records that are named");
    }
  }
}

// Of records with a day, those from `since` to `until`, the newest kMostInputIds by name.
template <typename Records, typename Id, typename Day>
void AddOwn(v1::ReviewInput::Kind kind, const Records& records, const std::string& since,
            const std::string& until, Id id, Day day, v1::Review& review) {
  std::vector<std::pair<std::string, std::string>> found;
  for (const auto& record : records) {
    if (day(record) >= since && day(record) <= until) found.emplace_back(day(record), id(record));
  }
  std::sort(found.rbegin(), found.rend());
  v1::ReviewInput* input = review.add_inputs();
  input->set_kind(kind);
  input->set_count(static_cast<int>(found.size()));
  if (found.size() > kMostInputIds) found.resize(kMostInputIds);
  for (const auto& [on, record_id] : found) input->add_record_ids(record_id);
}

// As they are at this moment: what is found later stays out of what was reviewed.
void AddInputs(const Carer& carer, const v1::RecordReviewRequest& request, v1::Review& review) {
  std::string since = carer.approved_date();
  for (const std::string& day : ReviewDatesOf(carer)) {
    if (day < request.review_date()) since = std::max(since, day);
  }
  review.set_inputs_since_date(since);
  AddOwn(
      v1::ReviewInput::KIND_VISIT, carer.visits(), since, request.review_date(),
      [](const v1::Visit& visit) { return visit.visit_id(); },
      [](const v1::Visit& visit) {
        return ShowDay(clock::LondonDay(clock::FromProto(visit.visited_time())));
      },
      review);
  AddOwn(
      v1::ReviewInput::KIND_CHECK, carer.checks(), since, request.review_date(),
      [](const v1::Check& done) { return done.check_id(); },
      [](const v1::Check& done) { return done.done_date(); }, review);
  for (const v1::ReviewInput& input : request.inputs()) *review.add_inputs() = input;
}

}  // namespace

absl::StatusOr<Facts> RecordReview(const Carer& carer, const v1::RecordReviewRequest& request,
                                   const Context& context, NewId new_id) {
  if (carer.status() == Carer::STATUS_TEMPORARILY_APPROVED) return CheckApproved(Carer());
  RETURN_IF_ERROR(CheckApproved(carer));
  FieldCheck check;
  CheckDay(check, "review_date", request.review_date(), context.now);
  if (!request.review_date().empty() && request.review_date() < carer.approved_date()) {
    check.Refuse("review_date", "BEFORE_THE_APPROVAL", "is before the approval");
  }
  CheckIds(check, "child_ids_heard", request.child_ids_heard(), false);
  CheckIds(check, "authority_ids_heard", request.authority_ids_heard(), false);
  check.Require("report", request.report(), 5 * kMaxText);
  CheckId(check, "reviewer_id", request.reviewer_id());
  if (const auto day = ParseDay(request.review_date())) {
    CheckHolder(check, "reviewer_id", request.reviewer_id(), StartOf(*day), context);
  }
  CheckInputs(check, request);
  const auto dates = ReviewDatesOf(carer);
  if (dates.empty() && !request.to_panel()) {
    check.Refuse("to_panel", "FIRST_REVIEW_TO_PANEL", "is false for the first review");
  }
  if (std::find(dates.begin(), dates.end(), request.review_date()) != dates.end()) {
    check.Refuse("review_date", "REVIEWED_THAT_DAY", "is the day of a review on record");
  }
  if (!check.ok()) return check.ToStatus();
  Facts facts;
  auto* held = facts.emplace_back().mutable_review_held();
  held->set_carer_id(carer.carer_id());
  v1::Review* review = held->mutable_review();
  review->set_review_id(new_id());
  review->set_review_date(request.review_date());
  review->set_foster_parents_heard(request.foster_parents_heard());
  *review->mutable_child_ids_heard() = request.child_ids_heard();
  *review->mutable_authority_ids_heard() = request.authority_ids_heard();
  review->set_still_suitable(request.still_suitable());
  review->set_terms_appropriate(request.terms_appropriate());
  review->set_report(request.report());
  review->set_to_panel(request.to_panel());
  review->set_reviewer_id(request.reviewer_id());
  review->set_recorded_by(context.actor);
  AddInputs(carer, request, *review);
  const std::string review_id = review->review_id();  // the next fact moves it
  v1::ReviewEntry* entry =
      AddChange(facts, carer.carer_id(), context, new_id(), request.review_date())
          ->mutable_review();
  entry->set_review_id(review_id);
  entry->set_review_date(request.review_date());
  entry->set_went_to_panel(request.to_panel());
  return facts;
}

}  // namespace fosterwatch::carers::domain
