#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include <unistd.h>

#include "apps/fosterwatch/commands.h"
#include "apps/fosterwatch/demonstration_agency.h"
#include "apps/fosterwatch/demonstration_register.h"
#include "apps/fosterwatch/import_register.h"
#include "apps/fosterwatch/import_run.h"
#include "apps/fosterwatch/people.h"
#include "apps/fosterwatch/tasks.h"
#include "fosterwatch/carers/v1/carers_service.pb.h"
#include "fosterwatch/directory/v1/directory_service.pb.h"
#include "fosterwatch/kpis/v1/figure_import_service.pb.h"
#include "fosterwatch/kpis/v1/safer_caring_service.pb.h"
#include "fosterwatch/placements/v1/placements_service.pb.h"
#include "libs/clock/working_calendar.h"
#include "libs/ledger/id.h"
#include "libs/status/error.h"
#include "libs/status/status_macros.h"
#include "services/kpis/intake_data.h"

namespace fosterwatch::app {
namespace {

// Children name bodies and carers, which reach the placements service over the bus.
constexpr absl::Duration kPatience = absl::Seconds(60);

// Of the first carers of the register; of the others nobody supervises any yet.
constexpr size_t kSupervised = 12;

// The line that says how far it is: live on a terminal, a line for each hundred elsewhere.
class Progress {
 public:
  explicit Progress(size_t all) : all_(all), terminal_(isatty(STDERR_FILENO) != 0) {}

  void Step() {
    absl::MutexLock lock(&mutex_);
    ++done_;
    if (terminal_) {
      std::fprintf(stderr, "\r%zu of %zu records", done_, all_);
      if (done_ == all_) std::fputc('\n', stderr);
    } else if (done_ % 100 == 0 || done_ == all_) {
      std::fprintf(stderr, "%zu of %zu records\n", done_, all_);
    }
  }

 private:
  const size_t all_;
  const bool terminal_;
  absl::Mutex mutex_;
  size_t done_ ABSL_GUARDED_BY(mutex_) = 0;
};

// A request whose id follows from its content: loaded again it gives the first answer, and a later
// version of the agency is recorded over this one.
template <typename Request>
void SetRequestId(Request& request) {
  request.set_request_id(
      ledger::DerivedId(absl::StrCat("demonstration\n", request.SerializeAsString())));
}

class Loader {
 public:
  explicit Loader(Remote* remote) : remote_(remote) {}

  // The answer only says that it is done. A task may outlive this.
  template <typename Response, typename Request>
  Task Recording(const std::string& area, const std::string& service, const std::string& method,
                 Request request) {
    SetRequestId(request);
    return [=, remote = remote_] {
      return remote->Call<Response>(area, service, method, request).status();
    };
  }

  std::vector<Task> Directory(const DemonstrationAgency& agency) {
    std::vector<Task> tasks;
    for (const directory::v1::Body& body : agency.bodies) {
      directory::v1::RecordBodyRequest request;
      *request.mutable_body() = body;
      tasks.push_back(
          Recording<directory::v1::Body>("directory", "DirectoryService", "RecordBody", request));
    }
    for (const directory::v1::RoleHolder& holder : agency.holders) {
      directory::v1::AppointHolderRequest request;
      *request.mutable_holder() = holder;
      tasks.push_back(Recording<directory::v1::RoleHolder>("directory", "DirectoryService",
                                                           "AppointHolder", request));
    }
    for (const directory::v1::Publisher& publisher : agency.publishers) {
      directory::v1::RegisterPublisherRequest request;
      *request.mutable_publisher() = publisher;
      tasks.push_back(Recording<directory::v1::Publisher>("directory", "DirectoryService",
                                                          "RegisterPublisher", request));
    }
    return tasks;
  }

  std::vector<Task> Supervisors(const DemonstrationAgency& agency) {
    std::vector<Task> tasks;
    for (size_t i = 0; i < std::min(kSupervised, agency.carers.size()); ++i) {
      carers::v1::AssignSupervisorRequest request;
      request.set_carer_id(agency.carers[i].carer_id());
      request.set_supervisor_id(PersonOf(options::v1::ROLE_SUPERVISING_SOCIAL_WORKER));
      tasks.push_back(
          Recording<carers::v1::Carer>("carers", "CarersService", "AssignSupervisor", request));
    }
    return tasks;
  }

  std::vector<Task> Children(const DemonstrationAgency& agency) {
    std::vector<Task> tasks;
    for (const placements::v1::Child& child : agency.children) {
      placements::v1::RecordChildRequest request;
      *request.mutable_child() = child;
      request.mutable_child()->clear_carer_id();
      request.set_keep_placement(true);
      tasks.push_back(Recording<placements::v1::Child>("placements", "PlacementsService",
                                                       "RecordChild", request));
    }
    return tasks;
  }

  // Of those who live nowhere yet.
  absl::StatusOr<std::vector<Task>> Placements(const DemonstrationAgency& agency) {
    placements::v1::ListChildrenRequest list;
    list.set_page_size(1000);
    for (const auto& child : agency.children) list.add_child_ids(child.child_id());
    ASSIGN_OR_RETURN(const auto children,
                     remote_->Call<placements::v1::ListChildrenResponse>(
                         "placements", "PlacementsService", "ListChildren", list));
    std::set<std::string> placed;
    for (const auto& child : children.children()) {
      if (!child.carer_id().empty()) placed.insert(child.child_id());
    }
    std::vector<Task> tasks;
    for (const placements::v1::Placement& placement : app::Placements(agency)) {
      if (placed.contains(placement.child_id())) continue;
      placements::v1::RecordPlacementRequest request;
      *request.mutable_placement() = placement;
      tasks.push_back(Recording<placements::v1::Placement>("placements", "PlacementsService",
                                                           "RecordPlacement", request));
    }
    return tasks;
  }

 private:
  Remote* const remote_;
};

// A file that is gone with this.
class TemporaryFile {
 public:
  ~TemporaryFile() {
    if (!path_.empty()) unlink(path_.c_str());
  }
  absl::Status Write(const std::string& text) {
    std::string path = std::filesystem::temp_directory_path().string() + "/fosterwatch.XXXXXX";
    const int file = mkstemp(path.data());  // mode 0600
    if (file < 0) return absl::UnavailableError("no temporary file can be made");
    path_ = path;
    close(file);
    std::ofstream stream(path_, std::ios::binary);
    if (stream << text << std::flush) return absl::OkStatus();
    return absl::DataLossError("a temporary file could not be written whole: is the disk full?");
  }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

// As `fosterwatch import carers` takes over any register. Who was taken over before stays as they
// are by now.
absl::Status ImportCarers(const Context& context, const DemonstrationAgency& agency,
                          const std::function<void()>& step) {
  ASSIGN_OR_RETURN(const auto remote, Remote::Open(context, "registered-manager"));
  std::set<std::string> known;
  carers::v1::ListCarersRequest list;
  list.set_page_size(1000);
  do {
    ASSIGN_OR_RETURN(const auto page, remote->Call<carers::v1::ListCarersResponse>(
                                          "carers", "CarersService", "ListCarers", list));
    for (const auto& carer : page.carers()) {
      if (!carer.content_hash().empty()) known.insert(carer.carer_id());
    }
    list.set_page_token(page.next_page_token());
  } while (!list.page_token().empty());
  TemporaryFile file;
  RETURN_IF_ERROR(file.Write(CarersCsv(agency, clock::LondonDay(absl::Now()), known)));
  const auto destination = MakeRegister("carers", remote.get());
  ImportOptions options;
  options.file = file.path();
  options.patience = kPatience;
  ASSIGN_OR_RETURN(const ImportSummary summary, RunImport(*destination, options));
  for (size_t i = 0; i < agency.carers.size(); ++i) step();
  if (summary.rejected == 0) return absl::OkStatus();
  return Error(absl::StatusCode::kFailedPrecondition, "ROWS_REJECTED",
               absl::StrCat(summary.rejected, " of the demonstration's carers were refused"));
}

// What its case system reports of safer caring plans, by `publisher`; the last of them is to be
// sent when the others have been. Nothing where that one was reported before, as `reader` sees: the
// days go by today.
absl::StatusOr<std::vector<Task>> ReportSaferCaring(Remote* publisher, Remote* reader,
                                                    const DemonstrationAgency& agency) {
  const auto call = [](Remote* remote, const char* method,
                       const google::protobuf::Message& request) {
    return remote->Call<kpis::v1::SaferCaringPlan>("kpis", "SaferCaringService", method, request)
        .status();
  };
  const auto plans = SaferCaringPlans(agency, clock::LondonDay(absl::Now()));
  kpis::v1::GetSaferCaringPlanRequest last;
  last.set_carer_id(plans.back().carer_id());
  if (const absl::Status known = call(reader, "GetSaferCaringPlan", last);
      !absl::IsNotFound(known)) {
    RETURN_IF_ERROR(known);
    return std::vector<Task>{};
  }
  std::vector<Task> tasks;
  for (const auto& plan : plans) {
    kpis::v1::IngestCloudEventRequest event;
    event.set_id(absl::StrCat("safer-caring-", plan.carer_id(), "-", plan.reviewed_date()));
    event.set_source(agency.publishers[0].source());
    event.set_type(kpis::kSaferCaringReviewedType);
    event.set_data_content_type("application/protobuf");
    event.set_data(plan.SerializeAsString());
    tasks.push_back([=] { return call(publisher, "IngestCloudEvent", event); });
  }
  return tasks;
}

absl::Status Load(Context context) {
  if (context.agency != kDemonstrationAgency) {
    return UsageError("agency", "can only be demonstration here");
  }
  const absl::Time begun = absl::Now();
  const DemonstrationAgency agency = MakeDemonstrationAgency();
  ASSIGN_OR_RETURN(const auto remote, Remote::Open(context, "administrator"));
  Loader loader(remote.get());
  const std::vector<Task> directory = loader.Directory(agency);
  const std::vector<Task> children = loader.Children(agency);
  ASSIGN_OR_RETURN(const auto publisher, Remote::Open(context, "publisher"));
  ASSIGN_OR_RETURN(const auto reader, Remote::Open(context, "registered-manager"));
  const std::vector<Task> supervisors = Loader(reader.get()).Supervisors(agency);
  ASSIGN_OR_RETURN(std::vector<Task> plans,
                   ReportSaferCaring(publisher.get(), reader.get(), agency));
  ASSIGN_OR_RETURN(const std::vector<Task> placements, Loader(reader.get()).Placements(agency));
  Progress progress(directory.size() + agency.carers.size() + supervisors.size() + children.size() +
                    placements.size() + plans.size());
  const auto step = [&progress] { progress.Step(); };
  RETURN_IF_ERROR(RunAll(directory, kPatience, step));
  RETURN_IF_ERROR(ImportCarers(context, agency, step));
  RETURN_IF_ERROR(RunAll(supervisors, kPatience, step));
  RETURN_IF_ERROR(RunAll(children, kPatience, step));
  RETURN_IF_ERROR(RunAll(placements, kPatience, step));
  if (!plans.empty()) {
    const std::vector<Task> last = {plans.back()};
    plans.pop_back();
    RETURN_IF_ERROR(RunAll(plans, kPatience, step));
    RETURN_IF_ERROR(RunAll(last, kPatience, step));
  }
  std::printf(
      "The demonstration agency is loaded: %zu bodies, %zu holders, %zu carers, "
      "%zu children (%.1f s).\n",
      agency.bodies.size(), agency.holders.size(), agency.carers.size(), agency.children.size(),
      absl::ToDoubleSeconds(absl::Now() - begun));
  return absl::OkStatus();
}

}  // namespace

void AddDemonstration(CLI::App& app, Context* context) {
  CLI::App* demonstration =
      app.add_subcommand("demonstration", "The demonstration agency, with invented people");
  demonstration->require_subcommand(1);
  CLI::App* load = demonstration->add_subcommand(
      "load",
      "Load it [as administrator, its carers and placements as registered manager, its plans as"
      " publisher]; may be run again, and then changes nothing");
  AddRemoteOptions(load, context);
  load->callback([context] { context->run = [context] { return Load(*context); }; });
}

}  // namespace fosterwatch::app
