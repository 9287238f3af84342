import { create } from '@bufbuild/protobuf';
import { expect, test } from 'vitest';
import {
  RollUp_ReasonSchema, RollUpSchema,
} from '../generated/fosterwatch/kpis/v1/kpis_service_pb';
import {
  ComparedKpiSchema, RollUp_Reason,
} from '../generated/fosterwatch/kpis/v1/kpis_service_pb';
import { Status } from '../generated/fosterwatch/kpis/v1/kpi_pb';
import { comparedTable, listWords, notRolledUpWords } from './compared';
import { said } from './said';

test('each agency stands as on its own board, the letter of the printed key beside it', () => {
  const figure = { code: 'SC5', period: '2026-10', value: 30, target: 20, status: Status.AMBER, statusLiteral: Status.GREEN };
  const kpi = create(ComparedKpiSchema, {
    definition: { code: 'SC5', title: 'Second plans', sets: ['board'] },
    figures: [figure, { ...figure, statusLiteral: Status.AMBER }],
    rollUp: { notRolledUp: RollUp_Reason.INCOMPLETE, agencyIds: ['south'] },
  });
  const words = said(comparedTable([kpi], ['north', 'south'], 'north', 'All', (code) => `/figures/${code}`));
  expect(words).toMatch(/south has no figure/);
  expect(words.match(/By the letter of the printed key/g)).toHaveLength(1);
});

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
