import { create } from '@bufbuild/protobuf';
import { describe, expect, it } from 'vitest';
import {
  AuditedRecord_Kind, AuditedRecordSchema, AuditFormSchema,
} from '../generated/fosterwatch/allegations/v1/audit_pb';
import { gradesSummary, questionsOf } from './audits';

const form = create(AuditFormSchema, {
  grades: [{ code: 'MET', title: 'Met' }, { code: 'NOT_MET', title: 'Not met', wanting: true }],
  questions: [
    { questionId: 'safety' },
    { questionId: 'approval', kinds: [AuditedRecord_Kind.ALLEGATION] },
  ],
});

const record = (...grades: string[]) => create(AuditedRecordSchema, {
  answers: grades.map((grade, at) => ({ questionId: form.questions[at]!.questionId, grade })),
});

describe('an audit', () => {
  it('counts its grades in the order of the form', () => {
    const records = [record('NOT_MET', 'MET'), record('MET', 'MET'), record()];
    expect(gradesSummary(form, records)).toBe('Met 3, not met 1');
    expect(gradesSummary(form, records, 'safety')).toBe('Met 1, not met 1');
    expect(gradesSummary(form, [record()])).toBe('Not graded yet');
  });

  it('asks of a record what the form asks of its kind', () => {
    expect(questionsOf(form, AuditedRecord_Kind.EVENT).map(({ questionId }) => questionId))
      .toEqual(['safety']);
    expect(questionsOf(form, AuditedRecord_Kind.ALLEGATION)).toHaveLength(2);
  });
});
