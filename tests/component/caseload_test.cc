// Own caseload and access in an emergency, by the real binary: a supervising social worker sees the
// households that they supervise and who lives there, in every register that is open to them.
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "fosterwatch/carers/v1/carer_duties_service.pb.h"
#include "fosterwatch/carers/v1/carers_service.pb.h"
#include "fosterwatch/complaints/v1/complaints_service.pb.h"
#include "fosterwatch/directory/v1/directory_service.pb.h"
#include "fosterwatch/notifiable_events/v1/notifiable_event_service.pb.h"
#include "fosterwatch/notifications/v1/notifications_service.pb.h"
#include "fosterwatch/placements/v1/placements_service.pb.h"
#include "libs/clock/proto_time.h"
#include "libs/clock/working_calendar.h"
#include "libs/status/error.h"
#include "libs/testing/await.h"
#include "libs/testing/status_matchers.h"
#include "tests/support/agency.h"
#include "tests/support/installation.h"

namespace fosterwatch {
namespace {

using carers::v1::Carer;
using ::fosterwatch::testing::Agency;
using ::fosterwatch::testing::AwaitTrue;
using ::fosterwatch::testing::HasReason;
using ::fosterwatch::testing::Installation;
using ::fosterwatch::testing::IsOk;
using ::fosterwatch::testing::Person;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr char kCarers[] = "fosterwatch.carers.v1.CarersService";
constexpr char kDuties[] = "fosterwatch.carers.v1.CarerDutiesService";
constexpr char kPlacements[] = "fosterwatch.placements.v1.PlacementsService";
constexpr char kEvents[] = "fosterwatch.notifiable_events.v1.NotifiableEventService";
constexpr char kComplaints[] = "fosterwatch.complaints.v1.ComplaintsService";
constexpr char kDirectory[] = "fosterwatch.directory.v1.DirectoryService";
constexpr char kNotifications[] = "fosterwatch.notifications.v1.NotificationsService";
constexpr absl::Duration kPatience = absl::Seconds(60);

// C-1 and C-2 live with F-1, C-3 with F-2.
class CaseloadTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    installation_ = new Installation({});
    installation_->Start();
    ASSERT_TRUE(installation_->AwaitReady()) << installation_->process().Output();
    agency_ = new Agency(installation_, "agency-a");
    agency_->TakeOverCarer("F-2");
    placements::v1::RecordChildRequest child;
    child.mutable_child()->set_child_id("C-3");
    child.mutable_child()->set_name("Third Child");
    child.mutable_child()->set_birth_date("2014-02-03");
    child.mutable_child()->set_responsible_authority_id("northshire");
    child.mutable_child()->set_area_authority_id("northshire");
    child.mutable_child()->set_carer_id("F-2");
    ASSERT_TRUE(AwaitTrue(
        [&] {
          return Call<placements::v1::Child>(agency_->Caseworker(), kPlacements, "RecordChild",
                                             child)
              .ok();
        },
        kPatience));
    for (const char* person : {"social-worker-1", "social-worker-2", "social-worker-3"}) {
      Appoint(person, options::v1::ROLE_SUPERVISING_SOCIAL_WORKER);
    }
    Appoint("registered-manager-1", options::v1::ROLE_REGISTERED_MANAGER);
  }
  static void TearDownTestSuite() {
    delete agency_;
    delete installation_;
  }

  static void Appoint(const std::string& person, options::v1::Role role) {
    directory::v1::AppointHolderRequest request;
    request.mutable_holder()->set_holder_id("holder-" + person);
    request.mutable_holder()->set_person_id(person);
    request.mutable_holder()->set_email(person + "@agency.example");
    request.mutable_holder()->set_title("A title");
    request.mutable_holder()->set_role(role);
    request.mutable_holder()->set_name("Test Person");
    *request.mutable_holder()->mutable_from_time() =
        clock::ToProto(absl::Now() - absl::Hours(24 * 30));
    ASSERT_THAT(Call<directory::v1::RoleHolder>(agency_->Administrator(), kDirectory,
                                                "AppointHolder", request),
                IsOk());
  }

  template <typename Response>
  static absl::StatusOr<Response> Call(const Person& person, const char* service,
                                       const std::string& method,
                                       const google::protobuf::Message& request) {
    return installation_->Call<Response>(person, service, method, request);
  }
  static Person SocialWorker(int number) {
    return {agency_->id(),
            absl::StrCat("social-worker-", number),
            {options::v1::ROLE_SUPERVISING_SOCIAL_WORKER}};
  }
  // Waits until the register knows of the appointment.
  static void Assign(const std::string& carer_id, const std::string& supervisor) {
    carers::v1::AssignSupervisorRequest request;
    request.set_carer_id(carer_id);
    request.set_supervisor_id(supervisor);
    request.set_from_date(absl::FormatCivilTime(clock::LondonDay(absl::Now())));
    absl::Status last;
    EXPECT_TRUE(AwaitTrue(
        [&] {
          last = Call<Carer>(agency_->TeamManager(), kCarers, "AssignSupervisor", request).status();
          return last.ok();
        },
        kPatience))
        << last;
  }
  static absl::StatusOr<Carer> GetCarer(const Person& person, const std::string& carer_id) {
    carers::v1::GetCarerRequest request;
    request.set_carer_id(carer_id);
    return Call<Carer>(person, kCarers, "GetCarer", request);
  }
  static absl::StatusOr<placements::v1::Child> GetChild(const Person& person,
                                                        const std::string& child_id) {
    placements::v1::GetChildRequest request;
    request.set_child_id(child_id);
    return Call<placements::v1::Child>(person, kPlacements, "GetChild", request);
  }
  // The ids of a list, which must be answered; `ids_of` takes the answer.
  template <typename Response, typename IdsOf>
  static std::vector<std::string> List(const Person& person, const char* service,
                                       const std::string& method,
                                       const google::protobuf::Message& request, IdsOf ids_of) {
    const auto answer = Call<Response>(person, service, method, request);
    EXPECT_THAT(answer, IsOk()) << method << ": " << answer.status();
    std::set<std::string> ids;
    if (answer.ok()) ids_of(*answer, ids);
    return {ids.begin(), ids.end()};
  }
  static std::vector<std::string> CarersOf(const Person& person) {
    return List<carers::v1::ListCarersResponse>(
        person, kCarers, "ListCarers", carers::v1::ListCarersRequest(),
        [](const auto& answer, auto& ids) {
          for (const auto& carer : answer.carers()) ids.insert(carer.carer_id());
          EXPECT_EQ(answer.total_size(), static_cast<int64_t>(ids.size())) << "nor counted";
        });
  }
  static std::vector<std::string> ChildrenOf(const Person& person) {
    return List<placements::v1::ListChildrenResponse>(
        person, kPlacements, "ListChildren", placements::v1::ListChildrenRequest(),
        [](const auto& answer, auto& ids) {
          for (const auto& child : answer.children()) ids.insert(child.child_id());
          EXPECT_EQ(answer.total_size(), static_cast<int64_t>(ids.size())) << "nor counted";
        });
  }
  static bool AwaitChildren(const Person& person, const std::vector<std::string>& children) {
    return AwaitTrue([&] { return ChildrenOf(person) == children; }, kPatience);
  }
  static absl::StatusOr<notifiable_events::v1::NotifiableEvent> Report(
      const Person& person, const std::string& child_id, const std::string& carer_id = "") {
    notifiable_events::v1::ReportEventRequest request;
    *request.mutable_report() =
        agency_->Report(notifiable_events::v1::EVENT_KIND_SERIOUS_ILLNESS_ACCIDENT);
    request.mutable_report()->set_child_id(child_id);
    request.mutable_report()->set_carer_id(carer_id);
    return Call<notifiable_events::v1::NotifiableEvent>(person, kEvents, "ReportEvent", request);
  }
  static absl::StatusOr<Carer> Open(const Person& person, const std::string& carer_id,
                                    const std::string& child_id, const std::string& reason) {
    carers::v1::OpenInEmergencyRequest request;
    request.set_carer_id(carer_id);
    request.set_child_id(child_id);
    request.set_reason(reason);
    return Call<Carer>(person, kCarers, "OpenInEmergency", request);
  }
  // How often a register's log has it.
  static int64_t Logged(const std::string& service, const std::string& person,
                        const std::string& method, const std::string& outcome,
                        const std::string& reason, const std::string& record) {
    const auto rows = installation_->Database(service)->Query(
        "SELECT count(*) FROM ledger.access a JOIN ledger.access_record r USING (agency_id,"
        " access_id) WHERE a.person_id = $1 AND a.method LIKE '%/' || $2 AND a.outcome = $3"
        " AND a.reason = $4 AND r.record = $5",
        {person, method, outcome, reason, record});
    EXPECT_THAT(rows, IsOk());
    return rows.ok() ? rows->Int(0, 0) : -1;
  }

  inline static Installation* installation_ = nullptr;
  inline static Agency* agency_ = nullptr;
};

TEST_F(CaseloadTest, SeesTheOwnHouseholdsAndWhoLivesThereAndNobodyElse) {
  const Person one = SocialWorker(1);
  EXPECT_THAT(CarersOf(one), IsEmpty());
  EXPECT_THAT(GetCarer(one, "F-1"), HasReason("NOT_FOUND"));
  Assign("F-1", "social-worker-1");
  // The register that decides it knows it at once.
  const auto own = GetCarer(one, "F-1");
  ASSERT_THAT(own, IsOk()) << own.status();
  EXPECT_EQ(own->supervisor_id(), "social-worker-1");
  const absl::Status foreign = GetCarer(one, "F-2").status();
  EXPECT_THAT(foreign, HasReason("NOT_FOUND"));
  EXPECT_EQ(foreign.ToString(), GetCarer(one, "F-404").status().ToString());
  EXPECT_EQ(
      Logged("carers", "social-worker-1", "GetCarer", "NOT_FOUND", "NOT_IN_CASELOAD", "carer:F-2"),
      1);
  EXPECT_EQ(Logged("carers", "social-worker-1", "GetCarer", "OK", "", "carer:F-1"), 1);
  EXPECT_THAT(CarersOf(one), ElementsAre("F-1"));
  EXPECT_THAT(CarersOf(agency_->Caseworker()), ElementsAre("F-1", "F-2"));
  const auto duties = List<carers::v1::ListDutiesResponse>(one, kDuties, "ListDuties",
                                                           carers::v1::ListDutiesRequest(),
                                                           [](const auto& answer, auto& ids) {
                                                             for (const auto& item : answer.items())
                                                               ids.insert(item.carer_id());
                                                           });
  EXPECT_THAT(duties, ElementsAre("F-1"));

  // What the social worker does for the household, and not for another.
  carers::v1::RecordVisitRequest visit;
  visit.set_carer_id("F-2");
  *visit.mutable_visited_time() = clock::ToProto(absl::Now() - absl::Hours(1));
  visit.set_supervision(true);
  visit.add_seen()->set_other("nobody else");
  EXPECT_THAT(Call<Carer>(one, kDuties, "RecordVisit", visit), HasReason("NOT_FOUND"));
  visit.set_carer_id("F-1");
  EXPECT_THAT(Call<Carer>(one, kDuties, "RecordVisit", visit), IsOk());
  visit.add_seen()->set_child_id("C-3");
  EXPECT_THAT(Call<Carer>(one, kDuties, "RecordVisit", visit), HasReason("NOT_FOUND"))
      << "a child of another household";
  const auto visits = List<carers::v1::ListVisitsResponse>(one, kDuties, "ListVisits",
                                                           carers::v1::ListVisitsRequest(),
                                                           [](const auto& answer, auto& ids) {
                                                             for (const auto& item : answer.items())
                                                               ids.insert(item.carer_id());
                                                           });
  EXPECT_THAT(visits, ElementsAre("F-1"));

  // The register of placements hears of it.
  ASSERT_TRUE(AwaitChildren(one, {"C-1", "C-2"}));
  EXPECT_THAT(GetChild(one, "C-1"), IsOk());
  EXPECT_THAT(GetChild(one, "C-3"), HasReason("NOT_FOUND"));
  EXPECT_EQ(Logged("placements", "social-worker-1", "GetChild", "NOT_FOUND", "NOT_IN_CASELOAD",
                   "child:C-3"),
            1);
  const auto placed = List<placements::v1::ListPlacementsResponse>(
      one, kPlacements, "ListPlacements", placements::v1::ListPlacementsRequest(),
      [](const auto& answer, auto& ids) {
        for (const auto& placement : answer.placements()) ids.insert(placement.child_id());
      });
  EXPECT_THAT(placed, ElementsAre("C-1", "C-2"));
  const auto households = List<placements::v1::ListHouseholdsResponse>(
      one, kPlacements, "ListHouseholds", placements::v1::ListHouseholdsRequest(),
      [](const auto& answer, auto& ids) {
        for (const auto& household : answer.households()) ids.insert(household.carer_id());
      });
  EXPECT_THAT(households, ElementsAre("F-1"));
  for (const std::string carer_id : {"F-1", "F-2"}) {
    placements::v1::GetHouseholdRequest get;
    get.set_carer_id(carer_id);
    const auto household = Call<placements::v1::Household>(one, kPlacements, "GetHousehold", get);
    EXPECT_EQ(household.ok(), carer_id == "F-1") << carer_id << household.status();
  }
  const auto all = Call<placements::v1::ListPlacementsResponse>(
      agency_->Caseworker(), kPlacements, "ListPlacements",
      placements::v1::ListPlacementsRequest());
  ASSERT_THAT(all, IsOk());
  EXPECT_GE(all->placements_size(), 3);
  for (const auto& placement : all->placements()) {
    placements::v1::GetPlacementRequest get;
    get.set_placement_id(placement.placement_id());
    const auto got = Call<placements::v1::Placement>(one, kPlacements, "GetPlacement", get);
    EXPECT_EQ(got.ok(), placement.carer_id() == "F-1") << placement.child_id() << got.status();
  }
}

TEST_F(CaseloadTest, AChildWhoMovesOutIsNotSeenAnyMore) {
  const Person three = SocialWorker(3);
  Assign("F-1", "social-worker-3");
  placements::v1::RecordChildRequest child;
  child.mutable_child()->set_child_id("C-4");
  child.mutable_child()->set_name("Fourth Child");
  child.mutable_child()->set_birth_date("2013-02-03");
  child.mutable_child()->set_responsible_authority_id("northshire");
  child.mutable_child()->set_area_authority_id("northshire");
  for (const auto& [home, seen] : {std::pair{"F-1", true}, std::pair{"F-2", false}}) {
    child.mutable_child()->set_carer_id(home);
    ASSERT_THAT(
        Call<placements::v1::Child>(agency_->Caseworker(), kPlacements, "RecordChild", child),
        IsOk());
    EXPECT_TRUE(AwaitTrue([&] { return GetChild(three, "C-4").ok() == seen; }, kPatience)) << home;
  }
  ASSERT_TRUE(AwaitTrue([&] { return Report(three, "C-1").ok(); }, kPatience));
  EXPECT_TRUE(AwaitTrue([&] { return !Report(three, "C-4").ok(); }, kPatience));
  // Where the child lived is not shown by the placement that has ended either.
  const auto placed = List<placements::v1::ListPlacementsResponse>(
      three, kPlacements, "ListPlacements", placements::v1::ListPlacementsRequest(),
      [](const auto& answer, auto& ids) {
        for (const auto& placement : answer.placements()) ids.insert(placement.child_id());
      });
  EXPECT_THAT(placed, ElementsAre("C-1", "C-2"));
}

TEST_F(CaseloadTest, ReportsOfTheOwnHouseholdsAndReadsTheOwnReports) {
  const Person two = SocialWorker(2);
  Assign("F-1", "social-worker-2");
  absl::StatusOr<notifiable_events::v1::NotifiableEvent> reported;
  ASSERT_TRUE(AwaitTrue([&] { return (reported = Report(two, "C-1", "F-1")).ok(); }, kPatience))
      << reported.status();
  EXPECT_THAT(Report(two, "C-3"), HasReason("NOT_FOUND"));
  EXPECT_THAT(Report(two, "C-1", "F-2"), HasReason("NOT_FOUND"));
  const auto of_another = Report(agency_->Caseworker(), "C-1");
  ASSERT_THAT(of_another, IsOk()) << of_another.status();
  const auto get = [&](const std::string& event_id) {
    notifiable_events::v1::GetEventRequest request;
    request.set_event_id(event_id);
    return Call<notifiable_events::v1::NotifiableEvent>(two, kEvents, "GetEvent", request);
  };
  EXPECT_THAT(get(reported->event_id()), IsOk());
  EXPECT_THAT(get(of_another->event_id()), HasReason("NOT_FOUND"));
  const auto listed = List<notifiable_events::v1::ListEventsResponse>(
      two, kEvents, "ListEvents", notifiable_events::v1::ListEventsRequest(),
      [](const auto& answer, auto& ids) {
        for (const auto& event : answer.events()) ids.insert(event.event_id());
        EXPECT_EQ(answer.total_size(), static_cast<int64_t>(ids.size()));
      });
  EXPECT_THAT(listed, ElementsAre(reported->event_id()));
  // A complaint is recorded by whoever hears it.
  complaints::v1::ListComplaintsRequest complaints;
  EXPECT_THAT(
      Call<complaints::v1::ListComplaintsResponse>(two, kComplaints, "ListComplaints", complaints),
      HasReason("ROLE_NOT_ALLOWED"));
}

TEST_F(CaseloadTest, IsOverWithTheAssignment) {
  const Person three = SocialWorker(3);
  Assign("F-2", "social-worker-3");
  ASSERT_THAT(GetCarer(three, "F-2"), IsOk());
  ASSERT_TRUE(AwaitTrue([&] { return GetChild(three, "C-3").ok(); }, kPatience));
  Assign("F-2", "social-worker-1");
  EXPECT_THAT(GetCarer(three, "F-2"), HasReason("NOT_FOUND"));
  EXPECT_TRUE(AwaitTrue([&] { return !GetChild(three, "C-3").ok(); }, kPatience));
  Assign("F-2", "");
  EXPECT_THAT(GetCarer(SocialWorker(1), "F-2"), HasReason("NOT_FOUND"));
}

TEST_F(CaseloadTest, OpensInAnEmergencyAtOnceAlertsTheManagerAndEndsByItself) {
  Person four = SocialWorker(4);
  EXPECT_THAT(Open(four, "F-2", "", ""), HasReason("REQUIRED"));
  EXPECT_THAT(Open(four, "F-2", "C-3", "both"), HasReason("ONE_OF_TWO"));
  EXPECT_THAT(Open(four, "", "C-404", "no such child"), HasReason("NOT_FOUND"));
  EXPECT_THAT(Open(four, "F-404", "", "no such carer"), HasReason("NOT_FOUND"));
  EXPECT_THAT(Open(agency_->Caseworker(), "F-2", "", "sees all"), HasReason("ROLE_NOT_ALLOWED"));
  EXPECT_THAT(GetCarer(four, "F-2"), HasReason("NOT_FOUND"));
  // By the child who rang.
  const std::string reason = "the child Rosamund rang at night";
  const auto opened = Open(four, "", "C-3", reason);
  ASSERT_THAT(opened, IsOk()) << opened.status();
  ASSERT_EQ(opened->emergencies_size(), 1);
  const absl::Duration lasts = clock::FromProto(opened->emergencies(0).until_time()) -
                               clock::FromProto(opened->emergencies(0).from_time());
  EXPECT_EQ(lasts, absl::Hours(8)) << "as the policy that is shipped has it";
  EXPECT_THAT(GetCarer(four, "F-2"), IsOk());
  EXPECT_TRUE(AwaitTrue([&] { return GetChild(four, "C-3").ok(); }, kPatience));
  EXPECT_THAT(GetCarer(four, "F-1"), HasReason("NOT_FOUND")) << "one household";
  EXPECT_EQ(Logged("carers", "social-worker-4", "OpenInEmergency", "OK", "", "carer:F-2"), 1);
  EXPECT_EQ(Logged("carers", "social-worker-4", "GetCarer", "OK", "", "carer:F-2"), 1);

  // The registered manager is told, and finds it in the list until somebody has looked at it.
  const Person manager = agency_->RegisteredManager();
  const auto alert = [&] {
    const auto alerts = Call<notifications::v1::ListAlertsResponse>(
        manager, kNotifications, "ListAlerts", notifications::v1::ListAlertsRequest());
    if (!alerts.ok()) return notifications::v1::Alert();
    for (const auto& one : alerts->alerts()) {
      if (one.reason_code() == "EMERGENCY_ACCESS") return one;
    }
    return notifications::v1::Alert();
  };
  ASSERT_TRUE(AwaitTrue([&] { return !alert().alert_id().empty(); }, kPatience));
  EXPECT_THAT(alert().roles(), ElementsAre(options::v1::ROLE_REGISTERED_MANAGER));
  EXPECT_EQ(alert().state(), notifications::v1::Alert::STATE_OPEN);
  carers::v1::ListEmergenciesRequest list;
  list.set_not_reviewed(true);
  auto emergencies =
      Call<carers::v1::ListEmergenciesResponse>(manager, kCarers, "ListEmergencies", list);
  ASSERT_THAT(emergencies, IsOk());
  ASSERT_EQ(emergencies->items_size(), 1);
  EXPECT_TRUE(emergencies->items(0).open());
  EXPECT_EQ(emergencies->items(0).emergency().reason(), reason);
  EXPECT_THAT(Call<carers::v1::ListEmergenciesResponse>(four, kCarers, "ListEmergencies", list),
              HasReason("ROLE_NOT_ALLOWED"));
  // Why it was opened is for those alone.
  for (const char* service : {"carers", "notifications"}) {
    const auto rows = installation_->Database(service)->Query(
        "SELECT count(*) FROM ledger.fact WHERE position('Rosamund'::bytea in payload) > 0"
        " OR position('Rosamund'::bytea in sealed) > 0");
    ASSERT_THAT(rows, IsOk()) << rows.status();
    EXPECT_EQ(rows->Int(0, 0), 0) << service;
  }

  // Eight hours later.
  for (const auto& [service, table] : std::vector<std::pair<std::string, std::string>>{
           {"carers", "view.caseload"}, {"placements", "reference.caseload"}}) {
    ASSERT_THAT(installation_->Database(service)->Query(
                    absl::StrCat("UPDATE ", table,
                                 " SET from_at = from_at - interval '8 hours', until_at = until_at"
                                 " - interval '8 hours' WHERE person_id = 'social-worker-4'")),
                IsOk());
  }
  EXPECT_THAT(GetCarer(four, "F-2"), HasReason("NOT_FOUND"));
  EXPECT_THAT(CarersOf(four), IsEmpty());
  EXPECT_THAT(GetChild(four, "C-3"), HasReason("NOT_FOUND"));

  carers::v1::ReviewEmergencyRequest review;
  review.set_carer_id("F-2");
  review.set_emergency_id(opened->emergencies(0).emergency_id());
  review.set_note("rightly so");
  ASSERT_THAT(Call<Carer>(manager, kCarers, "ReviewEmergency", review), IsOk());
  EXPECT_TRUE(AwaitTrue([&] { return alert().state() == notifications::v1::Alert::STATE_CLEARED; },
                        kPatience));
  emergencies =
      Call<carers::v1::ListEmergenciesResponse>(manager, kCarers, "ListEmergencies", list);
  ASSERT_THAT(emergencies, IsOk());
  EXPECT_EQ(emergencies->items_size(), 0);
}

}  // namespace
}  // namespace fosterwatch
