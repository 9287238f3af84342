// What the door lets those see who see their own caseload alone, whatever the service behind it
// answers.
#include <atomic>
#include <set>
#include <thread>

#include "fosterwatch/carers/v1/carers_service.pb.h"
#include "tests/component/door_fixture.h"

namespace fosterwatch::runtime {
namespace {

using carers::v1::Carer;
using carers::v1::GetCarerRequest;
using carers::v1::ListCarersRequest;
using carers::v1::ListCarersResponse;
using options::v1::ROLE_SUPERVISING_SOCIAL_WORKER;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr char kCarers[] = "fosterwatch.carers.v1.CarersService";

const google::protobuf::ServiceDescriptor* Carers() {
  return GetCarerRequest::descriptor()->file()->FindServiceByName("CarersService");
}

// Of person-1 at northern: F-1 with C-1, and F-2.
class OwnTwo : public Caseload {
 public:
  absl::StatusOr<std::set<std::string>> Foreign(const std::string& agency_id,
                                                const std::string& person_id,
                                                const std::set<std::string>& records) override {
    absl::MutexLock lock(&mutex_);
    if (!status_.ok()) return status_;
    ++asked_;
    std::set<std::string> foreign;
    for (const std::string& record : records) {
      const bool own = agency_id == "northern" && person_id == "person-1" &&
                       (record == "carer:F-1" || record == "carer:F-2" || record == "child:C-1");
      if (!own) foreign.insert(record);
    }
    return foreign;
  }
  void Fail(absl::Status status) {
    absl::MutexLock lock(&mutex_);
    status_ = std::move(status);
  }
  int asked() {
    absl::MutexLock lock(&mutex_);
    return asked_;
  }

 private:
  absl::Mutex mutex_;
  absl::Status status_ ABSL_GUARDED_BY(mutex_);
  int asked_ ABSL_GUARDED_BY(mutex_) = 0;
};

class DoorCaseloadTest : public DoorTest {
 protected:
  // A door of the carers whose GetCarer and ListCarers answer as get_ and list_ say, the former
  // from another thread, as the ledger does.
  void OpenCarers(Caseload* caseload) {
    door_ = std::make_unique<Door>(verifier_.get(), Door::Options());
    door_->Serve(Carers());
    door_->OnAsync<GetCarerRequest, Carer>(
        kCarers, "GetCarer",
        [this](const Call& call, const GetCarerRequest& request, Reply<Carer> reply) {
          ++handled_;
          own_caseload_ = call.own_caseload;
          std::thread([this, request, reply = std::move(reply)] { reply(get_(request)); }).detach();
        });
    door_->On<ListCarersRequest, ListCarersResponse>(
        kCarers, "ListCarers", [this](const Call&, const ListCarersRequest&) { return list_; });
    door_->RefuseTheRest(Carers());
    door_->KeepAccess("fosterwatch.carers.v1", "carers", &log_);
    if (caseload != nullptr) door_->KnowCaseload("fosterwatch.carers.v1", caseload);
    grpc::ServerBuilder builder;
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port_);
    ASSERT_THAT(door_->Open(builder), IsOk());
    server_ = builder.BuildAndStart();
    ASSERT_NE(server_, nullptr);
    client_ = std::make_unique<Client>(
        [this](const std::string&) { return absl::StrCat("127.0.0.1:", port_); });
  }
  absl::StatusOr<Carer> GetCarer(const std::string& id, std::vector<options::v1::Role> roles) {
    GetCarerRequest request;
    request.set_carer_id(id);
    Client::Options options;
    options.token = TokenOf("northern", std::move(roles));
    return client_->Call<Carer>("carers", kCarers, "GetCarer", request, options);
  }
  absl::StatusOr<ListCarersResponse> ListCarers(const ListCarersRequest& request = {}) {
    Client::Options options;
    options.token = TokenOf("northern", {ROLE_SUPERVISING_SOCIAL_WORKER});
    return client_->Call<ListCarersResponse>("carers", kCarers, "ListCarers", request, options);
  }

  std::function<Carer(const GetCarerRequest&)> get_ = [](const GetCarerRequest& request) {
    Carer carer;
    carer.set_carer_id(request.carer_id());
    return carer;
  };
  ListCarersResponse list_;
  std::atomic<int> handled_ = 0;
  std::atomic<bool> own_caseload_ = false;
  OwnTwo own_;
  MemoryLog log_;
};

TEST_F(DoorCaseloadTest, WhatTheRequestNamesIsNotThereUnlessItIsTheCallersOwn) {
  OpenCarers(&own_);
  EXPECT_THAT(GetCarer("F-1", {ROLE_SUPERVISING_SOCIAL_WORKER}), IsOk());
  EXPECT_TRUE(own_caseload_);
  EXPECT_THAT(log_.TakeLines(), ElementsAre("OK  carer:F-1"));
  const int before = handled_;
  const absl::Status foreign = GetCarer("F-9", {ROLE_SUPERVISING_SOCIAL_WORKER}).status();
  EXPECT_THAT(foreign, AllOf(StatusIs(absl::StatusCode::kNotFound), HasReason("NOT_FOUND")));
  EXPECT_EQ(handled_, before) << "the service was not even asked";
  EXPECT_THAT(log_.TakeLines(), ElementsAre("NOT_FOUND NOT_IN_CASELOAD carer:F-9"));
  // As of one that is not there at all.
  EXPECT_EQ(GetCarer("no such", {ROLE_SUPERVISING_SOCIAL_WORKER}).status().ToString(),
            foreign.ToString());
  // Also among others, and in a filter.
  ListCarersRequest request;
  request.add_carer_ids("F-1");
  EXPECT_THAT(ListCarers(request), IsOk());
  request.add_carer_ids("F-9");
  EXPECT_THAT(ListCarers(request), HasReason("NOT_FOUND"));
}

TEST_F(DoorCaseloadTest, AnAnswerThatTellsOfAnothersIsHeldBack) {
  OpenCarers(&own_);
  list_.add_carers()->set_carer_id("F-1");
  list_.add_carers()->set_carer_id("F-2");
  ASSERT_THAT(ListCarers(), IsOk());
  log_.Take();
  list_.add_carers()->set_carer_id("F-9");
  EXPECT_THAT(ListCarers(), AllOf(StatusIs(absl::StatusCode::kNotFound), HasReason("NOT_FOUND")));
  EXPECT_THAT(log_.TakeLines(), ElementsAre("NOT_FOUND NOT_IN_CASELOAD "));
  // At any depth, and when the answer comes from another thread.
  get_ = [](const GetCarerRequest& request) {
    Carer carer;
    carer.set_carer_id(request.carer_id());
    carer.mutable_standing()->set_carer_id("F-9");
    return carer;
  };
  EXPECT_THAT(GetCarer("F-1", {ROLE_SUPERVISING_SOCIAL_WORKER}), HasReason("NOT_FOUND"));
}

TEST_F(DoorCaseloadTest, WhatAnAnswerOnlyMentionsHoldsNothingBack) {
  OpenCarers(&own_);
  get_ = [](const GetCarerRequest& request) {
    Carer carer;
    carer.set_carer_id(request.carer_id());
    carer.add_distinct_carer_ids("F-9");
    carer.add_visits()->add_seen()->set_child_id("C-9");  // who lived there then
    return carer;
  };
  EXPECT_THAT(GetCarer("F-1", {ROLE_SUPERVISING_SOCIAL_WORKER}), IsOk());
  EXPECT_THAT(log_.TakeLines(), ElementsAre("OK  carer:F-1 carer:F-9 child:C-9"))
      << "that it was seen is kept all the same";
}

TEST_F(DoorCaseloadTest, WhoeverHoldsAnotherRoleBesideSeesWhatThatOneSees) {
  OpenCarers(&own_);
  EXPECT_THAT(GetCarer("F-9", {ROLE_SUPERVISING_SOCIAL_WORKER, ROLE_CASEWORKER}), IsOk());
  EXPECT_FALSE(own_caseload_);
  EXPECT_EQ(own_.asked(), 0);
}

TEST_F(DoorCaseloadTest, NothingIsShownWhereItCannotBeSaidWhoseItIs) {
  OpenCarers(&own_);
  own_.Fail(Error(absl::StatusCode::kUnavailable, "DATABASE_AWAY", "the database is away"));
  EXPECT_THAT(GetCarer("F-1", {ROLE_SUPERVISING_SOCIAL_WORKER}), HasReason("DATABASE_AWAY"));
  EXPECT_EQ(handled_, 0);
  list_.add_carers()->set_carer_id("F-1");
  EXPECT_THAT(ListCarers(), HasReason("DATABASE_AWAY"));
}

TEST_F(DoorCaseloadTest, WhereNobodyKnowsACaseloadTheRoleIsNone) {
  OpenCarers(nullptr);
  EXPECT_THAT(GetCarer("F-1", {ROLE_SUPERVISING_SOCIAL_WORKER}), HasReason("ROLE_NOT_ALLOWED"));
  EXPECT_THAT(GetCarer("F-1", {ROLE_CASEWORKER}), IsOk());
  // A real process does not start without.
  Door::Options options;
  options.needs_access_logs = true;
  Door door(verifier_.get(), options);
  door.Serve(Carers());
  door.RefuseTheRest(Carers());
  grpc::ServerBuilder builder;
  EXPECT_THAT(door.Open(builder),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       HasSubstr("/GetCarer is open to an own caseload and nothing here knows")));
}

}  // namespace
}  // namespace fosterwatch::runtime
