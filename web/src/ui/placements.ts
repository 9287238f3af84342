// What was said of a placement first, and what is said now.

import { html, nothing } from 'lit-html';
import { placedAsWords } from '../carer_words';
import type { CodeList } from '../generated/fosterwatch/placements/v1/codes_pb';
import type {
  Placement, PlacementCorrection, ReplacedField,
} from '../generated/fosterwatch/placements/v1/placement_pb';
import type { Names } from '../names';
import { formatDay } from '../time';
import { fieldWords } from '../words';
import { details, prose, recent, type Content } from './html';
import { isSealed, sealable } from './sealed';

// What a correction may change, by the names of the contract.
const CORRECTABLE = {
  carerId: 'carer_id',
  startDate: 'start_date',
  endDate: 'end_date',
  placementCode: 'placement_code',
  reasonCode: 'reason_code',
  kind: 'kind',
  statutoryProvision: 'statutory_provision',
  addressBefore: 'address_before',
  addressOnLeaving: 'address_on_leaving',
  endingNote: 'ending_note',
} as const;

export type CorrectableValues = Record<keyof typeof CORRECTABLE, string>;

// What to send so that the placement says this: what is another than before, and the names of what is
// to say nothing any more.
export function placementCorrection(before: Placement, said: CorrectableValues) {
  const placement: Partial<CorrectableValues> & { placementId: string; childId: string } = {
    placementId: before.placementId, childId: before.childId,
  };
  const cleared: string[] = [];
  for (const [key, field] of Object.entries(CORRECTABLE) as [keyof CorrectableValues, string][]) {
    if (said[key] === before[key]) continue;
    if (said[key] === '') cleared.push(field);
    else placement[key] = said[key];
  }
  return { placement, cleared };
}

const FIELDS: Readonly<Record<string, string>> = {
  carer_id: 'Carer',
  start_date: 'From',
  end_date: 'Until',
  placement_code: 'Placement code',
  reason_code: 'Why it ended',
  kind: 'Placed as',
  placing_authority_id: 'Placing authority',
};

function valueView(field: string, value: string, names: Names, codes: CodeList | undefined): Content {
  if (value === '') return 'nothing';
  switch (field) {
    case 'carer_id': return names.carer(value);
    case 'start_date':
    case 'end_date':
      return formatDay(value);
    case 'kind': return placedAsWords(value);
    case 'placing_authority_id': return names.body(value);
    case 'placement_code':
      return codes?.placementCodes.find(({ code }) => code === value)?.title ?? value;
    case 'reason_code': return codes?.reasonCodes.find(({ code }) => code === value)?.title ?? value;
    default: return prose(value);
  }
}

const words = (field: string) => {
  const own = fieldWords(field);
  return FIELDS[field] ?? own.charAt(0).toUpperCase() + own.slice(1);
};

export function correctionsView(
  { corrections, startDate }: Placement, names: Names, codes: CodeList | undefined, now: Date,
): Content {
  if (corrections.length === 0) return nothing;
  return details(`What was said first of the placement from ${formatDay(startDate)}`, corrections.map((each: PlacementCorrection) => html`
    <p class="govuk-body-s govuk-!-margin-bottom-1">${recent(each.correctedTime, now)},
      ${names.person(each.personId)}: ${prose(each.why)}</p>
    <ul class="govuk-list govuk-list--bullet">
      ${each.replaced.map(({ field, before, after, ...rest }: ReplacedField) => html`<li>${words(field)}:
        ${isSealed(before + after, rest) ? sealable('', rest) : html`${
          valueView(field, before, names, codes)}, now ${valueView(field, after, names, codes)}`}</li>`)}
    </ul>`));
}
