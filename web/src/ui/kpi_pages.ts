// What the pages about figures share.

import { html, nothing } from 'lit-html';
import { kpis as kpisApi } from '../api';
import type { Coverage } from '../generated/fosterwatch/kpis/v1/data_quality_pb';
import type { Figure, KpiDefinition, KpiSet } from '../generated/fosterwatch/kpis/v1/kpi_pb';
import type { WatchResponse } from '../generated/fosterwatch/gateway/v1/gateway_service_pb';
import { paths } from '../router';
import { formatPeriod, monthOf, monthsFrom, toDate } from '../time';
import type { FilterChoice } from './filter';
import { link, plural, type Content } from './html';

export type KpiPlace = 'figures' | 'service-data' | 'compare' | 'plans' | 'editions' | 'data-quality';

const PLACES: readonly { place: KpiPlace; href: string; text: string }[] = [
  { place: 'figures', href: paths.figures(), text: 'Figures' },
  { place: 'service-data', href: paths.serviceData(), text: 'Basic service data' },
  { place: 'compare', href: paths.compare(), text: 'Compare agencies' },
  { place: 'plans', href: paths.plans(), text: 'Action plans' },
  { place: 'editions', href: paths.editions(), text: 'Editions' },
  { place: 'data-quality', href: paths.dataQuality(), text: 'Data quality' },
];

// The pages beside this one.
export const placesView = (here: KpiPlace): Content => html`
  <nav aria-label="About figures">
    <ul class="app-places">
      ${PLACES.map(({ place, href, text }) => html`
        <li class="app-places__place ${place === here ? 'app-places__place--here' : ''}"><a
          class="govuk-link govuk-link--no-visited-state" href=${href}
          aria-current=${place === here ? 'page' : 'false'}>${text}</a></li>`)}
    </ul>
  </nav>`;

// Whether figures may be others after it.
export const movesFigures = (fact: WatchResponse | undefined) =>
  !fact || /\.(kpis|directory)\./.test(fact.topic);

const MONTHS = 36;
const QUARTERS = 8;
const YEARS = 4;

// This month and those before it, then quarters and years; `chosen` among them, whatever it is.
export function periodChoices(now: Date, chosen: string): FilterChoice[] {
  const latest = monthOf(now);
  const back = (count: number, months: number) =>
    Array.from({ length: count }, (_, each) => monthsFrom(latest, -each * months));
  const kinds = [
    back(MONTHS, 1),
    back(QUARTERS, 3).map((month) => `${month.slice(0, 4)}-Q${Math.ceil(Number(month.slice(5)) / 3)}`),
    back(YEARS, 12).map((month) => month.slice(0, 4)),
  ];
  const choices = kinds.flatMap((kind) => kind.map((code, index) => ({
    code, text: `${formatPeriod(code)}${index === 0 ? ' so far' : ''}`,
  })));
  return !chosen || choices.some(({ code }) => code === chosen) ? choices
    : [{ code: chosen, text: formatPeriod(chosen) }, ...choices];
}

// Whether a figure's period was not over when it was worked out.
export const isRunning = (figure: Figure | undefined) => figure?.untilTime !== undefined
  && figure.asAtTime !== undefined && toDate(figure.asAtTime) < toDate(figure.untilTime);

export const setChoices = (sets: readonly KpiSet[]): FilterChoice[] =>
  sets.map(({ set, title }) => ({ code: set, text: title }));

export const setTitle = (sets: readonly KpiSet[], code: string) =>
  sets.find(({ set }) => set === code)?.title ?? code;

// Beside a figure of which not everything is known.
export function coverageView(coverage: Coverage | undefined): Content {
  if (!coverage) return nothing;
  const { code, months, monthsWithFigure, openFindings } = coverage;
  if (monthsWithFigure >= months && openFindings === 0) return nothing;
  return html`<span class="app-sub" data-coverage>${monthsWithFigure} of ${plural(months, 'month')}
    known${openFindings > 0 ? html`; ${link(paths.dataQuality({ code }),
      plural(openFindings, 'finding'), `about the data of ${code}`)}` : nothing}</span>`;
}

// Of records that carry codes only.
export async function readDefinitions(
  records: readonly { code: string }[],
): Promise<readonly KpiDefinition[]> {
  if (records.length === 0) return [];
  const { kpis } = await kpisApi.listKpis({ codes: [...new Set(records.map(({ code }) => code))] });
  return kpis.flatMap(({ definition }) => definition ?? []);
}
