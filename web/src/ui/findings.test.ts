import { expect, it } from 'vitest';
import { create } from '@bufbuild/protobuf';
import {
  Finding_Code, Finding_Severity, FindingSchema,
} from '../generated/fosterwatch/directory/v1/check_pb';
import { Body_Kind } from '../generated/fosterwatch/directory/v1/directory_pb';
import { Role } from '../generated/fosterwatch/options/v1/options_pb';
import { Names } from '../names';
import { findingWords, remedyView } from './findings';

const codes = Object.values(Finding_Code)
  .filter((code): code is Finding_Code => typeof code === 'number' && code !== 0);

it.each(codes)('finding %i is said in words of its own, with what to do', (code) => {
  const words = findingWords(create(FindingSchema, {
    code,
    severity: Finding_Severity.UNREACHABLE,
    role: Role.DEPUTY_MANAGER,
    personId: 'deputy-manager-1',
    bodyId: 'northshire',
    bodyKind: Body_Kind.LOCAL_AUTHORITY,
  }), new Names());
  expect(words).not.toMatch(/Unknown|does not know/);
  expect(remedyView(create(FindingSchema, { code, absenceId: 'A1' }))).not.toBe('');
  const others = codes.filter((each) => each !== code).map((each) =>
    findingWords(create(FindingSchema, { code: each }), new Names()));
  expect(others).not.toContain(findingWords(create(FindingSchema, { code }), new Names()));
});

it('a role that nobody holds names who held it last', () => {
  expect(findingWords(create(FindingSchema, {
    code: Finding_Code.ROLE_UNHELD, role: Role.DEPUTY_MANAGER, personId: 'deputy-manager-1',
  }), new Names())).toBe('Nobody is deputy manager; the last was deputy-manager-1');
});
