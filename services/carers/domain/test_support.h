// A carer in a small world of its own: a clock, the shipped policy and calendar. For tests.
#pragma once

#include <cstdlib>
#include <fstream>
#include <initializer_list>
#include <set>
#include <sstream>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include <gtest/gtest.h>

#include "libs/clock/proto_time.h"
#include "libs/status/error.h"
#include "services/carers/domain/application.h"
#include "services/carers/domain/approval.h"
#include "services/carers/domain/carer.h"
#include "services/carers/domain/check.h"
#include "services/carers/domain/consequences.h"
#include "services/carers/domain/decision.h"
#include "services/carers/domain/duties.h"
#include "services/carers/domain/ending_review.h"
#include "services/carers/domain/evolve.h"
#include "services/carers/domain/merge.h"
#include "services/carers/domain/named.h"
#include "services/carers/domain/notice.h"
#include "services/carers/domain/occupancy.h"
#include "services/carers/domain/policy.h"
#include "services/carers/domain/register.h"
#include "services/carers/domain/review.h"
#include "services/carers/domain/supervision.h"
#include "services/carers/domain/work.h"

namespace fosterwatch::carers::domain {

inline std::string SourceText(const std::string& path) {
  const char* source = std::getenv("FOSTERWATCH_SOURCE_DIR");
  std::ifstream file(absl::StrCat(source == nullptr ? "." : source, "/", path));
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

inline const v1::CarerPolicies& OurPolicies() {
  static const auto* const policies =
      new v1::CarerPolicies(*ParseCarerPolicies(SourceText("services/carers/policy/carers.json")));
  return *policies;
}

inline const clock::WorkingCalendar& OurCalendar() {
  static const auto* const calendar = new clock::WorkingCalendar(*clock::WorkingCalendar::Parse(
      SourceText("libs/clock/data/bank_holidays_england_and_wales.json")));
  return *calendar;
}

// A new id at each call.
inline std::string NextId() {
  static int last = 0;
  return absl::StrCat("id-", ++last);
}

inline v1::Particulars Household() {
  v1::Particulars household;
  household.set_address("1 Example Street");
  for (const auto& [name, sex] : {std::pair{"Ann Example", v1::FosterParent::SEX_FEMALE},
                                  std::pair{"Bob Example", v1::FosterParent::SEX_MALE}}) {
    v1::FosterParent* person = household.add_foster_parents();
    person->set_name(name);
    person->set_birth_date("1980-02-03");
    person->set_sex(sex);
  }
  return household;
}

inline v1::Terms SomeTerms(int children = 2) {
  v1::Terms terms;
  terms.set_max_children(children);
  terms.set_max_age(17);
  terms.add_placement_kinds(v1::PLACEMENT_KIND_SHORT_TERM);
  return terms;
}

// Of what needs attention.
inline std::multiset<std::string> Codes(const Facts& facts) {
  std::multiset<std::string> codes;
  for (const auto& fact : facts) {
    if (fact.has_attention_needed()) codes.insert(fact.attention_needed().code());
  }
  return codes;
}

struct World {
  v1::Carer carer;
  absl::Time now = StartOf(absl::CivilDay(2026, 11, 22)) + absl::Hours(12);
  Facts last;
  const v1::CarerPolicies* policies = &OurPolicies();

  Context At() const { return {"worker-1", now, policies, &OurCalendar()}; }
  std::string Today() const { return ShowDay(clock::LondonDay(now)); }
  google::protobuf::Timestamp Now() const { return clock::ToProto(now); }

  // Made of RegisterFacts() alone.
  v1::Carer register_alone;

  void Take(const Facts& facts) {
    for (const auto& fact : facts) {
      const Stamp stamp = {NextId(), now, "worker-1"};
      Evolve(carer, fact, stamp);
      const auto* which =
          fact.GetReflection()->GetOneofFieldDescriptor(fact, fact.GetDescriptor()->oneof_decl(0));
      if (std::count(RegisterFacts().begin(), RegisterFacts().end(), which->name()) > 0) {
        Evolve(register_alone, fact, stamp);
      }
    }
  }
  // Whether all that an entry says follows from RegisterFacts().
  bool RegisterStandsAlone() const {
    const auto of_register = [](const v1::Carer& whole) {
      v1::Carer part;
      part.set_carer_id(whole.carer_id());
      part.set_kind(whole.kind());
      *part.mutable_register_changes() = whole.register_changes();
      return part.SerializeAsString();
    };
    return of_register(register_alone) == of_register(carer);
  }
  // What a use case records, with what follows from it.
  bool Do(const absl::StatusOr<Facts>& decided) {
    EXPECT_TRUE(decided.ok()) << decided.status();
    if (!decided.ok()) return false;
    last = WithConsequences(carer, *decided, At());
    Take(last);
    return true;
  }
  void Place(const std::string& child_id) { Do(NoteOccupant(carer, child_id, Today())); }
  void Leave(const std::string& child_id) { Do(NoteOccupant(carer, child_id, "")); }
  // Lets time pass, with all that it brings, in order.
  void Pass(absl::Duration time) {
    const absl::Time until = now + time;
    while (true) {
      const auto next = NextMoment(carer);
      if (!next || *next > until) break;
      now = std::max(now, *next);
      last = OnTime(carer, At());
      ASSERT_FALSE(last.empty()) << "a timer that brings nothing fires for ever";
      Take(last);
    }
    now = until;
  }

  v1::RegisterEntry Entry(absl::CivilDay day, absl::Time known = absl::InfiniteFuture()) const {
    return EntryAt(carer, day, known);
  }
  const v1::CarerDuty* DutyOf(v1::DutyKind kind) const {
    for (const auto& duty : carer.duties()) {
      if (duty.kind() == kind) return &duty;
    }
    return nullptr;
  }
  // What a case system would say of the carer.
  v1::Carer TheirOwnWords() const {
    v1::Carer told;
    told.set_carer_id(carer.carer_id());
    told.set_name(carer.name());
    told.set_kind(carer.kind());
    told.set_approved_date(carer.approved_date());
    told.set_address(carer.address());
    return told;
  }

  void Apply(v1::Carer::Kind kind = v1::Carer::KIND_MAINSTREAM) {
    v1::RecordApplicationRequest request;
    request.set_carer_id("F-9");
    request.set_kind(kind);
    *request.mutable_particulars() = Household();
    request.set_received_date(Today());
    Do(RecordApplication(carer, request, At(), NextId));
  }
  void Obtain(int stage) {
    for (const std::string& missing :
         MissingOf(carer, PolicyOf(carer.application(), At()), stage)) {
      v1::RecordInformationRequest request;
      const size_t slash = missing.find('/');
      request.set_code(missing.substr(0, slash));
      if (slash != std::string::npos) request.set_foster_parent_id(missing.substr(slash + 1));
      request.set_obtained_date(Today());
      Do(RecordInformation(carer, request, At()));
    }
  }
  void StageTwo() {
    v1::BeginStageTwoRequest request;
    request.set_begun_date(Today());
    Do(BeginStageTwo(carer, request, At()));
  }
  v1::RecordRecommendationRequest Recommending(v1::Matter matter, bool suitable = true) const {
    v1::RecordRecommendationRequest request;
    request.set_body(v1::Recommendation::BODY_FOSTERING_PANEL);
    request.set_matter(matter);
    request.set_meeting_date(Today());
    *request.mutable_minutes_received_time() = Now();
    request.set_suitable(suitable);
    *request.mutable_terms() = SomeTerms();
    request.set_reasons("as minuted");
    request.add_member_ids("chair-1");
    return request;
  }
  v1::RecordDecisionRequest Deciding(v1::Decision::Outcome outcome) const {
    v1::RecordDecisionRequest request;
    request.set_outcome(outcome);
    *request.mutable_decided_time() = Now();
    request.set_decision_maker_id("maker-1");
    request.set_reasons("as recommended");
    if (outcome == v1::Decision::OUTCOME_APPROVED ||
        outcome == v1::Decision::OUTCOME_TERMS_PROPOSED) {
      *request.mutable_terms() = SomeTerms();
    }
    return request;
  }
  void Recommend(v1::Matter matter, bool suitable = true) {
    Do(RecordRecommendation(carer, Recommending(matter, suitable), At(), NextId));
  }
  void Decide(v1::Decision::Outcome outcome) {
    Do(RecordDecision(carer, Deciding(outcome), At(), NextId));
  }
  void Tell(bool written = true) {
    v1::GiveDecisionNoticeRequest request;
    request.set_decision_id(carer.decisions().rbegin()->decision_id());
    request.set_written(written);
    *request.mutable_given_time() = Now();
    Do(GiveDecisionNotice(carer, request, At()));
  }
  // From the application to the approval, all today.
  void Approve(v1::Carer::Kind kind = v1::Carer::KIND_MAINSTREAM) {
    Apply(kind);
    Obtain(1);
    StageTwo();
    Obtain(2);
    Recommend(v1::MATTER_APPROVAL);
    Decide(v1::Decision::OUTCOME_APPROVED);
    Tell(/*written=*/false);
    Tell();
  }
};

}  // namespace fosterwatch::carers::domain
