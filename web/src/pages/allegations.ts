// The register of allegations, filtered and in pages.

import { html, nothing, type TemplateResult } from 'lit-html';
import { allegationStateWords } from '../allegation_words';
import { allegations as allegationsApi } from '../api';
import type { PickField } from '../forms/pick_field';
import { Allegation_State } from '../generated/fosterwatch/allegations/v1/allegation_pb';
import type {
  ListAllegationsResponse,
} from '../generated/fosterwatch/allegations/v1/allegations_service_pb';
import type { WatchResponse } from '../generated/fosterwatch/gateway/v1/gateway_service_pb';
import type { Frame, Page } from '../page';
import { paths } from '../router';
import { allegationsTable } from '../ui/allegations';
import { countWords, filterCheckbox, filterForm, filterSelect } from '../ui/filter';
import { buttonLink, empty, link, pages } from '../ui/html';
import { carerPick, checkPick, childPick } from './picks';
import { mayOversee, mayRecord } from './rights';

const PAGE_SIZE = 25;

const STATES: Record<string, Allegation_State> = {
  received: Allegation_State.RECEIVED,
  referred: Allegation_State.REFERRED,
  strategy: Allegation_State.STRATEGY,
  investigation: Allegation_State.INVESTIGATION,
  'officer-concluded': Allegation_State.OFFICER_CONCLUDED,
  'agency-review': Allegation_State.AGENCY_REVIEW,
  closed: Allegation_State.CLOSED,
};
const ANY_OPEN = 'open';

export class AllegationsPage implements Page {
  readonly section = 'allegations';
  #answer: ListAllegationsResponse | undefined;
  readonly #child: PickField;
  readonly #carer: PickField;
  // As they are in the address.
  readonly #state: string;
  readonly #childId: string;
  readonly #carerId: string;
  readonly #overdue: boolean;
  readonly #pageToken: string;

  constructor(private readonly frame: Frame, query: URLSearchParams) {
    this.#state = query.get('state') ?? '';
    this.#childId = query.get('child') ?? '';
    this.#carerId = query.get('carer') ?? '';
    this.#overdue = query.get('overdue') === 'yes';
    this.#pageToken = query.get('page') ?? '';
    this.#child = childPick(frame, this.#childId);
    this.#carer = carerPick(frame, this.#carerId);
  }

  title(): string {
    return 'Allegations';
  }

  hasErrors(): boolean {
    return this.#child.error !== undefined || this.#carer.error !== undefined;
  }

  concerns(fact: WatchResponse | undefined): boolean {
    return !fact || /\.(allegations|placements|carers|directory)\./.test(fact.topic);
  }

  async load(): Promise<void> {
    const { names } = this.frame;
    const first = !this.#answer;
    [this.#answer] = await Promise.all([
      allegationsApi.listAllegations({
        pageSize: PAGE_SIZE,
        pageToken: this.#pageToken,
        state: STATES[this.#state] ?? Allegation_State.UNSPECIFIED,
        openOnly: this.#state === ANY_OPEN,
        childId: this.#childId,
        carerId: this.#carerId,
        overdueOnly: this.#overdue,
      }),
      names.ensureAllChildren(),
      names.ensureAllCarers(),
      names.ensureDirectory(),
    ]);
    if (first && this.#childId) this.#child.text = names.child(this.#childId);
    if (first && this.#carerId) this.#carer.text = names.carer(this.#carerId);
  }

  view(): TemplateResult {
    const { allegations = [], nextPageToken = '', totalSize = 0n } = this.#answer ?? {};
    const filtered = this.#filter('') !== paths.allegations();
    return html`
      <div class="app-heading">
        <h1 class="govuk-heading-l">Allegations</h1>
        ${mayRecord(this.frame.session)
          ? buttonLink(paths.recordAllegation(), 'Record an allegation') : nothing}
      </div>
      ${mayOversee(this.frame.session)
        ? html`<p class="govuk-body">${link(paths.audits(), 'Audits of allegations and events')}</p>`
        : nothing}
      ${this.#filterView()}
      <p class="govuk-body" id="count">${countWords(totalSize, 'allegation')}${filtered
        ? html` with this filter. ${link(paths.allegations(), 'Clear the filter')}` : nothing}</p>
      ${allegations.length === 0
        ? empty(filtered ? 'No allegation fits.' : 'No allegation has been recorded yet.')
        : allegationsTable({
          caption: 'Allegations, newest first',
          allegations,
          names: this.frame.names,
          now: this.frame.now(),
        })}
      ${pages({
        first: this.#pageToken ? this.#filter('') : undefined,
        next: nextPageToken ? this.#filter(nextPageToken) : undefined,
      })}`;
  }

  #filter(page: string): string {
    return paths.allegations({
      state: this.#state,
      child: this.#childId,
      carer: this.#carerId,
      overdue: this.#overdue ? 'yes' : '',
      page,
    });
  }

  #filterView(): TemplateResult {
    return filterForm(html`
      ${filterSelect({
        name: 'state',
        label: 'State',
        value: this.#state,
        choices: [
          { code: ANY_OPEN, text: 'Any that is not closed' },
          ...Object.entries(STATES).map(([code, state]) =>
            ({ code, text: allegationStateWords(state) })),
        ],
      })}
      ${this.#carer.view()}
      ${this.#child.view()}
      ${filterCheckbox({ name: 'overdue', label: 'Overdue only', checked: this.#overdue })}`,
    (chosen) => {
      if (![this.#carer, this.#child].every((field) => checkPick(field, this.frame))) return;
      this.frame.navigate(paths.allegations({
        state: chosen('state'),
        child: this.#child.value,
        carer: this.#carer.value,
        overdue: chosen('overdue'),
      }));
    });
  }
}
