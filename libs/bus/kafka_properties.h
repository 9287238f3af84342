// What an ops team may say about the way to its brokers, in librdkafka's words:
//
//   # by TLS, with a user and a password
//   security.protocol=SASL_SSL
//   ssl.ca.location=/secrets/kafka-ca.pem
//   sasl.mechanism=PLAIN
//   sasl.username=fosterwatch
//   sasl.password=...
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace fosterwatch::bus::kafka {

using Properties = std::vector<std::pair<std::string, std::string>>;

// INVALID_ARGUMENT for a property that is not about the way to the brokers: what is published is
// durable and in order because of the others (acks, enable.idempotence, ...). Never says a value.
absl::Status CheckProperty(absl::string_view name);

// "name=value" lines; blank ones and those that begin with # are passed over, spaces around a name
// or value do not count. INVALID_ARGUMENT names the line or property at fault; CheckProperty of
// each.
absl::StatusOr<Properties> ParseProperties(absl::string_view text);

// The text of a file. NOT_FOUND where it cannot be read.
absl::StatusOr<std::string> ReadPropertiesFile(const std::string& path);

}  // namespace fosterwatch::bus::kafka
