#include <cstddef>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

#include "libs/document/document.h"
#include "libs/document/text.h"

namespace fosterwatch::document {
namespace {

// Fonts that Debian has; a machine without them takes another one.
constexpr char kStyle[] = R"(
@page { size: A4 landscape; margin: 16mm 14mm 18mm;
  @bottom-left { content: string(document);
    font-family: "Liberation Sans", Arial, sans-serif; font-size: 8pt }
  @bottom-right { content: "Page " counter(page) " of " counter(pages);
    font-family: "Liberation Sans", Arial, sans-serif; font-size: 8pt } }
body { font-family: "Liberation Sans", Arial, sans-serif; font-size: 10pt; line-height: 1.4;
  color: #0b0c0c; max-width: 80em; margin: 0 auto; padding: 0 1em }
h1 { font-size: 22pt; line-height: 1.2; margin: 0 0 4pt; string-set: document content() }
h2 { font-size: 15pt; margin: 20pt 0 6pt; break-after: avoid }
p, ul { max-width: 60em }
.cover { border-collapse: collapse; margin: 10pt 0 }
.cover th { text-align: left; padding-right: 2em; white-space: nowrap }
table { border-collapse: collapse; width: 100%; table-layout: fixed; margin: 6pt 0 12pt;
  font-size: 8.5pt }
.cover { width: auto; table-layout: auto; font-size: 10pt }
caption { text-align: left; font-weight: bold; font-size: 10pt; padding: 4pt 0 }
th, td { text-align: left; vertical-align: top; padding: 2pt 5pt 2pt 0;
  border-bottom: 0.5pt solid #b1b4b6; overflow-wrap: anywhere; white-space: pre-line }
thead th { border-bottom: 1pt solid #0b0c0c; white-space: normal }
tr { break-inside: avoid }
th.n, td.n { text-align: right; padding-right: 12pt }
a { color: #1d70b8 }
.rest { font-style: italic }
@media print { body { padding: 0 } nav ~ main { break-before: page }
  nav ul { padding: 0; max-width: 40em } nav li { list-style: none }
  nav a::after { content: leader(".") " " target-counter(attr(href), page) }
  nav a { color: inherit; text-decoration: none } }
@media screen { body { padding: 2em 1em } }
@media screen and (max-width: 50em) { section { overflow-x: auto } main table { min-width: 50em } }
)";

// The only way in which a text comes into the page.
std::string Escaped(absl::string_view text) {
  std::string escaped;
  for (const char c : CleanText(text)) {
    switch (c) {
      case '&':
        escaped += "&amp;";
        break;
      case '<':
        escaped += "&lt;";
        break;
      case '>':
        escaped += "&gt;";
        break;
      case '"':
        escaped += "&quot;";
        break;
      case '\'':
        escaped += "&#39;";
        break;
      default:
        escaped += c;
    }
  }
  return escaped;
}

bool MayBeLinked(absl::string_view link) {
  return absl::StartsWith(link, "https://") || absl::StartsWith(link, "http://") ||
         absl::StartsWith(link, "#");
}

std::string Content(const Cell& cell) {
  if (!MayBeLinked(cell.link)) return Escaped(cell.text);
  return absl::StrCat("<a href=\"", Escaped(cell.link), "\">", Escaped(cell.text), "</a>");
}

void AddTable(const Table& table, const HtmlOptions& options, std::string& html) {
  // A table without rows is none: PDF/UA refuses what it would become.
  if (table.rows.empty()) {
    absl::StrAppend(&html, "<p class=\"rest\">", Escaped(table.caption), ": none</p>\n");
    return;
  }
  absl::StrAppend(&html, "<table>\n<caption>", Escaped(table.caption), "</caption>\n<colgroup>");
  int weights = 0;
  for (const Column& column : table.columns) weights += column.weight;
  for (const Column& column : table.columns) {
    absl::StrAppend(&html, "<col style=\"width:", 1000 * column.weight / weights / 10.0, "%\">");
  }
  absl::StrAppend(&html, "</colgroup>\n<thead><tr>");
  for (const Column& column : table.columns) {
    absl::StrAppend(&html, "<th scope=\"col\"", column.numeric ? " class=\"n\"" : "", ">",
                    Escaped(column.heading), "</th>");
  }
  absl::StrAppend(&html, "</tr></thead>\n<tbody>\n");
  const bool is_cut =
      !table.whole && options.most_rows > 0 && table.rows.size() > size_t(options.most_rows);
  const size_t shown = is_cut ? size_t(options.most_rows) : table.rows.size();
  for (size_t row = 0; row < shown; ++row) {
    absl::StrAppend(&html, "<tr>");
    for (size_t i = 0; i < table.columns.size(); ++i) {
      const char* const css = table.columns[i].numeric ? " class=\"n\"" : "";
      const Cell& cell = table.rows[row][i];
      if (i == 0) {
        absl::StrAppend(&html, "<th scope=\"row\"", css, ">", Content(cell), "</th>");
      } else {
        absl::StrAppend(&html, "<td", css, ">", Content(cell), "</td>");
      }
    }
    absl::StrAppend(&html, "</tr>\n");
  }
  absl::StrAppend(&html, "</tbody>\n</table>\n");
  if (is_cut) {
    absl::StrAppend(&html, "<p class=\"rest\">", shown, " of ", table.rows.size(), " rows; ",
                    Escaped(options.rest), "</p>\n");
  }
}

}  // namespace

std::string WriteHtml(const Document& document, const HtmlOptions& options) {
  std::string html = absl::StrCat(
      "<!DOCTYPE html>\n<html lang=\"en-GB\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src "
      "'unsafe-inline'\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>",
      Escaped(document.title), "</title>\n<style>", kStyle,
      "</style>\n</head>\n<body>\n<header>\n<h1>", Escaped(document.title), "</h1>\n<p>",
      Escaped(document.subtitle), "</p>\n");
  if (!document.cover.empty()) {
    absl::StrAppend(&html, "<table class=\"cover\">\n<caption>This document</caption>\n<tbody>\n");
    for (const auto& [what, cell] : document.cover) {
      absl::StrAppend(&html, "<tr><th scope=\"row\">", Escaped(what), "</th><td>", Content(cell),
                      "</td></tr>\n");
    }
    absl::StrAppend(&html, "</tbody>\n</table>\n");
  }
  absl::StrAppend(&html, "</header>\n");
  if (document.sections.size() > 2) {
    absl::StrAppend(&html, "<nav aria-label=\"Contents\">\n<h2>Contents</h2>\n<ul>\n");
    for (const Section& section : document.sections) {
      absl::StrAppend(&html, "<li><a href=\"#", Escaped(section.id), "\">",
                      Escaped(section.heading), "</a></li>\n");
    }
    absl::StrAppend(&html, "</ul>\n</nav>\n");
  }
  absl::StrAppend(&html, "<main>\n");
  for (const Section& section : document.sections) {
    absl::StrAppend(&html, "<section id=\"", Escaped(section.id), "\">\n<h2>",
                    Escaped(section.heading), "</h2>\n");
    for (const std::string& paragraph : section.paragraphs) {
      absl::StrAppend(&html, "<p>", Escaped(paragraph), "</p>\n");
    }
    if (!section.bullets.empty()) {
      absl::StrAppend(&html, "<ul>\n");
      for (const std::string& bullet : section.bullets) {
        absl::StrAppend(&html, "<li>", Escaped(bullet), "</li>\n");
      }
      absl::StrAppend(&html, "</ul>\n");
    }
    for (const Table& table : section.tables) AddTable(table, options, html);
    absl::StrAppend(&html, "</section>\n");
  }
  absl::StrAppend(&html, "</main>\n</body>\n</html>\n");
  return html;
}

}  // namespace fosterwatch::document
