#include "services/notifications/domain/templates.h"

#include <algorithm>
#include <set>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"
#include "google/protobuf/util/json_util.h"

#include "libs/clock/working_calendar.h"
#include "libs/status/error.h"
#include "libs/status/status_macros.h"

namespace fosterwatch::notifications::domain {
namespace {

constexpr size_t kMostSubject = 150;

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
          "alert_repeat_to_decide", "alert_attention"}) {
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

absl::Status CheckPlaceholders(absl::string_view where, absl::string_view text,
                               const std::set<std::string>& allowed) {
  for (size_t at = text.find_first_of("{}"); at != absl::string_view::npos;
       at = text.find_first_of("{}", at)) {
    const size_t end = text.find('}', at);
    if (text[at] == '}' || end == absl::string_view::npos ||
        allowed.count(std::string(text.substr(at + 1, end - at - 1))) == 0) {
      return Invalid(absl::StrCat(where, " takes in what it may not, or has a lone brace"));
    }
    at = end + 1;
  }
  return absl::OkStatus();
}

absl::Status Check(const Known& known, const v1::Template& entry) {
  const std::string where = absl::StrCat("the template ", known.name);
  if (entry.text().empty()) return Invalid(absl::StrCat(where, " has no text"));
  RETURN_IF_ERROR(CheckPlaceholders(where, entry.text(), known.placeholders));
  const std::string& subject = entry.subject();
  if (subject.empty() == known.mail) {
    return Invalid(absl::StrCat(where, known.mail ? " has no subject" : " is no mail"));
  }
  if (subject.size() > kMostSubject || !std::all_of(subject.begin(), subject.end(), [](char c) {
        return absl::ascii_isprint(static_cast<unsigned char>(c));
      })) {
    return Invalid(absl::StrCat(where, " needs a subject of one line in ASCII"));
  }
  std::set<std::string> allowed;
  for (const std::string& placeholder : known.placeholders) {
    if (OfSubjects().count(placeholder) != 0) allowed.insert(placeholder);
  }
  return CheckPlaceholders(absl::StrCat("the subject of ", where), subject, allowed);
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

std::string Fill(absl::string_view text, const std::map<std::string, std::string>& values) {
  std::string filled;
  while (!text.empty()) {
    const size_t at = text.find('{');
    const size_t end = text.find('}', at == absl::string_view::npos ? 0 : at);
    if (at == absl::string_view::npos || end == absl::string_view::npos) break;
    absl::StrAppend(&filled, text.substr(0, at));
    const auto value = values.find(std::string(text.substr(at + 1, end - at - 1)));
    if (value != values.end()) absl::StrAppend(&filled, value->second);
    text.remove_prefix(end + 1);
  }
  absl::StrAppend(&filled, text);
  return filled;
}

}  // namespace fosterwatch::notifications::domain
