// What the carer register does: a use case is a decision of domain/ on one carer, with what follows
// from it (domain/consequences.h) recorded in the same transaction; and the reads.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

#include "fosterwatch/carers/v1/carer_duties_service.pb.h"
#include "fosterwatch/carers/v1/carers_service.pb.h"
#include "libs/clock/working_calendar.h"
#include "libs/duty/loop.h"
#include "libs/duty/rework.h"
#include "libs/ledger/envelope.h"
#include "libs/ledger/ledger.h"
#include "libs/runtime/door.h"
#include "services/carers/domain/command.h"
#include "services/carers/domain/ending_review.h"
#include "services/carers/views.h"

namespace fosterwatch::carers {

struct EndingOf {
  std::string carer_id;
  domain::EndedPlacement placement;
};

class App {
 public:
  // A decision of domain/, given the carer (empty where there is none yet).
  using Decide =
      std::function<absl::StatusOr<domain::Facts>(const v1::Carer&, const domain::Context&)>;

  App(ledger::Ledger* ledger, v1::CarerPolicies policies, clock::WorkingCalendar calendar,
      std::function<absl::Time()> now)
      : ledger_(ledger),
        policies_(std::move(policies)),
        calendar_(std::move(calendar)),
        now_(std::move(now)) {}

  ledger::Ledger& ledger() { return *ledger_; }

  // The unit of one RPC, judged by `directory` where it is given. NOT_FOUND where the carer is not
  // in the register, unless it `may_be_new`.
  absl::StatusOr<ledger::Unit> Change(
      const runtime::Call& call, const google::protobuf::Message& request,
      const std::string& carer_id, bool may_be_new, Decide decide,
      std::shared_ptr<const domain::Directory> directory = nullptr) const;

  // What time has brought about a carer.
  ledger::Unit Fire(const duty::Due& due) const;

  // Works out again what follows from the rules of now: an edition of the policy that began, or
  // bank holidays that are known anew.
  ledger::Unit WorkOutAgain(const std::string& agency_id, const std::string& carer_id) const;
  // Does so for all carers, once for each change of the rules.
  duty::ReworkOptions Reworking(const std::string& relay_conninfo) const;

  // What a fact about the carer's household says: a child lives there since a day, or, where that
  // is empty, no more.
  ledger::Unit NoteOccupant(const ledger::Envelope& household, const std::string& child_id,
                            const std::string& since_date) const;

  // What a fact about a placement says of its ending: with each carer whom it names or named.
  ledger::Unit NoteEnding(const ledger::Envelope& child,
                          const std::vector<EndingOf>& endings) const;

  // The carer as a reader sees it now.
  v1::Carer Shown(const v1::Carer& carer) const;
  // The same for whoever calls, who may see their own caseload alone.
  v1::Carer ShownTo(const runtime::Call& call, const v1::Carer& carer) const;

  absl::StatusOr<ledger::Unit> TakeOverCarer(const runtime::Call& call,
                                             const v1::TakeOverCarerRequest& request) const;
  // A carer as taking it over would make it; records nothing.
  absl::StatusOr<v1::Carer> TryTakeOver(const runtime::Call& call,
                                        const v1::TakeOverCarerRequest& request) const;

  absl::StatusOr<v1::TakeOverCarersResponse> TakeOverCarers(
      const runtime::Call& call, const v1::TakeOverCarersRequest& request);

  // Records of one household, in the changes of one unit: the one that is answered comes first.
  absl::StatusOr<ledger::Unit> MergeCarers(const runtime::Call& call,
                                           const v1::MergeCarersRequest& request) const;
  absl::StatusOr<v1::Carer> UndoMerge(const runtime::Call& call,
                                      const v1::UndoMergeRequest& request);
  absl::StatusOr<ledger::Unit> KeepCarersApart(const runtime::Call& call,
                                               const v1::KeepCarersApartRequest& request) const;
  // Reads the whole register at each call, some carers at a time, and keeps hashes of them only.
  absl::StatusOr<v1::ListDuplicatesResponse> ListDuplicates(
      const runtime::Call& call, const v1::ListDuplicatesRequest& request);

  absl::StatusOr<v1::Carer> GetCarer(const runtime::Call& call, const v1::GetCarerRequest& request);
  absl::StatusOr<v1::ListCarersResponse> ListCarers(const runtime::Call& call,
                                                    const v1::ListCarersRequest& request);
  absl::StatusOr<v1::CarerCounts> CountCarers(const runtime::Call& call,
                                              const v1::CountCarersRequest& request);
  absl::StatusOr<v1::ExtractRegisterResponse> ExtractRegister(
      const runtime::Call& call, const v1::ExtractRegisterRequest& request);
  absl::StatusOr<v1::ListRegisterChangesResponse> ListRegisterChanges(
      const runtime::Call& call, const v1::ListRegisterChangesRequest& request);
  absl::StatusOr<v1::CarerPolicy> GetCarerPolicy(const runtime::Call& call,
                                                 const v1::GetCarerPolicyRequest& request);
  absl::StatusOr<v1::ListDutiesResponse> ListDuties(const runtime::Call& call,
                                                    const v1::ListDutiesRequest& request);
  absl::StatusOr<v1::ListVisitsResponse> ListVisits(const runtime::Call& call,
                                                    const v1::ListVisitsRequest& request);

  // The household itself, or of a child who lives there. NOT_FOUND for a child of whom nobody here
  // has heard, or who lives with nobody. Reads, so not from the ledger's own thread.
  absl::StatusOr<ledger::Unit> OpenInEmergency(const runtime::Call& call,
                                               const v1::OpenInEmergencyRequest& request) const;
  absl::StatusOr<v1::ListEmergenciesResponse> ListEmergencies(
      const runtime::Call& call, const v1::ListEmergenciesRequest& request);

 private:
  domain::Context ContextOf(std::string actor) const {
    return {std::move(actor), now_(), &policies_, &calendar_};
  }

  caseload::Asker AskerOf(const runtime::Call& call) const;

  ledger::Ledger* const ledger_;
  const v1::CarerPolicies policies_;
  const clock::WorkingCalendar calendar_;
  const std::function<absl::Time()> now_;
};

}  // namespace fosterwatch::carers
