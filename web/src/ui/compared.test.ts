import { create } from '@bufbuild/protobuf';
import { expect, test } from 'vitest';
import {
  RollUp_ReasonSchema, RollUpSchema,
} from '../generated/fosterwatch/kpis/v1/kpis_service_pb';
import { listWords, notRolledUpWords } from './compared';

test('agencies are listed as people say them', () => {
  expect(listWords([])).toBe('');
  expect(listWords(['north'])).toBe('north');
  expect(listWords(['north', 'south'])).toBe('north and south');
  expect(listWords(['north', 'south', 'west'])).toBe('north, south and west');
});

test('why agencies together have no figure is said for every reason, with whose it is', () => {
  for (const { number: notRolledUp, name } of RollUp_ReasonSchema.values) {
    const words = notRolledUpWords(create(RollUpSchema, { notRolledUp, agencyIds: ['north'] }));
    if (notRolledUp === 0) expect(words).toBe('');
    else expect(words, name).not.toMatch(/^$|^Not known/);
  }
  expect(notRolledUpWords(create(RollUpSchema, { notRolledUp: 1, agencyIds: ['north', 'south'] })))
    .toBe('north and south have no figure');
});
