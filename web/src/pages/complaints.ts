// The register of complaints, representations and compliments, filtered and in pages.

import { html, nothing, type TemplateResult } from 'lit-html';
import { complaints as complaintsApi } from '../api';
import { complaintKindWords, complaintStateWords } from '../complaint_words';
import type { PickField } from '../forms/pick_field';
import {
  Complaint_State, ComplaintKind,
} from '../generated/fosterwatch/complaints/v1/complaint_pb';
import type {
  ListComplaintsResponse, ListProceduresResponse,
} from '../generated/fosterwatch/complaints/v1/complaints_service_pb';
import type { WatchResponse } from '../generated/fosterwatch/gateway/v1/gateway_service_pb';
import type { Frame, Page } from '../page';
import { paths } from '../router';
import { complaintsTable } from '../ui/complaints';
import { countWords, filterCheckbox, filterForm, filterSelect } from '../ui/filter';
import { buttonLink, empty, link, pages } from '../ui/html';
import { carerPick, checkPick, childPick } from './picks';
import { mayOversee, mayRecord } from './rights';

const PAGE_SIZE = 25;

const STATES: Record<string, Complaint_State> = {
  open: Complaint_State.OPEN,
  closed: Complaint_State.CLOSED,
  withdrawn: Complaint_State.WITHDRAWN,
  reclassified: Complaint_State.RECLASSIFIED,
};

const KINDS: Record<string, ComplaintKind> = {
  complaint: ComplaintKind.COMPLAINT,
  representation: ComplaintKind.REPRESENTATION,
  compliment: ComplaintKind.COMPLIMENT,
};

export class ComplaintsPage implements Page {
  readonly section = 'complaints';
  #answer: ListComplaintsResponse | undefined;
  #procedures: ListProceduresResponse | undefined;
  readonly #child: PickField;
  readonly #carer: PickField;
  // As they are in the address.
  readonly #state: string;
  readonly #kind: string;
  readonly #category: string;
  readonly #childId: string;
  readonly #carerId: string;
  readonly #overdue: boolean;
  readonly #pageToken: string;

  constructor(private readonly frame: Frame, query: URLSearchParams) {
    this.#state = query.get('state') ?? '';
    this.#kind = query.get('kind') ?? '';
    this.#category = query.get('category') ?? '';
    this.#childId = query.get('child') ?? '';
    this.#carerId = query.get('carer') ?? '';
    this.#overdue = query.get('overdue') === 'yes';
    this.#pageToken = query.get('page') ?? '';
    this.#child = childPick(frame, this.#childId);
    this.#carer = carerPick(frame, this.#carerId);
  }

  title(): string {
    return 'Complaints';
  }

  hasErrors(): boolean {
    return this.#child.error !== undefined || this.#carer.error !== undefined;
  }

  concerns(fact: WatchResponse | undefined): boolean {
    return !fact || /\.(complaints|placements|carers|directory)\./.test(fact.topic);
  }

  async load(): Promise<void> {
    const { names } = this.frame;
    const first = !this.#answer;
    [this.#answer, this.#procedures] = await Promise.all([
      complaintsApi.listComplaints({
        pageSize: PAGE_SIZE,
        pageToken: this.#pageToken,
        state: STATES[this.#state] ?? Complaint_State.UNSPECIFIED,
        kind: KINDS[this.#kind] ?? ComplaintKind.UNSPECIFIED,
        category: this.#category,
        childId: this.#childId,
        carerId: this.#carerId,
        overdueOnly: this.#overdue,
      }),
      complaintsApi.listProcedures({}),
      names.ensureAllChildren(),
      names.ensureAllCarers(),
      names.ensureDirectory(),
    ]);
    if (first && this.#childId) this.#child.text = names.child(this.#childId);
    if (first && this.#carerId) this.#carer.text = names.carer(this.#carerId);
  }

  view(): TemplateResult {
    const { complaints = [], nextPageToken = '', totalSize = 0n } = this.#answer ?? {};
    const { session } = this.frame;
    const filtered = this.#filter('') !== paths.complaints();
    return html`
      <div class="app-heading">
        <h1 class="govuk-heading-l">Complaints and compliments</h1>
        ${mayRecord(session) ? html`<div class="app-buttons">
          ${buttonLink(paths.recordComplaint(), 'Record a complaint')}
          ${buttonLink(paths.recordCompliment(), 'Record a compliment', true)}</div>` : nothing}
      </div>
      ${mayOversee(session) ? html`<p class="govuk-body">${link(paths.sightings(),
        'Complaints seen elsewhere')}, ${link(paths.complaintsStatement(),
        'statement and themes of 12 months')}</p>` : nothing}
      ${this.#filterView()}
      <p class="govuk-body" id="count">${countWords(totalSize, 'record')}${filtered
        ? html` with this filter. ${link(paths.complaints(), 'Clear the filter')}` : nothing}</p>
      ${complaints.length === 0
        ? empty(filtered ? 'Nothing fits.' : 'No complaint has been recorded yet.')
        : complaintsTable({
          caption: 'Complaints, representations and compliments, newest first',
          complaints,
          procedures: this.#procedures,
          names: this.frame.names,
          now: this.frame.now(),
        })}
      ${pages({
        first: this.#pageToken ? this.#filter('') : undefined,
        next: nextPageToken ? this.#filter(nextPageToken) : undefined,
      })}`;
  }

  #filter(page: string): string {
    return paths.complaints({
      state: this.#state,
      kind: this.#kind,
      category: this.#category,
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
        choices: Object.entries(STATES).map(([code, state]) =>
          ({ code, text: complaintStateWords(state) })),
      })}
      ${filterSelect({
        name: 'kind',
        label: 'Kind',
        value: this.#kind,
        choices: Object.entries(KINDS).map(([code, kind]) => ({ code, text: complaintKindWords(kind) })),
      })}
      ${filterSelect({
        name: 'category',
        label: 'Category',
        value: this.#category,
        choices: (this.#procedures?.categories ?? []).map(({ code, title }) => ({ code, text: title })),
      })}
      ${this.#carer.view()}
      ${this.#child.view()}
      ${filterCheckbox({ name: 'overdue', label: 'Overdue only', checked: this.#overdue })}`,
    (chosen) => {
      if (![this.#carer, this.#child].every((field) => checkPick(field, this.frame))) return;
      this.frame.navigate(paths.complaints({
        state: chosen('state'),
        kind: chosen('kind'),
        category: chosen('category'),
        child: this.#child.value,
        carer: this.#carer.value,
        overdue: chosen('overdue'),
      }));
    });
  }
}
