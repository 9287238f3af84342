// The service on a real PostgreSQL and its bus, with owners behind a real door and a mail server
// that answers as it is told: from the register's facts to the mails that leave.
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
#include "libs/privacy/sealer.h"
#include "libs/testing/await.h"
#include "libs/testing/database.h"
#include "libs/testing/status_matchers.h"
#include "services/notifications/app.h"
#include "services/notifications/domain/fixture.h"
#include "services/notifications/facts.h"
#include "services/notifications/module.h"
#include "services/notifications/owners.h"
#include "services/notifications/sender.h"
#include "services/notifications/testing/fake_owners.h"
#include "services/notifications/testing/scripted_smtp_server.h"
#include "services/notifications/views.h"

namespace fosterwatch::notifications {
namespace {

namespace events = notifiable_events::v1;
using ::fosterwatch::testing::HasReason;
using ::fosterwatch::testing::IsOk;
using ::fosterwatch::testing::StatusIs;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr char kAgency[] = "northern";
constexpr char kNotificationsTopic[] = "fosterwatch.notifications.v1";
const std::string kMasterKey(64, 'a');

// Patient: the machine may be busy with other tests.
bool AwaitTrue(absl::FunctionRef<bool()> condition) {
  return fosterwatch::testing::AwaitTrue(condition, absl::Seconds(30));
}

std::vector<pg::Migration> Migrations() { return MakeModule()->migrations(); }

// One process of the service, between Start and its end.
class Running {
 public:
  Running(const fosterwatch::testing::Database& database, bus::Bus* bus, FakeOwners* fake,
          const std::string& smtp_url, const v1::AlertPolicy* policy,
          std::function<absl::Time()> now)
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
    sender.mail_from = "fosterwatch@localhost";
    sender.public_url = "http://127.0.0.1:8410";
    sender.now = now;
    sender_ = std::make_unique<Sender>(ledger_.get(), &owners_, policy, std::move(sender));
    app_ = std::make_unique<App>(ledger_.get(), now);
    Run([this] { relay_->Run(stop_); });
    Run([this] { consumer_->Run(stop_); });
    Run([this] { sender_->notices().Run(stop_); });
    Run([this] { sender_->webhooks().Run(stop_); });
    Run([this] { sender_->alerts().Run(stop_); });
  }

  ~Running() {
    stop_.Request();
    for (std::thread& thread : threads_) thread.join();
  }

  void RequestStop() { stop_.Request(); }
  App& app() { return *app_; }
  ledger::Ledger& ledger() { return *ledger_; }

 private:
  void Run(std::function<void()> body) { threads_.emplace_back(std::move(body)); }

  const v1::NotificationFact fact_;
  const std::unique_ptr<privacy::Sealer> sealer_;
  runtime::Stop stop_;
  Owners owners_;
  std::unique_ptr<ledger::Ledger> ledger_;
  std::unique_ptr<ledger::Relay> relay_;
  std::unique_ptr<ledger::Consumer> consumer_;
  std::unique_ptr<Sender> sender_;
  std::unique_ptr<App> app_;
  std::vector<std::thread> threads_;
};

class DeliveryTest : public ::testing::Test {
 protected:
  DeliveryTest()
      : database_("fosterwatch_notifications", Migrations()),
        bus_database_("fosterwatch_bus", bus::PostgresBusMigrations("fosterwatch_bus")),
        bus_(*bus::MakePostgresBus(bus_database_.service())) {
    EXPECT_THAT(bus_->EnsureTopics({{kEventsTopic, 4}, {kNotificationsTopic, 4}}), IsOk());
    directory::v1::Body body;
    body.set_body_id("northshire");
    AddContact(body, type::v1::CHANNEL_TELEPHONE, "0123");
    AddContact(body, type::v1::CHANNEL_EMAIL, "duty@northshire.example");
    owners_.SetBody(body);
    owners_.SetHolder("rm1", options::v1::ROLE_REGISTERED_MANAGER, "rm1@agency.example");
    owners_.SetHolder("tm1", options::v1::ROLE_TEAM_MANAGER, "tm1@agency.example");
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
               const std::string& subject, std::string fact_id = "",
               const std::string& agency = kAgency) {
    if (fact_id.empty()) fact_id = ledger::NewId();
    bus::Record record;
    record.topic = kEventsTopic;
    record.key = absl::StrCat(agency, "/", subject);
    record.headers = {{"ce_id", fact_id},
                      {"ce_type", absl::StrCat("fosterwatch.notifiable_events.v1.", name)},
                      {"ce_time", absl::FormatTime(absl::RFC3339_full, Now(), absl::UTCTimeZone())},
                      {"ce_subject", subject},
                      {"ce_agencyid", agency},
                      {"ce_sequence", "0000000001"}};
    record.value = fact.SerializeAsString();
    ASSERT_THAT(bus_->Publish({record}), IsOk());
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
    events::NotifiableEventFact fact;
    fact.mutable_notices_owed()->set_event_id(event_id);
    events::Notice* notice = fact.mutable_notices_owed()->add_notices();
    notice->set_notice_id(notice_id);
    notice->set_kind(events::EVENT_KIND_CHILD_MISSING);
    notice->set_body_id(body_id);
    notice->set_moment(events::MOMENT_EVENT);
    notice->set_channel(by_person ? type::v1::CHANNEL_ONLINE_FORM : type::v1::CHANNEL_EMAIL);
    notice->set_released_by_person(by_person);
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
  std::vector<ScriptedSmtpServer::Received> MailsTo(const std::string& address) const {
    std::vector<ScriptedSmtpServer::Received> mails;
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
    EXPECT_THAT(response, IsOk());
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
    EXPECT_THAT(response, IsOk());
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
    EXPECT_THAT(rows, IsOk());
    return rows->Text(0, 0);
  }

  // Cuts the service off its database, or lets it back.
  void LetIn(bool in) {
    const auto server = fosterwatch::testing::Connect(fosterwatch::testing::TestCluster());
    EXPECT_THAT(server->Script(absl::StrCat("ALTER DATABASE ", database_.name(),
                                            " WITH ALLOW_CONNECTIONS ", in ? "true" : "false")),
                IsOk());
    if (in) return;
    EXPECT_THAT(server->Query("SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
                              " WHERE datname = $1",
                              {database_.name()}),
                IsOk());
  }

  const v1::AlertPolicy policy_ = domain::TestPolicy();
  std::atomic<int64_t> ahead_ = 0;
  fosterwatch::testing::Database database_;
  fosterwatch::testing::Database bus_database_;
  std::unique_ptr<bus::Bus> bus_;
  ScriptedSmtpServer mail_;
  FakeOwners owners_;
  std::unique_ptr<Running> running_;
};

TEST_F(DeliveryTest, AReportedEventTellsTheBodyAndTheManager) {
  Report("e1");
  Owe("e1", "n1", "northshire");
  ASSERT_TRUE(AwaitMails("duty@northshire.example", 1));
  ASSERT_TRUE(AwaitMails("rm1@agency.example", 1));

  const ScriptedSmtpServer::Received notice = MailsTo("duty@northshire.example").front();
  EXPECT_EQ(notice.Header("Subject"), "Notice under regulation 36");
  EXPECT_EQ(notice.Header("Auto-Submitted"), "auto-generated");
  EXPECT_THAT(notice.data, HasSubstr("Agency: northern\r\nEvent: e1\r\nNotices: 1\r\n"));
  const ScriptedSmtpServer::Received alert = MailsTo("rm1@agency.example").front();
  EXPECT_EQ(alert.Header("Subject"), "Fosterwatch: an event needs your attention");
  EXPECT_THAT(alert.data, HasSubstr("http://127.0.0.1:8410/events/e1"));

  ASSERT_TRUE(AwaitTrue([&] { return Sends("e1").size() == 2; }));
  const v1::Send send = NoticeSends("e1").at(0);
  EXPECT_EQ(send.result(), v1::Send::RESULT_SENT);
  EXPECT_EQ(send.result_code(), "SMTP_250");
  EXPECT_EQ(send.body_id(), "northshire");
  EXPECT_EQ(send.message_id(), notice.Header("Message-ID"));
  EXPECT_EQ(send.template_(), "notice");
  EXPECT_EQ(send.template_version(), "7");
  EXPECT_EQ(send.content_sha256(), ledger::Sha256("Agency: northern\nEvent: e1\nNotices: 1\n"));
  EXPECT_THAT(MailsTo("tm1@agency.example"), IsEmpty());
}

TEST_F(DeliveryTest, WhatLeftIsPublished) {
  Owe("e1", "n1", "northshire");
  auto subscription = *bus_->Subscribe({"watch", {kNotificationsTopic}, "", /*live=*/false});
  std::vector<std::string> names;
  v1::NoticeSent sent;
  ASSERT_TRUE(AwaitTrue([&] {
    const auto records = subscription->Poll(100, absl::Milliseconds(50));
    if (!records.ok()) return false;
    for (const bus::Record& record : *records) {
      v1::NotificationFact fact;
      EXPECT_TRUE(fact.ParseFromString(record.value));
      EXPECT_EQ(record.key, "northern/e1");
      names.push_back((*ledger::EnvelopeOf(record)).fact_name);
      if (fact.has_notice_sent()) sent = fact.notice_sent();
    }
    return names.size() == 3;
  }));
  EXPECT_THAT(names, ElementsAre("dispatch_opened", "send_begun", "notice_sent"));
  EXPECT_EQ(sent.event_id(), "e1");
  EXPECT_THAT(sent.notice_ids(), ElementsAre("n1"));
  EXPECT_EQ(sent.send().result_code(), "SMTP_250");
}

TEST_F(DeliveryTest, TheSameFactTwiceIsOneMail) {
  Owe("e1", "n1", "northshire", false, "fact-1");
  Owe("e1", "n1", "northshire", false, "fact-1");
  Owe("e1", "n2", "northshire", false, "fact-2");
  ASSERT_TRUE(AwaitNoticeSends("e1", 2));
  EXPECT_THAT(MailsTo("duty@northshire.example"), SizeIs(2));
}

TEST_F(DeliveryTest, ACrashAfterTheAnswerSendsAgainUnderTheSameMessageIdAndSaysSo) {
  mail_.Expect({.before_end = [this] {
    running_->RequestStop();
    LetIn(false);
  }});
  Owe("e1", "n1", "northshire");
  ASSERT_TRUE(AwaitMails("duty@northshire.example", 1));
  Halt();
  LetIn(true);
  Start();
  ASSERT_TRUE(AwaitNoticeSends("e1", 1));
  const auto mails = MailsTo("duty@northshire.example");
  ASSERT_THAT(mails, SizeIs(2));
  EXPECT_TRUE(mails[0].taken);
  EXPECT_EQ(mails[0].Header("Message-ID"), mails[1].Header("Message-ID"));
  const v1::Send send = NoticeSends("e1").at(0);
  EXPECT_TRUE(send.possible_repeat());
  EXPECT_EQ(send.result(), v1::Send::RESULT_SENT);
  EXPECT_EQ(send.message_id(), mails[0].Header("Message-ID"));
}

TEST_F(DeliveryTest, AMailThatIsNotTakenNowIsTriedAgainLater) {
  mail_.Expect({.end_of_data = "451 later"});
  Owe("e1", "n1", "northshire");
  ASSERT_TRUE(AwaitNoticeSends("e1", 1));
  EXPECT_EQ(NoticeSends("e1")[0].result_code(), "SMTP_451");
  Pass(absl::Seconds(5));
  ASSERT_TRUE(AwaitNoticeSends("e1", 2));
  const std::vector<v1::Send> sends = NoticeSends("e1");
  EXPECT_EQ(sends[1].result(), v1::Send::RESULT_SENT);
  EXPECT_EQ(sends[1].reason_code(), "RETRY");
  EXPECT_EQ(sends[1].message_id(), sends[0].message_id());
  EXPECT_FALSE(sends[1].possible_repeat());
}

TEST_F(DeliveryTest, AMailThatIsRefusedBecomesAPersonsAndIsAlerted) {
  mail_.Expect({.rcpt = "550 no such user"});
  Owe("e1", "n1", "northshire");
  ASSERT_TRUE(AwaitMails("rm1@agency.example", 1));
  const v1::Alert alert = AlertOf("e1", v1::Alert::KIND_NOTICE_FAILED);
  EXPECT_EQ(alert.reason_code(), "SMTP_550");
  EXPECT_THAT(alert.notice_ids(), ElementsAre("n1"));
  EXPECT_EQ(NoticeSends("e1").at(0).result(), v1::Send::RESULT_REFUSED);
  Pass(absl::Hours(2));
  Owe("e2", "n2", "northshire");
  ASSERT_TRUE(AwaitNoticeSends("e2", 1));
  EXPECT_THAT(NoticeSends("e1"), SizeIs(1));
}

TEST_F(DeliveryTest, NoticesForAPersonAreAlertedUntilTheLastIsGiven) {
  Owe("e1", "n1", "ofsted", /*by_person=*/true, "fact-1");
  ASSERT_TRUE(AwaitMails("rm1@agency.example", 1));
  EXPECT_EQ(NoticeSends("e1").at(0).result(), v1::Send::RESULT_HANDED_TO_PERSON);
  EXPECT_THAT(AlertOf("e1", v1::Alert::KIND_NOTICE_NEEDS_PERSON).notice_ids(), ElementsAre("n1"));
  Give("e1", "n1");
  ASSERT_TRUE(AwaitTrue([&] {
    return AlertOf("e1", v1::Alert::KIND_NOTICE_NEEDS_PERSON).state() == v1::Alert::STATE_CLEARED;
  }));
  EXPECT_EQ(Alerts().open_count(), 0);
  EXPECT_EQ(Dump("view.timer", "id"), "");
}

TEST_F(DeliveryTest, ABodyWithoutAMailAddressIsLeftToAPerson) {
  directory::v1::Body body;
  body.set_body_id("healthshire");
  AddContact(body, type::v1::CHANNEL_TELEPHONE, "0123");
  owners_.SetBody(body);
  Owe("e1", "n1", "healthshire");
  Owe("e2", "n2", "nowhere");
  for (const char* event_id : {"e1", "e2"}) {
    ASSERT_TRUE(AwaitNoticeSends(event_id, 1));
    EXPECT_EQ(NoticeSends(event_id)[0].result(), v1::Send::RESULT_HANDED_TO_PERSON);
    EXPECT_EQ(NoticeSends(event_id)[0].result_code(), "NO_CONTACT");
    EXPECT_EQ(AlertOf(event_id, v1::Alert::KIND_NOTICE_NEEDS_PERSON).state(),
              v1::Alert::STATE_OPEN);
  }
}

TEST_F(DeliveryTest, WhatIsUrgentGoesFirstAlsoWhereSomethingElseWasDueBefore) {
  Report("e1", events::EVENT_KIND_CHILD_MISSING);
  ASSERT_TRUE(AwaitMails("rm1@agency.example", 1));
  Pass(absl::Minutes(57));
  Report("e2", events::EVENT_KIND_CHILD_DEATH);
  ASSERT_TRUE(AwaitMails("rm1@agency.example", 2));
  Pass(absl::Minutes(6));  // both are to climb: the first for three minutes, the death for one
  ASSERT_TRUE(AwaitMails("tm1@agency.example", 2));
  EXPECT_EQ(MailsTo("tm1@agency.example")[0].Header("Subject"),
            "Fosterwatch: urgent, an event needs your attention");
}

TEST_F(DeliveryTest, ADeathClimbsByMinutesUntilItIsAcknowledged) {
  Report("e1", events::EVENT_KIND_CHILD_DEATH);
  ASSERT_TRUE(AwaitMails("rm1@agency.example", 1));
  EXPECT_EQ(MailsTo("rm1@agency.example")[0].Header("Subject"),
            "Fosterwatch: urgent, an event needs your attention");
  Pass(absl::Minutes(5));
  ASSERT_TRUE(AwaitMails("tm1@agency.example", 1));
  ASSERT_TRUE(AwaitMails("rm1@agency.example", 2));
  EXPECT_NE(MailsTo("rm1@agency.example")[0].Header("Message-ID"),
            MailsTo("rm1@agency.example")[1].Header("Message-ID"));

  const std::string alert_id = AlertOf("e1", v1::Alert::KIND_EVENT_REPORTED).alert_id();
  const auto acknowledged = Acknowledge(alert_id, "On my way", "request-1");
  ASSERT_THAT(acknowledged, IsOk());
  EXPECT_EQ(acknowledged->state(), v1::Alert::STATE_ACKNOWLEDGED);
  EXPECT_EQ(acknowledged->acknowledged_by(), "rm1");
  EXPECT_EQ(acknowledged->comment(), "On my way");
  EXPECT_EQ(Alerts("e1").alerts(0).comment(), "On my way");
  EXPECT_EQ(Dump("view.timer", "id"), "");

  EXPECT_THAT(Acknowledge(alert_id, "On my way", "request-1"), IsOk());
  EXPECT_THAT(Acknowledge(alert_id, "Other words", "request-1"), HasReason("REQUEST_ID_REUSED"));
  EXPECT_THAT(Acknowledge(alert_id), HasReason("ALERT_NOT_OPEN"));
}

TEST_F(DeliveryTest, ClimbsOnAfterARestart) {
  Report("e1");
  ASSERT_TRUE(AwaitTrue([&] { return Sends("e1").size() == 1; }));
  Halt();
  Pass(absl::Hours(1));
  Start();
  ASSERT_TRUE(AwaitMails("tm1@agency.example", 1));
}

TEST_F(DeliveryTest, WithoutARegisteredManagerTheTeamManagersAreToldAtOnce) {
  owners_.RemoveHolders();
  owners_.SetHolder("tm1", options::v1::ROLE_TEAM_MANAGER, "tm1@agency.example");
  Report("e1");
  ASSERT_TRUE(AwaitMails("tm1@agency.example", 1));
  ASSERT_TRUE(AwaitTrue([&] { return Sends("e1").size() == 2; }));
  EXPECT_EQ(Sends("e1")[1].result_code(), "NO_CONTACT");
  EXPECT_EQ(AlertOf("e1", v1::Alert::KIND_EVENT_REPORTED).rung(), 1);
}

TEST_F(DeliveryTest, AnIntakeRecordThatWasParkedIsAlerted) {
  events::NotifiableEventFact fact;
  fact.mutable_intake_record_parked()->set_parked_id("p1");
  fact.mutable_intake_record_parked()->set_reason_code("MALFORMED_JSON");
  Publish(fact, "intake_record_parked", "p1");
  ASSERT_TRUE(AwaitMails("rm1@agency.example", 1));
  ASSERT_THAT(Alerts().alerts(), SizeIs(1));
  EXPECT_EQ(Alerts().alerts(0).kind(), v1::Alert::KIND_INTAKE_RECORD_PARKED);
  EXPECT_EQ(Alerts().alerts(0).parked_id(), "p1");
}

TEST_F(DeliveryTest, OfTwoProcessesOneSends) {
  const auto other = Process();
  for (int i = 0; i < 20; ++i) Owe("e1", absl::StrCat("n", i), "northshire");
  ASSERT_TRUE(AwaitNoticeSends("e1", 20));
  EXPECT_THAT(MailsTo("duty@northshire.example"), SizeIs(20));
}

TEST_F(DeliveryTest, AMailServerThatIsAwayDelaysAndLosesNothing) {
  mail_.Always({.greeting = ""});
  for (int i = 0; i < 3; ++i) Owe(absl::StrCat("e", i), absl::StrCat("n", i), "northshire");
  ASSERT_TRUE(AwaitTrue([&] { return !Sends().empty(); }));
  mail_.Always({});
  Pass(absl::Minutes(5));
  ASSERT_TRUE(AwaitMails("duty@northshire.example", 3));
  std::set<std::string> message_ids;
  for (const auto& mail : MailsTo("duty@northshire.example")) {
    message_ids.insert(mail.Header("Message-ID"));
  }
  EXPECT_THAT(message_ids, SizeIs(3));
}

TEST_F(DeliveryTest, AnOwnerThatRestartsIsWaitedForWithoutATrace) {
  owners_.SetAway(true);
  Report("e1");
  Owe("e1", "n1", "northshire");
  ASSERT_TRUE(AwaitTrue([&] { return owners_.asked_away() >= 2; }));
  owners_.SetAway(false);
  ASSERT_TRUE(AwaitNoticeSends("e1", 1));
  EXPECT_EQ(NoticeSends("e1")[0].result(), v1::Send::RESULT_SENT);
  EXPECT_FALSE(NoticeSends("e1")[0].possible_repeat());
  ASSERT_TRUE(AwaitMails("rm1@agency.example", 1));
}

TEST_F(DeliveryTest, AnOwnerThatStaysAwayIsSeenInTheLog) {
  owners_.SetAway(true);
  Owe("e1", "n1", "northshire");
  ASSERT_TRUE(AwaitTrue([&] { return owners_.asked_away() >= 1; }));
  Pass(absl::Seconds(11));
  ASSERT_TRUE(AwaitNoticeSends("e1", 1));
  EXPECT_EQ(NoticeSends("e1")[0].result(), v1::Send::RESULT_FAILED);
  EXPECT_EQ(NoticeSends("e1")[0].result_code(), "CONTENT_UNAVAILABLE");
  owners_.SetAway(false);
  Pass(absl::Seconds(5));
  ASSERT_TRUE(AwaitMails("duty@northshire.example", 1));
}

TEST_F(DeliveryTest, ListsGoPageByPageForOneAgencyOnly) {
  for (int i = 0; i < 5; ++i) Report(absl::StrCat("e", i));
  Report("other", events::EVENT_KIND_CHILD_MISSING, "southern");
  ASSERT_TRUE(AwaitTrue([&] { return Sends().size() == 5; }));
  ASSERT_THAT(Acknowledge(AlertOf("e3", v1::Alert::KIND_EVENT_REPORTED).alert_id()), IsOk());

  v1::ListAlertsRequest request;
  request.set_page_size(2);
  std::vector<std::string> listed;
  std::string second_page;
  do {
    const auto page = running_->app().ListAlerts(CallOf(), request);
    ASSERT_THAT(page, IsOk());
    EXPECT_EQ(page->open_count(), 4);
    for (const v1::Alert& alert : page->alerts()) listed.push_back(alert.event_id());
    request.set_page_token(page->next_page_token());
    if (second_page.empty()) second_page = page->next_page_token();
  } while (!request.page_token().empty());
  ASSERT_THAT(listed, SizeIs(5));
  EXPECT_EQ(listed.back(), "e3");  // open ones first
  EXPECT_THAT(std::set<std::string>(listed.begin(), listed.end()), SizeIs(5));

  request.set_page_token(second_page);
  request.set_state(v1::Alert::STATE_OPEN);
  EXPECT_THAT(running_->app().ListAlerts(CallOf(), request), HasReason("INVALID_PAGE_TOKEN"));
  request.set_page_token("nonsense");
  EXPECT_THAT(running_->app().ListAlerts(CallOf(), request), HasReason("INVALID_PAGE_TOKEN"));
  request.clear_page_token();
  request.set_page_size(-1);
  EXPECT_THAT(running_->app().ListAlerts(CallOf(), request),
              StatusIs(absl::StatusCode::kInvalidArgument));

  v1::ListSendsRequest sends;
  sends.set_page_size(3);
  const auto first = running_->app().ListSends(CallOf(), sends);
  ASSERT_THAT(first, IsOk());
  EXPECT_THAT(first->sends(), SizeIs(3));
  sends.set_page_token(first->next_page_token());
  const auto rest = running_->app().ListSends(CallOf(), sends);
  ASSERT_THAT(rest, IsOk());
  EXPECT_THAT(rest->sends(), SizeIs(2));
  EXPECT_EQ(rest->next_page_token(), "");

  const std::string foreign =
      running_->app().ListAlerts(CallOf("southern"), {})->alerts(0).alert_id();
  EXPECT_THAT(Acknowledge(foreign), StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(Acknowledge("no-such"), StatusIs(absl::StatusCode::kNotFound));
}

TEST_F(DeliveryTest, ARebuildGivesTheSameViewsAndSendsNothing) {
  mail_.Expect({.end_of_data = "451 later"});
  Report("e1", events::EVENT_KIND_CHILD_DEATH);
  Owe("e1", "n1", "northshire", false, "fact-1");
  Owe("e1", "n2", "ofsted", true, "fact-2");
  Report("e2");
  ASSERT_TRUE(AwaitTrue([&] { return Sends().size() >= 4; }));
  ASSERT_THAT(Acknowledge(AlertOf("e2", v1::Alert::KIND_EVENT_REPORTED).alert_id(), "Seen"),
              IsOk());
  Halt();
  const std::map<std::string, std::string> tables = {
      {"view.alert", "alert_id"}, {"view.send", "send_id"}, {"view.timer", "kind, id"}};
  std::map<std::string, std::string> before;
  for (const auto& [table, order] : tables) {
    before[table] = Dump(table, order);
    EXPECT_NE(before[table], "") << table;
  }
  const size_t mails = mail_.received().size();

  const v1::NotificationFact fact;
  ledger::Ledger::Options options;
  options.conninfo = database_.service();
  options.relay_conninfo = database_.relay();
  options.fact = &fact;
  options.aggregates = Aggregates();
  auto ledger = ledger::Ledger::Open(std::move(options), *privacy::Sealer::Create(kMasterKey));
  ASSERT_THAT(ledger, IsOk());
  ASSERT_THAT((*ledger)->Rebuild(), IsOk());
  for (const auto& [table, order] : tables) EXPECT_EQ(Dump(table, order), before[table]);
  EXPECT_EQ(mail_.received().size(), mails);
}

TEST_F(DeliveryTest, WhatCannotBeReadIsParkedAndTheNextIsHandled) {
  bus::Record record;
  record.topic = kEventsTopic;
  record.key = "northern/e1";
  record.headers = {{"ce_id", "bad"},
                    {"ce_type", "fosterwatch.notifiable_events.v1.event_reported"},
                    {"ce_time", "2026-11-22T00:00:00Z"},
                    {"ce_subject", "e1"},
                    {"ce_agencyid", kAgency}};
  record.value = "\xff\xff";
  ASSERT_THAT(bus_->Publish({record}), IsOk());
  Report("e1");
  ASSERT_TRUE(AwaitMails("rm1@agency.example", 1));
  EXPECT_THAT(Dump("ledger.parked", "parked_id"), HasSubstr("MALFORMED_FACT"));
}

}  // namespace
}  // namespace fosterwatch::notifications
