// What several registers know of one carer or one child, as one story, newest first.

import { html, nothing, type TemplateResult } from 'lit-html';
import type { Timestamp } from '@bufbuild/protobuf/wkt';
import { allegationStateWords } from '../allegation_words';
import {
  allegations, carerDuties, complaints, events, placements,
} from '../api';
import { complaintKindWords, complaintStateWords } from '../complaint_words';
import { endingWords } from '../carer_words';
import { startOf } from '../days';
import type { Session } from '../generated/fosterwatch/gateway/v1/gateway_service_pb';
import { Ending, type Placement } from '../generated/fosterwatch/placements/v1/placement_pb';
import type { Names } from '../names';
import { readsAgency } from '../pages/rights';
import { paths } from '../router';
import { formatDay, toDate } from '../time';
import { codeWords, kindsWords, stateWords } from '../words';
import { empty, link, recent, table, type Content } from './html';

export interface ChronologyEntry {
  key: string;
  time: Timestamp | undefined;
  // A day alone, where the register knows no time: "2026-11-30".
  day?: string;
  what: Content;
  detail: string;
}

export interface Chronology {
  entries: readonly ChronologyEntry[];
  // One of the registers has more than was read.
  isCut: boolean;
  // Complaints and allegations are not for whoever reads it.
  withoutCases?: boolean;
}

// As much of each register as a person reads.
const PAGE_SIZE = 100;

const at = ({ time }: ChronologyEntry) => time ? toDate(time).getTime() : 0;

export const newestFirst = (entries: readonly ChronologyEntry[]) =>
  [...entries].sort((a, b) => at(b) - at(a));

function placementEntries(placement: Placement, ofCarer: boolean, names: Names): ChronologyEntry[] {
  const { placementId, childId, carerId, startDate, endDate, ending } = placement;
  const whom = ofCarer ? link(paths.child(childId), names.child(childId))
    : link(paths.carer(carerId), names.carer(carerId));
  const begun: ChronologyEntry = {
    key: `${placementId}-start`,
    time: startOf(startDate),
    day: startDate,
    what: html`Placement began: ${whom}`,
    detail: placement.kind === '' ? '' : codeWords(placement.kind),
  };
  return endDate === '' ? [begun] : [begun, {
    key: `${placementId}-end`,
    time: startOf(endDate),
    day: endDate,
    what: html`Placement ended: ${whom}`,
    detail: endingWords(ending || Ending.NOT_SAID),
  }];
}

// Reads the registers; names of whom the entries speak are read as well.
export async function readChronology(
  about: { carerId: string } | { childId: string }, names: Names, session: Session,
): Promise<Chronology> {
  const ofCarer = 'carerId' in about;
  const request = { ...about, pageSize: PAGE_SIZE };
  const reads = readsAgency(session);
  const [ofEvents, ofComplaints, ofAllegations, ofPlacements, ofVisits] = await Promise.all([
    events.listEvents(request),
    reads ? complaints.listComplaints(request) : { complaints: [], nextPageToken: '' },
    reads ? allegations.listAllegations(request) : { allegations: [], nextPageToken: '' },
    placements.listPlacements(request),
    carerDuties.listVisits(request),
  ]);
  await Promise.all([
    names.ensureChildren(ofPlacements.placements.map(({ childId }) => childId)),
    names.ensureCarers([
      ...ofPlacements.placements.map(({ carerId }) => carerId),
      ...ofVisits.items.map(({ carerId }) => carerId),
    ]),
  ]);
  const entries: ChronologyEntry[] = [
    ...ofEvents.events.map(({ eventId, kinds, state, occurredTime }) => ({
      key: eventId,
      time: occurredTime,
      what: link(paths.event(eventId), `Notifiable event: ${kindsWords(kinds)}`),
      detail: stateWords(state),
    })),
    ...ofComplaints.complaints.map(({ complaintId, caseNumber, kind, state, receivedTime }) => ({
      key: complaintId,
      time: receivedTime,
      what: link(paths.complaint(complaintId), `${complaintKindWords(kind)} ${caseNumber}`),
      detail: complaintStateWords(state),
    })),
    ...ofAllegations.allegations.map(({ allegationId, state, becameAwareTime }) => ({
      key: allegationId,
      time: becameAwareTime,
      what: link(paths.allegation(allegationId), 'Allegation', allegationId),
      detail: allegationStateWords(state),
    })),
    ...ofPlacements.placements.flatMap((each) => placementEntries(each, ofCarer, names)),
    ...ofVisits.items.map(({ carerId, visit }) => ({
      key: visit!.visitId,
      time: visit!.visitedTime,
      what: ofCarer ? 'Visit' : html`Seen at a visit: ${link(paths.carer(carerId), names.carer(carerId))}`,
      detail: visit!.unannounced ? 'Unannounced' : 'Announced',
    })),
  ];
  const isCut = [ofEvents, ofComplaints, ofAllegations, ofPlacements, ofVisits]
    .some(({ nextPageToken }) => nextPageToken !== '');
  return { entries: newestFirst(entries), isCut, withoutCases: !reads };
}

export const chronologyView = ({ entries, isCut, withoutCases }: Chronology, now: Date): TemplateResult => html`
  <section class="app-section" aria-labelledby="chronology">
    <h2 class="govuk-heading-m" id="chronology">Chronology</h2>
    <p class="govuk-body">Notifiable events, ${withoutCases ? nothing
      : 'complaints, allegations, '}placements and visits, newest first.${isCut ? ` Of each register the newest ${PAGE_SIZE}.` : ''}</p>
    ${entries.length === 0 ? empty('Nothing is recorded.') : table<ChronologyEntry>({
      caption: 'Chronology, newest first',
      captionHidden: true,
      rows: entries,
      key: ({ key }) => key,
      testId: 'chronology',
      columns: [
        {
          heading: 'When',
          cell: ({ time, day }) => day ? formatDay(day) : recent(time, now),
        },
        { heading: 'What', header: true, cell: ({ what }) => what },
        { heading: 'How it stands', cell: ({ detail }) => detail },
      ],
    })}
  </section>`;
