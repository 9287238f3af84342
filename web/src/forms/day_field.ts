// A day on the calendar of London, without a time.

import { html, type TemplateResult } from 'lit-html';
import { isCalendarDay } from '../time';
import { Field, type FieldOptions } from './field';

export interface DayParts {
  day: string;
  month: string;
  year: string;
}

const pad = (value: number) => String(value).padStart(2, '0');

// "2026-11-30"; undefined for what is no day.
export function readDay(parts: DayParts): string | undefined {
  const numbers = [parts.day, parts.month, parts.year]
    .map((text) => /^\d{1,4}$/.test(text.trim()) ? Number(text) : NaN);
  const [day, month, year] = numbers as [number, number, number];
  return isCalendarDay(year, month, day) ? `${year}-${pad(month)}-${pad(day)}` : undefined;
}

// "2026-11-30" as it is typed; nothing for what is no day.
export function dayParts(day: string): Partial<DayParts> {
  const [year = '', month = '', date = ''] = day.split('-');
  return date === '' ? {} : { year, month: String(Number(month)), day: String(Number(date)) };
}

export class DayField extends Field {
  parts: DayParts;

  constructor(options: FieldOptions, initial: Partial<DayParts> = {}) {
    super(options);
    this.parts = { day: '', month: '', year: '', ...initial };
  }

  // ISO 8601; empty where it is none.
  get value(): string {
    return readDay(this.parts) ?? '';
  }

  // A day as ISO 8601 has it.
  fill(day: string): void {
    this.parts = { day: '', month: '', year: '', ...dayParts(day) };
  }

  check(): string | undefined {
    if (Object.values(this.parts).every((text) => text.trim() === '')) return this.options.required;
    return this.value ? undefined
      : `${this.options.subject} must be a real date, such as 27 3 2026`;
  }

  override get targetId(): string {
    return `${this.name}-day`;
  }

  view(): TemplateResult {
    const error = this.error === undefined ? '' : 'govuk-input--error';
    const part = (name: keyof DayParts, label: string, width: number) => html`
      <div class="govuk-date-input__item">
        <div class="govuk-form-group">
          <label class="govuk-label govuk-date-input__label"
            for="${this.name}-${name}">${label}</label>
          <input class="govuk-input govuk-date-input__input govuk-input--width-${width} ${error}"
            id="${this.name}-${name}" name="${this.name}-${name}" type="text" inputmode="numeric"
            autocomplete="off" .value=${this.parts[name]} @input=${(event: Event) => {
              this.parts = { ...this.parts, [name]: (event.target as HTMLInputElement).value };
              this.changed();
            }}>
        </div>
      </div>`;
    return this.fieldset(html`
      <div class="govuk-date-input" id=${this.name}>
        ${part('day', 'Day', 2)} ${part('month', 'Month', 2)} ${part('year', 'Year', 4)}
      </div>`);
  }
}
