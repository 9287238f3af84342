// What placements does: each use case is one method. The RPCs, the batches and the intake topic all
// come through here.
#pragma once

#include <functional>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

#include "fosterwatch/placements/v1/placements_service.pb.h"
#include "libs/ledger/ledger.h"
#include "libs/references/publishers.h"
#include "libs/runtime/door.h"
#include "services/placements/domain/placement.h"
#include "services/placements/references.h"

namespace fosterwatch::placements {

class App {
 public:
  App(ledger::Ledger* ledger, v1::CodeLists codes, std::function<absl::Time()> now);

  // The unit of work that a request asks for; its one change is the child. They read reference
  // tables, so not from the ledger's own thread. `unit` says who asks, for which agency, under
  // which request id.
  absl::StatusOr<ledger::Unit> RecordChild(ledger::Unit unit,
                                           const v1::RecordChildRequest& request);
  absl::StatusOr<ledger::Unit> StartPlacement(ledger::Unit unit,
                                              const v1::StartPlacementRequest& request);
  absl::StatusOr<ledger::Unit> MoveChild(ledger::Unit unit, const v1::MoveChildRequest& request);
  absl::StatusOr<ledger::Unit> EndPlacement(ledger::Unit unit,
                                            const v1::EndPlacementRequest& request);
  absl::StatusOr<ledger::Unit> CorrectPlacement(ledger::Unit unit,
                                                const v1::CorrectPlacementRequest& request);
  absl::StatusOr<ledger::Unit> RecordPlacement(ledger::Unit unit,
                                               const v1::RecordPlacementRequest& request);

  // Each request by itself, in their order, many in one transaction. Blocks.
  absl::StatusOr<v1::BatchRecordResponse> BatchRecordChildren(
      const runtime::Call& call, const v1::BatchRecordChildrenRequest& request);
  absl::StatusOr<v1::BatchRecordResponse> BatchRecordPlacements(
      const runtime::Call& call, const v1::BatchRecordPlacementsRequest& request);

  absl::StatusOr<v1::Child> GetChild(const std::string& agency_id,
                                     const v1::GetChildRequest& request);
  absl::StatusOr<v1::CodeList> ListCodes(const v1::ListCodesRequest& request);

  // Submits a unit of the above and waits for the child as it leaves it.
  absl::StatusOr<v1::ChildFile> Commit(absl::StatusOr<ledger::Unit> unit);

  ledger::Ledger& ledger() { return *ledger_; }
  references::Publishers& publishers() { return publishers_; }
  absl::Time now() const { return now_(); }

 private:
  using Decide = std::function<absl::StatusOr<domain::Facts>(const v1::ChildFile&,
                                                             const domain::Circumstances&)>;

  // The ids that a request names, which other services must know.
  struct Named {
    std::set<std::string> authorities;
    std::set<std::string> carers;
    void Add(const v1::Child& child);
    void Add(const v1::Placement& placement);
  };
  absl::StatusOr<std::shared_ptr<const References::Known>> KnownOf(const std::string& agency_id,
                                                                   const Named& named);
  domain::Circumstances CircumstancesOf(std::shared_ptr<const References::Known> known,
                                        const std::string& person_id) const;
  ledger::Unit Changing(ledger::Unit unit, const std::string& child_id,
                        std::shared_ptr<const References::Known> known, Decide decide) const;

  // One request of a batch.
  struct Row {
    std::string child_id;
    ledger::Unit unit;  // without changes
    Decide decide;
  };
  absl::StatusOr<v1::BatchRecordResponse> Batch(const std::string& agency_id, const Named& named,
                                                std::vector<Row> rows, bool validate_only);

  ledger::Ledger* const ledger_;
  References references_;
  references::Publishers publishers_;
  const v1::CodeLists codes_;
  const std::function<absl::Time()> now_;
};

}  // namespace fosterwatch::placements
