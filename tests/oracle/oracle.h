// Judges a run after the fact: from what clients were told, what the ledger holds, what is on the
// bus and what consumers made of it, it counts what was lost, what is a ghost, what happened twice
// and what happened out of order (the names are Jepsen's). Pure; knows nothing of how the run went.
//
// Promises judged: an acknowledged request is recorded (once); what was refused is not; each fact
// of the ledger is on the bus and nothing else is; each fact has its effect exactly once; order
// holds per key. A record that is on the bus twice is allowed, and counted.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace fosterwatch::oracle {

enum class Answer {
  kAcknowledged,
  kRefused,  // an answer that says that nothing was recorded
  kUnknown,  // no answer: it may be recorded or not
};

// The last word that a client heard of a request.
struct Request {
  std::string request_id;
  Answer answer = Answer::kUnknown;
};

// A fact of the ledger.
struct Fact {
  std::string fact_id;
  std::string key;         // agency and aggregate
  int64_t version = 0;     // 1, 2, 3, ... within the key
  std::string request;     // that it came from; empty: from no request of this run
  bool has_effect = true;  // whether consumers are to make something of it
};

// A record on the bus. A history lists them in the order of offsets, per partition.
struct Record {
  std::string fact_id;
  std::string key;
  int64_t version = 0;
};

// What a consumer made of a fact. A history lists them in the order in which they happened.
struct Effect {
  std::string fact_id;
  std::string key;
  int64_t version = 0;
};

struct History {
  std::vector<Request> requests;
  std::vector<Fact> facts;
  std::vector<Record> records;
  std::vector<Effect> effects;
};

// Each entry says what it is about and where it was noticed, such as
// "request r7 was acknowledged and is not in the ledger".
struct Verdict {
  std::vector<std::string> lost;
  std::vector<std::string> ghost;
  std::vector<std::string> duplicate;
  std::vector<std::string> out_of_order;
  // Allowed, for whoever wants to know.
  int64_t repeated_records = 0;
  int64_t unknown_recorded = 0;
  int64_t unknown_absent = 0;

  bool ok() const {
    return lost.empty() && ghost.empty() && duplicate.empty() && out_of_order.empty();
  }
  // Counts, then up to ten entries of each kind.
  std::string ToString() const;
};

Verdict Judge(const History& history);

}  // namespace fosterwatch::oracle
