#include "apps/fosterwatch/demonstration_register.h"

#include <algorithm>
#include <map>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"

#include "apps/fosterwatch/csv.h"

namespace fosterwatch::app {
namespace {

using carers::v1::Carer;
using Row = std::map<std::string, std::string>;

constexpr const char* kColumns[] = {"carer_id",
                                    "kind",
                                    "name",
                                    "address",
                                    "approved_date",
                                    "review_dates",
                                    "max_children",
                                    "named_child_ids",
                                    "person_1_name",
                                    "person_1_birth_date",
                                    "person_1_sex",
                                    "person_1_dbs_date",
                                    "person_1_medical_date",
                                    "person_2_name",
                                    "person_2_birth_date",
                                    "person_2_sex",
                                    "person_2_dbs_date",
                                    "person_2_medical_date",
                                    "training_standards_date",
                                    "last_unannounced_visit_date",
                                    "last_supervision_visit_date",
                                    "last_home_safety_date",
                                    "agreement_issued_date",
                                    "agreement_returned_date",
                                    "agreement_version"};

std::string Show(absl::CivilDay day) { return absl::FormatCivilTime(day); }

// Once a year, some days before the day of the approval.
std::string Reviews(absl::CivilDay approved, absl::CivilDay today, int early) {
  std::vector<std::string> days;
  for (int year = 1;; ++year) {
    const absl::CivilDay day =
        absl::CivilDay(approved.year() + year, approved.month(), approved.day()) - early;
    if (day > today) return absl::StrJoin(days, ";");
    days.push_back(Show(day));
  }
}

// "Ada and Leo Abara" are Ada Abara and Leo Abara.
std::vector<std::string> Persons(const std::string& household) {
  const std::pair<std::string, std::string> parts =
      absl::StrSplit(household, absl::MaxSplits(" and ", 1));
  if (parts.second.empty()) return {household};
  return {absl::StrCat(parts.first, parts.second.substr(parts.second.rfind(' '))), parts.second};
}

Row RowOf(const Carer& carer, int number, const std::vector<std::string>& children,
          absl::CivilDay today) {
  const bool mainstream = carer.kind() == Carer::KIND_MAINSTREAM;
  absl::CivilDay approved;
  absl::ParseCivilTime(carer.approved_date(), &approved);
  const auto ago = [&](int days) { return Show(std::max(today - days, approved)); };
  const auto after = [&](int days) { return Show(std::min(approved + days, today)); };
  Row row = {{"carer_id", carer.carer_id()},
             {"kind", mainstream ? "mainstream" : "connected"},
             {"name", carer.name()},
             {"address", carer.address()},
             {"approved_date", carer.approved_date()},
             {"review_dates", Reviews(approved, today, number % 20)},
             {"max_children", mainstream ? "3" : absl::StrCat(children.size())},
             {"training_standards_date", after(200)},
             {"last_home_safety_date", ago(10 + number * 11 % 320)},
             {"agreement_issued_date", after(10)},
             {"agreement_returned_date", after(20)},
             {"agreement_version", "2011"}};
  if (!mainstream) row["named_child_ids"] = absl::StrJoin(children, ";");
  row["last_unannounced_visit_date"] =
      ago(number % 19 == 4 ? 366 + number * 7 % 90 : 20 + number * 7 % 300);
  row["last_supervision_visit_date"] = ago(number % 43 == 9 ? 46 + number % 30 : 1 + number % 24);
  const std::vector<std::string> persons = Persons(carer.name());
  for (size_t i = 0; i < persons.size(); ++i) {
    const std::string person = absl::StrCat("person_", i + 1, "_");
    const int some = number + 100 * static_cast<int>(i);
    row[person + "name"] = persons[i];
    row[person + "birth_date"] =
        Show(absl::CivilDay(1963 + some % 25, 1 + some % 12, 1 + some % 28));
    row[person + "sex"] = some % 2 == 0 ? "female" : "male";
    row[person + "dbs_date"] = ago(some % 37 == 11 ? 1097 + some % 30 : 30 + some * 13 % 900);
    row[person + "medical_date"] = ago(15 + some * 17 % 600);
  }
  return row;
}

}  // namespace

std::string CarersCsv(const DemonstrationAgency& agency, absl::CivilDay today,
                      const std::set<std::string>& known) {
  std::map<std::string, std::vector<std::string>> children;
  for (const auto& child : agency.children) children[child.carer_id()].push_back(child.child_id());
  std::string csv = CsvLine({std::begin(kColumns), std::end(kColumns)});
  int number = 0;
  for (const Carer& carer : agency.carers) {
    ++number;
    if (known.contains(carer.carer_id())) continue;
    const Row row = RowOf(carer, number, children[carer.carer_id()], today);
    std::vector<std::string> fields;
    for (const char* column : kColumns) {
      const auto found = row.find(column);
      fields.push_back(found == row.end() ? "" : found->second);
    }
    csv += CsvLine(fields);
  }
  return csv;
}

std::vector<placements::v1::Placement> Placements(const DemonstrationAgency& agency) {
  constexpr absl::CivilDay kBefore(2026, 7, 1);
  std::map<std::string, const Carer*> carers;
  for (const Carer& carer : agency.carers) carers[carer.carer_id()] = &carer;
  std::vector<placements::v1::Placement> placements;
  int number = 0;
  for (const auto& child : agency.children) {
    ++number;
    const Carer& carer = *carers.at(child.carer_id());
    absl::CivilDay approved, born;
    absl::ParseCivilTime(carer.approved_date(), &approved);
    absl::ParseCivilTime(child.birth_date(), &born);
    const absl::CivilDay first = std::max(approved, born);
    // More of them in the last years than in the first.
    const int64_t days = (kBefore - first) * (number * 61 % 100) / 100;
    const absl::CivilDay start = kBefore - std::max<int64_t>(1, days * days / (kBefore - first));
    placements::v1::Placement& placement = placements.emplace_back();
    placement.set_placement_id(absl::StrFormat("P-%04d", number));
    placement.set_child_id(child.child_id());
    placement.set_carer_id(child.carer_id());
    placement.set_start_date(Show(start));
    const bool lasting = kBefore - start > 365;
    if (carer.kind() == Carer::KIND_CONNECTED) {
      placement.set_placement_code(lasting ? "U1" : "U3");
      placement.set_kind("CONNECTED");
    } else {
      placement.set_placement_code(lasting ? "U4" : "U6");
      placement.set_kind(lasting ? "LONG_TERM" : "SHORT_TERM");
    }
  }
  return placements;
}

std::vector<kpis::v1::ReportedSaferCaringPlan> SaferCaringPlans(const DemonstrationAgency& agency,
                                                                absl::CivilDay today) {
  std::vector<kpis::v1::ReportedSaferCaringPlan> plans;
  int number = 0;
  for (const Carer& carer : agency.carers) {
    ++number;
    if (number % 43 == 8) continue;
    absl::CivilDay approved;
    absl::ParseCivilTime(carer.approved_date(), &approved);
    const int days = number % 31 == 3 ? 380 + number % 50 : 12 + number * 11 % 330;
    plans.emplace_back().set_carer_id(carer.carer_id());
    plans.back().set_reviewed_date(Show(std::max(today - days, approved)));
  }
  return plans;
}

}  // namespace fosterwatch::app
