import { create } from '@bufbuild/protobuf';
import { timestampFromDate } from '@bufbuild/protobuf/wkt';
import { expect, it } from 'vitest';
import { VisitSchema } from '../generated/fosterwatch/carers/v1/duties_pb';
import { newestVisits } from './carer_work_view';

it('visits are shown newest first, in whatever order they were recorded', () => {
  const visit = (visitId: string, day: string) =>
    create(VisitSchema, { visitId, visitedTime: timestampFromDate(new Date(`${day}T12:00:00Z`)) });
  const recorded = [
    visit('unannounced', '2026-10-13'), visit('supervision', '2026-11-19'),
    visit('safety', '2026-10-11'), visit('safety, corrected', '2026-10-11'),
  ];
  expect(newestVisits(recorded).map(({ visitId }) => visitId))
    .toEqual(['supervision', 'unannounced', 'safety, corrected', 'safety']);
});
