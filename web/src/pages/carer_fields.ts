// Questions about a household that several forms ask: who they are, and for whom they are approved.

import { PLACEMENT_KINDS, placementKindWords, sexWords } from '../carer_words';
import { DayField } from '../forms/day_field';
import type { Field, FieldOptions } from '../forms/field';
import { EnumField, EnumsField, longText, NumberField, shortText } from '../forms/questions';
import type { Carer } from '../generated/fosterwatch/carers/v1/carer_pb';
import {
  FosterParent_Sex, type FosterParent, type Particulars, type Terms,
} from '../generated/fosterwatch/carers/v1/register_pb';
import { parentWords } from '../ui/carers';

// Foster parents of the household.
export const parentChoices = (carer: Carer | undefined) => (carer?.fosterParents ?? []).map(
  ({ fosterParentId }) => ({ value: fosterParentId, text: parentWords(carer, fosterParentId) }));

// Numbers of records, one on each line.
export const idsField = (options: FieldOptions & { lines?: number }) =>
  longText({ lines: 3, maxLength: 2000, ...options });

export const idsOf = (text: string) => text.split(/[\s,]+/).filter((id) => id !== '');

// How many, of which age, in which kind of placement, which children.
export function termsQuestions(shown: () => boolean = () => true) {
  const max = new NumberField({
    name: 'max-children', label: 'How many children at a time?', subject: 'The number of children',
    hint: 'Leave it empty where the terms set none.', conditional: true, path: 'terms.max_children',
    shown,
  });
  const min = new NumberField({
    name: 'min-age', label: 'From which age?', subject: 'The lowest age', conditional: true,
    hint: 'In whole years. Leave both empty for any age.', path: 'terms.min_age', shown,
  });
  const upTo = new NumberField({
    name: 'max-age', label: 'To which age?', subject: 'The highest age', conditional: true,
    path: 'terms.max_age', shown,
  });
  const kinds = new EnumsField({
    name: 'placement-kinds', label: 'For which kinds of placement?', subject: 'The kind of placement',
    hint: 'Select none for any kind.', conditional: true, path: 'terms.placement_kinds',
    values: PLACEMENT_KINDS, words: placementKindWords, shown,
  });
  const children = idsField({
    name: 'named-children', label: 'For which children alone?', subject: 'The children',
    hint: 'Their numbers, one on each line. Leave it empty for any child.', conditional: true,
    path: 'terms.named_child_ids', lines: 2, shown,
  });
  const note = longText({
    name: 'terms-note', label: 'What else do the terms say?', subject: 'What else they say',
    hint: 'Nothing is checked against it.', conditional: true, path: 'terms.note', lines: 2,
    maxLength: 2000, shown,
  });
  return {
    fields: [max, min, upTo, kinds, children, note] as readonly Field[],
    terms: () => ({
      maxChildren: max.number,
      minAge: min.number,
      maxAge: upTo.number,
      placementKinds: kinds.chosen,
      namedChildIds: idsOf(children.value),
      note: note.value.trim(),
    }),
    fill: (terms: Terms) => {
      const written = (number: number) => number === 0 ? '' : String(number);
      max.value = written(terms.maxChildren);
      min.value = terms.maxAge === 0 ? '' : String(terms.minAge);
      upTo.value = written(terms.maxAge);
      kinds.values = terms.placementKinds.map(String);
      children.value = terms.namedChildIds.join('\n');
      note.value = terms.note;
    },
  };
}

// As many foster parents as a household has; the next is asked for once there is one before.
const ORDINALS = ['first', 'second', 'third', 'fourth', 'fifth', 'sixth'] as const;

function parentQuestions(number: number, before: () => boolean) {
  const who = ORDINALS[number];
  const path = `particulars.foster_parents[${number}]`;
  let fosterParentId = '';
  const name = shortText({
    name: `${who}-name`, label: `Name of the ${who} foster parent`, subject: 'The name',
    ...number === 0 ? { required: 'Enter the name of the first foster parent' } : {},
    path: `${path}.name`, width: 30, shown: () => number === 0 || before() || name.value.trim() !== '',
  });
  const named = () => name.value.trim() !== '';
  const shown = () => number === 0 || named();
  const birth = new DayField({
    name: `${who}-birth`, label: `Date of birth of the ${who} foster parent`,
    subject: 'The date of birth', hint: 'For example, 27 3 1980.',
    required: `Enter the date of birth of the ${who} foster parent`, path: `${path}.birth_date`, shown,
  });
  const sex = new EnumField({
    name: `${who}-sex`, label: `Sex of the ${who} foster parent`, subject: 'The sex',
    required: `Select the sex of the ${who} foster parent`, path: `${path}.sex`,
    values: [FosterParent_Sex.FEMALE, FosterParent_Sex.MALE], words: sexWords, shown,
  });
  const address = longText({
    name: `${who}-address`, label: `Address of the ${who} foster parent`, subject: 'The address',
    hint: 'Only where it is another than the household’s.', path: `${path}.address`, lines: 2,
    maxLength: 500, shown,
  });
  return {
    fields: [name, birth, sex, address] as readonly Field[],
    named,
    value: () => ({
      fosterParentId,
      name: name.value.trim(),
      birthDate: birth.value,
      sex: sex.chosen,
      address: address.value.trim(),
    }),
    fill: (parent: FosterParent) => {
      ({ fosterParentId } = parent);
      name.value = parent.name;
      birth.fill(parent.birthDate);
      sex.value = parent.sex === FosterParent_Sex.UNSPECIFIED ? '' : String(parent.sex);
      address.value = parent.address;
    },
  };
}

export function particularsQuestions() {
  const household = shortText({
    name: 'household', label: 'Name of the household', subject: 'The name of the household',
    hint: 'As letters name it. Leave it empty for the names of the foster parents.',
    path: 'particulars.name', width: 30,
  });
  const address = longText({
    name: 'address', label: 'Address of the household', subject: 'The address',
    required: 'Enter the address', path: 'particulars.address', lines: 3, maxLength: 500,
  });
  const parents: ReturnType<typeof parentQuestions>[] = [];
  ORDINALS.forEach((_, number) => {
    parents.push(parentQuestions(number, () => parents[number - 1]?.named() ?? true));
  });
  return {
    fields: [household, address, ...parents.flatMap(({ fields }) => fields)] as readonly Field[],
    particulars: () => ({
      name: household.value.trim(),
      address: address.value.trim(),
      fosterParents: parents.filter(({ named }) => named()).map(({ value }) => value()),
    }),
    // Of an imported household the name may be all that is known.
    fill: ({ name, address: at, fosterParents }: Pick<Particulars, 'name' | 'address' | 'fosterParents'>) => {
      const own = fosterParents.map((parent) => parent.name).join(' and ');
      household.value = name === own ? '' : name;
      address.value = at;
      fosterParents.slice(0, parents.length).forEach((parent, number) => parents[number]!.fill(parent));
    },
  };
}
