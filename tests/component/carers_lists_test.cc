// The register of carers as it is read, by the real binary: by two times, in lists, for retention;
// and what bad input gets of every method.
#include <algorithm>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "tests/component/carers_fixture.h"

namespace fosterwatch::carers {
namespace {

TEST_F(CarersTest, TheRegisterIsExtractedAsAtADayAndAsKnownAtAMoment) {
  TakeOver("F-106");
  const absl::Time before = absl::Now();
  v1::RecordParticularsRequest move;
  move.set_carer_id("F-106");
  *move.mutable_particulars() = Household("Ann Other");
  move.mutable_particulars()->mutable_foster_parents(0)->set_foster_parent_id("1");
  move.set_effective_date(Day(-30));
  Do(kCarers, "RecordParticulars", move);
  const auto name = [&](const std::string& day, absl::Time known) {
    v1::ExtractRegisterRequest request;
    request.set_as_at_date(day);
    *request.mutable_as_known_at_time() = clock::ToProto(known);
    request.set_page_size(2);
    std::string found;
    while (true) {
      auto page = Call<v1::ExtractRegisterResponse>(kCarers, "ExtractRegister", request);
      EXPECT_THAT(page, IsOk());
      if (!page.ok()) return std::string("?");
      for (const auto& entry : page->entries()) {
        if (entry.carer_id() == "F-106") found = entry.particulars().foster_parents(0).name();
      }
      if (page->next_page_token().empty()) return found;
      request.set_page_token(page->next_page_token());
    }
  };
  EXPECT_EQ(name(Day(), absl::Now()), "Ann Other");
  EXPECT_EQ(name(Day(-31), absl::Now()), "Ann Example");
  EXPECT_EQ(name(Day(), before), "Ann Example") << "nobody knew then";
  EXPECT_EQ(name("2020-05-03", absl::Now()), "") << "not approved yet";
  v1::ListRegisterChangesRequest list;
  list.set_carer_id("F-106");
  auto changes = Call<v1::ListRegisterChangesResponse>(kCarers, "ListRegisterChanges", list);
  ASSERT_THAT(changes, IsOk());
  EXPECT_EQ(changes->changes(0).change().particulars().foster_parents(0).name(), "Ann Other");
  EXPECT_EQ(changes->changes(0).before().particulars().foster_parents(0).name(), "Ann Example");
  // The page goes on where it was, whatever the first one left open.
  v1::ExtractRegisterRequest open;
  open.set_page_size(1);
  auto first = Call<v1::ExtractRegisterResponse>(kCarers, "ExtractRegister", open);
  ASSERT_THAT(first, IsOk());
  open.set_page_token(first->next_page_token());
  open.set_as_at_date(first->as_at_date());
  *open.mutable_as_known_at_time() = first->as_known_at_time();
  EXPECT_THAT(Call<v1::ExtractRegisterResponse>(kCarers, "ExtractRegister", open), IsOk());
  open.set_as_at_date(Day(1));
  EXPECT_THAT(Call<v1::ExtractRegisterResponse>(kCarers, "ExtractRegister", open),
              HasReason("IN_THE_FUTURE"));
}

TEST_F(CarersTest, ListsGoOnByTheirTokensAndFilter) {
  for (int i = 0; i < 5; ++i) TakeOver(absl::StrCat("G-", i));
  v1::ListCarersRequest list;
  list.set_page_size(2);
  list.set_status(Carer::STATUS_APPROVED);
  std::vector<std::string> ids;
  while (true) {
    auto page = Call<v1::ListCarersResponse>(kCarers, "ListCarers", list);
    ASSERT_THAT(page, IsOk());
    EXPECT_LE(page->carers_size(), 2);
    for (const auto& carer : page->carers()) {
      ids.push_back(carer.carer_id());
      EXPECT_EQ(carer.visits_size(), 0) << "a list is short";
      EXPECT_FALSE(carer.name().empty());
    }
    if (page->next_page_token().empty()) break;
    list.set_page_token(page->next_page_token());
  }
  EXPECT_TRUE(std::is_sorted(ids.begin(), ids.end()));
  EXPECT_EQ(std::count_if(ids.begin(), ids.end(),
                          [](const std::string& id) { return id.substr(0, 2) == "G-"; }),
            5);
  list.set_kind(Carer::KIND_CONNECTED);
  EXPECT_THAT(Call<v1::ListCarersResponse>(kCarers, "ListCarers", list),
              StatusIs(absl::StatusCode::kInvalidArgument))
      << "the token is of another filter";
  list.clear_page_token();
  EXPECT_EQ(Call<v1::ListCarersResponse>(kCarers, "ListCarers", list)->total_size(), 0);
  v1::ListDutiesRequest duties;
  duties.set_page_size(3);
  duties.set_carer_id("G-1");
  std::set<std::string> seen;
  while (true) {
    auto page = Call<v1::ListDutiesResponse>(kDuties, "ListDuties", duties);
    ASSERT_THAT(page, IsOk());
    for (const auto& item : page->items()) EXPECT_TRUE(seen.insert(item.duty().duty_id()).second);
    if (page->next_page_token().empty()) break;
    duties.set_page_token(page->next_page_token());
  }
  EXPECT_EQ(seen.size(), static_cast<size_t>(Get("G-1").duties_size()));
  v1::CountCarersRequest count;
  auto counts = Call<v1::CarerCounts>(kCarers, "CountCarers", count);
  ASSERT_THAT(counts, IsOk());
  int64_t approved = 0;
  for (const auto& of : counts->statuses()) {
    if (of.status() == Carer::STATUS_APPROVED) approved = of.mainstream();
  }
  EXPECT_EQ(approved, static_cast<int64_t>(ids.size()));
}

TEST_F(CarersTest, WhatMayBeDestroyedIsListedUnlessItIsOnHold) {
  for (const char* id : {"H-1", "H-2", "H-3"}) {
    auto request = TakingOver(id);
    request.clear_review_dates();
    request.clear_last_unannounced_visit_date();
    request.clear_last_supervision_visit_date();
    request.clear_last_home_safety_date();
    request.set_approved_date("2005-01-01");
    request.set_ended_date(std::string(id) == "H-3" ? "2020-06-01" : "2012-06-01");
    Do(kCarers, "TakeOverCarer", request);
  }
  v1::PlaceLegalHoldRequest hold;
  hold.set_carer_id("H-2");
  hold.set_reason("a claim");
  Do(kCarers, "PlaceLegalHold", hold);
  v1::ListCarersRequest list;
  const auto ids = [&](const std::string& day) {
    list.set_retention_over_by_date(day);
    std::vector<std::string> found;
    auto page = Call<v1::ListCarersResponse>(kCarers, "ListCarers", list);
    EXPECT_THAT(page, IsOk());
    if (page.ok()) {
      for (const auto& carer : page->carers()) found.push_back(carer.carer_id());
    }
    return found;
  };
  EXPECT_THAT(ids("2022-06-01"), ::testing::IsEmpty()) << "the last day of ten years";
  EXPECT_THAT(ids("2022-06-02"), ::testing::ElementsAre("H-1"));
  EXPECT_THAT(ids("2031-01-01"), ::testing::Contains("H-3"));
  EXPECT_THAT(ids("2031-01-01"), ::testing::Not(::testing::Contains("H-2")));
}

// Every method of the three services that changes something, by its descriptor.
std::vector<const google::protobuf::MethodDescriptor*> Methods(bool writes) {
  std::vector<const google::protobuf::MethodDescriptor*> methods;
  for (const auto* file : {v1::GetCarerRequest::descriptor()->file(),
                           v1::RecordApplicationRequest::descriptor()->file(),
                           v1::ListDutiesRequest::descriptor()->file()}) {
    const auto* service = file->service(0);
    for (int i = 0; i < service->method_count(); ++i) {
      const bool is_write =
          service->method(i)->input_type()->FindFieldByName("request_id") != nullptr;
      if (is_write == writes) methods.push_back(service->method(i));
    }
  }
  return methods;
}

std::unique_ptr<google::protobuf::Message> RequestOf(
    const google::protobuf::MethodDescriptor* method, const std::string& carer_id) {
  std::unique_ptr<google::protobuf::Message> request(
      google::protobuf::MessageFactory::generated_factory()
          ->GetPrototype(method->input_type())
          ->New());
  if (const auto* field = method->input_type()->FindFieldByName("carer_id")) {
    request->GetReflection()->SetString(request.get(), field, carer_id);
  }
  return request;
}

TEST_F(CarersTest, EveryMethodRefusesWhatIsEmptyUnknownTooLongOrNotTheCallers) {
  TakeOver("F-107");
  const int64_t before = Recorded();
  int methods = 0;
  for (const auto* method : Methods(/*writes=*/true)) {
    ++methods;
    const std::string service = method->service()->full_name();
    const auto call = [&](const google::protobuf::Message& request, const Person& person) {
      return installation_->Call<Carer>(person, service, method->name(), request).status();
    };
    // What a case system says, people do not; what is in an emergency is of those who do not see
    // all.
    const bool in_emergency = method->name() == "OpenInEmergency";
    const options::v1::Role role = method->name() == "RecordCarer" ? options::v1::ROLE_PUBLISHER
                                   : in_emergency ? options::v1::ROLE_SUPERVISING_SOCIAL_WORKER
                                                  : options::v1::ROLE_REGISTERED_MANAGER;
    const Person caller = {"agency-a", "manager-1", {role}};
    // Nothing but the carer.
    const absl::Status empty = call(*RequestOf(method, "F-107"), caller);
    EXPECT_FALSE(empty.ok()) << method->name();
    EXPECT_FALSE(ReasonOf(empty).empty()) << method->name() << ": " << empty;
    const bool may_be_new = method->name() == "RecordCarer" || method->name() == "TakeOverCarer" ||
                            method->name() == "RecordApplication" ||
                            method->name() == "ApproveTemporarily";
    for (const char* id : {"", "no-such-carer", "a b", "\xc3\xa4"}) {
      if (in_emergency && *id == 0) continue;  // it may name a child instead
      const absl::Status unknown = call(*RequestOf(method, id), caller);
      EXPECT_EQ(unknown.code(),
                may_be_new ? absl::StatusCode::kInvalidArgument : absl::StatusCode::kNotFound)
          << method->name() << " " << id;
    }
    if (!may_be_new) {
      EXPECT_EQ(call(*RequestOf(method, "F-107"), {"agency-b", "manager-2", {role}}).code(),
                absl::StatusCode::kNotFound)
          << method->name();
    }
    // Every text of the request too long, one by one.
    for (int i = 0; i < method->input_type()->field_count(); ++i) {
      const auto* field = method->input_type()->field(i);
      if (field->cpp_type() != google::protobuf::FieldDescriptor::CPPTYPE_STRING ||
          field->is_repeated() || field->name() == "carer_id") {
        continue;
      }
      auto request = RequestOf(method, "F-107");
      request->GetReflection()->SetString(request.get(), field, std::string(30'000, 'a'));
      const absl::Status refused = call(*request, caller);
      EXPECT_FALSE(refused.ok()) << method->name() << " " << field->name();
      EXPECT_EQ(refused.ToString().find("aaaa"), std::string::npos) << "it says the value back";
    }
    // No right to write.
    EXPECT_EQ(call(*RequestOf(method, "F-107"),
                   {"agency-a", "ri-1", {options::v1::ROLE_RESPONSIBLE_INDIVIDUAL}})
                  .code(),
              absl::StatusCode::kPermissionDenied)
        << method->name();
  }
  EXPECT_EQ(methods, 40);
  EXPECT_EQ(Recorded(), before);
  for (const auto* method : Methods(/*writes=*/false)) {
    const absl::Status refused =
        installation_
            ->Call<Carer>({"agency-a", "x", {options::v1::ROLE_PUBLISHER}},
                          method->service()->full_name(), method->name(), *RequestOf(method, ""))
            .status();
    EXPECT_EQ(refused.code(), absl::StatusCode::kPermissionDenied) << method->name();
  }
}

TEST_F(CarersTest, WhatACaseSystemSaysWronglyIsNamedAsItSaidIt) {
  v1::RecordCarerRequest request;
  request.mutable_carer()->set_carer_id("a b");
  const Person feed = {"agency-a", "case-system", {options::v1::ROLE_PUBLISHER}};
  auto refused = Call(kCarers, "RecordCarer", request, feed);
  EXPECT_THAT(refused, HasReason("INVALID_ID"));
  EXPECT_EQ(ViolationsOf(refused.status())[0].field, "carer.carer_id");
  request.mutable_carer()->set_carer_id("F-109");
  request.mutable_carer()->set_status(Carer::STATUS_ENDED);
  refused = Call(kCarers, "RecordCarer", request, feed);
  ASSERT_THAT(refused, StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_EQ(ViolationsOf(refused.status()).back().field, "carer");
  // It makes a carer known, and neither approves nor changes one; people have other ways.
  request.mutable_carer()->clear_status();
  request.mutable_carer()->set_name("Test Carer");
  request.mutable_carer()->set_kind(Carer::KIND_MAINSTREAM);
  request.mutable_carer()->set_approved_date("2020-05-04");
  EXPECT_THAT(Call(kCarers, "RecordCarer", request), StatusIs(absl::StatusCode::kPermissionDenied));
  const auto known = Call(kCarers, "RecordCarer", request, feed);
  ASSERT_THAT(known, IsOk());
  EXPECT_EQ(known->status(), Carer::STATUS_UNSPECIFIED);
  EXPECT_EQ(known->approved_date(), "");
  const Carer taken = TakeOver("F-109");
  EXPECT_EQ(taken.status(), Carer::STATUS_APPROVED);
  refused = Call(kCarers, "RecordCarer", request, feed);
  EXPECT_THAT(refused, HasReason("REGISTER_DIFFERS"));
  EXPECT_EQ(Get("F-109").name(), taken.name());
}

TEST_F(CarersTest, ListsRefuseWhatCannotBeAsked) {
  v1::ListCarersRequest carers;
  carers.set_page_size(-1);
  EXPECT_THAT(Call<v1::ListCarersResponse>(kCarers, "ListCarers", carers),
              StatusIs(absl::StatusCode::kInvalidArgument));
  carers.set_page_size(0);
  carers.set_retention_over_by_date("soon");
  EXPECT_THAT(Call<v1::ListCarersResponse>(kCarers, "ListCarers", carers),
              HasReason("INVALID_DATE"));
  v1::ListDutiesRequest duties;
  duties.mutable_due_before_time()->set_nanos(-1);
  EXPECT_THAT(Call<v1::ListDutiesResponse>(kDuties, "ListDuties", duties),
              HasReason("INVALID_TIME"));
  duties.clear_due_before_time();
  duties.set_page_token("nonsense");
  EXPECT_THAT(Call<v1::ListDutiesResponse>(kDuties, "ListDuties", duties),
              StatusIs(absl::StatusCode::kInvalidArgument));
  v1::ListVisitsRequest visits;
  visits.set_page_token("nonsense");
  EXPECT_THAT(Call<v1::ListVisitsResponse>(kDuties, "ListVisits", visits),
              StatusIs(absl::StatusCode::kInvalidArgument));
  v1::GetCarerPolicyRequest policy;
  policy.set_date("2026-13-01");
  EXPECT_THAT(Call<v1::CarerPolicy>(kCarers, "GetCarerPolicy", policy), HasReason("INVALID_DATE"));
  policy.clear_date();
  EXPECT_EQ(Call<v1::CarerPolicy>(kCarers, "GetCarerPolicy", policy)->usual_limit(), 3);
}

TEST_F(CarersTest, TheSameRequestAgainGetsTheFirstAnswer) {
  TakeOver("F-108");
  v1::SuspendApprovalRequest suspend;
  suspend.set_carer_id("F-108");
  suspend.set_request_id("suspend-108");
  suspend.set_from_date(Day());
  suspend.set_reason("an allegation");
  for (int time = 0; time < 2; ++time) {
    EXPECT_EQ(Do(kApproval, "SuspendApproval", suspend).status(), Carer::STATUS_SUSPENDED);
  }
  suspend.set_reason("another");
  EXPECT_THAT(Call(kApproval, "SuspendApproval", suspend), HasReason("REQUEST_ID_REUSED"));
  EXPECT_EQ(FactsOf("F-108", "suspension_set"), 1);
}

}  // namespace
}  // namespace fosterwatch::carers
