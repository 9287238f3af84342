// From an application to an approval, its terms, and what the carer answers to a proposal.

import { html, nothing } from 'lit-html';
import { carerApproval, carers } from '../api';
import {
  answerWords, bodyWords, carerKindWords, decisionOutcomeWords, matterWords, PLACEMENT_KINDS,
  placementKindWords, sexWords,
} from '../carer_words';
import { RadiosField, type Field } from '../forms/field';
import { Form } from '../forms/form';
import {
  EnumField, EnumsField, longText, NumberField, pastDay, pastMoment, shortText, YesNoField,
} from '../forms/questions';
import {
  Decision_Outcome, DecisionAnswer_Kind, Matter, Recommendation_Body,
} from '../generated/fosterwatch/carers/v1/approval_pb';
import { Carer_Kind, type Carer } from '../generated/fosterwatch/carers/v1/carer_pb';
import type { CarerPolicy } from '../generated/fosterwatch/carers/v1/carer_policy_pb';
import { FosterParent_Sex } from '../generated/fosterwatch/carers/v1/register_pb';
import type { Frame, Page } from '../page';
import { paths, type CarerForm } from '../router';
import { parentWords } from '../ui/carers';
import { codeWords } from '../words';
import { aboutCarer } from './about_carer';
import { FormPage } from './form_page';
import { personField } from './picks';
import { ifShown, MANAGERS, questionPage, RECORDERS, type Question } from './question_page';
import { mayRecord, mayWorkCase } from './rights';

const records = { may: ({ session }: Frame) => mayRecord(session), forbidden: RECORDERS };
const works = { may: ({ session }: Frame) => mayWorkCase(session), forbidden: MANAGERS };

// How many, of which age, in which kind of placement.
function termsQuestions(shown: () => boolean = () => true) {
  const max = new NumberField({
    name: 'max-children', label: 'How many children at a time?', subject: 'The number of children',
    hint: 'Leave it empty where the terms set none.', conditional: true, path: 'terms.max_children',
    shown,
  });
  const min = new NumberField({
    name: 'min-age', label: 'From which age?', subject: 'The lowest age', conditional: true,
    hint: 'In whole years. Leave both empty for any age.', path: 'terms.min_age', shown,
  });
  const upTo = new NumberField({
    name: 'max-age', label: 'To which age?', subject: 'The highest age', conditional: true,
    path: 'terms.max_age', shown,
  });
  const kinds = new EnumsField({
    name: 'placement-kinds', label: 'For which kinds of placement?', subject: 'The kind of placement',
    hint: 'Select none for any kind.', conditional: true, path: 'terms.placement_kinds',
    values: PLACEMENT_KINDS, words: placementKindWords, shown,
  });
  return {
    fields: [max, min, upTo, kinds] as readonly Field[],
    terms: () => ({
      maxChildren: max.number, minAge: min.number, maxAge: upTo.number, placementKinds: kinds.chosen,
    }),
  };
}

// One foster parent, or two; more are recorded as particulars again.
function particularsQuestions() {
  const address = longText({
    name: 'address', label: 'Address of the household', subject: 'The address',
    required: 'Enter the address', path: 'particulars.address', lines: 3, maxLength: 500,
  });
  const parent = (number: 1 | 2) => {
    const who = number === 1 ? 'first' : 'second';
    const named = () => number === 1 || name.value.trim() !== '';
    const name = shortText({
      name: `${who}-name`, label: `Name of the ${who} foster parent`, subject: 'The name',
      ...number === 1 ? { required: 'Enter the name of the first foster parent' } : {},
      path: `particulars.foster_parents[${number - 1}].name`, width: 30,
    });
    const birth = shortText({
      name: `${who}-birth`, label: `Date of birth of the ${who} foster parent`,
      subject: 'The date of birth', hint: 'For example, 1980-03-27.',
      required: `Enter the date of birth of the ${who} foster parent`,
      path: `particulars.foster_parents[${number - 1}].birth_date`, width: 10, shown: named,
    });
    const sex = new EnumField({
      name: `${who}-sex`, label: `Sex of the ${who} foster parent`, subject: 'The sex',
      required: `Select the sex of the ${who} foster parent`,
      path: `particulars.foster_parents[${number - 1}].sex`,
      values: [FosterParent_Sex.FEMALE, FosterParent_Sex.MALE], words: sexWords, shown: named,
    });
    return { name, fields: [name, birth, sex] as readonly Field[], value: () => ({
      name: name.value.trim(), birthDate: ifShown(birth, birth.value), sex: sex.chosen,
    }) };
  };
  const first = parent(1);
  const second = parent(2);
  return {
    fields: [address, ...first.fields, ...second.fields],
    particulars: (carer: Carer | undefined) => ({
      address: address.value.trim(),
      fosterParents: [first, second].filter(({ name }) => name.value.trim() !== '')
        .map(({ value }, index) => ({
          ...value(), fosterParentId: carer?.fosterParents[index]?.fosterParentId ?? '',
        })),
    }),
  };
}

function informationQuestion(): Question<Carer> {
  // As it was read last.
  let policy: CarerPolicy | undefined;
  return {
    ...records,
    heading: 'Record a piece of information',
    submit: 'Record it',
    done: 'The information is recorded.',
    read: async () => {
      policy = await carers.getCarerPolicy({});
    },
    fields: (frame, carer) => {
      const item = new RadiosField({
        name: 'item', label: 'Which piece of Schedule 3?', subject: 'The piece of information',
        hint: 'Those that are still missing.', required: 'Select which piece', path: 'code',
        choices: () => (carer()?.application?.missing ?? []).map((missing) => {
          const [code = '', parent = ''] = missing.split('/');
          const text = policy?.information.find((each) => each.code === code)?.text ?? codeWords(code);
          return { value: missing, text: parent ? `${text}: ${parentWords(carer(), parent)}` : text };
        }),
      });
      const obtained = pastDay(frame.now(), {
        name: 'obtained', label: 'When was it obtained?', subject: 'The day on which it was obtained',
        required: 'Enter when it was obtained', path: 'obtained_date',
      });
      const note = longText({
        name: 'note', label: 'Where is it kept, what does it say in short?', subject: 'The note',
        path: 'note', lines: 3, maxLength: 2000,
      });
      return {
        fields: [item, obtained, note],
        send: (requestId, carerId) => {
          const [code = '', fosterParentId = ''] = item.value.split('/');
          return carerApproval.recordInformation({
            requestId, carerId, code, fosterParentId, obtainedDate: obtained.value,
            note: note.value.trim(),
          });
        },
      };
    },
  };
}

export const APPROVAL_QUESTIONS = {
  information: informationQuestion(),
  'stage-two': {
    ...works,
    heading: 'Begin stage 2 of the assessment',
    submit: 'Begin stage 2',
    done: 'Stage 2 has begun.',
    fields: (frame) => {
      const begun = pastDay(frame.now(), {
        name: 'begun', label: 'When did it begin?', subject: 'The day on which it began',
        required: 'Enter when it began', path: 'begun_date',
      });
      return {
        fields: [begun],
        send: (requestId, carerId) =>
          carerApproval.beginStageTwo({ requestId, carerId, begunDate: begun.value }),
      };
    },
  },
  recommendation: {
    ...works,
    heading: 'Record a recommendation',
    submit: 'Record the recommendation',
    done: 'The recommendation is recorded. The decision maker’s clock runs.',
    fields: (frame) => {
      const body = new EnumField({
        name: 'body', label: 'Whose?', subject: 'Whose it is', required: 'Select whose it is',
        path: 'body', words: bodyWords,
        values: [Recommendation_Body.FOSTERING_PANEL, Recommendation_Body.REVIEW_MECHANISM],
      });
      const matter = new EnumField({
        name: 'matter', label: 'About what?', subject: 'What it is about',
        required: 'Select what it is about', path: 'matter', words: matterWords,
        values: [Matter.APPROVAL, Matter.REVIEW, Matter.TERMS, Matter.TERMINATION],
      });
      const met = pastDay(frame.now(), {
        name: 'met', label: 'When did they meet?', subject: 'The day of the meeting',
        required: 'Enter when they met', path: 'meeting_date',
      });
      const minutes = pastMoment(frame.now(), {
        name: 'minutes', label: 'When did the decision maker have the recommendation and the minutes?',
        subject: 'The time when the decision maker had them',
        required: 'Enter when the decision maker had them', path: 'minutes_received_time',
      });
      const members = longText({
        name: 'members', label: 'Who took part?', subject: 'Who took part',
        hint: 'The numbers of the members, as your staff list or panel list has them: one on each line.',
        required: 'Enter who took part', path: 'member_ids', lines: 4, maxLength: 2000,
      });
      const suitable = new YesNoField({
        name: 'suitable', label: 'Are they suitable to foster?', subject: 'Whether they are suitable',
        required: 'Select whether they are suitable', path: 'suitable',
      });
      const asked = termsQuestions(() => suitable.isYes);
      const reasons = longText({
        name: 'reasons', label: 'With which reasons?', subject: 'The reasons',
        required: 'Enter the reasons', path: 'reasons',
      });
      return {
        fields: [body, matter, met, members, minutes, suitable, ...asked.fields, reasons],
        send: (requestId, carerId) => carerApproval.recordRecommendation({
          requestId,
          carerId,
          body: body.chosen,
          matter: matter.chosen,
          meetingDate: met.value,
          memberIds: members.value.split(/\s+/).filter((id) => id !== ''),
          minutesReceivedTime: minutes.timestamp(),
          suitable: suitable.isYes,
          ...suitable.isYes ? { terms: asked.terms() } : {},
          reasons: reasons.value.trim(),
        }),
      };
    },
  },
  decision: {
    ...works,
    heading: 'Record a decision',
    submit: 'Record the decision',
    done: 'The decision is recorded. Tell it by word of mouth and in writing.',
    fields: (frame) => {
      const outcome = new EnumField({
        name: 'outcome', label: 'What was decided?', subject: 'The decision',
        hint: 'What is proposed may be answered for 28 days before it is confirmed.',
        required: 'Select what was decided', path: 'outcome', words: decisionOutcomeWords,
        values: [
          Decision_Outcome.APPROVED, Decision_Outcome.CONTINUED, Decision_Outcome.REFUSAL_PROPOSED,
          Decision_Outcome.TERMINATION_PROPOSED, Decision_Outcome.TERMS_PROPOSED,
          Decision_Outcome.CONFIRMED, Decision_Outcome.NOT_PURSUED,
        ],
      });
      const maker = personField(frame, {
        name: 'maker', label: 'Who decided?', subject: 'The decision maker',
        hint: 'Nobody of the panel.', required: 'Enter who decided', path: 'decision_maker_id',
      });
      const decided = pastMoment(frame.now(), {
        name: 'decided', label: 'When?', subject: 'The time of the decision', required: 'Enter when',
        path: 'decided_time',
      });
      const asked = termsQuestions(() => outcome.chosen === Decision_Outcome.APPROVED
        || outcome.chosen === Decision_Outcome.TERMS_PROPOSED);
      const reasons = longText({
        name: 'reasons', label: 'With which reasons?', subject: 'The reasons',
        required: 'Enter the reasons', path: 'reasons',
      });
      return {
        fields: [outcome, maker, decided, ...asked.fields, reasons],
        send: (requestId, carerId) => carerApproval.recordDecision({
          requestId,
          carerId,
          outcome: outcome.chosen,
          decisionMakerId: maker.value,
          decidedTime: decided.timestamp(),
          ...asked.fields[0]!.shown ? { terms: asked.terms() } : {},
          reasons: reasons.value.trim(),
        }),
      };
    },
  },
  particulars: {
    ...records,
    heading: 'Record other particulars',
    submit: 'Record them',
    done: 'The particulars are recorded. What was said before stays in the register.',
    intro: (carer) => carer.fosterParents.length > 2
      ? html`<p class="govuk-body">The household has more than two foster parents: these are its first
        two.</p>` : nothing,
    fields: (frame, carer) => {
      const asked = particularsQuestions();
      const from = pastDay(frame.now(), {
        name: 'from', label: 'From when is it true?', subject: 'The day from which it is true',
        required: 'Enter from when it is true', path: 'effective_date',
      });
      return {
        fields: [...asked.fields, from],
        send: (requestId, carerId) => carers.recordParticulars({
          requestId, carerId, particulars: asked.particulars(carer()), effectiveDate: from.value,
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
        send: (requestId, carerId) => carerApproval.changeTerms({
          requestId, carerId, terms: asked.terms(), effectiveDate: from.value, agreedDate: agreed.value,
        }),
      };
    },
  },
  withdraw: {
    ...records,
    heading: 'Record that the application was withdrawn',
    submit: 'Record it',
    done: 'The application is withdrawn.',
    fields: (frame) => {
      const withdrawn = pastDay(frame.now(), {
        name: 'withdrawn', label: 'When?', subject: 'The day on which it was withdrawn',
        required: 'Enter when', path: 'withdrawn_date',
      });
      const reason = longText({
        name: 'reason', label: 'Why?', subject: 'The reason', required: 'Enter why', path: 'reason',
        lines: 3,
      });
      return {
        fields: [withdrawn, reason],
        send: (requestId, carerId) => carerApproval.withdrawApplication({
          requestId, carerId, withdrawnDate: withdrawn.value, reason: reason.value.trim(),
        }),
      };
    },
  },
} satisfies Partial<Record<CarerForm, Question<Carer>>>;

export const recordApplicationPage = (frame: Frame): Page => new FormPage(frame, {
  section: 'carers',
  heading: 'Record an application to foster',
  back: { href: paths.carers(), text: 'Carers' },
  instead: () => mayRecord(frame.session) ? undefined : RECORDERS,
  concerns: ({ topic }) => topic.includes('.carers.'),
  form: (page) => {
    const number = shortText({
      name: 'carer-id', label: 'Number of the carer', subject: 'The number',
      hint: 'As your case system has it, for example F-0031.', required: 'Enter the number',
      path: 'carer_id', width: 10, maxLength: 64,
    });
    const kind = new EnumField({
      name: 'kind', label: 'What kind of carer?', subject: 'The kind of carer',
      required: 'Select what kind of carer', path: 'kind', words: carerKindWords,
      values: [Carer_Kind.MAINSTREAM, Carer_Kind.CONNECTED],
    });
    const asked = particularsQuestions();
    const received = pastDay(frame.now(), {
      name: 'received', label: 'When was the application received?',
      subject: 'The day on which it was received', required: 'Enter when it was received',
      path: 'received_date',
    });
    const elsewhere = new YesNoField({
      name: 'elsewhere', label: 'Were they foster parents elsewhere in the twelve months before?',
      subject: 'Whether they fostered elsewhere', required: 'Select whether they fostered elsewhere',
      path: 'fostered_elsewhere',
    });
    return new Form({
      fields: [number, kind, ...asked.fields, received, elsewhere],
      submit: 'Record the application',
      send: async (requestId) => {
        const { carerId } = await carerApproval.recordApplication({
          requestId,
          carerId: number.value.trim(),
          kind: kind.chosen,
          particulars: asked.particulars(undefined),
          receivedDate: received.value,
          fosteredElsewhere: elsewhere.isYes,
        });
        page.done('The application is recorded.', paths.carer(carerId));
      },
    });
  },
});

export const decisionToldPage = (
  frame: Frame, carerId: string, decisionId: string, written: boolean,
): Page => questionPage(frame, aboutCarer(frame, carerId), {
  ...records,
  heading: written ? 'Record that the decision was told in writing'
    : 'Record that the decision was told by word of mouth',
  submit: 'Record it',
  done: 'It is recorded.',
  fields: (form) => {
    const given = pastMoment(form.now(), {
      name: 'given', label: 'When?', subject: 'The time when it was told', required: 'Enter when',
      path: 'given_time',
    });
    return {
      fields: [given],
      send: (requestId) => carerApproval.giveDecisionNotice({
        requestId, carerId, decisionId, written, givenTime: given.timestamp(),
      }),
    };
  },
});

export const decisionAnswerPage = (frame: Frame, carerId: string, decisionId: string): Page =>
  questionPage(frame, aboutCarer(frame, carerId), {
    ...records,
    heading: 'Record the answer to a proposal',
    submit: 'Record the answer',
    done: 'The answer is recorded.',
    fields: (form) => {
      const kind = new EnumField({
        name: 'kind', label: 'What is the answer?', subject: 'The answer',
        required: 'Select what the answer is', path: 'kind', words: answerWords,
        values: [
          DecisionAnswer_Kind.AGREED, DecisionAnswer_Kind.REPRESENTATIONS,
          DecisionAnswer_Kind.INDEPENDENT_REVIEW,
        ],
      });
      const received = pastMoment(form.now(), {
        name: 'received', label: 'When was it received?', subject: 'The time when it was received',
        required: 'Enter when it was received', path: 'received_time',
      });
      const note = longText({
        name: 'note', label: 'Note', subject: 'The note', path: 'note', lines: 3,
      });
      return {
        fields: [kind, received, note],
        send: (requestId) => carerApproval.recordDecisionAnswer({
          requestId, carerId, decisionId, kind: kind.chosen, receivedTime: received.timestamp(),
          note: note.value.trim(),
        }),
      };
    },
  });
