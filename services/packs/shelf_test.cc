#include "services/packs/shelf.h"

#include <string>
#include <utility>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "libs/status/error.h"
#include "libs/testing/status_matchers.h"

namespace fosterwatch::packs {
namespace {

using ::fosterwatch::testing::HasReason;
using ::fosterwatch::testing::IsOk;
using ::fosterwatch::testing::StatusIs;

class ShelfTest : public ::testing::Test {
 protected:
  v1::Pack Put(Shelf::Order order, const Shelf::Owner& owner = Manager()) {
    v1::Pack pack;
    pack.set_kind(v1::Pack::KIND_INSPECTION);
    pack.set_steps(3);
    const auto put = shelf_.Put(owner, pack, std::move(order));
    EXPECT_THAT(put, IsOk());
    return put.value_or(v1::Pack());
  }
  static Shelf::Owner Manager() { return {"agency-a", "manager-1"}; }
  // An order for one file of so many bytes.
  static Shelf::Order File(size_t bytes) {
    return [bytes](const Shelf::Progress&) -> absl::StatusOr<Bound> {
      packs::File file;
      file.about.set_name("one.csv");
      file.about.set_size(static_cast<int64_t>(bytes));
      file.content.assign(bytes, 'x');
      Bound bound;
      bound.manifest_sha256 = "hash";
      bound.files.push_back(std::move(file));
      return bound;
    };
  }
  void Work() {
    shelf_.Work(absl::ZeroDuration(), [] { return false; });
  }
  static v1::ReadPackFileRequest Part(const v1::Pack& pack, const std::string& name,
                                      int64_t offset) {
    v1::ReadPackFileRequest request;
    request.set_pack_id(pack.pack_id());
    request.set_name(name);
    request.set_offset(offset);
    return request;
  }

  absl::Time now_ = absl::FromUnixSeconds(1'795'000'000);
  Shelf shelf_{[this] { return now_; },
               {.waiting = 2, .keep = absl::Minutes(30), .bytes = 2'000'000}};
};

TEST_F(ShelfTest, WhatWasOrderedWaitsIsMadeAndIsReadPartByPart) {
  const v1::Pack ordered = Put(File(1'000'000));
  EXPECT_EQ(ordered.state(), v1::Pack::STATE_WAITING);
  EXPECT_THAT(shelf_.Read(Manager(), Part(ordered, "one.csv", 0)), HasReason("NOT_READY"));
  Work();
  const auto ready = shelf_.Find(Manager(), ordered.pack_id());
  ASSERT_THAT(ready, IsOk());
  EXPECT_EQ(ready->state(), v1::Pack::STATE_READY);
  EXPECT_EQ(ready->manifest_sha256(), "hash");
  EXPECT_EQ(ready->steps_done(), 3);
  std::string content;
  while (content.size() < 1'000'000) {
    const auto part =
        shelf_.Read(Manager(), Part(ordered, "one.csv", static_cast<int64_t>(content.size())));
    ASSERT_THAT(part, IsOk());
    ASSERT_FALSE(part->content().empty());
    EXPECT_LE(part->content().size(), 524'288u);
    content += part->content();
  }
  EXPECT_EQ(content, std::string(1'000'000, 'x'));
}

TEST_F(ShelfTest, NobodyElseFindsIt) {
  const v1::Pack pack = Put(File(1));
  Work();
  const Shelf::Owner others[] = {{"agency-a", "manager-2"}, {"agency-b", "manager-1"}};
  for (const Shelf::Owner& other : others) {
    EXPECT_THAT(shelf_.Find(other, pack.pack_id()), HasReason("UNKNOWN_PACK"));
    EXPECT_THAT(shelf_.Read(other, Part(pack, "one.csv", 0)), HasReason("UNKNOWN_PACK"));
  }
}

TEST_F(ShelfTest, BadReadsAreRefused) {
  const v1::Pack pack = Put(File(10));
  Work();
  EXPECT_THAT(shelf_.Read(Manager(), Part(pack, "../etc/passwd", 0)), HasReason("UNKNOWN_FILE"));
  EXPECT_THAT(shelf_.Read(Manager(), Part(pack, "", 0)), HasReason("UNKNOWN_FILE"));
  EXPECT_THAT(shelf_.Read(Manager(), Part(pack, "one.csv", -1)), HasReason("OUT_OF_RANGE"));
  EXPECT_THAT(shelf_.Read(Manager(), Part(pack, "one.csv", 11)), HasReason("OUT_OF_RANGE"));
  EXPECT_THAT(shelf_.Read(Manager(), Part(pack, "one.csv", 10)), IsOk());
}

TEST_F(ShelfTest, ProgressIsSeenWhileItIsMade) {
  std::string pack_id;
  const v1::Pack pack = Put([&](const Shelf::Progress& progress) -> absl::StatusOr<Bound> {
    EXPECT_TRUE(progress(v1::Pack::STEP_CARERS, 7));
    auto seen = shelf_.Find(Manager(), pack_id);
    EXPECT_EQ(seen->state(), v1::Pack::STATE_MAKING);
    EXPECT_EQ(seen->step(), v1::Pack::STEP_CARERS);
    EXPECT_EQ(seen->steps_done(), 0);
    EXPECT_EQ(seen->records_read(), 7);
    EXPECT_TRUE(progress(v1::Pack::STEP_PDF, 9));
    EXPECT_EQ(shelf_.Find(Manager(), pack_id)->steps_done(), 1);
    return Bound();
  });
  pack_id = pack.pack_id();
  Work();
  EXPECT_EQ(shelf_.Find(Manager(), pack_id)->state(), v1::Pack::STATE_READY);
}

TEST_F(ShelfTest, AFailureSaysWhyWhereItIsWrittenForPeopleAndNothingElse) {
  const v1::Pack told = Put([](const Shelf::Progress&) -> absl::StatusOr<Bound> {
    return Error(absl::StatusCode::kUnavailable, "OWNER_AWAY", "the service kpis does not answer");
  });
  const v1::Pack inner = Put([](const Shelf::Progress&) -> absl::StatusOr<Bound> {
    return absl::InternalError("a secret of the machine");
  });
  Work();
  Work();
  const auto first = shelf_.Find(Manager(), told.pack_id());
  EXPECT_EQ(first->state(), v1::Pack::STATE_FAILED);
  EXPECT_EQ(first->failure_reason(), "OWNER_AWAY");
  EXPECT_EQ(first->failure(), "the service kpis does not answer");
  EXPECT_EQ(first->files_size(), 0);
  const auto second = shelf_.Find(Manager(), inner.pack_id());
  EXPECT_EQ(second->failure_reason(), "INTERNAL");
  EXPECT_EQ(second->failure().find("secret"), std::string::npos);
}

TEST_F(ShelfTest, PastItsPlacesItRefuses) {
  Put(File(1));
  Put(File(1));
  EXPECT_THAT(shelf_.Put(Manager(), v1::Pack(), File(1)),
              StatusIs(absl::StatusCode::kResourceExhausted));
  Work();
  EXPECT_THAT(shelf_.Put(Manager(), v1::Pack(), File(1)), IsOk());
}

TEST_F(ShelfTest, WhatWasMadeIsForgottenAfterAWhile) {
  const v1::Pack pack = Put(File(1));
  Work();
  now_ += absl::Minutes(29);
  EXPECT_THAT(shelf_.Find(Manager(), pack.pack_id()), IsOk());
  now_ += absl::Minutes(1);
  EXPECT_THAT(shelf_.Find(Manager(), pack.pack_id()), HasReason("UNKNOWN_PACK"));
}

TEST_F(ShelfTest, TheOldestMakesRoomAndTheNewestStays) {
  const v1::Pack oldest = Put(File(900'000));
  Work();
  const v1::Pack second = Put(File(900'000));
  Work();
  const v1::Pack large = Put(File(3'000'000));
  Work();
  EXPECT_THAT(shelf_.Find(Manager(), oldest.pack_id()), HasReason("UNKNOWN_PACK"));
  EXPECT_THAT(shelf_.Find(Manager(), second.pack_id()), HasReason("UNKNOWN_PACK"));
  EXPECT_THAT(shelf_.Find(Manager(), large.pack_id()), IsOk());
}

}  // namespace
}  // namespace fosterwatch::packs
