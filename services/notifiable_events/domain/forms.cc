#include "services/notifiable_events/domain/forms.h"

#include <algorithm>
#include <set>

#include "absl/strings/str_cat.h"
#include <google/protobuf/util/json_util.h>

#include "libs/clock/working_calendar.h"
#include "libs/status/error.h"
#include "libs/status/field_check.h"
#include "libs/status/status_macros.h"
#include "services/notifiable_events/domain/evolve.h"

namespace fosterwatch::notifiable_events::domain {
namespace {

constexpr char kInvalid[] = "FORMS_INVALID";

const google::protobuf::FieldDescriptor* ReportField(const std::string& name) {
  return v1::EventReport::descriptor()->FindFieldByName(name);
}

bool IsAskedOf(const v1::FormQuestion& question, v1::EventKind kind) {
  return question.kinds().empty() || std::find(question.kinds().begin(), question.kinds().end(),
                                               kind) != question.kinds().end();
}

bool IsAskedOf(const v1::FormQuestion& question, const v1::EventReport& report) {
  return std::any_of(report.kinds().begin(), report.kinds().end(), [&](int kind) {
    return IsAskedOf(question, static_cast<v1::EventKind>(kind));
  });
}

bool IsAnswered(const v1::FormQuestion& question, const v1::EventReport& report) {
  if (!question.report_field().empty()) {
    return !IsBlank(
        report.GetReflection()->GetString(report, ReportField(question.report_field())));
  }
  return std::any_of(
      report.answers().begin(), report.answers().end(), [&](const v1::FormAnswer& answer) {
        return answer.question_id() == question.question_id() && !IsBlank(answer.text());
      });
}

std::vector<std::string> Unanswered(const v1::FormEdition& edition, const v1::EventReport& report) {
  std::vector<std::string> open;
  for (const auto& question : edition.questions()) {
    if (IsAskedOf(question, report) && !IsAnswered(question, report)) {
      open.push_back(question.question_id());
    }
  }
  return open;
}

// That `said` answers questions that the form asks of `whole`, each once.
void CheckAnswers(FieldCheck& check, const v1::FormEdition& edition, const v1::EventReport& said,
                  const v1::EventReport& whole) {
  std::set<std::string> seen;
  for (const auto& answer : said.answers()) {
    const auto question =
        std::find_if(edition.questions().begin(), edition.questions().end(), [&](const auto& one) {
          return one.question_id() == answer.question_id() && one.report_field().empty() &&
                 IsAskedOf(one, whole);
        });
    if (question == edition.questions().end()) {
      check.Refuse("report.answers", "UNKNOWN_QUESTION",
                   "answers a question that the form does not ask");
      return;
    }
    const std::string field = absl::StrCat("report.answers.", answer.question_id());
    if (!seen.insert(answer.question_id()).second) {
      check.Refuse(field, "DUPLICATE_ANSWER", "is answered twice");
    }
    check.AtMost(field, answer.text(), kMaxNarrative);
  }
}

}  // namespace

absl::StatusOr<FormBook> FormBook::Parse(absl::string_view json) {
  FormBook book;
  const auto parsed =
      google::protobuf::util::JsonStringToMessage({json.data(), json.size()}, &book.data_);
  if (!parsed.ok()) {
    return Error(absl::StatusCode::kInvalidArgument, kInvalid,
                 absl::StrCat("the forms are not as fosterwatch.notifiable_events.v1.Forms has "
                              "them: ",
                              std::string(parsed.message())));
  }
  FieldCheck check;
  std::set<std::string> versions;
  absl::CivilDay next = kInForce;
  for (int i = 0; i < book.data_.editions_size(); ++i) {
    const auto& edition = book.data_.editions(i);
    const std::string where = absl::StrCat("editions[", i, "]");
    Period period{kInForce, absl::CivilDay::max()};
    if (!absl::ParseCivilTime(edition.effective_from(), &period.from) || period.from != next) {
      check.Refuse(absl::StrCat(where, ".effective_from"), kInvalid,
                   "is not the day on which the edition before it ends, or 2011-04-01");
    }
    if (!edition.effective_until().empty() &&
        (!absl::ParseCivilTime(edition.effective_until(), &period.until) ||
         period.until <= period.from)) {
      check.Refuse(absl::StrCat(where, ".effective_until"), kInvalid,
                   "is no day after effective_from");
    }
    next = period.until;
    book.periods_.push_back(period);
    if (edition.version().empty() || !versions.insert(edition.version()).second) {
      check.Refuse(absl::StrCat(where, ".version"), kInvalid, "is missing or there twice");
    }
    if (edition.source().empty()) {
      check.Refuse(absl::StrCat(where, ".source"), kInvalid, "is missing");
    }
    std::set<std::string> ids;
    for (int k = 0; k < edition.questions_size(); ++k) {
      const auto& question = edition.questions(k);
      const std::string at = absl::StrCat(where, ".questions[", k, "]");
      if (question.question_id().empty() || question.label().empty() ||
          !ids.insert(question.question_id()).second) {
        check.Refuse(at, kInvalid, "lacks its id or label, or is there twice");
      }
      if (question.export_field().empty()) {
        check.Refuse(absl::StrCat(at, ".export_field"), kInvalid, "is missing");
      }
      if (question.report_field().empty()) continue;
      const auto* field = ReportField(question.report_field());
      if (field == nullptr || field->is_repeated() ||
          field->cpp_type() != google::protobuf::FieldDescriptor::CPPTYPE_STRING) {
        check.Refuse(absl::StrCat(at, ".report_field"), kInvalid, "is no text of a report");
      }
    }
  }
  if (next != absl::CivilDay::max()) {
    check.Refuse("editions", kInvalid, "end, or there are none");
  }
  RETURN_IF_ERROR(check.ToStatus());
  return book;
}

const v1::FormEdition* FormBook::EditionOn(absl::CivilDay day) const {
  for (int i = 0; i < data_.editions_size(); ++i) {
    if (periods_[i].Holds(day)) return &data_.editions(i);
  }
  return nullptr;
}

const v1::FormEdition* FormBook::EditionOf(absl::string_view version, absl::CivilDay latest) const {
  for (int i = 0; i < data_.editions_size(); ++i) {
    if (data_.editions(i).version() == version && periods_[i].from <= latest) {
      return &data_.editions(i);
    }
  }
  return nullptr;
}

std::vector<v1::Form> FormBook::FormsOn(absl::CivilDay day, v1::EventKind kind) const {
  std::vector<v1::Form> forms;
  const v1::FormEdition* edition = EditionOn(day);
  if (edition == nullptr) return forms;
  for (int number = 1; number <= v1::EventKind_MAX; ++number) {
    const auto one = static_cast<v1::EventKind>(number);
    // The absence of the registered manager is not reported.
    if (one == v1::EVENT_KIND_MANAGER_ABSENCE) continue;
    if (kind != v1::EVENT_KIND_UNSPECIFIED && kind != one) continue;
    v1::Form& form = forms.emplace_back();
    form.set_version(edition->version());
    form.set_kind(one);
    form.set_effective_from(edition->effective_from());
    form.set_effective_until(edition->effective_until());
    form.set_source(edition->source());
    for (const auto& question : edition->questions()) {
      if (IsAskedOf(question, one)) *form.add_questions() = question;
    }
  }
  return forms;
}

absl::StatusOr<Facts> FormBook::WithForm(Facts facts, const v1::NotifiableEvent& event,
                                         absl::Time now) const {
  if (facts.empty()) return facts;
  v1::NotifiableEventFact& first = facts.front();
  v1::EventReport* said = nullptr;
  google::protobuf::RepeatedPtrField<std::string>* unanswered = nullptr;
  if (first.has_event_reported()) {
    said = first.mutable_event_reported()->mutable_report();
    unanswered = first.mutable_event_reported()->mutable_unanswered();
  } else if (first.has_report_completed()) {
    said = first.mutable_report_completed()->mutable_completion()->mutable_report();
    unanswered = first.mutable_report_completed()->mutable_unanswered();
  } else if (first.has_event_corrected()) {
    said = first.mutable_event_corrected()->mutable_correction()->mutable_report();
    unanswered = first.mutable_event_corrected()->mutable_unanswered();
  } else {
    return facts;
  }
  const bool names_form = !said->form_version().empty();
  const absl::CivilDay today = clock::LondonDay(now);
  FieldCheck check;
  const v1::FormEdition* edition = nullptr;
  if (first.has_event_reported()) {
    edition = names_form ? EditionOf(said->form_version(), today) : EditionOn(today);
  } else {
    // An addition follows the form of its record; a record from before there were forms has none.
    const std::string& version = event.report().form_version();
    if (names_form && said->form_version() != version)
      edition = nullptr;
    else if (!version.empty())
      edition = EditionOf(version, today);
    if (edition == nullptr && said->answers().empty() && !names_form) return facts;
  }
  if (edition == nullptr) {
    check.Refuse("report.form_version", "UNKNOWN_FORM",
                 "is no edition of the form that the record can follow");
    return check.ToStatus();
  }
  v1::NotifiableEvent after = event;
  Evolve(after, first, {});
  const v1::EventReport whole = EffectiveReport(after);
  CheckAnswers(check, *edition, *said, whole);
  if (first.has_event_reported()) {
    if (names_form) {
      for (const auto& question : edition->questions()) {
        if (question.required() && IsAskedOf(question, whole) && !IsAnswered(question, whole)) {
          check.Refuse(question.report_field().empty()
                           ? absl::StrCat("report.answers.", question.question_id())
                           : absl::StrCat("report.", question.report_field()),
                       "REQUIRED", "is required by the form");
        }
      }
    }
    said->set_form_version(edition->version());
  }
  RETURN_IF_ERROR(check.ToStatus());
  for (std::string& id : Unanswered(*edition, whole)) *unanswered->Add() = std::move(id);
  return facts;
}

}  // namespace fosterwatch::notifiable_events::domain
