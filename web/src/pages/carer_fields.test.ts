import { create } from '@bufbuild/protobuf';
import { describe, expect, it } from 'vitest';
import {
  FosterParent_Sex, ParticularsSchema, PlacementKind, TermsSchema,
} from '../generated/fosterwatch/carers/v1/register_pb';
import { idsOf, particularsQuestions, termsQuestions } from './carer_fields';

// A correction begins as the line that it corrects: what nobody touches must come back as it was.
describe('what a line of the register said', () => {
  it.each([1, 2, 3, 6])('comes back whole for a household of %i', (parents) => {
    const said = create(ParticularsSchema, {
      name: 'The household',
      address: '3 Weir Street',
      fosterParents: Array.from({ length: parents }, (_, at) => ({
        fosterParentId: `p${at}`,
        name: `Person ${at}`,
        birthDate: `198${at}-05-02`,
        sex: at % 2 === 0 ? FosterParent_Sex.FEMALE : FosterParent_Sex.MALE,
        address: at === 1 ? 'Elsewhere' : '',
      })),
    });
    const asked = particularsQuestions();
    asked.fill(said);
    expect(create(ParticularsSchema, asked.particulars())).toEqual(said);
    expect(asked.fields.filter(({ shown }) => shown).every((field) => field.check() === undefined))
      .toBe(true);
  });

  it('names the household by its people where it had no name of its own', () => {
    const asked = particularsQuestions();
    asked.fill(create(ParticularsSchema, {
      name: 'A and B', fosterParents: [{ name: 'A' }, { name: 'B' }],
    }));
    expect(asked.particulars().name).toBe('');
  });

  it.each([
    { maxChildren: 2, minAge: 5, maxAge: 12, placementKinds: [PlacementKind.RESPITE], note: 'No dogs.' },
    { maxChildren: 1, minAge: 0, maxAge: 4, namedChildIds: ['C-1', 'C-2'] },
    {},
  ])('comes back for the terms %o', (said) => {
    const asked = termsQuestions();
    asked.fill(create(TermsSchema, said));
    expect(create(TermsSchema, asked.terms())).toEqual(create(TermsSchema, said));
  });
});

it('reads numbers of records one on each line, or between commas', () => {
  expect(idsOf(' C-1\nC-2, C-3\n')).toEqual(['C-1', 'C-2', 'C-3']);
});
