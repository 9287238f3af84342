#include "services/carers/domain/duties_of_approved.h"

#include <algorithm>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "libs/clock/proto_time.h"
#include "libs/clock/working_calendar.h"
#include "services/carers/domain/check.h"
#include "services/carers/domain/decision.h"
#include "services/carers/domain/policy.h"
#include "services/carers/domain/register.h"

namespace fosterwatch::carers::domain {
namespace {

using v1::Carer;

std::string DayOf(const google::protobuf::Timestamp& time) {
  return ShowDay(clock::LondonDay(clock::FromProto(time)));
}

bool IsSomebodyOfTheHome(const v1::Visit::Seen& seen) {
  return !seen.foster_parent_id().empty() || !seen.child_id().empty();
}

bool Meets(const v1::Visit& visit, const v1::CarerPolicy::VisitCondition& condition) {
  // Another register held those that were taken over to its own conditions; they name no visitor.
  if (visit.visitor_id().empty()) return true;
  const auto& seen = visit.seen();
  if (condition.unannounced() && !visit.unannounced()) return false;
  if (condition.somebody_seen() && std::none_of(seen.begin(), seen.end(), IsSomebodyOfTheHome)) {
    return false;
  }
  return !condition.foster_parent_seen() ||
         std::any_of(seen.begin(), seen.end(), [](const v1::Visit::Seen& person) {
           return !person.foster_parent_id().empty();
         });
}

// The last one that was for this and met what the policy asks of it.
std::string LastVisit(const Carer& carer, v1::DutyKind kind, bool (v1::Visit::*which)() const,
                      const v1::CarerPolicy& policy) {
  const auto& condition = RuleOf(policy, kind, carer.kind()).visit();
  std::string last;
  for (const v1::Visit& visit : carer.visits()) {
    if ((visit.*which)() && Meets(visit, condition)) {
      last = std::max(last, DayOf(visit.visited_time()));
    }
  }
  return last;
}

// Of a foster parent, or of the household. What an application obtained counts.
std::string LastCheck(const Carer& carer, v1::CheckKind kind, const std::string& foster_parent_id,
                      const v1::CarerPolicy& policy) {
  std::string last;
  for (const v1::Check& check : carer.checks()) {
    if (check.kind() == kind && check.foster_parent_id() == foster_parent_id) {
      last = std::max(last, check.done_date());
    }
  }
  for (const auto& rule : policy.information()) {
    if (rule.check() != kind) continue;
    for (const auto& item : carer.application().items()) {
      if (item.code() == rule.code() && item.foster_parent_id() == foster_parent_id) {
        last = std::max(last, item.obtained_date());
      }
    }
  }
  return last;
}

void AddReview(const Carer& carer, DutyList& duties) {
  const auto dates = ReviewDatesOf(carer);
  bool answered = true;
  for (const v1::Review& review : carer.reviews()) {
    if (!AwaitsAnswer(review)) continue;
    answered = false;
    const auto held = ParseDay(review.review_date());
    // Once the panel has recommended something, that is decided on.
    if (held && review.recommendation_id().empty()) {
      duties.Add(v1::DUTY_KIND_REVIEW_DECISION, review.review_id(), StartOf(*held), "review_date");
    }
  }
  if (dates.empty()) {
    duties.AddFromApproval(v1::DUTY_KIND_FIRST_REVIEW, "");
  } else if (answered) {
    duties.AddRecurring(v1::DUTY_KIND_ANNUAL_REVIEW, "", dates.back(), "review_date");
  }
  for (const v1::Review& review : carer.reviews()) {
    const auto held = ParseDay(review.review_date());
    if (review.to_panel() && review.recommendation_id().empty() && held) {
      duties.Add(v1::DUTY_KIND_REVIEW_TO_PANEL, review.review_id(), StartOf(*held), "review_date");
    }
  }
}

void AddAgreement(const Carer& carer, DutyList& duties) {
  if (carer.agreements().empty()) {
    duties.AddFromApproval(v1::DUTY_KIND_AGREEMENT_ISSUE, "");
    return;
  }
  const v1::Agreement& last = *carer.agreements().rbegin();
  const auto issued = ParseDay(last.issued_date());
  if (last.returned_date().empty() && issued) {
    duties.Add(v1::DUTY_KIND_AGREEMENT_RETURN, last.agreement_id(), StartOf(*issued),
               "issued_date");
  }
  // Another edition of Schedule 5 asks for another agreement.
  const auto edition = ParseDay(duties.policy().effective_from());
  if (last.schedule_version() != duties.policy().agreement_version() && edition && issued &&
      *issued < *edition) {
    duties.Add(v1::DUTY_KIND_AGREEMENT_ISSUE, "", StartOf(*edition), "effective_from")
        .set_last_done_date(last.issued_date());
  }
}

using Joiners = std::map<std::string, std::string>;

// One workbook may serve those who were approved together; one who joins has to catch up.
void AddTraining(const Carer& carer, const Joiners& joiners, DutyList& duties) {
  const auto trained = [&](const auto& counts) {
    return std::any_of(carer.checks().begin(), carer.checks().end(), [&](const v1::Check& check) {
      return check.kind() == v1::CHECK_KIND_TRAINING_STANDARDS && counts(check);
    });
  };
  if (!trained(
          [&](const v1::Check& check) { return !joiners.contains(check.foster_parent_id()); })) {
    duties.AddFromApproval(v1::DUTY_KIND_TRAINING_STANDARDS, "");
  }
  for (const auto& person : carer.foster_parents()) {
    const auto joiner = joiners.find(person.foster_parent_id());
    if (joiner == joiners.end()) continue;
    const auto& [id, joined] = *joiner;
    const auto counts = [&id = id, &joined = joined](const v1::Check& check) {
      return check.foster_parent_id() == id ||
             (check.foster_parent_id().empty() && check.done_date() >= joined);
    };
    if (!trained(counts)) duties.AddFromJoining(v1::DUTY_KIND_TRAINING_STANDARDS, id, joined);
  }
}

// Certificates are of a person, and count from when that person was approved.
void AddOfPersons(const Carer& carer, const Joiners& joiners, DutyList& duties) {
  std::vector<std::string> persons;
  for (const auto& person : carer.foster_parents()) persons.push_back(person.foster_parent_id());
  if (persons.empty()) persons.emplace_back();  // only the household is known
  for (const std::string& person : persons) {
    const auto joiner = joiners.find(person);
    for (const auto& [check, kind] :
         {std::pair{v1::CHECK_KIND_DBS, v1::DUTY_KIND_DBS_RENEWAL},
          std::pair{v1::CHECK_KIND_MEDICAL, v1::DUTY_KIND_MEDICAL_RENEWAL}}) {
      const std::string last = LastCheck(carer, check, person, duties.policy());
      if (last.empty() && joiner != joiners.end()) {
        duties.AddFromJoining(kind, person, joiner->second);
      } else {
        duties.AddRecurring(kind, person, last, "done_date");
      }
    }
  }
}

}  // namespace

void AddOfApproved(const Carer& carer, DutyList& duties) {
  AddReview(carer, duties);
  AddAgreement(carer, duties);
  using Which = bool (v1::Visit::*)() const;
  const std::pair<v1::DutyKind, Which> visits[] = {
      {v1::DUTY_KIND_UNANNOUNCED_VISIT, &v1::Visit::unannounced},
      {v1::DUTY_KIND_SUPERVISION_VISIT, &v1::Visit::supervision},
      {v1::DUTY_KIND_HOME_SAFETY, &v1::Visit::home_safety}};
  for (const auto& [kind, which] : visits) {
    duties.AddRecurring(kind, "", LastVisit(carer, kind, which, duties.policy()), "visited_time");
  }
  const Joiners joiners = JoinersOf(carer);
  AddTraining(carer, joiners, duties);
  AddOfPersons(carer, joiners, duties);
}

}  // namespace fosterwatch::carers::domain
