// What keeping who looked costs, and what TLS with certificates on both sides: one event read
// through a door that does neither, through one with a log and through one with TLS, by turns, on a
// database of its own.
//
//   fosterwatch_bench_access ROUNDS READS
//
// Each round reads READS times by each door, one call after the other and by 16 callers at once;
// printed are the medians and rates of all rounds, and their ratios. FOSTERWATCH_TEST_POSTGRES
// names a server.
#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include <grpcpp/security/server_credentials.h>
#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>

#include "fosterwatch/notifiable_events/v1/notifiable_event_facts.pb.h"
#include "fosterwatch/notifiable_events/v1/notifiable_event_service.pb.h"
#include "libs/ledger/access.h"
#include "libs/runtime/client.h"
#include "libs/runtime/door.h"
#include "libs/runtime/settings.h"
#include "libs/runtime/tls.h"
#include "libs/testing/database.h"
#include "libs/testing/test_authority.h"
#include "services/notifiable_events/module.h"
#include "services/notifiable_events/views.h"

namespace fosterwatch::bench {
namespace {

namespace v1 = notifiable_events::v1;

constexpr char kRole[] = "fosterwatch_notifiable_events";
constexpr char kService[] = "fosterwatch.notifiable_events.v1.NotifiableEventService";
constexpr int kCallers = 16;

// A door whose GetEvent reads the ledger, and its client.
class Reader {
 public:
  Reader(ledger::Ledger* ledger, auth::Verifier* verifier, runtime::AccessLog* log,
         std::shared_ptr<const runtime::Tls> tls)
      : door_(verifier, {}) {
    const auto* service = v1::GetEventRequest::descriptor()->file()->service(0);
    door_.Serve(service);
    door_.On<v1::GetEventRequest, v1::NotifiableEvent>(
        kService, "GetEvent",
        [ledger](const runtime::Call& call, const v1::GetEventRequest& request) {
          return ledger->LoadAs<v1::NotifiableEvent>(call.agency_id, "event", request.event_id());
        });
    door_.RefuseTheRest(service);
    if (log != nullptr) door_.KeepAccess("fosterwatch.notifiable_events.v1", "events", log);
    grpc::ServerBuilder builder;
    int port = 0;
    builder.AddListeningPort("127.0.0.1:0",
                             tls == nullptr ? grpc::InsecureServerCredentials() : tls->ForServer(),
                             &port);
    if (!door_.Open(builder).ok()) std::abort();
    server_ = builder.BuildAndStart();
    client_ = std::make_unique<runtime::Client>(
        [port](const std::string&) { return absl::StrCat("127.0.0.1:", port); }, std::move(tls));
  }
  ~Reader() {
    client_.reset();
    door_.Close(absl::Seconds(5));
    server_->Shutdown();
  }

  double ReadMs(const std::string& token) {
    v1::GetEventRequest request;
    request.set_event_id("E-1");
    runtime::Client::Options options;
    options.token = token;
    const absl::Time begun = absl::Now();
    const auto event =
        client_->Call<v1::NotifiableEvent>("events", kService, "GetEvent", request, options);
    if (!event.ok()) {
      std::fprintf(stderr, "%s\n", event.status().ToString().c_str());
      std::exit(1);
    }
    return absl::ToDoubleMilliseconds(absl::Now() - begun);
  }

 private:
  runtime::Door door_;
  std::unique_ptr<grpc::Server> server_;
  std::unique_ptr<runtime::Client> client_;
};

struct Figures {
  std::vector<double> ms;
  double seconds = 0;
  int64_t reads = 0;

  double Median() {
    std::nth_element(ms.begin(), ms.begin() + static_cast<int64_t>(ms.size() / 2), ms.end());
    return ms[ms.size() / 2];
  }
  double Rate() const { return static_cast<double>(reads) / seconds; }
};

void Measure(Reader& reader, const std::string& token, int reads, Figures& figures) {
  for (int i = 0; i < reads; ++i) figures.ms.push_back(reader.ReadMs(token));
  const absl::Time begun = absl::Now();
  std::vector<std::thread> callers;
  for (int caller = 0; caller < kCallers; ++caller) {
    callers.emplace_back([&] {
      for (int i = 0; i < reads / 4; ++i) reader.ReadMs(token);
    });
  }
  for (std::thread& caller : callers) caller.join();
  figures.seconds += absl::ToDoubleSeconds(absl::Now() - begun);
  figures.reads += kCallers * (reads / 4);
}

int Run(int rounds, int reads) {
  std::string folder = "/tmp/fosterwatch-access.XXXXXX";
  if (mkdtemp(folder.data()) == nullptr) return 1;
  auto issuer = *auth::LocalIssuer::Open(folder + "/issuer");
  auto verifier =
      *auth::Verifier::FromFile(issuer->jwks_file(), auth::kLocalIssuer, auth::kAudience);
  const std::string token = *issuer->Issue(
      {"person-1", "northern", {options::v1::ROLE_CASEWORKER}, absl::Now() + absl::Hours(1)},
      absl::Now());
  testing::Database database(kRole, notifiable_events::MakeModule()->migrations());
  ledger::Ledger::Options options;
  options.conninfo = database.service();
  options.relay_conninfo = database.relay();
  options.fact = &v1::NotifiableEventFact::default_instance();
  options.aggregates = notifiable_events::Aggregates();
  auto ledger =
      *ledger::Ledger::Open(std::move(options), *privacy::Sealer::Create(std::string(32, 'k')));
  ledger::Unit unit;
  unit.agency_id = "northern";
  unit.actor = "person-1";
  unit.changes.push_back(ledger::MakeChange<v1::NotifiableEvent, v1::NotifiableEventFact>(
      "event", "E-1",
      [](const v1::NotifiableEvent&,
         int64_t) -> absl::StatusOr<std::vector<v1::NotifiableEventFact>> {
        v1::NotifiableEventFact fact;
        v1::EventReported* reported = fact.mutable_event_reported();
        reported->set_event_id("E-1");
        reported->mutable_report()->add_kinds(v1::EVENT_KIND_CHILD_MISSING);
        reported->mutable_report()->set_child_id("C-1");
        reported->mutable_report()->set_carer_id("F-1");
        reported->mutable_report()->set_summary(std::string(500, 'x'));
        return std::vector<v1::NotifiableEventFact>{fact};
      }));
  const auto recorded = ledger->SubmitAndWait(std::move(unit));
  if (!recorded.ok()) {
    std::fprintf(stderr, "%s\n", recorded.status().ToString().c_str());
    return 1;
  }
  ledger::LedgerAccessLog log(ledger.get());
  const testing::TestAuthority authority;
  runtime::Settings files;
  files.grpc_cert_file = files.grpc_key_file = folder + "/tls.pem";
  files.grpc_ca_file = authority.ca_file();
  authority.Issue(files.grpc_cert_file, files.grpc_key_file, {});
  std::array<Figures, 3> figures;
  {
    std::array<std::unique_ptr<Reader>, 3> readers = {
        std::make_unique<Reader>(ledger.get(), verifier.get(), nullptr, nullptr),
        std::make_unique<Reader>(ledger.get(), verifier.get(), &log, nullptr),
        std::make_unique<Reader>(ledger.get(), verifier.get(), nullptr,
                                 *runtime::Tls::Open(files))};
    for (const auto& reader : readers) {
      Figures warm;
      Measure(*reader, token, reads, warm);
    }
    for (size_t turn = 0; turn < static_cast<size_t>(rounds) * readers.size(); ++turn) {
      // Another one first in each round.
      const size_t i = (turn + turn / readers.size()) % readers.size();
      Measure(*readers[i], token, reads, figures[i]);
    }
  }
  Figures& plain = figures[0];
  for (const auto& [name, with] :
       {std::pair{"keeping who looked", &figures[1]}, std::pair{"TLS", &figures[2]}}) {
    std::printf("%s, one after the other: %.3f ms with, %.3f ms without: ratio %.2f\n", name,
                with->Median(), plain.Median(), with->Median() / plain.Median());
    std::printf("%s, %d at once: %.0f/s with, %.0f/s without: ratio %.2f\n", name, kCallers,
                with->Rate(), plain.Rate(), with->Rate() / plain.Rate());
  }
  std::filesystem::remove_all(folder);
  return 0;
}

}  // namespace
}  // namespace fosterwatch::bench

int main(int argc, char** argv) {
  int rounds = 0, reads = 0;
  if (argc != 3 || !absl::SimpleAtoi(argv[1], &rounds) || !absl::SimpleAtoi(argv[2], &reads) ||
      rounds < 1 || reads < 4) {
    std::fprintf(stderr, "usage: fosterwatch_bench_access ROUNDS READS\n");
    return 2;
  }
  return fosterwatch::bench::Run(rounds, reads);
}
