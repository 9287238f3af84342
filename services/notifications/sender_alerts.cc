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

  // Who holds the role now, each once, with an address where there is one.
  std::vector<std::string> people;
  std::map<std::string, std::string> addresses;
  for (const options::v1::Role role : domain::RolesAt(alert->rung())) {
    const auto holders = owners_->Holders(due.agency_id, role, options_.now());
    if (!holders.ok()) {
      if (directory_ok_) {
        runtime::LogStatus("alerts wait for the directory", holders.status(),
                           {{"alert_id", due.id}});
      }
      directory_ok_ = false;
      if (IsAway(holders.status())) return {.pause = kOwnersPause};
      return {.progressed = false};
    }
    directory_ok_ = true;
    for (const directory::v1::RoleHolder& holder : *holders) {
      if (std::find(people.begin(), people.end(), holder.person_id()) == people.end()) {
        people.push_back(holder.person_id());
      }
      std::string& address = addresses[holder.person_id()];
      if (!IsMailAddress(address)) address = holder.email();
    }
  }

  bool tried = false;
  while (!stop.requested()) {
    const auto next = domain::NextAlertMail(*state, due.id, people,
                                            Given{options_.now(), *policy_, ledger::DerivedId});
    if (!next) break;
    tried = true;
    Mailing mailing;
    mailing.send_id = ledger::NewId();
    mailing.possible_repeat = domain::WasBegun(*state, next->message_id);
    const auto record = [&](const MailResult& result) {
      state = Record(due, stop, [&](const v1::Notifications& now, const Given& given) {
        return domain::AlertMailed(now, due.id, *next, mailing, result, people, given);
      });
      if (state.ok()) CountRepeat(mailing, result);
      return state.ok();
    };
    const std::string& address = addresses[next->person_id];
    if (!IsMailAddress(address)) {
      if (!record({MailResult::Kind::kRefused, "NO_CONTACT"})) return {.progressed = false};
      continue;
    }
    state = Record(due, stop, [&](const v1::Notifications& now, const Given&) {
      return domain::BeginAlertMail(now, due.id, next->message_id, mailing.send_id);
    });
    if (!state.ok()) return {.progressed = false};
    alert = domain::FindAlert(*state, due.id);
    if (alert->state() != v1::Alert::STATE_OPEN) break;

    const domain::Words words = domain::AlertWords(*alert, options_.public_url);
    Mail mail;
    mail.from = options_.mail_from;
    mail.to = address;
    mail.subject = words.subject;
    mail.message_id = next->message_id;
    mail.text = words.text;
    mail.date = options_.now();
    mailing.template_name = words.template_name;
    mailing.template_version = words.template_version;
    mailing.content_sha256 = ledger::Sha256(words.text);
    const SmtpResult result = alert_mail_.Send(mail, [&] { return stop.requested(); });
    if (result.outcome == SmtpResult::Outcome::kStopped) return {};
    if (!record(ResultOf(result))) return {.progressed = false};
    if (result.server_away) return {.pause = kServerPause};
  }
  if (tried || progressed) return {};
  if (!people.empty()) return {.progressed = false};
  return Settle(due, stop, [&](const v1::Notifications& now, const Given& given) {
    return domain::NobodyToAlert(now, due.id, given);
  });
}

}  // namespace fosterwatch::notifications
