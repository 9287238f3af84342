#include "apps/fosterwatch/import_register.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"

#include "apps/fosterwatch/import_carers.h"
#include "apps/fosterwatch/import_figures.h"
#include "apps/fosterwatch/import_rows.h"
#include "fosterwatch/placements/v1/placements_service.pb.h"
#include "libs/status/error.h"
#include "libs/status/status_macros.h"

namespace fosterwatch::app {
namespace {

std::string LikenessOfChild(const std::string& name, const std::string& birth_date) {
  if (name.empty() || birth_date.empty()) return "";
  return absl::StrCat(Bare(name), "|", birth_date);
}

class Children : public Register {
 public:
  explicit Children(Remote* remote) : remote_(remote) {}

  const std::vector<Column>& columns() const override {
    static const auto* const columns = new std::vector<Column>{
        {"child_id", true, "the case system's id"},
        {"name", true, ""},
        {"birth_date", true, "2014-06-01"},
        {"responsible_authority_id", true, "a local authority of the directory"},
        {"area_authority_id", true, "the one in whose area the child lives"},
        {"carer_id", false, "whom the child lives with now; better told by a file of placements"}};
    return *columns;
  }
  std::string IdOf(const Header& header, const CsvRow& row) const override {
    return header.Get(row, "child_id");
  }
  std::vector<std::string> LikenessesOf(const Header& header, const CsvRow& row) const override {
    return {LikenessOfChild(header.Get(row, "name"), header.Get(row, "birth_date"))};
  }
  absl::Status EachKnown(
      const std::function<void(const std::string&, const std::string&)>& take) override {
    placements::v1::ListChildrenRequest request;
    request.set_page_size(1000);
    do {
      ASSIGN_OR_RETURN(const auto page,
                       remote_->Call<placements::v1::ListChildrenResponse>(
                           "placements", "PlacementsService", "ListChildren", request));
      for (const auto& child : page.children()) {
        take(LikenessOfChild(child.name(), child.birth_date()), child.child_id());
      }
      request.set_page_token(page.next_page_token());
    } while (!request.page_token().empty());
    return absl::OkStatus();
  }
  absl::StatusOr<std::vector<RowResult>> Send(const Header& header, const std::vector<CsvRow>& rows,
                                              bool dry_run) override {
    placements::v1::BatchRecordChildrenRequest batch;
    batch.set_validate_only(dry_run);
    for (const CsvRow& row : rows) {
      placements::v1::RecordChildRequest& request = *batch.add_requests();
      Fill(header, row, *request.mutable_child());
      request.set_keep_placement(!header.Has("carer_id"));
      SetRequestId("children", request);
    }
    ASSIGN_OR_RETURN(const auto response,
                     remote_->Call<placements::v1::BatchRecordResponse>(
                         "placements", "PlacementsService", "BatchRecordChildren", batch));
    return ResultsOf(response);
  }

 private:
  Remote* const remote_;
};

class Placements : public Register {
 public:
  explicit Placements(Remote* remote) : remote_(remote) {}

  const std::vector<Column>& columns() const override {
    static const auto* const columns = new std::vector<Column>{
        {"placement_id", false, "the case system's id"},
        {"child_id", true, ""},
        {"carer_id", true, ""},
        {"start_date", true, "2024-03-01"},
        {"end_date", false, "empty while the child lives there"},
        {"placement_code", false, "SSDA903 code, such as U4"},
        {"reason_code", false, "SSDA903 reason for the change, such as CREQB"},
        {"kind", false, "such as SHORT_TERM"},
        {"placing_authority_id", false, "where it is not the one now responsible"},
        {"statutory_provision", false, "under which the child was placed"},
        {"address_before", false, ""},
        {"address_on_leaving", false, ""},
        {"ending_note", false, "the circumstances of its ending"}};
    return *columns;
  }
  std::string IdOf(const Header& header, const CsvRow& row) const override {
    const std::string& id = header.Get(row, "placement_id");
    return id.empty() ? absl::StrCat(header.Get(row, "child_id"), "\n", header.Get(row, "carer_id"),
                                     "\n", header.Get(row, "start_date"))
                      : id;
  }
  std::vector<std::string> LikenessesOf(const Header&, const CsvRow&) const override { return {}; }
  absl::Status EachKnown(
      const std::function<void(const std::string&, const std::string&)>&) override {
    return absl::OkStatus();
  }
  absl::StatusOr<std::vector<RowResult>> Send(const Header& header, const std::vector<CsvRow>& rows,
                                              bool dry_run) override {
    placements::v1::BatchRecordPlacementsRequest batch;
    batch.set_validate_only(dry_run);
    for (const CsvRow& row : rows) {
      placements::v1::RecordPlacementRequest& request = *batch.add_requests();
      Fill(header, row, *request.mutable_placement());
      SetRequestId("placements", request);
    }
    ASSIGN_OR_RETURN(const auto response,
                     remote_->Call<placements::v1::BatchRecordResponse>(
                         "placements", "PlacementsService", "BatchRecordPlacements", batch));
    return ResultsOf(response);
  }

 private:
  Remote* const remote_;
};

}  // namespace

absl::StatusOr<Header> Header::Of(const CsvRow& first, const std::vector<Column>& columns) {
  Header header;
  std::vector<std::string> unknown, twice, missing;
  for (const std::string& field : first.fields) {
    const std::string name = absl::AsciiStrToLower(absl::StripAsciiWhitespace(field));
    if (header.Has(name)) twice.push_back(name);
    header.names_.push_back(name);
    const bool known =
        absl::c_any_of(columns, [&](const Column& column) { return column.name == name; });
    if (!known && absl::c_find(kRejectColumns, name) == std::end(kRejectColumns)) {
      unknown.push_back(name);
    }
  }
  for (const Column& column : columns) {
    if (column.required && !header.Has(column.name)) missing.push_back(column.name);
  }
  std::vector<std::string> faults;
  for (const auto& [what, names] :
       {std::pair{"missing: ", &missing}, std::pair{"not known: ", &unknown},
        std::pair{"there twice: ", &twice}}) {
    if (!names->empty()) faults.push_back(absl::StrCat(what, absl::StrJoin(*names, ", ")));
  }
  if (faults.empty()) return header;
  return Error(absl::StatusCode::kInvalidArgument, "WRONG_COLUMNS",
               absl::StrCat("the columns of the file are wrong; ", absl::StrJoin(faults, "; ")));
}

bool Header::Has(absl::string_view name) const { return absl::c_linear_search(names_, name); }

const std::string& Header::Get(const CsvRow& row, absl::string_view name) const {
  static const auto* const nothing = new std::string;
  const auto found = absl::c_find(names_, name);
  const auto place = static_cast<size_t>(found - names_.begin());
  return place < row.fields.size() ? row.fields[place] : *nothing;
}

std::unique_ptr<Register> MakeRegister(const std::string& noun, Remote* remote) {
  if (noun == "children") return std::make_unique<Children>(remote);
  if (noun == "placements") return std::make_unique<Placements>(remote);
  if (noun == "figures") return MakeFigures(remote);
  return MakeCarers(remote);
}

}  // namespace fosterwatch::app
