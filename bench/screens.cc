// From a fact to the screens that are open: safer caring plans are reported by a case system at a
// steady rate, and as many live streams as asked for are told. A screen is told when the change of
// the figures arrives on its stream; it shows the change when the first reading of its page that
// began afterwards has ended. All times count from when the report was to be sent, so that a system
// that stalls cannot hide it.
#include <algorithm>
#include <atomic>
#include <chrono>
#include <memory>
#include <string>
#include <thread>
#include <unordered_map>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include <boost/asio.hpp>
#include <sys/resource.h>

#include "apps/fosterwatch/people.h"
#include "bench/commands.h"
#include "bench/watch.h"
#include "fosterwatch/gateway/v1/gateway_service.pb.h"
#include "fosterwatch/kpis/v1/figure_import_service.pb.h"
#include "fosterwatch/kpis/v1/kpis_service.pb.h"
#include "fosterwatch/kpis/v1/safer_caring.pb.h"
#include "libs/clock/working_calendar.h"
#include "libs/ledger/id.h"
#include "libs/status/status_macros.h"

namespace fosterwatch::bench {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using gateway::v1::WatchResponse;

constexpr int kSenders = 32;
constexpr absl::Duration kPatience = absl::Seconds(60);

struct ScreensOptions {
  double rate = 1, seconds = 20;
  int clients = 1;
  std::string source = "urn:demonstration:case-system";
  std::vector<std::string> watch;
  std::string json;
};

nlohmann::json Percentiles(std::vector<double> values) {
  if (values.empty()) return nullptr;
  std::sort(values.begin(), values.end());
  const auto at = [&](double share) {
    return values[std::min(values.size() - 1,
                           static_cast<size_t>(share * static_cast<double>(values.size())))];
  };
  return {{"p50", at(0.5)}, {"p99", at(0.99)}, {"max", values.back()}, {"of", values.size()}};
}

// What was reported when, and when it came to whom. Any thread.
class Journey {
 public:
  void Sent(const std::string& record_id, absl::Time scheduled) {
    absl::MutexLock lock(&mutex_);
    sent_[record_id] = scheduled;
  }
  // A message on a screen's stream; the first screen is the one whose page is read again.
  void Arrived(const WatchResponse& message, bool first, absl::Time now) {
    absl::MutexLock lock(&mutex_);
    if (message.fact() == "safer_caring_reviewed") {
      const auto sent = sent_.find(message.aggregate_id());
      if (sent == sent_.end()) return;
      Fact& fact = facts_[message.fact_id()];
      if (fact.sent != absl::InfinitePast()) return;
      fact.sent = sent->second;
      for (const auto& [was_first, then] : fact.early) Tell(fact.sent, was_first, then);
      fact.early.clear();
    } else if (message.fact() == "kpi_changed") {
      Fact& fact = facts_[message.aggregate_id()];
      if (fact.sent == absl::InfinitePast()) {
        fact.early.emplace_back(first, now);
      } else {
        Tell(fact.sent, first, now);
      }
    }
  }
  // Waits for something that the page does not show yet; empty after `patience`.
  std::vector<absl::Time> Unread(absl::Duration patience) {
    absl::MutexLock lock(&mutex_);
    const auto any = [this] { return !unread_.empty(); };
    mutex_.AwaitWithTimeout(absl::Condition(&any), patience);
    return std::exchange(unread_, {});
  }
  bool AwaitTold(size_t count, absl::Duration patience) {
    absl::MutexLock lock(&mutex_);
    const auto all = [&] { return told_ms_.size() >= count; };
    return mutex_.AwaitWithTimeout(absl::Condition(&all), patience);
  }
  std::vector<double> told_ms() const {
    absl::MutexLock lock(&mutex_);
    return told_ms_;
  }

 private:
  struct Fact {
    absl::Time sent = absl::InfinitePast();
    std::vector<std::pair<bool, absl::Time>> early;  // told of the figures before the fact itself
  };
  void Tell(absl::Time sent, bool first, absl::Time then) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    told_ms_.push_back(absl::ToDoubleMilliseconds(then - sent));
    if (first) unread_.push_back(sent);
  }

  mutable absl::Mutex mutex_;
  std::unordered_map<std::string, absl::Time> sent_;
  std::unordered_map<std::string, Fact> facts_;
  std::vector<double> told_ms_;
  std::vector<absl::Time> unread_;
};

// One open live stream.
class Screen {
 public:
  Screen(asio::io_context& io, Journey* journey, bool first)
      : socket_(io), journey_(journey), first_(first) {}

  absl::Status Open(const tcp::endpoint& gateway, const std::string& token) {
    boost::system::error_code error;
    socket_.connect(gateway, error);
    if (error) return absl::UnavailableError("the gateway takes no connection");
    const std::string request = absl::StrCat(
        "POST /fosterwatch.gateway.v1.LiveService/Watch HTTP/1.1\r\nHost: bench\r\n"
        "Content-Type: application/connect+proto\r\nConnect-Protocol-Version: 1\r\n"
        "Authorization: Bearer ",
        token, "\r\nContent-Length: 5\r\n\r\n", std::string(5, '\0'));
    asio::write(socket_, asio::buffer(request), error);
    if (error) return absl::UnavailableError("the gateway takes no request");
    Read();
    return absl::OkStatus();
  }
  bool standing() const { return standing_; }

 private:
  void Read() {
    socket_.async_read_some(asio::buffer(buffer_),
                            [this](boost::system::error_code error, size_t size) {
                              if (error) return;
                              in_.append(buffer_, size);
                              if (in_head_) {
                                const size_t end = in_.find("\r\n\r\n");
                                if (end == std::string::npos) return Read();
                                in_.erase(0, end + 4);
                                in_head_ = false;
                              }
                              Unchunk();
                              Messages();
                              Read();
                            });
  }
  // Moves whole chunks from what came to the body.
  void Unchunk() {
    while (true) {
      const size_t line = in_.find("\r\n");
      if (line == std::string::npos) return;
      size_t size = 0;
      if (!absl::SimpleHexAtoi(in_.substr(0, line), &size)) return;
      if (in_.size() < line + 2 + size + 2) return;
      body_.append(in_, line + 2, size);
      in_.erase(0, line + 2 + size + 2);
    }
  }
  void Messages() {
    const absl::Time now = absl::Now();
    while (body_.size() >= 5) {
      size_t size = 0;
      for (int i = 1; i < 5; ++i) size = size << 8 | static_cast<uint8_t>(body_[i]);
      if (body_.size() < 5 + size) return;
      WatchResponse message;
      if (message.ParseFromArray(body_.data() + 5, static_cast<int>(size))) {
        standing_ = standing_ || message.kind() == WatchResponse::KIND_HELLO;
        journey_->Arrived(message, first_, now);
      }
      body_.erase(0, 5 + size);
    }
  }

  tcp::socket socket_;
  Journey* const journey_;
  const bool first_;
  std::atomic<bool> standing_ = false;
  bool in_head_ = true;
  char buffer_[16384];
  std::string in_, body_;
};

absl::StatusOr<tcp::endpoint> GatewayOf(const std::string& public_url) {
  const std::string address(absl::StripSuffix(absl::StripPrefix(public_url, "http://"), "/"));
  const std::pair<std::string, std::string> parts =
      absl::StrSplit(address, absl::MaxSplits(':', 1));
  boost::system::error_code error;
  const auto host = asio::ip::make_address(parts.first, error);
  int port = 0;
  if (error || !absl::SimpleAtoi(parts.second, &port)) {
    return absl::InvalidArgumentError("--public-url is not http://IP:PORT");
  }
  return tcp::endpoint(host, static_cast<uint16_t>(port));
}

// Each report at its time; how many were taken.
int64_t SendAll(const ScreensOptions& options, app::Remote& remote, Journey& journey) {
  const auto count = static_cast<int64_t>(options.rate * options.seconds);
  const std::string run = ledger::NewId();
  const std::string today = absl::FormatCivilTime(clock::LondonDay(absl::Now()));
  const absl::Time begun = absl::Now();
  std::atomic<int64_t> next = 0, taken = 0;
  std::vector<std::thread> senders;
  for (int i = 0; i < kSenders; ++i) {
    senders.emplace_back([&] {
      for (int64_t mine = next++; mine < count; mine = next++) {
        const absl::Time due = begun + absl::Seconds(static_cast<double>(mine) / options.rate);
        absl::SleepFor(due - absl::Now());
        kpis::v1::ReportedSaferCaringPlan plan;
        plan.set_carer_id(absl::StrCat("bench-", run, "-", mine));
        plan.set_reviewed_date(today);
        kpis::v1::IngestCloudEventRequest event;
        event.set_id(plan.carer_id());
        event.set_source(options.source);
        event.set_type("uk.fosterwatch.safer-caring-plan.reviewed.v1");
        event.set_data_content_type("application/protobuf");
        event.set_data(plan.SerializeAsString());
        journey.Sent(plan.carer_id(), due);
        taken += remote
                     .Call<kpis::v1::SaferCaringPlan>("kpis", "SaferCaringService",
                                                      "IngestCloudEvent", event)
                     .ok();
      }
    });
  }
  for (std::thread& sender : senders) sender.join();
  return taken;
}

absl::Status MeasureScreens(const app::Context& context, const ScreensOptions& options) {
  rlimit files{};
  getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  setrlimit(RLIMIT_NOFILE, &files);
  ASSIGN_OR_RETURN(const tcp::endpoint gateway, GatewayOf(context.settings.public_url));
  ASSIGN_OR_RETURN(const std::string token, app::IssueToken(context.settings, "registered_manager",
                                                            context.agency, "", absl::Hours(1)));
  ASSIGN_OR_RETURN(const auto publisher, app::Remote::Open(context, "publisher"));
  ASSIGN_OR_RETURN(const auto reader, app::Remote::Open(context, "registered_manager"));
  const std::vector<Watched> watched = ParseWatched(options.watch);
  const nlohmann::json before = MemoryOf(watched);

  Journey journey;
  asio::io_context io;
  const auto work = asio::make_work_guard(io);
  std::vector<std::unique_ptr<Screen>> screens;
  std::thread network;
  absl::Status opened;
  for (int i = 0; i < options.clients && opened.ok(); ++i) {
    screens.push_back(std::make_unique<Screen>(io, &journey, i == 0));
    opened = screens.back()->Open(gateway, token);
  }
  network = std::thread([&] { io.run(); });
  const auto all_stand = [&] {
    return std::all_of(screens.begin(), screens.end(),
                       [](const auto& screen) { return screen->standing(); });
  };
  for (const absl::Time until = absl::Now() + kPatience;
       opened.ok() && !all_stand() && absl::Now() < until;) {
    absl::SleepFor(absl::Milliseconds(10));
  }
  if (opened.ok() && !all_stand()) opened = absl::UnavailableError("not every stream stands");

  std::vector<double> shown_ms;
  std::atomic<bool> over = false;
  std::thread page([&] {
    kpis::v1::ListKpisRequest request;
    request.set_set("fostering");
    request.set_history_months(3);
    while (true) {
      const std::vector<absl::Time> unread = journey.Unread(absl::Milliseconds(100));
      if (unread.empty() && over) return;
      if (unread.empty()) continue;
      if (!reader->Call<kpis::v1::ListKpisResponse>("kpis", "KpisService", "ListKpis", request)
               .ok()) {
        continue;
      }
      for (const absl::Time sent : unread) {
        shown_ms.push_back(absl::ToDoubleMilliseconds(absl::Now() - sent));
      }
    }
  });
  const absl::Time begun = absl::Now();
  const int64_t taken = opened.ok() ? SendAll(options, *publisher, journey) : 0;
  const double sending = absl::ToDoubleSeconds(absl::Now() - begun);
  const bool all_told = journey.AwaitTold(static_cast<size_t>(taken) * screens.size(), kPatience);
  over = true;
  page.join();
  const nlohmann::json after = MemoryOf(watched);
  io.stop();
  network.join();
  RETURN_IF_ERROR(opened);
  const nlohmann::json figures = {{"clients", options.clients},
                                  {"rate", options.rate},
                                  {"taken", taken},
                                  {"taken_a_second", static_cast<double>(taken) / sending},
                                  {"all_told", all_told},
                                  {"told_ms", Percentiles(journey.told_ms())},
                                  {"shown_ms", Percentiles(shown_ms)},
                                  {"memory_before", before},
                                  {"memory_after", after}};
  std::printf("%s\n", figures.dump(1).c_str());
  return options.json.empty() ? absl::OkStatus() : WriteJson(options.json, figures);
}

}  // namespace

void AddScreens(CLI::App& app, app::Context* context) {
  CLI::App* screens =
      app.add_subcommand("screens", "How long a fact takes to the screens that are open");
  auto options = std::make_shared<ScreensOptions>();
  screens->add_option("--agency", context->agency, "the agency")->capture_default_str();
  screens->add_option("--rate", options->rate, "reports a second")->capture_default_str();
  screens->add_option("--seconds", options->seconds, "for how long")->capture_default_str();
  screens->add_option("--clients", options->clients, "live streams open")->capture_default_str();
  screens->add_option("--source", options->source, "of the agency's case system")
      ->capture_default_str();
  screens->add_option("--watch", options->watch, "NAME=PID of processes whose memory is shown");
  screens->add_option("--json", options->json, "file for the figures");
  screens->callback([=] { context->run = [=] { return MeasureScreens(*context, *options); }; });
}

}  // namespace fosterwatch::bench
