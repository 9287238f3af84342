#include "services/packs/module.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "libs/runtime/data_file.h"
#include "libs/status/status_macros.h"
#include "services/packs/app.h"
#include "services/packs/inspection.h"

namespace fosterwatch::packs {
namespace {

constexpr char kService[] = "fosterwatch.packs.v1.PacksService";

class Module : public runtime::Module {
 public:
  std::string name() const override { return "packs"; }
  std::vector<pg::Migration> migrations() const override { return {}; }
  std::vector<bus::Topic> topics() const override { return {}; }
  absl::Status Rebuild(runtime::Host&) override { return absl::OkStatus(); }

  absl::Status Start(runtime::Host& host) override {
    const runtime::Settings& settings = host.settings();
    App::Options options;
    options.client = &host.client();
    options.pdf.python = settings.pdf_python;
    options.pdf.script = settings.share_dir + "/document/render_pdf.py";
    options.public_url = settings.public_url;
    options.agency_name = [&settings](const std::string& id) { return settings.AgencyName(id); };
    ASSIGN_OR_RETURN(const std::string policy,
                     runtime::ReadDataFile(settings.share_dir + "/policy/packs.json"));
    ASSIGN_OR_RETURN(options.policy, ParsePolicy(policy, InspectionFigureNames()));
    options.now = [&host] { return host.Now(); };
    app_ = std::make_unique<App>(std::move(options));

    runtime::Door& door = host.door();
    door.Serve(v1::GetPackRequest::descriptor()->file()->pool()->FindServiceByName(kService));
    door.On(kService, "MakeComplaintsStatement", app_.get(), &App::MakeComplaintsStatement);
    door.On(kService, "MakeInspectionPack", app_.get(), &App::MakeInspectionPack);
    door.On(kService, "MakeBoardEdition", app_.get(), &App::MakeBoardEdition);
    door.On(kService, "GetPack", app_.get(), &App::GetPack);
    door.On(kService, "ReadPackFile", app_.get(), &App::ReadPackFile);
    // Everything else works without it.
    host.AddRemark(
        "pdf", [this] { return app_->CheckPdf(); }, [] { return "can be made"; });
    host.AddGauge("packs_waiting", "Documents that wait to be made.",
                  [this] { return static_cast<double>(app_->waiting()); });
    host.Run("make", [this](const runtime::Stop& stop) {
      while (!stop.requested()) {
        app_->Work(absl::Milliseconds(500), [&] { return stop.requested(); });
      }
    });
    return absl::OkStatus();
  }

 private:
  std::unique_ptr<App> app_;
};

}  // namespace

std::unique_ptr<runtime::Module> MakeModule() { return std::make_unique<Module>(); }

}  // namespace fosterwatch::packs
