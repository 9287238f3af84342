// What the decisions of this area check in the same way. Days are ISO 8601 days in London.
#pragma once

#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include <google/protobuf/timestamp.pb.h>

#include "fosterwatch/carers/v1/carer.pb.h"
#include "libs/status/field_check.h"

namespace fosterwatch::carers::domain {

// The day, where the text is exactly one that exists, such as "2026-11-22".
std::optional<absl::CivilDay> ParseDay(absl::string_view text);
std::string ShowDay(absl::CivilDay day);
// The first moment of the day.
absl::Time StartOf(absl::CivilDay day);

// The day in a field; nothing, and a refusal in `check`, where it is absent (REQUIRED), no day
// (INVALID_DATE), before 1950 (TOO_LONG_AGO) or, unless `future`, after today (IN_THE_FUTURE).
std::optional<absl::CivilDay> CheckDay(FieldCheck& check, absl::string_view field,
                                       absl::string_view text, absl::Time now, bool future = false);

// The same for a moment: REQUIRED, INVALID_TIME, TOO_LONG_AGO, IN_THE_FUTURE.
std::optional<absl::Time> CheckTime(FieldCheck& check, absl::string_view field, bool present,
                                    const google::protobuf::Timestamp& timestamp, absl::Time now);

// INVALID_ID unless 1 to 64 visible characters.
void CheckId(FieldCheck& check, absl::string_view field, absl::string_view id);
// The same for each; TOO_MANY, DUPLICATE_ID.
void CheckIds(FieldCheck& check, absl::string_view field,
              const google::protobuf::RepeatedPtrField<std::string>& ids, bool required);

// INVALID_TERMS.
void CheckTerms(FieldCheck& check, absl::string_view field, const v1::Terms& terms);

// What regulation 31(a) asks for, of one to four persons, each of age. REQUIRED, TEXT_TOO_LONG,
// DUPLICATE_ID, INVALID_DATE, NOT_OF_AGE.
void CheckParticulars(FieldCheck& check, absl::string_view field,
                      const v1::Particulars& particulars, absl::Time now);

// With an id for each foster parent that has none: the lowest numbers that are free.
v1::Particulars WithIds(v1::Particulars particulars);

// As letters name the household.
std::string HouseholdName(const v1::Particulars& particulars);

absl::Status Refused(absl::string_view reason, absl::string_view message);

// FAILED_PRECONDITION (NOT_APPROVED) unless approved, suspended or temporarily approved;
// (RECORD_MERGED) where the household goes on in another record.
absl::Status CheckApproved(const v1::Carer& carer);
bool IsApproved(const v1::Carer& carer);

// INVALID_ARGUMENT (UNKNOWN_FOSTER_PARENT) where the household has no such person now.
void CheckFosterParent(FieldCheck& check, absl::string_view field, const v1::Carer& carer,
                       absl::string_view foster_parent_id);

}  // namespace fosterwatch::carers::domain
