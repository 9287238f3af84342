#include "bench/stream.h"

#include <algorithm>
#include <cmath>
#include <iterator>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace fosterwatch::bench {
namespace {

constexpr double kSkew = 1.1;
constexpr size_t kRemembered = 1000;
// The kind that has to name a carer.
constexpr char kAboutACarer[] = "EVENT_KIND_SERIOUS_COMPLAINT";

constexpr const char* kKinds[] = {
    "EVENT_KIND_CHILD_DEATH",
    "EVENT_KIND_DBS_REFERRAL",
    "EVENT_KIND_SERIOUS_ILLNESS_ACCIDENT",
    "EVENT_KIND_INFECTIOUS_DISEASE",
    "EVENT_KIND_CHILD_SERIOUS_OFFENCE",
    "EVENT_KIND_SEXUAL_EXPLOITATION",
    "EVENT_KIND_POLICE_CALLED_SERIOUS_INCIDENT",
    "EVENT_KIND_CHILD_MISSING",
    kAboutACarer,
    "EVENT_KIND_CHILD_PROTECTION_ENQUIRY",
};

std::string Text(absl::Time time) {
  return absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", time, absl::UTCTimeZone());
}

}  // namespace

std::string AgencyName(int agency) { return absl::StrFormat("bench-%02d", agency); }
std::string SourceOf(int agency) { return absl::StrFormat("urn:bench:%02d", agency); }
std::string ChildName(int child) { return absl::StrFormat("C-%04d", child + 1); }
std::string CarerOfChild(int child) { return absl::StrFormat("F-%04d", child + 1); }

Stream::Stream(uint64_t seed, absl::Time known) : seed_(seed), known_(known), engine_(seed) {
  double sum = 0;
  for (int rank = 1; rank <= kAgencies * kChildrenEach; ++rank) {
    sum += std::pow(rank, -kSkew);
    up_to_.push_back(sum);
  }
}

double Stream::Uniform() { return static_cast<double>(engine_() >> 11) * 0x1p-53; }

Event Stream::Next() {
  ++count_;
  if (!last_.empty() && Uniform() < 0.01) {
    Event again = last_[engine_() % last_.size()];
    again.repeat = true;
    return again;
  }
  Event event;
  const double wanted = Uniform() * up_to_.back();
  const int case_number = static_cast<int>(
      std::distance(up_to_.begin(), std::lower_bound(up_to_.begin(), up_to_.end(), wanted)));
  event.agency = case_number % kAgencies;
  const int child = case_number / kAgencies;
  event.invalid = Uniform() < 0.001;
  event.id = absl::StrFormat("%d-%08d", seed_, count_);
  const absl::Time aware = known_ - absl::Seconds(static_cast<int64_t>(60 + Uniform() * 7000));
  // Each of another day: a child to whom the same happens every minute is no load that there is.
  const absl::Time occurred = aware - absl::Minutes(5) - count_ % 10'000 * absl::Hours(25);
  const char* const kind =
      event.invalid ? "EVENT_KIND_OF_NO_KIND" : kKinds[engine_() % std::size(kKinds)];
  event.body = absl::StrCat(
      R"({"specversion":"1.0","id":")", event.id, R"(","source":")", SourceOf(event.agency),
      R"(","type":"uk.fosterwatch.notifiable-event.reported.v1","datacontenttype":)",
      R"("application/json","data":{"kinds":[")", kind, R"("],"child_id":")", ChildName(child));
  if (absl::string_view(kind) == kAboutACarer) {
    absl::StrAppend(&event.body, R"(","carer_id":")", CarerOfChild(child));
  }
  absl::StrAppend(&event.body, R"(","occurred_time":")", Text(occurred),
                  R"(","became_aware_time":")", Text(aware),
                  R"(","summary":"Reported by the duty worker, number )", count_,
                  R"(. The carers were spoken to and the child is safe."}})");
  if (!event.invalid) {
    last_.push_back(event);
    if (last_.size() > kRemembered) last_.pop_front();
  }
  return event;
}

}  // namespace fosterwatch::bench
