// One action plan: why it is there, who answers for it, what is done, and when it is looked at again.

import { html, nothing, type TemplateResult } from 'lit-html';
import { actionPlans } from '../api';
import type { WatchResponse } from '../generated/fosterwatch/gateway/v1/gateway_service_pb';
import {
  ActionPlan_State, type ActionPlan, type ActionPlan_Duty, type ActionPlan_Review, type JudgedMonth,
} from '../generated/fosterwatch/kpis/v1/action_plan_pb';
import type { KpiDefinition } from '../generated/fosterwatch/kpis/v1/kpi_pb';
import type { Frame, Page } from '../page';
import { paths } from '../router';
import { formatPeriod } from '../time';
import { actionsTable } from '../ui/actions';
import { statusTag, unitWords } from '../ui/figures';
import {
  backLink, buttonLink, details, due, empty, link, moment, prose, summaryList, table, tag, wasDue,
} from '../ui/html';
import { movesFigures, readDefinitions } from '../ui/kpi_pages';
import { dutyWords, endingWords, planTag } from '../ui/kpi_tables';
import { explanationView } from '../ui/records';
import { mayAnswerForPlan, mayWorkPlan } from './rights';

export class PlanPage implements Page {
  readonly section = 'figures';
  #plan: ActionPlan | undefined;
  #definition: KpiDefinition | undefined;

  constructor(private readonly frame: Frame, private readonly planId: string) {}

  title(): string {
    return `Action plan: ${this.#definition?.title ?? this.#plan?.code ?? ''}`;
  }

  concerns(fact: WatchResponse | undefined): boolean {
    return movesFigures(fact);
  }

  async load(): Promise<void> {
    const [plan] = await Promise.all([
      actionPlans.getPlan({ planId: this.planId }), this.frame.names.ensureDirectory(),
    ]);
    [this.#definition] = await readDefinitions([plan]);
    this.#plan = plan;
  }

  view(): TemplateResult {
    const plan = this.#plan!;
    const isOpen = plan.state === ActionPlan_State.OPEN;
    const { names, session } = this.frame;
    const mayWork = isOpen && mayWorkPlan(session);
    return html`
      ${backLink(paths.plans(), 'Action plans')}
      <span class="govuk-caption-l">Action plan <span class="app-id">${plan.planId}</span></span>
      <h1 class="govuk-heading-l govuk-!-margin-bottom-3">${this.#definition?.title ?? plan.code}</h1>
      ${summaryList([
        {
          key: 'State',
          value: html`${planTag(plan)}${isOpen ? nothing : html` <span class="app-sub">Ended
            ${moment(plan.endedTime)}: ${endingWords(plan)}</span>`}`,
        },
        { key: 'Owner', value: plan.ownerId ? names.person(plan.ownerId) : 'Nobody yet' },
        { key: 'Opened', value: moment(plan.openedTime) },
        plan.resumed > 0 && {
          key: 'Red again', value: plan.resumed === 1 ? 'Once, after it had ended'
            : `${plan.resumed} times, after it had ended`,
        },
        {
          key: 'The figure',
          value: html`${link(paths.figure(plan.code), 'How it stands now')}
            <span class="app-sub">Judged by definition version ${plan.definitionVersion}</span>`,
        },
      ])}
      ${mayWork ? html`<div class="app-buttons">
        ${buttonLink(paths.addPlanAction(plan.planId), 'Add an action', Boolean(plan.actions.length))}
        ${mayAnswerForPlan(session) ? html`
          ${buttonLink(paths.namePlanOwner(plan.planId), plan.ownerId ? 'Name another owner'
            : 'Name an owner', Boolean(plan.ownerId))}
          ${buttonLink(paths.reviewPlan(plan.planId), 'Review the plan', true)}` : nothing}
      </div>` : nothing}
      <h2 class="govuk-heading-m">Why it is there</h2>
      ${table<JudgedMonth>({
        caption: 'The months that made it red',
        captionHidden: true,
        rows: plan.months,
        key: ({ period }) => period,
        testId: 'months',
        columns: [
          {
            heading: 'Month', header: true,
            cell: ({ period }) => link(paths.figure(plan.code, { period }), formatPeriod(period)),
          },
          {
            heading: 'Figure', cell: ({ value }) => value === undefined ? 'No data'
              : unitWords(this.#definition, value),
          },
          {
            heading: 'Target', cell: ({ target }) => target === undefined ? 'None'
              : unitWords(this.#definition, target),
          },
          { heading: 'Status', cell: ({ status }) => statusTag(status) },
        ],
      })}
      ${isOpen ? this.#dutiesView(plan) : nothing}
      <h2 class="govuk-heading-m">Actions</h2>
      ${plan.actions.length === 0 ? empty('No action yet.') : actionsTable({
        caption: 'Actions',
        actions: plan.actions,
        names,
        now: this.frame.now(),
        close: mayWork ? (actionId) => paths.closePlanAction(plan.planId, actionId) : undefined,
      })}
      <h2 class="govuk-heading-m">Reviews</h2>
      ${plan.reviews.length === 0 ? empty('Not reviewed yet.') : table<ActionPlan_Review>({
        caption: 'Reviews',
        captionHidden: true,
        rows: plan.reviews.toReversed(),
        key: ({ reviewId }) => reviewId,
        testId: 'reviews',
        columns: [
          { heading: 'When', header: true, cell: ({ reviewedTime }) => moment(reviewedTime) },
          { heading: 'Who', cell: ({ reviewedBy }) => names.person(reviewedBy) },
          { heading: 'How it stands', cell: ({ note }) => prose(note) },
        ],
      })}`;
  }

  #dutiesView(plan: ActionPlan): TemplateResult {
    const duties = plan.duties.filter(({ dueTime }) => dueTime);
    return html`
      <h2 class="govuk-heading-m">What is due</h2>
      ${duties.length === 0 ? empty('Nothing is due.') : table<ActionPlan_Duty>({
        caption: 'What is due',
        captionHidden: true,
        rows: duties,
        key: ({ dutyId }) => dutyId,
        testId: 'duties',
        columns: [
          { heading: 'What', header: true, cell: ({ kind }) => dutyWords(kind) },
          {
            heading: 'Due',
            cell: ({ done, dueTime }) => done ? wasDue(dueTime) : due(dueTime, this.frame.now()),
          },
          {
            heading: 'State',
            cell: ({ done, attentionOpen }) => done ? tag('Done', 'green')
              : attentionOpen ? tag('Alerted', 'red') : tag('Open', 'yellow'),
          },
        ],
      })}
      ${duties.filter(({ explanation, done }) => explanation && !done).map(({ kind, explanation }) =>
        details(`Why then: ${dutyWords(kind)}`, explanationView(explanation)))}`;
  }
}
