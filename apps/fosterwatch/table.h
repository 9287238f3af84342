// Text for people: columns that line up, and times as a clock in London shows them.
#pragma once

#include <string>
#include <vector>

#include "absl/time/time.h"
#include "google/protobuf/timestamp.pb.h"

namespace fosterwatch::app {

class Table {
 public:
  explicit Table(std::vector<std::string> header) : rows_{std::move(header)} {}
  void Add(std::vector<std::string> row) { rows_.push_back(std::move(row)); }
  bool empty() const { return rows_.size() == 1; }
  // Two spaces between columns, none at the end of a line; widths count characters, not bytes.
  std::string Text() const;

 private:
  std::vector<std::vector<std::string>> rows_;
};

// "Sun 22 Nov 2026 06:49" of Europe/London; "-" where it is absent.
std::string ShowTime(const google::protobuf::Timestamp& time, bool present = true);

// "2026-11-22T06:49:00+00:00": ISO 8601 with the offset of Europe/London; "" where it is absent.
std::string IsoTime(const google::protobuf::Timestamp& time, bool present = true);

// "child-missing" of EVENT_KIND_CHILD_MISSING with prefix "EVENT_KIND_".
std::string Word(const std::string& enum_name, const std::string& prefix);

}  // namespace fosterwatch::app
