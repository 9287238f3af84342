// What follows from all observations of a stream: its elements. One pure function, so that what is
// known now and what was known at any moment before follow by the same rule: of the latter, from
// the observations that had been recorded by then. view.span holds the result for now; its database
// function (views.cc) says the same in SQL, one observation after the other, and a property holds
// the two together.
#pragma once

#include <string>
#include <vector>

#include "absl/time/time.h"

#include "services/kpis/domain/observe.h"
#include "services/kpis/domain/span.h"

namespace fosterwatch::kpis::domain {

// An observation with the fact that it comes from.
struct Recorded {
  std::string aggregate_id;
  // The place of the fact in its aggregate, and of the observation in the fact.
  int64_t version = 0;
  int64_t place = 0;
  std::string fact_id;
  absl::Time recorded;
  Observation observation;
};

// The elements that have a beginning, by begin, record and key. All observations are of one stream
// of one agency. In whatever order they come, those of one record count by version and place; the
// same one twice counts once.
//
//   resets   what it names is forgotten
//   begins   sets beginning, due time, value; adds attributes. In a chained stream it ends every
//            other element of its chain that began before and has not ended by then; and where
//            another began after it, this one ends there.
//   moves    sets the due time of an element that is known
//   reopens  forgets the end
//   ends     sets the end of an element that has none, or only lapsed; adds attributes
//   lapses   ends an element that has no end, as not done
//
// Ends and lapses without a key are of all elements of the chain, or of the record, that have begun
// by then and have no end.
std::vector<Span> Fold(bool chained, std::vector<Recorded> observations);

}  // namespace fosterwatch::kpis::domain
