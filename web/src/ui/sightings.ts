// How complaints that were seen elsewhere look, wherever they are shown.

import { html, nothing } from 'lit-html';
import { sightingSourceWords } from '../complaint_words';
import { SightingSource } from '../generated/fosterwatch/complaints/v1/sighting_pb';
import type { Names } from '../names';
import { paths } from '../router';
import { id, link, type Content } from './html';

export function sightingSourceView(source: SightingSource, sourceId: string): Content {
  const words = sightingSourceWords(source);
  switch (source) {
    case SightingSource.EVENT: return link(paths.event(sourceId), words, sourceId);
    case SightingSource.ALLEGATION: return link(paths.allegation(sourceId), words, sourceId);
    default: return html`${words} ${id(sourceId)}`;
  }
}

export const sightingAbout = (
  { childId, carerId }: { childId: string; carerId: string }, names: Names,
): Content => !childId && !carerId ? 'Not said' : html`
  ${childId ? html`<span class="app-line">${names.child(childId)}</span>` : nothing}
  ${carerId ? html`<span class="app-line">Carer ${names.carer(carerId)}</span>` : nothing}`;
