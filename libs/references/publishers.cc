#include "libs/references/publishers.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"

#include "libs/cloudevents/cloud_event.h"
#include "libs/ledger/consumer.h"
#include "libs/ledger/parked.h"
#include "libs/status/status_macros.h"

namespace fosterwatch::references {
namespace {

constexpr absl::Duration kRemembered = absl::Seconds(1);

}  // namespace

std::string PublishersSql(const std::string& role) {
  return absl::StrCat(
      "CREATE TABLE reference.publisher (agency_id text, publisher_id text,"
      " source text NOT NULL UNIQUE, PRIMARY KEY (agency_id, publisher_id));",
      ledger::ViewRights("reference.publisher", role),
      // A record on the intake topic names its source before anybody knows its agency.
      "CREATE POLICY sources_are_seen ON reference.publisher FOR SELECT TO ", role,
      " USING (true);");
}

std::optional<pg::Statement> PublisherRow(const std::string& agency_id,
                                          const directory::v1::DirectoryFact& fact) {
  if (!fact.has_publisher_registered()) return std::nullopt;
  const directory::v1::Publisher& publisher = fact.publisher_registered().publisher();
  return pg::Statement{
      "INSERT INTO reference.publisher VALUES ($1, $2, $3)"
      " ON CONFLICT (agency_id, publisher_id) DO UPDATE SET source = excluded.source",
      {agency_id, publisher.publisher_id(), publisher.source()}};
}

absl::StatusOr<std::optional<ledger::Unit>> PublisherUnit(const bus::Record& record) {
  ASSIGN_OR_RETURN(const ledger::Envelope envelope, ledger::EnvelopeOf(record));
  directory::v1::DirectoryFact fact;
  if (!fact.ParseFromString(record.value)) return ledger::Unreadable();
  std::optional<pg::Statement> row = PublisherRow(envelope.agency_id, fact);
  if (!row) return std::nullopt;
  ledger::Unit unit;
  unit.agency_id = envelope.agency_id;
  unit.effects.push_back(*std::move(row));
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

std::string Publishers::OwnerOf(const bus::Record& record) {
  if (const auto event = cloudevents::FromKafka(record.headers, record.value); event.ok()) {
    if (const auto agency = AgencyOf(event->source); agency.ok() && !agency->empty()) {
      return *agency;
    }
  }
  return SoleAgency().value_or("");
}

absl::StatusOr<std::string> Publishers::SoleAgency() {
  ASSIGN_OR_RETURN(
      const auto rows,
      ledger_->Read(ledger::kNoAgency,
                    {{"SELECT DISTINCT agency_id FROM reference.publisher LIMIT 2", {}}}));
  return rows[0].rows() == 1 ? rows[0].Text(0, 0) : "";
}

}  // namespace fosterwatch::references
