#include "apps/fosterwatch/csv.h"

#include <cstdio>
#include <fstream>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include <unistd.h>

#include "libs/status/error.h"

namespace fosterwatch::app {
namespace {

using ::testing::ElementsAre;

class CsvReaderTest : public ::testing::Test {
 protected:
  ~CsvReaderTest() override { std::remove(path_.c_str()); }
  std::unique_ptr<CsvReader> Reader(const std::string& text) {
    std::ofstream(path_, std::ios::binary) << text;
    return *CsvReader::Open(path_);
  }
  // "line: field|field" of each row, or "line: FAULT".
  std::vector<std::string> Rows(const std::string& text) {
    const auto reader = Reader(text);
    std::vector<std::string> rows;
    CsvRow row;
    for (auto more = reader->Next(row); more.ok() && *more; more = reader->Next(row)) {
      std::string shown = std::to_string(row.line) + ":";
      if (row.fault.empty()) {
        for (const std::string& field : row.fields) shown += "|" + field;
      } else {
        shown += row.fault;
      }
      rows.push_back(shown);
    }
    return rows;
  }
  const std::string path_ = ::testing::TempDir() + "/csv_test." + std::to_string(getpid());
};

TEST_F(CsvReaderTest, KnowsTheLineOnWhichEachRowBegins) {
  EXPECT_THAT(Rows("a,b\n1,\"two\nlines, and \"\"marks\"\"\"\n\n\r\n3,4"),
              ElementsAre("1:|a|b", "2:|1|two\nlines, and \"marks\"", "6:|3|4"));
}

TEST_F(CsvReaderTest, TakesLinesThatEndAsOnWindowsAndAByteOrderMark) {
  EXPECT_THAT(Rows("\xEF\xBB\xBF"
                   "a,b\r\n1,\r\n,2\r\n"),
              ElementsAre("1:|a|b", "2:|1|", "3:||2"));
}

TEST_F(CsvReaderTest, ARowThatIsNoCsvCostsItselfOnly) {
  EXPECT_THAT(Rows("a,b\n1,x\"y\n3,4\n"), ElementsAre("1:|a|b", "2:NOT_CSV", "3:|3|4"));
  EXPECT_THAT(Rows("a\n\xE9t\xE9\nb\n"), ElementsAre("1:|a", "2:NOT_UTF8", "3:|b"));
  EXPECT_THAT(Rows("a\n\"open"), ElementsAre("1:|a", "2:NOT_CSV"));
}

TEST_F(CsvReaderTest, AQuoteThatIsNeverClosedDoesNotFillTheMemory) {
  std::string text = "a\n\"open\n";
  for (int i = 0; i < 100'000; ++i) text += "one more line\n";
  const auto reader = Reader(text);
  CsvRow row;
  ASSERT_TRUE(*reader->Next(row));
  const auto next = reader->Next(row);
  EXPECT_EQ(ReasonOf(next.status()), "ROW_TOO_LONG");
  EXPECT_THAT(std::string(next.status().message()), ::testing::HasSubstr("line 2 "));
}

TEST_F(CsvReaderTest, AFileThatIsNotThereIsSaidSo) {
  EXPECT_EQ(ReasonOf(CsvReader::Open("/nowhere/at/all.csv").status()), "NO_FILE");
  EXPECT_EQ(ReasonOf(CsvReader::Open("/").status()), "NO_FILE");
}

TEST_F(CsvReaderTest, WhatIsWrittenIsRead) {
  const std::vector<std::string> fields{"plain",      "a,b", "a \"quote\"",
                                        "two\nlines", "",    "caf\xC3\xA9"};
  const auto reader = Reader(CsvLine(fields));
  CsvRow row;
  ASSERT_TRUE(*reader->Next(row));
  EXPECT_EQ(row.fields, fields);
}

}  // namespace
}  // namespace fosterwatch::app
