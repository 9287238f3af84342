// What happens in a stage of a complaint, from the acknowledgement to the next stage.

import { html, nothing } from 'lit-html';
import { complaints } from '../api';
import { CheckboxesField, RadiosField } from '../forms/field';
import { longText, pastMoment, shortText } from '../forms/questions';
import type { Complaint } from '../generated/fosterwatch/complaints/v1/complaint_pb';
import type { ComplaintForm } from '../router';
import { presentStage } from '../ui/complaint_stages';
import { moment } from '../ui/html';
import { closes, records, why, works } from './about_complaint';
import { personField } from './picks';
import { ifShown, type Question } from './question_page';

export const STAGE_QUESTIONS = {
  acknowledge: {
    ...records,
    heading: 'Record the acknowledgement',
    submit: 'Record the acknowledgement',
    done: 'The acknowledgement is recorded.',
    intro: () => html`<p class="govuk-body">Whoever gave it was told that it was received, and what
      happens next.</p>`,
    fields: (frame, complaint) => {
      const acknowledged = pastMoment(frame.now(), {
        name: 'acknowledged',
        label: 'When were they told?',
        subject: 'The time when they were told',
        required: 'Enter when they were told',
        path: 'acknowledged_time',
      });
      const advocate = new CheckboxesField({
        name: 'advocate',
        label: 'Help to complain',
        subject: 'The advocate',
        hint: 'A child who is looked after and wants an advocate is given one.',
        conditional: true,
        path: 'advocate_offered',
        choices: () => [{ value: 'yes', text: 'An advocate was offered' }],
      });
      const note = longText({
        name: 'note', label: 'Note', subject: 'The note', path: 'note', lines: 3, maxLength: 2000,
      });
      return {
        fields: [acknowledged, advocate, note],
        send: (requestId, complaintId) => complaints.acknowledgeComplaint({
          requestId,
          complaintId,
          acknowledgedTime: acknowledged.timestamp(complaint()?.report?.receivedTime),
          advocateOffered: advocate.values.includes('yes'),
          note: note.value.trim(),
        }),
      };
    },
  },
  investigator: {
    ...works,
    heading: 'Name an investigator',
    submit: 'Name the investigator',
    done: 'The investigator is named.',
    intro: () => html`<p class="govuk-body">Nobody who is complained of, who manages them, or who handled
      an earlier stage.</p>`,
    fields: (frame) => {
      const from = new RadiosField({
        name: 'from',
        label: 'Is the investigator of the agency’s staff?',
        subject: 'Whether the investigator is of the staff',
        required: 'Select whether the investigator is of the agency’s staff',
        choices: () => [
          { value: 'staff', text: 'Yes' }, { value: 'outside', text: 'No: an independent person' },
        ],
      });
      const person = personField(frame, {
        name: 'person',
        label: 'Who?',
        subject: 'The investigator',
        required: 'Enter who investigates',
        path: 'person_id',
        shown: () => from.value === 'staff',
      });
      const outside = shortText({
        name: 'outside',
        label: 'Their name',
        subject: 'The investigator',
        required: 'Enter who investigates',
        path: 'outside_name',
        shown: () => from.value === 'outside',
      });
      return {
        fields: [from, person, outside],
        send: (requestId, complaintId) => complaints.assignInvestigator({
          requestId,
          complaintId,
          personId: person.shown ? person.value : '',
          outsideName: ifShown(outside, outside.value),
        }),
      };
    },
  },
  'informal-part': {
    ...closes,
    heading: 'Let whom it is about take part informally',
    submit: 'Let them take part',
    done: 'Whom it is about may take part in the informal stage.',
    intro: () => html`<p class="govuk-body">In the informal stage only, and only where the registered
      person thinks fit (regulation 18(2)).</p>`,
    fields: why(complaints.allowInformalPart, 'Enter why they may take part'),
  },
  answer: {
    ...works,
    heading: 'Record the answer of the stage',
    submit: 'Record the answer',
    done: 'The answer is recorded.',
    fields: (frame, complaint) => {
      const answered = pastMoment(frame.now(), {
        name: 'answered',
        label: 'When was it given?',
        subject: 'The time of the answer',
        required: 'Enter when it was given',
        path: 'answered_time',
      });
      const answer = longText({
        name: 'answer',
        label: 'What were they told?',
        subject: 'The answer',
        required: 'Enter what they were told',
        path: 'answer',
      });
      return {
        fields: [answered, answer],
        send: (requestId, complaintId) => complaints.answerStage({
          requestId,
          complaintId,
          answeredTime: answered.timestamp(presentStage(complaint() ?? { stages: [] })?.clockStartTime),
          answer: answer.value.trim(),
        }),
      };
    },
  },
  extend: {
    ...works,
    heading: 'Extend the stage',
    submit: 'Extend the stage',
    done: 'The stage is extended.',
    intro: () => html`<p class="govuk-body">It runs to the extended limit of the procedure, counted from
      the same start. It can be extended once.</p>`,
    fields: (frame) => {
      const reason = longText({
        name: 'reason',
        label: 'Why?',
        subject: 'The reason',
        required: 'Enter why it is extended',
        path: 'reason',
        lines: 3,
        maxLength: 2000,
      });
      const agreedBy = personField(frame, {
        name: 'agreed-by',
        label: 'Who agreed?',
        subject: 'Who agreed',
        hint: 'Somebody of the agency.',
        required: 'Enter who agreed',
        path: 'agreed_by',
      });
      const agreedWith = shortText({
        name: 'agreed-with',
        label: 'Who agreed on the giver’s side, or how were they told?',
        subject: 'Who agreed on the giver’s side',
        required: 'Enter who agreed on the giver’s side, or how they were told',
        path: 'agreed_with',
        width: 30,
        maxLength: 500,
      });
      return {
        fields: [reason, agreedBy, agreedWith],
        send: (requestId, complaintId) => complaints.extendStage({
          requestId,
          complaintId,
          reason: reason.value.trim(),
          agreedBy: agreedBy.value,
          agreedWith: agreedWith.value.trim(),
        }),
      };
    },
  },
  pause: {
    ...works,
    heading: 'Let the stage’s clock stand still',
    submit: 'Pause the stage',
    done: 'The stage’s clock stands still.',
    intro: () => html`<p class="govuk-body">Days on which it stands still do not count. What was due is
      worked out anew when it runs on.</p>`,
    fields: why(complaints.pauseStage, 'Enter why its clock stands still'),
  },
  resume: {
    ...works,
    heading: 'Let the stage’s clock run on',
    submit: 'Let it run on',
    done: 'The stage’s clock runs on.',
    fields: why(complaints.resumeStage, 'Enter why its clock runs on'),
  },
  'next-stage': {
    ...works,
    heading: 'Start the next stage',
    submit: 'Start the next stage',
    done: 'The next stage has begun.',
    intro: (complaint) => {
      const until = presentStage(complaint)?.requestUntilTime;
      return until ? html`<p class="govuk-body">It may be asked for until ${moment(until)}; later only with
        a reason.</p>` : nothing;
    },
    fields: (frame, complaint) => {
      const requested = pastMoment(frame.now(), {
        name: 'requested',
        label: 'When was it asked for?',
        subject: 'The time of the request',
        hint: 'London time. The stage’s clock begins here.',
        required: 'Enter when it was asked for',
        path: 'requested_time',
      });
      const late = longText({
        name: 'late',
        label: 'Why is it taken although it came late?',
        subject: 'Why it is taken although it came late',
        conditional: true,
        path: 'late_reason',
        lines: 3,
        maxLength: 2000,
      });
      return {
        fields: [requested, late],
        send: (requestId, complaintId) => complaints.startNextStage({
          requestId,
          complaintId,
          requestedTime: requested.timestamp(presentStage(complaint() ?? { stages: [] })?.answeredTime),
          lateReason: late.value.trim(),
        }),
      };
    },
  },
} satisfies Partial<Record<ComplaintForm, Question<Complaint>>>;
