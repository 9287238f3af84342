#include "apps/fosterwatch/import_run.h"

#include <cstdio>
#include <fstream>
#include <map>
#include <sstream>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include <unistd.h>

#include "libs/status/error.h"

namespace fosterwatch::app {
namespace {

using ::testing::HasSubstr;

// A register in memory, which refuses the colour "red", and knows "late" only when asked again.
class Shelf : public Register {
 public:
  Pace pace() const override { return {7, 3}; }
  const std::vector<Column>& columns() const override { return columns_; }
  std::string IdOf(const Header& header, const CsvRow& row) const override {
    return header.Get(row, "id");
  }
  std::vector<std::string> LikenessesOf(const Header& header, const CsvRow& row) const override {
    return {header.Get(row, "name"), header.Get(row, "person")};
  }
  absl::Status EachKnown(
      const std::function<void(const std::string&, const std::string&)>& take) override {
    take("Known Before", "X-1");
    return absl::OkStatus();
  }
  absl::StatusOr<std::vector<RowResult>> Send(const Header& header, const std::vector<CsvRow>& rows,
                                              bool dry_run) override {
    absl::MutexLock lock(&mutex_);
    if (away_-- > 0) return absl::UnavailableError("nobody is there");
    std::vector<RowResult> results;
    for (const CsvRow& row : rows) {
      const std::string& id = header.Get(row, "id");
      const std::string& colour = header.Get(row, "colour");
      if (colour == "red") {
        results.push_back(
            {RowResult::kRejected, "WRONG_COLOUR", "colour", "is red, which \"stops\""});
      } else if (colour == "late" && asked_[id]++ == 0) {
        results.push_back({RowResult::kRejected, "UNKNOWN_CARER", "colour", "has not arrived"});
      } else if (!dry_run && shelf_.contains(id)) {
        results.push_back({RowResult::kUnchanged, "", "", ""});
      } else {
        if (!dry_run) shelf_[id] = colour;
        results.push_back({RowResult::kRecorded, "", "", ""});
      }
    }
    return results;
  }

  std::map<std::string, std::string> shelf_;
  int away_ = 0;

 private:
  const std::vector<Column> columns_{
      {"id", true, ""}, {"name", true, ""}, {"colour", false, ""}, {"person", false, ""}};
  absl::Mutex mutex_;
  std::map<std::string, int> asked_;
};

class ImportTest : public ::testing::Test {
 protected:
  ~ImportTest() override {
    for (const std::string& path : {File(), Rejects(), Duplicates()}) std::remove(path.c_str());
  }
  std::string File() const { return base_ + ".csv"; }
  std::string Rejects() const { return base_ + ".rejects"; }
  std::string Duplicates() const { return base_ + ".duplicates"; }
  void Write(const std::string& text) { std::ofstream(File(), std::ios::binary) << text; }
  static std::string Text(const std::string& path) {
    std::ostringstream text;
    text << std::ifstream(path).rdbuf();
    return text.str();
  }
  absl::StatusOr<ImportSummary> Import(bool dry_run = false, const std::string& file = "") {
    ImportOptions options;
    options.file = file.empty() ? File() : file;
    options.rejects_file = Rejects();
    options.duplicates_file = Duplicates();
    options.dry_run = dry_run;
    return RunImport(shelf_, options);
  }

  const std::string base_ = ::testing::TempDir() + "/import_test." + std::to_string(getpid());
  Shelf shelf_;
};

TEST_F(ImportTest, EveryRowIsRecordedUnchangedOrRejectedWithItsLine) {
  std::string text = "id,name,colour\n";
  for (int i = 0; i < 1000; ++i) {
    absl::StrAppend(&text, "X-", i + 10, ",Name ", i, ",", i % 100 == 3 ? "red" : "blue", "\n");
  }
  Write(text);
  const auto first = Import();
  ASSERT_TRUE(first.ok()) << first.status();
  EXPECT_EQ(first->rows, 1000);
  EXPECT_EQ(first->recorded, 990);
  EXPECT_EQ(first->rejected, 10);
  const std::string rejects = Text(Rejects());
  EXPECT_THAT(rejects, HasSubstr("line,reason,field,description,id,name,colour\n"
                                 "5,WRONG_COLOUR,colour,\"is red, which \"\"stops\"\"\",X-13,"));
  EXPECT_LT(rejects.find("\n105,"), rejects.find("\n905,"));
  const auto second = Import();
  ASSERT_TRUE(second.ok()) << second.status();
  EXPECT_EQ(second->recorded, 0);
  EXPECT_EQ(second->unchanged, 990);
}

TEST_F(ImportTest, TheFileOfRejectsMendedIsAFileToImport) {
  Write("id,name,colour\nX-2,One,red\n");
  ASSERT_TRUE(Import().ok());
  std::string mended = Text(Rejects());
  mended.replace(mended.rfind("red"), 3, "blue");
  Write(mended);
  const auto again = Import();
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(again->recorded, 1);
  EXPECT_EQ(shelf_.shelf_.at("X-2"), "blue");
}

TEST_F(ImportTest, ADryRunRecordsNothing) {
  Write("id,name,colour\nX-2,One,blue\nX-3,Two,red\n");
  const auto summary = Import(/*dry_run=*/true);
  ASSERT_TRUE(summary.ok()) << summary.status();
  EXPECT_EQ(summary->recorded, 1);
  EXPECT_EQ(summary->rejected, 1);
  EXPECT_TRUE(shelf_.shelf_.empty());
}

TEST_F(ImportTest, ColumnsThatAreWrongAreAllNamedBeforeAnythingIsSent) {
  Write("id,Shape,size,id\nX-2,One,1,2\n");
  const auto summary = Import();
  EXPECT_EQ(ReasonOf(summary.status()), "WRONG_COLUMNS");
  EXPECT_THAT(std::string(summary.status().message()),
              HasSubstr("missing: name; not known: shape, size; there twice: id"));
  EXPECT_TRUE(shelf_.shelf_.empty());
}

TEST_F(ImportTest, WhatHasNotArrivedIsSentAgain) {
  Write("id,name,colour\nX-2,One,late\nX-3,Two,blue\n");
  shelf_.away_ = 2;
  const auto summary = Import();
  ASSERT_TRUE(summary.ok()) << summary.status();
  EXPECT_EQ(summary->recorded, 2);
}

TEST_F(ImportTest, ABatchThatNobodyAnswersIsSentAgainHoweverLongTheFileTakes) {
  Write("id,name,colour\n1,One,blue\n2,Two,blue\n");
  ImportOptions options;
  options.file = File();
  options.patience = absl::ZeroDuration();
  shelf_.away_ = 2;
  const auto summary = RunImport(shelf_, options);
  ASSERT_TRUE(summary.ok()) << summary.status();
  EXPECT_EQ(summary->recorded, 2);
  options.answer_patience = absl::ZeroDuration();
  shelf_.away_ = 2;
  EXPECT_EQ(RunImport(shelf_, options).status().code(), absl::StatusCode::kUnavailable);
}

TEST_F(ImportTest, WhatLooksLikeAnotherIsProposedAndRecordedAsItIs) {
  Write("id,name\nX-2,Same Name\nX-3,Same Name\nX-4,Known Before\n");
  const auto summary = Import();
  ASSERT_TRUE(summary.ok()) << summary.status();
  EXPECT_EQ(summary->recorded, 3);
  EXPECT_EQ(summary->possible_duplicates, 2);
  EXPECT_EQ(Text(Duplicates()), "line,id,like_id,like_line\n3,X-3,X-2,2\n4,X-4,X-1,\n");
}

TEST_F(ImportTest, WhoeverIsLikeAnotherInSeveralWaysIsProposedOnceForEach) {
  Write("id,name,person\nX-2,Same,Ann\nX-3,Same,Ann\nX-4,Other,Ann\nX-5,Same,Bob\nX-6,Other,Bob\n");
  const auto summary = Import();
  ASSERT_TRUE(summary.ok()) << summary.status();
  EXPECT_EQ(summary->possible_duplicates, 4);
  EXPECT_EQ(Text(Duplicates()),
            "line,id,like_id,like_line\n3,X-3,X-2,2\n4,X-4,X-2,2\n5,X-5,X-2,2\n6,X-6,X-4,4\n"
            "6,X-6,X-5,5\n");
}

TEST_F(ImportTest, OneIdTwiceIsAFaultUnlessTheRowIsTheSame) {
  Write("id,name\nX-2,One\nX-2,One\nX-2,Two\nX-5\n");
  const auto summary = Import();
  ASSERT_TRUE(summary.ok()) << summary.status();
  EXPECT_EQ(summary->recorded, 1);
  EXPECT_EQ(summary->unchanged, 1);
  EXPECT_EQ(summary->rejected, 2);
  EXPECT_THAT(Text(Rejects()),
              HasSubstr("4,DUPLICATE_ID,,says something else of the id of line 2"));
  EXPECT_THAT(Text(Rejects()), HasSubstr("5,WRONG_FIELD_COUNT,,has 1 fields under 2 columns,X-5"));
}

TEST_F(ImportTest, AFileThatCannotBeReadIsSaidSo) {
  EXPECT_EQ(ReasonOf(Import(false, "/nowhere/at/all.csv").status()), "NO_FILE");
  Write("");
  EXPECT_EQ(ReasonOf(Import().status()), "WRONG_COLUMNS");
}

}  // namespace
}  // namespace fosterwatch::app
