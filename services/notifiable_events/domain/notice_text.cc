#include "services/notifiable_events/domain/notice_text.h"

#include <map>
#include <set>

#include "absl/strings/str_cat.h"

#include "libs/clock/proto_time.h"
#include "libs/clock/working_calendar.h"
#include "libs/status/error.h"
#include "libs/wording/wording.h"
#include "services/notifiable_events/domain/evolve.h"
#include "services/notifiable_events/domain/notice_words.h"
#include "services/notifiable_events/domain/notices.h"
#include "services/notifiable_events/domain/provisional.h"

namespace fosterwatch::notifiable_events::domain {
namespace {

std::string InLondon(const google::protobuf::Timestamp& time) {
  return absl::FormatTime("%A %-d %B %Y at %H:%M %Z", clock::FromProto(time), clock::London());
}

// Under which rule a message stands that carries notices of these kinds and bases: the strictest.
std::string RuleOf(const std::set<v1::EventKind>& kinds, const std::set<v1::Basis>& bases) {
  if (bases.count(v1::BASIS_STATUTORY) > 0) {
    return kinds.count(v1::EVENT_KIND_MANAGER_ABSENCE) > 0 ? "regulation_38" : "regulation_36";
  }
  return bases.count(v1::BASIS_STANDARD) > 0 ? "standard" : "policy";
}

std::string KindsOf(const std::set<v1::EventKind>& kinds, const Law& law,
                    const v1::NoticeWordsEdition& words) {
  std::string lines;
  for (const v1::EventKind kind : kinds) {
    const v1::KindOfEvent* known = law.WordsFor(kind);
    std::string item;
    if (known != nullptr && known->item() != 0) {
      item = wording::Fill(TemplateOf(words, "line_item").text(),
                           {{"value", absl::StrCat(known->item())}});
    }
    absl::StrAppend(&lines, wording::Fill(TemplateOf(words, "line_kind").text(),
                                          {{"value", known == nullptr ? Name(kind) : known->text()},
                                           {"item", item}}));
  }
  return lines;
}

}  // namespace

absl::StatusOr<v1::NoticeContent> NoticeText(const v1::NotifiableEvent& event,
                                             const std::vector<std::string>& notice_ids,
                                             const Law& law, const v1::NoticeWordsEdition& words) {
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
  const bool provisional = IsProvisional(event);
  const std::string rule = RuleOf(kinds, bases);
  const auto text = [&](absl::string_view name) { return TemplateOf(words, name).text(); };

  std::map<std::string, std::string> values = {
      {"event_id", event.event_id()},
      {"rule", text(absl::StrCat("rule_", rule))},
      {"full_rule", text(absl::StrCat("full_rule_", rule))},
      {"kinds", KindsOf(kinds, law, words)},
  };
  // A line of which nothing is known is left out.
  const auto line = [&](const std::string& placeholder, const std::string& name,
                        const std::string& value) {
    if (!value.empty()) values[placeholder] = wording::Fill(text(name), {{"value", value}});
  };
  if (provisional) {
    values["provisional"] = text("line_provisional");
    values["provisional_subject"] = text("line_provisional_subject");
  }
  line("reference", "line_reference", event.event_id());
  line("child", "line_child", report.child_id());
  line("carer", "line_carer", report.carer_id());
  line("happened", provisional ? "line_happened_provisional" : "line_happened",
       InLondon(report.occurred_time()));
  line("aware", "line_aware", InLondon(report.became_aware_time()));
  line("place", "line_place", report.place());
  line("summary", "line_summary", report.summary());
  line("actions", "line_actions", report.immediate_actions());
  if (conclusion) {
    line("ended", "line_ended", InLondon(event.outcome().outcome_time()));
    line("outcome", "line_outcome", event.outcome().outcome());
  }
  if (outcome) {
    line("enquiry_ended", "line_enquiry_ended", InLondon(event.enquiry_outcome().outcome_time()));
    line("enquiry_outcome", "line_enquiry_outcome", event.enquiry_outcome().outcome());
  }

  const v1::NoticeTemplate& message = TemplateOf(words, outcome      ? "notice-of-enquiry-outcome"
                                                        : conclusion ? "notice-of-conclusion"
                                                                     : "notice-of-event");
  v1::NoticeContent content;
  content.set_template_(message.name());
  content.set_template_version(words.version());
  content.set_subject(wording::Fill(message.subject(), values));
  content.set_body(wording::Fill(message.text(), values));
  return content;
}

}  // namespace fosterwatch::notifiable_events::domain
