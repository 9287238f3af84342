#include "services/placements/households.h"

#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"

#include "fosterwatch/carers/v1/carer_facts.pb.h"
#include "libs/clock/proto_time.h"
#include "libs/ledger/consumer.h"
#include "libs/ledger/id.h"
#include "libs/status/error.h"
#include "libs/status/status_macros.h"
#include "services/placements/domain/day.h"
#include "services/placements/references.h"
#include "services/placements/views.h"

namespace fosterwatch::placements {
namespace {

constexpr char kActor[] = "placements";

// The child of a fact that may have changed who lives where; "" where it may not. The start or end
// of where a child lives now is always followed by the child's record.
std::string ChildOf(const v1::PlacementsFact& fact) {
  switch (fact.fact_case()) {
    case v1::PlacementsFact::kChildRecorded:
      return fact.child_recorded().child().child_id();
    case v1::PlacementsFact::kPlacementCorrected:
      return fact.placement_corrected().placement().child_id();
    default:
      return "";
  }
}

}  // namespace

v1::HouseholdTerms TermsOf(const carers::v1::Standing& standing) {
  using carers::v1::Carer;
  v1::HouseholdTerms terms;
  terms.set_approved_date(standing.approved_date());
  terms.set_ended_date(standing.ended_date());
  // Connected persons who were approved for their weeks and never beyond: since their first terms.
  if (standing.approved_date().empty() && !standing.terms().empty() &&
      (standing.status() == Carer::STATUS_TEMPORARILY_APPROVED ||
       standing.status() == Carer::STATUS_ENDED)) {
    terms.set_approved_date(standing.terms(0).effective_date());
  }
  if (standing.status() == Carer::STATUS_TEMPORARILY_APPROVED && standing.has_ends_time()) {
    const absl::Time last = clock::FromProto(standing.ends_time()) - absl::Microseconds(1);
    terms.set_ended_date(domain::LondonDayText(last));
  }
  terms.set_suspended(standing.status() == carers::v1::Carer::STATUS_SUSPENDED);
  terms.set_usual_limit(standing.usual_limit());
  for (const carers::v1::DatedTerms& dated : standing.terms()) {
    auto& term = *terms.add_terms();
    term.set_effective_date(dated.effective_date());
    term.set_max_children(dated.terms().max_children());
    term.set_min_age(dated.terms().min_age());
    term.set_max_age(dated.terms().max_age());
    for (const int kind : dated.terms().placement_kinds()) {
      term.add_kinds(std::string(absl::StripPrefix(
          carers::v1::PlacementKind_Name(static_cast<carers::v1::PlacementKind>(kind)),
          "PLACEMENT_KIND_")));
    }
    *term.mutable_named_child_ids() = dated.terms().named_child_ids();
  }
  for (const carers::v1::Exemption& given : standing.exemptions()) {
    auto& exemption = *terms.add_exemptions();
    exemption.set_exemption_id(given.exemption_id());
    *exemption.mutable_child_ids() = given.child_ids();
    exemption.set_from_date(given.from_date());
    exemption.set_until_date(given.until_date());
    exemption.set_siblings(given.siblings());
  }
  return terms;
}

ledger::Change Households::Change(const std::string& carer_id, Decide decide) const {
  return ledger::MakeChange<v1::Household, v1::PlacementsFact>(
      kHouseholdAggregate, carer_id,
      [this, carer_id, decide = std::move(decide)](const v1::Household& state,
                                                   int64_t) -> absl::StatusOr<domain::Facts> {
        v1::Household household = state;
        household.set_carer_id(carer_id);
        return decide(household, {now_(), ledger::NewId});
      });
}

absl::StatusOr<std::optional<ledger::Unit>> Households::OfChild(
    const std::string& agency_id, const v1::PlacementsFact& fact) const {
  const std::string child_id = ChildOf(fact);
  if (child_id.empty()) return std::nullopt;
  ASSIGN_OR_RETURN(const auto file,
                   ledger_->LoadAs<v1::ChildFile>(agency_id, kChildAggregate, child_id));
  // Wherever the child ever lived: then it does not matter which of its facts comes first.
  std::set<std::string> carers;
  for (const v1::Placement& placement : file.placements()) carers.insert(placement.carer_id());
  carers.insert(fact.placement_corrected().former_carer_id());
  carers.erase("");
  if (carers.empty()) return std::nullopt;
  ledger::Unit unit;
  unit.agency_id = agency_id;
  unit.actor = kActor;
  for (const std::string& carer_id : carers) {
    unit.changes.push_back(
        Change(carer_id, [child_id, resident = domain::ResidentOf(file, carer_id)](
                             const v1::Household& household, const domain::Moment& moment) {
          return domain::SetResident(household, child_id, resident, moment);
        }));
  }
  return unit;
}

absl::StatusOr<std::optional<ledger::Unit>> Households::Handle(const bus::Record& record) const {
  ASSIGN_OR_RETURN(const ledger::Envelope envelope, ledger::EnvelopeOf(record));
  if (record.topic == kPlacementsTopic) {
    v1::PlacementsFact fact;
    if (!fact.ParseFromString(record.value)) return ledger::Unreadable();
    // A child who begins with nobody has lived nowhere.
    int64_t version = 0;
    if (fact.has_child_recorded() && fact.child_recorded().child().carer_id().empty() &&
        absl::SimpleAtoi(bus::HeaderOf(record, "ce_sequence"), &version) && version == 1) {
      return std::nullopt;
    }
    return OfChild(envelope.agency_id, fact);
  }
  carers::v1::CarersFact fact;
  if (!fact.ParseFromString(record.value)) return ledger::Unreadable();
  if (!fact.has_standing_changed()) return std::nullopt;
  const carers::v1::Standing& standing = fact.standing_changed().standing();
  ledger::Unit unit;
  unit.agency_id = envelope.agency_id;
  unit.actor = kActor;
  unit.changes.push_back(Change(
      standing.carer_id(),
      [terms = TermsOf(standing)](const v1::Household& household, const domain::Moment& moment) {
        return domain::NoteTerms(household, terms, moment);
      }));
  return unit;
}

ledger::Unit Households::Fire(const duty::Due& due) const {
  return duty::Firing<v1::Household, v1::PlacementsFact>(
      due, kHouseholdAggregate, kActor, TimersOf,
      [this](const v1::Household& household) -> absl::StatusOr<domain::Facts> {
        return domain::Look(household, {now_(), ledger::NewId});
      });
}

absl::StatusOr<v1::Household> Households::Get(const std::string& agency_id,
                                              const std::string& carer_id) const {
  return ledger_->LoadAs<v1::Household>(agency_id, kHouseholdAggregate, carer_id);
}

}  // namespace fosterwatch::placements
