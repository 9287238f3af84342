// Dispatches: the notices of one event to one body at one moment, which leave as one mail or are
// handed to a person. Regulation 36(1) of the Fostering Services (England) Regulations 2011 asks
// for notice without delay, so they keep no office hours and nothing silences them.
//
// A contact of the body that has not succeeded within the minutes of the policy, refuses, or
// returns what it took is given up: the manager is alerted, and the body's next contact is tried,
// under another Message-ID. After the last one a person is asked; where that one was only away, it
// is tried on meanwhile, for as long as it takes. A success of a channel that was given up counts.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
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

// The same on each attempt by one channel: "<dispatch_id@fosterwatch>", of the second channel
// "<dispatch_id.1@fosterwatch>".
std::string MessageIdOf(absl::string_view dispatch_id, int channel_index = 0);

// Whether it is to be sent from here, also where a person was asked beside it.
bool IsToBeSent(const v1::Dispatch& dispatch);

// DispatchOpened for each body and moment; where a person has to give it, NoticeHandedToPerson, and
// one alert that names all such notices. Where a death is among them and no alert of the event
// climbs by minutes yet (its kind was added later), that alert too. `fact_id` is that of the fact
// that brought the notices.
Facts OpenDispatches(const v1::Notifications& state, const std::string& event_id,
                     const std::vector<OwedNotice>& notices, absl::string_view fact_id,
                     const Given& given);

// SendBegun; nothing where the dispatch is not to be sent any more, or has given this channel up.
Facts BeginNotice(const v1::Notifications& state, const std::string& dispatch_id,
                  const std::string& send_id, int channel_index = 0);

// NoticeSent, or NoticeSendFailed with the time of the next attempt, or without one where it was
// refused, and then ChannelGivenUp where another channel is left; alerts that this clears or
// raises. `notice_ids` are those that the mail spoke of.
Facts NoticeMailed(const v1::Notifications& state, const std::string& dispatch_id,
                   const std::vector<std::string>& notice_ids, const Mailing& mailing,
                   const MailResult& result, const Given& given);

// ChannelGivenUp where its time has come, and the alert unless an open one tells of it already.
Facts GiveUpChannel(const v1::Notifications& state, const std::string& dispatch_id,
                    const Given& given);

// MailReturned. Where the mail of a dispatch's present channel bounced for good: NoticeSendFailed,
// ChannelGivenUp and an alert. What was delivered stays delivered, and what a person gave stays
// given. Nothing where this was recorded before. NOT_FOUND where no mail of this id has left.
absl::StatusOr<Facts> NoticeReturned(const v1::Notifications& state, const std::string& dispatch_id,
                                     const v1::Returned& returned, const Given& given);

// DispatchWithdrawn of each that has not left, and the event's open alerts are cleared.
Facts WithdrawDispatches(const v1::Notifications& state);

// NoticeHandedToPerson of a dispatch that cannot be mailed, and the alert unless an open one names
// these notices; nothing where it does not wait to be sent any more. The result code says why:
// "NO_CONTACT", "RELEASED_BY_PERSON", "NO_FURTHER_CHANNEL", ... `by_person` is the channel by which
// the person reaches the body; UNSPECIFIED: the dispatch's own.
Facts HandOver(const v1::Notifications& state, const std::string& dispatch_id,
               const std::string& result_code, type::v1::Channel by_person, const Given& given);

// NoticeGivenByPerson, and the alerts that this clears; nothing where our own mail gave the notice.
Facts GiveByPerson(const v1::Notifications& state, const std::string& notice_id);

}  // namespace fosterwatch::notifications::domain
