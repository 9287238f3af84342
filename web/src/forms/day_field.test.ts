import { expect, it } from 'vitest';
import { dayParts, readDay } from './day_field';

it('a day is read as people type it', () => {
  expect(readDay({ day: '1', month: ' 3', year: '2026' })).toBe('2026-03-01');
  expect(readDay({ day: '29', month: '2', year: '2028' })).toBe('2028-02-29');
});

it.each([
  { day: '29', month: '2', year: '2026' },
  { day: '0', month: '1', year: '2026' },
  { day: '1', month: '13', year: '2026' },
  { day: '1', month: '1', year: '26' },
  { day: 'x', month: '1', year: '2026' },
  { day: '', month: '', year: '' },
])('what is no day of the calendar is none: $day $month $year', (parts) => {
  expect(readDay(parts)).toBeUndefined();
});

it('shows a day as it is typed', () => {
  expect(dayParts('2026-03-07')).toEqual({ day: '7', month: '3', year: '2026' });
  expect(readDay({ day: '', month: '', year: '', ...dayParts('2026-03-07') })).toBe('2026-03-07');
  expect(dayParts('')).toEqual({});
});
