// What the tests of the domain share: the shipped law and calendar, and a small world to report
// from.
#pragma once

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include <google/protobuf/util/message_differencer.h>
#include <gtest/gtest.h>

#include "libs/clock/proto_time.h"
#include "libs/clock/working_calendar.h"
#include "libs/status/error.h"
#include "services/notifiable_events/domain/circumstances.h"
#include "services/notifiable_events/domain/command.h"
#include "services/notifiable_events/domain/conclude.h"
#include "services/notifiable_events/domain/evolve.h"
#include "services/notifiable_events/domain/follow_up.h"
#include "services/notifiable_events/domain/law.h"
#include "services/notifiable_events/domain/notice_words.h"
#include "services/notifiable_events/domain/notices.h"
#include "services/notifiable_events/domain/people.h"
#include "services/notifiable_events/domain/report.h"
#include "services/notifiable_events/domain/reporting_policy.h"
#include "services/notifiable_events/domain/sign_off.h"

namespace fosterwatch::notifiable_events::domain {

inline std::string ReadSource(const std::string& path) {
  const char* root = std::getenv("FOSTERWATCH_SOURCE_DIR");
  std::ifstream in(absl::StrCat(root == nullptr ? "." : root, "/", path));
  EXPECT_TRUE(in.good()) << path;
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

inline std::string LawText() { return ReadSource("services/notifiable_events/law/schedule7.json"); }

inline const Law& OurLaw() {
  static const auto* const law = new Law(Law::Parse(LawText()).value());
  return *law;
}

inline const clock::WorkingCalendar& OurCalendar() {
  static const auto* const calendar = new clock::WorkingCalendar(
      clock::WorkingCalendar::Parse(
          ReadSource("libs/clock/data/bank_holidays_england_and_wales.json"))
          .value());
  return *calendar;
}

inline const v1::ReportingPolicies& OurPolicies() {
  static const auto* const policies = new v1::ReportingPolicies(
      ParseReportingPolicies(ReadSource("services/notifiable_events/policy/reporting.json"))
          .value());
  return *policies;
}

inline const v1::NoticeWords& OurNoticeWords() {
  static const auto* const words = new v1::NoticeWords(
      ParseNoticeWords(ReadSource("services/notifiable_events/policy/notice_words.json")).value());
  return *words;
}

inline absl::Time Utc(const std::string& text) {
  absl::Time time;
  std::string error;
  EXPECT_TRUE(absl::ParseTime(absl::RFC3339_full, text, &time, &error)) << text << ": " << error;
  return time;
}

inline std::string Show(const google::protobuf::Timestamp& timestamp) {
  return absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", clock::FromProto(timestamp), absl::UTCTimeZone());
}

// A Wednesday, far from bank holidays and clock changes.
inline const absl::Time kNow = Utc("2026-11-18T15:00:00Z");
inline const absl::Time kAware = Utc("2026-11-18T14:00:00Z");
inline const absl::Time kOccurred = Utc("2026-11-18T13:00:00Z");

inline const Actor kCaseworker = {"caseworker", {options::v1::ROLE_CASEWORKER}};
inline const Actor kManager = {"manager", {options::v1::ROLE_TEAM_MANAGER}};
inline const Actor kRegistered = {"registered", {options::v1::ROLE_REGISTERED_MANAGER}};
inline const Actor kSender = {"notifications", {options::v1::ROLE_SERVICE}};

// Child "away" is Northshire's and lives in Southshire, "home" is Northshire's and lives there.
inline const PlacedChild kAway = {"away", "northshire", "southshire", "carer"};
inline const PlacedChild kHome = {"home", "northshire", "northshire", "carer"};

inline Circumstances World(const PlacedChild& child) {
  using type::v1::CHANNEL_EMAIL;
  using type::v1::CHANNEL_ONLINE_FORM;
  using type::v1::CHANNEL_TELEPHONE;
  Circumstances world;
  world.child = child;
  world.carer_known = true;
  world.placed_with_carer = {kAway, {"third", "westshire", "southshire", "carer"}};
  world.bodies = {
      {"inspector", {CHANNEL_ONLINE_FORM, false, "", "", ""}},
      {"state", {CHANNEL_EMAIL, true, "", "", ""}},
      {"northshire", {CHANNEL_EMAIL, false, "north-police", "north-health", "north-officer"}},
      {"southshire", {CHANNEL_EMAIL, false, "south-police", "south-health", "south-officer"}},
      {"westshire", {CHANNEL_EMAIL, false, "", "", ""}},
      {"north-police", {CHANNEL_TELEPHONE, false, "", "", ""}},
      {"south-police", {CHANNEL_TELEPHONE, false, "", "", ""}},
      {"north-health", {CHANNEL_EMAIL, false, "", "", ""}},
      {"south-health", {CHANNEL_EMAIL, false, "", "", ""}},
      {"north-officer", {CHANNEL_EMAIL, false, "", "", ""}},
      {"south-officer", {CHANNEL_EMAIL, false, "", "", ""}},
  };
  world.chief_inspector_body_id = "inspector";
  world.secretary_of_state_body_id = "state";
  return world;
}

// "id-1", "id-2", ...
class Ids {
 public:
  std::string operator()() const { return absl::StrCat("id-", ++last_); }

 private:
  mutable int last_ = 0;  // FunctionRef calls what it refers to as const
};

inline v1::ReportEventRequest ReportRequest(std::vector<v1::EventKind> kinds,
                                            const std::string& child_id = "away",
                                            const std::string& carer_id = "carer") {
  v1::ReportEventRequest request;
  auto* report = request.mutable_report();
  for (const auto kind : kinds) report->add_kinds(kind);
  report->set_child_id(child_id);
  report->set_carer_id(carer_id);
  *report->mutable_occurred_time() = clock::ToProto(kOccurred);
  *report->mutable_became_aware_time() = clock::ToProto(kAware);
  report->set_summary("what happened");
  return request;
}

inline absl::StatusOr<Facts> DecideReport(const v1::ReportEventRequest& request,
                                          const Circumstances& world = World(kAway),
                                          absl::Time now = kNow) {
  Ids ids;
  return Report({}, request, "event", kCaseworker, "", OurLaw(), OurCalendar(), world, now, ids);
}

inline void ApplyAll(v1::NotifiableEvent& event, const Facts& facts, const Actor& actor,
                     absl::Time now = kNow) {
  for (const auto& fact : facts) {
    Evolve(event, fact, {absl::StrCat("fact-", event.version() + 1), now, actor.id});
  }
}

// An event as it stands after its report.
inline v1::NotifiableEvent Reported(std::vector<v1::EventKind> kinds,
                                    const Circumstances& world = World(kAway)) {
  v1::NotifiableEvent event;
  const auto facts = DecideReport(ReportRequest(std::move(kinds)), world);
  EXPECT_TRUE(facts.ok()) << facts.status();
  if (facts.ok()) ApplyAll(event, *facts, kCaseworker);
  return event;
}

// "CHILD_DEATH POLICE south-police" and so on, as the event has them.
inline std::vector<std::string> ShowNotices(const v1::NotifiableEvent& event) {
  std::vector<std::string> shown;
  for (const auto& notice : event.notices()) {
    shown.push_back(absl::StrCat(Name(notice.kind()), " ", Name(notice.recipient()), " ",
                                 notice.body_id(),
                                 notice.moment() == v1::MOMENT_ENQUIRY_OUTCOME ? " outcome" : ""));
  }
  return shown;
}

// Without the notices that only policy asks for.
inline v1::NotifiableEvent WithoutPolicy(v1::NotifiableEvent event) {
  google::protobuf::RepeatedPtrField<v1::Notice> kept;
  for (const auto& notice : event.notices()) {
    if (notice.basis() != v1::BASIS_POLICY) *kept.Add() = notice;
  }
  *event.mutable_notices() = std::move(kept);
  return event;
}

// "report.child_id UNKNOWN_CHILD": the first field at fault and the reason.
inline std::string Refusal(const absl::Status& status) {
  const auto violations = ViolationsOf(status);
  return absl::StrCat(violations.empty() ? "" : absl::StrCat(violations[0].field, " "),
                      ReasonOf(status));
}

inline bool Same(const google::protobuf::Message& a, const google::protobuf::Message& b) {
  return google::protobuf::util::MessageDifferencer::Equals(a, b);
}

// Who holds which role, without any delegation.
inline People OurPeople() {
  const absl::Time since = absl::InfinitePast();
  return {{{"caseworker", options::v1::ROLE_CASEWORKER, since},
           {"manager", options::v1::ROLE_TEAM_MANAGER, since},
           {"deputy", options::v1::ROLE_DEPUTY_MANAGER, since},
           {"registered", options::v1::ROLE_REGISTERED_MANAGER, since},
           {"second", options::v1::ROLE_REGISTERED_MANAGER, since}},
          {}};
}

// The decisions among these people and by our law.
inline absl::StatusOr<Facts> GiveNotice(const v1::NotifiableEvent& event,
                                        const v1::GiveNoticeRequest& request, const Actor& actor,
                                        absl::Time now) {
  const auto id = [&] { return absl::StrCat("confirmation-of-", request.notice_id()); };
  return GiveNotice(event, request, actor, OurLaw(), now, id);
}

inline absl::StatusOr<Facts> SignOff(const v1::NotifiableEvent& event,
                                     const v1::SignOffEventRequest& request, const Actor& actor,
                                     absl::Time now) {
  return SignOff(event, request, actor, OurPeople(), now);
}

inline absl::StatusOr<Facts> AddAction(const v1::NotifiableEvent& event,
                                       const v1::AddActionRequest& request, absl::Time now,
                                       NewId new_id) {
  return AddAction(event, request, OurPeople(), now, new_id);
}

inline std::vector<Violation> MissingForConclusion(const v1::NotifiableEvent& event,
                                                   const std::string& outcome,
                                                   const std::string& regulator_reference) {
  v1::ConcludeEventRequest request;
  request.set_outcome(outcome);
  request.set_regulator_reference(regulator_reference);
  return MissingForConclusion(event, request);
}

}  // namespace fosterwatch::notifiable_events::domain
