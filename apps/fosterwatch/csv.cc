#include "apps/fosterwatch/csv.h"

#include <array>
#include <cstdlib>
#include <cstring>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include <sys/stat.h>

#include "libs/cloudevents/text.h"
#include "libs/status/error.h"

namespace fosterwatch::app {
namespace {

constexpr char kByteOrderMark[] = "\xEF\xBB\xBF";

}  // namespace

absl::StatusOr<std::unique_ptr<CsvReader>> CsvReader::Open(const std::string& path) {
  FILE* file = std::fopen(path.c_str(), "rb");
  struct stat found;
  if (file == nullptr || fstat(fileno(file), &found) != 0 || S_ISDIR(found.st_mode)) {
    if (file != nullptr) std::fclose(file);
    return Error(absl::StatusCode::kNotFound, "NO_FILE",
                 absl::StrCat("the file ", path, " cannot be read"));
  }
  std::unique_ptr<CsvReader> reader(new CsvReader(file));
  reader->size_ = found.st_size;
  return reader;
}

CsvReader::CsvReader(FILE* file) : file_(file) { Begin(); }

CsvReader::~CsvReader() {
  csv_free(&parser_);
  std::fclose(file_);
}

void CsvReader::Begin() {
  csv_init(&parser_, CSV_STRICT | CSV_STRICT_FINI);
  building_ = CsvRow();
  bytes_ = 0;
}

void CsvReader::OnField(void* text, size_t length, void* self) {
  auto* reader = static_cast<CsvReader*>(self);
  std::string field(static_cast<const char*>(text), length);
  if (!cloudevents::IsUtf8(field)) reader->building_.fault = "NOT_UTF8";
  reader->building_.fields.push_back(std::move(field));
}

void CsvReader::OnRow(int, void* self) {
  auto* reader = static_cast<CsvReader*>(self);
  reader->ready_.push_back(std::move(reader->building_));
  reader->building_ = CsvRow();
  reader->bytes_ = 0;
}

void CsvReader::Feed(const char* piece, size_t length) {
  // A row that a line break within quotes goes on keeps the line on which it began.
  if (bytes_ == 0) building_.line = line_;
  const bool blank = bytes_ == 0 && std::strspn(piece, "\r\n") >= length;
  if (blank) return;
  bytes_ += length;
  if (csv_parse(&parser_, piece, length, OnField, OnRow, this) == length) return;
  CsvRow broken;
  broken.line = building_.line;
  broken.fault = "NOT_CSV";
  csv_free(&parser_);
  Begin();
  ready_.push_back(std::move(broken));
}

absl::StatusOr<bool> CsvReader::Next(CsvRow& row) {
  // A line at a time, so that every row knows its own.
  std::array<char, 16 * 1024> piece;
  bool goes_on = false;
  while (ready_.empty()) {
    if (std::fgets(piece.data(), piece.size(), file_) == nullptr) {
      if (bytes_ > 0) {
        const int64_t line = building_.line;
        if (csv_fini(&parser_, OnField, OnRow, this) != 0) {
          CsvRow broken;
          broken.line = line;
          broken.fault = "NOT_CSV";
          ready_.push_back(std::move(broken));
        }
        bytes_ = 0;
      }
      if (ready_.empty()) return false;
      break;
    }
    size_t length = std::strlen(piece.data());
    // fgets passes over a NUL byte without a word; what stands behind it is lost with its line.
    if (length == 0) continue;
    const char* begin = piece.data();
    const bool whole = piece[length - 1] == '\n';
    if (!goes_on) ++line_;
    goes_on = !whole;
    if (read_ == 0 && absl::string_view(begin, length).substr(0, 3) == kByteOrderMark) {
      read_ += 3;
      begin += 3;
      length -= 3;
    }
    read_ += static_cast<int64_t>(length);
    Feed(begin, length);
    if (bytes_ > kMostBytes) {
      return Error(absl::StatusCode::kInvalidArgument, "ROW_TOO_LONG",
                   absl::StrCat("the row that begins on line ", building_.line,
                                " does not end: is a quote not closed there?"));
    }
  }
  row = std::move(ready_.front());
  ready_.pop_front();
  return true;
}

std::string CsvLine(const std::vector<std::string>& fields) {
  std::string line;
  for (size_t i = 0; i < fields.size(); ++i) {
    if (i > 0) line += ',';
    if (fields[i].find_first_of(",\"\r\n") == std::string::npos) {
      line += fields[i];
    } else {
      absl::StrAppend(&line, "\"", absl::StrReplaceAll(fields[i], {{"\"", "\"\""}}), "\"");
    }
  }
  line += '\n';
  return line;
}

}  // namespace fosterwatch::app
