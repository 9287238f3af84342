import { create } from '@bufbuild/protobuf';
import { timestampFromDate } from '@bufbuild/protobuf/wkt';
import { describe, expect, it } from 'vitest';
import { CoverageSchema } from '../generated/fosterwatch/kpis/v1/data_quality_pb';
import { FigureSchema } from '../generated/fosterwatch/kpis/v1/kpi_pb';
import { coverageView, isRunning, periodChoices } from './kpi_pages';
import { said } from './said';

describe('the periods to choose from', () => {
  // Half an hour into the new year in London.
  const choices = periodChoices(new Date('2027-01-01T00:30:00Z'), '');

  it('are months, quarters and years, the running ones first', () => {
    const texts = choices.map(({ code, text }) => `${code} ${text}`);
    expect(texts[0]).toBe('2027-01 January 2027 so far');
    expect(texts[1]).toBe('2026-12 December 2026');
    expect(texts[36]).toBe('2027-Q1 January to March 2027 so far');
    expect(texts[37]).toBe('2026-Q4 October to December 2026');
    expect(texts[44]).toBe('2027 2027 so far');
    expect(texts).toHaveLength(48);
    expect(new Set(choices.map(({ code }) => code)).size).toBe(48);
  });

  it('have the one that is shown among them', () => {
    expect(periodChoices(new Date('2026-11-22T12:00:00Z'), '2026-W47')[0])
      .toEqual({ code: '2026-W47', text: 'week 47 of 2026' });
  });
});

it('a figure is of a running period until that is over', () => {
  const figure = (asAt: string) => create(FigureSchema, {
    asAtTime: timestampFromDate(new Date(asAt)),
    untilTime: timestampFromDate(new Date('2026-12-01T00:00:00Z')),
  });
  expect(isRunning(figure('2026-11-30T23:59:59Z'))).toBe(true);
  expect(isRunning(figure('2026-12-01T00:00:00Z'))).toBe(false);
  expect(isRunning(undefined)).toBe(false);
});

describe('how much is known', () => {
  const coverage = (monthsWithFigure: number, openFindings: number) =>
    create(CoverageSchema, { code: 'SC2', months: 12, monthsWithFigure, openFindings });

  it('is not said where nothing is missing', () => {
    expect(said(coverageView(coverage(12, 0)))).toBe('');
    expect(said(coverageView(undefined))).toBe('');
  });

  it('is said where months or reasons to trust them are missing', () => {
    expect(said(coverageView(coverage(11, 0)))).toBe('11 of 12 months known');
    expect(said(coverageView(coverage(12, 1))))
      .toBe('12 of 12 months known; 1 finding about the data of SC2');
  });
});
