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

// OK, or INVALID_ARGUMENT (CATALOGUE_INVALID) that names what is wrong with which stream or KPI: a
// code or stream twice or empty, an unknown topic, fact or field, a field of the wrong type (keys
// are strings, times and dues Timestamps), a KPI without title, unit, direction, measure, source or
// version, targets out of order, without a source or beyond what a figure can be, a KPI of no
// stream, or one that asks for due times of a stream that has none.
absl::Status Check(const v1::Catalogue& catalogue, const Topics& topics);

// The definition with that code; null where there is none.
const v1::KpiDefinition* Find(const v1::Catalogue& catalogue, absl::string_view code);

}  // namespace fosterwatch::kpis::domain
