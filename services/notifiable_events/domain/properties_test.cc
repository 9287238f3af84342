// What holds for every event, found out by events that nobody thought of: random reports, and
// random walks of commands by random people, most of them refused.
#include <algorithm>
#include <functional>
#include <set>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "libs/clock/deadline.h"
#include "services/notifiable_events/domain/conclude.h"
#include "services/notifiable_events/domain/confirmation.h"
#include "services/notifiable_events/domain/discussion.h"
#include "services/notifiable_events/domain/explain.h"
#include "services/notifiable_events/domain/follow_up.h"
#include "services/notifiable_events/domain/notices.h"
#include "services/notifiable_events/domain/outcome.h"
#include "services/notifiable_events/domain/sign_off.h"
#include "services/notifiable_events/domain/test_support.h"

namespace fosterwatch::notifiable_events::domain {
namespace {

// rc::gen::inRange keeps to the low end in its first runs; this takes the whole range in each.
template <typename T>
rc::Gen<T> Anywhere(T from, T until) {
  return rc::gen::resize(rc::kNominalSize, rc::gen::inRange<T>(from, until));
}

rc::Gen<std::vector<v1::EventKind>> GenKinds() {
  return rc::gen::map(
      rc::gen::suchThat(rc::gen::unique<std::vector<int>>(rc::gen::inRange(
                            1, static_cast<int>(v1::EVENT_KIND_MENTAL_HEALTH_CONCERN) + 1)),
                        [](const std::vector<int>& kinds) { return !kinds.empty(); }),
      [](const std::vector<int>& kinds) {
        std::vector<v1::EventKind> result;
        for (const int kind : kinds) result.push_back(static_cast<v1::EventKind>(kind));
        return result;
      });
}

// Among few authorities, so that equal ones are common; sometimes none is known.
rc::Gen<PlacedChild> GenChild() {
  const auto authority = rc::gen::element<std::string>("northshire", "southshire", "westshire", "");
  return rc::gen::map(rc::gen::pair(authority, authority), [](const auto& authorities) {
    return PlacedChild{"away", authorities.first, authorities.second, "carer"};
  });
}

Circumstances GenWorld() {
  auto world = World(*GenChild());
  world.placed_with_carer =
      *rc::gen::resize(4, rc::gen::container<std::vector<PlacedChild>>(GenChild()));
  return world;
}

// Any microsecond of 2024 to 2028, clock changes and bank holidays included.
absl::Time GenMoment() {
  return absl::FromUnixMicros(*Anywhere<int64_t>(1'704'067'200'000'000, 1'861'900'000'000'000));
}

v1::ReportEventRequest GenReport(absl::Time now,
                                 const rc::Gen<std::vector<v1::EventKind>>& kinds = GenKinds()) {
  auto request = ReportRequest(*kinds);
  const absl::Time aware = now - absl::Seconds(*Anywhere(0, 200'000));
  *request.mutable_report()->mutable_became_aware_time() = clock::ToProto(aware);
  *request.mutable_report()->mutable_occurred_time() =
      clock::ToProto(aware - absl::Seconds(*Anywhere(0, 200'000)));
  return request;
}

// Each due time and time limit of the event is what its explanation alone leads to.
void CheckExplanations(const v1::NotifiableEvent& event) {
  const auto recomputed = [](const type::v1::Explanation& explanation) {
    type::v1::Explanation bare = explanation;
    bare.clear_due_time();
    for (auto& step : *bare.mutable_steps()) {
      step.clear_from_time();
      step.clear_to_time();
    }
    const auto time = clock::Recompute(bare, OurCalendar());
    RC_ASSERT(time.ok());
    return *time;
  };
  for (const auto& notice : event.notices()) {
    RC_ASSERT(recomputed(notice.explanation()) == clock::FromProto(notice.due_time()));
    const auto& in_time =
        notice.has_in_time_explanation() ? notice.in_time_explanation() : notice.explanation();
    RC_ASSERT(recomputed(in_time) == clock::FromProto(notice.in_time_until()));
    RC_ASSERT(!notice.explanation().source().empty());
    RC_ASSERT(notice.explanation().rule_version() == OurLaw().version());
  }
  for (const auto& sign_off : event.sign_offs()) {
    RC_ASSERT(recomputed(sign_off.explanation()) == clock::FromProto(sign_off.due_time()));
  }
}

RC_GTEST_PROP(Report, DoesNotCareInWhichOrderTheKindsStand, ()) {
  const absl::Time now = GenMoment();
  const auto world = GenWorld();
  const auto request = GenReport(now);
  auto other = request;
  std::reverse(other.mutable_report()->mutable_kinds()->begin(),
               other.mutable_report()->mutable_kinds()->end());
  const auto first = DecideReport(request, world, now);
  const auto second = DecideReport(other, world, now);
  RC_ASSERT(first.ok() && second.ok());
  RC_ASSERT(Same((*first)[1], (*second)[1]));
}

RC_GTEST_PROP(Report, OwesEachNoticeOnceAndNamesNoAreaAuthorityThatIsTheResponsibleOne, ()) {
  const absl::Time now = GenMoment();
  const auto world = GenWorld();
  const auto facts = DecideReport(GenReport(now), world, now);
  RC_ASSERT(facts.ok());
  std::set<NoticeKey> keys;
  for (const auto& notice : (*facts)[1].notices_owed().notices()) {
    RC_ASSERT(keys.insert(KeyOf(notice)).second);
    if (notice.recipient() == v1::RECIPIENT_AREA_AUTHORITY && !notice.body_id().empty()) {
      RC_ASSERT(notice.body_id() != world.child->responsible_authority_id);
    }
    if (notice.body_id().empty()) RC_ASSERT(notice.released_by_person());
    RC_ASSERT(notice.due_time().seconds() <= notice.in_time_until().seconds());
  }
}

RC_GTEST_PROP(Report, GivesTheSameFactsForTheSameArguments, ()) {
  const absl::Time now = GenMoment();
  const auto world = GenWorld();
  const auto request = GenReport(now);
  const auto first = DecideReport(request, world, now);
  const auto second = DecideReport(request, world, now);
  RC_ASSERT(first.ok() && second.ok());
  RC_ASSERT(first->size() == second->size());
  for (size_t i = 0; i < first->size(); ++i) RC_ASSERT(Same((*first)[i], (*second)[i]));
}

RC_GTEST_PROP(Report, CanExplainEveryDueTime, ()) {
  const absl::Time now = GenMoment();
  const auto facts = DecideReport(GenReport(now), GenWorld(), now);
  RC_ASSERT(facts.ok());
  v1::NotifiableEvent event;
  ApplyAll(event, *facts, kCaseworker, now);
  CheckExplanations(event);
}

const Actor kDeputy = {"second", {options::v1::ROLE_REGISTERED_MANAGER}};
// The reporter, who has risen since.
const Actor kReporterWhoManages = {kCaseworker.id,
                                   {options::v1::ROLE_CASEWORKER, options::v1::ROLE_TEAM_MANAGER}};

// One event, the facts that made it, and people who do things to it.
class Walk {
 public:
  Walk() : world_(GenWorld()), now_(GenMoment()) {
    // Of few kinds, so that a walk can come to an end, and often of those that must end first.
    const auto kinds = rc::gen::oneOf(
        rc::gen::resize(2, GenKinds()),
        rc::gen::element(std::vector<v1::EventKind>{v1::EVENT_KIND_CHILD_MISSING},
                         std::vector<v1::EventKind>{v1::EVENT_KIND_CHILD_PROTECTION_ENQUIRY}));
    Keep(DecideReport(GenReport(now_, kinds), world_, now_), kCaseworker);
  }

  void Step() {
    now_ += absl::Seconds(*Anywhere(0, 100'000));
    const Actor actor = *rc::gen::element(kReporterWhoManages, kManager, kRegistered, kDeputy);
    // Weight and what is done: much that brings an event nearer to its end, little that adds to it.
    switch (*rc::gen::weightedElement<int>({{40, 0},
                                            {4, 1},
                                            {6, 2},
                                            {4, 3},
                                            {20, 4},
                                            {6, 5},
                                            {6, 6},
                                            {1, 7},
                                            {2, 8},
                                            {16, 9},
                                            {20, 10}})) {
      case 0:
        return Give(actor);
      case 1:
        return *rc::gen::arbitrary<bool>() ? Acknowledge(actor) : Confirm(actor);
      case 2:
        return Send();
      case 3:
        return Fail();
      case 4:
        return Sign(actor);
      case 5:
        return EndEnquiry(actor);
      case 6:
        return *rc::gen::arbitrary<bool>() ? Return(actor) : Discuss(actor);
      case 7:
        return Amend(actor);
      case 8:
        return Add(actor);
      case 9:
        return CloseOne(actor);
      default:
        return End(actor);
    }
  }

  void Check() const {
    RC_ASSERT(event_.version() == static_cast<int64_t>(facts_.size()));
    RC_ASSERT(event_.timeline_size() == static_cast<int>(facts_.size()));
    v1::NotifiableEvent replayed;
    for (size_t i = 0; i < facts_.size(); ++i) Evolve(replayed, facts_[i], stamps_[i]);
    RC_ASSERT(Same(replayed, event_));
    CheckExplanations(event_);
    if (event_.state() == v1::NotifiableEvent::STATE_CONCLUDED) CheckConditions();
  }

  bool concluded() const { return event_.state() == v1::NotifiableEvent::STATE_CONCLUDED; }

 private:
  static bool IsRegisteredManager(const std::string& id) {
    return id == kRegistered.id || id == kDeputy.id;
  }

  // The conditions of the law, said again in other words than the code's.
  void CheckConditions() const {
    bool inspector = false;
    bool outcome_told = false;
    for (const auto& notice : event_.notices()) {
      if (notice.basis() == v1::BASIS_POLICY && notice.moment() != v1::MOMENT_CONCLUSION) continue;
      RC_ASSERT(notice.state() != v1::Notice::STATE_OWED);
      RC_ASSERT(notice.has_given_time());
      inspector |= notice.recipient() == v1::RECIPIENT_CHIEF_INSPECTOR;
      outcome_told |= notice.moment() == v1::MOMENT_ENQUIRY_OUTCOME;
    }
    RC_ASSERT(event_.sign_offs_size() == 2);
    RC_ASSERT(!event_.sign_offs(0).signed_by().empty());
    RC_ASSERT(IsRegisteredManager(event_.sign_offs(1).signed_by()));
    RC_ASSERT(event_.sign_offs(0).signed_by() != event_.sign_offs(1).signed_by());
    for (const auto& sign_off : event_.sign_offs()) {
      RC_ASSERT(sign_off.signed_by() != event_.reporter_id());
    }
    RC_ASSERT(event_.sign_offs(0).signed_time().seconds() <=
              event_.sign_offs(1).signed_time().seconds());
    for (const int kind : event_.kinds()) {
      if (kind == v1::EVENT_KIND_CHILD_PROTECTION_ENQUIRY) {
        RC_ASSERT(event_.has_enquiry_outcome());
        RC_ASSERT(outcome_told);
      }
      if (kind == v1::EVENT_KIND_CHILD_MISSING) {
        RC_ASSERT(event_.has_child_return() || HasKind(event_, v1::EVENT_KIND_CHILD_DEATH));
      }
    }
    for (const auto& action : event_.actions()) {
      RC_ASSERT(action.state() != type::v1::Action::STATE_OPEN);
    }
    RC_ASSERT(!event_.has_discussion() || event_.discussion().has_discussed_time());
    for (const auto& notice : event_.notices()) {
      RC_ASSERT(!notice.has_written_confirmation() ||
                notice.written_confirmation().has_confirmed_time());
    }
    RC_ASSERT(!event_.conclusion().outcome().empty());
    RC_ASSERT(!inspector || !event_.conclusion().regulator_reference().empty());
    RC_ASSERT(IsRegisteredManager(event_.conclusion().concluded_by()));
  }

  void Keep(const absl::StatusOr<Facts>& facts, const Actor& actor) {
    if (!facts.ok()) {
      RC_ASSERT(!ReasonOf(facts.status()).empty());
      return;
    }
    for (const auto& fact : *facts) {
      facts_.push_back(fact);
      stamps_.push_back({absl::StrCat("fact-", facts_.size()), now_, actor.id});
      Evolve(event_, fact, stamps_.back());
    }
  }

  std::string AnyNotice() const {
    return event_.notices(*Anywhere(0, event_.notices_size())).notice_id();
  }

  void Give(const Actor& actor) {
    v1::GiveNoticeRequest request;
    request.set_notice_id(AnyNotice());
    request.set_channel(type::v1::CHANNEL_TELEPHONE);
    request.set_reference("ref");
    Keep(GiveNotice(event_, request, actor, now_), actor);
  }
  void Acknowledge(const Actor& actor) {
    v1::AcknowledgeNoticeRequest request;
    request.set_notice_id(AnyNotice());
    Keep(AcknowledgeNotice(event_, request, now_), actor);
  }
  void Confirm(const Actor& actor) {
    v1::ConfirmNoticeInWritingRequest request;
    request.set_notice_id(AnyNotice());
    request.set_channel(type::v1::CHANNEL_EMAIL);
    Keep(ConfirmInWriting(event_, request, actor, now_), actor);
  }
  void Discuss(const Actor& actor) {
    v1::RecordDiscussionRequest request;
    *request.mutable_discussed_time() = clock::ToProto(now_);
    request.set_discussed_with("the social worker");
    request.set_agreed("so");
    Keep(RecordDiscussion(event_, request, actor, now_), actor);
  }
  Delivery Message() const {
    Delivery delivery;
    for (const auto& notice : event_.notices()) {
      if (!notice.released_by_person()) delivery.notice_ids.push_back(notice.notice_id());
    }
    delivery.channel = type::v1::CHANNEL_EMAIL;
    delivery.attempt_time = now_;
    return delivery;
  }
  void Send() { Keep(RecordSent(event_, Message(), kSender), kSender); }
  void Fail() { Keep(RecordAttempt(event_, Message()), kSender); }
  void Sign(const Actor& actor) {
    v1::SignOffEventRequest request;
    request.set_stage(
        *rc::gen::element(v1::SignOff::STAGE_MANAGER, v1::SignOff::STAGE_REGISTERED_MANAGER));
    Keep(SignOff(event_, request, actor, now_), actor);
  }
  void EndEnquiry(const Actor& actor) {
    v1::RecordEnquiryOutcomeRequest request;
    *request.mutable_outcome_time() = clock::ToProto(now_);
    *request.mutable_became_aware_time() = clock::ToProto(now_);
    request.set_outcome("so it ended");
    Keep(RecordEnquiryOutcome(event_, request, actor, OurLaw(), GenWorld(), now_, NewIdOf()),
         actor);
  }
  void Return(const Actor& actor) {
    v1::RecordChildReturnRequest request;
    *request.mutable_returned_time() = clock::ToProto(now_);
    Keep(RecordChildReturn(event_, request, actor, now_), actor);
  }
  void Amend(const Actor& actor) {
    v1::CorrectEventRequest request;
    request.set_reason("so");
    for (const auto kind : *rc::gen::resize(2, GenKinds()))
      request.mutable_report()->add_kinds(kind);
    Keep(Correct(event_, request, actor, OurLaw(), GenWorld(), now_, NewIdOf()), actor);
  }
  void Add(const Actor& actor) {
    v1::AddActionRequest request;
    request.set_description("do");
    request.set_owner_id("manager");
    *request.mutable_due_time() = clock::ToProto(now_ + absl::Hours(1));
    Keep(AddAction(event_, request, now_, NewIdOf()), actor);
  }
  void CloseOne(const Actor& actor) {
    if (event_.actions().empty()) return;
    v1::CloseActionRequest request;
    request.set_action_id(event_.actions(*Anywhere(0, event_.actions_size())).action_id());
    request.set_dropped(*rc::gen::arbitrary<bool>());
    request.set_evidence("so");
    Keep(CloseAction(event_, request, actor, now_), actor);
  }
  void End(const Actor& actor) {
    v1::ConcludeEventRequest request;
    request.set_outcome(*rc::gen::element<std::string>("", "done", "done"));
    request.set_regulator_reference(*rc::gen::element<std::string>("", "OFS-1", "OFS-1"));
    if (*rc::gen::arbitrary<bool>() && RegulatorUpdateIsChosen(event_) && !event_.has_outcome()) {
      request.set_regulator_update(v1::REGULATOR_UPDATE_NOT_NEEDED);
      request.set_reason("so");
    }
    const bool ready = MissingForConclusion(event_, request).empty();
    const bool was_open = !concluded();
    if (event_.has_outcome()) request.clear_outcome();
    const auto facts = Conclude(event_, request, actor, now_);
    RC_ASSERT(facts.ok() == (ready && was_open && IsRegisteredManager(actor.id)));
    Keep(facts, actor);
  }

  NewId NewIdOf() { return new_id_; }

  Circumstances world_;
  absl::Time now_;
  v1::NotifiableEvent event_;
  Facts facts_;
  std::vector<FactStamp> stamps_;
  int last_id_ = 1000;
  std::function<std::string()> new_id_ = [this] { return absl::StrCat("id-", ++last_id_); };
};

RC_GTEST_PROP(RandomWalk, NeverConcludesAnEventOfWhichSomethingIsMissing, ()) {
  Walk walk;
  const int steps = *Anywhere<int>(0, 600);
  for (int i = 0; i < steps; ++i) walk.Step();
  walk.Check();
  RC_TAG(walk.concluded() ? "concluded" : "open");
}

}  // namespace
}  // namespace fosterwatch::notifiable_events::domain
