// How the records of the contract look, wherever they are shown.

import { html, nothing } from 'lit-html';
import {
  Basis, EventKind, Moment, NotifiableEvent_State, Notice_State, Recipient, SignOff_Stage,
  type NotifiableEvent, type Notice, type SignOff,
} from '../generated/fosterwatch/notifiable_events/v1/notifiable_event_pb';
import type {
  EventSummary,
} from '../generated/fosterwatch/notifiable_events/v1/notifiable_event_service_pb';
import { Channel } from '../generated/fosterwatch/type/v1/channel_pb';
import {
  ExplanationStep_Operation, type Explanation, type ExplanationStep,
} from '../generated/fosterwatch/type/v1/explanation_pb';
import { Send_Result, type Send } from '../generated/fosterwatch/notifications/v1/notification_pb';
import type { Names } from '../names';
import { paths } from '../router';
import { dueWording, formatDateTime, formatDue, toDate } from '../time';
import {
  channelWords, codeWords, kindsWords, momentWords, reasonWords, recipientWords, sendResultWords,
  stateWords, subjectWords, triggerWords,
} from '../words';
import { details, link, moment, recent, table, tag, type Content } from './html';

// "Death of a child: Amira Okafor (C-0142)"
export function eventWords(
  event: { kinds: readonly EventKind[]; childId: string; carerId: string }, names: Names,
): string {
  const whom = event.childId ? names.child(event.childId)
    : event.carerId ? names.carer(event.carerId) : '';
  return whom ? `${kindsWords(event.kinds)}: ${whom}` : kindsWords(event.kinds);
}

export const stateTag = (state: NotifiableEvent_State) =>
  tag(stateWords(state), state === NotifiableEvent_State.OPEN ? 'blue' : 'grey');

export const isOwed = (notice: Notice) => notice.state === Notice_State.OWED;

// Not where only the agency's own policy has the Chief Inspector told.
export const regulatorWasTold = (event: NotifiableEvent) => event.notices.some((notice) =>
  notice.recipient === Recipient.CHIEF_INSPECTOR && notice.moment === Moment.EVENT
  && notice.basis !== Basis.POLICY);

// Whether somebody must choose if the regulator is told how it ended.
export const updateIsChosen = (event: NotifiableEvent | undefined) => event !== undefined
  && regulatorWasTold(event) && !event.kinds.includes(EventKind.CHILD_PROTECTION_ENQUIRY);

// Told by telephone, and not confirmed in writing yet.
export const waitsForConfirmation = (notice: Notice) =>
  notice.writtenConfirmation !== undefined && !notice.writtenConfirmation.confirmedTime;

export const isOverdue = (notice: Notice, now: Date) =>
  isOwed(notice) && notice.dueTime !== undefined && toDate(notice.dueTime) < now;

// Nothing that Fosterwatch does by itself will fulfil it.
export const waitsForPerson = (notice: Notice) =>
  isOwed(notice) && (notice.releasedByPerson || notice.bodyId === '');

export function wasLate(notice: Notice): boolean {
  return notice.givenTime !== undefined && notice.inTimeUntil !== undefined &&
    toDate(notice.givenTime) > toDate(notice.inTimeUntil);
}

export function noticeTags(notice: Notice, now: Date): Content {
  switch (notice.state) {
    case Notice_State.OWED:
      return isOverdue(notice, now) ? tag('Owed, overdue', 'red') : tag('Owed', 'yellow');
    case Notice_State.GIVEN:
      return wasLate(notice) ? tag('Given late', 'orange') : tag('Given in time', 'green');
    case Notice_State.ACKNOWLEDGED:
      return html`${wasLate(notice) ? tag('Given late', 'orange') : tag('Given in time', 'green')}
        ${tag('Acknowledged', 'green')}`;
    case Notice_State.FALLEN_AWAY:
      return tag('No longer owed', 'grey');
    default:
      return 'Not known';
  }
}

// "Chief Inspector (Ofsted)", and what it is about where that could be one of several.
export function noticeWords(notice: Notice, severalKinds: boolean): string {
  const about = [
    severalKinds ? kindsWords([notice.kind]) : '',
    momentWords(notice.moment) === 'The event' ? '' : momentWords(notice.moment),
  ].filter((text) => text !== '');
  const recipient = recipientWords(notice.recipient);
  return about.length === 0 ? recipient : `${recipient}, ${about.join(', ').toLowerCase()}`;
}

export const bodyWords = (notice: Notice, names: Names): Content => notice.bodyId === ''
  ? html`<strong>No body could be worked out</strong>` : names.body(notice.bodyId);

export function howItGoes(notice: Notice): string {
  const channel = notice.channel === Channel.UNSPECIFIED ? '' : channelWords(notice.channel);
  if (!notice.releasedByPerson) return channel || 'Not known';
  return channel ? `${channel}, by a person` : 'By a person';
}

export const isSigned = (signOff: SignOff) => signOff.signedTime !== undefined;

export function signOffWords(signed: readonly SignOff_Stage[]): Content {
  if (signed.includes(SignOff_Stage.REGISTERED_MANAGER)) return 'Complete';
  if (signed.includes(SignOff_Stage.MANAGER)) return 'Waits for the registered manager';
  return 'Waits for a manager';
}

export const stagePath = (stage: SignOff_Stage) =>
  stage === SignOff_Stage.MANAGER ? 'manager' : 'registered-manager';

export const eventsTable = (options: {
  caption: string;
  captionHidden?: boolean;
  events: readonly EventSummary[];
  names: Names;
  now: Date;
}) => table<EventSummary>({
  caption: options.caption,
  captionHidden: options.captionHidden ?? false,
  rows: options.events,
  key: (event) => event.eventId,
  testId: 'events',
  columns: [
    {
      heading: 'Event',
      header: true,
      cell: (event) => html`${link(paths.event(event.eventId), kindsWords(event.kinds))}
        <span class="app-sub app-id">${event.eventId}</span>`,
    },
    {
      heading: 'About',
      cell: (event) => html`${event.childId ? options.names.child(event.childId) : nothing}
        ${event.carerId ? html`<span class="${event.childId ? 'app-sub' : ''}">Carer
          ${options.names.carer(event.carerId)}</span>` : nothing}`,
    },
    { heading: 'Happened', cell: (event) => recent(event.occurredTime, options.now) },
    {
      heading: 'Notices',
      cell: (event) => html`${event.noticesGiven} of ${event.noticeCount} given
        ${event.noticesOverdue > 0
          ? html`<span class="app-sub app-overdue">${event.noticesOverdue} overdue</span>` : nothing}
        ${event.nextDueTime && event.noticesOverdue === 0 ? html`<span class="app-sub">next
          ${dueWording(toDate(event.nextDueTime), options.now)}</span>` : nothing}`,
    },
    { heading: 'Sign-off', cell: (event) => signOffWords(event.signedStages) },
    { heading: 'State', cell: (event) => stateTag(event.state) },
  ],
});

function spanWords(seconds: bigint): string {
  const total = Number(seconds);
  const parts: [number, string][] = [
    [Math.floor(total / 3600), 'hour'], [Math.floor(total / 60) % 60, 'minute'],
    [total % 60, 'second'],
  ];
  const words = parts.filter(([count]) => count > 0)
    .map(([count, unit]) => `${count} ${unit}${count === 1 ? '' : 's'}`);
  return words.join(' ');
}

function stepView(step: ExplanationStep): Content {
  const to = step.toTime ? toDate(step.toTime) : undefined;
  switch (step.operation) {
    case ExplanationStep_Operation.ADD_ELAPSED_SECONDS:
      if (step.amount === 0n) return 'No time is added: it is due at once.';
      return html`Add ${spanWords(step.amount)} as they pass on any clock: nights, weekends and clock
        changes count. That is ${to ? formatDateTime(to) : 'not known'}.`;
    case ExplanationStep_Operation.ADD_WORKING_DAYS:
    case ExplanationStep_Operation.ADD_UNPAUSED_WORKING_DAYS:
      return html`Go to the end of working day ${step.amount < 0n ? -step.amount : step.amount}
        ${step.amount < 0n ? 'before' : 'after'} that day: ${to ? formatDue(to) : 'not known'}.
        ${step.skipped.length === 0 ? 'No day was passed over.'
          : html`Passed over: ${step.skipped.join(', ')}.`}
        ${step.pauses.map(({ fromTime, untilTime }) => html`The clock stood still from
          ${moment(fromTime)} ${untilTime ? html`until ${moment(untilTime)}.`
            : 'and stands still yet.'} `)}`;
    case ExplanationStep_Operation.ADD_CALENDAR_MONTHS:
      return html`Go to the end of the day ${step.amount < 0n ? -step.amount : step.amount} calendar
        month${step.amount === 1n || step.amount === -1n ? '' : 's'}
        ${step.amount < 0n ? 'before' : 'after'} that day: ${to ? formatDue(to) : 'not known'}.`;
    case ExplanationStep_Operation.ADD_CALENDAR_DAYS:
      return html`Go to the end of day ${step.amount} after that day, whatever day it is: ${to
        ? formatDue(to) : 'not known'}.`;
    default:
      return 'A step that this page does not know.';
  }
}

// Why a moment is due when it is.
export function explanationView(explanation: Explanation | undefined): Content {
  if (!explanation) return html`<p class="govuk-body">No explanation was recorded.</p>`;
  return html`
    <p class="govuk-body govuk-!-margin-bottom-1"><strong>Rule:</strong>
      ${subjectWords(explanation.rule)}${explanation.ruleVersion
        ? html` (version ${explanation.ruleVersion})` : nothing}. <strong>Source:</strong> ${explanation.source}${
      explanation.confidence ? html`; confidence in it: ${explanation.confidence}` : nothing}.</p>
    <ol class="app-steps">
      <li>The clock started when ${triggerWords(explanation.trigger)}:
        ${moment(explanation.triggerTime)}.</li>
      ${explanation.steps.map((step) => html`<li>${stepView(step)}</li>`)}
      <li><strong>Due: ${explanation.dueTime ? formatDue(toDate(explanation.dueTime))
        : 'not known'}</strong>${explanation.calendarVersion ? html` (bank holidays of England and
        Wales, version ${explanation.calendarVersion})` : nothing}.</li>
    </ol>
    ${explanation.warnings.map((warning) => html`<p class="govuk-body govuk-!-margin-top-2
      govuk-!-margin-bottom-0"><strong>Not certain:</strong> ${warning}.</p>`)}`;
}

export const noticeExplanations = (notices: readonly Notice[], severalKinds: boolean, now: Date) =>
  notices.map((notice) => details(
    `Why: ${noticeWords(notice, severalKinds)}`,
    html`
      ${explanationView(notice.explanation)}
      <p class="govuk-body govuk-!-margin-top-2 govuk-!-margin-bottom-0">
        It counts as given in time until ${moment(notice.inTimeUntil)}${isOwed(notice) &&
        notice.inTimeUntil ? html` (${toDate(notice.inTimeUntil) < now ? 'gone by'
          : dueWording(toDate(notice.inTimeUntil), now).replace('due in', 'in')})` : nothing}.
        It became owed ${moment(notice.owedTime)}. Notice ${notice.noticeId}.
      </p>`,
  ));

const RESULT_COLOURS = {
  [Send_Result.UNSPECIFIED]: 'grey',
  [Send_Result.SENT]: 'green',
  [Send_Result.FAILED]: 'orange',
  [Send_Result.HANDED_TO_PERSON]: 'purple',
  [Send_Result.REFUSED]: 'red',
} as const;

export const sendsTable = (options: {
  caption: string;
  captionHidden?: boolean;
  sends: readonly Send[];
  names: Names;
  now: Date;
  showEvent?: boolean;
  // For those who may read what was said.
  showProof?: boolean;
}) => table<Send>({
  caption: options.caption,
  captionHidden: options.captionHidden ?? false,
  rows: options.sends,
  key: (send) => send.sendId,
  testId: 'sends',
  columns: [
    { heading: 'When', header: true, cell: (send) => recent(send.sendTime, options.now) },
    {
      heading: 'To',
      cell: (send) => send.bodyId ? options.names.body(send.bodyId)
        : send.personId ? options.names.person(send.personId) : 'No body could be worked out',
    },
    { heading: 'Channel', cell: (send) => channelWords(send.channel) },
    {
      heading: 'Result',
      cell: (send) => html`${tag(sendResultWords(send.result), RESULT_COLOURS[send.result])}
        ${send.resultCode ? html`<span class="app-sub">${codeWords(send.resultCode)}</span>`
          : nothing}
        ${send.possibleRepeat ? html`<span class="app-sub">May be a second copy: the outcome of an
          earlier attempt was not recorded</span>` : nothing}`,
    },
    {
      heading: 'Why',
      cell: (send) => html`${reasonWords(send.reasonCode)}
        ${options.showEvent && send.eventId
          ? html`<span class="app-sub">${link(paths.event(send.eventId), 'the event')}${
            options.showProof && send.bodyId
              ? html`, ${link(paths.proof(send.eventId), 'proof', 'of its notices')}` : nothing}</span>`
          : nothing}`,
    },
    {
      heading: 'What left',
      cell: (send) => send.contentSha256 === '' ? 'Nothing' : details(
        `${codeWords(send.template)}, version ${send.templateVersion}`,
        html`<span class="app-mono">Message-ID ${send.messageId}<br>SHA-256
          ${send.contentSha256}</span>`,
      ),
    },
  ],
});
