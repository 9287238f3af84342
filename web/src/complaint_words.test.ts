import { describe, expect, it } from 'vitest';
import {
  complaintDutyWords, complaintFactWords, complaintKindWords, complaintStateWords, giverWords,
  pointOutcomeWords, proposalStateWords, receivedByWords, sightingSourceWords, sightingStateWords,
  stepWords, subjectKindWords,
} from './complaint_words';
import {
  Complaint_StateSchema, ComplaintKindSchema, DutyKind, DutyKindSchema, EventProposal_StateSchema,
  GiverKindSchema, PointOutcomeSchema, ReceivedBySchema, SubjectKindSchema, type Stage,
} from './generated/fosterwatch/complaints/v1/complaint_pb';
import {
  Sighting_StateSchema, SightingSourceSchema,
} from './generated/fosterwatch/complaints/v1/sighting_pb';

describe('the words of complaints', () => {
  it.each([
    [ComplaintKindSchema, complaintKindWords],
    [Complaint_StateSchema, complaintStateWords],
    [GiverKindSchema, giverWords],
    [SubjectKindSchema, subjectKindWords],
    [ReceivedBySchema, receivedByWords],
    [PointOutcomeSchema, pointOutcomeWords],
    [EventProposal_StateSchema, proposalStateWords],
    [SightingSourceSchema, sightingSourceWords],
    [Sighting_StateSchema, sightingStateWords],
    [DutyKindSchema, (kind: DutyKind) =>
      complaintDutyWords({ kind, stageNumber: 1, stepId: 'answer' }, [])],
  ])('know every value of the contract', ({ values }, words: (value: never) => string) => {
    for (const { number, name } of values.filter(({ number }) => number !== 0)) {
      expect(words(number as never), name).not.toMatch(/Unknown/);
    }
  });

  it('name a step with its stage', () => {
    const stages = [{ number: 3, title: 'Stage 3, review panel' }] as Stage[];
    expect(complaintDutyWords({ kind: DutyKind.STEP, stageNumber: 3, stepId: 'panel' }, stages))
      .toBe('Panel meets: stage 3, review panel');
  });

  it('let an unknown code through in a readable form', () => {
    expect(complaintFactWords('some_new_fact')).toBe('Some new fact');
    expect(stepWords('some_new_step')).toBe('Some new step');
  });
});
