// A form that loses nothing: what was typed stays through a refusal, a network failure, a signed-
// out session and a walk to another page; a second click sends the same request again.

import { html, nothing, type TemplateResult } from 'lit-html';
import { Code } from '@connectrpc/connect';
import {
  isOutcomeUnknown, toRefusal, violationSentence, type FieldViolation, type Refusal,
} from '../errors';
import { link, type Content } from '../ui/html';
import { paths } from '../router';
import { uuid } from '../uuid';
import { fieldWords } from '../words';
import type { Field } from './field';

interface Problem {
  text: Content;
  targetId?: string;
}

export interface FormOptions {
  fields: readonly Field[];
  submit: string;
  // Where the button is not a plain one: nothing can be undone after it.
  warning?: boolean;
  // In words, what a violation says that belongs to no field of the form.
  explain?: (violation: FieldViolation) => Content;
  // Whether a refusal is a question that the page itself puts, and no fault of what was typed.
  asks?: (refusal: Refusal) => Promise<boolean>;
  // Sends it; the id is the same each time until it was taken.
  send: (requestId: string) => Promise<void>;
}

export class Form {
  #requestId = uuid();
  #sending = false;
  #problems: Problem[] = [];
  #touched = false;
  #update: () => void = () => {};
  #fields: readonly Field[] = [];

  constructor(private readonly options: FormOptions) {
    this.ask(options.fields);
  }

  // From now on these questions, such as those of a list that had to be read first.
  ask(fields: readonly Field[]): void {
    this.#fields = fields;
    for (const field of fields) {
      field.changed = () => {
        this.#touched = true;
        this.#update();
      };
    }
  }

  get hasErrors(): boolean {
    return this.#problems.length > 0;
  }

  // Whether something was typed that is not sent yet.
  get isTouched(): boolean {
    return this.#touched;
  }

  // The page that shows it from now on.
  attach(update: () => void): void {
    this.#update = update;
  }

  async submit(): Promise<void> {
    if (this.#sending) return;
    this.#problems = [];
    for (const field of this.#fields) {
      field.error = field.shown ? field.check() : undefined;
      if (field.error !== undefined) {
        this.#problems.push({ text: field.error, targetId: field.targetId });
      }
    }
    if (this.#problems.length > 0) {
      this.#showProblems();
      return;
    }
    this.#sending = true;
    this.#update();
    try {
      await this.options.send(this.#requestId);
      this.#touched = false;
      this.#requestId = uuid();
    } catch (error) {
      const refusal = toRefusal(error);
      if (!await this.options.asks?.(refusal)) this.#refused(refusal);
    } finally {
      this.#sending = false;
      this.#update();
    }
    if (this.#problems.length > 0) this.#showProblems();
  }

  #refused(refusal: Refusal): void {
    for (const violation of refusal.fields) {
      const field = this.#fields.find((each) => each.shown && each.owns(violation.field));
      if (field) {
        const text = violationSentence(field.options.subject, violation.description);
        field.error ??= text;
        this.#problems.push({ text, targetId: field.targetId });
      } else {
        this.#problems.push({
          text: this.options.explain?.(violation) ??
            violationSentence(fieldWords(violation.field), violation.description),
        });
      }
    }
    if (this.#problems.length > 0) return;
    if (refusal.code === Code.Unauthenticated) {
      this.#problems.push({
        text: 'You are signed out. What you typed is still here: open a sign-in link in another '
          + 'tab, then send it again',
      });
    } else if (refusal.reason === 'REQUEST_ID_REUSED') {
      // An earlier try was taken after all, with what was typed then.
      this.#requestId = uuid();
      this.#problems.push({
        text: html`An earlier try of this form was received after all, as you had filled it in then.
          Look for it in ${link(paths.events(), 'the events')} before you send this one too`,
      });
    } else if (isOutcomeUnknown(refusal.code)) {
      this.#problems.push({
        text: `${refusal.message}. What you typed is still here: send it again. It is recorded `
          + 'once, however often you try',
      });
    } else {
      this.#problems.push({ text: refusal.message });
    }
  }

  #showProblems(): void {
    this.#update();
    document.getElementById('error-summary')?.focus();
  }

  // Above the heading of the page.
  summary(): Content {
    if (this.#problems.length === 0) return nothing;
    const jump = (targetId: string) => (event: Event) => {
      event.preventDefault();
      const target = document.getElementById(targetId);
      (target?.closest('.govuk-form-group') ?? target)?.scrollIntoView();
      target?.focus({ preventScroll: true });
    };
    return html`
      <div class="govuk-error-summary" id="error-summary" tabindex="-1">
        <div role="alert">
          <h2 class="govuk-error-summary__title">There is a problem</h2>
          <div class="govuk-error-summary__body">
            <ul class="govuk-list govuk-error-summary__list">
              ${this.#problems.map(({ text, targetId }) => html`<li>${targetId
                ? html`<a href="#${targetId}" @click=${jump(targetId)}>${text}</a>`
                : text}</li>`)}
            </ul>
          </div>
        </div>
      </div>`;
  }

  view(): TemplateResult {
    const submit = (event: Event) => {
      event.preventDefault();
      void this.submit();
    };
    return html`
      <form novalidate @submit=${submit} @input=${() => { this.#touched = true; }}>
        ${this.#fields.filter((field) => field.shown).map((field) => field.view())}
        <button type="submit" class="govuk-button ${this.options.warning
          ? 'govuk-button--warning' : ''}" aria-disabled=${this.#sending ? 'true' : 'false'}>
          ${this.#sending ? 'Sending…' : this.options.submit}
        </button>
      </form>`;
  }
}

// Forms that were begun and not sent, by the address of their page.
export class Drafts<Draft extends { form: Form }> {
  #drafts = new Map<string, Draft>();

  take(key: string, make: () => Draft): Draft {
    const kept = this.#drafts.get(key);
    // An untouched one would only keep its old "now".
    if (kept?.form.isTouched) return kept;
    const draft = make();
    this.#drafts.set(key, draft);
    return draft;
  }

  drop(key: string): void {
    this.#drafts.delete(key);
  }

  get anyTouched(): boolean {
    return [...this.#drafts.values()].some(({ form }) => form.isTouched);
  }
}
