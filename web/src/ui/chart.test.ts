import { create } from '@bufbuild/protobuf';
import { describe, expect, it } from 'vitest';
import {
  FigureSchema, KpiDefinition_Unit, KpiDefinitionSchema,
} from '../generated/fosterwatch/kpis/v1/kpi_pb';
import { labelStep, spread, stepped, ticksOf, topOf } from './chart';

const percent = create(KpiDefinitionSchema, { unit: KpiDefinition_Unit.PERCENT });
const count = create(KpiDefinitionSchema, { unit: KpiDefinition_Unit.COUNT });
const figure = (value?: number, target?: number) => create(FigureSchema, {
  ...value === undefined ? {} : { value }, ...target === undefined ? {} : { target },
});

describe('the axis', () => {
  it('gives a percentage all its hundred, and a count a round top above everything that is drawn', () => {
    expect(topOf(percent, [figure(3)])).toBe(100);
    expect(topOf(percent, [figure(140)])).toBe(140);
    expect(topOf(count, [figure(7), figure(undefined), figure(2, 9)])).toBe(10);
  });

  it('is there where nothing is known', () => {
    expect(topOf(count, [figure()])).toBe(1);
    expect(topOf(count, [])).toBe(1);
  });

  it('counts in whole numbers', () => {
    expect(ticksOf(count, [0, 0.5, 1])).toEqual([0, 1]);
    expect(ticksOf(percent, [0, 0.5, 1])).toEqual([0, 0.5, 1]);
  });

  it('names as many periods as have room', () => {
    expect(labelStep(12, 700, 46)).toBe(1);
    expect(labelStep(36, 700, 46)).toBe(3);
    expect(labelStep(12, 160, 40)).toBe(3);
    expect(labelStep(36, 160, 40)).toBe(12);
    expect(labelStep(1, 160, 40)).toBe(1);
  });
});

describe('the names beside the ends of lines', () => {
  const label = (y: number) => ({ text: `at ${y}`, kind: 'value', y });

  it('move apart where they would lie on each other, in their order', () => {
    const [first, second, third] = spread([label(100), label(102), label(98)], 0, 300);
    expect([first!.text, second!.text, third!.text]).toEqual(['at 98', 'at 100', 'at 102']);
    expect(second!.y - first!.y).toBeGreaterThanOrEqual(17);
    expect(third!.y - second!.y).toBeGreaterThanOrEqual(17);
  });

  it('stay within the chart', () => {
    const lowest = spread([label(299), label(300), label(298)], 0, 300);
    expect(Math.max(...lowest.map(({ y }) => y))).toBeLessThanOrEqual(300);
    expect(lowest[1]!.y - lowest[0]!.y).toBeGreaterThanOrEqual(17);
  });
});

it('the arrow keys go from period to period, and not beyond the first and the last', () => {
  expect(stepped('ArrowLeft', 5, 12)).toBe(4);
  expect(stepped('ArrowRight', 11, 12)).toBe(11);
  expect(stepped('PageDown', 5, 36)).toBe(0);
  expect(stepped('PageUp', 5, 36)).toBe(17);
  expect(stepped('Home', 5, 36)).toBe(0);
  expect(stepped('End', 5, 36)).toBe(35);
  expect(stepped('Tab', 5, 36)).toBeUndefined();
});
