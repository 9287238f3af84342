// Whom an allegation is about, told wrongly and put right.
#include "services/allegations/domain/correct.h"

#include "services/allegations/domain/test_support.h"

namespace fosterwatch::allegations::domain {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using v1::Allegation;

v1::AmendAllegationRequest Correcting(const std::string& carer_id, const std::string& person_id) {
  v1::AmendAllegationRequest request;
  request.set_corrects_subject(true);
  request.set_reason("two people of one name");
  request.set_carer_id(carer_id);
  request.set_person_id(person_id);
  return request;
}

absl::StatusOr<Facts> Correct(const Allegation& allegation,
                              const v1::AmendAllegationRequest& request,
                              const std::vector<options::v1::Role>& roles = kAManager) {
  Ids ids;
  return CorrectSubject(allegation, request, "registered", roles, Everybody(), OurPeople(),
                        OurRules(), kNow, [&] { return "k-" + ids(); });
}

std::vector<std::string> OpenItemsOf(const Allegation& allegation) {
  std::vector<std::string> open;
  for (const auto& item : allegation.checklist()) {
    if (item.action().state() == type::v1::Action::STATE_OPEN) open.push_back(item.code());
  }
  return open;
}

TEST(CorrectSubject, PutsTheRightOneInThePlaceOfTheWrongAndKeepsWhatWasSaid) {
  Allegation allegation = Received();
  Apply(allegation, Correct(allegation, Correcting("", "manager")));
  EXPECT_EQ(allegation.carer_id(), "");
  EXPECT_EQ(allegation.person_id(), "manager");
  EXPECT_EQ(allegation.report().carer_id(), "F-1") << "as first said";
  EXPECT_EQ(allegation.amendments(0).former_carer_id(), "F-1");
  EXPECT_EQ(allegation.amendments(0).reason(), "two people of one name");
  Apply(allegation, Correct(allegation, Correcting("F-2", "")));
  EXPECT_EQ(allegation.carer_id(), "F-2");
  EXPECT_EQ(allegation.person_id(), "");
  EXPECT_EQ(allegation.amendments(1).former_person_id(), "manager");
}

TEST(CorrectSubject, IsForManagersAndNeedsAnotherSubjectAndAReason) {
  const Allegation allegation = Received();
  const auto right = Correcting("F-2", "");
  EXPECT_EQ(ReasonOf(Correct(allegation, right, {options::v1::ROLE_CASEWORKER}).status()),
            "MANAGERS_CORRECT");
  auto request = right;
  request.clear_reason();
  request.set_child_id("C-2");
  request.set_carer_id("F-1");
  EXPECT_THAT(FieldsOf(Correct(allegation, request).status()),
              ElementsAre("reason", "carer_id", "child_id"));
  EXPECT_THAT(FieldsOf(Correct(allegation, Correcting("", "")).status()), ElementsAre("carer_id"));
  EXPECT_THAT(FieldsOf(Correct(allegation, Correcting("", "stranger")).status()),
              ElementsAre("person_id"));
  Allegation unknown = allegation;
  unknown.clear_carer_id();
  EXPECT_EQ(ReasonOf(Correct(unknown, right).status()), "SUBJECT_UNKNOWN");
  Allegation closed = allegation;
  closed.set_state(Allegation::STATE_CLOSED);
  EXPECT_EQ(ReasonOf(Correct(closed, right).status()), "ALLEGATION_CLOSED");
}

// The alert went to the wrong people: to the one whom it is about, and not to the one whom it is
// not.
TEST(CorrectSubject, AlertsThatAreOutGoOutAnew) {
  Ids ids;
  Allegation allegation;
  Apply(allegation,
        OpenFromComplaint({"K-1", "F-1", "manager", "C-1", kNow - absl::Hours(99), "caseworker"},
                          "A-1", Everybody(), OurRules(), kNow, ids));
  EXPECT_EQ(allegation.person_id(), "manager") << "of both, the member of staff";
  EXPECT_EQ(allegation.carer_id(), "");
  Apply(allegation, RaiseAttention(allegation, OurPolicies(), kNow));
  ASSERT_EQ(allegation.attention_size(), 2);

  const auto facts = Correct(allegation, Correcting("", "caseworker"));
  ASSERT_TRUE(facts.ok()) << facts.status();
  ASSERT_EQ(facts->size(), 2u);
  EXPECT_EQ((*facts)[1].attention_needed().code(), "ALLEGATION_OPENED");
  EXPECT_THAT((*facts)[1].attention_needed().not_to_person_ids(), ElementsAre("caseworker"));
  Apply(allegation, facts);
  EXPECT_TRUE(allegation.attention(0).has_settled_time());
  EXPECT_TRUE(allegation.attention(1).has_settled_time());
  EXPECT_FALSE(allegation.attention(2).has_settled_time());
  EXPECT_LT(*NextAttention(allegation), kNow);
  const Facts late = RaiseAttention(allegation, OurPolicies(), kNow);
  ASSERT_EQ(late.size(), 1u);
  EXPECT_THAT(late[0].attention_needed().not_to_person_ids(), ElementsAre("caseworker"));
  Apply(allegation, late);
  EXPECT_EQ(allegation.attention(3).duty_id(), allegation.duties(0).duty_id());
  EXPECT_THAT(RaiseAttention(allegation, OurPolicies(), kNow), IsEmpty());
}

TEST(CorrectSubject, TheChecklistFollowsTheRightOne) {
  Allegation allegation = Concluded();
  Apply(allegation, RecordTold(allegation, Telling("SUBJECT"), "m", kNow));
  Apply(allegation, RecordTold(allegation, Telling("CHILD"), "m", kNow));
  ASSERT_THAT(OpenItemsOf(allegation), Contains("PANEL"));
  Apply(allegation, Correct(allegation, Correcting("", "manager")));
  EXPECT_THAT(OpenItemsOf(allegation), ElementsAre("UPDATES_OWED", "SUPPORT", "FILE_SUMMARY",
                                                   "LEARNING", "EMPLOYMENT_DECISION"));
  for (const auto& item : allegation.checklist()) {
    if (item.action().state() == type::v1::Action::STATE_OPEN) {
      EXPECT_NE(item.action().owner_id(), "manager") << item.code();
    }
  }
  for (const auto& telling : allegation.tellings()) {
    EXPECT_EQ(telling.has_told_time(), telling.party() == "CHILD") << telling.party();
  }
}

}  // namespace
}  // namespace fosterwatch::allegations::domain
