// How far the data behind the figures can be relied on: what is missing, twice there, or cannot be.

import { html, nothing, type TemplateResult } from 'lit-html';
import { dataQuality } from '../api';
import type { WatchResponse } from '../generated/fosterwatch/gateway/v1/gateway_service_pb';
import { Finding_State, type Coverage } from '../generated/fosterwatch/kpis/v1/data_quality_pb';
import type {
  ListFindingsResponse,
} from '../generated/fosterwatch/kpis/v1/data_quality_service_pb';
import type { KpiDefinition } from '../generated/fosterwatch/kpis/v1/kpi_pb';
import type { Frame, Page } from '../page';
import { paths } from '../router';
import { formatPeriod } from '../time';
import { filterForm, filterSelect } from '../ui/filter';
import { empty, link, pages, table, tag } from '../ui/html';
import { movesFigures, placesView, readDefinitions } from '../ui/kpi_pages';
import { findingsTable } from '../ui/kpi_tables';

const STATES: readonly { code: string; text: string; state: Finding_State }[] = [
  { code: 'open', text: 'Open', state: Finding_State.OPEN },
  { code: 'cleared', text: 'Cleared', state: Finding_State.CLEARED },
];

export class DataQualityPage implements Page {
  readonly section = 'figures';
  #answer: ListFindingsResponse | undefined;
  #definitions: readonly KpiDefinition[] = [];
  readonly #state: string;
  // Of one KPI only.
  readonly #code: string;
  readonly #pageToken: string;

  constructor(private readonly frame: Frame, query: URLSearchParams) {
    this.#state = STATES.find(({ code }) => code === query.get('state'))?.code ?? '';
    this.#code = query.get('code') ?? '';
    this.#pageToken = query.get('page') ?? '';
  }

  title(): string {
    return 'Data quality';
  }

  concerns(fact: WatchResponse | undefined): boolean {
    return movesFigures(fact);
  }

  async load(): Promise<void> {
    const state = STATES.find(({ code }) => code === this.#state)?.state ?? Finding_State.UNSPECIFIED;
    const answer = await dataQuality.listFindings({
      state, code: this.#code, pageToken: this.#pageToken,
    });
    this.#definitions = await readDefinitions([...answer.findings, ...answer.coverage]);
    this.#answer = answer;
  }

  #address(further: Record<string, string>): string {
    return paths.dataQuality({ code: this.#code, state: this.#state, ...further });
  }

  view(): TemplateResult {
    const { findings = [], coverage = [], nextPageToken = '' } = this.#answer ?? {};
    return html`
      ${placesView('data-quality')}
      <h1 class="govuk-heading-l govuk-!-margin-bottom-2">Data quality</h1>
      <p class="govuk-body">What is not known never counts as fine: a month without a figure is incomplete,
        and it is said here why.</p>
      ${filterForm(filterSelect({ name: 'state', label: 'State', value: this.#state, choices: STATES }),
        (chosen) => this.frame.navigate(this.#address({ state: chosen('state') })))}
      ${this.#code ? html`<p class="govuk-body">Of <strong>${this.#code}</strong> only.
        ${link(paths.dataQuality({ state: this.#state }), 'Of every figure')}</p>` : nothing}
      ${findings.length === 0 ? empty(this.#state === '' ? 'Nothing was found.' : 'There is nothing of that.')
        : findingsTable(findings, this.frame, this.#definitions)}
      ${pages({
        first: this.#pageToken ? this.#address({}) : undefined,
        next: nextPageToken ? this.#address({ page: nextPageToken }) : undefined,
      })}
      ${coverage.length === 0 ? nothing : html`
        <h2 class="govuk-heading-m">How much is known</h2>
        ${table<Coverage>({
          caption: 'How much is known',
          captionHidden: true,
          rows: coverage,
          key: ({ code }) => code,
          testId: 'coverage',
          columns: [
            {
              heading: 'Figure', header: true,
              cell: ({ code }) => html`${link(paths.figure(code),
                this.#definitions.find((each) => each.code === code)?.title ?? code)}
                <span class="app-sub app-id">${code}</span>`,
            },
            {
              heading: 'Months with a figure',
              cell: ({ months, monthsWithFigure }) => html`${monthsWithFigure} of ${months}
                ${monthsWithFigure < months ? tag('Incomplete') : nothing}`,
            },
            {
              heading: 'Over',
              cell: ({ firstPeriod, lastPeriod }) => firstPeriod
                ? `${formatPeriod(firstPeriod)} to ${formatPeriod(lastPeriod)}` : '–',
            },
            { heading: 'Open findings', numeric: true, cell: ({ openFindings }) => openFindings },
          ],
        })}`}`;
  }
}
