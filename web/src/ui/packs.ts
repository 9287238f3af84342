// Documents that are made for the person who asks: ordered, waited for, fetched part by part.

import { Code, ConnectError } from '@connectrpc/connect';
import { html } from 'lit-html';
import { packs } from '../api';
import { toRefusal } from '../errors';
import {
  Pack_Kind, Pack_State, Pack_Step, type Pack, type PackFile,
} from '../generated/fosterwatch/packs/v1/packs_service_pb';
import { saveFile } from './file';
import { plural, type Content } from './html';
import { wordsOf } from '../words';

const stepWords = wordsOf<Pack_Step>({
  [Pack_Step.UNSPECIFIED]: 'Beginning',
  [Pack_Step.COMPLAINTS]: 'Reading complaints',
  [Pack_Step.CARERS]: 'Reading the register of carers',
  [Pack_Step.EVENTS]: 'Reading events and notices',
  [Pack_Step.ALLEGATIONS]: 'Reading allegations',
  [Pack_Step.DUTIES]: 'Reading duties',
  [Pack_Step.KPIS]: 'Reading figures',
  [Pack_Step.WRITING]: 'Writing',
  [Pack_Step.PDF]: 'Making the PDF',
});

export const packWords = wordsOf<Pack_Kind>({
  [Pack_Kind.UNSPECIFIED]: 'Pack',
  [Pack_Kind.COMPLAINTS_STATEMENT]: 'Statement of complaints',
  [Pack_Kind.INSPECTION]: 'Inspection pack',
  [Pack_Kind.BOARD_EDITION]: 'Board pack',
});

// Beside the words, which say the same to whom cannot see it.
export const progressView = ({ steps, stepsDone }: Pack): Content => html`<progress
  class="app-progress" max=${steps} value=${stepsDone} aria-label="How much of the pack is made"></progress>`;

export function progressWords(pack: Pack): string {
  if (pack.state === Pack_State.WAITING) return 'Waiting for its turn';
  const read = pack.recordsRead === 0n ? '' : `, ${plural(pack.recordsRead, 'record')} read`;
  return `Step ${pack.stepsDone + 1} of ${pack.steps}: ${stepWords(pack.step)}${read}`;
}

const isUnderWay = ({ state }: Pack) =>
  state === Pack_State.WAITING || state === Pack_State.MAKING;

const PAUSE = 500;

// Until it is ready; `progress` is told of it meanwhile. Throws what the form of a page can show
// where it could not be made.
export async function whenReady(
  ordered: Pack, progress: (pack: Pack) => void, pause = PAUSE,
): Promise<Pack> {
  let pack = ordered;
  while (isUnderWay(pack)) {
    progress(pack);
    await new Promise((resolve) => setTimeout(resolve, pause));
    pack = await packs.getPack({ packId: pack.packId });
  }
  if (pack.state !== Pack_State.READY) {
    throw new ConnectError(`the document was not made: ${pack.failure}`, Code.FailedPrecondition);
  }
  return pack;
}

export async function fetchPackFile(pack: Pack, file: PackFile): Promise<Uint8Array<ArrayBuffer>> {
  const content = new Uint8Array(Number(file.size));
  for (let offset = 0; offset < content.length;) {
    const part = await packs.readPackFile({
      packId: pack.packId, name: file.name, offset: BigInt(offset),
    });
    if (part.content.length === 0) throw new ConnectError('the file ends early', Code.DataLoss);
    content.set(part.content, offset);
    offset += part.content.length;
  }
  return content;
}

// Makes a document and hands its PDF to the browser; `say` is told how far it is, and what became of
// it.
export async function keepPdf(order: () => Promise<Pack>, say: (text: string) => void): Promise<void> {
  try {
    const pack = await whenReady(await order(), (each) => say(progressWords(each)));
    const file = pack.files.find(({ name }) => name.endsWith('.pdf'))!;
    saveFile(file.name, file.mediaType, await fetchPackFile(pack, file));
    say('Downloaded.');
  } catch (error) {
    say(`There is no PDF: ${toRefusal(error).message}`);
  }
}
