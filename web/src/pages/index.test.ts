import { describe, expect, it } from 'vitest';
import {
  ALLEGATION_FORMS, CARER_FORMS, CARER_PART_FORMS, COMPLAINT_FORMS, COMPLAINT_PART_FORMS, match, paths,
} from '../router';
import { partOf } from './index';

const addresses: string[] = [
  ...ALLEGATION_FORMS.map((form) => paths.allegationForm('a', form)),
  ...COMPLAINT_FORMS.map((form) => paths.complaintForm('c', form)),
  ...COMPLAINT_PART_FORMS.map((form) => paths.complaintPart('c', 'p', form)),
  ...CARER_FORMS.map((form) => paths.carerForm('f', form)),
  ...CARER_PART_FORMS.map((form) => paths.carerPart('f', 'p', form)),
  ...['complaints', 'allegations', 'carers', 'placements', 'kpis'].map((register) =>
    paths.record(register, 'r')),
  ...[
    'AUDIT_FINDING_OVERDUE', 'EMERGENCY_ACCESS', 'COMPLAINT_SEEN_ELSEWHERE', 'INTAKE_RECORD_PARKED', 'RESTATEMENT_WAITING',
  ].map((code) =>
    paths.record('allegations', 'r', code)),
  paths.gradeRecord('a', 'allegation', 'r'), paths.gradeRecord('a', 'event', 'r'),
  paths.gradeRecord('a', 'complaint', 'r'),
  paths.settleSighting('s', 'match'), paths.settleSighting('s', 'explain'),
  paths.settleSighting('s', 'take-back'),
  paths.checklistItem('a', 'i', 'close'), paths.checklistItem('a', 'i', 'assign'),
];
// Those above take the name of a form or a register besides ids.
const named =
  /^(allegationForm|complaintForm|complaintPart|carerForm|carerPart|record|gradeRecord|settleSighting|checklistItem)$/;
for (const [name, path] of Object.entries(paths)) {
  if (named.test(name)) continue;
  addresses.push((path as (...parts: string[]) => string)(...['a', 'b'].slice(0, path.length)));
}

// Loaded before the tests, whose time is limited.
const pages = await Promise.all(addresses.map(async (address) => {
  const url = new URL(address, 'http://suite');
  const part = await partOf(url)?.();
  return { address, make: part && match(part.routes, url) };
}));

describe('every address that a page leads to', () => {
  it.each(pages)('$address is a page', ({ make }) => {
    expect(make).toBeDefined();
  });

  it.each(['/nowhere', '/constructor', '/signin'])('%s is none of ours', (address) => {
    expect(partOf(new URL(address, 'http://suite'))).toBeUndefined();
  });
});
