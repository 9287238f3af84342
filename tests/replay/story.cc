#include "tests/replay/story.h"

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"

#include "fosterwatch/directory/v1/directory_service.pb.h"
#include "fosterwatch/notifications/v1/notifications_service.pb.h"
#include "libs/clock/proto_time.h"
#include "libs/mail/testing/scripted_smtp_server.h"
#include "libs/status/status_macros.h"
#include "libs/testing/await.h"
#include "tests/replay/recording.h"
#include "tests/replay/story_of_registers.h"
#include "tests/support/agency.h"

namespace fosterwatch::replay {
namespace {

using mail::ScriptedSmtpServer;
using notifiable_events::v1::NotifiableEvent;
using testing::Agency;
using testing::AwaitTrue;
using testing::Installation;
namespace events = notifiable_events::v1;

constexpr char kDirectory[] = "fosterwatch.directory.v1.DirectoryService";
constexpr char kNotifications[] = "fosterwatch.notifications.v1.NotificationsService";
constexpr char kIntake[] = "fosterwatch.intake.notifiable-events.v1";
constexpr char kReported[] = "uk.fosterwatch.notifiable-event.reported.v1";
constexpr absl::Duration kPatience = absl::Seconds(60);

absl::Status Await(const char* what, const std::function<bool()>& condition,
                   absl::Duration patience = kPatience) {
  if (AwaitTrue(condition, patience)) return absl::OkStatus();
  return absl::DeadlineExceededError(absl::StrCat("there is no ", what));
}

class Story {
 public:
  explicit Story(Installation* installation)
      : installation_(*installation), agency_(installation, "agency-a") {}

  const Agency& agency() const { return agency_; }

  // Two bodies are told by mail, and the manager's alerts go somewhere.
  absl::Status MakeReachable() {
    for (const auto& [id, kind] : {std::pair{"ofsted", directory::v1::Body::KIND_CHIEF_INSPECTOR},
                                   std::pair{"health", directory::v1::Body::KIND_HEALTH_BODY}}) {
      directory::v1::RecordBodyRequest request;
      directory::v1::Body* body = request.mutable_body();
      body->set_body_id(id);
      body->set_kind(kind);
      body->set_name(id);
      auto* contact = body->add_contacts();
      contact->set_channel(type::v1::CHANNEL_EMAIL);
      contact->set_address(absl::StrCat(id, "@example.org"));
      RETURN_IF_ERROR(
          installation_
              .Call<directory::v1::Body>(agency_.Administrator(), kDirectory, "RecordBody", request)
              .status());
    }
    directory::v1::AppointHolderRequest appoint;
    directory::v1::RoleHolder* holder = appoint.mutable_holder();
    holder->set_person_id(agency_.RegisteredManager().person_id);
    holder->set_role(options::v1::ROLE_REGISTERED_MANAGER);
    holder->set_name("Test Manager");
    holder->set_email("manager@example.org");
    holder->set_title("Registered manager");
    *holder->mutable_from_time() = clock::ToProto(absl::Now() - absl::Hours(24));
    RETURN_IF_ERROR(installation_
                        .Call<directory::v1::RoleHolder>(agency_.Administrator(), kDirectory,
                                                         "AppointHolder", appoint)
                        .status());
    // Who owns an action must hold a role, as the register knows it.
    const auto known = [&] {
      auto rows = installation_.Database("notifiable_events")
                      ->Query("SELECT count(*) FROM reference.holder");
      return rows.ok() && rows->Int(0, 0) > 0;
    };
    return testing::AwaitTrue(known, absl::Minutes(1))
               ? absl::OkStatus()
               : absl::DeadlineExceededError("the register does not get to know the holder");
  }

  absl::Status PlayMissingChild() {
    ASSIGN_OR_RETURN(NotifiableEvent event, Report(events::EVENT_KIND_CHILD_MISSING));
    const std::string id = event.event_id();
    RETURN_IF_ERROR(GiveWhatAPersonGives(id));
    RETURN_IF_ERROR(ConfirmAndDiscuss(id));
    events::AddActionRequest add;
    add.set_event_id(id);
    add.set_description("talk with the child");
    add.set_owner_id(agency_.RegisteredManager().person_id);
    *add.mutable_due_time() = clock::ToProto(absl::Now() + absl::Hours(48));
    ASSIGN_OR_RETURN(event, agency_.Call(agency_.Caseworker(), "AddAction", add));
    events::CloseActionRequest close;
    close.set_event_id(id);
    close.set_action_id(event.actions(0).action_id());
    close.set_evidence("note of the talk");
    RETURN_IF_ERROR(agency_.Call(agency_.Caseworker(), "CloseAction", close).status());
    events::RecordChildReturnRequest returned;
    returned.set_event_id(id);
    *returned.mutable_returned_time() = clock::ToProto(absl::Now() - absl::Minutes(5));
    returned.set_note("came back alone");
    RETURN_IF_ERROR(agency_.Call(agency_.Publisher(), "RecordChildReturn", returned).status());
    RETURN_IF_ERROR(SignOff(id));
    events::ConcludeEventRequest conclude;
    conclude.set_event_id(id);
    conclude.set_outcome("back and well");
    conclude.set_regulator_reference("SC-100");
    return agency_.Call(agency_.RegisteredManager(), "ConcludeEvent", conclude).status();
  }

  absl::Status PlayEnquiry() {
    ASSIGN_OR_RETURN(const NotifiableEvent event,
                     Report(events::EVENT_KIND_CHILD_PROTECTION_ENQUIRY, "C-2"));
    events::RecordEnquiryOutcomeRequest outcome;
    outcome.set_event_id(event.event_id());
    *outcome.mutable_outcome_time() = clock::ToProto(absl::Now() - absl::Minutes(10));
    *outcome.mutable_became_aware_time() = clock::ToProto(absl::Now() - absl::Minutes(5));
    outcome.set_outcome("no further action");
    RETURN_IF_ERROR(agency_.Call(agency_.Caseworker(), "RecordEnquiryOutcome", outcome).status());
    return SignOff(event.event_id());
  }

  absl::Status PlayCorrection() {
    ASSIGN_OR_RETURN(const NotifiableEvent event, Report(events::EVENT_KIND_CHILD_MISSING));
    events::CorrectEventRequest correct;
    correct.set_event_id(event.event_id());
    correct.set_reason("the police say so");
    correct.mutable_report()->add_kinds(events::EVENT_KIND_SEXUAL_EXPLOITATION);
    correct.mutable_report()->set_summary("a corrected account");
    return agency_.Call(agency_.Caseworker(), "CorrectEvent", correct).status();
  }

  // Its alert climbs once; a second death's is acknowledged.
  absl::Status PlayDeaths() {
    ASSIGN_OR_RETURN(const NotifiableEvent climbing, Report(events::EVENT_KIND_CHILD_DEATH));
    ASSIGN_OR_RETURN(const NotifiableEvent known, Report(events::EVENT_KIND_CHILD_DEATH));
    std::string alert_id;
    RETURN_IF_ERROR(Await("alert", [&] {
      const auto alerts = AlertsOf(known.event_id());
      if (alerts.alerts_size() > 0) alert_id = alerts.alerts(0).alert_id();
      return !alert_id.empty();
    }));
    notifications::v1::AcknowledgeAlertRequest acknowledge;
    acknowledge.set_alert_id(alert_id);
    acknowledge.set_comment("I am on it");
    RETURN_IF_ERROR(installation_
                        .Call<notifications::v1::Alert>(agency_.RegisteredManager(), kNotifications,
                                                        "AcknowledgeAlert", acknowledge)
                        .status());
    return Await(
        "alert that climbed",
        [&] {
          const auto alerts = AlertsOf(climbing.event_id());
          return alerts.alerts_size() > 0 && alerts.alerts(0).sends_size() > 1;
        },
        absl::Minutes(4));
  }

  absl::Status PlayEveryKind() {
    for (int kind = events::EventKind_MIN + 1; kind <= events::EventKind_MAX; ++kind) {
      // The absence of the registered manager comes from the directory.
      if (!events::EventKind_IsValid(kind) || kind == events::EVENT_KIND_MANAGER_ABSENCE) continue;
      RETURN_IF_ERROR(Report(static_cast<events::EventKind>(kind)).status());
    }
    return absl::OkStatus();
  }

  // A good record of the intake topic, and one whose data are none.
  absl::Status PlayIntake() {
    const auto bus = installation_.OpenBus();
    bus::Record record;
    record.topic = kIntake;
    record.key = agency_.id() + "/C-1";
    record.headers = {{"ce_specversion", "1.0"},
                      {"ce_id", "case-1"},
                      {"ce_source", agency_.source()},
                      {"ce_type", kReported},
                      {"content-type", "application/protobuf"}};
    record.value = agency_.Report(events::EVENT_KIND_SERIOUS_COMPLAINT).SerializeAsString();
    bus::Record broken = record;
    broken.headers[1].second = "case-2";
    broken.value = "\xff\xff";
    RETURN_IF_ERROR(bus->Publish({record, broken}));
    return Await("parked record", [&] {
      auto rows = installation_.Database("notifiable_events")
                      ->Query(
                          "SELECT (SELECT count(*) FROM ledger.parked) + (SELECT count(*) FROM"
                          " ledger.fact WHERE name = 'intake_record_parked')");
      return rows.ok() && rows->Int(0, 0) == 2;
    });
  }

  absl::Status PlayOtherAgency() {
    const Agency other(&installation_, "agency-b");
    events::ReportEventRequest request;
    *request.mutable_report() = other.Report(events::EVENT_KIND_INFECTIOUS_DISEASE);
    return other.Call(other.TeamManager(), "ReportEvent", request).status();
  }

 private:
  absl::StatusOr<NotifiableEvent> Report(events::EventKind kind, const char* child = "C-1") {
    events::ReportEventRequest request;
    request.set_request_id(absl::StrCat("report-", ++requests_));
    *request.mutable_report() = agency_.Report(kind);
    request.mutable_report()->set_child_id(child);
    request.mutable_report()->set_place("at the bus station");
    return agency_.Call(agency_.Caseworker(), "ReportEvent", request);
  }

  // After the mails have been noted.
  absl::Status GiveWhatAPersonGives(const std::string& event_id) {
    events::GetEventRequest get;
    get.set_event_id(event_id);
    absl::StatusOr<NotifiableEvent> event;
    RETURN_IF_ERROR(Await("notice by mail", [&] {
      event = agency_.Call(agency_.Caseworker(), "GetEvent", get);
      if (!event.ok()) return false;
      for (const events::Notice& notice : event->notices()) {
        if (notice.body_id() == "ofsted" && notice.state() == events::Notice::STATE_OWED) {
          return false;
        }
      }
      return true;
    }));
    for (const events::Notice& notice : event->notices()) {
      if (notice.state() != events::Notice::STATE_OWED) continue;
      events::GiveNoticeRequest give;
      give.set_event_id(event_id);
      give.set_notice_id(notice.notice_id());
      give.set_channel(type::v1::CHANNEL_TELEPHONE);
      give.set_reference("REF-1");
      RETURN_IF_ERROR(agency_.Call(agency_.Caseworker(), "GiveNotice", give).status());
    }
    events::AcknowledgeNoticeRequest acknowledge;
    acknowledge.set_event_id(event_id);
    acknowledge.set_notice_id(event->notices(0).notice_id());
    acknowledge.set_reference("ACK-7");
    return agency_.Call(agency_.Caseworker(), "AcknowledgeNotice", acknowledge).status();
  }

  // What was told by telephone in writing, and what to do next with the child's social worker.
  absl::Status ConfirmAndDiscuss(const std::string& event_id) {
    events::GetEventRequest get;
    get.set_event_id(event_id);
    ASSIGN_OR_RETURN(const NotifiableEvent event,
                     agency_.Call(agency_.Caseworker(), "GetEvent", get));
    for (const events::Notice& notice : event.notices()) {
      if (!notice.has_written_confirmation()) continue;
      events::ConfirmNoticeInWritingRequest confirm;
      confirm.set_event_id(event_id);
      confirm.set_notice_id(notice.notice_id());
      confirm.set_channel(type::v1::CHANNEL_EMAIL);
      confirm.set_reference("LETTER-1");
      RETURN_IF_ERROR(
          agency_.Call(agency_.Caseworker(), "ConfirmNoticeInWriting", confirm).status());
    }
    events::RecordDiscussionRequest discuss;
    discuss.set_event_id(event_id);
    *discuss.mutable_discussed_time() = clock::ToProto(absl::Now());
    discuss.set_discussed_with("Ms Green");
    discuss.set_agreed("a talk about the way home");
    return agency_.Call(agency_.Caseworker(), "RecordDiscussion", discuss).status();
  }

  absl::Status SignOff(const std::string& event_id) {
    for (const auto& [person, stage] :
         {std::pair{agency_.TeamManager(), events::SignOff::STAGE_MANAGER},
          std::pair{agency_.RegisteredManager(), events::SignOff::STAGE_REGISTERED_MANAGER}}) {
      events::SignOffEventRequest sign_off;
      sign_off.set_event_id(event_id);
      sign_off.set_stage(stage);
      sign_off.set_comment("read and agreed");
      RETURN_IF_ERROR(agency_.Call(person, "SignOffEvent", sign_off).status());
    }
    return absl::OkStatus();
  }

  notifications::v1::ListAlertsResponse AlertsOf(const std::string& event_id) {
    notifications::v1::ListAlertsRequest list;
    list.set_event_id(event_id);
    return installation_
        .Call<notifications::v1::ListAlertsResponse>(agency_.RegisteredManager(), kNotifications,
                                                     "ListAlerts", list)
        .value_or(notifications::v1::ListAlertsResponse());
  }

  Installation& installation_;
  const Agency agency_;
  int requests_ = 0;
};

// Until all that was recorded has left, and nothing new comes of it.
absl::Status AwaitQuiet(const Installation& installation) {
  std::string before;
  absl::Time since = absl::Now();
  return Await("quiet", [&] {
    std::string now;
    for (const std::string& service : Services()) {
      auto ledger = installation.Database(service)->Query(
          "SELECT count(*) || ' of ' || (SELECT tx || '/' || position FROM ledger.relay)"
          " FROM ledger.fact");
      absl::StrAppend(&now, ledger.ok() ? ledger->Text(0, 0) : "?", " ");
    }
    if (now != before) since = absl::Now();
    before = now;
    return absl::Now() - since > absl::Seconds(3);
  });
}

}  // namespace

absl::Status PlayStory(Installation& installation) {
  ScriptedSmtpServer mails;
  // The first mail is refused for good.
  ScriptedSmtpServer::Script refusal;
  refusal.rcpt = "550 no such mailbox";
  mails.Expect(refusal);
  installation.Start({{"FOSTERWATCH_SMTP_URL", mails.url()}});
  if (!installation.AwaitReady()) {
    return absl::UnavailableError("it does not start: " + installation.process().Output());
  }
  Story story(&installation);
  RETURN_IF_ERROR(story.MakeReachable());
  RETURN_IF_ERROR(story.PlayEveryKind());
  RETURN_IF_ERROR(story.PlayMissingChild());
  RETURN_IF_ERROR(story.PlayEnquiry());
  RETURN_IF_ERROR(story.PlayCorrection());
  RETURN_IF_ERROR(story.PlayIntake());
  RETURN_IF_ERROR(story.PlayOtherAgency());
  RETURN_IF_ERROR(story.PlayDeaths());
  RETURN_IF_ERROR(PlayRegisters(installation, story.agency()));
  RETURN_IF_ERROR(AwaitQuiet(installation));
  return installation.process().Stop().status();
}

}  // namespace fosterwatch::replay
