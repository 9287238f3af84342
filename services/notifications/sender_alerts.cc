// Alerts to the agency's own staff.
#include <algorithm>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "libs/clock/proto_time.h"
#include "libs/ledger/id.h"
#include "libs/mail/address.h"
#include "libs/runtime/log.h"
#include "libs/status/status_macros.h"
#include "services/notifications/domain/addressees.h"
#include "services/notifications/domain/alert.h"
#include "services/notifications/domain/templates.h"
#include "services/notifications/domain/words.h"
#include "services/notifications/sender.h"
#include "services/notifications/sending.h"
#include "services/notifications/views.h"

namespace fosterwatch::notifications {

using domain::Given;
using domain::Mailing;
using domain::MailResult;
using duty::Due;
using duty::Worked;

namespace {

domain::Person PersonOf(const directory::v1::RoleHolder& holder) {
  return {holder.person_id(), holder.email()};
}

std::vector<domain::Holder> HoldersOf(const directory::v1::ListHoldersResponse& response) {
  std::vector<domain::Holder> holders;
  for (const directory::v1::RoleHolder& holder : response.holders()) {
    domain::Holder& held = holders.emplace_back();
    held.person = PersonOf(holder);
    for (const directory::v1::HolderAway& away : response.away()) {
      if (away.holder_id() != holder.holder_id()) continue;
      held.away = true;
      if (away.has_covered_by()) held.covered_by = PersonOf(away.covered_by());
    }
  }
  return holders;
}

}  // namespace

struct Sender::People {
  std::vector<std::string> ids;
  std::map<std::string, std::string> addresses;
};

absl::StatusOr<Sender::People> Sender::PeopleOf(const std::string& agency_id,
                                                const v1::Alert& alert) {
  People people;
  for (const options::v1::Role role : domain::RolesOf(alert)) {
    const auto holders = owners_->Holders(agency_id, role, options_.now());
    if (!holders.ok()) {
      if (directory_ok_) {
        runtime::LogStatus("alerts wait for the directory", holders.status(),
                           {{"alert_id", alert.alert_id()}});
      }
      directory_ok_ = false;
      return holders.status();
    }
    directory_ok_ = true;
    for (const domain::Person& person : domain::Reachable(HoldersOf(*holders))) {
      if (domain::IsKeptFrom(alert, person.person_id)) continue;
      if (std::find(people.ids.begin(), people.ids.end(), person.person_id) == people.ids.end()) {
        people.ids.push_back(person.person_id);
      }
      std::string& address = people.addresses[person.person_id];
      if (!mail::IsAddress(address)) address = person.email;
    }
  }
  return people;
}

absl::StatusOr<std::optional<domain::Words>> Sender::WordsOf(const std::string& agency_id,
                                                             const v1::Alert& alert) {
  const v1::TemplateEdition& edition = domain::InForce(rules_->templates, options_.now());
  if (alert.kind() != v1::Alert::KIND_DIGEST) {
    return domain::AlertWords(edition, alert, options_.public_url);
  }
  const int64_t open = v1::Alert::STATE_OPEN;
  ASSIGN_OR_RETURN(
      const auto rows,
      ledger_->Read(agency_id, {{"SELECT alert_id, subject_id FROM view.alert WHERE agency_id = $1"
                                 " AND in_digest AND state = $2 ORDER BY raised_at LIMIT $3",
                                 {agency_id, open, int64_t{domain::kMostInDigest} + 1}}}));
  if (rows[0].rows() == 0) return std::nullopt;
  std::vector<std::string> subjects;
  for (int row = 0; row < rows[0].rows(); ++row) subjects.push_back(rows[0].Text(row, 1));
  ASSIGN_OR_RETURN(const auto states, ledger_->LoadMany(agency_id, kAggregate, subjects));
  std::vector<v1::Alert> told;
  for (int row = 0; row < rows[0].rows(); ++row) {
    const auto state = states.find(rows[0].Text(row, 1));
    if (state == states.end()) continue;
    const v1::Alert* item = domain::FindAlert(static_cast<const v1::Notifications&>(*state->second),
                                              rows[0].Text(row, 0));
    if (item != nullptr) told.push_back(*item);
  }
  return domain::DigestWords(edition, told, options_.public_url);
}

Worked Sender::SendAlert(const Due& due, const runtime::Stop& stop) {
  auto state = ledger_->LoadAs<v1::Notifications>(due.agency_id, kAggregate, due.subject_id);
  if (!state.ok()) return {.progressed = false};
  const v1::Alert* alert = domain::FindAlert(*state, due.id);
  if (alert == nullptr || alert->state() != v1::Alert::STATE_OPEN) return {.progressed = false};
  bool progressed = false;
  if (clock::FromProto(alert->next_climb_time()) <= options_.now()) {
    state = Record(due, stop, [&](const v1::Notifications& now, const Given& given) {
      return domain::ClimbAlert(now, due.id, given);
    });
    if (!state.ok()) return {.progressed = false};
    alert = domain::FindAlert(*state, due.id);
    progressed = true;
  }
  const int rung = alert->rung();
  const auto people = PeopleOf(due.agency_id, *alert);
  if (IsAway(people.status())) return {.pause = kOwnersPause};
  if (!people.ok()) return {.progressed = false};

  const auto words = WordsOf(due.agency_id, *alert);
  if (!words.ok()) return {.progressed = progressed};
  if (!*words) {
    return Settle(due, stop, [&](const v1::Notifications& now, const Given&) {
      return domain::ClearAlerts(now, "NOTHING_TO_TELL");
    });
  }

  bool tried = false;
  // Once it has climbed, others are told: the next look brings it again.
  while (!stop.requested() && domain::FindAlert(*state, due.id)->rung() == rung) {
    const auto next = domain::NextAlertMail(*state, due.id, people->ids,
                                            Given{options_.now(), *rules_, ledger::DerivedId});
    if (!next) break;
    tried = true;
    Mailing mailing;
    mailing.send_id = ledger::NewId();
    mailing.possible_repeat = domain::WasBegun(*state, next->message_id);
    const auto record = [&](const MailResult& result) {
      state = Record(due, stop, [&](const v1::Notifications& now, const Given& given) {
        return domain::AlertMailed(now, due.id, *next, mailing, result, people->ids, given);
      });
      if (state.ok()) CountRepeat(mailing, result);
      return state.ok();
    };
    const auto known = people->addresses.find(next->person_id);
    const std::string address = known == people->addresses.end() ? "" : known->second;
    if (!mail::IsAddress(address)) {
      if (!record({MailResult::Kind::kRefused, "NO_CONTACT"})) return {.progressed = false};
      continue;
    }
    state = Record(due, stop, [&](const v1::Notifications& now, const Given& given) {
      return domain::BeginAlertMail(now, due.id, *next, mailing.send_id, given);
    });
    if (!state.ok()) return {.progressed = false};
    if (!domain::MayLeave(*state, due.id, *next)) break;

    mail::Message message;
    message.from = options_.mail_from;
    message.to = address;
    message.subject = (*words)->subject;
    message.message_id = next->message_id;
    message.text = (*words)->text;
    message.date = options_.now();
    mailing.template_name = (*words)->template_name;
    mailing.template_version = (*words)->template_version;
    mailing.content_sha256 = ledger::Sha256((*words)->text);
    mailing.subject = (*words)->subject;
    mailing.text = (*words)->text;
    const mail::SmtpResult result = alert_mail_.Send(message, [&] { return stop.requested(); });
    NoteMailServer(result);
    if (result.outcome == mail::SmtpResult::Outcome::kStopped) return {};
    if (!record(ResultOf(result))) return {.progressed = false};
    if (result.server_away) return {.pause = kServerPause};
  }
  if (!tried && people->ids.empty()) {
    state = Record(due, stop, [&](const v1::Notifications& now, const Given& given) {
      return domain::NobodyToAlert(now, due.id, given);
    });
    if (!state.ok()) return {.progressed = false};
    tried = true;
  }
  alert = domain::FindAlert(*state, due.id);
  if (tried && alert->unreachable()) {
    // Somebody may have been appointed after the directory was asked and before the dead end was
    // known to whoever hears of appointments (facts.cc).
    const auto now_there = PeopleOf(due.agency_id, *alert);
    if (now_there.ok() && now_there->addresses != people->addresses) {
      return Settle(due, stop, [&](const v1::Notifications& now, const Given& given) {
        return domain::TryAlertAgain(now, due.id, given);
      });
    }
  }
  return {.progressed = tried || progressed};
}

}  // namespace fosterwatch::notifications
