// Records that a service could not take: why, what waits behind them, and what may be done.

import { html, nothing, type TemplateResult } from 'lit-html';
import { parked } from '../api';
import { toRefusal } from '../errors';
import {
  ParkedRecord_State, type ParkedRecord,
} from '../generated/fosterwatch/operations/v1/parked_service_pb';
import type { Frame, Page } from '../page';
import { paths } from '../router';
import { toDate } from '../time';
import { empty, link, plural, recent, summaryList, tag } from '../ui/html';
import { codeWords, consumerWords, fieldWords, parkedWords, serviceWords } from '../words';
import { mayRetry } from './rights';

// Those that take records; the others only publish.
export const PARKING_SERVICES = [
  'notifiable_events', 'complaints', 'allegations', 'placements', 'notifications', 'kpis',
];
const PAGE_SIZE = 50;

const newestFirst = (a: ParkedRecord, b: ParkedRecord) =>
  (b.parkedTime ? toDate(b.parkedTime).getTime() : 0)
  - (a.parkedTime ? toDate(a.parkedTime).getTime() : 0);

export class ParkedPage implements Page {
  readonly section = 'parked';
  #records: ParkedRecord[] = [];
  #openCount = 0;
  #more = false;
  // Services that did not answer.
  #away: string[] = [];
  // What the last retry of a record came to.
  #said = new Map<string, string>();
  #retrying = new Set<string>();

  constructor(private readonly frame: Frame) {}

  title(): string {
    return 'Records that could not be taken';
  }

  async load(): Promise<void> {
    if (!mayRetry(this.frame.session)) return;
    const [answers] = await Promise.all([
      Promise.allSettled(PARKING_SERVICES.map((service) =>
        parked.listParked({ service, pageSize: PAGE_SIZE }))),
      this.frame.names.ensureDirectory(),
    ]);
    const read = answers.flatMap((answer) => answer.status === 'fulfilled' ? [answer.value] : []);
    const failed = answers.find((answer) => answer.status === 'rejected');
    if (read.length === 0 && failed) throw failed.reason;
    this.#away = PARKING_SERVICES.filter((_, index) => answers[index]!.status === 'rejected');
    this.#records = read.flatMap(({ records }) => records).sort(newestFirst);
    this.#openCount = read.reduce((sum, { openCount }) => sum + openCount, 0);
    this.#more = read.some(({ nextPageToken }) => nextPageToken !== '');
  }

  view(): TemplateResult {
    const heading = html`<h1 class="govuk-heading-l">Records that could not be taken</h1>`;
    if (!mayRetry(this.frame.session)) {
      return html`${heading}
        <p class="govuk-body">Managers look after these. You are signed in without that role.</p>`;
    }
    const open = this.#records.filter(({ state }) => state === ParkedRecord_State.OPEN);
    const closed = this.#records.filter(({ state }) => state !== ParkedRecord_State.OPEN);
    return html`
      ${heading}
      <p class="govuk-body">What a caseworker system or a part of Fosterwatch told, and was not taken.
        Each is kept whole and sealed until somebody tries it again or discards it.</p>
      ${this.#away.map((service) => html`
        <div class="govuk-inset-text" role="status">${serviceWords(service)} could not be reached: what
          waits there is not among these.</div>`)}
      <section class="app-section" aria-labelledby="open">
        <h2 class="govuk-heading-m" id="open">${plural(this.#openCount, 'record waits', 'records wait')}
        </h2>
        ${open.length === 0 ? empty('Everything was taken.')
          : open.map((record) => this.#recordView(record))}
      </section>
      ${closed.length === 0 ? nothing : html`
        <section class="app-section" aria-labelledby="closed">
          <h2 class="govuk-heading-m" id="closed">Taken or discarded since</h2>
          ${closed.map((record) => this.#recordView(record))}
        </section>`}
      ${this.#more ? html`<p class="govuk-body-s">There are more; these are the first
        ${PAGE_SIZE} of each part.</p>` : nothing}`;
  }

  #recordView(record: ParkedRecord): TemplateResult {
    const { parkedId } = record;
    const now = this.frame.now();
    const isOpen = record.state === ParkedRecord_State.OPEN;
    const attempt = record.lastAttempt;
    const reason = isOpen && attempt ? attempt.reasonCode : record.reasonCode;
    const said = this.#said.get(parkedId);
    const busy = this.#retrying.has(parkedId);
    return html`
      <article class="app-alert ${isOpen ? 'app-alert--open' : ''}" data-parked=${parkedId}>
        <h3 class="govuk-heading-s govuk-!-margin-bottom-1">${parkedWords(reason)}
          ${stateTag(record.state)}</h3>
        <p class="govuk-body-s govuk-!-margin-bottom-2">${consumerWords(record.consumer)}.
          Parked ${recent(record.parkedTime, now)}.
          ${record.field ? html`At fault: ${fieldWords(record.field)}.` : nothing}
          ${record.behind > 0 ? html`<strong>${plural(record.behind, 'later record')} about the same
            ${record.behind === 1 ? 'waits' : 'wait'} behind it.</strong>` : nothing}</p>
        ${isOpen && attempt ? html`<p class="govuk-body-s govuk-!-margin-bottom-2">Last tried again
          ${recent(attempt.time, now)} by ${this.#person(attempt.personId)}.</p>` : nothing}
        ${isOpen ? nothing : html`<p class="govuk-body-s govuk-!-margin-bottom-2">
          ${record.state === ParkedRecord_State.TAKEN ? 'Taken' : 'Discarded'}
          ${recent(record.closedTime, now)}, by ${this.#person(record.closedBy)}.</p>`}
        <details class="govuk-details app-details">
          <summary class="govuk-details__summary"><span class="govuk-details__summary-text">Where it
            came from<span class="govuk-visually-hidden">: record ${parkedId}</span></span></summary>
          <div class="govuk-details__text">${summaryList([
            { key: 'Record', value: html`<span class="app-id">${parkedId}</span>` },
            { key: 'Topic', value: html`<span class="app-id">${record.topic}</span>, partition
              ${record.partition}, offset ${String(record.offset)}` },
            record.key !== '' && { key: 'Key',
              value: html`<span class="app-id">${record.key}</span>` },
            { key: 'Reason', value: html`<span class="app-id">${record.reasonCode}</span>` },
            attempt && { key: 'Last reason',
              value: html`<span class="app-id">${attempt.reasonCode}</span>` },
          ])}</div>
        </details>
        <p class="govuk-body govuk-!-margin-bottom-2" role="status">${said ?? nothing}</p>
        ${isOpen ? html`
          <div class="govuk-button-group govuk-!-margin-bottom-0">
            <button type="button" class="govuk-button govuk-button--secondary"
              aria-disabled=${busy ? 'true' : 'false'}
              @click=${() => void this.#retry(record)}>${busy ? 'Trying…' : 'Try again'}<span
              class="govuk-visually-hidden"> record ${parkedId}</span></button>
            ${link(paths.discardParked(record.service, parkedId), 'Discard',
              `record ${parkedId}`)}
          </div>` : nothing}
      </article>`;
  }

  #person(personId: string): string {
    return personId.startsWith('consumer:') ? 'Fosterwatch itself' : this.frame.names.person(personId);
  }

  async #retry(record: ParkedRecord): Promise<void> {
    const { service, parkedId } = record;
    if (this.#retrying.has(parkedId)) return;
    this.#retrying.add(parkedId);
    this.#said.delete(parkedId);
    this.frame.update();
    try {
      const answer = await parked.retryParked({ service, parkedId });
      const taken = `${plural(answer.taken, 'record was', 'records were')} taken`;
      this.#said.set(parkedId, answer.stoppedBy === '' ? `${taken}.`
        : answer.taken === 0 ? `It still cannot be taken: ${lower(parkedWords(answer.stoppedBy))}.`
        : `${taken}; the next one cannot be: ${lower(parkedWords(answer.stoppedBy))}.`);
    } catch (error) {
      this.#said.set(parkedId, `${toRefusal(error).message}.`);
    } finally {
      this.#retrying.delete(parkedId);
    }
    try {
      await this.load();
    } catch {
      // What is shown is older; the frame reads it again with the next fact.
    }
    this.frame.update();
  }
}

const lower = (text: string) => text.charAt(0).toLowerCase() + text.slice(1);

function stateTag(state: ParkedRecord_State): TemplateResult {
  switch (state) {
    case ParkedRecord_State.OPEN: return tag('Waits', 'yellow');
    case ParkedRecord_State.TAKEN: return tag('Taken', 'green');
    case ParkedRecord_State.DISCARDED: return tag('Discarded', 'grey');
    default: return tag(codeWords(ParkedRecord_State[state] ?? ''), 'grey');
  }
}
