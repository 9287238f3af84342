// What people do with an allegation on its way: here its follow-up, and what changes the record itself.

import { html } from 'lit-html';
import { linkKindWords, LINKS, partyWords } from '../allegation_words';
import { allegations } from '../api';
import { violationSentence, type FieldViolation } from '../errors';
import { EnumField, longText, shortText } from '../forms/questions';
import type { Allegation } from '../generated/fosterwatch/allegations/v1/allegation_pb';
import type { Frame, Page } from '../page';
import { paths, type AllegationForm } from '../router';
import { link, type Content } from '../ui/html';
import { codeWords, fieldWords } from '../words';
import { aboutAllegation, closes, records, works } from './about_allegation';
import { PATHWAY_QUESTIONS } from './allegation_pathway_forms';
import { carerField, childField, personField } from './picks';
import {
  CLOSERS, ifShown, MANAGERS, questionPage, RECORDERS, type Question,
} from './question_page';

// By the last part of their address.
const QUESTIONS: Record<AllegationForm, Question<Allegation>> = {
  ...PATHWAY_QUESTIONS,
  review: {
    heading: 'Begin the agency’s review',
    submit: 'Begin the review',
    done: 'The agency’s review has begun.',
    may: works,
    forbidden: MANAGERS,
    intro: () => html`<p class="govuk-body">From now on the agency works through what the conclusion means
      for the carer or the member of staff.</p>`,
    fields: () => ({
      fields: [],
      send: (requestId, allegationId) =>
        allegations.startAgencyReview({ requestId, allegationId }),
    }),
  },
  learning: {
    heading: 'Record what was learnt',
    submit: 'Record the learning',
    done: 'The learning is recorded.',
    may: works,
    forbidden: MANAGERS,
    fields: (frame) => {
      const learning = longText({
        name: 'learning',
        label: 'What was learnt?',
        subject: 'What was learnt',
        hint: 'It also closes the checklist’s item “learning”. Said again, the last stands.',
        required: 'Enter what was learnt',
        path: 'learning',
      });
      const action = longText({
        name: 'action',
        label: 'What will be done about it?',
        subject: 'What will be done about it',
        hint: 'It becomes an item of the checklist. The allegation cannot be closed without one.',
        conditional: true,
        path: 'action',
        lines: 3,
        maxLength: 2000,
      });
      const owner = personField(frame, {
        name: 'owner',
        label: 'Who will do it?',
        subject: 'Who will do it',
        conditional: true,
        path: 'action_owner_id',
      });
      return {
        fields: [learning, action, owner],
        send: (requestId, allegationId) => allegations.recordLearning({
          requestId,
          allegationId,
          learning: learning.value.trim(),
          action: action.value.trim(),
          actionOwnerId: owner.value,
        }),
      };
    },
  },
  item: {
    heading: 'Add an item to the checklist',
    submit: 'Add the item',
    done: 'The item is added.',
    may: works,
    forbidden: MANAGERS,
    fields: (frame) => {
      const description = longText({
        name: 'description',
        label: 'What is to be done?',
        subject: 'What is to be done',
        required: 'Enter what is to be done',
        path: 'description',
        lines: 3,
        maxLength: 2000,
      });
      const owner = personField(frame, {
        name: 'owner',
        label: 'Who will do it?',
        subject: 'Who will do it',
        required: 'Enter who will do it',
        path: 'owner_id',
      });
      return {
        fields: [description, owner],
        send: (requestId, allegationId) => allegations.addChecklistItem({
          requestId, allegationId, description: description.value.trim(), ownerId: owner.value,
        }),
      };
    },
  },
  close: {
    heading: 'Close the allegation',
    submit: 'Close the allegation',
    done: 'The allegation is closed.',
    may: closes,
    forbidden: CLOSERS,
    intro: () => html`<p class="govuk-body">It can be closed when every item of the checklist is closed,
      everybody who is to be told is told, what was learnt is recorded with what will be done about it,
      and linked events are concluded. If anything is missing you are told all of it.</p>`,
    explain: missingWords,
    fields: () => {
      const summary = longText({
        name: 'summary',
        label: 'Summary for the confidential file',
        subject: 'The summary',
        hint: 'A clear summary of the allegation, how it was followed up, what was decided and done.',
        required: 'Enter the summary',
        path: 'summary',
      });
      return {
        fields: [summary],
        send: (requestId, allegationId) => allegations.closeAllegation({
          requestId, allegationId, summary: summary.value.trim(),
        }),
      };
    },
  },
  reopen: {
    heading: 'Reopen the allegation',
    submit: 'Reopen the allegation',
    done: 'The allegation is open again.',
    may: closes,
    forbidden: CLOSERS,
    intro: () => html`<p class="govuk-body">It goes back to the investigation, and the designated officer
      concludes anew. What was done before stays.</p>`,
    fields: () => {
      const reason = longText({
        name: 'reason',
        label: 'Why?',
        subject: 'The reason',
        required: 'Enter why it is reopened',
        path: 'reason',
        lines: 3,
      });
      return {
        fields: [reason],
        send: (requestId, allegationId) => allegations.reopenAllegation({
          requestId, allegationId, reason: reason.value.trim(),
        }),
      };
    },
  },
  amend: {
    heading: 'Add to the allegation',
    submit: 'Add it',
    done: 'The addition is recorded.',
    may: records,
    forbidden: RECORDERS,
    read: ({ names }) => Promise.all([names.ensureAllChildren(), names.ensureAllCarers()]),
    intro: () => html`<p class="govuk-body">What was said first stays as it was. Give at least one of
      these.</p>`,
    fields: (frame, allegation) => {
      const unnamed = () => !allegation()?.carerId && !allegation()?.personId;
      const addition = longText({
        name: 'addition',
        label: 'What is to be added?',
        subject: 'What is to be added',
        conditional: true,
        path: 'addition',
      });
      const carer = carerField(frame, {
        name: 'carer',
        label: 'Which foster carer is it about?',
        subject: 'The carer',
        conditional: true,
        path: 'carer_id',
        shown: unnamed,
      });
      const person = personField(frame, {
        name: 'person',
        label: 'Or which member of staff?',
        subject: 'The member of staff',
        conditional: true,
        path: 'person_id',
        shown: unnamed,
      });
      const child = childField(frame, {
        name: 'child',
        label: 'Which child is concerned?',
        subject: 'The child',
        conditional: true,
        path: 'child_id',
        shown: () => !allegation()?.childId,
      });
      const reason = longText({
        name: 'reason',
        label: 'How is that known?',
        subject: 'The reason',
        required: 'Enter how that is known',
        path: 'reason',
        lines: 3,
      });
      return {
        fields: [addition, carer, person, child, reason],
        send: (requestId, allegationId) => allegations.amendAllegation({
          requestId,
          allegationId,
          addition: addition.value.trim(),
          carerId: ifShown(carer, carer.value),
          personId: ifShown(person, person.value),
          childId: ifShown(child, child.value),
          reason: reason.value.trim(),
        }),
      };
    },
  },
  subject: {
    heading: 'Correct whom it is about',
    submit: 'Correct it',
    done: 'It is corrected. What was recorded first stays readable.',
    may: works,
    forbidden: MANAGERS,
    read: ({ names }) => names.ensureAllCarers(),
    intro: () => html`<p class="govuk-body">Where somebody else was recorded. A member of staff whom it
      is about finds it no more; one whom it is not about is no longer kept from it. Alerts that are out
      go out again. Name one of the two.</p>`,
    fields: (frame) => {
      const carer = carerField(frame, {
        name: 'carer',
        label: 'Which foster carer is it about?',
        subject: 'The carer',
        conditional: true,
        path: 'carer_id',
      });
      const person = personField(frame, {
        name: 'person',
        label: 'Or which member of staff?',
        subject: 'The member of staff',
        conditional: true,
        path: 'person_id',
      });
      const reason = longText({
        name: 'reason',
        label: 'Why?',
        subject: 'The reason',
        required: 'Enter why it is corrected',
        path: 'reason',
        lines: 3,
      });
      return {
        fields: [carer, person, reason],
        send: (requestId, allegationId) => allegations.amendAllegation({
          requestId,
          allegationId,
          correctsSubject: true,
          carerId: carer.value,
          personId: person.value,
          reason: reason.value.trim(),
        }),
      };
    },
  },
  link: {
    heading: 'Link another record',
    submit: 'Link it',
    done: 'The record is linked.',
    may: records,
    forbidden: RECORDERS,
    fields: () => {
      const kind = new EnumField({
        name: 'kind',
        label: 'What kind of record?',
        subject: 'The kind of record',
        required: 'Select what kind of record it is',
        path: 'link.kind',
        values: LINKS,
        words: linkKindWords,
      });
      const linked = shortText({
        name: 'linked',
        label: 'Its number',
        subject: 'Its number',
        hint: 'As its page shows it.',
        required: 'Enter its number',
        path: 'link.id',
        maxLength: 64,
      });
      return {
        fields: [kind, linked],
        send: (requestId, allegationId) => allegations.linkAllegation({
          requestId, allegationId, link: { kind: kind.chosen, id: linked.value.trim() },
        }),
      };
    },
  },
};

// What stands in the way of closing, with the way to it.
function missingWords(violation: FieldViolation, allegation: Allegation | undefined): Content {
  const allegationId = allegation?.allegationId ?? '';
  const [, what = '', code = ''] = /^(\w+)(?:\[([^\]]*)\])?/.exec(violation.field) ?? [];
  switch (what) {
    case 'checklist': {
      const item = allegation?.checklist.find((each) =>
        each.code === code || each.action?.actionId === code);
      const text = `The item “${item?.action?.description ?? codeWords(code)}” is still open`;
      return item?.action
        ? link(paths.checklistItem(allegationId, item.action.actionId, 'close'), text) : text;
    }
    case 'tellings':
      return link(paths.tellOutcome(allegationId, code),
        `${partyWords(code)}: the outcome has not been told`);
    case 'learning':
      return link(paths.allegationForm(allegationId, 'learning'), 'What was learnt is not recorded');
    case 'learning_action':
      return link(paths.allegationForm(allegationId, 'learning'),
        'Nothing is to be done about what was learnt');
    case 'event':
      return link(paths.event(code), 'A linked event is still open');
    case 'referral':
      return link(paths.allegationForm(allegationId, 'refer'),
        'It has not been referred to the designated officer');
    case 'agency_review':
      return link(paths.allegationForm(allegationId, 'review'), 'The agency’s review has not begun');
    case 'subject':
      return link(paths.allegationForm(allegationId, 'amend'), 'Nobody has said whom it is about');
    case 'conclusion':
      return link(paths.allegationForm(allegationId, 'conclusion'),
        'The designated officer’s conclusion is not recorded');
    default:
      return violationSentence(fieldWords(violation.field), violation.description);
  }
}

export const allegationFormPage = (frame: Frame, allegationId: string, form: AllegationForm): Page =>
  questionPage(frame, aboutAllegation(frame, allegationId), QUESTIONS[form]);
