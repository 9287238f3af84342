#include "services/notifiable_events/domain/regulator_export.h"

#include <algorithm>
#include <set>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

#include "services/notifiable_events/domain/evolve.h"

namespace fosterwatch::notifiable_events::domain {
namespace {

using v1::RegulatorExport;

// The questions of the form that the regulator asks, too (law/forms.json).
constexpr char kEvaluation[] = "evaluation";
constexpr char kPreventionPlan[] = "prevention_plan";

std::string AnswerTo(const v1::EventReport& report, absl::string_view question_id) {
  for (const v1::FormAnswer& answer : report.answers()) {
    if (answer.question_id() == question_id) return answer.text();
  }
  return "";
}

RegulatorExport::Person PersonOf(const std::string& person_id, const Colleagues& colleagues) {
  RegulatorExport::Person person;
  if (const auto known = colleagues.find(person_id); known != colleagues.end()) {
    person.set_initials(InitialsOf(known->second.name));
    person.set_role(known->second.role);
  }
  return person;
}

// People, in the order of what they did; our own services and case systems are none.
std::vector<std::string> StaffOf(const v1::NotifiableEvent& event) {
  std::vector<std::string> staff;
  const auto add = [&staff](const std::string& person_id) {
    if (person_id.empty() || absl::StrContains(person_id, ':')) return;
    if (std::find(staff.begin(), staff.end(), person_id) == staff.end()) staff.push_back(person_id);
  };
  add(event.reporter_id());
  for (const v1::TimelineEntry& entry : event.timeline()) add(entry.actor());
  for (const v1::Notice& notice : event.notices()) add(notice.given_by());
  for (const v1::SignOff& sign_off : event.sign_offs()) add(sign_off.signed_by());
  return staff;
}

void AddBodies(const v1::NotifiableEvent& event, const Colleagues& colleagues,
               RegulatorExport& form) {
  for (const v1::Notice& notice : event.notices()) {
    if (notice.recipient() == v1::RECIPIENT_CHIEF_INSPECTOR ||
        notice.state() == v1::Notice::STATE_FALLEN_AWAY) {
      continue;
    }
    auto* body = form.add_other_bodies();
    body->set_recipient(notice.recipient());
    body->set_body_id(notice.body_id());
    body->set_kind(notice.kind());
    if (!notice.has_given_time()) continue;
    *body->mutable_given_time() = notice.given_time();
    *body->mutable_given_by() = PersonOf(notice.given_by(), colleagues);
    body->set_reference(ReferenceWithoutNames(notice.given_reference()));
  }
}

void NameWhatIsMissing(const v1::NotifiableEvent& event, RegulatorExport& form) {
  const auto miss = [&form](bool missing, RegulatorExport::Field field) {
    if (missing) form.add_missing(field);
  };
  miss(form.urn().empty(), RegulatorExport::FIELD_URN);
  miss(form.incident_place().empty(), RegulatorExport::FIELD_INCIDENT_PLACE);
  miss(form.narrative().empty(), RegulatorExport::FIELD_NARRATIVE);
  miss(form.child_references().empty(), RegulatorExport::FIELD_CHILD_REFERENCES);
  const auto& staff = form.staff();
  miss(staff.empty() || std::any_of(staff.begin(), staff.end(),
                                    [](const auto& person) { return person.initials().empty(); }),
       RegulatorExport::FIELD_STAFF_INITIALS);
  miss(staff.empty() || std::any_of(staff.begin(), staff.end(),
                                    [](const auto& person) {
                                      return person.role() == options::v1::ROLE_UNSPECIFIED;
                                    }),
       RegulatorExport::FIELD_STAFF_ROLES);
  const auto& bodies = form.other_bodies();
  miss(std::any_of(bodies.begin(), bodies.end(),
                   [](const auto& body) { return !body.has_given_time(); }),
       RegulatorExport::FIELD_OTHER_BODIES_NOTIFIED);
  miss(form.immediate_actions().empty(), RegulatorExport::FIELD_IMMEDIATE_ACTIONS);
  miss(form.evaluation().empty(), RegulatorExport::FIELD_EVALUATION);
  miss(form.prevention_plan().empty(), RegulatorExport::FIELD_PREVENTION_PLAN);
  // A case system's report names the system.
  miss(event.source().empty() && form.reporter().initials().empty(),
       RegulatorExport::FIELD_REPORTER);
  miss(!form.has_registered_manager_sign_off_time(),
       RegulatorExport::FIELD_REGISTERED_MANAGER_SIGN_OFF);
  miss(form.regulator_reference().empty(), RegulatorExport::FIELD_REGULATOR_REFERENCE);
  miss(!form.has_closed_time(), RegulatorExport::FIELD_CLOSED_TIME);
  miss(form.outcome().empty(), RegulatorExport::FIELD_OUTCOME);
}

}  // namespace

std::string InitialsOf(absl::string_view name) {
  std::string initials;
  bool begins = true;
  for (size_t i = 0; i < name.size();) {
    size_t length = 1;
    while (i + length < name.size() && (name[i + length] & 0xC0) == 0x80) ++length;
    const absl::string_view letter = name.substr(i, length);
    i += length;
    if (letter == "-" && !initials.empty()) {
      initials += '-';
      begins = true;
    } else if (length == 1 && !absl::ascii_isalpha(static_cast<unsigned char>(letter[0])) &&
               static_cast<unsigned char>(letter[0]) < 0x80) {
      begins = letter != "'";
    } else if (begins) {
      absl::StrAppend(&initials, absl::AsciiStrToUpper(letter), ".");
      begins = false;
    }
  }
  return initials;
}

std::string ReferenceWithoutNames(absl::string_view reference) {
  const bool has_digit = std::any_of(reference.begin(), reference.end(), [](char c) {
    return absl::ascii_isdigit(static_cast<unsigned char>(c));
  });
  return has_digit ? std::string(reference) : InitialsOf(reference);
}

RegulatorExport ExportForRegulator(const v1::NotifiableEvent& event, absl::string_view urn,
                                   const Colleagues& colleagues) {
  const v1::EventReport report = EffectiveReport(event);
  RegulatorExport form;
  form.set_event_id(event.event_id());
  form.set_urn(std::string(urn));
  *form.mutable_kinds() = event.kinds();
  *form.mutable_incident_time() = report.occurred_time();
  form.set_incident_place(report.place());
  form.set_narrative(report.summary());
  if (!report.child_id().empty()) form.add_child_references(report.child_id());
  for (const std::string& person_id : StaffOf(event)) {
    *form.add_staff() = PersonOf(person_id, colleagues);
  }
  AddBodies(event, colleagues, form);
  form.set_immediate_actions(report.immediate_actions());
  form.set_evaluation(AnswerTo(report, kEvaluation));
  form.set_prevention_plan(AnswerTo(report, kPreventionPlan));
  *form.mutable_reporter() = PersonOf(event.reporter_id(), colleagues);
  for (const v1::SignOff& sign_off : event.sign_offs()) {
    if (sign_off.stage() != v1::SignOff::STAGE_REGISTERED_MANAGER || sign_off.signed_by().empty()) {
      continue;
    }
    *form.mutable_registered_manager() = PersonOf(sign_off.signed_by(), colleagues);
    *form.mutable_registered_manager_sign_off_time() = sign_off.signed_time();
  }
  form.set_regulator_reference(event.conclusion().regulator_reference());
  if (event.has_conclusion()) {
    *form.mutable_closed_time() = event.conclusion().concluded_time();
    form.set_outcome(event.conclusion().outcome());
  } else if (event.has_outcome()) {
    form.set_outcome(event.outcome().outcome());
  }
  for (const v1::Notice& notice : event.notices()) {
    // What the regulator answered to the notice is its reference, until the conclusion names one.
    if (notice.recipient() == v1::RECIPIENT_CHIEF_INSPECTOR && form.regulator_reference().empty()) {
      form.set_regulator_reference(notice.acknowledgement_reference().empty()
                                       ? (notice.given_channel() == type::v1::CHANNEL_ONLINE_FORM
                                              ? notice.given_reference()
                                              : "")
                                       : notice.acknowledgement_reference());
    }
  }
  form.set_state(event.state());
  form.set_provisional(event.has_provisional() && event.provisional().completed_by().empty());
  NameWhatIsMissing(event, form);
  return form;
}

}  // namespace fosterwatch::notifiable_events::domain
