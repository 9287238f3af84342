// From an application to its assessment, and the temporary approval of connected persons.

import { html } from 'lit-html';
import { carerApproval, carers } from '../api';
import { carerKindWords } from '../carer_words';
import { RadiosField, type Field } from '../forms/field';
import { Form } from '../forms/form';
import { EnumField, longText, pastDay, shortText, YesNoField } from '../forms/questions';
import { Carer_Kind, type Carer } from '../generated/fosterwatch/carers/v1/carer_pb';
import type { CarerPolicy } from '../generated/fosterwatch/carers/v1/carer_policy_pb';
import type { Frame, Page } from '../page';
import { paths, type CarerForm } from '../router';
import { parentWords } from '../ui/carers';
import { moment } from '../ui/html';
import { codeWords } from '../words';
import { records, works } from './about_carer';
import { particularsQuestions } from './carer_fields';
import { FormPage } from './form_page';
import { childField } from './picks';
import { MANAGERS, RECORDERS, type Question } from './question_page';
import { mayRecord, mayWorkCase } from './rights';

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

const TEMPORARILY = html`<p class="govuk-body">A connected person, for one child, while they are assessed
  (regulation 24 of the Care Planning Regulations 2010). It ends by itself after the weeks of the
  law.</p>`;

function temporaryQuestions(frame: Frame) {
  const child = childField(frame, {
    name: 'child', label: 'For which child?', subject: 'The child', required: 'Enter for which child',
    path: 'child_id',
  });
  const from = pastDay(frame.now(), {
    name: 'from', label: 'From when?', subject: 'The day from which they are approved',
    required: 'Enter from when', path: 'from_date',
  });
  return {
    fields: [child, from] as readonly Field[],
    approval: () => ({ childId: child.value, fromDate: from.value }),
  };
}

export const APPLICATION_QUESTIONS = {
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
  'end-stage-one': {
    ...works,
    heading: 'End the application after stage 1',
    submit: 'End the application',
    done: 'The application has ended. Tell them in writing, with the reasons.',
    intro: () => html`<p class="govuk-body">Where the information of stage 1 shows that they are not suitable
      to foster. They may complain, but there is no review (regulation 26(1A)).</p>`,
    fields: (frame) => {
      const ended = pastDay(frame.now(), {
        name: 'ended', label: 'When was it decided?', subject: 'The day of the decision',
        required: 'Enter when it was decided', path: 'ended_date',
      });
      const reasons = longText({
        name: 'reasons', label: 'With which reasons?', subject: 'The reasons',
        required: 'Enter the reasons', path: 'reasons',
      });
      return {
        fields: [ended, reasons],
        send: (requestId, carerId) => carerApproval.endStageOne({
          requestId, carerId, endedDate: ended.value, reasons: reasons.value.trim(),
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
  'temporary-approval': {
    ...works,
    heading: 'Approve temporarily',
    submit: 'Approve them temporarily',
    done: 'They are temporarily approved, for this child alone.',
    intro: () => TEMPORARILY,
    read: ({ names }) => names.ensureAllChildren(),
    fields: (frame) => {
      const asked = temporaryQuestions(frame);
      return {
        fields: asked.fields,
        send: (requestId, carerId) =>
          carerApproval.approveTemporarily({ requestId, carerId, ...asked.approval() }),
      };
    },
  },
  'extend-temporary-approval': {
    ...works,
    heading: 'Extend the temporary approval',
    submit: 'Extend it',
    done: 'The temporary approval is extended.',
    intro: ({ temporaryApproval }) => html`<p class="govuk-body">It ends
      ${moment(temporaryApproval?.endsTime)}, and can be extended once: where the assessment is likely to
      end after that, or a review of the decision is asked for (regulation 25 of the Care Planning
      Regulations 2010).</p>`,
    fields: () => {
      const reason = longText({
        name: 'reason', label: 'Why?', subject: 'The reason', required: 'Enter why', path: 'reason',
        lines: 3,
      });
      return {
        fields: [reason],
        send: (requestId, carerId) => carerApproval.extendTemporaryApproval({
          requestId, carerId, reason: reason.value.trim(),
        }),
      };
    },
  },
} satisfies Partial<Record<CarerForm, Question<Carer>>>;

const numberField = () => shortText({
  name: 'carer-id', label: 'Number of the carer', subject: 'The number',
  hint: 'As your case system has it, for example F-0031.', required: 'Enter the number',
  path: 'carer_id', width: 10, maxLength: 64,
});

// A household that is temporarily approved goes on by an application: `carerId` is its number.
export const recordApplicationPage = (frame: Frame, carerId: string): Page => new FormPage(frame, {
  section: 'carers',
  heading: 'Record an application to foster',
  back: { href: paths.carers(), text: 'Carers' },
  instead: () => mayRecord(frame.session) ? undefined : RECORDERS,
  concerns: ({ topic }) => topic.includes('.carers.'),
  form: (page) => {
    const number = numberField();
    const kind = new EnumField({
      name: 'kind', label: 'What kind of carer?', subject: 'The kind of carer',
      required: 'Select what kind of carer', path: 'kind', words: carerKindWords,
      values: [Carer_Kind.MAINSTREAM, Carer_Kind.CONNECTED],
    });
    number.value = carerId;
    if (carerId) kind.value = String(Carer_Kind.CONNECTED);
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
        const recorded = await carerApproval.recordApplication({
          requestId,
          carerId: number.value.trim(),
          kind: kind.chosen,
          particulars: asked.particulars(),
          receivedDate: received.value,
          fosteredElsewhere: elsewhere.isYes,
        });
        page.done('The application is recorded.', paths.carer(recorded.carerId));
      },
    });
  },
});

// Of a household that nobody has recorded yet.
export const approveTemporarilyPage = (frame: Frame): Page => new FormPage(frame, {
  section: 'carers',
  heading: 'Approve a connected person temporarily',
  back: { href: paths.carers(), text: 'Carers' },
  instead: () => mayWorkCase(frame.session) ? undefined : MANAGERS,
  read: () => frame.names.ensureAllChildren(),
  concerns: ({ topic }) => /\.(carers|placements)\./.test(topic),
  intro: () => TEMPORARILY,
  form: (page) => {
    const number = numberField();
    const asked = particularsQuestions();
    const temporary = temporaryQuestions(frame);
    return new Form({
      fields: [number, ...asked.fields, ...temporary.fields],
      submit: 'Approve them temporarily',
      send: async (requestId) => {
        const { carerId } = await carerApproval.approveTemporarily({
          requestId,
          carerId: number.value.trim(),
          particulars: asked.particulars(),
          ...temporary.approval(),
        });
        page.done('They are temporarily approved, for this child alone.', paths.carer(carerId));
      },
    });
  },
});
