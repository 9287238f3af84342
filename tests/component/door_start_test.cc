// What stops the start.
#include "tests/component/door_fixture.h"

namespace fosterwatch::runtime {
namespace {

class DoorStartTest : public ::testing::Test {
 protected:
  absl::Status Open(Door& door) {
    grpc::ServerBuilder builder;
    return door.Open(builder);
  }
  Door door_{nullptr, {}};
};

TEST_F(DoorStartTest, AMethodWithoutAHandlerStopsTheStart) {
  door_.Serve(Directory());
  AnswerEmpty<GetBodyRequest, Body>(door_, "GetBody");
  EXPECT_THAT(Open(door_),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       AllOf(HasSubstr("/fosterwatch.directory.v1.DirectoryService/RecordBody has "
                                       "no handler"),
                             Not(HasSubstr("GetBody")))));
}

TEST_F(DoorStartTest, AMethodWithoutAnAccessOptionStopsTheStart) {
  google::protobuf::FileDescriptorProto file;
  file.set_name("open.proto");
  file.add_message_type()->set_name("Nothing");
  auto* service = file.add_service();
  service->set_name("OpenService");
  auto* method = service->add_method();
  method->set_name("Enter");
  method->set_input_type("Nothing");
  method->set_output_type("Nothing");
  google::protobuf::DescriptorPool pool;
  door_.Serve(pool.BuildFile(file)->service(0));
  EXPECT_THAT(Open(door_), StatusIs(absl::StatusCode::kFailedPrecondition,
                                    HasSubstr("/OpenService/Enter has no access option")));
}

TEST_F(DoorStartTest, AHandlerForNoMethodStopsTheStart) {
  AnswerEmpty<GetBodyRequest, Body>(door_, "GetBodies");
  EXPECT_THAT(Open(door_), StatusIs(absl::StatusCode::kFailedPrecondition,
                                    HasSubstr("GetBodies has a handler but is no method")));
}

TEST_F(DoorStartTest, AHandlerOfOtherTypesStopsTheStart) {
  AnswerEmpty<RecordBodyRequest, Body>(door_, "GetBody");
  EXPECT_THAT(Open(door_), StatusIs(absl::StatusCode::kFailedPrecondition,
                                    HasSubstr("GetBody has a handler of other types")));
}

TEST_F(DoorStartTest, TwoHandlersOfOneMethodStopTheStart) {
  AnswerEmpty<GetBodyRequest, Body>(door_, "GetBody");
  AnswerEmpty<GetBodyRequest, Body>(door_, "GetBody");
  EXPECT_THAT(Open(door_), StatusIs(absl::StatusCode::kFailedPrecondition,
                                    HasSubstr("GetBody has two handlers")));
}

TEST_F(DoorStartTest, AHandlerWhoseServiceIsNotServedStopsTheStart) {
  AnswerEmpty<GetBodyRequest, Body>(door_, "GetBody");
  EXPECT_THAT(Open(door_), StatusIs(absl::StatusCode::kFailedPrecondition,
                                    HasSubstr("its service is not served")));
}

TEST_F(DoorStartTest, AModuleAnswersAMethodOnceAndOnlyWhereTheRequestNamesIt) {
  struct Nothing {
    absl::StatusOr<Body> Get(const Call&, const GetBodyRequest&) { return Body(); }
    absl::StatusOr<operations::v1::ParkedRecord> GetParked(
        const Call&, const operations::v1::GetParkedRequest&) {
      return operations::v1::ParkedRecord();
    }
  } nothing;
  constexpr char kParked[] = "fosterwatch.operations.v1.ParkedService";
  door_.OnFor("kpis", kParked, "GetParked", &nothing, &Nothing::GetParked);
  door_.OnFor("kpis", kParked, "GetParked", &nothing, &Nothing::GetParked);
  door_.OnFor("kpis", kService, "GetBody", &nothing, &Nothing::Get);
  EXPECT_THAT(Open(door_), StatusIs(absl::StatusCode::kFailedPrecondition,
                                    AllOf(HasSubstr("GetParked has two handlers for kpis"),
                                          HasSubstr("GetBody has no field that names a module"))));
}

TEST_F(DoorStartTest, AStreamStopsTheStart) {
  door_.Serve(gateway::v1::WatchRequest::descriptor()->file()->FindServiceByName("LiveService"));
  EXPECT_THAT(Open(door_),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("Watch streams")));
}

}  // namespace
}  // namespace fosterwatch::runtime
