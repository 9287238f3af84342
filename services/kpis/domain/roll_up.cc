#include "services/kpis/domain/roll_up.h"

#include <algorithm>

#include "services/kpis/domain/measure.h"

namespace fosterwatch::kpis::domain {
namespace {

using v1::Figure;
using v1::KpiDefinition;
using v1::RollUp;

v1::Share& ShareOf(const v1::Share& of, Figure& figure) {
  for (v1::Share& share : *figure.mutable_shares()) {
    if (share.code() == of.code()) return share;
  }
  v1::Share& share = *figure.add_shares();
  share.set_code(of.code());
  share.set_title(of.title());
  return share;
}

void Add(const Figure& figure, Figure& all) {
  all.set_numerator(all.numerator() + figure.numerator());
  all.set_denominator(all.denominator() + figure.denominator());
  if (figure.has_sum()) all.set_sum(all.sum() + figure.sum());
  if (figure.parts_unknown()) all.set_parts_unknown(true);
  for (const v1::Share& share : figure.shares()) {
    v1::Share& of_all = ShareOf(share, all);
    of_all.set_count(of_all.count() + share.count());
  }
}

// What of a figure keeps it from being added to others.
bool Holds(RollUp::Reason reason, bool share, const Figure& figure) {
  switch (reason) {
    case RollUp::REASON_SUPPRESSED:
      return figure.suppressed();
    case RollUp::REASON_INCOMPLETE:
      return !figure.has_value();
    default:
      return share && figure.parts_unknown();
  }
}

}  // namespace

RollUp RollUpOf(const KpiDefinition& kpi, const std::vector<std::string>& agency_ids,
                const std::vector<Figure>& figures) {
  RollUp rolled;
  const bool share = kpi.unit() == KpiDefinition::UNIT_PERCENT;
  if (!share && kpi.unit() != KpiDefinition::UNIT_COUNT) {
    rolled.set_not_rolled_up(RollUp::REASON_NOT_A_SUM);
    for (const std::string& id : agency_ids) rolled.add_agency_ids(id);
    return rolled;
  }
  Figure& all = *rolled.mutable_figure();
  const Figure& any = figures.front();
  all.set_code(any.code());
  all.set_period(any.period());
  *all.mutable_as_at_time() = any.as_at_time();
  *all.mutable_known_at_time() = any.known_at_time();
  *all.mutable_begin_time() = any.begin_time();
  *all.mutable_until_time() = any.until_time();
  for (const RollUp::Reason reason :
       {RollUp::REASON_SUPPRESSED, RollUp::REASON_INCOMPLETE, RollUp::REASON_PARTS_UNKNOWN}) {
    for (size_t i = 0; i < figures.size(); ++i) {
      if (Holds(reason, share, figures[i])) rolled.add_agency_ids(agency_ids[i]);
    }
    if (rolled.agency_ids().empty()) continue;
    rolled.set_not_rolled_up(reason);
    all.set_suppressed(reason == RollUp::REASON_SUPPRESSED);
    return rolled;
  }
  double value = 0;
  for (const Figure& figure : figures) {
    Add(figure, all);
    value += figure.value();
  }
  std::stable_sort(all.mutable_shares()->begin(), all.mutable_shares()->end(),
                   [](const v1::Share& a, const v1::Share& b) { return a.count() > b.count(); });
  if (share) {
    SetShare(all);
  } else {
    all.set_value(value);
  }
  return rolled;
}

}  // namespace fosterwatch::kpis::domain
