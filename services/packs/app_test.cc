#include "services/packs/app.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "libs/testing/status_matchers.h"

namespace fosterwatch::packs {
namespace {

using ::fosterwatch::testing::HasReason;

TEST(AppTest, WithoutARendererAnOrderIsRefusedAndNothingIsRead) {
  App app({.now = [] { return absl::FromUnixSeconds(1'795'000'000); }});
  const runtime::Call call;
  EXPECT_THAT(app.MakeInspectionPack(call, {}), HasReason("NO_PDF_RENDERER"));
  EXPECT_THAT(app.MakeComplaintsStatement(call, {}), HasReason("NO_PDF_RENDERER"));
  v1::MakeBoardEditionRequest edition;
  EXPECT_THAT(app.MakeBoardEdition(call, edition), HasReason("REQUIRED"));
  edition.set_edition_id("board-2026-10-1");
  EXPECT_THAT(app.MakeBoardEdition(call, edition), HasReason("NO_PDF_RENDERER"));
  EXPECT_THAT(app.CheckPdf(), HasReason("NO_PDF_RENDERER"));
  EXPECT_EQ(app.waiting(), 0);
}

}  // namespace
}  // namespace fosterwatch::packs
