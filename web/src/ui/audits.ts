// The words and looks of audits, wherever they are shown.

import {
  Audit_Scope, Audit_State, AuditedRecord_Kind, type AuditedRecord, type AuditForm,
} from '../generated/fosterwatch/allegations/v1/audit_pb';
import { paths } from '../router';
import { codeWords, wordsOf } from '../words';
import { link, tag, type Content } from './html';

export const SCOPES: readonly Audit_Scope[] = [Audit_Scope.ACTIVE, Audit_Scope.LAST_12_MONTHS];

export const scopeWords = wordsOf<Audit_Scope>({
  [Audit_Scope.ACTIVE]: 'What is open',
  [Audit_Scope.LAST_12_MONTHS]: 'The last 12 months',
});

export const scopeHint = wordsOf<Audit_Scope>({
  [Audit_Scope.ACTIVE]: 'Every allegation that is not closed, event that is not concluded and complaint '
    + 'that has not ended.',
  [Audit_Scope.LAST_12_MONTHS]:
    'Every allegation, event and complaint recorded in the twelve months before today.',
});

export const auditStateWords = wordsOf<Audit_State>({
  [Audit_State.RUNNING]: 'Running',
  [Audit_State.COMPLETED]: 'Completed',
});

export const auditTag = (state: Audit_State) =>
  tag(auditStateWords(state), state === Audit_State.RUNNING ? 'blue' : 'grey');

export const isGraded = ({ gradedBy }: AuditedRecord) => gradedBy !== '';

export const recordWords = wordsOf<AuditedRecord_Kind>({
  [AuditedRecord_Kind.ALLEGATION]: 'Allegation',
  [AuditedRecord_Kind.EVENT]: 'Notifiable event',
  [AuditedRecord_Kind.COMPLAINT]: 'Complaint',
});

// Of each kind the word that stands for it in an address, and the page of a record.
const REGISTERS = {
  [AuditedRecord_Kind.UNSPECIFIED]: ['allegation', paths.allegation],
  [AuditedRecord_Kind.ALLEGATION]: ['allegation', paths.allegation],
  [AuditedRecord_Kind.EVENT]: ['event', paths.event],
  [AuditedRecord_Kind.COMPLAINT]: ['complaint', paths.complaint],
} as const;

export const recordLink = ({ kind, recordId }: { kind: AuditedRecord_Kind; recordId: string }): Content =>
  link(REGISTERS[kind][1](recordId), recordWords(kind), recordId);

export const gradePath = (auditId: string, { kind, recordId }: AuditedRecord) =>
  paths.gradeRecord(auditId, REGISTERS[kind][0], recordId);

// As the form of the audit names it.
export const gradeWords = (form: AuditForm | undefined, code: string) =>
  form?.grades.find((each) => each.code === code)?.title ?? codeWords(code);

export const questionText = (form: AuditForm | undefined, questionId: string) =>
  form?.questions.find((each) => each.questionId === questionId)?.text ?? codeWords(questionId);

// The questions that the form asks of that kind of record.
export const questionsOf = (form: AuditForm, kind: AuditedRecord_Kind) =>
  form.questions.filter(({ kinds }) => kinds.length === 0 || kinds.includes(kind));

// How often each grade was given, by the order of the form: "Met 9, partly met 2".
export function gradesSummary(form: AuditForm | undefined, records: readonly AuditedRecord[],
  questionId?: string): string {
  const counts = new Map<string, number>();
  for (const { answers } of records) {
    for (const answer of answers) {
      if (questionId !== undefined && answer.questionId !== questionId) continue;
      counts.set(answer.grade, (counts.get(answer.grade) ?? 0) + 1);
    }
  }
  const text = (form?.grades ?? []).filter(({ code }) => counts.has(code))
    .map(({ code, title }) => `${title.toLowerCase()} ${counts.get(code)}`).join(', ');
  return text === '' ? 'Not graded yet' : text.charAt(0).toUpperCase() + text.slice(1);
}
