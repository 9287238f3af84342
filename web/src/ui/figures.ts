// Figures in words. What could not be counted is "No data", never a zero; how a figure stands to its
// target is said in a colour, a word and a shape.

import { html, nothing, svg, type TemplateResult } from 'lit-html';
import {
  KpiDefinition_Direction, KpiDefinition_Measure, KpiDefinition_Unit, Status, type Figure,
  type KpiDefinition,
} from '../generated/fosterwatch/kpis/v1/kpi_pb';
import { formatPeriod } from '../time';
import type { Content, TagColour } from './html';

const number = (value: number, digits: number) =>
  value.toLocaleString('en-GB', { maximumFractionDigits: digits });

// By what is read: "1 hour", also of 61 minutes.
const counted = (read: string, noun: string) => `${read} ${noun}${read === '1' ? '' : 's'}`;

export function valueWords(definition: KpiDefinition | undefined, figure: Figure | undefined): string {
  if (figure?.suppressed) return 'Too few answers to show';
  const value = figure?.value;
  return value === undefined ? 'No data' : unitWords(definition, value);
}

export function unitWords(definition: KpiDefinition | undefined, value: number): string {
  switch (definition?.unit) {
    case KpiDefinition_Unit.PERCENT: return `${number(value, 1)}%`;
    case KpiDefinition_Unit.HOURS: return counted(number(value, 1), 'hour');
    case KpiDefinition_Unit.DAYS: return counted(number(value, 1), 'day');
    default: return number(value, 0);
  }
}

// What the value was worked out from: "11 of 12 in time", "median of 12"; nothing where it is a
// plain count, or was reported as a value alone.
export function basisWords(
  definition: KpiDefinition | undefined, figure: Figure | undefined,
): string {
  if (!figure || figure.partsUnknown || figure.suppressed) return '';
  const { numerator, denominator } = figure;
  switch (definition?.measure) {
    case KpiDefinition_Measure.RATIO_IN_TIME: return `${numerator} of ${denominator} in time`;
    case KpiDefinition_Measure.SHARE_IN_ORDER: return `${numerator} of ${denominator} in order`;
    case KpiDefinition_Measure.MEDIAN_HOURS: return `median of ${denominator}`;
    case KpiDefinition_Measure.OVERDUE_COUNT: return `${numerator} of ${denominator} open`;
    case KpiDefinition_Measure.SUM_OPEN: return `added up over ${numerator}`;
    case KpiDefinition_Measure.SURVEY: return `${numerator} of ${denominator} answers`;
    case KpiDefinition_Measure.OPEN_COUNT:
    case KpiDefinition_Measure.BEGUN_COUNT:
    case KpiDefinition_Measure.ENDED_COUNT:
      return '';
    case KpiDefinition_Measure.IMPORTED:
      return denominator === 0n ? '' : `${numerator} of ${denominator}`;
    default:
      return `${numerator} of ${denominator}`;
  }
}

// What a figure counts and its reader may not see, by number alone.
export const withheldWords = (count: number): string => count === 1
  ? 'One more record is counted, which is about you and is not shown to you.'
  : `${count} more records are counted, which are about you and are not shown to you.`;

// "Target: 24 hours or fewer"; nothing where none is in force.
export function targetWords(
  definition: KpiDefinition | undefined, figure: Figure | undefined,
): string {
  if (figure?.target === undefined) return '';
  const value = unitWords(definition, figure.target);
  const percent = definition?.unit === KpiDefinition_Unit.PERCENT;
  const lower = definition?.direction === KpiDefinition_Direction.LOWER_IS_BETTER;
  if (lower ? figure.target === 0 : percent && figure.target === 100) return `Target: ${value}`;
  return `Target: ${value} or ${lower ? percent ? 'lower' : 'fewer' : percent ? 'higher' : 'more'}`;
}

interface StatusLook {
  words: string;
  colour: TagColour;
  // Told apart without colour, in print and on the chart: around 0/0, 10 across.
  shape: TemplateResult;
}

const LOOKS: Record<Status, StatusLook> = {
  [Status.UNSPECIFIED]: {
    words: 'No target', colour: 'grey', shape: svg`<path d="M-5-1.5h10v3h-10z"/>`,
  },
  [Status.GREEN]: { words: 'Green', colour: 'green', shape: svg`<circle r="5"/>` },
  [Status.AMBER]: { words: 'Amber', colour: 'yellow', shape: svg`<path d="M0-5.5 6 5H-6z"/>` },
  [Status.RED]: { words: 'Red', colour: 'red', shape: svg`<path d="M-5-5h10v10h-10z"/>` },
  [Status.INCOMPLETE]: {
    words: 'Incomplete',
    colour: 'grey',
    shape: svg`<path d="M-4-4 4 4M4-4-4 4" stroke="currentColor" stroke-width="2.5"/>`,
  },
};

export const statusWords = (status: Status) => LOOKS[status]?.words ?? 'Not known';

export const statusShape = (status: Status): TemplateResult =>
  (LOOKS[status] ?? LOOKS[Status.UNSPECIFIED]).shape;

export function statusTag(status: Status): Content {
  const { words, colour, shape } = LOOKS[status] ?? LOOKS[Status.UNSPECIFIED];
  return html`<strong class="govuk-tag govuk-tag--${colour} app-status" data-status-code=${
    words.toLowerCase()}><svg class="app-status__shape" viewBox="-7 -7 14 14" width="12" height="12"
    fill="currentColor" aria-hidden="true" focusable="false">${shape}</svg> ${words}</strong>`;
}

// Said in words beside its colour, and why where it is not plain; `before` are the months before, of
// which the one without a value is named.
export function statusView(figure: Figure | undefined, before: readonly Figure[] = []): Content {
  const status = figure?.status ?? Status.UNSPECIFIED;
  if (status === Status.UNSPECIFIED) return 'No target';
  if (status === Status.RED) {
    return html`${statusTag(status)} <span class="app-sub">Third month in a row</span>`;
  }
  if (status === Status.AMBER && figure!.redNotRuledOut) {
    const missing = before.slice(-2).filter(({ value }) => value === undefined);
    return html`${statusTag(status)} <span class="app-sub">Red cannot be ruled out: ${missing.length > 0
      ? `${missing.map(({ period }) => formatPeriod(period)).join(' and ')} ${
        missing.length > 1 ? 'have' : 'has'} no value` : 'a month before has no value'}</span>`;
  }
  return statusTag(status);
}

// By the letter of the key that is printed on the board's page, where that reads otherwise.
export function literalView(definition: KpiDefinition | undefined, figure: Figure | undefined): Content {
  if (!figure || !definition?.sets.includes('board') || figure.statusLiteral === Status.UNSPECIFIED
    || figure.statusLiteral === figure.status) return nothing;
  return html`<span class="app-sub app-literal" data-literal>By the letter of the printed key:
    ${statusTag(figure.statusLiteral)}</span>`;
}

// Which way the figure went since the one before it, and whether that is better.
export function trendWords(
  definition: KpiDefinition | undefined, before: Figure | undefined, figure: Figure | undefined,
): string {
  if (before?.value === undefined || figure?.value === undefined) return 'Not known';
  const change = figure.value - before.value;
  const percent = definition?.unit === KpiDefinition_Unit.PERCENT;
  const size = percent ? counted(number(Math.abs(change), 1), 'point') : unitWords(definition, Math.abs(change));
  // What reads as nothing is no change.
  if (size === (percent ? '0 points' : unitWords(definition, 0))) return 'Level';
  const way = `${change > 0 ? 'Up' : 'Down'} ${size}`;
  switch (definition?.direction) {
    case KpiDefinition_Direction.HIGHER_IS_BETTER: return `${way}, ${change > 0 ? 'better' : 'worse'}`;
    case KpiDefinition_Direction.LOWER_IS_BETTER: return `${way}, ${change > 0 ? 'worse' : 'better'}`;
    default: return way;
  }
}
