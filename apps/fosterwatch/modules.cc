#include "apps/fosterwatch/modules.h"

#include "absl/strings/str_replace.h"

#include "services/allegations/module.h"
#include "services/carers/module.h"
#include "services/complaints/module.h"
#include "services/directory/module.h"
#include "services/gateway/module.h"
#include "services/kpis/module.h"
#include "services/notifiable_events/module.h"
#include "services/notifications/module.h"
#include "services/packs/module.h"
#include "services/placements/module.h"

namespace fosterwatch::app {
namespace {

// In the order in which they start.
constexpr std::unique_ptr<runtime::Module> (*kFactories[])() = {
    directory::MakeModule,         carers::MakeModule,      placements::MakeModule,
    notifiable_events::MakeModule, allegations::MakeModule, complaints::MakeModule,
    notifications::MakeModule,     kpis::MakeModule,        packs::MakeModule,
    gateway::MakeModule,
};

}  // namespace

std::vector<std::unique_ptr<runtime::Module>> MakeModules(const std::string& only) {
  std::vector<std::unique_ptr<runtime::Module>> modules;
  for (const auto factory : kFactories) {
    std::unique_ptr<runtime::Module> module = factory();
    const std::string name = absl::StrReplaceAll(module->name(), {{"_", "-"}});
    if (only.empty() || absl::StrReplaceAll(only, {{"_", "-"}}) == name) {
      modules.push_back(std::move(module));
    }
  }
  return modules;
}

}  // namespace fosterwatch::app
