// How an event ends: the outcome of an enquiry, what came of it, and its conclusion.

import { html } from 'lit-html';
import { events } from '../api';
import { violationSentence } from '../errors';
import { CheckboxesField, RadiosField } from '../forms/field';
import { MomentField } from '../forms/moment_field';
import { longText, pastMoment, shortText } from '../forms/questions';
import {
  RegulatorUpdate, SignOff_Stage, type NotifiableEvent,
} from '../generated/fosterwatch/notifiable_events/v1/notifiable_event_pb';
import type { Frame, Page } from '../page';
import { paths } from '../router';
import { link, type Content } from '../ui/html';
import { noticeWords, regulatorWasTold, stagePath, updateIsChosen } from '../ui/records';
import { fieldWords, sentenceWords, stageWords } from '../words';
import { aboutEvent, concludes, findNotice, manages, records } from './event_questions';
import { ifShown, questionPage } from './question_page';

export const enquiryOutcomePage = (frame: Frame, eventId: string): Page =>
  questionPage(frame, aboutEvent(frame, eventId), {
    ...records,
    heading: 'Record the outcome of the enquiry',
    submit: 'Record the outcome',
    done: 'The outcome is recorded and its notices are owed.',
    intro: () => html`<p class="govuk-body">The outcome must be notified too. Its notices become owed
      when you record it.</p>`,
    fields: (_, event) => {
      const ended = new MomentField({
        name: 'outcome-time',
        label: 'When did the enquiry end?',
        subject: 'The time when the enquiry ended',
        required: 'Enter when the enquiry ended',
        path: 'outcome_time',
      });
      const aware = pastMoment(frame.now(), {
        name: 'aware',
        label: 'When did the agency become aware of the outcome?',
        subject: 'The time when the agency became aware',
        required: 'Enter when the agency became aware of the outcome',
        path: 'became_aware_time',
      });
      const outcome = longText({
        name: 'outcome',
        label: 'What was the outcome?',
        subject: 'The outcome',
        required: 'Enter the outcome',
        path: 'outcome',
      });
      return {
        fields: [ended, aware, outcome],
        send: (requestId) => events.recordEnquiryOutcome({
          requestId,
          eventId,
          outcomeTime: ended.timestamp(event()?.report?.occurredTime),
          becameAwareTime: aware.timestamp(event()?.report?.becameAwareTime),
          outcome: outcome.value.trim(),
        }),
      };
    },
  });

export const outcomePage = (frame: Frame, eventId: string): Page =>
  questionPage(frame, aboutEvent(frame, eventId), {
    ...manages,
    heading: 'Record the outcome of the event',
    submit: 'Record the outcome',
    done: 'The outcome is recorded.',
    fields: (_, event) => {
      const outcome = longText({
        name: 'outcome',
        label: 'What came of it?',
        subject: 'The outcome',
        required: 'Enter the outcome',
        path: 'outcome',
      });
      const ended = pastMoment(frame.now(), {
        name: 'outcome-time',
        label: 'When was that?',
        subject: 'The time of the outcome',
        required: 'Enter when that was',
        path: 'outcome_time',
      });
      const chosen = () => updateIsChosen(event());
      const update = new RadiosField({
        name: 'regulator-update',
        label: 'Is the Chief Inspector told how it ended?',
        subject: 'Whether the Chief Inspector is told',
        required: 'Select whether the Chief Inspector is told how it ended',
        path: 'regulator_update',
        choices: () => [
          { value: 'give', text: 'Yes: it becomes a notice' },
          { value: 'not-needed', text: 'No: it is not needed' },
        ],
        shown: chosen,
      });
      const reason = longText({
        name: 'reason',
        label: 'Why?',
        subject: 'The reason',
        required: 'Enter the reason',
        path: 'reason',
        lines: 3,
        shown: chosen,
      });
      return {
        fields: [outcome, ended, update, reason],
        send: (requestId) => events.recordOutcome({
          requestId,
          eventId,
          outcome: outcome.value.trim(),
          outcomeTime: ended.timestamp(event()?.report?.occurredTime),
          regulatorUpdate: !update.shown ? RegulatorUpdate.UNSPECIFIED
            : update.value === 'give' ? RegulatorUpdate.GIVE : RegulatorUpdate.NOT_NEEDED,
          reason: ifShown(reason, reason.value),
        }),
      };
    },
  });

// What stands in the way of a conclusion, with the way to it.
function missingWords(
  event: NotifiableEvent | undefined, field: string, description: string,
): Content {
  const eventId = event?.eventId ?? '';
  const [, what = '', id = ''] = /^(\w+)(?:\[([^\]]*)\])?(?:\.\w+)?$/.exec(field) ?? [];
  const notice = findNotice(event, id);
  switch (what) {
    case 'notices':
      if (notice && /written_confirmation$/.test(field)) {
        return link(paths.confirmNotice(eventId, id), `What the ${noticeWords(notice,
          (event?.kinds.length ?? 0) > 1)} was told by telephone has not been confirmed in writing`);
      }
      return notice ? link(paths.give(eventId, id), `The notice to the ${noticeWords(notice,
        (event?.kinds.length ?? 0) > 1)} has not been given`) : sentenceWords(description);
    case 'sign_offs': {
      const stage = /REGISTERED/.test(id) ? SignOff_Stage.REGISTERED_MANAGER
        : SignOff_Stage.MANAGER;
      return link(paths.signOff(eventId, stagePath(stage)),
        `The ${stageWords(stage).toLowerCase()} has not signed off`);
    }
    case 'possible_repeats':
      return link(paths.decideRepeat(eventId),
        'Nobody has decided whether it is the same as another event');
    case 'provisional':
      return link(paths.completeReport(eventId), 'The report has not been completed');
    case 'discussion':
      return link(paths.discussion(eventId),
        'The discussion with the child’s social worker has not been recorded');
    case 'enquiry_outcome':
      return link(paths.enquiryOutcome(eventId), 'The enquiry’s outcome has not been recorded');
    case 'child_return':
      return link(paths.childReturn(eventId), 'The child’s return has not been recorded');
    case 'actions': {
      const action = event?.actions.find(({ actionId }) => actionId === id);
      return link(paths.closeAction(eventId, id), `The action “${action?.description ?? id}” is `
        + 'still open');
    }
    default:
      return violationSentence(fieldWords(field), sentenceWords(description));
  }
}

export const concludePage = (frame: Frame, eventId: string): Page =>
  questionPage(frame, aboutEvent(frame, eventId), {
    ...concludes,
    heading: 'Conclude the event',
    submit: 'Conclude the event',
    done: 'The event is concluded.',
    intro: () => html`<p class="govuk-body">It can be concluded when every notice is given, both
      sign-offs are made, what was told by telephone is confirmed in writing, the discussion with the
      social worker is recorded, every action is closed and, where there was one, the child’s return or
      the enquiry’s outcome is recorded. If anything is missing you are told all of it.</p>`,
    explain: ({ field, description }, event) => missingWords(event, field, description),
    fields: (_, event) => {
      const outcome = longText({
        name: 'outcome',
        label: 'How did it end?',
        subject: 'The outcome',
        // Refused by the service together with all else that is missing.
        conditional: true,
        path: 'outcome',
        shown: () => !event()?.outcome,
      });
      // One that is to be given is chosen with the outcome, before.
      const noUpdate = new CheckboxesField({
        name: 'no-update',
        label: 'How it ended',
        subject: 'Whether the Chief Inspector is told',
        hint: 'If the Chief Inspector is to be told how it ended, record the outcome first.',
        conditional: true,
        path: 'regulator_update',
        choices: () => [{ value: 'no', text: 'The Chief Inspector needs no update' }],
        shown: () => !event()?.outcome && updateIsChosen(event()),
      });
      const reason = longText({
        name: 'reason',
        label: 'Why not?',
        subject: 'The reason',
        conditional: true,
        path: 'reason',
        lines: 3,
        shown: () => noUpdate.shown,
      });
      const reference = shortText({
        name: 'regulator-reference',
        label: 'The regulator’s reference',
        subject: 'The regulator’s reference',
        hint: 'As Ofsted gave it for the notification.',
        conditional: true,
        path: 'regulator_reference',
        shown: () => {
          const found = event();
          return found !== undefined && regulatorWasTold(found);
        },
      });
      return {
        fields: [outcome, noUpdate, reason, reference],
        send: (requestId) => events.concludeEvent({
          requestId,
          eventId,
          outcome: ifShown(outcome, outcome.value),
          regulatorUpdate: noUpdate.shown && noUpdate.values.includes('no')
            ? RegulatorUpdate.NOT_NEEDED : RegulatorUpdate.UNSPECIFIED,
          reason: ifShown(reason, reason.value),
          regulatorReference: ifShown(reference, reference.value),
        }),
      };
    },
  });
