// What is done about figures that are red.

import { html, type TemplateResult } from 'lit-html';
import { actionPlans } from '../api';
import type { WatchResponse } from '../generated/fosterwatch/gateway/v1/gateway_service_pb';
import { ActionPlan_State } from '../generated/fosterwatch/kpis/v1/action_plan_pb';
import type { ListPlansResponse } from '../generated/fosterwatch/kpis/v1/action_plans_service_pb';
import type { KpiDefinition } from '../generated/fosterwatch/kpis/v1/kpi_pb';
import type { Frame, Page } from '../page';
import { paths } from '../router';
import { filterForm, filterSelect } from '../ui/filter';
import { empty, pages } from '../ui/html';
import { movesFigures, placesView, readDefinitions } from '../ui/kpi_pages';
import { plansTable } from '../ui/kpi_tables';

const STATES: readonly { code: string; text: string; state: ActionPlan_State }[] = [
  { code: 'open', text: 'Open', state: ActionPlan_State.OPEN },
  { code: 'ended', text: 'Ended', state: ActionPlan_State.ENDED },
];

export class PlansPage implements Page {
  readonly section = 'figures';
  #answer: ListPlansResponse | undefined;
  #definitions: readonly KpiDefinition[] = [];
  readonly #state: string;
  readonly #pageToken: string;

  constructor(private readonly frame: Frame, query: URLSearchParams) {
    this.#state = STATES.find(({ code }) => code === query.get('state'))?.code ?? '';
    this.#pageToken = query.get('page') ?? '';
  }

  title(): string {
    return 'Action plans';
  }

  concerns(fact: WatchResponse | undefined): boolean {
    return movesFigures(fact);
  }

  async load(): Promise<void> {
    const state = STATES.find(({ code }) => code === this.#state)?.state
      ?? ActionPlan_State.UNSPECIFIED;
    const [answer] = await Promise.all([
      actionPlans.listPlans({ state, pageToken: this.#pageToken }),
      this.frame.names.ensureDirectory(),
    ]);
    this.#definitions = await readDefinitions(answer.plans);
    this.#answer = answer;
  }

  view(): TemplateResult {
    const { plans = [], nextPageToken = '' } = this.#answer ?? {};
    return html`
      ${placesView('plans')}
      <h1 class="govuk-heading-l govuk-!-margin-bottom-2">Action plans</h1>
      <p class="govuk-body">A figure that is red opens a plan by itself, one for each time; the first green
        month that is over ends it.</p>
      ${filterForm(filterSelect({ name: 'state', label: 'State', value: this.#state, choices: STATES }),
        (chosen) => this.frame.navigate(paths.plans({ state: chosen('state') })))}
      ${plans.length === 0 ? empty(this.#state === '' ? 'No figure has been red.'
        : 'There is no such plan.') : plansTable(plans, this.frame, this.#definitions)}
      ${pages({
        first: this.#pageToken ? paths.plans({ state: this.#state }) : undefined,
        next: nextPageToken ? paths.plans({ state: this.#state, page: nextPageToken }) : undefined,
      })}`;
  }
}
