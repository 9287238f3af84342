import { create } from '@bufbuild/protobuf';
import { timestampFromDate } from '@bufbuild/protobuf/wkt';
import { describe, expect, it } from 'vitest';
import { ReviewInput_Kind as Kind } from '../generated/fosterwatch/carers/v1/approval_pb';
import { CarerSchema } from '../generated/fosterwatch/carers/v1/carer_pb';
import { inputsOf } from './review_inputs';

const review = (changeId: string, effectiveDate: string, replacesChangeId = '') => ({
  changeId, effectiveDate, replacesChangeId, value: { case: 'review' as const, value: {} },
});

describe('what a review looks back on', () => {
  const carer = create(CarerSchema, {
    approvedDate: '2024-05-01',
    registerChanges: [review('1', '2025-05-01'), review('2', '2026-06-01'), review('3', '2026-05-01', '2')],
    visits: [
      { visitId: 'v-1', visitedTime: timestampFromDate(new Date('2026-04-30T12:00:00Z')) },
      // The last minutes of 30 April in UTC are of 1 May in London.
      { visitId: 'v-2', visitedTime: timestampFromDate(new Date('2026-04-30T23:30:00Z')) },
      { visitId: 'v-3', visitedTime: timestampFromDate(new Date('2026-11-24T12:00:00Z')) },
    ],
  });
  const recorded = new Map([
    [Kind.COMPLAINT, Array.from({ length: 120 }, (_, i) =>
      ({ id: `k-${String(i).padStart(3, '0')}`, day: i < 10 ? '2026-04-30' : '2026-05-02' }))],
    [Kind.ALLEGATION, []],
  ]);

  it('is since the review before that stands, up to its own day', () => {
    const { since, own, others } = inputsOf(carer, recorded, '2026-11-23');
    expect(since).toBe('2026-05-01');
    expect(own.find(({ kind }) => kind === Kind.VISIT)).toMatchObject({ count: 1, recordIds: ['v-2'] });
    const complaints = others.find(({ kind }) => kind === Kind.COMPLAINT)!;
    expect(complaints.count).toBe(110);
    expect(complaints.recordIds).toHaveLength(100);
    expect(complaints.recordIds[0]).toBe('k-119');
    expect(others.find(({ kind }) => kind === Kind.ALLEGATION)).toMatchObject({ count: 0, recordIds: [] });
  });

  it('of the first review is since the approval', () => {
    expect(inputsOf(carer, recorded, '2025-05-01').since).toBe('2024-05-01');
  });
});
