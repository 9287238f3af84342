// What a register shows of itself: choices above its list, kept in the address.

import { html, nothing, type TemplateResult } from 'lit-html';
import type { Content } from './html';

export interface FilterChoice {
  code: string;
  text: string;
}

// One of several, or any unless `any` is false.
export const filterSelect = (options: {
  name: string; label: string; value: string; choices: readonly FilterChoice[];
  any?: string | false;
}): TemplateResult => html`
  <div class="govuk-form-group">
    <label class="govuk-label govuk-label--s" for=${options.name}>${options.label}</label>
    <select class="govuk-select" id=${options.name} name=${options.name}>
      ${options.any === false ? nothing : html`
        <option value="" ?selected=${options.value === ''}>${options.any ?? 'Any'}</option>`}
      ${options.choices.map(({ code, text }) => html`
        <option value=${code} ?selected=${options.value === code}>${text}</option>`)}
    </select>
  </div>`;

// What is typed, as it stands.
export const filterText = (options: { name: string; label: string; value: string }) => html`
  <div class="govuk-form-group">
    <label class="govuk-label govuk-label--s" for=${options.name}>${options.label}</label>
    <input class="govuk-input" id=${options.name} name=${options.name} type="text"
      autocomplete="off" spellcheck="false" maxlength="200" .value=${options.value}>
  </div>`;

// Sent as "yes".
export const filterCheckbox = (options: { name: string; label: string; checked: boolean }) => html`
  <div class="govuk-checkboxes govuk-checkboxes--small">
    <div class="govuk-checkboxes__item">
      <input class="govuk-checkboxes__input" id=${options.name} name=${options.name} type="checkbox"
        value="yes" ?checked=${options.checked}>
      <label class="govuk-label govuk-checkboxes__label" for=${options.name}>${options.label}</label>
    </div>
  </div>`;

// `apply` gets what is chosen by name; what is not, is empty.
export const filterForm = (content: Content, apply: (chosen: (name: string) => string) => void) => html`
  <form class="app-filter" role="search" aria-label="Filter" novalidate
    @submit=${(event: Event) => {
      event.preventDefault();
      const form = new FormData(event.target as HTMLFormElement);
      apply((name) => String(form.get(name) ?? ''));
    }}>
    ${content}
    <button type="submit" class="govuk-button govuk-button--secondary">Apply</button>
  </form>`;

// "12 complaints with this filter."
export const countWords = (total: bigint | number, noun: string, nouns = `${noun}s`) =>
  total > 10_000n ? `More than 10,000 ${nouns}` : `${total} ${Number(total) === 1 ? noun : nouns}`;
