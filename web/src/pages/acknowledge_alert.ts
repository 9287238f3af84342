// Acknowledges an alert: it climbs no further.

import { html, type TemplateResult } from 'lit-html';
import { notifications } from '../api';
import { TextField } from '../forms/field';
import { Form } from '../forms/form';
import type { Frame, Page } from '../page';
import { paths } from '../router';
import { backLink } from '../ui/html';
import { drafts } from './drafts';

export class AcknowledgeAlertPage implements Page {
  readonly section = 'alerts';
  readonly #form: Form;

  constructor(private readonly frame: Frame, alertId: string) {
    const key = paths.acknowledgeAlert(alertId);
    const make = () => {
      const comment = new TextField({
        name: 'comment',
        label: 'Comment',
        subject: 'The comment',
        hint: 'What you will do about it.',
        path: 'comment',
        lines: 3,
        maxLength: 2_000,
      });
      return {
        form: new Form({
          fields: [comment],
          submit: 'Acknowledge the alert',
          send: async (requestId) => {
            await notifications.acknowledgeAlert({
              requestId, alertId, comment: comment.value.trim(),
            });
            drafts.drop(key);
            frame.navigate(paths.alerts(), { notice: 'The alert is acknowledged.' });
          },
        }),
      };
    };
    this.#form = drafts.take(key, make).form;
    this.#form.attach(() => frame.update());
  }

  title(): string {
    return 'Acknowledge an alert';
  }

  hasErrors(): boolean {
    return this.#form.hasErrors;
  }

  concerns(): boolean {
    return false;
  }

  async load(): Promise<void> {
    await this.frame.names.ensureDirectory();
  }

  view(): TemplateResult {
    return html`
      ${backLink(paths.alerts(), 'Alerts')}
      <div class="app-form">
        ${this.#form.summary()}
        <h1 class="govuk-heading-l">Acknowledge an alert</h1>
        <p class="govuk-body">You say that you know of it and see to it. It climbs no further. What it
          is about stays to be done.</p>
        ${this.#form.view()}
      </div>`;
  }
}
