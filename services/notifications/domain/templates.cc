#include "services/notifications/domain/templates.h"

#include <set>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"
#include "google/protobuf/util/json_util.h"

#include "libs/clock/working_calendar.h"
#include "libs/status/error.h"
#include "libs/status/status_macros.h"
#include "libs/wording/wording.h"

namespace fosterwatch::notifications::domain {
namespace {

// What each template may take in; its subject only what is in kOfSubjects as well.
struct Known {
  const char* name;
  bool mail;
  std::set<std::string> placeholders;
};

const std::set<std::string>& OfSubjects() {
  static const auto* const kOfSubjects =
      new std::set<std::string>{"urgent", "event_id", "parked_id"};
  return *kOfSubjects;
}

const std::vector<Known>& AllKnown() {
  static const auto* const kAll = [] {
    auto* all = new std::vector<Known>;
    for (const char* name :
         {"alert_event_reported", "alert_notice_needs_person", "alert_notice_failed",
          "alert_intake_record_parked", "alert_duty_overdue", "alert_directory_findings",
          "alert_repeat_to_decide", "alert_attention", "alert_unusual_access"}) {
      all->push_back(
          {name, true, {"urgent", "event_id", "parked_id", "not_acknowledged", "details", "next"}});
    }
    all->push_back({"digest", true, {"items"}});
    all->push_back({"line_urgent", false, {}});
    all->push_back({"line_not_acknowledged", false, {}});
    all->push_back({"line_climbs", false, {"next_roles", "next_time"}});
    all->push_back({"line_repeats", false, {}});
    return all;
  }();
  return *kAll;
}

absl::Status Invalid(absl::string_view message) {
  return Error(absl::StatusCode::kInvalidArgument, "TEMPLATES_INVALID", message);
}

// What is wrong with the words, said of where they are.
absl::Status Of(absl::string_view where, const absl::Status& words) {
  return words.ok() ? words : Invalid(absl::StrCat(where, " ", words.message()));
}

absl::Status Check(const Known& known, const v1::Template& entry) {
  const std::string where = absl::StrCat("the template ", known.name);
  if (entry.text().empty()) return Invalid(absl::StrCat(where, " has no text"));
  RETURN_IF_ERROR(Of(where, wording::CheckPlaceholders(entry.text(), known.placeholders)));
  const std::string& subject = entry.subject();
  if (subject.empty() == known.mail) {
    return Invalid(absl::StrCat(where, known.mail ? " has no subject" : " is no mail"));
  }
  if (subject.empty()) return absl::OkStatus();
  RETURN_IF_ERROR(Of(where, wording::CheckSubject(subject)));
  std::set<std::string> allowed;
  for (const std::string& placeholder : known.placeholders) {
    if (OfSubjects().count(placeholder) != 0) allowed.insert(placeholder);
  }
  return Of(absl::StrCat("the subject of ", where), wording::CheckPlaceholders(subject, allowed));
}

absl::StatusOr<absl::Time> Beginning(const v1::TemplateEdition& edition) {
  absl::CivilDay day;
  if (!absl::ParseCivilTime(edition.effective_from(), &day)) {
    return Invalid("an edition of the templates does not say from which day it holds");
  }
  return absl::FromCivil(day, clock::London());
}

}  // namespace

absl::StatusOr<v1::Templates> ParseTemplates(absl::string_view json) {
  v1::Templates templates;
  const auto parsed =
      google::protobuf::util::JsonStringToMessage({json.data(), json.size()}, &templates);
  if (!parsed.ok()) {
    return Invalid(absl::StrCat("the templates cannot be read: ", std::string(parsed.message())));
  }
  if (templates.editions().empty()) return Invalid("the templates have no edition");
  absl::Time before = absl::InfinitePast();
  std::set<std::string> versions;
  for (const v1::TemplateEdition& edition : templates.editions()) {
    if (edition.version().empty() || !versions.insert(edition.version()).second) {
      return Invalid("an edition of the templates has no version of its own");
    }
    ASSIGN_OR_RETURN(const absl::Time beginning, Beginning(edition));
    if (beginning <= before) {
      return Invalid("the editions of the templates are not in the order of their days");
    }
    before = beginning;
    for (const Known& known : AllKnown()) {
      const v1::Template* entry = FindTemplate(edition, known.name);
      if (entry == nullptr) {
        return Invalid(absl::StrCat("the template ", known.name, " is missing"));
      }
      RETURN_IF_ERROR(Check(known, *entry));
    }
    if (edition.templates_size() != static_cast<int>(AllKnown().size())) {
      return Invalid("a template is unknown, or there twice");
    }
  }
  return templates;
}

const v1::TemplateEdition& InForce(const v1::Templates& templates, absl::Time moment) {
  int last = 0;
  for (int i = 1; i < templates.editions_size(); ++i) {
    const auto beginning = Beginning(templates.editions(i));
    if (beginning.ok() && *beginning <= moment) last = i;
  }
  return templates.editions(last);
}

const v1::TemplateEdition* FindEdition(const v1::Templates& templates, absl::string_view version) {
  for (const v1::TemplateEdition& edition : templates.editions()) {
    if (edition.version() == version) return &edition;
  }
  return nullptr;
}

const v1::Template* FindTemplate(const v1::TemplateEdition& edition, absl::string_view name) {
  for (const v1::Template& entry : edition.templates()) {
    if (entry.name() == name) return &entry;
  }
  return nullptr;
}

}  // namespace fosterwatch::notifications::domain
