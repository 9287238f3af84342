// Alerts to the agency's own staff.
#include <algorithm>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "libs/clock/proto_time.h"
#include "libs/ledger/id.h"
#include "libs/runtime/log.h"
#include "services/notifications/domain/alert.h"
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
    for (const directory::v1::RoleHolder& holder : *holders) {
      if (std::find(people.ids.begin(), people.ids.end(), holder.person_id()) == people.ids.end()) {
        people.ids.push_back(holder.person_id());
      }
      std::string& address = people.addresses[holder.person_id()];
      if (!mail::IsAddress(address)) address = holder.email();
    }
  }
  return people;
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

  bool tried = false;
  // Once it has climbed, others are told: the next look brings it again.
  while (!stop.requested() && domain::FindAlert(*state, due.id)->rung() == rung) {
    const auto next = domain::NextAlertMail(*state, due.id, people->ids,
                                            Given{options_.now(), *policies_, ledger::DerivedId});
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

    const domain::Words words =
        domain::AlertWords(*domain::FindAlert(*state, due.id), options_.public_url);
    mail::Message message;
    message.from = options_.mail_from;
    message.to = address;
    message.subject = words.subject;
    message.message_id = next->message_id;
    message.text = words.text;
    message.date = options_.now();
    mailing.template_name = words.template_name;
    mailing.template_version = words.template_version;
    mailing.content_sha256 = ledger::Sha256(words.text);
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
