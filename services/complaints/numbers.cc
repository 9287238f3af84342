#include "services/complaints/numbers.h"

#include "absl/strings/str_cat.h"

#include "services/complaints/domain/command.h"
#include "services/complaints/domain/record.h"

namespace fosterwatch::complaints {
namespace {

ledger::Change TakeFrom(int block, bool last, const std::string& complaint_id,
                        const std::shared_ptr<TakenNumber>& taken) {
  return ledger::MakeChange<v1::NumberTaken, v1::ComplaintFact>(
      kNumberAggregate, absl::StrCat("number-", taken->year, "-", block),
      [block, last, complaint_id, taken](const v1::NumberTaken&,
                                         int64_t version) -> absl::StatusOr<domain::Facts> {
        if (taken->number != 0) return domain::Facts{};
        if (version >= kNumbersInBlock) {
          if (!last) return domain::Facts{};
          return absl::AbortedError("other complaints were numbered at the same time");
        }
        taken->number = block * kNumbersInBlock + static_cast<int>(version) + 1;
        domain::Facts facts(1);
        auto* said = facts[0].mutable_number_taken();
        *said->mutable_case_number() = domain::MakeCaseNumber(taken->year, taken->number);
        said->set_complaint_id(complaint_id);
        return facts;
      });
}

}  // namespace

void TakeNumber(ledger::Unit& unit, const std::string& complaint_id, int known,
                const std::shared_ptr<TakenNumber>& taken) {
  // A unit may be decided again after a lost race, and then takes another number.
  unit.changes.push_back(ledger::MakeChange<v1::NumberTaken, v1::ComplaintFact>(
      kNumberAggregate, absl::StrCat("number-", taken->year, "-", known / kNumbersInBlock),
      [taken](const v1::NumberTaken&, int64_t) -> absl::StatusOr<domain::Facts> {
        taken->number = 0;
        return domain::Facts{};
      }));
  const int block = known / kNumbersInBlock;
  unit.changes.push_back(TakeFrom(block, /*last=*/false, complaint_id, taken));
  unit.changes.push_back(TakeFrom(block + 1, /*last=*/true, complaint_id, taken));
}

ledger::Aggregate NumberAggregate() {
  return ledger::MakeAggregate<v1::NumberTaken, v1::ComplaintFact>(
      kNumberAggregate,
      [](v1::NumberTaken& last, const v1::ComplaintFact& fact, const ledger::FactStamp&) {
        if (fact.has_number_taken()) last = fact.number_taken();
      },
      nullptr, {});
}

}  // namespace fosterwatch::complaints
