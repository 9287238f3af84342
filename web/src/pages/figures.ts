// The figures of one set in one month, as the board's page has them: how each stands, the three
// months before as they truly are, and where it is going.

import { html, nothing, type TemplateResult } from 'lit-html';
import {
  actionPlans, dataQuality, editions as editionsApi, kpis as kpisApi,
} from '../api';
import type { WatchResponse } from '../generated/fosterwatch/gateway/v1/gateway_service_pb';
import { ActionPlan_State, type ActionPlan } from '../generated/fosterwatch/kpis/v1/action_plan_pb';
import { Finding_State, type Coverage } from '../generated/fosterwatch/kpis/v1/data_quality_pb';
import { Restatement_State, type Restatement } from '../generated/fosterwatch/kpis/v1/edition_pb';
import type { Figure, Kpi, KpiSet } from '../generated/fosterwatch/kpis/v1/kpi_pb';
import type { ListKpisResponse } from '../generated/fosterwatch/kpis/v1/kpis_service_pb';
import type { Frame, Page } from '../page';
import { paths } from '../router';
import { formatPeriod, monthOf, shortPeriod } from '../time';
import { AsAt } from '../ui/as_at';
import { sparkline } from '../ui/chart';
import { listWords } from '../ui/compared';
import {
  basisWords, literalView, statusView, trendWords, unitWords, valueWords,
} from '../ui/figures';
import { filterForm, filterSelect } from '../ui/filter';
import { details, empty, hidden, link, plural, table, type Content } from '../ui/html';
import { coverageView, isRunning, movesFigures, periodChoices, placesView, setChoices, setTitle } from '../ui/kpi_pages';

// The line of a row goes over twelve months, this one among them.
const HISTORY = 11;
const BEFORE = 3;
// Counts alone, read as tiles.
const TILES = 'headline';
// On a page of its own.
const SERVICE_DATA = 'service_data';

export class FiguresPage implements Page {
  readonly section = 'figures';
  #sets: readonly KpiSet[] = [];
  #answer: ListKpisResponse | undefined;
  #plans: readonly ActionPlan[] = [];
  #waiting: readonly Restatement[] = [];
  #coverage: readonly Coverage[] = [];
  #set: string;
  readonly #period: string;
  readonly #asAt: AsAt;

  constructor(private readonly frame: Frame, query: URLSearchParams) {
    this.#set = query.get('set') ?? '';
    this.#period = query.get('period') ?? '';
    this.#asAt = new AsAt(query);
  }

  title(): string {
    return this.#set ? `Figures: ${setTitle(this.#sets, this.#set)}` : 'Figures';
  }

  hasErrors(): boolean {
    return this.#asAt.hasErrors;
  }

  concerns(fact: WatchResponse | undefined): boolean {
    return movesFigures(fact);
  }

  async load(): Promise<void> {
    const times = this.#asAt.times(this.frame.now());
    const sets = this.#sets.length > 0 ? this.#sets : (await kpisApi.listKpiSets({})).sets;
    const set = this.#set || sets[0]?.set || '';
    const [answer, plans, waiting, findings] = await Promise.all([
      kpisApi.listKpis({ set, period: this.#period, historyMonths: HISTORY, ...times }),
      actionPlans.listPlans({ state: ActionPlan_State.OPEN, pageSize: 200 }),
      editionsApi.listRestatements({ state: Restatement_State.WAITING, pageSize: 200 }),
      dataQuality.listFindings({ state: Finding_State.OPEN, pageSize: 1 }),
    ]);
    this.#sets = sets;
    this.#set = set;
    this.#answer = answer;
    this.#plans = plans.plans;
    this.#coverage = findings.coverage;
    this.#waiting = waiting.restatements.filter((each) => each.set === set);
  }

  view(): TemplateResult {
    const { kpis = [], asAtTime, knownAtTime } = this.#answer ?? {};
    const period = kpis[0]?.current?.period ?? this.#period;
    const isOpen = isRunning(kpis[0]?.current);
    return html`
      ${placesView('figures')}
      <h1 class="govuk-heading-l govuk-!-margin-bottom-2">${setTitle(this.#sets, this.#set)}</h1>
      <p class="govuk-body">${period ? html`<strong>${formatPeriod(period)}${isOpen ? ' so far' : ''}</strong>.
        ` : nothing}${this.#asAt.words(asAtTime, knownAtTime)}
        ${this.#sets.find(({ set }) => set === this.#set)?.description ?? nothing}</p>
      ${this.#filterView(period)}
      ${this.#waitingView()}
      ${kpis.length === 0 ? empty('This set has no figures.')
        : this.#set === TILES ? this.#tilesView(kpis) : this.#tableView(kpis, period, isOpen)}
      ${this.#missingView(kpis)}`;
  }

  #filterView(period: string): TemplateResult {
    return filterForm(html`
      ${filterSelect({
        name: 'set', label: 'Figures', value: this.#set, any: false,
        choices: setChoices(this.#sets).filter(({ code }) => code !== SERVICE_DATA),
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
      this.frame.navigate(paths.figures({
        set: chosen('set'), period: month === monthOf(this.frame.now()) ? '' : month, ...moments,
      }));
    });
  }

  #waitingView(): Content {
    const count = this.#waiting.length;
    if (count === 0) return nothing;
    return html`<div class="govuk-inset-text govuk-!-margin-top-0" data-testid="restatements">
      ${plural(count, 'figure')} of an edition ${count === 1 ? 'is' : 'are'} no longer what the edition
      says: ${link(paths.editions({ set: this.#set }), count === 1 ? 'a restatement waits'
        : 'restatements wait')}.</div>`;
  }

  #tableView(kpis: readonly Kpi[], period: string, isOpen: boolean): TemplateResult {
    const months = kpis[0]?.history.slice(-BEFORE).map((figure) => figure.period) ?? [];
    const hasTargets = kpis.some(({ current }) => current?.target !== undefined);
    const hasOthers = kpis.some(({ current }) => current?.benchmark !== undefined);
    return table<Kpi>({
      caption: `${setTitle(this.#sets, this.#set)}, ${formatPeriod(period)}`,
      captionHidden: true,
      rows: kpis,
      key: ({ definition }) => definition?.code ?? '',
      testId: 'figures',
      columns: [
        { heading: 'Figure', header: true, cell: (kpi) => this.#nameView(kpi) },
        {
          heading: `${shortPeriod(period)}${isOpen ? ' so far' : ''}`,
          cell: ({ definition, current, history }) => html`<strong>${valueWords(definition, current)}</strong>
            ${current?.value === undefined ? nothing
              : html`<span class="app-sub">${basisWords(definition, current)}</span>`}
            ${hasTargets ? html`<div>${statusView(current, history)}${literalView(definition, current)}
              ${this.#planView(current)}</div>` : nothing}`,
        },
        ...hasTargets ? [{
          heading: 'Target',
          cell: ({ definition, current }: Kpi) => current?.target === undefined ? 'None'
            : unitWords(definition, current.target),
        }] : [],
        ...hasOthers ? [{
          heading: 'Neighbours',
          cell: ({ definition, current }: Kpi) => current?.benchmark === undefined ? '–'
            : unitWords(definition, current.benchmark),
        }] : [],
        ...months.map((month) => ({
          heading: shortPeriod(month),
          cell: ({ definition, history }: Kpi) => {
            const index = history.findIndex((each) => each.period === month);
            return monthView(definition, history[index], history.slice(0, Math.max(0, index)));
          },
        })),
        {
          heading: 'Trend',
          cell: ({ definition, current, history }) => html`${sparkline(
            current ? [...history, current] : history)}<span class="app-sub">${trendWords(definition, history.at(-1), current)}</span>`,
        },
      ],
    });
  }

  #nameView({ definition, current }: Kpi): Content {
    return html`${definition?.row ? html`<span class="app-id">${definition.row}.</span> ` : nothing}${link(
      this.#figurePath(definition?.code ?? '', current), definition?.title ?? '')}
      <span class="app-sub app-id">${definition?.code}${definition?.cumulative
        ? ', the year to date from April' : nothing}</span>${coverageView(
        this.#coverage.find(({ code }) => code === definition?.code))}`;
  }

  #figurePath(code: string, figure: Figure | undefined): string {
    return paths.figure(code, {
      period: figure?.period === monthOf(this.frame.now()) ? '' : figure?.period ?? '',
      ...this.#asAt.address,
    });
  }

  // Of the episode that the period is in.
  #planView(figure: Figure | undefined): Content {
    const plan = this.#plans.find(({ code, firstRedPeriod }) =>
      code === figure?.code && firstRedPeriod <= figure.period);
    return plan ? html`<span class="app-sub">${link(paths.plan(plan.planId), 'Action plan',
      `of ${plan.code}`)}</span>` : nothing;
  }

  #tilesView(kpis: readonly Kpi[]): TemplateResult {
    return html`
      <ul class="app-figures">
        ${kpis.map(({ definition, current, history }) => html`
          <li class="app-figure" data-kpi=${definition?.code ?? ''}>
            <h2 class="app-figure__title">${definition?.title}</h2>
            <p class="app-figure__value ${current?.value === undefined ? 'app-figure__value--none' : ''}"
              data-value>${valueWords(definition, current)}</p>
            <div>${sparkline(current ? [...history, current] : history)}</div>
            <p class="app-figure__of">${trendWords(definition, history.at(-1), current)} since the one
              before<span class="app-sub">The last ${history.length + 1}, to ${formatPeriod(
              current?.period ?? '')}</span></p>
            <p class="app-figure__more">${link(this.#figurePath(definition?.code ?? '', current),
              'What is behind it', `, ${definition?.title}`)}</p>
          </li>`)}
      </ul>
      ${details('As a table', this.#tableView(kpis, kpis[0]?.current?.period ?? '', false))}`;
  }

  // Named once more below the table: what is missing does not depend on a cell being seen.
  #missingView(kpis: readonly Kpi[]): Content {
    const gaps = kpis.map(({ definition, current, history }) => {
      const shown = [...history.slice(-BEFORE), ...current ? [current] : []];
      const missing = shown.filter(({ value, target }) => value === undefined && target !== undefined);
      return { code: definition?.code ?? '', missing, isAll: missing.length === shown.length };
    }).filter(({ missing }) => missing.length > 0);
    if (gaps.length === 0) return nothing;
    const never = gaps.filter(({ isAll }) => isAll).map(({ code }) => code);
    // Those without the same months are named together.
    const some = new Map<string, string[]>();
    for (const { code, missing, isAll } of gaps) {
      if (isAll) continue;
      const months = listWords(missing.map(({ period }) => formatPeriod(period)));
      some.set(months, [...some.get(months) ?? [], code]);
    }
    const without = [...some].map(([months, codes]) => `${listWords(codes)} in ${months}`).join('; ');
    return html`<p class="govuk-body-s" data-testid="missing">
      ${without ? `Without a figure: ${without}. ` : nothing}
      ${never.length > 0 ? `Without one in all that is shown: ${listWords(never)}. ` : nothing}
      ${link(paths.dataQuality(), 'Data quality')}</p>`;
  }
}

// One month of one figure: value, what it was worked out from, and how it stands to its target.
function monthView(
  definition: Kpi['definition'], figure: Figure | undefined, before: readonly Figure[],
): Content {
  const basis = figure?.value === undefined ? '' : basisWords(definition, figure);
  return html`${valueWords(definition, figure)}${basis ? html`<span class="app-sub">${basis}</span>`
    : nothing}${figure?.target === undefined ? nothing
    : html`<div>${hidden('Status:')} ${statusView(figure, before)}</div>`}`;
}
