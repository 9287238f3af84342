// The register of events, filtered and in pages.

import { html, nothing, type TemplateResult } from 'lit-html';
import { events as eventsApi } from '../api';
import type { PickField } from '../forms/pick_field';
import {
  EventKind, NotifiableEvent_State,
} from '../generated/fosterwatch/notifiable_events/v1/notifiable_event_pb';
import type {
  ListEventsResponse,
} from '../generated/fosterwatch/notifiable_events/v1/notifiable_event_service_pb';
import type { Frame, Page } from '../page';
import { paths } from '../router';
import { countWords, filterCheckbox, filterForm, filterSelect } from '../ui/filter';
import { buttonLink, empty, link, pages } from '../ui/html';
import { eventsTable } from '../ui/records';
import { EVENT_KINDS, stateWords } from '../words';
import { checkPick, childPick } from './picks';
import { hasOwnCaseload, mayReport } from './rights';

const PAGE_SIZE = 25;

const STATES: Record<string, NotifiableEvent_State> = {
  open: NotifiableEvent_State.OPEN,
  concluded: NotifiableEvent_State.CONCLUDED,
  withdrawn: NotifiableEvent_State.WITHDRAWN,
};

export class EventsPage implements Page {
  readonly section = 'events';
  #answer: ListEventsResponse | undefined;
  readonly #child: PickField;
  // As they are in the address.
  readonly #state: string;
  readonly #kind: string;
  readonly #childId: string;
  readonly #overdue: boolean;
  readonly #silent: boolean;
  readonly #pageToken: string;

  constructor(private readonly frame: Frame, query: URLSearchParams) {
    this.#state = query.get('state') ?? '';
    this.#kind = query.get('kind') ?? '';
    this.#childId = query.get('child') ?? '';
    this.#overdue = query.get('overdue') === 'yes';
    this.#silent = query.get('silent') === 'yes';
    this.#pageToken = query.get('page') ?? '';
    this.#child = childPick(frame, this.#childId);
  }

  title(): string {
    return 'Events';
  }

  hasErrors(): boolean {
    return this.#child.error !== undefined;
  }

  async load(): Promise<void> {
    const { names } = this.frame;
    const [answer] = await Promise.all([
      eventsApi.listEvents({
        pageSize: PAGE_SIZE,
        pageToken: this.#pageToken,
        state: STATES[this.#state] ?? NotifiableEvent_State.UNSPECIFIED,
        kind: EVENT_KINDS.find(({ code }) => code === this.#kind)?.kind ?? EventKind.UNSPECIFIED,
        childId: this.#childId,
        overdueOnly: this.#overdue,
        silentOnly: this.#silent,
      }),
      names.ensureAllChildren(),
      names.ensureDirectory(),
    ]);
    await names.ensureCarers(answer.events.map(({ carerId }) => carerId));
    if (!this.#answer && this.#childId) this.#child.text = names.child(this.#childId);
    this.#answer = answer;
  }

  view(): TemplateResult {
    const { events = [], nextPageToken = '', totalSize = 0n } = this.#answer ?? {};
    const filtered = this.#filter('') !== paths.events();
    return html`
      <div class="app-heading">
        <h1 class="govuk-heading-l">Events</h1>
        ${mayReport(this.frame.session) ? buttonLink(paths.report(), 'Report an event') : nothing}
      </div>
      ${hasOwnCaseload(this.frame.session) ? html`<p class="govuk-body">Of the households in your caseload,
        and of the children who live there.</p>` : nothing}
      ${this.#filterView()}
      <p class="govuk-body" id="count">${countWords(totalSize, 'event')}${filtered
        ? html` with this filter. ${link(paths.events(), 'Clear the filter')}` : nothing}</p>
      ${events.length === 0
        ? empty(filtered ? 'No event fits.' : 'No event has been reported yet.')
        : eventsTable({
          caption: 'Events, newest first',
          captionHidden: true,
          events,
          names: this.frame.names,
          now: this.frame.now(),
        })}
      ${pages({
        first: this.#pageToken ? this.#filter('') : undefined,
        next: nextPageToken ? this.#filter(nextPageToken) : undefined,
      })}`;
  }

  #filter(page: string): string {
    return paths.events({
      state: this.#state,
      kind: this.#kind,
      child: this.#childId,
      overdue: this.#overdue ? 'yes' : '',
      silent: this.#silent ? 'yes' : '',
      page,
    });
  }

  #filterView(): TemplateResult {
    return filterForm(html`
      ${filterSelect({
        name: 'state',
        label: 'State',
        value: this.#state,
        choices: Object.entries(STATES).map(([code, state]) => ({ code, text: stateWords(state) })),
      })}
      ${filterSelect({
        name: 'kind',
        label: 'Kind',
        value: this.#kind,
        choices: EVENT_KINDS.map(({ code, short }) => ({ code, text: short })),
      })}
      ${this.#child.view()}
      ${filterCheckbox({ name: 'overdue', label: 'Overdue only', checked: this.#overdue })}
      ${filterCheckbox({
        name: 'silent', label: 'Over, but not concluded', checked: this.#silent,
      })}`,
    (chosen) => {
      if (!checkPick(this.#child, this.frame)) return;
      this.frame.navigate(paths.events({
        state: chosen('state'),
        kind: chosen('kind'),
        child: this.#child.value,
        overdue: chosen('overdue'),
        silent: chosen('silent'),
      }));
    });
  }
}
