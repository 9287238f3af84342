// How complaints look, wherever they are shown.

import { html, nothing, type TemplateResult } from 'lit-html';
import { complaintKindWords, complaintStateWords } from '../complaint_words';
import {
  Complaint_State, ComplaintKind, OutOfTime_Decision, type Complaint, type OtherRoute,
} from '../generated/fosterwatch/complaints/v1/complaint_pb';
import type {
  ComplaintSummary, ListProceduresResponse,
} from '../generated/fosterwatch/complaints/v1/complaints_service_pb';
import type { Names } from '../names';
import { paths } from '../router';
import { codeWords, roleWords } from '../words';
import {
  buttonLink, details, due, link, moment, prose, recent, table, tag, wasDue, type Content,
} from './html';
import { explanationView } from './records';

// Who considers a complaint that goes another way: "the responsible individual".
export const considerersWords = ({ consideredBy }: OtherRoute) =>
  `the ${consideredBy.map((role) => roleWords(role).toLowerCase()).join(' and the ')}`;

// Above everything else: who acts on it, and why not those who mostly do.
export function otherRouteView(route: OtherRoute | undefined): Content {
  if (!route) return nothing;
  return html`<div class="govuk-inset-text" data-testid="other-route">
    <strong>It goes another way.</strong> It is about the ${roleWords(route.aboutRole).toLowerCase()}, who would
    otherwise consider it: it is considered by ${considerersWords(route)} alone.
    ${route.hiddenFromSubject ? 'Whom it is about does not find it.' : nothing}
    ${details('Why', html`<p class="govuk-body">${route.source} (version ${route.procedureVersion} of the
      procedures).</p>`)}</div>`;
}

const outOfTimeTag = (decision: OutOfTime_Decision) => decision === OutOfTime_Decision.UNSPECIFIED
  ? tag('To be decided', 'yellow') : decision === OutOfTime_Decision.ACCEPTED ? tag('Taken', 'green')
    : tag('Not taken', 'grey');

// Until it is taken nothing is owed on it but that decision.
export const isHeldBack = ({ outOfTime }: Pick<Complaint, 'outOfTime'>) =>
  outOfTime !== undefined && outOfTime.decision !== OutOfTime_Decision.ACCEPTED;

export function outOfTimeView(
  { complaintId, outOfTime }: Complaint, names: Names, mayDecide: boolean,
): Content {
  if (!outOfTime) return nothing;
  const undecided = outOfTime.decision === OutOfTime_Decision.UNSPECIFIED;
  return html`
    <section class="app-section" aria-labelledby="out-of-time" data-testid="out-of-time">
      <h2 class="govuk-heading-m" id="out-of-time">Out of time</h2>
      <p class="govuk-body">${outOfTimeTag(outOfTime.decision)} Its procedure took it until
        ${wasDue(outOfTime.limitTime)}. ${undecided
        ? 'Before it is considered, somebody decides whether it is taken all the same.'
        : html`${names.person(outOfTime.decidedBy)}, ${moment(outOfTime.decidedTime)}:
          ${prose(outOfTime.reason)}`}</p>
      ${undecided && mayDecide ? html`<div class="app-buttons">${buttonLink(
        paths.complaintForm(complaintId, 'out-of-time'), 'Decide whether it is taken')}</div>` : nothing}
      ${details('Why until then', explanationView(outOfTime.explanation))}
    </section>`;
}

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
      cell: ({ state, kind, overdue, serious, outOfTimeUndecided, otherRoute }) => html`${kind === ComplaintKind.COMPLIMENT
        ? tag('Compliment', 'green') : complaintTag(state)}
        ${serious ? tag('Serious', 'orange') : nothing}
        ${outOfTimeUndecided ? tag('Out of time', 'yellow') : nothing}
        ${otherRoute ? tag('Goes another way', 'purple') : nothing}
        ${overdue ? tag('Overdue', 'red') : nothing}`,
    },
  ],
});
