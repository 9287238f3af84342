// Action plans, restatements and findings, as several pages list them.

import { html, nothing, type TemplateResult } from 'lit-html';
import {
  ActionPlan_Duty_Kind, ActionPlan_Ending, ActionPlan_State, type ActionPlan,
} from '../generated/fosterwatch/kpis/v1/action_plan_pb';
import {
  Finding_Kind, Finding_State, type Finding,
} from '../generated/fosterwatch/kpis/v1/data_quality_pb';
import {
  Restatement_State, type Restatement, type StatedFigure,
} from '../generated/fosterwatch/kpis/v1/edition_pb';
import type { KpiDefinition } from '../generated/fosterwatch/kpis/v1/kpi_pb';
import type { Frame } from '../page';
import { mayFreeze } from '../pages/rights';
import { paths } from '../router';
import { formatPeriod } from '../time';
import { statusTag, unitWords } from './figures';
import { due, link, moment, prose, rowLink, table, tag, type Content } from './html';

const titleIn = (definitions: readonly KpiDefinition[], code: string) =>
  definitions.find((each) => each.code === code)?.title ?? code;

export const planTag = ({ state }: ActionPlan): Content =>
  state === ActionPlan_State.OPEN ? tag('Open', 'yellow') : tag('Ended', 'green');

export function endingWords(plan: ActionPlan): string {
  return plan.ending === ActionPlan_Ending.NEVER_RED
    ? `what has become known since says that no month was red (seen in ${formatPeriod(plan.endedPeriod)})`
    : `${formatPeriod(plan.endedPeriod)} was green`;
}

export function dutyWords(kind: ActionPlan_Duty_Kind): string {
  switch (kind) {
    case ActionPlan_Duty_Kind.SET_OUT: return 'Name an owner and a first action';
    case ActionPlan_Duty_Kind.REVIEW: return 'Review the plan';
    case ActionPlan_Duty_Kind.ACTION: return 'Finish an action';
    default: return 'Not known';
  }
}

// What is due next of a plan.
export const nextDuty = (plan: ActionPlan) => plan.state !== ActionPlan_State.OPEN ? undefined
  : plan.duties.filter(({ done, dueTime }) => !done && dueTime)
    .sort((one, other) => Number(one.dueTime!.seconds - other.dueTime!.seconds))[0];

export const plansTable = (
  plans: readonly ActionPlan[], frame: Frame, definitions: readonly KpiDefinition[],
): TemplateResult => table<ActionPlan>({
  caption: 'Action plans',
  captionHidden: true,
  rows: plans,
  key: ({ planId }) => planId,
  testId: 'plans',
  columns: [
    {
      heading: 'Plan',
      header: true,
      cell: ({ planId, code }) => html`${link(paths.plan(planId), titleIn(definitions, code))}
        <span class="app-sub app-id">${planId}</span>`,
    },
    {
      heading: 'Red since',
      cell: ({ firstRedPeriod, resumed }) => html`${formatPeriod(firstRedPeriod)}${resumed > 0
        ? html`<span class="app-sub">Red again after it had ended</span>` : nothing}`,
    },
    { heading: 'Owner', cell: ({ ownerId }) => ownerId ? frame.names.person(ownerId) : 'Nobody yet' },
    {
      heading: 'Actions',
      cell: ({ actions }) => actions.length === 0 ? 'None yet'
        : `${actions.filter(({ closedTime }) => closedTime).length} of ${actions.length} closed`,
    },
    {
      heading: 'Due next',
      cell: (plan) => {
        const next = nextDuty(plan);
        return next ? html`${dutyWords(next.kind)} <span class="app-sub">${due(next.dueTime,
          frame.now())}</span>` : '–';
      },
    },
    {
      heading: 'State',
      cell: (plan) => html`${planTag(plan)}${plan.state === ActionPlan_State.ENDED
        ? html`<span class="app-sub">${endingWords(plan)}</span>` : nothing}`,
    },
  ],
});

// A figure of an edition in its unit, with how it was worked out and how it stood.
export function statedView(
  definition: KpiDefinition | undefined, figure: StatedFigure | undefined,
): Content {
  if (!figure) return '–';
  return html`${figure.value === undefined ? 'No data' : unitWords(definition, figure.value)}${
    figure.denominator > 0n ? html`<span class="app-sub">${String(figure.numerator)} of
      ${String(figure.denominator)}</span>` : nothing}${figure.target === undefined ? nothing
    : html`<div>${statusTag(figure.status)}${figure.redNotRuledOut
      ? html`<span class="app-sub">Red could not be ruled out</span>` : nothing}</div>`}`;
}

export function restatementTag(state: Restatement_State): Content {
  switch (state) {
    case Restatement_State.WAITING: return tag('Waits', 'yellow');
    case Restatement_State.ACCEPTED: return tag('Accepted', 'green');
    case Restatement_State.FALLEN_AWAY: return tag('Fell away', 'grey');
    default: return tag('Not known', 'grey');
  }
}

export const restatementsTable = (
  restatements: readonly Restatement[], frame: Frame, definitions: readonly KpiDefinition[],
): TemplateResult => table<Restatement>({
  caption: 'Restatements',
  captionHidden: true,
  rows: restatements,
  key: ({ restatementId }) => restatementId,
  testId: 'restatements',
  columns: [
    {
      heading: 'Figure',
      header: true,
      cell: ({ code, before, editionId }) => html`${rowLink(
        paths.figure(code, { period: before?.period ?? '' }), titleIn(definitions, code))}
        <span class="app-sub">${formatPeriod(before?.period ?? '')}</span>
        ${rowLink(paths.edition(editionId), 'The edition', `with ${code}`)}`,
    },
    {
      heading: 'As stated',
      cell: ({ code, before }) => statedView(definitions.find((each) => each.code === code), before),
    },
    {
      heading: 'As known now',
      cell: ({ code, after }) => statedView(definitions.find((each) => each.code === code), after),
    },
    {
      heading: 'Noticed',
      cell: ({ noticedTime, causeFactId }) => html`${moment(noticedTime)}${causeFactId
        ? html`<span class="app-sub app-id">After fact ${causeFactId}</span>` : nothing}`,
    },
    {
      heading: 'State',
      cell: ({ state, acceptedBy, acceptedTime, reason, restatementId, code }) => html`${
        restatementTag(state)}${acceptedBy ? html`<span class="app-sub">By
        ${frame.names.person(acceptedBy)}, ${moment(acceptedTime)}</span>` : nothing}${reason
        ? html`<span class="app-sub">${prose(reason)}</span>` : nothing}${
        state === Restatement_State.WAITING && mayFreeze(frame.session)
          ? rowLink(paths.acceptRestatement(restatementId), 'Accept', `the restatement of ${code}`)
          : nothing}`,
    },
  ],
});

export function findingWords(kind: Finding_Kind): string {
  switch (kind) {
    case Finding_Kind.SILENT: return 'The figure has not come';
    case Finding_Kind.GAP: return 'A month between others has no figure';
    case Finding_Kind.DUPLICATE: return 'Two systems say different things';
    case Finding_Kind.REPEATED_MONTH: return 'The same numbers as in the month before';
    case Finding_Kind.IMPOSSIBLE_VALUE: return 'A figure that cannot be';
    case Finding_Kind.NOTHING_COUNTED: return 'There was nothing to count';
    default: return 'Not known';
  }
}

export const findingsTable = (
  findings: readonly Finding[], frame: Frame, definitions: readonly KpiDefinition[],
): TemplateResult => table<Finding>({
  caption: 'What was found about the data',
  captionHidden: true,
  rows: findings,
  key: ({ findingId }) => findingId,
  testId: 'findings',
  columns: [
    {
      heading: 'Figure',
      header: true,
      cell: ({ code, period }) => html`${link(paths.figure(code, { period }), titleIn(definitions, code))}
        <span class="app-sub app-id">${code}</span>`,
    },
    { heading: 'Month', cell: ({ period }) => formatPeriod(period) },
    {
      heading: 'What',
      cell: ({ kind, dueTime, state }) => html`${findingWords(kind)}${dueTime
        && state === Finding_State.OPEN ? html`<span class="app-sub">Expected: ${due(dueTime,
          frame.now())}</span>` : nothing}`,
    },
    {
      heading: 'Found',
      cell: ({ foundTime, times }) => html`${moment(foundTime)}${times > 1
        ? html`<span class="app-sub">${times} times</span>` : nothing}`,
    },
    {
      heading: 'State',
      cell: ({ state, clearedTime }) => state === Finding_State.OPEN ? tag('Open', 'yellow')
        : html`${tag('Cleared', 'green')}<span class="app-sub">${moment(clearedTime)}</span>`,
    },
  ],
});
