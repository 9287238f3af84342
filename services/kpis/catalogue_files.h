// The definitions as they are installed, and the topics that they read.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"

#include "fosterwatch/kpis/v1/kpi.pb.h"
#include "services/kpis/domain/catalogue.h"

namespace fosterwatch::kpis {

// The fact messages of every topic that a stream may read.
const domain::Topics& KnownTopics();

// The definitions of every *.json in a folder, in the order of their names, together, checked.
// INVALID_ARGUMENT names the file, NOT_FOUND where there is none.
absl::StatusOr<v1::Catalogue> ReadCatalogue(const std::string& folder);

// The topics that the catalogue's streams read.
std::vector<std::string> TopicsOf(const v1::Catalogue& catalogue);

// Of all topics, those whose facts are counted one by one for each key. Ids of the directory are
// chosen by people: a body and a person may share one.
std::vector<std::string> VersionedTopics();

}  // namespace fosterwatch::kpis
