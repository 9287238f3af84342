#include "services/notifications/app.h"

#include <algorithm>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"

#include "fosterwatch/notifications/v1/notification_facts.pb.h"
#include "libs/ledger/service.h"
#include "libs/runtime/page_token.h"
#include "libs/status/error.h"
#include "libs/status/status_macros.h"
#include "services/notifications/domain/alert.h"
#include "services/notifications/views.h"

namespace fosterwatch::notifications {
namespace {

constexpr int kPage = 50;
constexpr int kLargestPage = 200;
// How long an acknowledgement waits for a mail that is on its way.
constexpr absl::Duration kMailPatience = absl::Seconds(3);
constexpr absl::Duration kMailPoll = absl::Milliseconds(10);

// The row after which a page begins. Before the first page it is later than every row.
struct Position {
  int64_t rank = std::numeric_limits<int64_t>::max();
  absl::Time time = absl::FromUnixSeconds(253402300799);  // the end of 9999
  std::string id = "~";
};

std::string ToText(const Position& position) {
  return absl::StrCat(position.rank, "|", absl::ToUnixMicros(position.time), "|", position.id);
}

absl::StatusOr<Position> ReadPosition(const google::protobuf::Message& request) {
  ASSIGN_OR_RETURN(const std::string text, runtime::ReadPageToken(request));
  if (text.empty()) return Position{};
  const std::vector<std::string> parts = absl::StrSplit(text, absl::MaxSplits('|', 2));
  int64_t rank = 0, micros = 0;
  if (parts.size() != 3 || !absl::SimpleAtoi(parts[0], &rank) ||
      !absl::SimpleAtoi(parts[1], &micros)) {
    return InvalidField("page_token", "INVALID_PAGE_TOKEN", "does not belong to this list");
  }
  return Position{rank, absl::FromUnixMicros(micros), parts[2]};
}

absl::Status NoSuchAlert() {
  return Error(absl::StatusCode::kNotFound, "NOT_FOUND", "there is no such alert");
}

}  // namespace

absl::StatusOr<v1::ListAlertsResponse> App::ListAlerts(const runtime::Call& call,
                                                       const v1::ListAlertsRequest& request) {
  ASSIGN_OR_RETURN(const int size, runtime::PageSize(request.page_size(), kPage, kLargestPage));
  ASSIGN_OR_RETURN(const Position after, ReadPosition(request));
  const int64_t open = v1::Alert::STATE_OPEN;
  ASSIGN_OR_RETURN(
      auto rows,
      ledger_->Read(
          call.agency_id,
          {{absl::StrCat(
                "SELECT alert_id, subject_id, rank, raised_at FROM view.alert"
                " WHERE agency_id = $1 AND ($2 = 0 OR state = $2) AND ($3 = '' OR event_id = $3)"
                " AND (rank, raised_at, alert_id) < ($4, $5, $6) AND NOT kept_from @> ARRAY[$8]",
                ForCallerSql(call), " ORDER BY rank DESC, raised_at DESC, alert_id DESC LIMIT $7"),
            {call.agency_id, int64_t{request.state()}, request.event_id(), after.rank, after.time,
             after.id, int64_t{size} + 1, call.caller.person_id}},
           {absl::StrCat("SELECT count(*) FROM view.alert WHERE agency_id = $1 AND state = $2"
                         " AND NOT kept_from @> ARRAY[$3]",
                         ForCallerSql(call)),
            {call.agency_id, open, call.caller.person_id}}}));
  v1::ListAlertsResponse response;
  response.set_open_count(rows[1].Int(0, 0));
  const int shown = std::min(rows[0].rows(), size);
  std::vector<std::string> subjects;
  for (int row = 0; row < shown; ++row) subjects.push_back(rows[0].Text(row, 1));
  std::sort(subjects.begin(), subjects.end());
  subjects.erase(std::unique(subjects.begin(), subjects.end()), subjects.end());
  ASSIGN_OR_RETURN(auto states, ledger_->LoadMany(call.agency_id, kAggregate, subjects));
  for (int row = 0; row < shown; ++row) {
    const auto state = states.find(rows[0].Text(row, 1));
    if (state == states.end()) continue;
    const v1::Alert* alert = domain::FindAlert(
        static_cast<const v1::Notifications&>(*state->second), rows[0].Text(row, 0));
    if (alert == nullptr) continue;
    v1::Alert* shown_alert = response.add_alerts();
    *shown_alert = *alert;
    for (v1::Send& send : *shown_alert->mutable_sends()) {
      send.clear_subject();
      send.clear_text();
    }
  }
  if (rows[0].rows() > size) {
    response.set_next_page_token(runtime::MakePageToken(
        request, ToText({rows[0].Int(shown - 1, 2), rows[0].Time(shown - 1, 3),
                         rows[0].Text(shown - 1, 0)})));
  }
  return response;
}

absl::StatusOr<v1::Alert> App::AcknowledgeAlert(const runtime::Call& call,
                                                const v1::AcknowledgeAlertRequest& request) {
  ASSIGN_OR_RETURN(auto rows,
                   ledger_->Read(call.agency_id,
                                 {{absl::StrCat("SELECT subject_id FROM view.alert"
                                                " WHERE agency_id = $1 AND alert_id = $2"
                                                " AND NOT kept_from @> ARRAY[$3]",
                                                ForCallerSql(call)),
                                   {call.agency_id, request.alert_id(), call.caller.person_id}}}));
  if (rows[0].rows() == 0) return NoSuchAlert();
  ASSIGN_OR_RETURN(v1::Notifications after,
                   (ledger::Write<v1::Notifications, v1::NotificationFact>(
                       *ledger_, call, request, kAggregate, rows[0].Text(0, 0),
                       [&](const v1::Notifications& state, int64_t) {
                         return domain::AcknowledgeAlert(state, request.alert_id(),
                                                         call.caller.person_id, request.comment(),
                                                         now_());
                       })));
  // No mail begins any more. One that had begun before is waited for, so that none leaves after the
  // answer; of a process that ended in the middle of one there is nothing to wait for.
  const absl::Time until = absl::Now() + kMailPatience;
  while (domain::InFlight(after, request.alert_id()) && absl::Now() < until) {
    absl::SleepFor(kMailPoll);
    ASSIGN_OR_RETURN(
        after, ledger_->LoadAs<v1::Notifications>(call.agency_id, kAggregate, rows[0].Text(0, 0)));
  }
  const v1::Alert* alert = domain::FindAlert(after, request.alert_id());
  if (alert == nullptr) return NoSuchAlert();
  return *alert;
}

absl::StatusOr<v1::ListSendsResponse> App::ListSends(const runtime::Call& call,
                                                     const v1::ListSendsRequest& request) {
  ASSIGN_OR_RETURN(const int size, runtime::PageSize(request.page_size(), kPage, kLargestPage));
  ASSIGN_OR_RETURN(const Position after, ReadPosition(request));
  ASSIGN_OR_RETURN(
      auto rows, ledger_->Read(call.agency_id,
                               {{absl::StrCat("SELECT send_id, sent_at, send FROM view.send"
                                              " WHERE agency_id = $1 AND ($2 = '' OR event_id = $2)"
                                              " AND (sent_at, send_id) < ($3, $4)",
                                              NotKeptSql(6), ForCallerSql(call),
                                              " ORDER BY sent_at DESC, send_id DESC LIMIT $5"),
                                 {call.agency_id, request.event_id(), after.time, after.id,
                                  int64_t{size} + 1, call.caller.person_id}}}));
  v1::ListSendsResponse response;
  const int shown = std::min(rows[0].rows(), size);
  for (int row = 0; row < shown; ++row) {
    if (!response.add_sends()->ParseFromString(rows[0].Text(row, 2))) {
      return absl::DataLossError("a row of the delivery log cannot be read");
    }
  }
  if (rows[0].rows() > size) {
    response.set_next_page_token(runtime::MakePageToken(
        request, ToText({0, rows[0].Time(shown - 1, 1), rows[0].Text(shown - 1, 0)})));
  }
  return response;
}

}  // namespace fosterwatch::notifications
