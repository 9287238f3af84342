// Recording a complaint, a representation or a compliment.

import { html, nothing } from 'lit-html';
import { complaints } from '../api';
import {
  complaintKindWords, GIVERS, giverWords, RECEIVED_BY, receivedByWords, subjectKindWords, SUBJECTS,
} from '../complaint_words';
import { RadiosField, type Field, type FieldOptions } from '../forms/field';
import { Form } from '../forms/form';
import { MomentField } from '../forms/moment_field';
import { EnumField, longText, pastMoment, shortText } from '../forms/questions';
import {
  ComplaintKind, GiverKind, SubjectKind,
} from '../generated/fosterwatch/complaints/v1/complaint_pb';
import type {
  ListProceduresResponse,
} from '../generated/fosterwatch/complaints/v1/complaints_service_pb';
import type { Session } from '../generated/fosterwatch/gateway/v1/gateway_service_pb';
import type { Frame, Page } from '../page';
import { paths } from '../router';
import { FormPage } from './form_page';
import { carerField, childField, personField } from './picks';
import { ifShown, RECORDERS } from './question_page';
import { hasOwnCaseload, mayRecord, mayRecordComplaint } from './rights';

// Who gave it, for whom, about whom, when and how: asked of complaints and compliments alike.
function reportQuestions(frame: Frame, procedures: () => ListProceduresResponse | undefined) {
  const giver = new EnumField({
    name: 'giver',
    label: 'Who gave it?',
    subject: 'Who gave it',
    required: 'Select who gave it',
    path: 'report.giver.kind',
    values: GIVERS,
    words: giverWords,
  });
  // By their record, where there is one.
  const who = (make: typeof childField, name: string, kind: GiverKind, label: string) =>
    make(frame, {
      name, label, subject: 'Who gave it', conditional: true, path: 'report.giver.giver_id',
      hint: 'Leave it empty where they have no record here.',
      shown: () => giver.chosen === kind,
    });
  const child = who(childField, 'giver-child', GiverKind.CHILD, 'Which child gave it?');
  const carer = who(carerField, 'giver-carer', GiverKind.CARER, 'Which foster carer gave it?');
  const staff = who(personField, 'giver-staff', GiverKind.STAFF, 'Which member of staff gave it?');
  const named = () => giver.value !== '' && giver.chosen !== GiverKind.ANONYMOUS;
  const name = shortText({
    name: 'giver-name', label: 'Their name', subject: 'The name', conditional: true,
    path: 'report.giver.name', shown: named,
  });
  const contact = shortText({
    name: 'contact', label: 'Where does the answer go?', subject: 'Where the answer goes',
    hint: 'An address, a mail address or a telephone number.', path: 'report.giver.contact',
    width: 30, maxLength: 500, shown: named,
  });
  const behalf = new EnumField({
    name: 'behalf',
    label: 'On whose behalf?',
    subject: 'On whose behalf',
    conditional: true,
    hint: 'Only where it is somebody else’s.',
    path: 'report.giver.on_behalf_of',
    values: GIVERS.filter((kind) => kind !== GiverKind.ANONYMOUS),
    words: giverWords,
    shown: () => giver.value !== '' && giver.chosen !== GiverKind.CHILD,
  });
  const behalfChild = childField(frame, {
    name: 'behalf-child', label: 'Which child is it for?', subject: 'The child', conditional: true,
    path: 'report.giver.on_behalf_of_id', shown: () => behalf.chosen === GiverKind.CHILD,
  });
  const about = new EnumField({
    name: 'about',
    label: 'What is it about?',
    subject: 'What it is about',
    required: 'Select what it is about',
    path: 'report.subject.kind',
    values: SUBJECTS,
    words: subjectKindWords,
  });
  const aboutCarer = carerField(frame, {
    name: 'carer', label: 'Which foster carer is it about?', subject: 'The carer', conditional: true,
    path: 'report.subject.carer_id',
    shown: () => [SubjectKind.CARER, SubjectKind.SERVICE, SubjectKind.CHILD].includes(about.chosen),
  });
  const aboutStaff = personField(frame, {
    name: 'staff', label: 'Which member of staff is it about?', subject: 'The member of staff',
    required: 'Enter which member of staff it is about', path: 'report.subject.staff_id',
    shown: () => about.chosen === SubjectKind.STAFF,
  });
  const manager = personField(frame, {
    name: 'line-manager', label: 'Who manages them?', subject: 'Who manages them',
    hint: 'They cannot investigate it. For a carer: the supervising social worker.',
    conditional: true, path: 'report.subject.line_manager_ids',
    shown: () => about.chosen === SubjectKind.STAFF || about.chosen === SubjectKind.CARER,
  });
  const aboutChild = childField(frame, {
    name: 'child', label: 'Which child is concerned?', subject: 'The child', conditional: true,
    path: 'report.subject.child_id', shown: () => about.value !== '',
  });
  const category = new RadiosField({
    name: 'category', label: 'Category', subject: 'The category', required: 'Select the category',
    path: 'report.category',
    choices: () => (procedures()?.categories ?? []).map(({ code, title }) =>
      ({ value: code, text: title })),
  });
  const received = pastMoment(frame.now(), {
    name: 'received', label: 'When was it received?', subject: 'The time when it was received',
    required: 'Enter when it was received', path: 'report.received_time',
  });
  const receivedBy = new EnumField({
    name: 'received-by', label: 'How was it received?', subject: 'How it was received',
    required: 'Select how it was received', path: 'report.received_by', values: RECEIVED_BY,
    words: receivedByWords,
  });
  return {
    who: [giver, child, carer, staff, name, contact, behalf, behalfChild] as readonly Field[],
    about: [about, aboutCarer, aboutStaff, manager, aboutChild] as readonly Field[],
    how: [received, receivedBy, category] as readonly Field[],
    report: () => ({
      giver: {
        kind: giver.chosen,
        giverId: [child, carer, staff].map((field) => ifShown(field, field.value)).join(''),
        name: ifShown(name, name.value),
        contact: ifShown(contact, contact.value),
        onBehalfOf: behalf.chosen,
        onBehalfOfId: ifShown(behalfChild, behalfChild.value),
      },
      subject: {
        kind: about.chosen,
        carerId: ifShown(aboutCarer, aboutCarer.value),
        childId: ifShown(aboutChild, aboutChild.value),
        staffId: ifShown(aboutStaff, aboutStaff.value),
        lineManagerIds: [ifShown(manager, manager.value)].filter((id) => id !== ''),
      },
      category: category.value,
      receivedTime: received.timestamp(),
      receivedBy: receivedBy.chosen,
    }),
  };
}

const summaryField = (options: Pick<FieldOptions, 'label'>) => longText({
  name: 'summary', subject: 'What was said', required: 'Enter what was said',
  path: 'report.summary', ...options,
});

function recordPage(
  frame: Frame, heading: string, intro: string,
  may: (session: Session) => boolean,
  form: (page: FormPage, procedures: () => ListProceduresResponse | undefined) => Form,
): Page {
  const { names } = frame;
  let procedures: ListProceduresResponse | undefined;
  return new FormPage(frame, {
    section: 'complaints',
    heading,
    back: hasOwnCaseload(frame.session) ? { href: paths.overview(), text: 'Overview' }
      : { href: paths.complaints(), text: 'Complaints' },
    read: async () => {
      [procedures] = await Promise.all([
        complaints.listProcedures({}), names.ensureAllChildren(), names.ensureAllCarers(),
      ]);
    },
    instead: () => may(frame.session) ? undefined : RECORDERS,
    concerns: ({ topic }) => /\.(placements|carers|directory)\./.test(topic),
    intro: () => intro ? html`<p class="govuk-body">${intro}</p>` : nothing,
    form: (page) => form(page, () => procedures),
  });
}

export const recordComplaintPage = (frame: Frame, sightingId: string): Page => recordPage(
  frame, 'Record a complaint',
  'If a child may have been harmed, record an allegation instead: see to the child first.',
  mayRecordComplaint,
  (page, procedures) => {
    const kind = new EnumField({
      name: 'kind',
      label: 'What is it?',
      subject: 'What it is',
      required: 'Select what it is',
      path: 'report.kind',
      values: [ComplaintKind.COMPLAINT, ComplaintKind.REPRESENTATION],
      words: complaintKindWords,
      hints: (value) => value === ComplaintKind.REPRESENTATION
        ? 'A view or a request that is considered and answered in the same way.' : undefined,
    });
    const asked = reportQuestions(frame, procedures);
    const procedure = new RadiosField({
      name: 'procedure',
      label: 'Under which procedure is it considered?',
      subject: 'The procedure',
      required: 'Select the procedure',
      path: 'report.procedure_id',
      choices: () => (procedures()?.procedures ?? []).map(({ procedureId, title }) =>
        ({ value: procedureId, text: title })),
    });
    const happened = new MomentField({
      name: 'happened', label: 'When did that happen which is complained of?',
      subject: 'The time when it happened', path: 'report.happened_time',
      hint: 'Or the last of it. A procedure may take complaints for a time only, such as 12 months.',
    });
    const summary = summaryField({ label: 'What was said?' });
    const points = longText({
      name: 'points', label: 'Points of complaint', subject: 'The points',
      hint: 'One on each line: each gets an outcome of its own. Without any, what was said is the one '
        + 'point.',
      path: 'points', lines: 4,
    });
    const wish = longText({
      name: 'wish', label: 'What do they want to come of it?', subject: 'What they want',
      path: 'report.wish', lines: 3, maxLength: 2000,
    });
    return new Form({
      fields: [kind, ...asked.who, ...asked.about, ...asked.how, happened, procedure, summary, points, wish],
      submit: 'Record the complaint',
      send: async (requestId) => {
        const { complaintId, caseNumber } = await complaints.recordComplaint({
          requestId,
          report: {
            ...asked.report(),
            kind: kind.chosen,
            ...happened.moment ? { happenedTime: happened.timestamp() } : {},
            procedureId: procedure.value,
            summary: summary.value.trim(),
            wish: wish.value.trim(),
          },
          points: points.value.split('\n').map((line) => line.trim()).filter((line) => line !== ''),
          sightingId,
        });
        // Whoever sees their own caseload alone records it and does not read it.
        page.done(`Recorded as ${caseNumber?.text}.`, hasOwnCaseload(frame.session)
          ? paths.overview() : paths.complaint(complaintId));
      },
    });
  },
);

export const recordComplimentPage = (frame: Frame): Page => recordPage(
  frame, 'Record a compliment', 'Nothing is owed for it; it counts in the statement of 12 months.',
  mayRecord,
  (page, procedures) => {
    const asked = reportQuestions(frame, procedures);
    const summary = summaryField({ label: 'What was said?' });
    return new Form({
      fields: [...asked.who, ...asked.about, ...asked.how, summary],
      submit: 'Record the compliment',
      send: async (requestId) => {
        const { complaintId, caseNumber } = await complaints.recordCompliment({
          requestId,
          report: {
            ...asked.report(), kind: ComplaintKind.COMPLIMENT, summary: summary.value.trim(),
          },
        });
        page.done(`Recorded as ${caseNumber?.text}.`, paths.complaint(complaintId));
      },
    });
  },
);
