// Which households were opened in an emergency by somebody who does not supervise them, and whether a
// manager has looked at it.

import { html, nothing, type TemplateResult } from 'lit-html';
import { carers as carersApi } from '../api';
import type { WatchResponse } from '../generated/fosterwatch/gateway/v1/gateway_service_pb';
import type { ListEmergenciesResponse } from '../generated/fosterwatch/carers/v1/supervision_pb';
import type { Frame, Page } from '../page';
import { paths } from '../router';
import { countWords, filterCheckbox, filterForm } from '../ui/filter';
import { backLink, empty, link, pages } from '../ui/html';
import { emergenciesTable } from '../ui/supervision';
import { MANAGERS } from './question_page';
import { mayReadEmergencies } from './rights';

const PAGE_SIZE = 25;

export class EmergenciesPage implements Page {
  readonly section = 'carers';
  #answer: ListEmergenciesResponse | undefined;
  // As they are in the address.
  readonly #carerId: string;
  readonly #notReviewed: boolean;
  readonly #pageToken: string;

  constructor(private readonly frame: Frame, query: URLSearchParams) {
    this.#carerId = query.get('carer') ?? '';
    this.#notReviewed = query.get('waits') === 'yes';
    this.#pageToken = query.get('page') ?? '';
  }

  title(): string {
    return 'Households opened in an emergency';
  }

  concerns(fact: WatchResponse | undefined): boolean {
    return !fact || /\.(carers|directory)\./.test(fact.topic);
  }

  async load(): Promise<void> {
    if (!mayReadEmergencies(this.frame.session)) return;
    [this.#answer] = await Promise.all([carersApi.listEmergencies({
      pageSize: PAGE_SIZE,
      pageToken: this.#pageToken,
      carerId: this.#carerId,
      notReviewed: this.#notReviewed,
    }), this.frame.names.ensureDirectory()]);
  }

  view(): TemplateResult {
    const heading = html`
      ${this.#carerId ? backLink(paths.carer(this.#carerId), 'The carer')
        : backLink(paths.carers(), 'Carers')}
      <h1 class="govuk-heading-l">Households opened in an emergency</h1>`;
    if (!mayReadEmergencies(this.frame.session)) {
      return html`${heading}<p class="govuk-body">${MANAGERS}</p>`;
    }
    const { items = [], nextPageToken = '', totalSize = 0n } = this.#answer ?? {};
    const filtered = this.#filter('') !== paths.emergencies();
    return html`
      ${heading}
      <p class="govuk-body">A supervising social worker sees their own households. One who cannot wait
        opens another: the registered manager is told at once, and a manager looks at it afterwards.</p>
      ${filterForm(filterCheckbox({
        name: 'waits', label: 'Not looked at yet', checked: this.#notReviewed,
      }), (chosen) => this.frame.navigate(paths.emergencies({
        carer: this.#carerId, waits: chosen('waits'),
      })))}
      <p class="govuk-body" id="count">${countWords(totalSize, 'emergency', 'emergencies')}${this.#carerId
        ? ' of this household' : nothing}${filtered ? html` with this filter. ${link(
          paths.emergencies(), 'Clear the filter')}` : nothing}</p>
      ${items.length === 0
        ? empty(filtered ? 'None fits.' : 'No household was opened in an emergency.')
        : emergenciesTable(this.frame, items.flatMap(({ carerId, carerName, emergency }) =>
          emergency ? [{ carerId, carerName, emergency }] : []), { household: true })}
      ${pages({
        first: this.#pageToken ? this.#filter('') : undefined,
        next: nextPageToken ? this.#filter(nextPageToken) : undefined,
      })}`;
  }

  #filter(page: string): string {
    return paths.emergencies({
      carer: this.#carerId, waits: this.#notReviewed ? 'yes' : '', page,
    });
  }
}
