#include "libs/document/document.h"

#include <cstdint>
#include <cstring>
#include <map>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include <zlib.h>

#include "libs/document/text.h"
#include "libs/testing/status_matchers.h"
#include "rapidcheck.h"
#include "rapidcheck/gtest.h"

namespace fosterwatch::document {
namespace {

using ::fosterwatch::testing::HasReason;
using ::fosterwatch::testing::IsOk;
using ::testing::HasSubstr;
using ::testing::Not;

Document With(const std::string& text) {
  Document document;
  document.title = text;
  document.subtitle = text;
  Cell link(text);
  link.link = "https://example.org/?a=1&b=\"" + text;
  document.cover = {{text, Cell(text)}};
  Table table{"events", text, {{text}, {"Count", true}}, {}};
  table.rows = {{link, Cell::Of(-3)}, {text, text}};
  document.sections.push_back({"events", text, {text}, {text}, {table}});
  return document;
}

// What is left of the markup when all that a text may be is taken out: tags of a page without one.
std::string TagsOf(const std::string& html) {
  std::string tags;
  bool inside = false;
  for (const char c : html) {
    if (c == '<') inside = true;
    if (inside && c != '"') tags += c;
    if (c == '>') inside = false;
  }
  return tags;
}

TEST(DocumentTest, NoTextBecomesMarkupWhereverItStands) {
  const std::string html = WriteHtml(With("<script>alert('1')</script>\"&"));
  EXPECT_THAT(html, Not(HasSubstr("<script")));
  EXPECT_THAT(html, HasSubstr("&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;&quot;&amp;"));
}

RC_GTEST_PROP(DocumentProperties, TheTagsDoNotDependOnTheTexts, (const std::string& text)) {
  // The address of a link is a text as well; all else that is in a tag is ours.
  Document any = With(text);
  Document plain = With("x");
  any.sections[0].tables[0].rows[0][0].link.clear();
  plain.sections[0].tables[0].rows[0][0].link.clear();
  RC_ASSERT(TagsOf(WriteHtml(any)) == TagsOf(WriteHtml(plain)));
}

RC_GTEST_PROP(DocumentProperties, CleanTextIsCleanAndStaysAsItIs, (const std::string& bytes)) {
  const std::string clean = CleanText(bytes);
  RC_ASSERT(CleanText(clean) == clean);
  for (const char c : clean) {
    const auto byte = static_cast<unsigned char>(c);
    RC_ASSERT(byte >= 0x20 || c == '\t' || c == '\n' || c == '\r');
  }
}

TEST(DocumentTest, BrokenTextIsShownAsBroken) {
  const std::pair<const char*, const char*> cases[] = {
      {"a\xFFz", "a\xEF\xBF\xBDz"},
      {"\xC0\xAF", "\xEF\xBF\xBD\xEF\xBF\xBD"},                  // an overlong "/"
      {"\xED\xA0\x80", "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD"},  // half a surrogate pair
      {"caf\xC3\xA9 \xF0\x9F\x91\xB6", "caf\xC3\xA9 \xF0\x9F\x91\xB6"},
      {"\xE2\x82", "\xEF\xBF\xBD\xEF\xBF\xBD"},  // cut in the middle
      {"a\x01z\x7F", "a z "},
  };
  for (const auto& [text, shown] : cases) EXPECT_EQ(CleanText(text), shown);
  EXPECT_EQ(CleanText(std::string("a\0z", 3)), "a z");
}

TEST(DocumentTest, APageHasWhatAReaderNeedsToFindTheWay) {
  const std::string html = WriteHtml(With("Events"));
  EXPECT_THAT(html, HasSubstr("<html lang=\"en-GB\">"));
  EXPECT_THAT(html, HasSubstr("<title>Events</title>"));
  EXPECT_THAT(html, HasSubstr("<h1>Events</h1>"));
  EXPECT_THAT(html, HasSubstr("<h2>Events</h2>"));
  EXPECT_THAT(html, HasSubstr("<caption>Events</caption>"));
  EXPECT_THAT(html, HasSubstr("<th scope=\"col\">Events</th>"));
  EXPECT_THAT(html, HasSubstr("<th scope=\"row\">Events</th>"));
}

TEST(DocumentTest, OnlyAddressesOfPagesAreLinked) {
  for (const char* link : {"javascript:alert(1)", "data:text/html,x", "file:///etc/passwd", "/x"}) {
    Document document = With("x");
    document.sections[0].tables[0].rows[0][0].link = link;
    EXPECT_THAT(WriteHtml(document), Not(HasSubstr("href="))) << link;
  }
}

TEST(DocumentTest, ATableWithoutRowsIsSaidToBeNone) {
  Document document = With("Events");
  document.cover.clear();
  document.sections[0].tables[0].rows.clear();
  EXPECT_THAT(WriteHtml(document), HasSubstr("Events: none"));
  EXPECT_THAT(WriteHtml(document), Not(HasSubstr("<tbody>")));
}

TEST(DocumentTest, WhatIsLeftOutIsSaid) {
  const std::string html = WriteHtml(With("x"), {.most_rows = 1, .rest = "the rest is elsewhere"});
  EXPECT_THAT(html, HasSubstr("1 of 2 rows; the rest is elsewhere"));
}

TEST(DocumentTest, NoTextOfACsvFileIsAFormula) {
  const std::pair<const char*, const char*> cases[] = {
      {"=1+1", "'=1+1"},
      {"+44 20", "'+44 20"},
      {"-", "'-"},
      {"@SUM(A1)", "'@SUM(A1)"},
      {"\tx", "'\tx"},
      {"a,b", "\"a,b\""},
      {"a\"b", "\"a\"\"b\""},
      {"a\nb", "\"a\nb\""},
      {"=a,\"b", "\"'=a,\"\"b\""},
      {"plain", "plain"},
      {"", ""},
  };
  for (const auto& [text, field] : cases) EXPECT_EQ(CsvField(text), field);
  // A number that is below zero is one.
  EXPECT_THAT(WriteCsv(With("x").sections[0].tables[0]), HasSubstr("x,-3\r\n"));
}

// The files of a ZIP archive by their names, read from its directory and unpacked.
std::map<std::string, std::string> Unzip(const std::string& zip) {
  const auto number = [&](size_t at, int bytes) {
    uint32_t value = 0;
    for (int i = bytes - 1; i >= 0; --i) {
      value = value << 8 | static_cast<unsigned char>(zip.at(at + static_cast<size_t>(i)));
    }
    return value;
  };
  std::map<std::string, std::string> files;
  const size_t end = zip.rfind("PK\5\6");
  if (end == std::string::npos) return files;
  size_t entry = number(end + 16, 4);
  for (uint32_t i = 0; i < number(end + 10, 2); ++i) {
    const std::string name = zip.substr(entry + 46, number(entry + 28, 2));
    const size_t local = number(entry + 42, 4);
    const size_t data = local + 30 + number(local + 26, 2) + number(local + 28, 2);
    std::string packed = zip.substr(data, number(entry + 20, 4));
    std::string content(number(entry + 24, 4), '\0');
    z_stream stream = {};
    stream.next_in = reinterpret_cast<Bytef*>(packed.data());
    stream.avail_in = packed.size();
    stream.next_out = reinterpret_cast<Bytef*>(content.data());
    stream.avail_out = content.size();
    EXPECT_EQ(inflateInit2(&stream, -MAX_WBITS), Z_OK);
    EXPECT_EQ(inflate(&stream, Z_FINISH), Z_STREAM_END) << name;
    inflateEnd(&stream);
    files[name] = content;
    entry += 46 + number(entry + 28, 2) + number(entry + 30, 2) + number(entry + 32, 2);
  }
  return files;
}

TEST(DocumentTest, AWorkbookHasACoverASheetForEachTableAndNoFormula) {
  const auto workbook = WriteXlsx(With("=HYPERLINK(\"x\")"));
  ASSERT_THAT(workbook, IsOk());
  const auto files = Unzip(*workbook);
  ASSERT_TRUE(files.contains("xl/workbook.xml"));
  EXPECT_THAT(files.at("xl/workbook.xml"), HasSubstr("name=\"cover\""));
  EXPECT_THAT(files.at("xl/workbook.xml"), HasSubstr("name=\"events\""));
  EXPECT_THAT(files.at("xl/worksheets/sheet2.xml"), HasSubstr("<v>-3</v>"));
  EXPECT_THAT(files.at("xl/sharedStrings.xml"), HasSubstr("=HYPERLINK("));
  for (const auto& [name, content] : files) EXPECT_THAT(content, Not(HasSubstr("<f>"))) << name;
}

TEST(DocumentTest, NumbersDaysAndMomentsStayWhatTheyAre) {
  Document document = With("x");
  Table& table = document.sections[0].tables[0];
  table.columns = {{"Record"}, {"Day"}, {"Moment"}, {"Value"}, {"Count", true}};
  table.rows = {{"x", Cell::Of(absl::CivilDay(2026, 11, 2)),
                 Cell::Of(absl::CivilMinute(2026, 11, 2, 6, 49)), Cell::Measured(250.0 / 3, "%"),
                 Cell::Measured(7, "")}};
  EXPECT_EQ(WriteCsv(table),
            "Record,Day,Moment,Value,Count\r\nx,2026-11-02,2026-11-02 06:49,83.3%,7\r\n");
  EXPECT_THAT(WriteHtml(document), HasSubstr("<td>2 November 2026, 06:49</td><td>83.3%</td>"));
  const auto workbook = WriteXlsx(document);
  ASSERT_THAT(workbook, IsOk());
  const auto files = Unzip(*workbook);
  // Days since 30 December 1899, as workbooks count.
  EXPECT_THAT(files.at("xl/worksheets/sheet2.xml"), HasSubstr("<v>46328</v>"));
  EXPECT_THAT(files.at("xl/worksheets/sheet2.xml"), HasSubstr("<v>46328.284"));
  EXPECT_THAT(files.at("xl/worksheets/sheet2.xml"), HasSubstr("<v>83.3333333"));
  EXPECT_THAT(files.at("xl/styles.xml"), HasSubstr("formatCode=\"d mmmm yyyy, hh:mm\""));
  EXPECT_THAT(files.at("xl/styles.xml"), HasSubstr("0.0&quot;%&quot;"));
}

TEST(DocumentTest, AWorkbookLinksToPages) {
  const auto workbook = WriteXlsx(With("x"));
  ASSERT_THAT(workbook, IsOk());
  const auto files = Unzip(*workbook);
  EXPECT_THAT(files.at("xl/worksheets/_rels/sheet2.xml.rels"),
              HasSubstr("Target=\"https://example.org/?a=1&amp;b="));
}

TEST(DocumentTest, ASummaryIsShownWholeWhereOtherTablesAreCut) {
  Document document = With("x");
  document.sections[0].tables[0].whole = true;
  EXPECT_THAT(WriteHtml(document, {.most_rows = 1, .rest = "elsewhere"}),
              Not(HasSubstr("elsewhere")));
}

TEST(DocumentTest, ColumnsAreAsWideAsTheirWeights) {
  Document document = With("x");
  document.sections[0].tables[0].columns[0].weight = 6;
  EXPECT_THAT(WriteHtml(document), HasSubstr("<col style=\"width:75%\"><col style=\"width:25%\">"));
}

TEST(DocumentTest, ALongTextIsCutWhereACharacterEnds) {
  std::string longest;
  while (longest.size() < 40'000) longest += "\xC3\xA9";
  const auto workbook = WriteXlsx(With("x" + longest));
  ASSERT_THAT(workbook, IsOk());
  const std::string strings = Unzip(*workbook).at("xl/sharedStrings.xml");
  EXPECT_THAT(strings, HasSubstr("\xC3\xA9\xE2\x80\xA6</t>"));
  EXPECT_EQ(CleanText(strings), strings);
}

TEST(DocumentTest, TheSameDocumentGivesTheSameBytes) {
  const Document document = With("the same");
  EXPECT_EQ(WriteHtml(document), WriteHtml(document));
  const auto first = WriteXlsx(document);
  ASSERT_THAT(first, IsOk());
  // The archive has a time of its own for each file, of two seconds at the finest.
  EXPECT_EQ(first->find(std::string("\x14\x00\x00\x00\x08\x00", 6)), 4u);
  EXPECT_EQ(*first, *WriteXlsx(document));
}

}  // namespace
}  // namespace fosterwatch::document
