// What bad input gets.
#include "tests/component/allegations_fixture.h"

namespace fosterwatch::allegations {
namespace {

TEST_F(AllegationsTest, BadInputIsNamedAndLeavesNothing) {
  const Allegation received = Received();
  const Allegation concluded = [] {
    const Allegation allegation = Received();
    Do("ReferAllegation", Referring(allegation));
    return Do("RecordOfficerConclusion", Concluding(allegation));
  }();
  const std::string id = concluded.allegation_id();
  google::protobuf::Timestamp impossible;
  impossible.set_nanos(-1);
  struct Case {
    const char* what;
    const char* method;
    std::shared_ptr<google::protobuf::Message> request;
    const char* field;
    const char* reason;
  };
  std::vector<Case> cases;
  const auto bad = [&](const char* what, const char* method, auto request, const char* field,
                       const char* reason, auto edit) {
    edit(request);
    cases.push_back({what, method, std::make_shared<decltype(request)>(request), field, reason});
  };
  bad("about nobody", "ReceiveAllegation", Receiving(), "report.carer_id", "REQUIRED",
      [](auto& r) { r.mutable_report()->clear_carer_id(); });
  bad("about a stranger", "ReceiveAllegation", Receiving(), "report.carer_id", "UNKNOWN_CARER",
      [](auto& r) { r.mutable_report()->set_carer_id("nobody"); });
  bad("a child nobody knows", "ReceiveAllegation", Receiving(), "report.child_id", "UNKNOWN_CHILD",
      [](auto& r) { r.mutable_report()->set_child_id("nobody"); });
  bad("a ground that is none", "ReceiveAllegation", Receiving(), "report.grounds[0]",
      "UNKNOWN_ENUM_VALUE",
      [](auto& r) { r.mutable_report()->set_grounds(0, static_cast<v1::Ground>(99)); });
  bad("known at no moment", "ReceiveAllegation", Receiving(), "report.became_aware_time",
      "INVALID_TIME",
      [&](auto& r) { *r.mutable_report()->mutable_became_aware_time() = impossible; });
  bad("a long summary", "ReceiveAllegation", Receiving(), "report.summary", "TEXT_TOO_LONG",
      [](auto& r) { r.mutable_report()->set_summary(std::string(20'001, 'x')); });
  bad("referred to nobody", "ReferAllegation", Referring(received), "officer_name", "REQUIRED",
      [](auto& r) { r.clear_officer_name(); });
  bad("a body that is none", "ReferAllegation", Referring(received), "body_id", "UNKNOWN_BODY",
      [](auto& r) { r.set_body_id("police"); });
  bad("referred tomorrow", "ReferAllegation", Referring(received), "referred_time", "IN_THE_FUTURE",
      [](auto& r) { *r.mutable_referred_time() = Ago(-absl::Hours(24)); });
  v1::CloseChecklistItemRequest item;
  item.set_allegation_id(id);
  item.set_item_id(concluded.checklist(0).action().action_id());
  bad("no evidence", "CloseChecklistItem", item, "evidence", "REQUIRED", [](auto&) {});
  v1::AddChecklistItemRequest add;
  add.set_allegation_id(id);
  add.set_description("speak with the school");
  bad("owned by nobody", "AddChecklistItem", add, "owner_id", "NO_ROLE_HOLDER", [](auto&) {});
  v1::AssignChecklistItemRequest assign;
  assign.set_allegation_id(id);
  assign.set_item_id(concluded.checklist(0).action().action_id());
  bad("given to nobody", "AssignChecklistItem", assign, "owner_id", "NO_ROLE_HOLDER", [](auto&) {});
  v1::RecordOutcomeToldRequest told;
  told.set_allegation_id(id);
  told.set_party("CHILD");
  told.set_not_told(true);
  bad("not told for no reason", "RecordOutcomeTold", told, "reason", "REQUIRED", [](auto&) {});
  v1::RecordLearningRequest learning;
  learning.set_allegation_id(id);
  bad("nothing learnt", "RecordLearning", learning, "learning", "REQUIRED", [](auto&) {});
  v1::LinkAllegationRequest link;
  link.set_allegation_id(id);
  link.mutable_link()->set_kind(v1::Link::KIND_EVENT);
  bad("a link to nothing", "LinkAllegation", link, "link.id", "INVALID_ID", [](auto&) {});
  v1::AmendAllegationRequest amend;
  amend.set_allegation_id(id);
  amend.set_reason("so");
  bad("nothing added", "AmendAllegation", amend, "addition", "REQUIRED", [](auto&) {});
  v1::ListAllegationsRequest list;
  bad("a page of less than none", "ListAllegations", list, "page_size", "NEGATIVE_PAGE_SIZE",
      [](auto& r) { r.set_page_size(-1); });
  bad("a token of another list", "ListAllegations", list, "page_token", "INVALID_PAGE_TOKEN",
      [](auto& r) { r.set_page_token("x"); });
  const int64_t before = Recorded();
  for (const Case& c : cases) {
    const auto refused = Call(agency_->RegisteredManager(), c.method, *c.request);
    EXPECT_THAT(refused, StatusIs(absl::StatusCode::kInvalidArgument)) << c.what;
    EXPECT_THAT(refused, HasReason(c.reason)) << c.what;
    EXPECT_THAT(Fields(refused.status()), ::testing::ElementsAre(c.field)) << c.what;
  }
  // What is not there, or is another agency's, is not found by any method.
  const std::vector<std::pair<const char*, std::shared_ptr<google::protobuf::Message>>> writes = {
      {"AmendAllegation", std::make_shared<v1::AmendAllegationRequest>()},
      {"LinkAllegation", std::make_shared<v1::LinkAllegationRequest>()},
      {"ReferAllegation", std::make_shared<v1::ReferAllegationRequest>()},
      {"RecordStrategyMeeting", std::make_shared<v1::RecordStrategyMeetingRequest>()},
      {"StartInvestigation", std::make_shared<v1::StartInvestigationRequest>()},
      {"RecordOfficerConclusion", std::make_shared<v1::RecordOfficerConclusionRequest>()},
      {"StartAgencyReview", std::make_shared<v1::StartAgencyReviewRequest>()},
      {"CloseChecklistItem", std::make_shared<v1::CloseChecklistItemRequest>()},
      {"AssignChecklistItem", std::make_shared<v1::AssignChecklistItemRequest>()},
      {"AddChecklistItem", std::make_shared<v1::AddChecklistItemRequest>()},
      {"RecordOutcomeTold", std::make_shared<v1::RecordOutcomeToldRequest>()},
      {"RecordLearning", std::make_shared<v1::RecordLearningRequest>()},
      {"CloseAllegation", std::make_shared<v1::CloseAllegationRequest>()},
      {"ReopenAllegation", std::make_shared<v1::ReopenAllegationRequest>()},
      {"GetAllegation", std::make_shared<v1::GetAllegationRequest>()},
      {"ExplainDueTime", std::make_shared<v1::ExplainDueTimeRequest>()},
  };
  for (const auto& [method, request] : writes) {
    const auto* field = request->GetDescriptor()->FindFieldByName("allegation_id");
    ASSERT_NE(field, nullptr) << method;
    for (const std::string& nowhere : {std::string(), std::string("no-such"), id}) {
      request->GetReflection()->SetString(request.get(), field, nowhere);
      const Person person =
          nowhere == id ? other_->RegisteredManager() : agency_->RegisteredManager();
      EXPECT_THAT(Call(person, method, *request), StatusIs(absl::StatusCode::kNotFound))
          << method << " of " << nowhere;
    }
    EXPECT_THAT(Call(agency_->Publisher(), method, *request),
                StatusIs(absl::StatusCode::kPermissionDenied))
        << method;
  }
  EXPECT_THAT(Call(agency_->TeamManager(), "CloseAllegation", Closing(concluded)),
              StatusIs(absl::StatusCode::kPermissionDenied));
  EXPECT_EQ(Recorded(), before);
}

}  // namespace
}  // namespace fosterwatch::allegations
