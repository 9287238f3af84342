// What other registers are told of complaints and have seen of them, and what goes another way.
#include "fosterwatch/complaints/v1/feedback_service.pb.h"
#include "tests/component/complaints_fixture.h"

namespace fosterwatch::complaints {
namespace {

TEST_F(ComplaintsTest, AnAcceptedProposalIsReportedAsAnEventUnderItsIdAndSeenAgainAsTheSame) {
  const Complaint complaint = Recorded();
  v1::JudgeSeriousnessRequest judge;
  judge.set_complaint_id(complaint.complaint_id());
  judge.set_serious(true);
  judge.set_reason("a carer hit the child's dog");
  const auto judged = Call(agency_->TeamManager(), "JudgeSeriousness", judge);
  ASSERT_THAT(judged, IsOk());
  v1::AcceptEventProposalRequest accept;
  accept.set_complaint_id(complaint.complaint_id());
  accept.set_proposal_id(judged->event_proposals(0).proposal_id());
  accept.set_reason("row 9");
  const auto accepted = Call(agency_->RegisteredManager(), "AcceptEventProposal", accept);
  ASSERT_THAT(accepted, IsOk());
  const std::string event_id = accepted->event_proposals(0).event_id();

  namespace events = notifiable_events::v1;
  events::GetEventRequest get;
  get.set_event_id(event_id);
  absl::StatusOr<events::NotifiableEvent> event = absl::UnknownError("");
  ASSERT_TRUE(AwaitTrue(
      [&] {
        event = agency_->Call(agency_->TeamManager(), "GetEvent", get);
        return event.ok();
      },
      absl::Seconds(60)))
      << event.status();
  EXPECT_THAT(event->kinds(), ::testing::ElementsAre(events::EVENT_KIND_SERIOUS_COMPLAINT));
  EXPECT_EQ(event->report().carer_id(), "F-1");
  EXPECT_EQ(event->report().summary(), absl::StrCat("A serious complaint: see complaint ",
                                                    complaint.case_number().text(), "."));
  EXPECT_FALSE(event->notices().empty());
  // The event comes back as a sighting, and is known to be this complaint.
  EXPECT_TRUE(AwaitTrue([&] { return Get(complaint.complaint_id()).sighting_ids_size() == 1; },
                        absl::Seconds(60)));
  v1::ListSightingsRequest list;
  list.set_state(v1::Sighting::STATE_UNMATCHED);
  const auto unmatched =
      Call<v1::ListSightingsResponse>(agency_->TeamManager(), "ListSightings", list, kOversight);
  ASSERT_THAT(unmatched, IsOk());
  for (const v1::Sighting& sighting : unmatched->sightings()) {
    EXPECT_NE(sighting.source_id(), event_id);
  }
}

// Regulation 18(2): nobody considers what is said about themselves, nor do those who work for them.
TEST_F(ComplaintsTest, OneAboutTheRegisteredManagerIsTheResponsibleIndividualsAndIsKeptFromThem) {
  const Person individual = {
      agency_->id(), "individual-1", {options::v1::ROLE_RESPONSIBLE_INDIVIDUAL}};
  Appoint(individual);
  ASSERT_TRUE(AwaitTrue(
      [&] {
        const auto rows = installation_->Database("complaints")
                              ->Query("SELECT count(*) FROM reference.holder WHERE person_id = $1",
                                      {individual.person_id});
        return rows.ok() && rows->Int(0, 0) == 1;
      },
      absl::Seconds(60)));
  v1::RecordComplaintRequest request = Recording();
  auto* report = request.mutable_report();
  report->mutable_subject()->Clear();
  report->mutable_subject()->set_kind(v1::SUBJECT_KIND_STAFF);
  report->mutable_subject()->set_staff_id(agency_->RegisteredManager().person_id);
  report->mutable_subject()->add_line_manager_ids(individual.person_id);
  report->set_procedure_id("reg18");
  *report->mutable_received_time() = clock::ToProto(absl::Now() - absl::Hours(24 * 60));
  const Complaint complaint = Recorded(request);
  EXPECT_EQ(complaint.other_route().about_role(), options::v1::ROLE_REGISTERED_MANAGER);

  v1::GetComplaintRequest get;
  get.set_complaint_id(complaint.complaint_id());
  EXPECT_THAT(Call(individual, "GetComplaint", get), IsOk());
  EXPECT_THAT(Call(agency_->RegisteredManager(), "GetComplaint", get).status(),
              StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(Call(agency_->RegisteredManager(), "CloseComplaint", Closing(complaint)).status(),
              StatusIs(absl::StatusCode::kNotFound));
  v1::AnswerStageRequest answer;
  answer.set_complaint_id(complaint.complaint_id());
  answer.set_answer("it was looked into");
  EXPECT_THAT(Call(agency_->TeamManager(), "AnswerStage", answer).status(),
              HasReason("ANOTHER_ROUTE"));
  // Nor does the responsible individual act on any other.
  answer.set_complaint_id(Recorded().complaint_id());
  EXPECT_THAT(Call(individual, "AnswerStage", answer).status(), HasReason("ANOTHER_ROUTE"));

  // It is long overdue: the one is told, and the other is not.
  namespace alerts = notifications::v1;
  const auto told = [&](const Person& person) {
    std::vector<alerts::Alert> of_it;
    alerts::ListAlertsRequest list;
    list.set_page_size(200);
    const auto listed = installation_->Call<alerts::ListAlertsResponse>(
        person, "fosterwatch.notifications.v1.NotificationsService", "ListAlerts", list);
    EXPECT_THAT(listed, IsOk());
    if (!listed.ok()) return of_it;
    for (const auto& alert : listed->alerts()) {
      if (alert.record_id() == complaint.complaint_id()) of_it.push_back(alert);
    }
    return of_it;
  };
  // The acknowledgement, and the answer.
  ASSERT_TRUE(AwaitTrue([&] { return told(individual).size() == 2; }, absl::Seconds(60)));
  for (const alerts::Alert& alert : told(individual)) {
    EXPECT_THAT(alert.roles(), ::testing::ElementsAre(options::v1::ROLE_RESPONSIBLE_INDIVIDUAL));
    EXPECT_FALSE(alert.in_digest());
    alerts::AcknowledgeAlertRequest seen;
    seen.set_alert_id(alert.alert_id());
    EXPECT_THAT(installation_
                    ->Call<alerts::Alert>(agency_->RegisteredManager(),
                                          "fosterwatch.notifications.v1.NotificationsService",
                                          "AcknowledgeAlert", seen)
                    .status(),
                StatusIs(absl::StatusCode::kNotFound));
  }
  EXPECT_THAT(told(agency_->RegisteredManager()), ::testing::IsEmpty());

  answer.set_complaint_id(complaint.complaint_id());
  EXPECT_THAT(Call(individual, "AnswerStage", answer), IsOk());
}

TEST_F(ComplaintsTest, FeedbackOfAnotherSystemIsMatchedOrWaitsForAPerson) {
  const auto bus = installation_->OpenBus();
  const auto publish = [&](const std::string& id, const std::string& source,
                           const std::string& data) {
    bus::Record record;
    record.topic = "fosterwatch.intake.complaints.v1";
    record.key = id;
    record.value = data;
    record.headers = {{"ce_specversion", "1.0"},
                      {"ce_id", id},
                      {"ce_source", source},
                      {"ce_type", "uk.fosterwatch.feedback.received.v1"},
                      {"content-type", "application/json"}};
    ASSERT_THAT(bus->Publish({record}), IsOk());
  };
  const std::string when =
      absl::FormatTime(absl::RFC3339_sec, absl::Now() - absl::Hours(24 * 200), absl::UTCTimeZone());
  v1::RecordComplaintRequest old = Recording();
  *old.mutable_report()->mutable_received_time() =
      clock::ToProto(absl::Now() - absl::Hours(24 * 195));
  const Complaint complaint = Recorded(old);
  publish("feedback-1", agency_->source(),
          absl::StrCat(R"({"child_id": "C-1", "carer_id": "F-1", "received_time": ")", when,
                       R"(", "text": "my money"})"));
  publish("feedback-2", agency_->source(),
          absl::StrCat(R"({"child_id": "C-7", "received_time": ")", when, R"("})"));
  publish("feedback-1", agency_->source(),
          absl::StrCat(R"({"child_id": "C-1", "carer_id": "F-1", "received_time": ")", when,
                       R"(", "text": "my money"})"));
  publish("feedback-3", agency_->source(), R"({"child": "C-1"})");
  publish("feedback-4", "urn:nobody", absl::StrCat(R"({"received_time": ")", when, R"("})"));

  EXPECT_TRUE(AwaitTrue([&] { return Get(complaint.complaint_id()).sighting_ids_size() == 1; },
                        absl::Seconds(60)));
  // It was another matter of that time, which a manager alone may say.
  v1::TakeBackMatchRequest back;
  back.set_sighting_id(Get(complaint.complaint_id()).sighting_ids(0));
  back.set_complaint_id(complaint.complaint_id());
  back.set_reason("about another week");
  EXPECT_THAT(Call<v1::Sighting>(agency_->Caseworker(), "TakeBackMatch", back, kOversight),
              StatusIs(absl::StatusCode::kPermissionDenied));
  const auto open = Call<v1::Sighting>(agency_->TeamManager(), "TakeBackMatch", back, kOversight);
  ASSERT_THAT(open, IsOk());
  EXPECT_EQ(open->state(), v1::Sighting::STATE_UNMATCHED);
  EXPECT_EQ(Get(complaint.complaint_id()).sighting_ids_size(), 0);
  v1::ListSightingsRequest list;
  list.set_state(v1::Sighting::STATE_UNMATCHED);
  v1::Sighting waiting;
  EXPECT_TRUE(AwaitTrue(
      [&] {
        const auto unmatched = Call<v1::ListSightingsResponse>(agency_->TeamManager(),
                                                               "ListSightings", list, kOversight);
        if (!unmatched.ok()) return false;
        for (const v1::Sighting& sighting : unmatched->sightings()) {
          if (sighting.source_id() == "feedback-2") waiting = sighting;
        }
        return !waiting.sighting_id().empty();
      },
      absl::Seconds(60)));
  EXPECT_TRUE(waiting.has_next_raise_time());
  // A source that is bound to a program is no other's.
  directory::v1::RegisterPublisherRequest bound;
  bound.mutable_publisher()->set_publisher_id("second");
  bound.mutable_publisher()->set_source("urn:second");
  bound.mutable_publisher()->add_program_ids("program:second");
  ASSERT_THAT(installation_->Call<directory::v1::Publisher>(
                  agency_->Administrator(), "fosterwatch.directory.v1.DirectoryService",
                  "RegisterPublisher", bound),
              IsOk());
  v1::IngestCloudEventRequest feedback;
  feedback.set_id("feedback-5");
  feedback.set_source("urn:second");
  feedback.set_type("uk.fosterwatch.feedback.received.v1");
  feedback.set_data(absl::StrCat(R"({"received_time": ")", when, R"("})"));
  EXPECT_TRUE(AwaitTrue(
      [&] {
        const auto refused = Call<v1::Sighting>(agency_->Publisher(), "IngestCloudEvent", feedback,
                                                "fosterwatch.complaints.v1.FeedbackService");
        return ReasonOf(refused.status()) == "SOURCE_OF_ANOTHER";
      },
      absl::Seconds(60)));
  // Two could not be taken, and are kept with why.
  EXPECT_TRUE(AwaitTrue(
      [&] {
        const auto rows = installation_->Database("complaints")
                              ->Query(
                                  "SELECT count(*) FROM ledger.fact"
                                  " WHERE name = 'intake_record_parked'");
        return rows.ok() && rows->Int(0, 0) >= 1;
      },
      absl::Seconds(60)));

  v1::ExplainSightingRequest explain;
  explain.set_sighting_id(waiting.sighting_id());
  explain.set_explanation("a child of another agency");
  const auto explained =
      Call<v1::Sighting>(agency_->TeamManager(), "ExplainSighting", explain, kOversight);
  ASSERT_THAT(explained, IsOk());
  EXPECT_EQ(explained->state(), v1::Sighting::STATE_EXPLAINED);
  EXPECT_THAT(
      Call<v1::Sighting>(agency_->TeamManager(), "ExplainSighting", explain, kOversight).status(),
      HasReason("SETTLED_BEFORE"));
}

}  // namespace
}  // namespace fosterwatch::complaints
