// What people do with a complaint on its way.

import { html, nothing } from 'lit-html';
import { complaints } from '../api';
import { violationSentence, type FieldViolation } from '../errors';
import { CheckboxesField, RadiosField } from '../forms/field';
import { longText, pastMoment, shortText, YesNoField } from '../forms/questions';
import type { Complaint } from '../generated/fosterwatch/complaints/v1/complaint_pb';
import type { Frame, Page } from '../page';
import { paths, type ComplaintForm } from '../router';
import { presentStage } from '../ui/complaint_stages';
import { link, moment, type Content } from '../ui/html';
import { fieldWords } from '../words';
import { personField } from './picks';
import {
  CLOSERS, ifShown, MANAGERS, questionPage, RECORDERS, type About, type Question,
} from './question_page';
import { mayCloseCase, mayRecord, mayWorkCase } from './rights';

export const aboutComplaint = (complaintId: string): About<Complaint> => ({
  section: 'complaints',
  id: complaintId,
  back: { href: paths.complaint(complaintId), text: 'The complaint' },
  read: () => complaints.getComplaint({ complaintId }),
  caption: ({ caseNumber }) => caseNumber?.text ?? '',
});

const records = { may: ({ session }: Frame) => mayRecord(session), forbidden: RECORDERS };
const works = { may: ({ session }: Frame) => mayWorkCase(session), forbidden: MANAGERS };
const closes = { may: ({ session }: Frame) => mayCloseCase(session), forbidden: CLOSERS };

// Asks why, and nothing else.
const why = (
  call: (request: { requestId: string; complaintId: string; reason: string }) => Promise<unknown>,
  required: string,
): Question<Complaint>['fields'] => () => {
  const reason = longText({
    name: 'reason', label: 'Why?', subject: 'The reason', required, path: 'reason', lines: 3,
    maxLength: 2000,
  });
  return {
    fields: [reason],
    send: (requestId, complaintId) => call({ requestId, complaintId, reason: reason.value.trim() }),
  };
};

// By the last part of their address.
const QUESTIONS: Record<ComplaintForm, Question<Complaint>> = {
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
  point: {
    ...records,
    heading: 'Add a point of complaint',
    submit: 'Add the point',
    done: 'The point is added.',
    fields: () => {
      const text = longText({
        name: 'text',
        label: 'What is complained of?',
        subject: 'The point',
        required: 'Enter what is complained of',
        path: 'text',
        lines: 3,
        maxLength: 2000,
      });
      return {
        fields: [text],
        send: (requestId, complaintId) =>
          complaints.addPoint({ requestId, complaintId, text: text.value.trim() }),
      };
    },
  },
  'action-taken': {
    ...records,
    heading: 'Record an action taken',
    submit: 'Record the action',
    done: 'The action is recorded.',
    intro: () => html`<p class="govuk-body">What was done in response to the complaint: regulation 18(4)
      asks for it in writing.</p>`,
    fields: () => {
      const text = longText({
        name: 'text',
        label: 'What was done?',
        subject: 'What was done',
        required: 'Enter what was done',
        path: 'text',
      });
      return {
        fields: [text],
        send: (requestId, complaintId) =>
          complaints.recordActionTaken({ requestId, complaintId, text: text.value.trim() }),
      };
    },
  },
  seriousness: {
    ...works,
    heading: 'Judge whether it is serious',
    submit: 'Record the judgement',
    done: 'The judgement is recorded.',
    intro: () => html`<p class="govuk-body">A serious complaint about a foster carer is proposed to the
      registered manager as a notifiable event (Schedule 7, row 9).</p>`,
    fields: () => {
      const serious = new YesNoField({
        name: 'serious',
        label: 'Is it serious?',
        subject: 'Whether it is serious',
        required: 'Select whether it is serious',
        path: 'serious',
      });
      const reason = longText({
        name: 'reason',
        label: 'Why?',
        subject: 'The reason',
        hint: 'An inspector may read it, also where it is not serious.',
        required: 'Enter why',
        path: 'reason',
        lines: 3,
        maxLength: 2000,
      });
      return {
        fields: [serious, reason],
        send: (requestId, complaintId) => complaints.judgeSeriousness({
          requestId, complaintId, serious: serious.isYes, reason: reason.value.trim(),
        }),
      };
    },
  },
  disclose: {
    ...records,
    heading: 'Harm to a child was disclosed',
    submit: 'Record it and open an allegation',
    done: 'The disclosure is recorded. An allegation opens at once.',
    intro: () => html`<p class="govuk-body">First see to it that children are safe. Harm is not handled as
      a complaint: an allegation opens at once, and is referred to the designated officer.</p>`,
    fields: (frame, complaint) => {
      const aware = pastMoment(frame.now(), {
        name: 'aware',
        label: 'When did the agency become aware of it?',
        subject: 'The time when the agency became aware',
        required: 'Enter when the agency became aware of it',
        path: 'became_aware_time',
      });
      const text = longText({
        name: 'text',
        label: 'What was disclosed?',
        subject: 'What was disclosed',
        required: 'Enter what was disclosed',
        path: 'text',
      });
      return {
        fields: [aware, text],
        send: (requestId, complaintId) => complaints.discloseHarm({
          requestId,
          complaintId,
          becameAwareTime: aware.timestamp(complaint()?.report?.receivedTime),
          text: text.value.trim(),
        }),
      };
    },
  },
  close: {
    ...closes,
    heading: 'Close the complaint',
    submit: 'Close the complaint',
    done: 'The complaint is closed. A review of what was learnt is open.',
    intro: () => html`<p class="govuk-body">Regulation 18(4) asks for the complaint, the action taken and
      the outcome of the investigation in writing. Each point has an outcome, the stage is answered, and
      a proposed notifiable event is decided. If anything is missing you are told all of it.</p>`,
    explain: missingWords,
    fields: () => {
      const outcome = longText({
        name: 'outcome',
        label: 'What was the outcome of the investigation?',
        subject: 'The outcome',
        // Refused by the service together with all else that is missing.
        conditional: true,
        path: 'outcome',
      });
      return {
        fields: [outcome],
        send: (requestId, complaintId) =>
          complaints.closeComplaint({ requestId, complaintId, outcome: outcome.value.trim() }),
      };
    },
  },
  withdraw: {
    ...records,
    heading: 'Record that the complaint was withdrawn',
    submit: 'Record the withdrawal',
    done: 'The complaint is withdrawn.',
    intro: () => html`<p class="govuk-body">At any stage. A point without an outcome counts as
      withdrawn.</p>`,
    fields: why(complaints.withdrawComplaint, 'Enter why it was withdrawn'),
  },
  reopen: {
    ...works,
    heading: 'Reopen the complaint',
    submit: 'Reopen the complaint',
    done: 'The complaint is open again.',
    intro: () => html`<p class="govuk-body">It keeps its number, its clocks and its history.</p>`,
    fields: why(complaints.reopenComplaint, 'Enter why it is reopened'),
  },
  reclassify: reclassifyQuestion(),
};

function reclassifyQuestion(): Question<Complaint> {
  const allegation = '-';
  // As they were read last.
  let procedures: readonly { procedureId: string; title: string }[] = [];
  return {
    ...works,
    heading: 'Reclassify the complaint',
    submit: 'Reclassify it',
    done: 'The complaint is reclassified. It keeps its number.',
    fields: (_frame, complaint) => {
      const to = new RadiosField({
        name: 'to',
        label: 'How does it go on?',
        subject: 'How it goes on',
        required: 'Select how it goes on',
        path: 'to_procedure_id',
        choices: () => [
          ...procedures.filter(({ procedureId }) =>
            procedureId !== presentStage(complaint() ?? { stages: [] })?.procedureId)
            .map(({ procedureId, title }) => ({ value: procedureId, text: title })),
          { value: allegation, text: 'As an allegation', hint: 'The complaint ends here.' },
        ],
      });
      const reason = longText({
        name: 'reason',
        label: 'Why?',
        subject: 'The reason',
        required: 'Enter why it is reclassified',
        path: 'reason',
        lines: 3,
        maxLength: 2000,
      });
      return {
        fields: [to, reason],
        send: (requestId, complaintId) => complaints.reclassifyComplaint({
          requestId,
          complaintId,
          toAllegation: to.value === allegation,
          toProcedureId: to.value === allegation ? '' : to.value,
          reason: reason.value.trim(),
        }),
      };
    },
    read: async () => {
      ({ procedures } = await complaints.listProcedures({}));
    },
  };
}

// What stands in the way of closing, with the way to it.
function missingWords(violation: FieldViolation, complaint: Complaint | undefined): Content {
  const complaintId = complaint?.complaintId ?? '';
  const [, what = '', id = ''] = /^(\w+)(?:\[([^\]]*)\])?/.exec(violation.field) ?? [];
  switch (what) {
    case 'points': {
      const point = complaint?.points.find(({ pointId }) => pointId === id);
      return link(paths.complaintPart(complaintId, id, 'point/decide'),
        `The point “${point?.text ?? id}” has no outcome`);
    }
    case 'action_taken':
      return link(paths.complaintForm(complaintId, 'action-taken'), 'No action taken is recorded');
    case 'answer':
      return link(paths.complaintForm(complaintId, 'answer'), 'The stage has not been answered');
    case 'event_proposal':
      return link(paths.complaint(complaintId), 'The proposed notifiable event is not decided');
    default:
      return violationSentence(fieldWords(violation.field), violation.description);
  }
}

export const complaintFormPage = (frame: Frame, complaintId: string, form: ComplaintForm): Page =>
  questionPage(frame, aboutComplaint(complaintId), QUESTIONS[form]);
