import { expect, test } from 'vitest';
import { create } from '@bufbuild/protobuf';
import {
  AccessSchema, UnusualAccessSchema, UnusualAccess_Kind,
} from '../generated/fosterwatch/operations/v1/access_service_pb';
import { methodWords, pageOf, unusualWords } from './access';

test('a method is told in words', () => {
  expect(methodWords('fosterwatch.carers.v1.CarersService/GetCarer')).toBe('Get carer');
  expect(methodWords('fosterwatch.allegations.v1.AllegationsService/ListAllegations'))
    .toBe('List allegations');
});

test('what is unusual says how much, and what would pass', () => {
  const of = (kind: UnusualAccess_Kind, count: number) =>
    unusualWords(create(UnusualAccessSchema, { kind, count, allowed: 60 }));
  expect(of(UnusualAccess_Kind.MANY_RECORDS, 61))
    .toBe('Opened 61 records within the hour; more than 60 is unusual');
  expect(of(UnusualAccess_Kind.MANY_REFUSALS, 1)).toContain('1 time within');
  for (const kind of [UnusualAccess_Kind.MANY_RECORDS, UnusualAccess_Kind.OUTSIDE_HOURS,
    UnusualAccess_Kind.MANY_REFUSALS]) {
    expect(of(kind, 61)).not.toContain('does not know');
  }
});

test('a page never ends between looks of one moment', () => {
  const at = (accessId: string, nanos: number) =>
    create(AccessSchema, { accessId, time: { seconds: 1_795_435_200n, nanos } });
  const rows = [at('a', 1000), at('b', 3000), at('c', 2000), at('d', 2000), at('e', 1000)];
  const ids = (size: number) => pageOf(rows, size).map(({ accessId }) => accessId).join('');
  expect(ids(1)).toBe('b');
  expect(ids(2)).toBe('bcd');
  expect(ids(3)).toBe('bcd');
  expect(ids(4)).toBe('bcdae');
  expect(ids(9)).toBe('bcdae');
  expect(pageOf([], 2)).toEqual([]);
});
