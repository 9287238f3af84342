#include "apps/fosterwatch/import_run.h"

#include <cstdio>
#include <deque>
#include <map>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/hash/hash.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"

#include "libs/status/error.h"
#include "libs/status/status_macros.h"

namespace fosterwatch::app {
namespace {

constexpr absl::Duration kPause = absl::Milliseconds(100);

size_t HashOf(const std::string& text) { return absl::HashOf(text); }

bool MayStillArrive(const RowResult& result) {
  return result.outcome == RowResult::kRejected &&
         (result.reason == "UNKNOWN_CARER" || result.reason == "UNKNOWN_BODY" ||
          result.reason == "UNKNOWN_CHILD" || result.reason == "TRY_AGAIN");
}

// A file that is written a line at a time; nothing where it has no name.
class LineFile {
 public:
  static absl::StatusOr<std::unique_ptr<LineFile>> Open(const std::string& path,
                                                        const std::string& header) {
    auto file = std::make_unique<LineFile>();
    if (path.empty()) return file;
    file->file_ = std::fopen(path.c_str(), "wb");
    if (file->file_ == nullptr) {
      return Error(absl::StatusCode::kInvalidArgument, "CANNOT_WRITE",
                   absl::StrCat("the file ", path, " cannot be written"));
    }
    file->Write(header);
    return file;
  }
  ~LineFile() {
    if (file_ != nullptr) std::fclose(file_);
  }
  void Write(const std::string& line) {
    if (file_ == nullptr) return;
    failed_ |= std::fwrite(line.data(), 1, line.size(), file_) != line.size();
  }
  absl::Status Finish() {
    if (file_ == nullptr) return absl::OkStatus();
    failed_ |= std::fflush(file_) != 0;
    if (!failed_) return absl::OkStatus();
    return absl::DataLossError("a file could not be written whole: is the disk full?");
  }

 private:
  FILE* file_ = nullptr;
  bool failed_ = false;
};

// Rows that are sent together, with what was found of them before.
struct Batch {
  int64_t number = 0;
  std::vector<CsvRow> rows;        // to be sent
  std::vector<size_t> places;      // of those, among all
  std::vector<CsvRow> all;         // in the order of the file
  std::vector<RowResult> results;  // of all
  double done = 0;                 // of the file, once this one is
};

class Run {
 public:
  Run(Register& destination, const ImportOptions& options)
      : register_(destination),
        options_(options),
        pace_(destination.pace()),
        until_(absl::Now() + options.patience) {}

  absl::StatusOr<ImportSummary> Import() {
    ASSIGN_OR_RETURN(reader_, CsvReader::Open(options_.file));
    CsvRow first;
    ASSIGN_OR_RETURN(const bool any, reader_->Next(first));
    if (!any || !first.fault.empty()) {
      return Error(absl::StatusCode::kInvalidArgument, "WRONG_COLUMNS",
                   "the file does not begin with a line of column names in UTF-8");
    }
    ASSIGN_OR_RETURN(header_, Header::Of(first, register_.columns()));
    std::vector<std::string> names(std::begin(kRejectColumns), std::end(kRejectColumns));
    names.insert(names.end(), header_.names().begin(), header_.names().end());
    ASSIGN_OR_RETURN(rejects_, LineFile::Open(options_.rejects_file, CsvLine(names)));
    ASSIGN_OR_RETURN(duplicates_, LineFile::Open(options_.duplicates_file,
                                                 CsvLine({"line", "id", "like_id", "like_line"})));
    RETURN_IF_ERROR(register_.EachKnown([this](const std::string& likeness, const std::string& id) {
      if (!likeness.empty()) likes_.try_emplace(HashOf(likeness), Like{id, 0});
    }));
    std::vector<std::thread> senders;
    for (int i = 0; i < pace_.senders; ++i) senders.emplace_back([this] { SendAll(); });
    const absl::Status read = ReadAll();
    {
      absl::MutexLock lock(&mutex_);
      ended_ = true;
      failed_.Update(read);
    }
    for (std::thread& sender : senders) sender.join();
    absl::MutexLock lock(&mutex_);
    RETURN_IF_ERROR(failed_);
    RETURN_IF_ERROR(rejects_->Finish());
    RETURN_IF_ERROR(duplicates_->Finish());
    return summary_;
  }

 private:
  struct Like {
    std::string id;
    int64_t line;  // 0: of the register
  };
  struct Seen {
    size_t content;
    int64_t line;
  };

  absl::Status ReadAll() {
    Batch batch;
    CsvRow row;
    while (true) {
      ASSIGN_OR_RETURN(const bool more, reader_->Next(row));
      if (more) Take(std::move(row), batch);
      if (!more || batch.all.size() >= static_cast<size_t>(pace_.batch)) {
        batch.done = reader_->size() == 0 ? 1
                                          : static_cast<double>(reader_->read()) /
                                                static_cast<double>(reader_->size());
        if (!Give(std::move(batch))) return absl::OkStatus();
        batch = Batch();
      }
      if (!more) return absl::OkStatus();
    }
  }

  // What can be said of a row before it is sent.
  void Take(CsvRow row, Batch& batch) {
    RowResult result;
    if (!row.fault.empty()) {
      result.reason = row.fault;
      result.description = row.fault == "NOT_UTF8" ? "is not UTF-8: save the file as CSV UTF-8"
                                                   : "has a quote in the wrong place";
    } else if (row.fields.size() != header_.names().size()) {
      result.reason = "WRONG_FIELD_COUNT";
      result.description = absl::StrCat("has ", row.fields.size(), " fields under ",
                                        header_.names().size(), " columns");
    } else if (const std::string id = register_.IdOf(header_, row); !id.empty()) {
      const Seen seen{HashOf(CsvLine(row.fields)), row.line};
      const auto [earlier, is_new] = seen_.try_emplace(HashOf(id), seen);
      if (!is_new && earlier->second.content == seen.content) {
        result.outcome = RowResult::kUnchanged;
        result.reason = "REPEATED";
      } else if (!is_new) {
        result.reason = "DUPLICATE_ID";
        result.description =
            absl::StrCat("says something else of the id of line ", earlier->second.line);
      } else {
        Propose(row, id);
      }
    }
    if (result.reason.empty()) {
      batch.places.push_back(batch.all.size());
      batch.rows.push_back(row);
    }
    batch.all.push_back(std::move(row));
    batch.results.push_back(std::move(result));
  }

  void Propose(const CsvRow& row, const std::string& id) {
    std::set<std::string> proposed;
    for (const std::string& likeness : register_.LikenessesOf(header_, row)) {
      if (likeness.empty()) continue;
      const auto [like, is_new] = likes_.try_emplace(HashOf(likeness), Like{id, row.line});
      if (is_new || like->second.id == id || !proposed.insert(like->second.id).second) continue;
      duplicates_->Write(CsvLine({absl::StrCat(row.line), id, like->second.id,
                                  like->second.line == 0 ? "" : absl::StrCat(like->second.line)}));
    }
    if (proposed.empty()) return;
    absl::MutexLock lock(&mutex_);
    ++summary_.possible_duplicates;
  }

  // False where nobody sends any more. Waits while enough is waiting.
  bool Give(Batch batch) {
    absl::MutexLock lock(&mutex_);
    const auto room = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
      return !failed_.ok() ||
             waiting_.size() + kept_.size() < 2 * static_cast<size_t>(pace_.senders);
    };
    mutex_.Await(absl::Condition(&room));
    if (!failed_.ok()) return false;
    batch.number = given_++;
    waiting_.push_back(std::move(batch));
    return true;
  }

  void SendAll() {
    while (true) {
      Batch batch;
      {
        absl::MutexLock lock(&mutex_);
        const auto something = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
          return !failed_.ok() || !waiting_.empty() || ended_;
        };
        mutex_.Await(absl::Condition(&something));
        if (!failed_.ok() || waiting_.empty()) return;
        batch = std::move(waiting_.front());
        waiting_.pop_front();
      }
      const absl::Status sent = Send(batch);
      absl::MutexLock lock(&mutex_);
      failed_.Update(sent);
      if (!failed_.ok()) return;
      kept_.emplace(batch.number, std::move(batch));
      Keep();
    }
  }

  absl::Status Send(Batch& batch) {
    std::vector<CsvRow> rows = std::move(batch.rows);
    std::vector<size_t> places = std::move(batch.places);
    absl::Time answer_by = absl::Now() + options_.answer_patience;
    while (!rows.empty()) {
      auto results = register_.Send(header_, rows, options_.dry_run);
      if (!results.ok()) {
        const bool again = IsRetryable(results.status()) ||
                           absl::IsResourceExhausted(results.status()) ||
                           absl::IsDeadlineExceeded(results.status());
        if (!again || absl::Now() > answer_by) return results.status();
        absl::SleepFor(kPause);
        continue;
      }
      answer_by = absl::Now() + options_.answer_patience;
      std::vector<CsvRow> later;
      std::vector<size_t> later_places;
      for (size_t i = 0; i < rows.size(); ++i) {
        RowResult& result = (*results)[i];
        if (MayStillArrive(result) && absl::Now() < until_) {
          later.push_back(std::move(rows[i]));
          later_places.push_back(places[i]);
        } else {
          batch.results[places[i]] = std::move(result);
        }
      }
      rows = std::move(later);
      places = std::move(later_places);
      if (!rows.empty()) absl::SleepFor(kPause);
    }
    return absl::OkStatus();
  }

  // Writes and counts what is done, in the order of the file.
  void Keep() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    for (auto next = kept_.find(written_); next != kept_.end(); next = kept_.find(written_)) {
      const Batch& batch = next->second;
      for (size_t i = 0; i < batch.all.size(); ++i) Count(batch.all[i], batch.results[i]);
      if (options_.progress) options_.progress(batch.done, summary_.rows);
      kept_.erase(next);
      ++written_;
    }
  }

  void Count(const CsvRow& row, const RowResult& result) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    ++summary_.rows;
    if (result.outcome == RowResult::kRecorded) ++summary_.recorded;
    if (result.outcome == RowResult::kUnchanged) ++summary_.unchanged;
    if (result.outcome != RowResult::kRejected) return;
    ++summary_.rejected;
    std::vector<std::string> fields{absl::StrCat(row.line), result.reason, result.field,
                                    result.description};
    fields.insert(fields.end(), row.fields.begin(), row.fields.end());
    rejects_->Write(CsvLine(fields));
  }

  Register& register_;
  const ImportOptions& options_;
  const Register::Pace pace_;
  const absl::Time until_;
  // Of the reading thread.
  std::unique_ptr<CsvReader> reader_;
  Header header_;
  std::unique_ptr<LineFile> duplicates_;
  absl::flat_hash_map<size_t, Seen> seen_;
  absl::flat_hash_map<size_t, Like> likes_;
  int64_t given_ = 0;

  absl::Mutex mutex_;
  std::deque<Batch> waiting_ ABSL_GUARDED_BY(mutex_);
  std::map<int64_t, Batch> kept_ ABSL_GUARDED_BY(mutex_);  // sent, and waiting for those before
  int64_t written_ ABSL_GUARDED_BY(mutex_) = 0;
  bool ended_ ABSL_GUARDED_BY(mutex_) = false;
  absl::Status failed_ ABSL_GUARDED_BY(mutex_);
  ImportSummary summary_ ABSL_GUARDED_BY(mutex_);
  std::unique_ptr<LineFile> rejects_;
};

}  // namespace

absl::StatusOr<ImportSummary> RunImport(Register& destination, const ImportOptions& options) {
  return Run(destination, options).Import();
}

}  // namespace fosterwatch::app
