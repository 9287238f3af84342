// What has happened to a record, in order.

import { html, nothing, type TemplateResult } from 'lit-html';
import type { Timestamp } from '@bufbuild/protobuf/wkt';
import type { Names } from '../names';
import { recent, type Content } from './html';

export interface TimelineItem {
  // The name of the fact.
  fact: string;
  title: Content;
  actor: string;
  time: Timestamp | undefined;
  description?: Content;
}

export const timeline = (items: readonly TimelineItem[], names: Names, now: Date): TemplateResult => html`
  <div class="moj-timeline app-timeline">
    ${items.map(({ fact, title, actor, time, description }) => html`
      <div class="moj-timeline__item" data-fact=${fact}>
        <div class="moj-timeline__header">
          <h3 class="moj-timeline__title">${title}</h3>
          ${actor ? html`<p class="moj-timeline__byline">by ${names.person(actor)}</p>` : nothing}
        </div>
        <p class="moj-timeline__date">${recent(time, now)}</p>
        ${description ? html`<div class="moj-timeline__description">${description}</div>` : nothing}
      </div>`)}
  </div>`;
