// Lines of the register: what is true from a day on, and what was wrong.

import { html, nothing } from 'lit-html';
import { carerApproval, carers } from '../api';
import { DayField } from '../forms/day_field';
import { RadiosField, type Field } from '../forms/field';
import { PickField } from '../forms/pick_field';
import { longText, pastDay, YesNoField } from '../forms/questions';
import type { Carer, RegisterChangeShown } from '../generated/fosterwatch/carers/v1/carer_pb';
import type { Exemption, RegisterChange } from '../generated/fosterwatch/carers/v1/register_pb';
import { Body_Kind } from '../generated/fosterwatch/directory/v1/directory_pb';
import type { Frame, Page } from '../page';
import type { CarerForm } from '../router';
import { formatDay } from '../time';
import { moment, summaryList } from '../ui/html';
import { changeKindWords, changeValueView, mayBeCorrected } from '../ui/register_changes';
import { aboutCarer, keeps, works } from './about_carer';
import { idsField, idsOf, particularsQuestions, termsQuestions } from './carer_fields';
import { questionPage, type Question } from './question_page';

function exemptionQuestions(frame: Frame, path: string, from: readonly Field[] = []) {
  const { names } = frame;
  const siblings = new YesNoField({
    name: 'siblings', label: 'Are all the children brothers and sisters of each other?',
    subject: 'Whether they are brothers and sisters',
    required: 'Select whether they are all brothers and sisters', path: `${path}siblings`,
  });
  const body = new PickField({
    name: 'body', label: 'Which local authority gave it?', subject: 'The local authority',
    required: 'Enter which local authority gave it', path: `${path}body_id`, noun: 'local authority',
    picks: () => names.bodiesKnown().filter(({ kind }) => kind === Body_Kind.LOCAL_AUTHORITY)
      .map(({ bodyId }) => ({ id: bodyId, text: names.body(bodyId) })),
    shown: () => siblings.value === 'no',
  });
  const children = idsField({
    name: 'children', label: 'For which children?', subject: 'The children',
    hint: 'Their numbers, one on each line.', required: 'Enter for which children',
    path: `${path}child_ids`,
  });
  const until = new DayField({
    name: 'until', label: 'What is its last day?', subject: 'The last day',
    hint: 'For example, 27 3 2027. Leave it empty where none is set.', path: `${path}until_date`,
  });
  const reason = longText({
    name: 'exemption-reason', label: 'On which grounds?', subject: 'The grounds',
    required: 'Enter on which grounds', path: `${path}reason`, lines: 3, maxLength: 2000,
  });
  return {
    fields: [siblings, body, children, ...from, until, reason] as readonly Field[],
    exemption: () => ({
      siblings: siblings.isYes,
      bodyId: body.shown ? body.value : '',
      childIds: idsOf(children.value),
      untilDate: until.value,
      reason: reason.value.trim(),
    }),
    fill: (exemption: Exemption) => {
      siblings.value = exemption.siblings ? 'yes' : 'no';
      body.text = names.body(exemption.bodyId);
      children.value = exemption.childIds.join('\n');
      until.fill(exemption.untilDate);
      reason.value = exemption.reason;
    },
  };
}

export const REGISTER_QUESTIONS = {
  particulars: {
    ...keeps,
    heading: 'Record other particulars',
    submit: 'Record them',
    done: 'The particulars are recorded. What was said before stays in the register.',
    fields: (frame) => {
      const asked = particularsQuestions();
      const from = pastDay(frame.now(), {
        name: 'from', label: 'From when is it true?', subject: 'The day from which it is true',
        required: 'Enter from when it is true', path: 'effective_date',
      });
      return {
        fields: [...asked.fields, from],
        begin: asked.fill,
        send: (requestId, carerId) => carers.recordParticulars({
          requestId, carerId, particulars: asked.particulars(), effectiveDate: from.value,
        }),
      };
    },
  },
  terms: {
    ...works,
    heading: 'Record other terms of approval',
    submit: 'Record the terms',
    done: 'The terms are recorded.',
    intro: () => html`<p class="govuk-body">Only where the carer has agreed in writing. Otherwise a decision
      proposes them, and the carer may answer it for 28 days.</p>`,
    fields: (frame) => {
      const asked = termsQuestions();
      const from = pastDay(frame.now(), {
        name: 'from', label: 'From when do they hold?', subject: 'The day from which they hold',
        required: 'Enter from when they hold', path: 'effective_date',
      });
      const agreed = pastDay(frame.now(), {
        name: 'agreed', label: 'When did the carer agree in writing?',
        subject: 'The day on which the carer agreed', required: 'Enter when the carer agreed',
        path: 'agreed_date',
      });
      return {
        fields: [...asked.fields, from, agreed],
        begin: ({ terms }) => {
          const last = terms.at(-1)?.terms;
          if (last) asked.fill(last);
        },
        send: (requestId, carerId) => carerApproval.changeTerms({
          requestId, carerId, terms: asked.terms(), effectiveDate: from.value, agreedDate: agreed.value,
        }),
      };
    },
  },
  exemption: {
    ...works,
    heading: 'Record an exemption from the usual limit',
    submit: 'Record the exemption',
    done: 'The exemption is recorded.',
    intro: () => html`<p class="govuk-body">Nobody fosters more than three children, but for brothers and
      sisters, or where the local authority exempts the carer for named children (Children Act 1989,
      Schedule 7).</p>`,
    fields: (frame) => {
      const from = new DayField({
        name: 'from', label: 'From when?', subject: 'The first day', required: 'Enter from when',
        hint: 'For example, 27 3 2027.', path: 'from_date',
      });
      const asked = exemptionQuestions(frame, '', [from]);
      return {
        fields: asked.fields,
        send: (requestId, carerId) => carerApproval.grantExemption({
          requestId, carerId, ...asked.exemption(), fromDate: from.value,
        }),
      };
    },
  },
} satisfies Partial<Record<CarerForm, Question<Carer>>>;

// What should have stood there, by the kind of line; nothing for a line of which only the day can
// be wrong.
function valueQuestions(frame: Frame, { value }: RegisterChange) {
  switch (value.case) {
    case 'particulars': {
      const asked = particularsQuestions();
      asked.fill(value.value);
      return {
        fields: asked.fields,
        value: () => ({ case: 'particulars' as const, value: asked.particulars() }),
      };
    }
    case 'terms': {
      const asked = termsQuestions();
      asked.fill(value.value);
      return { fields: asked.fields, value: () => ({ case: 'terms' as const, value: asked.terms() }) };
    }
    case 'review': {
      const panel = new YesNoField({
        name: 'panel', label: 'Did its report go to the panel?', subject: 'Whether it went to the panel',
        required: 'Select whether it went to the panel', path: 'review.went_to_panel',
      });
      panel.value = value.value.wentToPanel ? 'yes' : 'no';
      return {
        fields: [panel],
        value: (day: string) => ({
          case: 'review' as const, value: { reviewDate: day, wentToPanel: panel.isYes },
        }),
      };
    }
    case 'carerKind': {
      const connected = new YesNoField({
        name: 'connected', label: 'Were they approved for a child whom they knew already?',
        subject: 'Whether they knew the child', required: 'Select whether they knew the child',
        path: 'carer_kind.connected',
      });
      connected.value = value.value.connected ? 'yes' : 'no';
      return {
        fields: [connected],
        value: () => ({ case: 'carerKind' as const, value: { connected: connected.isYes } }),
      };
    }
    case 'exemption': {
      const asked = exemptionQuestions(frame, 'exemption.');
      asked.fill(value.value);
      return {
        fields: asked.fields,
        value: (day: string) => ({
          case: 'exemption' as const, value: { ...asked.exemption(), fromDate: day },
        }),
      };
    }
    default: return undefined;
  }
}

export function correctRegisterPage(frame: Frame, carerId: string, changeId: string): Page {
  let line: RegisterChangeShown | undefined;
  return questionPage(frame, aboutCarer(frame, carerId), {
    ...works,
    heading: 'Correct a line of the register',
    submit: 'Correct the line',
    done: 'The line is corrected. What it said stays on record as what was known until now.',
    read: async () => {
      const { changes } = await carers.listRegisterChanges({ carerId });
      line = changes.find(({ change }) => change?.changeId === changeId);
    },
    instead: () => !line?.change ? 'The register has no such line of this carer.'
      : !mayBeCorrected(line) ? 'This line stands as it is: it was replaced, or it is the end of an approval.'
        : undefined,
    intro: () => line?.change ? summaryList([
      { key: 'Line', value: changeKindWords(line.change) },
      { key: 'Says', value: changeValueView(line.change) },
      { key: 'True from', value: formatDay(line.change.effectiveDate) },
      { key: 'Learnt', value: moment(line.change.recordedTime) },
    ]) : nothing,
    fields: () => {
      let asked: ReturnType<typeof valueQuestions>;
      const wrong = new RadiosField({
        name: 'wrong', label: 'What is wrong?', subject: 'What is wrong',
        required: 'Select what is wrong', path: 'strike',
        choices: () => [
          ...asked ? [{ value: 'value', text: 'What it says, and perhaps the day' }] : [],
          { value: 'day', text: 'The day alone' },
          ...line?.change?.value.case === 'approvalBegin' || line?.change?.value.case === 'carerKind' ? []
            : [{ value: 'strike', text: 'It should not be there at all' }],
        ],
      });
      const day = new DayField({
        name: 'day', label: 'From when is it true?', subject: 'The day from which it is true',
        required: 'Enter from when it is true', path: 'effective_date',
        shown: () => wrong.value === 'value' || wrong.value === 'day',
      });
      const reason = longText({
        name: 'reason', label: 'Why was it wrong?', subject: 'The reason',
        required: 'Enter why it was wrong', path: 'reason', lines: 3, maxLength: 2000,
      });
      return {
        fields: [wrong, day, reason],
        begin: () => {
          if (!line?.change) return undefined;
          asked = valueQuestions(frame, line.change);
          day.fill(line.change.effectiveDate);
          const fields = (asked?.fields ?? []).map((field) => only(field, () => wrong.value === 'value'));
          return [wrong, ...fields, day, reason];
        },
        send: (requestId) => carers.correctRegister({
          requestId,
          carerId,
          changeId,
          effectiveDate: day.shown ? day.value : '',
          strike: wrong.value === 'strike',
          reason: reason.value.trim(),
          ...wrong.value === 'value' && asked ? { value: asked.value(day.value) } : {},
        }),
      };
    },
  });
}

// Asked only while this holds too.
function only(field: Field, holds: () => boolean): Field {
  const { shown } = field.options;
  field.options.shown = () => holds() && (shown?.() ?? true);
  return field;
}
