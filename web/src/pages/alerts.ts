// Alerts to the agency's own staff: the open ones first.

import { html, nothing, type TemplateResult } from 'lit-html';
import { events as eventsApi, notifications, parked } from '../api';
import type { WatchResponse } from '../generated/fosterwatch/gateway/v1/gateway_service_pb';
import type {
  NotifiableEvent,
} from '../generated/fosterwatch/notifiable_events/v1/notifiable_event_pb';
import {
  Alert_Kind, Alert_State, Send_Result, type Alert,
} from '../generated/fosterwatch/notifications/v1/notification_pb';
import type { ListAlertsResponse } from '../generated/fosterwatch/notifications/v1/notifications_service_pb';
import { toRefusal } from '../errors';
import type { Names } from '../names';
import type { Frame, Page } from '../page';
import { paths } from '../router';
import { formatDateTime, formatRecent, toDate } from '../time';
import { details, empty, link, pages, plural, prose, recent, tag, type Content } from '../ui/html';
import { eventWords, isOwed, noticeWords } from '../ui/records';
import {
  alertStateWords, alertWhy, alertWords, attentionWords, channelWords, codeWords, parkedWords,
  reasonWords, rolesWords, rungWords, sendResultWords, serviceWords, unusualFindingWords,
} from '../words';
import { mayAcknowledge, mayRecord, mayRetry } from './rights';
import { Code } from '@connectrpc/connect';

const PAGE_SIZE = 20;

export class AlertsPage implements Page {
  readonly section = 'alerts';
  #answer: ListAlertsResponse | undefined;
  #events = new Map<string, NotifiableEvent>();
  #parkedOpen = 0;
  readonly #pageToken: string;

  constructor(private readonly frame: Frame, query: URLSearchParams) {
    this.#pageToken = query.get('page') ?? '';
  }

  title(): string {
    return 'Alerts';
  }

  concerns(fact: WatchResponse | undefined): boolean {
    if (fact) this.#events.delete(fact.aggregateId);
    else this.#events.clear();
    return true;
  }

  async load(): Promise<void> {
    const { names } = this.frame;
    const [answer] = await Promise.all([
      notifications.listAlerts({ pageSize: PAGE_SIZE, pageToken: this.#pageToken }),
      names.ensureDirectory(),
    ]);
    const wanted = new Set(answer.alerts.map(({ eventId }) => eventId).filter((id) => id !== ''));
    await Promise.all([...wanted].filter((eventId) => !this.#events.has(eventId))
      .map(async (eventId) => {
        try {
          this.#events.set(eventId, await eventsApi.getEvent({ eventId }));
        } catch (error) {
          if (toRefusal(error).code !== Code.NotFound) throw error;
        }
      }));
    const events = [...this.#events.values()];
    await Promise.all([
      names.ensureChildren(events.map(({ report }) => report?.childId ?? '')),
      names.ensureCarers(events.filter(({ report }) => !report?.childId)
        .map(({ report }) => report?.carerId ?? '')),
      names.ensureCarers(householdsOf(answer.alerts)),
    ]);
    // An open alert stands for all records that wait.
    const asks = mayRetry(this.frame.session) && answer.alerts.some((alert) =>
      alert.parkedId !== '' && alert.state === Alert_State.OPEN);
    this.#parkedOpen = asks ? (await parked.listParked({
      service: 'notifiable_events', pageSize: 1,
    })).openCount : 0;
    this.#answer = answer;
  }

  view(): TemplateResult {
    const { alerts = [], nextPageToken = '', openCount = 0n } = this.#answer ?? {};
    const now = this.frame.now();
    const open = alerts.filter(({ state }) => state === Alert_State.OPEN);
    const others = alerts.filter(({ state }) => state !== Alert_State.OPEN);
    const show = (alert: Alert) => alertView(alert, this.frame, now, {
      event: this.#events.get(alert.eventId), heading: 3, parkedOpen: this.#parkedOpen,
    });
    return html`
      <h1 class="govuk-heading-l">Alerts</h1>
      <section class="app-section" aria-labelledby="open">
        <h2 class="govuk-heading-m" id="open">${plural(openCount, 'open alert')}</h2>
        ${open.length === 0
          ? empty(openCount === 0n ? 'Nothing waits for anybody.' : 'The open ones are on the first page.')
          : open.map(show)}
      </section>
      ${others.length === 0 ? nothing : html`
        <section class="app-section" aria-labelledby="others">
          <h2 class="govuk-heading-m" id="others">Acknowledged or cleared</h2>
          ${others.map(show)}
        </section>`}
      ${pages({
        first: this.#pageToken ? paths.alerts() : undefined,
        next: nextPageToken ? paths.alerts({ page: nextPageToken }) : undefined,
      })}`;
  }
}

// What, why, to whom it went and what became of it.
export function alertView(
  alert: Alert, frame: Frame, now: Date,
  options: { event: NotifiableEvent | undefined; heading: 3; parkedOpen?: number },
): TemplateResult {
  const { names } = frame;
  const open = alert.state === Alert_State.OPEN;
  const { event } = options;
  const waiting = event?.notices.filter((notice) =>
    alert.noticeIds.includes(notice.noticeId) && isOwed(notice)) ?? [];
  return html`
    <article class="app-alert ${open ? 'app-alert--open' : ''} ${open && alert.urgent
      ? 'app-alert--urgent' : ''}" data-alert=${alert.alertId}>
      <h3 class="govuk-heading-s govuk-!-margin-bottom-1">${alertWords(alert.kind)}
        ${alert.urgent ? tag('Urgent', 'red') : nothing}
        ${alert.unreachable ? tag('Nobody reached', 'red') : nothing}
        ${tag(alertStateWords(alert.state), open ? 'yellow' : 'grey')}</h3>
      ${event ? html`<p class="govuk-body govuk-!-margin-bottom-1">${link(
        paths.event(event.eventId), eventWords({
          kinds: event.kinds,
          childId: event.report?.childId ?? '',
          carerId: event.report?.carerId ?? '',
        }, names))}</p>` : nothing}
      ${alert.parkedId ? html`<p class="govuk-body govuk-!-margin-bottom-1">
        ${parkedWords(alert.reasonCode)}. Record <span class="app-id">${alert.parkedId}</span>.
        ${open && (options.parkedOpen ?? 0) > 1 ? html`<strong>${options.parkedOpen} records wait in
          all.</strong>` : nothing}
        ${mayRetry(frame.session) ? link(paths.parked(), 'Records that could not be taken')
          : nothing}</p>`
        : nothing}
      ${subjectView(alert, names)}
      ${open ? html`<p class="govuk-body-s govuk-!-margin-bottom-1">${alertWhy(alert.kind)}</p>`
        : nothing}
      ${waiting.length === 0 || !mayRecord(frame.session) ? nothing : html`
        <ul class="govuk-list govuk-list--bullet govuk-!-margin-bottom-2">
          ${waiting.map((notice) => html`<li>${link(paths.give(alert.eventId, notice.noticeId),
            `Record the notice to ${noticeWords(notice, (event?.kinds.length ?? 0) > 1)} as given`)}
            </li>`)}
        </ul>`}
      ${alert.unreachable ? html`<p class="govuk-body govuk-!-margin-bottom-1">Nobody who is to be told
        can be reached: no role on any rung has a holder whose mail address works. See to it yourself,
        and have the directory put right.</p>` : nothing}
      <p class="govuk-body-s govuk-!-margin-bottom-2">Raised ${recent(alert.raisedTime, now)}. For:
        ${rungWords(alert)}. ${toldWords(alert, frame)} ${climbWords(alert, now)}</p>
      ${alert.acknowledgedTime ? html`<p class="govuk-body-s govuk-!-margin-bottom-2">Acknowledged by
        ${names.person(alert.acknowledgedBy)}, ${recent(alert.acknowledgedTime, now)}.
        ${alert.comment ? html`“${prose(alert.comment)}”` : nothing}</p>` : nothing}
      ${alert.sends.length === 0 ? html`<p class="govuk-body-s">No mail has gone out for it yet.</p>`
        : details(plural(alert.sends.length, 'mail'), html`
          <ul class="govuk-list govuk-!-margin-bottom-0">
            ${alert.sends.map((send) => html`<li>${recent(send.sendTime, now)}:
              ${send.personId ? names.person(send.personId) : 'nobody'},
              ${channelWords(send.channel).toLowerCase()}.
              ${sendResultWords(send.result)} (${codeWords(send.resultCode)}).
              ${reasonWords(send.reasonCode)}.</li>`)}
          </ul>`, `about “${alertWords(alert.kind)}”`)}
      ${open && mayAcknowledge(frame.session) ? html`<p class="govuk-body govuk-!-margin-top-2">${link(
        paths.acknowledgeAlert(alert.alertId), 'Acknowledge',
        `“${alertWords(alert.kind)}” raised ${alert.raisedTime
          ? formatRecent(toDate(alert.raisedTime), now) : ''}`)}</p>` : nothing}
    </article>`;
}

// Those of these alerts that need a name.
const householdsOf = (alerts: readonly Alert[]): string[] => alerts
  .filter(({ inRegister }) => inRegister === 'carers' || inRegister === 'placements')
  .map(({ recordId }) => recordId);

// ": Jo Ward (F-0017)" of a record of a household; nothing of any other.
const householdWords = (alert: Alert, names: Names): string =>
  householdsOf([alert]).map((carerId) => `: ${names.carer(carerId)}`).join('');

// What an alert of a kind is about that is no event's notices.
function subjectView(alert: Alert, names: Names): Content {
  const { kind, reasonCode, eventId, inRegister, recordId, findings } = alert;
  const line = (content: Content) => html`<p class="govuk-body govuk-!-margin-bottom-1">${content}</p>`;
  switch (kind) {
    case Alert_Kind.DIRECTORY_FINDINGS:
      return line(link(paths.directory(), 'What the check has found'));
    case Alert_Kind.DUTY_OVERDUE: {
      const duty = reasonCode.replace(/^OVERDUE_DUTY_/, '');
      return duty === 'AGREEMENT'
        ? line(link(paths.decision(eventId), 'A decision not to notify that nobody has agreed to'))
        : line(`${codeWords(duty)}.`);
    }
    case Alert_Kind.ATTENTION:
      return line(link(paths.record(inRegister, recordId, reasonCode),
        `${attentionWords(alert)}${householdWords(alert, names)}.`));
    case Alert_Kind.UNUSUAL_ACCESS:
      return html`${line(link(paths.access({ person: recordId, service: inRegister }),
        `${serviceWords(inRegister)}: what ${names.person(recordId)} looked at`))}
        <ul class="govuk-list govuk-list--bullet govuk-!-margin-bottom-2">
          ${findings.map((finding) => html`<li>${unusualFindingWords(finding, formatDateTime)}.</li>`)}
        </ul>`;
    default: return nothing;
  }
}

// Everybody whose mail server took a mail, as far as the alert remembers.
function toldWords({ sends }: Alert, frame: Frame): Content {
  const told = new Set(sends.filter(({ result }) => result === Send_Result.SENT)
    .map(({ personId }) => frame.names.person(personId)));
  return told.size === 0 ? 'Nobody has been told yet.' : `Told: ${[...told].join(', ')}.`;
}

function climbWords(alert: Alert, now: Date): Content {
  if (alert.state !== Alert_State.OPEN || !alert.nextClimbTime) return nothing;
  const next = alert.nextRoles.length > 0 ? rolesWords(alert.nextRoles) : 'the next rung';
  return html`Without an acknowledgement it goes to: ${next},
    ${recent(alert.nextClimbTime, now)}.`;
}
