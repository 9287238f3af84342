// The steps of an allegation: which follows which, what each asks for, and what it refuses.
#include <functional>
#include <map>

#include "services/allegations/domain/test_support.h"

namespace fosterwatch::allegations::domain {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsSupersetOf;
using State = v1::Allegation::State;
using v1::Allegation;

TEST(Receive, OpensTheDutyToReferFromTheMomentOfAwareness) {
  const Allegation allegation = Received();
  EXPECT_EQ(allegation.state(), Allegation::STATE_RECEIVED);
  EXPECT_EQ(allegation.carer_id(), "F-1");
  EXPECT_EQ(allegation.placed_with_carer_id(), "F-1");
  ASSERT_EQ(allegation.duties_size(), 1);
  EXPECT_EQ(allegation.duties(0).code(), "REFERRAL");
  EXPECT_FALSE(allegation.duties(0).has_done_time());
}

TEST(Receive, NamesEveryFaultAtOnce) {
  Ids ids;
  const auto refused = [&](const v1::ReceiveAllegationRequest& request, Named named = Everybody()) {
    return FieldsOf(
        Receive(request, "A-1", "caseworker", named, OurPeople(), OurRules(), kNow, ids).status());
  };
  EXPECT_THAT(refused({}), ElementsAre("report.carer_id", "report.grounds", "report.informant",
                                       "report.became_aware_time", "report.summary"));
  auto request = Told();
  request.mutable_report()->set_person_id("nobody");
  request.mutable_report()->add_grounds(v1::GROUND_HARM);
  request.mutable_report()->add_grounds(static_cast<v1::Ground>(99));
  request.mutable_report()->set_summary(std::string(20'001, 'x'));
  *request.mutable_report()->mutable_occurred_time() = clock::ToProto(kNow);
  request.add_links()->set_kind(v1::Link::KIND_EVENT);
  EXPECT_THAT(refused(request, {}),
              ElementsAre("report.person_id", "report.carer_id", "report.person_id",
                          "report.child_id", "report.grounds", "report.grounds",
                          "report.occurred_time", "report.summary", "links[0].id"));
  request = Told();
  *request.mutable_report()->mutable_became_aware_time() = clock::ToProto(kNow + absl::Hours(1));
  EXPECT_THAT(refused(request), ElementsAre("report.became_aware_time"));
}

TEST(OpenFromComplaint, TakesADisclosureThatNamesNobodyAndCallsAPerson) {
  Ids ids;
  const auto facts = OpenFromComplaint({"K-1", "", "", "", kNow - absl::Hours(2), "caseworker"},
                                       "A-1", {}, OurRules(), kNow, ids);
  ASSERT_TRUE(facts.ok()) << facts.status();
  Allegation allegation;
  Apply(allegation, facts);
  EXPECT_EQ(allegation.complaint_id(), "K-1");
  EXPECT_EQ(allegation.report().informant(), v1::INFORMANT_COMPLAINT);
  ASSERT_EQ(allegation.attention_size(), 1);
  EXPECT_EQ(allegation.attention(0).code(), "ALLEGATION_OPENED");
  EXPECT_TRUE((*facts)[1].attention_needed().urgent());
  // It goes as far as the conclusion without a name, and no farther.
  Apply(allegation,
        Refer(allegation, Referring(), "manager", false, OurRules(), kNow, [&] { return ids(); }));
  EXPECT_TRUE(allegation.attention(0).has_settled_time()) << "somebody has seen to it";
  const auto conclude = [&] {
    return RecordOfficerConclusion(allegation, Concluding(), "manager", OurPeople(), OurRules(),
                                   kNow, ids);
  };
  EXPECT_EQ(ReasonOf(conclude().status()), "SUBJECT_UNKNOWN");
  v1::AmendAllegationRequest amend;
  amend.set_reason("the child has said who it was");
  amend.set_carer_id("F-1");
  Apply(allegation, Amend(allegation, amend, "manager", Everybody(), OurPeople(), kNow, ids));
  EXPECT_EQ(allegation.carer_id(), "F-1");
  EXPECT_TRUE(conclude().ok());
  EXPECT_EQ(ReasonOf(Amend(allegation, amend, "m", Everybody(), OurPeople(), kNow, ids).status()),
            "SUBJECT_KNOWN");
}

TEST(Refer, AsksWhyWhereItIsLate) {
  const Allegation allegation = Received();
  Ids ids;
  auto request = Referring();
  const absl::Time due = clock::FromProto(allegation.duties(0).due_time());
  const absl::Time later = due + absl::Hours(1);
  *request.mutable_referred_time() = clock::ToProto(due);
  const auto refer = [&] {
    return Refer(allegation, request, "manager", false, OurRules(), later, ids);
  };
  auto facts = refer();
  ASSERT_TRUE(facts.ok()) << facts.status();
  EXPECT_FALSE((*facts)[0].allegation_referred().referral().late());
  *request.mutable_referred_time() = clock::ToProto(due + absl::Microseconds(1));
  EXPECT_EQ(ReasonOf(refer().status()), "LATE_REASON_REQUIRED");
  request.set_late_reason("the office was closed");
  facts = refer();
  ASSERT_TRUE(facts.ok()) << facts.status();
  EXPECT_TRUE((*facts)[0].allegation_referred().referral().late());
}

TEST(Refer, NamesEveryFaultAtOnce) {
  Ids ids;
  v1::ReferAllegationRequest request;
  request.set_body_id("nobody");
  EXPECT_THAT(
      FieldsOf(Refer(Received(), request, "manager", false, OurRules(), kNow, ids).status()),
      ElementsAre("referred_time", "body_id", "officer_name", "channel"));
  request = Referring();
  *request.mutable_referred_time() = clock::ToProto(kNow - absl::Hours(2));
  EXPECT_EQ(ReasonOf(Refer(Received(), request, "m", true, OurRules(), kNow, ids).status()),
            "BEFORE_AWARENESS");
}

// Every step in every state: by hand, where each leads; absent: WRONG_STATE.
TEST(Steps, FollowTheTable) {
  Ids ids;
  const std::map<State, Allegation> in = {
      {Allegation::STATE_RECEIVED, Received()},
      {Allegation::STATE_REFERRED, Referred()},
      {Allegation::STATE_STRATEGY,
       [&] {
         Allegation a = Referred();
         Apply(a, RecordStrategyMeeting(a, Meeting(), "m", OurRules(), kNow, ids));
         return a;
       }()},
      {Allegation::STATE_INVESTIGATION,
       [&] {
         Allegation a = Referred();
         Apply(a, StartInvestigation(a, Investigating(), "m", OurRules(), kNow, ids));
         return a;
       }()},
      {Allegation::STATE_OFFICER_CONCLUDED, Concluded()},
      {Allegation::STATE_AGENCY_REVIEW, Ready()},
      {Allegation::STATE_CLOSED,
       [&] {
         Allegation a = Ready();
         Apply(a, Close(a, Closing(), "registered", {}, OurPolicies(), kNow));
         return a;
       }()},
  };
  using Step = std::function<absl::StatusOr<Facts>(const Allegation&)>;
  const std::map<std::string, Step> steps = {
      {"refer",
       [&](const auto& a) { return Refer(a, Referring(), "m", false, OurRules(), kNow, ids); }},
      {"meet",
       [&](const auto& a) {
         return RecordStrategyMeeting(a, Meeting(), "m", OurRules(), kNow, ids);
       }},
      {"investigate",
       [&](const auto& a) {
         return StartInvestigation(a, Investigating(), "m", OurRules(), kNow, ids);
       }},
      {"conclude",
       [&](const auto& a) {
         return RecordOfficerConclusion(a, Concluding(), "m", OurPeople(), OurRules(), kNow, ids);
       }},
      {"review", [&](const auto& a) { return StartAgencyReview(a, "m", OurRules(), kNow, ids); }},
      {"close",
       [&](const auto& a) { return Close(a, Closing(), "registered", {}, OurPolicies(), kNow); }},
      {"reopen",
       [&](const auto& a) {
         v1::ReopenAllegationRequest request;
         request.set_reason("new evidence");
         return Reopen(a, request, "registered", OurRules(), kNow, ids);
       }},
  };
  const std::map<std::pair<State, std::string>, State> leads = {
      {{Allegation::STATE_RECEIVED, "refer"}, Allegation::STATE_REFERRED},
      {{Allegation::STATE_REFERRED, "meet"}, Allegation::STATE_STRATEGY},
      {{Allegation::STATE_REFERRED, "investigate"}, Allegation::STATE_INVESTIGATION},
      {{Allegation::STATE_REFERRED, "conclude"}, Allegation::STATE_OFFICER_CONCLUDED},
      {{Allegation::STATE_STRATEGY, "meet"}, Allegation::STATE_STRATEGY},
      {{Allegation::STATE_STRATEGY, "investigate"}, Allegation::STATE_INVESTIGATION},
      {{Allegation::STATE_STRATEGY, "conclude"}, Allegation::STATE_OFFICER_CONCLUDED},
      {{Allegation::STATE_INVESTIGATION, "meet"}, Allegation::STATE_INVESTIGATION},
      {{Allegation::STATE_INVESTIGATION, "conclude"}, Allegation::STATE_OFFICER_CONCLUDED},
      {{Allegation::STATE_OFFICER_CONCLUDED, "review"}, Allegation::STATE_AGENCY_REVIEW},
      {{Allegation::STATE_AGENCY_REVIEW, "close"}, Allegation::STATE_CLOSED},
      {{Allegation::STATE_CLOSED, "reopen"}, Allegation::STATE_INVESTIGATION},
  };
  for (const auto& [state, allegation] : in) {
    ASSERT_EQ(allegation.state(), state);
    for (const auto& [name, step] : steps) {
      const auto facts = step(allegation);
      const auto lead = leads.find({state, name});
      const std::string what = absl::StrCat(name, " in ", Allegation::State_Name(state));
      if (lead == leads.end()) {
        EXPECT_EQ(facts.status().code(), absl::StatusCode::kFailedPrecondition) << what;
        continue;
      }
      Allegation after = allegation;
      Apply(after, facts);
      EXPECT_EQ(after.state(), lead->second) << what;
      // One duty at most is owed, and one is wherever something is awaited.
      int owed = 0;
      for (const auto& duty : after.duties()) owed += duty.has_done_time() ? 0 : 1;
      EXPECT_EQ(owed, after.state() == Allegation::STATE_CLOSED ? 0 : 1) << what;
      EXPECT_EQ(after.version(), static_cast<int64_t>(after.timeline_size())) << what;
    }
  }
}

TEST(Reopen, KeepsWhatStoodAndAsksForANewConclusion) {
  Ids ids;
  Allegation allegation = Ready();
  Apply(allegation, Close(allegation, Closing(), "registered", {}, OurPolicies(), kNow));
  v1::ReopenAllegationRequest request;
  request.set_reason("new evidence");
  const absl::Time later = kNow + absl::Hours(24);
  Apply(allegation, Reopen(allegation, request, "registered", OurRules(), later, ids), later);
  ASSERT_EQ(allegation.reopenings_size(), 1);
  EXPECT_EQ(allegation.reopenings(0).conclusion().outcome(), v1::OUTCOME_UNSUBSTANTIATED);
  EXPECT_FALSE(allegation.has_conclusion());
  EXPECT_EQ(ReasonOf(RecordOfficerConclusion(allegation, Concluding(), "m", OurPeople(), OurRules(),
                                             later, ids)
                         .status()),
            "BEFORE_REOPENING");
  auto again = Concluding(v1::OUTCOME_SUBSTANTIATED);
  *again.mutable_concluded_time() = clock::ToProto(later);
  const int items = allegation.checklist_size();
  Apply(allegation,
        RecordOfficerConclusion(allegation, again, "m", OurPeople(), OurRules(), later,
                                [&] { return "again-" + ids(); }),
        later);
  EXPECT_GT(allegation.checklist_size(), items);
  EXPECT_FALSE(MissingForClosure(allegation).empty());
}

TEST(LinkTo, TakesARecordOnce) {
  Allegation allegation = Received();
  v1::LinkAllegationRequest request;
  request.mutable_link()->set_kind(v1::Link::KIND_EVENT);
  request.mutable_link()->set_id("E-1");
  Apply(allegation, LinkTo(allegation, request));
  EXPECT_EQ(ReasonOf(LinkTo(allegation, request).status()), "LINKED_BEFORE");
  request.mutable_link()->set_id("with space");
  EXPECT_THAT(FieldsOf(LinkTo(allegation, request).status()), ElementsAre("link.id"));
}

}  // namespace
}  // namespace fosterwatch::allegations::domain
