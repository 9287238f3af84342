import { create } from '@bufbuild/protobuf';
import { expect, it } from 'vitest';
import { StatementSchema } from '../generated/fosterwatch/complaints/v1/oversight_service_pb';
import { statementCsv } from './complaints_statement';

it('a statement is kept as rows that a spreadsheet takes for text and numbers', () => {
  const csv = statementCsv(create(StatementSchema, {
    fromDate: '2025-11-23',
    untilDate: '2026-11-22',
    complaints: 3,
    byCategory: [{ key: 'CONTACT', count: 3 }],
    timeliness: [{ key: 'ca1989 stage_1 answer', late: 2 }],
    learning: ['We say "when" at once', '=HYPERLINK("x")'],
  }));
  const rows = csv.split('\r\n');
  expect(rows[0]).toBe('"section","what","figure"');
  expect(rows).toContain('"count","complaints","3"');
  expect(rows).toContain('"category","CONTACT","3"');
  expect(rows).toContain('"ca1989 stage_1 answer","late","2"');
  expect(rows).toContain('"learning","published","We say ""when"" at once"');
  expect(rows).toContain('"learning","published","\'=HYPERLINK(""x"")"');
  // Nothing was closed: no time to closing is known, which is not 0.
  expect(rows).toContain('"time","median working days to closing",""');
  expect(csv.endsWith('\r\n')).toBe(true);
});
