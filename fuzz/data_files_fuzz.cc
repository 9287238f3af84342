// The data files that an agency may change: law, definitions of KPIs, alert policy, bank holidays.
// Input: a letter that says which, then the file.
#include <string>

#include "fuzz/fuzz.h"
#include "libs/clock/working_calendar.h"
#include "libs/json/to_message.h"
#include "services/kpis/catalogue_files.h"
#include "services/kpis/domain/catalogue.h"
#include "services/notifiable_events/domain/law.h"
#include "services/notifications/domain/policy.h"

namespace fosterwatch {

static const absl::Time kNow = absl::FromUnixSeconds(1'795'000'000);

FUZZ_TARGET(data_files) {
  if (input.empty()) return;
  const char what = input[0];
  input.remove_prefix(1);
  switch (what) {
    case 'l': {
      const auto law = notifiable_events::domain::Law::Parse(input);
      if (!law.ok()) return;
      law->RecipientsOf(notifiable_events::v1::EVENT_KIND_CHILD_DEATH, kNow);
      return;
    }
    case 'k': {
      kpis::v1::Catalogue catalogue;
      if (!json::TextToMessage(input, catalogue).ok()) return;
      kpis::domain::Check(catalogue, kpis::KnownTopics()).IgnoreError();
      return;
    }
    case 'a': {
      const auto policies = notifications::domain::ParseAlertPolicies(input);
      if (!policies.ok()) return;
      const auto& policy = notifications::domain::InForce(*policies, kNow);
      for (int climbed = 0; climbed < 5; ++climbed) {
        CHECKED(!notifications::domain::RungAt(policy, climbed % 2 == 0, climbed).roles.empty());
      }
      return;
    }
    default: {
      const auto calendar = clock::WorkingCalendar::Parse(input);
      if (calendar.ok()) calendar->IsWorkingDay(absl::CivilDay(2026, 12, 25));
    }
  }
}

}  // namespace fosterwatch
