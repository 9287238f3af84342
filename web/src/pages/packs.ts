// The inspection pack: ordered with a moment and a seed, made while one waits, kept for half an hour.

import { html, nothing } from 'lit-html';
import { packs } from '../api';
import { TextField } from '../forms/field';
import { Form } from '../forms/form';
import { MomentField } from '../forms/moment_field';
import type { Pack, PackFile } from '../generated/fosterwatch/packs/v1/packs_service_pb';
import type { Frame, Page } from '../page';
import { paths } from '../router';
import { saveFile } from '../ui/file';
import { id, moment, summaryList, table, type Content } from '../ui/html';
import { fetchPackFile, progressWords, whenReady } from '../ui/packs';
import { toRefusal } from '../errors';
import { FormPage } from './form_page';
import { mayMakePacks } from './rights';

const SIZES = new Intl.NumberFormat('en-GB', { maximumFractionDigits: 1 });
const sizeWords = (bytes: bigint) => `${SIZES.format(Number(bytes) / 1000)} kB`;

// Kept while the application is open: whoever looks something up finds the pack again.
let made: Pack | undefined;

export function inspectionPackPage(frame: Frame): Page {
  let said = '';
  const say = (text: string) => {
    said = text;
    frame.update();
  };
  const download = async (pack: Pack, file: PackFile) => {
    say(`Fetching ${file.name}`);
    try {
      saveFile(file.name, file.mediaType, await fetchPackFile(pack, file));
      say(`Downloaded ${file.name}. It may name people: keep it as you keep the records.`);
    } catch (error) {
      say(`${file.name} could not be fetched: ${toRefusal(error).message}`);
    }
  };
  const files = (pack: Pack): Content => html`
    <h2 class="govuk-heading-m">The pack</h2>
    ${summaryList([
      { key: 'As at', value: moment(pack.asAtTime) },
      { key: 'Kept here until', value: moment(pack.keptUntilTime) },
      { key: 'Hash on the cover', value: id(pack.manifestSha256) },
    ])}
    ${table<PackFile>({
      caption: 'Files',
      rows: pack.files,
      key: ({ name }) => name,
      testId: 'pack-files',
      columns: [
        { heading: 'File', header: true, cell: ({ name }) => name },
        { heading: 'Size', numeric: true, cell: ({ size }) => sizeWords(size) },
        {
          heading: 'Download',
          cell: (file) => html`<button type="button"
            class="govuk-button govuk-button--secondary govuk-!-margin-bottom-0"
            @click=${() => void download(pack, file)}>Download<span class="govuk-visually-hidden">
              ${file.name}</span></button>`,
        },
      ],
    })}
    <h2 class="govuk-heading-m">Make another one</h2>`;
  return new FormPage(frame, {
    section: 'packs',
    heading: 'Inspection pack',
    back: { href: paths.overview(), text: 'Overview' },
    concerns: () => false,
    instead: () => mayMakePacks(frame.session) ? undefined
      : 'The registered manager, their deputy and the responsible individual make it.',
    intro: () => html`
      <p class="govuk-body">What an inspector asks for first, as PDF, web page, spreadsheet and CSV:
        the register of carers, events and notices with the minutes that each took, open and
        concluded duties, the complaints of 12 months, allegations, the matters of Schedule 6, the
        figures, and records drawn for a dip sample. It names carers.</p>
      <p class="govuk-body" role="status">${said}</p>
      ${made && mayMakePacks(frame.session) ? files(made) : nothing}`,
    form: () => {
      const asAt = new MomentField({
        name: 'as-at',
        label: 'As at',
        subject: 'The moment',
        hint: 'What was recorded by then. Leave it empty for now.',
        path: 'as_at_time',
      });
      const seed = new TextField({
        name: 'seed',
        label: 'Seed of the dip sample',
        subject: 'The seed',
        hint: 'Any word, such as one that the inspector says: the same word draws the same records. '
          + 'Leave it empty for the date.',
        path: 'seed',
        width: 20,
        maxLength: 64,
      });
      return new Form({
        fields: [asAt, seed],
        submit: 'Make the pack',
        send: async () => {
          try {
            const ordered = await packs.makeInspectionPack({
              asAtTime: asAt.moment ? asAt.timestamp() : undefined, seed: seed.value.trim(),
            });
            made = await whenReady(ordered, (pack) => say(progressWords(pack)));
          } catch (error) {
            said = '';
            throw error;
          }
          say('The pack is ready.');
        },
      });
    },
  });
}
