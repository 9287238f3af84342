// What the door takes out of answers because it is sealed to who asks, whatever the service behind
// it answers, and what the log has of it.
#include <set>
#include <thread>

#include "fosterwatch/carers/v1/carers_service.pb.h"
#include "libs/runtime/sections.h"
#include "tests/component/door_fixture.h"

namespace fosterwatch::runtime {
namespace {

using carers::v1::Carer;
using carers::v1::GetCarerRequest;
using carers::v1::ListCarersRequest;
using carers::v1::ListCarersResponse;
using options::v1::ROLE_RESPONSIBLE_INDIVIDUAL;
using options::v1::ROLE_SUPERVISING_SOCIAL_WORKER;
using options::v1::SECTION_ALLEGATION;
using options::v1::SECTION_PANEL;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr char kCarers[] = "fosterwatch.carers.v1.CarersService";
constexpr char kRules[] = R"({"editions": [{"version": "a", "fromTime": "2026-01-01T00:00:00Z",
  "rules": [
    {"section": "SECTION_ALLEGATION", "roles": ["ROLE_CASEWORKER"], "source": "s", "grade": "M"},
    {"section": "SECTION_PANEL", "roles": ["ROLE_CASEWORKER", "ROLE_SUPERVISING_SOCIAL_WORKER"],
     "source": "s", "grade": "M"},
    {"section": "SECTION_ADOPTION", "source": "s", "grade": "M"}]}]})";

const google::protobuf::ServiceDescriptor* Carers() {
  return GetCarerRequest::descriptor()->file()->FindServiceByName("CarersService");
}

// Everything is in everybody's.
class EveryCaseload : public Caseload {
 public:
  absl::StatusOr<std::set<std::string>> Foreign(const std::string&, const std::string&,
                                                const std::set<std::string>&) override {
    return std::set<std::string>();
  }
};

Carer Whole(const std::string& id) {
  Carer carer;
  carer.set_carer_id(id);
  carer.set_name("a name");
  carer.add_recommendations()->set_reasons("what the panel said");
  carer.mutable_suspension()->set_reason("what is alleged");
  return carer;
}

class DoorSectionsTest : public DoorTest {
 protected:
  void OpenCarers(bool with_table = true) {
    Door::Options options;
    if (with_table) options.sections = *SectionTable::Parse(kRules);
    door_ = std::make_unique<Door>(verifier_.get(), std::move(options));
    door_->Serve(Carers());
    // From another thread, as the ledger does.
    door_->OnAsync<GetCarerRequest, Carer>(
        kCarers, "GetCarer", [](const Call&, const GetCarerRequest& request, Reply<Carer> reply) {
          std::thread([request, reply = std::move(reply)] {
            reply(Whole(request.carer_id()));
          }).detach();
        });
    door_->On<ListCarersRequest, ListCarersResponse>(kCarers, "ListCarers",
                                                     [](const Call&, const ListCarersRequest&) {
                                                       ListCarersResponse list;
                                                       list.add_carers()->set_carer_id("F-1");
                                                       return list;
                                                     });
    door_->RefuseTheRest(Carers());
    door_->KeepAccess("fosterwatch.carers.v1", "carers", &log_);
    door_->KnowCaseload("fosterwatch.carers.v1", &caseload_);
    grpc::ServerBuilder builder;
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port_);
    ASSERT_THAT(door_->Open(builder), IsOk());
    server_ = builder.BuildAndStart();
    ASSERT_NE(server_, nullptr);
    client_ = std::make_unique<Client>(
        [this](const std::string&) { return absl::StrCat("127.0.0.1:", port_); });
  }
  Carer Get(std::vector<options::v1::Role> roles) {
    GetCarerRequest request;
    request.set_carer_id("F-1");
    Client::Options options;
    const bool service = roles.front() == ROLE_SERVICE;
    options.token = TokenOf(service ? "*" : "northern", std::move(roles));
    options.agency_id = service ? "northern" : "";
    const auto carer = client_->Call<Carer>("carers", kCarers, "GetCarer", request, options);
    EXPECT_THAT(carer, IsOk()) << carer.status();
    return carer.value_or(Carer());
  }

  MemoryLog log_;
  EveryCaseload caseload_;
};

TEST_F(DoorSectionsTest, WhoseRolesDoNotOpenItGetsTheRecordWithoutItAndIsToldSo) {
  OpenCarers();
  const Carer sealed = Get({ROLE_RESPONSIBLE_INDIVIDUAL});
  EXPECT_EQ(sealed.name(), "a name");
  EXPECT_EQ(sealed.recommendations(0).reasons(), "");
  EXPECT_THAT(sealed.recommendations(0).sealed_sections(), ElementsAre(SECTION_PANEL));
  EXPECT_EQ(sealed.suspension().reason(), "");
  EXPECT_THAT(sealed.suspension().sealed_sections(), ElementsAre(SECTION_ALLEGATION));
  EXPECT_THAT(log_.TakeLines(), ElementsAre("OK  carer:F-1 sealed:allegation sealed:panel"));
}

TEST_F(DoorSectionsTest, WhoseRolesOpenItAndOurOwnServicesReadIt) {
  OpenCarers();
  for (const std::vector<options::v1::Role>& roles :
       {std::vector<options::v1::Role>{ROLE_CASEWORKER},
        {ROLE_SERVICE},
        {ROLE_RESPONSIBLE_INDIVIDUAL, ROLE_CASEWORKER}}) {
    EXPECT_EQ(Get(roles).DebugString(), Whole("F-1").DebugString());
    EXPECT_THAT(log_.TakeLines(), ElementsAre("OK  carer:F-1 section:allegation section:panel"));
  }
}

TEST_F(DoorSectionsTest, AnOwnCaseloadIsSealedAsAnyOther) {
  OpenCarers();
  const Carer own = Get({ROLE_SUPERVISING_SOCIAL_WORKER});
  EXPECT_EQ(own.recommendations(0).reasons(), "what the panel said");
  EXPECT_EQ(own.suspension().reason(), "");
  EXPECT_THAT(own.suspension().sealed_sections(), ElementsAre(SECTION_ALLEGATION));
  EXPECT_THAT(log_.TakeLines(), ElementsAre("OK  carer:F-1 sealed:allegation section:panel"));
}

TEST_F(DoorSectionsTest, WithoutATableNothingSealedLeavesButToOurOwnServices) {
  OpenCarers(/*with_table=*/false);
  EXPECT_EQ(Get({ROLE_CASEWORKER}).suspension().reason(), "");
  EXPECT_EQ(Get({ROLE_SERVICE}).suspension().reason(), "what is alleged");
}

TEST_F(DoorSectionsTest, AnAnswerWithNothingSealedSaysNothingOfIt) {
  OpenCarers();
  Client::Options options;
  options.token = TokenOf("northern", {ROLE_RESPONSIBLE_INDIVIDUAL});
  const auto list = client_->Call<ListCarersResponse>("carers", kCarers, "ListCarers",
                                                      ListCarersRequest(), options);
  ASSERT_THAT(list, IsOk());
  EXPECT_THAT(log_.TakeLines(), ElementsAre("OK  carer:F-1"));
}

}  // namespace
}  // namespace fosterwatch::runtime
