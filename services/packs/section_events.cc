// The notification log: one row for each notice, with the minutes from when its clock began.
#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

#include "libs/clock/proto_time.h"
#include "services/packs/inspection.h"
#include "services/packs/wording.h"

namespace fosterwatch::packs {
namespace {

using document::Cell;
using document::Section;
using document::Table;
using notifiable_events::v1::EventKind;
using notifiable_events::v1::EventKind_Name;
using notifiable_events::v1::Notice;
using notifiable_events::v1::NotifiableEvent;

// Kinds of the report and of the corrections made by then.
std::string KindsOf(const Registers& registers, const NotifiableEvent& event) {
  std::vector<std::string> words;
  const auto add = [&](const google::protobuf::RepeatedField<int>& kinds) {
    for (const int kind : kinds) {
      const std::string word = Words(EventKind_Name(static_cast<EventKind>(kind)), "EVENT_KIND_");
      if (std::find(words.begin(), words.end(), word) == words.end()) words.push_back(word);
    }
  };
  add(event.report().kinds());
  for (const auto& correction : event.corrections()) {
    if (registers.Happened(correction.has_corrected_time(), correction.corrected_time())) {
      add(correction.report().kinds());
    }
  }
  return absl::StrJoin(words, "; ");
}

std::string StateOf(const Registers& registers, const NotifiableEvent& event) {
  if (registers.Happened(event.withdrawal().has_withdrawn_time(),
                         event.withdrawal().withdrawn_time())) {
    return "Withdrawn";
  }
  return registers.Happened(event.conclusion().has_concluded_time(),
                            event.conclusion().concluded_time())
             ? "Concluded"
             : "Open";
}

Cell Linked(std::string text, std::string link) {
  Cell cell(std::move(text));
  cell.link = std::move(link);
  return cell;
}

}  // namespace

Section EventsSection(const Registers& registers) {
  Section section{"events", "Notifiable events and notices", {}, {}, {}};
  Table events{"events",
               "Events recorded by then, newest first",
               {{"Event", false, 3},
                {"Kinds", false, 3},
                {"Child"},
                {"Happened"},
                {"Agency aware"},
                {"Recorded"},
                {"State"}},
               {}};
  Table log{"notices",
            "Notification log, by event, newest first",
            {{"Event", false, 3},
             {"About", false, 3},
             {"To", false, 3},
             {"Clock began"},
             {"In time until"},
             {"Given"},
             {"Minutes", true},
             {"Outcome"},
             {"Basis"}},
            {}};
  for (auto at = registers.events.rbegin(); at != registers.events.rend(); ++at) {
    const NotifiableEvent& event = *at;
    const std::string page = registers.Page("events", event.event_id());
    events.rows.push_back(
        {Linked(event.event_id(), page), KindsOf(registers, event), event.report().child_id(),
         MomentCell(event.report().occurred_time(), event.report().has_occurred_time()),
         MomentCell(event.report().became_aware_time(), event.report().has_became_aware_time()),
         MomentCell(event.recorded_time(), true), StateOf(registers, event)});
    for (const Notice& notice : event.notices()) {
      if (!registers.Happened(notice.has_owed_time(), notice.owed_time())) continue;
      const bool given = registers.Happened(notice.has_given_time(), notice.given_time());
      const absl::Time until = clock::FromProto(notice.in_time_until());
      Cell minutes("");
      std::string outcome;
      if (given) {
        const absl::Time given_at = clock::FromProto(notice.given_time());
        minutes = Cell::Of(
            absl::ToInt64Minutes(given_at - clock::FromProto(notice.explanation().trigger_time())));
        outcome = given_at <= until ? "In time" : "Late";
      } else if (notice.state() == Notice::STATE_FALLEN_AWAY) {
        outcome = "No longer owed";
      } else {
        outcome = registers.as_at <= until ? "Not given, in time" : "Not given, overdue";
      }
      log.rows.push_back(
          {Linked(event.event_id(), page), Words(EventKind_Name(notice.kind()), "EVENT_KIND_"),
           Words(notifiable_events::v1::Recipient_Name(notice.recipient()), "RECIPIENT_"),
           MomentCell(notice.explanation().trigger_time(), notice.explanation().has_trigger_time()),
           MomentCell(until), MomentCell(notice.given_time(), given), minutes, outcome,
           Words(notifiable_events::v1::Basis_Name(notice.basis()), "BASIS_")});
    }
  }
  section.paragraphs = {
      "From the register of notifiable events (regulation 36 with Schedule 7). Minutes are counted "
      "from the moment that began the clock, as a rule when the agency came to know, to the moment "
      "when the recipient was told; nights and weekends count. What was recorded later as given "
      "before the moment of the pack counts as given.",
      "Why a notice was owed, and why by then, is explained on the page of its event."};
  section.tables = {std::move(events), std::move(log)};
  return section;
}

}  // namespace fosterwatch::packs
