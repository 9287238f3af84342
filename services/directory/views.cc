#include "services/directory/views.h"

#include <algorithm>
#include <string>

#include "absl/strings/str_cat.h"

#include "fosterwatch/directory/v1/directory_facts.pb.h"
#include "libs/clock/proto_time.h"
#include "libs/duty/timer.h"
#include "libs/ledger/ledger.h"
#include "services/directory/domain/absence.h"
#include "services/directory/domain/delegation.h"
#include "services/directory/domain/webhook.h"

namespace fosterwatch::directory {
namespace {

using ledger::FactStamp;
using ledger::Statements;
using v1::DirectoryFact;

// An end that nobody knows, as a moment that a row can hold.
absl::Time Row(absl::Time end) { return clock::FromProto(clock::ToProto(end)); }

std::string FirstViews(const std::string& role) {
  return absl::StrCat(
      "CREATE TABLE view.body (agency_id text, body_id text, kind bigint NOT NULL,"
      " name text NOT NULL, PRIMARY KEY (agency_id, body_id));",
      ledger::ViewRights("view.body", role),
      "CREATE TABLE view.holder (agency_id text, holder_id text, role bigint NOT NULL,"
      " PRIMARY KEY (agency_id, holder_id));",
      ledger::ViewRights("view.holder", role),
      "CREATE TABLE view.publisher (agency_id text, publisher_id text,"
      " source text NOT NULL CONSTRAINT source_of_one_agency UNIQUE,"
      " PRIMARY KEY (agency_id, publisher_id));",
      ledger::ViewRights("view.publisher", role),
      // Whether a source is taken must be seen by every agency; a source is no secret.
      "CREATE POLICY sources_are_seen ON view.publisher FOR SELECT TO ", role, " USING (true);");
}

}  // namespace

std::vector<duty::Timer> TimersOf(const v1::DirectoryCheck& check) {
  if (!check.has_next_check_time()) return {};
  return {{kCheckTimer, kCheck, clock::FromProto(check.next_check_time())}};
}

std::vector<ledger::Aggregate> Aggregates() {
  std::vector<ledger::Aggregate> aggregates;
  aggregates.push_back(ledger::MakeAggregate<v1::Body, DirectoryFact>(
      "body",
      [](v1::Body& body, const DirectoryFact& fact, const FactStamp&) {
        if (fact.has_body_recorded()) body = fact.body_recorded().body();
      },
      [](const v1::Body& body, const FactStamp& last, Statements& statements) {
        statements.push_back(
            {"INSERT INTO view.body VALUES ($1, $2, $3, $4) ON CONFLICT (agency_id, body_id)"
             " DO UPDATE SET kind = excluded.kind, name = excluded.name",
             {last.agency_id, body.body_id(), int64_t{body.kind()}, body.name()}});
      },
      {"view.body"}));
  aggregates.push_back(ledger::MakeAggregate<v1::RoleHolder, DirectoryFact>(
      "holder",
      [](v1::RoleHolder& holder, const DirectoryFact& fact, const FactStamp&) {
        if (fact.has_holder_appointed()) holder = fact.holder_appointed().holder();
        if (fact.has_holder_ended()) {
          *holder.mutable_until_time() = fact.holder_ended().holder().until_time();
        }
      },
      [](const v1::RoleHolder& holder, const FactStamp& last, Statements& statements) {
        statements.push_back(
            {"INSERT INTO view.holder VALUES ($1, $2, $3) ON CONFLICT (agency_id, holder_id)"
             " DO UPDATE SET role = excluded.role",
             {last.agency_id, holder.holder_id(), int64_t{holder.role()}}});
      },
      {"view.holder"}));
  aggregates.push_back(ledger::MakeAggregate<v1::Publisher, DirectoryFact>(
      "publisher",
      [](v1::Publisher& publisher, const DirectoryFact& fact, const FactStamp&) {
        if (fact.has_publisher_registered()) publisher = fact.publisher_registered().publisher();
      },
      [](const v1::Publisher& publisher, const FactStamp& last, Statements& statements) {
        statements.push_back(
            {"INSERT INTO view.publisher VALUES ($1, $2, $3) ON CONFLICT (agency_id, publisher_id)"
             " DO UPDATE SET source = excluded.source",
             {last.agency_id, publisher.publisher_id(), publisher.source()}});
      },
      {"view.publisher"}));
  aggregates.push_back(ledger::MakeAggregate<v1::Webhook, DirectoryFact>(
      "webhook",
      [](v1::Webhook& webhook, const DirectoryFact& fact, const FactStamp&) {
        if (fact.has_webhook_secret_made()) domain::Evolve(webhook, fact.webhook_secret_made());
      },
      nullptr, {}));
  aggregates.push_back(ledger::MakeAggregate<v1::Delegation, DirectoryFact>(
      "delegation",
      [](v1::Delegation& delegation, const DirectoryFact& fact, const FactStamp&) {
        if (fact.has_delegation_recorded()) delegation = fact.delegation_recorded().delegation();
        if (fact.has_delegation_ended()) {
          const v1::Delegation& ended = fact.delegation_ended().delegation();
          *delegation.mutable_ended_time() = ended.ended_time();
          delegation.set_ended_by(ended.ended_by());
        }
      },
      [](const v1::Delegation& delegation, const FactStamp& last, Statements& statements) {
        statements.push_back(
            {"INSERT INTO view.delegation VALUES ($1, $2, $3, $4, $5)"
             " ON CONFLICT (agency_id, delegation_id) DO UPDATE SET ends_at = excluded.ends_at",
             {last.agency_id, delegation.delegation_id(), delegation.to_person_id(),
              clock::FromProto(delegation.from_time()), domain::EndOf(delegation)}});
      },
      {"view.delegation"}));
  aggregates.push_back(ledger::MakeAggregate<v1::Absence, DirectoryFact>(
      "absence",
      [](v1::Absence& absence, const DirectoryFact& fact, const FactStamp&) {
        if (fact.has_absence_recorded()) absence = fact.absence_recorded().absence();
        if (fact.has_absence_ended()) {
          const v1::Absence& ended = fact.absence_ended().absence();
          *absence.mutable_ended_time() = ended.ended_time();
          absence.set_ended_by(ended.ended_by());
        }
      },
      [](const v1::Absence& absence, const FactStamp& last, Statements& statements) {
        statements.push_back(
            {"INSERT INTO view.absence VALUES ($1, $2, $3, $4, $5)"
             " ON CONFLICT (agency_id, absence_id) DO UPDATE SET ends_at = excluded.ends_at",
             {last.agency_id, absence.absence_id(), absence.person_id(),
              clock::FromProto(absence.from_time()), Row(domain::EndOf(absence))}});
      },
      {"view.absence"}));
  aggregates.push_back(ledger::MakeAggregate<v1::PersonAbsences, DirectoryFact>(
      kPersonAbsences,
      [](v1::PersonAbsences& list, const DirectoryFact& fact, const FactStamp&) {
        if (fact.has_absence_noted()) domain::Note(list, fact.absence_noted().absence());
      },
      nullptr, {}));
  aggregates.push_back(ledger::MakeAggregate<v1::DirectoryCheck, DirectoryFact>(
      kCheck,
      [](v1::DirectoryCheck& check, const DirectoryFact& fact, const FactStamp&) {
        if (fact.has_directory_check_planned()) {
          *check.mutable_next_check_time() = fact.directory_check_planned().next_check_time();
        }
        if (fact.has_directory_checked()) check = fact.directory_checked().check();
      },
      [](const v1::DirectoryCheck& check, const FactStamp& last, Statements& statements) {
        duty::Project(TimersOf(check), last, statements);
      },
      {duty::kTable}));
  return aggregates;
}

std::vector<pg::Migration> ViewMigrations(const std::string& role) {
  return {{"directory_0001", FirstViews(role)},
          {"directory_0002",
           absl::StrCat("CREATE TABLE view.delegation (agency_id text, delegation_id text,"
                        " to_person_id text NOT NULL, begins_at timestamptz NOT NULL,"
                        " ends_at timestamptz NOT NULL, PRIMARY KEY (agency_id, delegation_id));",
                        ledger::ViewRights("view.delegation", role),
                        "CREATE TABLE view.absence (agency_id text, absence_id text,"
                        " person_id text NOT NULL, begins_at timestamptz NOT NULL,"
                        " ends_at timestamptz NOT NULL, PRIMARY KEY (agency_id, absence_id));",
                        ledger::ViewRights("view.absence", role), duty::TableSql(role))}};
}

}  // namespace fosterwatch::directory
