// carer review, review-inputs: a review of approval and what it looks back on, read from each
// register with the rights of whoever asks.
#include <algorithm>
#include <cstdio>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

#include "apps/fosterwatch/carer.h"
#include "apps/fosterwatch/commands.h"
#include "apps/fosterwatch/table.h"
#include "fosterwatch/allegations/v1/allegations_service.pb.h"
#include "fosterwatch/carers/v1/carer_approval_service.pb.h"
#include "fosterwatch/carers/v1/carers_service.pb.h"
#include "fosterwatch/complaints/v1/complaints_service.pb.h"
#include "fosterwatch/notifiable_events/v1/notifiable_event_service.pb.h"
#include "fosterwatch/placements/v1/placements_service.pb.h"
#include "libs/clock/proto_time.h"
#include "libs/clock/working_calendar.h"
#include "libs/status/status_macros.h"

namespace fosterwatch::app {
namespace {

using carers::v1::Carer;
using carers::v1::ReviewInput;

constexpr int kMostNamed = 100;

struct Told {
  std::string carer_id, request_id, review_date, report, reviewer;
  std::vector<std::string> children, authorities;
  bool foster_parents_heard = false, suitable = false, terms_appropriate = false, to_panel = false;
};

// By kind, the day and id of each record.
using Records = std::map<int, std::vector<std::pair<std::string, std::string>>>;

std::string DayOf(const google::protobuf::Timestamp& time) {
  return absl::FormatCivilTime(clock::LondonDay(clock::FromProto(time)));
}

// Every page of one register's list of the carer.
template <typename Request, typename Response, typename Take>
absl::Status ReadAll(Remote& remote, const char* area, const char* service, const char* method,
                     const std::string& carer_id, Take take) {
  Request request;
  request.set_page_size(200);
  request.set_carer_id(carer_id);
  while (true) {
    ASSIGN_OR_RETURN(const Response response,
                     remote.Call<Response>(area, service, method, request));
    take(response);
    if (response.next_page_token().empty()) return absl::OkStatus();
    request.set_page_token(response.next_page_token());
  }
}

int KindOf(const complaints::v1::ComplaintSummary& complaint) {
  if (complaint.kind() == complaints::v1::COMPLAINT_KIND_COMPLAINT) {
    return ReviewInput::KIND_COMPLAINT;
  }
  switch (complaint.giver_kind()) {
    case complaints::v1::GIVER_KIND_CHILD:
      return ReviewInput::KIND_COMMENT_OF_CHILD;
    case complaints::v1::GIVER_KIND_CARER:
      return ReviewInput::KIND_COMMENT_OF_CARER;
    default:
      return ReviewInput::KIND_COMMENT_OF_OTHERS;
  }
}

absl::StatusOr<Records> ReadOthers(Remote& remote, const std::string& carer_id) {
  Records records;
  for (const int kind : {ReviewInput::KIND_COMPLAINT, ReviewInput::KIND_ALLEGATION,
                         ReviewInput::KIND_NOTIFIABLE_EVENT, ReviewInput::KIND_PLACEMENT_ENDED,
                         ReviewInput::KIND_COMMENT_OF_CHILD, ReviewInput::KIND_COMMENT_OF_CARER,
                         ReviewInput::KIND_COMMENT_OF_OTHERS}) {
    records[kind];
  }
  RETURN_IF_ERROR(
      (ReadAll<complaints::v1::ListComplaintsRequest, complaints::v1::ListComplaintsResponse>(
          remote, "complaints", "ComplaintsService", "ListComplaints", carer_id,
          [&](const auto& page) {
            for (const auto& complaint : page.complaints()) {
              records[KindOf(complaint)].emplace_back(DayOf(complaint.received_time()),
                                                      complaint.complaint_id());
            }
          })));
  RETURN_IF_ERROR(
      (ReadAll<allegations::v1::ListAllegationsRequest, allegations::v1::ListAllegationsResponse>(
          remote, "allegations", "AllegationsService", "ListAllegations", carer_id,
          [&](const auto& page) {
            for (const auto& allegation : page.allegations()) {
              records[ReviewInput::KIND_ALLEGATION].emplace_back(
                  DayOf(allegation.became_aware_time()), allegation.allegation_id());
            }
          })));
  namespace events = notifiable_events::v1;
  RETURN_IF_ERROR((ReadAll<events::ListEventsRequest, events::ListEventsResponse>(
      remote, "notifiable_events", "NotifiableEventService", "ListEvents", carer_id,
      [&](const auto& page) {
        for (const auto& event : page.events()) {
          records[ReviewInput::KIND_NOTIFIABLE_EVENT].emplace_back(DayOf(event.occurred_time()),
                                                                   event.event_id());
        }
      })));
  RETURN_IF_ERROR(
      (ReadAll<placements::v1::ListPlacementsRequest, placements::v1::ListPlacementsResponse>(
          remote, "placements", "PlacementsService", "ListPlacements", carer_id,
          [&](const auto& page) {
            for (const auto& placement : page.placements()) {
              if (placement.end_date().empty()) continue;
              records[ReviewInput::KIND_PLACEMENT_ENDED].emplace_back(placement.end_date(),
                                                                      placement.placement_id());
            }
          })));
  return records;
}

// Those from `since` to `until`, the newest by name.
void AddInput(int kind, std::vector<std::pair<std::string, std::string>> records,
              const std::string& since, const std::string& until,
              google::protobuf::RepeatedPtrField<ReviewInput>& inputs) {
  std::erase_if(records,
                [&](const auto& record) { return record.first < since || record.first > until; });
  std::sort(records.rbegin(), records.rend());
  ReviewInput* input = inputs.Add();
  input->set_kind(static_cast<ReviewInput::Kind>(kind));
  input->set_count(static_cast<int>(records.size()));
  if (records.size() > kMostNamed) records.resize(kMostNamed);
  for (const auto& [day, id] : records) input->add_record_ids(id);
}

struct Gathered {
  std::string since;
  google::protobuf::RepeatedPtrField<ReviewInput> own, others;
};

absl::StatusOr<Gathered> Gather(Remote& remote, const std::string& carer_id,
                                const std::string& until) {
  carers::v1::GetCarerRequest get;
  get.set_carer_id(carer_id);
  ASSIGN_OR_RETURN(const Carer carer,
                   remote.Call<Carer>("carers", "CarersService", "GetCarer", get));
  ASSIGN_OR_RETURN(const Records records, ReadOthers(remote, carer_id));
  Gathered gathered;
  gathered.since = carer.approved_date();
  std::set<std::string> replaced;
  for (const auto& change : carer.register_changes()) replaced.insert(change.replaces_change_id());
  for (const auto& change : carer.register_changes()) {
    // Also of reviews that another register held.
    if (change.has_review() && change.effective_date() < until &&
        !replaced.contains(change.change_id())) {
      gathered.since = std::max(gathered.since, change.effective_date());
    }
  }
  Records own;
  own[ReviewInput::KIND_VISIT];
  own[ReviewInput::KIND_CHECK];
  for (const auto& visit : carer.visits()) {
    own[ReviewInput::KIND_VISIT].emplace_back(DayOf(visit.visited_time()), visit.visit_id());
  }
  for (const auto& check : carer.checks()) {
    own[ReviewInput::KIND_CHECK].emplace_back(check.done_date(), check.check_id());
  }
  for (const auto& [kind, of] : own) AddInput(kind, of, gathered.since, until, gathered.own);
  for (const auto& [kind, of] : records) AddInput(kind, of, gathered.since, until, gathered.others);
  return gathered;
}

std::string Until(const Told& told) {
  return told.review_date.empty() ? absl::FormatCivilTime(clock::LondonDay(absl::Now()))
                                  : told.review_date;
}

absl::Status ShowInputs(const Context& context, const Told& told) {
  ASSIGN_OR_RETURN(const auto remote, Remote::Open(context, "caseworker"));
  ASSIGN_OR_RETURN(Gathered gathered, Gather(*remote, told.carer_id, Until(told)));
  gathered.own.MergeFrom(gathered.others);
  if (context.json) {
    carers::v1::Review review;
    review.set_inputs_since_date(gathered.since);
    *review.mutable_inputs() = gathered.own;
    PrintJson(review);
    return absl::OkStatus();
  }
  std::printf("since %s\n", OrDash(gathered.since).c_str());
  Table table({"WHAT", "COUNT", "RECORDS"});
  for (const ReviewInput& input : gathered.own) {
    table.Add({Word(ReviewInput::Kind_Name(input.kind()), "KIND_"), absl::StrCat(input.count()),
               OrDash(absl::StrJoin(input.record_ids(), " "))});
  }
  std::fputs(table.Text().c_str(), stdout);
  return absl::OkStatus();
}

absl::Status Record(const Context& context, const Told& told) {
  ASSIGN_OR_RETURN(const auto remote, Remote::Open(context, "caseworker"));
  carers::v1::RecordReviewRequest request;
  request.set_request_id(RequestId(told.request_id));
  request.set_carer_id(told.carer_id);
  request.set_review_date(told.review_date);
  request.set_foster_parents_heard(told.foster_parents_heard);
  for (const std::string& id : told.children) request.add_child_ids_heard(id);
  for (const std::string& id : told.authorities) request.add_authority_ids_heard(id);
  request.set_still_suitable(told.suitable);
  request.set_terms_appropriate(told.terms_appropriate);
  request.set_report(told.report);
  request.set_to_panel(told.to_panel);
  request.set_reviewer_id(told.reviewer);
  ASSIGN_OR_RETURN(Gathered gathered, Gather(*remote, told.carer_id, Until(told)));
  *request.mutable_inputs() = std::move(gathered.others);
  return ShowCarer(context,
                   remote->Call<Carer>("carers", "CarerApprovalService", "RecordReview", request));
}

}  // namespace

void AddCarerReview(CLI::App* carer, Context* context) {
  auto told = std::make_shared<Told>();
  Told& t = *told;
  const auto add = [&](const char* name, const char* what,
                       absl::Status (*action)(const Context&, const Told&)) {
    CLI::App* command = carer->add_subcommand(name, what);
    AddRemoteOptions(command, context);
    command->add_option("carer", t.carer_id, "the carer's id")->required();
    command->add_option("--review-date", t.review_date, "the day of the review");
    command->callback([context, told, action] {
      context->run = [context, told, action] { return action(*context, *told); };
    });
    return command;
  };
  add("review-inputs", "What a review of approval looks back on, of all registers [as caseworker]",
      ShowInputs);
  CLI::App* review =
      add("review", "A review of approval was held; keeps what it looked back on [as caseworker]",
          Record);
  review->add_flag("--foster-parents-heard", t.foster_parents_heard, "they gave their views");
  review->add_option("--child-ids-heard", t.children, "a child; may be given again")
      ->allow_extra_args(false);
  review->add_option("--authority-ids-heard", t.authorities, "an authority; may be given again")
      ->allow_extra_args(false);
  review->add_flag("--still-suitable", t.suitable, "they are still suitable");
  review->add_flag("--terms-appropriate", t.terms_appropriate, "the terms are still right");
  review->add_option("--report", t.report, "what the review found");
  review->add_flag("--to-panel", t.to_panel, "the report goes to the panel");
  review->add_option("--reviewer-id", t.reviewer, "who reviewed");
  review->add_option("--request-id", t.request_id,
                     "makes a repetition safe: the same id gives the first answer [a new one]");
}

}  // namespace fosterwatch::app
