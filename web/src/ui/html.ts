// Pieces of pages, with the markup of the GOV.UK and MOJ design systems.

import { html, nothing, type TemplateResult } from 'lit-html';
import { ifDefined } from 'lit-html/directives/if-defined.js';
import type { Timestamp } from '@bufbuild/protobuf/wkt';
import { dueWording, formatDateTime, formatDue, formatRecent, toDate } from '../time';

export type Content = TemplateResult | string | number | typeof nothing | Content[];

export type TagColour = 'grey' | 'green' | 'teal' | 'blue' | 'purple' | 'red' | 'orange' | 'yellow';

export const tag = (text: string, colour: TagColour = 'grey') =>
  html`<strong class="govuk-tag govuk-tag--${colour}">${text}</strong>`;

export const link = (href: string, text: Content, hidden?: string) => html`<a class="govuk-link"
  href=${href}>${text}${hidden ? html`<span class="govuk-visually-hidden"> ${hidden}</span>` : nothing}</a>`;

export const buttonLink = (href: string, text: string, secondary = false) => html`<a
  class="govuk-button ${secondary ? 'govuk-button--secondary' : ''}" href=${href}
  draggable="false">${text}</a>`;

export const backLink = (href: string, text: string) => html`<a class="govuk-back-link"
  href=${href}>${text}</a>`;

export const hidden = (text: string) => html`<span class="govuk-visually-hidden">${text}</span>`;

export const id = (text: string) => html`<span class="app-id">${text}</span>`;

const timeElement = (moment: Date, text: string) => html`<time
  datetime=${moment.toISOString()}>${text}</time>`;

export function moment(timestamp: Timestamp | undefined, missing: Content = 'Not known'): Content {
  if (!timestamp) return missing;
  const date = toDate(timestamp);
  return timeElement(date, formatDateTime(date));
}

export function recent(timestamp: Timestamp | undefined, now: Date, missing: Content = '–'): Content {
  if (!timestamp) return missing;
  const date = toDate(timestamp);
  return timeElement(date, formatRecent(date, now));
}

// A due time that is past its use: what it asked for is done.
export function wasDue(timestamp: Timestamp | undefined): Content {
  if (!timestamp) return 'No due time';
  const date = toDate(timestamp);
  return timeElement(date, formatDue(date));
}

// The due time, and how long is left.
export function due(timestamp: Timestamp | undefined, now: Date): Content {
  if (!timestamp) return 'No due time';
  const date = toDate(timestamp);
  const wording = dueWording(date, now);
  return html`${timeElement(date, formatDue(date))}
    <span class="app-sub ${date < now ? 'app-overdue' : ''}">${wording}</span>`;
}

export interface Column<Row> {
  heading: string;
  cell: (row: Row) => Content;
  numeric?: boolean;
  // The column that names the row.
  header?: boolean;
  hideHeading?: boolean;
}

// A table; on a narrow screen each row is a block with its headings beside its cells. The roles
// are written out because such a layout would take them away.
export function table<Row>(options: {
  caption: string;
  captionHidden?: boolean;
  columns: readonly Column<Row>[];
  rows: readonly Row[];
  key?: (row: Row) => string;
  testId?: string;
}): TemplateResult {
  const { columns, rows } = options;
  return html`
    <table class="govuk-table app-table" role="table" data-testid=${ifDefined(options.testId)}>
      <caption class="${options.captionHidden
        ? 'govuk-visually-hidden' : 'govuk-table__caption govuk-table__caption--m'}">
        ${options.caption}
      </caption>
      <thead class="govuk-table__head" role="rowgroup">
        <tr class="govuk-table__row" role="row">
          ${columns.map((column) => html`
            <th scope="col" role="columnheader" class="govuk-table__header ${column.numeric
              ? 'govuk-table__header--numeric' : ''}">${column.hideHeading
              ? hidden(column.heading) : column.heading}</th>`)}
        </tr>
      </thead>
      <tbody class="govuk-table__body" role="rowgroup">
        ${rows.map((row) => html`
          <tr class="govuk-table__row" role="row" data-key=${ifDefined(options.key?.(row))}>
            ${columns.map((column) => {
              const content = html`<span class="app-table__label" aria-hidden="true"
                >${column.heading}</span><span class="app-table__value">${column.cell(row)}</span>`;
              const numeric = column.numeric ? 'govuk-table__cell--numeric' : '';
              return column.header
                ? html`<th scope="row" role="rowheader" class="govuk-table__header">${content}</th>`
                : html`<td role="cell" class="govuk-table__cell ${numeric}">${content}</td>`;
            })}
          </tr>`)}
      </tbody>
    </table>`;
}

export interface SummaryRow {
  key: string;
  value: Content;
}

export const summaryList = (rows: readonly (SummaryRow | undefined | false)[]) => html`
  <dl class="govuk-summary-list app-summary-list">
    ${rows.filter((row) => row !== undefined && row !== false).map((row) => html`
      <div class="govuk-summary-list__row">
        <dt class="govuk-summary-list__key">${row.key}</dt>
        <dd class="govuk-summary-list__value">${row.value}</dd>
      </div>`)}
  </dl>`;

export const details = (summary: string, content: Content, about?: string) => html`
  <details class="govuk-details app-details">
    <summary class="govuk-details__summary"><span class="govuk-details__summary-text">${summary}${
      about ? hidden(` ${about}`) : nothing}</span></summary>
    <div class="govuk-details__text">${content}</div>
  </details>`;

// Text that people typed: their line breaks stay.
export const prose = (text: string): Content => text === ''
  ? 'None given' : html`<span class="app-prose">${text}</span>`;

export const plural = (count: number | bigint, noun: string, nouns = `${noun}s`) =>
  `${count} ${Number(count) === 1 ? noun : nouns}`;

// What is done seldom, below what is done often.
export const moreLinks = (items: readonly Content[]): Content => items.length === 0 ? nothing : html`
  <div class="govuk-!-margin-bottom-6">${details('More that can be done', html`
    <ul class="govuk-list govuk-!-margin-bottom-0">${items.map((item) => html`<li>${item}</li>`)}</ul>`)}
  </div>`;

// One of several things that can be done with a row.
export const rowLink = (href: string, text: Content, about?: string) =>
  html`<span class="app-choice">${link(href, text, about)}</span>`;

export const empty = (text: string) => html`<p class="govuk-body app-empty">${text}</p>`;

// Lists go forward by tokens; the way back is the first page, or the browser's own.
export function pages(options: { first: string | undefined; next: string | undefined }): Content {
  const { first, next } = options;
  if (!first && !next) return nothing;
  return html`
    <nav class="govuk-pagination" aria-label="Pages">
      ${first ? html`
        <div class="govuk-pagination__prev">
          <a class="govuk-link govuk-pagination__link" href=${first}>
            <span class="govuk-pagination__link-title">First page</span>
          </a>
        </div>` : nothing}
      ${next ? html`
        <div class="govuk-pagination__next">
          <a class="govuk-link govuk-pagination__link" href=${next} rel="next">
            <span class="govuk-pagination__link-title">Next page</span>
          </a>
        </div>` : nothing}
    </nav>`;
}
