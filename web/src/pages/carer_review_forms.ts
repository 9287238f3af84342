// Reviews: of an approval, with what it looks back on, and of a placement that ended without a plan.

import { html, nothing } from 'lit-html';
import { carerApproval, carerDuties } from '../api';
import { dayOf } from '../days';
import { CheckboxesField } from '../forms/field';
import { longText, pastDay, YesNoField } from '../forms/questions';
import type { Carer } from '../generated/fosterwatch/carers/v1/carer_pb';
import type { Frame, Page } from '../page';
import type { CarerForm } from '../router';
import { formatDay } from '../time';
import { inputsOf, inputsView, readRecorded, type Recorded } from '../ui/review_inputs';
import { id, summaryList } from '../ui/html';
import { aboutCarer, readResidents, works } from './about_carer';
import { personField } from './picks';
import { questionPage, type Question } from './question_page';

function reviewQuestion(): Question<Carer> {
  // As they were read last.
  let residents: readonly string[] = [];
  let recorded: Recorded | undefined;
  return {
    ...works,
    heading: 'Record a review of approval',
    submit: 'Record the review',
    done: 'The review is recorded.',
    read: async (frame, carerId) => {
      [residents, recorded] = await Promise.all([
        readResidents(frame, carerId), readRecorded(carerId),
      ]);
    },
    intro: (carer, frame) => html`<p class="govuk-body">The report of the first review goes to the panel;
      later ones may (regulation 28).</p>
      ${recorded ? inputsView(inputsOf(carer, recorded, dayOf(frame.now()))) : nothing}`,
    fields: (frame, carer) => {
      const held = pastDay(frame.now(), {
        name: 'held', label: 'When was it held?', subject: 'The day of the review',
        required: 'Enter when it was held', path: 'review_date',
      });
      const reviewer = personField(frame, {
        name: 'reviewer', label: 'Who reviewed?', subject: 'Who reviewed',
        required: 'Enter who reviewed', path: 'reviewer_id',
      });
      // Of the household, each child who lives there and who answers for them (regulation 28).
      const authorities = () => [...new Set(residents.map((childId) =>
        frame.names.childRecord(childId)?.responsibleAuthorityId ?? '').filter((id) => id !== ''))];
      const heard = new CheckboxesField({
        name: 'heard', label: 'Whose views were heard?', subject: 'Whose views were heard',
        hint: 'Select all that apply.', conditional: true, path: 'foster_parents_heard',
        choices: () => [
          { value: 'yes', text: 'The foster parents’' },
          ...residents.map((childId) => ({ value: `child ${childId}`, text: frame.names.child(childId) })),
          ...authorities().map((bodyId) => ({ value: `body ${bodyId}`, text: frame.names.body(bodyId) })),
        ],
      });
      const heardOf = (kind: string) => heard.values.filter((value) => value.startsWith(`${kind} `))
        .map((value) => value.slice(kind.length + 1));
      const suitable = new YesNoField({
        name: 'suitable', label: 'Are they still suitable to foster?',
        subject: 'Whether they are still suitable', required: 'Select whether they are still suitable',
        path: 'still_suitable',
      });
      const terms = new YesNoField({
        name: 'terms', label: 'Are the terms of approval still appropriate?',
        subject: 'Whether the terms are appropriate', required: 'Select whether the terms are appropriate',
        path: 'terms_appropriate',
      });
      const report = longText({
        name: 'report', label: 'Report', subject: 'The report', required: 'Enter the report',
        path: 'report',
      });
      const panel = new YesNoField({
        name: 'panel', label: 'Does the report go to the panel?', subject: 'Whether it goes to the panel',
        required: 'Select whether it goes to the panel', path: 'to_panel',
      });
      return {
        fields: [held, reviewer, heard, suitable, terms, report, panel],
        send: (requestId, carerId) => carerApproval.recordReview({
          requestId,
          carerId,
          reviewDate: held.value,
          reviewerId: reviewer.value,
          fosterParentsHeard: heard.values.includes('yes'),
          childIdsHeard: heardOf('child'),
          authorityIdsHeard: heardOf('body'),
          stillSuitable: suitable.isYes,
          termsAppropriate: terms.isYes,
          report: report.value.trim(),
          toPanel: panel.isYes,
          inputs: inputsOf(carer()!, recorded!, held.value).others,
        }),
      };
    },
  };
}

export const REVIEW_QUESTIONS = {
  review: reviewQuestion(),
} satisfies Partial<Record<CarerForm, Question<Carer>>>;

const endingIntro = (placementId: string) => ({ endingReviews }: Carer, { names }: Frame) => {
  const review = endingReviews.find((each) => each.placementId === placementId);
  return review ? summaryList([
    { key: 'Child', value: names.child(review.childId) },
    { key: 'Ended', value: formatDay(review.endDate) },
    { key: 'Reason', value: id(review.reasonCode) },
  ]) : nothing;
};

export const assignEndingReviewPage = (frame: Frame, carerId: string, placementId: string): Page =>
  questionPage(frame, aboutCarer(frame, carerId), {
    ...works,
    heading: 'Who sees to the review of the ending?',
    submit: 'Give it to them',
    done: 'It is recorded who sees to it.',
    intro: endingIntro(placementId),
    fields: (form) => {
      const owner = personField(form, {
        name: 'owner', label: 'Who will see to it?', subject: 'Who will see to it',
        required: 'Enter who will see to it', path: 'owner_id',
      });
      return {
        fields: [owner],
        send: (requestId) => carerDuties.assignEndingReview({
          requestId, carerId, placementId, ownerId: owner.value,
        }),
      };
    },
  });

export const endingReviewPage = (frame: Frame, carerId: string, placementId: string): Page =>
  questionPage(frame, aboutCarer(frame, carerId), {
    ...works,
    heading: 'Record the review of the ending',
    submit: 'Record the review',
    done: 'The review of the ending is recorded.',
    intro: endingIntro(placementId),
    fields: (form) => {
      const held = pastDay(form.now(), {
        name: 'held', label: 'When was it held?', subject: 'The day of the review',
        required: 'Enter when it was held', path: 'held_date',
      });
      const heard = new CheckboxesField({
        name: 'heard', label: 'Who was heard?', subject: 'Who was heard',
        required: 'Select who was heard', path: 'foster_parents_heard',
        choices: () => [
          { value: 'foster-parents', text: 'The foster parents' },
          { value: 'child', text: 'The child' },
          { value: 'authority', text: 'The authority that placed the child' },
        ],
      });
      const learning = longText({
        name: 'learning', label: 'What was learnt?', subject: 'What was learnt',
        required: 'Enter what was learnt', path: 'learning',
      });
      const acts = new YesNoField({
        name: 'acts', label: 'Does anything have to be done?', subject: 'Whether anything has to be done',
        required: 'Select whether anything has to be done', path: 'actions',
      });
      const action = longText({
        name: 'action', label: 'What has to be done?', subject: 'What has to be done', lines: 2,
        required: 'Enter what has to be done', maxLength: 2000, path: 'actions.description',
        shown: () => acts.isYes,
      });
      const owner = personField(form, {
        name: 'owner', label: 'Who will do it?', subject: 'Who will do it',
        required: 'Enter who will do it', path: 'actions.owner_id', shown: () => acts.isYes,
      });
      const none = longText({
        name: 'none', label: 'Why nothing?', subject: 'Why nothing has to be done', lines: 3,
        required: 'Enter why nothing has to be done', path: 'no_action_reason',
        shown: () => acts.value === 'no',
      });
      return {
        fields: [held, heard, learning, acts, action, owner, none],
        send: (requestId) => carerDuties.recordEndingReview({
          requestId,
          carerId,
          placementId,
          heldDate: held.value,
          fosterParentsHeard: heard.values.includes('foster-parents'),
          childHeard: heard.values.includes('child'),
          authorityHeard: heard.values.includes('authority'),
          learning: learning.value.trim(),
          actions: acts.isYes ? [{ description: action.value.trim(), ownerId: owner.value }] : [],
          noActionReason: acts.isYes ? '' : none.value.trim(),
        }),
      };
    },
  });
