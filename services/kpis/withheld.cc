#include "services/kpis/withheld.h"

#include <utility>

#include "absl/strings/str_cat.h"

#include "fosterwatch/allegations/v1/allegation_facts.pb.h"
#include "fosterwatch/complaints/v1/complaint_facts.pb.h"
#include "libs/ledger/consumer.h"
#include "libs/status/status_macros.h"

namespace fosterwatch::kpis {
namespace {

// The record and whom it is about from now on; "" for nobody of the staff.
struct Subject {
  std::string record_id;
  std::string person_id;
};

std::optional<Subject> SubjectOf(const allegations::v1::AllegationFact& fact) {
  if (fact.has_allegation_received()) {
    return Subject{fact.allegation_received().allegation_id(),
                   fact.allegation_received().report().person_id()};
  }
  if (!fact.has_allegation_amended()) return std::nullopt;
  const auto& amendment = fact.allegation_amended().amendment();
  if (amendment.carer_id().empty() && amendment.person_id().empty()) return std::nullopt;
  return Subject{fact.allegation_amended().allegation_id(), amendment.person_id()};
}

std::optional<Subject> SubjectOf(const complaints::v1::ComplaintFact& fact) {
  if (!fact.has_complaint_recorded()) return std::nullopt;
  const auto& recorded = fact.complaint_recorded();
  const auto& subject = recorded.report().subject();
  if (subject.kind() != complaints::v1::SUBJECT_KIND_STAFF) return std::nullopt;
  // The agency's procedures may say that one of this route is not kept from whom it is about.
  const bool is_open = recorded.has_other_route() && !recorded.other_route().hidden_from_subject();
  return Subject{recorded.complaint_id(), is_open ? "" : subject.staff_id()};
}

template <typename Fact>
absl::StatusOr<std::optional<Subject>> Read(const bus::Record& record) {
  Fact fact;
  if (!fact.ParseFromString(record.value)) return ledger::Unreadable();
  return SubjectOf(fact);
}

}  // namespace

std::string SubjectsSql(const std::string& role) {
  return absl::StrCat(
      "CREATE TABLE reference.subject (agency_id text, record_id text, person_id text NOT NULL,"
      " PRIMARY KEY (agency_id, record_id));"
      "CREATE INDEX subject_person ON reference.subject (agency_id, person_id) WHERE person_id <> "
      "'';",
      ledger::ViewRights("reference.subject", role));
}

absl::StatusOr<std::optional<ledger::Unit>> NoteSubject(const bus::Record& record) {
  ASSIGN_OR_RETURN(const ledger::Envelope envelope, ledger::EnvelopeOf(record));
  ASSIGN_OR_RETURN(auto subject, record.topic == kAllegationsTopic
                                     ? Read<allegations::v1::AllegationFact>(record)
                                     : Read<complaints::v1::ComplaintFact>(record));
  if (!subject) return std::nullopt;
  ledger::Unit unit;
  unit.agency_id = envelope.agency_id;
  unit.effects.push_back(
      {"INSERT INTO reference.subject VALUES ($1, $2, $3)"
       " ON CONFLICT (agency_id, record_id) DO UPDATE SET person_id = excluded.person_id",
       {envelope.agency_id, subject->record_id, subject->person_id}});
  return unit;
}

absl::StatusOr<std::set<std::string>> RecordsAbout(ledger::Ledger& ledger,
                                                   const std::string& agency_id,
                                                   const std::string& person_id) {
  std::set<std::string> about;
  if (person_id.empty()) return about;
  ASSIGN_OR_RETURN(
      const auto rows,
      ledger.Read(
          agency_id,
          {{"SELECT record_id FROM reference.subject WHERE agency_id = $1 AND person_id = $2"
            " AND person_id <> ''",
            {agency_id, person_id}}}));
  for (int row = 0; row < rows[0].rows(); ++row) {
    about.insert(absl::StrCat("record:", rows[0].Text(row, 0)));
  }
  return about;
}

absl::Status Withhold(ledger::Ledger& ledger, const std::string& agency_id,
                      const std::string& person_id, v1::ExplainKpiResponse& response) {
  if (response.evidence().empty()) return absl::OkStatus();
  ASSIGN_OR_RETURN(const auto about, RecordsAbout(ledger, agency_id, person_id));
  if (about.empty()) return absl::OkStatus();
  google::protobuf::RepeatedPtrField<v1::Evidence> shown;
  for (v1::Evidence& evidence : *response.mutable_evidence()) {
    if (about.contains(absl::StrCat("record:", evidence.aggregate_id()))) {
      response.set_withheld_count(response.withheld_count() + 1);
    } else {
      *shown.Add() = std::move(evidence);
    }
  }
  response.mutable_evidence()->Swap(&shown);
  return absl::OkStatus();
}

}  // namespace fosterwatch::kpis
