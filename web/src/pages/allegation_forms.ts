// What people do with an allegation on its way.

import { html, nothing } from 'lit-html';
import {
  INVESTIGATIONS, investigationWords, linkKindWords, LINKS, outcomeHint, OUTCOMES, outcomeWords,
  partyWords,
} from '../allegation_words';
import { allegations } from '../api';
import { violationSentence, type FieldViolation } from '../errors';
import { PickField } from '../forms/pick_field';
import {
  channelField, EnumField, EnumsField, longText, pastMoment, shortText,
} from '../forms/questions';
import type { Allegation } from '../generated/fosterwatch/allegations/v1/allegation_pb';
import { Body_Kind } from '../generated/fosterwatch/directory/v1/directory_pb';
import type { Frame, Page } from '../page';
import { paths, type AllegationForm } from '../router';
import { allegationWords } from '../ui/allegations';
import { link, moment, type Content } from '../ui/html';
import { codeWords, fieldWords } from '../words';
import { carerField, childField, personField } from './picks';
import {
  CLOSERS, ifShown, MANAGERS, questionPage, RECORDERS, type About, type Question,
} from './question_page';
import { mayCloseCase, mayRecord, mayWorkCase } from './rights';

export const aboutAllegation = (frame: Frame, allegationId: string): About<Allegation> => ({
  section: 'allegations',
  id: allegationId,
  back: { href: paths.allegation(allegationId), text: 'The allegation' },
  read: async () => {
    const allegation = await allegations.getAllegation({ allegationId });
    await frame.names.ensureCarers([allegation.carerId]);
    return allegation;
  },
  caption: (allegation) => allegationWords(allegation, frame.names),
});

const works = ({ session }: Frame) => mayWorkCase(session);
const records = ({ session }: Frame) => mayRecord(session);
const closes = ({ session }: Frame) => mayCloseCase(session);

// By the last part of their address.
const QUESTIONS: Record<AllegationForm, Question<Allegation>> = {
  refer: {
    heading: 'Record the referral to the designated officer',
    submit: 'Record the referral',
    done: 'The referral is recorded.',
    may: works,
    forbidden: MANAGERS,
    intro: ({ duties }) => {
      const duty = duties.find(({ code }) => code === 'REFERRAL');
      return duty ? html`<p class="govuk-body">It is due ${moment(duty.dueTime)}.</p>` : nothing;
    },
    fields: (frame, allegation) => {
      const { names } = frame;
      const referred = pastMoment(frame.now(), {
        name: 'referred',
        label: 'When was it referred?',
        subject: 'The time of the referral',
        required: 'Enter when it was referred',
        path: 'referred_time',
      });
      const officer = shortText({
        name: 'officer',
        label: 'To whom?',
        subject: 'The designated officer',
        hint: 'The name of the designated officer (LADO).',
        required: 'Enter to whom it was referred',
        path: 'officer_name',
      });
      const body = new PickField({
        name: 'body',
        label: 'Of which local authority?',
        subject: 'The local authority',
        path: 'body_id',
        noun: 'local authority',
        picks: () => names.bodiesKnown()
          .filter(({ kind }) => kind === Body_Kind.LOCAL_AUTHORITY || kind === Body_Kind.DESIGNATED_OFFICER)
          .map(({ bodyId }) => ({ id: bodyId, text: names.body(bodyId) })),
      });
      const channel = channelField({
        name: 'channel',
        label: 'By which channel?',
        subject: 'The channel',
        required: 'Select by which channel it was referred',
        path: 'channel',
      });
      const reference = shortText({
        name: 'reference',
        label: 'The officer’s reference',
        subject: 'The reference',
        path: 'reference',
      });
      const advice = longText({
        name: 'advice', label: 'What did the officer advise?', subject: 'The advice', path: 'advice',
        lines: 3,
      });
      const late = longText({
        name: 'late',
        label: 'Why was it late?',
        subject: 'Why it was late',
        hint: 'Only where it was made after it was due.',
        conditional: true,
        path: 'late_reason',
        lines: 3,
      });
      return {
        fields: [referred, officer, body, channel, reference, advice, late],
        send: (requestId, allegationId) => allegations.referAllegation({
          requestId,
          allegationId,
          referredTime: referred.timestamp(allegation()?.report?.becameAwareTime),
          officerName: officer.value.trim(),
          bodyId: body.value,
          channel: channel.chosen,
          reference: reference.value.trim(),
          advice: advice.value.trim(),
          lateReason: late.value.trim(),
        }),
      };
    },
  },
  meeting: {
    heading: 'Record a strategy meeting',
    submit: 'Record the meeting',
    done: 'The strategy meeting is recorded.',
    may: works,
    forbidden: MANAGERS,
    fields: (frame, allegation) => {
      const held = pastMoment(frame.now(), {
        name: 'held',
        label: 'When was it held?',
        subject: 'The time of the meeting',
        required: 'Enter when it was held',
        path: 'held_time',
      });
      const decisions = longText({
        name: 'decisions',
        label: 'What was decided?',
        subject: 'What was decided',
        required: 'Enter what was decided',
        path: 'decisions',
      });
      return {
        fields: [held, decisions],
        send: (requestId, allegationId) => allegations.recordStrategyMeeting({
          requestId,
          allegationId,
          heldTime: held.timestamp(allegation()?.referral?.referredTime),
          decisions: decisions.value.trim(),
        }),
      };
    },
  },
  investigation: {
    heading: 'Record that the investigation began',
    submit: 'Record the investigation',
    done: 'The investigation is recorded.',
    may: works,
    forbidden: MANAGERS,
    fields: (frame, allegation) => {
      const kinds = new EnumsField({
        name: 'kinds',
        label: 'Which investigations?',
        subject: 'The kind of investigation',
        hint: 'Select all that apply.',
        required: 'Select which investigations',
        path: 'kinds',
        values: INVESTIGATIONS,
        words: investigationWords,
      });
      const started = pastMoment(frame.now(), {
        name: 'started',
        label: 'Since when?',
        subject: 'The time when it began',
        required: 'Enter since when',
        path: 'started_time',
      });
      const lead = shortText({
        name: 'lead', label: 'Who leads it?', subject: 'Who leads it', path: 'lead',
      });
      return {
        fields: [kinds, started, lead],
        send: (requestId, allegationId) => allegations.startInvestigation({
          requestId,
          allegationId,
          kinds: kinds.chosen,
          startedTime: started.timestamp(allegation()?.report?.becameAwareTime),
          lead: lead.value.trim(),
        }),
      };
    },
  },
  conclusion: {
    heading: 'Record the designated officer’s conclusion',
    submit: 'Record the conclusion',
    done: 'The conclusion is recorded. The follow-up checklist is open.',
    may: works,
    forbidden: MANAGERS,
    intro: () => html`<p class="govuk-body">It opens the follow-up checklist: what the agency makes of it
      for the carer or the member of staff.</p>`,
    fields: (frame, allegation) => {
      const outcome = new EnumField({
        name: 'outcome',
        label: 'What did the officer conclude?',
        subject: 'The outcome',
        required: 'Select what the officer concluded',
        path: 'outcome',
        values: OUTCOMES,
        words: outcomeWords,
        hints: outcomeHint,
      });
      const concluded = pastMoment(frame.now(), {
        name: 'concluded',
        label: 'When was that?',
        subject: 'The time of the conclusion',
        required: 'Enter when that was',
        path: 'concluded_time',
      });
      const reasons = longText({
        name: 'reasons',
        label: 'With which reasons?',
        subject: 'The reasons',
        required: 'Enter the reasons',
        path: 'reasons',
      });
      return {
        fields: [outcome, concluded, reasons],
        send: (requestId, allegationId) => allegations.recordOfficerConclusion({
          requestId,
          allegationId,
          outcome: outcome.chosen,
          concludedTime: concluded.timestamp(allegation()?.referral?.referredTime),
          reasons: reasons.value.trim(),
        }),
      };
    },
  },
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
    fields: () => {
      const learning = longText({
        name: 'learning',
        label: 'What was learnt?',
        subject: 'What was learnt',
        hint: 'It also closes the checklist’s item “learning”. Said again, the last stands.',
        required: 'Enter what was learnt',
        path: 'learning',
      });
      return {
        fields: [learning],
        send: (requestId, allegationId) => allegations.recordLearning({
          requestId, allegationId, learning: learning.value.trim(),
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
      everybody who is to be told is told, and what was learnt is recorded. If anything is missing you
      are told all of it.</p>`,
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
