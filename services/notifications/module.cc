// Tells bodies what the law requires, and the agency's own staff what needs doing.
//
//   fosterwatch.notifiable-events.v1 -> facts -> domain -> ledger (+ views) -> relay -> topic
//   fosterwatch.directory.v1 -> facts: dead ends are tried again, findings are alerted
//   view.timer -> libs/duty -> sender -> content and contacts by gRPC -> SMTP -> ledger
//   view.timer -> libs/duty -> access watcher -> each service by gRPC -> ledger: unusual looks
//   gRPC ListAlerts, AcknowledgeAlert, ListSends, GetSend, TakeReturnedMail, ListTemplates,
//     PreviewTemplate -> App
#include "services/notifications/module.h"

#include <string>
#include <utility>
#include <vector>

#include "libs/duty/loop.h"
#include "libs/ledger/service.h"
#include "libs/ledger/unusual_access.h"
#include "libs/mail/address.h"
#include "libs/runtime/data_file.h"
#include "libs/status/status_macros.h"
#include "services/notifications/access_watcher.h"
#include "services/notifications/app.h"
#include "services/notifications/dead_ends.h"
#include "services/notifications/domain/policy.h"
#include "services/notifications/domain/templates.h"
#include "services/notifications/facts.h"
#include "services/notifications/owners.h"
#include "services/notifications/sender.h"
#include "services/notifications/views.h"

namespace fosterwatch::notifications {
namespace {

constexpr char kName[] = "notifications";
constexpr char kRole[] = "fosterwatch_notifications";
constexpr char kTopic[] = "fosterwatch.notifications.v1";
constexpr char kService[] = "fosterwatch.notifications.v1.NotificationsService";

absl::StatusOr<domain::Rules> ReadRules(const std::string& share) {
  ASSIGN_OR_RETURN(const std::string policies,
                   runtime::ReadDataFile(share + "/policy/alerts.json"));
  ASSIGN_OR_RETURN(const std::string days,
                   runtime::ReadDataFile(share + "/clock/bank_holidays_england_and_wales.json"));
  ASSIGN_OR_RETURN(const std::string templates,
                   runtime::ReadDataFile(share + "/policy/templates.json"));
  domain::Rules rules;
  ASSIGN_OR_RETURN(rules.templates, domain::ParseTemplates(templates));
  ASSIGN_OR_RETURN(rules.policies, domain::ParseAlertPolicies(policies));
  ASSIGN_OR_RETURN(rules.calendar, clock::WorkingCalendar::Parse(days));
  return rules;
}

class Module : public runtime::Module {
 public:
  std::string name() const override { return kName; }

  std::vector<pg::Migration> migrations() const override {
    std::vector<pg::Migration> migrations = ledger::Migrations(kRole);
    for (pg::Migration& views : ViewMigrations(kRole)) migrations.push_back(std::move(views));
    return migrations;
  }

  std::vector<bus::Topic> topics() const override { return {{kTopic, 4}}; }

  absl::Status Start(runtime::Host& host) override {
    const runtime::Settings& settings = host.settings();
    ASSIGN_OR_RETURN(rules_, ReadRules(settings.share_dir));
    RETURN_IF_ERROR(Open(host));
    const auto now = [&host] { return host.Now(); };

    app_ = std::make_unique<App>(&service_->ledger(), &rules_, settings.public_url, now);
    runtime::Door& door = host.door();
    door.Serve(v1::Alert::descriptor()->file()->pool()->FindServiceByName(kService));
    App* app = app_.get();
    using runtime::Call;
    door.On<v1::ListAlertsRequest, v1::ListAlertsResponse>(
        kService, "ListAlerts",
        [app](const Call& c, const auto& r) { return app->ListAlerts(c, r); });
    door.On<v1::AcknowledgeAlertRequest, v1::Alert>(
        kService, "AcknowledgeAlert",
        [app](const Call& c, const auto& r) { return app->AcknowledgeAlert(c, r); });
    door.On<v1::ListSendsRequest, v1::ListSendsResponse>(
        kService, "ListSends",
        [app](const Call& c, const auto& r) { return app->ListSends(c, r); });
    door.On<v1::GetSendRequest, v1::GetSendResponse>(
        kService, "GetSend", [app](const Call& c, const auto& r) { return app->GetSend(c, r); });
    door.On<v1::TakeReturnedMailRequest, v1::TakeReturnedMailResponse>(
        kService, "TakeReturnedMail",
        [app](const Call& c, const auto& r) { return app->TakeReturnedMail(c, r); });
    door.On<v1::ListTemplatesRequest, v1::ListTemplatesResponse>(
        kService, "ListTemplates",
        [app](const Call&, const auto& r) { return app->ListTemplates(r); });
    door.On<v1::PreviewTemplateRequest, v1::PreviewTemplateResponse>(
        kService, "PreviewTemplate",
        [app](const Call&, const auto& r) { return app->PreviewTemplate(r); });
    host.AddGauge("notifications_returned_unknown_total",
                  "Mails that came back and belong to none that has left",
                  [app] { return static_cast<double>(app->unknown_returned()); });

    service_->StartRelay();
    ledger::Consumer::Options events;
    events.topics = {kEventsTopic};
    events.versioned_topics = {kEventsTopic};
    events.handle = [this, now](const bus::Record& record) { return Handle(record, rules_, now); };
    service_->StartConsumer("", std::move(events));
    ledger::Consumer::Options directory;
    directory.topics = {kDirectoryTopic};
    directory.handle = [this, now](const bus::Record& record) {
      return HandleDirectory(record, service_->ledger(), rules_, now);
    };
    service_->StartConsumer("directory", std::move(directory));

    ledger::Consumer::Options registers;
    registers.topics = RegisterTopics();
    registers.handle = [this, now](const bus::Record& record) {
      return HandleRegister(record, rules_, now);
    };
    service_->StartConsumer("registers", std::move(registers));

    owners_ = std::make_unique<Owners>(&host);
    Sender::Options options;
    ASSIGN_OR_RETURN(options.smtp,
                     mail::SmtpClient::ReadOptions(settings.smtp_url, settings.smtp_password_file,
                                                   settings.smtp_ca_file));
    options.smtp_connections = settings.smtp_connections;
    ASSIGN_OR_RETURN(options.webhook.allowed, webhook::Networks::Parse(settings.webhook_networks));
    options.webhook.ca_file = settings.webhook_ca_file;
    if (!mail::IsAddress(settings.mail_from)) {
      return absl::InvalidArgumentError("--mail-from is no mail address");
    }
    options.mail_from = settings.mail_from;
    options.public_url = settings.public_url;
    options.now = now;
    sender_ =
        std::make_unique<Sender>(&service_->ledger(), owners_.get(), &rules_, std::move(options));
    duty::RunIn(host, kName, "notices", &sender_->notices());
    duty::RunIn(host, kName, "webhooks", &sender_->webhooks());
    duty::RunIn(host, kName, "alerts", &sender_->alerts());
    ASSIGN_OR_RETURN(const std::string access,
                     runtime::ReadDataFile(settings.share_dir + "/policy/access_rules.json"));
    ASSIGN_OR_RETURN(operations::v1::AccessRules access_rules, ledger::ParseAccessRules(access));
    access_watcher_ = std::make_unique<AccessWatcher>(&service_->ledger(), owners_.get(), &rules_,
                                                      std::move(access_rules), now);
    duty::RunIn(host, kName, "access", &access_watcher_->loop());
    dead_ends_ = std::make_unique<DeadEnds>(settings.Database(kName, /*relay=*/true));
    host.AddGauge("notifications_unreachable_alerts",
                  "Open alerts that can reach nobody on any rung; NaN where that cannot be read",
                  [this] { return dead_ends_->Count(); });
    Sender* sender = sender_.get();
    host.AddWatch("mail server", [sender] { return sender->MailServer(); });
    host.AddGauge("notifications_possible_repeats_total",
                  "Sends that went out once more although an earlier copy may have arrived",
                  [sender] { return static_cast<double>(sender->possible_repeats()); });
    door.On<v1::TestWebhookRequest, v1::TestWebhookResponse>(
        kService, "TestWebhook",
        [sender](const Call& c, const auto& r) { return sender->TestWebhook(c, r); });
    return absl::OkStatus();
  }

  absl::Status Rebuild(runtime::Host& host) override {
    RETURN_IF_ERROR(Open(host));
    return service_->ledger().Rebuild();
  }

 private:
  absl::Status Open(runtime::Host& host) {
    ledger::Service::Options options{kName, kTopic, &fact_, Aggregates()};
    options.withheld = [this](const runtime::Call& call) {
      return RecordsKeptFrom(service_->ledger(), call.agency_id, call.caller.person_id);
    };
    ASSIGN_OR_RETURN(service_, ledger::Service::Open(host, std::move(options)));
    return absl::OkStatus();
  }

  const v1::NotificationFact fact_;
  domain::Rules rules_;
  // The app and the sender stand on the service's ledger, so they go first.
  std::unique_ptr<ledger::Service> service_;
  std::unique_ptr<App> app_;
  std::unique_ptr<Owners> owners_;
  std::unique_ptr<Sender> sender_;
  std::unique_ptr<AccessWatcher> access_watcher_;
  std::unique_ptr<DeadEnds> dead_ends_;
};

}  // namespace

std::unique_ptr<runtime::Module> MakeModule() { return std::make_unique<Module>(); }

}  // namespace fosterwatch::notifications
