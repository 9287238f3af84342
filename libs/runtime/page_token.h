// Page tokens: opaque to callers, bound to the filter of the list that they go on.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "google/protobuf/message.h"

namespace fosterwatch::runtime {

// The size that a list uses: `fallback` for 0, at most `largest`; INVALID_ARGUMENT where negative.
absl::StatusOr<int> PageSize(int asked, int fallback, int largest);

// `last` names the last row of this page ("2026-11-22T...|id"); the request is the one answered.
std::string MakePageToken(const google::protobuf::Message& request, absl::string_view last);

// What was given as `last`, or "" where the request has no token. INVALID_ARGUMENT (field
// page_token) where the token is not ours or the request's filter is another one.
absl::StatusOr<std::string> ReadPageToken(const google::protobuf::Message& request);

}  // namespace fosterwatch::runtime
