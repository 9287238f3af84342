import { create } from '@bufbuild/protobuf';
import { describe, expect, it } from 'vitest';
import {
  FigureSchema, KpiDefinition_Measure, KpiDefinition_Unit, KpiDefinitionSchema,
} from '../generated/fosterwatch/kpis/v1/kpi_pb';
import { basisWords, valueWords } from './figures';

const definition = (unit: KpiDefinition_Unit, measure: KpiDefinition_Measure) =>
  create(KpiDefinitionSchema, { unit, measure });
const ratio = definition(KpiDefinition_Unit.PERCENT, KpiDefinition_Measure.RATIO_IN_TIME);
const median = definition(KpiDefinition_Unit.HOURS, KpiDefinition_Measure.MEDIAN_HOURS);
const overdue = definition(KpiDefinition_Unit.COUNT, KpiDefinition_Measure.OVERDUE_COUNT);

describe('a figure', () => {
  it('is said in its unit, with what it was worked out from', () => {
    const eleven = create(FigureSchema, { value: 91.666, numerator: 11n, denominator: 12n });
    expect(valueWords(ratio, eleven)).toBe('91.7%');
    expect(basisWords(ratio, eleven)).toBe('11 of 12 in time');
    const hours = create(FigureSchema, { value: 3.42, numerator: 12n, denominator: 12n });
    expect(valueWords(median, hours)).toBe('3.4 hours');
    expect(basisWords(median, hours)).toBe('median of 12');
  });

  it('is "No data" where nothing could be counted, and zero where it is zero', () => {
    expect(valueWords(ratio, create(FigureSchema, { numerator: 0n, denominator: 0n })))
      .toBe('No data');
    expect(valueWords(overdue, undefined)).toBe('No data');
    expect(valueWords(overdue, create(FigureSchema, { value: 0 }))).toBe('0');
  });
});
