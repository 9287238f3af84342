// Rows of a CSV file (RFC 4180), one at a time, however large the file: quoted fields may hold
// commas, quotes and line breaks; lines end with LF or CRLF; a byte order mark is passed over.
#pragma once

#include <cstdint>
#include <cstdio>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include <csv.h>

namespace fosterwatch::app {

struct CsvRow {
  // Of the file, from 1, on which the row begins.
  int64_t line = 0;
  std::vector<std::string> fields;
  // What is wrong with it: NOT_CSV (a quote in the wrong place; its fields are missing), NOT_UTF8;
  // empty where nothing is.
  std::string fault;
};

class CsvReader {
 public:
  // NOT_FOUND where the file cannot be read.
  static absl::StatusOr<std::unique_ptr<CsvReader>> Open(const std::string& path);
  ~CsvReader();
  CsvReader(const CsvReader&) = delete;
  CsvReader& operator=(const CsvReader&) = delete;

  // The next row; false at the end. Empty lines are none. INVALID_ARGUMENT (ROW_TOO_LONG) where a
  // row is longer than kMostBytes: a quote that is never closed makes the rest of a file one row.
  absl::StatusOr<bool> Next(CsvRow& row);

  static constexpr size_t kMostBytes = 200'000;

  // Of the file, and how far it has been read.
  int64_t size() const { return size_; }
  int64_t read() const { return read_; }

 private:
  explicit CsvReader(FILE* file);
  void Feed(const char* piece, size_t length);
  void Begin();
  static void OnField(void* text, size_t length, void* self);
  static void OnRow(int end, void* self);

  FILE* const file_;
  csv_parser parser_;
  int64_t size_ = 0;
  int64_t read_ = 0;
  int64_t line_ = 0;  // of the piece that is fed
  CsvRow building_;
  size_t bytes_ = 0;  // of the row that is being built
  std::deque<CsvRow> ready_;
};

// One line of a CSV file, with its end; fields are quoted where they need it.
std::string CsvLine(const std::vector<std::string>& fields);

}  // namespace fosterwatch::app
