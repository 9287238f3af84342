// What the pages about figures share.

import { html, nothing } from 'lit-html';
import { kpis as kpisApi } from '../api';
import type { Coverage } from '../generated/fosterwatch/kpis/v1/data_quality_pb';
import type { KpiDefinition, KpiSet } from '../generated/fosterwatch/kpis/v1/kpi_pb';
import type { WatchResponse } from '../generated/fosterwatch/gateway/v1/gateway_service_pb';
import { paths } from '../router';
import { formatMonth, monthOf, monthsFrom } from '../time';
import type { FilterChoice } from './filter';
import { link, plural, type Content } from './html';

export type KpiPlace = 'figures' | 'service-data' | 'plans' | 'editions' | 'data-quality';

const PLACES: readonly { place: KpiPlace; href: string; text: string }[] = [
  { place: 'figures', href: paths.figures(), text: 'Figures' },
  { place: 'service-data', href: paths.serviceData(), text: 'Basic service data' },
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

// This month and those before it.
export function monthChoices(now: Date, months = 24): FilterChoice[] {
  const latest = monthOf(now);
  return Array.from({ length: months }, (_, back) => monthsFrom(latest, -back))
    .map((month, index) => ({ code: month, text: `${formatMonth(month)}${index === 0 ? ' so far' : ''}` }));
}

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
