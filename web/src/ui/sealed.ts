// What of a record is sealed to whoever reads it is said, and never looks as if there were nothing.

import { html, nothing } from 'lit-html';
import type { Section } from '../generated/fosterwatch/options/v1/options_pb';
import { prose, type Content } from './html';

// Any message that may be sealed in part.
export interface Sealable {
  readonly sealedSections: readonly Section[];
}

export const isSealed = (text: string, of: Sealable) => text === '' && of.sealedSections.length > 0;

// Text that people typed, of a message that may be sealed in part.
export const sealable = (text: string, of: Sealable): Content => isSealed(text, of)
  ? html`<span class="app-sealed">Sealed: your role does not open this.</span>` : prose(text);

// Below what is open of it.
export const sealedLine = (text: string, of: Sealable): Content => isSealed(text, of)
  ? html`<span class="app-line">${sealable(text, of)}</span>` : nothing;
