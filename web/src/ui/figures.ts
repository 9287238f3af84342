// Figures in words. Nothing that could be counted is "No data", never a zero.

import {
  KpiDefinition_Measure, KpiDefinition_Unit, type Figure, type KpiDefinition,
} from '../generated/fosterwatch/kpis/v1/kpi_pb';

const number = (value: number, digits: number) =>
  value.toLocaleString('en-GB', { maximumFractionDigits: digits });

export function valueWords(definition: KpiDefinition | undefined, figure: Figure | undefined): string {
  const value = figure?.value;
  if (value === undefined) return 'No data';
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
