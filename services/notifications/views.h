// What this service keeps: one aggregate, "notifications", for each event (and for each parked
// record), and the tables that are made from it:
//   view.alert   one row an alert, for lists
//   view.send    one row for every send, with the public part of the message Send; made from the
//                facts one by one, since the state keeps only the last ones. `version` is that of
//                the fact, whose sealed part has what was said.
//   view.timer   when a dispatch or an alert is due next, and when it is looked again at who looked
//                at what (libs/duty)
#pragma once

#include <set>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

#include "fosterwatch/notifications/v1/notification.pb.h"
#include "libs/duty/timer.h"
#include "libs/ledger/aggregate.h"
#include "libs/ledger/ledger.h"
#include "libs/pg/migrate.h"
#include "libs/runtime/door.h"

namespace fosterwatch::notifications {

inline constexpr char kAggregate[] = "notifications";
// Subjects beside events and parked records: what the directory's check finds, and the digests.
inline constexpr char kDirectorySubject[] = "directory";
inline constexpr char kDigestSubject[] = "digest";
// And of each person who looked at records unusually.
inline constexpr char kAccessSubjects[] = "access/";
// The other aggregate: of each service, until when it was looked at who looked at what there.
inline constexpr char kAccessWatch[] = "access_watch";
// The kinds of rows in view.timer.
inline constexpr char kDispatchTimer[] = "dispatch";
inline constexpr char kWebhookTimer[] = "webhook";  // a dispatch that is to leave by webhook
inline constexpr char kAlertTimer[] = "alert";
inline constexpr char kAccessTimer[] = "access";  // its id is the service

std::vector<ledger::Aggregate> Aggregates();

std::vector<duty::Timer> AccessTimersOf(const v1::AccessWatch& watch);

// A condition on rows of view.send: none of an alert that is kept from a person.
std::string NotKeptSql(int person_parameter);

// A condition on rows of view.alert and view.send: nothing of who looked at what unusually, where
// the caller is none of those who are alerted to it.
std::string ForCallerSql(const runtime::Call& call);

// The records whose alerts are kept from a person (Alert.not_to_person_ids), as "record:ID": who
// looked at them is not told to that person either. None for nobody.
absl::StatusOr<std::set<std::string>> RecordsKeptFrom(ledger::Ledger& ledger,
                                                      const std::string& agency_id,
                                                      const std::string& person_id);

// The schema, by migrations that are never changed.
std::vector<pg::Migration> ViewMigrations(const std::string& role);

}  // namespace fosterwatch::notifications
