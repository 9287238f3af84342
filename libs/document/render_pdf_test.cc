#include "libs/document/render_pdf.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "libs/testing/status_matchers.h"

namespace fosterwatch::document {
namespace {

using ::fosterwatch::testing::HasReason;
using ::fosterwatch::testing::IsOkAndHolds;
using ::fosterwatch::testing::StatusIs;
using ::testing::HasSubstr;
using ::testing::Not;

// A shell takes the place of Python: what is tested is how the program is kept.
class RenderPdfTest : public ::testing::Test {
 protected:
  RenderPdfTest() {
    char path[] = "/tmp/fosterwatch-pdf.XXXXXX";
    folder_ = mkdtemp(path);
  }
  ~RenderPdfTest() override { std::filesystem::remove_all(folder_); }

  // A renderer whose program is this text of a shell.
  PdfRenderer With(const std::string& shell, absl::Duration most_time = absl::Seconds(60)) {
    const std::string program = folder_ + "/program";
    std::ofstream(program) << "#!/bin/sh\n" << shell << "\n";
    chmod(program.c_str(), 0700);
    std::ofstream(folder_ + "/script.py") << "";
    return PdfRenderer({program, folder_ + "/script.py", most_time});
  }

  std::string folder_;
};

TEST_F(RenderPdfTest, WithoutAProgramItSaysWhichSettingIsMissing) {
  const PdfRenderer none({});
  EXPECT_THAT(none.Check(), HasReason("NO_PDF_RENDERER"));
  EXPECT_THAT(none.Render("<p>"),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("the setting pdf-python")));
  const PdfRenderer away({folder_ + "/nothing", folder_ + "/nothing.py", absl::Seconds(1)});
  EXPECT_THAT(away.Render("<p>"), HasReason("NO_PDF_RENDERER"));
}

TEST_F(RenderPdfTest, TheProgramGetsThePageAndGivesTheDocument) {
  const PdfRenderer renderer = With("printf '%%PDF-'; cat");
  EXPECT_THAT(renderer.Render("<p>page</p>"), IsOkAndHolds("%PDF-<p>page</p>"));
  // More than any buffer between the two.
  const std::string page(5'000'000, 'x');
  EXPECT_THAT(renderer.Render(page), IsOkAndHolds("%PDF-" + page));
}

TEST_F(RenderPdfTest, TheProgramGetsNothingElse) {
  setenv("FOSTERWATCH_TEST_SECRET", "of ours", 1);
  const int left_open = open("/dev/null", O_RDONLY);
  const PdfRenderer renderer = With("printf '%%PDF-'; env; ls /proc/self/fd | tr '\\n' ' '");
  const auto seen = renderer.Render("<p>");
  ASSERT_TRUE(seen.ok()) << seen.status();
  EXPECT_THAT(*seen, Not(HasSubstr("SECRET")));
  // Its three, and the folder that ls reads.
  EXPECT_THAT(*seen, HasSubstr("0 1 2 3 "));
  close(left_open);
  unsetenv("FOSTERWATCH_TEST_SECRET");
}

TEST_F(RenderPdfTest, AProgramThatFailsOrGivesSomethingElseIsAnErrorWithoutTheContent) {
  for (const char* shell : {"exit 3", "cat; exit 1", "cat", "kill -9 $$", "exec <&-; exit 7"}) {
    const auto pdf = With(shell).Render("<p>Robin Child</p>");
    EXPECT_THAT(pdf, HasReason("PDF_FAILED")) << shell;
    EXPECT_THAT(pdf.status().ToString(), Not(HasSubstr("Robin"))) << shell;
  }
}

TEST_F(RenderPdfTest, AProgramThatDoesNotEndIsEnded) {
  const absl::Time began = absl::Now();
  EXPECT_THAT(With("sleep 600", absl::Milliseconds(200)).Render("<p>"),
              HasReason("PDF_TOOK_TOO_LONG"));
  EXPECT_THAT(With("sleep 600").Render("<p>", [] { return true; }),
              StatusIs(absl::StatusCode::kCancelled));
  EXPECT_LT(absl::Now() - began, absl::Seconds(300));
}

// All streams of a PDF, unpacked.
std::string StreamsOf(const std::string& pdf) {
  std::string streams;
  for (size_t at = pdf.find("stream\n"); at != std::string::npos;
       at = pdf.find("\nstream\n", at + 1)) {
    z_stream unpack = {};
    std::string content(1'000'000, '\0');
    at += pdf[at] == '\n';
    unpack.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(pdf.data() + at + 7));
    unpack.avail_in = pdf.size() - at - 7;
    unpack.next_out = reinterpret_cast<Bytef*>(content.data());
    unpack.avail_out = content.size();
    inflateInit(&unpack);
    if (inflate(&unpack, Z_FINISH) == Z_STREAM_END) streams.append(content, 0, unpack.total_out);
    inflateEnd(&unpack);
  }
  return streams;
}

// The real one: FOSTERWATCH_PDF_PYTHON names it, as ./dev does.
TEST_F(RenderPdfTest, ThePdfIsAccessibleTheSameEachTimeAndLoadsNothing) {
  const char* const python = std::getenv("FOSTERWATCH_PDF_PYTHON");
  ASSERT_NE(python, nullptr) << "./dev test sets it";
  const PdfRenderer renderer(
      {python, absl::StrCat(std::getenv("FOSTERWATCH_SHARE_DIR"), "/document/render_pdf.py")});
  const std::string page =
      "<!DOCTYPE html><html lang=\"en-GB\"><head><title>Test</title></head><body><h1>Test</h1>";
  const auto pdf = renderer.Render(page + "</body></html>");
  ASSERT_TRUE(pdf.ok()) << pdf.status();
  const std::string streams = StreamsOf(*pdf);
  EXPECT_THAT(streams, HasSubstr("pdfuaid:part=\"1\""));
  EXPECT_THAT(streams, HasSubstr("/Lang (en-GB)"));
  EXPECT_THAT(streams, HasSubstr("/S /H1"));
  EXPECT_EQ(*pdf, *renderer.Render(page + "</body></html>"));
  for (const char* address : {"http://127.0.0.1:1/x.png", "file:///etc/passwd"}) {
    EXPECT_THAT(renderer.Render(absl::StrCat(page, "<img alt=\"\" src=\"", address, "\">")),
                HasReason("PDF_FAILED"))
        << address;
  }
}

}  // namespace
}  // namespace fosterwatch::document
