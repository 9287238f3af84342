// Who is reached for a role: whoever holds it, or covers for who is away.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace fosterwatch::notifications::domain {

struct Person {
  std::string person_id;
  std::string email;  // may be empty
};

// A holder of a role as the directory answers.
struct Holder {
  Person person;
  bool away = false;
  std::optional<Person> covered_by;  // of one who is away
};

// The holders who are not away, and for each who is away whoever covers; nobody for one whom nobody
// covers. In the order of the holders; somebody may come twice.
std::vector<Person> Reachable(const std::vector<Holder>& holders);

}  // namespace fosterwatch::notifications::domain
