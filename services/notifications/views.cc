#include "services/notifications/views.h"

#include <algorithm>
#include <optional>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"

#include "fosterwatch/notifications/v1/notification_facts.pb.h"
#include "libs/clock/proto_time.h"
#include "libs/ledger/ledger.h"
#include "services/notifications/domain/evolve.h"

namespace fosterwatch::notifications {
namespace {

using ledger::FactStamp;
using ledger::Statements;

// For arrays of moments, which travel as text.
std::string Text(absl::Time time) {
  return absl::FormatTime(absl::RFC3339_full, time, absl::UTCTimeZone());
}

void ProjectAlerts(const v1::Notifications& state, const FactStamp& last, Statements& statements) {
  for (const v1::Alert& alert : state.alerts()) {
    statements.push_back(
        {"INSERT INTO view.alert VALUES ($1, $2, $3, $4, $5, $6)"
         " ON CONFLICT (agency_id, alert_id) DO UPDATE SET state = excluded.state",
         {last.agency_id, alert.alert_id(), state.subject_id(), alert.event_id(),
          int64_t{alert.state()}, clock::FromProto(alert.raised_time())}});
  }
}

// A send never changes; all go in one statement, since an alert that nobody acknowledges has many.
void ProjectSends(const v1::Notifications& state, const FactStamp& last, Statements& statements) {
  pg::TextArray ids, events, times, sends;
  const auto add = [&](const v1::Send& send) {
    ids.push_back(send.send_id());
    events.push_back(send.event_id());
    times.push_back(Text(clock::FromProto(send.send_time())));
    sends.push_back(absl::Base64Escape(send.SerializeAsString()));
  };
  for (const v1::Dispatch& dispatch : state.dispatches()) {
    for (const v1::Send& send : dispatch.sends()) add(send);
  }
  for (const v1::Alert& alert : state.alerts()) {
    for (const v1::Send& send : alert.sends()) add(send);
  }
  if (ids.empty()) return;
  statements.push_back(
      {"INSERT INTO view.send"
       " SELECT $1, send_id, event_id, sent_at::timestamptz, decode(send, 'base64')"
       " FROM unnest($2, $3, $4, $5) AS rows (send_id, event_id, sent_at, send)"
       " ON CONFLICT DO NOTHING",
       {last.agency_id, std::move(ids), std::move(events), std::move(times), std::move(sends)}});
}

void ProjectTimers(const v1::Notifications& state, const FactStamp& last, Statements& statements) {
  pg::TextArray kinds, ids, times, urgencies;
  const auto add = [&](const char* kind, const std::string& id, absl::Time due, bool urgent) {
    kinds.push_back(kind);
    ids.push_back(id);
    times.push_back(Text(due));
    urgencies.push_back(urgent ? "true" : "false");
  };
  for (const v1::Dispatch& dispatch : state.dispatches()) {
    if (dispatch.has_next_attempt_time()) {
      // Due when it came about: a death.
      const bool urgent =
          clock::FromProto(dispatch.due_time()) <= clock::FromProto(dispatch.opened_time());
      add(dispatch.channel() == type::v1::CHANNEL_WEBHOOK ? kWebhookTimer : kDispatchTimer,
          dispatch.dispatch_id(), clock::FromProto(dispatch.next_attempt_time()), urgent);
    }
  }
  for (const v1::Alert& alert : state.alerts()) {
    absl::Time due = absl::InfiniteFuture();
    if (alert.has_next_attempt_time()) due = clock::FromProto(alert.next_attempt_time());
    if (alert.has_next_climb_time()) {
      due = std::min(due, clock::FromProto(alert.next_climb_time()));
    }
    if (due != absl::InfiniteFuture()) add(kAlertTimer, alert.alert_id(), due, alert.urgent());
  }
  statements.push_back({"DELETE FROM view.timer WHERE agency_id = $1 AND subject_id = $2",
                        {last.agency_id, state.subject_id()}});
  if (ids.empty()) return;
  statements.push_back(
      {"INSERT INTO view.timer SELECT $1, $2, kind, id, due_at::timestamptz, urgent::boolean"
       " FROM unnest($3, $4, $5, $6) AS rows (kind, id, due_at, urgent)",
       {last.agency_id, state.subject_id(), std::move(kinds), std::move(ids), std::move(times),
        std::move(urgencies)}});
}

}  // namespace

std::vector<ledger::Aggregate> Aggregates() {
  std::vector<ledger::Aggregate> aggregates;
  aggregates.push_back(ledger::MakeAggregate<v1::Notifications, v1::NotificationFact>(
      kAggregate,
      [](v1::Notifications& state, const v1::NotificationFact& fact, const FactStamp&) {
        domain::Evolve(state, fact);
      },
      [](const v1::Notifications& state, const FactStamp& last, Statements& statements) {
        ProjectAlerts(state, last, statements);
        ProjectSends(state, last, statements);
        ProjectTimers(state, last, statements);
      },
      {"view.alert", "view.send", "view.timer"}));
  return aggregates;
}

std::string ViewsSql(const std::string& role) {
  return absl::StrCat(
      "CREATE TABLE view.alert (agency_id text, alert_id text, subject_id text NOT NULL,"
      " event_id text NOT NULL, state bigint NOT NULL, raised_at timestamptz NOT NULL,"
      " PRIMARY KEY (agency_id, alert_id));"
      // Open ones first, then newest first.
      "CREATE INDEX alert_order ON view.alert"
      " (agency_id, (state = 1) DESC, raised_at DESC, alert_id DESC);"
      "CREATE INDEX alert_of_event ON view.alert (agency_id, event_id);",
      ledger::ViewRights("view.alert", role),
      "CREATE TABLE view.send (agency_id text, send_id text, event_id text NOT NULL,"
      " sent_at timestamptz NOT NULL, send bytea NOT NULL, PRIMARY KEY (agency_id, send_id));"
      "CREATE INDEX send_order ON view.send (agency_id, sent_at DESC, send_id DESC);"
      "CREATE INDEX send_of_event ON view.send (agency_id, event_id, sent_at DESC, send_id DESC);",
      ledger::ViewRights("view.send", role),
      "CREATE TABLE view.timer (agency_id text, subject_id text, kind text, id text,"
      " due_at timestamptz NOT NULL, urgent boolean NOT NULL,"
      " PRIMARY KEY (agency_id, subject_id, kind, id));"
      "CREATE INDEX timer_order ON view.timer (kind, due_at);",
      ledger::ViewRights("view.timer", role));
}

}  // namespace fosterwatch::notifications
