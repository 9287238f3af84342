// As at which day figures are shown, and as known at the end of which one. Both are in the address.

import { html, type TemplateResult } from 'lit-html';
import { timestampDate, type Timestamp } from '@bufbuild/protobuf/wkt';
import { endOf } from '../days';
import { DayField, dayParts, readDay } from '../forms/day_field';
import { formatDue, toDate } from '../time';
import type { Content } from './html';

export class AsAt {
  readonly #at: DayField;
  readonly #known: DayField;

  constructor(private readonly query: URLSearchParams) {
    this.#at = new DayField({
      name: 'at', label: 'As at', subject: 'The day', conditional: true,
      hint: 'What was so at its end. Empty: now.',
    }, dayParts(query.get('at') ?? ''));
    this.#known = new DayField({
      name: 'known', label: 'As known at', subject: 'The day', conditional: true,
      hint: 'What had been learnt by its end. Empty: now.',
    }, dayParts(query.get('known') ?? ''));
    for (const field of [this.#at, this.#known]) field.changed = () => {};
  }

  get isPast(): boolean {
    return Boolean(this.query.get('at') || this.query.get('known'));
  }

  get hasErrors(): boolean {
    return this.#at.error !== undefined || this.#known.error !== undefined;
  }

  // As requests have them; the end of today has not come yet.
  times(now: Date): { asAtTime?: Timestamp; knownAtTime?: Timestamp } {
    const past = (name: string) => {
      const end = endOf(this.query.get(name) ?? '');
      return end && timestampDate(end) <= now ? end : undefined;
    };
    const asAtTime = past('at');
    const knownAtTime = past('known');
    return { ...asAtTime ? { asAtTime } : {}, ...knownAtTime ? { knownAtTime } : {} };
  }

  // Of links to figures of the same moment.
  get address(): Record<string, string> {
    return { at: this.query.get('at') ?? '', known: this.query.get('known') ?? '' };
  }

  fields(): TemplateResult {
    return html`${this.#at.view()}${this.#known.view()}`;
  }

  // What was typed, for an address; nothing where it is wrong, and says so.
  read(update: () => void): Record<string, string> | undefined {
    for (const field of [this.#at, this.#known]) field.error = field.check();
    const wrong = [this.#at, this.#known].find(({ error }) => error !== undefined);
    if (wrong) {
      update();
      document.getElementById(wrong.targetId)?.focus();
      return undefined;
    }
    return { at: readDay(this.#at.parts) ?? '', known: readDay(this.#known.parts) ?? '' };
  }

  // "As at 22 November 2026 at 8:03pm", and as known when where that is another moment.
  words(asAt: Timestamp | undefined, knownAt: Timestamp | undefined): Content {
    if (!asAt) return 'No figure has been worked out yet.';
    const known = knownAt && this.isPast ? `, as known ${formatDue(toDate(knownAt))}` : '';
    return html`<span data-testid="as-at">As at ${formatDue(toDate(asAt))}${known}.</span>`;
  }
}
