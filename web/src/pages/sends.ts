// The delivery log: one row for every sending, with its reason.

import { html, nothing, type TemplateResult } from 'lit-html';
import { notifications } from '../api';
import type { WatchResponse } from '../generated/fosterwatch/gateway/v1/gateway_service_pb';
import type {
  ListSendsResponse,
} from '../generated/fosterwatch/notifications/v1/notifications_service_pb';
import type { Frame, Page } from '../page';
import { paths } from '../router';
import { backLink, empty, pages } from '../ui/html';
import { sendsTable } from '../ui/records';
import { mayOversee } from './rights';

const PAGE_SIZE = 50;

export class SendsPage implements Page {
  readonly section = 'sends';
  #answer: ListSendsResponse | undefined;
  readonly #eventId: string;
  readonly #pageToken: string;

  constructor(private readonly frame: Frame, query: URLSearchParams) {
    this.#eventId = query.get('event') ?? '';
    this.#pageToken = query.get('page') ?? '';
  }

  title(): string {
    return 'Delivery log';
  }

  concerns(fact: WatchResponse | undefined): boolean {
    return !fact || fact.topic.includes('.notifications.') || fact.topic.includes('.directory.');
  }

  async load(): Promise<void> {
    [this.#answer] = await Promise.all([
      notifications.listSends({
        eventId: this.#eventId, pageSize: PAGE_SIZE, pageToken: this.#pageToken,
      }),
      this.frame.names.ensureDirectory(),
    ]);
  }

  view(): TemplateResult {
    const { sends = [], nextPageToken = '' } = this.#answer ?? {};
    return html`
      ${this.#eventId ? backLink(paths.event(this.#eventId), 'The event') : nothing}
      <h1 class="govuk-heading-l">Delivery log</h1>
      <p class="govuk-body">Every mail and every handing over to a person${this.#eventId
        ? ' about this event' : ''}, newest first, with its reason.</p>
      ${sends.length === 0 ? empty('Nothing has left yet.') : sendsTable({
        caption: 'Sends, newest first',
        captionHidden: true,
        sends,
        names: this.frame.names,
        now: this.frame.now(),
        showEvent: this.#eventId === '',
        showProof: mayOversee(this.frame.session),
      })}
      ${pages({
        first: this.#pageToken ? paths.sends({ event: this.#eventId }) : undefined,
        next: nextPageToken ? paths.sends({ event: this.#eventId, page: nextPageToken })
          : undefined,
      })}`;
  }
}
