import { describe, expect, it } from 'vitest';
import {
  ALLEGATION_FORMS, CARER_FORMS, CARER_PART_FORMS, COMPLAINT_FORMS, COMPLAINT_PART_FORMS, match, paths,
} from '../router';
import { routes } from './index';

const addresses: string[] = [
  ...ALLEGATION_FORMS.map((form) => paths.allegationForm('a', form)),
  ...COMPLAINT_FORMS.map((form) => paths.complaintForm('c', form)),
  ...COMPLAINT_PART_FORMS.map((form) => paths.complaintPart('c', 'p', form)),
  ...CARER_FORMS.map((form) => paths.carerForm('f', form)),
  ...CARER_PART_FORMS.map((form) => paths.carerPart('f', 'p', form)),
  ...['complaints', 'allegations', 'carers', 'placements'].map((register) =>
    paths.record(register, 'r')),
  paths.settleSighting('s', 'match'), paths.settleSighting('s', 'explain'),
  paths.checklistItem('a', 'i', 'close'), paths.checklistItem('a', 'i', 'assign'),
];
// Those above take the name of a form or a register besides ids.
const named =
  /^(allegationForm|complaintForm|complaintPart|carerForm|carerPart|record|settleSighting|checklistItem)$/;
for (const [name, path] of Object.entries(paths)) {
  if (named.test(name)) continue;
  addresses.push((path as (...parts: string[]) => string)(...['a', 'b'].slice(0, path.length)));
}

describe('every address that a page leads to', () => {
  it.each(addresses)('%s is a page', (address) => {
    expect(match(routes, new URL(address, 'http://suite'))).toBeDefined();
  });
});
