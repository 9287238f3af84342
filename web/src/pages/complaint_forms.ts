// What people do with a complaint on its way: here what changes or ends the complaint itself.

import { html } from 'lit-html';
import { complaints } from '../api';
import { violationSentence, type FieldViolation } from '../errors';
import { RadiosField } from '../forms/field';
import { MomentField } from '../forms/moment_field';
import { EnumField, longText, pastMoment, YesNoField } from '../forms/questions';
import {
  GiverKind, OutOfTime_Decision, type Complaint,
} from '../generated/fosterwatch/complaints/v1/complaint_pb';
import type { Frame, Page } from '../page';
import { paths, type ComplaintForm } from '../router';
import { presentStage } from '../ui/complaint_stages';
import { link, moment, wasDue, type Content } from '../ui/html';
import { fieldWords } from '../words';
import { closes, complaintQuestionPage, records, why, works } from './about_complaint';
import { independentQuestion } from './complaint_independent_form';
import { STAGE_QUESTIONS } from './complaint_stage_forms';
import { personField } from './picks';
import type { Question } from './question_page';

// By the last part of their address.
const QUESTIONS: Record<ComplaintForm, Question<Complaint>> = {
  ...STAGE_QUESTIONS,
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
  'out-of-time': {
    ...works,
    heading: 'Decide whether it is taken',
    submit: 'Record the decision',
    done: 'The decision is recorded.',
    instead: ({ outOfTime }) => !outOfTime ? 'It came in time.'
      : outOfTime.decision !== OutOfTime_Decision.UNSPECIFIED ? 'That is decided.' : undefined,
    intro: ({ report, outOfTime }) => html`<p class="govuk-body">What is complained of happened
      ${moment(report?.happenedTime)}; its procedure took it until ${wasDue(outOfTime?.limitTime)}, and it was
      received ${moment(report?.receivedTime)}. It is taken all the same where nobody could be expected to
      complain earlier and it can still be considered fairly.</p>`,
    fields: () => {
      const decision = new EnumField({
        name: 'decision',
        label: 'Is it taken?',
        subject: 'Whether it is taken',
        required: 'Select whether it is taken',
        path: 'decision',
        values: [OutOfTime_Decision.ACCEPTED, OutOfTime_Decision.DECLINED],
        words: (value) => value === OutOfTime_Decision.ACCEPTED ? 'Yes: it is considered'
          : 'No: it is not considered',
      });
      const reason = longText({
        name: 'reason', label: 'Why?', subject: 'The reason', required: 'Enter why', path: 'reason',
        hint: 'Whoever gave it is told this.', lines: 3, maxLength: 2000,
      });
      return {
        fields: [decision, reason],
        send: (requestId, complaintId) => complaints.decideOutOfTime({
          requestId, complaintId, decision: decision.chosen, reason: reason.value.trim(),
        }),
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
    fields: (frame, complaint) => {
      const reason = longText({
        name: 'reason', label: 'Why?', subject: 'The reason', required: 'Enter why it was withdrawn',
        path: 'reason', lines: 3, maxLength: 2000,
      });
      const named = () => complaint()?.report?.giver?.kind !== GiverKind.ANONYMOUS;
      const told = new MomentField({
        name: 'told', label: 'When was the giver told that it goes no further?',
        subject: 'When the giver was told', hint: 'Leave it empty if nobody has told them.',
        path: 'giver_told_time', shown: named,
      });
      const by = personField(frame, {
        name: 'by', label: 'Who told them?', subject: 'Who told them', hint: 'Leave it empty if you did.',
        path: 'giver_told_by', shown: () => named() && told.moment !== undefined,
      });
      return {
        fields: [reason, told, by],
        send: (requestId, complaintId) => complaints.withdrawComplaint({
          requestId,
          complaintId,
          reason: reason.value.trim(),
          giverToldBy: by.shown ? by.value : '',
          ...told.shown && told.moment
            ? { giverToldTime: told.timestamp(complaint()?.report?.receivedTime) } : {},
        }),
      };
    },
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
  independent: independentQuestion(),
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
    case 'seriousness':
      return link(paths.complaintForm(complaintId, 'seriousness'),
        'Nobody has judged whether it is serious');
    case 'event_proposal':
      return link(paths.complaint(complaintId), 'The proposed notifiable event is not decided');
    default:
      return violationSentence(fieldWords(violation.field), violation.description);
  }
}

export const complaintFormPage = (frame: Frame, complaintId: string, form: ComplaintForm): Page =>
  complaintQuestionPage(frame, complaintId, QUESTIONS[form], form === 'disclose');
