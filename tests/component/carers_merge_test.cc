// Records of one household, by the real binary: proposed, merged, taken apart again, or two.
#include <set>
#include <string>
#include <vector>

#include "tests/component/carers_fixture.h"

namespace fosterwatch::carers {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST_F(CarersTest, OneHouseholdIsProposedMergedAndTakenApartAgain) {
  const auto take = [](const std::string& id, const std::string& name, const std::string& address) {
    v1::TakeOverCarerRequest request = TakingOver(id);
    *request.mutable_particulars() = Household(name);
    request.mutable_particulars()->set_address(address);
    Do(kCarers, "TakeOverCarer", request);
  };
  take("TW-1", "Hanna Twice", "1 Old Road");
  take("TW-2", "hanna  TWICE", "2 New Road");
  take("TW-3", "Hanna Once", "2 New Road");
  const auto proposed = [](const std::string& id) {
    v1::ListDuplicatesRequest list;
    list.set_carer_id(id);
    auto answer = Call<v1::ListDuplicatesResponse>(kCarers, "ListDuplicates", list);
    EXPECT_THAT(answer, IsOk());
    std::vector<std::string> pairs;
    if (!answer.ok()) return pairs;
    for (const auto& pair : answer->pairs()) {
      pairs.push_back(absl::StrCat(pair.carer_id(), " ", pair.other_carer_id(),
                                   pair.same_person() ? " person" : "",
                                   pair.same_household() ? " household" : ""));
    }
    return pairs;
  };
  EXPECT_THAT(proposed("TW-1"), ElementsAre("TW-1 TW-2 person"));
  EXPECT_THAT(proposed("TW-3"), IsEmpty());

  v1::MergeCarersRequest merge;
  merge.set_request_id("merge-h");
  merge.set_carer_id("TW-2");
  merge.set_into_carer_id("no-such-carer");
  merge.set_reason("taken over twice");
  EXPECT_THAT(Call(kCarers, "MergeCarers", merge), HasReason("NOT_FOUND"));
  EXPECT_EQ(Get("TW-2").merged_into_carer_id(), "") << "both or neither";
  merge.set_into_carer_id("TW-1");
  for (int i = 0; i < 2; ++i) {  // the same request again gets the first answer
    const Carer kept = Do(kCarers, "MergeCarers", merge);
    EXPECT_EQ(kept.carer_id(), "TW-1");
    EXPECT_THAT(kept.merged_carer_ids(), ElementsAre("TW-2"));
  }
  Carer merged = Get("TW-2");
  EXPECT_EQ(merged.merged_into_carer_id(), "TW-1");
  EXPECT_EQ(merged.duties_size(), 0);
  EXPECT_GT(merged.register_changes_size(), 2) << "its history stays";
  EXPECT_GT(Get("TW-1").duties_size(), 5);
  EXPECT_THAT(proposed("TW-1"), IsEmpty());
  const auto extracted = [] {
    v1::ExtractRegisterRequest request;
    request.set_page_size(1000);
    auto page = Call<v1::ExtractRegisterResponse>(kCarers, "ExtractRegister", request);
    EXPECT_THAT(page, IsOk());
    std::set<std::string> ids;
    if (!page.ok()) return ids;
    for (const auto& entry : page->entries()) ids.insert(entry.carer_id());
    return ids;
  };
  EXPECT_EQ(extracted().count("TW-2"), 0u);
  EXPECT_EQ(extracted().count("TW-1"), 1u);

  v1::UndoMergeRequest undo;
  undo.set_carer_id("TW-2");
  undo.set_reason("cousins of one name");
  EXPECT_EQ(Do(kCarers, "UndoMerge", undo).merged_into_carer_id(), "");
  EXPECT_THAT(Call(kCarers, "UndoMerge", undo), HasReason("NOT_MERGED"));
  EXPECT_THAT(Get("TW-1").merged_carer_ids(), IsEmpty());
  EXPECT_GT(Get("TW-2").duties_size(), 5);
  EXPECT_EQ(extracted().count("TW-2"), 1u);
  EXPECT_THAT(proposed("TW-2"), ElementsAre("TW-1 TW-2 person"));

  v1::KeepCarersApartRequest apart;
  apart.set_carer_id("TW-2");
  apart.set_other_carer_id("TW-1");
  Do(kCarers, "KeepCarersApart", apart);
  EXPECT_THAT(proposed("TW-1"), IsEmpty());
  EXPECT_THAT(Get("TW-1").distinct_carer_ids(), ElementsAre("TW-2"));
  // Nothing that is known of persons stands in a table.
  auto rows = installation_->Database("carers")->Query(
      "SELECT count(*) FROM view.carer WHERE carer::text ILIKE '%hanna%'");
  ASSERT_THAT(rows, IsOk());
  EXPECT_EQ(rows->Int(0, 0), 0);
}

}  // namespace
}  // namespace fosterwatch::carers
