#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"

#include "apps/fosterwatch/demonstration_agency.h"
#include "apps/fosterwatch/people.h"
#include "apps/fosterwatch/tasks.h"
#include "bench/commands.h"
#include "bench/stream.h"
#include "fosterwatch/carers/v1/carers_service.pb.h"
#include "fosterwatch/directory/v1/directory_service.pb.h"
#include "fosterwatch/placements/v1/placements_service.pb.h"
#include "libs/ledger/id.h"
#include "libs/status/status_macros.h"

namespace fosterwatch::bench {
namespace {

using app::Task;

// A child names bodies and a carer, which reach the placements service over the bus.
constexpr absl::Duration kPatience = absl::Minutes(3);

template <typename Response, typename Request>
Task Recording(const std::shared_ptr<app::Remote>& remote, const std::string& area,
               const std::string& service, const std::string& method, Request request) {
  request.set_request_id(ledger::NewId());
  return [=] { return remote->Call<Response>(area, service, method, request).status(); };
}

// One foster parent each: what is measured does not ask for more.
carers::v1::TakeOverCarerRequest TakingOver(const carers::v1::Carer& carer) {
  carers::v1::TakeOverCarerRequest request;
  request.set_carer_id(carer.carer_id());
  request.set_kind(carer.kind());
  request.set_approved_date(carer.approved_date());
  carers::v1::Particulars* particulars = request.mutable_particulars();
  particulars->set_name(carer.name());
  particulars->set_address(carer.address().empty() ? "1 Example Street" : carer.address());
  carers::v1::FosterParent* person = particulars->add_foster_parents();
  person->set_name(carer.name());
  person->set_birth_date("1980-02-03");
  person->set_sex(carers::v1::FosterParent::SEX_FEMALE);
  return request;
}

absl::Status Prepare(const app::Context& context, const std::string& tokens_file) {
  const app::DemonstrationAgency agency = app::MakeDemonstrationAgency();
  std::vector<Task> directory, carers, children;
  std::ofstream tokens(tokens_file);
  for (int i = 0; i < kAgencies; ++i) {
    app::Context as = context;
    as.agency = AgencyName(i);
    ASSIGN_OR_RETURN(std::shared_ptr<app::Remote> remote, app::Remote::Open(as, "administrator"));
    ASSIGN_OR_RETURN(const std::string token, app::IssueToken(context.settings, "publisher",
                                                              as.agency, "", absl::Hours(24)));
    tokens << token << "\n";
    for (const directory::v1::Body& body : agency.bodies) {
      directory::v1::RecordBodyRequest request;
      *request.mutable_body() = body;
      directory.push_back(Recording<directory::v1::Body>(remote, "directory", "DirectoryService",
                                                         "RecordBody", request));
    }
    for (const directory::v1::RoleHolder& holder : agency.holders) {
      directory::v1::AppointHolderRequest request;
      *request.mutable_holder() = holder;
      directory.push_back(Recording<directory::v1::RoleHolder>(
          remote, "directory", "DirectoryService", "AppointHolder", request));
    }
    directory::v1::RegisterPublisherRequest publisher;
    publisher.mutable_publisher()->set_publisher_id("bench");
    publisher.mutable_publisher()->set_source(SourceOf(i));
    directory.push_back(Recording<directory::v1::Publisher>(remote, "directory", "DirectoryService",
                                                            "RegisterPublisher", publisher));
    for (int c = 0; c < kChildrenEach; ++c) {
      carers.push_back(Recording<carers::v1::Carer>(remote, "carers", "CarersService",
                                                    "TakeOverCarer", TakingOver(agency.carers[c])));
      placements::v1::RecordChildRequest child;
      *child.mutable_child() = agency.children[c];
      children.push_back(Recording<placements::v1::Child>(remote, "placements", "PlacementsService",
                                                          "RecordChild", child));
    }
  }
  if (!tokens.flush()) return absl::UnavailableError("cannot write " + tokens_file);
  const absl::Time begun = absl::Now();
  RETURN_IF_ERROR(app::RunAll(directory, kPatience));
  RETURN_IF_ERROR(app::RunAll(carers, kPatience));
  RETURN_IF_ERROR(app::RunAll(children, kPatience));
  const size_t all = directory.size() + carers.size() + children.size();
  const double took = absl::ToDoubleSeconds(absl::Now() - begun);
  std::printf("%zu records of %d agencies in %.1f s, %.0f/s by gRPC\n", all, kAgencies, took,
              static_cast<double>(all) / took);
  return absl::OkStatus();
}

}  // namespace

void AddPrepare(CLI::App& app, app::Context* context) {
  CLI::App* prepare = app.add_subcommand("prepare", "Record the agencies that the load is about");
  auto tokens = std::make_shared<std::string>();
  prepare->add_option("--tokens", *tokens, "file to write a publisher's token of each agency to")
      ->required();
  prepare->callback([context, tokens] {
    context->run = [context, tokens] { return Prepare(*context, *tokens); };
  });
}

}  // namespace fosterwatch::bench
