#include "services/notifications/domain/words.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "absl/time/time.h"

#include "libs/clock/proto_time.h"
#include "libs/clock/working_calendar.h"

namespace fosterwatch::notifications::domain {
namespace {

// Changes with any word below.
constexpr char kVersion[] = "1";

struct Kind {
  const char* name;
  const char* subject;
  const char* what;
};

Kind KindOf(v1::Alert::Kind kind) {
  switch (kind) {
    case v1::Alert::KIND_NOTICE_NEEDS_PERSON:
      return {"alert_notice_needs_person", "a notice has to be given by a person",
              "One or more notices of this event cannot be sent by mail: they are given in the"
              " recipient's\nonline form, by telephone, or to a body that has to be named first.\n"
              "Please see that they are given, and record it on the page of the event."};
    case v1::Alert::KIND_NOTICE_FAILED:
      return {"alert_notice_failed", "a notice could not be sent",
              "A notice of this event could not be sent by mail.\n"
              "Please see that the recipient is told in another way, and record it on the page of"
              " the event."};
    case v1::Alert::KIND_INTAKE_RECORD_PARKED:
      return {"alert_intake_record_parked", "a record of a caseworker system was not taken",
              "A record that a caseworker system sent could not be taken, and no event was made of"
              " it.\nIt may report an event that the law requires to be notified: please find out"
              " and report it by hand."};
    default:
      return {
          "alert_event_reported", "an event needs your attention",
          "A notifiable event has been reported.\nNotices that are sent by mail have left or are"
          " leaving now; please look at the event."};
  }
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
    absl::StrAppend(&text, "Reminder ", alert.rung(),
                    ": nobody has acknowledged this alert yet.\n\n");
  }
  absl::StrAppend(&text, kind.what, "\n\n");
  if (!alert.event_id().empty()) {
    absl::StrAppend(&text, "Event: ", alert.event_id(), "\n", base, "/events/", alert.event_id(),
                    "\n");
  }
  if (!alert.parked_id().empty()) {
    absl::StrAppend(&text, "Record: ", alert.parked_id(), "\n", base, "/alerts\n");
  }
  if (!alert.reason_code().empty()) absl::StrAppend(&text, "Reason: ", alert.reason_code(), "\n");
  if (!alert.notice_ids().empty()) {
    absl::StrAppend(&text, "Notices that wait: ", alert.notice_ids_size(), "\n");
  }
  if (alert.has_due_time()) {
    absl::StrAppend(&text, "Due: ", InLondon(alert.due_time()), " (London)\n");
  }
  absl::StrAppend(&text, "Raised: ", InLondon(alert.raised_time()), " (London)\n\n",
                  "Until somebody acknowledges it, this alert is sent again and to more people.\n");
  return words;
}

}  // namespace fosterwatch::notifications::domain
