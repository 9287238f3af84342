// What a review of approval looks back on: what each register holds of the carer since the review
// before, as far as whoever looks may read it.

import { html, type TemplateResult } from 'lit-html';
import { allegations, complaints, events, placements } from '../api';
import { reviewInputWords } from '../carer_words';
import { dayOfTimestamp } from '../days';
import {
  ReviewInput_Kind as Kind, type Review,
} from '../generated/fosterwatch/carers/v1/approval_pb';
import type { Carer } from '../generated/fosterwatch/carers/v1/carer_pb';
import { ComplaintKind, GiverKind } from '../generated/fosterwatch/complaints/v1/complaint_pb';
import { formatDay } from '../time';
import { id, table } from './html';

export interface Input {
  kind: Kind;
  recordIds: string[];
  count: number;
}

interface Dated {
  day: string;
  id: string;
}

// What other registers hold, of all time.
export type Recorded = ReadonlyMap<Kind, readonly Dated[]>;

export interface Inputs {
  since: string;
  // Of the register of carers, which counts them itself.
  own: Input[];
  others: Input[];
}

const PAGE_SIZE = 200;
const MOST_NAMED = 100;

// All pages of a list.
async function all<Item>(
  read: (pageToken: string) => Promise<{ items: readonly Item[]; nextPageToken: string }>,
): Promise<Item[]> {
  const found: Item[] = [];
  let pageToken = '';
  do {
    const page = await read(pageToken);
    found.push(...page.items);
    pageToken = page.nextPageToken;
  } while (pageToken !== '');
  return found;
}

const COMMENTS: Partial<Record<GiverKind, Kind>> = {
  [GiverKind.CHILD]: Kind.COMMENT_OF_CHILD,
  [GiverKind.CARER]: Kind.COMMENT_OF_CARER,
};

export async function readRecorded(carerId: string): Promise<Recorded> {
  const asked = (pageToken: string) => ({ carerId, pageSize: PAGE_SIZE, pageToken });
  const [ofComplaints, ofAllegations, ofEvents, ofPlacements] = await Promise.all([
    all(async (token) => {
      const page = await complaints.listComplaints(asked(token));
      return { items: page.complaints, nextPageToken: page.nextPageToken };
    }),
    all(async (token) => {
      const page = await allegations.listAllegations(asked(token));
      return { items: page.allegations, nextPageToken: page.nextPageToken };
    }),
    all(async (token) => {
      const page = await events.listEvents(asked(token));
      return { items: page.events, nextPageToken: page.nextPageToken };
    }),
    all(async (token) => {
      const page = await placements.listPlacements(asked(token));
      return { items: page.placements, nextPageToken: page.nextPageToken };
    }),
  ]);
  const recorded = new Map<Kind, Dated[]>([
    Kind.COMPLAINT, Kind.ALLEGATION, Kind.NOTIFIABLE_EVENT, Kind.PLACEMENT_ENDED,
    Kind.COMMENT_OF_CHILD, Kind.COMMENT_OF_CARER, Kind.COMMENT_OF_OTHERS,
  ].map((kind) => [kind, []]));
  const add = (kind: Kind, day: string, of: string) => recorded.get(kind)!.push({ day, id: of });
  for (const { kind, giverKind, complaintId, receivedTime } of ofComplaints) {
    add(kind === ComplaintKind.COMPLAINT ? Kind.COMPLAINT
      : COMMENTS[giverKind] ?? Kind.COMMENT_OF_OTHERS, dayOfTimestamp(receivedTime), complaintId);
  }
  for (const { allegationId, becameAwareTime } of ofAllegations) {
    add(Kind.ALLEGATION, dayOfTimestamp(becameAwareTime), allegationId);
  }
  for (const { eventId, occurredTime } of ofEvents) {
    add(Kind.NOTIFIABLE_EVENT, dayOfTimestamp(occurredTime), eventId);
  }
  for (const { placementId, endDate } of ofPlacements) {
    if (endDate !== '') add(Kind.PLACEMENT_ENDED, endDate, placementId);
  }
  return recorded;
}

// The day of the review before one on `until`, else that of the approval.
function sinceOf({ approvedDate, registerChanges }: Carer, until: string): string {
  const replaced = new Set(registerChanges.map(({ replacesChangeId }) => replacesChangeId));
  return registerChanges
    .filter(({ value, changeId, effectiveDate }) => value.case === 'review'
      && !replaced.has(changeId) && effectiveDate < until)
    .map(({ effectiveDate }) => effectiveDate)
    .reduce((last, day) => (day > last ? day : last), approvedDate);
}

// `until`: the day of the review.
export function inputsOf(carer: Carer, recorded: Recorded, until: string): Inputs {
  const since = sinceOf(carer, until);
  const input = (kind: Kind, records: readonly Dated[]): Input => {
    const found = records.filter(({ day }) => day >= since && day <= until)
      .sort((a, b) => (a.day === b.day ? b.id.localeCompare(a.id) : b.day.localeCompare(a.day)));
    return { kind, count: found.length, recordIds: found.slice(0, MOST_NAMED).map((each) => each.id) };
  };
  return {
    since,
    own: [
      input(Kind.VISIT, carer.visits.map(({ visitId, visitedTime }) =>
        ({ id: visitId, day: dayOfTimestamp(visitedTime) }))),
      input(Kind.CHECK, carer.checks.map(({ checkId, doneDate }) => ({ id: checkId, day: doneDate }))),
    ],
    others: [...recorded].map(([kind, records]) => input(kind, records)),
  };
}

const inputsTable = (inputs: readonly Input[], caption: string): TemplateResult => table<Input>({
  caption,
  captionHidden: true,
  rows: inputs,
  key: ({ kind }) => String(kind),
  testId: 'review-inputs',
  columns: [
    { heading: 'What', header: true, cell: ({ kind }) => reviewInputWords(kind) },
    { heading: 'How many', cell: ({ count }) => String(count) },
    {
      heading: 'Records',
      cell: ({ recordIds, count }) => count === 0 ? 'None'
        : html`${id(recordIds.join(', '))}${count > recordIds.length ? ' and earlier ones' : ''}`,
    },
  ],
});

export const inputsView = ({ since, own, others }: Inputs): TemplateResult => html`
  <section class="app-section" aria-labelledby="inputs">
    <h2 class="govuk-heading-m" id="inputs">What the review looks back on</h2>
    <p class="govuk-body">${since === '' ? 'All that there is' : `Since ${formatDay(since)}`}, as far as you
      may read it. It is kept with the review.</p>
    ${inputsTable([...own, ...others], 'What the review looks back on')}
  </section>`;

// As it was kept with a review.
export const keptInputsView = ({ inputs, inputsSinceDate }: Review): TemplateResult => html`
  <p class="govuk-body">Since ${formatDay(inputsSinceDate)}, as at the review:</p>
  ${inputsTable(inputs, 'What the review looked back on')}`;
