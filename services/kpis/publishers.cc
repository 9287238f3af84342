#include "services/kpis/publishers.h"

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"

#include "fosterwatch/directory/v1/directory_facts.pb.h"
#include "libs/ledger/consumer.h"
#include "libs/ledger/parked.h"
#include "libs/status/status_macros.h"

namespace fosterwatch::kpis {
namespace {

constexpr absl::Duration kRemembered = absl::Seconds(1);

}  // namespace

absl::StatusOr<std::optional<ledger::Unit>> PublisherReference(const bus::Record& record) {
  ASSIGN_OR_RETURN(const ledger::Envelope envelope, ledger::EnvelopeOf(record));
  directory::v1::DirectoryFact fact;
  if (!fact.ParseFromString(record.value)) return ledger::Unreadable();
  if (!fact.has_publisher_registered()) return std::nullopt;
  const directory::v1::Publisher& publisher = fact.publisher_registered().publisher();
  ledger::Unit unit;
  unit.agency_id = envelope.agency_id;
  unit.effects.push_back(
      {"INSERT INTO reference.publisher VALUES ($1, $2, $3)"
       " ON CONFLICT (agency_id, publisher_id) DO UPDATE SET source = excluded.source",
       {envelope.agency_id, publisher.publisher_id(), publisher.source()}});
  return unit;
}

absl::StatusOr<std::string> Publishers::AgencyOf(const std::string& source) {
  const absl::Time now = absl::Now();
  {
    absl::MutexLock lock(&mutex_);
    const auto known = sources_.find(source);
    if (known != sources_.end() && now - known->second.read < kRemembered) {
      return known->second.agency_id;
    }
  }
  ASSIGN_OR_RETURN(
      const auto rows,
      ledger_->Read(ledger::kNoAgency,
                    {{"SELECT agency_id FROM reference.publisher WHERE source = $1", {source}}}));
  // Only those that are there: strangers name what they like, and a new one is to be seen at once.
  if (rows[0].rows() != 1) return "";
  std::string agency_id = rows[0].Text(0, 0);
  absl::MutexLock lock(&mutex_);
  sources_[source] = {now, agency_id};
  return agency_id;
}

absl::StatusOr<std::string> Publishers::SoleAgency() {
  ASSIGN_OR_RETURN(
      const auto rows,
      ledger_->Read(ledger::kNoAgency,
                    {{"SELECT DISTINCT agency_id FROM reference.publisher LIMIT 2", {}}}));
  return rows[0].rows() == 1 ? rows[0].Text(0, 0) : "";
}

std::string PublisherSql(const std::string& role) {
  return absl::StrCat(
      "CREATE SCHEMA reference; GRANT USAGE ON SCHEMA reference TO ", role, ", ", role, "_relay;",
      "CREATE TABLE reference.publisher (agency_id text, publisher_id text,"
      " source text NOT NULL UNIQUE, PRIMARY KEY (agency_id, publisher_id));",
      ledger::ViewRights("reference.publisher", role),
      // A record on the intake topic names its source before anybody knows its agency.
      "CREATE POLICY sources_are_seen ON reference.publisher FOR SELECT TO ", role,
      " USING (true);");
}

}  // namespace fosterwatch::kpis
