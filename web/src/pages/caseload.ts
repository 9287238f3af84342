// What a supervising social worker opens first: their households, what is owed on them, who lives
// there, and what was reported of them.

import { html, nothing, type TemplateResult } from 'lit-html';
import { timestampFromDate } from '@bufbuild/protobuf/wkt';
import { carerDuties, carers as carersApi, events as eventsApi, placements } from '../api';
import { carerDutyWords } from '../carer_words';
import type { Carer } from '../generated/fosterwatch/carers/v1/carer_pb';
import type {
  ListDutiesResponse, ListDutiesResponse_Item as Owed,
} from '../generated/fosterwatch/carers/v1/carer_duties_service_pb';
import type {
  EventSummary,
} from '../generated/fosterwatch/notifiable_events/v1/notifiable_event_service_pb';
import type { Child } from '../generated/fosterwatch/placements/v1/child_pb';
import type { Frame, Page } from '../page';
import { paths } from '../router';
import { toDate } from '../time';
import { carersTable } from '../ui/carers';
import { buttonLink, due, empty, link, plural, table, tag, type Content } from '../ui/html';
import { eventsTable } from '../ui/records';

const HOUSEHOLDS = 100;
const DUTIES = 20;
const SOON_DAYS = 28;
const DAY_MS = 86_400_000;
const NEWEST = 8;

export class CaseloadPage implements Page {
  readonly section = 'overview';
  #carers: readonly Carer[] = [];
  #more = false;
  #duties: ListDutiesResponse | undefined;
  #children: readonly Child[] = [];
  #events: readonly EventSummary[] = [];

  constructor(private readonly frame: Frame) {}

  title(): string {
    return 'Overview';
  }

  async load(): Promise<void> {
    const { names } = this.frame;
    const [carers, duties, { children }, { events }] = await Promise.all([
      carersApi.listCarers({ pageSize: HOUSEHOLDS }),
      carerDuties.listDuties({
        pageSize: DUTIES,
        dueBeforeTime: timestampFromDate(new Date(this.frame.now().getTime() + SOON_DAYS * DAY_MS)),
      }),
      placements.listChildren({ pageSize: 1000 }),
      eventsApi.listEvents({ pageSize: NEWEST }),
      names.ensureAllChildren(),
      names.ensureAllCarers(),
    ]);
    this.#carers = carers.carers;
    this.#more = carers.nextPageToken !== '';
    this.#duties = duties;
    this.#children = children;
    this.#events = events;
  }

  view(): TemplateResult {
    const { names } = this.frame;
    const now = this.frame.now();
    return html`
      <div class="app-heading">
        <h1 class="govuk-heading-l">Your households</h1>
        ${buttonLink(paths.report(), 'Report an event')}
      </div>
      <p class="govuk-body">You see the households that you supervise, and who lives there.
        ${link(paths.openInEmergency(), 'Open another household in an emergency')}
        ${link(paths.recordComplaint(), 'Record a complaint that you have heard')}</p>
      <section class="app-section" aria-labelledby="owed">
        <h2 class="govuk-heading-m" id="owed">Late, or due within ${SOON_DAYS} days</h2>
        ${this.#dutiesView(now)}
      </section>
      <section class="app-section" aria-labelledby="households">
        <h2 class="govuk-heading-m" id="households">Households</h2>
        ${this.#carers.length === 0 ? empty('No household is in your caseload. A manager assigns them.')
          : carersTable({
            caption: 'Households in your caseload', carers: this.#carers, frame: this.frame,
            note: (carer) => this.#openedNote(carer),
          })}
        ${this.#more ? html`<p class="govuk-body">The first ${HOUSEHOLDS}. ${link(paths.carers(),
          'All of them')}</p>` : nothing}
      </section>
      <section class="app-section" aria-labelledby="children">
        <h2 class="govuk-heading-m" id="children">Children who live there</h2>
        ${this.#childrenView()}
      </section>
      <section class="app-section" aria-labelledby="newest">
        <h2 class="govuk-heading-m" id="newest">Newest events</h2>
        ${this.#events.length === 0 ? empty('No event of them has been reported yet.') : html`
          ${eventsTable({
            caption: 'Newest events', captionHidden: true, events: this.#events, names, now,
          })}
          <p class="govuk-body">${link(paths.events(), 'All events')}</p>`}
      </section>`;
  }

  // What else would show it to them.
  #openedNote({ supervisorId }: Carer): Content {
    return supervisorId === this.frame.session.personId ? nothing
      : html`<span class="app-line govuk-!-margin-top-1">${tag('Opened in an emergency', 'orange')}</span>`;
  }

  #dutiesView(now: Date): Content {
    const { items = [], totalSize = 0n } = this.#duties ?? {};
    if (items.length === 0) return empty(`Nothing is due within ${SOON_DAYS} days.`);
    return html`
      ${table<Owed>({
        caption: 'What is owed, by when',
        captionHidden: true,
        rows: items,
        key: ({ duty }) => duty?.dutyId ?? '',
        testId: 'owed',
        columns: [
          {
            heading: 'What',
            header: true,
            cell: ({ duty }) => duty ? carerDutyWords(duty.kind) : nothing,
          },
          {
            heading: 'Household',
            cell: ({ carerId, carerName }) => html`${link(paths.carer(carerId), carerName || carerId)}
              <span class="app-sub app-id">${carerId}</span>`,
          },
          { heading: 'Due', cell: ({ duty }) => due(duty?.dueTime, now) },
          {
            heading: 'State',
            cell: ({ duty }) => duty?.dueTime && toDate(duty.dueTime) <= now
              ? tag('Overdue', 'red') : tag('Owed', 'yellow'),
          },
        ],
      })}
      ${Number(totalSize) > items.length ? html`<p class="govuk-body">The first ${items.length} of
        ${plural(totalSize, 'duty', 'duties')}; the others are on the pages of the households.</p>`
        : nothing}`;
  }

  #childrenView(): Content {
    if (this.#children.length === 0) return empty('No child is placed there.');
    return table<Child>({
      caption: 'Children who live in your households',
      captionHidden: true,
      rows: this.#children,
      key: ({ childId }) => childId,
      testId: 'children',
      columns: [
        {
          heading: 'Child',
          header: true,
          cell: ({ childId, name }) => html`${link(paths.child(childId), name || childId)}
            <span class="app-sub app-id">${childId}</span>`,
        },
        {
          heading: 'Lives with',
          cell: ({ carerId }) => carerId ? link(paths.carer(carerId), this.frame.names.carer(carerId))
            : 'Nobody here',
        },
      ],
    });
  }
}
