// Dispatches: the notices of one event to one body at one moment, which leave as one mail or are
// handed to a person. Regulation 36(1) of the Fostering Services (England) Regulations 2011 asks
// for notice without delay, so a mail that fails is tried again for as long as it takes, and one
// that is refused for good becomes a person's.
#pragma once

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"

#include "fosterwatch/notifications/v1/notification.pb.h"
#include "fosterwatch/type/v1/channel.pb.h"
#include "services/notifications/domain/evolve.h"
#include "services/notifications/domain/given.h"

namespace fosterwatch::notifications::domain {

// From this failed attempt on, a person is alerted while the attempts go on.
inline constexpr int kFailuresBeforeAlert = 4;

// One notice that has become owed, as the register of events says.
struct OwedNotice {
  std::string notice_id;
  std::string body_id;  // empty where none could be worked out
  std::string moment;
  type::v1::Channel channel = type::v1::CHANNEL_UNSPECIFIED;
  bool released_by_person = false;
  absl::Time due;
  bool of_death = false;
};

// The same on each attempt: "<dispatch_id@fosterwatch>".
std::string MessageIdOf(absl::string_view dispatch_id);

// DispatchOpened for each body and moment; where a person has to give it, NoticeHandedToPerson, and
// one alert that names all such notices. Where a death is among them and no alert of the event
// climbs by minutes yet (its kind was added later), that alert too. `fact_id` is that of the fact
// that brought the notices.
Facts OpenDispatches(const v1::Notifications& state, const std::string& event_id,
                     const std::vector<OwedNotice>& notices, absl::string_view fact_id,
                     const Given& given);

// SendBegun; nothing where the dispatch does not wait to be sent any more.
Facts BeginNotice(const v1::Notifications& state, const std::string& dispatch_id,
                  const std::string& send_id);

// NoticeSent, or NoticeSendFailed with the time of the next attempt, or without one where it was
// refused; alerts that this clears or raises. `notice_ids` are those that the mail spoke of.
Facts NoticeMailed(const v1::Notifications& state, const std::string& dispatch_id,
                   const std::vector<std::string>& notice_ids, const Mailing& mailing,
                   const MailResult& result, const Given& given);

// NoticeHandedToPerson of a dispatch that cannot be mailed, and the alert; nothing where it does
// not wait to be sent any more. The result code says why: "NO_CONTACT", "RELEASED_BY_PERSON", ...
Facts HandOver(const v1::Notifications& state, const std::string& dispatch_id,
               const std::string& result_code, const Given& given);

// NoticeGivenByPerson, and the alerts that this clears; nothing where our own mail gave the notice.
Facts GiveByPerson(const v1::Notifications& state, const std::string& notice_id);

}  // namespace fosterwatch::notifications::domain
