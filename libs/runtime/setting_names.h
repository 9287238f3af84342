// A name that nobody knows is refused: a setting that is misspelt would otherwise be left out
// without a word.
#pragma once

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace CLI {
class App;
}

namespace fosterwatch::runtime {

// Ends the parsing of `app`, once its settings are added, by a CLI::ParseError that names each
// variable of the environment that begins with FOSTERWATCH_ and that nothing reads, with the known
// name that is nearest; and has a flag that is not known told with the nearest known one.
void RefuseUnknownNames(CLI::App& app);

// Whether a variable that is none of the settings is read by something else all the same: the
// client's token, ./dev, docker-compose.yml, tests, or is what Kubernetes sets for a Service whose
// name begins like ours.
bool IsReadElsewhere(absl::string_view variable, absl::string_view value = "");

// The one of `names` that `name` was probably meant to be; "" where none is near.
std::string NearestName(absl::string_view name, const std::vector<std::string>& names);

}  // namespace fosterwatch::runtime
