// What is asked about a placement, whether it begins, ends or was recorded wrongly.

import { RadiosField, type Field } from '../forms/field';
import { PickField } from '../forms/pick_field';
import { longText, pastDay, shortText } from '../forms/questions';
import type { CodeList } from '../generated/fosterwatch/placements/v1/codes_pb';
import type { Placement } from '../generated/fosterwatch/placements/v1/placement_pb';
import type { Frame } from '../page';
import { carerField } from './picks';

// With whom, from when and as what. `codes` is there once the page is shown. Of a placement that is
// corrected, some of it may never have been said.
export function placementQuestions(
  frame: Frame, path: string, codes: () => CodeList | undefined, { corrected = false } = {},
) {
  const carer = carerField(frame, {
    name: 'carer', label: 'With which foster carer?', subject: 'The carer',
    required: 'Enter with which foster carer', path: `${path}.carer_id`,
  });
  const start = pastDay(frame.now(), {
    name: 'start', label: 'From when?', subject: 'The day on which it began',
    required: 'Enter from when', path: `${path}.start_date`,
  });
  const code = new PickField({
    name: 'code', label: 'Placement code', subject: 'The placement code',
    hint: 'As the return of looked-after children has it: type a code or a word.',
    ...corrected ? {} : { required: 'Enter the placement code' }, path: `${path}.placement_code`, noun: 'placement code',
    picks: () => (codes()?.placementCodes ?? []).filter(({ withCarer }) => withCarer)
      .map((each) => ({ id: each.code, text: `${each.title} (${each.code})` })),
  });
  const kind = new RadiosField({
    name: 'kind', label: 'What kind of placement?', subject: 'The kind of placement',
    path: `${path}.kind`,
    choices: () => (codes()?.kinds ?? []).map((each) => ({ value: each.kind, text: each.title })),
  });
  const provision = shortText({
    name: 'provision', label: 'Under which provision?', subject: 'The provision',
    hint: 'For example, section 20.', path: `${path}.statutory_provision`, maxLength: 100,
  });
  return {
    carer,
    fields: [carer, start, code, kind, provision] as readonly Field[],
    placement: () => ({
      carerId: carer.value,
      startDate: start.value,
      placementCode: code.value,
      kind: kind.value,
      statutoryProvision: provision.value.trim(),
    }),
    fill: (placement: Placement) => {
      carer.text = frame.names.carer(placement.carerId);
      start.fill(placement.startDate);
      code.text = placement.placementCode;
      kind.value = placement.kind;
      provision.value = placement.statutoryProvision;
    },
  };
}

// Why a placement ends, or ended.
export function endingQuestions(
  codes: () => CodeList | undefined, path = '', shown: (() => boolean) | undefined = undefined,
) {
  const corrected = shown ? { shown } : {};
  const reason = new PickField({
    name: 'reason', label: shown ? 'Why did it end?' : 'Why does it end?', subject: 'The reason',
    hint: 'As the return of looked-after children has it: type a code or a word.',
    ...shown ? {} : { required: 'Enter why it ends' }, path: `${path}reason_code`, noun: 'reason',
    ...corrected,
    picks: () => (codes()?.reasonCodes ?? [])
      .map((each) => ({ id: each.code, text: `${each.title} (${each.code})` })),
  });
  const address = longText({
    name: 'leaving', label: 'The child’s address on leaving', subject: 'The address on leaving',
    path: `${path}address_on_leaving`, lines: 2, maxLength: 500, ...corrected,
  });
  const note = longText({
    name: 'note', label: 'How did it come to that?', subject: 'The note', path: `${path}ending_note`,
    lines: 3, maxLength: 2000, ...corrected,
  });
  return {
    fields: [reason, address, note] as readonly Field[],
    ending: () => ({
      reasonCode: reason.value,
      addressOnLeaving: address.value.trim(),
      endingNote: note.value.trim(),
    }),
    fill: (placement: Placement) => {
      reason.text = placement.reasonCode;
      address.value = placement.addressOnLeaving;
      note.value = placement.endingNote;
    },
  };
}
