// Packs for an inspector and for the board: ordered, made while one waits, kept for half an hour.

import { html, nothing } from 'lit-html';
import { editions as editionsApi, kpis as kpisApi, packs } from '../api';
import { RadiosField, TextField } from '../forms/field';
import { Form } from '../forms/form';
import { MomentField } from '../forms/moment_field';
import { NumberField } from '../forms/questions';
import type { Edition } from '../generated/fosterwatch/kpis/v1/edition_pb';
import type { KpiSet } from '../generated/fosterwatch/kpis/v1/kpi_pb';
import {
  Pack_Kind, type Pack, type PackFile,
} from '../generated/fosterwatch/packs/v1/packs_service_pb';
import type { Frame, Page } from '../page';
import { paths } from '../router';
import { toRefusal } from '../errors';
import { formatPeriod } from '../time';
import { saveFile } from '../ui/file';
import { id, link, moment, summaryList, table, type Content } from '../ui/html';
import { setTitle } from '../ui/kpi_pages';
import { fetchPackFile, packWords, progressView, progressWords, whenReady } from '../ui/packs';
import { FormPage } from './form_page';
import { mayMakePacks } from './rights';

const SIZES = new Intl.NumberFormat('en-GB', { maximumFractionDigits: 1 });
const sizeWords = (bytes: bigint) => `${SIZES.format(Number(bytes) / 1000)} kB`;

const EDITIONS = 24;
const INSPECTION = 'inspection';
const BOARD = 'board';

// Kept while the application is open: whoever looks something up finds the pack again.
let made: Pack | undefined;

export function packsPage(frame: Frame): Page {
  let said = '';
  // The one that is being made.
  let making: Pack | undefined;
  let editions: readonly Edition[] = [];
  let sets: readonly KpiSet[] = [];
  const say = (text: string) => {
    said = text;
    frame.update();
  };
  const download = async (pack: Pack, file: PackFile) => {
    say(`Fetching ${file.name}`);
    try {
      saveFile(file.name, file.mediaType, await fetchPackFile(pack, file));
      say(`Downloaded ${file.name}.${pack.kind === Pack_Kind.INSPECTION
        ? ' It may name people: keep it as you keep the records.' : ''}`);
    } catch (error) {
      say(`${file.name} could not be fetched: ${toRefusal(error).message}`);
    }
  };
  const files = (pack: Pack): Content => html`
    <h2 class="govuk-heading-m">${packWords(pack.kind)}</h2>
    ${summaryList([
      pack.asAtTime && { key: 'As at', value: moment(pack.asAtTime) },
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
  const editionWords = ({ set, period, number }: Edition) =>
    `${setTitle(sets, set)}, ${formatPeriod(period)}, number ${number}`;
  return new FormPage(frame, {
    section: 'packs',
    heading: 'Packs',
    back: { href: paths.overview(), text: 'Overview' },
    concerns: ({ topic }) => topic.includes('.kpis.'),
    instead: () => mayMakePacks(frame.session) ? undefined
      : 'The registered manager, their deputy and the responsible individual make them.',
    read: async () => {
      if (!mayMakePacks(frame.session)) return;
      const [answer, all] = await Promise.all([
        editionsApi.listEditions({ pageSize: EDITIONS }), kpisApi.listKpiSets({}),
      ]);
      editions = answer.editions;
      sets = all.sets;
    },
    intro: () => html`
      <p class="govuk-body">As PDF, web page, spreadsheet and CSV. The same pack of the same records is the
        same file, byte for byte: its cover has the hash.</p>
      ${making ? progressView(making) : nothing}
      <p class="govuk-body" role="status">${said}</p>
      ${made ? files(made) : nothing}`,
    form: () => {
      const kind = new RadiosField({
        name: 'kind',
        label: 'Which pack?',
        subject: 'The pack',
        required: 'Select which pack',
        choices: () => [
          {
            value: INSPECTION,
            text: packWords(Pack_Kind.INSPECTION),
            hint: 'What an inspector asks for first: the register of carers, events and notices with the '
              + 'minutes that each took, duties, the complaints of 12 months, allegations, the matters of '
              + 'Schedule 6, the figures, and records drawn for a dip sample. It names carers.',
          },
          {
            value: BOARD,
            text: packWords(Pack_Kind.BOARD_EDITION),
            hint: 'An edition of the figures, as it was frozen. It names nobody.',
          },
        ],
      });
      const forInspector = () => kind.value === INSPECTION;
      const asAt = new MomentField({
        name: 'as-at',
        label: 'As at',
        subject: 'The moment',
        hint: 'What was recorded by then. Leave it empty for now.',
        path: 'as_at_time',
        shown: forInspector,
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
        shown: forInspector,
      });
      const size = new NumberField({
        name: 'sample-size',
        label: 'How many records of each register?',
        subject: 'How many records',
        hint: '1 to 50. Leave it empty for 5.',
        path: 'sample_size',
        shown: forInspector,
      });
      const edition = new RadiosField({
        name: 'edition',
        label: 'Which edition?',
        subject: 'The edition',
        required: 'Select which edition',
        hint: html`The newest ${EDITIONS}. An older one has its own page among the ${link(paths.editions(),
          'editions')}; the registered manager ${link(paths.freezeEdition(), 'freezes')} a new one.`,
        path: 'edition_id',
        shown: () => kind.value === BOARD,
        choices: () => editions.map((each) => ({ value: each.editionId, text: editionWords(each) })),
      });
      const order = () => forInspector() ? packs.makeInspectionPack({
        asAtTime: asAt.moment ? asAt.timestamp() : undefined, seed: seed.value.trim(),
        sampleSize: size.number,
      }) : packs.makeBoardEdition({ editionId: edition.value });
      return new Form({
        fields: [kind, asAt, seed, size, edition],
        submit: 'Make the pack',
        send: async () => {
          try {
            made = await whenReady(await order(), (pack) => {
              making = pack;
              say(progressWords(pack));
            });
          } catch (error) {
            said = '';
            throw error;
          } finally {
            making = undefined;
          }
          say('The pack is ready.');
        },
      });
    },
  });
}
