// One JSON object a line on standard error. `msg` is constant text; fields hold ids and codes,
// never personal data. Any thread.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"

namespace fosterwatch::runtime {

using LogFields = std::vector<std::pair<std::string, std::string>>;

void InitLog(const std::string& service, const std::string& level);
void LogInfo(const std::string& msg, const LogFields& fields = {});
void LogWarning(const std::string& msg, const LogFields& fields = {});
void LogError(const std::string& msg, const LogFields& fields = {});
// Adds code and reason of the status; its text only where it is ours.
void LogStatus(const std::string& msg, const absl::Status& status, LogFields fields = {});

}  // namespace fosterwatch::runtime
