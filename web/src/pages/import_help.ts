// How a whole register comes in from another system. The files stay with whoever has them: they go
// through the command-line client, and what was taken is seen on these pages.

import { html, type TemplateResult } from 'lit-html';
import type { Frame, Page } from '../page';
import { paths } from '../router';
import { backLink, link, table } from '../ui/html';

const COMMANDS = [
  'fosterwatch import carers carers.csv --dry-run --rejects rejects.csv',
  'fosterwatch import carers carers.csv --rejects rejects.csv --duplicates duplicates.csv',
  'fosterwatch import children children.csv --rejects rejects.csv --duplicates duplicates.csv',
  'fosterwatch import placements placements.csv --rejects rejects.csv',
];

const FILES: readonly { option: string; has: string }[] = [
  {
    option: '--rejects',
    has: 'Each row that was not taken: its line, the reason, the column and what is wrong with it, and the '
      + 'row itself. Mended, it is a file to import.',
  },
  {
    option: '--duplicates',
    has: 'Each row that looks like another one: the same name and address, or name and date of birth. '
      + 'Both are recorded; nothing is merged by itself.',
  },
];

export class ImportHelpPage implements Page {
  readonly section = 'carers';

  constructor(private readonly frame: Frame) {}

  title(): string {
    return 'A register from CSV';
  }

  concerns(): boolean {
    return false;
  }

  async load(): Promise<void> {
    await this.frame.names.ensureDirectory();
  }

  view(): TemplateResult {
    return html`
      ${backLink(paths.carers(), 'Carers')}
      <div class="app-form">
        <h1 class="govuk-heading-l">A register from CSV</h1>
        <p class="govuk-body">Carers, children and placements of another system come in with the command-line
          client, by whoever runs Fosterwatch: files of any size, as a stream, with a bar that says how far
          it is. What was taken is on these pages at once.</p>
        <h2 class="govuk-heading-m">In this order</h2>
        ${COMMANDS.map((command) => html`<pre class="app-command"><code>${command}</code></pre>`)}
        <p class="govuk-body">The first of them is a dry run: every row goes through the rules of the
          register, and nothing is recorded. Each command says how many rows were recorded, unchanged and
          rejected. The same file again changes nothing. With <code>--help</code> it names its columns.</p>
        <h2 class="govuk-heading-m">What it leaves to you</h2>
        ${table({
          caption: 'Files that an import writes',
          captionHidden: true,
          rows: FILES,
          columns: [
            { heading: 'Option', header: true, cell: ({ option }) => html`<code>${option}</code>` },
            { heading: 'What is in the file', cell: ({ has }) => has },
          ],
        })}
        <p class="govuk-body">One carer at a time is recorded by ${link(paths.recordApplication(),
          'an application')}. A line that came in wrong is corrected on the carer’s own page, and what it
          said first stays on record.</p>
      </div>`;
  }
}
