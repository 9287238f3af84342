// Picks one record by name or id: an editable combobox with a list, after the pattern of the ARIA
// authoring practices.

import { html, nothing, type TemplateResult } from 'lit-html';
import { ifDefined } from 'lit-html/directives/if-defined.js';
import { plural, type Content } from '../ui/html';
import { Field, type FieldOptions } from './field';

export interface Pick {
  id: string;
  // "Amira Okafor (C-0142)"
  text: string;
}

const SHOWN = 8;

// Those that contain each word, those that begin with the text first.
export function search(picks: readonly Pick[], text: string): Pick[] {
  const wanted = text.trim().toLowerCase();
  if (wanted === '') return [...picks];
  const words = wanted.split(/\s+/);
  const found = picks.filter((pick) => {
    const own = pick.text.toLowerCase();
    return words.every((word) => own.includes(word));
  });
  const begins = (pick: Pick) => pick.text.toLowerCase().startsWith(wanted) ||
    pick.id.toLowerCase().startsWith(wanted);
  return [...found.filter(begins), ...found.filter((pick) => !begins(pick))];
}

// The one that the text names in full, by its id or as it is listed.
export function exactly(picks: readonly Pick[], text: string): Pick | undefined {
  const wanted = text.trim().toLowerCase();
  return picks.find((pick) => pick.id.toLowerCase() === wanted ||
    pick.text.toLowerCase() === wanted);
}

const isId = (text: string) => /^[\w.:-]{1,128}$/.test(text);

export class PickField extends Field {
  text = '';
  #open = false;
  #active = -1;

  constructor(readonly pick: FieldOptions & {
    picks: () => readonly Pick[];
    noun: string;
    // Also an id that is not in the list, which the service knows or not.
    orId?: boolean;
    // Something about the one that is picked.
    about?: (id: string) => Content;
    picked?: () => void;
  }) {
    super(pick);
  }

  // The id; empty where nothing was typed, and the text itself where it is not in the list.
  get value(): string {
    return exactly(this.pick.picks(), this.text)?.id ?? this.text.trim();
  }

  check(): string | undefined {
    if (this.text.trim() === '') return this.options.required;
    if (exactly(this.pick.picks(), this.text)) return undefined;
    if (this.pick.orId && isId(this.text.trim())) return undefined;
    return `Choose a ${this.pick.noun} from the list: none is called “${this.text.trim()}”`;
  }

  view(): TemplateResult {
    const picks = this.pick.picks();
    const chosen = exactly(picks, this.text);
    const found = chosen ? [chosen] : search(picks, this.text);
    const shown = found.slice(0, SHOWN);
    const isOpen = this.#open && shown.length > 0;
    const listId = `${this.name}-list`;
    const optionId = (index: number) => `${this.name}-option-${index}`;
    const choose = (pick: Pick) => {
      this.text = pick.text;
      this.#open = false;
      this.#active = -1;
      this.pick.picked?.();
      this.changed();
    };
    const input = (event: Event) => {
      this.text = (event.target as HTMLInputElement).value;
      this.#open = true;
      this.#active = -1;
      if (exactly(picks, this.text)) this.pick.picked?.();
      this.changed();
    };
    const move = (step: number) => {
      if (shown.length === 0) return;
      this.#open = true;
      const next = this.#active + step;
      this.#active = next < 0 ? shown.length - 1 : next % shown.length;
      this.changed();
    };
    const keydown = (event: KeyboardEvent) => {
      if (event.key === 'ArrowDown') {
        event.preventDefault();
        move(1);
      } else if (event.key === 'ArrowUp') {
        event.preventDefault();
        move(-1);
      } else if (event.key === 'Enter' && isOpen && shown[this.#active]) {
        event.preventDefault();
        choose(shown[this.#active]!);
      } else if (event.key === 'Escape' && isOpen) {
        event.preventDefault();
        close();
      }
    };
    const close = () => {
      this.#open = false;
      this.#active = -1;
      const named = exactly(picks, this.text);
      if (named) this.text = named.text;
      this.changed();
    };
    return this.group(html`
      <label class="govuk-label govuk-label--s" for=${this.name}>${this.labelText}</label>
      ${this.hintView()}
      ${this.errorView()}
      <div class="app-combobox">
        <input class="govuk-input ${this.error === undefined ? '' : 'govuk-input--error'}"
          id=${this.name} name=${this.name} type="text" role="combobox" autocomplete="off"
          spellcheck="false" aria-autocomplete="list" aria-expanded=${isOpen ? 'true' : 'false'}
          aria-controls=${listId} aria-describedby=${ifDefined(this.describedBy)}
          aria-activedescendant=${ifDefined(isOpen && this.#active >= 0
            ? optionId(this.#active) : undefined)}
          .value=${this.text} @input=${input} @keydown=${keydown} @blur=${close}
          @click=${() => { this.#open = !chosen; this.changed(); }}>
        <ul class="app-combobox__list" id=${listId} role="listbox" aria-label=${this.options.label}
          ?hidden=${!isOpen}>
          ${isOpen ? shown.map((pick, index) => html`
            <li class="app-combobox__option" role="option" id=${optionId(index)}
              aria-selected=${index === this.#active ? 'true' : 'false'}
              @mousedown=${(event: Event) => event.preventDefault()}
              @click=${() => choose(pick)}>${pick.text}</li>`) : nothing}
        </ul>
        ${isOpen && found.length > SHOWN ? html`<p class="app-combobox__more">
          ${found.length - SHOWN} more: type more of the name or the number</p>` : nothing}
        <div class="govuk-visually-hidden" role="status">${this.#open && !chosen
          ? plural(found.length, 'result') : nothing}</div>
      </div>
      ${chosen && this.pick.about ? html`<div class="app-picked">${this.pick.about(chosen.id)}</div>`
        : nothing}`);
  }
}
