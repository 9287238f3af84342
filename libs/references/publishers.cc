#include "libs/references/publishers.h"

#include <utility>

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"

#include "libs/cloudevents/cloud_event.h"
#include "libs/ledger/consumer.h"
#include "libs/ledger/parked.h"
#include "libs/status/error.h"
#include "libs/status/status_macros.h"

namespace fosterwatch::references {
namespace {

constexpr absl::Duration kRemembered = absl::Seconds(1);

absl::Status Refused(absl::string_view reason, absl::string_view why) {
  return Error(absl::StatusCode::kPermissionDenied, reason, absl::StrCat("the source ", why),
               {{"source", std::string(why)}});
}

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

std::string ProgramsOfPublishersSql() {
  return "ALTER TABLE reference.publisher ADD COLUMN programs text[] NOT NULL DEFAULT '{}';";
}

std::optional<pg::Statement> PublisherRow(const std::string& agency_id,
                                          const directory::v1::DirectoryFact& fact) {
  if (!fact.has_publisher_registered()) return std::nullopt;
  const directory::v1::Publisher& publisher = fact.publisher_registered().publisher();
  return pg::Statement{
      "INSERT INTO reference.publisher (agency_id, publisher_id, source, programs)"
      " VALUES ($1, $2, $3, $4) ON CONFLICT (agency_id, publisher_id)"
      " DO UPDATE SET source = excluded.source, programs = excluded.programs",
      {agency_id, publisher.publisher_id(), publisher.source(),
       pg::TextArray(publisher.program_ids().begin(), publisher.program_ids().end())}};
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

absl::StatusOr<Publishers::Source> Publishers::Read(const std::string& source) {
  const absl::Time now = absl::Now();
  {
    absl::MutexLock lock(&mutex_);
    const auto known = sources_.find(source);
    if (known != sources_.end() && now - known->second.read < kRemembered) return known->second;
  }
  ASSIGN_OR_RETURN(
      const auto rows,
      ledger_->Read(ledger::kNoAgency,
                    {{"SELECT agency_id, programs, ARRAY(SELECT DISTINCT unnest(other.programs)"
                      " FROM reference.publisher other WHERE other.agency_id = this.agency_id)"
                      " FROM reference.publisher this WHERE source = $1",
                      {source}}}));
  // Only those that are there: strangers name what they like, and a new one is to be seen at once.
  if (rows[0].rows() != 1) return Source{};
  const Source read{now, rows[0].Text(0, 0), rows[0].Array(0, 1), rows[0].Array(0, 2)};
  absl::MutexLock lock(&mutex_);
  sources_[source] = read;
  return read;
}

absl::StatusOr<std::string> Publishers::AgencyOf(const std::string& source) {
  ASSIGN_OR_RETURN(const Source read, Read(source));
  return read.agency_id;
}

absl::Status Publishers::CheckSpeaks(const std::string& agency_id, const std::string& program,
                                     const std::string& source) {
  ASSIGN_OR_RETURN(const Source read, Read(source));
  if (read.agency_id.empty() || read.agency_id != agency_id) {
    return Refused("SOURCE_NOT_REGISTERED", "is not registered to this agency");
  }
  // Bound, it is theirs alone; and a program that is bound speaks for nothing else.
  const bool speaks = read.programs.empty()
                          ? program == kIntakeTopics || !absl::c_linear_search(read.bound, program)
                          : absl::c_linear_search(read.programs, program);
  if (speaks) return absl::OkStatus();
  return Refused("SOURCE_OF_ANOTHER", "is not one that this program speaks for");
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
