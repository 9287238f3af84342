#include "services/notifiable_events/domain/notice_words.h"

#include <set>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"
#include "google/protobuf/util/json_util.h"

#include "libs/clock/working_calendar.h"
#include "libs/status/error.h"
#include "libs/status/status_macros.h"
#include "libs/wording/wording.h"

namespace fosterwatch::notifiable_events::domain {
namespace {

// What each template may take in.
struct Known {
  std::string name;
  bool message;
  std::set<std::string> placeholders;
};

const std::set<std::string>& OfSubjects() {
  static const auto* const kOfSubjects =
      new std::set<std::string>{"provisional_subject", "rule", "event_id"};
  return *kOfSubjects;
}

const std::vector<Known>& AllKnown() {
  static const auto* const kAll = [] {
    auto* all = new std::vector<Known>;
    for (const char* name :
         {"notice-of-event", "notice-of-conclusion", "notice-of-enquiry-outcome"}) {
      all->push_back({name,
                      true,
                      {"rule", "full_rule", "event_id", "provisional", "kinds", "reference",
                       "child", "carer", "happened", "aware", "place", "summary", "actions",
                       "ended", "outcome", "enquiry_ended", "enquiry_outcome"}});
    }
    for (const char* name :
         {"line_item", "line_reference", "line_child", "line_carer", "line_happened",
          "line_happened_provisional", "line_aware", "line_place", "line_summary", "line_actions",
          "line_ended", "line_outcome", "line_enquiry_ended", "line_enquiry_outcome"}) {
      all->push_back({name, false, {"value"}});
    }
    all->push_back({"line_kind", false, {"value", "item"}});
    for (const char* name : {"line_provisional", "line_provisional_subject"}) {
      all->push_back({name, false, {}});
    }
    for (const char* rule : {"regulation_36", "regulation_38", "standard", "policy"}) {
      all->push_back({absl::StrCat("rule_", rule), false, {}});
      all->push_back({absl::StrCat("full_rule_", rule), false, {}});
    }
    return all;
  }();
  return *kAll;
}

absl::Status Invalid(absl::string_view message) {
  return Error(absl::StatusCode::kInvalidArgument, "NOTICE_WORDS_INVALID", message);
}

// What is wrong with the words, said of where they are.
absl::Status Of(absl::string_view where, const absl::Status& words) {
  return words.ok() ? words : Invalid(absl::StrCat(where, " ", words.message()));
}

const v1::NoticeTemplate* Find(const v1::NoticeWordsEdition& edition, absl::string_view name) {
  for (const v1::NoticeTemplate& entry : edition.templates()) {
    if (entry.name() == name) return &entry;
  }
  return nullptr;
}

absl::Status Check(const Known& known, const v1::NoticeTemplate& entry) {
  const std::string where = absl::StrCat("the template ", known.name);
  if (entry.text().empty()) return Invalid(absl::StrCat(where, " has no text"));
  RETURN_IF_ERROR(Of(where, wording::CheckPlaceholders(entry.text(), known.placeholders)));
  if (!known.message) {
    return entry.subject().empty() ? absl::OkStatus()
                                   : Invalid(absl::StrCat(where, " is no message"));
  }
  RETURN_IF_ERROR(Of(where, wording::CheckSubject(entry.subject())));
  return Of(absl::StrCat("the subject of ", where),
            wording::CheckPlaceholders(entry.subject(), OfSubjects()));
}

absl::StatusOr<absl::Time> Beginning(const v1::NoticeWordsEdition& edition) {
  absl::CivilDay day;
  if (!absl::ParseCivilTime(edition.effective_from(), &day)) {
    return Invalid("an edition of the words of notices does not say from which day it holds");
  }
  return absl::FromCivil(day, clock::London());
}

}  // namespace

absl::StatusOr<v1::NoticeWords> ParseNoticeWords(absl::string_view json) {
  v1::NoticeWords words;
  const auto parsed =
      google::protobuf::util::JsonStringToMessage({json.data(), json.size()}, &words);
  if (!parsed.ok()) {
    return Invalid(
        absl::StrCat("the words of notices cannot be read: ", std::string(parsed.message())));
  }
  if (words.editions().empty()) return Invalid("the words of notices have no edition");
  absl::Time before = absl::InfinitePast();
  std::set<std::string> versions;
  for (const v1::NoticeWordsEdition& edition : words.editions()) {
    if (edition.version().empty() || !versions.insert(edition.version()).second) {
      return Invalid("an edition of the words of notices has no version of its own");
    }
    ASSIGN_OR_RETURN(const absl::Time beginning, Beginning(edition));
    if (beginning <= before) {
      return Invalid("the editions of the words of notices are not in the order of their days");
    }
    before = beginning;
    for (const Known& known : AllKnown()) {
      const v1::NoticeTemplate* entry = Find(edition, known.name);
      if (entry == nullptr) {
        return Invalid(absl::StrCat("the template ", known.name, " is missing"));
      }
      RETURN_IF_ERROR(Check(known, *entry));
    }
    if (edition.templates_size() != static_cast<int>(AllKnown().size())) {
      return Invalid("a template is unknown, or there twice");
    }
  }
  return words;
}

const v1::NoticeWordsEdition& InForce(const v1::NoticeWords& words, absl::Time moment) {
  int last = 0;
  for (int i = 1; i < words.editions_size(); ++i) {
    const auto beginning = Beginning(words.editions(i));
    if (beginning.ok() && *beginning <= moment) last = i;
  }
  return words.editions(last);
}

const v1::NoticeTemplate& TemplateOf(const v1::NoticeWordsEdition& edition,
                                     absl::string_view name) {
  const v1::NoticeTemplate* found = Find(edition, name);
  return found == nullptr ? v1::NoticeTemplate::default_instance() : *found;
}

}  // namespace fosterwatch::notifiable_events::domain
