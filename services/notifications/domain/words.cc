#include "services/notifications/domain/words.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "absl/time/time.h"

#include "libs/clock/proto_time.h"
#include "libs/clock/working_calendar.h"

namespace fosterwatch::notifications::domain {
namespace {

// Changes with any word below.
constexpr char kVersion[] = "4";

struct Kind {
  const char* name;
  const char* subject;
  const char* what;
};

Kind KindOf(v1::Alert::Kind kind) {
  switch (kind) {
    case v1::Alert::KIND_NOTICE_NEEDS_PERSON:
      return {"alert_notice_needs_person", "a notice has to be given by a person",
              "One or more notices of this event cannot be sent from here: they are given in the"
              " recipient's\nonline form, by telephone, or to a body that has to be named first.\n"
              "Please see that they are given, and record it on the page of the event."};
    case v1::Alert::KIND_NOTICE_FAILED:
      return {"alert_notice_failed", "a notice could not be sent",
              "A notice of this event could not be sent.\n"
              "Please see that the recipient is told in another way, and record it on the page of"
              " the event."};
    case v1::Alert::KIND_INTAKE_RECORD_PARKED:
      return {
          "alert_intake_record_parked", "a record of a caseworker system was not taken",
          "At least one record that a caseworker system sent could not be taken, and no event"
          " was made of it.\nIt may report an event that the law requires to be notified: please"
          " find out, and report it by hand or have it tried again. The page lists them all."};
    case v1::Alert::KIND_DUTY_OVERDUE:
      return {"alert_duty_overdue", "something is overdue",
              "Something that this event asks for has not been done in time.\n"
              "Please see that it is done, and record it on the page of the event."};
    case v1::Alert::KIND_DIRECTORY_FINDINGS:
      return {"alert_directory_findings", "the directory needs your attention",
              "The check of the directory has found what would keep somebody from being told.\n"
              "Please put it right before it is needed: the page of the directory lists what to"
              " do."};
    case v1::Alert::KIND_REPEAT_TO_DECIDE:
      return {"alert_repeat_to_decide", "a report may be of an event that is known already",
              "A caseworker system has reported an event that looks like one reported before.\n"
              "Please decide on the page of the event whether it is the same one. Until then both"
              " stand,\nand their notices leave."};
    default:
      return {"alert_event_reported", "an event needs your attention",
              "A notifiable event has been reported.\nNotices that leave by themselves have left"
              " or are leaving now;\nplease look at the event."};
  }
}

const char* NameOf(int role) {
  switch (role) {
    case options::v1::ROLE_REGISTERED_MANAGER:
      return "the registered manager";
    case options::v1::ROLE_DEPUTY_MANAGER:
      return "the deputy manager";
    case options::v1::ROLE_RESPONSIBLE_INDIVIDUAL:
      return "the responsible individual";
    case options::v1::ROLE_TEAM_MANAGER:
      return "the team managers";
    case options::v1::ROLE_CASEWORKER:
      return "the caseworkers";
    case options::v1::ROLE_ADMINISTRATOR:
      return "the administrator";
    default:
      return "others";
  }
}

// "the deputy manager", "the registered manager, the deputy manager and the team managers".
std::string NamesOf(const google::protobuf::RepeatedField<int>& roles) {
  std::string names;
  for (int i = 0; i < roles.size(); ++i) {
    absl::StrAppend(&names,
                    i == 0                  ? ""
                    : i + 1 == roles.size() ? " and "
                                            : ", ",
                    NameOf(roles.Get(i)));
  }
  return names;
}

std::string InLondon(const google::protobuf::Timestamp& time) {
  return absl::FormatTime("%A %d %B %Y, %H:%M", clock::FromProto(time), clock::London());
}

}  // namespace

Words AlertWords(const v1::Alert& alert, absl::string_view public_url) {
  const Kind kind = KindOf(alert.kind());
  const absl::string_view base = absl::StripSuffix(public_url, "/");
  Words words;
  words.template_name = kind.name;
  words.template_version = kVersion;
  words.subject = absl::StrCat("Fosterwatch: ", alert.urgent() ? "urgent, " : "", kind.subject);
  std::string& text = words.text;
  if (alert.rung() > 0) {
    absl::StrAppend(&text, "Nobody has acknowledged this alert yet.\n\n");
  }
  absl::StrAppend(&text, kind.what, "\n\n");
  if (!alert.event_id().empty()) {
    absl::StrAppend(&text, "Event: ", alert.event_id(), "\n", base, "/events/", alert.event_id(),
                    "\n");
  }
  if (!alert.parked_id().empty()) {
    absl::StrAppend(&text, "Record: ", alert.parked_id(), "\n", base, "/parked\n");
  }
  for (const std::string& finding : alert.findings()) {
    absl::StrAppend(&text, "Found: ", finding, "\n");
  }
  if (alert.kind() == v1::Alert::KIND_DIRECTORY_FINDINGS) {
    absl::StrAppend(&text, base, "/directory\n");
  }
  if (!alert.reason_code().empty()) absl::StrAppend(&text, "Reason: ", alert.reason_code(), "\n");
  if (!alert.notice_ids().empty()) {
    absl::StrAppend(&text, "Notices that wait: ", alert.notice_ids_size(), "\n");
  }
  if (alert.has_due_time()) {
    absl::StrAppend(&text, "Due: ", InLondon(alert.due_time()), " (London)\n");
  }
  absl::StrAppend(&text, "Raised: ", InLondon(alert.raised_time()), " (London)\n\n");
  if (alert.has_next_climb_time() && !alert.next_roles().empty()) {
    absl::StrAppend(&text, "Unless somebody acknowledges it, it goes to ",
                    NamesOf(alert.next_roles()), "\non ", InLondon(alert.next_climb_time()),
                    " (London).\n");
  } else {
    absl::StrAppend(&text, "Until somebody acknowledges it, it is sent again.\n");
  }
  return words;
}

Words DigestWords(const std::vector<v1::Alert>& alerts, absl::string_view public_url) {
  const absl::string_view base = absl::StripSuffix(public_url, "/");
  Words words;
  words.template_name = "digest";
  words.template_version = kVersion;
  words.subject = "Fosterwatch: what is open";
  std::string& text = words.text;
  absl::StrAppend(&text,
                  "This is open and waits for somebody. It comes once on each working day, until"
                  " it is\nacknowledged or done.\n\n");
  int named = 0;
  for (const v1::Alert& alert : alerts) {
    if (++named > kMostInDigest) break;
    absl::StrAppend(&text, "- ", KindOf(alert.kind()).subject, "\n");
    if (!alert.reason_code().empty()) {
      absl::StrAppend(&text, "  Reason: ", alert.reason_code(), "\n");
    }
    if (alert.has_due_time()) {
      absl::StrAppend(&text, "  Due: ", InLondon(alert.due_time()), " (London)\n");
    }
    for (const std::string& finding : alert.findings()) {
      absl::StrAppend(&text, "  Found: ", finding, "\n");
    }
    absl::StrAppend(
        &text, "  ", base,
        alert.event_id().empty() ? "/directory" : absl::StrCat("/events/", alert.event_id()), "\n");
  }
  if (alerts.size() > kMostInDigest) {
    absl::StrAppend(&text, "\nThere is more: ", base, "/alerts\n");
  }
  return words;
}

}  // namespace fosterwatch::notifications::domain
