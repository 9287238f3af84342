// What the commands about carers share.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#include "apps/fosterwatch/remote.h"
#include "fosterwatch/carers/v1/carer.pb.h"

namespace fosterwatch::app {

// Adds to `noun` a command that makes one call of a method of the area carers which answers the
// carer. Its options are the fields of the request by their names, "--effective-date" for
// effective_date; carer_id stands behind the command. The method's own file describes the fields.
CLI::App* AddCarerAct(CLI::App* noun, Context* context, const std::string& name,
                      const std::string& full_service, const std::string& method,
                      const std::string& role, const std::string& what);

// carer register, changes, policy.
void AddCarerRegister(CLI::App* carer, Context* context);

// carer review, review-inputs.
void AddCarerReview(CLI::App* carer, Context* context);
// carer duplicates.
void AddCarerDuplicates(CLI::App* carer, Context* context);
// carer open-in-emergency, emergencies.
void AddCarerEmergencies(CLI::App* carer, Context* context);

// "-" for nothing.
std::string OrDash(const std::string& text);
// "2 children; aged 0 to 17; short-term": for people.
std::string TermsInWords(const carers::v1::Terms& terms);
std::string PlacementKinds(const carers::v1::Terms& terms, const char* between);

// The carer as JSON or as text for people.
absl::Status ShowCarer(const Context& context, const absl::StatusOr<carers::v1::Carer>& carer);

}  // namespace fosterwatch::app
