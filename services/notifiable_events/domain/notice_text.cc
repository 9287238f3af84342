#include "services/notifiable_events/domain/notice_text.h"

#include <set>

#include "absl/strings/str_cat.h"

#include "libs/clock/proto_time.h"
#include "libs/clock/working_calendar.h"
#include "libs/status/error.h"
#include "services/notifiable_events/domain/evolve.h"
#include "services/notifiable_events/domain/notices.h"
#include "services/notifiable_events/domain/provisional.h"

namespace fosterwatch::notifiable_events::domain {
namespace {

// Changes with every change of the words below, so that it can be shown what was sent.
constexpr char kVersion[] = "2";

std::string InLondon(const google::protobuf::Timestamp& time) {
  return absl::FormatTime("%A %-d %B %Y at %H:%M %Z", clock::FromProto(time), clock::London());
}

void Section(std::string& body, absl::string_view title, absl::string_view text) {
  if (!text.empty()) absl::StrAppend(&body, title, "\n", text, "\n\n");
}

// Under which rule a message stands that carries notices of these kinds and bases: the strictest.
std::string Rule(const std::set<v1::EventKind>& kinds, const std::set<v1::Basis>& bases) {
  if (bases.count(v1::BASIS_STATUTORY) > 0) {
    return kinds.count(v1::EVENT_KIND_MANAGER_ABSENCE) > 0 ? "regulation 38" : "regulation 36";
  }
  return bases.count(v1::BASIS_STANDARD) > 0 ? "National Minimum Standard 29.3" : "our policy";
}

std::string FullRule(const std::set<v1::EventKind>& kinds, const std::set<v1::Basis>& bases) {
  const std::string rule = Rule(kinds, bases);
  if (bases.count(v1::BASIS_STATUTORY) > 0) {
    return absl::StrCat(rule, " of the Fostering Services (England) Regulations 2011");
  }
  return bases.count(v1::BASIS_STANDARD) > 0
             ? absl::StrCat(rule, " for fostering services")
             : absl::StrCat(rule,
                            "; regulation 36 of the Fostering Services (England) "
                            "Regulations 2011 does not ask for it");
}

std::string ItemOf(const v1::KindOfEvent& kind) {
  return kind.item() == 0 ? "" : absl::StrCat(" (Schedule 7, item ", kind.item(), ")");
}

}  // namespace

absl::StatusOr<v1::NoticeContent> NoticeText(const v1::NotifiableEvent& event,
                                             const std::vector<std::string>& notice_ids,
                                             const Law& law) {
  if (notice_ids.empty()) return InvalidField("notice_ids", "REQUIRED", "names no notice");
  std::set<v1::EventKind> kinds;
  std::set<v1::Basis> bases;
  bool outcome = false;
  bool conclusion = false;
  for (const std::string& notice_id : notice_ids) {
    const v1::Notice* notice = FindNotice(event, notice_id);
    if (notice == nullptr) {
      return Error(absl::StatusCode::kNotFound, "UNKNOWN_NOTICE", "the event has no such notice",
                   {{"notice_ids", "names no notice of the event"}});
    }
    kinds.insert(notice->kind());
    // The update of how it ended follows a notice of regulation 36, whoever chose to give it.
    bases.insert(notice->moment() == v1::MOMENT_CONCLUSION ? v1::BASIS_STATUTORY
                                                           : BasisOf(*notice));
    outcome = outcome || notice->moment() == v1::MOMENT_ENQUIRY_OUTCOME;
    conclusion = conclusion || notice->moment() == v1::MOMENT_CONCLUSION;
  }
  const v1::EventReport report = EffectiveReport(event);

  v1::NoticeContent content;
  content.set_template_(outcome      ? "notice-of-enquiry-outcome"
                        : conclusion ? "notice-of-conclusion"
                                     : "notice-of-event");
  content.set_template_version(kVersion);
  const bool provisional = IsProvisional(event);
  content.set_subject(absl::StrCat(provisional ? "Provisional: " : "",
                                   outcome      ? "Outcome of a child protection enquiry"
                                   : conclusion ? "How a notifiable event ended"
                                                : "Notifiable event",
                                   ": notice under ", Rule(kinds, bases), " (our reference ",
                                   event.event_id(), ")"));

  std::string body = absl::StrCat("This is a notice under ", FullRule(kinds, bases), ".\n\n");
  if (provisional) {
    absl::StrAppend(&body,
                    "It is provisional: we tell you at once what we know, and complete our record "
                    "later.\n\n");
  }
  std::string words;
  for (const v1::EventKind kind : kinds) {
    const v1::KindOfEvent* known = law.WordsFor(kind);
    absl::StrAppend(&words, "- ", known == nullptr ? Name(kind) : known->text(),
                    known == nullptr ? "" : ItemOf(*known), "\n");
  }
  absl::StrAppend(&body, "Event\n", words, "\n");
  Section(body, "Our reference", event.event_id());
  Section(body, "Child (our reference)", report.child_id());
  Section(body, "Foster carer (our reference)", report.carer_id());
  Section(body, "When it happened",
          provisional
              ? absl::StrCat("Not established yet; not after ", InLondon(report.occurred_time()))
              : InLondon(report.occurred_time()));
  Section(body, "When we became aware", InLondon(report.became_aware_time()));
  Section(body, "Where", report.place());
  Section(body, "What happened", report.summary());
  Section(body, "What was done at once", report.immediate_actions());
  if (conclusion) {
    Section(body, "When it came to an end", InLondon(event.outcome().outcome_time()));
    Section(body, "Outcome", event.outcome().outcome());
  }
  if (outcome) {
    Section(body, "When the enquiry concluded", InLondon(event.enquiry_outcome().outcome_time()));
    Section(body, "Outcome of the enquiry", event.enquiry_outcome().outcome());
  }
  absl::StrAppend(&body,
                  "Please confirm that you have received this notice, naming our "
                  "reference.\n");
  content.set_body(body);
  return content;
}

}  // namespace fosterwatch::notifiable_events::domain
