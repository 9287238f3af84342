// From a document to the files that are handed over: the tables as CSV, a manifest with the hash of
// each, and the document itself, with the manifest's hash on its cover, as HTML, PDF and XLSX.
// SHA256SUMS names them all, for `sha256sum -c`.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

#include "fosterwatch/packs/v1/packs_service.pb.h"
#include "libs/document/document.h"
#include "libs/document/render_pdf.h"

namespace fosterwatch::packs {

struct File {
  v1::PackFile about;
  std::string content;
};

struct Bound {
  std::vector<File> files;
  std::string manifest_sha256;
};

// A file that is handed over beside the document, such as what a hash on its cover is of.
struct Attachment {
  std::string name, content;
};

// Files are named after `name` ("inspection-pack.pdf") and after the tables ("events.csv"). Of a
// table's rows the PDF has `most_pdf_rows`, and all of a summary's; the other forms have all.
// `before_pdf` is called before the PDF is made, which takes longest; beside it the others are
// written, on a thread of their own. Errors are those of the writers and of `renderer`.
absl::StatusOr<Bound> Bind(document::Document document, const std::string& name, int most_pdf_rows,
                           const document::PdfRenderer& renderer,
                           const std::function<void()>& before_pdf,
                           const std::function<bool()>& cancelled,
                           const std::vector<Attachment>& attachments = {});

}  // namespace fosterwatch::packs
