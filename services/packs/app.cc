#include "services/packs/app.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"

#include "fosterwatch/kpis/v1/editions_service.pb.h"
#include "libs/clock/check_time.h"
#include "libs/clock/proto_time.h"
#include "libs/status/field_check.h"
#include "libs/status/status_macros.h"
#include "services/packs/edition.h"
#include "services/packs/inspection.h"
#include "services/packs/statement.h"
#include "services/packs/wording.h"

namespace fosterwatch::packs {
namespace {

// A table of more rows is no reading matter, unless it is a summary; WeasyPrint takes about 10 ms
// for each.
constexpr int kMostPdfRows = 30;

Shelf::Owner OwnerOf(const runtime::Call& call) { return {call.agency_id, call.caller.person_id}; }

// The moment asked for, or now: fixed here, so that all registers are asked for the same one.
absl::Time AsAt(FieldCheck& check, bool present, const google::protobuf::Timestamp& asked,
                absl::Time now) {
  if (!present) return now;
  return std::min(clock::CheckTime(check, "as_at_time", true, asked, now).value_or(now), now);
}

void CheckDay(FieldCheck& check, const std::string& field, const std::string& day) {
  absl::CivilDay read;
  if (day.empty() || (absl::ParseCivilTime(day, &read) && absl::FormatCivilTime(read) == day)) {
    return;
  }
  check.Refuse(field, "INVALID_DATE", "is no day such as 2026-11-22");
}

}  // namespace

App::App(Options options)
    : options_(std::move(options)), pdf_(options_.pdf), shelf_(options_.now) {}

std::string App::AgencyOf(const runtime::Call& call) const {
  return AgencyWords(options_.agency_name(call.agency_id), call.agency_id);
}

absl::StatusOr<v1::Pack> App::Order(const runtime::Call& call, v1::Pack pack, Make make) {
  RETURN_IF_ERROR(pdf_.Check());
  Reading::Options reading;
  reading.client = options_.client;
  reading.token = call.token;
  reading.trace_parent = call.trace_parent;
  return shelf_.Put(
      OwnerOf(call), std::move(pack),
      [reading = std::move(reading),
       make = std::move(make)](const Shelf::Progress& progress) -> absl::StatusOr<Bound> {
        Step step = v1::Pack::STEP_UNSPECIFIED;
        int64_t records = 0;
        const auto say = [&] { return progress(step, records); };
        Reading::Options options = reading;
        options.go_on = [&](int64_t records_read) {
          records = records_read;
          return say();
        };
        Reading reads(std::move(options));
        Making making{reads, [&](Step at) { step = at, say(); }, [&] { return !say(); }};
        return make(making);
      });
}

absl::StatusOr<v1::Pack> App::MakeComplaintsStatement(
    const runtime::Call& call, const v1::MakeComplaintsStatementRequest& request) {
  FieldCheck check;
  const absl::Time as_at =
      AsAt(check, request.has_as_at_time(), request.as_at_time(), options_.now());
  CheckDay(check, "until_date", request.until_date());
  RETURN_IF_ERROR(check.ToStatus());
  v1::Pack pack;
  pack.set_kind(v1::Pack::KIND_COMPLAINTS_STATEMENT);
  *pack.mutable_as_at_time() = clock::ToProto(as_at);
  pack.set_steps(3);
  complaints::v1::GetStatementRequest get;
  get.set_until_date(request.until_date().empty() ? IsoDay(as_at) : request.until_date());
  *get.mutable_as_at_time() = pack.as_at_time();
  return Order(call, std::move(pack),
               [this, get, agency = AgencyOf(call)](Making& making) -> absl::StatusOr<Bound> {
                 making.at(v1::Pack::STEP_COMPLAINTS);
                 ASSIGN_OR_RETURN(
                     const auto statement,
                     making.reading.Get<complaints::v1::Statement>(
                         "complaints", "ComplaintsOversightService", "GetStatement", get));
                 ASSIGN_OR_RETURN(const auto procedures,
                                  making.reading.Get<complaints::v1::ListProceduresResponse>(
                                      "complaints", "ComplaintsService", "ListProcedures",
                                      complaints::v1::ListProceduresRequest()));
                 making.at(v1::Pack::STEP_WRITING);
                 const std::string page = absl::StrCat(
                     options_.public_url, "/complaints/statement?until=", statement.until_date());
                 return Bind(
                     StatementDocument(statement, procedures, agency, page), "complaints-statement",
                     kMostPdfRows, pdf_, [&] { making.at(v1::Pack::STEP_PDF); }, making.given_up);
               });
}

absl::StatusOr<v1::Pack> App::MakeInspectionPack(const runtime::Call& call,
                                                 const v1::MakeInspectionPackRequest& request) {
  FieldCheck check;
  const absl::Time as_at =
      AsAt(check, request.has_as_at_time(), request.as_at_time(), options_.now());
  check.AtMost("seed", request.seed(), 64);
  if (request.sample_size() < 0 || request.sample_size() > 50) {
    check.Refuse("sample_size", "OUT_OF_RANGE", "is not from 1 to 50");
  }
  RETURN_IF_ERROR(check.ToStatus());
  v1::Pack pack;
  pack.set_kind(v1::Pack::KIND_INSPECTION);
  *pack.mutable_as_at_time() = clock::ToProto(as_at);
  pack.set_steps(8);
  SampleRequest sample;
  sample.seed = request.seed().empty() ? IsoDay(as_at) : request.seed();
  if (request.sample_size() > 0) sample.size = request.sample_size();
  return Order(
      call, std::move(pack),
      [this, as_at, sample, agency_id = call.agency_id](Making& making) -> absl::StatusOr<Bound> {
        ASSIGN_OR_RETURN(Registers registers,
                         ReadRegisters(making.reading, options_.public_url, as_at, making.at));
        registers.agency_id = agency_id;
        registers.agency_name = options_.agency_name(agency_id);
        making.at(v1::Pack::STEP_WRITING);
        return Bind(
            InspectionDocument(registers, options_.policy, sample), "inspection-pack", kMostPdfRows,
            pdf_, [&] { making.at(v1::Pack::STEP_PDF); }, making.given_up);
      });
}

absl::StatusOr<v1::Pack> App::MakeBoardEdition(const runtime::Call& call,
                                               const v1::MakeBoardEditionRequest& request) {
  FieldCheck check;
  check.Require("edition_id", request.edition_id(), 64);
  RETURN_IF_ERROR(check.ToStatus());
  v1::Pack pack;
  pack.set_kind(v1::Pack::KIND_BOARD_EDITION);
  pack.set_steps(3);
  kpis::v1::GetEditionRequest get;
  get.set_edition_id(request.edition_id());
  return Order(
      call, std::move(pack),
      [this, get, agency = AgencyOf(call)](Making& making) -> absl::StatusOr<Bound> {
        making.at(v1::Pack::STEP_KPIS);
        ASSIGN_OR_RETURN(const auto answer, making.reading.Get<kpis::v1::GetEditionResponse>(
                                                "kpis", "EditionsService", "GetEdition", get));
        making.at(v1::Pack::STEP_WRITING);
        return Bind(EditionDocument(answer.edition(), agency, options_.public_url), "board-edition",
                    kMostPdfRows, pdf_, [&] { making.at(v1::Pack::STEP_PDF); }, making.given_up,
                    {{"edition.txt", answer.edition().content()}});
      });
}

absl::StatusOr<v1::Pack> App::GetPack(const runtime::Call& call,
                                      const v1::GetPackRequest& request) {
  return shelf_.Find(OwnerOf(call), request.pack_id());
}

absl::StatusOr<v1::PackFilePart> App::ReadPackFile(const runtime::Call& call,
                                                   const v1::ReadPackFileRequest& request) {
  return shelf_.Read(OwnerOf(call), request);
}

void App::Work(absl::Duration time, const std::function<bool()>& stopped) {
  shelf_.Work(time, stopped);
}

}  // namespace fosterwatch::packs
