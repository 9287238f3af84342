#include "services/allegations/domain/receive.h"

#include <algorithm>
#include <set>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

#include "libs/clock/check_time.h"
#include "libs/clock/proto_time.h"
#include "libs/status/error.h"
#include "libs/status/field_check.h"
#include "libs/status/status_macros.h"
#include "services/allegations/domain/attention.h"
#include "services/allegations/domain/evolve.h"

namespace fosterwatch::allegations::domain {
namespace {

constexpr int kMaxLinks = 20;

void CheckLink(FieldCheck& check, const std::string& field, const v1::Link& link) {
  if (link.kind() == v1::Link::KIND_UNSPECIFIED || !v1::Link::Kind_IsValid(link.kind())) {
    check.Refuse(absl::StrCat(field, ".kind"), "REQUIRED", "is missing or unknown");
  }
  const std::string& id = link.id();
  if (id.empty() || id.size() > 64 || !std::all_of(id.begin(), id.end(), absl::ascii_isgraph)) {
    check.Refuse(absl::StrCat(field, ".id"), "INVALID_ID", "is not 1 to 64 visible characters");
  }
}

}  // namespace

void CheckNamed(FieldCheck& check, const std::string& prefix, const std::string& carer_id,
                const std::string& person_id, const std::string& child_id, const Named& named,
                const People& people) {
  if (!carer_id.empty() && !person_id.empty()) {
    check.Refuse(absl::StrCat(prefix, "person_id"), "ONE_SUBJECT_ONLY",
                 "is named beside a carer; it is about one of the two");
  }
  check.AtMost(absl::StrCat(prefix, "carer_id"), carer_id, kMaxReference);
  if (!carer_id.empty() && !named.carer_known && named.carers_known) {
    check.Refuse(absl::StrCat(prefix, "carer_id"), "UNKNOWN_CARER", "is not known to this agency");
  }
  if (!person_id.empty() && !people.Known(person_id)) {
    check.Refuse(absl::StrCat(prefix, "person_id"), "UNKNOWN_PERSON",
                 "holds and has held no role in this agency");
  }
  if (!child_id.empty() && !named.child_known) {
    check.Refuse(absl::StrCat(prefix, "child_id"), "UNKNOWN_CHILD", "is not known to this agency");
  }
}

v1::AllegationAmended Amended(const v1::Allegation& allegation,
                              const v1::AmendAllegationRequest& request, absl::string_view actor,
                              absl::Time now, NewId new_id) {
  v1::AllegationAmended amended;
  amended.set_allegation_id(allegation.allegation_id());
  v1::Amendment& amendment = *amended.mutable_amendment();
  amendment.set_amendment_id(new_id());
  amendment.set_amended_by(std::string(actor));
  *amendment.mutable_amended_time() = clock::ToProto(now);
  amendment.set_reason(request.reason());
  amendment.set_carer_id(request.carer_id());
  amendment.set_person_id(request.person_id());
  amendment.set_child_id(request.child_id());
  amendment.set_addition(request.addition());
  return amended;
}

void AlertAnew(const v1::Allegation& allegation, Facts& facts) {
  const bool out =
      std::any_of(allegation.attention().begin(), allegation.attention().end(),
                  [](const v1::RaisedAttention& raised) {
                    return raised.code() == "ALLEGATION_OPENED" && !raised.has_settled_time();
                  });
  if (!out) return;
  v1::Allegation after = allegation;
  for (const auto& fact : facts) Evolve(after, fact, {});
  type::v1::AttentionNeeded needed = OpenedAttention(after.allegation_id(), after.person_id());
  needed.set_attention_id(needed.attention_id() + SubjectEpisode(after));
  *facts.emplace_back().mutable_attention_needed() = std::move(needed);
}

namespace {

void CheckReport(FieldCheck& check, const v1::AllegationReport& report, const Named& named,
                 const People& people, absl::Time now) {
  if (report.carer_id().empty() && report.person_id().empty()) {
    check.Refuse("report.carer_id", "REQUIRED", "or person_id is required: whom it is about");
  }
  CheckNamed(check, "report.", report.carer_id(), report.person_id(), report.child_id(), named,
             people);
  std::set<int> grounds;
  for (const int ground : report.grounds()) {
    if (ground == v1::GROUND_UNSPECIFIED || !v1::Ground_IsValid(ground)) {
      check.Refuse("report.grounds", "UNKNOWN_GROUND", "has a ground that is unknown");
    } else if (!grounds.insert(ground).second) {
      check.Refuse("report.grounds", "DUPLICATE", "has a ground twice");
    }
  }
  if (report.grounds().empty()) check.Refuse("report.grounds", "REQUIRED", "is required");
  if (report.informant() == v1::INFORMANT_UNSPECIFIED ||
      !v1::Informant_IsValid(report.informant())) {
    check.Refuse("report.informant", "REQUIRED", "is missing or unknown");
  }
  const auto aware =
      clock::CheckTime(check, "report.became_aware_time", report.has_became_aware_time(),
                       report.became_aware_time(), now);
  if (report.has_occurred_time()) {
    const auto occurred =
        clock::CheckTime(check, "report.occurred_time", true, report.occurred_time(), now);
    if (aware && occurred && *aware < *occurred) {
      check.Refuse("report.occurred_time", "AFTER_AWARENESS", "is after it became known");
    }
  }
  check.Require("report.summary", report.summary(), kMaxNarrative);
  check.AtMost("report.immediate_actions", report.immediate_actions(), kMaxNarrative);
}

absl::StatusOr<v1::AllegationReceived> Received(absl::string_view allegation_id,
                                                const v1::AllegationReport& report,
                                                const Named& named, const Rules& rules,
                                                absl::Time now, NewId new_id) {
  ASSIGN_OR_RETURN(const auto duties,
                   DutiesOf(v1::Allegation::STATE_RECEIVED, "became_aware_time",
                            clock::FromProto(report.became_aware_time()), rules, now, new_id));
  v1::AllegationReceived received;
  received.set_allegation_id(std::string(allegation_id));
  *received.mutable_report() = report;
  *received.mutable_received_time() = clock::ToProto(now);
  received.set_placed_with_carer_id(named.placed_with_carer_id);
  if (!duties.empty()) *received.mutable_duty() = duties[0];
  return received;
}

}  // namespace

absl::StatusOr<Facts> Receive(const v1::ReceiveAllegationRequest& request,
                              absl::string_view allegation_id, absl::string_view actor,
                              const Named& named, const People& people, const Rules& rules,
                              absl::Time now, NewId new_id) {
  FieldCheck check;
  CheckReport(check, request.report(), named, people, now);
  if (request.links_size() > kMaxLinks) {
    check.Refuse("links", "TOO_MANY", "names more than 20 records");
  }
  std::set<std::pair<int, std::string>> links;
  for (int i = 0; i < request.links_size() && i < kMaxLinks; ++i) {
    const v1::Link& link = request.links(i);
    CheckLink(check, absl::StrCat("links[", i, "]"), link);
    if (!links.insert({link.kind(), link.id()}).second) {
      check.Refuse(absl::StrCat("links[", i, "]"), "DUPLICATE", "is named twice");
    }
  }
  RETURN_IF_ERROR(check.ToStatus());
  ASSIGN_OR_RETURN(v1::AllegationReceived received,
                   Received(allegation_id, request.report(), named, rules, now, new_id));
  received.set_received_by(std::string(actor));
  *received.mutable_links() = request.links();
  Facts facts(1);
  *facts[0].mutable_allegation_received() = std::move(received);
  return facts;
}

absl::StatusOr<Facts> OpenFromComplaint(const Disclosure& disclosure,
                                        absl::string_view allegation_id, const Named& named,
                                        const Rules& rules, absl::Time now, NewId new_id) {
  v1::AllegationReport report;
  // Of both, the member of staff, whom the complaint is then about; it says more of the carer.
  report.set_person_id(disclosure.person_id);
  if (disclosure.person_id.empty()) report.set_carer_id(disclosure.carer_id);
  report.set_child_id(disclosure.child_id);
  report.set_informant(v1::INFORMANT_COMPLAINT);
  *report.mutable_became_aware_time() = clock::ToProto(disclosure.became_aware);
  ASSIGN_OR_RETURN(v1::AllegationReceived received,
                   Received(allegation_id, report, named, rules, now, new_id));
  received.set_received_by(disclosure.recorded_by);
  received.set_complaint_id(disclosure.complaint_id);
  v1::Link& link = *received.add_links();
  link.set_kind(v1::Link::KIND_COMPLAINT);
  link.set_id(disclosure.complaint_id);
  Facts facts(2);
  *facts[0].mutable_allegation_received() = std::move(received);
  *facts[1].mutable_attention_needed() = OpenedAttention(allegation_id, report.person_id());
  return facts;
}

absl::StatusOr<Facts> Amend(const v1::Allegation& allegation,
                            const v1::AmendAllegationRequest& request, absl::string_view actor,
                            const Named& named, const People& people, absl::Time now,
                            NewId new_id) {
  if (allegation.state() == v1::Allegation::STATE_CLOSED) {
    return Error(absl::StatusCode::kFailedPrecondition, "ALLEGATION_CLOSED",
                 "the allegation has been closed");
  }
  FieldCheck check;
  check.Require("reason", request.reason(), kMaxNarrative);
  check.AtMost("addition", request.addition(), kMaxNarrative);
  CheckNamed(check, "", request.carer_id(), request.person_id(), request.child_id(), named, people);
  if (request.carer_id().empty() && request.person_id().empty() && request.child_id().empty() &&
      IsBlank(request.addition())) {
    check.Refuse("addition", "REQUIRED", "is required where nobody is named");
  }
  RETURN_IF_ERROR(check.ToStatus());
  const bool names_subject = !request.carer_id().empty() || !request.person_id().empty();
  if (names_subject && !(allegation.carer_id().empty() && allegation.person_id().empty())) {
    return Error(absl::StatusCode::kFailedPrecondition, "SUBJECT_KNOWN",
                 "it is known already whom the allegation is about");
  }
  if (!request.child_id().empty() && !allegation.child_id().empty()) {
    return Error(absl::StatusCode::kFailedPrecondition, "CHILD_KNOWN",
                 "the child is known already");
  }
  Facts facts(1);
  *facts[0].mutable_allegation_amended() = Amended(allegation, request, actor, now, new_id);
  if (names_subject) AlertAnew(allegation, facts);
  return facts;
}

absl::StatusOr<Facts> LinkTo(const v1::Allegation& allegation,
                             const v1::LinkAllegationRequest& request) {
  FieldCheck check;
  CheckLink(check, "link", request.link());
  RETURN_IF_ERROR(check.ToStatus());
  for (const v1::Link& link : allegation.links()) {
    if (link.kind() == request.link().kind() && link.id() == request.link().id()) {
      return Error(absl::StatusCode::kFailedPrecondition, "LINKED_BEFORE",
                   "the record has been linked before");
    }
  }
  Facts facts(1);
  facts[0].mutable_allegation_linked()->set_allegation_id(allegation.allegation_id());
  *facts[0].mutable_allegation_linked()->mutable_link() = request.link();
  return facts;
}

}  // namespace fosterwatch::allegations::domain
