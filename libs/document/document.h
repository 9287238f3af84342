// A document as what it says: headings, paragraphs, figures, tables. Nobody outside writes markup:
// every text is text, and the writers below make it HTML, CSV or a workbook, each with its own
// escaping, so that none can be forgotten. The PDF is the HTML, rendered (render_pdf.h).
//
// All writers are pure: the same document gives the same bytes, wherever and whenever. Texts are
// UTF-8; what is not is shown as U+FFFD, and characters that neither XML nor HTML allow as a space.
// Any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"

namespace fosterwatch::document {

struct Cell {
  Cell() = default;
  // Rows are written as lists of texts.
  Cell(std::string words) : text(std::move(words)) {}  // NOLINT(google-explicit-constructor)
  Cell(const char* words) : text(words) {}             // NOLINT(google-explicit-constructor)
  static Cell Of(int64_t figure);
  // "22 November 2026"; "22 November 2026, 06:49".
  static Cell Of(absl::CivilDay day);
  static Cell Of(absl::CivilMinute moment);
  // "83.3%", "7", "1.5 h": one decimal, none where it is nought.
  static Cell Measured(double value, const std::string& unit);

  std::string text;
  // Present: the text is this number as it is shown, and a workbook keeps the number itself; what
  // the text has behind the number is `unit`.
  std::optional<double> number;
  std::string unit;
  // Present: the text is this day, or this minute of it. A workbook keeps it as a date; CSV has
  // "2026-11-22" or "2026-11-22 06:49".
  std::optional<absl::CivilMinute> moment;
  bool is_day = false;
  // "https://...", "http://..." or "#section"; anything else makes no link.
  std::string link;
};

struct Column {
  std::string heading;
  bool numeric = false;
  // How wide it is in relation to the others.
  int weight = 2;
};

struct Table {
  // Of its CSV file and its sheet, unique in the document: [a-z0-9-], 1 to 31 characters.
  std::string name;
  std::string caption;
  std::vector<Column> columns;
  // Each as long as `columns`; its first cell is the row's heading.
  std::vector<std::vector<Cell>> rows;
  // A summary: shown whole where others are cut short.
  bool whole = false;
};

struct Section {
  // Unique in the document: [a-z0-9-].
  std::string id;
  std::string heading;
  std::vector<std::string> paragraphs;
  std::vector<std::string> bullets;
  std::vector<Table> tables;
};

struct Document {
  std::string title;
  // One line under it: what it is and for whom.
  std::string subtitle;
  // What the cover says, in order: "As at", "22 November 2026, 6:49am".
  std::vector<std::pair<std::string, Cell>> cover;
  std::vector<Section> sections;
};

struct HtmlOptions {
  // Rows of each table that are shown, 0 for all; a summary has all. Where there are more the table
  // says so, and `rest` where they are: "the whole list is in events.csv".
  int most_rows = 0;
  std::string rest;
};

// One self-contained page: British English, one h1, an h2 for each section, tables with captions
// and headings of rows and columns; loads nothing, and a browser is told to refuse what would.
std::string WriteHtml(const Document& document, const HtmlOptions& options = {});

// RFC 4180 with a heading row. A text that a spreadsheet would take for a formula is held by an
// apostrophe (CsvField).
std::string WriteCsv(const Table& table);
std::string CsvField(absl::string_view text);

// An XLSX workbook: a sheet "cover" and one for each table; numbers, dates and links to pages are
// what they are, texts are texts; no formulas. INTERNAL where the library
// fails, INVALID_ARGUMENT (TOO_MANY_ROWS) where a table has more rows than a sheet takes.
absl::StatusOr<std::string> WriteXlsx(const Document& document);

}  // namespace fosterwatch::document
