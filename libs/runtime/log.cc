#include "libs/runtime/log.h"

#include <memory>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include "libs/status/error.h"
#include "nlohmann/json.hpp"

namespace fosterwatch::runtime {
namespace {

struct Log {
  std::string service;
  std::shared_ptr<spdlog::logger> lines;
};

Log& TheLog() {
  static Log* const log = [] {
    auto* made = new Log{"", std::make_shared<spdlog::logger>(
                                 "log", std::make_shared<spdlog::sinks::stderr_sink_mt>())};
    made->lines->set_pattern("%v");
    return made;
  }();
  return *log;
}

void Write(spdlog::level::level_enum level, const std::string& msg, const LogFields& fields) {
  const Log& log = TheLog();
  if (!log.lines->should_log(level)) return;
  nlohmann::ordered_json line;
  line["ts"] = absl::FormatTime("%Y-%m-%dT%H:%M:%E3SZ", absl::Now(), absl::UTCTimeZone());
  const auto word = spdlog::level::to_string_view(level);
  line["level"] = std::string(word.data(), word.size());
  if (!log.service.empty()) line["service"] = log.service;
  line["msg"] = msg;
  for (const auto& [name, value] : fields) line[name] = value;
  log.lines->log(level, line.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
}

}  // namespace

void InitLog(const std::string& service, const std::string& level) {
  Log& log = TheLog();
  log.service = service;
  log.lines->set_level(spdlog::level::from_str(level));
  log.lines->flush_on(spdlog::level::trace);
}

void LogInfo(const std::string& msg, const LogFields& fields) {
  Write(spdlog::level::info, msg, fields);
}

void LogWarning(const std::string& msg, const LogFields& fields) {
  Write(spdlog::level::warn, msg, fields);
}

void LogError(const std::string& msg, const LogFields& fields) {
  Write(spdlog::level::err, msg, fields);
}

void LogStatus(const std::string& msg, const absl::Status& status, LogFields fields) {
  fields.emplace_back("code", absl::StatusCodeToString(status.code()));
  if (const std::string reason = ReasonOf(status); !reason.empty()) {
    fields.emplace_back("reason", reason);
  }
  fields.emplace_back("error", std::string(status.message()));
  Write(status.ok() ? spdlog::level::info : spdlog::level::warn, msg, fields);
}

}  // namespace fosterwatch::runtime
