// Gives up a record that could not be taken: for good, and with a reason.

import { html, nothing, type TemplateResult } from 'lit-html';
import { parked } from '../api';
import { TextField } from '../forms/field';
import { Form } from '../forms/form';
import {
  ParkedRecord_State, type ParkedRecord,
} from '../generated/fosterwatch/operations/v1/parked_service_pb';
import type { Frame, Page } from '../page';
import { paths } from '../router';
import { backLink, plural, recent, summaryList } from '../ui/html';
import { consumerWords, parkedWords } from '../words';
import { drafts } from './drafts';

export class DiscardParkedPage implements Page {
  readonly section = 'parked';
  readonly #form: Form;
  #record: ParkedRecord | undefined;

  constructor(
    private readonly frame: Frame, private readonly service: string,
    private readonly parkedId: string,
  ) {
    const key = paths.discardParked(service, parkedId);
    const make = () => {
      const reason = new TextField({
        name: 'reason',
        label: 'Why it is discarded',
        subject: 'The reason',
        hint: 'Whoever asks later what became of it reads this. No names, please.',
        required: 'Say why it is discarded',
        path: 'reason',
        lines: 3,
        maxLength: 2000,
      });
      return {
        form: new Form({
          fields: [reason],
          submit: 'Discard the record',
          warning: true,
          send: async () => {
            await parked.discardParked({ service, parkedId, reason: reason.value.trim() });
            drafts.drop(key);
            frame.navigate(paths.parked(), { notice: 'The record is discarded.' });
          },
        }),
      };
    };
    this.#form = drafts.take(key, make).form;
    this.#form.attach(() => frame.update());
  }

  title(): string {
    return 'Discard a record';
  }

  hasErrors(): boolean {
    return this.#form.hasErrors;
  }

  async load(): Promise<void> {
    [this.#record] = await Promise.all([
      parked.getParked({ service: this.service, parkedId: this.parkedId }),
      this.frame.names.ensureDirectory(),
    ]);
  }

  view(): TemplateResult {
    const record = this.#record!;
    const open = record.state === ParkedRecord_State.OPEN;
    return html`
      ${backLink(paths.parked(), 'Records that could not be taken')}
      <div class="app-form">
        ${this.#form.summary()}
        <h1 class="govuk-heading-l">Discard a record</h1>
        ${summaryList([
          { key: 'Record', value: html`<span class="app-id">${record.parkedId}</span>` },
          { key: 'What it is', value: consumerWords(record.consumer) },
          { key: 'Why it was not taken', value: parkedWords(record.reasonCode) },
          { key: 'Parked', value: recent(record.parkedTime, this.frame.now()) },
        ])}
        ${open ? html`
          <div class="govuk-warning-text">
            <span class="govuk-warning-text__icon" aria-hidden="true">!</span>
            <strong class="govuk-warning-text__text">
              <span class="govuk-visually-hidden">Warning</span>
              What it says will never be recorded, and this cannot be undone.
              ${record.behind > 0 ? `${plural(record.behind, 'later record')} about the same `
                + `${record.behind === 1 ? 'stays' : 'stay'} parked; try ${record.behind === 1
                  ? 'it' : 'them'} again afterwards.` : nothing}
            </strong>
          </div>
          ${this.#form.view()}`
          : html`<p class="govuk-body">It was ${record.state === ParkedRecord_State.TAKEN
            ? 'taken' : 'discarded'} ${recent(record.closedTime, this.frame.now())} already.</p>`}
      </div>`;
  }
}
