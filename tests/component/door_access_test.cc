// What the door keeps of who looks at what, and that nothing leaves before it is kept.
#include "tests/component/door_fixture.h"

namespace fosterwatch::runtime {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class DoorAccessTest : public DoorTest {
 protected:
  void OpenWithLog() {
    Open([](const Call&, const GetBodyRequest&, Reply<Body> reply) { reply(Body()); }, {}, false,
         &log_);
  }
  Client::Options As(std::vector<options::v1::Role> roles) {
    Client::Options options;
    options.token = TokenOf("northern", std::move(roles));
    options.trace_parent = "00-0123456789abcdef0123456789abcdef-0123456789abcdef-01";
    return options;
  }
  absl::StatusOr<RoleHolder> End(const std::string& holder_id, const Client::Options& options) {
    EndHolderRequest request;
    request.set_holder_id(holder_id);
    return client_->Call<RoleHolder>("directory", kService, "EndHolder", request, options);
  }
  MemoryLog log_;
};

TEST_F(DoorAccessTest, KeepsWhoSawWhichRecordByWhichMethod) {
  end_holder_ = [](const Call&, const EndHolderRequest&) {
    RoleHolder holder;
    holder.set_holder_id("h-2");
    holder.set_name("Jane Doe");
    return holder;
  };
  OpenWithLog();
  Client::Options options = As({ROLE_ADMINISTRATOR, ROLE_CASEWORKER});
  options.purpose = "inspection";
  ASSERT_THAT(End("h-1", options), IsOk());
  const auto notes = log_.Take();
  ASSERT_THAT(notes, SizeIs(1));
  const AccessNote& note = *notes[0];
  EXPECT_EQ(note.agency_id, "northern");
  EXPECT_EQ(note.person_id, "person-1");
  EXPECT_EQ(note.roles, "administrator,caseworker");
  EXPECT_EQ(note.method, absl::StrCat(kService, "/EndHolder"));
  EXPECT_EQ(note.outcome, "OK");
  EXPECT_EQ(note.purpose, "inspection");
  EXPECT_EQ(note.trace_id, "0123456789abcdef0123456789abcdef");
  EXPECT_THAT(note.records, ElementsAre("holder:h-1", "holder:h-2"));
}

TEST_F(DoorAccessTest, NothingIsShownThatCannotBeKept) {
  int ended = 0;
  end_holder_ = [&](const Call&, const EndHolderRequest& request) -> absl::StatusOr<RoleHolder> {
    ++ended;
    if (request.holder_id() == "unknown") {
      return Error(absl::StatusCode::kNotFound, "NOT_FOUND", "there is no such holder");
    }
    return RoleHolder();
  };
  log_.Fail(absl::InternalError("the disk is full at /var/lib"));
  OpenWithLog();
  const absl::Status refused = End("h-1", As({ROLE_ADMINISTRATOR})).status();
  EXPECT_THAT(refused,
              AllOf(StatusIs(absl::StatusCode::kUnavailable), HasReason("ACCESS_NOT_RECORDED")));
  EXPECT_THAT(refused.ToString(), Not(HasSubstr("disk")));
  EXPECT_EQ(ended, 1);
  // Nor that there is none.
  EXPECT_THAT(End("unknown", As({ROLE_ADMINISTRATOR})), HasReason("ACCESS_NOT_RECORDED"));
  log_.Fail(absl::OkStatus());
  EXPECT_THAT(End("h-1", As({ROLE_ADMINISTRATOR})), IsOk());
}

TEST_F(DoorAccessTest, KeepsRefusalsAndWhatWasAskedFor) {
  end_holder_ = [](const Call&, const EndHolderRequest& request) -> absl::StatusOr<RoleHolder> {
    if (request.holder_id() == "bad") return InvalidField("holder_id", "REQUIRED", "is bad");
    return Error(absl::StatusCode::kNotFound, "NOT_FOUND", "there is no such holder");
  };
  OpenWithLog();
  const auto outcome = [&] {
    const auto notes = log_.Take();
    EXPECT_THAT(notes, SizeIs(1));
    if (notes.size() != 1) return std::string();
    return absl::StrCat(notes[0]->outcome, " ", notes[0]->reason, " ",
                        notes[0]->records.empty() ? "" : *notes[0]->records.begin());
  };
  EXPECT_THAT(End("h-9", As({ROLE_ADMINISTRATOR})), HasReason("NOT_FOUND"));
  EXPECT_EQ(outcome(), "NOT_FOUND NOT_FOUND holder:h-9");
  EXPECT_THAT(End("h-9", As({ROLE_PUBLISHER})), HasReason("ROLE_NOT_ALLOWED"));
  EXPECT_EQ(outcome(), "PERMISSION_DENIED ROLE_NOT_ALLOWED holder:h-9");
  // Somebody's name in place of an id is not kept.
  EXPECT_THAT(End("Jane Doe", As({ROLE_PUBLISHER})), HasReason("ROLE_NOT_ALLOWED"));
  EXPECT_EQ(outcome(), "PERMISSION_DENIED ROLE_NOT_ALLOWED holder:?");
  Client::Options foreign = As({ROLE_ADMINISTRATOR});
  foreign.agency_id = "southern";
  EXPECT_THAT(End("h-9", foreign), HasReason("AGENCY_NOT_ALLOWED"));
  EXPECT_EQ(outcome(), "PERMISSION_DENIED AGENCY_NOT_ALLOWED holder:h-9");
  // A token that is over says whose it was; one that is no token says nothing.
  Client::Options over;
  over.token = TokenOf("northern", {ROLE_ADMINISTRATOR}, -absl::Minutes(2));
  EXPECT_THAT(End("h-9", over), HasReason("TOKEN_EXPIRED"));
  EXPECT_EQ(outcome(), "UNAUTHENTICATED TOKEN_EXPIRED holder:h-9");
  // As does one that was taken back.
  const Client::Options taken = As({ROLE_ADMINISTRATOR});
  const auto whose = verifier_->Verify(taken.token, absl::Now());
  verifier_->ended().Add({{"northern", whose->token_id, "", {}, absl::Now() + absl::Hours(1)}});
  EXPECT_THAT(End("h-9", taken), HasReason("TOKEN_ENDED"));
  EXPECT_EQ(outcome(), "UNAUTHENTICATED TOKEN_ENDED holder:h-9");
  over.token.back() = over.token.back() == 'A' ? 'B' : 'A';
  EXPECT_THAT(End("h-9", over), HasReason("TOKEN_INVALID"));
  // What was wrong with a request is no matter of who may see.
  EXPECT_THAT(End("bad", As({ROLE_ADMINISTRATOR})), HasReason("REQUIRED"));
  EXPECT_THAT(log_.Take(), IsEmpty());
}

TEST_F(DoorAccessTest, WhatItsTransactionKeptIsNotKeptAgainButWhatItDidNotIs) {
  end_holder_ = [](const Call& call, const EndHolderRequest& request) {
    call.access->SetKept({"holder:h-1"});
    RoleHolder holder;
    holder.set_holder_id(request.holder_id());
    return holder;
  };
  OpenWithLog();
  ASSERT_THAT(End("h-1", As({ROLE_ADMINISTRATOR})), IsOk());
  EXPECT_THAT(log_.Take(), IsEmpty());
  ASSERT_THAT(End("h-2", As({ROLE_ADMINISTRATOR})), IsOk());
  EXPECT_THAT(log_.Take(), SizeIs(1));
}

TEST_F(DoorAccessTest, AServiceIsKeptForTheAgencyThatItNames) {
  OpenWithLog();
  Client::Options service;
  service.token = TokenOf("*", {ROLE_SERVICE});
  service.agency_id = "southern";
  EXPECT_THAT(End("h-1", service), HasReason("ROLE_NOT_ALLOWED"));
  const auto notes = log_.Take();
  ASSERT_THAT(notes, SizeIs(1));
  EXPECT_EQ(notes[0]->agency_id, "southern");
  EXPECT_EQ(notes[0]->roles, "service");
}

TEST_F(DoorAccessTest, APurposeIsAWord) {
  OpenWithLog();
  for (const char* purpose : {"Jane Doe", "visit!", "Visit"}) {
    Client::Options options = As({ROLE_ADMINISTRATOR});
    options.purpose = purpose;
    EXPECT_THAT(End("h-1", options), HasReason("INVALID_PURPOSE")) << purpose;
  }
  EXPECT_THAT(log_.Take(), IsEmpty());
}

TEST_F(DoorAccessTest, AMethodThatShowsPeopleWithoutALogStopsTheStart) {
  Door::Options options;
  options.needs_access_logs = true;
  Door door(verifier_.get(), options);
  door.Serve(Directory());
  door.RefuseTheRest(Directory());
  grpc::ServerBuilder builder;
  EXPECT_THAT(
      door.Open(builder),
      StatusIs(absl::StatusCode::kFailedPrecondition,
               HasSubstr("/ListHolders shows personal fields and nothing keeps who looks")));
}

}  // namespace
}  // namespace fosterwatch::runtime
