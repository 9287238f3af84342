// What the machine can do with the same rows, records and calls, without us.
#include <atomic>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include <libpq-fe.h>
#include <librdkafka/rdkafka.h>

#include "bench/commands.h"
#include "libs/runtime/client.h"
#include "libs/status/status_macros.h"

namespace fosterwatch::bench {
namespace {

using Json = nlohmann::json;

// As many reports in one commit as can wait together under the closed loop.
constexpr int kReportsInCommit = 32;
constexpr int kMostReports = 20'000;

struct ClosePg {
  void operator()(PGconn* c) const { PQfinish(c); }
  void operator()(PGresult* r) const { PQclear(r); }
};
using Conn = std::unique_ptr<PGconn, ClosePg>;
using Result = std::unique_ptr<PGresult, ClosePg>;

double SecondsSince(absl::Time begun) { return absl::ToDoubleSeconds(absl::Now() - begun); }

absl::Status Run(PGconn* connection, const std::string& sql) {
  const Result result(PQexec(connection, sql.c_str()));
  const ExecStatusType status = PQresultStatus(result.get());
  if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK) return absl::OkStatus();
  return absl::InternalError(PQerrorMessage(connection));
}

// --- commits of the rows of a report -------------------------------------------------------------

// Copies of our tables, with their keys and indexes but without row-level security.
constexpr char kCopies[] =
    "DROP SCHEMA IF EXISTS bench CASCADE; CREATE SCHEMA bench;"
    " CREATE TABLE bench.request (LIKE ledger.request INCLUDING ALL);"
    " CREATE TABLE bench.subject_key (LIKE privacy.subject_key INCLUDING ALL);"
    " CREATE TABLE bench.fact (LIKE ledger.fact INCLUDING ALL);"
    " CREATE TABLE bench.event (LIKE view.event INCLUDING ALL);"
    " CREATE TABLE bench.notice (LIKE view.notice INCLUDING ALL);"
    " CREATE TABLE bench.reported AS SELECT agency_id, aggregate_id FROM ledger.fact"
    " WHERE version = 1 AND aggregate_type = 'event' ORDER BY position DESC LIMIT ";

struct Table {
  const char* name;
  const char* columns;
  const char* of_report;  // the rows t that were written with the report r
};
constexpr Table kTables[] = {
    {"request", "agency_id, request_id, request_hash, aggregate_type, aggregate_id, version",
     "ledger.request AS t ON (t.agency_id, t.aggregate_id) = (r.agency_id, r.aggregate_id)"},
    {"subject_key", "agency_id, subject_id, wrapped_key",
     "privacy.subject_key AS t ON (t.agency_id, t.subject_id) ="
     " (r.agency_id, 'event:' || r.aggregate_id)"},
    {"fact",
     "fact_id, agency_id, aggregate_type, aggregate_id, version, name, payload, subject_id, sealed,"
     " recorded_at, actor, cause, trace_parent",
     "ledger.fact AS t ON (t.agency_id, t.aggregate_id) = (r.agency_id, r.aggregate_id)"
     " AND t.version <= 2"},
    {"event",
     "agency_id, event_id, kinds, child_id, carer_id, state, occurred_at, aware_at, recorded_at,"
     " reporter_id, signed_stages",
     "view.event AS t ON (t.agency_id, t.event_id) = (r.agency_id, r.aggregate_id)"},
    {"notice", "agency_id, event_id, notice_id, owed, due_at",
     "view.notice AS t ON (t.agency_id, t.event_id) = (r.agency_id, r.aggregate_id)"},
};

// A table's rows of all reports, in the reports' order; the last column is the report.
struct Rows {
  Result rows;
  int columns = 0;
  int next = 0;

  const char* Report() const { return PQgetvalue(rows.get(), next, columns); }
  bool Left() const { return next < PQntuples(rows.get()); }
};

absl::StatusOr<Rows> ReadAndPrepare(PGconn* connection, const Table& table) {
  Rows rows;
  std::string columns, marks;
  for (const absl::string_view column : absl::StrSplit(table.columns, ", ")) {
    absl::StrAppend(&columns, "t.", column, ", ");
    absl::StrAppend(&marks, rows.columns == 0 ? "$" : ", $", rows.columns + 1);
    ++rows.columns;
  }
  const std::string read =
      absl::StrCat("SELECT ", columns, "r.aggregate_id FROM bench.reported AS r JOIN ",
                   table.of_report, " ORDER BY r.aggregate_id");
  rows.rows.reset(
      PQexecParams(connection, read.c_str(), 0, nullptr, nullptr, nullptr, nullptr, /*binary=*/1));
  if (PQresultStatus(rows.rows.get()) != PGRES_TUPLES_OK) {
    return absl::InternalError(PQerrorMessage(connection));
  }
  const std::string insert =
      absl::StrCat("INSERT INTO bench.", table.name, " (", table.columns, ") VALUES (", marks, ")");
  const Result made(PQprepare(connection, table.name, insert.c_str(), 0, nullptr));
  if (PQresultStatus(made.get()) != PGRES_COMMAND_OK) {
    return absl::InternalError(PQerrorMessage(connection));
  }
  return rows;
}

void SendRow(PGconn* connection, const Table& table, const Rows& rows) {
  std::vector<const char*> values;
  std::vector<int> lengths;
  const std::vector<int> formats(rows.columns, 1);
  for (int column = 0; column < rows.columns; ++column) {
    const bool null = PQgetisnull(rows.rows.get(), rows.next, column) == 1;
    values.push_back(null ? nullptr : PQgetvalue(rows.rows.get(), rows.next, column));
    lengths.push_back(PQgetlength(rows.rows.get(), rows.next, column));
  }
  PQsendQueryPrepared(connection, table.name, rows.columns, values.data(), lengths.data(),
                      formats.data(), 1);
}

// Reads all answers of a pipeline; how many statements failed.
int Drain(PGconn* connection) {
  int failed = 0;
  for (;;) {
    const Result result(PQgetResult(connection));
    if (result == nullptr) continue;
    const ExecStatusType status = PQresultStatus(result.get());
    if (status == PGRES_PIPELINE_SYNC) return failed;
    if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK) ++failed;
    if (PQstatus(connection) != CONNECTION_OK) return failed + 1;
  }
}

absl::Status MeasureCommits(PGconn* connection, Json& out) {
  RETURN_IF_ERROR(Run(connection, absl::StrCat(kCopies, kMostReports)));
  std::vector<Rows> tables;
  for (const Table& table : kTables) {
    ASSIGN_OR_RETURN(Rows rows, ReadAndPrepare(connection, table));
    tables.push_back(std::move(rows));
  }
  const Result reports(
      PQexec(connection, "SELECT aggregate_id FROM bench.reported ORDER BY aggregate_id"));
  const int count = PQntuples(reports.get());
  int64_t rows_written = 0;
  const absl::Time begun = absl::Now();
  PQenterPipelineMode(connection);
  for (int report = 0; report < count;) {
    const int end = std::min(count, report + kReportsInCommit);
    PQsendQueryParams(connection, "BEGIN", 0, nullptr, nullptr, nullptr, nullptr, 0);
    for (; report < end; ++report) {
      const char* const id = PQgetvalue(reports.get(), report, 0);
      for (size_t t = 0; t < tables.size(); ++t) {
        Rows& rows = tables[t];
        for (; rows.Left() && absl::string_view(rows.Report()) == id; ++rows.next) {
          SendRow(connection, kTables[t], rows);
          ++rows_written;
        }
      }
    }
    PQsendQueryParams(connection, "COMMIT", 0, nullptr, nullptr, nullptr, nullptr, 0);
    PQpipelineSync(connection);
    if (Drain(connection) > 0) return absl::InternalError("the raw rows could not be written");
  }
  PQexitPipelineMode(connection);
  const double took = SecondsSince(begun);
  out["commits"] = {{"reports", count},
                    {"rows", rows_written},
                    {"reports_per_s", count / took},
                    {"rows_per_s", static_cast<double>(rows_written) / took}};
  return absl::OkStatus();
}

// --- COPY of the rows of the views ---------------------------------------------------------------

absl::Status MeasureCopy(PGconn* connection, Json& out) {
  int64_t rows = 0;
  double took = 0;
  for (const std::string table : {"event", "notice"}) {
    RETURN_IF_ERROR(Run(connection, "TRUNCATE bench." + table));
    const Result start(
        PQexec(connection, ("COPY view." + table + " TO STDOUT (FORMAT binary)").c_str()));
    std::vector<std::string> data;
    char* buffer = nullptr;
    for (int size; (size = PQgetCopyData(connection, &buffer, 0)) > 0; PQfreemem(buffer)) {
      data.emplace_back(buffer, size);
    }
    const Result read(PQgetResult(connection));
    rows += std::strtoll(PQcmdTuples(read.get()), nullptr, 10);
    while (const Result rest{PQgetResult(connection)}) {
    }
    const absl::Time begun = absl::Now();
    const Result into(
        PQexec(connection, ("COPY bench." + table + " FROM STDIN (FORMAT binary)").c_str()));
    for (const std::string& piece : data) {
      PQputCopyData(connection, piece.data(), static_cast<int>(piece.size()));
    }
    PQputCopyEnd(connection, nullptr);
    const Result done(PQgetResult(connection));
    if (PQresultStatus(done.get()) != PGRES_COMMAND_OK) {
      return absl::InternalError(PQerrorMessage(connection));
    }
    while (const Result rest{PQgetResult(connection)}) {
    }
    took += SecondsSince(begun);
  }
  out["copy"] = {{"rows", rows}, {"rows_per_s", static_cast<double>(rows) / took}};
  return absl::OkStatus();
}

// --- Kafka: produce and consume 500 bytes --------------------------------------------------------

constexpr int kRecords = 200'000;
constexpr char kTopic[] = "bench.loopback";

rd_kafka_t* MakeClient(rd_kafka_type_t type, const std::string& brokers) {
  char error[512];
  rd_kafka_conf_t* conf = rd_kafka_conf_new();
  const auto set = [&](const char* name, const char* value) {
    rd_kafka_conf_set(conf, name, value, error, sizeof error);
  };
  set("bootstrap.servers", brokers.c_str());
  set("socket.nagle.disable", "true");
  if (type == RD_KAFKA_PRODUCER) {
    set("enable.idempotence", "true");
    set("linger.ms", "1");
    set("queue.buffering.max.messages", "1000000");
  } else {
    set("group.id", "bench");
    set("auto.offset.reset", "earliest");
    set("enable.auto.commit", "false");
  }
  return rd_kafka_new(type, conf, error, sizeof error);
}

absl::Status MeasureKafka(const std::string& brokers, Json& out) {
  rd_kafka_t* const producer = MakeClient(RD_KAFKA_PRODUCER, brokers);
  rd_kafka_t* const consumer = MakeClient(RD_KAFKA_CONSUMER, brokers);
  if (producer == nullptr || consumer == nullptr) return absl::InternalError("no Kafka client");
  char error[512];
  rd_kafka_NewTopic_t* topic = rd_kafka_NewTopic_new(kTopic, 4, 1, error, sizeof error);
  rd_kafka_queue_t* queue = rd_kafka_queue_new(producer);
  rd_kafka_CreateTopics(producer, &topic, 1, nullptr, queue);
  if (rd_kafka_event_t* event = rd_kafka_queue_poll(queue, 10'000)) rd_kafka_event_destroy(event);
  rd_kafka_queue_destroy(queue);
  rd_kafka_NewTopic_destroy(topic);

  const std::string value(500, 'x');
  rd_kafka_topic_t* handle = rd_kafka_topic_new(producer, kTopic, nullptr);
  absl::Time begun = absl::Now();
  for (int i = 0; i < kRecords; ++i) {
    const std::string key = absl::StrCat(i % 5000);
    while (rd_kafka_produce(handle, RD_KAFKA_PARTITION_UA, RD_KAFKA_MSG_F_COPY,
                            const_cast<char*>(value.data()), value.size(), key.data(), key.size(),
                            nullptr) == -1) {
      rd_kafka_poll(producer, 10);
    }
  }
  const bool flushed = rd_kafka_flush(producer, 60'000) == RD_KAFKA_RESP_ERR_NO_ERROR;
  const double produced = SecondsSince(begun);

  rd_kafka_poll_set_consumer(consumer);
  rd_kafka_topic_partition_list_t* partitions = rd_kafka_topic_partition_list_new(4);
  for (int p = 0; p < 4; ++p) {
    rd_kafka_topic_partition_list_add(partitions, kTopic, p)->offset = RD_KAFKA_OFFSET_BEGINNING;
  }
  rd_kafka_assign(consumer, partitions);
  int seen = 0;
  begun = absl::Now();
  while (seen < kRecords && SecondsSince(begun) < 60) {
    rd_kafka_message_t* message = rd_kafka_consumer_poll(consumer, 100);
    if (message == nullptr) continue;
    if (message->err == 0) ++seen;
    rd_kafka_message_destroy(message);
  }
  const double consumed = SecondsSince(begun);
  rd_kafka_topic_partition_list_destroy(partitions);
  rd_kafka_topic_destroy(handle);
  rd_kafka_consumer_close(consumer);
  rd_kafka_destroy(consumer);
  rd_kafka_destroy(producer);
  if (!flushed || seen < kRecords) return absl::InternalError("Kafka's loopback lost records");
  out["kafka"] = {{"produced_per_s", kRecords / produced}, {"consumed_per_s", kRecords / consumed}};
  return absl::OkStatus();
}

// --- gRPC: a call that does nothing, as our client makes it --------------------------------------

void MeasureGrpc(const runtime::Settings& settings, Json& out) {
  constexpr int kInFlight = 32;
  runtime::Client client([settings](const std::string& name) { return settings.Endpoint(name); });
  const absl::Time begun = absl::Now();
  const absl::Time until = begun + absl::Seconds(4);
  std::atomic<int64_t> answered = 0;
  std::atomic<int> under_way = kInFlight;
  absl::Mutex mutex;
  std::function<void()> call = [&] {
    client.CallAsync("directory", "/grpc.health.v1.Health/Check", "", {},
                     [&](const absl::StatusOr<std::string>& answer) {
                       if (answer.ok()) ++answered;
                       if (absl::Now() < until) return call();
                       absl::MutexLock lock(&mutex);
                       --under_way;
                     });
  };
  for (int i = 0; i < kInFlight; ++i) call();
  absl::MutexLock lock(&mutex);
  mutex.Await(absl::Condition(
      +[](std::atomic<int>* left) { return *left == 0; }, &under_way));
  out["grpc_calls_per_s"] = static_cast<double>(answered) / SecondsSince(begun);
}

absl::Status MeasureAll(const runtime::Settings& settings, const std::string& database,
                        const std::string& brokers, const std::string& json) {
  Json out;
  const Conn connection(PQconnectdb(database.c_str()));
  if (PQstatus(connection.get()) != CONNECTION_OK) {
    return absl::UnavailableError(PQerrorMessage(connection.get()));
  }
  MeasureGrpc(settings, out);
  RETURN_IF_ERROR(MeasureCommits(connection.get(), out));
  RETURN_IF_ERROR(MeasureCopy(connection.get(), out));
  RETURN_IF_ERROR(Run(connection.get(), "DROP SCHEMA bench CASCADE"));
  if (!brokers.empty()) RETURN_IF_ERROR(MeasureKafka(brokers, out));
  return WriteJson(json, out);
}

}  // namespace

void AddLimits(CLI::App& app, app::Context* context) {
  CLI::App* limits = app.add_subcommand("limits", "Measure the machine with the same rows");
  auto database = std::make_shared<std::string>();
  auto brokers = std::make_shared<std::string>();
  auto json = std::make_shared<std::string>();
  limits->add_option("--database", *database, "conninfo of the events' database, as a superuser")
      ->required();
  limits->add_option("--brokers", *brokers, "Kafka to measure");
  limits->add_option("--json", *json, "file for the figures")->required();
  limits->callback([=] {
    context->run = [=] { return MeasureAll(context->settings, *database, *brokers, *json); };
  });
}

}  // namespace fosterwatch::bench
