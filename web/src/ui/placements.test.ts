import { create } from '@bufbuild/protobuf';
import { expect, test } from 'vitest';
import { PlacementSchema } from '../generated/fosterwatch/placements/v1/placement_pb';
import { placementCorrection } from './placements';

const before = create(PlacementSchema, {
  placementId: 'P-1', childId: 'C-1', carerId: 'F-1', startDate: '2026-03-02', endDate: '2026-05-04',
  placementCode: 'U4', reasonCode: 'CREQB', endingNote: 'Moved.',
});
const same = {
  carerId: 'F-1', startDate: '2026-03-02', endDate: '2026-05-04', placementCode: 'U4',
  reasonCode: 'CREQB', kind: '', statutoryProvision: '', addressBefore: '', addressOnLeaving: '',
  endingNote: 'Moved.',
};

test('a correction sends what is another than before, and nothing of the rest', () => {
  expect(placementCorrection(before, same))
    .toEqual({ placement: { placementId: 'P-1', childId: 'C-1' }, cleared: [] });
  expect(placementCorrection(before, { ...same, startDate: '2026-03-01', kind: 'SHORT_TERM' })).toEqual({
    placement: {
      placementId: 'P-1', childId: 'C-1', startDate: '2026-03-01', kind: 'SHORT_TERM',
    },
    cleared: [],
  });
});

test('a placement that has not ended after all says nothing of its ending any more', () => {
  expect(placementCorrection(before, { ...same, endDate: '', reasonCode: '', endingNote: '' })).toEqual({
    placement: { placementId: 'P-1', childId: 'C-1' },
    cleared: ['end_date', 'reason_code', 'ending_note'],
  });
});
