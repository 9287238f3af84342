// What people do with the parts of an allegation's follow-up: an item of the checklist, somebody who
// is to be told.

import { html } from 'lit-html';
import { partyWords } from '../allegation_words';
import { allegations } from '../api';
import { channelField, longText, pastMoment, YesNoField } from '../forms/questions';
import type { Allegation } from '../generated/fosterwatch/allegations/v1/allegation_pb';
import type { Frame, Page } from '../page';
import { moment, summaryList, type Content } from '../ui/html';
import { aboutAllegation, works } from './about_allegation';
import { personField } from './picks';
import { ifShown, MANAGERS, questionPage } from './question_page';

const itemOf = (allegation: Allegation | undefined, itemId: string) =>
  allegation?.checklist.find(({ action }) => action?.actionId === itemId);

const itemRows = (itemId: string) => (allegation: Allegation, { names }: Frame): Content => {
  const item = itemOf(allegation, itemId);
  return item?.action ? summaryList([
    { key: 'Item', value: item.action.description },
    { key: 'Who', value: names.person(item.action.ownerId) },
    { key: 'Due', value: moment(item.action.dueTime) },
  ]) : html`<p class="govuk-body">The checklist has no such item.</p>`;
};

export const closeItemPage = (frame: Frame, allegationId: string, itemId: string): Page =>
  questionPage(frame, aboutAllegation(frame, allegationId), {
    heading: 'Close an item of the checklist',
    submit: 'Close the item',
    done: 'The item is closed.',
    may: works,
    forbidden: MANAGERS,
    intro: itemRows(itemId),
    fields: () => {
      const how = new YesNoField({
        name: 'how',
        label: 'How is it closed?',
        subject: 'How it is closed',
        required: 'Select how it is closed',
        path: 'dropped',
        yes: 'Dropped: it will not be done',
        no: 'Done',
      });
      const evidence = longText({
        name: 'evidence',
        label: 'What shows that it was done, or why was it dropped?',
        subject: 'The evidence',
        required: 'Enter what shows that it was done, or why it was dropped',
        path: 'evidence',
        lines: 3,
        maxLength: 2000,
      });
      return {
        fields: [how, evidence],
        send: (requestId) => allegations.closeChecklistItem({
          requestId, allegationId, itemId, dropped: how.isYes, evidence: evidence.value.trim(),
        }),
      };
    },
  });

export const assignItemPage = (frame: Frame, allegationId: string, itemId: string): Page =>
  questionPage(frame, aboutAllegation(frame, allegationId), {
    heading: 'Give an item to somebody else',
    submit: 'Give it to them',
    done: 'Somebody else owns the item. Its due time stays.',
    may: works,
    forbidden: MANAGERS,
    intro: itemRows(itemId),
    fields: (form) => {
      const owner = personField(form, {
        name: 'owner',
        label: 'Who will do it?',
        subject: 'Who will do it',
        required: 'Enter who will do it',
        path: 'owner_id',
      });
      return {
        fields: [owner],
        send: (requestId) => allegations.assignChecklistItem({
          requestId, allegationId, itemId, ownerId: owner.value,
        }),
      };
    },
  });

export const tellOutcomePage = (frame: Frame, allegationId: string, party: string): Page =>
  questionPage(frame, aboutAllegation(frame, allegationId), {
    heading: 'Record who was told the outcome',
    submit: 'Record it',
    done: 'It is recorded.',
    may: works,
    forbidden: MANAGERS,
    intro: ({ tellings }) => {
      const telling = tellings.find((each) => each.party === party);
      return telling ? summaryList([
        { key: 'Who', value: partyWords(party) }, { key: 'Due', value: moment(telling.dueTime) },
      ]) : html`<p class="govuk-body">Nobody of that kind is to be told.</p>`;
    },
    fields: (form, allegation) => {
      const told = new YesNoField({
        name: 'told',
        label: 'Were they told?',
        subject: 'Whether they were told',
        required: 'Select whether they were told',
        path: 'not_told',
        no: 'No, and they will not be',
      });
      const when = pastMoment(form.now(), {
        name: 'when',
        label: 'When?',
        subject: 'The time when they were told',
        required: 'Enter when they were told',
        path: 'told_time',
        shown: () => told.isYes,
      });
      const channel = channelField({
        name: 'channel',
        label: 'By which channel?',
        subject: 'The channel',
        required: 'Select by which channel they were told',
        path: 'channel',
        shown: () => told.isYes,
      });
      const reason = longText({
        name: 'reason',
        label: 'Why not?',
        subject: 'The reason',
        required: 'Enter why they are not told',
        path: 'reason',
        lines: 3,
        shown: () => told.value === 'no',
      });
      return {
        fields: [told, when, channel, reason],
        send: (requestId) => allegations.recordOutcomeTold({
          requestId,
          allegationId,
          party,
          notTold: !told.isYes,
          ...told.isYes ? { toldTime: when.timestamp(allegation()?.conclusion?.concludedTime) } : {},
          channel: channel.chosen,
          reason: ifShown(reason, reason.value),
        }),
      };
    },
  });

