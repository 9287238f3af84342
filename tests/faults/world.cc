#include "tests/faults/world.h"

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <random>
#include <stdexcept>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"

#include "libs/bus/kafka_bus.h"
#include "libs/bus/postgres_bus.h"
#include "libs/ledger/id.h"
#include "libs/testing/broker.h"

namespace fosterwatch::faults {
namespace {

using ::fosterwatch::testing::Process;

constexpr char kAgency[] = "agency-a";

std::string WorkerProgram() {
  const char* folder = std::getenv("FOSTERWATCH_BIN_DIR");
  if (folder == nullptr) {
    throw std::runtime_error("FOSTERWATCH_BIN_DIR does not name the folder of the binaries");
  }
  return absl::StrCat(folder, "/../tests/faults_worker");
}

}  // namespace

World::World()
    : bus_database_("fosterwatch_bus", bus::PostgresBusMigrations("fosterwatch_bus")),
      topic_(testing::UniqueTopic("faults")) {
  if (kafka()) testing::StartBroker();
  bus_ = OpenBus();
  const absl::Status made = bus_->EnsureTopics({{topic_, 4}});
  if (!made.ok()) throw std::runtime_error(made.ToString());
}

World::~World() {
  reader_.reset();
  bus_.reset();
  if (kafka()) testing::RemoveUniqueTopics();
}

std::unique_ptr<bus::Bus> World::OpenBus() const {
  auto bus = kafka() ? bus::MakeKafkaBus({.brokers = testing::TestBrokers()})
                     : bus::MakePostgresBus(bus_database_.service());
  if (!bus.ok()) throw std::runtime_error(bus.status().ToString());
  return *std::move(bus);
}

std::unique_ptr<Process> World::StartRelay(const std::string& name, Settings settings) {
  settings.insert({{"WORKER_SERVICE", database_.service() + " application_name=" + name},
                   {"WORKER_RELAY", database_.relay() + " application_name=" + name},
                   {"WORKER_BUS", bus_database_.service() + " application_name=" + name},
                   {"WORKER_TOPIC", topic_}});
  if (kafka()) settings["WORKER_KAFKA"] = testing::TestBrokers();
  auto process = Process::Start({{WorkerProgram()}, std::move(settings), {}, ""});
  if (!process.ok()) throw std::runtime_error(process.status().ToString());
  return std::make_unique<Process>(*std::move(process));
}

std::unique_ptr<Process> World::StartConsumer(const std::string& member, Settings settings) {
  settings["WORKER_GROUP"] = "group";
  settings["WORKER_MEMBER"] = member;
  return StartRelay(member.empty() ? "consumer" : member, std::move(settings));
}

std::string World::Said(const Process& worker, const std::string& name) {
  const std::string output = worker.Output();
  const std::string before = absl::StrCat(" ", name, "=");
  const size_t whole = output.rfind('\n');
  const size_t at = whole == std::string::npos ? whole : output.rfind(before, whole);
  if (at == std::string::npos) return "";
  const size_t begin = at + before.size();
  return output.substr(begin, output.find_first_of(" \n", begin) - begin);
}

bool World::IsStopped(const Process& worker) {
  std::ifstream stat(absl::StrCat("/proc/", worker.pid(), "/stat"));
  std::string text;
  std::getline(stat, text);
  const size_t at = text.rfind(')');  // the state comes after the program's name
  return at != std::string::npos && at + 2 < text.size() && text[at + 2] == 'T';
}

std::string World::Leader() {
  auto holder = testing::Connect(database_.admin())
                    ->Query(
                        "SELECT application_name FROM pg_stat_activity JOIN pg_locks USING (pid)"
                        " WHERE locktype = 'advisory' AND granted AND datname = $1"
                        " AND usename = $2 LIMIT 1",
                        {database_.name(), database_.role() + "_relay"});
  return holder.ok() && holder->rows() == 1 ? holder->Text(0, 0) : "";
}

void World::CutSessions(const std::string& name, const std::string& database) {
  auto cut = testing::Connect(database_.admin())
                 ->Query(
                     "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                     " WHERE datname = $2 AND (application_name = $1"
                     // A member of a group is "fosterwatch bus <group> <member>".
                     " OR application_name LIKE '% ' || $1)",
                     {name, database});
  if (!cut.ok()) throw std::runtime_error(cut.status().ToString());
}

void World::Publish(int keys, int versions, size_t value_bytes, absl::Duration age) {
  std::vector<bus::Record> batch;
  const auto flush = [&] {
    if (absl::Status sent = bus_->Publish(batch); !sent.ok()) {
      throw std::runtime_error(sent.ToString());
    }
    published_.insert(published_.end(), batch.begin(), batch.end());
    batch.clear();
  };
  std::mt19937_64 random(published_.size());
  for (int v = 0; v < versions; ++v) {
    for (int k = 0; k < keys; ++k) {
      bus::Record record;
      record.topic = topic_;
      const std::string id = absl::StrCat("k", k);
      record.key = absl::StrCat(kAgency, "/", id);
      const int64_t version = ++versions_[record.key];
      const std::string fact_id = ledger::NewId();
      record.headers = {
          {"ce_specversion", "1.0"},
          {"ce_id", fact_id},
          {"ce_source", "/test"},
          {"ce_type", "fosterwatch.directory.v1.holder_appointed"},
          {"ce_time", absl::FormatTime(absl::RFC3339_full, absl::Now() - age, absl::UTCTimeZone())},
          {"ce_subject", id},
          {"ce_agencyid", kAgency},
          {"ce_sequence", absl::StrCat(absl::Dec(version, absl::kZeroPad10))},
          {"ce_actor", "person-1"},
          {"content-type", "application/protobuf"},
      };
      // What does not compress: a megabyte on the wire is one in memory.
      while (record.value.size() < value_bytes) {
        const uint64_t some = random();
        record.value.append(reinterpret_cast<const char*>(&some), sizeof some);
      }
      facts_.push_back({fact_id, record.key, version, ""});
      batch.push_back(std::move(record));
      if (batch.size() == 500) flush();
    }
  }
  flush();
}

void World::PublishCopies(int copies, std::mt19937& random) {
  std::vector<bus::Record> all;
  for (int i = 0; i < copies; ++i) all.insert(all.end(), published_.begin(), published_.end());
  std::shuffle(all.begin(), all.end(), random);
  for (size_t at = 0; at < all.size(); at += 500) {
    const absl::Status sent =
        bus_->Publish({all.begin() + at, all.begin() + std::min(at + 500, all.size())});
    if (!sent.ok()) throw std::runtime_error(sent.ToString());
  }
}

std::vector<oracle::Record> World::ReadBus() {
  if (reader_ == nullptr) {
    auto reader = bus_->Subscribe({.group = topic_ + "-oracle", .topics = {topic_}});
    if (!reader.ok()) throw std::runtime_error(reader.status().ToString());
    reader_ = *std::move(reader);
  }
  while (true) {
    auto polled = reader_->Poll(1000, absl::Milliseconds(read_.empty() ? 8000 : 500));
    if (!polled.ok() || polled->empty()) return read_;
    for (const bus::Record& record : *polled) {
      int64_t version = 0;
      if (!absl::SimpleAtoi(bus::HeaderOf(record, "ce_sequence"), &version)) {
        throw std::runtime_error("a record has no sequence");
      }
      read_.push_back({bus::HeaderOf(record, "ce_id"), record.key, version});
    }
  }
}

oracle::Verdict World::JudgeRelay() {
  oracle::Verdict verdict = JudgeRelayOnce();
  testing::AwaitTrue(
      [&] {
        if (verdict.lost.empty()) return true;
        verdict = JudgeRelayOnce();
        return false;
      },
      absl::Seconds(30));
  return verdict;
}

oracle::Verdict World::JudgeRelayOnce() {
  oracle::History history;
  history.records = ReadBus();
  auto facts = testing::Connect(database_.admin())
                   ->Query(
                       "SELECT fact_id, agency_id || '/' || aggregate_id, version"
                       " FROM ledger.fact ORDER BY position");
  if (!facts.ok()) throw std::runtime_error(facts.status().ToString());
  for (int row = 0; row < facts->rows(); ++row) {
    history.facts.push_back(
        {facts->Text(row, 0), facts->Text(row, 1), facts->Int(row, 2), "", /*has_effect=*/false});
  }
  return oracle::Judge(history);
}

oracle::Verdict World::JudgeEffects() {
  oracle::History history;
  history.facts = facts_;
  std::map<std::string, int64_t> version_of;
  for (const oracle::Fact& fact : facts_) {
    version_of[fact.fact_id] = fact.version;
    history.records.push_back({fact.fact_id, fact.key, fact.version});
  }
  auto effects = testing::Connect(database_.admin())
                     ->Query("SELECT value, record_key FROM view.effect ORDER BY position");
  if (!effects.ok()) throw std::runtime_error(effects.status().ToString());
  for (int row = 0; row < effects->rows(); ++row) {
    const std::string id = effects->Text(row, 0);
    history.effects.push_back({id, effects->Text(row, 1), version_of[id]});
  }
  return oracle::Judge(history);
}

}  // namespace fosterwatch::faults
