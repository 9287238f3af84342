import { describe, expect, it } from 'vitest';
import {
  behindMs, behindWords, dueWording, formatClock, formatDateTime, formatDue, formatDuration,
  formatMonth, formatPeriod, formatRecent, isCalendarDay, momentsOf, monthOf, monthsFrom, parseTimeOfDay, shortPeriod,
  toWallTime,
} from './time';

const at = (text: string) => new Date(text);

describe('a moment as people read it', () => {
  it('is London time in the GOV.UK style', () => {
    expect(formatDateTime(at('2026-06-16T07:06:00Z'))).toBe('16 June 2026 at 8:06am');
    expect(formatDateTime(at('2026-12-01T17:30:00Z'))).toBe('1 December 2026 at 5:30pm');
    expect(formatDateTime(at('2026-12-01T12:00:00Z'))).toBe('1 December 2026 at midday');
    expect(formatDateTime(at('2026-12-01T15:00:59Z'))).toBe('1 December 2026 at 3pm');
  });

  it('says which end of the day midnight is', () => {
    expect(formatDateTime(at('2026-06-15T23:00:00Z'))).toBe('start of 16 June 2026 (midnight)');
    expect(formatDue(at('2026-06-15T23:00:00Z'))).toBe('end of Monday 15 June 2026');
    expect(formatDue(at('2026-06-15T22:59:00Z'))).toBe('15 June 2026 at 11:59pm');
  });

  it('says which one it is in the hour that the clocks repeat', () => {
    expect(formatDateTime(at('2026-10-25T00:30:00Z')))
      .toBe('25 October 2026 at 1:30am (before the clocks went back)');
    expect(formatDateTime(at('2026-10-25T01:30:00Z')))
      .toBe('25 October 2026 at 1:30am (after the clocks went back)');
    expect(formatDateTime(at('2026-10-25T02:00:00Z'))).toBe('25 October 2026 at 2am');
  });

  it('is short in a list', () => {
    const now = at('2026-11-22T10:00:00Z');
    expect(formatRecent(at('2026-11-22T08:06:00Z'), now)).toBe('today at 8:06am');
    expect(formatRecent(at('2026-11-21T23:10:00Z'), now)).toBe('21 November at 11:10pm');
    expect(formatRecent(at('2025-11-21T23:10:00Z'), now)).toBe('21 November 2025 at 11:10pm');
  });
});

describe('a wall clock in London', () => {
  it('has one moment as a rule', () => {
    expect(momentsOf({ year: 2026, month: 6, day: 16, hour: 8, minute: 6 }))
      .toEqual([at('2026-06-16T07:06:00Z')]);
    expect(momentsOf({ year: 2026, month: 1, day: 16, hour: 8, minute: 6 }))
      .toEqual([at('2026-01-16T08:06:00Z')]);
  });

  it('has two in the hour that is repeated', () => {
    expect(momentsOf({ year: 2026, month: 10, day: 25, hour: 1, minute: 0 }))
      .toEqual([at('2026-10-25T00:00:00Z'), at('2026-10-25T01:00:00Z')]);
    expect(momentsOf({ year: 2026, month: 10, day: 25, hour: 0, minute: 59 })).toHaveLength(1);
    expect(momentsOf({ year: 2026, month: 10, day: 25, hour: 2, minute: 0 })).toHaveLength(1);
  });

  it('has none in the hour that is skipped', () => {
    expect(momentsOf({ year: 2026, month: 3, day: 29, hour: 1, minute: 30 })).toEqual([]);
    expect(momentsOf({ year: 2026, month: 3, day: 29, hour: 2, minute: 0 })).toHaveLength(1);
  });

  it('comes back from each of its moments', () => {
    const moments = Array.from({ length: 24 * 400 }, (_, hour) => new Date(Date.UTC(2026, 0, 1, hour, 7)));
    expect(moments.filter((moment) =>
      !momentsOf(toWallTime(moment)).some((each) => Number(each) === Number(moment)))).toEqual([]);
  });
});

describe('a time of day', () => {
  it.each([
    ['22:30', 22, 30], ['22.30', 22, 30], ['2230', 22, 30], ['9:05', 9, 5], ['10:30pm', 22, 30],
    ['10.30 PM', 22, 30], ['10pm', 22, 0], ['12am', 0, 0], ['12:15pm', 12, 15],
    ['midday', 12, 0], ['midnight', 0, 0], ['00:00', 0, 0],
  ])('is read from %s', (text, hour, minute) => {
    expect(parseTimeOfDay(text)).toEqual({ hour, minute });
  });

  it.each(['', '10', '24:00', '13pm', '0am', '10:60', 'soon', '10:3'])(
    'is not guessed from "%s"', (text) => {
      expect(parseTimeOfDay(text)).toBeUndefined();
    });
});

describe('how long is left', () => {
  const now = at('2026-11-22T10:00:00Z');
  it('is said in the unit that matters', () => {
    expect(dueWording(at('2026-11-22T10:00:20Z'), now)).toBe('due in less than a minute');
    expect(dueWording(at('2026-11-22T11:30:00Z'), now)).toBe('due in 90 minutes');
    expect(dueWording(at('2026-11-23T09:00:00Z'), now)).toBe('due in 23 hours');
    expect(dueWording(at('2026-11-22T09:59:00Z'), now)).toBe('overdue by 1 minute');
    expect(formatDuration(72 * 3_600_000)).toBe('3 days');
  });
});

it('knows the days of the calendar', () => {
  expect(isCalendarDay(2028, 2, 29)).toBe(true);
  expect(isCalendarDay(2026, 2, 29)).toBe(false);
  expect(isCalendarDay(26, 2, 2)).toBe(false);
});

it('names a month', () => {
  expect(formatMonth('2026-11')).toBe('November 2026');
  expect(formatMonth('2026-13')).toBe('2026-13');
});

describe('a period of figures', () => {
  it('of any length is said in words', () => {
    expect(formatPeriod('2026-11')).toBe('November 2026');
    expect(formatPeriod('2026-Q4')).toBe('October to December 2026');
    expect(formatPeriod('2026-W07')).toBe('week 7 of 2026');
    expect(formatPeriod('2026-11-22')).toBe('22 November 2026');
    expect(formatPeriod('2026')).toBe('2026');
    expect(formatPeriod('soon')).toBe('soon');
  });

  it('is counted over the turn of the year', () => {
    expect(monthsFrom('2026-01', -1)).toBe('2025-12');
    expect(monthsFrom('2026-12', 1)).toBe('2027-01');
    expect(monthsFrom('2026-11', -24)).toBe('2024-11');
  });

  it('is the one of London', () => {
    expect(monthOf(at('2026-06-30T23:30:00Z'))).toBe('2026-07');
    expect(monthOf(at('2026-12-31T23:30:00Z'))).toBe('2026-12');
  });
});

describe('how fresh a screen is', () => {
  it('is said to the second, by London’s clocks', () => {
    expect(formatClock(at('2026-06-16T13:03:07Z'))).toBe('14:03:07');
    expect(formatClock(at('2026-12-01T00:00:00Z'))).toBe('00:00:00');
  });

  it('says how long the last change took, and nothing that cannot be', () => {
    expect(behindWords(412)).toBe(', 0.4 s behind');
    expect(behindWords(59_000)).toBe(', 59.0 s behind');
    expect(behindWords(180_000)).toBe(', 3 minutes behind');
    expect(behindWords(undefined)).toBe('');
    expect(behindWords(0)).toBe(', 0.0 s behind');
  });

  it('counts from what had not been shown, or from when the page was read', () => {
    const read = at('2026-06-16T07:06:00.000Z');
    const drawn = at('2026-06-16T07:06:00.300Z');
    expect(behindMs(read, undefined, drawn)).toBe(300);
    expect(behindMs(read, at('2026-06-16T07:05:59.900Z'), drawn)).toBe(400);
    // By a clock that is ahead of this one.
    expect(behindMs(read, at('2026-06-16T07:06:05.000Z'), drawn)).toBe(300);
    expect(behindMs(drawn, undefined, read)).toBe(0);
  });
});

it('a period is short in the head of a column', () => {
  expect(shortPeriod('2026-11')).toBe('Nov 2026');
  expect(shortPeriod('2026-Q4')).toBe('Q4 2026');
  expect(shortPeriod('2026-W07')).toBe('W07 2026');
  expect(shortPeriod('2026')).toBe('2026');
});
