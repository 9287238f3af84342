#include "services/notifications/domain/words.h"

#include <map>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "absl/time/time.h"

#include "libs/clock/proto_time.h"
#include "libs/clock/working_calendar.h"
#include "libs/wording/wording.h"
#include "services/notifications/domain/templates.h"

namespace fosterwatch::notifications::domain {
namespace {

// The template of an alert's mail.
std::string NameOf(v1::Alert::Kind kind) {
  const std::string& name = v1::Alert::Kind_Name(kind);
  return absl::StrCat("alert_", absl::AsciiStrToLower(absl::StripPrefix(name, "KIND_")));
}

std::string TextOf(const v1::TemplateEdition& edition, absl::string_view name) {
  const v1::Template* entry = FindTemplate(edition, name);
  return entry == nullptr ? "" : entry->text();
}

Words Filled(const v1::TemplateEdition& edition, const std::string& name,
             const std::map<std::string, std::string>& values) {
  Words words;
  words.template_name = name;
  words.template_version = edition.version();
  const v1::Template* entry = FindTemplate(edition, name);
  if (entry == nullptr) return words;  // ParseTemplates has seen to it
  words.subject = wording::Fill(entry->subject(), values);
  words.text = wording::Fill(entry->text(), values);
  return words;
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
    case options::v1::ROLE_SUPERVISING_SOCIAL_WORKER:
      return "the supervising social workers";
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

// Where what it is about is shown.
std::string PageOf(const v1::Alert& alert) {
  if (!alert.event_id().empty()) return absl::StrCat("/events/", alert.event_id());
  if (alert.record_id().empty()) return "/directory";
  if (alert.kind() == v1::Alert::KIND_UNUSUAL_ACCESS) return "/access";
  // Parts of a register that have pages of their own.
  if (alert.reason_code() == "AUDIT_FINDING_OVERDUE") {
    return absl::StrCat("/audits/", alert.record_id());
  }
  if (alert.reason_code() == "COMPLAINT_SEEN_ELSEWHERE") return "/complaints/seen-elsewhere";
  if (absl::EndsWith(alert.reason_code(), "_RECORD_PARKED")) return "/parked";
  if (alert.reason_code() == "RESTATEMENT_WAITING") return "/editions";
  if (alert.in_register() == "kpis") return absl::StrCat("/figures/", alert.record_id());
  // Its records are households, by the carer with whom children live.
  const bool of_household = alert.in_register() == "placements";
  return absl::StrCat("/", of_household ? "carers" : alert.in_register(), "/", alert.record_id());
}

}  // namespace

Words AlertWords(const v1::TemplateEdition& edition, const v1::Alert& alert,
                 absl::string_view public_url) {
  const absl::string_view base = absl::StripSuffix(public_url, "/");
  std::string details;
  if (!alert.event_id().empty()) {
    absl::StrAppend(&details, "Event: ", alert.event_id(), "\n", base, "/events/", alert.event_id(),
                    "\n");
  }
  if (!alert.record_id().empty()) {
    const bool of_person = alert.kind() == v1::Alert::KIND_UNUSUAL_ACCESS;
    absl::StrAppend(&details, of_person ? "Person: " : "Record: ", alert.record_id(), "\n", base,
                    PageOf(alert), "\n");
  }
  if (!alert.parked_id().empty()) {
    absl::StrAppend(&details, "Record: ", alert.parked_id(), "\n", base, "/parked\n");
  }
  for (const std::string& finding : alert.findings()) {
    absl::StrAppend(&details, "Found: ", finding, "\n");
  }
  if (alert.kind() == v1::Alert::KIND_DIRECTORY_FINDINGS) {
    absl::StrAppend(&details, base, "/directory\n");
  }
  if (!alert.reason_code().empty()) {
    absl::StrAppend(&details, "Reason: ", alert.reason_code(), "\n");
  }
  if (!alert.notice_ids().empty()) {
    absl::StrAppend(&details, "Notices that wait: ", alert.notice_ids_size(), "\n");
  }
  if (alert.has_due_time()) {
    absl::StrAppend(&details, "Due: ", InLondon(alert.due_time()), " (London)\n");
  }
  absl::StrAppend(&details, "Raised: ", InLondon(alert.raised_time()), " (London)\n");
  const bool climbs = alert.has_next_climb_time() && !alert.next_roles().empty();
  const std::string next = climbs
                               ? wording::Fill(TextOf(edition, "line_climbs"),
                                               {{"next_roles", NamesOf(alert.next_roles())},
                                                {"next_time", InLondon(alert.next_climb_time())}})
                               : TextOf(edition, "line_repeats");
  return Filled(
      edition, NameOf(alert.kind()),
      {{"urgent", alert.urgent() ? TextOf(edition, "line_urgent") : ""},
       {"event_id", alert.event_id()},
       {"parked_id", alert.parked_id()},
       {"not_acknowledged", alert.rung() > 0 ? TextOf(edition, "line_not_acknowledged") : ""},
       {"details", details},
       {"next", next}});
}

Words DigestWords(const v1::TemplateEdition& edition, const std::vector<v1::Alert>& alerts,
                  absl::string_view public_url) {
  const absl::string_view base = absl::StripSuffix(public_url, "/");
  std::string items;
  int named = 0;
  for (const v1::Alert& alert : alerts) {
    if (++named > kMostInDigest) {
      absl::StrAppend(&items, "\nThere is more: ", base, "/alerts\n");
      break;
    }
    absl::StrAppend(&items, "- ", AlertWords(edition, alert, public_url).subject, "\n");
    if (!alert.reason_code().empty()) {
      absl::StrAppend(&items, "  Reason: ", alert.reason_code(), "\n");
    }
    if (alert.has_due_time()) {
      absl::StrAppend(&items, "  Due: ", InLondon(alert.due_time()), " (London)\n");
    }
    for (const std::string& finding : alert.findings()) {
      absl::StrAppend(&items, "  Found: ", finding, "\n");
    }
    absl::StrAppend(&items, "  ", base, PageOf(alert), "\n");
  }
  return Filled(edition, "digest", {{"items", items}});
}

std::optional<Words> SampleWords(const v1::TemplateEdition& edition, absl::string_view name,
                                 absl::string_view public_url) {
  const v1::Template* entry = FindTemplate(edition, name);
  if (entry == nullptr || entry->subject().empty()) return std::nullopt;
  v1::Alert alert;
  alert.set_event_id("sample-event");
  alert.set_reason_code("SAMPLE");
  const absl::Time raised =
      absl::FromCivil(absl::CivilMinute(2026, 11, 23, 9, 30), clock::London());
  *alert.mutable_raised_time() = clock::ToProto(raised);
  *alert.mutable_due_time() = clock::ToProto(raised + absl::Hours(24));
  if (name == "digest") {
    alert.set_kind(v1::Alert::KIND_DUTY_OVERDUE);
    return DigestWords(edition, {alert}, public_url);
  }
  for (int kind = v1::Alert::Kind_MIN; kind <= v1::Alert::Kind_MAX; ++kind) {
    if (v1::Alert::Kind_IsValid(kind) && NameOf(static_cast<v1::Alert::Kind>(kind)) == name) {
      alert.set_kind(static_cast<v1::Alert::Kind>(kind));
    }
  }
  alert.set_rung(1);
  alert.add_next_roles(options::v1::ROLE_RESPONSIBLE_INDIVIDUAL);
  *alert.mutable_next_climb_time() = clock::ToProto(raised + absl::Hours(1));
  return AlertWords(edition, alert, public_url);
}

}  // namespace fosterwatch::notifications::domain
