#include "tests/faults/fleet.h"

#include <cstdlib>
#include <stdexcept>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"

#include "libs/testing/await.h"

namespace fosterwatch::faults {

const std::vector<std::string>& AllServices() {
  static const auto* const services = new std::vector<std::string>{
      "directory",   "placements", "carers",        "notifiable-events",
      "allegations", "complaints", "notifications", "kpis",
      "packs",       "gateway"};
  return *services;
}

Fleet::Fleet(testing::Installation* installation)
    : installation_(installation),
      client_([this](const std::string& name) { return addresses_.at(name); }) {
  for (const std::string& service : AllServices()) AddressOf(service);
}

const std::string& Fleet::AddressOf(const std::string& name) {
  std::string& address = addresses_[name];
  if (address.empty()) address = absl::StrCat("127.0.0.1:", testing::FreePort());
  return address;
}

void Fleet::Start(const std::string& name) {
  const std::string service = name.substr(0, name.find('/'));
  std::map<std::string, std::string> settings = installation_->Settings();
  settings["FOSTERWATCH_GRPC_LISTEN"] = AddressOf(name);
  const std::string instance = absl::StrReplaceAll(name, {{"/", "-"}});
  settings["FOSTERWATCH_INSTANCE"] = instance;
  std::vector<std::string> endpoints;
  for (const std::string& other : AllServices()) {
    endpoints.push_back(absl::StrCat(other, "=", AddressOf(other)));
  }
  settings["FOSTERWATCH_ENDPOINTS"] = absl::StrJoin(endpoints, ",");
  auto process = testing::Process::Start(
      {{absl::StrCat(std::getenv("FOSTERWATCH_BIN_DIR"), "/fosterwatch-", service)},
       std::move(settings),
       {},
       absl::StrCat(installation_->folder(), "/", instance, ".log")});
  if (!process.ok()) throw std::runtime_error(process.status().ToString());
  processes_[name] = std::make_unique<testing::Process>(*std::move(process));
}

int Fleet::End(const std::string& name, int signal) {
  testing::Process& process = *processes_.at(name);
  process.Kill(signal);
  return process.Wait(absl::Seconds(30)).value_or(-1);
}

bool Fleet::IsRunning(const std::string& name) {
  const auto process = processes_.find(name);
  return process != processes_.end() && process->second->Running();
}

bool Fleet::AwaitReady(const std::string& name, absl::Duration timeout) {
  return testing::AwaitTrue(
             [&] { return !IsRunning(name) || client_.CheckHealth(name, absl::Seconds(1)).ok(); },
             timeout) &&
         IsRunning(name);
}

std::string Fleet::Output(const std::string& name) const {
  const auto process = processes_.find(name);
  return process == processes_.end() ? "" : process->second->Output();
}

}  // namespace fosterwatch::faults
