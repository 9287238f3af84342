// One JSON object a line on standard error. `msg` is constant text; fields hold ids and codes,
// never personal data. Any thread.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"

namespace fosterwatch::runtime {

using LogFields = std::vector<std::pair<std::string, std::string>>;

// Once, before other threads begin. Levels: trace, debug, info, warn, error, off.
void InitLog(const std::string& service, const std::string& level);
void LogInfo(const std::string& msg, const LogFields& fields = {});
void LogWarning(const std::string& msg, const LogFields& fields = {});
void LogError(const std::string& msg, const LogFields& fields = {});
// A warning with code, reason and text of the status. Texts of statuses hold no personal data: see
// libs/status/error.h and libs/pg/connection.h.
void LogStatus(const std::string& msg, const absl::Status& status, LogFields fields = {});

}  // namespace fosterwatch::runtime
