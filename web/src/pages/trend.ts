// How many events happened in each of twelve months, by kind, carer or placement.

import { html, nothing, type TemplateResult } from 'lit-html';
import { oversight } from '../api';
import type { WatchResponse } from '../generated/fosterwatch/gateway/v1/gateway_service_pb';
import {
  GetTrendRequest_GroupBy, type Trend, type Trend_Row,
} from '../generated/fosterwatch/notifiable_events/v1/oversight_pb';
import type { Frame, Page } from '../page';
import { paths } from '../router';
import { formatMonth, formatShortMonth } from '../time';
import { empty, link, moment, plural, table, type Column } from '../ui/html';
import { kindWords } from '../words';
import { mayOversee } from './rights';

const GROUPS: readonly { code: string; text: string; by: GetTrendRequest_GroupBy }[] = [
  { code: 'kind', text: 'Kind of event', by: GetTrendRequest_GroupBy.KIND },
  { code: 'carer', text: 'Carer', by: GetTrendRequest_GroupBy.CARER },
  { code: 'placement', text: 'Placement', by: GetTrendRequest_GroupBy.PLACEMENT },
];

// Of the others the counts stay as they are.
const COUNTED = new Set([
  'event_reported', 'report_completed', 'event_corrected', 'event_withdrawn', 'repeat_decided',
]);

const NOBODY = 'Not known';

// "2026-11" to "2025-11".
const yearBefore = (month: string) => `${Number(month.slice(0, 4)) - 1}${month.slice(4)}`;

interface Line {
  name: string;
  counts: readonly number[];
  total: number;
}

export class TrendPage implements Page {
  readonly section = 'trend';
  #trend: Trend | undefined;
  readonly #group: (typeof GROUPS)[number];
  readonly #until: string;

  constructor(private readonly frame: Frame, query: URLSearchParams) {
    this.#group = GROUPS.find(({ code }) => code === query.get('by')) ?? GROUPS[0]!;
    this.#until = query.get('until') ?? '';
  }

  title(): string {
    return `Trend by ${this.#group.text.toLowerCase()}`;
  }

  concerns(fact: WatchResponse | undefined): boolean {
    return !fact || COUNTED.has(fact.fact) || /\.(placements|carers|directory)\./.test(fact.topic);
  }

  async load(): Promise<void> {
    if (!mayOversee(this.frame.session)) return;
    const { names } = this.frame;
    const [trend] = await Promise.all([
      oversight.getTrend({ groupBy: this.#group.by, untilMonth: this.#until }),
      names.ensureDirectory(),
    ]);
    await Promise.all([
      names.ensureChildren(trend.rows.map(({ childId }) => childId)),
      names.ensureCarers(trend.rows.map(({ carerId }) => carerId)),
    ]);
    this.#trend = trend;
  }

  view(): TemplateResult {
    const trend = this.#trend;
    const heading = html`<h1 class="govuk-heading-l">${this.title()}</h1>`;
    if (!mayOversee(this.frame.session) || !trend) {
      return html`${heading}
        <p class="govuk-body">Managers read this. You are signed in without that role.</p>`;
    }
    const first = trend.months[0] ?? '';
    const last = trend.months.at(-1) ?? '';
    const by = this.#group.code;
    return html`
      ${heading}
      ${this.#filterView()}
      <p class="govuk-body"><strong>n = ${trend.total}</strong>: ${plural(trend.total, 'event')} from
        ${formatMonth(first)} to ${formatMonth(last)}, by the month in which they happened, withdrawn
        ones left out.${by === 'kind' ? ' An event of several kinds counts once in each.' : nothing}
        As at ${moment(trend.asAtTime)}.</p>
      ${trend.total === 0 ? empty('Nothing was reported for these months.') : this.#tableView(trend)}
      <p class="govuk-body">${link(paths.trend({ by, until: yearBefore(last) }),
        'The twelve months before')}${this.#until ? html`;
        ${link(paths.trend({ by }), 'the last twelve months')}` : nothing}</p>`;
  }

  #tableView(trend: Trend): TemplateResult {
    const lines: Line[] = [
      ...trend.rows.map((row) => ({ name: this.#nameOf(row), counts: row.counts, total: row.total })),
      { name: 'n (events)', counts: trend.n, total: trend.total },
    ];
    const columns: Column<Line>[] = [
      { heading: this.#group.text, header: true, cell: ({ name }) => name },
      ...trend.months.map((month, index) => ({
        heading: formatShortMonth(month),
        numeric: true,
        cell: ({ counts }: Line) => counts[index] ?? 0,
      })),
      { heading: 'Total', numeric: true, cell: ({ total }) => total },
    ];
    return html`
      <div class="app-scroll" role="region" tabindex="0" aria-label="Events by month">
        ${table({
          caption: `Events by month and ${this.#group.text.toLowerCase()}, most first`,
          captionHidden: true,
          rows: lines,
          testId: 'trend',
          columns,
        })}
      </div>`;
  }

  #nameOf(row: Trend_Row): string {
    const { names } = this.frame;
    const carer = row.carerId ? names.carer(row.carerId) : NOBODY;
    switch (this.#group.by) {
      case GetTrendRequest_GroupBy.KIND: return kindWords(row.kind);
      case GetTrendRequest_GroupBy.CARER: return carer;
      default: return row.carerId || row.childId
        ? `${row.childId ? names.child(row.childId) : NOBODY} with ${carer}` : NOBODY;
    }
  }

  #filterView(): TemplateResult {
    const apply = (event: Event) => {
      event.preventDefault();
      const form = new FormData(event.target as HTMLFormElement);
      this.frame.navigate(paths.trend({ by: String(form.get('by') ?? ''), until: this.#until }));
    };
    return html`
      <form class="app-filter" role="search" aria-label="Filter" @submit=${apply}>
        <div class="govuk-form-group">
          <label class="govuk-label govuk-label--s" for="by">Counted by</label>
          <select class="govuk-select" id="by" name="by">
            ${GROUPS.map(({ code, text }) => html`
              <option value=${code} ?selected=${code === this.#group.code}>${text}</option>`)}
          </select>
        </div>
        <button type="submit" class="govuk-button govuk-button--secondary">Apply</button>
      </form>`;
  }
}
