// How complaints look, wherever they are shown.

import { html, nothing, type TemplateResult } from 'lit-html';
import { complaintKindWords, complaintStateWords } from '../complaint_words';
import {
  Complaint_State, ComplaintKind,
} from '../generated/fosterwatch/complaints/v1/complaint_pb';
import type {
  ComplaintSummary, ListProceduresResponse,
} from '../generated/fosterwatch/complaints/v1/complaints_service_pb';
import type { Names } from '../names';
import { paths } from '../router';
import { codeWords } from '../words';
import { due, link, recent, table, tag, type Content } from './html';

export const complaintTag = (state: Complaint_State) => tag(complaintStateWords(state),
  state === Complaint_State.OPEN ? 'blue' : 'grey');

// What the procedures in force call themselves, their stages and categories; the code where they
// do not know it any more.
export const categoryWords = (code: string, procedures: ListProceduresResponse | undefined) =>
  procedures?.categories.find((each) => each.code === code)?.title ?? codeWords(code);

export const procedureWords = (procedureId: string, procedures: ListProceduresResponse | undefined) =>
  procedures?.procedures.find((each) => each.procedureId === procedureId)?.title ?? procedureId;

export const stageWords = (
  procedureId: string, stageId: string, procedures: ListProceduresResponse | undefined,
) => procedures?.procedures.find((each) => each.procedureId === procedureId)?.stages
  .find((each) => each.stageId === stageId)?.title ?? codeWords(stageId);

export const complaintsTable = (options: {
  caption: string;
  complaints: readonly ComplaintSummary[];
  procedures: ListProceduresResponse | undefined;
  names: Names;
  now: Date;
}): TemplateResult => table<ComplaintSummary>({
  caption: options.caption,
  captionHidden: true,
  rows: options.complaints,
  key: ({ complaintId }) => complaintId,
  testId: 'complaints',
  columns: [
    {
      heading: 'Number',
      header: true,
      cell: ({ complaintId, caseNumber, kind }) => html`${link(paths.complaint(complaintId),
        caseNumber)} <span class="app-sub">${complaintKindWords(kind)}</span>`,
    },
    {
      heading: 'About',
      cell: ({ category, childId, carerId }): Content => html`${categoryWords(category,
        options.procedures)}
        ${carerId ? html`<span class="app-sub">Carer ${options.names.carer(carerId)}</span>` : nothing}
        ${childId ? html`<span class="app-sub">Child ${options.names.child(childId)}</span>` : nothing}`,
    },
    { heading: 'Received', cell: ({ receivedTime }) => recent(receivedTime, options.now) },
    {
      heading: 'Stage',
      cell: ({ procedureId, stageId }) => stageId
        ? stageWords(procedureId, stageId, options.procedures) : 'None',
    },
    {
      heading: 'Next due',
      cell: ({ nextDueTime, paused }): Content => html`${nextDueTime
        ? due(nextDueTime, options.now) : 'Nothing'}
        ${paused ? html`<span class="app-sub">The stage’s clock stands still</span>` : nothing}`,
    },
    {
      heading: 'State',
      cell: ({ state, kind, overdue, serious }) => html`${kind === ComplaintKind.COMPLIMENT
        ? tag('Compliment', 'green') : complaintTag(state)}
        ${serious ? tag('Serious', 'orange') : nothing}
        ${overdue ? tag('Overdue', 'red') : nothing}`,
    },
  ],
});
