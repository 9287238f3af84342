// Figures in words. Nothing that could be counted is "No data", never a zero.

import { html } from 'lit-html';
import {
  KpiDefinition_Direction, KpiDefinition_Measure, KpiDefinition_Unit, Status, type Figure,
  type KpiDefinition,
} from '../generated/fosterwatch/kpis/v1/kpi_pb';
import { tag, type Content } from './html';

const number = (value: number, digits: number) =>
  value.toLocaleString('en-GB', { maximumFractionDigits: digits });

export function valueWords(definition: KpiDefinition | undefined, figure: Figure | undefined): string {
  const value = figure?.value;
  return value === undefined ? 'No data' : unitWords(definition, value);
}

function unitWords(definition: KpiDefinition | undefined, value: number): string {
  switch (definition?.unit) {
    case KpiDefinition_Unit.PERCENT: return `${number(value, 1)}%`;
    case KpiDefinition_Unit.HOURS: return `${number(value, 1)} ${value === 1 ? 'hour' : 'hours'}`;
    default: return number(value, 0);
  }
}

// What the value was worked out from: "11 of 12 in time", "median of 12"; nothing where it is a
// plain count.
export function basisWords(
  definition: KpiDefinition | undefined, figure: Figure | undefined,
): string {
  if (!figure) return '';
  switch (definition?.measure) {
    case KpiDefinition_Measure.RATIO_IN_TIME:
      return `${figure.numerator} of ${figure.denominator} in time`;
    case KpiDefinition_Measure.MEDIAN_HOURS:
      return `median of ${figure.denominator}`;
    case KpiDefinition_Measure.OVERDUE_COUNT:
      return `${figure.numerator} of ${figure.denominator} open`;
    case KpiDefinition_Measure.OPEN_COUNT:
      return '';
    default:
      return `${figure.numerator} of ${figure.denominator}`;
  }
}

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

// Said in words beside its colour, and why where it is not plain.
export function statusView(figure: Figure | undefined): Content {
  switch (figure?.status) {
    case Status.GREEN: return tag('Green', 'green');
    case Status.AMBER:
      return figure.redNotRuledOut
        ? html`${tag('Amber', 'yellow')} <span class="app-sub">Red cannot be ruled out: a month
            before has no value</span>`
        : tag('Amber', 'yellow');
    case Status.RED:
      return html`${tag('Red', 'red')} <span class="app-sub">Third month in a row</span>`;
    case Status.INCOMPLETE: return tag('Incomplete', 'grey');
    default: return 'No target';
  }
}
