#include "services/notifiable_events/domain/explain.h"

#include <gtest/gtest.h>

#include "services/notifiable_events/domain/test_support.h"

namespace fosterwatch::notifiable_events::domain {
namespace {

v1::ExplainDueTimeRequest About(const std::string& duty_id) {
  v1::ExplainDueTimeRequest request;
  request.set_duty_id(duty_id);
  return request;
}

TEST(Explain, AnswersForEachNoticeAndEachSignOff) {
  const auto event = Reported({v1::EVENT_KIND_CHILD_DEATH});
  for (const auto& notice : event.notices()) {
    const auto explanation = Explain(event, About(notice.notice_id()));
    ASSERT_TRUE(explanation.ok()) << explanation.status();
    EXPECT_EQ(Show(explanation->due_time()), Show(notice.due_time()));
  }
  for (const auto& sign_off : event.sign_offs()) {
    const auto explanation = Explain(event, About(sign_off.sign_off_id()));
    ASSERT_TRUE(explanation.ok()) << explanation.status();
    EXPECT_EQ(Show(explanation->due_time()), Show(sign_off.due_time()));
  }
}

TEST(Explain, RefusesADutyThatTheEventDoesNotHave) {
  const auto event = Reported({v1::EVENT_KIND_CHILD_DEATH});
  const auto unknown = Explain(event, About("none"));
  EXPECT_EQ(unknown.status().code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(ReasonOf(unknown.status()), "UNKNOWN_DUTY");
  EXPECT_EQ(Refusal(Explain(event, About("")).status()), "duty_id REQUIRED");
}

}  // namespace
}  // namespace fosterwatch::notifiable_events::domain
