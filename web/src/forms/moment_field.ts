// A day and a time of day on London's clocks. Where the clocks are put back an hour comes twice,
// and only the person who answers knows which one is meant.

import { html, nothing, type TemplateResult } from 'lit-html';
import { ifDefined } from 'lit-html/directives/if-defined.js';
import { timestampFromDate, type Timestamp } from '@bufbuild/protobuf/wkt';
import {
  formatTimeOfDay, isCalendarDay, momentsOf, parseTimeOfDay, toDate, toWallTime,
} from '../time';
import { Field, type FieldOptions } from './field';

export interface MomentParts {
  day: string;
  month: string;
  year: string;
  time: string;
  // Of the repeated hour: before or after the clocks went back.
  which: '' | 'first' | 'second';
}

export type ReadMoment =
  | { moment: Date }
  | { nothing: true }
  | { wrong: string; part: 'day' | 'month' | 'year' | 'time' | 'which' };

const pad = (value: number) => String(value).padStart(2, '0');

// `subject` begins the sentences that say what is wrong: "The time when it happened".
export function readMoment(parts: MomentParts, subject: string): ReadMoment {
  const { day, month, year, time } = parts;
  const given = [day, month, year, time].map((text) => text.trim());
  if (given.every((text) => text === '')) return { nothing: true };
  const names = ['day', 'month', 'year', 'time'] as const;
  const missing = names.filter((_, index) => given[index] === '');
  if (missing.length > 0) {
    const words = missing.map((name) => name === 'time' ? 'a time of day' : `a ${name}`);
    return { wrong: `${subject} must include ${words.join(' and ')}`, part: missing[0]! };
  }
  const numbers = given.slice(0, 3).map((text) => /^\d{1,4}$/.test(text) ? Number(text) : NaN);
  const [dayNumber, monthNumber, yearNumber] = numbers as [number, number, number];
  if (!isCalendarDay(yearNumber, monthNumber, dayNumber)) {
    return { wrong: `${subject} must be a real date, such as 27 3 2026`, part: 'day' };
  }
  const clock = parseTimeOfDay(time);
  if (!clock) {
    return { wrong: `${subject} must have a time such as 10:30pm or 22:30`, part: 'time' };
  }
  const moments = momentsOf({
    year: yearNumber, month: monthNumber, day: dayNumber, ...clock,
  });
  const words = formatTimeOfDay(clock.hour, clock.minute);
  if (moments.length === 0) {
    return {
      wrong: `There was no ${words} on that day: the clocks went forward from 1am to 2am`,
      part: 'time',
    };
  }
  if (moments.length === 1) return { moment: moments[0]! };
  if (parts.which === '') {
    return {
      wrong: `${words} came twice that night, because the clocks went back: say which one`,
      part: 'which',
    };
  }
  return { moment: moments[parts.which === 'first' ? 0 : 1]! };
}

export function partsOf(moment: Date): MomentParts {
  const wall = toWallTime(moment);
  const moments = momentsOf(wall);
  const isFirst = moments.length === 2 && moment < moments[1]!;
  return {
    day: String(wall.day),
    month: String(wall.month),
    year: String(wall.year),
    time: `${pad(wall.hour)}:${pad(wall.minute)}`,
    which: moments.length < 2 ? '' : isFirst ? 'first' : 'second',
  };
}

const MINUTE = 60_000;

// People type no seconds: a typed minute in which `earliest` fell is taken as that moment itself,
// to its last digit.
export function toTimestamp(moment: Date, earliest?: Timestamp): Timestamp {
  const typed = timestampFromDate(moment);
  if (!earliest) return typed;
  const late = toDate(earliest).getTime() - moment.getTime();
  return late >= 0 && late < MINUTE ? earliest : typed;
}

export class MomentField extends Field {
  parts: MomentParts;

  constructor(options: FieldOptions, initial: Partial<MomentParts> = {}) {
    super(options);
    this.parts = { day: '', month: '', year: '', time: '', which: '', ...initial };
  }

  // Absent unless the answer stands for one moment.
  get moment(): Date | undefined {
    const read = readMoment(this.parts, this.options.subject);
    return 'moment' in read ? read.moment : undefined;
  }

  // Only where check() has nothing against the answer.
  timestamp(earliest?: Timestamp): Timestamp {
    return toTimestamp(this.moment!, earliest);
  }

  check(): string | undefined {
    const read = readMoment(this.parts, this.options.subject);
    if ('nothing' in read) return this.options.required;
    return 'wrong' in read ? read.wrong : undefined;
  }

  override get targetId(): string {
    const read = readMoment(this.parts, this.options.subject);
    return 'wrong' in read ? `${this.name}-${read.part}` : `${this.name}-day`;
  }

  // Whether the answer falls into the repeated hour.
  private get isRepeated(): boolean {
    const read = readMoment({ ...this.parts, which: '' }, this.options.subject);
    return 'wrong' in read && read.part === 'which';
  }

  view(): TemplateResult {
    const error = this.error === undefined ? '' : 'govuk-input--error';
    const input = (part: 'day' | 'month' | 'year' | 'time') => (event: Event) => {
      this.parts = { ...this.parts, [part]: (event.target as HTMLInputElement).value };
      this.changed();
    };
    const number = (part: 'day' | 'month' | 'year', label: string, width: number) => html`
      <div class="govuk-date-input__item">
        <div class="govuk-form-group">
          <label class="govuk-label govuk-date-input__label"
            for="${this.name}-${part}">${label}</label>
          <input class="govuk-input govuk-date-input__input govuk-input--width-${width} ${error}"
            id="${this.name}-${part}" name="${this.name}-${part}" type="text" inputmode="numeric"
            autocomplete="off" .value=${this.parts[part]} @input=${input(part)}>
        </div>
      </div>`;
    return this.fieldset(html`
      <div class="govuk-date-input" id=${this.name}>
        ${number('day', 'Day', 2)} ${number('month', 'Month', 2)} ${number('year', 'Year', 4)}
        <div class="govuk-date-input__item">
          <div class="govuk-form-group">
            <label class="govuk-label govuk-date-input__label" for="${this.name}-time">Time</label>
            <input class="govuk-input govuk-date-input__input govuk-input--width-5 ${error}"
              id="${this.name}-time" name="${this.name}-time" type="text" autocomplete="off"
              aria-describedby=${ifDefined(this.describedBy)}
              .value=${this.parts.time} @input=${input('time')}>
          </div>
        </div>
      </div>
      ${this.isRepeated ? this.repeatedView() : nothing}`);
  }

  private repeatedView(): TemplateResult {
    const clock = parseTimeOfDay(this.parts.time)!;
    const words = formatTimeOfDay(clock.hour, clock.minute);
    const choice = (which: 'first' | 'second', text: string) => {
      const id = which === 'first' ? `${this.name}-which` : `${this.name}-which-2`;
      return html`
        <div class="govuk-radios__item">
          <input class="govuk-radios__input" type="radio" name="${this.name}-which" id=${id}
            value=${which} .checked=${this.parts.which === which}
            @change=${() => { this.parts = { ...this.parts, which }; this.changed(); }}>
          <label class="govuk-label govuk-radios__label" for=${id}>${text}</label>
        </div>`;
    };
    return html`
      <fieldset class="govuk-fieldset govuk-!-margin-top-3">
        <legend class="govuk-fieldset__legend">
          The clocks went back that night, so ${words} came twice. Which one was it?
        </legend>
        <div class="govuk-radios govuk-radios--small">
          ${choice('first', `The first ${words}, before the clocks went back (summer time)`)}
          ${choice('second', `The second ${words}, after the clocks went back (winter time)`)}
        </div>
      </fieldset>`;
  }
}
