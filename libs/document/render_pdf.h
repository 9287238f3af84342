// HTML to accessible PDF (PDF/UA-1) by WeasyPrint in a process of its own: it has standard input,
// standard output and no more, fetches nothing from anywhere, has limits of memory and time, and
// keeps nothing. The same HTML gives the same bytes on a machine with the same fonts.
#pragma once

#include <functional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace fosterwatch::document {

class PdfRenderer {
 public:
  struct Options {
    // A Python that has WeasyPrint (deploy/local/pdf/requirements.txt); empty: there is none.
    std::string python;
    std::string script;  // share/fosterwatch/document/render_pdf.py
    absl::Duration most_time = absl::Seconds(120);
  };
  explicit PdfRenderer(Options options) : options_(std::move(options)) {}

  // FAILED_PRECONDITION (NO_PDF_RENDERER) saying which setting is missing or names no program.
  absl::Status Check() const;

  // Blocks. NO_PDF_RENDERER as above; DEADLINE_EXCEEDED (PDF_TOOK_TOO_LONG) past the time;
  // CANCELLED soon after `cancelled` answers true, which is asked about ten times a second;
  // INTERNAL (PDF_FAILED) where the program fails. Errors say nothing of the content.
  absl::StatusOr<std::string> Render(absl::string_view html,
                                     const std::function<bool()>& cancelled = nullptr) const;

 private:
  const Options options_;
};

}  // namespace fosterwatch::document
