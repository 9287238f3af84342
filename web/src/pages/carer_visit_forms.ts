// What is owed on every approved carer, and done: visits, checks, agreements.

import { carerDuties, carers } from '../api';
import { checkWords } from '../carer_words';
import { CheckboxesField, RadiosField } from '../forms/field';
import {
  EnumField, longText, pastDay, pastMoment, shortText, YesNoField,
} from '../forms/questions';
import type { Carer } from '../generated/fosterwatch/carers/v1/carer_pb';
import type { CarerPolicy } from '../generated/fosterwatch/carers/v1/carer_policy_pb';
import { CheckKind } from '../generated/fosterwatch/carers/v1/duties_pb';
import type { Frame, Page } from '../page';
import type { CarerForm } from '../router';
import { prose, summaryList } from '../ui/html';
import { aboutCarer, keeps, readResidents } from './about_carer';
import { parentChoices } from './carer_fields';
import { personField } from './picks';
import { questionPage, type Question } from './question_page';

// Of a check that is of nobody alone.
const HOUSEHOLD = '-';

function visitQuestion(): Question<Carer> {
  let residents: readonly string[] = [];
  return {
    ...keeps,
    heading: 'Record a visit',
    submit: 'Record the visit',
    done: 'The visit is recorded.',
    read: async (frame, carerId) => {
      residents = await readResidents(frame, carerId);
    },
    fields: (frame, carer) => {
      const { names } = frame;
      const when = pastMoment(frame.now(), {
        name: 'when', label: 'When was it?', subject: 'The time of the visit',
        required: 'Enter when it was', path: 'visited_time',
      });
      const visitor = personField(frame, {
        name: 'visitor', label: 'Who visited?', subject: 'Who visited',
        hint: 'Leave it empty if you did.', path: 'visitor_id',
      });
      const kinds = new CheckboxesField({
        name: 'kinds', label: 'What kind of visit was it?', subject: 'The kind of visit',
        hint: 'Select all that apply.', conditional: true, path: 'unannounced',
        choices: () => [
          { value: 'unannounced', text: 'Unannounced' },
          { value: 'supervision', text: 'Supervision' },
          { value: 'home-safety', text: 'The home was inspected for health and safety' },
        ],
      });
      const people = () => [
        ...parentChoices(carer()).map(({ value, text }) => ({ value: `parent ${value}`, text })),
        ...residents.map((childId) => ({ value: `child ${childId}`, text: names.child(childId) })),
      ];
      const seen = new CheckboxesField({
        name: 'seen', label: 'Who was seen?', subject: 'Who was seen', conditional: true,
        path: 'seen', choices: people, shown: () => people().length > 0,
      });
      const alone = new CheckboxesField({
        name: 'alone', label: 'Who of them was seen alone?', subject: 'Who was seen alone',
        conditional: true, choices: () => people().filter(({ value }) => seen.values.includes(value)),
        shown: () => seen.shown && seen.values.length > 0,
      });
      const others = shortText({
        name: 'others', label: 'Who else was seen?', subject: 'Who else was seen', width: 30,
      });
      const notes = longText({
        name: 'notes', label: 'Notes', subject: 'The notes', path: 'notes',
      });
      const finding = longText({
        name: 'finding', label: 'What has to be done because of it?', subject: 'What has to be done',
        hint: 'It becomes an action.', path: 'findings', lines: 2, maxLength: 2000,
      });
      const owner = personField(frame, {
        name: 'owner', label: 'Who will do it?', subject: 'Who will do it',
        required: 'Enter who will do it', path: 'findings.owner_id',
        shown: () => finding.value.trim() !== '',
      });
      return {
        fields: [when, visitor, kinds, seen, alone, others, notes, finding, owner],
        send: (requestId, carerId) => carerDuties.recordVisit({
          requestId,
          carerId,
          visitedTime: when.timestamp(),
          visitorId: visitor.value,
          unannounced: kinds.values.includes('unannounced'),
          supervision: kinds.values.includes('supervision'),
          homeSafety: kinds.values.includes('home-safety'),
          seen: [
            ...(seen.shown ? seen.values : []).map((value) => {
              const [kind = '', id = ''] = value.split(' ');
              return {
                ...kind === 'child' ? { childId: id } : { fosterParentId: id },
                alone: alone.values.includes(value),
              };
            }),
            ...others.value.trim() === '' ? [] : [{ other: others.value.trim() }],
          ],
          notes: notes.value.trim(),
          findings: finding.value.trim() === '' ? []
            : [{ description: finding.value.trim(), ownerId: owner.value }],
        }),
      };
    },
  };
}

function agreementQuestion(): Question<Carer> {
  // As it was read last.
  let policy: CarerPolicy | undefined;
  return {
    ...keeps,
    heading: 'Record the foster care agreement as issued',
    submit: 'Record the agreement',
    done: 'The agreement is recorded as issued.',
    read: async () => {
      policy = await carers.getCarerPolicy({});
    },
    fields: (frame) => {
      const version = shortText({
        name: 'version', label: 'Version of the agency’s text', subject: 'The version',
        required: 'Enter the version of the text', path: 'version', width: 10,
      });
      const items = new CheckboxesField({
        name: 'items', label: 'Which matters of Schedule 5 does it cover?',
        subject: 'What it covers', required: 'Select what it covers', path: 'items_covered',
        choices: () => (policy?.agreement ?? []).map(({ code, text }) => ({ value: code, text })),
      });
      const issued = pastDay(frame.now(), {
        name: 'issued', label: 'When was it issued?', subject: 'The day on which it was issued',
        required: 'Enter when it was issued', path: 'issued_date',
      });
      return {
        fields: [version, items, issued],
        send: (requestId, carerId) => carerDuties.issueAgreement({
          requestId, carerId, version: version.value.trim(), itemsCovered: items.values,
          issuedDate: issued.value,
        }),
      };
    },
  };
}

export const VISIT_QUESTIONS = {
  visit: visitQuestion(),
  agreement: agreementQuestion(),
  'agreement-returned': {
    ...keeps,
    heading: 'Record the agreement as returned',
    submit: 'Record it as returned',
    done: 'The agreement is recorded as returned.',
    fields: (frame, carer) => {
      const returned = pastDay(frame.now(), {
        name: 'returned', label: 'When did it come back?', subject: 'The day on which it came back',
        required: 'Enter when it came back', path: 'returned_date',
      });
      const signed = new CheckboxesField({
        name: 'signed', label: 'Who has signed it?', subject: 'Who has signed it',
        conditional: true, path: 'foster_parent_ids', choices: () => parentChoices(carer()),
        shown: () => (carer()?.fosterParents.length ?? 0) > 0,
      });
      return {
        fields: [returned, signed],
        send: (requestId, carerId) => carerDuties.recordAgreementReturned({
          requestId,
          carerId,
          agreementId: carer()?.agreements.find(({ returnedDate }) => !returnedDate)?.agreementId ?? '',
          returnedDate: returned.value,
          fosterParentIds: signed.shown ? signed.values : [],
        }),
      };
    },
  },
  check: {
    ...keeps,
    heading: 'Record a check',
    submit: 'Record the check',
    done: 'The check is recorded.',
    fields: (frame, carer) => {
      const kind = new EnumField({
        name: 'kind', label: 'Which check?', subject: 'The check', required: 'Select which check',
        path: 'kind', values: [CheckKind.DBS, CheckKind.MEDICAL, CheckKind.TRAINING_STANDARDS],
        words: checkWords,
      });
      const parent = new RadiosField({
        name: 'parent', label: 'Of whom?', subject: 'Whom it is of', required: 'Select whom it is of',
        path: 'foster_parent_id',
        choices: () => [
          ...parentChoices(carer()),
          ...kind.chosen === CheckKind.TRAINING_STANDARDS
            ? [{ value: HOUSEHOLD, text: 'The household together' }] : [],
        ],
        shown: () => (carer()?.fosterParents.length ?? 0) > 0,
      });
      const done = pastDay(frame.now(), {
        name: 'done', label: 'When was it done?', subject: 'The day on which it was done',
        required: 'Enter when it was done', path: 'done_date',
      });
      const reference = shortText({
        name: 'reference', label: 'Reference', subject: 'The reference',
        hint: 'The number of the certificate.', path: 'reference',
      });
      return {
        fields: [kind, parent, done, reference],
        send: (requestId, carerId) => carerDuties.recordCheck({
          requestId,
          carerId,
          kind: kind.chosen,
          fosterParentId: !parent.shown || parent.value === HOUSEHOLD ? '' : parent.value,
          doneDate: done.value,
          reference: reference.value.trim(),
        }),
      };
    },
  },
} satisfies Partial<Record<CarerForm, Question<Carer>>>;

export const closeCarerActionPage = (frame: Frame, carerId: string, actionId: string): Page =>
  questionPage(frame, aboutCarer(frame, carerId), {
    ...keeps,
    heading: 'Close an action',
    submit: 'Close the action',
    done: 'The action is closed.',
    intro: ({ actions }) => summaryList([{
      key: 'Action', value: prose(actions.find((each) => each.actionId === actionId)?.description ?? ''),
    }]),
    fields: () => {
      const how = new YesNoField({
        name: 'how', label: 'How is it closed?', subject: 'How it is closed',
        required: 'Select how it is closed', path: 'dropped', yes: 'Dropped: it will not be done',
        no: 'Done',
      });
      const evidence = longText({
        name: 'evidence', label: 'What shows that it was done, or why was it dropped?',
        subject: 'The evidence', required: 'Enter what shows that it was done, or why it was dropped',
        path: 'evidence', lines: 3, maxLength: 2000,
      });
      return {
        fields: [how, evidence],
        send: (requestId) => carerDuties.closeCarerAction({
          requestId, carerId, actionId, dropped: how.isYes, evidence: evidence.value.trim(),
        }),
      };
    },
  });
