// What has been added to the record of an event since it was reported, and what that asks for.

import { html, nothing } from 'lit-html';
import {
  EventKind, NotifiableEvent_State, RepeatQuestion_Answer,
  type Correction, type EventReport, type NotifiableEvent,
} from '../generated/fosterwatch/notifiable_events/v1/notifiable_event_pb';
import type { Names } from '../names';
import type { Frame } from '../page';
import { paths } from '../router';
import { EVENT_KINDS, kindsWords } from '../words';
import { due, link, moment, prose, summaryList, type Content } from './html';

export const kindsList = (kinds: readonly EventKind[]): Content => html`${kinds.map((kind, index) => html`${
  index > 0 ? html`<br>` : nothing}${EVENT_KINDS.find((words) => words.kind === kind)?.legal
    ?? kindsWords([kind])}`)}`;

const inset = (content: Content) => html`<div class="govuk-inset-text">${content}</div>`;

// What is not settled, or no longer holds: a report that is not whole, one that may repeat another,
// a withdrawal, an absence that has ended.
export function standingView(
  event: NotifiableEvent, frame: Frame, may: { completes: boolean; decides: boolean },
): Content {
  const { names } = frame;
  const now = frame.now();
  const { eventId, managerAbsence, possibleRepeats, provisional, withdrawal } = event;
  const open = event.state === NotifiableEvent_State.OPEN;
  const undecided = possibleRepeats !== undefined && possibleRepeats.eventIds.length > 0
    && possibleRepeats.answer === RepeatQuestion_Answer.UNSPECIFIED;
  return html`
    ${withdrawal ? inset(html`Withdrawn by ${names.person(withdrawal.withdrawnBy)},
      ${moment(withdrawal.withdrawnTime)}: ${prose(withdrawal.reason)}
      ${withdrawal.repeatOfEventId ? html`It repeats ${link(paths.event(withdrawal.repeatOfEventId),
        'the event that was reported first')}.` : nothing}`) : nothing}
    ${open && provisional && !provisional.completedTime ? inset(html`Reported in a hurry: it is still to
      be completed, ${due(provisional.dueTime, now)} ${may.completes
        ? link(paths.completeReport(eventId), 'Complete the report') : nothing}`) : nothing}
    ${open && undecided ? inset(html`It looks like
      ${possibleRepeats.eventIds.map((id, index) => html`${index > 0 ? ', and like ' : nothing}${
      link(paths.event(id), 'another event', id)}`)}. Somebody is to decide whether it is the same,
      ${due(possibleRepeats.dueTime, now)} ${may.decides
        ? link(paths.decideRepeat(eventId), 'Decide') : nothing}`) : nothing}
    ${managerAbsence ? inset(html`Away altogether: from ${moment(managerAbsence.fromTime)} until
      ${moment(managerAbsence.untilTime, 'nobody knows when')}.`) : nothing}
    ${managerAbsence?.endedTime ? inset(html`The absence has ended or was called off:
      ${moment(managerAbsence.endedTime)}. What its notice says is what was planned.`) : nothing}`;
}

export function evidenceView({ evidence }: NotifiableEvent, names: Names): Content {
  if (evidence.length === 0) return nothing;
  return html`
    <section class="app-section" aria-labelledby="evidence">
      <h2 class="govuk-heading-m" id="evidence">What came to be known later</h2>
      ${evidence.map(({ addedBy, addedTime, reference, text }) => html`
        <h3 class="govuk-heading-s govuk-!-margin-bottom-1">${moment(addedTime)},
          ${names.person(addedBy)}</h3>
        ${summaryList([
          { key: 'What', value: prose(text) },
          reference !== '' && { key: 'Reference', value: reference },
        ])}`)}
    </section>`;
}

export function correctionsView(event: NotifiableEvent, names: Names): Content {
  if (event.corrections.length === 0) return nothing;
  return html`
    <section class="app-section" aria-labelledby="corrections">
      <h2 class="govuk-heading-m" id="corrections">Corrections and additions</h2>
      ${event.corrections.map((correction) => html`
        <h3 class="govuk-heading-s govuk-!-margin-bottom-1">
          ${moment(correction.correctedTime)}, ${names.person(correction.correctedBy)}
        </h3>
        ${summaryList(correctionRows(correction, names))}`)}
    </section>`;
}

function correctionRows(correction: Correction, names: Names): { key: string; value: Content }[] {
  const report: Partial<EventReport> = correction.report ?? {};
  const rows: [string, Content | undefined][] = [
    ['Why', prose(correction.reason)],
    ['Kind added', report.kinds?.length ? kindsList(report.kinds) : undefined],
    ['Child', report.childId ? names.child(report.childId) : undefined],
    ['Carer', report.carerId ? names.carer(report.carerId) : undefined],
    ['Happened', report.occurredTime && moment(report.occurredTime)],
    ['Agency became aware', report.becameAwareTime && moment(report.becameAwareTime)],
    ['Place', report.place ? prose(report.place) : undefined],
    ['What happened', report.summary ? prose(report.summary) : undefined],
    ['What was done at once',
      report.immediateActions ? prose(report.immediateActions) : undefined],
  ];
  return rows.flatMap(([key, value]) => value === undefined ? [] : [{ key, value }]);
}
