// Documents that the service packs makes: ordered, waited for, fetched.
#pragma once

#include <functional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "google/protobuf/message.h"

#include "apps/fosterwatch/remote.h"
#include "fosterwatch/packs/v1/packs_service.pb.h"

namespace fosterwatch::app {

// Orders a document by one of the methods of PacksService and waits until it is ready; how far it
// is goes to standard error, one line that is written over on a terminal. FAILED_PRECONDITION with
// the document's own reason where it could not be made.
absl::StatusOr<packs::v1::Pack> OrderPack(Remote& remote, const std::string& method,
                                          const google::protobuf::Message& request);

// One of its files, whole. DATA_LOSS where it is not what its hash says.
absl::StatusOr<std::string> FetchPackFile(Remote& remote, const packs::v1::Pack& pack,
                                          const std::string& name);

// Writes a file that only its owner can read; FAILED_PRECONDITION where it cannot be written.
absl::Status WritePrivateFile(const std::string& path, const std::string& content);

}  // namespace fosterwatch::app
