// The form of each kind of event, versioned: every record keeps the edition of the day on which it
// was made, or the earlier one that a report names. A duty never waits for a form: a report without
// answers is taken, and what it leaves open is listed in the record.
//
// Immutable after Parse and free to share between threads.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"

#include "fosterwatch/notifiable_events/v1/forms.pb.h"
#include "services/notifiable_events/domain/command.h"
#include "services/notifiable_events/domain/law_edition.h"

namespace fosterwatch::notifiable_events::domain {

class FormBook {
 public:
  // Reads law/forms.json (fosterwatch.notifiable_events.v1.Forms). INVALID_ARGUMENT (FORMS_INVALID)
  // names what is at fault: unknown fields and names, days that leave a gap or overlap, a version,
  // question or label that is missing or there twice, a report_field that EventReport has not.
  static absl::StatusOr<FormBook> Parse(absl::string_view json);

  // The form of each kind that holds on a day, or of one; none before 2011-04-01.
  std::vector<v1::Form> FormsOn(absl::CivilDay day, v1::EventKind kind) const;

  // Facts of a report, a completion or a correction, with the version of the form where the fact is
  // a report, and the questions that are not answered after it. `event` is as it was before.
  // Reasons of INVALID_ARGUMENT: UNKNOWN_FORM ("report.form_version": no edition of today or
  // before), UNKNOWN_QUESTION, DUPLICATE_ANSWER, TEXT_TOO_LONG and, where the report names its
  // form, REQUIRED ("report.answers.<question_id>").
  absl::StatusOr<Facts> WithForm(Facts facts, const v1::NotifiableEvent& event,
                                 absl::Time now) const;

 private:
  const v1::FormEdition* EditionOn(absl::CivilDay day) const;
  const v1::FormEdition* EditionOf(absl::string_view version, absl::CivilDay latest) const;

  v1::Forms data_;
  std::vector<Period> periods_;
};

}  // namespace fosterwatch::notifiable_events::domain
