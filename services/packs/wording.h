// How codes, moments and days read in a document. Pure; any thread.
#pragma once

#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "google/protobuf/timestamp.pb.h"

#include "libs/document/document.h"

namespace fosterwatch::packs {

// "Quality of care" of "QUALITY_OF_CARE"; with a prefix that is left out where it is there. "Not
// known" of nothing, and of a code that says UNSPECIFIED.
std::string Words(absl::string_view code, absl::string_view prefix = "");

// "22 November 2026, 06:49" in London; empty where it is absent.
std::string ShowMoment(absl::Time time);
std::string ShowMoment(const google::protobuf::Timestamp& time, bool present);
// "22 November 2026" of "2026-11-22"; what is no such day as it is.
std::string ShowDay(absl::string_view iso_day);
// The same as cells, which a workbook keeps as dates.
document::Cell MomentCell(absl::Time time);
document::Cell MomentCell(const google::protobuf::Timestamp& time, bool present);
document::Cell DayCell(absl::string_view iso_day);
// "26 Apr 2014" of "2014-04-26"; what is no such day as it is.
std::string ShortDay(absl::string_view iso_day);
// "2026-11-22" in London.
std::string IsoDay(absl::Time time);

// "Northern Fostering (agency-a)"; the id alone where there is no name.
std::string AgencyWords(const std::string& name, const std::string& agency_id);

}  // namespace fosterwatch::packs
