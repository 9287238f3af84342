#include "services/notifiable_events/domain/regulator_export.h"

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "services/notifiable_events/domain/test_support.h"

namespace fosterwatch::notifiable_events::domain {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

std::vector<std::string> Missing(const v1::RegulatorExport& form) {
  std::vector<std::string> missing;
  for (const int field : form.missing()) {
    missing.push_back(
        v1::RegulatorExport::Field_Name(static_cast<v1::RegulatorExport::Field>(field)).substr(6));
  }
  return missing;
}

// Whom the directory knows of the people in test_support.h.
const Colleagues kStaff = {
    {"caseworker", {"Jane Smith", options::v1::ROLE_CASEWORKER}},
    {"registered", {"Zo\xc3\xab O'Neill", options::v1::ROLE_REGISTERED_MANAGER}}};

TEST(RegulatorExport, MakesInitialsOfNames) {
  EXPECT_EQ(InitialsOf("Jane Smith"), "J.S.");
  EXPECT_EQ(InitialsOf("  jane   van der berg "), "J.V.D.B.");
  EXPECT_EQ(InitialsOf("Anne-Marie Brown"), "A.-M.B.");
  EXPECT_EQ(InitialsOf("Siobh\xc3\xa1n O'Neill"), "S.O.");
  EXPECT_EQ(InitialsOf("\xc3\x89lise Roy"), "\xc3\x89.R.");
  EXPECT_EQ(InitialsOf(""), "");
}

TEST(RegulatorExport, KeepsAReferenceAndTakesInitialsOfWhoTookTheCall) {
  EXPECT_EQ(ReferenceWithoutNames("NS-4711"), "NS-4711");
  EXPECT_EQ(ReferenceWithoutNames("Jane Smith, duty desk"), "J.S.D.D.");
}

TEST(RegulatorExport, OfANewEventItHasWhatTheRecordHasAndNamesTheRest) {
  const v1::NotifiableEvent event = Reported({v1::EVENT_KIND_SERIOUS_ILLNESS_ACCIDENT});
  const v1::RegulatorExport form = ExportForRegulator(event, "SC123456", kStaff);
  EXPECT_EQ(form.urn(), "SC123456");
  EXPECT_THAT(form.kinds(), ElementsAre(v1::EVENT_KIND_SERIOUS_ILLNESS_ACCIDENT));
  EXPECT_TRUE(Same(form.incident_time(), event.report().occurred_time()));
  EXPECT_EQ(form.narrative(), "what happened");
  EXPECT_THAT(form.child_references(), ElementsAre("away"));
  ASSERT_EQ(form.staff_size(), 1);
  EXPECT_EQ(form.staff(0).initials(), "J.S.");
  EXPECT_EQ(form.reporter().role(), options::v1::ROLE_CASEWORKER);
  EXPECT_THAT(Missing(form),
              ElementsAre("INCIDENT_PLACE", "OTHER_BODIES_NOTIFIED", "IMMEDIATE_ACTIONS",
                          "EVALUATION", "PREVENTION_PLAN", "REGISTERED_MANAGER_SIGN_OFF",
                          "REGULATOR_REFERENCE", "CLOSED_TIME", "OUTCOME"));
  EXPECT_THAT(Missing(ExportForRegulator(event, "", {})),
              ::testing::IsSupersetOf({"URN", "STAFF_INITIALS", "STAFF_ROLES", "REPORTER"}));
}

TEST(RegulatorExport, OfACompleteRecordNothingIsMissingAndNobodyIsNamed) {
  v1::NotifiableEvent event = Reported({v1::EVENT_KIND_SERIOUS_ILLNESS_ACCIDENT});
  v1::EventReport& report = *event.mutable_report();
  report.set_place("The school");
  report.set_immediate_actions("Taken to hospital");
  for (const char* question : {"evaluation", "prevention_plan"}) {
    auto* answer = report.add_answers();
    answer->set_question_id(question);
    answer->set_text(question);
  }
  bool other_told = false;
  for (v1::Notice& notice : *event.mutable_notices()) {
    notice.set_state(v1::Notice::STATE_GIVEN);
    *notice.mutable_given_time() = clock::ToProto(kNow);
    notice.set_given_by("registered");
    const bool regulator = notice.recipient() == v1::RECIPIENT_CHIEF_INSPECTOR;
    notice.set_given_reference(regulator ? "OF-1" : "Jane Smith");
    notice.set_given_channel(regulator ? type::v1::CHANNEL_ONLINE_FORM
                                       : type::v1::CHANNEL_TELEPHONE);
    other_told |= !regulator;
  }
  ASSERT_TRUE(other_told);
  for (v1::SignOff& sign_off : *event.mutable_sign_offs()) {
    sign_off.set_signed_by("registered");
    *sign_off.mutable_signed_time() = clock::ToProto(kNow);
  }
  event.mutable_conclusion()->set_outcome("Well again");
  *event.mutable_conclusion()->mutable_concluded_time() = clock::ToProto(kNow);
  const v1::RegulatorExport form = ExportForRegulator(event, "SC123456", kStaff);
  EXPECT_THAT(Missing(form), IsEmpty());
  EXPECT_EQ(form.evaluation(), "evaluation");
  EXPECT_EQ(form.regulator_reference(), "OF-1");
  EXPECT_EQ(form.registered_manager().initials(), "Z.O.");
  for (const auto& body : form.other_bodies()) {
    EXPECT_NE(body.recipient(), v1::RECIPIENT_CHIEF_INSPECTOR);
    EXPECT_EQ(body.reference(), "J.S.");
    EXPECT_EQ(body.given_by().initials(), "Z.O.");
  }
  EXPECT_THAT(form.ShortDebugString(), Not(HasSubstr("Smith")));
}

TEST(RegulatorExport, TakesWhatACorrectionSays) {
  v1::NotifiableEvent event = Reported({v1::EVENT_KIND_SERIOUS_ILLNESS_ACCIDENT});
  event.add_corrections()->mutable_report()->set_place("The park");
  EXPECT_EQ(ExportForRegulator(event, "", {}).incident_place(), "The park");
}

}  // namespace
}  // namespace fosterwatch::notifiable_events::domain
