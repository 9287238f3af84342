#include <cstddef>
#include <map>
#include <string>
#include <utility>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include <sys/mman.h>
#include <unistd.h>

#include "libs/document/document.h"
#include "libs/document/text.h"
#include "libs/status/error.h"
#include "xlsxwriter.h"

namespace fosterwatch::document {
namespace {

// What Excel takes: characters of a cell, rows of a sheet with one for the headings.
constexpr size_t kMostCharacters = 32'767;
constexpr size_t kMostRows = 1'048'575;
// Of 2,079 characters once escaped, and of 65,530 links of a sheet.
constexpr size_t kMostLinkBytes = 600;
constexpr lxw_row_t kMostLinkedRows = 60'000;

// Cut by bytes, at the end of a character: never more characters than a cell takes.
std::string CellText(const std::string& text) {
  std::string clean = CleanText(text);
  if (clean.size() <= kMostCharacters) return clean;
  size_t end = kMostCharacters - 3;
  while (end > 0 && (static_cast<unsigned char>(clean[end]) & 0xC0) == 0x80) --end;
  return clean.substr(0, end) + "\xE2\x80\xA6";
}

// How cells look, made once for a workbook.
class Formats {
 public:
  explicit Formats(lxw_workbook* workbook) : workbook_(workbook) {}

  lxw_format* Text() { return Of("", false); }
  lxw_format* Bold() { return Of("", true); }
  // With the digits and the unit that its text has.
  lxw_format* Number(const Cell& cell, bool bold) {
    if (cell.unit.empty() && !absl::StrContains(cell.text, ".")) return Of("", bold);
    return Of(absl::StrCat(absl::StrContains(cell.text, ".") ? "0.0" : "0", "\"",
                           absl::StrReplaceAll(cell.unit, {{"\"", ""}}), "\""),
              bold);
  }
  lxw_format* Moment(const Cell& cell, bool bold) {
    return Of(cell.is_day ? "d mmmm yyyy" : "d mmmm yyyy, hh:mm", bold);
  }

 private:
  lxw_format* Of(const std::string& number, bool bold) {
    lxw_format*& format = formats_[{number, bold}];
    if (format == nullptr) {
      format = workbook_add_format(workbook_);
      format_set_align(format, LXW_ALIGN_VERTICAL_TOP);
      if (bold) format_set_bold(format);
      if (!number.empty()) format_set_num_format(format, number.c_str());
    }
    return format;
  }

  lxw_workbook* const workbook_;
  std::map<std::pair<std::string, bool>, lxw_format*> formats_;
};

void WriteCell(lxw_worksheet* sheet, lxw_row_t row, lxw_col_t column, const Cell& cell,
               Formats& formats, bool bold) {
  if (cell.number) {
    worksheet_write_number(sheet, row, column, *cell.number, formats.Number(cell, bold));
    return;
  }
  if (cell.moment) {
    const absl::CivilMinute& at = *cell.moment;
    lxw_datetime moment = {
        static_cast<int>(at.year()), at.month(), at.day(), at.hour(), at.minute(), 0};
    worksheet_write_datetime(sheet, row, column, &moment, formats.Moment(cell, bold));
    return;
  }
  lxw_format* const format = bold ? formats.Bold() : formats.Text();
  // The text is written over the address, which stays behind it. What a sheet does not take, too
  // long an address or one too many, is a text: the library would print it to standard error.
  if (absl::StartsWith(cell.link, "http") && cell.link.size() <= kMostLinkBytes &&
      row <= kMostLinkedRows) {
    worksheet_write_url(sheet, row, column, cell.link.c_str(), format);
  }
  worksheet_write_string(sheet, row, column, CellText(cell.text).c_str(), format);
}

void WriteSheet(lxw_workbook* workbook, const Table& table, Formats& formats) {
  lxw_worksheet* const sheet = workbook_add_worksheet(workbook, table.name.c_str());
  lxw_format* const bold = formats.Bold();
  for (size_t i = 0; i < table.columns.size(); ++i) {
    worksheet_write_string(sheet, 0, i, CellText(table.columns[i].heading).c_str(), bold);
  }
  worksheet_set_column(sheet, 0, table.columns.size() - 1, 20, nullptr);
  worksheet_freeze_panes(sheet, 1, 1);
  lxw_row_t number = 1;
  for (const std::vector<Cell>& row : table.rows) {
    for (size_t i = 0; i < table.columns.size(); ++i) {
      WriteCell(sheet, number, i, row[i], formats, /*bold=*/i == 0);
    }
    ++number;
  }
  if (!table.rows.empty()) {
    worksheet_autofilter(sheet, 0, 0, table.rows.size(), table.columns.size() - 1);
  }
}

}  // namespace

absl::StatusOr<std::string> WriteXlsx(const Document& document) {
  for (const Section& section : document.sections) {
    for (const Table& table : section.tables) {
      if (table.rows.size() > kMostRows) {
        return Error(absl::StatusCode::kInvalidArgument, "TOO_MANY_ROWS",
                     "a table has more rows than a sheet takes");
      }
    }
  }
  // The library writes to a path; this one is memory, so that nothing personal comes to lie on a
  // disk.
  const int memory = memfd_create("workbook", MFD_CLOEXEC);
  if (memory < 0) return absl::InternalError("no memory for a workbook");
  const absl::Cleanup close_it = [memory] { close(memory); };
  const std::string path = absl::StrCat("/proc/self/fd/", memory);
  std::string temporary = "/dev/shm";
  lxw_workbook_options options = {};
  options.tmpdir = temporary.data();
  lxw_workbook* const workbook = workbook_new_opt(path.c_str(), &options);
  if (workbook == nullptr) return absl::InternalError("no workbook can be made");
  // The same bytes at any time: otherwise the library writes the present moment.
  lxw_doc_properties properties = {};
  const std::string title = CellText(document.title);
  properties.title = const_cast<char*>(title.c_str());
  properties.created = 946684800;  // 2000-01-01
  workbook_set_properties(workbook, &properties);
  Formats formats(workbook);
  lxw_format* const bold = formats.Bold();
  lxw_format* const text = formats.Text();

  lxw_worksheet* const cover = workbook_add_worksheet(workbook, "cover");
  worksheet_set_column(cover, 0, 0, 30, nullptr);
  worksheet_set_column(cover, 1, 1, 80, nullptr);
  worksheet_write_string(cover, 0, 0, title.c_str(), bold);
  worksheet_write_string(cover, 1, 0, CellText(document.subtitle).c_str(), text);
  lxw_row_t row = 3;
  for (const auto& [what, cell] : document.cover) {
    worksheet_write_string(cover, row, 0, CellText(what).c_str(), bold);
    WriteCell(cover, row++, 1, cell, formats, /*bold=*/false);
  }
  for (const Section& section : document.sections) {
    for (const Table& table : section.tables) WriteSheet(workbook, table, formats);
  }
  if (const lxw_error error = workbook_close(workbook); error != LXW_NO_ERROR) {
    return absl::InternalError(
        absl::StrCat("the workbook cannot be written: ", lxw_strerror(error)));
  }

  const off_t size = lseek(memory, 0, SEEK_END);
  std::string bytes(size > 0 ? static_cast<size_t>(size) : 0, '\0');
  for (size_t read = 0; read < bytes.size();) {
    const ssize_t got = pread(memory, bytes.data() + read, bytes.size() - read, read);
    if (got <= 0) return absl::InternalError("the workbook cannot be read");
    read += got;
  }
  return bytes;
}

}  // namespace fosterwatch::document
