#include "tests/support/agency.h"

#include <stdexcept>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"

#include "fosterwatch/carers/v1/carers_service.pb.h"
#include "fosterwatch/directory/v1/directory_service.pb.h"
#include "fosterwatch/placements/v1/placements_service.pb.h"
#include "libs/clock/proto_time.h"
#include "libs/testing/await.h"

namespace fosterwatch::testing {
namespace {

constexpr char kDirectory[] = "fosterwatch.directory.v1.DirectoryService";
constexpr char kCarers[] = "fosterwatch.carers.v1.CarersService";
constexpr char kPlacements[] = "fosterwatch.placements.v1.PlacementsService";

using directory::v1::Body;

void Check(const absl::Status& status, const std::string& doing) {
  if (!status.ok()) throw std::runtime_error(absl::StrCat(doing, ": ", status.ToString()));
}

directory::v1::RecordBodyRequest BodyRequest(const std::string& id, Body::Kind kind) {
  directory::v1::RecordBodyRequest request;
  Body* body = request.mutable_body();
  body->set_body_id(id);
  body->set_kind(kind);
  body->set_name(id);
  auto* contact = body->add_contacts();
  contact->set_channel(type::v1::CHANNEL_TELEPHONE);
  contact->set_address("01632 960000");
  contact->set_released_by_person(true);
  if (kind == Body::KIND_LOCAL_AUTHORITY) {
    body->set_police_body_id("police");
    body->set_health_body_id("health");
  }
  return request;
}

}  // namespace

Agency::Agency(Installation* installation, std::string agency_id)
    : installation_(installation), id_(std::move(agency_id)) {
  const std::pair<const char*, Body::Kind> bodies[] = {
      {"ofsted", Body::KIND_CHIEF_INSPECTOR},
      {"secretary-of-state", Body::KIND_SECRETARY_OF_STATE},
      {"northshire", Body::KIND_LOCAL_AUTHORITY},
      {"southshire", Body::KIND_LOCAL_AUTHORITY},
      {"police", Body::KIND_POLICE},
      {"health", Body::KIND_HEALTH_BODY}};
  for (const auto& [id, kind] : bodies) {
    Check(
        installation_->Call<Body>(Administrator(), kDirectory, "RecordBody", BodyRequest(id, kind))
            .status(),
        "recording a body");
  }
  directory::v1::RegisterPublisherRequest publisher;
  publisher.mutable_publisher()->set_publisher_id("case-system");
  publisher.mutable_publisher()->set_source(source());
  Check(installation_
            ->Call<directory::v1::Publisher>(Administrator(), kDirectory, "RegisterPublisher",
                                             publisher)
            .status(),
        "registering a publisher");

  TakeOverCarer("F-1");

  for (const auto& [id, area] : {std::pair{"C-1", "northshire"}, std::pair{"C-2", "southshire"}}) {
    placements::v1::RecordChildRequest request;
    placements::v1::Child* child = request.mutable_child();
    child->set_child_id(id);
    child->set_name("Test Child");
    child->set_birth_date("2015-02-03");
    child->set_responsible_authority_id("northshire");
    child->set_area_authority_id(area);
    child->set_carer_id("F-1");
    absl::Status recorded;
    // Until the authorities and the carer have come to the placements.
    AwaitTrue(
        [&] {
          recorded =
              installation_
                  ->Call<placements::v1::Child>(Caseworker(), kPlacements, "RecordChild", request)
                  .status();
          return recorded.ok();
        },
        absl::Seconds(60));
    Check(recorded, "recording a child");
  }
  const auto known = [&] {
    auto counts = installation_->Database("notifiable_events")
                      ->Query(
                          "SELECT (SELECT count(*) FROM reference.body WHERE agency_id = $1)"
                          " + (SELECT count(*) FROM reference.child WHERE agency_id = $1)"
                          " + (SELECT count(*) FROM reference.carer WHERE agency_id = $1)"
                          " + (SELECT count(*) FROM reference.publisher WHERE agency_id = $1)",
                          {id_});
    return counts.ok() && counts->Int(0, 0) == 6 + 2 + 1 + 1;
  };
  if (!AwaitTrue(known, absl::Seconds(60))) {
    throw std::runtime_error("the register of events does not get to know the agency");
  }
}

notifiable_events::v1::EventReport Agency::Report(notifiable_events::v1::EventKind kind) const {
  notifiable_events::v1::EventReport report;
  report.add_kinds(kind);
  report.set_child_id("C-1");
  if (kind == notifiable_events::v1::EVENT_KIND_SERIOUS_COMPLAINT) report.set_carer_id("F-1");
  const absl::Time now = absl::Now();
  // Far enough from each other that no report looks like one made before.
  const int before = reports_.fetch_add(1);
  *report.mutable_occurred_time() = clock::ToProto(now - absl::Hours(1) - before * absl::Hours(30));
  *report.mutable_became_aware_time() = clock::ToProto(now - absl::Minutes(30));
  report.set_summary("What happened, in a few words.");
  return report;
}

void Agency::TakeOverCarer(const std::string& carer_id) {
  carers::v1::TakeOverCarerRequest request;
  request.set_carer_id(carer_id);
  request.set_kind(carers::v1::Carer::KIND_MAINSTREAM);
  request.set_approved_date("2020-01-01");
  carers::v1::Particulars* particulars = request.mutable_particulars();
  particulars->set_name("Test Carer");
  particulars->set_address("1 Example Street");
  carers::v1::FosterParent* person = particulars->add_foster_parents();
  person->set_name("Test Carer");
  person->set_birth_date("1980-02-03");
  person->set_sex(carers::v1::FosterParent::SEX_FEMALE);
  Check(installation_->Call<carers::v1::Carer>(Administrator(), kCarers, "TakeOverCarer", request)
            .status(),
        "taking over a carer");
}

}  // namespace fosterwatch::testing
