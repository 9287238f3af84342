import { expect, test } from 'vitest';
import { Section } from '../generated/fosterwatch/options/v1/options_pb';
import { said } from './said';
import { isSealed, sealable } from './sealed';

test('what is sealed says so, and what nobody wrote says that', () => {
  const sealed = { sealedSections: [Section.PANEL] };
  const open = { sealedSections: [] };
  expect(said(sealable('', sealed))).toBe('Sealed: your role does not open this.');
  expect(said(sealable('', open))).toBe('None given');
  expect(said(sealable('what was said', open))).toBe('what was said');
  // Of another section of the same message.
  expect(said(sealable('what was said', sealed))).toBe('what was said');
  expect(isSealed('', open)).toBe(false);
});
