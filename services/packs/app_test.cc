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
  EXPECT_THAT(app.CheckPdf(), HasReason("NO_PDF_RENDERER"));
  EXPECT_EQ(app.waiting(), 0);
}

}  // namespace
}  // namespace fosterwatch::packs
