// What the registers of import_register.h do alike with a row.
#pragma once

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include <google/protobuf/message.h>

#include "apps/fosterwatch/import_register.h"
#include "libs/ledger/id.h"

namespace fosterwatch::app {

// The same row again has the same id, and then changes nothing: neither what it brought about
// itself, nor what was recorded over it since.
template <typename Request>
void SetRequestId(absl::string_view noun, Request& request) {
  request.set_request_id(
      ledger::DerivedId(absl::StrCat("import ", noun, "\n", request.SerializeAsString())));
}

// A name or an address without what is often spelled otherwise: case, spaces, marks.
std::string Bare(absl::string_view text);

// Fills the text fields of a message that columns have the names of.
void Fill(const Header& header, const CsvRow& row, google::protobuf::Message& message);

RowResult Rejected(const std::string& reason, const std::string& field,
                   const std::string& description);

// "placement.start_date" is the column start_date.
std::string ColumnOf(const std::string& field);

// The answers to a batch, of whatever register.
template <typename Response>
std::vector<RowResult> ResultsOf(const Response& response) {
  using Result = typename Response::Result;
  std::vector<RowResult> results;
  for (const Result& result : response.results()) {
    if (result.outcome() == Result::OUTCOME_RECORDED) {
      results.push_back({RowResult::kRecorded, "", "", ""});
    } else if (result.outcome() == Result::OUTCOME_UNCHANGED) {
      results.push_back({RowResult::kUnchanged, "", "", ""});
    } else {
      results.push_back(
          Rejected(result.outcome() == Result::OUTCOME_TRY_AGAIN ? "TRY_AGAIN" : result.reason(),
                   ColumnOf(result.field()), result.description()));
    }
  }
  return results;
}

}  // namespace fosterwatch::app
