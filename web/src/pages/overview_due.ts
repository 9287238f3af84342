// What the registers of carers, complaints and allegations ask for: what is late, and what is due
// within a week.

import { html } from 'lit-html';
import { timestampFromDate } from '@bufbuild/protobuf/wkt';
import { allegations, carerDuties, complaints } from '../api';
import { carerDutyWords } from '../carer_words';
import { complaintKindWords } from '../complaint_words';
import type { AllegationSummary } from '../generated/fosterwatch/allegations/v1/allegations_service_pb';
import type { ListDutiesResponse_Item } from '../generated/fosterwatch/carers/v1/carer_duties_service_pb';
import { Complaint_State } from '../generated/fosterwatch/complaints/v1/complaint_pb';
import type { ComplaintSummary } from '../generated/fosterwatch/complaints/v1/complaints_service_pb';
import type { WatchResponse } from '../generated/fosterwatch/gateway/v1/gateway_service_pb';
import type { Names } from '../names';
import { paths } from '../router';
import { dueWording, toDate } from '../time';
import { link } from '../ui/html';
import { sentenceCase, type Task } from '../ui/tasks';

const AHEAD_MS = 7 * 24 * 3600 * 1000;
const CARERS = 50;
const OPEN_AT_ONCE = 200;

export interface DueSoon {
  duties: readonly ListDutiesResponse_Item[];
  dutiesTotal: number;
  complaints: readonly ComplaintSummary[];
  allegations: readonly AllegationSummary[];
}

export const movesWhatIsDue = (fact: WatchResponse | undefined) =>
  !fact || /\.(carers|complaints|allegations|directory)\./.test(fact.topic);

const isSoon = ({ nextDueTime }: ComplaintSummary | AllegationSummary, now: Date) =>
  nextDueTime !== undefined && toDate(nextDueTime).getTime() < now.getTime() + AHEAD_MS;

// All pages: the one that has been late for longest may be on the last.
export async function everyPage<Answer extends { nextPageToken: string }>(
  read: (pageToken: string) => Promise<Answer>,
): Promise<Answer[]> {
  const answers = [await read('')];
  while (answers.at(-1)!.nextPageToken) answers.push(await read(answers.at(-1)!.nextPageToken));
  return answers;
}

export async function readDueSoon(now: Date, names: Names): Promise<DueSoon> {
  const [owed, complained, alleged] = await Promise.all([
    carerDuties.listDuties({
      dueBeforeTime: timestampFromDate(new Date(now.getTime() + AHEAD_MS)), pageSize: CARERS,
    }),
    everyPage((pageToken) => complaints.listComplaints(
      { state: Complaint_State.OPEN, pageSize: OPEN_AT_ONCE, pageToken })),
    everyPage((pageToken) => allegations.listAllegations(
      { openOnly: true, pageSize: OPEN_AT_ONCE, pageToken })),
  ]);
  const soon = {
    duties: owed.items,
    dutiesTotal: Number(owed.totalSize),
    complaints: complained.flatMap((page) => page.complaints).filter((each) => isSoon(each, now)),
    allegations: alleged.flatMap((page) => page.allegations).filter((each) => isSoon(each, now)),
  };
  await names.ensureCarers(soon.allegations.map(({ carerId }) => carerId));
  return soon;
}

function taskOf(what: Task['what'], due: Date, now: Date): Task {
  const late = due <= now;
  return {
    what,
    when: html`<span class="${late ? 'app-overdue' : ''}">${sentenceCase(dueWording(due, now))}</span>`,
    time: due.getTime(),
    late,
  };
}

export const carerTasks = ({ duties }: DueSoon, now: Date): Task[] =>
  duties.filter(({ duty }) => duty?.dueTime).map(({ carerId, carerName, duty }) => taskOf(
    html`${link(paths.carer(carerId), carerDutyWords(duty!.kind), `of ${carerName || carerId}`)}
      <span class="app-sub">${carerName ? `${carerName} (${carerId})` : carerId}</span>`,
    toDate(duty!.dueTime!), now));

export const caseTasks = (soon: DueSoon, names: Names, now: Date): Task[] => [
  ...soon.complaints.map(({ complaintId, caseNumber, kind, nextDueTime }) => taskOf(
    html`${link(paths.complaint(complaintId), `${complaintKindWords(kind)} ${caseNumber}`)}`,
    toDate(nextDueTime!), now)),
  ...soon.allegations.map(({ allegationId, carerId, nextDueTime }) => taskOf(
    html`${link(paths.allegation(allegationId), 'Allegation')}<span class="app-sub">${carerId
      ? names.carer(carerId) : 'A member of the staff'}</span>`,
    toDate(nextDueTime!), now)),
];
