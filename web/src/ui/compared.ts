// Figures of several agencies side by side, and of all of them together.

import { html, nothing, type TemplateResult } from 'lit-html';
import {
  RollUp_Reason, type ComparedKpi, type RollUp,
} from '../generated/fosterwatch/kpis/v1/kpis_service_pb';
import type { Figure, KpiDefinition } from '../generated/fosterwatch/kpis/v1/kpi_pb';
import { basisWords, literalView, statusView, unitWords, valueWords } from './figures';
import { link, table, type Content } from './html';

// "north", "north and south", "north, south and west"
export const listWords = (words: readonly string[]) => words.length < 2 ? words.join('')
  : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`;

// Why all agencies together have no figure; empty where they have one.
export function notRolledUpWords({ notRolledUp, agencyIds }: RollUp): string {
  const which = listWords(agencyIds);
  switch (notRolledUp) {
    case RollUp_Reason.UNSPECIFIED: return '';
    case RollUp_Reason.INCOMPLETE: return `${which} ${agencyIds.length > 1 ? 'have' : 'has'} no figure`;
    case RollUp_Reason.NOT_A_SUM:
      return 'An average of all cannot be worked out from the average of each';
    case RollUp_Reason.PARTS_UNKNOWN:
      return `${which} reported a value without the numbers behind it`;
    case RollUp_Reason.SUPPRESSED: return `Too few answered in ${which}`;
    default: return 'Not known why';
  }
}

function figureView(definition: KpiDefinition | undefined, figure: Figure | undefined): Content {
  const basis = figure?.value === undefined ? '' : basisWords(definition, figure);
  return html`<strong>${valueWords(definition, figure)}</strong>${basis
    ? html`<span class="app-sub">${basis}</span>` : nothing}${figure?.target === undefined ? nothing
    : html`<div>${statusView(figure)}${literalView(definition, figure)}</div>`}`;
}

function rollUpView({ definition, rollUp }: ComparedKpi): Content {
  if (!rollUp) return 'No data';
  const why = notRolledUpWords(rollUp);
  return why ? html`<strong>No data</strong><span class="app-sub">${why}</span>`
    : figureView(definition, rollUp.figure);
}

// `own` is the agency whose figures have pages here, at `path`.
export const comparedTable = (
  kpis: readonly ComparedKpi[], agencyIds: readonly string[], own: string, caption: string,
  path: (code: string) => string,
): TemplateResult => table<ComparedKpi>({
  caption,
  captionHidden: true,
  rows: kpis,
  key: ({ definition }) => definition?.code ?? '',
  testId: 'compared',
  columns: [
    {
      heading: 'Figure',
      header: true,
      cell: ({ definition }) => html`${link(path(definition?.code ?? ''), definition?.title ?? '',
        `of ${own}`)}<span class="app-sub app-id">${definition?.code}</span>`,
    },
    {
      heading: 'Target',
      cell: ({ definition, figures }) => {
        const target = figures.find((each) => each.target !== undefined)?.target;
        return target === undefined ? 'None' : unitWords(definition, target);
      },
    },
    { heading: 'All together', cell: rollUpView },
    ...agencyIds.map((agencyId, index) => ({
      heading: agencyId === own ? `${agencyId} (yours)` : agencyId,
      cell: ({ definition, figures }: ComparedKpi) => figureView(definition, figures[index]),
    })),
  ],
});
