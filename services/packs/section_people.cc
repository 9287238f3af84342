// The extract of the register of carers, and the allegations.
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

#include "libs/clock/proto_time.h"
#include "services/packs/inspection.h"
#include "services/packs/wording.h"

namespace fosterwatch::packs {
namespace {

using allegations::v1::Allegation;
using document::Cell;
using document::Section;
using document::Table;

std::string TermsWords(const carers::v1::Terms& terms) {
  std::vector<std::string> words;
  if (terms.max_children() > 0) words.push_back(absl::StrCat("at most ", terms.max_children()));
  if (terms.max_age() > 0 || terms.min_age() > 0) {
    words.push_back(absl::StrCat("aged ", terms.min_age(), " to ",
                                 terms.max_age() > 0 ? absl::StrCat(terms.max_age()) : "17"));
  }
  for (const int kind : terms.placement_kinds()) {
    words.push_back(
        Words(carers::v1::PlacementKind_Name(static_cast<carers::v1::PlacementKind>(kind)),
              "PLACEMENT_KIND_"));
  }
  if (!terms.named_child_ids().empty()) {
    words.push_back(absl::StrCat("for ", absl::StrJoin(terms.named_child_ids(), ", ")));
  }
  if (!terms.note().empty()) words.push_back(terms.note());
  return words.empty() ? "None set" : absl::StrJoin(words, "; ");
}

std::string StateAt(const Registers& registers, const Allegation& allegation) {
  if (registers.Happened(allegation.closure().has_closed_time(),
                         allegation.closure().closed_time())) {
    return "Closed";
  }
  if (registers.Happened(allegation.conclusion().has_recorded_time(),
                         allegation.conclusion().recorded_time())) {
    return "Concluded by the designated officer";
  }
  return registers.Happened(allegation.referral().has_recorded_time(),
                            allegation.referral().recorded_time())
             ? "Referred"
             : "Received";
}

Cell Linked(std::string text, std::string link) {
  Cell cell(std::move(text));
  cell.link = std::move(link);
  return cell;
}

}  // namespace

Section CarersSection(const Registers& registers) {
  Section section{"register", "Register of foster parents", {}, {}, {}};
  Table households{"register",
                   "Households approved on the day",
                   {{"Carer", false, 1},
                    {"Kind"},
                    {"Name"},
                    {"Address", false, 3},
                    {"Approved"},
                    {"Reviews", false, 5},
                    {"Terms of approval", false, 3}},
                   {}};
  Table people{"register-people",
               "Foster parents",
               {{"Carer"}, {"Name"}, {"Date of birth"}, {"Sex"}, {"Address"}},
               {}};
  for (const carers::v1::RegisterEntry& entry : registers.carers) {
    const std::string page = registers.Page("carers", entry.carer_id());
    const auto& particulars = entry.particulars();
    std::vector<std::string> reviews, names;
    for (const auto& review : entry.reviews()) reviews.push_back(ShortDay(review.review_date()));
    for (const auto& parent : particulars.foster_parents()) {
      names.push_back(parent.name());
      people.rows.push_back({Linked(entry.carer_id(), page), parent.name(),
                             DayCell(parent.birth_date()),
                             Words(carers::v1::FosterParent::Sex_Name(parent.sex()), "SEX_"),
                             parent.address().empty() ? particulars.address() : parent.address()});
    }
    households.rows.push_back(
        {Linked(entry.carer_id(), page), Words(carers::v1::Carer::Kind_Name(entry.kind()), "KIND_"),
         particulars.name().empty() ? absl::StrJoin(names, ", ") : particulars.name(),
         particulars.address(), DayCell(entry.approved_date()), absl::StrJoin(reviews, ", "),
         TermsWords(entry.terms())});
  }
  section.paragraphs = {absl::StrCat("What regulation 31 asks for, as the register said it for ",
                                     ShowDay(IsoDay(registers.as_at)), " and as it was known by ",
                                     ShowMoment(registers.as_at), "."),
                        "What each entry replaced, when and why is on the page of its carer."};
  section.tables = {std::move(households), std::move(people)};
  return section;
}

Section AllegationsSection(const Registers& registers) {
  Section section{"allegations", "Allegations", {}, {}, {}};
  Table table{"allegations",
              "Allegations received by then, newest first",
              {{"Allegation", false, 3},
               {"About"},
               {"Child"},
               {"Agency aware"},
               {"Referred"},
               {"Hours to referral", true},
               {"State"},
               {"Outcome"},
               {"Follow-up open", true}},
              {}};
  for (auto at = registers.allegations.rbegin(); at != registers.allegations.rend(); ++at) {
    const Allegation& allegation = *at;
    const bool referred = registers.Happened(allegation.referral().has_referred_time(),
                                             allegation.referral().referred_time());
    const bool concluded = registers.Happened(allegation.conclusion().has_recorded_time(),
                                              allegation.conclusion().recorded_time());
    int64_t open_items = 0;
    for (const auto& item : allegation.checklist()) {
      if (item.action().state() == type::v1::Action::STATE_DROPPED) continue;
      if (!registers.Happened(item.action().has_closed_time(), item.action().closed_time())) {
        ++open_items;
      }
    }
    Cell hours("");
    if (referred) {
      hours =
          Cell::Of(absl::ToInt64Hours(clock::FromProto(allegation.referral().referred_time()) -
                                      clock::FromProto(allegation.report().became_aware_time())));
    }
    table.rows.push_back(
        {Linked(allegation.allegation_id(),
                registers.Page("allegations", allegation.allegation_id())),
         !allegation.carer_id().empty()
             ? absl::StrCat("Carer ", allegation.carer_id())
             : (allegation.person_id().empty() ? "Not named yet" : "A member of the staff"),
         allegation.child_id(),
         MomentCell(allegation.report().became_aware_time(),
                    allegation.report().has_became_aware_time()),
         MomentCell(allegation.referral().referred_time(), referred), hours,
         StateAt(registers, allegation),
         concluded
             ? Words(allegations::v1::Outcome_Name(allegation.conclusion().outcome()), "OUTCOME_")
             : std::string(),
         concluded ? Cell::Of(open_items) : Cell("")});
  }
  section.paragraphs = {
      "From the register of allegations (National Minimum Standard 22). The clock of the referral "
      "to "
      "the designated officer begins when the agency comes to know. The follow-up is the checklist "
      "that the designated officer's conclusion opens.",
      "Each due time is explained on the page of its allegation."};
  section.tables = {std::move(table)};
  return section;
}

}  // namespace fosterwatch::packs
