// What had to be done by a moment, in all registers.
#include <algorithm>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"

#include "fosterwatch/type/v1/explanation.pb.h"
#include "libs/clock/proto_time.h"
#include "services/packs/inspection.h"
#include "services/packs/wording.h"

namespace fosterwatch::packs {
namespace {

using document::Cell;
using document::Section;
using document::Table;

std::string Rule(const type::v1::Explanation& explanation) {
  if (explanation.source().empty()) return Words(explanation.rule());
  return absl::StrCat(Words(explanation.rule()), " (", explanation.source(), ")");
}

class Collector {
 public:
  Collector(const Registers& registers, std::vector<DutyRow>& rows)
      : registers_(registers), rows_(rows) {}

  void Add(const char* in, const std::string& record_id, std::string what,
           const google::protobuf::Timestamp& due, bool is_done,
           const google::protobuf::Timestamp& done, const type::v1::Explanation& explanation,
           std::string code = "") {
    DutyRow row{in, record_id,        std::move(what), std::move(code), clock::FromProto(due),
                {}, Rule(explanation)};
    if (registers_.Happened(is_done, done)) row.done = clock::FromProto(done);
    rows_.push_back(std::move(row));
  }

  void AddActions(const char* in, const std::string& record_id,
                  const google::protobuf::RepeatedPtrField<type::v1::Action>& actions) {
    for (const type::v1::Action& action : actions) {
      if (action.state() == type::v1::Action::STATE_DROPPED || !action.has_due_time()) continue;
      Add(in, record_id, "Action", action.due_time(), action.has_closed_time(),
          action.closed_time(), {});
      rows_.back().rule = "Agreed in the record";
    }
  }

 private:
  const Registers& registers_;
  std::vector<DutyRow>& rows_;
};

void AddEvents(const Registers& registers, Collector& duties) {
  for (const auto& event : registers.events) {
    const std::string& id = event.event_id();
    for (const auto& notice : event.notices()) {
      if (!registers.Happened(notice.has_owed_time(), notice.owed_time())) continue;
      if (notice.state() == notifiable_events::v1::Notice::STATE_FALLEN_AWAY) continue;
      duties.Add(
          "events", id,
          absl::StrCat(
              "Notice to: ",
              Words(notifiable_events::v1::Recipient_Name(notice.recipient()), "RECIPIENT_")),
          notice.in_time_until(), notice.has_given_time(), notice.given_time(),
          notice.has_in_time_explanation() ? notice.in_time_explanation() : notice.explanation());
    }
    if (event.state() == notifiable_events::v1::NotifiableEvent::STATE_WITHDRAWN) continue;
    for (const auto& sign_off : event.sign_offs()) {
      if (!sign_off.has_due_time()) continue;
      duties.Add("events", id,
                 absl::StrCat(
                     "Sign-off: ",
                     Words(notifiable_events::v1::SignOff::Stage_Name(sign_off.stage()), "STAGE_")),
                 sign_off.due_time(), sign_off.has_signed_time(), sign_off.signed_time(),
                 sign_off.explanation());
    }
    if (event.discussion().has_due_time()) {
      duties.Add("events", id, "Discussion with the responsible authority",
                 event.discussion().due_time(), event.discussion().has_discussed_time(),
                 event.discussion().discussed_time(), event.discussion().explanation());
    }
    duties.AddActions("events", id, event.actions());
  }
}

void AddComplaints(const Registers& registers, Collector& duties) {
  for (const auto& complaint : registers.complaints) {
    for (const auto& duty : complaint.duties()) {
      if (duty.fallen_away() || duty.suspended() || !duty.has_due_time()) continue;
      duties.Add("complaints", complaint.complaint_id(),
                 Words(complaints::v1::DutyKind_Name(duty.kind()), "DUTY_KIND_"), duty.due_time(),
                 duty.has_done_time(), duty.done_time(), duty.explanation());
    }
  }
}

void AddAllegations(const Registers& registers, Collector& duties) {
  for (const auto& allegation : registers.allegations) {
    const std::string& id = allegation.allegation_id();
    for (const auto& duty : allegation.duties()) {
      if (!duty.has_due_time()) continue;
      duties.Add("allegations", id, Words(duty.code()), duty.due_time(), duty.has_done_time(),
                 duty.done_time(), duty.explanation());
    }
    for (const auto& item : allegation.checklist()) {
      if (item.action().state() == type::v1::Action::STATE_DROPPED) continue;
      duties.Add("allegations", id, absl::StrCat("Follow-up: ", Words(item.code())),
                 item.action().due_time(), item.action().has_closed_time(),
                 item.action().closed_time(), item.explanation());
    }
    for (const auto& telling : allegation.tellings()) {
      duties.Add("allegations", id, absl::StrCat("Told the outcome: ", Words(telling.party())),
                 telling.due_time(), telling.has_told_time(), telling.told_time(),
                 telling.explanation());
    }
  }
}

void AddCarers(const Registers& registers, Collector& duties) {
  for (const kpis::v1::Evidence& duty : registers.carer_duties) {
    if (!duty.has_due_time()) continue;
    const auto kind = duty.attributes().find("kind");
    const std::string code = kind == duty.attributes().end() ? "" : kind->second;
    duties.Add("carers", duty.aggregate_id(), Words(code, "DUTY_KIND_"), duty.due_time(),
               /*is_done=*/false, {}, duty.due_explanation(), code);
  }
}

Cell Linked(const Registers& registers, const DutyRow& duty) {
  Cell cell(duty.record_id);
  cell.link = registers.Page(duty.in, duty.record_id);
  return cell;
}

}  // namespace

std::vector<DutyRow> DutiesOf(const Registers& registers) {
  std::vector<DutyRow> duties;
  Collector collector(registers, duties);
  AddEvents(registers, collector);
  AddComplaints(registers, collector);
  AddAllegations(registers, collector);
  AddCarers(registers, collector);
  std::sort(duties.begin(), duties.end(), [](const DutyRow& a, const DutyRow& b) {
    return std::tie(a.due, a.in, a.record_id, a.what, a.rule, a.done) <
           std::tie(b.due, b.in, b.record_id, b.what, b.rule, b.done);
  });
  return duties;
}

Section DutiesSection(const Registers& registers, const std::vector<DutyRow>& duties) {
  Section section{"duties", "Open and concluded duties", {}, {}, {}};
  Table open{"duties-open",
             "Open duties, earliest first",
             {{"Record", false, 3},
              {"Register"},
              {"Duty", false, 3},
              {"Due"},
              {"Overdue", false, 1},
              {"By rule", false, 4}},
             {}};
  Table done{"duties-concluded",
             "Concluded duties, latest due first",
             {{"Record", false, 3},
              {"Register"},
              {"Duty", false, 3},
              {"Due"},
              {"Done"},
              {"In time", false, 1},
              {"By rule", false, 4}},
             {}};
  for (const DutyRow& duty : duties) {
    if (duty.done) {
      done.rows.push_back({Linked(registers, duty), Words(duty.in), duty.what, MomentCell(duty.due),
                           MomentCell(*duty.done), *duty.done <= duty.due ? "Yes" : "No",
                           duty.rule});
    } else {
      open.rows.push_back({Linked(registers, duty), Words(duty.in), duty.what, MomentCell(duty.due),
                           duty.due < registers.as_at ? "Yes" : "No", duty.rule});
    }
  }
  std::reverse(done.rows.begin(), done.rows.end());
  section.paragraphs = {
      "From all registers. Each due time was worked out from facts by the rule that is named; how, "
      "step by step, is on the page of its record.",
      "Duties on carers are those that were open at the moment, by what was known then; what was "
      "done is in the carer's record."};
  section.tables = {std::move(open), std::move(done)};
  return section;
}

}  // namespace fosterwatch::packs
