// Recording a decision not to notify, and agreeing to one.

import { html, nothing } from 'lit-html';
import { decisions } from '../api';
import { CheckboxesField, TextField } from '../forms/field';
import { Form } from '../forms/form';
import { MomentField, partsOf } from '../forms/moment_field';
import { PickField } from '../forms/pick_field';
import {
  Decision_State, type Decision,
} from '../generated/fosterwatch/notifiable_events/v1/decision_pb';
import type { Frame, Page } from '../page';
import { paths } from '../router';
import { moment, prose, summaryList } from '../ui/html';
import { EVENT_KINDS, kindsWords, REPORTED_KINDS } from '../words';
import { FormPage, type FormPageOptions } from './form_page';
import { mayAgree, mayRecord } from './rights';

const decisionForm = (frame: Frame, options: Omit<FormPageOptions, 'section' | 'concerns'>) =>
  new FormPage(frame, {
    ...options,
    section: 'decisions',
    concerns: ({ fact, topic }) => fact.startsWith('decision_')
      || /\.(placements|carers|directory)\./.test(topic),
  });

export function recordDecisionPage(frame: Frame): Page {
  const { names } = frame;
  return decisionForm(frame, {
    heading: 'Record a decision not to notify',
    back: { href: paths.decisions(), text: 'Decisions not to notify' },
    read: async () => {
      await Promise.all([names.ensureAllChildren(), names.ensureAllCarers()]);
    },
    instead: () => mayRecord(frame.session) ? undefined
      : 'Caseworkers and managers decide. You are signed in without such a role.',
    intro: () => html`<p class="govuk-body">Where in doubt, report. Nobody outside is told of what is
      recorded here.</p>`,
    form: (page) => {
      const kinds = new CheckboxesField({
        name: 'kinds',
        label: 'Which kinds of event were considered?',
        subject: 'What was considered',
        hint: 'Select all that apply.',
        required: 'Select what was considered',
        path: 'kinds',
        choices: () => REPORTED_KINDS.map(({ code, legal }) => ({ value: code, text: legal })),
      });
      const child = new PickField({
        name: 'child',
        label: 'Which child?',
        subject: 'The child',
        hint: 'Type a name or a number, then choose from the list.',
        conditional: true,
        path: 'child_id',
        noun: 'child',
        picks: () => names.childrenKnown().map(({ childId }) =>
          ({ id: childId, text: names.child(childId) })),
      });
      const carer = new PickField({
        name: 'carer',
        label: 'Which foster carer?',
        subject: 'The carer',
        conditional: true,
        path: 'carer_id',
        noun: 'carer',
        picks: () => names.carersKnown().map(({ carerId }) =>
          ({ id: carerId, text: names.carer(carerId) })),
      });
      const now = partsOf(frame.now());
      const occurred = new MomentField({
        name: 'occurred',
        label: 'When did it happen?',
        subject: 'The time when it happened',
        hint: 'For example, 27 3 2026 and 10:30pm. London time.',
        required: 'Enter when it happened',
        path: 'occurred_time',
      }, { day: now.day, month: now.month, year: now.year });
      const aware = new MomentField({
        name: 'aware',
        label: 'When did the agency become aware?',
        subject: 'The time when the agency became aware',
        required: 'Enter when the agency became aware',
        path: 'became_aware_time',
      }, now);
      const summary = new TextField({
        name: 'summary',
        label: 'What happened?',
        subject: 'What happened',
        required: 'Enter what happened',
        path: 'summary',
        lines: 5,
        maxLength: 20_000,
      });
      const reason = new TextField({
        name: 'reason',
        label: 'Why need nobody be notified?',
        subject: 'The reason',
        hint: 'What it lacks of each kind that was considered. An inspector may read it.',
        required: 'Enter why nobody need be notified',
        path: 'reason',
        lines: 5,
        maxLength: 20_000,
      });
      return new Form({
        fields: [kinds, child, carer, occurred, aware, summary, reason],
        submit: 'Record the decision',
        send: async (requestId) => {
          const { decisionId } = await decisions.recordDecision({
            requestId,
            kinds: EVENT_KINDS.filter(({ code }) => kinds.values.includes(code))
              .map(({ kind }) => kind),
            childId: child.value,
            carerId: carer.value,
            occurredTime: occurred.timestamp(),
            becameAwareTime: aware.timestamp(),
            summary: summary.value.trim(),
            reason: reason.value.trim(),
          });
          page.done('The decision is recorded. Another person is to agree.',
            paths.decision(decisionId));
        },
      });
    },
  });
}

export function agreeDecisionPage(frame: Frame, decisionId: string): Page {
  let decision: Decision | undefined;
  return decisionForm(frame, {
    heading: 'Agree to a decision not to notify',
    back: { href: paths.decision(decisionId), text: 'The decision' },
    read: async () => {
      decision = await decisions.getDecision({ decisionId });
    },
    instead: () => !mayAgree(frame.session) ? 'The registered manager or the deputy agrees.'
      : decision?.decidedBy === frame.session.personId
        ? 'You decided it, so another person agrees.'
      : decision?.state !== Decision_State.TO_AGREE
        ? 'There is nothing to agree to any more.' : undefined,
    intro: () => decision ? summaryList([
      { key: 'Considered as', value: kindsWords(decision.kinds) },
      { key: 'What happened', value: prose(decision.summary) },
      { key: 'Why nobody is notified', value: prose(decision.reason) },
      { key: 'Decided', value: html`${frame.names.person(decision.decidedBy)},
        ${moment(decision.decidedTime)}` },
    ]) : nothing,
    form: (page) => {
      const comment = new TextField({
        name: 'comment',
        label: 'Comment',
        subject: 'The comment',
        path: 'comment',
        lines: 3,
        maxLength: 20_000,
      });
      return new Form({
        fields: [comment],
        submit: 'Agree',
        send: async (requestId) => {
          await decisions.agreeDecision({ requestId, decisionId, comment: comment.value.trim() });
          page.done('You have agreed.');
        },
      });
    },
  });
}
