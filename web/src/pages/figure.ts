// One figure with all that was counted for it.

import { html, nothing, type TemplateResult } from 'lit-html';
import { kpis as kpisApi } from '../api';
import type { Evidence, KpiDefinition } from '../generated/fosterwatch/kpis/v1/kpi_pb';
import type { ExplainKpiResponse } from '../generated/fosterwatch/kpis/v1/kpis_service_pb';
import type { Frame, Page } from '../page';
import { paths } from '../router';
import { formatDateTime, formatMonth, toDate } from '../time';
import { basisWords, statusView, targetWords, valueWords } from '../ui/figures';
import { backLink, empty, link, moment, plural, table, tag } from '../ui/html';

const targetInForce = (definition: KpiDefinition | undefined, period: string) =>
  definition?.targets.filter(({ effectiveFrom }) => effectiveFrom <= period).at(-1);

// More rows than a person reads through.
const SHOWN = 500;

export class FigurePage implements Page {
  readonly section = 'overview';
  #answer: ExplainKpiResponse | undefined;

  constructor(
    private readonly frame: Frame,
    private readonly code: string,
    private readonly period: string,
  ) {}

  title(): string {
    return this.#answer?.definition?.title ?? 'Figure';
  }

  async load(): Promise<void> {
    [this.#answer] = await Promise.all([
      kpisApi.explainKpi({ code: this.code, period: this.period }),
      this.frame.names.ensureDirectory(),
    ]);
  }

  view(): TemplateResult {
    const { definition, figure, evidence } = this.#answer!;
    const basis = figure?.value === undefined ? '' : basisWords(definition, figure);
    return html`
      ${backLink(paths.overview(), 'Overview')}
      <h1 class="govuk-heading-l govuk-!-margin-bottom-2">${definition?.title}</h1>
      <p class="govuk-heading-m govuk-!-margin-bottom-1">${valueWords(definition, figure)}
        ${basis ? html`<span class="govuk-!-font-weight-regular">(${basis})</span>` : nothing}</p>
      ${figure?.target === undefined ? nothing : html`<p class="govuk-body govuk-!-margin-bottom-1"
        data-status>${statusView(figure)} ${targetWords(definition, figure)}
        (${targetInForce(definition, figure.period)?.source}).</p>`}
      <p class="govuk-body">${formatMonth(figure?.period ?? this.period)}${figure?.asAtTime
        ? html`, as at ${formatDateTime(toDate(figure.asAtTime))}` : nothing}.</p>
      <p class="govuk-body">${definition?.description} It answers to ${definition?.source};
        definition <span class="app-id">${definition?.code}</span>, version
        ${definition?.version}.</p>
      <h2 class="govuk-heading-m">What is behind it</h2>
      <p class="govuk-body">${plural(evidence.length, 'thing')},
        ${evidence.filter(({ counted }) => counted).length} of them counted${
        evidence.length > SHOWN ? `; the first ${SHOWN} are listed` : ''}.</p>
      ${evidence.length === 0 ? empty('Nothing to count in this month.') : table<Evidence>({
        caption: 'What is behind the figure',
        captionHidden: true,
        rows: evidence.slice(0, SHOWN),
        key: ({ key }) => key,
        testId: 'evidence',
        columns: [
          {
            heading: 'What',
            header: true,
            cell: ({ key, aggregateId }) => html`${link(paths.event(aggregateId),
              `Event ${aggregateId}`)}${key === aggregateId ? nothing
              : html`<span class="app-sub app-id">${definition?.stream.replaceAll('_', ' ')}
                ${key}</span>`}`,
          },
          { heading: 'Began', cell: ({ beginTime }) => moment(beginTime, '–') },
          { heading: 'Due', cell: ({ dueTime }) => moment(dueTime, 'No due time') },
          { heading: 'Ended', cell: ({ endTime }) => moment(endTime, 'Not yet') },
          {
            heading: 'Counted',
            cell: ({ counted }) => counted ? tag('Counted', 'teal') : tag('Not counted', 'grey'),
          },
        ],
      })}`;
  }
}
