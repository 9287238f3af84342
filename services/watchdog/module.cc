#include "services/watchdog/module.h"

#include <filesystem>
#include <string>
#include <utility>

#include "absl/strings/match.h"

#include "libs/mail/smtp.h"
#include "libs/runtime/data_file.h"
#include "libs/status/status_macros.h"
#include "services/watchdog/app.h"

namespace fosterwatch::watchdog {
namespace {

// The password file may be that of the suite's mail server only.
absl::StatusOr<mail::SmtpClient::Options> SmtpOf(const runtime::Settings& settings) {
  const bool own = !settings.watch_smtp_url.empty();
  const std::string& url = own ? settings.watch_smtp_url : settings.smtp_url;
  const bool login = !own || absl::StrContains(url, "@");
  return mail::SmtpClient::ReadOptions(url, login ? settings.smtp_password_file : "",
                                       settings.smtp_ca_file,
                                       own ? "--watch-smtp-url" : "--smtp-url");
}

class Module : public runtime::Module {
 public:
  std::string name() const override { return "watchdog"; }
  std::vector<pg::Migration> migrations() const override { return {}; }
  std::vector<bus::Topic> topics() const override { return {}; }
  bool IsWatched() const override { return false; }
  absl::Status Rebuild(runtime::Host&) override { return absl::OkStatus(); }

  absl::Status Start(runtime::Host& host) override {
    const runtime::Settings& settings = host.settings();
    App::Options options;
    ASSIGN_OR_RETURN(const std::string policy,
                     runtime::ReadDataFile(settings.watch_policy.empty()
                                               ? settings.share_dir + "/policy/watch.json"
                                               : settings.watch_policy));
    ASSIGN_OR_RETURN(options.policy, ParseWatchPolicy(policy));
    options.processes = settings.Processes();
    if (options.processes.empty()) {
      return absl::FailedPreconditionError(
          "the watchdog has nothing to watch: name the processes with --endpoints");
    }
    Channels::Options told;
    if (!settings.watch_mail_to.empty()) {
      ASSIGN_OR_RETURN(told.smtp, SmtpOf(settings));
    }
    told.mail_from = settings.mail_from;
    told.mail_to = settings.watch_mail_to;
    told.webhook_url = settings.watch_webhook_url;
    ASSIGN_OR_RETURN(Channels channels, Channels::Make(std::move(told)));
    const std::string folder = settings.data_dir + "/watchdog";
    std::error_code error;
    std::filesystem::create_directories(folder, error);
    if (error) return absl::FailedPreconditionError("cannot make the folder " + folder);
    options.state_file = folder + "/state.json";
    options.where = settings.public_url;
    options.client = &host.client();
    options.service_token = [&host] { return host.ServiceToken(); };
    options.now = [&host] { return host.Now(); };
    app_ = std::make_unique<App>(std::move(options), std::move(channels));

    host.AddReadiness("asking", [this] { return app_->Asking(); });
    host.AddWatch("telling", [this] { return app_->Telling(); });
    host.AddGauge("watchdog_open_alarms", "Alarms that persons were told of and that are open",
                  [this] { return static_cast<double>(app_->open_alarms()); });
    host.Run("ask", [this](const runtime::Stop& stop) { app_->Ask(stop); });
    host.Run("tell", [this](const runtime::Stop& stop) { app_->Tell(stop); });
    return absl::OkStatus();
  }

 private:
  std::unique_ptr<App> app_;
};

}  // namespace

std::unique_ptr<runtime::Module> MakeModule() { return std::make_unique<Module>(); }

}  // namespace fosterwatch::watchdog
