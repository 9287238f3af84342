// A KPI over time: its values as a line with the target and what neighbours reach, each named beside its
// end. One stop for the keyboard, on which the arrow keys go from period to period; the table below
// the chart says the same.

import { html, nothing, svg, type TemplateResult } from 'lit-html';
import { scaleLinear, scalePoint } from 'd3-scale';
import { curveLinear, curveStep, line } from 'd3-shape';
import {
  KpiDefinition_Unit, Status, type Figure, type KpiDefinition,
} from '../generated/fosterwatch/kpis/v1/kpi_pb';
import { formatPeriod, shortPeriod } from '../time';
import { statusShape, statusWords, targetWords, unitWords, valueWords } from './figures';
import type { Content } from './html';

interface Frame {
  name: 'wide' | 'narrow';
  width: number;
  height: number;
  left: number;
  right: number;
  top: number;
  bottom: number;
  // Between two labels below the chart.
  space: number;
}

// Drawn twice, so that its words are as large on a small screen; the style sheet shows one.
const FRAMES: readonly Frame[] = [
  { name: 'wide', width: 900, height: 330, left: 60, right: 130, top: 14, bottom: 46, space: 46 },
  { name: 'narrow', width: 300, height: 270, left: 42, right: 96, top: 14, bottom: 44, space: 40 },
];
const LABEL_HEIGHT = 17;

interface Labelled {
  text: string;
  kind: string;
  y: number;
}

export class KpiChart {
  // The period that is spelt out below; the last one at first.
  #at: number | undefined;

  constructor(private readonly update: () => void) {}

  view(options: {
    definition: KpiDefinition;
    figures: readonly Figure[];
    // What leads on from the period that is spelt out.
    more?: (figure: Figure) => Content;
  }): TemplateResult {
    const { definition, figures } = options;
    if (figures.length === 0) return html``;
    const at = Math.min(this.#at ?? figures.length - 1, figures.length - 1);
    const chosen = figures[at]!;
    const pick = (index: number) => {
      this.#at = Math.max(0, Math.min(figures.length - 1, index));
      this.update();
    };
    return html`
      <figure class="app-chart">
        <div class="app-chart__plot" role="slider" tabindex="0" aria-label="${definition.title}, period"
          aria-valuemin="1" aria-valuemax=${figures.length} aria-valuenow=${at + 1}
          aria-valuetext=${spelt(definition, chosen)} data-testid="chart"
          @keydown=${(event: KeyboardEvent) => {
            const next = stepped(event.key, at, figures.length);
            if (next === undefined) return;
            event.preventDefault();
            pick(next);
          }}
          @click=${(event: MouseEvent) => {
            const period = (event.target as Element).closest('[data-index]');
            if (period) pick(Number((period as SVGElement).dataset.index));
          }}>
          ${FRAMES.map((frame) => drawn(frame, definition, figures, at))}
        </div>
        <figcaption class="app-chart__chosen" data-testid="chosen">
          <strong>${formatPeriod(chosen.period)}</strong>: ${spelt(definition, chosen, false)}
          ${options.more?.(chosen) ?? nothing}
        </figcaption>
      </figure>`;
  }
}

export function stepped(key: string, at: number, count: number): number | undefined {
  switch (key) {
    case 'ArrowLeft': case 'ArrowDown': return Math.max(0, at - 1);
    case 'ArrowRight': case 'ArrowUp': return Math.min(count - 1, at + 1);
    case 'PageDown': return Math.max(0, at - 12);
    case 'PageUp': return Math.min(count - 1, at + 12);
    case 'Home': return 0;
    case 'End': return count - 1;
    default: return undefined;
  }
}

// "October 2026: 83.3%, amber. Target: 90% or higher"
function spelt(definition: KpiDefinition, figure: Figure, withPeriod = true): string {
  const target = targetWords(definition, figure);
  return `${withPeriod ? `${formatPeriod(figure.period)}: ` : ''}${valueWords(definition, figure)}${
    figure.status === Status.UNSPECIFIED ? '' : `, ${statusWords(figure.status).toLowerCase()}`}.${
    target ? ` ${target}.` : ''}`;
}

// From zero always: half of nothing does not look like a fall. A percentage has all its 100.
export function topOf(definition: KpiDefinition, figures: readonly Figure[]): number {
  const values = figures.flatMap(({ value, target, benchmark }) =>
    [value, target, benchmark].filter((each) => each !== undefined));
  const most = Math.max(0, ...values);
  if (definition.unit === KpiDefinition_Unit.PERCENT) return Math.max(100, most);
  return scaleLinear().domain([0, most || 1]).nice(4).domain()[1]!;
}

// Every how many periods one is named, so that names keep their distance.
export function labelStep(count: number, width: number, space: number): number {
  const steps = [1, 2, 3, 6, 12, 24, 60];
  return steps.find((step) => width / Math.max(1, count - 1) * step >= space) ?? 60;
}

function drawn(
  frame: Frame, definition: KpiDefinition, figures: readonly Figure[], at: number,
): TemplateResult {
  const { width, height, left, right, top, bottom } = frame;
  const y = scaleLinear().domain([0, topOf(definition, figures)]).range([height - bottom, top]);
  const x = scalePoint<number>().domain(figures.map((_, index) => index))
    .range([left + 8, width - right - 8]);
  const xOf = (index: number) => x(index)!;
  const gap = figures.length > 1 ? xOf(1) - xOf(0) : width - left - right;
  const path = (of: (figure: Figure) => number | undefined, stepwise: boolean) =>
    line<Figure>()
      .defined((figure) => of(figure) !== undefined)
      .curve(stepwise ? curveStep : curveLinear)
      .x((_, index) => xOf(index)).y((figure) => y(of(figure)!))(figures as Figure[]) ?? '';
  const step = labelStep(figures.length, width - left - right - 16, frame.space);
  const named = figures.map((_, index) => index)
    .filter((index) => (figures.length - 1 - index) % step === 0);
  return html`
    <svg class="app-chart__svg app-chart__svg--${frame.name}" viewBox="0 0 ${width} ${height}"
      aria-hidden="true" focusable="false">
      ${ticksOf(definition, y.ticks(4)).map((tick) => svg`
        <line class="app-chart__grid" x1=${left} x2=${width - right} y1=${y(tick)} y2=${y(tick)}/>
        <text class="app-chart__text" x=${left - 8} y=${y(tick) + 5} text-anchor="end">${
          axisWords(definition, tick)}</text>`)}
      ${named.map((index, place) => svg`
        <line class="app-chart__grid" x1=${xOf(index)} x2=${xOf(index)} y1=${height - bottom}
          y2=${height - bottom + 5}/>
        ${periodLabel(figures[index]!.period, figures[named[place - 1] ?? -1]?.period, xOf(index),
          height - bottom + 20)}`)}
      <line class="app-chart__at" x1=${xOf(at)} x2=${xOf(at)} y1=${top} y2=${height - bottom}/>
      <path class="app-chart__line app-chart__line--benchmark" d=${path(({ benchmark }) => benchmark, true)}/>
      <path class="app-chart__line app-chart__line--target" d=${path(({ target }) => target, true)}/>
      <path class="app-chart__line" d=${path(({ value }) => value, false)}/>
      ${figures.map(({ value, status }, index) => {
        const known = value !== undefined;
        const size = figures.length > 24 && frame.name === 'narrow' ? 0.6 : 1;
        return svg`<g class="app-chart__mark app-chart__mark--${statusWords(known ? status
          : Status.INCOMPLETE).toLowerCase().replace(' ', '-')}" transform="translate(${xOf(index)} ${
          known ? y(value) : y(0) - 8}) scale(${size})">${statusShape(known ? status
          : Status.INCOMPLETE)}</g>`;
      })}
      ${spread(endLabels(definition, figures, y), top, height - bottom).map(({ text, kind, y: at }) => svg`
        <text class="app-chart__text app-chart__text--${kind}" x=${width - right + 4} y=${at + 5}>${
          text}</text>`)}
      ${figures.map((_, index) => svg`<rect class="app-chart__period" data-index=${index}
        x=${xOf(index) - gap / 2} width=${gap} y=${top} height=${height - top}/>`)}
    </svg>`;
}

// Nobody counts a fifth of a child.
export const ticksOf = (definition: KpiDefinition, ticks: readonly number[]) =>
  definition.unit === KpiDefinition_Unit.COUNT ? ticks.filter(Number.isInteger) : ticks;

function axisWords(definition: KpiDefinition, value: number): string {
  return definition.unit === KpiDefinition_Unit.PERCENT ? unitWords(definition, value)
    : value.toLocaleString('en-GB');
}

// The month or other period, and the year below it where another one begins.
function periodLabel(period: string, before: string | undefined, x: number, y: number) {
  const [name = '', year = ''] = shortPeriod(period).split(' ');
  const isNew = year !== '' && before?.slice(0, 4) !== period.slice(0, 4);
  return svg`<text class="app-chart__text" x=${x} y=${y} text-anchor="middle">${name}</text>${isNew
    ? svg`<text class="app-chart__text" x=${x} y=${y + 17} text-anchor="middle">${year}</text>`
    : nothing}`;
}

function endLabels(
  definition: KpiDefinition, figures: readonly Figure[], y: (value: number) => number,
): Labelled[] {
  const last = figures.at(-1)!;
  const known = figures.findLast(({ value }) => value !== undefined);
  const labels: Labelled[] = [];
  if (known) {
    // Of an earlier period, where the last one has no value; there is room for a word.
    const when = known === last ? '' : ` in ${shortPeriod(known.period).split(' ')[0]}`;
    labels.push({ text: `${valueWords(definition, known)}${when}`, kind: 'value', y: y(known.value!) });
  }
  if (last.target !== undefined) {
    labels.push({ text: `Target ${axisWords(definition, last.target)}`, kind: 'target', y: y(last.target) });
  }
  if (last.benchmark !== undefined) {
    labels.push({
      text: `Neighbours ${axisWords(definition, last.benchmark)}`, kind: 'benchmark', y: y(last.benchmark),
    });
  }
  return labels;
}

// Moves labels apart that would lie on each other, and keeps them within.
export function spread(labels: readonly Labelled[], top: number, bottom: number): Labelled[] {
  const sorted = labels.map((label) => ({ ...label })).sort((one, other) => one.y - other.y);
  sorted.forEach((label, index) => {
    const above = sorted[index - 1];
    label.y = Math.max(label.y, above ? above.y + LABEL_HEIGHT : top);
  });
  for (let index = sorted.length - 1; index >= 0; --index) {
    const below = sorted[index + 1];
    sorted[index]!.y = Math.min(sorted[index]!.y, below ? below.y - LABEL_HEIGHT : bottom);
  }
  return sorted;
}

// Of a small line without an axis: from the least to the most, but so that a change of a hundredth is
// no cliff.
function rangeOf(figures: readonly Figure[]): [number, number] {
  const values = figures.flatMap(({ value, target }) =>
    [value, target].filter((each) => each !== undefined));
  const least = Math.min(...values);
  const most = Math.max(...values);
  const room = Math.max(0, Math.abs(most) / 20 - (most - least)) / 2;
  return values.length === 0 ? [0, 1] : [least - room, most + room || 1];
}

// A row's own small line, beside words that say the same.
export function sparkline(figures: readonly Figure[]): TemplateResult {
  const width = 108;
  const height = 28;
  const y = scaleLinear().domain(rangeOf(figures)).range([height - 5, 5]);
  const x = scalePoint<number>().domain(figures.map((_, index) => index)).range([5, width - 7]);
  const path = (of: (figure: Figure) => number | undefined, stepwise: boolean) =>
    line<Figure>().defined((figure) => of(figure) !== undefined)
      .curve(stepwise ? curveStep : curveLinear)
      .x((_, index) => x(index)!).y((figure) => y(of(figure)!))(figures as Figure[]) ?? '';
  const last = figures.at(-1);
  return html`
    <svg class="app-sparkline" viewBox="0 0 ${width} ${height}" width=${width} height=${height}
      aria-hidden="true" focusable="false">
      <path class="app-chart__line app-chart__line--target" d=${path(({ target }) => target, true)}/>
      <path class="app-chart__line" d=${path(({ value }) => value, false)}/>
      ${figures.map(({ value }, index) => value === undefined ? nothing : svg`<circle
        class="app-sparkline__dot" r=${index === figures.length - 1 ? 3.5 : 1.5} cx=${x(index)!}
        cy=${y(value)}/>`)}
      ${last?.value === undefined ? svg`<path class="app-sparkline__missing" d="M-3-3 3 3M3-3-3 3"
        transform="translate(${width - 7} ${height - 6})"/>` : nothing}
    </svg>`;
}
