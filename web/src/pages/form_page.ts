// A page with one form: what it is about, the questions, and what there is to say to whom the form
// is of no use.

import { html, nothing, type TemplateResult } from 'lit-html';
import type { Form } from '../forms/form';
import type { WatchResponse } from '../generated/fosterwatch/gateway/v1/gateway_service_pb';
import type { Frame, Page } from '../page';
import { backLink, type Content } from '../ui/html';
import { drafts } from './drafts';

export interface FormPageOptions {
  section: string;
  heading: string;
  // Above the heading: whom or what the record is about.
  caption?: () => Content;
  back: { href: string; text: string };
  form: (page: FormPage) => Form;
  // What the questions need, read again after each fact that concerns them.
  read?: () => Promise<unknown>;
  intro?: () => Content;
  // What there is to say instead of the form.
  instead?: () => string | undefined;
  // Which facts concern it; all of them without it.
  concerns?: (fact: WatchResponse) => boolean;
}

export class FormPage implements Page {
  readonly section: string;
  readonly #form: Form;
  // The address names the record and what is done with it.
  readonly #key = location.pathname + location.search;

  constructor(readonly frame: Frame, private readonly options: FormPageOptions) {
    this.section = options.section;
    this.#form = drafts.take(this.#key, () => ({ form: options.form(this) })).form;
    this.#form.attach(() => frame.update());
  }

  title(): string {
    return this.options.heading;
  }

  hasErrors(): boolean {
    return this.#form.hasErrors;
  }

  concerns(fact: WatchResponse | undefined): boolean {
    return !fact || (this.options.concerns?.(fact) ?? true);
  }

  async load(): Promise<void> {
    await Promise.all([this.frame.names.ensureDirectory(), this.options.read?.()]);
  }

  // After the form was taken: on to `path`, where `notice` says what has been done.
  done(notice: string, path = this.options.back.href): void {
    drafts.drop(this.#key);
    this.frame.navigate(path, { notice });
  }

  view(): TemplateResult {
    const { heading, caption, back, instead, intro } = this.options;
    const said = instead?.();
    const about = caption?.() ?? nothing;
    return html`
      ${backLink(back.href, back.text)}
      <div class="app-form">
        ${this.#form.summary()}
        ${about === nothing ? nothing : html`<span class="govuk-caption-l">${about}</span>`}
        <h1 class="govuk-heading-l">${heading}</h1>
        ${said ? html`<p class="govuk-body">${said}</p>`
          : html`${intro?.() ?? nothing}${this.#form.view()}`}
      </div>`;
  }
}
