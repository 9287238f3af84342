// Who supervises a household, and who opened it in an emergency.

import { html, nothing, type TemplateResult } from 'lit-html';
import { dayOf } from '../days';
import { Carer_Status, type Carer } from '../generated/fosterwatch/carers/v1/carer_pb';
import type { EmergencyAccess, Supervision } from '../generated/fosterwatch/carers/v1/supervision_pb';
import type { Names } from '../names';
import type { Frame } from '../page';
import { mayReadAccess, mayReviewEmergency, mayWorkCase } from '../pages/rights';
import { paths } from '../router';
import { formatDay, toDate } from '../time';
import {
  details, hidden, link, moment, prose, recent, summaryList, table, tag, type Content,
} from './html';

// Who should have somebody.
const SUPERVISED: readonly Carer_Status[] = [
  Carer_Status.APPROVED, Carer_Status.TEMPORARILY_APPROVED, Carer_Status.SUSPENDED,
];

// By their days; of one day the one recorded last is the last.
export const byDay = (supervisions: readonly Supervision[]) =>
  [...supervisions].sort((a, b) => a.fromDate < b.fromDate ? -1 : a.fromDate > b.fromDate ? 1 : 0);

// The one that counts on an ISO 8601 day.
export const supervisionOn = (supervisions: readonly Supervision[], day: string) =>
  byDay(supervisions).findLast(({ fromDate }) => fromDate <= day);

// Those that count from a later day on.
export function supervisionsAfter(supervisions: readonly Supervision[], day: string): Supervision[] {
  const later = byDay(supervisions).filter(({ fromDate }) => fromDate > day);
  return later.filter(({ fromDate }, at) => later[at + 1]?.fromDate !== fromDate);
}

// "Jo Ward (p-17)", or that there is nobody where somebody should be.
export function supervisorCell(
  { supervisorId, status, mergedIntoCarerId }: Carer, names: Names,
): Content {
  if (supervisorId) return names.person(supervisorId);
  return SUPERVISED.includes(status) && !mergedIntoCarerId ? tag('Nobody', 'orange') : 'Nobody';
}

export const isOpen = ({ fromTime, untilTime }: EmergencyAccess, now: Date) =>
  fromTime !== undefined && untilTime !== undefined
  && toDate(fromTime) <= now && now < toDate(untilTime);

export const emergencyTag = (emergency: EmergencyAccess, now: Date) =>
  isOpen(emergency, now) ? tag('Open', 'orange') : tag('Over', 'grey');

// Whoever looked at it, and what came of it; else that nobody did.
export function reviewedCell(
  { reviewedBy, reviewedTime, reviewNote }: EmergencyAccess, names: Names, now: Date,
): Content {
  return reviewedBy === '' ? tag('Not looked at yet', 'red') : html`${names.person(reviewedBy)}
    <span class="app-sub">${recent(reviewedTime, now)}</span>
    <span class="app-sub">${prose(reviewNote)}</span>`;
}

export interface EmergencyRow {
  carerId: string;
  carerName: string;
  emergency: EmergencyAccess;
}

// Without the household where all of them are of one.
export function emergenciesTable(
  frame: Frame, rows: readonly EmergencyRow[], options: { household: boolean },
): TemplateResult {
  const { names, session } = frame;
  const now = frame.now();
  const reviewable = rows.some(({ emergency }) => emergency.reviewedBy === ''
    && mayReviewEmergency(session, emergency));
  return table<EmergencyRow>({
    caption: 'Households opened in an emergency, newest first',
    captionHidden: true,
    rows,
    key: ({ emergency }) => emergency.emergencyId,
    testId: 'emergencies',
    columns: [
      { heading: 'By', header: true, cell: ({ emergency }) => names.person(emergency.personId) },
      ...!options.household ? [] : [{
        heading: 'Household',
        cell: ({ carerId, carerName }: EmergencyRow) => html`${link(paths.carer(carerId),
          carerName || carerId)}<span class="app-sub app-id">${carerId}</span>`,
      }],
      {
        heading: 'When',
        cell: ({ emergency }) => html`${moment(emergency.fromTime)}
          <span class="app-sub">until ${moment(emergency.untilTime)}</span>`,
      },
      ...!mayReadAccess(session) ? [] : [{
        heading: 'What was looked at',
        cell: ({ carerId, emergency: { personId } }: EmergencyRow) => link(
          paths.access({ person: personId, kind: 'carer', id: carerId }), 'Looks',
          `of ${names.person(personId)} at ${carerId}`),
      }],
      { heading: 'State', cell: ({ emergency }) => emergencyTag(emergency, now) },
      { heading: 'Reason', cell: ({ emergency }) => prose(emergency.reason) },
      { heading: 'Looked at by', cell: ({ emergency }) => reviewedCell(emergency, names, now) },
      ...!reviewable ? [] : [{
        heading: 'Actions',
        cell: ({ carerId, emergency }: EmergencyRow) => emergency.reviewedBy !== ''
          ? nothing : mayReviewEmergency(session, emergency)
            ? link(paths.carerPart(carerId, emergency.emergencyId, 'emergency/review'),
              'Record that you looked at it', `of ${names.person(emergency.personId)}`)
            : 'You opened it, so another manager looks at it',
      }],
    ],
  });
}

function nowView(carer: Carer, frame: Frame): Content {
  const { names } = frame;
  const day = dayOf(frame.now());
  const since = supervisionOn(carer.supervisions, day);
  const gone = carer.supervisorId !== '' && names.holdings(carer.supervisorId).length === 0;
  return html`${supervisorCell(carer, names)}
    ${gone ? tag('Holds no role now', 'orange') : nothing}
    ${since ? html`<span class="app-sub">Since ${formatDay(since.fromDate)}</span>` : nothing}
    ${supervisionsAfter(carer.supervisions, day).map(({ fromDate, supervisorId }) => html`
      <span class="app-sub">From ${formatDay(fromDate)}: ${names.person(supervisorId)}</span>`)}`;
}

const historyView = ({ supervisions }: Carer, frame: Frame): Content => table<Supervision>({
  caption: 'Who supervised the household, newest first',
  captionHidden: true,
  rows: byDay(supervisions).reverse(),
  key: ({ supervisionId }) => supervisionId,
  testId: 'supervisions',
  columns: [
    {
      heading: 'Who',
      header: true,
      cell: ({ supervisorId }) => supervisorId ? frame.names.person(supervisorId) : 'Nobody',
    },
    { heading: 'From', cell: ({ fromDate }) => formatDay(fromDate) },
    {
      heading: 'Recorded',
      cell: ({ recordedBy, recordedTime }) => html`${recent(recordedTime, frame.now())}
        <span class="app-sub">${frame.names.person(recordedBy)}</span>`,
    },
  ],
});

export function supervisionView(frame: Frame, carer: Carer): TemplateResult {
  const { carerId, name, emergencies, supervisions, mergedIntoCarerId } = carer;
  const assigns = mayWorkCase(frame.session) && mergedIntoCarerId === '';
  return html`
    <section class="app-section" aria-labelledby="supervision" data-testid="supervision">
      <h2 class="govuk-heading-m" id="supervision">Who supervises the household</h2>
      ${summaryList([{
        key: 'Supervising social worker',
        value: html`${nowView(carer, frame)}${assigns ? html`<span class="app-line">${link(
          paths.carerForm(carerId, 'supervisor'), html`Assign${hidden(' who supervises the household')}`,
        )}</span>` : nothing}`,
      }])}
      ${supervisions.length === 0 ? nothing
        : details('Who supervised it, by day', historyView(carer, frame))}
      ${emergencies.length === 0 ? nothing : html`
        <h3 class="govuk-heading-s govuk-!-margin-top-6">Opened in an emergency</h3>
        ${emergenciesTable(frame, [...emergencies].reverse().map((emergency) =>
          ({ carerId, carerName: name, emergency })), { household: false })}`}
    </section>`;
}
