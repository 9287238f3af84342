#include "services/packs/registers.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/civil_time.h"

#include "fosterwatch/allegations/v1/allegations_service.pb.h"
#include "fosterwatch/kpis/v1/editions_service.pb.h"
#include "fosterwatch/notifiable_events/v1/notifiable_event_service.pb.h"
#include "libs/clock/proto_time.h"
#include "libs/clock/working_calendar.h"
#include "libs/status/status_macros.h"
#include "services/packs/wording.h"

namespace fosterwatch::packs {
namespace {

using allegations::v1::Allegation;
using complaints::v1::Complaint;
using notifiable_events::v1::NotifiableEvent;

constexpr int kPage = 200;
// Overdue duties on carers; behind the figure are all that are open.
constexpr char kCarerDuties[] = "CR8";

// The records of a list that were recorded by then, whole, oldest first: the list names them, the
// owner gives each.
template <typename List, typename ListAnswer, typename GetOne, typename Record>
absl::StatusOr<std::vector<Record>> ReadRecords(
    Reading& reading, const std::string& area, const std::string& service, const std::string& list,
    const std::string& get,
    const std::function<void(const ListAnswer&, std::vector<GetOne>&)>& name) {
  List request;
  request.set_page_size(kPage);
  std::vector<GetOne> wanted;
  RETURN_IF_ERROR((reading.ForEachPage<ListAnswer, List>(
      area, service, list, request, [&](const ListAnswer& page) { name(page, wanted); })));
  std::reverse(wanted.begin(), wanted.end());
  ASSIGN_OR_RETURN(std::vector<Record> records,
                   (reading.GetEach<Record, GetOne>(area, service, get, wanted)));
  RETURN_IF_ERROR(reading.Count(static_cast<int64_t>(records.size())));
  return records;
}

}  // namespace

bool Registers::Happened(bool present, const google::protobuf::Timestamp& time) const {
  return present && clock::FromProto(time) <= as_at;
}

bool Registers::InTheYear(const google::protobuf::Timestamp& time) const {
  const absl::CivilDay last = clock::LondonDay(as_at);
  const absl::CivilDay first(last.year() - 1, last.month(), last.day() + 1);
  const absl::Time moment = clock::FromProto(time);
  return moment >= absl::FromCivil(first, clock::London()) && moment <= as_at;
}

std::string Registers::Page(const std::string& in, const std::string& record_id) const {
  std::string id;
  for (const char c : record_id) {
    if (absl::ascii_isalnum(c) || c == '-' || c == '_' || c == '.' || c == '~') {
      id += c;
    } else {
      absl::StrAppendFormat(&id, "%%%02X", static_cast<unsigned char>(c));
    }
  }
  return absl::StrCat(public_url, "/", in, "/", id);
}

absl::StatusOr<Registers> ReadRegisters(Reading& reading, const std::string& public_url,
                                        absl::Time as_at,
                                        const std::function<void(v1::Pack::Step)>& at) {
  Registers registers;
  registers.public_url = public_url;
  registers.as_at = as_at;
  const google::protobuf::Timestamp moment = clock::ToProto(as_at);

  at(v1::Pack::STEP_CARERS);
  carers::v1::ExtractRegisterRequest extract;
  extract.set_as_at_date(IsoDay(as_at));
  *extract.mutable_as_known_at_time() = moment;
  extract.set_page_size(1000);
  RETURN_IF_ERROR((reading.ForEachPage<carers::v1::ExtractRegisterResponse>(
      "carers", "CarersService", "ExtractRegister", extract,
      [&](const carers::v1::ExtractRegisterResponse& page) {
        registers.carers.insert(registers.carers.end(), page.entries().begin(),
                                page.entries().end());
      })));
  RETURN_IF_ERROR(reading.Count(static_cast<int64_t>(registers.carers.size())));

  at(v1::Pack::STEP_EVENTS);
  using notifiable_events::v1::GetEventRequest;
  using notifiable_events::v1::ListEventsRequest;
  using notifiable_events::v1::ListEventsResponse;
  ASSIGN_OR_RETURN(
      registers.events,
      (ReadRecords<ListEventsRequest, ListEventsResponse, GetEventRequest, NotifiableEvent>(
          reading, "notifiable_events", "NotifiableEventService", "ListEvents", "GetEvent",
          [&](const ListEventsResponse& page, std::vector<GetEventRequest>& wanted) {
            for (const auto& event : page.events()) {
              if (!registers.Happened(event.has_recorded_time(), event.recorded_time())) continue;
              wanted.emplace_back().set_event_id(event.event_id());
            }
          })));

  at(v1::Pack::STEP_COMPLAINTS);
  complaints::v1::GetStatementRequest statement;
  statement.set_until_date(IsoDay(as_at));
  *statement.mutable_as_at_time() = moment;
  ASSIGN_OR_RETURN(registers.statement,
                   reading.Get<complaints::v1::Statement>(
                       "complaints", "ComplaintsOversightService", "GetStatement", statement));
  ASSIGN_OR_RETURN(registers.procedures, reading.Get<complaints::v1::ListProceduresResponse>(
                                             "complaints", "ComplaintsService", "ListProcedures",
                                             complaints::v1::ListProceduresRequest()));
  using complaints::v1::GetComplaintRequest;
  using complaints::v1::ListComplaintsRequest;
  using complaints::v1::ListComplaintsResponse;
  ASSIGN_OR_RETURN(
      registers.complaints,
      (ReadRecords<ListComplaintsRequest, ListComplaintsResponse, GetComplaintRequest, Complaint>(
          reading, "complaints", "ComplaintsService", "ListComplaints", "GetComplaint",
          [&](const ListComplaintsResponse& page, std::vector<GetComplaintRequest>& wanted) {
            for (const auto& one : page.complaints()) {
              if (!registers.Happened(one.has_recorded_time(), one.recorded_time())) continue;
              wanted.emplace_back().set_complaint_id(one.complaint_id());
            }
          })));

  at(v1::Pack::STEP_ALLEGATIONS);
  using allegations::v1::GetAllegationRequest;
  using allegations::v1::ListAllegationsRequest;
  using allegations::v1::ListAllegationsResponse;
  ASSIGN_OR_RETURN(
      registers.allegations,
      (ReadRecords<ListAllegationsRequest, ListAllegationsResponse, GetAllegationRequest,
                   Allegation>(
          reading, "allegations", "AllegationsService", "ListAllegations", "GetAllegation",
          [&](const ListAllegationsResponse& page, std::vector<GetAllegationRequest>& wanted) {
            for (const auto& one : page.allegations()) {
              if (!registers.Happened(one.has_received_time(), one.received_time())) continue;
              wanted.emplace_back().set_allegation_id(one.allegation_id());
            }
          })));

  at(v1::Pack::STEP_DUTIES);
  kpis::v1::ExplainKpiRequest duties;
  duties.set_code(kCarerDuties);
  *duties.mutable_as_at_time() = moment;
  *duties.mutable_known_at_time() = moment;
  RETURN_IF_ERROR((reading.ForEachPage<kpis::v1::ExplainKpiResponse>(
      "kpis", "KpisService", "ExplainKpi", duties, [&](const kpis::v1::ExplainKpiResponse& page) {
        registers.carer_duties.insert(registers.carer_duties.end(), page.evidence().begin(),
                                      page.evidence().end());
      })));
  RETURN_IF_ERROR(reading.Count(static_cast<int64_t>(registers.carer_duties.size())));

  at(v1::Pack::STEP_KPIS);
  kpis::v1::ListKpisRequest figures;
  *figures.mutable_as_at_time() = moment;
  *figures.mutable_known_at_time() = moment;
  figures.set_history_months(3);
  ASSIGN_OR_RETURN(const auto listed, reading.Get<kpis::v1::ListKpisResponse>("kpis", "KpisService",
                                                                              "ListKpis", figures));
  registers.kpis.assign(listed.kpis().begin(), listed.kpis().end());
  kpis::v1::ListEditionsRequest editions;
  editions.set_page_size(kPage);
  RETURN_IF_ERROR((reading.ForEachPage<kpis::v1::ListEditionsResponse>(
      "kpis", "EditionsService", "ListEditions", editions,
      [&](const kpis::v1::ListEditionsResponse& page) {
        for (const auto& one : page.editions()) {
          if (registers.Happened(one.has_frozen_time(), one.frozen_time())) {
            registers.editions.push_back(one);
          }
        }
      })));
  kpis::v1::ListRestatementsRequest restatements;
  restatements.set_page_size(kPage);
  RETURN_IF_ERROR((reading.ForEachPage<kpis::v1::ListRestatementsResponse>(
      "kpis", "EditionsService", "ListRestatements", restatements,
      [&](const kpis::v1::ListRestatementsResponse& page) {
        for (const auto& one : page.restatements()) {
          if (registers.Happened(one.has_noticed_time(), one.noticed_time())) {
            registers.restatements.push_back(one);
          }
        }
      })));
  return registers;
}

}  // namespace fosterwatch::packs
