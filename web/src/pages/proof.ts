// How each notice of an event was given, and what it said: from the register and from what left.

import { html, nothing, type TemplateResult } from 'lit-html';
import { events as eventsApi, notifications } from '../api';
import type { WatchResponse } from '../generated/fosterwatch/gateway/v1/gateway_service_pb';
import type {
  NotifiableEvent, Notice, Notice_Attempt,
} from '../generated/fosterwatch/notifiable_events/v1/notifiable_event_pb';
import type { Send } from '../generated/fosterwatch/notifications/v1/notification_pb';
import type {
  GetSendResponse,
} from '../generated/fosterwatch/notifications/v1/notifications_service_pb';
import type { Frame, Page } from '../page';
import { paths } from '../router';
import { sendsOf } from '../ui/proof';
import {
  backLink, details, empty, id, moment, plural, summaryList, tag, wasDue, type Content,
} from '../ui/html';
import { bodyWords, eventWords, noticeTags, noticeWords } from '../ui/records';
import { channelWords, codeWords, sendResultWords } from '../words';
import { mayOversee } from './rights';

export class ProofPage implements Page {
  readonly section = 'events';
  #event: NotifiableEvent | undefined;
  #sends: readonly Send[] = [];
  // What left never changes.
  #said = new Map<string, GetSendResponse>();

  constructor(private readonly frame: Frame, private readonly eventId: string) {}

  title(): string {
    return 'How each notice was given';
  }

  concerns(fact: WatchResponse | undefined): boolean {
    return !fact || fact.aggregateId === this.eventId || fact.topic.includes('.notifications.') ||
      fact.topic.includes('.directory.');
  }

  async load(): Promise<void> {
    if (!mayOversee(this.frame.session)) return;
    const { eventId } = this;
    const { names } = this.frame;
    const [event, sends] = await Promise.all([
      eventsApi.getEvent({ eventId }), allSends(eventId), names.ensureDirectory(),
    ]);
    await Promise.all([
      names.ensureChildren([event.report?.childId ?? '']),
      names.ensureCarers([event.report?.carerId ?? '']),
      ...sends.filter(({ sendId, contentSha256, alertId }) =>
        contentSha256 !== '' && alertId === '' && !this.#said.has(sendId))
        .map(async ({ sendId }) => {
          this.#said.set(sendId, await notifications.getSend({ sendId }));
        }),
    ]);
    this.#sends = sends;
    this.#event = event;
  }

  view(): TemplateResult {
    const event = this.#event;
    const heading = html`<h1 class="govuk-heading-l">${this.title()}</h1>`;
    if (!event) {
      return html`${heading}
        <p class="govuk-body">Managers read this. You are signed in without that role.</p>`;
    }
    return html`
      ${backLink(paths.event(this.eventId), 'The event')}
      <span class="govuk-caption-l">${eventWords({
        kinds: event.kinds,
        childId: event.report?.childId ?? '',
        carerId: event.report?.carerId ?? '',
      }, this.frame.names)}</span>
      ${heading}
      ${event.notices.length === 0 ? empty('The event has no notices.')
        : event.notices.map((notice) => this.#noticeView(event, notice))}`;
  }

  #noticeView(event: NotifiableEvent, notice: Notice): TemplateResult {
    const { names } = this.frame;
    const written = notice.writtenConfirmation;
    const sends = sendsOf(notice, this.#sends);
    return html`
      <section class="app-section" aria-labelledby="notice-${notice.noticeId}"
        data-notice=${notice.noticeId}>
        <h2 class="govuk-heading-m" id="notice-${notice.noticeId}">${
          noticeWords(notice, event.kinds.length > 1)} ${noticeTags(notice, this.frame.now())}</h2>
        ${summaryList([
          { key: 'Body', value: bodyWords(notice, names) },
          { key: 'Due', value: wasDue(notice.dueTime) },
          { key: 'In time until', value: wasDue(notice.inTimeUntil) },
          {
            key: 'Given',
            value: notice.givenTime ? html`${moment(notice.givenTime)}, ${
              channelWords(notice.givenChannel).toLowerCase()}, by ${names.person(notice.givenBy)}
              ${notice.givenReference ? html`<span class="app-sub">Reference
                ${id(notice.givenReference)}</span>` : nothing}` : 'Not given',
          },
          { key: 'Attempts', value: attemptsView(notice.attempts) },
          {
            key: 'Acknowledged',
            value: notice.acknowledgedTime ? html`${moment(notice.acknowledgedTime)}${
              notice.acknowledgementReference
                ? html`, reference ${id(notice.acknowledgementReference)}` : nothing}` : 'By nobody yet',
          },
          written !== undefined && {
            key: 'Confirmed in writing',
            value: written.confirmedTime ? html`${moment(written.confirmedTime)}, by
              ${names.person(written.confirmedBy)}${written.reference
                ? html`, reference ${id(written.reference)}` : nothing}`
              : html`Not yet; due ${wasDue(written.dueTime)}`,
          },
          { key: 'What was sent', value: sends.length === 0 ? 'Nothing by Fosterwatch'
            : html`${sends.map((send) => this.#sendView(send))}` },
        ])}
      </section>`;
  }

  #sendView(send: Send): TemplateResult {
    const said = this.#said.get(send.sendId);
    return html`
      <div class="app-difference">${moment(send.sendTime)}, ${
        channelWords(send.channel).toLowerCase()}: ${sendResultWords(send.result)}${send.resultCode
        ? html` (${codeWords(send.resultCode)})` : nothing}
        ${send.contentSha256 === '' ? nothing : html`
          <span class="app-sub app-mono">Message-ID ${send.messageId}<br>${send.template}, version
            ${send.templateVersion}<br>SHA-256 ${send.contentSha256}</span>
          ${this.#saidView(send, said)}`}
      </div>`;
  }

  #saidView(send: Send, said: GetSendResponse | undefined): Content {
    if (!said?.textKept || !said.send) {
      return html`<span class="app-sub">What it said was not kept.</span>`;
    }
    return html`${said.hashAgrees ? tag('Hash agrees', 'green')
      : tag('Hash differs', 'red')}
      ${details('What it said', html`
        <p class="govuk-body"><strong>${said.send.subject}</strong></p>
        <pre class="app-content">${said.send.text}</pre>`, `in message ${send.messageId}`)}`;
  }
}

function attemptsView(attempts: readonly Notice_Attempt[]): Content {
  if (attempts.length === 0) return 'None';
  return html`${plural(attempts.length, 'attempt')}${attempts.map((attempt) => html`
    <span class="app-sub">${moment(attempt.attemptTime)}, ${
      channelWords(attempt.channel).toLowerCase()}: ${attempt.succeeded ? 'succeeded' : 'failed'}${
      attempt.resultCode ? html` (${codeWords(attempt.resultCode)})` : nothing}</span>`)}`;
}

async function allSends(eventId: string): Promise<Send[]> {
  const all: Send[] = [];
  let pageToken = '';
  do {
    const answer = await notifications.listSends({ eventId, pageSize: 200, pageToken });
    all.push(...answer.sends);
    pageToken = answer.nextPageToken;
  } while (pageToken !== '');
  return all.reverse();
}
