#include "services/notifications/views.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

#include "fosterwatch/notifications/v1/notification_facts.pb.h"
#include "libs/clock/proto_time.h"
#include "libs/duty/timer.h"
#include "libs/ledger/ledger.h"
#include "libs/status/status_macros.h"
#include "services/notifications/domain/access_watch.h"
#include "services/notifications/domain/dispatch.h"
#include "services/notifications/domain/evolve.h"

namespace fosterwatch::notifications {
namespace {

using ledger::FactStamp;
using ledger::Statements;

// For lists: urgent open ones first, then the other open ones, then the rest.
int64_t RankOf(const v1::Alert& alert) {
  if (alert.state() != v1::Alert::STATE_OPEN) return 0;
  return alert.urgent() ? 2 : 1;
}

void ProjectAlerts(const v1::Notifications& state, const FactStamp& last, Statements& statements) {
  if (state.alerts().empty()) return;
  pg::TextArray agencies, alerts, subjects, events, kept_from;
  pg::IntArray states, ranks, unreachable, in_digest;
  pg::TimeArray raised;
  for (const v1::Alert& alert : state.alerts()) {
    agencies.push_back(last.agency_id);
    alerts.push_back(alert.alert_id());
    subjects.push_back(last.aggregate_id);
    events.push_back(alert.event_id());
    states.push_back(alert.state());
    raised.push_back(clock::FromProto(alert.raised_time()));
    ranks.push_back(RankOf(alert));
    unreachable.push_back(alert.unreachable() ? 1 : 0);
    in_digest.push_back(alert.in_digest() ? 1 : 0);
    kept_from.push_back(absl::StrJoin(alert.not_to_person_ids(), "\n"));
  }
  statements.push_back(
      {"INSERT INTO view.alert"
       " (agency_id, alert_id, subject_id, event_id, state, raised_at, rank, unreachable,"
       " in_digest, kept_from)"
       " SELECT agency_id, alert_id, subject_id, event_id, state, raised_at, rank,"
       " unreachable <> 0, in_digest <> 0, string_to_array(kept_from, E'\\n')"
       " FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) AS rows"
       " (agency_id, alert_id, subject_id, event_id, state, raised_at, rank, unreachable,"
       " in_digest, kept_from)"
       " ON CONFLICT (agency_id, alert_id) DO UPDATE"
       " SET state = excluded.state, rank = excluded.rank, unreachable = excluded.unreachable"
       " WHERE (alert.state, alert.rank, alert.unreachable)"
       " IS DISTINCT FROM (excluded.state, excluded.rank, excluded.unreachable)",
       {std::move(agencies), std::move(alerts), std::move(subjects), std::move(events),
        std::move(states), std::move(raised), std::move(ranks), std::move(unreachable),
        std::move(in_digest), std::move(kept_from)}});
}

// A send never changes.
void ProjectSend(const v1::NotificationFact& fact, const FactStamp& stamp, Statements& statements) {
  const v1::Send* send = fact.has_notice_sent()          ? &fact.notice_sent().send()
                         : fact.has_notice_send_failed() ? &fact.notice_send_failed().send()
                         : fact.has_notice_handed_to_person()
                             ? &fact.notice_handed_to_person().send()
                         : fact.has_alert_sent() ? &fact.alert_sent().send()
                                                 : nullptr;
  if (send == nullptr) return;
  v1::Send shown = *send;  // views hold nothing personal
  shown.clear_subject();
  shown.clear_text();
  statements.push_back(
      {"INSERT INTO view.send"
       " (agency_id, send_id, event_id, sent_at, send, subject_id, version, message_id)"
       " SELECT * FROM unnest($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING",
       {pg::TextArray{stamp.agency_id}, pg::TextArray{send->send_id()},
        pg::TextArray{send->event_id()}, pg::TimeArray{clock::FromProto(send->send_time())},
        pg::BytesArray{{shown.SerializeAsString()}}, pg::TextArray{stamp.aggregate_id},
        pg::IntArray{stamp.version}, pg::TextArray{send->message_id()}}});
}

std::vector<duty::Timer> TimersOf(const v1::Notifications& state) {
  std::vector<duty::Timer> timers;
  for (const v1::Dispatch& dispatch : state.dispatches()) {
    if (!domain::IsToBeSent(dispatch)) continue;
    absl::Time next = clock::FromProto(dispatch.next_attempt_time());
    if (dispatch.has_next_channel_time()) {
      next = std::min(next, clock::FromProto(dispatch.next_channel_time()));
    }
    const bool webhook = dispatch.channel() == type::v1::CHANNEL_WEBHOOK;
    // Due when it came about: a death.
    const bool urgent =
        clock::FromProto(dispatch.due_time()) <= clock::FromProto(dispatch.opened_time());
    timers.push_back(
        {webhook ? kWebhookTimer : kDispatchTimer, dispatch.dispatch_id(), next, urgent});
  }
  for (const v1::Alert& alert : state.alerts()) {
    absl::Time due = absl::InfiniteFuture();
    if (alert.has_next_attempt_time()) due = clock::FromProto(alert.next_attempt_time());
    if (alert.has_next_climb_time()) {
      due = std::min(due, clock::FromProto(alert.next_climb_time()));
    }
    if (due == absl::InfiniteFuture()) continue;
    timers.push_back({kAlertTimer, alert.alert_id(), due, alert.urgent()});
  }
  return timers;
}

constexpr char kRanks[] =
    "ALTER TABLE view.alert ADD COLUMN rank bigint NOT NULL DEFAULT 0,"
    " ADD COLUMN unreachable boolean NOT NULL DEFAULT false;"
    "UPDATE view.alert SET rank = CASE WHEN EXISTS (SELECT FROM view.timer WHERE timer.kind = "
    "'alert'"
    " AND timer.agency_id = alert.agency_id AND timer.id = alert.alert_id AND timer.urgent)"
    " THEN 2 ELSE 1 END WHERE state = 1;"
    "ALTER TABLE view.alert ALTER COLUMN rank DROP DEFAULT,"
    " ALTER COLUMN unreachable DROP DEFAULT;"
    "DROP INDEX view.alert_order;"
    "CREATE INDEX alert_order ON view.alert (agency_id, rank DESC, raised_at DESC, alert_id DESC);"
    "CREATE INDEX alert_unreachable ON view.alert (agency_id, subject_id) WHERE unreachable;"
    "DROP INDEX view.timer_order;";

// Rows from before are of no mail that can be found by what comes back; `rebuild` fills them in.
constexpr char kWhatWasSaid[] =
    "ALTER TABLE view.alert ADD COLUMN in_digest boolean NOT NULL DEFAULT false;"
    "ALTER TABLE view.alert ALTER COLUMN in_digest DROP DEFAULT;"
    "CREATE INDEX alert_in_digest ON view.alert (agency_id, raised_at)"
    " WHERE in_digest AND state = 1;"
    "ALTER TABLE view.send ADD COLUMN subject_id text NOT NULL DEFAULT '',"
    " ADD COLUMN version bigint NOT NULL DEFAULT 0,"
    " ADD COLUMN message_id text NOT NULL DEFAULT '';"
    "ALTER TABLE view.send ALTER COLUMN subject_id DROP DEFAULT,"
    " ALTER COLUMN version DROP DEFAULT, ALTER COLUMN message_id DROP DEFAULT;"
    "CREATE INDEX send_of_message ON view.send (agency_id, message_id);";

// Few of however many alerts.
constexpr char kKeptFrom[] =
    "ALTER TABLE view.alert ADD COLUMN kept_from text[] NOT NULL DEFAULT '{}';"
    "CREATE INDEX alert_kept ON view.alert (agency_id, subject_id) WHERE kept_from <> '{}';";

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
        duty::Project(TimersOf(state), last, statements);
      },
      {"view.alert", "view.send", duty::kTable}));
  aggregates.back().project_fact = ledger::ProjectFact<v1::NotificationFact>(ProjectSend);
  aggregates.push_back(ledger::MakeAggregate<v1::AccessWatch, v1::NotificationFact>(
      kAccessWatch,
      [](v1::AccessWatch& watch, const v1::NotificationFact& fact, const FactStamp&) {
        domain::EvolveAccessWatch(watch, fact);
      },
      [](const v1::AccessWatch& watch, const FactStamp& last, Statements& statements) {
        duty::Project(AccessTimersOf(watch), last, statements);
      },
      {duty::kTable}));
  return aggregates;
}

std::vector<duty::Timer> AccessTimersOf(const v1::AccessWatch& watch) {
  if (!watch.has_next_look_time()) return {};
  return {{kAccessTimer, watch.service(), clock::FromProto(watch.next_look_time())}};
}

std::string ForCallerSql(const runtime::Call& call) {
  for (const options::v1::Role role :
       {options::v1::ROLE_REGISTERED_MANAGER, options::v1::ROLE_RESPONSIBLE_INDIVIDUAL}) {
    if (call.caller.Has(role)) return "";
  }
  return absl::StrCat(" AND NOT starts_with(subject_id, '", kAccessSubjects, "')");
}

std::string NotKeptSql(int person_parameter) {
  return absl::StrCat(
      " AND NOT EXISTS (SELECT FROM view.alert WHERE alert.agency_id = send.agency_id"
      " AND alert.subject_id = send.subject_id AND kept_from <> '{}' AND kept_from @> ARRAY[$",
      person_parameter, "])");
}

absl::StatusOr<std::set<std::string>> RecordsKeptFrom(ledger::Ledger& ledger,
                                                      const std::string& agency_id,
                                                      const std::string& person_id) {
  std::set<std::string> records;
  if (person_id.empty()) return records;
  ASSIGN_OR_RETURN(
      const auto rows,
      ledger.Read(agency_id, {{"SELECT DISTINCT subject_id FROM view.alert WHERE agency_id = $1"
                               " AND kept_from <> '{}' AND kept_from @> ARRAY[$2]",
                               {agency_id, person_id}}}));
  for (int row = 0; row < rows[0].rows(); ++row) {
    // Of a register "allegations/ID" (HandleRegister).
    const std::string subject = rows[0].Text(row, 0);
    records.insert(absl::StrCat("record:", subject.substr(subject.find('/') + 1)));
  }
  return records;
}

std::vector<pg::Migration> ViewMigrations(const std::string& role) {
  std::string first = absl::StrCat(
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
  return {{"notifications_0001", std::move(first)},
          {"notifications_0002", absl::StrCat(kRanks, duty::IndexSql())},
          {"notifications_0003", kWhatWasSaid},
          {"notifications_0004", kKeptFrom}};
}

}  // namespace fosterwatch::notifications
