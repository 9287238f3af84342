#include "libs/ledger/service.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"

#include "libs/status/status_macros.h"

namespace fosterwatch::ledger {
namespace {

constexpr absl::Duration kCountEvery = absl::Seconds(5);

}  // namespace

absl::StatusOr<std::unique_ptr<Service>> Service::Open(runtime::Host& host, Options options) {
  auto service = std::unique_ptr<Service>(new Service(host, options.name));
  ASSIGN_OR_RETURN(service->sealer_, host.MakeSealer());
  ASSIGN_OR_RETURN(std::unique_ptr<privacy::Sealer> sealer, host.MakeSealer());
  Ledger::Options ledger;
  ledger.conninfo = host.settings().Database(options.name);
  ledger.relay_conninfo = host.settings().Database(options.name, /*relay=*/true);
  ledger.fact = options.fact;
  ledger.aggregates = std::move(options.aggregates);
  ledger.now = [&host] { return host.Now(); };
  ASSIGN_OR_RETURN(service->ledger_, Ledger::Open(std::move(ledger), std::move(sealer)));

  Relay::Options relay;
  relay.topic = options.topic;
  relay.type_prefix = absl::StrCat("fosterwatch.", options.name, ".v1");
  relay.source = absl::StrCat("/fosterwatch/", absl::StrReplaceAll(options.name, {{"_", "-"}}));
  service->relay_ = std::make_unique<Relay>(service->ledger_.get(), &host.bus(), std::move(relay));

  Service* raw = service.get();
  host.AddReadiness(options.name + " database", [raw] { return raw->ledger_->Check(); });
  host.AddWatch(options.name + " relay", [raw] { return raw->relay_->last_status(); });
  host.AddGauge(options.name + "_relay_oldest_unsent_seconds",
                "Age of the oldest fact that has not been published",
                [raw] { return raw->relay_->oldest_unsent_seconds(); });
  host.AddGauge(options.name + "_ledger_waiting", "Units of work that wait to be recorded",
                [raw] { return static_cast<double>(raw->ledger_->waiting()); });
  service->parked_ =
      std::make_unique<ParkedService>(options.name, service->ledger_.get(), service->sealer_.get(),
                                      host.settings().Database(options.name));
  service->parked_->Serve(host.door());
  ASSIGN_OR_RETURN(AccessService::Options access,
                   AccessService::OptionsFrom(host.settings().share_dir));
  access.name = options.name;
  access.withheld = std::move(options.withheld);
  service->access_ = std::make_unique<AccessService>(std::move(access), service->ledger_.get());
  service->access_->Serve(host.door(), options.fact->GetDescriptor()->file()->package());
  host.Run(options.name + " parked", [raw](const runtime::Stop& stop) { raw->CountParked(stop); });
  return service;
}

// What the gauges tell: replicas park and people decide elsewhere, so the database is asked.
void Service::CountParked(const runtime::Stop& stop) {
  std::unique_ptr<pg::Connection> relay;
  do {
    if (relay == nullptr || !relay->alive()) {
      auto opened = pg::Connection::Open(ledger_->options().relay_conninfo);
      if (!opened.ok()) continue;
      relay = *std::move(opened);
    }
    auto counts = CountOpenByConsumer(*relay);
    if (!counts.ok()) continue;
    absl::MutexLock lock(&mutex_);
    open_ = *std::move(counts);
  } while (!stop.WaitFor(kCountEvery));
}

double Service::Open(const std::string& group) {
  absl::MutexLock lock(&mutex_);
  const auto found = open_.find(group);
  return found == open_.end() ? 0 : static_cast<double>(found->second);
}

void Service::StartRelay() {
  host_.Run(name_ + " relay", [this](const runtime::Stop& stop) { relay_->Run(stop); });
}

void Service::StartConsumer(const std::string& suffix, Consumer::Options options) {
  options.group = suffix.empty()
                      ? absl::StrReplaceAll(name_, {{"_", "-"}})
                      : absl::StrCat(absl::StrReplaceAll(name_, {{"_", "-"}}), "-", suffix);
  const std::string group = options.group;
  options.member = host_.settings().instance;
  const auto progress = std::make_shared<bus::Progress>();
  options.progress = progress;
  consumers_.push_back(std::make_unique<Consumer>(ledger_.get(), &host_.bus(), sealer_.get(),
                                                  host_.settings().Database(name_),
                                                  std::move(options)));
  Consumer* consumer = consumers_.back().get();
  host_.AddWatch(group + " consumer", [consumer] { return consumer->last_status(); });
  host_.AddGauge(absl::StrReplaceAll(group, {{"-", "_"}}) + "_parked_records",
                 "Records parked since the start",
                 [consumer] { return static_cast<double>(consumer->parked_count()); });
  const std::string gauge = absl::StrReplaceAll(group, {{"-", "_"}});
  host_.AddGauge(gauge + "_behind_records",
                 "Records of the consumer's partitions that it has not handled",
                 [progress] { return static_cast<double>(progress->behind()); });
  host_.AddGauge(gauge + "_seconds_since_progress",
                 "Since the consumer last handled something, or found nothing to handle",
                 [progress] { return absl::ToDoubleSeconds(absl::Now() - progress->last()); });
  host_.AddGauge(gauge + "_parked_open", "Records of the consumer that wait for a person",
                 [this, group] { return Open(group); });
  host_.AddGauge(gauge + "_breaker_open", "1 while the consumer takes nothing: the fault is ours",
                 [consumer] { return consumer->breaker_open() ? 1.0 : 0.0; });
  host_.AddGauge(gauge + "_data_lost", "1 while records that it has not handled are gone",
                 [consumer] { return consumer->data_lost() ? 1.0 : 0.0; });
  parked_->Add(consumer);
  host_.Run(group + " consumer", [consumer](const runtime::Stop& stop) { consumer->Run(stop); });
}

Unit UnitOf(const runtime::Call& call, const google::protobuf::Message& request) {
  Unit unit;
  unit.agency_id = call.agency_id;
  unit.actor = call.caller.person_id;
  unit.trace_parent = call.trace_parent;
  unit.access = call.access;
  if (const auto* field = request.GetDescriptor()->FindFieldByName("request_id")) {
    unit.request_id = request.GetReflection()->GetString(request, field);
    unit.request_hash = RequestHash(request);
    unit.cause = unit.request_id;
  }
  return unit;
}

}  // namespace fosterwatch::ledger
