#include "tests/faults/trial.h"

#include <algorithm>
#include <random>
#include <set>
#include <stdexcept>
#include <thread>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"

#include "libs/ledger/ledger.h"
#include "libs/testing/await.h"

namespace fosterwatch::faults {
namespace {

using oracle::Answer;

constexpr char kTopic[] = "fosterwatch.notifiable-events.v1";

// An agency that no other run on the same broker has.
std::string FreshAgency() {
  return absl::StrCat("faults-", absl::Hex(std::random_device()(), absl::kZeroPad8));
}

}  // namespace

Trial::Trial(testing::Installation* installation)
    : installation_(installation),
      agency_id_(FreshAgency()),
      agency_(std::make_unique<testing::Agency>(installation, agency_id_)) {}

Answer Trial::Ask(const Question& question) {
  notifiable_events::v1::ReportEventRequest request;
  request.set_request_id(question.id);
  *request.mutable_report() = agency_->Report(notifiable_events::v1::EVENT_KIND_CHILD_MISSING);
  // The same body under the same id, however often and late it is asked.
  // Each of another day, of one child and the other in turn: no two look alike.
  const int64_t days_ago = question.number / 2;
  request.mutable_report()->set_child_id(question.number % 2 == 0 ? "C-1" : "C-2");
  request.mutable_report()->mutable_occurred_time()->set_seconds(1'700'000'000 -
                                                                 days_ago * 25 * 3600);
  request.mutable_report()->mutable_became_aware_time()->set_seconds(1'700'000'100);
  request.mutable_report()->mutable_occurred_time()->set_nanos(0);
  request.mutable_report()->mutable_became_aware_time()->set_nanos(0);
  if (question.wrong) request.mutable_report()->set_child_id("C-unknown");
  const absl::Time begin = absl::Now();
  const absl::Status status = agency_->Call(agency_->Caseworker(), "ReportEvent", request).status();
  Answer answer = Answer::kUnknown;
  if (status.ok()) {
    answer = Answer::kAcknowledged;
  } else if (ledger::IsAnswer(status)) {
    answer = Answer::kRefused;
  }
  absl::MutexLock lock(&mutex_);
  latencies_.push_back(absl::Now() - begin);
  answers_[question.id] = answer;
  return answer;
}

void Trial::Report(const Load& load) {
  {
    absl::MutexLock lock(&mutex_);
    latencies_.clear();
  }
  unanswered_ = 0;
  const absl::Time begin = absl::Now();
  std::atomic<int> sent = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < load.threads; ++t) {
    threads.emplace_back([&] {
      int silent = 0;
      for (int i = 0; i < load.requests && silent < 2; ++i) {
        if (load.rate > 0) {
          absl::SleepFor(begin + absl::Seconds(sent++ / load.rate) - absl::Now());
        }
        Question question;
        {
          absl::MutexLock lock(&mutex_);
          if (i % 2 == 1 && !again_.empty()) {
            question = again_.back();
            again_.pop_back();
          }
        }
        if (question.id.empty()) {
          const int number = next_++;
          question = {absl::StrCat(agency_id_, "-", number), number, number % 10 == 9};
        }
        if (Ask(question) != Answer::kUnknown) {
          silent = 0;
          continue;
        }
        ++silent;
        ++unanswered_;
        absl::MutexLock lock(&mutex_);
        if (std::hash<std::string>()(question.id) % 2 == 0) again_.push_back(question);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  absl::MutexLock lock(&mutex_);
  std::sort(latencies_.begin(), latencies_.end());
  p99_ = latencies_.empty() ? absl::ZeroDuration() : latencies_[latencies_.size() * 99 / 100];
}

void Trial::Settle() {
  std::vector<Question> again;
  {
    absl::MutexLock lock(&mutex_);
    again.swap(again_);
  }
  for (const Question& question : again) {
    if (!testing::AwaitTrue([&] { return Ask(question) != Answer::kUnknown; }, absl::Seconds(30))) {
      throw std::runtime_error("a request gets no answer though the installation is up");
    }
  }
}

std::vector<oracle::Record> Trial::ReadBus() {
  if (bus_ == nullptr) bus_ = installation_->OpenBus();
  if (subscription_ == nullptr) {
    auto subscription = bus_->Subscribe({"oracle-" + agency_id_, {kTopic}, "", /*live=*/false});
    if (!subscription.ok()) return records_;
    subscription_ = *std::move(subscription);
  }
  while (true) {
    auto polled = subscription_->Poll(1000, absl::Seconds(1));
    if (!polled.ok() || polled->empty()) return records_;
    for (const bus::Record& record : *polled) {
      if (bus::HeaderOf(record, "ce_agencyid") != agency_id_) continue;
      int64_t version = 0;
      if (!absl::SimpleAtoi(bus::HeaderOf(record, "ce_sequence"), &version)) {
        throw std::runtime_error("a record has no sequence");
      }
      records_.push_back({bus::HeaderOf(record, "ce_id"), record.key, version});
    }
  }
}

std::vector<oracle::Effect> Trial::ReadEffects(const Consumer& consumer,
                                               const std::vector<oracle::Fact>& facts) {
  std::map<std::string, const oracle::Fact*> by_id;
  for (const oracle::Fact& fact : facts) by_id[fact.fact_id] = &fact;
  const auto effect_of = [&](const std::string& fact_id) -> oracle::Effect {
    const auto found = by_id.find(fact_id);
    if (found == by_id.end()) return {fact_id, "", 0};
    return {fact_id, found->second->key, found->second->version};
  };
  auto database = installation_->Database(consumer.service);
  // Each transaction in which the service recorded something because of a fact is one effect.
  auto caused = database->Query(
      "SELECT cause FROM ledger.fact WHERE agency_id = $1 AND ($2 = '' OR name = $2)"
      " GROUP BY cause, tx ORDER BY min(position)",
      {agency_id_, consumer.records});
  // What was taken in and is in no ledger is a ghost.
  auto taken = database->Query(
      "SELECT inbox_id FROM ledger.inbox WHERE agency_id = $1"
      " AND consumer NOT LIKE '%/parked'",
      {agency_id_});
  if (!caused.ok() || !taken.ok()) {
    throw std::runtime_error("cannot read what " + consumer.service + " did");
  }
  std::vector<oracle::Effect> effects;
  for (int row = 0; row < caused->rows(); ++row) {
    // Facts that the service records by itself, such as sends, have other causes.
    if (by_id.contains(caused->Text(row, 0))) effects.push_back(effect_of(caused->Text(row, 0)));
  }
  // Read after it: what was taken is in its ledger by now.
  const std::set<std::string> recorded = AllFacts();
  for (int row = 0; row < taken->rows(); ++row) {
    const std::string fact_id = taken->Text(row, 0);
    if (!by_id.contains(fact_id) && !recorded.contains(fact_id)) {
      effects.push_back(effect_of(fact_id));
    }
  }
  return effects;
}

std::set<std::string> Trial::AllFacts() {
  std::set<std::string> ids;
  for (const char* service : {"allegations", "carers", "complaints", "directory", "kpis",
                              "notifiable_events", "notifications", "placements"}) {
    auto rows = installation_->Database(service)->Query(
        "SELECT fact_id FROM ledger.fact WHERE agency_id = $1", {agency_id_});
    if (!rows.ok()) throw std::runtime_error(absl::StrCat("cannot read the ledger of ", service));
    for (int row = 0; row < rows->rows(); ++row) ids.insert(rows->Text(row, 0));
  }
  return ids;
}

oracle::Verdict Trial::Judge() {
  oracle::History history;
  {
    absl::MutexLock lock(&mutex_);
    for (const auto& [id, answer] : answers_) history.requests.push_back({id, answer});
  }
  // The bus first: what it has is in the ledger by then, unless it is a ghost.
  history.records = ReadBus();
  // Of a change of figures kpis records more later, such as an action plan.
  const std::vector<Consumer> consumers = {{"notifications", ""}, {"kpis", "kpi_changed"}};
  auto rows = installation_->Database("notifiable_events")
                  ->Query(
                      "SELECT fact_id, agency_id || '/' || aggregate_id, version, cause, name"
                      " FROM ledger.fact WHERE agency_id = $1 ORDER BY position",
                      {agency_id_});
  if (!rows.ok()) throw std::runtime_error(rows.status().ToString());
  for (int row = 0; row < rows->rows(); ++row) {
    const std::string name = rows->Text(row, 4);
    history.facts.push_back({rows->Text(row, 0), rows->Text(row, 1), rows->Int(row, 2),
                             rows->Text(row, 3),
                             name == "event_reported" || name == "notices_owed"});
  }
  facts_ = rows->rows();

  // The consumers are judged one by one; each history is whole but for the other's effects.
  oracle::Verdict all;
  for (const Consumer& consumer : consumers) {
    const std::string& service = consumer.service;
    history.effects = ReadEffects(consumer, history.facts);
    oracle::Verdict verdict = oracle::Judge(history);
    const auto add = [&](const std::vector<std::string>& from, std::vector<std::string>& to) {
      for (const std::string& entry : from) to.push_back(absl::StrCat(entry, " (", service, ")"));
    };
    add(verdict.lost, all.lost);
    add(verdict.ghost, all.ghost);
    add(verdict.duplicate, all.duplicate);
    add(verdict.out_of_order, all.out_of_order);
    all.repeated_records = verdict.repeated_records;
    all.unknown_recorded = verdict.unknown_recorded;
    all.unknown_absent = verdict.unknown_absent;
  }
  return all;
}

oracle::Verdict Trial::JudgeWhenSettled(absl::Duration patience) {
  testing::AwaitTrue([&] { return Judge().lost.empty(); }, patience);
  return Judge();
}

}  // namespace fosterwatch::faults
