// The figures of a set in one month, of several agencies side by side: for whoever answers for more than
// one of them.

import { html, type TemplateResult } from 'lit-html';
import { kpis as kpisApi } from '../api';
import type { WatchResponse } from '../generated/fosterwatch/gateway/v1/gateway_service_pb';
import type { KpiSet } from '../generated/fosterwatch/kpis/v1/kpi_pb';
import type { CompareAgenciesResponse } from '../generated/fosterwatch/kpis/v1/kpis_service_pb';
import type { Frame, Page } from '../page';
import { paths } from '../router';
import { formatPeriod, monthOf } from '../time';
import { AsAt } from '../ui/as_at';
import { comparedTable, listWords } from '../ui/compared';
import { filterForm, filterSelect } from '../ui/filter';
import { details, empty, link, type Content } from '../ui/html';
import {
  isRunning, movesFigures, periodChoices, placesView, setChoices, setTitle,
} from '../ui/kpi_pages';
import { mayCompare } from './rights';

export class ComparePage implements Page {
  readonly section = 'figures';
  #sets: readonly KpiSet[] = [];
  #answer: CompareAgenciesResponse | undefined;
  #set: string;
  readonly #period: string;
  readonly #asAt: AsAt;

  constructor(private readonly frame: Frame, query: URLSearchParams) {
    this.#set = query.get('set') ?? '';
    this.#period = query.get('period') ?? '';
    this.#asAt = new AsAt(query);
  }

  title(): string {
    return 'Compare agencies';
  }

  hasErrors(): boolean {
    return this.#asAt.hasErrors;
  }

  concerns(fact: WatchResponse | undefined): boolean {
    return movesFigures(fact);
  }

  async load(): Promise<void> {
    if (!mayCompare(this.frame.session)) return;
    const sets = this.#sets.length > 0 ? this.#sets : (await kpisApi.listKpiSets({})).sets;
    const set = this.#set || sets[0]?.set || '';
    this.#answer = await kpisApi.compareAgencies({
      set, period: this.#period, ...this.#asAt.times(this.frame.now()),
    });
    this.#sets = sets;
    this.#set = set;
  }

  view(): TemplateResult {
    return html`
      ${placesView('compare')}
      <h1 class="govuk-heading-l govuk-!-margin-bottom-2">Compare agencies</h1>
      ${this.#content()}`;
  }

  #content(): Content {
    if (!mayCompare(this.frame.session)) {
      return html`<p class="govuk-body">The registered manager, their deputy and the responsible individual
        compare agencies. You are signed in without such a role.</p>`;
    }
    const { agencyIds = [], kpis = [], asAtTime, knownAtTime } = this.#answer ?? {};
    if (agencyIds.length < 2) {
      return html`
        <p class="govuk-body" data-testid="alone">You see the figures of one agency,
          <strong>${agencyIds[0] ?? this.frame.session.agencyId}</strong>, so there is nothing to compare it
          with.</p>
        <p class="govuk-body">Whoever answers for several agencies signs in with all of them; the operator of
          Fosterwatch sets that up. The figures of your agency: ${link(paths.figures({ set: this.#set }),
          setTitle(this.#sets, this.#set))}.</p>`;
    }
    const current = kpis[0]?.figures[0];
    const period = current?.period ?? this.#period;
    const others = agencyIds.filter((each) => each !== this.frame.session.agencyId);
    return html`
      <p class="govuk-body"><strong>${formatPeriod(period)}${isRunning(current) ? ' so far' : ''}</strong>, of
        ${listWords(agencyIds)}. ${this.#asAt.words(asAtTime, knownAtTime)} Each stands as on its own page. All
        together: a count is the sum of theirs, a percentage is worked out anew from the numbers behind
        theirs. What changes in ${this.frame.session.agencyId} is shown at once; what changes in
        ${others.length > 1 ? 'the others' : others[0]} when this page is opened again.</p>
      ${this.#filterView(period)}
      ${kpis.length === 0 ? empty('This set has no figures.') : comparedTable(
        kpis, agencyIds, this.frame.session.agencyId,
        `${setTitle(this.#sets, this.#set)}, ${formatPeriod(period)}, by agency`,
        (code) => paths.figure(code, {
          period: period === monthOf(this.frame.now()) ? '' : period, ...this.#asAt.address,
        }))}`;
  }

  #filterView(period: string): TemplateResult {
    return filterForm(html`
      ${filterSelect({
        name: 'set', label: 'Figures', value: this.#set, any: false, choices: setChoices(this.#sets),
      })}
      ${filterSelect({
        name: 'period', label: 'Period', value: period, any: false,
        choices: periodChoices(this.frame.now(), period),
      })}
      ${details('As at another day', html`<div class="app-as-at">${this.#asAt.fields()}</div>`)}`,
    (chosen) => {
      const moments = this.#asAt.read(() => this.frame.update());
      if (!moments) return;
      const month = chosen('period');
      this.frame.navigate(paths.compare({
        set: chosen('set'), period: month === monthOf(this.frame.now()) ? '' : month, ...moments,
      }));
    });
  }
}
