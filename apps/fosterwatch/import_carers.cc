#include "apps/fosterwatch/import_carers.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

#include "apps/fosterwatch/import_rows.h"
#include "fosterwatch/carers/v1/carers_service.pb.h"
#include "libs/status/status_macros.h"

namespace fosterwatch::app {
namespace {

std::string LikenessOfCarer(const std::string& name, const std::string& address) {
  if (name.empty() || address.empty()) return "";
  return absl::StrCat(Bare(name), "|", Bare(address));
}

// Of a foster parent, wherever they live.
std::string LikenessOfPerson(const std::string& name, const std::string& birth_date) {
  if (name.empty() || birth_date.empty()) return "";
  return absl::StrCat("person|", Bare(name), "|", birth_date);
}

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
  std::vector<std::string> LikenessesOf(const Header& header, const CsvRow& row) const override {
    std::vector<std::string> likenesses{
        LikenessOfCarer(header.Get(row, "name"), header.Get(row, "address"))};
    for (const char* person : {"person_1_", "person_2_"}) {
      likenesses.push_back(LikenessOfPerson(header.Get(row, absl::StrCat(person, "name")),
                                            header.Get(row, absl::StrCat(person, "birth_date"))));
    }
    return likenesses;
  }
  absl::Status EachKnown(
      const std::function<void(const std::string&, const std::string&)>& take) override {
    carers::v1::ListCarersRequest request;
    request.set_page_size(1000);
    do {
      ASSIGN_OR_RETURN(const auto page, remote_->Call<carers::v1::ListCarersResponse>(
                                            "carers", "CarersService", "ListCarers", request));
      for (const auto& carer : page.carers()) {
        if (!carer.merged_into_carer_id().empty()) continue;  // it goes on in another record
        take(LikenessOfCarer(carer.name(), carer.address()), carer.carer_id());
        for (const auto& person : carer.foster_parents()) {
          take(LikenessOfPerson(person.name(), person.birth_date()), carer.carer_id());
        }
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

std::unique_ptr<Register> MakeCarers(Remote* remote) { return std::make_unique<Carers>(remote); }

}  // namespace fosterwatch::app
