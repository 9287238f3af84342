// How long a page of the list of events takes, one call after the other.
#include <algorithm>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"

#include "bench/commands.h"
#include "bench/stream.h"
#include "fosterwatch/notifiable_events/v1/notifiable_event_service.pb.h"
#include "libs/status/status_macros.h"

namespace fosterwatch::bench {
namespace {

constexpr int kPages = 500;

absl::Status MeasurePages(app::Context context, const std::string& json) {
  namespace events = notifiable_events::v1;
  std::vector<double> took_ms;
  size_t rows = 0;
  for (int agency = 0; agency < kAgencies; ++agency) {
    context.agency = AgencyName(agency);
    ASSIGN_OR_RETURN(const auto remote, app::Remote::Open(context, "registered_manager"));
    std::string page_token;
    for (int page = 0; page < kPages / kAgencies; ++page) {
      events::ListEventsRequest request;
      request.set_page_size(50);
      request.set_page_token(page_token);
      const absl::Time begun = absl::Now();
      ASSIGN_OR_RETURN(const auto response,
                       remote->Call<events::ListEventsResponse>(
                           "notifiable_events", "NotifiableEventService", "ListEvents", request));
      // The first call of a client makes its connection.
      if (page > 0) took_ms.push_back(absl::ToDoubleMilliseconds(absl::Now() - begun));
      rows += response.events_size();
      page_token = response.next_page_token();
    }
  }
  std::sort(took_ms.begin(), took_ms.end());
  return WriteJson(json, {{"pages", took_ms.size()},
                          {"rows", rows},
                          {"p50", took_ms[took_ms.size() / 2]},
                          {"p99", took_ms[took_ms.size() * 99 / 100]},
                          {"max", took_ms.back()}});
}

}  // namespace

void AddPages(CLI::App& app, app::Context* context) {
  CLI::App* pages = app.add_subcommand("pages", "Read pages of the agencies' lists of events");
  auto json = std::make_shared<std::string>();
  pages->add_option("--json", *json, "file for the figures")->required();
  pages->callback([=] { context->run = [=] { return MeasurePages(*context, *json); }; });
}

}  // namespace fosterwatch::bench
