// The load generator: one thread, raw HTTP/1.1 on connections that stay open. The open loop has
// scheduled times (Poisson) and counts from them, so that a system that stalls cannot hide it.
#include <algorithm>
#include <chrono>
#include <deque>
#include <fstream>
#include <map>
#include <memory>
#include <random>
#include <thread>
#include <unordered_map>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include <boost/asio.hpp>

#include "bench/commands.h"
#include "bench/stream.h"
#include "bench/watch.h"
#include "libs/pg/connection.h"
#include "libs/status/status_macros.h"

namespace fosterwatch::bench {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using Json = nlohmann::json;

struct LoadOptions {
  std::string address;  // host:port
  std::string tokens;
  std::string mode = "closed";
  int connections = 32;
  double rate = 100;
  double seconds = 10;
  uint64_t seed = 1;
  std::string alerts;  // conninfo of the notifications' database, as a superuser
  double patience = 120;
  std::vector<std::string> watch;
  std::string json;
};

int64_t Micros() { return absl::ToUnixMicros(absl::Now()); }

Json Percentiles(std::vector<double> values) {
  if (values.empty()) return nullptr;
  std::sort(values.begin(), values.end());
  const auto at = [&](double share) {
    return values[std::min(values.size() - 1, static_cast<size_t>(share * values.size()))];
  };
  return {{"p50", at(0.5)}, {"p90", at(0.9)}, {"p99", at(0.99)}, {"max", values.back()}};
}

struct Accepted {
  int64_t scheduled = 0;
};

class Load {
 public:
  Load(const LoadOptions& options, std::vector<std::string> tokens)
      : options_(options),
        tokens_(std::move(tokens)),
        stream_(options.seed, absl::Now()),
        dice_(options.seed) {}

  absl::Status Run() {
    boost::system::error_code error;
    const std::pair<std::string, std::string> parts =
        absl::StrSplit(options_.address, absl::MaxSplits(':', 1));
    tcp::resolver resolver(io_);
    const auto found = resolver.resolve(parts.first, parts.second, error);
    if (error) return absl::InvalidArgumentError("cannot resolve " + options_.address);
    const bool closed = options_.mode != "open";
    const int count = options_.mode == "first" ? 1 : options_.connections;
    for (int i = 0; i < count; ++i) {
      auto connection = std::make_unique<Connection>(io_);
      // The first one waits for a server that is still starting.
      const int64_t patience = Micros() + (options_.mode == "first" ? 60'000'000 : 0);
      do {
        asio::connect(connection->socket, found, error);
      } while (error && Micros() < patience);
      if (error) return absl::UnavailableError("cannot connect to " + options_.address);
      connection->socket.set_option(tcp::no_delay(true));
      connections_.push_back(std::move(connection));
    }
    begun_ = Micros();
    until_ = begun_ + static_cast<int64_t>(options_.seconds * 1e6);
    if (closed) {
      for (auto& connection : connections_) Send(*connection, Take(Micros()));
    } else {
      for (auto& connection : connections_) idle_.push_back(connection.get());
      Schedule(static_cast<double>(begun_));
    }
    io_.run();
    ended_ = Micros();
    return absl::OkStatus();
  }

  // The event ids that were accepted, and when each was to be sent.
  std::unordered_map<std::string, Accepted> accepted;
  std::map<int, int64_t> statuses;
  int64_t wrong = 0;
  std::vector<double> ack_ms;
  int64_t begun() const { return begun_; }
  int64_t ended() const { return ended_; }

 private:
  struct Due {
    Event event;
    int64_t scheduled = 0;
  };
  struct Connection {
    explicit Connection(asio::io_context& io) : socket(io) {}
    tcp::socket socket;
    std::string out, in;
    Due due;
  };

  Due Take(int64_t scheduled) { return {stream_.Next(), scheduled}; }

  // The next arrival of the open loop.
  void Schedule(double from) {
    const double next = from + std::exponential_distribution<double>(options_.rate / 1e6)(dice_);
    if (next >= static_cast<double>(until_)) {
      scheduling_ = false;
      return;
    }
    timer_.expires_at(std::chrono::system_clock::time_point(
        std::chrono::microseconds(static_cast<int64_t>(next))));
    timer_.async_wait([this, next](boost::system::error_code) {
      waiting_.push_back(Take(static_cast<int64_t>(next)));
      Pair();
      Schedule(next);
    });
  }

  void Pair() {
    while (!idle_.empty() && !waiting_.empty()) {
      Connection* const connection = idle_.back();
      idle_.pop_back();
      Due due = std::move(waiting_.front());
      waiting_.pop_front();
      Send(*connection, std::move(due));
    }
  }

  void Send(Connection& connection, Due due) {
    connection.due = std::move(due);
    const Event& event = connection.due.event;
    connection.out = absl::StrCat(
        "POST /v1/events HTTP/1.1\r\nHost: bench\r\nContent-Type: application/cloudevents+json\r\n"
        "Authorization: Bearer ",
        tokens_[event.agency], "\r\nContent-Length: ", event.body.size(), "\r\n\r\n", event.body);
    asio::async_write(connection.socket, asio::buffer(connection.out),
                      [this, &connection](boost::system::error_code error, size_t) {
                        if (error) return Broken();
                        connection.in.clear();
                        Read(connection);
                      });
  }

  void Read(Connection& connection) {
    const size_t had = connection.in.size();
    connection.in.resize(had + 4096);
    connection.socket.async_read_some(
        asio::buffer(connection.in.data() + had, 4096),
        [this, &connection, had](boost::system::error_code error, size_t got) {
          if (error) return Broken();
          connection.in.resize(had + got);
          const size_t head = connection.in.find("\r\n\r\n");
          if (head == std::string::npos) return Read(connection);
          size_t length = 0;
          for (const absl::string_view line :
               absl::StrSplit(absl::string_view(connection.in).substr(0, head), "\r\n")) {
            const std::pair<absl::string_view, absl::string_view> named =
                absl::StrSplit(line, absl::MaxSplits(':', 1));
            if (absl::EqualsIgnoreCase(named.first, "content-length")) {
              (void)absl::SimpleAtoi(named.second, &length);
            }
          }
          if (connection.in.size() < head + 4 + length) return Read(connection);
          Answered(connection, head);
        });
  }

  void Broken() {
    ++wrong;
    io_.stop();
  }

  void Answered(Connection& connection, size_t head) {
    const int64_t now = Micros();
    int status = 0;
    (void)absl::SimpleAtoi(absl::string_view(connection.in).substr(9, 3), &status);
    ++statuses[status];
    const Due& due = connection.due;
    if (due.event.invalid) {
      if (status != 400) ++wrong;
    } else if (status == 202) {
      const Json answer = Json::parse(connection.in.substr(head + 4), nullptr, false);
      const std::string event_id = answer.is_object() ? answer.value("event_id", "") : "";
      auto [known, first] = by_id_.emplace(due.event.id, event_id);
      // The same event again is answered with the same record.
      if (event_id.empty() || known->second != event_id) ++wrong;
      if (first) {
        accepted[event_id] = {due.scheduled};
        ack_ms.push_back(static_cast<double>(now - due.scheduled) / 1e3);
      }
    } else if (status != 429 && status != 503) {
      ++wrong;
    }
    if (options_.mode == "open") {
      idle_.push_back(&connection);
      Pair();
      if (!scheduling_ && idle_.size() == connections_.size()) io_.stop();
    } else if (options_.mode == "first") {
      if (status != 202) Send(connection, Take(now));
    } else if (now < until_) {
      Send(connection, Take(now));
    }
  }

  const LoadOptions& options_;
  const std::vector<std::string> tokens_;
  Stream stream_;
  std::mt19937_64 dice_;
  asio::io_context io_{1};
  asio::system_timer timer_{io_};
  std::vector<std::unique_ptr<Connection>> connections_;
  std::vector<Connection*> idle_;
  std::deque<Due> waiting_;
  bool scheduling_ = true;
  std::unordered_map<std::string, std::string> by_id_;
  int64_t begun_ = 0, until_ = 0, ended_ = 0;
};

// When each event's first alert was written. The column has the database's clock as its default,
// and is the bench's own: see deploy/local/bench.sh.
constexpr char kAlerts[] =
    "SELECT event_id, min(bench_at) FROM view.alert WHERE bench_at >= $1 GROUP BY event_id";
constexpr char kAlertCount[] =
    "SELECT count(DISTINCT event_id) FROM view.alert WHERE bench_at >= $1";
// Alerts of one kind that one fact has raised twice.
constexpr char kTwice[] =
    "SELECT count(*) FROM (SELECT FROM ledger.fact WHERE name = 'alert_raised'"
    " AND recorded_at >= $1 GROUP BY agency_id, aggregate_id, cause HAVING count(*) > 1) AS twice";

absl::Status CompareAlerts(const LoadOptions& options, const Load& load, Json& out) {
  ASSIGN_OR_RETURN(const auto connection, pg::Connection::Open(options.alerts));
  const absl::Time from = absl::FromUnixMicros(load.begun()) - absl::Seconds(1);
  const absl::Time patience = absl::Now() + absl::Seconds(options.patience);
  int64_t count = 0;
  do {
    ASSIGN_OR_RETURN(const pg::Result result, connection->Query(kAlertCount, {from}));
    count = result.Int(0, 0);
    if (count >= static_cast<int64_t>(load.accepted.size())) break;
    absl::SleepFor(absl::Milliseconds(500));
  } while (absl::Now() < patience);
  ASSIGN_OR_RETURN(const pg::Result rows, connection->Query(kAlerts, {from}));
  std::vector<double> alert_ms;
  int64_t last = load.ended();
  size_t seen = 0;
  for (int row = 0; row < rows.rows(); ++row) {
    const auto found = load.accepted.find(rows.Text(row, 0));
    if (found == load.accepted.end()) continue;
    ++seen;
    const int64_t at = absl::ToUnixMicros(rows.Time(row, 1));
    last = std::max(last, at);
    alert_ms.push_back(static_cast<double>(at - found->second.scheduled) / 1e3);
  }
  ASSIGN_OR_RETURN(const pg::Result twice, connection->Query(kTwice, {from}));
  out["alert_ms"] = Percentiles(std::move(alert_ms));
  out["lost"] = load.accepted.size() - seen;
  out["duplicated"] = twice.Int(0, 0);
  const double took = static_cast<double>(last - load.begun()) / 1e6;
  out["end_to_end_per_s"] = static_cast<double>(seen) / took;
  out["drain_s"] = static_cast<double>(last - load.ended()) / 1e6;
  return absl::OkStatus();
}

absl::Status RunLoad(const LoadOptions& options) {
  std::vector<std::string> tokens;
  std::ifstream file(options.tokens);
  for (std::string line; std::getline(file, line);) tokens.push_back(line);
  if (tokens.size() != kAgencies) {
    return absl::InvalidArgumentError("the file of tokens is not one of prepare");
  }
  const std::vector<Watched> watched = ParseWatched(options.watch);
  const std::map<std::string, double> before = CpuOf(watched);
  const double machine = CpuOfMachine(), self = CpuOfSelf();

  Load load(options, std::move(tokens));
  RETURN_IF_ERROR(load.Run());
  const double took = static_cast<double>(load.ended() - load.begun()) / 1e6;
  const size_t accepted = load.accepted.size();
  Json out = {{"mode", options.mode},
              {"accepted", accepted},
              {"accepted_per_s", static_cast<double>(accepted) / took},
              {"wrong_answers", load.wrong},
              {"ack_ms", Percentiles(load.ack_ms)},
              {"began_unix_us", load.begun()},
              {"accepted_unix_us", load.ended()}};
  for (const auto& [status, count] : load.statuses) out["statuses"][absl::StrCat(status)] = count;
  if (!options.alerts.empty()) RETURN_IF_ERROR(CompareAlerts(options, load, out));
  double known = CpuOfSelf() - self;
  out["generator_cpu_s"] = known;
  for (const auto& [name, cpu] : CpuOf(watched)) {
    out["cpu_s"][name] = cpu - before.at(name);
    known += cpu - before.at(name);
  }
  out["foreign_cpu_s"] = CpuOfMachine() - machine - known;
  out["took_s"] = static_cast<double>(Micros() - load.begun()) / 1e6;
  out["memory"] = MemoryOf(watched);
  if (options.json.empty()) {
    std::puts(out.dump(1).c_str());
    return absl::OkStatus();
  }
  return WriteJson(options.json, out);
}

}  // namespace

void AddLoad(CLI::App& app, app::Context* context) {
  CLI::App* load = app.add_subcommand("load", "Report events over HTTP and look for their alerts");
  auto options = std::make_shared<LoadOptions>();
  load->add_option("--address", options->address, "HOST:PORT of the gateway")->required();
  load->add_option("--tokens", options->tokens, "the file that prepare wrote")->required();
  load->add_option("--mode", options->mode, "closed, open, or first: until one is accepted")
      ->check(CLI::IsMember({"closed", "open", "first"}));
  load->add_option("--connections", options->connections);
  load->add_option("--rate", options->rate, "events a second of the open loop");
  load->add_option("--seconds", options->seconds);
  load->add_option("--seed", options->seed);
  load->add_option("--alerts", options->alerts, "conninfo of the database with the alerts");
  load->add_option("--patience", options->patience, "seconds to wait for the last alert");
  load->add_option("--watch", options->watch, "NAME=PID of each process whose use is measured");
  load->add_option("--json", options->json, "file for the figures [standard output]");
  load->callback([context, options] { context->run = [options] { return RunLoad(*options); }; });
}

}  // namespace fosterwatch::bench
