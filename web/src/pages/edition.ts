// One edition as it was frozen, beside what has become known since.

import { html, nothing, type TemplateResult } from 'lit-html';
import { create } from '@bufbuild/protobuf';
import { editions as editionsApi, kpis as kpisApi, packs } from '../api';
import type { WatchResponse } from '../generated/fosterwatch/gateway/v1/gateway_service_pb';
import type { StatedKpi } from '../generated/fosterwatch/kpis/v1/edition_pb';
import type { GetEditionResponse } from '../generated/fosterwatch/kpis/v1/editions_service_pb';
import {
  KpiDefinitionSchema, type KpiDefinition, type KpiSet,
} from '../generated/fosterwatch/kpis/v1/kpi_pb';
import type { Frame, Page } from '../page';
import { paths } from '../router';
import { formatPeriod } from '../time';
import { unitWords } from '../ui/figures';
import { saveFile } from '../ui/file';
import { backLink, link, moment, plural, summaryList, table } from '../ui/html';
import { movesFigures, setTitle } from '../ui/kpi_pages';
import { restatementsTable, statedView } from '../ui/kpi_tables';
import { keepPdf } from '../ui/packs';
import { mayMakePacks } from './rights';

export class EditionPage implements Page {
  readonly section = 'figures';
  #answer: GetEditionResponse | undefined;
  #sets: readonly KpiSet[] = [];
  // How far the PDF is.
  #said = '';

  constructor(private readonly frame: Frame, private readonly editionId: string) {}

  title(): string {
    const edition = this.#answer?.edition;
    return edition ? `${setTitle(this.#sets, edition.set)}, ${formatPeriod(edition.period)}, edition ${
      edition.number}` : 'Edition';
  }

  concerns(fact: WatchResponse | undefined): boolean {
    return movesFigures(fact);
  }

  async load(): Promise<void> {
    const [answer, sets] = await Promise.all([
      editionsApi.getEdition({ editionId: this.editionId }),
      kpisApi.listKpiSets({}),
      this.frame.names.ensureDirectory(),
    ]);
    this.#answer = answer;
    this.#sets = sets.sets;
  }

  view(): TemplateResult {
    const { edition, restatements } = this.#answer!;
    const kpis = edition?.kpis ?? [];
    const months = kpis[0]?.history.map(({ period }) => period) ?? [];
    // As the edition names them, whatever the definitions say today.
    const definitions = kpis.map(stated);
    return html`
      ${backLink(paths.editions({ set: edition?.set ?? '' }), 'Editions')}
      <h1 class="govuk-heading-l govuk-!-margin-bottom-3">${this.title()}</h1>
      ${summaryList([
        { key: 'Frozen', value: html`${moment(edition?.frozenTime)} by ${this.frame.names.person(
          edition?.frozenBy ?? '')}` },
        { key: 'SHA-256', value: html`<span class="app-mono">${edition?.hash}</span>` },
        (edition?.restatementIds.length ?? 0) > 0 && {
          key: 'States anew', value: plural(edition!.restatementIds.length, 'restatement'),
        },
      ])}
      <p class="govuk-body"><button type="button" class="govuk-button govuk-button--secondary app-last"
        @click=${() => saveFile(`${this.editionId}.txt`, 'text/plain', edition?.content ?? '')}>Save what is
        hashed</button>
        ${mayMakePacks(this.frame.session) ? html`<button type="button"
          class="govuk-button govuk-button--secondary app-last"
          @click=${() => void this.#savePdf()}>Keep it as PDF</button>` : nothing}</p>
      <p class="govuk-body" role="status">${this.#said}</p>
      ${table<StatedKpi>({
        caption: 'The figures as they were stated',
        captionHidden: true,
        rows: kpis,
        key: ({ code }) => code,
        testId: 'stated',
        columns: [
          {
            heading: 'Figure', header: true,
            cell: ({ code, title, definitionVersion, figure }) => html`${link(
              paths.figure(code, { period: figure?.period ?? '' }), title)}
              <span class="app-sub app-id">${code}, version ${definitionVersion}</span>`,
          },
          {
            heading: formatPeriod(edition?.period ?? ''),
            cell: (kpi) => statedView(stated(kpi), kpi.figure),
          },
          {
            heading: 'Target',
            cell: (kpi) => kpi.figure?.target === undefined ? 'None'
              : unitWords(stated(kpi), kpi.figure.target),
          },
          ...months.map((month, index) => ({
            heading: formatPeriod(month),
            cell: (kpi: StatedKpi) => statedView(stated(kpi), kpi.history[index]),
          })),
        ],
      })}
      ${restatements.length === 0 ? nothing : html`
        <h2 class="govuk-heading-m">What has become known since</h2>
        ${restatementsTable(restatements, this.frame, definitions)}`}`;
  }

  async #savePdf(): Promise<void> {
    await keepPdf(() => packs.makeBoardEdition({ editionId: this.editionId }), (text) => {
      this.#said = text;
      this.frame.update();
    });
  }
}

const stated = ({ code, title, unit, direction }: StatedKpi): KpiDefinition =>
  create(KpiDefinitionSchema, { code, title, unit, direction });
