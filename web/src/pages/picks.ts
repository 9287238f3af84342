// Whom a register is narrowed to, and whom a record is about.

import { PickField } from '../forms/pick_field';
import type { FieldOptions } from '../forms/field';
import type { Frame } from '../page';

const childrenOf = ({ names }: Frame) => () => names.childrenKnown().map(({ childId }) =>
  ({ id: childId, text: names.child(childId) }));

const carersOf = ({ names }: Frame) => () => names.carersKnown().map(({ carerId }) =>
  ({ id: carerId, text: names.carer(carerId) }));

const peopleOf = ({ names }: Frame) => () => names.peopleKnown().map(({ personId }) =>
  ({ id: personId, text: names.person(personId) }));

function inFilter(frame: Frame, field: PickField, id: string): PickField {
  field.text = id;
  field.changed = () => frame.update();
  return field;
}

// In a filter, whose page reads all names.
export const childPick = (frame: Frame, childId: string) => inFilter(frame, childField(frame, {
  name: 'child', label: 'Child', subject: 'The child', conditional: true,
}), childId);

export const carerPick = (frame: Frame, carerId: string) => inFilter(frame, carerField(frame, {
  name: 'carer', label: 'Carer', subject: 'The carer', conditional: true,
}), carerId);

// Says what is wrong with it.
export function checkPick(field: PickField, frame: Frame): boolean {
  field.error = field.check();
  if (field.error === undefined) return true;
  frame.update();
  document.getElementById(field.targetId)?.focus();
  return false;
}

export const childField = (frame: Frame, options: FieldOptions) =>
  new PickField({ ...options, noun: 'child', picks: childrenOf(frame) });

export const carerField = (frame: Frame, options: FieldOptions) =>
  new PickField({ ...options, noun: 'carer', picks: carersOf(frame) });

// Somebody of the agency.
export const personField = (
  frame: Frame, options: FieldOptions, { orId = false } = {},
) => new PickField({
  ...options, noun: 'person', picks: peopleOf(frame), about: (id) => frame.names.title(id), orId,
});
