// What the tests of delivery share: the service on a real PostgreSQL and its bus, with owners
// behind a real door and a mail server that answers as it is told.
#pragma once

#include <algorithm>
#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "fosterwatch/notifiable_events/v1/notifiable_event_facts.pb.h"
#include "fosterwatch/notifications/v1/notification_facts.pb.h"
#include "libs/bus/postgres_bus.h"
#include "libs/clock/proto_time.h"
#include "libs/ledger/consumer.h"
#include "libs/ledger/id.h"
#include "libs/ledger/relay.h"
#include "libs/mail/testing/scripted_smtp_server.h"
#include "libs/privacy/sealer.h"
#include "libs/testing/await.h"
#include "libs/testing/database.h"
#include "libs/testing/status_matchers.h"
#include "services/notifications/access_watcher.h"
#include "services/notifications/app.h"
#include "services/notifications/domain/fixture.h"
#include "services/notifications/facts.h"
#include "services/notifications/module.h"
#include "services/notifications/owners.h"
#include "services/notifications/sender.h"
#include "services/notifications/testing/fake_owners.h"
#include "services/notifications/views.h"

namespace fosterwatch::notifications {

namespace events = notifiable_events::v1;

inline constexpr char kAgency[] = "northern";
inline constexpr char kNotificationsTopic[] = "fosterwatch.notifications.v1";
inline const std::string kMasterKey(64, 'a');

// Patient: the machine may be busy with other tests.
inline bool AwaitTrue(absl::FunctionRef<bool()> condition) {
  return fosterwatch::testing::AwaitTrue(condition, absl::Seconds(30));
}

inline std::vector<pg::Migration> Migrations() { return MakeModule()->migrations(); }

inline operations::v1::AccessRules LookAtSix() {
  operations::v1::AccessRules rules;
  rules.add_editions()->set_look_hour(6);
  return rules;
}

// One process of the service, between Start and its end.
class Running {
 public:
  Running(const fosterwatch::testing::Database& database, bus::Bus* bus, FakeOwners* fake,
          const std::string& smtp_url, const domain::Rules* policy, std::function<absl::Time()> now)
      : sealer_(*privacy::Sealer::Create(kMasterKey)), owners_(&fake->host()) {
    ledger::Ledger::Options options;
    options.conninfo = database.service();
    options.relay_conninfo = database.relay();
    options.fact = &fact_;
    options.aggregates = Aggregates();
    options.now = now;
    ledger_ = *ledger::Ledger::Open(std::move(options), *privacy::Sealer::Create(kMasterKey));
    ledger::Relay::Options relay;
    relay.topic = kNotificationsTopic;
    relay.type_prefix = "fosterwatch.notifications.v1";
    relay.source = "/fosterwatch/notifications";
    relay_ = std::make_unique<ledger::Relay>(ledger_.get(), bus, std::move(relay));
    ledger::Consumer::Options consumer;
    consumer.group = "notifications";
    consumer.topics = {kEventsTopic};
    consumer.handle = [policy, now](const bus::Record& record) {
      return Handle(record, *policy, now);
    };
    consumer_ = std::make_unique<ledger::Consumer>(ledger_.get(), bus, sealer_.get(),
                                                   database.service(), std::move(consumer));
    Sender::Options sender;
    sender.smtp.url = smtp_url;
    sender.webhook.allowed = *webhook::Networks::Parse("127.0.0.1");
    sender.mail_from = "fosterwatch@localhost";
    sender.public_url = "http://127.0.0.1:8410";
    sender.now = now;
    sender_ = std::make_unique<Sender>(ledger_.get(), &owners_, policy, std::move(sender));
    access_ = std::make_unique<AccessWatcher>(ledger_.get(), &owners_, policy, LookAtSix(), now);
    app_ = std::make_unique<App>(ledger_.get(), policy, "http://127.0.0.1:8410", now);
    ledger::Consumer::Options directory;
    directory.group = "notifications-directory";
    directory.topics = {kDirectoryTopic};
    directory.handle = [this, policy, now](const bus::Record& record) {
      return HandleDirectory(record, *ledger_, *policy, now);
    };
    directory_ = std::make_unique<ledger::Consumer>(ledger_.get(), bus, sealer_.get(),
                                                    database.service(), std::move(directory));
    Run([this] { relay_->Run(stop_); });
    Run([this] { consumer_->Run(stop_); });
    Run([this] { directory_->Run(stop_); });
    Run([this] { sender_->notices().Run(stop_); });
    Run([this] { sender_->webhooks().Run(stop_); });
    Run([this] { sender_->alerts().Run(stop_); });
    Run([this] { access_->loop().Run(stop_); });
  }

  ~Running() {
    stop_.Request();
    for (std::thread& thread : threads_) thread.join();
  }

  void RequestStop() { stop_.Request(); }
  App& app() { return *app_; }
  ledger::Ledger& ledger() { return *ledger_; }
  Sender& sender() { return *sender_; }

 private:
  void Run(std::function<void()> body) { threads_.emplace_back(std::move(body)); }

  const v1::NotificationFact fact_;
  const std::unique_ptr<privacy::Sealer> sealer_;
  runtime::Stop stop_;
  Owners owners_;
  std::unique_ptr<ledger::Ledger> ledger_;
  std::unique_ptr<ledger::Relay> relay_;
  std::unique_ptr<ledger::Consumer> consumer_;
  std::unique_ptr<ledger::Consumer> directory_;
  std::unique_ptr<Sender> sender_;
  std::unique_ptr<AccessWatcher> access_;
  std::unique_ptr<App> app_;
  std::vector<std::thread> threads_;
};

class DeliveryTest : public ::testing::Test {
 protected:
  DeliveryTest()
      : database_("fosterwatch_notifications", Migrations()),
        bus_database_("fosterwatch_bus", bus::PostgresBusMigrations("fosterwatch_bus")),
        bus_(*bus::MakePostgresBus(bus_database_.service())) {
    EXPECT_THAT(
        bus_->EnsureTopics({{kEventsTopic, 4}, {kDirectoryTopic, 4}, {kNotificationsTopic, 4}}),
        fosterwatch::testing::IsOk());
    directory::v1::Body body;
    body.set_body_id("northshire");
    AddContact(body, type::v1::CHANNEL_TELEPHONE, "0123");
    AddContact(body, type::v1::CHANNEL_EMAIL, "duty@northshire.example");
    owners_.SetBody(body);
    owners_.SetHolder("rm1", options::v1::ROLE_REGISTERED_MANAGER, "rm1@agency.example");
    owners_.SetHolder("dm1", options::v1::ROLE_DEPUTY_MANAGER, "dm1@agency.example");
    Start();
  }

  static void AddContact(directory::v1::Body& body, type::v1::Channel channel,
                         const std::string& address) {
    directory::v1::Body::Contact* contact = body.add_contacts();
    contact->set_channel(channel);
    contact->set_address(address);
  }

  std::unique_ptr<Running> Process() {
    return std::make_unique<Running>(database_, bus_.get(), &owners_, mail_.url(), &policy_,
                                     [this] { return Now(); });
  }
  void Start() { running_ = Process(); }
  void Halt() { running_.reset(); }

  absl::Time Now() const { return absl::Now() + absl::Seconds(ahead_.load()); }
  void Pass(absl::Duration time) { ahead_ += absl::ToInt64Seconds(time); }

  // Publishes a fact of the register about an event, under an id of its own or the one given.
  void Publish(const events::NotifiableEventFact& fact, const std::string& name,
               const std::string& subject, const std::string& fact_id = "",
               const std::string& agency = kAgency) {
    PublishOn(kEventsTopic, absl::StrCat("fosterwatch.notifiable_events.v1.", name), fact, subject,
              fact_id, agency);
  }
  void PublishOn(const std::string& topic, const std::string& type,
                 const google::protobuf::Message& fact, const std::string& subject,
                 const std::string& fact_id = "", const std::string& agency = kAgency) {
    bus::Record record;
    record.topic = topic;
    record.key = absl::StrCat(agency, "/", subject);
    record.headers = {{"ce_id", fact_id.empty() ? ledger::NewId() : fact_id},
                      {"ce_type", type},
                      {"ce_time", absl::FormatTime(absl::RFC3339_full, Now(), absl::UTCTimeZone())},
                      {"ce_subject", subject},
                      {"ce_agencyid", agency},
                      {"ce_sequence", "0000000001"}};
    record.value = fact.SerializeAsString();
    ASSERT_THAT(bus_->Publish({record}), fosterwatch::testing::IsOk());
  }

  void Report(const std::string& event_id,
              events::EventKind kind = events::EVENT_KIND_CHILD_MISSING,
              const std::string& agency = kAgency) {
    events::NotifiableEventFact fact;
    fact.mutable_event_reported()->set_event_id(event_id);
    fact.mutable_event_reported()->mutable_report()->add_kinds(kind);
    Publish(fact, "event_reported", event_id, "", agency);
  }

  // A notice to a body by mail, or by its form; `body_id` may be empty.
  void Owe(const std::string& event_id, const std::string& notice_id, const std::string& body_id,
           bool by_person = false, const std::string& fact_id = "") {
    OweBy(by_person ? type::v1::CHANNEL_ONLINE_FORM : type::v1::CHANNEL_EMAIL, event_id, notice_id,
          body_id, fact_id);
  }
  void OweBy(type::v1::Channel channel, const std::string& event_id, const std::string& notice_id,
             const std::string& body_id, const std::string& fact_id = "") {
    events::NotifiableEventFact fact;
    fact.mutable_notices_owed()->set_event_id(event_id);
    events::Notice* notice = fact.mutable_notices_owed()->add_notices();
    notice->set_notice_id(notice_id);
    notice->set_kind(events::EVENT_KIND_CHILD_MISSING);
    notice->set_body_id(body_id);
    notice->set_moment(events::MOMENT_EVENT);
    notice->set_channel(channel);
    notice->set_released_by_person(channel == type::v1::CHANNEL_ONLINE_FORM);
    *notice->mutable_due_time() = clock::ToProto(Now() + absl::Hours(24));
    Publish(fact, "notices_owed", event_id, fact_id);
  }

  void Give(const std::string& event_id, const std::string& notice_id) {
    events::NotifiableEventFact fact;
    fact.mutable_notice_given()->set_event_id(event_id);
    fact.mutable_notice_given()->set_notice_id(notice_id);
    Publish(fact, "notice_given", event_id);
  }

  // Mails that came to an address, oldest first.
  std::vector<mail::ScriptedSmtpServer::Received> MailsTo(const std::string& address) const {
    std::vector<mail::ScriptedSmtpServer::Received> mails;
    for (auto& mail : mail_.received()) {
      if (mail.recipient == address) mails.push_back(std::move(mail));
    }
    return mails;
  }
  bool AwaitMails(const std::string& address, size_t count) {
    return AwaitTrue([&] { return MailsTo(address).size() >= count; });
  }

  static runtime::Call CallOf(const std::string& agency = kAgency) {
    runtime::Call call;
    call.agency_id = agency;
    call.caller.person_id = "rm1";
    call.caller.roles = {options::v1::ROLE_REGISTERED_MANAGER};
    return call;
  }

  v1::ListAlertsResponse Alerts(const std::string& event_id = "") {
    v1::ListAlertsRequest request;
    request.set_event_id(event_id);
    auto response = running_->app().ListAlerts(CallOf(), request);
    EXPECT_THAT(response, fosterwatch::testing::IsOk());
    return response.ok() ? *response : v1::ListAlertsResponse();
  }
  // The first alert of this kind about the event; an empty one where there is none.
  v1::Alert AlertOf(const std::string& event_id, v1::Alert::Kind kind) {
    const v1::ListAlertsResponse response = Alerts(event_id);
    for (const v1::Alert& alert : response.alerts()) {
      if (alert.kind() == kind) return alert;
    }
    return {};
  }
  std::vector<v1::Send> Sends(const std::string& event_id = "") {
    v1::ListSendsRequest request;
    request.set_event_id(event_id);
    auto response = running_->app().ListSends(CallOf(), request);
    EXPECT_THAT(response, fosterwatch::testing::IsOk());
    if (!response.ok()) return {};
    return {response->sends().begin(), response->sends().end()};
  }
  // Sends to bodies, oldest first.
  std::vector<v1::Send> NoticeSends(const std::string& event_id) {
    std::vector<v1::Send> sends = Sends(event_id);
    std::reverse(sends.begin(), sends.end());
    sends.erase(std::remove_if(sends.begin(), sends.end(),
                               [](const v1::Send& send) { return !send.alert_id().empty(); }),
                sends.end());
    return sends;
  }
  bool AwaitNoticeSends(const std::string& event_id, size_t count) {
    return AwaitTrue([&] { return NoticeSends(event_id).size() >= count; });
  }

  absl::StatusOr<v1::Alert> Acknowledge(const std::string& alert_id,
                                        const std::string& comment = "",
                                        const std::string& request_id = ledger::NewId(),
                                        const std::string& agency = kAgency) {
    v1::AcknowledgeAlertRequest request;
    request.set_request_id(request_id);
    request.set_alert_id(alert_id);
    request.set_comment(comment);
    return running_->app().AcknowledgeAlert(CallOf(agency), request);
  }

  std::string Dump(const std::string& table, const std::string& order) {
    const auto connection = fosterwatch::testing::Connect(database_.admin());
    auto rows =
        connection->Query(absl::StrCat("SELECT coalesce(string_agg(t::text, E'\\n' ORDER BY ",
                                       order, "), '') FROM ", table, " t"));
    EXPECT_THAT(rows, fosterwatch::testing::IsOk());
    return rows->Text(0, 0);
  }

  // Cuts the service off its database, or lets it back.
  void LetIn(bool in) {
    const auto server = fosterwatch::testing::Connect(fosterwatch::testing::TestCluster());
    EXPECT_THAT(server->Script(absl::StrCat("ALTER DATABASE ", database_.name(),
                                            " WITH ALLOW_CONNECTIONS ", in ? "true" : "false")),
                fosterwatch::testing::IsOk());
    if (in) return;
    EXPECT_THAT(server->Query("SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
                              " WHERE datname = $1",
                              {database_.name()}),
                fosterwatch::testing::IsOk());
  }

  const domain::Rules policy_ = domain::TestRules();
  std::atomic<int64_t> ahead_ = 0;
  fosterwatch::testing::Database database_;
  fosterwatch::testing::Database bus_database_;
  std::unique_ptr<bus::Bus> bus_;
  mail::ScriptedSmtpServer mail_;
  FakeOwners owners_;
  std::unique_ptr<Running> running_;
};

}  // namespace fosterwatch::notifications
