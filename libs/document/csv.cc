#include <cstddef>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_replace.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"

#include "libs/document/document.h"
#include "libs/document/text.h"

namespace fosterwatch::document {
namespace {

std::string Quoted(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  return absl::StrCat("\"", absl::StrReplaceAll(text, {{"\"", "\"\""}}), "\"");
}

std::string Field(const Cell& cell) {
  if (cell.moment && cell.is_day) return absl::FormatCivilTime(absl::CivilDay(*cell.moment));
  if (cell.moment) {
    return absl::StrReplaceAll(absl::FormatCivilTime(*cell.moment), {{"T", " "}});
  }
  // A negative number is no formula.
  return cell.number ? Quoted(cell.text) : CsvField(cell.text);
}

}  // namespace

Cell Cell::Of(int64_t figure) {
  Cell cell(absl::StrCat(figure));
  cell.number = static_cast<double>(figure);
  return cell;
}

Cell Cell::Of(absl::CivilDay day) {
  Cell cell(absl::FormatTime("%-d %B %Y", absl::FromCivil(day, absl::UTCTimeZone()),
                             absl::UTCTimeZone()));
  cell.moment = absl::CivilMinute(day);
  cell.is_day = true;
  return cell;
}

Cell Cell::Of(absl::CivilMinute moment) {
  Cell cell(absl::FormatTime("%-d %B %Y, %H:%M", absl::FromCivil(moment, absl::UTCTimeZone()),
                             absl::UTCTimeZone()));
  cell.moment = moment;
  return cell;
}

Cell Cell::Measured(double value, const std::string& unit) {
  std::string digits = absl::StrFormat("%.1f", value);
  if (absl::EndsWith(digits, ".0")) digits.resize(digits.size() - 2);
  Cell cell(absl::StrCat(digits, unit));
  cell.number = value;
  cell.unit = unit;
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
      absl::StrAppend(&csv, i == 0 ? "" : ",", Field(row[i]));
    }
    absl::StrAppend(&csv, "\r\n");
  }
  return csv;
}

}  // namespace fosterwatch::document
