// Complaints that were seen elsewhere, and what is said of each: the register is whole when none is
// left that nobody has matched or explained.

import { html, nothing, type TemplateResult } from 'lit-html';
import { complaintsOversight } from '../api';
import { sightingStateWords } from '../complaint_words';
import { Sighting_State, type Sighting } from '../generated/fosterwatch/complaints/v1/sighting_pb';
import type {
  ListSightingsResponse,
} from '../generated/fosterwatch/complaints/v1/oversight_service_pb';
import type { WatchResponse } from '../generated/fosterwatch/gateway/v1/gateway_service_pb';
import type { Frame, Page } from '../page';
import { paths } from '../router';
import { countWords, filterForm, filterSelect } from '../ui/filter';
import {
  backLink, empty, link, pages, plural, prose, recent, rowLink, table, tag,
} from '../ui/html';
import { sightingAbout, sightingSourceView } from '../ui/sightings';
import { mayOversee, mayRecord, mayWorkCase } from './rights';

const PAGE_SIZE = 25;

const STATES: Record<string, Sighting_State> = {
  unmatched: Sighting_State.UNMATCHED,
  matched: Sighting_State.MATCHED,
  explained: Sighting_State.EXPLAINED,
};

export class SightingsPage implements Page {
  readonly section = 'complaints';
  #answer: ListSightingsResponse | undefined;
  // As they are in the address.
  readonly #state: string;
  readonly #pageToken: string;

  constructor(private readonly frame: Frame, query: URLSearchParams) {
    this.#state = query.get('state') ?? 'unmatched';
    this.#pageToken = query.get('page') ?? '';
  }

  title(): string {
    return 'Complaints seen elsewhere';
  }

  concerns(fact: WatchResponse | undefined): boolean {
    return !fact || /\.(complaints|placements|carers)\./.test(fact.topic);
  }

  async load(): Promise<void> {
    const { names, session } = this.frame;
    if (!mayOversee(session)) return;
    const answer = await complaintsOversight.listSightings({
      pageSize: PAGE_SIZE,
      pageToken: this.#pageToken,
      state: STATES[this.#state] ?? Sighting_State.UNSPECIFIED,
    });
    await Promise.all([
      names.ensureChildren(answer.sightings.map(({ childId }) => childId)),
      names.ensureCarers(answer.sightings.map(({ carerId }) => carerId)),
      names.ensureDirectory(),
    ]);
    this.#answer = answer;
  }

  view(): TemplateResult {
    const { sightings = [], nextPageToken = '', totalSize = 0n } = this.#answer ?? {};
    const { session } = this.frame;
    return html`
      ${backLink(paths.complaints(), 'Complaints')}
      <h1 class="govuk-heading-l">Complaints seen elsewhere</h1>
      ${!mayOversee(session) ? html`<p class="govuk-body">The managers look after these.</p>` : html`
        <p class="govuk-body">What notifiable events, allegations and feedback say of complaints that are not
          in this register. Each is raised daily until somebody says which complaint it is, or why there
          is none.</p>
        ${filterForm(filterSelect({
          name: 'state',
          label: 'State',
          value: this.#state,
          choices: Object.entries(STATES).map(([code, state]) =>
            ({ code, text: sightingStateWords(state) })),
        }), (chosen) => this.frame.navigate(paths.sightings({ state: chosen('state') || 'any' })))}
        <p class="govuk-body" id="count">${countWords(totalSize, 'sighting')}</p>
        ${sightings.length === 0 ? empty('None.') : this.#table(sightings)}
        ${pages({
          first: this.#pageToken ? paths.sightings({ state: this.#state }) : undefined,
          next: nextPageToken ? paths.sightings({ state: this.#state, page: nextPageToken }) : undefined,
        })}`}`;
  }

  #table(sightings: readonly Sighting[]): TemplateResult {
    const { names, session } = this.frame;
    const now = this.frame.now();
    return table<Sighting>({
      caption: 'Complaints seen elsewhere, the oldest first',
      captionHidden: true,
      rows: sightings,
      key: ({ sightingId }) => sightingId,
      testId: 'sightings',
      columns: [
        {
          heading: 'Seen in',
          header: true,
          cell: ({ source, sourceId, text }) => html`${sightingSourceView(source, sourceId)}
            ${text ? html`<span class="app-sub">${prose(text)}</span>` : nothing}`,
        },
        {
          heading: 'About',
          cell: (sighting) => sightingAbout(sighting, names),
        },
        { heading: 'Made', cell: ({ seenTime }) => recent(seenTime, now) },
        {
          heading: 'State',
          cell: (each) => html`${tag(sightingStateWords(each.state),
            each.state === Sighting_State.UNMATCHED ? 'yellow' : 'grey')}
            ${each.matchedComplaintId ? html`<span class="app-sub">${link(
              paths.complaint(each.matchedComplaintId), 'The complaint', each.matchedComplaintId)}
              </span>` : nothing}
            ${each.takenBack.map(({ complaintId, reason }) => html`<span class="app-sub">Not
              ${link(paths.complaint(complaintId), 'this complaint', complaintId)}${
                reason ? html`: ${prose(reason)}` : nothing}</span>`)}
            ${each.explanation ? html`<span class="app-sub">${prose(each.explanation)}</span>` : nothing}
            ${each.timesRaised > 0 ? html`<span class="app-sub">Raised
              ${plural(each.timesRaised, 'time')}</span>` : nothing}`,
        },
        {
          heading: 'Actions',
          cell: ({ sightingId, state, sourceId }) => state === Sighting_State.MATCHED && mayWorkCase(session)
            ? rowLink(paths.settleSighting(sightingId, 'take-back'), 'It is another one', sourceId)
            : state !== Sighting_State.UNMATCHED ? nothing : html`
            ${mayRecord(session) ? html`${rowLink(
              paths.recordComplaint({ sighting: sightingId }), 'Record the complaint', sourceId)}`
              : nothing}
            ${mayWorkCase(session) ? html`
              ${rowLink(paths.settleSighting(sightingId, 'match'), 'It is one that is here', sourceId)}
              ${rowLink(paths.settleSighting(sightingId, 'explain'), 'There is none', sourceId)}`
              : nothing}`,
        },
      ],
    });
  }
}
