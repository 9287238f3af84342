#include "services/packs/bind.h"

#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"

#include "libs/ledger/id.h"
#include "libs/status/status_macros.h"
#include "nlohmann/json.hpp"

namespace fosterwatch::packs {
namespace {

File Make(const std::string& name, const std::string& media_type, std::string content) {
  File file;
  file.about.set_name(name);
  file.about.set_media_type(media_type);
  file.about.set_size(static_cast<int64_t>(content.size()));
  file.about.set_sha256(ledger::Sha256(content));
  file.content = std::move(content);
  return file;
}

}  // namespace

absl::StatusOr<Bound> Bind(document::Document document, const std::string& name, int most_pdf_rows,
                           const document::PdfRenderer& renderer,
                           const std::function<void()>& before_pdf,
                           const std::function<bool()>& cancelled,
                           const std::vector<Attachment>& attachments) {
  std::vector<File> tables;
  nlohmann::ordered_json manifest;
  manifest["title"] = document.title;
  for (const auto& [what, cell] : document.cover) manifest["cover"][what] = cell.text;
  for (const document::Section& section : document.sections) {
    for (const document::Table& table : section.tables) {
      tables.push_back(Make(absl::StrCat(table.name, ".csv"), "text/csv", WriteCsv(table)));
      manifest["tables"].push_back({{"file", tables.back().about.name()},
                                    {"caption", table.caption},
                                    {"rows", table.rows.size()},
                                    {"sha256", tables.back().about.sha256()}});
    }
  }
  for (const Attachment& attachment : attachments) {
    tables.push_back(Make(attachment.name, "text/plain", attachment.content));
    manifest["attachments"].push_back(
        {{"file", attachment.name}, {"sha256", tables.back().about.sha256()}});
  }
  Bound bound;
  File list = Make("manifest.json", "application/json",
                   manifest.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n");
  bound.manifest_sha256 = list.about.sha256();
  document.cover.emplace_back("SHA-256 of manifest.json", bound.manifest_sha256);

  before_pdf();
  std::string page;
  absl::StatusOr<std::string> workbook = absl::UnknownError("not written");
  std::thread others([&] {
    page = WriteHtml(document);
    workbook = WriteXlsx(document);
  });
  document::HtmlOptions for_pdf;
  for_pdf.most_rows = most_pdf_rows;
  for_pdf.rest =
      absl::StrCat("all of them are in ", name, ".html, ", name, ".xlsx and the CSV file");
  absl::StatusOr<std::string> rendered = renderer.Render(WriteHtml(document, for_pdf), cancelled);
  others.join();
  RETURN_IF_ERROR(rendered.status());
  RETURN_IF_ERROR(workbook.status());
  bound.files.push_back(Make(absl::StrCat(name, ".pdf"), "application/pdf", *std::move(rendered)));
  bound.files.push_back(Make(absl::StrCat(name, ".html"), "text/html", std::move(page)));
  bound.files.push_back(Make(absl::StrCat(name, ".xlsx"),
                             "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
                             *std::move(workbook)));
  for (File& table : tables) bound.files.push_back(std::move(table));
  bound.files.push_back(std::move(list));
  std::string sums;
  for (const File& file : bound.files) {
    absl::StrAppend(&sums, file.about.sha256(), "  ", file.about.name(), "\n");
  }
  bound.files.push_back(Make("SHA256SUMS", "text/plain", std::move(sums)));
  return bound;
}

}  // namespace fosterwatch::packs
