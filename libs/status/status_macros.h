// The two macros that carry a Status upwards; they go when the platform's abseil has its own.
#pragma once

#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

// Returns from the function if the expression is a Status that is not OK.
#define RETURN_IF_ERROR(expression)                                               \
  do {                                                                            \
    if (absl::Status fw_status = (expression); !fw_status.ok()) return fw_status; \
  } while (false)

#define FW_CONCAT_INNER(a, b) a##b
#define FW_CONCAT(a, b) FW_CONCAT_INNER(a, b)

// Declares or assigns `target` from a StatusOr, or returns its status.
#define ASSIGN_OR_RETURN(target, expression) \
  FW_ASSIGN_OR_RETURN(FW_CONCAT(fw_statusor_, __LINE__), target, expression)
#define FW_ASSIGN_OR_RETURN(name, target, expression) \
  auto name = (expression);                           \
  if (!name.ok()) return std::move(name).status();    \
  target = *std::move(name)
