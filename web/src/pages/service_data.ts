// What an inspector asks for first, on one page that prints.

import { html, nothing, type TemplateResult } from 'lit-html';
import { kpis as kpisApi } from '../api';
import type { WatchResponse } from '../generated/fosterwatch/gateway/v1/gateway_service_pb';
import type { Kpi, Share } from '../generated/fosterwatch/kpis/v1/kpi_pb';
import type { GetServiceDataResponse } from '../generated/fosterwatch/kpis/v1/kpis_service_pb';
import type { Frame, Page } from '../page';
import { paths } from '../router';
import { AsAt } from '../ui/as_at';
import { basisWords, valueWords } from '../ui/figures';
import { filterForm } from '../ui/filter';
import { empty, link, table } from '../ui/html';
import { movesFigures, placesView } from '../ui/kpi_pages';
import { codeWords } from '../words';

interface Line {
  kpi: Kpi;
  // A part of it.
  share?: Share;
}

export class ServiceDataPage implements Page {
  readonly section = 'figures';
  #answer: GetServiceDataResponse | undefined;
  readonly #asAt: AsAt;

  constructor(private readonly frame: Frame, query: URLSearchParams) {
    this.#asAt = new AsAt(query);
  }

  title(): string {
    return 'Basic service data';
  }

  hasErrors(): boolean {
    return this.#asAt.hasErrors;
  }

  concerns(fact: WatchResponse | undefined): boolean {
    return movesFigures(fact);
  }

  async load(): Promise<void> {
    this.#answer = await kpisApi.getServiceData(this.#asAt.times(this.frame.now()));
  }

  view(): TemplateResult {
    const { kpis = [], asAtTime, knownAtTime } = this.#answer ?? {};
    const lines: Line[] = kpis.flatMap((kpi) =>
      [{ kpi }, ...(kpi.current?.shares ?? []).map((share) => ({ kpi, share }))]);
    return html`
      ${placesView('service-data')}
      <div class="app-heading">
        <h1 class="govuk-heading-l govuk-!-margin-bottom-2">Basic service data</h1>
        <button type="button" class="govuk-button govuk-button--secondary app-print"
          @click=${() => window.print()}>Print</button>
      </div>
      <p class="govuk-body">Agency <strong>${this.frame.session.agencyId}</strong>.
        ${this.#asAt.words(asAtTime, knownAtTime)}</p>
      ${filterForm(html`<div class="app-as-at">${this.#asAt.fields()}</div>`, () => {
        const moments = this.#asAt.read(() => this.frame.update());
        if (moments) this.frame.navigate(paths.serviceData(moments));
      })}
      ${lines.length === 0 ? empty('There are no such figures.') : table<Line>({
        caption: 'Basic service data',
        captionHidden: true,
        rows: lines,
        key: ({ kpi, share }) => `${kpi.definition?.code}${share ? ` ${share.code}` : ''}`,
        testId: 'service-data',
        columns: [
          {
            heading: 'What',
            header: true,
            cell: ({ kpi: { definition }, share }) => share
              ? html`<span class="app-part">${share.title || codeWords(share.code) || 'Not known'}</span>`
              : link(paths.figure(definition?.code ?? '', this.#asAt.address), definition?.title ?? ''),
          },
          {
            heading: 'How many',
            numeric: true,
            cell: ({ kpi: { definition, current }, share }) => share ? String(share.count)
              : html`<strong>${valueWords(definition, current)}</strong>${current?.value && basisWords(definition, current)
                ? html`<span class="app-sub">${basisWords(definition, current)}</span>` : nothing}`,
          },
          {
            heading: 'What it counts',
            cell: ({ kpi: { definition }, share }) => share ? nothing : definition?.description ?? '',
          },
        ],
      })}`;
  }
}
