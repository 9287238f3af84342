// Who is away, and who stands in: what may be recorded, and who of the holders of a role can be
// reached at a moment. Whoever is away from one role is reached in none of theirs. Pure; moments
// are inclusive where something begins and exclusive where it ends.
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"

#include "fosterwatch/directory/v1/directory.pb.h"
#include "fosterwatch/directory/v1/directory_service.pb.h"
#include "fosterwatch/directory/v1/policy.pb.h"
#include "libs/clock/working_calendar.h"

namespace fosterwatch::directory::domain {

// What a new entry gets from whoever records it.
struct Recording {
  std::string id;
  std::string person_id;  // who records it
  absl::Time now;
};

// Whether a person whose one absence is over at `end` and whose next begins at `from`, not earlier,
// was back: not where only nights, weekends and bank holidays lie between, as the policy says.
bool BackBetween(absl::Time end, absl::Time from, const clock::WorkingCalendar& calendar,
                 const v1::DirectoryPolicy::LongAbsence& policy);

// The same absence with those of `absences`, of its person and role, that are one period with it.
v1::Absence Joined(const v1::Absence& absence, const std::vector<v1::Absence>& absences,
                   const clock::WorkingCalendar& calendar,
                   const v1::DirectoryPolicy::LongAbsence& policy);

// What the person's list of absences says of one: without its reason.
v1::Absence Noted(const v1::Absence& absence);
// The list with one more, or with a later word of one that it has.
void Note(v1::PersonAbsences& list, const v1::Absence& noted);
// `absences` with what is noted of the same or of others in place of what they say.
std::vector<v1::Absence> With(std::vector<v1::Absence> absences, const v1::PersonAbsences& list);

// The absence as it is recorded, joined to others. INVALID_ARGUMENT: a person, role or reason that
// is missing or too long, an end that is not after its beginning, a person who covers for
// themselves, a field that is made here. FAILED_PRECONDITION: PERSON_WITHOUT_ROLE,
// COVER_WITHOUT_ROLE, ABSENCE_OVERLAPS, as the RPC says.
absl::StatusOr<v1::Absence> Record(const v1::Absence& asked, const Recording& recording,
                                   const std::vector<v1::RoleHolder>& holders,
                                   const std::vector<v1::Absence>& absences,
                                   const clock::WorkingCalendar& calendar,
                                   const v1::DirectoryPolicy& policy);

// The end of an absence, as its fact holds it: back since `back`, at the earliest when it began.
// INVALID_ARGUMENT where that is in the future or too early; FAILED_PRECONDITION (ABSENCE_OVER).
absl::StatusOr<v1::Absence> Back(const v1::Absence& absence, absl::Time back,
                                 const Recording& recording);

// Until when as far as known; InfiniteFuture where nobody knows.
absl::Time EndOf(const v1::Absence& absence);
bool AwayAt(const v1::Absence& absence, absl::Time moment);

// Whether the person holds one of the roles at that moment.
bool HoldsOneOf(const std::vector<v1::RoleHolder>& holders, const std::string& person_id,
                const google::protobuf::RepeatedField<int>& roles, absl::Time moment);
// In which roles one can cover for this one.
google::protobuf::RepeatedField<int> CoverRoles(const v1::DirectoryPolicy& policy,
                                                options::v1::Role role);

// Those of `asked` who are away at that moment, with who covers, where somebody does who can be
// reached. `holders` are all that the agency has.
std::vector<v1::HolderAway> Away(const std::vector<v1::RoleHolder>& asked,
                                 const std::vector<v1::RoleHolder>& holders,
                                 const std::vector<v1::Absence>& absences,
                                 const v1::DirectoryPolicy& policy, absl::Time moment);

}  // namespace fosterwatch::directory::domain
