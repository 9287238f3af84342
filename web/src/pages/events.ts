// The register of events, filtered and in pages.

import { html, nothing, type TemplateResult } from 'lit-html';
import { events as eventsApi } from '../api';
import { PickField } from '../forms/pick_field';
import {
  EventKind, NotifiableEvent_State,
} from '../generated/fosterwatch/notifiable_events/v1/notifiable_event_pb';
import type {
  ListEventsResponse,
} from '../generated/fosterwatch/notifiable_events/v1/notifiable_event_service_pb';
import type { Frame, Page } from '../page';
import { paths } from '../router';
import { buttonLink, empty, link, pages, plural } from '../ui/html';
import { eventsTable } from '../ui/records';
import { EVENT_KINDS } from '../words';
import { mayRecord } from './rights';

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
  readonly #pageToken: string;

  constructor(private readonly frame: Frame, query: URLSearchParams) {
    this.#state = query.get('state') ?? '';
    this.#kind = query.get('kind') ?? '';
    this.#childId = query.get('child') ?? '';
    this.#overdue = query.get('overdue') === 'yes';
    this.#pageToken = query.get('page') ?? '';
    this.#child = new PickField({
      name: 'child',
      label: 'Child',
      subject: 'The child',
      conditional: true,
      noun: 'child',
      picks: () => this.frame.names.childrenKnown().map(({ childId }) =>
        ({ id: childId, text: this.frame.names.child(childId) })),
    });
    this.#child.text = this.#childId;
    this.#child.changed = () => this.frame.update();
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
        ${mayRecord(this.frame.session) ? buttonLink(paths.report(), 'Report an event') : nothing}
      </div>
      ${this.#filterView()}
      <p class="govuk-body" id="count">${totalSize > 10_000n ? 'More than 10,000 events'
        : plural(totalSize, 'event')}${filtered
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
      page,
    });
  }

  #filterView(): TemplateResult {
    const apply = (event: Event) => {
      event.preventDefault();
      this.#child.error = this.#child.check();
      if (this.#child.error !== undefined) {
        this.frame.update();
        document.getElementById(this.#child.targetId)?.focus();
        return;
      }
      const form = new FormData(event.target as HTMLFormElement);
      this.frame.navigate(paths.events({
        state: String(form.get('state') ?? ''),
        kind: String(form.get('kind') ?? ''),
        child: this.#child.value,
        overdue: form.has('overdue') ? 'yes' : '',
      }));
    };
    return html`
      <form class="app-filter" role="search" aria-label="Filter" novalidate @submit=${apply}>
        <div class="govuk-form-group">
          <label class="govuk-label govuk-label--s" for="state">State</label>
          <select class="govuk-select" id="state" name="state">
            <option value="" ?selected=${this.#state === ''}>Any</option>
            <option value="open" ?selected=${this.#state === 'open'}>Open</option>
            <option value="concluded" ?selected=${this.#state === 'concluded'}>Concluded</option>
            <option value="withdrawn" ?selected=${this.#state === 'withdrawn'}>Withdrawn</option>
          </select>
        </div>
        <div class="govuk-form-group">
          <label class="govuk-label govuk-label--s" for="kind">Kind</label>
          <select class="govuk-select" id="kind" name="kind">
            <option value="" ?selected=${this.#kind === ''}>Any</option>
            ${EVENT_KINDS.map(({ code, short }) => html`
              <option value=${code} ?selected=${this.#kind === code}>${short}</option>`)}
          </select>
        </div>
        ${this.#child.view()}
        <div class="govuk-checkboxes govuk-checkboxes--small">
          <div class="govuk-checkboxes__item">
            <input class="govuk-checkboxes__input" id="overdue" name="overdue" type="checkbox"
              value="yes" ?checked=${this.#overdue}>
            <label class="govuk-label govuk-checkboxes__label" for="overdue">Overdue only</label>
          </div>
        </div>
        <button type="submit" class="govuk-button govuk-button--secondary">Apply</button>
      </form>`;
  }
}
