// The use cases: orders for documents. Any thread.
#pragma once

#include <functional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

#include "fosterwatch/packs/v1/packs_service.pb.h"
#include "libs/document/render_pdf.h"
#include "libs/runtime/client.h"
#include "libs/runtime/door.h"
#include "services/packs/policy.h"
#include "services/packs/reading.h"
#include "services/packs/shelf.h"

namespace fosterwatch::packs {

class App {
 public:
  struct Options {
    runtime::Client* client = nullptr;
    document::PdfRenderer::Options pdf;
    std::string public_url;
    // Of an agency, as documents print it; "" where nobody has set one.
    std::function<std::string(const std::string& agency_id)> agency_name = [](const std::string&) {
      return std::string();
    };
    Policy policy;
    std::function<absl::Time()> now;
  };
  explicit App(Options options);

  // Each answers at once with a document that waits. INVALID_ARGUMENT names the field at fault;
  // FAILED_PRECONDITION (NO_PDF_RENDERER); RESOURCE_EXHAUSTED (TOO_MANY_PACKS).
  absl::StatusOr<v1::Pack> MakeComplaintsStatement(
      const runtime::Call& call, const v1::MakeComplaintsStatementRequest& request);
  absl::StatusOr<v1::Pack> MakeInspectionPack(const runtime::Call& call,
                                              const v1::MakeInspectionPackRequest& request);

  absl::StatusOr<v1::Pack> MakeBoardEdition(const runtime::Call& call,
                                            const v1::MakeBoardEditionRequest& request);

  absl::StatusOr<v1::Pack> GetPack(const runtime::Call& call, const v1::GetPackRequest& request);
  absl::StatusOr<v1::PackFilePart> ReadPackFile(const runtime::Call& call,
                                                const v1::ReadPackFileRequest& request);

  // Makes what was ordered; returns after `time` at the latest where nothing was.
  void Work(absl::Duration time, const std::function<bool()>& stopped);

  absl::Status CheckPdf() const { return pdf_.Check(); }
  int waiting() { return shelf_.waiting(); }

 private:
  using Step = v1::Pack::Step;
  // What a document is made with: the owners as the caller may read them, and whom to tell.
  struct Making {
    Reading& reading;
    // From here on it is at this step.
    std::function<void(Step)> at;
    std::function<bool()> given_up;
  };
  using Make = std::function<absl::StatusOr<Bound>(Making&)>;

  std::string AgencyOf(const runtime::Call& call) const;
  absl::StatusOr<v1::Pack> Order(const runtime::Call& call, v1::Pack pack, Make make);

  const Options options_;
  const document::PdfRenderer pdf_;
  Shelf shelf_;
};

}  // namespace fosterwatch::packs
