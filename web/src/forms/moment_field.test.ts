import { timestampFromDate } from '@bufbuild/protobuf/wkt';
import { describe, expect, it } from 'vitest';
import { partsOf, readMoment, toTimestamp, type MomentParts } from './moment_field';

const parts = (day: string, month: string, year: string, time: string,
  which: MomentParts['which'] = ''): MomentParts => ({ day, month, year, time, which });
const read = (value: MomentParts) => readMoment(value, 'The time');

describe('a day and a time', () => {
  it('is a moment', () => {
    expect(read(parts('21', '11', '2026', '11:10pm')))
      .toEqual({ moment: new Date('2026-11-21T23:10:00Z') });
    expect(read(parts(' 16', '6 ', '2026', '08:06')))
      .toEqual({ moment: new Date('2026-06-16T07:06:00Z') });
  });

  it('may be left out altogether, but not in part', () => {
    expect(read(parts('', '', '', ''))).toEqual({ nothing: true });
    expect(read(parts('21', '', '2026', '')))
      .toEqual({ wrong: 'The time must include a month and a time of day', part: 'month' });
  });

  it('must be real', () => {
    expect(read(parts('31', '2', '2026', '10:00'))).toMatchObject({ part: 'day' });
    expect(read(parts('x', '2', '2026', '10:00'))).toMatchObject({ part: 'day' });
    expect(read(parts('1', '2', '2026', 'teatime'))).toMatchObject({ part: 'time' });
    expect(read(parts('29', '3', '2026', '1:30am'))).toMatchObject({ part: 'time' });
  });

  it('asks which one in the hour that comes twice', () => {
    expect(read(parts('25', '10', '2026', '1:30am'))).toMatchObject({ part: 'which' });
    expect(read(parts('25', '10', '2026', '1:30am', 'first')))
      .toEqual({ moment: new Date('2026-10-25T00:30:00Z') });
    expect(read(parts('25', '10', '2026', '1:30am', 'second')))
      .toEqual({ moment: new Date('2026-10-25T01:30:00Z') });
  });

  it.each(['2026-06-16T07:06:00Z', '2026-10-25T00:30:00Z', '2026-10-25T01:30:00Z'])(
    'comes back from its parts (%s)', (text) => {
      expect(read(partsOf(new Date(text)))).toEqual({ moment: new Date(text) });
    });
});

it('a minute that was typed holds what happened within it', () => {
  const given = { ...timestampFromDate(new Date('2026-11-22T07:22:31Z')), nanos: 123_456_789 };
  const typed = (text: string) => toTimestamp(new Date(text), given);
  expect(typed('2026-11-22T07:22:00Z')).toEqual(given);
  expect(typed('2026-11-22T07:23:00Z')).toEqual(timestampFromDate(new Date('2026-11-22T07:23:00Z')));
  expect(typed('2026-11-22T07:21:00Z')).toEqual(timestampFromDate(new Date('2026-11-22T07:21:00Z')));
});
