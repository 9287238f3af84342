// One question of a form: what was typed, what is wrong with it, and how it looks. What was typed
// lives here and not in the page, so nothing is lost when a form is refused or left.

import { html, nothing, type TemplateResult } from 'lit-html';
import { ifDefined } from 'lit-html/directives/if-defined.js';
import type { Content } from '../ui/html';

export interface FieldOptions {
  name: string;
  label: string;
  // Begins the sentences that say what is wrong with the answer: "The place".
  subject: string;
  hint?: Content;
  // What to say when nothing was given; without it the question is optional.
  required?: string;
  // Whether it must be answered depends on other answers, and the service knows.
  conditional?: boolean;
  // Where in the request the answer goes; a violation there belongs to this field. The path of a
  // repeated field stands for its elements too.
  path?: string;
  // Asked only while this holds.
  shown?: () => boolean;
}

export abstract class Field {
  error: string | undefined;
  // Shows what has changed; set by the form.
  changed: () => void = () => {};

  constructor(readonly options: FieldOptions) {}

  get name(): string {
    return this.options.name;
  }

  get shown(): boolean {
    return this.options.shown?.() ?? true;
  }

  owns(path: string): boolean {
    const own = this.options.path;
    if (own === undefined) return false;
    return path === own || path.startsWith(`${own}[`) || path.startsWith(`${own}.`);
  }

  // What is wrong with the answer, as far as can be said here.
  abstract check(): string | undefined;
  abstract view(): TemplateResult;

  // Where the error summary leads.
  get targetId(): string {
    return this.name;
  }

  protected get hintId(): string {
    return `${this.name}-hint`;
  }

  protected get errorId(): string {
    return `${this.name}-error`;
  }

  protected get describedBy(): string | undefined {
    const ids = [
      this.options.hint === undefined ? '' : this.hintId,
      this.error === undefined ? '' : this.errorId,
    ].filter((each) => each !== '');
    return ids.length === 0 ? undefined : ids.join(' ');
  }

  protected get labelText(): string {
    const { label, required, conditional } = this.options;
    return required === undefined && !conditional ? `${label} (optional)` : label;
  }

  protected hintView(): Content {
    return this.options.hint === undefined ? nothing
      : html`<div id=${this.hintId} class="govuk-hint">${this.options.hint}</div>`;
  }

  protected errorView(): Content {
    return this.error === undefined ? nothing : html`
      <p id=${this.errorId} class="govuk-error-message">
        <span class="govuk-visually-hidden">Error:</span> ${this.error}
      </p>`;
  }

  protected group(content: Content): TemplateResult {
    return html`<div class="govuk-form-group ${this.error === undefined
      ? '' : 'govuk-form-group--error'}">${content}</div>`;
  }

  protected fieldset(content: Content): TemplateResult {
    return this.group(html`
      <fieldset class="govuk-fieldset" aria-describedby=${ifDefined(this.describedBy)}>
        <legend class="govuk-fieldset__legend govuk-fieldset__legend--s">${this.labelText}</legend>
        ${this.hintView()}
        ${this.errorView()}
        ${content}
      </fieldset>`);
  }
}

export class TextField extends Field {
  value = '';

  constructor(readonly text: FieldOptions & {
    lines?: number;
    width?: 10 | 20 | 30;
    maxLength?: number;
  }) {
    super(text);
  }

  check(): string | undefined {
    const { required, maxLength, subject } = this.text;
    if (this.value.trim() === '') return required;
    if (maxLength !== undefined && [...this.value].length > maxLength) {
      return `${subject} must be ${maxLength.toLocaleString('en-GB')} characters or fewer`;
    }
    return undefined;
  }

  view(): TemplateResult {
    const { lines, width } = this.text;
    const input = (event: Event) => {
      const wasEmpty = this.value.trim() === '';
      this.value = (event.target as HTMLInputElement | HTMLTextAreaElement).value;
      // Other questions may be asked only where this one has an answer.
      if (wasEmpty !== (this.value.trim() === '')) this.changed();
    };
    const errorClass = (base: string) => this.error === undefined ? '' : `${base}--error`;
    return this.group(html`
      <label class="govuk-label govuk-label--s" for=${this.name}>${this.labelText}</label>
      ${this.hintView()}
      ${this.errorView()}
      ${lines === undefined
        ? html`<input class="govuk-input ${width ? `govuk-input--width-${width}` : ''}
            ${errorClass('govuk-input')}" id=${this.name} name=${this.name} type="text"
            autocomplete="off" aria-describedby=${ifDefined(this.describedBy)}
            .value=${this.value} @input=${input}>`
        : html`<textarea class="govuk-textarea ${errorClass('govuk-textarea')}" id=${this.name}
            name=${this.name} rows=${lines} aria-describedby=${ifDefined(this.describedBy)}
            .value=${this.value} @input=${input}></textarea>`}`);
  }
}

export interface Choice {
  value: string;
  text: string;
  hint?: string;
}

// One of a few.
export class RadiosField extends Field {
  value = '';

  constructor(readonly radios: FieldOptions & { choices: () => readonly Choice[] }) {
    super(radios);
  }

  check(): string | undefined {
    return this.value === '' ? this.options.required : undefined;
  }

  view(): TemplateResult {
    return this.fieldset(html`
      <div class="govuk-radios govuk-radios--small">
        ${this.radios.choices().map((choice, index) => html`
          <div class="govuk-radios__item">
            <input class="govuk-radios__input" type="radio" name=${this.name}
              id=${choiceId(this.name, index)} value=${choice.value}
              aria-describedby=${ifDefined(choice.hint && `${choiceId(this.name, index)}-hint`)}
              .checked=${this.value === choice.value}
              @change=${() => { this.value = choice.value; this.changed(); }}>
            <label class="govuk-label govuk-radios__label"
              for=${choiceId(this.name, index)}>${choice.text}</label>
            ${choice.hint ? html`<div class="govuk-hint govuk-radios__hint"
              id="${choiceId(this.name, index)}-hint">${choice.hint}</div>` : nothing}
          </div>`)}
      </div>`);
  }
}

// Any of a few.
export class CheckboxesField extends Field {
  values: string[] = [];

  constructor(readonly checkboxes: FieldOptions & { choices: () => readonly Choice[] }) {
    super(checkboxes);
  }

  check(): string | undefined {
    return this.values.length === 0 ? this.options.required : undefined;
  }

  view(): TemplateResult {
    const change = (value: string) => (event: Event) => {
      const checked = (event.target as HTMLInputElement).checked;
      this.values = this.values.filter((each) => each !== value);
      if (checked) this.values.push(value);
      this.changed();
    };
    return this.fieldset(html`
      <div class="govuk-checkboxes govuk-checkboxes--small">
        ${this.checkboxes.choices().map((choice, index) => html`
          <div class="govuk-checkboxes__item">
            <input class="govuk-checkboxes__input" type="checkbox" name=${this.name}
              id=${choiceId(this.name, index)} value=${choice.value}
              aria-describedby=${ifDefined(choice.hint && `${choiceId(this.name, index)}-hint`)}
              .checked=${this.values.includes(choice.value)} @change=${change(choice.value)}>
            <label class="govuk-label govuk-checkboxes__label"
              for=${choiceId(this.name, index)}>${choice.text}</label>
            ${choice.hint ? html`<div class="govuk-hint govuk-checkboxes__hint"
              id="${choiceId(this.name, index)}-hint">${choice.hint}</div>` : nothing}
          </div>`)}
      </div>`);
  }
}

// The first one carries the name itself: the error summary leads there.
const choiceId = (name: string, index: number) => index === 0 ? name : `${name}-${index + 1}`;
