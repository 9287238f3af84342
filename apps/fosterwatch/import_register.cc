#include "apps/fosterwatch/import_register.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

#include "apps/fosterwatch/import_figures.h"
#include "fosterwatch/carers/v1/carers_service.pb.h"
#include "fosterwatch/placements/v1/placements_service.pb.h"
#include "libs/ledger/id.h"
#include "libs/status/error.h"
#include "libs/status/status_macros.h"

namespace fosterwatch::app {
namespace {

using google::protobuf::Message;

// The same row again has the same id, and then changes nothing: neither what it brought about
// itself, nor what was recorded over it since.
template <typename Request>
void SetRequestId(absl::string_view noun, Request& request) {
  request.set_request_id(
      ledger::DerivedId(absl::StrCat("import ", noun, "\n", request.SerializeAsString())));
}

// A name or an address without what is often spelled otherwise: case, spaces, marks.
std::string Bare(absl::string_view text) {
  std::string bare;
  for (const char c : text) {
    if (absl::ascii_isalnum(static_cast<unsigned char>(c)) || (c & 0x80) != 0) {
      bare += absl::ascii_tolower(static_cast<unsigned char>(c));
    }
  }
  return bare;
}

std::string LikenessOfChild(const std::string& name, const std::string& birth_date) {
  if (name.empty() || birth_date.empty()) return "";
  return absl::StrCat(Bare(name), "|", birth_date);
}

std::string LikenessOfCarer(const std::string& name, const std::string& address) {
  if (name.empty() || address.empty()) return "";
  return absl::StrCat(Bare(name), "|", Bare(address));
}

// Fills the text fields of a message that columns have the names of.
void Fill(const Header& header, const CsvRow& row, Message& message) {
  for (int i = 0; i < message.GetDescriptor()->field_count(); ++i) {
    const auto* field = message.GetDescriptor()->field(i);
    if (field->is_repeated() || field->type() != google::protobuf::FieldDescriptor::TYPE_STRING) {
      continue;
    }
    if (const std::string& value = header.Get(row, field->name()); !value.empty()) {
      message.GetReflection()->SetString(&message, field, value);
    }
  }
}

RowResult Rejected(const std::string& reason, const std::string& field,
                   const std::string& description) {
  return {RowResult::kRejected, reason, field, description};
}

// "placement.start_date" is the column start_date.
std::string ColumnOf(const std::string& field) {
  const std::string last = field.substr(field.rfind('.') + 1);
  if (absl::StrContains(field, "foster_parents[0]")) return absl::StrCat("person_1_", last);
  if (absl::StrContains(field, "foster_parents[1]")) return absl::StrCat("person_2_", last);
  return last;
}

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
  std::string LikenessOf(const Header& header, const CsvRow& row) const override {
    return LikenessOfChild(header.Get(row, "name"), header.Get(row, "birth_date"));
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
  std::string LikenessOf(const Header&, const CsvRow&) const override { return ""; }
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

// A list within one field.
std::vector<std::string> Parts(const std::string& field) {
  std::vector<std::string> parts;
  for (absl::string_view part : absl::StrSplit(field, ';', absl::SkipWhitespace())) {
    parts.emplace_back(absl::StripAsciiWhitespace(part));
  }
  return parts;
}

class Carers : public Register {
 public:
  explicit Carers(Remote* remote) : remote_(remote) {}

  // Each row brings about fifteen facts, so fewer of them together.
  Pace pace() const override { return {100, 3}; }

  const std::vector<Column>& columns() const override {
    static const auto* const columns = new std::vector<Column>{
        {"carer_id", true, "the case system's id"},
        {"kind", true, "mainstream or connected"},
        {"name", true, "of the household"},
        {"address", true, ""},
        {"approved_date", true, "2019-09-02"},
        {"ended_date", false, "the last day of the approval"},
        {"review_dates", false, "every review of approval, between ';'"},
        {"terms_from_date", false, "since when the terms hold; the day of approval if empty"},
        {"max_children", false, ""},
        {"min_age", false, ""},
        {"max_age", false, ""},
        {"placement_kinds", false, "such as SHORT_TERM;RESPITE"},
        {"named_child_ids", false, "the only children, between ';'"},
        {"exempt_child_ids", false, "beyond the usual limit, between ';'"},
        {"exemption_body_id", false, "the authority that gave it"},
        {"exemption_from_date", false, ""},
        {"exempt_siblings", false, "yes where they are brothers and sisters"},
        {"person_1_name", true, "of the first foster parent"},
        {"person_1_birth_date", false, ""},
        {"person_1_sex", false, "female or male"},
        {"person_1_dbs_date", false, "of the last certificate"},
        {"person_1_medical_date", false, "of the last report"},
        {"person_2_name", false, "of the second"},
        {"person_2_birth_date", false, ""},
        {"person_2_sex", false, ""},
        {"person_2_dbs_date", false, ""},
        {"person_2_medical_date", false, ""},
        {"training_standards_date", false, "when the household had met them"},
        {"last_unannounced_visit_date", false, ""},
        {"last_supervision_visit_date", false, ""},
        {"last_home_safety_date", false, ""},
        {"agreement_issued_date", false, ""},
        {"agreement_returned_date", false, ""},
        {"agreement_version", false, ""}};
    return *columns;
  }
  std::string IdOf(const Header& header, const CsvRow& row) const override {
    return header.Get(row, "carer_id");
  }
  std::string LikenessOf(const Header& header, const CsvRow& row) const override {
    return LikenessOfCarer(header.Get(row, "name"), header.Get(row, "address"));
  }
  absl::Status EachKnown(
      const std::function<void(const std::string&, const std::string&)>& take) override {
    carers::v1::ListCarersRequest request;
    request.set_page_size(1000);
    do {
      ASSIGN_OR_RETURN(const auto page, remote_->Call<carers::v1::ListCarersResponse>(
                                            "carers", "CarersService", "ListCarers", request));
      for (const auto& carer : page.carers()) {
        take(LikenessOfCarer(carer.name(), carer.address()), carer.carer_id());
      }
      request.set_page_token(page.next_page_token());
    } while (!request.page_token().empty());
    return absl::OkStatus();
  }
  absl::StatusOr<std::vector<RowResult>> Send(const Header& header, const std::vector<CsvRow>& rows,
                                              bool dry_run) override {
    std::vector<RowResult> results(rows.size());
    carers::v1::TakeOverCarersRequest batch;
    batch.set_validate_only(dry_run);
    std::vector<size_t> sent;
    for (size_t i = 0; i < rows.size(); ++i) {
      carers::v1::TakeOverCarerRequest request;
      if (auto fault = Read(header, rows[i], request); !fault.reason.empty()) {
        results[i] = std::move(fault);
        continue;
      }
      SetRequestId("carers", request);
      *batch.add_requests() = std::move(request);
      sent.push_back(i);
    }
    if (sent.empty()) return results;
    ASSIGN_OR_RETURN(const auto response, remote_->Call<carers::v1::TakeOverCarersResponse>(
                                              "carers", "CarersService", "TakeOverCarers", batch));
    std::vector<RowResult> answers = ResultsOf(response);
    for (size_t i = 0; i < answers.size() && i < sent.size(); ++i) {
      const int row = static_cast<int>(i);
      absl::string_view field = response.results(row).field();
      int check = 0;
      if (absl::ConsumePrefix(&field, "checks[") &&
          absl::SimpleAtoi(field.substr(0, field.find(']')), &check) && check >= 0 &&
          check < batch.requests(row).checks_size()) {
        answers[i].field = ColumnOfCheck(batch.requests(row).checks(check));
      }
      results[sent[i]] = std::move(answers[i]);
    }
    return results;
  }

 private:
  // The first column that makes no sense; without a reason where all do.
  static RowResult Read(const Header& header, const CsvRow& row,
                        carers::v1::TakeOverCarerRequest& request) {
    Fill(header, row, request);
    const std::string kind = absl::AsciiStrToUpper(header.Get(row, "kind"));
    carers::v1::Carer::Kind known;
    if (!carers::v1::Carer::Kind_Parse(absl::StrCat("KIND_", kind), &known)) {
      return Rejected("UNKNOWN_WORD", "kind", "is neither mainstream nor connected");
    }
    request.set_kind(known);
    auto& particulars = *request.mutable_particulars();
    particulars.set_name(header.Get(row, "name"));
    particulars.set_address(header.Get(row, "address"));
    for (const std::string& day : Parts(header.Get(row, "review_dates"))) {
      request.add_review_dates(day);
    }
    for (const char* person : {"person_1_", "person_2_"}) {
      if (header.Get(row, absl::StrCat(person, "name")).empty()) continue;
      auto& parent = *particulars.add_foster_parents();
      parent.set_name(header.Get(row, absl::StrCat(person, "name")));
      parent.set_birth_date(header.Get(row, absl::StrCat(person, "birth_date")));
      const std::string sex = absl::AsciiStrToUpper(header.Get(row, absl::StrCat(person, "sex")));
      carers::v1::FosterParent::Sex said = carers::v1::FosterParent::SEX_UNSPECIFIED;
      if (!sex.empty() && !carers::v1::FosterParent::Sex_Parse(absl::StrCat("SEX_", sex), &said)) {
        return Rejected("UNKNOWN_WORD", absl::StrCat(person, "sex"), "is neither female nor male");
      }
      parent.set_sex(said);
      // The register numbers the persons of a household that has no ids of its own.
      const std::string id = absl::StrCat(particulars.foster_parents_size());
      AddCheck(header, row, absl::StrCat(person, "dbs_date"), carers::v1::CHECK_KIND_DBS, id,
               request);
      AddCheck(header, row, absl::StrCat(person, "medical_date"), carers::v1::CHECK_KIND_MEDICAL,
               id, request);
    }
    AddCheck(header, row, "training_standards_date", carers::v1::CHECK_KIND_TRAINING_STANDARDS, "",
             request);
    if (RowResult fault = ReadTerms(header, row, request); !fault.reason.empty()) return fault;
    if (const auto children = Parts(header.Get(row, "exempt_child_ids")); !children.empty()) {
      auto& exemption = *request.add_exemptions();
      for (const std::string& child : children) exemption.add_child_ids(child);
      exemption.set_body_id(header.Get(row, "exemption_body_id"));
      exemption.set_from_date(header.Get(row, "exemption_from_date"));
      exemption.set_siblings(absl::AsciiStrToLower(header.Get(row, "exempt_siblings")) == "yes");
    }
    return {};
  }

  static void AddCheck(const Header& header, const CsvRow& row, const std::string& column,
                       carers::v1::CheckKind kind, const std::string& foster_parent_id,
                       carers::v1::TakeOverCarerRequest& request) {
    const std::string& day = header.Get(row, column);
    if (day.empty()) return;
    auto& check = *request.add_checks();
    check.set_kind(kind);
    check.set_foster_parent_id(foster_parent_id);
    check.set_done_date(day);
  }

  // Which it was read from.
  static std::string ColumnOfCheck(const carers::v1::Check& check) {
    if (check.kind() == carers::v1::CHECK_KIND_TRAINING_STANDARDS) return "training_standards_date";
    return absl::StrCat("person_", check.foster_parent_id(),
                        check.kind() == carers::v1::CHECK_KIND_DBS ? "_dbs_date" : "_medical_date");
  }

  static RowResult ReadTerms(const Header& header, const CsvRow& row,
                             carers::v1::TakeOverCarerRequest& request) {
    bool any = false;
    carers::v1::Terms terms;
    for (const char* name : {"max_children", "min_age", "max_age"}) {
      const std::string& text = header.Get(row, name);
      if (text.empty()) continue;
      int32_t number = 0;
      if (!absl::SimpleAtoi(text, &number)) {
        return Rejected("NOT_A_NUMBER", name, "is not a whole number");
      }
      terms.GetReflection()->SetInt32(&terms, terms.GetDescriptor()->FindFieldByName(name), number);
      any = true;
    }
    for (const std::string& word : Parts(header.Get(row, "placement_kinds"))) {
      carers::v1::PlacementKind kind;
      if (!carers::v1::PlacementKind_Parse(
              absl::StrCat("PLACEMENT_KIND_", absl::AsciiStrToUpper(word)), &kind)) {
        return Rejected("UNKNOWN_WORD", "placement_kinds", "names a kind that is not known");
      }
      terms.add_placement_kinds(kind);
      any = true;
    }
    for (const std::string& child : Parts(header.Get(row, "named_child_ids"))) {
      terms.add_named_child_ids(child);
      any = true;
    }
    if (any) {
      auto& dated = *request.add_terms();
      const std::string& from = header.Get(row, "terms_from_date");
      dated.set_effective_date(from.empty() ? header.Get(row, "approved_date") : from);
      *dated.mutable_terms() = terms;
    }
    return {};
  }

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
  return std::make_unique<Carers>(remote);
}

}  // namespace fosterwatch::app
