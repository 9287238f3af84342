// What the questions about an event have in common.

import { html } from 'lit-html';
import { events } from '../api';
import type {
  NotifiableEvent, Notice,
} from '../generated/fosterwatch/notifiable_events/v1/notifiable_event_pb';
import type { Frame } from '../page';
import { paths } from '../router';
import { moment, summaryList, type Content, type SummaryRow } from '../ui/html';
import { bodyWords, eventWords, howItGoes, noticeTags, noticeWords } from '../ui/records';
import { channelWords } from '../words';
import { MANAGERS, RECORDERS, type About } from './question_page';
import { isRegisteredManager, mayRecord, mayRecordOutcome, mayReport } from './rights';

export const aboutEvent = (frame: Frame, eventId: string): About<NotifiableEvent> => ({
  section: 'events',
  id: eventId,
  back: { href: paths.event(eventId), text: 'The event' },
  read: async () => {
    const event = await events.getEvent({ eventId });
    await Promise.all([
      frame.names.ensureChildren([event.report?.childId ?? '']),
      frame.names.ensureCarers([event.report?.carerId ?? '']),
    ]);
    return event;
  },
  caption: ({ kinds, report }) => eventWords({
    kinds, childId: report?.childId ?? '', carerId: report?.carerId ?? '',
  }, frame.names),
});

export const records = { may: ({ session }: Frame) => mayRecord(session), forbidden: RECORDERS };
export const reports = { may: ({ session }: Frame) => mayReport(session), forbidden: RECORDERS };
export const manages = {
  may: ({ session }: Frame) => mayRecordOutcome(session), forbidden: MANAGERS,
};
export const concludes = {
  may: ({ session }: Frame) => isRegisteredManager(session),
  forbidden: 'The registered manager does this. You are signed in without that role.',
};

export const findNotice = (event: NotifiableEvent | undefined, noticeId: string) =>
  event?.notices.find((notice) => notice.noticeId === noticeId);

export function noticeRows(notice: Notice | undefined, event: NotifiableEvent, frame: Frame): Content {
  if (!notice) return html`<p class="govuk-body">The event has no such notice.</p>`;
  const contacts = frame.names.bodyRecord(notice.bodyId)?.contacts ?? [];
  const reach = contacts.filter(({ address }) => address !== '');
  const rows: (SummaryRow | false)[] = [
    { key: 'Recipient', value: noticeWords(notice, event.kinds.length > 1) },
    { key: 'Body', value: bodyWords(notice, frame.names) },
    { key: 'Channel', value: howItGoes(notice) },
    reach.length > 0 && {
      key: 'How to reach it',
      value: html`${reach.map(({ channel, address }) => html`
        <span class="app-line">${channelWords(channel)}: ${address}</span>`)}`,
    },
    { key: 'Due', value: moment(notice.dueTime) },
    { key: 'State', value: noticeTags(notice, frame.now()) },
  ];
  return summaryList(rows);
}
