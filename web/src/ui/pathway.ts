// The steps of a record's way, and where it stands.

import { html, nothing, type TemplateResult } from 'lit-html';
import { hidden } from './html';

export interface PathwayStep {
  text: string;
  state: 'done' | 'current' | 'to come' | 'left out';
}

const WORDS = { done: 'Done', current: 'Now', 'to come': 'To come', 'left out': 'Left out' } as const;

export const pathway = (label: string, steps: readonly PathwayStep[]): TemplateResult => html`
  <ol class="app-pathway" aria-label=${label}>
    ${steps.map(({ text, state }) => html`
      <li class="app-pathway__step app-pathway__step--${state.replace(' ', '-')}"
        aria-current=${state === 'current' ? 'step' : nothing}>
        <span class="app-pathway__text">${text}</span>
        <span class="app-pathway__state">${WORDS[state]}${hidden('.')}</span>
      </li>`)}
  </ol>`;
