// What people do with a carer, each on a page of its own: here what suspends or ends an approval, and
// the keeping of the records.

import { html, nothing } from 'lit-html';
import { carerApproval, carers } from '../api';
import { longText, pastDay, shortText, YesNoField } from '../forms/questions';
import type { Carer } from '../generated/fosterwatch/carers/v1/carer_pb';
import type { Frame, Page } from '../page';
import type { CarerForm } from '../router';
import { formatDay } from '../time';
import { summaryList } from '../ui/html';
import { aboutCarer, closes, records, works } from './about_carer';
import { APPLICATION_QUESTIONS } from './carer_application_forms';
import { DECISION_QUESTIONS } from './carer_decision_forms';
import { REGISTER_QUESTIONS } from './carer_register_forms';
import { REVIEW_QUESTIONS } from './carer_review_forms';
import { VISIT_QUESTIONS } from './carer_visit_forms';
import { ifShown, questionPage, type Question } from './question_page';
import { SUPERVISION_QUESTIONS } from './supervision_forms';

// By the last part of their address.
const QUESTIONS: Record<CarerForm, Question<Carer>> = {
  ...APPLICATION_QUESTIONS,
  ...DECISION_QUESTIONS,
  ...REGISTER_QUESTIONS,
  ...REVIEW_QUESTIONS,
  ...SUPERVISION_QUESTIONS,
  ...VISIT_QUESTIONS,
  suspend: {
    ...closes,
    heading: 'Suspend the approval',
    submit: 'Suspend it',
    done: 'The approval is suspended: no child may be placed.',
    fields: (frame) => {
      const from = pastDay(frame.now(), {
        name: 'from', label: 'From when?', subject: 'The day on which it begins',
        required: 'Enter from when', path: 'from_date',
      });
      const reason = longText({
        name: 'reason', label: 'Why?', subject: 'The reason', required: 'Enter why', path: 'reason',
        lines: 3,
      });
      return {
        fields: [from, reason],
        send: (requestId, carerId) => carerApproval.suspendApproval({
          requestId, carerId, fromDate: from.value, reason: reason.value.trim(),
        }),
      };
    },
  },
  'lift-suspension': {
    ...closes,
    heading: 'Lift the suspension',
    submit: 'Lift it',
    done: 'The suspension is lifted.',
    fields: (frame) => {
      const until = pastDay(frame.now(), {
        name: 'until', label: 'What is its last day?', subject: 'The last day',
        required: 'Enter its last day', path: 'until_date',
      });
      return {
        fields: [until],
        send: (requestId, carerId) =>
          carerApproval.liftSuspension({ requestId, carerId, untilDate: until.value }),
      };
    },
  },
  resignation: {
    ...records,
    heading: 'Record a resignation',
    submit: 'Record the resignation',
    done: 'The resignation is recorded. The approval ends by itself.',
    intro: () => html`<p class="govuk-body">The approval ends by itself 28 days after the written notice was
      received. A resignation cannot be withdrawn.</p>`,
    fields: (frame) => {
      const received = pastDay(frame.now(), {
        name: 'received', label: 'When was the written notice received?',
        subject: 'The day on which it was received', required: 'Enter when it was received',
        path: 'received_date',
      });
      const reason = longText({
        name: 'reason', label: 'Which reason do they give?', subject: 'The reason', path: 'reason',
        lines: 3,
      });
      return {
        fields: [received, reason],
        send: (requestId, carerId) => carerApproval.recordResignation({
          requestId, carerId, receivedDate: received.value, reason: reason.value.trim(),
        }),
      };
    },
  },
  death: {
    ...works,
    heading: 'Record the death of the foster carer',
    submit: 'Record the death',
    done: 'The death is recorded. The approval has ended.',
    instead: ({ fosterParents }) => fosterParents.length > 1
      ? 'The household has other foster parents, so its approval goes on: record other particulars instead, '
        + 'and review the approval.' : undefined,
    intro: () => html`<p class="govuk-body">The approval ends on that day.</p>`,
    fields: (frame) => {
      const died = pastDay(frame.now(), {
        name: 'died', label: 'When did they die?', subject: 'The day of the death',
        required: 'Enter when they died', path: 'died_date',
      });
      return {
        fields: [died],
        send: (requestId, carerId) =>
          carerApproval.recordDeath({ requestId, carerId, diedDate: died.value }),
      };
    },
  },
  'access-request': {
    ...records,
    heading: 'Record a request to see the records',
    submit: 'Record the request',
    done: 'The request is recorded.',
    intro: () => html`<p class="govuk-body">Of another fostering service or an adoption agency: answered
      within 15 working days (regulation 32(6)).</p>`,
    fields: (frame) => {
      const service = shortText({
        name: 'service', label: 'Who asks?', subject: 'Who asks', required: 'Enter who asks',
        path: 'service_name', width: 30,
      });
      const basis = shortText({
        name: 'basis', label: 'Under which duty or consent?', subject: 'The duty or consent',
        required: 'Enter under which duty or consent', path: 'basis', width: 30, maxLength: 2000,
      });
      const received = pastDay(frame.now(), {
        name: 'received', label: 'When was it received?', subject: 'The day on which it was received',
        required: 'Enter when it was received', path: 'received_date',
      });
      return {
        fields: [service, basis, received],
        send: (requestId, carerId) => carers.recordAccessRequest({
          requestId, carerId, serviceName: service.value.trim(), basis: basis.value.trim(),
          receivedDate: received.value,
        }),
      };
    },
  },
  'legal-hold': {
    ...closes,
    heading: 'Place or lift a legal hold',
    submit: 'Record it',
    done: 'The legal hold is recorded.',
    intro: ({ retention }) => html`<p class="govuk-body">${retention?.onHold
      ? 'One is on: this lifts it.' : 'While one is on, the records are kept whatever their time.'}</p>`,
    fields: (_frame, carer) => {
      const reason = longText({
        name: 'reason', label: 'Why?', subject: 'The reason', required: 'Enter why', path: 'reason',
        lines: 3,
      });
      return {
        fields: [reason],
        send: (requestId, carerId) => {
          const request = { requestId, carerId, reason: reason.value.trim() };
          return carer()?.retention?.onHold ? carers.liftLegalHold(request)
            : carers.placeLegalHold(request);
        },
      };
    },
  },
};

export const carerFormPage = (frame: Frame, carerId: string, form: CarerForm): Page =>
  questionPage(frame, aboutCarer(frame, carerId), QUESTIONS[form]);

export const answerAccessPage = (frame: Frame, carerId: string, accessRequestId: string): Page =>
  questionPage(frame, aboutCarer(frame, carerId), {
    ...works,
    heading: 'Record the answer to a request to see the records',
    submit: 'Record the answer',
    done: 'The answer is recorded.',
    intro: ({ accessRequests }) => {
      const request = accessRequests.find((each) => each.accessRequestId === accessRequestId);
      return request ? summaryList([
        { key: 'Who asks', value: request.serviceName },
        { key: 'Received', value: formatDay(request.receivedDate) },
      ]) : nothing;
    },
    fields: (form) => {
      const given = new YesNoField({
        name: 'given', label: 'Was access given?', subject: 'Whether access was given',
        required: 'Select whether access was given', path: 'refused',
      });
      const answer = longText({
        name: 'answer', label: 'What was given and how, or why not?', subject: 'The answer',
        required: 'Enter what was given and how, or why not', path: 'answer', lines: 3,
      });
      const answered = pastDay(form.now(), {
        name: 'answered', label: 'When?', subject: 'The day of the answer', required: 'Enter when',
        path: 'answered_date',
      });
      return {
        fields: [given, answer, answered],
        send: (requestId) => carers.answerAccessRequest({
          requestId, carerId, accessRequestId, refused: !given.isYes,
          answer: ifShown(answer, answer.value), answeredDate: answered.value,
        }),
      };
    },
  });
