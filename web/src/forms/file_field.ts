// A text that is long enough to come from a file: chosen, dropped or pasted.

import { html, type TemplateResult } from 'lit-html';
import { TextField } from './field';

export class FileTextField extends TextField {
  override view(): TemplateResult {
    const id = `${this.name}-file`;
    const choose = async (event: Event) => {
      const file = (event.target as HTMLInputElement).files?.[0];
      if (!file) return;
      this.value = await file.text();
      this.changed();
    };
    return html`
      <div class="govuk-form-group">
        <label class="govuk-label govuk-label--s" for=${id}>Choose a file</label>
        <div id="${id}-hint" class="govuk-hint">Its text appears below. It stays in this browser
          until you send it.</div>
        <input class="govuk-file-upload" id=${id} type="file" accept=".json,application/json"
          aria-describedby="${id}-hint" @change=${choose}>
      </div>
      ${super.view()}`;
  }
}
