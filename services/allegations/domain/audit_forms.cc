// The forms of audits as data: what they must say, and which is in use when.
#include <set>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"
#include "google/protobuf/util/json_util.h"

#include "libs/clock/deadline.h"
#include "libs/status/error.h"
#include "libs/status/status_macros.h"
#include "services/allegations/domain/audit.h"

namespace fosterwatch::allegations::domain {
namespace {

using v1::AuditForm;

absl::Status Invalid(absl::string_view what) {
  return Error(absl::StatusCode::kInvalidArgument, "FORM_INVALID",
               absl::StrCat("the form of audits ", what));
}

absl::StatusOr<absl::Time> Beginning(const AuditForm& form) {
  absl::CivilDay day;
  if (!absl::ParseCivilTime(form.effective_from(), &day)) {
    return Invalid("does not say from which day it is used");
  }
  return absl::FromCivil(day, clock::London());
}

absl::Status CheckForm(const AuditForm& form) {
  if (form.version().empty()) return Invalid("has an edition without a version");
  if (form.source().empty() ||
      (form.grade() != "H" && form.grade() != "M" && form.grade() != "L")) {
    return Invalid("names no source or no grade H, M or L");
  }
  if (form.finding_working_days() < 1 || form.finding_working_days() > 1000) {
    return Invalid("needs 1 to 1000 working days for a finding");
  }
  std::set<std::string> grades;
  bool good = false;
  for (const auto& grade : form.grades()) {
    if (grade.code().empty() || grade.title().empty() || !grades.insert(grade.code()).second) {
      return Invalid("has a grade without a code of its own or a title");
    }
    good = good || !grade.wanting();
  }
  if (!good) return Invalid("has no grade for what is well");
  std::set<std::string> questions;
  for (const auto& question : form.questions()) {
    if (question.question_id().empty() || question.text().empty() ||
        !questions.insert(question.question_id()).second) {
      return Invalid("has a question without an id of its own or a text");
    }
  }
  if (questions.empty()) return Invalid("asks nothing");
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<v1::AuditForms> ParseAuditForms(absl::string_view json) {
  v1::AuditForms forms;
  const auto parsed =
      google::protobuf::util::JsonStringToMessage({json.data(), json.size()}, &forms);
  if (!parsed.ok()) return Invalid(absl::StrCat("cannot be read: ", std::string(parsed.message())));
  if (forms.editions().empty()) return Invalid("has no edition");
  absl::Time before = absl::InfinitePast();
  std::set<std::string> versions;
  for (const AuditForm& form : forms.editions()) {
    ASSIGN_OR_RETURN(const absl::Time beginning, Beginning(form));
    if (beginning <= before) return Invalid("has editions that are not in the order of their days");
    before = beginning;
    RETURN_IF_ERROR(CheckForm(form));
    if (!versions.insert(form.version()).second) return Invalid("has a version twice");
  }
  return forms;
}

const AuditForm& FormInUse(const v1::AuditForms& forms, absl::Time moment) {
  int last = 0;
  for (int i = 1; i < forms.editions_size(); ++i) {
    const auto beginning = Beginning(forms.editions(i));
    if (beginning.ok() && *beginning <= moment) last = i;
  }
  return forms.editions(last);
}

const AuditForm* FindForm(const v1::AuditForms& forms, absl::string_view version) {
  for (const AuditForm& form : forms.editions()) {
    if (form.version() == version) return &form;
  }
  return nullptr;
}

}  // namespace fosterwatch::allegations::domain
