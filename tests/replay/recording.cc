#include "tests/replay/recording.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <map>
#include <memory>
#include <set>
#include <tuple>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "google/protobuf/util/json_util.h"

#include "fosterwatch/allegations/v1/allegation_facts.pb.h"
#include "fosterwatch/carers/v1/carer_facts.pb.h"
#include "fosterwatch/complaints/v1/complaint_facts.pb.h"
#include "fosterwatch/directory/v1/directory_facts.pb.h"
#include "fosterwatch/kpis/v1/kpi_facts.pb.h"
#include "fosterwatch/notifiable_events/v1/notifiable_event_facts.pb.h"
#include "fosterwatch/notifications/v1/notification.pb.h"
#include "fosterwatch/notifications/v1/notification_facts.pb.h"
#include "fosterwatch/placements/v1/child_facts.pb.h"
#include "libs/ledger/ledger.h"
#include "libs/privacy/sealer.h"
#include "libs/status/status_macros.h"
#include "libs/testing/process.h"
#include "services/allegations/views.h"
#include "services/carers/views.h"
#include "services/complaints/views.h"
#include "services/directory/views.h"
#include "services/kpis/app.h"
#include "services/notifiable_events/views.h"
#include "services/notifications/views.h"
#include "services/placements/views.h"

namespace fosterwatch::replay {
namespace {

using google::protobuf::Message;

constexpr char kPgDump[] = "/usr/lib/postgresql/15/bin/pg_dump";

struct Service {
  std::unique_ptr<Message> fact;
  std::function<std::vector<ledger::Aggregate>()> aggregates;
};

const std::map<std::string, Service>& Table() {
  static const auto* const table = [] {
    auto* services = new std::map<std::string, Service>;
    const auto add = [&](const char* name, std::unique_ptr<Message> fact, auto aggregates) {
      services->emplace(name, Service{std::move(fact), aggregates});
    };
    add("allegations", std::make_unique<allegations::v1::AllegationFact>(),
        &allegations::Aggregates);
    add("carers", std::make_unique<carers::v1::CarersFact>(), &carers::Aggregates);
    add("complaints", std::make_unique<complaints::v1::ComplaintFact>(), &complaints::Aggregates);
    add("directory", std::make_unique<directory::v1::DirectoryFact>(), &directory::Aggregates);
    add("kpis", std::make_unique<kpis::v1::KpiFact>(), &kpis::Aggregates);
    add("notifiable_events", std::make_unique<notifiable_events::v1::NotifiableEventFact>(),
        &notifiable_events::Aggregates);
    add("notifications", std::make_unique<notifications::v1::NotificationFact>(),
        &notifications::Aggregates);
    add("placements", std::make_unique<placements::v1::PlacementsFact>(), &placements::Aggregates);
    return services;
  }();
  return *table;
}

std::string DatabaseOf(const std::string& service) { return absl::StrCat("fosterwatch_", service); }

std::string MasterKeyOf(const testing::Installation& installation) {
  return installation.folder() + "/master.key";
}

absl::StatusOr<std::string> ReadFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return absl::NotFoundError("cannot read " + path);
  return std::string(std::istreambuf_iterator<char>(file), {});
}

absl::Status WriteFile(const std::string& path, const std::string& text) {
  std::ofstream file(path, std::ios::binary);
  file << text;
  file.close();
  return file ? absl::OkStatus() : absl::UnavailableError("cannot write " + path);
}

absl::Status WriteLines(const std::string& path, const std::vector<Json>& lines) {
  std::string text;
  for (const Json& line : lines) absl::StrAppend(&text, line.dump(), "\n");
  return WriteFile(path, text);
}

absl::StatusOr<Json> JsonOf(const Message& message) {
  std::string text;
  if (!google::protobuf::util::MessageToJsonString(message, &text).ok()) {
    return absl::InternalError("a message has no JSON form");
  }
  return Json::parse(text);
}

// The bytes of `column`, as PostgreSQL writes them in JSON ("\x0a03…"), read as that message.
absl::Status ReadColumn(Json& row, const char* column, Message& message) {
  const std::string hex = row[column].get<std::string>();
  if (!absl::StartsWith(hex, "\\x") ||
      !message.ParseFromString(absl::HexStringToBytes(hex.substr(2)))) {
    return absl::DataLossError(absl::StrCat("the column ", column, " holds no message"));
  }
  ASSIGN_OR_RETURN(row[column], JsonOf(message));
  return absl::OkStatus();
}

// Without pg_dump's own two commands to psql, which are none of SQL. Nothing else is touched: texts
// in the tables have lines too.
std::string OnlySql(const std::string& dump) {
  std::string sql;
  for (const absl::string_view line : absl::StrSplit(dump, '\n')) {
    if (absl::StartsWith(line, "\\restrict ") || absl::StartsWith(line, "\\unrestrict ")) continue;
    absl::StrAppend(&sql, line, "\n");
  }
  return sql;
}

absl::StatusOr<std::string> Dump(const testing::Installation& installation,
                                 const std::string& service) {
  auto pg_dump = testing::Process::Start(
      {{kPgDump,
        absl::StrCat("--dbname=", installation.cluster().admin(), " dbname=", DatabaseOf(service)),
        "--no-owner", "--inserts", "--rows-per-insert=100", "--exclude-table-data=view.*"},
       {},
       {},
       ""});
  if (!pg_dump.ok()) return pg_dump.status();
  ASSIGN_OR_RETURN(const int code, pg_dump->Wait(absl::Minutes(1)));
  const std::string output = pg_dump->Output();
  if (code != 0) return absl::InternalError("pg_dump failed: " + output);
  return OnlySql(output);
}

}  // namespace

const std::vector<std::string>& Services() {
  static const auto* const names = [] {
    auto* services = new std::vector<std::string>;
    for (const auto& [name, unused] : Table()) services->push_back(name);
    return services;
  }();
  return *names;
}

std::vector<std::string> ServicesIn(const std::string& folder) {
  std::vector<std::string> services;
  for (const std::string& service : Services()) {
    if (std::filesystem::exists(absl::StrCat(folder, "/", service, ".sql"))) {
      services.push_back(service);
    }
  }
  return services;
}

absl::StatusOr<std::set<std::string>> ViewsIn(const std::string& folder,
                                              const std::string& service) {
  ASSIGN_OR_RETURN(const std::string dump, ReadFile(absl::StrCat(folder, "/", service, ".sql")));
  std::set<std::string> views;
  for (const absl::string_view line : absl::StrSplit(dump, '\n')) {
    absl::string_view rest = line;
    if (!absl::ConsumePrefix(&rest, "CREATE TABLE ") || !absl::StartsWith(rest, "view.")) continue;
    views.emplace(rest.substr(0, rest.find(' ')));
  }
  // Those that came later and whose rows were added to the recording.
  ASSIGN_OR_RETURN(const auto rows, ReadLines(absl::StrCat(folder, "/", service, ".views.jsonl")));
  for (const Json& row : rows) views.insert(row["table"]);
  return views;
}

absl::StatusOr<std::vector<Json>> ViewsOf(const testing::Installation& installation,
                                          const std::string& service) {
  auto database = installation.Database(service);
  ASSIGN_OR_RETURN(
      const pg::Result tables,
      database->Query("SELECT table_name::text FROM information_schema.tables"
                      " WHERE table_schema = 'view' ORDER BY table_name::text COLLATE \"C\""));
  std::vector<Json> views;
  for (int i = 0; i < tables.rows(); ++i) {
    const std::string table = "view." + tables.Text(i, 0);
    ASSIGN_OR_RETURN(
        const pg::Result rows,
        database->Query(absl::StrCat("SELECT row_to_json(t)::text FROM ", table, " AS t")));
    std::vector<Json> of_table;
    for (int row = 0; row < rows.rows(); ++row) {
      Json json = Json::parse(rows.Text(row, 0));
      if (table == "view.send") {
        notifications::v1::Send send;
        RETURN_IF_ERROR(ReadColumn(json, "send", send));
      }
      of_table.push_back({{"table", table}, {"row", std::move(json)}});
    }
    std::sort(of_table.begin(), of_table.end(),
              [](const Json& a, const Json& b) { return a.dump() < b.dump(); });
    views.insert(views.end(), of_table.begin(), of_table.end());
  }
  return views;
}

absl::StatusOr<std::vector<Json>> RecordsOf(const testing::Installation& installation,
                                            const std::string& service) {
  const auto bus = installation.OpenBus();
  bus::SubscribeOptions options;
  options.group = "replay-" + service;
  options.topics = {
      absl::StrCat("fosterwatch.", absl::StrReplaceAll(service, {{"_", "-"}}), ".v1")};
  ASSIGN_OR_RETURN(const auto subscription, bus->Subscribe(options));
  std::vector<bus::Record> records;
  for (int quiet = 0; quiet < 2;) {
    ASSIGN_OR_RETURN(const std::vector<bus::Record> polled,
                     subscription->Poll(1000, absl::Milliseconds(300)));
    quiet = polled.empty() ? quiet + 1 : 0;
    records.insert(records.end(), polled.begin(), polled.end());
  }
  std::sort(records.begin(), records.end(), [](const bus::Record& a, const bus::Record& b) {
    return std::tie(a.partition, a.offset) < std::tie(b.partition, b.offset);
  });
  std::vector<Json> lines;
  for (const bus::Record& record : records) {
    Json headers = Json::object();
    for (const auto& [name, value] : record.headers) headers[name] = value;
    lines.push_back({{"partition", record.partition},
                     {"offset", record.offset},
                     {"key", record.key},
                     {"headers", std::move(headers)},
                     {"value", absl::Base64Escape(record.value)}});
  }
  return lines;
}

absl::StatusOr<std::vector<Json>> StatesOf(const testing::Installation& installation,
                                           const std::string& service) {
  ASSIGN_OR_RETURN(auto sealer,
                   privacy::Sealer::FromFile(MasterKeyOf(installation), /*create=*/false));
  const std::string database = absl::StrCat(installation.cluster().conninfo(),
                                            " dbname=", DatabaseOf(service), " user=fosterwatch_");
  ledger::Ledger::Options options;
  options.conninfo = database + service;
  options.relay_conninfo = absl::StrCat(database, service, "_relay");
  options.fact = Table().at(service).fact.get();
  options.aggregates = Table().at(service).aggregates();
  // Those of the recordings' day; types that came later have no state in them.
  std::set<std::string> types;
  for (const ledger::Aggregate& aggregate : options.aggregates) types.insert(aggregate.type);
  ASSIGN_OR_RETURN(const auto ledger, ledger::Ledger::Open(std::move(options), std::move(sealer)));
  ASSIGN_OR_RETURN(const pg::Result aggregates,
                   installation.Database(service)->Query(
                       "SELECT DISTINCT agency_id COLLATE \"C\", aggregate_type COLLATE \"C\","
                       " aggregate_id COLLATE \"C\" FROM ledger.fact ORDER BY 1, 2, 3"));
  std::vector<Json> states;
  for (int row = 0; row < aggregates.rows(); ++row) {
    const std::string agency = aggregates.Text(row, 0), type = aggregates.Text(row, 1),
                      id = aggregates.Text(row, 2);
    if (types.count(type) == 0) continue;
    ASSIGN_OR_RETURN(const auto state, ledger->Load(agency, type, id));
    ASSIGN_OR_RETURN(Json json, JsonOf(*state));
    states.push_back({{"agency", agency}, {"type", type}, {"id", id}, {"state", std::move(json)}});
  }
  return states;
}

absl::StatusOr<int64_t> FactsOf(const testing::Installation& installation,
                                const std::string& service) {
  ASSIGN_OR_RETURN(const pg::Result count,
                   installation.Database(service)->Query("SELECT count(*) FROM ledger.fact"));
  return count.Int(0, 0);
}

absl::Status Write(const testing::Installation& installation, const std::string& folder) {
  ASSIGN_OR_RETURN(const std::string key, ReadFile(MasterKeyOf(installation)));
  RETURN_IF_ERROR(WriteFile(folder + "/master.key", key));
  for (const std::string& service : Services()) {
    const std::string stem = absl::StrCat(folder, "/", service);
    ASSIGN_OR_RETURN(const auto views, ViewsOf(installation, service));
    RETURN_IF_ERROR(WriteLines(stem + ".views.jsonl", views));
    ASSIGN_OR_RETURN(const auto records, RecordsOf(installation, service));
    RETURN_IF_ERROR(WriteLines(stem + ".records.jsonl", records));
    ASSIGN_OR_RETURN(const auto states, StatesOf(installation, service));
    RETURN_IF_ERROR(WriteLines(stem + ".states.jsonl", states));
    RETURN_IF_ERROR(installation.Database(service)->Script(
        "UPDATE ledger.fact SET tx = small.tx::text::xid8 FROM (SELECT fact_id,"
        " dense_rank() OVER (ORDER BY fact.tx) + 2 AS tx FROM ledger.fact) AS small"
        " WHERE fact.fact_id = small.fact_id;"
        "UPDATE ledger.relay SET tx = '0', position = 0"));
    ASSIGN_OR_RETURN(const std::string dump, Dump(installation, service));
    RETURN_IF_ERROR(WriteFile(stem + ".sql", dump));
  }
  return absl::OkStatus();
}

absl::Status Restore(const std::string& folder, const testing::Installation& installation) {
  ASSIGN_OR_RETURN(const std::string key, ReadFile(folder + "/master.key"));
  RETURN_IF_ERROR(WriteFile(MasterKeyOf(installation), key));
  ASSIGN_OR_RETURN(const auto admin, pg::Connection::Open(installation.cluster().admin()));
  for (const std::string& service : ServicesIn(folder)) {
    ASSIGN_OR_RETURN(const std::string dump, ReadFile(absl::StrCat(folder, "/", service, ".sql")));
    const std::string database = pg::QuoteName(DatabaseOf(service));
    RETURN_IF_ERROR(admin->Query(absl::StrCat("DROP DATABASE ", database)).status());
    RETURN_IF_ERROR(admin->Query(absl::StrCat("CREATE DATABASE ", database)).status());
    RETURN_IF_ERROR(installation.Database(service)->Script(dump));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<Json>> ReadLines(const std::string& path) {
  ASSIGN_OR_RETURN(const std::string text, ReadFile(path));
  std::vector<Json> lines;
  for (const absl::string_view line : absl::StrSplit(text, '\n', absl::SkipEmpty())) {
    lines.push_back(Json::parse(line.begin(), line.end()));
  }
  return lines;
}

std::string Difference(const Json& expected, const Json& actual) {
  if (expected.is_object() && actual.is_object()) {
    for (const auto& [name, value] : expected.items()) {
      const auto found = actual.find(name);
      if (found == actual.end()) return absl::StrCat(name, " is missing");
      if (const std::string inner = Difference(value, *found); !inner.empty()) {
        return absl::StrCat(name, ".", inner);
      }
    }
    return "";
  }
  if (expected.is_array() && actual.is_array() && expected.size() == actual.size()) {
    for (size_t i = 0; i < expected.size(); ++i) {
      if (const std::string inner = Difference(expected[i], actual[i]); !inner.empty()) {
        return absl::StrCat("[", i, "].", inner);
      }
    }
    return "";
  }
  if (expected == actual) return "";
  return absl::StrCat("is ", actual.dump(), " instead of ", expected.dump());
}

}  // namespace fosterwatch::replay
