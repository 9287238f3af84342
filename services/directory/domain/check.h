// The check of the directory: before anything has happened, whom could nobody reach if it did? A
// pure function of what the directory holds, over now and what is planned for the days ahead.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "absl/time/time.h"

#include "fosterwatch/directory/v1/check.pb.h"
#include "fosterwatch/directory/v1/directory.pb.h"
#include "fosterwatch/directory/v1/policy.pb.h"
#include "libs/clock/working_calendar.h"

namespace fosterwatch::directory::domain {

// All that an agency's directory holds. Of absences and delegations those that are not long over
// are enough.
struct Directory {
  std::vector<v1::Body> bodies;
  std::vector<v1::RoleHolder> holders;
  std::vector<v1::Absence> absences;
  std::vector<v1::Delegation> delegations;
  // The bodies whose webhook has a secret that is valid now.
  std::set<std::string> with_secret;
  clock::WorkingCalendar calendar;
};

// What is missing, the worst first, each named once: the codes say what (check.proto). Of what will
// be so, the first moment only. Empty: everybody whom the law and the ladder of alerts need can be
// reached, and is as far as `days_ahead` shows.
std::vector<v1::Finding> Check(const Directory& directory, const v1::DirectoryPolicy& policy,
                               absl::Time now);

// How the last check of an agency is kept: the findings, cut to 500, counted whole.
v1::DirectoryCheck Checked(std::vector<v1::Finding> findings, const v1::DirectoryPolicy& policy,
                           absl::Time now, absl::Time next);

}  // namespace fosterwatch::directory::domain
