// What people do with an event, one question at a time on a page of its own.

import { html } from 'lit-html';
import { events } from '../api';
import { RadiosField } from '../forms/field';
import { MomentField } from '../forms/moment_field';
import { longText, pastMoment, shortText } from '../forms/questions';
import { SignOff_Stage } from '../generated/fosterwatch/notifiable_events/v1/notifiable_event_pb';
import { Action_State } from '../generated/fosterwatch/type/v1/action_pb';
import type { Frame, Page } from '../page';
import { moment, summaryList } from '../ui/html';
import { stageWords } from '../words';
import { aboutEvent, records } from './event_questions';
import { personField } from './picks';
import { questionPage } from './question_page';

export function signOffPage(frame: Frame, eventId: string, stageName: string): Page {
  const stage = stageName === 'manager' ? SignOff_Stage.MANAGER : SignOff_Stage.REGISTERED_MANAGER;
  return questionPage(frame, aboutEvent(frame, eventId), {
    // Who may depends on who reported it, and on delegations: the register says.
    may: () => true,
    forbidden: '',
    heading: `Sign off as ${stageWords(stage).toLowerCase()}`,
    submit: 'Sign off',
    done: 'The record is signed off.',
    intro: () => html`<p class="govuk-body">Signing off says that you have read the record and that
      it is true and complete as far as you know. Notices do not wait for it. Nobody signs off their
      own report.</p>`,
    fields: () => {
      const comment = longText({
        name: 'comment', label: 'Comment', subject: 'The comment', path: 'comment', lines: 4,
      });
      return {
        fields: [comment],
        send: (requestId) => events.signOffEvent({
          requestId, eventId, stage, comment: comment.value.trim(),
        }),
      };
    },
  });
}

export const discussionPage = (frame: Frame, eventId: string): Page =>
  questionPage(frame, aboutEvent(frame, eventId), {
    ...records,
    heading: 'Record the discussion with the social worker',
    submit: 'Record the discussion',
    done: 'The discussion is recorded.',
    intro: () => html`<p class="govuk-body">After an event the agency discusses with the responsible
      authority what more is to be done (National Minimum Standard 29.4).</p>`,
    fields: (_, event) => {
      const discussed = pastMoment(frame.now(), {
        name: 'discussed',
        label: 'When was it discussed?',
        subject: 'The time of the discussion',
        required: 'Enter when it was discussed',
        path: 'discussed_time',
      });
      const whom = shortText({
        name: 'discussed-with',
        label: 'With whom?',
        subject: 'Whom it was discussed with',
        hint: 'The child’s social worker.',
        required: 'Enter with whom it was discussed',
        path: 'discussed_with',
      });
      const agreed = longText({
        name: 'agreed',
        label: 'What was agreed?',
        subject: 'What was agreed',
        required: 'Enter what was agreed',
        path: 'agreed',
      });
      return {
        fields: [discussed, whom, agreed],
        send: (requestId) => events.recordDiscussion({
          requestId,
          eventId,
          discussedTime: discussed.timestamp(event()?.report?.becameAwareTime),
          discussedWith: whom.value.trim(),
          agreed: agreed.value.trim(),
        }),
      };
    },
  });

export const childReturnPage = (frame: Frame, eventId: string): Page =>
  questionPage(frame, aboutEvent(frame, eventId), {
    ...records,
    heading: 'Record the child’s return',
    submit: 'Record the return',
    done: 'The child’s return is recorded.',
    fields: (_, event) => {
      const returned = pastMoment(frame.now(), {
        name: 'returned',
        label: 'When did the child return?',
        subject: 'The time when the child returned',
        required: 'Enter when the child returned',
        path: 'returned_time',
      });
      const note = longText({
        name: 'note', label: 'Note', subject: 'The note', path: 'note', lines: 4,
      });
      return {
        fields: [returned, note],
        send: (requestId) => events.recordChildReturn({
          requestId,
          eventId,
          returnedTime: returned.timestamp(event()?.report?.occurredTime),
          note: note.value.trim(),
        }),
      };
    },
  });

export const addActionPage = (frame: Frame, eventId: string): Page =>
  questionPage(frame, aboutEvent(frame, eventId), {
    ...records,
    heading: 'Add an action',
    submit: 'Add the action',
    done: 'The action is added.',
    fields: () => {
      const description = longText({
        name: 'description',
        label: 'What is to be done?',
        subject: 'What is to be done',
        required: 'Enter what is to be done',
        path: 'description',
        lines: 3,
      });
      const owner = personField(frame, {
        name: 'owner',
        label: 'Who will do it?',
        subject: 'The person',
        hint: 'Type a name, then choose from the list.',
        required: 'Choose who will do it',
        path: 'owner_id',
      });
      const due = new MomentField({
        name: 'due',
        label: 'By when?',
        subject: 'The time by when it is to be done',
        required: 'Enter by when',
        path: 'due_time',
      });
      return {
        fields: [description, owner, due],
        send: (requestId) => events.addAction({
          requestId,
          eventId,
          description: description.value.trim(),
          ownerId: owner.value,
          dueTime: due.timestamp(),
        }),
      };
    },
  });

export const closeActionPage = (frame: Frame, eventId: string, actionId: string): Page =>
  questionPage(frame, aboutEvent(frame, eventId), {
    ...records,
    heading: 'Close an action',
    submit: 'Close the action',
    done: 'The action is closed.',
    intro: (event) => {
      const action = event.actions.find((each) => each.actionId === actionId);
      if (!action) return html`<p class="govuk-body">The event has no such action.</p>`;
      return summaryList([
        { key: 'What', value: action.description },
        { key: 'Who', value: frame.names.person(action.ownerId) },
        { key: 'Due', value: moment(action.dueTime) },
        action.state !== Action_State.OPEN && { key: 'State', value: 'Closed already' },
      ]);
    },
    fields: () => {
      const how = new RadiosField({
        name: 'how',
        label: 'How does it end?',
        subject: 'How it ends',
        required: 'Select how it ends',
        path: 'dropped',
        choices: () => [
          { value: 'done', text: 'It is done' }, { value: 'dropped', text: 'It is dropped' },
        ],
      });
      const evidence = longText({
        name: 'evidence',
        label: 'What shows that it was done, or why was it dropped?',
        subject: 'The evidence',
        required: 'Enter what shows that it was done, or why it was dropped',
        path: 'evidence',
        lines: 3,
      });
      return {
        fields: [how, evidence],
        send: (requestId) => events.closeAction({
          requestId,
          eventId,
          actionId,
          dropped: how.value === 'dropped',
          evidence: evidence.value.trim(),
        }),
      };
    },
  });
