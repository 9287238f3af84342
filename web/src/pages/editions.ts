// Figures as they were stated, and what has become known since.

import { html, nothing, type TemplateResult } from 'lit-html';
import { editions as editionsApi, kpis as kpisApi } from '../api';
import type { WatchResponse } from '../generated/fosterwatch/gateway/v1/gateway_service_pb';
import type { Edition, Restatement } from '../generated/fosterwatch/kpis/v1/edition_pb';
import type { ListEditionsResponse } from '../generated/fosterwatch/kpis/v1/editions_service_pb';
import type { KpiDefinition, KpiSet } from '../generated/fosterwatch/kpis/v1/kpi_pb';
import type { Frame, Page } from '../page';
import { paths } from '../router';
import { formatPeriod } from '../time';
import { filterForm, filterSelect } from '../ui/filter';
import { buttonLink, empty, link, moment, pages, table } from '../ui/html';
import {
  movesFigures, placesView, readDefinitions, setChoices, setTitle,
} from '../ui/kpi_pages';
import { restatementsTable } from '../ui/kpi_tables';
import { mayFreeze } from './rights';

export class EditionsPage implements Page {
  readonly section = 'figures';
  #sets: readonly KpiSet[] = [];
  #answer: ListEditionsResponse | undefined;
  #restatements: readonly Restatement[] = [];
  #definitions: readonly KpiDefinition[] = [];
  readonly #set: string;
  readonly #pageToken: string;

  constructor(private readonly frame: Frame, query: URLSearchParams) {
    this.#set = query.get('set') ?? '';
    this.#pageToken = query.get('page') ?? '';
  }

  title(): string {
    return 'Editions and restatements';
  }

  concerns(fact: WatchResponse | undefined): boolean {
    return movesFigures(fact);
  }

  async load(): Promise<void> {
    const [sets, answer, restatements] = await Promise.all([
      kpisApi.listKpiSets({}),
      editionsApi.listEditions({ set: this.#set, pageToken: this.#pageToken }),
      editionsApi.listRestatements({ pageSize: 200 }),
      this.frame.names.ensureDirectory(),
    ]);
    const ofSet = restatements.restatements.filter(({ set }) => !this.#set || set === this.#set);
    this.#definitions = await readDefinitions(ofSet);
    this.#sets = sets.sets;
    this.#answer = answer;
    this.#restatements = ofSet;
  }

  view(): TemplateResult {
    const { editions = [], nextPageToken = '' } = this.#answer ?? {};
    return html`
      ${placesView('editions')}
      <div class="app-heading">
        <h1 class="govuk-heading-l govuk-!-margin-bottom-2">Editions and restatements</h1>
        ${mayFreeze(this.frame.session) ? buttonLink(paths.freezeEdition({ set: this.#set }),
          'Freeze an edition') : nothing}
      </div>
      <p class="govuk-body">An edition states the figures of a month and never changes. What becomes known
        later is a restatement, which a person accepts.</p>
      ${filterForm(filterSelect({
        name: 'set', label: 'Figures', value: this.#set, choices: setChoices(this.#sets),
      }), (chosen) => this.frame.navigate(paths.editions({ set: chosen('set') })))}
      <h2 class="govuk-heading-m">Restatements</h2>
      ${this.#restatements.length === 0 ? empty('Every figure is what its edition says.')
        : restatementsTable(this.#restatements, this.frame, this.#definitions)}
      <h2 class="govuk-heading-m">Editions</h2>
      ${editions.length === 0 ? empty('No edition has been frozen yet.') : table<Edition>({
        caption: 'Editions',
        captionHidden: true,
        rows: editions,
        key: ({ editionId }) => editionId,
        testId: 'editions',
        columns: [
          {
            heading: 'Edition',
            header: true,
            cell: ({ editionId, set, period, number }) => html`${link(paths.edition(editionId),
              `${setTitle(this.#sets, set)}, ${formatPeriod(period)}, number ${number}`)}
              <span class="app-sub app-id">${editionId}</span>`,
          },
          {
            heading: 'Frozen',
            cell: ({ frozenTime, frozenBy }) => html`${moment(frozenTime)}<span class="app-sub">By
              ${this.frame.names.person(frozenBy)}</span>`,
          },
          { heading: 'SHA-256', cell: ({ hash }) => html`<span class="app-mono">${hash}</span>` },
        ],
      })}
      ${pages({
        first: this.#pageToken ? paths.editions({ set: this.#set }) : undefined,
        next: nextPageToken ? paths.editions({ set: this.#set, page: nextPageToken }) : undefined,
      })}`;
  }
}
