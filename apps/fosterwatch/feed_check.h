// What a publisher's feed is worth, before it is sent: each record as the intake reads it, the feed
// as a whole, and what each record would bring about by the rules of law in production. Pure: reads
// no server; what it would have to ask one comes in as a World. One thread.
//
// A fault is what the intake refuses, or what must not be in a feed. A note is what is worth
// knowing. Neither repeats a value: records are named by where they stand.
//
//   of one record   what libs/cloudevents and the services' intake_data.h refuse; the refusals of
//   the domain;
//                   ATTRIBUTE_NOT_ALLOWED, SUBJECT_NOT_AN_ID, PERSONAL_DATA, NOT_AN_ID,
//                   TIME_IN_THE_FUTURE
//   idempotency     ID_REUSED (same source and id, other content), SAME_UNDER_ANOTHER_ID;
//                   note REPEATED
//   order           BEFORE_ITS_REPORT, TIME_GOES_BACK, SUBJECT_ON_TWO_PARTITIONS, TOO_LATE (what it
//                   brings about could no longer be done in time), REPORTED_AGAIN (a subject is one
//                   event), RETURNED_BEFORE, OUTCOME_RECORDED_BEFORE; notes REPORT_NOT_IN_FEED,
//                   NO_SUBJECT
//   figures         notes WOULD_RECORD, WOULD_CORRECT, WOULD_TAKE_BACK, CHANGES_NOTHING
//                   (feed_figures.h)
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"

#include "apps/fosterwatch/feed_figures.h"
#include "fosterwatch/notifiable_events/v1/notifiable_event.pb.h"
#include "libs/clock/working_calendar.h"
#include "libs/cloudevents/cloud_event.h"
#include "services/notifiable_events/domain/circumstances.h"
#include "services/notifiable_events/domain/command.h"
#include "services/notifiable_events/domain/forms.h"
#include "services/notifiable_events/domain/law.h"
#include "services/notifiable_events/intake_data.h"

namespace fosterwatch::app {

struct FeedRecord {
  std::string where;  // "line 3"
  absl::StatusOr<cloudevents::CloudEvent> event;
  // Records of different ones keep no order among them; -1 where the whole feed is in order.
  int partition = -1;
  // When it came, where that is known.
  absl::optional<absl::Time> arrived;
};

struct Finding {
  size_t record = 0;
  bool fault = true;
  std::string code;
  std::string field;  // an attribute, or "data.kinds"; may be empty
  std::string text;
};

// A notice that a record would bring about.
struct CausedNotice {
  size_t record = 0;
  notifiable_events::v1::Notice notice;
};

struct FeedReport {
  std::vector<std::string> where;  // of each record, in the order of the feed
  std::vector<Finding> findings;   // by record
  std::vector<CausedNotice> notices;
  // The longest time from awareness to the record, of those that say both; and which record.
  absl::optional<absl::Duration> latest;
  size_t latest_record = 0;

  int faults() const;
};

// What a server would know. Without one: a child that is placed, whose authority is not that of the
// area it lives in, with a body behind each recipient.
struct World {
  // Of the child and carer that a report names; each may be empty.
  std::function<absl::StatusOr<notifiable_events::domain::Circumstances>(
      const std::string& child_id, const std::string& carer_id)>
      circumstances;
  // Null: no event is known but those of the feed. NOT_FOUND for one that is not there.
  std::function<absl::StatusOr<notifiable_events::v1::NotifiableEvent>(const std::string& event_id)>
      event;
};
World StandInWorld();

class FeedCheck {
 public:
  // The rules that are in production. All outlive it.
  struct Rules {
    const notifiable_events::domain::Law& law;
    const notifiable_events::domain::FormBook& forms;
    const clock::WorkingCalendar& calendar;
    const kpis::v1::Catalogue& catalogue;
    const kpis::v1::KpiPolicies& kpi_policies;
  };
  FeedCheck(const Rules& rules, World world, absl::Time now);

  // In the order of the feed. An error is the world's, and ends the check.
  absl::Status Take(const FeedRecord& record);
  absl::StatusOr<FeedReport> Finish();

 private:
  using IntakeRequest = notifiable_events::IntakeRequest;
  using NotifiableEvent = notifiable_events::v1::NotifiableEvent;

  // What the feed has said of one subject so far.
  struct Incident {
    absl::optional<NotifiableEvent> event;
    absl::optional<absl::Time> last_time;
    int partition = -1;
    // Records that follow a report which has not come yet.
    std::vector<size_t> orphans;
  };
  // A record that follows a report, kept until it is known whether the feed has that.
  struct Orphan {
    IntakeRequest request;
    absl::optional<absl::Time> came;
  };

  void Say(size_t record, bool fault, std::string code, std::string field, std::string text);
  // Each violation of a refusal; true where there was none.
  bool Passes(size_t record, const absl::Status& status);
  void CheckEnvelope(size_t record, const cloudevents::CloudEvent& event);
  void CheckIds(size_t record, const google::protobuf::Message& message);
  // False for a record that is known by another one of the feed. Where `may_repeat`, the same
  // content under another id is no fault, and new.
  bool IsNew(size_t record, const cloudevents::CloudEvent& event,
             const google::protobuf::Message& request, bool may_repeat = false);
  void CheckOrder(size_t record, const FeedRecord& given, Incident& incident);
  // One about a child or a placement: read, its ids, repeats and order. Whether placements fit
  // together is for the register to say.
  void TakeOfRegister(size_t record, const FeedRecord& given);
  // A complaint that was seen elsewhere.
  void TakeFeedback(size_t record, const FeedRecord& given);
  // One about a figure or a safer caring plan, and what it would bring about.
  void TakeOfFigures(size_t record, const FeedRecord& given);
  absl::Status TakeReport(size_t record, const notifiable_events::v1::ReportEventRequest& request,
                          const cloudevents::CloudEvent& event, absl::optional<absl::Time> came,
                          Incident* incident);
  // That a record which follows a report says of which event, and is the only one of its type.
  void CheckFollows(size_t record, const IntakeRequest& request);
  // By the rules, what follows from a return or an outcome of this event; the event goes on.
  absl::Status Follow(size_t record, const IntakeRequest& request, absl::optional<absl::Time> came,
                      NotifiableEvent& event);
  absl::Status FollowOrphan(size_t record, const Orphan& orphan);
  void Apply(size_t record, const notifiable_events::domain::Facts& facts,
             absl::optional<absl::Time> came, absl::Time aware, NotifiableEvent& event);

  const Rules rules_;
  const World world_;
  const absl::Time now_;
  FeedFigures figures_;
  FeedReport report_;
  std::map<std::string, Incident> incidents_;                  // by subject
  std::map<size_t, Orphan> orphans_;                           // by record
  std::map<std::string, std::pair<size_t, std::string>> ids_;  // source and id: record, content
  std::map<std::string, size_t> contents_;                     // source and content: record
  std::map<std::string, size_t> follows_;                      // type and event: record
  int new_ids_ = 0;
};

}  // namespace fosterwatch::app
