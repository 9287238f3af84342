// What the registers said, read for one pack, cut at its moment where the owner does not do it.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

#include "fosterwatch/allegations/v1/allegation.pb.h"
#include "fosterwatch/carers/v1/carers_service.pb.h"
#include "fosterwatch/complaints/v1/complaint.pb.h"
#include "fosterwatch/complaints/v1/complaints_service.pb.h"
#include "fosterwatch/complaints/v1/oversight_service.pb.h"
#include "fosterwatch/kpis/v1/edition.pb.h"
#include "fosterwatch/kpis/v1/kpis_service.pb.h"
#include "fosterwatch/notifiable_events/v1/notifiable_event.pb.h"
#include "fosterwatch/packs/v1/packs_service.pb.h"
#include "services/packs/reading.h"

namespace fosterwatch::packs {

struct Registers {
  std::string agency_id;
  std::string agency_name;  // empty where nobody has set one
  std::string public_url;
  absl::Time as_at;
  std::vector<carers::v1::RegisterEntry> carers;  // by id, approved on the day
  // What was open then, as known then, by due time: the register of carers works its duties out for
  // now alone, the figures keep what its facts said of them.
  std::vector<kpis::v1::Evidence> carer_duties;
  complaints::v1::Statement statement;
  complaints::v1::ListProceduresResponse procedures;
  // Those recorded by then, oldest first.
  std::vector<complaints::v1::Complaint> complaints;
  std::vector<notifiable_events::v1::NotifiableEvent> events;
  std::vector<allegations::v1::Allegation> allegations;
  std::vector<kpis::v1::Kpi> kpis;
  // Frozen, and noticed, by then, newest first.
  std::vector<kpis::v1::Edition> editions;
  std::vector<kpis::v1::Restatement> restatements;

  // Whether a moment is there and not after as_at.
  bool Happened(bool present, const google::protobuf::Timestamp& time) const;
  // Within the 12 months that end with as_at.
  bool InTheYear(const google::protobuf::Timestamp& time) const;
  // The address of a record's page, "events" and its id.
  std::string Page(const std::string& in, const std::string& record_id) const;
};

// Of nobody yet: agency_id and agency_name are the caller's to set. `at` is told each step before
// it begins.
absl::StatusOr<Registers> ReadRegisters(Reading& reading, const std::string& public_url,
                                        absl::Time as_at,
                                        const std::function<void(v1::Pack::Step)>& at);

}  // namespace fosterwatch::packs
