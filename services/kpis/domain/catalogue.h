// The KPIs as data: which facts begin and end what is measured, and what is made of it. Adding a
// KPI is adding data; only a new kind of measure is code.
#pragma once

#include <map>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "google/protobuf/message.h"

#include "fosterwatch/kpis/v1/kpi.pb.h"

namespace fosterwatch::kpis::domain {

// The fact messages of the topics that streams may read: topic -> message with one oneof.
using Topics = std::map<std::string, const google::protobuf::Message*>;

// OK, or INVALID_ARGUMENT (CATALOGUE_INVALID) that names what is wrong with which stream, set or
// KPI: a name twice or empty; an unknown topic, fact or field, or a field of the wrong type; a
// chained stream that begins without a chain; a KPI without title, unit, direction, measure, source
// or version, of no stream or of a set that is not listed; targets or benchmarks out of order,
// without a source or beyond what a figure can be; what a measure needs and its stream does not
// keep (due times, values, attributes); what does not fit a measure.
absl::Status Check(const v1::Catalogue& catalogue, const Topics& topics);

// The definition with that code; null where there is none.
const v1::KpiDefinition* Find(const v1::Catalogue& catalogue, absl::string_view code);

// The stream of that name; null where there is none.
const v1::Stream* FindStream(const v1::Catalogue& catalogue, absl::string_view stream);

}  // namespace fosterwatch::kpis::domain
