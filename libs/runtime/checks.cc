#include "libs/runtime/checks.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"

#include "libs/pg/conninfo.h"
#include "libs/runtime/log.h"
#include "libs/status/error.h"
#include "nlohmann/json.hpp"

namespace fosterwatch::runtime {
namespace {

constexpr absl::Duration kPatience = absl::Seconds(2);
constexpr absl::Duration kAgain = absl::Seconds(1);
constexpr absl::Duration kAgainUnlessReady = absl::Milliseconds(250);

}  // namespace

std::string PlainWords(const absl::Status& status) {
  if (status.ok()) return "";
  if (!ReasonOf(status).empty()) return std::string(status.message());
  if (std::string mending = pg::MendingOf(status); !mending.empty()) return mending;
  switch (status.code()) {
    case absl::StatusCode::kUnavailable:
      return "it cannot be reached";
    case absl::StatusCode::kDeadlineExceeded:
      return "it does not answer in time";
    case absl::StatusCode::kResourceExhausted:
      return "it has no room left";
    case absl::StatusCode::kFailedPrecondition:
      return "it is not set up as this program needs it";
    case absl::StatusCode::kPermissionDenied:
    case absl::StatusCode::kUnauthenticated:
      return "it refuses this program";
    case absl::StatusCode::kDataLoss:
      return "something of it is missing";
    default:
      return "it fails; the log of the process says why";
  }
}

bool AllReady(const std::vector<CheckLine>& lines) {
  return std::all_of(lines.begin(), lines.end(),
                     [](const CheckLine& line) { return line.good || !line.decides; });
}

std::string ReadyText(const std::vector<CheckLine>& lines, bool verbose) {
  std::string text;
  for (const CheckLine& line : lines) {
    if (line.good && !verbose) continue;
    absl::StrAppend(&text,
                    line.good      ? "[+] "
                    : line.decides ? "[-] "
                                   : "[~] ",
                    line.name, line.good ? " is ready" : " is not ready",
                    line.text.empty() ? "" : ": ", line.text, "\n");
  }
  absl::StrAppend(&text, AllReady(lines) ? "ready\n" : "not ready\n");
  return text;
}

std::string ReadyJson(const std::vector<CheckLine>& lines) {
  nlohmann::ordered_json page;
  page["ready"] = AllReady(lines);
  page["checks"] = nlohmann::ordered_json::array();
  for (const CheckLine& line : lines) {
    nlohmann::ordered_json check = {
        {"name", line.name}, {"good", line.good}, {"decides", line.decides}};
    if (!line.text.empty()) check["text"] = line.text;
    page["checks"].push_back(std::move(check));
  }
  return page.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

void Checks::Add(const std::string& name, Kind kind, std::function<absl::Status()> check,
                 std::function<std::string()> text) {
  absl::MutexLock lock(&mutex_);
  checks_.push_back(std::make_shared<Check>(Check{name, kind, std::move(check), std::move(text)}));
}

void Checks::Start() {
  thread_ = std::thread([this] { Work(); });
}

void Checks::Stop() {
  {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
  }
  if (thread_.joinable()) thread_.join();
}

void Checks::Work() {
  while (true) {
    std::vector<std::shared_ptr<Check>> checks;
    {
      absl::MutexLock lock(&mutex_);
      checks = checks_;
    }
    for (const std::shared_ptr<Check>& check : checks) {
      {
        absl::MutexLock lock(&mutex_);
        if (stopping_) return;
      }
      Look(check);
    }
    const absl::Duration wait = AllReady(Lines()) ? kAgain : kAgainUnlessReady;
    absl::MutexLock lock(&mutex_);
    if (mutex_.AwaitWithTimeout(absl::Condition(&stopping_), wait)) return;
  }
}

void Checks::Look(const std::shared_ptr<Check>& check) {
  {
    absl::MutexLock lock(&mutex_);
    check->asking_since = absl::Now();
  }
  const absl::Status status = check->ask();
  std::string said = check->text != nullptr && status.ok() ? check->text() : "";
  absl::MutexLock lock(&mutex_);
  if (status.ok() && check->was_good && !check->last.ok()) {
    LogInfo("a check is good again", {{"check", check->name}});
  } else if (!status.ok() && (!check->asked || status.code() != check->last.code() ||
                              pg::MendingOf(status) != pg::MendingOf(check->last))) {
    LogStatus("a check is not good", status, {{"check", check->name}});
  }
  check->last = status;
  check->said = std::move(said);
  check->asked = true;
  check->was_good |= status.ok();
  check->asking_since = absl::InfiniteFuture();
}

std::vector<CheckLine> Checks::Lines() const {
  const absl::Time now = absl::Now();
  absl::MutexLock lock(&mutex_);
  std::vector<CheckLine> lines;
  for (const std::shared_ptr<Check>& check : checks_) {
    CheckLine line;
    line.name = check->name;
    line.decides =
        check->kind == Kind::kRequired || (check->kind == Kind::kUntilOnce && !check->was_good);
    absl::Status status = check->last;
    if (now - check->asking_since > kPatience) {
      status = absl::DeadlineExceededError("");
    }
    line.good = check->asked && status.ok();
    if (!check->asked && status.code() != absl::StatusCode::kDeadlineExceeded) {
      line.text = "it has not been asked yet";
    } else {
      line.text = line.good ? check->said : PlainWords(status);
    }
    if (!line.good) line.code = absl::StatusCodeToString(status.code());
    lines.push_back(std::move(line));
  }
  return lines;
}

}  // namespace fosterwatch::runtime
