import { expect, it } from 'vitest';
import { endOf, startOf } from './days';
import { toDate } from './time';

it('a day begins and ends at midnight in London, whatever the clocks do', () => {
  const moments = (day: string) => [startOf(day), endOf(day)].map((each) => toDate(each!).toISOString());
  expect(moments('2026-11-22')).toEqual(['2026-11-22T00:00:00.000Z', '2026-11-23T00:00:00.000Z']);
  // 23 and 25 hours long.
  expect(moments('2026-03-29')).toEqual(['2026-03-29T00:00:00.000Z', '2026-03-29T23:00:00.000Z']);
  expect(moments('2026-10-25')).toEqual(['2026-10-24T23:00:00.000Z', '2026-10-26T00:00:00.000Z']);
  expect(moments('2026-12-31')).toEqual(['2026-12-31T00:00:00.000Z', '2027-01-01T00:00:00.000Z']);
  expect(startOf('soon')).toBeUndefined();
  expect(endOf('soon')).toBeUndefined();
});
