import { create, type MessageInitShape } from '@bufbuild/protobuf';
import { describe, expect, it } from 'vitest';
import {
  FigureSchema, KpiDefinition_Direction, KpiDefinition_Measure, KpiDefinition_Unit,
  KpiDefinitionSchema, Status,
} from '../generated/fosterwatch/kpis/v1/kpi_pb';
import {
  basisWords, literalView, statusView, targetWords, trendWords, unitWords, valueWords, withheldWords,
} from './figures';
import { said } from './said';

const definition = (
  unit: KpiDefinition_Unit, measure: KpiDefinition_Measure,
  direction = KpiDefinition_Direction.HIGHER_IS_BETTER,
) => create(KpiDefinitionSchema, { unit, measure, direction, sets: ['board'] });
const figure = (init: MessageInitShape<typeof FigureSchema>) => create(FigureSchema, init);

const ratio = definition(KpiDefinition_Unit.PERCENT, KpiDefinition_Measure.RATIO_IN_TIME);
const median = definition(KpiDefinition_Unit.HOURS, KpiDefinition_Measure.MEDIAN_HOURS);
const overdue = definition(KpiDefinition_Unit.COUNT, KpiDefinition_Measure.OVERDUE_COUNT,
  KpiDefinition_Direction.LOWER_IS_BETTER);
const imported = definition(KpiDefinition_Unit.PERCENT, KpiDefinition_Measure.IMPORTED);
const survey = definition(KpiDefinition_Unit.PERCENT, KpiDefinition_Measure.SURVEY);

describe('a figure', () => {
  it('is said in its unit, with what it was worked out from', () => {
    const eleven = figure({ value: 91.666, numerator: 11n, denominator: 12n });
    expect(valueWords(ratio, eleven)).toBe('91.7%');
    expect(basisWords(ratio, eleven)).toBe('11 of 12 in time');
    const hours = figure({ value: 3.42, numerator: 12n, denominator: 12n });
    expect(valueWords(median, hours)).toBe('3.4 hours');
    expect(unitWords(median, 1.02)).toBe('1 hour');
    expect(basisWords(median, hours)).toBe('median of 12');
  });

  it('is "No data" where nothing could be counted, and zero where it is zero', () => {
    expect(valueWords(ratio, figure({ numerator: 0n, denominator: 0n }))).toBe('No data');
    expect(valueWords(overdue, undefined)).toBe('No data');
    expect(valueWords(overdue, figure({ value: 0 }))).toBe('0');
  });

  it('that was reported as a value has no parts to show', () => {
    expect(basisWords(imported, figure({ value: 81.3, partsUnknown: true }))).toBe('');
    expect(basisWords(imported, figure({ value: 50, numerator: 4n, denominator: 8n }))).toBe('4 of 8');
  });

  it('of too few answers shows neither value nor parts', () => {
    const few = figure({ suppressed: true, denominator: 3n });
    expect(valueWords(survey, few)).toBe('Too few answers to show');
    expect(basisWords(survey, few)).toBe('');
  });
});

it('what is counted and not shown to whom it is about is said by number alone', () => {
  expect(withheldWords(1)).toBe('One more record is counted, which is about you and is not shown to you.');
  expect(withheldWords(2)).toMatch(/^2 more records are counted/);
});

it('a target says which way is better', () => {
  expect(targetWords(ratio, figure({ target: 90 }))).toBe('Target: 90% or higher');
  expect(targetWords(ratio, figure({ target: 100 }))).toBe('Target: 100%');
  expect(targetWords(overdue, figure({ target: 2 }))).toBe('Target: 2 or fewer');
  expect(targetWords(overdue, figure({ target: 0 }))).toBe('Target: 0');
  expect(targetWords(ratio, figure({}))).toBe('');
});

describe('a status', () => {
  it('is a word beside its colour and shape', () => {
    expect(said(statusView(figure({ status: Status.GREEN })))).toBe('Green');
    expect(said(statusView(figure({ status: Status.RED })))).toBe('Red Third month in a row');
    expect(said(statusView(figure({ status: Status.INCOMPLETE })))).toBe('Incomplete');
    expect(said(statusView(figure({})))).toBe('No target');
  });

  it('names the months for which red cannot be ruled out', () => {
    const amber = figure({ status: Status.AMBER, redNotRuledOut: true, value: 10 });
    const august = figure({ period: '2026-08', value: 10 });
    const september = figure({ period: '2026-09' });
    const october = figure({ period: '2026-10' });
    expect(said(statusView(amber, [september, august, october])))
      .toBe('Amber Red cannot be ruled out: October 2026 has no value');
    expect(said(statusView(amber, [august, september, october])))
      .toBe('Amber Red cannot be ruled out: September 2026 and October 2026 have no value');
  });

  it('by the letter of the printed key is shown where it differs, on the board’s page only', () => {
    const figureOf = (statusLiteral: Status) => figure({ status: Status.AMBER, statusLiteral });
    expect(said(literalView(ratio, figureOf(Status.GREEN)))).toBe('By the letter of the printed key: Green');
    expect(said(literalView(ratio, figureOf(Status.AMBER)))).toBe('');
    const ours = create(KpiDefinitionSchema, { sets: ['fostering'] });
    expect(said(literalView(ours, figureOf(Status.GREEN)))).toBe('');
  });
});

describe('a trend', () => {
  it('says how far, which way, and whether that is better', () => {
    expect(trendWords(ratio, figure({ value: 80 }), figure({ value: 84.25 }))).toBe('Up 4.3 points, better');
    expect(trendWords(ratio, figure({ value: 80 }), figure({ value: 79 }))).toBe('Down 1 point, worse');
    expect(trendWords(overdue, figure({ value: 1 }), figure({ value: 3 }))).toBe('Up 2, worse');
    expect(trendWords(overdue, figure({ value: 3 }), figure({ value: 1 }))).toBe('Down 2, better');
  });

  it('is level where nothing is to be seen, and not known without a month before', () => {
    expect(trendWords(ratio, figure({ value: 80 }), figure({ value: 80.01 }))).toBe('Level');
    expect(trendWords(ratio, figure({}), figure({ value: 80 }))).toBe('Not known');
    expect(trendWords(ratio, undefined, figure({ value: 80 }))).toBe('Not known');
  });
});
