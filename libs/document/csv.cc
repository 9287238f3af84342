#include <cstddef>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"

#include "libs/document/document.h"
#include "libs/document/text.h"

namespace fosterwatch::document {
namespace {

std::string Quoted(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  return absl::StrCat("\"", absl::StrReplaceAll(text, {{"\"", "\"\""}}), "\"");
}

}  // namespace

Cell Cell::Of(int64_t figure) {
  Cell cell(absl::StrCat(figure));
  cell.number = static_cast<double>(figure);
  return cell;
}

std::string CsvField(absl::string_view text) {
  const std::string clean = CleanText(text);
  const bool formula = !clean.empty() && absl::StrContains("=+-@\t\r", clean.substr(0, 1));
  return Quoted(formula ? absl::StrCat("'", clean) : clean);
}

std::string WriteCsv(const Table& table) {
  std::string csv;
  for (size_t i = 0; i < table.columns.size(); ++i) {
    absl::StrAppend(&csv, i == 0 ? "" : ",", CsvField(table.columns[i].heading));
  }
  absl::StrAppend(&csv, "\r\n");
  for (const std::vector<Cell>& row : table.rows) {
    for (size_t i = 0; i < table.columns.size(); ++i) {
      // A negative number is no formula.
      absl::StrAppend(&csv, i == 0 ? "" : ",",
                      row[i].number ? Quoted(row[i].text) : CsvField(row[i].text));
    }
    absl::StrAppend(&csv, "\r\n");
  }
  return csv;
}

}  // namespace fosterwatch::document
