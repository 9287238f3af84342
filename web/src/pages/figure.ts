// One KPI: over time, with all that was counted for one period, how that was worked out, what was
// stated of it, and what is done about it.

import { html, nothing, type TemplateResult } from 'lit-html';
import { actionPlans, dataQuality, editions as editionsApi, kpis as kpisApi } from '../api';
import type { WatchResponse } from '../generated/fosterwatch/gateway/v1/gateway_service_pb';
import type { ActionPlan } from '../generated/fosterwatch/kpis/v1/action_plan_pb';
import type { Coverage, Finding } from '../generated/fosterwatch/kpis/v1/data_quality_pb';
import { Restatement_State, type Edition, type Restatement } from '../generated/fosterwatch/kpis/v1/edition_pb';
import {
  Status, type Figure, type KpiDefinition,
} from '../generated/fosterwatch/kpis/v1/kpi_pb';
import type {
  ExplainKpiResponse, GetSeriesResponse,
} from '../generated/fosterwatch/kpis/v1/kpis_service_pb';
import type { Frame, Page } from '../page';
import { paths } from '../router';
import { formatPeriod, monthOf } from '../time';
import { AsAt } from '../ui/as_at';
import { KpiChart } from '../ui/chart';
import { evidenceTable, listOf, reportedTable } from '../ui/evidence';
import {
  basisWords, literalView, statusView, targetWords, unitWords, valueWords, withheldWords,
} from '../ui/figures';
import { filterForm, filterSelect } from '../ui/filter';
import {
  backLink, details, empty, link, moment, plural, summaryList, table, type Content,
} from '../ui/html';
import { coverageView, isRunning, movesFigures, periodChoices } from '../ui/kpi_pages';
import { findingsTable, plansTable, restatementsTable } from '../ui/kpi_tables';
import { explanationView } from '../ui/records';
import { codeWords, roleWords } from '../words';

const RANGES = [12, 36] as const;
// More rows at a time than a person reads through.
const PAGE_SIZE = 200;

export class FigurePage implements Page {
  readonly section = 'figures';
  #answer: ExplainKpiResponse | undefined;
  #series: GetSeriesResponse | undefined;
  #editions: readonly Edition[] = [];
  #plans: readonly ActionPlan[] = [];
  #restatements: readonly Restatement[] = [];
  #findings: readonly Finding[] = [];
  #coverage: Coverage | undefined;
  readonly #period: string;
  readonly #months: number;
  readonly #pageToken: string;
  readonly #asAt: AsAt;
  readonly #chart: KpiChart;

  constructor(
    private readonly frame: Frame, private readonly code: string, query: URLSearchParams,
  ) {
    this.#period = query.get('period') ?? '';
    this.#months = RANGES.find((range) => String(range) === query.get('months')) ?? RANGES[0];
    this.#pageToken = query.get('page') ?? '';
    this.#asAt = new AsAt(query);
    this.#chart = new KpiChart(() => frame.update());
  }

  title(): string {
    return this.#answer?.definition?.title ?? 'Figure';
  }

  hasErrors(): boolean {
    return this.#asAt.hasErrors;
  }

  concerns(fact: WatchResponse | undefined): boolean {
    return movesFigures(fact);
  }

  async load(): Promise<void> {
    const { code } = this;
    const times = this.#asAt.times(this.frame.now());
    const [answer, series, editions, plans, restatements, findings] = await Promise.all([
      kpisApi.explainKpi({
        code, period: this.#period, pageSize: PAGE_SIZE, pageToken: this.#pageToken,
        ...this.#pageToken ? {} : times,
      }),
      kpisApi.getSeries({ code, period: this.#period, periods: this.#months, ...times }),
      // Of a running period there is none.
      this.#period ? editionsApi.listEditions({ period: this.#period, pageSize: 200 }) : { editions: [] },
      actionPlans.listPlans({ code, pageSize: 50 }),
      editionsApi.listRestatements({ code, pageSize: 50 }),
      dataQuality.listFindings({ code, pageSize: 50 }),
      this.frame.names.ensureDirectory(),
    ]);
    this.#answer = answer;
    this.#series = series;
    this.#editions = editions.editions.filter(({ set }) => answer.definition?.sets.includes(set));
    this.#plans = plans.plans;
    this.#restatements = restatements.restatements;
    this.#findings = findings.findings;
    [this.#coverage] = findings.coverage;
  }

  view(): TemplateResult {
    const { definition, figure, before } = this.#answer!;
    const basis = figure?.value === undefined ? '' : basisWords(definition, figure);
    const set = definition?.sets[0] ?? '';
    return html`
      ${backLink(paths.figures({ set, period: this.#period }), 'Figures')}
      <h1 class="govuk-heading-l govuk-!-margin-bottom-2">${definition?.title}</h1>
      <p class="govuk-heading-m govuk-!-margin-bottom-1"><span data-value>${valueWords(definition,
        figure)}</span> ${basis ? html`<span class="govuk-!-font-weight-regular">(${basis})</span>`
        : nothing}</p>
      ${figure?.target === undefined ? nothing : html`<div class="govuk-body govuk-!-margin-bottom-1"
        data-status>${statusView(figure, before)} ${targetWords(definition, figure)}${
        this.#answer!.target?.source ? html` (${this.#answer!.target.source})` : nothing}.${
        literalView(definition, figure)}</div>`}
      <p class="govuk-body">${this.#periodWords(figure)}. ${this.#asAt.words(figure?.asAtTime,
        figure?.knownAtTime)}${coverageView(this.#coverage)}</p>
      ${this.#shortView()}
      ${this.#filterView(figure)}
      ${this.#overTimeView(definition)}
      ${this.#sharesView(figure)}
      ${this.#evidenceView(definition)}
      ${this.#workingView(definition, figure)}
      ${this.#editionsView()}
      ${this.#restatements.length === 0 ? nothing : html`
        <h2 class="govuk-heading-m">Restatements</h2>
        ${restatementsTable(this.#restatements, this.frame, definition ? [definition] : [])}`}
      ${this.#plans.length === 0 ? nothing : html`
        <h2 class="govuk-heading-m">Action plans</h2>
        ${plansTable(this.#plans, this.frame, definition ? [definition] : [])}`}
      ${this.#findings.length === 0 ? nothing : html`
        <h2 class="govuk-heading-m">What is known about its data</h2>
        ${findingsTable(this.#findings, this.frame, definition ? [definition] : [])}`}`;
  }

  #periodWords(figure: Figure | undefined): string {
    const period = figure?.period ?? this.#period;
    return `${formatPeriod(period)}${isRunning(figure) ? ' so far' : ''}`;
  }

  // What cannot wait until the end of the page.
  #shortView(): Content {
    const open = this.#plans.find((plan) => !plan.endedTime);
    const waiting = this.#restatements.filter(({ state }) => state === Restatement_State.WAITING);
    if (!open && waiting.length === 0) return nothing;
    return html`<div class="govuk-inset-text govuk-!-margin-top-0">
      ${open ? html`<p class="govuk-body govuk-!-margin-bottom-1">Red since ${
        formatPeriod(open.firstRedPeriod)}: ${link(paths.plan(open.planId), 'the action plan')}.</p>`
        : nothing}
      ${waiting.length > 0 ? html`<p class="govuk-body govuk-!-margin-bottom-0">${plural(waiting.length,
        'restatement')} of it ${waiting.length === 1 ? 'waits' : 'wait'} for somebody to accept
        ${waiting.length === 1 ? 'it' : 'them'}.</p>` : nothing}
    </div>`;
  }

  #address(further: Record<string, string>): string {
    return paths.figure(this.code, {
      period: this.#period, months: this.#months === RANGES[0] ? '' : String(this.#months),
      ...this.#asAt.address, ...further,
    });
  }

  #filterView(figure: Figure | undefined): TemplateResult {
    return filterForm(html`
      ${filterSelect({
        name: 'period', label: 'Period', value: figure?.period ?? '', any: false,
        choices: periodChoices(this.frame.now(), figure?.period ?? ''),
      })}
      ${filterSelect({
        name: 'months', label: 'Over', value: String(this.#months), any: false,
        choices: RANGES.map((range) => ({ code: String(range), text: `${range} periods` })),
      })}
      ${details('As at another day', html`<div class="app-as-at">${this.#asAt.fields()}</div>`)}`,
    (chosen) => {
      const moments = this.#asAt.read(() => this.frame.update());
      const month = chosen('period');
      if (moments) {
        this.frame.navigate(this.#address({
          period: month === monthOf(this.frame.now()) ? '' : month, months: chosen('months'), ...moments,
        }));
      }
    });
  }

  #overTimeView(definition: KpiDefinition | undefined): Content {
    const figures = this.#series?.figures ?? [];
    if (!definition || figures.length === 0) return nothing;
    const hasOthers = figures.some(({ benchmark }) => benchmark !== undefined);
    return html`
      <h2 class="govuk-heading-m">Over time</h2>
      ${this.#chart.view({
        definition,
        figures,
        more: ({ period }) => period === this.#answer?.figure?.period ? nothing
          : link(this.#address({ period, page: '' }), 'What is behind it', `in ${formatPeriod(period)}`),
      })}
      <div class="govuk-!-margin-bottom-6">${details('The chart as a table', table<Figure>({
        caption: `${definition.title} over time`,
        captionHidden: true,
        rows: figures.toReversed(),
        key: ({ period }) => period,
        testId: 'series',
        columns: [
          {
            heading: 'Period', header: true,
            cell: ({ period }) => link(this.#address({ period, page: '' }), formatPeriod(period)),
          },
          { heading: 'Figure', cell: (figure) => valueWords(definition, figure) },
          { heading: 'Worked out from', cell: (figure) => basisWords(definition, figure) || '–' },
          {
            heading: 'Status',
            cell: (figure) => statusView(figure,
              figures.filter(({ period }) => period < figure.period)),
          },
          {
            heading: 'Target',
            cell: ({ target }) => target === undefined ? 'None' : unitWords(definition, target),
          },
          ...hasOthers ? [{
            heading: 'Neighbours',
            cell: ({ benchmark }: Figure) => benchmark === undefined ? '–' : unitWords(definition, benchmark),
          }] : [],
        ],
      }))}</div>`;
  }

  #sharesView(figure: Figure | undefined): Content {
    if (!figure || figure.shares.length === 0) return nothing;
    return table({
      caption: 'In parts',
      rows: figure.shares,
      testId: 'shares',
      columns: [
        { heading: 'What', header: true, cell: ({ code, title }) => title || codeWords(code) || 'Not known' },
        { heading: 'Count', numeric: true, cell: ({ count }) => String(count) },
      ],
    });
  }

  #evidenceView(definition: KpiDefinition | undefined): TemplateResult {
    const { evidence, stream, nextPageToken, figure, withheldCount } = this.#answer!;
    const isReported = evidence.some(({ reported }) => reported);
    const counted = evidence.filter((each) => each.counted).length;
    const hasMore = nextPageToken !== '' || this.#pageToken !== '';
    const list = listOf(definition?.drillDown ?? '');
    return html`
      <h2 class="govuk-heading-m">What is behind it</h2>
      ${withheldCount > 0 ? html`<p class="govuk-body" data-testid="withheld">${
        withheldWords(withheldCount)}</p>` : nothing}
      ${evidence.length === 0 ? withheldCount > 0 ? nothing : empty(definition?.measure && stream
        ? 'Nothing to count in this period.' : 'Nothing has been reported for this period.')
        : isReported ? reportedTable(definition, evidence) : html`
          <p class="govuk-body">${hasMore ? html`${figure?.numerator} of ${figure?.denominator}
            counted; a part of them is listed.`
            : `${plural(evidence.length, 'thing')}, ${counted} of them counted.`}</p>
          ${evidenceTable(evidence, stream)}`}
      ${hasMore ? html`<p class="govuk-body">
        ${this.#pageToken ? link(this.#address({ page: '' }), 'The first of them') : nothing}
        ${nextPageToken ? link(this.#address({ page: nextPageToken }), 'The next of them')
          : nothing}</p>` : nothing}
      ${list}`;
  }

  #editionsView(): Content {
    if (this.#editions.length === 0) return nothing;
    return html`
      <h2 class="govuk-heading-m">Where it was stated</h2>
      ${table<Edition>({
        caption: 'Editions that state it',
        captionHidden: true,
        rows: this.#editions,
        key: ({ editionId }) => editionId,
        testId: 'editions',
        columns: [
          {
            heading: 'Edition', header: true,
            cell: ({ editionId, number }) => html`${link(paths.edition(editionId), `Number ${number}`)}
              <span class="app-sub app-id">${editionId}</span>`,
          },
          { heading: 'Frozen', cell: ({ frozenTime }) => moment(frozenTime) },
          { heading: 'By', cell: ({ frozenBy }) => this.frame.names.person(frozenBy) },
        ],
      })}`;
  }

  // How it was worked out, so that anybody can do it again.
  #workingView(definition: KpiDefinition | undefined, figure: Figure | undefined): Content {
    const { before, benchmark, target } = this.#answer!;
    const explained = this.#answer!.evidence.filter(({ dueExplanation }) => dueExplanation).slice(0, 20);
    return html`
      <h2 class="govuk-heading-m">How it is worked out</h2>
      ${summaryList([
        { key: 'What it says', value: definition?.description ?? '' },
        { key: 'It answers to', value: definition?.source ?? '' },
        {
          key: 'Definition',
          value: html`<span class="app-id">${definition?.code}</span>, version ${definition?.version}${
            definition?.cumulative ? '; adds up from April' : nothing}`,
        },
        Boolean(definition?.ownerRole) && { key: 'Answered for by', value: roleWords(definition!.ownerRole) },
        figure?.partsUnknown ? { key: 'Parts', value: 'Reported as a value: what it was worked out from is not known' }
          : {
            key: 'Parts',
            value: figure?.denominator ? `${figure.numerator} of ${figure.denominator}` : 'None',
          },
        target && {
          key: 'Target',
          value: `${unitWords(definition, target.value)} from ${formatPeriod(target.effectiveFrom)}: ${
            target.source}${target.grade ? ` (sureness of the source: ${target.grade})` : ''}`,
        },
        benchmark && {
          key: benchmark.ofWhom || 'Neighbours',
          value: `${unitWords(definition, benchmark.value)}${benchmark.year ? `, ${benchmark.year}` : ''}: ${
            benchmark.source}`,
        },
        before.length > 0 && figure?.status !== Status.UNSPECIFIED && {
          key: 'The status rests on',
          value: html`${[...before, ...figure ? [figure] : []].map((each) => html`<span class="app-line">${
            formatPeriod(each.period)}: ${valueWords(definition, each)}${each.target === undefined
            ? ', no target' : `, target ${unitWords(definition, each.target)}`}</span>`)}`,
        },
      ])}
      ${explained.map(({ key, aggregateId, dueExplanation }) =>
        details(`Why it was due then: ${key === aggregateId ? aggregateId : `${aggregateId}, ${key}`}`,
          explanationView(dueExplanation)))}`;
  }
}
