// What people say of a notice: that it was given, acknowledged, confirmed in writing.

import { html, nothing } from 'lit-html';
import { events } from '../api';
import { channelField, EnumField, pastMoment, shortText } from '../forms/questions';
import type {
  NotifiableEvent,
} from '../generated/fosterwatch/notifiable_events/v1/notifiable_event_pb';
import type {
  NoticeContent,
} from '../generated/fosterwatch/notifiable_events/v1/notifiable_event_service_pb';
import { Channel } from '../generated/fosterwatch/type/v1/channel_pb';
import type { Frame, Page } from '../page';
import { details, moment } from '../ui/html';
import { channelWords } from '../words';
import { aboutEvent, findNotice, noticeRows, records } from './event_questions';
import { questionPage, type About } from './question_page';
import { mayReadContent } from './rights';

export function givePage(frame: Frame, eventId: string, noticeId: string): Page {
  let content: NoticeContent | undefined;
  const event = aboutEvent(frame, eventId);
  const withContent: About<NotifiableEvent> = {
    ...event,
    read: async () => {
      const found = await event.read();
      if (mayReadContent(frame.session) && findNotice(found, noticeId)) {
        content = await events.getNoticeContent({ eventId, noticeIds: [noticeId] });
      }
      return found;
    },
  };
  return questionPage(frame, withContent, {
    ...records,
    heading: 'Record a notice as given',
    submit: 'Record as given',
    done: 'The notice is recorded as given.',
    intro: (found) => html`
      ${noticeRows(findNotice(found, noticeId), found, frame)}
      ${content ? details('What the notice says, to copy or to read out', html`
        <p class="govuk-body"><strong>${content.subject}</strong></p>
        <pre class="app-content">${content.body}</pre>
        <p class="govuk-body-s govuk-!-margin-top-2">${content.template}, version
          ${content.templateVersion}</p>`) : nothing}
      <h2 class="govuk-heading-m govuk-!-margin-top-4">How it was given</h2>`,
    fields: (_, found) => {
      const channel = channelField({
        name: 'channel',
        label: 'By which channel?',
        subject: 'The channel',
        required: 'Select by which channel it was given',
        path: 'channel',
      });
      const given = pastMoment(frame.now(), {
        name: 'given',
        label: 'When was it given?',
        subject: 'The time when it was given',
        required: 'Enter when it was given',
        path: 'given_time',
      });
      const reference = shortText({
        name: 'reference',
        label: 'Reference',
        subject: 'The reference',
        hint: 'The recipient’s reference, or who took the call. Where no body could be worked out, '
          + 'say here whom you told. No names of children.',
        conditional: true,
        path: 'reference',
      });
      return {
        fields: [channel, given, reference],
        send: (requestId) => events.giveNotice({
          requestId,
          eventId,
          noticeId,
          channel: channel.chosen,
          givenTime: given.timestamp(findNotice(found(), noticeId)?.explanation?.triggerTime),
          reference: reference.value.trim(),
        }),
      };
    },
  });
}

export const acknowledgeNoticePage = (frame: Frame, eventId: string, noticeId: string): Page =>
  questionPage(frame, aboutEvent(frame, eventId), {
    ...records,
    heading: 'Record that a notice was acknowledged',
    submit: 'Record as acknowledged',
    done: 'The acknowledgement is recorded.',
    intro: (event) => noticeRows(findNotice(event, noticeId), event, frame),
    fields: (_, event) => {
      const acknowledged = pastMoment(frame.now(), {
        name: 'acknowledged',
        label: 'When did the recipient confirm it?',
        subject: 'The time when the recipient confirmed it',
        required: 'Enter when the recipient confirmed it',
        path: 'acknowledged_time',
      });
      const reference = shortText({
        name: 'reference', label: 'Reference', subject: 'The reference', path: 'reference',
      });
      return {
        fields: [acknowledged, reference],
        send: (requestId) => events.acknowledgeNotice({
          requestId,
          eventId,
          noticeId,
          acknowledgedTime: acknowledged.timestamp(findNotice(event(), noticeId)?.givenTime),
          reference: reference.value.trim(),
        }),
      };
    },
  });

export const confirmNoticePage = (frame: Frame, eventId: string, noticeId: string): Page =>
  questionPage(frame, aboutEvent(frame, eventId), {
    ...records,
    heading: 'Record the written confirmation',
    submit: 'Record as confirmed',
    done: 'The written confirmation is recorded.',
    intro: (event) => {
      const confirmation = findNotice(event, noticeId)?.writtenConfirmation;
      return html`
        ${noticeRows(findNotice(event, noticeId), event, frame)}
        <p class="govuk-body">What is told by telephone is confirmed in writing.
          ${confirmation ? html`It is due ${moment(confirmation.dueTime)}, and counts as in time
            until ${moment(confirmation.inTimeUntil)}.` : nothing}</p>`;
    },
    fields: (_, event) => {
      const channel = new EnumField<Channel>({
        name: 'channel',
        label: 'By which channel?',
        subject: 'The channel',
        required: 'Select by which channel it was confirmed',
        path: 'channel',
        values: [Channel.EMAIL, Channel.ONLINE_FORM],
        words: channelWords,
      });
      const confirmed = pastMoment(frame.now(), {
        name: 'confirmed',
        label: 'When was it confirmed?',
        subject: 'The time when it was confirmed',
        required: 'Enter when it was confirmed',
        path: 'confirmed_time',
      });
      const reference = shortText({
        name: 'reference',
        label: 'Reference',
        subject: 'The reference',
        hint: 'The recipient’s reference, or where the letter is kept. No names of children.',
        conditional: true,
        path: 'reference',
      });
      return {
        fields: [channel, confirmed, reference],
        send: (requestId) => events.confirmNoticeInWriting({
          requestId,
          eventId,
          noticeId,
          channel: channel.chosen,
          confirmedTime: confirmed.timestamp(findNotice(event(), noticeId)?.givenTime),
          reference: reference.value.trim(),
        }),
      };
    },
  });
