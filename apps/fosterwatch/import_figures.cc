#include "apps/fosterwatch/import_figures.h"

#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

#include "apps/fosterwatch/import_rows.h"
#include "fosterwatch/kpis/v1/figure_import_service.pb.h"
#include "libs/status/status_macros.h"

namespace fosterwatch::app {
namespace {

using kpis::v1::ReportedFigure;
using Result = kpis::v1::ImportFiguresResponse::Result;

// Of one row; with a reason where it makes no sense.
RowResult Read(const Header& header, const CsvRow& row, ReportedFigure& figure) {
  figure.set_code(header.Get(row, "code"));
  figure.set_period(header.Get(row, "period"));
  figure.set_source(header.Get(row, "source"));
  for (const char* name : {"numerator", "denominator"}) {
    const std::string& text = header.Get(row, name);
    if (text.empty()) continue;
    int64_t number = 0;
    if (!absl::SimpleAtoi(text, &number)) {
      return Rejected("NOT_A_NUMBER", name, "is not a whole number");
    }
    figure.GetReflection()->SetInt64(&figure, figure.GetDescriptor()->FindFieldByName(name),
                                     number);
  }
  if (const std::string& text = header.Get(row, "value"); !text.empty()) {
    // As spreadsheets write it: "36.7%".
    absl::string_view bare = absl::StripAsciiWhitespace(text);
    bare = absl::StripAsciiWhitespace(absl::StripSuffix(bare, "%"));
    double value = 0;
    if (!absl::SimpleAtod(bare, &value))
      return Rejected("NOT_A_NUMBER", "value", "is not a number");
    figure.set_value(value);
  }
  return {RowResult::kRecorded, "", "", ""};
}

class Figures : public Register {
 public:
  explicit Figures(Remote* remote) : remote_(remote) {}

  // Another row of the same KPI and month is a fault, so that their order does not matter.
  Pace pace() const override { return {250, 2}; }

  const std::vector<Column>& columns() const override {
    static const auto* const columns =
        new std::vector<Column>{{"code", true, "the KPI's code, such as SC5"},
                                {"period", true, "the month, such as 2026-10"},
                                {"numerator", false, "with denominator; or give a value"},
                                {"denominator", false, ""},
                                {"value", false, "in the KPI's unit, such as 36.7 for per cent"},
                                {"source", false, "who counted it: the name of a system"}};
    return *columns;
  }
  std::string IdOf(const Header& header, const CsvRow& row) const override {
    return absl::StrCat(header.Get(row, "code"), "\n", header.Get(row, "period"));
  }
  std::vector<std::string> LikenessesOf(const Header&, const CsvRow&) const override { return {}; }
  absl::Status EachKnown(
      const std::function<void(const std::string&, const std::string&)>&) override {
    return absl::OkStatus();
  }
  absl::StatusOr<std::vector<RowResult>> Send(const Header& header, const std::vector<CsvRow>& rows,
                                              bool dry_run) override {
    kpis::v1::ImportFiguresRequest request;
    request.set_dry_run(dry_run);
    std::vector<RowResult> results;
    std::vector<size_t> sent;
    for (const CsvRow& row : rows) {
      ReportedFigure figure;
      results.push_back(Read(header, row, figure));
      if (results.back().outcome == RowResult::kRejected) continue;
      sent.push_back(results.size() - 1);
      *request.add_figures() = figure;
    }
    ASSIGN_OR_RETURN(const auto response, remote_->Call<kpis::v1::ImportFiguresResponse>(
                                              "kpis", "FiguresService", "ImportFigures", request));
    for (int i = 0; i < response.results_size(); ++i) {
      const Result& result = response.results(i);
      RowResult& row = results[sent[static_cast<size_t>(i)]];
      switch (result.outcome()) {
        case Result::OUTCOME_RECORDED:
        case Result::OUTCOME_CORRECTED:
          break;
        case Result::OUTCOME_UNCHANGED:
          row.outcome = RowResult::kUnchanged;
          break;
        case Result::OUTCOME_TRY_AGAIN:
          row = Rejected("TRY_AGAIN", result.field(), result.description());
          break;
        default:
          row = Rejected(result.reason(), result.field(), result.description());
      }
    }
    return results;
  }

 private:
  Remote* const remote_;
};

}  // namespace

std::unique_ptr<Register> MakeFigures(Remote* remote) { return std::make_unique<Figures>(remote); }

}  // namespace fosterwatch::app
