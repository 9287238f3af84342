#include "services/notifications/facts.h"

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "absl/time/time.h"

#include "fosterwatch/allegations/v1/allegation_facts.pb.h"
#include "fosterwatch/carers/v1/carer_facts.pb.h"
#include "fosterwatch/complaints/v1/complaint_facts.pb.h"
#include "fosterwatch/directory/v1/directory_facts.pb.h"
#include "fosterwatch/kpis/v1/kpi_facts.pb.h"
#include "fosterwatch/notifiable_events/v1/notifiable_event_facts.pb.h"
#include "fosterwatch/placements/v1/child_facts.pb.h"
#include "fosterwatch/type/v1/attention.pb.h"
#include "libs/clock/proto_time.h"
#include "libs/ledger/consumer.h"
#include "libs/ledger/id.h"
#include "libs/status/error.h"
#include "libs/status/status_macros.h"
#include "services/notifications/access_watcher.h"
#include "services/notifications/domain/alert.h"
#include "services/notifications/domain/dispatch.h"
#include "services/notifications/domain/heard.h"
#include "services/notifications/views.h"

namespace fosterwatch::notifications {
namespace {

namespace events = notifiable_events::v1;
using domain::Facts;
using domain::Given;

// Records of nobody's agency: operators see them where they were parked; nobody can be alerted.
constexpr char kNoAgency[] = "-";

std::vector<domain::OwedNotice> OwedBy(const events::NoticesOwed& fact) {
  std::vector<domain::OwedNotice> owed;
  for (const events::Notice& notice : fact.notices()) {
    owed.push_back({.notice_id = notice.notice_id(),
                    .body_id = notice.body_id(),
                    .moment = events::Moment_Name(notice.moment()),
                    .channel = notice.channel(),
                    .released_by_person = notice.released_by_person(),
                    .due = clock::FromProto(notice.due_time()),
                    .of_death = notice.kind() == events::EVENT_KIND_CHILD_DEATH});
  }
  return owed;
}

// Of the worst first, as many as an alert names.
constexpr int kFindingsNamed = 100;

domain::Findings FindingsOf(const directory::v1::DirectoryCheck& check) {
  using directory::v1::Finding;
  domain::Findings findings;
  for (const Finding& finding : check.findings()) {
    const std::string about = !finding.body_id().empty()     ? finding.body_id()
                              : !finding.person_id().empty() ? finding.person_id()
                              : finding.role() != options::v1::ROLE_UNSPECIFIED
                                  ? options::v1::Role_Name(finding.role())
                                  : directory::v1::Body::Kind_Name(finding.body_kind());
    std::vector<std::string>& of = finding.severity() == Finding::SEVERITY_UNREACHABLE
                                       ? findings.unreachable
                                       : findings.others;
    if (of.size() == kFindingsNamed) continue;
    of.push_back(
        absl::StrCat(absl::StripPrefix(Finding::Code_Name(finding.code()), "CODE_"), " ", about));
  }
  return findings;
}

// A register of which records may need attention: its name is the first part of their address.
struct Register {
  const char* topic;
  const char* name;
  const google::protobuf::Message* facts;
};

const std::vector<Register>& Registers() {
  static const auto* const kRegisters = new std::vector<Register>{
      {"fosterwatch.allegations.v1", "allegations",
       &allegations::v1::AllegationFact::default_instance()},
      {"fosterwatch.carers.v1", "carers", &carers::v1::CarersFact::default_instance()},
      {"fosterwatch.complaints.v1", "complaints",
       &complaints::v1::ComplaintFact::default_instance()},
      {"fosterwatch.kpis.v1", "kpis", &kpis::v1::KpiFact::default_instance()},
      {"fosterwatch.placements.v1", "placements",
       &placements::v1::PlacementsFact::default_instance()},
  };
  return *kRegisters;
}

// The message of that name where it is the fact.
template <typename Message>
const Message* FactNamed(const google::protobuf::Message& fact, const char* name) {
  const auto* field = fact.GetDescriptor()->FindFieldByName(name);
  if (field == nullptr || field->message_type() != Message::descriptor()) return nullptr;
  const auto* reflection = fact.GetReflection();
  if (!reflection->HasField(fact, field)) return nullptr;
  return static_cast<const Message*>(&reflection->GetMessage(fact, field));
}

using Decide = std::function<Facts(const v1::Notifications&, const Given&)>;

ledger::Unit UnitOf(const ledger::Envelope& envelope) {
  ledger::Unit unit;
  unit.agency_id = envelope.agency_id;
  unit.actor = "service:notifications";
  unit.cause = envelope.fact_id;
  unit.trace_parent = envelope.trace_parent;
  return unit;
}

ledger::Change ChangeOf(const std::string& subject_id, Decide decide, const domain::Rules& rules,
                        const std::function<absl::Time()>& now) {
  return ledger::MakeChange<v1::Notifications, v1::NotificationFact>(
      kAggregate, subject_id,
      [decide = std::move(decide), &rules, now](const v1::Notifications& state,
                                                int64_t) -> absl::StatusOr<Facts> {
        return decide(state, Given{now(), rules, ledger::DerivedId});
      });
}

}  // namespace

absl::StatusOr<std::optional<ledger::Unit>> Handle(const bus::Record& record,
                                                   const domain::Rules& rules,
                                                   const std::function<absl::Time()>& now) {
  ASSIGN_OR_RETURN(const ledger::Envelope envelope, ledger::EnvelopeOf(record));
  events::NotifiableEventFact fact;
  if (!fact.ParseFromString(record.value)) {
    return Error(absl::StatusCode::kInvalidArgument, "MALFORMED_FACT", "the fact cannot be read");
  }
  if (envelope.agency_id == kNoAgency) return std::nullopt;

  std::string subject_id;
  Decide decide;
  bool in_digest = false;
  switch (fact.fact_case()) {
    case events::NotifiableEventFact::kEventReported: {
      const events::EventReported& reported = fact.event_reported();
      const auto& kinds = reported.report().kinds();
      const bool of_death =
          std::find(kinds.begin(), kinds.end(), events::EVENT_KIND_CHILD_DEATH) != kinds.end();
      subject_id = reported.event_id();
      decide = [subject_id, of_death, repeat = !reported.possible_repeat_of().empty()](
                   const v1::Notifications& state, const Given& given) {
        Facts facts = domain::EventReported(state, subject_id, of_death, given);
        if (!repeat) return facts;
        Facts to_decide = domain::RepeatToDecide(state, subject_id, "", given);
        facts.insert(facts.end(), to_decide.begin(), to_decide.end());
        return facts;
      };
      break;
    }
    case events::NotifiableEventFact::kNoticesOwed:
      subject_id = fact.notices_owed().event_id();
      decide = [subject_id, owed = OwedBy(fact.notices_owed()), fact_id = envelope.fact_id](
                   const v1::Notifications& state, const Given& given) {
        return domain::OpenDispatches(state, subject_id, owed, fact_id, given);
      };
      break;
    case events::NotifiableEventFact::kNoticeGiven:
      subject_id = fact.notice_given().event_id();
      decide = [notice_id = fact.notice_given().notice_id()](const v1::Notifications& state,
                                                             const Given&) {
        return domain::GiveByPerson(state, notice_id);
      };
      break;
    case events::NotifiableEventFact::kEventConcluded:
      subject_id = fact.event_concluded().event_id();
      decide = [](const v1::Notifications& state, const Given&) {
        return domain::EventConcluded(state);
      };
      break;
    case events::NotifiableEventFact::kEventWithdrawn:
      subject_id = fact.event_withdrawn().event_id();
      decide = [](const v1::Notifications& state, const Given&) {
        return domain::EventWithdrawn(state);
      };
      break;
    case events::NotifiableEventFact::kRepeatSuspected:
      subject_id = fact.repeat_suspected().event_id();
      decide = [subject_id, question_id = fact.repeat_suspected().question().question_id()](
                   const v1::Notifications& state, const Given& given) {
        return domain::RepeatToDecide(state, subject_id, question_id, given);
      };
      break;
    case events::NotifiableEventFact::kRepeatDecided:
      subject_id = fact.repeat_decided().event_id();
      decide = [](const v1::Notifications& state, const Given&) {
        return domain::RepeatDecided(state);
      };
      break;
    case events::NotifiableEventFact::kDutyOverdue: {
      const events::DutyOverdue& overdue = fact.duty_overdue();
      subject_id = overdue.event_id();
      in_digest = overdue.kind() == events::OVERDUE_DUTY_ACTION;
      domain::PassedDuty duty{
          overdue.duty_id(),
          std::string(absl::StripPrefix(events::OverdueDuty_Name(overdue.kind()), "OVERDUE_DUTY_")),
          clock::FromProto(overdue.due_time()), in_digest};
      decide = [subject_id, duty = std::move(duty)](const v1::Notifications& state,
                                                    const Given& given) {
        return domain::DutyOverdue(state, subject_id, duty, given);
      };
      break;
    }
    case events::NotifiableEventFact::kDutySettled:
      subject_id = fact.duty_settled().event_id();
      decide = [duty_id = fact.duty_settled().duty_id()](const v1::Notifications& state,
                                                         const Given&) {
        return domain::DutySettled(state, duty_id);
      };
      break;
    case events::NotifiableEventFact::kIntakeRecordParked:
      // Those of one day together: however many there are, one open alert tells of them.
      subject_id = absl::StrCat(
          "parked-", absl::FormatTime("%Y-%m-%d", envelope.recorded, absl::UTCTimeZone()));
      decide = [parked_id = fact.intake_record_parked().parked_id(),
                reason_code = fact.intake_record_parked().reason_code()](
                   const v1::Notifications& state, const Given& given) {
        return domain::IntakeRecordParked(state, parked_id, reason_code, given);
      };
      break;
    default:
      return std::nullopt;
  }
  if (subject_id.empty()) {
    return Error(absl::StatusCode::kInvalidArgument, "MALFORMED_FACT",
                 "the fact does not say what it is about");
  }

  ledger::Unit unit = UnitOf(envelope);
  unit.changes.push_back(ChangeOf(subject_id, std::move(decide), rules, now));
  if (in_digest) unit.changes.push_back(ChangeOf(kDigestSubject, domain::OpenDigest, rules, now));
  return unit;
}

std::vector<std::string> RegisterTopics() {
  std::vector<std::string> topics;
  for (const Register& one : Registers()) topics.push_back(one.topic);
  return topics;
}

absl::StatusOr<std::optional<ledger::Unit>> HandleRegister(const bus::Record& record,
                                                           const domain::Rules& rules,
                                                           const std::function<absl::Time()>& now) {
  ASSIGN_OR_RETURN(const ledger::Envelope envelope, ledger::EnvelopeOf(record));
  const auto& all = Registers();
  const auto one = std::find_if(all.begin(), all.end(), [&](const Register& candidate) {
    return candidate.topic == record.topic;
  });
  if (one == all.end()) return std::nullopt;
  const std::unique_ptr<google::protobuf::Message> fact(one->facts->New());
  if (!fact->ParseFromString(record.value)) return ledger::Unreadable();
  Decide decide;
  std::string record_id;
  bool in_digest = false;
  if (const auto* needed = FactNamed<type::v1::AttentionNeeded>(*fact, "attention_needed")) {
    record_id = needed->subject_id();
    in_digest = needed->in_digest();
    decide = [name = std::string(one->name), needed = *needed](const v1::Notifications& state,
                                                               const Given& given) {
      return domain::AttentionNeeded(state, name, needed, given);
    };
  } else if (const auto* settled =
                 FactNamed<type::v1::AttentionSettled>(*fact, "attention_settled")) {
    record_id = settled->subject_id();
    decide = [attention_id = settled->attention_id()](const v1::Notifications& state,
                                                      const Given&) {
      return domain::AttentionSettled(state, attention_id);
    };
  } else {
    return std::nullopt;
  }
  if (record_id.empty()) {
    return Error(absl::StatusCode::kInvalidArgument, "MALFORMED_FACT",
                 "the fact does not say what it is about");
  }
  ledger::Unit unit = UnitOf(envelope);
  unit.changes.push_back(
      ChangeOf(absl::StrCat(one->name, "/", record_id), std::move(decide), rules, now));
  if (in_digest) unit.changes.push_back(ChangeOf(kDigestSubject, domain::OpenDigest, rules, now));
  return unit;
}

absl::StatusOr<std::optional<ledger::Unit>> HandleDirectory(
    const bus::Record& record, ledger::Ledger& ledger, const domain::Rules& rules,
    const std::function<absl::Time()>& now) {
  ASSIGN_OR_RETURN(const ledger::Envelope envelope, ledger::EnvelopeOf(record));
  directory::v1::DirectoryFact fact;
  if (!fact.ParseFromString(record.value)) {
    return Error(absl::StatusCode::kInvalidArgument, "MALFORMED_FACT", "the fact cannot be read");
  }
  // Somebody may be reached who was not before; the check sees what time alone has changed.
  if (!fact.has_holder_appointed() && !fact.has_absence_recorded() && !fact.has_absence_ended() &&
      !fact.has_directory_checked()) {
    return std::nullopt;
  }
  ledger::Unit unit = UnitOf(envelope);
  // An agency is known by its directory.
  if (fact.has_holder_appointed() || fact.has_directory_checked()) {
    unit.changes = PlanAccessWatches(now);
  }
  if (fact.has_directory_checked()) {
    domain::Findings findings = FindingsOf(fact.directory_checked().check());
    const bool in_digest = !findings.others.empty();
    unit.changes.push_back(ChangeOf(
        kDirectorySubject,
        [findings = std::move(findings)](const v1::Notifications& state, const Given& given) {
          return domain::DirectoryChecked(state, findings, given);
        },
        rules, now));
    if (in_digest) unit.changes.push_back(ChangeOf(kDigestSubject, domain::OpenDigest, rules, now));
  }
  ASSIGN_OR_RETURN(
      const auto rows,
      ledger.Read(envelope.agency_id,
                  {{"SELECT DISTINCT subject_id FROM view.alert"
                    " WHERE agency_id = $1 AND unreachable ORDER BY subject_id LIMIT 500",
                    {envelope.agency_id}}}));
  for (int row = 0; row < rows[0].rows(); ++row) {
    unit.changes.push_back(ChangeOf(rows[0].Text(row, 0), domain::HoldersChanged, rules, now));
  }
  if (unit.changes.empty()) return std::nullopt;
  return unit;
}

}  // namespace fosterwatch::notifications
