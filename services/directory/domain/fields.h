// What is asked of single fields of a request. Pure; errors name the field as in the request.
#pragma once

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "google/protobuf/timestamp.pb.h"

#include "fosterwatch/options/v1/options.pb.h"

namespace fosterwatch::directory::domain {

// Not empty, at most so many bytes.
absl::Status CheckText(absl::string_view field, absl::string_view text, size_t most);
// Not publisher or service.
absl::Status CheckRoleOfPeople(absl::string_view field, options::v1::Role role);
// Within the range of google.protobuf.Timestamp.
absl::Status CheckMoment(absl::string_view field, const google::protobuf::Timestamp& moment);
// The answer to a request that sets what only the directory sets.
absl::Status MadeHere(absl::string_view field);

}  // namespace fosterwatch::directory::domain
