// What changes the record of an event itself: a correction, the completion of a report made in a
// hurry, later evidence, whether it repeats another one, its withdrawal.

import { html, nothing } from 'lit-html';
import { events } from '../api';
import { CheckboxesField, RadiosField, TextField, type FieldOptions } from '../forms/field';
import { MomentField } from '../forms/moment_field';
import { longText, shortText } from '../forms/questions';
import {
  RepeatQuestion_Answer, type NotifiableEvent,
} from '../generated/fosterwatch/notifiable_events/v1/notifiable_event_pb';
import type { Frame, Page } from '../page';
import { paths } from '../router';
import { due, link, type Content } from '../ui/html';
import { EVENT_KINDS, kindsWords, REPORTED_KINDS } from '../words';
import { aboutEvent, manages, records, reports } from './event_questions';
import { carerField, childField } from './picks';
import { ifShown, questionPage } from './question_page';

// What is laid over a report: the fields of an addition, and their answers.
function addition(frame: Frame, event: () => NotifiableEvent | undefined, occurredRequired?: string) {
  const kinds = new CheckboxesField({
    name: 'kinds',
    label: 'Kinds to add',
    subject: 'What has happened',
    path: 'report.kinds',
    choices: () => REPORTED_KINDS.filter(({ kind }) => !event()?.kinds.includes(kind))
      .map(({ code, legal }) => ({ value: code, text: legal })),
  });
  const child = childField(frame, {
    name: 'child', label: 'Child', subject: 'The child', path: 'report.child_id',
  });
  const carer = carerField(frame, {
    name: 'carer', label: 'Foster carer', subject: 'The carer', path: 'report.carer_id',
  });
  const occurredOptions: FieldOptions = {
    name: 'occurred',
    label: 'When did it happen?',
    subject: 'The time when it happened',
    path: 'report.occurred_time',
  };
  const occurred = new MomentField(occurredRequired
    ? { ...occurredOptions, required: occurredRequired } : occurredOptions);
  const aware = new MomentField({
    name: 'aware',
    label: 'When did the agency become aware?',
    subject: 'The time when the agency became aware',
    path: 'report.became_aware_time',
  });
  const place = new TextField({
    name: 'place', label: 'Place', subject: 'The place', path: 'report.place', maxLength: 500,
  });
  const summary = longText({
    name: 'summary', label: 'What happened', subject: 'What happened', path: 'report.summary',
  });
  const actions = longText({
    name: 'actions',
    label: 'What was done at once',
    subject: 'What was done at once',
    path: 'report.immediate_actions',
    lines: 4,
  });
  return {
    fields: [kinds, child, carer, occurred, aware, place, summary, actions],
    report: () => ({
      kinds: EVENT_KINDS.filter(({ code }) => kinds.values.includes(code)).map(({ kind }) => kind),
      childId: child.value,
      carerId: carer.value,
      ...(occurred.moment ? { occurredTime: occurred.timestamp() } : {}),
      ...(aware.moment ? { becameAwareTime: aware.timestamp() } : {}),
      place: place.value.trim(),
      summary: summary.value.trim(),
      immediateActions: actions.value.trim(),
    }),
  };
}

const readNames = ({ names }: Frame) =>
  Promise.all([names.ensureAllChildren(), names.ensureAllCarers()]);

export const correctPage = (frame: Frame, eventId: string): Page =>
  questionPage(frame, aboutEvent(frame, eventId), {
    ...records,
    heading: 'Correct or add to the record',
    submit: 'Record the correction',
    done: 'The correction is recorded.',
    read: readNames,
    intro: () => html`<p class="govuk-body">Fill in only what changes. The first version stays beside
      it. A kind that you add brings its notices with it; none is taken away.</p>`,
    fields: (_, event) => {
      const reason = longText({
        name: 'reason',
        label: 'Why does the record change?',
        subject: 'The reason',
        required: 'Enter why the record changes',
        path: 'reason',
        lines: 3,
      });
      const { fields, report } = addition(frame, event);
      return {
        fields: [reason, ...fields],
        send: (requestId) => events.correctEvent({
          requestId, eventId, reason: reason.value.trim(), report: report(),
        }),
      };
    },
  });

export const completeReportPage = (frame: Frame, eventId: string): Page =>
  questionPage(frame, aboutEvent(frame, eventId), {
    ...reports,
    heading: 'Complete the report',
    submit: 'Record it as complete',
    done: 'The report is complete.',
    read: readNames,
    intro: ({ provisional }) => html`<p class="govuk-body">It was made in a hurry; its notices have
      left or are leaving. ${provisional && !provisional.completedTime
        ? html`It is to be completed, ${due(provisional.dueTime, frame.now())}.`
        : 'It has been completed already.'} What you leave empty stays as it was said first.</p>`,
    fields: (_, event) => {
      const { fields, report } = addition(frame, event, 'Enter when it happened');
      return {
        fields,
        send: (requestId) => events.completeReport({ requestId, eventId, report: report() }),
      };
    },
  });

export const addEvidencePage = (frame: Frame, eventId: string): Page =>
  questionPage(frame, aboutEvent(frame, eventId), {
    ...records,
    heading: 'Add what came to be known later',
    submit: 'Add it',
    done: 'It is added to the record.',
    intro: () => html`<p class="govuk-body">It stands beside the record, also of an event that is
      concluded, and asks for nothing.</p>`,
    fields: () => {
      const text = longText({
        name: 'text',
        label: 'What came to be known?',
        subject: 'What came to be known',
        required: 'Enter what came to be known',
        path: 'text',
      });
      const reference = shortText({
        name: 'reference',
        label: 'Reference',
        subject: 'The reference',
        hint: 'Where the document lies, or its number.',
        path: 'reference',
      });
      return {
        fields: [text, reference],
        send: (requestId) => events.addEvidence({
          requestId, eventId, text: text.value.trim(), reference: reference.value.trim(),
        }),
      };
    },
  });

export const withdrawPage = (frame: Frame, eventId: string): Page =>
  questionPage(frame, aboutEvent(frame, eventId), {
    ...manages,
    heading: 'Withdraw the event',
    submit: 'Withdraw it',
    done: 'The event is withdrawn.',
    intro: () => html`<p class="govuk-body">For what was reported in error. What was said stays
      readable, and what was told stays told: whoever has had a notice is to hear of it from you. What is
      still owed is owed no more.</p>`,
    fields: () => {
      const reason = longText({
        name: 'reason',
        label: 'Why is it no event?',
        subject: 'The reason',
        required: 'Enter why it is no event',
        path: 'reason',
        lines: 3,
      });
      return {
        fields: [reason],
        send: (requestId) => events.withdrawEvent({
          requestId, eventId, reason: reason.value.trim(),
        }),
      };
    },
  });

export function decideRepeatPage(frame: Frame, eventId: string): Page {
  let others: NotifiableEvent[] = [];
  const base = aboutEvent(frame, eventId);
  const line = (event: NotifiableEvent): Content => html`<li>${link(paths.event(event.eventId),
    kindsWords(event.kinds))}: ${event.report?.summary}</li>`;
  return questionPage(frame, {
    ...base,
    read: async () => {
      const event = await base.read();
      others = await Promise.all((event.possibleRepeats?.eventIds ?? [])
        .map((id) => events.getEvent({ eventId: id })));
      return event;
    },
  }, {
    ...manages,
    heading: 'Is it the same event?',
    submit: 'Record the answer',
    done: 'The answer is recorded.',
    intro: ({ report, possibleRepeats }) => others.length === 0
      ? html`<p class="govuk-body">It looks like no other event.</p>` : html`
      <p class="govuk-body">${report?.summary}</p>
      <p class="govuk-body">It looks like ${others.length === 1 ? 'this one' : 'these'}:</p>
      <ul class="govuk-list govuk-list--bullet">${others.map(line)}</ul>
      ${possibleRepeats?.decidedTime ? html`<p class="govuk-body">It has been decided already.</p>`
        : nothing}`,
    fields: (_, event) => {
      const answer = new RadiosField({
        name: 'answer',
        label: 'Is it the same?',
        subject: 'The answer',
        required: 'Select whether it is the same',
        path: 'answer',
        choices: () => [
          {
            value: 'same', text: 'Yes: it repeats an event that is on record',
            hint: 'This report is withdrawn as a repeat. What was told stays told.',
          },
          { value: 'new', text: 'No: it is an event of its own' },
        ],
      });
      const which = new RadiosField({
        name: 'which',
        label: 'Which one?',
        subject: 'The event that it repeats',
        required: 'Select which one it repeats',
        path: 'same_as_event_id',
        choices: () => others.map((other) => ({
          value: other.eventId, text: `${kindsWords(other.kinds)}: ${other.report?.summary ?? ''}`,
        })),
        shown: () => answer.value === 'same' && (event()?.possibleRepeats?.eventIds.length ?? 0) > 1,
      });
      const reason = longText({
        name: 'reason',
        label: 'How do you know?',
        subject: 'The reason',
        required: 'Enter how you know',
        path: 'reason',
        lines: 3,
      });
      const only = () => event()?.possibleRepeats?.eventIds[0] ?? '';
      return {
        fields: [answer, which, reason],
        send: (requestId) => events.decideRepeat({
          requestId,
          eventId,
          answer: answer.value === 'same' ? RepeatQuestion_Answer.SAME : RepeatQuestion_Answer.NEW,
          sameAsEventId: answer.value !== 'same' ? '' : ifShown(which, which.value) || only(),
          reason: reason.value.trim(),
        }),
      };
    },
  });
}
