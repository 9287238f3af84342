// Histories of some carers, children and complaints by chance: late, corrected, taken back.
#pragma once

#include <random>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"

#include "services/kpis/figure_world.h"

namespace fosterwatch::kpis {

// A history of some records, each fact later than the one before.
inline std::vector<Fact> RandomHistory(std::mt19937& random, int length) {
  const auto pick = [&](int count) { return static_cast<int>(random() % count); };
  const auto day = [&](int spread) { return absl::CivilDay(2026, 9, 1) + pick(spread); };
  const auto stamp = [&](absl::CivilDay of) {
    return Stamp(absl::StrCat(absl::FormatCivilTime(of), "T", 10 + pick(10), ":00:00Z"));
  };
  const auto text = [](absl::CivilDay of) { return absl::FormatCivilTime(of); };
  std::vector<Fact> facts;
  absl::Time recorded = At("2026-09-01T00:00:00Z");
  for (int i = 0; i < length; ++i) {
    recorded += absl::Minutes(1 + pick(2500));
    const int n = 1 + pick(3);
    const auto add = [&](const char* topic, const std::string& record, const std::string& fact) {
      facts.push_back({topic, record, fact, recorded});
    };
    const std::string carer = absl::StrCat("F-", n), child = absl::StrCat("C-", n),
                      complaint = absl::StrCat("c", n);
    const std::string placement =
        absl::StrCat("placement { placement_id: 'P-", n, pick(3),
                     "' kind: 'SHORT_TERM' start_date: '", text(day(60)), "' ");
    switch (pick(9)) {
      case 0: {
        const absl::CivilDay last = day(80);
        const std::string kind = pick(2) == 0 ? "UNANNOUNCED_VISIT" : "ANNUAL_REVIEW";
        add(kCarers, carer,
            Duties(absl::StrCat("duties { duty_id: '", kind, "' kind: DUTY_KIND_", kind,
                                " last_done_date: '", text(last), "' due_time ",
                                stamp(last + pick(30)), " explanation { trigger_time ", stamp(last),
                                " } } "),
                   pick(3) == 0 ? std::vector<std::string>{"ANNUAL_REVIEW"}
                                : std::vector<std::string>{}));
        break;
      }
      case 1:
        add(kCarers, carer, Duties("", {pick(2) == 0 ? "UNANNOUNCED_VISIT" : "ANNUAL_REVIEW"}));
        break;
      case 2:
        add(kCarers, carer,
            Standing(pick(4) == 0 ? "STATUS_ENDED" : "STATUS_APPROVED", "KIND_MAINSTREAM", pick(4),
                     pick(4) == 0 ? text(day(80)) : ""));
        break;
      case 3:
        add(kPlacements, child, "placement_started { " + placement + "} }");
        break;
      case 4:
        add(kPlacements, child,
            "placement_corrected { " + placement +
                (pick(2) == 0
                     ? absl::StrCat("end_date: '", text(day(80)), "' ending: ENDING_UNPLANNED")
                     : std::string()) +
                "} }");
        break;
      case 5:
        add(kPlacements, child,
            absl::StrCat("placement_ended { placement_id: 'P-", n, pick(3), "' end_date: '",
                         text(day(80)), "' ending: ENDING_PLANNED }"));
        break;
      case 6:
        add(kComplaints, complaint,
            absl::StrCat("complaint_recorded { complaint_id: '", complaint,
                         "' report { kind: COMPLAINT_KIND_COMPLAINT received_time ", stamp(day(70)),
                         " } stage { number: 1 clock_start_time ", stamp(day(70)),
                         " } duties { kind: DUTY_KIND_STEP stage_number: 1 due_time ",
                         stamp(day(80)), " } }"));
        break;
      case 7:
        add(kComplaints, complaint,
            pick(2) == 0 ? absl::StrCat("stage_answered { stage_number: 1 step { done_time ",
                                        stamp(day(80)), " } }")
                         : std::string("stage_paused { stage_number: 1 }"));
        break;
      default:
        add(kComplaints, complaint,
            pick(2) == 0 ? absl::StrCat("complaint_withdrawn { complaint_id: '", complaint,
                                        "' withdrawal { withdrawn_time ", stamp(day(80)), " } }")
                         : absl::StrCat("complaint_reopened { complaint_id: '", complaint,
                                        "' duties { kind: DUTY_KIND_STEP stage_number: 1 due_time ",
                                        stamp(day(80)), " } }"));
    }
  }
  return facts;
}

}  // namespace fosterwatch::kpis
