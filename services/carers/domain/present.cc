// What is worked out of a carer when it is read.
#include <algorithm>

#include "absl/strings/str_cat.h"

#include "libs/clock/proto_time.h"
#include "libs/clock/working_calendar.h"
#include "services/carers/domain/application.h"
#include "services/carers/domain/carer.h"
#include "services/carers/domain/check.h"
#include "services/carers/domain/policy.h"
#include "services/carers/domain/register.h"
#include "services/carers/domain/supervision.h"

namespace fosterwatch::carers::domain {

using v1::Carer;

v1::Retention RetentionOf(const Carer& carer, const Context& context) {
  v1::Retention retention;
  retention.set_on_hold(IsOnHold(carer));
  if (IsApproved(carer) || carer.application().state() == v1::Application::STATE_OPEN) {
    retention.set_basis(v1::Retention::BASIS_CURRENT);
    return retention;
  }
  const v1::CarerPolicy& policy = InForce(*context.policies, context.now);
  const auto keep = [&](v1::Retention::Basis basis, const std::string& date,
                        absl::string_view trigger, const v1::CarerPolicy::Limit& limit) {
    const auto day = ParseDay(date);
    if (!day) return;
    const DueTime until =
        DueAfter(StartOf(*day), trigger, "RETENTION", policy, limit, *context.calendar);
    if (retention.has_keep_until_time() &&
        until.due <= clock::FromProto(retention.keep_until_time())) {
      return;
    }
    retention.set_basis(basis);
    *retention.mutable_keep_until_time() = clock::ToProto(until.due);
    *retention.mutable_explanation() = until.explanation;
  };
  keep(v1::Retention::BASIS_APPROVAL_ENDED, carer.ended_date(), "ended_date",
       policy.keep_after_approval());
  keep(v1::Retention::BASIS_APPLICATION_ENDED, carer.application().ended_date(),
       "application.ended_date", policy.keep_after_application());
  return retention;
}

Carer Present(Carer carer, const Context& context) {
  *carer.mutable_retention() = RetentionOf(carer, context);
  for (auto& duty : *carer.mutable_duties()) {
    duty.set_overdue(clock::FromProto(duty.due_time()) <= context.now);
  }
  std::sort(carer.mutable_duties()->begin(), carer.mutable_duties()->end(),
            [](const v1::CarerDuty& a, const v1::CarerDuty& b) {
              const absl::Time due_a = clock::FromProto(a.due_time());
              const absl::Time due_b = clock::FromProto(b.due_time());
              return due_a != due_b ? due_a < due_b : a.duty_id() < b.duty_id();
            });
  const auto joiners = JoinersOf(carer);
  for (auto& person : *carer.mutable_foster_parents()) {
    const auto joined = joiners.find(person.foster_parent_id());
    person.set_approved_date(joined == joiners.end() ? carer.approved_date() : joined->second);
  }
  carer.clear_terms();
  const std::string today = ShowDay(clock::LondonDay(context.now));
  carer.set_supervisor_id(SupervisorOn(carer, today));
  for (auto& terms : TermsOf(carer)) {
    if (terms.effective_date() <= today) carer.clear_terms();
    *carer.add_terms() = std::move(terms);
  }
  if (carer.application().state() == v1::Application::STATE_OPEN) {
    auto* application = carer.mutable_application();
    application->clear_missing();
    for (auto& code : MissingOf(carer, PolicyOf(*application, context), 0)) {
      application->add_missing(std::move(code));
    }
  }
  return carer;
}

Carer PresentToOwn(Carer carer, const std::string& person_id) {
  auto* emergencies = carer.mutable_emergencies();
  emergencies->erase(
      std::remove_if(emergencies->begin(), emergencies->end(),
                     [&](const auto& access) { return access.person_id() != person_id; }),
      emergencies->end());
  for (auto& review : *carer.mutable_reviews()) {
    auto* inputs = review.mutable_inputs();
    inputs->erase(std::remove_if(inputs->begin(), inputs->end(),
                                 [](const auto& input) {
                                   return input.kind() == v1::ReviewInput::KIND_ALLEGATION ||
                                          input.kind() == v1::ReviewInput::KIND_COMPLAINT;
                                 }),
                  inputs->end());
  }
  return carer;
}

Carer PresentInList(Carer carer, const Context& context) {
  carer = Present(std::move(carer), context);
  carer.clear_register_changes();
  carer.clear_recommendations();
  carer.clear_decisions();
  carer.clear_reviews();
  carer.clear_visits();
  carer.clear_actions();
  carer.clear_agreements();
  carer.clear_checks();
  carer.clear_access_requests();
  carer.clear_legal_holds();
  carer.clear_ending_reviews();
  carer.clear_supervisions();
  carer.clear_emergencies();
  carer.clear_caseload();
  carer.clear_open_attentions();
  carer.clear_standing();
  carer.mutable_application()->clear_items();
  if (carer.application().application_id().empty()) carer.clear_application();
  for (auto& duty : *carer.mutable_duties()) duty.clear_explanation();
  return carer;
}

}  // namespace fosterwatch::carers::domain
