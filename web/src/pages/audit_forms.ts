// What people do in an audit: start it, grade a record, close an action, complete it.

import { html, nothing } from 'lit-html';
import { allegations, audits, complaints, events } from '../api';
import { violationSentence } from '../errors';
import { RadiosField, type Field } from '../forms/field';
import { Form } from '../forms/form';
import { EnumField, longText, YesNoField } from '../forms/questions';
import {
  Audit_State, AuditedRecord_Kind, type Audit, type AuditForm,
} from '../generated/fosterwatch/allegations/v1/audit_pb';
import type { Frame, Page } from '../page';
import { paths } from '../router';
import { allegationTag, allegationWords } from '../ui/allegations';
import {
  gradePath, isGraded, questionsOf, questionText, recordLink, recordWords, SCOPES, scopeHint,
  scopeWords,
} from '../ui/audits';
import { categoryWords, complaintTag } from '../ui/complaints';
import { link, moment, plural, prose, summaryList, type Content } from '../ui/html';
import { eventWords, stateTag } from '../ui/records';
import { fieldWords } from '../words';
import { FormPage } from './form_page';
import { personField } from './picks';
import {
  CLOSERS, MANAGERS, questionPage, type About, type Question,
} from './question_page';
import { mayCloseCase, mayWorkCase } from './rights';

const works = { may: ({ session }: Frame) => mayWorkCase(session), forbidden: MANAGERS };
const closes = { may: ({ session }: Frame) => mayCloseCase(session), forbidden: CLOSERS };

const aboutAudit = (auditId: string): About<Audit> => ({
  section: 'allegations',
  id: auditId,
  back: { href: paths.audit(auditId), text: 'The audit' },
  read: () => audits.getAudit({ auditId }),
  caption: ({ scope }) => `Audit: ${scopeWords(scope).toLowerCase()}`,
});

export function startAuditPage(frame: Frame): Page {
  return new FormPage(frame, {
    section: 'allegations',
    heading: 'Start an audit',
    back: { href: paths.audits(), text: 'Audits' },
    instead: () => mayWorkCase(frame.session) ? undefined : MANAGERS,
    concerns: ({ topic }) => topic.includes('.directory.'),
    intro: () => html`<p class="govuk-body">It takes every record of the scope as it is now. Each is
      graded by a person on the agency’s form.</p>`,
    form: (page) => {
      const scope = new EnumField({
        name: 'scope', label: 'What is audited?', subject: 'The scope', path: 'scope',
        required: 'Select what is audited', values: SCOPES, words: scopeWords, hints: scopeHint,
      });
      return new Form({
        fields: [scope],
        submit: 'Start the audit',
        send: async (requestId) => {
          const { auditId } = await audits.startAudit({ requestId, scope: scope.chosen });
          page.done('The audit has started.', paths.audit(auditId));
        },
      });
    },
  });
}

// A grade of one question, and where it is found wanting, why, and what has to be done.
function gradeQuestions(
  frame: Frame, form: AuditForm, question: AuditForm['questions'][number], at: number,
) {
  const { questionId, text, source } = question;
  const grade = new RadiosField({
    name: `grade-${questionId}`, label: text, subject: 'The grade', hint: source,
    required: `Select a grade: ${text}`, path: `answers[${at}]`,
    choices: () => form.grades.map(({ code, title }) => ({ value: code, text: title })),
  });
  const wanting = () => form.grades.some(({ code, wanting }) => wanting && code === grade.value);
  const comment = longText({
    name: `comment-${questionId}`, label: 'What is wanting?', subject: 'What is wanting',
    required: `Enter what is wanting: ${text}`, path: `answers[${at}].comment`, lines: 2,
    maxLength: 2000, shown: wanting,
  });
  const needed = () => form.grades.some((each) => each.needsFinding && each.code === grade.value);
  const actionField = (name: string, required: string | undefined, shown: () => boolean) => longText({
    name, label: 'What has to be done about it?', subject: 'What has to be done',
    hint: `It becomes an action, due ${plural(form.findingWorkingDays, 'working day')} from now.`,
    lines: 2, maxLength: 2000, shown, ...required ? { required } : {},
  });
  const optional = actionField(`action-${questionId}`, undefined, () => wanting() && !needed());
  const must = actionField(
    `needed-${questionId}`, `Enter what has to be done about it: ${text}`, needed);
  const action = () => (must.shown ? must : optional).value.trim();
  const owner = personField(frame, {
    name: `owner-${questionId}`, label: 'Who will do it?', subject: 'Who will do it',
    required: `Enter who will do it: ${text}`,
    shown: () => wanting() && action() !== '',
  });
  return {
    fields: [grade, comment, optional, must, owner] as readonly Field[],
    answer: () => ({
      questionId, grade: grade.value, comment: comment.shown ? comment.value.trim() : '',
    }),
    findings: () => owner.shown
      ? [{ questionId, description: action(), ownerId: owner.value }] : [],
  };
}

// The record as it is now, so that whoever grades need not look for it.
async function readRecord(
  { names }: Frame, kind: AuditedRecord_Kind, recordId: string,
): Promise<() => Content> {
  const row = (what: Content, state: Content, aware: Content, since = 'Agency became aware') => summaryList([
    { key: 'Record', value: html`${what}<span class="app-sub">${recordLink({ kind, recordId })}</span>` },
    { key: 'State', value: state },
    { key: since, value: aware },
  ]);
  if (kind === AuditedRecord_Kind.COMPLAINT) {
    const [complaint, procedures] = await Promise.all([
      complaints.getComplaint({ complaintId: recordId }), complaints.listProcedures({}),
    ]);
    return () => row(html`${complaint.caseNumber?.text}: ${categoryWords(
      complaint.report?.category ?? '', procedures)}`, complaintTag(complaint.state),
      moment(complaint.report?.receivedTime), 'Received');
  }
  if (kind === AuditedRecord_Kind.EVENT) {
    const event = await events.getEvent({ eventId: recordId });
    const { childId = '', carerId = '', becameAwareTime } = event.report ?? {};
    await Promise.all([names.ensureChildren([childId]), names.ensureCarers([carerId])]);
    return () => row(eventWords({ kinds: event.kinds, childId, carerId }, names), stateTag(event.state),
      moment(becameAwareTime));
  }
  const allegation = await allegations.getAllegation({ allegationId: recordId });
  await names.ensureCarers([allegation.carerId]);
  return () => row(allegationWords(allegation, names), allegationTag(allegation.state),
    moment(allegation.report?.becameAwareTime));
}

export function gradeRecordPage(
  frame: Frame, auditId: string, kind: AuditedRecord_Kind, recordId: string,
): Page {
  let form: AuditForm | undefined;
  let about: () => Content = () => nothing;
  const recordOf = (audit: Audit) =>
    audit.records.find((each) => each.kind === kind && each.recordId === recordId);
  const question: Question<Audit> = {
    ...works,
    heading: `Grade: ${recordWords(kind).toLowerCase()}`,
    submit: 'Record the grades',
    done: 'The record is graded.',
    read: async () => {
      const audit = await audits.getAudit({ auditId });
      [form, about] = await Promise.all([
        audits.getAuditForm({ version: audit.formVersion }), readRecord(frame, kind, recordId),
      ]);
    },
    intro: () => about(),
    instead: (audit) => {
      const record = recordOf(audit);
      return !record ? 'The audit has no such record.'
        : isGraded(record) ? 'It has been graded already.'
          : audit.state === Audit_State.COMPLETED ? 'The audit is completed.' : undefined;
    },
    fields: () => {
      let asked: readonly ReturnType<typeof gradeQuestions>[] = [];
      return {
        fields: [],
        begin: () => {
          asked = questionsOf(form!, kind).map((each, at) => gradeQuestions(frame, form!, each, at));
          return asked.flatMap(({ fields }) => fields);
        },
        send: (requestId) => audits.gradeRecord({
          requestId,
          auditId,
          kind,
          recordId,
          answers: asked.map(({ answer }) => answer()),
          findings: asked.flatMap(({ findings }) => findings()),
        }),
      };
    },
    explain: ({ field, description }) => {
      const [, questionId = ''] = /^answers\[([a-z_]+)\]$/.exec(field) ?? [];
      return violationSentence(questionId ? `“${questionText(form, questionId)}”` : fieldWords(field),
        description);
    },
  };
  return questionPage(frame, aboutAudit(auditId), question);
}

export const closeFindingPage = (frame: Frame, auditId: string, actionId: string): Page =>
  questionPage(frame, aboutAudit(auditId), {
    ...works,
    heading: 'Close an action',
    submit: 'Close the action',
    done: 'The action is closed.',
    intro: ({ records }) => {
      const action = records.flatMap(({ findings }) => findings)
        .find((finding) => finding.action?.actionId === actionId)?.action;
      return action ? summaryList([
        { key: 'Action', value: prose(action.description) },
        { key: 'Who', value: frame.names.person(action.ownerId) },
        { key: 'Due', value: moment(action.dueTime) },
      ]) : html`<p class="govuk-body">The audit has no such action.</p>`;
    },
    fields: () => {
      const how = new YesNoField({
        name: 'how', label: 'How is it closed?', subject: 'How it is closed',
        required: 'Select how it is closed', path: 'dropped', yes: 'Dropped: it will not be done',
        no: 'Done',
      });
      const evidence = longText({
        name: 'evidence', label: 'What shows that it was done, or why was it dropped?',
        subject: 'The evidence', required: 'Enter what shows that it was done, or why it was dropped',
        path: 'evidence', lines: 3, maxLength: 2000,
      });
      return {
        fields: [how, evidence],
        send: (requestId) => audits.closeFinding({
          requestId, auditId, actionId, dropped: how.isYes, evidence: evidence.value.trim(),
        }),
      };
    },
  });

export const completeAuditPage = (frame: Frame, auditId: string): Page =>
  questionPage(frame, aboutAudit(auditId), {
    ...closes,
    heading: 'Complete the audit',
    submit: 'Complete the audit',
    done: 'The audit is completed. Its actions stay open until they are closed.',
    intro: ({ records, gradedCount }) => html`<p class="govuk-body">${gradedCount === records.length
      ? 'Every record is graded.'
      : `${plural(records.length - gradedCount, 'record')} of ${records.length} must be graded first.`}
      </p>`,
    explain: ({ field, description }, audit) => {
      const [, recordId = ''] = /^records\[([^\]]+)\]$/.exec(field) ?? [];
      const record = audit?.records.find((each) => each.recordId === recordId);
      return record ? link(gradePath(auditId, record),
        `${recordWords(record.kind)} ${recordId} is not graded`)
        : violationSentence(fieldWords(field), description);
    },
    fields: () => {
      const summary = longText({
        name: 'summary', label: 'What did the audit find?', subject: 'The summary',
        required: 'Enter what the audit found', path: 'summary',
      });
      return {
        fields: [summary],
        send: (requestId) =>
          audits.completeAudit({ requestId, auditId, summary: summary.value.trim() }),
      };
    },
  });
