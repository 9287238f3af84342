#include "services/watchdog/app.h"

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <optional>
#include <sstream>

#include "absl/random/random.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/blocking_counter.h"
#include "google/protobuf/util/json_util.h"
#include <fcntl.h>
#include <unistd.h>

#include "libs/clock/proto_time.h"
#include "libs/json/to_message.h"
#include "libs/runtime/log.h"

namespace fosterwatch::watchdog {
namespace {

using operations::v1::Vitals;

constexpr absl::Duration kPatience = absl::Seconds(3);
constexpr absl::Duration kTellAgain = absl::Seconds(10);
// What nobody takes is dropped after so long, or past so many: newer messages say more.
constexpr absl::Duration kMessageLife = absl::Hours(24);
constexpr int kMostMessages = 100;
constexpr char kPath[] = "/fosterwatch.operations.v1.VitalsService/GetVitals";

std::string NewId() {
  static thread_local absl::BitGen bits;
  return absl::StrCat(absl::Hex(absl::Uniform<uint64_t>(bits), absl::kZeroPad16),
                      absl::Hex(absl::Uniform<uint64_t>(bits), absl::kZeroPad16));
}

v1::WatchState ReadState(const std::string& path) {
  v1::WatchState state;
  std::ifstream file(path);
  if (!file) return state;
  std::ostringstream text;
  text << file.rdbuf();
  if (json::TextToMessage(text.str(), state).ok()) return state;
  runtime::LogWarning("the state of the watchdog cannot be read: it begins anew");
  std::error_code ignored;
  std::filesystem::rename(path, path + ".unreadable", ignored);
  return {};
}

// The old file or the new one, whole, whatever happens meanwhile.
absl::Status WriteState(const v1::WatchState& state, const std::string& path) {
  std::string text;
  if (!google::protobuf::util::MessageToJsonString(state, &text).ok()) {
    return absl::InternalError("the state of the watchdog has no JSON form");
  }
  const std::string next = path + ".new";
  const int file = ::open(next.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (file < 0) return absl::UnavailableError("the state of the watchdog cannot be written");
  const bool written =
      ::write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size()) &&
      ::fsync(file) == 0;
  ::close(file);
  if (!written || std::rename(next.c_str(), path.c_str()) != 0) {
    return absl::UnavailableError("the state of the watchdog cannot be written");
  }
  return absl::OkStatus();
}

}  // namespace

App::App(Options options, Channels channels)
    : options_(std::move(options)),
      channels_(std::move(channels)),
      state_(ReadState(options_.state_file)),
      asked_(options_.now()) {
  watcher_ = std::make_unique<Watcher>(options_.policy, state_);
}

void App::Ask(const runtime::Stop& stop) {
  const absl::Duration every = absl::Seconds(options_.policy.ask_every_seconds());
  do {
    AskAll();
  } while (!stop.WaitFor(every));
}

void App::AskAll() {
  const size_t count = options_.processes.size();
  std::vector<std::optional<Vitals>> heard(count);
  absl::BlockingCounter awaited(static_cast<int>(count));
  runtime::Client::Options call;
  call.timeout = kPatience;
  if (const absl::StatusOr<std::string> token = options_.service_token(); token.ok()) {
    call.token = *token;
  }
  operations::v1::GetVitalsRequest request;
  request.set_watcher("watchdog");
  for (size_t i = 0; i < count; ++i) {
    options_.client->CallAsync(options_.processes[i], kPath, request.SerializeAsString(), call,
                               [&heard, &awaited, i](absl::StatusOr<std::string> answer) {
                                 Vitals vitals;
                                 if (answer.ok() && vitals.ParseFromString(*answer)) {
                                   heard[i] = std::move(vitals);
                                 }
                                 awaited.DecrementCount();
                               });
  }
  awaited.Wait();
  const absl::Time now = options_.now();
  absl::MutexLock lock(&mutex_);
  for (size_t i = 0; i < count; ++i) watcher_->Hear(options_.processes[i], heard[i], now);
  const Report report = watcher_->Tell(now);
  if (!report.empty()) Queue(report, now);
  asked_ = now;
}

void App::Queue(const Report& report, absl::Time now) {
  for (const Notice& notice : report.begun) {
    runtime::LogWarning("an alarm", {{"process", notice.process},
                                     {"watch", notice.watch},
                                     {"item", notice.item},
                                     {"text", notice.text}});
  }
  for (const Notice& notice : report.over) {
    runtime::LogInfo("an alarm is over",
                     {{"process", notice.process}, {"watch", notice.watch}, {"item", notice.item}});
  }
  v1::WatchState::Message* message = state_.add_messages();
  message->set_message_id(NewId());
  *message->mutable_made_time() = clock::ToProto(now);
  message->set_subject(SubjectOf(report));
  message->set_text(TextOf(report, options_.policy, options_.where, now));
  for (const std::string& target : channels_.targets()) message->add_targets(target);
  while (state_.messages_size() > kMostMessages) {
    state_.mutable_messages()->erase(state_.messages().begin());
  }
  if (const absl::Status saved = Save(); !saved.ok()) {
    runtime::LogStatus("the watchdog forgets at its next restart", saved);
  }
}

absl::Status App::Save() {
  watcher_->Save(&state_);
  return WriteState(state_, options_.state_file);
}

void App::Done(const std::string& message_id, const std::string& target) {
  absl::MutexLock lock(&mutex_);
  auto* messages = state_.mutable_messages();
  for (auto message = messages->begin(); message != messages->end(); ++message) {
    if (message->message_id() != message_id) continue;
    auto* targets = message->mutable_targets();
    targets->erase(std::remove(targets->begin(), targets->end(), target), targets->end());
    if (targets->empty()) messages->erase(message);
    break;
  }
  if (const absl::Status saved = Save(); !saved.ok()) {
    runtime::LogStatus("the watchdog forgets at its next restart", saved);
  }
}

void App::Tell(const runtime::Stop& stop) {
  while (!stop.requested()) {
    std::vector<v1::WatchState::Message> messages;
    {
      absl::MutexLock lock(&mutex_);
      auto* waiting = state_.mutable_messages();
      const absl::Time oldest = options_.now() - kMessageLife;
      waiting->erase(std::remove_if(waiting->begin(), waiting->end(),
                                    [&](const v1::WatchState::Message& message) {
                                      return clock::FromProto(message.made_time()) < oldest;
                                    }),
                     waiting->end());
      messages.assign(waiting->begin(), waiting->end());
    }
    absl::Status status;
    // Of each target the oldest first; one that does not take it holds nobody else up.
    for (const v1::WatchState::Message& message : messages) {
      for (const std::string& target : message.targets()) {
        if (stop.requested()) return;
        const absl::Status told =
            channels_.Tell(target, message, [&stop] { return stop.requested(); });
        if (absl::IsCancelled(told)) return;
        if (told.ok()) {
          Done(message.message_id(), target);
        } else {
          status.Update(told);
        }
      }
    }
    bool changed = false;
    {
      absl::MutexLock lock(&mutex_);
      changed = told_.ok() != status.ok();
      told_ = status;
    }
    if (changed && !status.ok()) runtime::LogStatus("somebody cannot be told", status);
    if (changed && status.ok()) runtime::LogInfo("everybody was told");
    if (stop.WaitFor(status.ok() ? absl::Milliseconds(500) : kTellAgain)) return;
  }
}

absl::Status App::Asking() const {
  absl::MutexLock lock(&mutex_);
  const absl::Duration late = options_.now() - asked_;
  if (late <= 3 * absl::Seconds(options_.policy.ask_every_seconds()) + kPatience) {
    return absl::OkStatus();
  }
  return absl::DeadlineExceededError("the processes are not asked in time");
}

absl::Status App::Telling() const {
  absl::MutexLock lock(&mutex_);
  return told_;
}

int App::open_alarms() const {
  absl::MutexLock lock(&mutex_);
  return watcher_->open();
}

}  // namespace fosterwatch::watchdog
