// What an event asks for between its notices and its conclusion: the written confirmation of a
// telephone call, the discussion with the child's social worker, the outcome.

import { html, nothing } from 'lit-html';
import { events as eventsApi } from '../api';
import { RadiosField, TextField } from '../forms/field';
import { Form } from '../forms/form';
import { MomentField, partsOf } from '../forms/moment_field';
import {
  RegulatorUpdate,
} from '../generated/fosterwatch/notifiable_events/v1/notifiable_event_pb';
import { Channel } from '../generated/fosterwatch/type/v1/channel_pb';
import type { Frame, Page } from '../page';
import { moment } from '../ui/html';
import { updateIsChosen } from '../ui/records';
import { channelWords } from '../words';
import { EventFormPage, findNotice, noticeRows } from './event_forms';

const IN_WRITING: readonly { value: string; channel: Channel }[] = [
  { value: 'email', channel: Channel.EMAIL },
  { value: 'online-form', channel: Channel.ONLINE_FORM },
];

export function confirmNoticePage(frame: Frame, eventId: string, noticeId: string): Page {
  return new EventFormPage(frame, {
    heading: 'Record the written confirmation',
    eventId,
    intro: (event) => {
      const confirmation = findNotice(event, noticeId)?.writtenConfirmation;
      return html`
        ${noticeRows(findNotice(event, noticeId), event, frame)}
        <p class="govuk-body">What is told by telephone is confirmed in writing.
          ${confirmation ? html`It is due ${moment(confirmation.dueTime)}, and counts as in time
            until ${moment(confirmation.inTimeUntil)}.` : nothing}</p>`;
    },
    draft: (page) => {
      const channel = new RadiosField({
        name: 'channel',
        label: 'By which channel?',
        subject: 'The channel',
        required: 'Select by which channel it was confirmed',
        path: 'channel',
        choices: () => IN_WRITING.map(({ value, channel: each }) =>
          ({ value, text: channelWords(each) })),
      });
      const confirmed = new MomentField({
        name: 'confirmed',
        label: 'When was it confirmed?',
        subject: 'The time when it was confirmed',
        hint: 'London time.',
        required: 'Enter when it was confirmed',
        path: 'confirmed_time',
      }, partsOf(frame.now()));
      const reference = new TextField({
        name: 'reference',
        label: 'Reference',
        subject: 'The reference',
        hint: 'The recipient’s reference, or where the letter is kept. No names of children.',
        conditional: true,
        path: 'reference',
        width: 20,
        maxLength: 200,
      });
      return {
        form: new Form({
          fields: [channel, confirmed, reference],
          submit: 'Record as confirmed',
          send: async (requestId) => {
            await eventsApi.confirmNoticeInWriting({
              requestId,
              eventId,
              noticeId,
              channel: IN_WRITING.find(({ value }) => value === channel.value)!.channel,
              confirmedTime: confirmed.timestamp(findNotice(page.event, noticeId)?.givenTime),
              reference: reference.value.trim(),
            });
            page.done('The written confirmation is recorded.');
          },
        }),
      };
    },
  });
}

export function discussionPage(frame: Frame, eventId: string): Page {
  return new EventFormPage(frame, {
    heading: 'Record the discussion with the social worker',
    eventId,
    intro: () => html`<p class="govuk-body">After an event the agency discusses with the responsible
      authority what more is to be done (National Minimum Standard 29.4).</p>`,
    draft: (page) => {
      const discussed = new MomentField({
        name: 'discussed',
        label: 'When was it discussed?',
        subject: 'The time of the discussion',
        hint: 'London time.',
        required: 'Enter when it was discussed',
        path: 'discussed_time',
      }, partsOf(frame.now()));
      const whom = new TextField({
        name: 'discussed-with',
        label: 'With whom?',
        subject: 'Whom it was discussed with',
        hint: 'The child’s social worker.',
        required: 'Enter with whom it was discussed',
        path: 'discussed_with',
        width: 20,
        maxLength: 200,
      });
      const agreed = new TextField({
        name: 'agreed',
        label: 'What was agreed?',
        subject: 'What was agreed',
        required: 'Enter what was agreed',
        path: 'agreed',
        lines: 5,
        maxLength: 20_000,
      });
      return {
        form: new Form({
          fields: [discussed, whom, agreed],
          submit: 'Record the discussion',
          send: async (requestId) => {
            await eventsApi.recordDiscussion({
              requestId,
              eventId,
              discussedTime: discussed.timestamp(page.event?.report?.becameAwareTime),
              discussedWith: whom.value.trim(),
              agreed: agreed.value.trim(),
            });
            page.done('The discussion is recorded.');
          },
        }),
      };
    },
  });
}

export function outcomePage(frame: Frame, eventId: string): Page {
  return new EventFormPage(frame, {
    heading: 'Record the outcome of the event',
    eventId,
    draft: (page) => {
      const outcome = new TextField({
        name: 'outcome',
        label: 'What came of it?',
        subject: 'The outcome',
        required: 'Enter the outcome',
        path: 'outcome',
        lines: 5,
        maxLength: 20_000,
      });
      const ended = new MomentField({
        name: 'outcome-time',
        label: 'When was that?',
        subject: 'The time of the outcome',
        hint: 'London time.',
        required: 'Enter when that was',
        path: 'outcome_time',
      }, partsOf(frame.now()));
      const chosen = () => updateIsChosen(page.event);
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
      const reason = new TextField({
        name: 'reason',
        label: 'Why?',
        subject: 'The reason',
        required: 'Enter the reason',
        path: 'reason',
        lines: 3,
        maxLength: 20_000,
        shown: chosen,
      });
      return {
        form: new Form({
          fields: [outcome, ended, update, reason],
          submit: 'Record the outcome',
          send: async (requestId) => {
            await eventsApi.recordOutcome({
              requestId,
              eventId,
              outcome: outcome.value.trim(),
              outcomeTime: ended.timestamp(page.event?.report?.occurredTime),
              regulatorUpdate: !update.shown ? RegulatorUpdate.UNSPECIFIED
                : update.value === 'give' ? RegulatorUpdate.GIVE : RegulatorUpdate.NOT_NEEDED,
              reason: reason.shown ? reason.value.trim() : '',
            });
            page.done('The outcome is recorded.');
          },
        }),
      };
    },
  });
}
