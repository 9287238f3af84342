import { timestampDate, timestampFromDate } from '@bufbuild/protobuf/wkt';
import { describe, expect, it } from 'vitest';
import { AsAt } from './as_at';
import { said } from './said';

const now = new Date('2026-11-22T20:00:00Z');
const asAt = (query: string) => new AsAt(new URLSearchParams(query));

describe('as at which day figures are shown', () => {
  it('is the end of the day in London', () => {
    const { asAtTime, knownAtTime } = asAt('at=2026-06-30&known=2026-10-25').times(now);
    expect(timestampDate(asAtTime!).toISOString()).toBe('2026-06-30T23:00:00.000Z');
    expect(timestampDate(knownAtTime!).toISOString()).toBe('2026-10-26T00:00:00.000Z');
  });

  it('is now where nothing is said, today, and for what is no day', () => {
    expect(asAt('').times(now)).toEqual({});
    expect(asAt('at=2026-11-22&known=2027-01-01').times(now)).toEqual({});
    expect(asAt('at=soon').times(now)).toEqual({});
  });

  it('says as known when only where that was chosen', () => {
    const time = timestampFromDate(new Date('2026-06-30T23:00:00Z'));
    const known = timestampFromDate(new Date('2026-10-26T09:30:00Z'));
    expect(said(asAt('').words(time, known))).toBe('As at end of Tuesday 30 June 2026.');
    expect(said(asAt('at=2026-06-30').words(time, known)))
      .toBe('As at end of Tuesday 30 June 2026, as known 26 October 2026 at 9:30am.');
    expect(said(asAt('').words(undefined, undefined))).toBe('No figure has been worked out yet.');
  });
});
