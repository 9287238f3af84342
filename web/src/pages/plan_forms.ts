// What people do with an action plan, one question at a time.

import { html } from 'lit-html';
import { actionPlans } from '../api';
import { endOf } from '../days';
import { DayField } from '../forms/day_field';
import { RadiosField } from '../forms/field';
import { longText } from '../forms/questions';
import type { ActionPlan } from '../generated/fosterwatch/kpis/v1/action_plan_pb';
import { Action_State } from '../generated/fosterwatch/type/v1/action_pb';
import type { Frame, Page } from '../page';
import { paths } from '../router';
import { formatPeriod } from '../time';
import { moment, summaryList } from '../ui/html';
import { personField } from './picks';
import { CLOSERS, MANAGERS, questionPage, type About } from './question_page';
import { mayAnswerForPlan, mayWorkPlan } from './rights';

const aboutPlan = (planId: string): About<ActionPlan> => ({
  section: 'figures',
  id: planId,
  back: { href: paths.plan(planId), text: 'The action plan' },
  read: () => actionPlans.getPlan({ planId }),
  caption: ({ code, firstRedPeriod }) => `Action plan of ${code}, red since ${formatPeriod(firstRedPeriod)}`,
});

const workers = { may: ({ session }: Frame) => mayWorkPlan(session), forbidden: MANAGERS };
const owners = { may: ({ session }: Frame) => mayAnswerForPlan(session), forbidden: CLOSERS };

export const namePlanOwnerPage = (frame: Frame, planId: string): Page =>
  questionPage(frame, aboutPlan(planId), {
    ...owners,
    heading: 'Name who answers for the plan',
    submit: 'Name the owner',
    done: 'The owner is named.',
    fields: () => {
      const owner = personField(frame, {
        name: 'owner',
        label: 'Who answers for it?',
        subject: 'The person',
        hint: 'Type a name, then choose from the list.',
        required: 'Choose who answers for the plan',
        path: 'owner_id',
      });
      return {
        fields: [owner],
        send: (requestId) => actionPlans.namePlanOwner({ requestId, planId, ownerId: owner.value }),
      };
    },
  });

export const addPlanActionPage = (frame: Frame, planId: string): Page =>
  questionPage(frame, aboutPlan(planId), {
    ...workers,
    heading: 'Add an action',
    submit: 'Add the action',
    done: 'The action is added.',
    fields: () => {
      const description = longText({
        name: 'description',
        label: 'What is to be done?',
        subject: 'What is to be done',
        hint: 'No names of children or carers.',
        required: 'Enter what is to be done',
        path: 'description',
        lines: 3,
        maxLength: 2000,
      });
      const owner = personField(frame, {
        name: 'owner',
        label: 'Who will do it?',
        subject: 'The person',
        hint: 'Type a name, then choose from the list.',
        required: 'Choose who will do it',
        path: 'owner_id',
      });
      const due = new DayField({
        name: 'due',
        label: 'By when?',
        subject: 'The day by which it is to be done',
        hint: 'It is due at the end of this day.',
        required: 'Enter by when it is to be done',
        path: 'due_time',
      });
      return {
        fields: [description, owner, due],
        send: (requestId) => {
          const dueTime = endOf(due.value);
          return actionPlans.addAction({
            requestId, planId, description: description.value.trim(), ownerId: owner.value,
            ...dueTime ? { dueTime } : {},
          });
        },
      };
    },
  });

export const closePlanActionPage = (frame: Frame, planId: string, actionId: string): Page =>
  questionPage(frame, aboutPlan(planId), {
    ...workers,
    heading: 'Close an action',
    submit: 'Close the action',
    done: 'The action is closed.',
    intro: (plan) => {
      const action = plan.actions.find((each) => each.actionId === actionId);
      if (!action) return html`<p class="govuk-body">The plan has no such action.</p>`;
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
        label: 'What became of it?',
        subject: 'What became of it',
        required: 'Choose what became of it',
        path: 'dropped',
        choices: () => [
          { value: 'done', text: 'It was done' },
          { value: 'dropped', text: 'It is dropped', hint: 'It will not be done.' },
        ],
      });
      const evidence = longText({
        name: 'evidence',
        label: 'What shows it, or why is it dropped?',
        subject: 'What shows it',
        required: 'Enter what shows that it was done, or why it is dropped',
        path: 'evidence',
        lines: 4,
        maxLength: 2000,
      });
      return {
        fields: [how, evidence],
        send: (requestId) => actionPlans.finishAction({
          requestId, planId, actionId, dropped: how.value === 'dropped',
          evidence: evidence.value.trim(),
        }),
      };
    },
  });

export const reviewPlanPage = (frame: Frame, planId: string): Page =>
  questionPage(frame, aboutPlan(planId), {
    ...owners,
    heading: 'Review the plan',
    submit: 'Record the review',
    done: 'The review is recorded.',
    fields: () => {
      const note = longText({
        name: 'note',
        label: 'How does it stand?',
        subject: 'How it stands',
        hint: 'What has changed, what has not, and what follows.',
        required: 'Enter how the plan stands',
        path: 'note',
        maxLength: 2000,
      });
      const next = new DayField({
        name: 'next',
        label: 'When is it reviewed next?',
        subject: 'The day of the next review',
        hint: 'Empty: as the agency’s policy says.',
        path: 'next_review_time',
      });
      return {
        fields: [note, next],
        send: (requestId) => {
          const nextReviewTime = endOf(next.value);
          return actionPlans.reviewPlan({
            requestId, planId, note: note.value.trim(), ...nextReviewTime ? { nextReviewTime } : {},
          });
        },
      };
    },
  });
