// Who looked at whose record, newest first, and what of it is unusual. Looking here is kept, too.

import { html, nothing, type TemplateResult } from 'lit-html';
import { fromJson, toJson } from '@bufbuild/protobuf';
import { TimestampSchema, timestampFromDate, type Timestamp } from '@bufbuild/protobuf/wkt';
import { access as accessApi } from '../api';
import type { WatchResponse } from '../generated/fosterwatch/gateway/v1/gateway_service_pb';
import {
  ListAccessRequest_Callers, UnusualAccess_Kind, type Access, type UnusualAccess,
} from '../generated/fosterwatch/operations/v1/access_service_pb';
import type { Frame, Page } from '../page';
import { paths } from '../router';
import { filterCheckbox, filterForm, filterSelect, filterText } from '../ui/filter';
import { empty, hidden, link, moment, plural, table, tag, type Content } from '../ui/html';
import { codeWords, serviceWords } from '../words';
import { mayReadAccess } from './rights';

// All that have records about people.
const SERVICES = [
  'notifiable_events', 'complaints', 'allegations', 'carers', 'placements', 'directory',
  'notifications', 'kpis',
];
const PAGE_SIZE = 50;
const UNUSUAL_DAYS = 7;
const DAY_MS = 86_400_000;
// Of a row; the rest is under a heading of its own.
const SHOWN = 3;

const KINDS: Readonly<Record<string, string>> = {
  child: 'Child',
  carer: 'Foster carer',
  event: 'Event',
  complaint: 'Complaint',
  allegation: 'Allegation',
  audit: 'Audit',
  decision: 'Decision not to notify',
  foster_parent: 'Foster parent',
  placement: 'Placement',
  plan: 'Action plan',
  sighting: 'Complaint seen elsewhere',
  holder: 'Holder of a role',
  absence: 'Absence',
  delegation: 'Delegation',
  dispatch: 'Notice that was sent',
  message: 'Message',
  record: 'Record',
  section: 'Sealed section, shown',
  sealed: 'Sealed section, not shown',
};
const CALLERS: Readonly<Record<string, ListAccessRequest_Callers>> = {
  people: ListAccessRequest_Callers.PEOPLE,
  programs: ListAccessRequest_Callers.PROGRAMS,
  all: ListAccessRequest_Callers.UNSPECIFIED,
};

// To the nanosecond: calls that came together are told apart by less than a Date holds.
const nanosOf = ({ time }: Access) => time ? time.seconds * 1_000_000_000n + BigInt(time.nanos) : 0n;
const newestFirst = (a: Access, b: Access) => Number(nanosOf(b) - nanosOf(a));

// A page and a little more where it would end between rows of one moment, for the next page begins
// before that moment.
export function pageOf(rows: readonly Access[], size: number): Access[] {
  const sorted = [...rows].sort(newestFirst);
  let end = Math.min(size, sorted.length);
  while (end > 0 && end < sorted.length && newestFirst(sorted[end - 1]!, sorted[end]!) === 0) ++end;
  return sorted.slice(0, end);
}

function momentIn(text: string): Timestamp | undefined {
  try {
    return fromJson(TimestampSchema, text);
  } catch {
    return undefined;
  }
}

export class AccessPage implements Page {
  readonly section = 'access';
  #rows: Access[] = [];
  #unusual: UnusualAccess[] = [];
  #more = false;
  // Services that did not answer.
  #away: string[] = [];
  readonly #service: string;
  readonly #kind: string;
  readonly #id: string;
  readonly #person: string;
  readonly #callers: string;
  readonly #refused: boolean;
  // Rows before this moment: the pages after the first.
  readonly #before: Timestamp | undefined;

  constructor(private readonly frame: Frame, query: URLSearchParams) {
    const one = (name: string, of: Readonly<Record<string, unknown>>) => {
      const value = query.get(name) ?? '';
      return Object.hasOwn(of, value) ? value : '';
    };
    this.#service = SERVICES.find((service) => service === query.get('service')) ?? '';
    this.#id = (query.get('id') ?? '').trim();
    this.#kind = one('kind', KINDS);
    this.#person = (query.get('person') ?? '').trim();
    this.#callers = one('callers', CALLERS) || 'people';
    this.#refused = query.get('refused') === 'yes';
    this.#before = momentIn(query.get('before') ?? '');
  }

  title(): string {
    return 'Who looked at what';
  }

  // Asking is kept: the page does not ask by itself again and again.
  concerns(fact: WatchResponse | undefined): boolean {
    return !fact;
  }

  async load(): Promise<void> {
    if (!mayReadAccess(this.frame.session)) return;
    const services = this.#service ? [this.#service] : SERVICES;
    const now = this.frame.now();
    const asked = {
      ...(this.#id !== '' ? { recordKind: this.#kind, recordId: this.#id } : {}),
      personId: this.#person,
      callers: CALLERS[this.#callers]!,
      refusalsOnly: this.#refused,
      pageSize: PAGE_SIZE,
      ...(this.#before ? { untilTime: this.#before } : {}),
    };
    const [answers, unusual] = await Promise.all([
      Promise.allSettled(services.map((service) => accessApi.listAccess({ service, ...asked }))),
      Promise.allSettled(services.map((service) => accessApi.reportUnusualAccess({
        service,
        fromTime: timestampFromDate(new Date(now.getTime() - UNUSUAL_DAYS * DAY_MS)),
        untilTime: timestampFromDate(now),
      }))),
      this.frame.names.ensureDirectory(),
    ]);
    const read = answers.flatMap((answer, index) => answer.status === 'fulfilled'
      ? [{ ...answer.value, service: services[index]! }] : []);
    const failed = answers.find((answer) => answer.status === 'rejected');
    if (read.length === 0 && failed) throw failed.reason;
    this.#away = services.filter((_, index) =>
      answers[index]!.status === 'rejected' || unusual[index]!.status === 'rejected');
    const last = pageOf(read.flatMap(({ accesses }) => accesses), PAGE_SIZE)[PAGE_SIZE - 1];
    for (const of of read) {
      while (last && of.nextPageToken && newestFirst(of.accesses.at(-1)!, last) === 0) {
        const more = await accessApi.listAccess({
          service: of.service, ...asked, pageToken: of.nextPageToken,
        });
        of.accesses = [...of.accesses, ...more.accesses];
        of.nextPageToken = more.nextPageToken;
      }
    }
    const rows = read.flatMap(({ accesses }) => accesses);
    this.#rows = pageOf(rows, PAGE_SIZE);
    this.#more = rows.length > this.#rows.length ||
      read.some(({ nextPageToken }) => nextPageToken !== '');
    this.#unusual = unusual.flatMap((answer) =>
      answer.status === 'fulfilled' ? answer.value.unusual : []);
  }

  view(): TemplateResult {
    const heading = html`<h1 class="govuk-heading-l">Who looked at what</h1>`;
    if (!mayReadAccess(this.frame.session)) {
      return html`${heading}
        <p class="govuk-body">Registered managers, responsible individuals and administrators read
          this. You are signed in without such a role.</p>`;
    }
    const filtered = this.#filter('') !== paths.access();
    return html`
      ${heading}
      <p class="govuk-body">Every look at a record and every refusal, kept for good. That you look here
        is kept as well. Ids only: what was read is in the records themselves.</p>
      ${this.#away.map((service) => html`
        <div class="govuk-inset-text" role="status">${serviceWords(service)} could not be reached: what
          was looked at there is not among these.</div>`)}
      <section class="app-section" aria-labelledby="unusual">
        <h2 class="govuk-heading-m" id="unusual">Unusual in the last ${UNUSUAL_DAYS} days</h2>
        ${this.#unusual.length === 0 ? empty('Nothing unusual.') : this.#unusualTable()}
      </section>
      <section class="app-section" aria-labelledby="looks">
        <h2 class="govuk-heading-m" id="looks">Looks, newest first</h2>
        ${this.#filterView()}
        ${filtered ? html`<p class="govuk-body">${link(paths.access(), 'Clear the filter')}</p>`
          : nothing}
        ${this.#rows.length === 0 ? empty('Nobody looked.') : this.#table()}
        ${this.#more && this.#rows.length > 0 ? html`<p class="govuk-body">${link(this.#filter(
          toJson(TimestampSchema, this.#rows.at(-1)!.time!)), 'Earlier looks')}</p>` : nothing}
      </section>`;
  }

  #unusualTable(): TemplateResult {
    return table({
      caption: `Unusual in the last ${UNUSUAL_DAYS} days`,
      captionHidden: true,
      testId: 'unusual',
      rows: this.#unusual,
      columns: [
        { heading: 'Hour from', cell: ({ fromTime }) => moment(fromTime) },
        {
          heading: 'Who', header: true,
          cell: ({ personId }) => link(paths.access({ person: personId }),
            this.frame.names.person(personId), 'and what they looked at'),
        },
        { heading: 'What', cell: unusualWords },
        { heading: 'Where', cell: ({ service }) => serviceWords(service) },
        { heading: 'Rule', cell: ({ rule }) => html`<span class="app-id">${rule}</span>` },
      ],
    });
  }

  #table(): TemplateResult {
    return table({
      caption: 'Looks, newest first',
      captionHidden: true,
      testId: 'accesses',
      rows: this.#rows,
      key: ({ accessId }) => accessId,
      columns: [
        { heading: 'When', cell: ({ time }) => moment(time) },
        {
          heading: 'Who', header: true,
          cell: ({ personId, roles }) => html`${this.frame.names.person(personId)}
            <span class="app-sub">${roles.map((role) => codeWords(role)).join(', ')}</span>`,
        },
        {
          heading: 'What', cell: ({ method, purpose }) => html`${methodWords(method)}${purpose
            ? html`<span class="app-sub">Why: ${codeWords(purpose)}</span>` : nothing}`,
        },
        {
          heading: 'Outcome', cell: ({ outcome, reason }) => outcome === 'OK' ? 'Shown'
            : html`${tag('Refused', 'red')}<span class="app-sub">${codeWords(reason || outcome)}</span>`,
        },
        { heading: 'Records', cell: recordsCell },
      ],
    });
  }

  #filter(before: string): string {
    return paths.access({
      service: this.#service,
      kind: this.#id ? this.#kind : '',
      id: this.#id,
      person: this.#person,
      callers: this.#callers === 'people' ? '' : this.#callers,
      refused: this.#refused ? 'yes' : '',
      before,
    });
  }

  #filterView(): TemplateResult {
    return filterForm(html`
      ${filterSelect({
        name: 'kind', label: 'Kind of record', value: this.#kind,
        choices: Object.entries(KINDS).map(([code, text]) => ({ code, text })),
      })}
      ${filterText({ name: 'id', label: 'Its id', value: this.#id })}
      ${filterText({ name: 'person', label: 'Person’s id', value: this.#person })}
      ${filterSelect({
        name: 'service', label: 'Where', value: this.#service,
        choices: SERVICES.map((code) => ({ code, text: serviceWords(code) })),
      })}
      ${filterSelect({
        name: 'callers', label: 'Looked by', value: this.#callers, any: false,
        choices: [
          { code: 'people', text: 'People' },
          { code: 'programs', text: 'Fosterwatch itself and case systems' },
          { code: 'all', text: 'Both' },
        ],
      })}
      ${filterCheckbox({ name: 'refused', label: 'Refusals only', checked: this.#refused })}`,
    (chosen) => this.frame.navigate(paths.access({
      service: chosen('service'),
      kind: chosen('id').trim() ? chosen('kind') : '',
      id: chosen('id').trim(),
      person: chosen('person').trim(),
      callers: chosen('callers') === 'people' ? '' : chosen('callers'),
      refused: chosen('refused'),
    })));
  }
}

function recordsCell({ records }: Access): Content {
  if (records.length === 0) return hidden('None');
  const line = ({ kind, id }: Access['records'][number]) => html`<li>${KINDS[kind] ?? codeWords(kind)}
    <span class="app-id">${id}</span></li>`;
  const rest = records.slice(SHOWN);
  return html`
    <ul class="govuk-list govuk-!-margin-bottom-0">${records.slice(0, SHOWN).map(line)}</ul>
    ${rest.length === 0 ? nothing : html`
      <details class="govuk-details app-details">
        <summary class="govuk-details__summary"><span class="govuk-details__summary-text">
          ${plural(rest.length, 'more record')}</span></summary>
        <div class="govuk-details__text"><ul class="govuk-list">${rest.map(line)}</ul></div>
      </details>`}`;
}

// "fosterwatch.carers.v1.CarersService/GetCarer" as "Get carer".
export function methodWords(method: string): string {
  const words = method.slice(method.lastIndexOf('/') + 1).replace(/([a-z])([A-Z])/g, '$1 $2')
    .toLowerCase();
  return words.charAt(0).toUpperCase() + words.slice(1);
}

export function unusualWords({ kind, count, allowed }: UnusualAccess): string {
  switch (kind) {
    case UnusualAccess_Kind.MANY_RECORDS:
      return `Opened ${plural(count, 'record')} within the hour; more than ${allowed} is unusual`;
    case UnusualAccess_Kind.OUTSIDE_HOURS:
      return `Opened ${plural(count, 'record')} outside office hours; more than ${allowed} is unusual`;
    case UnusualAccess_Kind.MANY_REFUSALS:
      return `Was refused ${plural(count, 'time')} within the hour; more than ${allowed} is unusual`;
    default: return 'Something that this page does not know yet';
  }
}
