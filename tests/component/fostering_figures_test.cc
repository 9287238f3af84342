// Every figure of the fostering set from where it begins: what a screen or a case system calls at
// the register that owns it, by the real binary, to the figure that readers see. What is recorded
// is dated back so far that the months of which figures are asked have begun, whatever today is.
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <set>
#include <string>

#include "absl/strings/str_replace.h"

#include "fosterwatch/allegations/v1/allegations_service.pb.h"
#include "fosterwatch/complaints/v1/complaints_service.pb.h"
#include "fosterwatch/directory/v1/directory_service.pb.h"
#include "fosterwatch/kpis/v1/figure_import_service.pb.h"
#include "fosterwatch/kpis/v1/kpis_service.pb.h"
#include "fosterwatch/kpis/v1/safer_caring.pb.h"
#include "fosterwatch/placements/v1/placements_service.pb.h"
#include "tests/component/carers_fixture.h"
#include "tests/support/agency.h"

namespace fosterwatch::kpis {
namespace {

using ::fosterwatch::testing::Agency;
using ::fosterwatch::testing::AwaitTrue;
using ::fosterwatch::testing::IsOk;
using ::fosterwatch::testing::Person;
namespace c = complaints::v1;
namespace a = allegations::v1;
namespace e = notifiable_events::v1;

constexpr char kKpis[] = "fosterwatch.kpis.v1.KpisService";
constexpr char kComplaints[] = "fosterwatch.complaints.v1.ComplaintsService";
constexpr char kAllegations[] = "fosterwatch.allegations.v1.AllegationsService";

// The month of London that a moment lies in.
std::string MonthOf(const google::protobuf::Timestamp& moment) {
  return absl::FormatCivilTime(absl::CivilMonth(clock::LondonDay(clock::FromProto(moment))));
}

std::string DayAndMonth() {
  return absl::FormatCivilTime(clock::LondonDay(absl::Now())).substr(std::string("2026-").size());
}

google::protobuf::Timestamp Ago(absl::Duration duration) {
  return clock::ToProto(absl::Now() - duration);
}

// The month by a day of which something is due: it is too late at the due time.
std::string MonthBy(const google::protobuf::Timestamp& due) {
  return MonthOf(clock::ToProto(clock::FromProto(due) - absl::Microseconds(1)));
}

// The month in which the duty of that kind falls due.
template <typename Record, typename Kind>
std::string DueMonth(const Record& record, Kind kind) {
  for (const auto& duty : record.duties()) {
    if (duty.kind() == kind) return MonthBy(duty.due_time());
  }
  ADD_FAILURE() << "no duty of kind " << kind << ": " << record.ShortDebugString();
  return "";
}

class FosteringFiguresTest : public carers::CarersTest {
 protected:
  // As CarersTest, and the agency reviews what was learnt from a complaint on the day after it is
  // closed: nobody dates that back, and no figure has a value before its month begins.
  static void SetUpTestSuite() {
    namespace fs = std::filesystem;
    const fs::path share = fs::path(::testing::TempDir()) / "fostering_figures_share";
    fs::copy(std::getenv("FOSTERWATCH_SHARE_DIR"), share,
             fs::copy_options::recursive | fs::copy_options::overwrite_existing);
    std::ifstream book(share / "policy" / "procedures.json");
    const std::string text(std::istreambuf_iterator<char>(book), {});
    const std::string own = absl::StrReplaceAll(
        text, {{"\"learning_review\": {\n        \"working_days\": 20",
                "\"learning_review\": {\n        \"calendar_days\": 1"},
               {"\"version\": \"", "\"version\": \"own-"},
               {"\"effective_from\": \"2026-11-22\"", "\"effective_from\": \"2020-01-01\""}});
    ASSERT_NE(own.find("calendar_days\": 1,"), std::string::npos);
    fs::create_directories(share / "policy" / "procedures");
    std::ofstream(share / "policy" / "procedures" / "agency-a.json") << own;
    installation_ = new fosterwatch::testing::Installation({.share_dir = share.string()});
    installation_->Start();
    ASSERT_TRUE(installation_->AwaitReady()) << installation_->process().Output();
  }
  void SetUp() override { agency_ = std::make_unique<Agency>(installation_, "agency-a"); }

  v1::ListKpisResponse Listed(const v1::ListKpisRequest& request) const {
    auto list = installation_->Call<v1::ListKpisResponse>(Manager(), kKpis, "ListKpis", request);
    EXPECT_THAT(list, IsOk());
    return list.value_or(v1::ListKpisResponse());
  }
  v1::Figure Of(const std::string& code, const std::string& period = "") const {
    v1::ListKpisRequest request;
    request.add_codes(code);
    request.set_period(period);
    const v1::ListKpisResponse listed = Listed(request);
    return listed.kpis().empty() ? v1::Figure() : listed.kpis(0).current();
  }
  // What was just called has moved this figure.
  void Becomes(const std::string& code, double value, const std::string& period = "") {
    moved_.insert(code);
    EXPECT_TRUE(AwaitTrue([&] {
      const v1::Figure figure = Of(code, period);
      return figure.has_value() && figure.value() == value;
    })) << code
        << " of " << (period.empty() ? "now" : period) << ": "
        << Of(code, period).ShortDebugString();
  }

  // Until what it names has come to the service that is called.
  template <typename Response>
  Response Call(const Person& person, const char* service, const char* method,
                const google::protobuf::Message& request) const {
    absl::StatusOr<Response> response;
    EXPECT_TRUE(AwaitTrue([&] {
      return (response = installation_->Call<Response>(person, service, method, request)).ok();
    })) << method
        << ": " << response.status();
    return response.value_or(Response());
  }
  c::Complaint Complain(const char* method, const google::protobuf::Message& request) const {
    return Call<c::Complaint>(Manager(), kComplaints, method, request);
  }
  a::Allegation Allege(const char* method, const google::protobuf::Message& request) const {
    return Call<a::Allegation>(Manager(), kAllegations, method, request);
  }

  void Carers();
  void SaferCaring();
  void Placements();
  void Events();
  void Complaints();
  void Learning(const c::Complaint& closed);
  void Allegations();

  std::unique_ptr<Agency> agency_;
  std::set<std::string> moved_;
};

void FosteringFiguresTest::Carers() {
  using carers::kApproval;
  using carers::kDuties;
  Becomes("CR6", 1);
  const double places = Of("CR7").value();
  auto taken = TakingOver("F-2");
  taken.clear_review_dates();
  taken.add_review_dates(carers::Day(-380));
  taken.set_last_unannounced_visit_date(carers::Day(-500));
  carers::Carer carer = Do(carers::kCarers, "TakeOverCarer", taken);
  Becomes("CR6", 2);
  Becomes("CR7", places + 2);

  EXPECT_TRUE(AwaitTrue([&] { return Of("CR1").denominator() == 2; }));
  Becomes("CR1", 0);
  const double overdue = Of("CR8").value();
  carers::v1::RecordVisitRequest visit;
  visit.set_carer_id("F-2");
  *visit.mutable_visited_time() = Ago(absl::Hours(1));
  visit.set_unannounced(true);
  visit.add_seen()->set_child_id("C-1");
  visit.set_notes("all was well");
  Do(kDuties, "RecordVisit", visit);
  Becomes("CR1", 50);
  Becomes("CR8", overdue - 1);

  std::string due = DueMonth(carer, carers::v1::DUTY_KIND_ANNUAL_REVIEW);
  Becomes("CR2", 0, due);
  carers::v1::RecordReviewRequest review;
  review.set_carer_id("F-2");
  review.set_review_date(carers::Day(-20));
  review.set_report("doing well");
  review.set_reviewer_id(agency_->TeamManager().person_id);
  review.set_still_suitable(true);
  review.set_terms_appropriate(true);
  Do(kApproval, "RecordReview", review);
  Becomes("CR2", 100, due);

  // Approved so long ago that what an approval asks for has fallen due.
  constexpr int kDaysAgo = 400;
  carer = Recommended("F-3", kDaysAgo);
  due = DueMonth(carer, carers::v1::DUTY_KIND_DECISION);
  Becomes("CR5", 0, due);
  carers::v1::RecordDecisionRequest decide = Deciding("F-3");
  *decide.mutable_decided_time() = Ago(absl::Hours(24 * kDaysAgo));
  decide.set_decision_maker_id(agency_->RegisteredManager().person_id);
  carer = Do(kApproval, "RecordDecision", decide);
  Becomes("CR5", 100, due);

  due = DueMonth(carer, carers::v1::DUTY_KIND_TRAINING_STANDARDS);
  Becomes("CR4", 0, due);
  carers::v1::RecordCheckRequest check;
  check.set_carer_id("F-3");
  check.set_kind(carers::v1::CHECK_KIND_TRAINING_STANDARDS);
  check.set_done_date(carers::Day(-100));
  Do(kDuties, "RecordCheck", check);
  Becomes("CR4", 100, due);

  const auto policy = Call<carers::v1::CarerPolicy>(Manager(), carers::kCarers, "GetCarerPolicy",
                                                    carers::v1::GetCarerPolicyRequest());
  carers::v1::IssueAgreementRequest issue;
  issue.set_carer_id("F-3");
  issue.set_version("2026");
  issue.set_issued_date(carers::Day(-60));
  for (const auto& rule : policy.agreement()) issue.add_items_covered(rule.code());
  carer = Do(kDuties, "IssueAgreement", issue);
  due = DueMonth(carer, carers::v1::DUTY_KIND_AGREEMENT_RETURN);
  Becomes("CR3", 0, due);
  carers::v1::RecordAgreementReturnedRequest returned;
  returned.set_carer_id("F-3");
  returned.set_agreement_id(carer.agreements().rbegin()->agreement_id());
  returned.set_returned_date(carers::Day(-50));
  for (const auto& person : carer.foster_parents()) {
    returned.add_foster_parent_ids(person.foster_parent_id());
  }
  Do(kDuties, "RecordAgreementReturned", returned);
  Becomes("CR3", 100, due);
}

void FosteringFiguresTest::SaferCaring() {
  v1::ReportedSaferCaringPlan plan;
  plan.set_carer_id("F-1");
  plan.set_reviewed_date(carers::Day(-3));
  v1::IngestCloudEventRequest event;
  event.set_id("plan-1");
  event.set_source(agency_->source());
  event.set_type("uk.fosterwatch.safer-caring-plan.reviewed.v1");
  event.set_data_content_type("application/protobuf");
  event.set_data(plan.SerializeAsString());
  Call<v1::SaferCaringPlan>(agency_->Publisher(), "fosterwatch.kpis.v1.SaferCaringService",
                            "IngestCloudEvent", event);
  Becomes("CR9", 100.0 / 3);
}

void FosteringFiguresTest::Placements() {
  Becomes("PL1", 2);
  placements::v1::EndPlacementRequest end;
  end.set_child_id("C-2");
  end.set_end_date(carers::Day());
  end.set_reason_code("CREQB");
  Call<placements::v1::Placement>(Manager(), "fosterwatch.placements.v1.PlacementsService",
                                  "EndPlacement", end);
  Becomes("PL1", 1);
  const std::string month = end.end_date().substr(0, std::string("2026-11").size());
  Becomes("PL2", 1, month);
  Becomes("PL3", 100, month);
}

void FosteringFiguresTest::Events() {
  e::ReportEventRequest report;
  // Its notices are due when it is known.
  *report.mutable_report() = agency_->Report(e::EVENT_KIND_CHILD_DEATH);
  const absl::Time aware = absl::Now() - absl::Hours(24 * 40);
  *report.mutable_report()->mutable_occurred_time() = clock::ToProto(aware - absl::Hours(1));
  *report.mutable_report()->mutable_became_aware_time() = clock::ToProto(aware);
  const auto death = Call<e::NotifiableEvent>(Manager(), testing::kEvents, "ReportEvent", report);
  Becomes("NE3", 1);
  Becomes("NE4", death.notices_size());
  ASSERT_GT(death.notices_size(), 0);
  const std::string due = MonthOf(death.notices(0).in_time_until());
  Becomes("NE1", 0, due);
  e::GiveNoticeRequest give;
  give.set_event_id(death.event_id());
  give.set_channel(type::v1::CHANNEL_TELEPHONE);
  *give.mutable_given_time() = clock::ToProto(aware + absl::Hours(2));
  for (const e::Notice& notice : death.notices()) {
    give.set_notice_id(notice.notice_id());
    Call<e::NotifiableEvent>(Manager(), testing::kEvents, "GiveNotice", give);
  }
  Becomes("NE4", 0);
  Becomes("NE1", 100, due);
  Becomes("NE2", 2, MonthOf(give.given_time()));

  // Due working days after the report was recorded, so none of them is overdue in a test; which
  // are asked is what moves.
  EXPECT_TRUE(AwaitTrue([&] { return Of("NE5").denominator() == death.sign_offs_size(); }));
  Becomes("NE5", 0);
  ASSERT_GT(death.sign_offs_size(), 0);
  e::SignOffEventRequest sign;
  sign.set_event_id(death.event_id());
  sign.set_stage(death.sign_offs(0).stage());
  Call<e::NotifiableEvent>(agency_->TeamManager(), testing::kEvents, "SignOffEvent", sign);
  EXPECT_TRUE(AwaitTrue([&] { return Of("NE5").denominator() == death.sign_offs_size() - 1; }));
}

void FosteringFiguresTest::Complaints() {
  c::RecordComplaintRequest record;
  auto* report = record.mutable_report();
  report->set_kind(c::COMPLAINT_KIND_COMPLAINT);
  report->mutable_giver()->set_kind(c::GIVER_KIND_PARENT);
  report->mutable_giver()->set_name("A parent");
  report->mutable_subject()->set_kind(c::SUBJECT_KIND_SERVICE);
  report->set_received_by(c::RECEIVED_BY_LETTER);
  *report->mutable_received_time() = Ago(absl::Hours(24 * 60));
  report->set_category("DELAY");
  report->set_summary("nobody answers");
  report->set_procedure_id("reg18");
  const c::Complaint complaint = Complain("RecordComplaint", record);
  const std::string received = MonthOf(report->received_time());
  Becomes("CC3", 1, received);
  Becomes("CC4", 1);
  c::RecordComplimentRequest compliment;
  *compliment.mutable_report() = *report;
  compliment.mutable_report()->set_kind(c::COMPLAINT_KIND_COMPLIMENT);
  compliment.mutable_report()->clear_procedure_id();
  compliment.mutable_report()->set_summary("somebody answered");
  Becomes("CC5", 0, received);
  Complain("RecordCompliment", compliment);
  Becomes("CC5", 1, received);

  const std::string due = DueMonth(complaint, c::DUTY_KIND_STEP);
  const std::string& id = complaint.complaint_id();
  Becomes("CC1", 0, due);
  c::AnswerStageRequest answer;
  answer.set_complaint_id(id);
  answer.set_answer("somebody answers now");
  *answer.mutable_answered_time() = Ago(absl::Hours(24 * 59));
  Complain("AnswerStage", answer);
  Becomes("CC1", 100, due);
  for (const auto& point : complaint.points()) {
    c::DecidePointRequest decide;
    decide.set_complaint_id(id);
    decide.set_point_id(point.point_id());
    decide.set_outcome(c::POINT_OUTCOME_UPHELD);
    decide.set_reason("nobody did");
    Complain("DecidePoint", decide);
  }
  c::RecordActionTakenRequest taken;
  taken.set_complaint_id(id);
  taken.set_text("somebody was asked to");
  Complain("RecordActionTaken", taken);
  c::CloseComplaintRequest close;
  close.set_complaint_id(id);
  close.set_outcome("upheld");
  const c::Complaint closed = Complain("CloseComplaint", close);
  Becomes("CC4", 0);
  Learning(closed);
}

void FosteringFiguresTest::Learning(const c::Complaint& closed) {
  ASSERT_EQ(closed.learning_reviews_size(), 1);
  // By the end of tomorrow: of the shortest period of that day that has begun. A year's last day
  // has none.
  std::string period;
  for (const c::Duty& duty : closed.duties()) {
    if (duty.kind() != c::DUTY_KIND_LEARNING_REVIEW) continue;
    const std::string month = MonthBy(duty.due_time());
    const std::string today = MonthOf(clock::ToProto(absl::Now()));
    if (month.substr(0, 4) != today.substr(0, 4)) return;
    period = month == today ? month : month.substr(0, 4);
  }
  ASSERT_NE(period, "");
  EXPECT_FALSE(Of("CC2", period).has_value()) << "not due, and not closed";
  c::RecordLearningRequest learning;
  learning.set_complaint_id(closed.complaint_id());
  learning.set_review_id(closed.learning_reviews(0).review_id());
  learning.set_learning("nobody was named to answer");
  learning.set_published_learning("Somebody is named to answer.");
  Complain("RecordLearning", learning);
  c::AddLearningActionRequest action;
  action.set_complaint_id(closed.complaint_id());
  action.set_review_id(learning.review_id());
  action.set_description("name somebody");
  action.set_owner_id(agency_->TeamManager().person_id);
  *action.mutable_due_time() = Ago(-absl::Hours(240));
  Complain("AddLearningAction", action);
  EXPECT_FALSE(Of("CC2", period).has_value()) << "learnt, and the review is not closed";
  c::CloseLearningReviewRequest end;
  end.set_complaint_id(closed.complaint_id());
  end.set_review_id(learning.review_id());
  Complain("CloseLearningReview", end);
  Becomes("CC2", 100, period);
}

void FosteringFiguresTest::Allegations() {
  for (const Person& person :
       {agency_->Caseworker(), agency_->TeamManager(), agency_->RegisteredManager()}) {
    directory::v1::AppointHolderRequest request;
    auto* holder = request.mutable_holder();
    holder->set_person_id(person.person_id);
    holder->set_role(person.roles[0]);
    holder->set_name("Test Person");
    holder->set_email(absl::StrCat(person.person_id, "@example.org"));
    holder->set_title("Test title");
    *holder->mutable_from_time() = Ago(absl::Hours(24 * 300));
    Call<directory::v1::RoleHolder>(agency_->Administrator(),
                                    "fosterwatch.directory.v1.DirectoryService", "AppointHolder",
                                    request);
  }
  const auto days_ago = [](int days) { return Ago(absl::Hours(24 * days)); };
  a::ReceiveAllegationRequest receive;
  auto* report = receive.mutable_report();
  report->set_carer_id("F-1");
  report->set_child_id("C-1");
  report->add_grounds(a::GROUND_HARM);
  report->set_informant(a::INFORMANT_CHILD);
  *report->mutable_became_aware_time() = days_ago(65);
  report->set_summary("what the child said");
  a::Allegation allegation = Allege("ReceiveAllegation", receive);
  Becomes("AL2", 1);
  Becomes("AL3", 1, MonthOf(report->became_aware_time()));
  a::ReferAllegationRequest refer;
  refer.set_allegation_id(allegation.allegation_id());
  *refer.mutable_referred_time() = days_ago(64);
  refer.set_body_id("northshire");
  refer.set_officer_name("Ms Officer");
  refer.set_channel(type::v1::CHANNEL_TELEPHONE);
  Allege("ReferAllegation", refer);
  a::RecordOfficerConclusionRequest conclude;
  conclude.set_allegation_id(allegation.allegation_id());
  conclude.set_outcome(a::OUTCOME_UNSUBSTANTIATED);
  *conclude.mutable_concluded_time() = days_ago(60);
  conclude.set_reasons("what was found");
  allegation = Allege("RecordOfficerConclusion", conclude);
  // A conclusion that is recorded so late has actions that were due before; they are closed when
  // that is said, so none of these is in time.
  for (const auto& item : allegation.checklist()) {
    if (item.code() == "SUPPORT") Becomes("AL1", 0, MonthBy(item.action().due_time()));
  }
}

TEST_F(FosteringFiguresTest, EachIsMovedByWhatIsRecordedInItsRegister) {
  Placements();
  Carers();
  SaferCaring();
  Events();
  Allegations();
  Complaints();
  v1::ListKpisRequest request;
  request.set_set("fostering");
  const v1::ListKpisResponse listed = Listed(request);
  EXPECT_EQ(listed.kpis_size(), 25);
  for (const v1::Kpi& kpi : listed.kpis()) {
    const std::string& code = kpi.definition().code();
    // On the last day of a year (Learning).
    if (code == "CC2" && DayAndMonth() == "12-31") continue;
    EXPECT_TRUE(moved_.contains(code)) << code << " is not shown to begin at its register";
  }
  const auto data = Call<v1::GetServiceDataResponse>(Manager(), kKpis, "GetServiceData",
                                                     v1::GetServiceDataRequest());
  EXPECT_GT(data.kpis_size(), 5);
  for (const v1::Kpi& kpi : data.kpis()) {
    EXPECT_TRUE(kpi.current().has_value()) << kpi.definition().code();
  }
  EXPECT_EQ(Call<v1::ListKpiSetsResponse>(Manager(), kKpis, "ListKpiSets", v1::ListKpiSetsRequest())
                .sets_size(),
            4);
}

}  // namespace
}  // namespace fosterwatch::kpis
