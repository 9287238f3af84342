// Recording a decision not to notify, and agreeing to one.

import { html, nothing, type TemplateResult } from 'lit-html';
import { decisions } from '../api';
import { CheckboxesField, TextField } from '../forms/field';
import { Form } from '../forms/form';
import { MomentField, partsOf } from '../forms/moment_field';
import { PickField } from '../forms/pick_field';
import type { WatchResponse } from '../generated/fosterwatch/gateway/v1/gateway_service_pb';
import {
  Decision_State, type Decision,
} from '../generated/fosterwatch/notifiable_events/v1/decision_pb';
import type { Frame, Page } from '../page';
import { paths } from '../router';
import { backLink, moment, prose, summaryList, type Content } from '../ui/html';
import { EVENT_KINDS, kindsWords, REPORTED_KINDS } from '../words';
import { drafts } from './drafts';
import { mayAgree, mayRecord } from './rights';

interface Options {
  heading: string;
  back: { href: string; text: string };
  form: (key: string) => Form;
  read: () => Promise<void>;
  intro: () => Content;
  // What there is to say instead of the form.
  instead: () => string | undefined;
}

class DecisionFormPage implements Page {
  readonly section = 'decisions';
  readonly #form: Form;

  constructor(private readonly frame: Frame, private readonly options: Options) {
    // The address names the decision and what is done with it.
    const key = location.pathname;
    this.#form = drafts.take(key, () => ({ form: options.form(key) })).form;
    this.#form.attach(() => frame.update());
  }

  title(): string {
    return this.options.heading;
  }

  hasErrors(): boolean {
    return this.#form.hasErrors;
  }

  concerns(fact: WatchResponse | undefined): boolean {
    return !fact || fact.fact.startsWith('decision_')
      || /\.(placements|carers|directory)\./.test(fact.topic);
  }

  async load(): Promise<void> {
    await Promise.all([this.frame.names.ensureDirectory(), this.options.read()]);
  }

  view(): TemplateResult {
    const { heading, back, instead, intro } = this.options;
    const said = instead();
    return html`
      ${backLink(back.href, back.text)}
      <div class="app-form">
        ${this.#form.summary()}
        <h1 class="govuk-heading-l">${heading}</h1>
        ${said ? html`<p class="govuk-body">${said}</p>` : html`${intro()}${this.#form.view()}`}
      </div>`;
  }
}

export function recordDecisionPage(frame: Frame): Page {
  const { names } = frame;
  return new DecisionFormPage(frame, {
    heading: 'Record a decision not to notify',
    back: { href: paths.decisions(), text: 'Decisions not to notify' },
    read: async () => {
      await Promise.all([names.ensureAllChildren(), names.ensureAllCarers()]);
    },
    instead: () => mayRecord(frame.session) ? undefined
      : 'Caseworkers and managers decide. You are signed in without such a role.',
    intro: () => html`<p class="govuk-body">Where in doubt, report. Nobody outside is told of what is
      recorded here.</p>`,
    form: (key) => {
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
          drafts.drop(key);
          frame.navigate(paths.decision(decisionId), {
            notice: 'The decision is recorded. Another person is to agree.',
          });
        },
      });
    },
  });
}

export function agreeDecisionPage(frame: Frame, decisionId: string): Page {
  let decision: Decision | undefined;
  return new DecisionFormPage(frame, {
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
    form: (key) => {
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
          drafts.drop(key);
          frame.navigate(paths.decision(decisionId), { notice: 'You have agreed.' });
        },
      });
    },
  });
}
