// Records that may be of one household, and what people say of them: one household, or two.

import { html, nothing, type TemplateResult } from 'lit-html';
import { carers } from '../api';
import { longText } from '../forms/questions';
import type {
  ListDuplicatesResponse, ListDuplicatesResponse_Pair as Pair,
} from '../generated/fosterwatch/carers/v1/carers_service_pb';
import type { WatchResponse } from '../generated/fosterwatch/gateway/v1/gateway_service_pb';
import type { Frame, Page } from '../page';
import { paths } from '../router';
import { backLink, empty, id, link, pages, rowLink, table } from '../ui/html';
import { aboutCarer, records, works } from './about_carer';
import { questionPage } from './question_page';
import { mayRecord, mayWorkCase } from './rights';

const PAGE_SIZE = 25;

const alike = ({ samePerson, sameHousehold }: Pair) => [
  ...samePerson ? ['A foster parent’s name and date of birth'] : [],
  ...sameHousehold ? ['The household’s name and address'] : [],
].join('; ');

export class DuplicatesPage implements Page {
  readonly section = 'carers';
  #answer: ListDuplicatesResponse | undefined;
  readonly #pageToken: string;

  constructor(private readonly frame: Frame, query: URLSearchParams) {
    this.#pageToken = query.get('page') ?? '';
  }

  title(): string {
    return 'Records that may be of one household';
  }

  concerns(fact: WatchResponse | undefined): boolean {
    return !fact || fact.topic.includes('.carers.');
  }

  async load(): Promise<void> {
    if (!mayRecord(this.frame.session)) return;
    this.#answer = await carers.listDuplicates({ pageSize: PAGE_SIZE, pageToken: this.#pageToken });
  }

  view(): TemplateResult {
    const { pairs = [], nextPageToken = '' } = this.#answer ?? {};
    const { session } = this.frame;
    return html`
      ${backLink(paths.carers(), 'Carers')}
      <h1 class="govuk-heading-l">Records that may be of one household</h1>
      ${!mayRecord(session) ? html`<p class="govuk-body">${records.forbidden}</p>` : html`
        <p class="govuk-body">Two records of one household are merged: the household goes on in one of them,
          both keep their history, and a merge can be taken back. Two that are two are not shown again.</p>
        ${pairs.length === 0 ? empty('No two records look alike.') : table<Pair>({
          caption: 'Records that look alike',
          captionHidden: true,
          rows: pairs,
          key: ({ carerId, otherCarerId }) => `${carerId} ${otherCarerId}`,
          testId: 'duplicates',
          columns: [
            {
              heading: 'Carer',
              header: true,
              cell: ({ carerId, carerName }) => html`${link(paths.carer(carerId), carerName || carerId)}
                <span class="app-sub app-id">${carerId}</span>`,
            },
            {
              heading: 'And',
              cell: ({ otherCarerId, otherCarerName }) => html`${link(paths.carer(otherCarerId),
                otherCarerName || otherCarerId)} <span class="app-sub app-id">${otherCarerId}</span>`,
            },
            { heading: 'What is the same', cell: alike },
            {
              heading: 'They are',
              cell: ({ carerId, otherCarerId }) => html`
                ${mayWorkCase(session) ? html`
                  ${rowLink(paths.carerPart(otherCarerId, carerId, 'duplicate/merge'),
                    `one, kept as ${carerId}`)}
                  ${rowLink(paths.carerPart(carerId, otherCarerId, 'duplicate/merge'),
                    `one, kept as ${otherCarerId}`)}` : nothing}
                ${rowLink(paths.carerPart(carerId, otherCarerId, 'duplicate/apart'),
                  'two', `${carerId} and ${otherCarerId}`)}`,
            },
          ],
        })}
        ${pages({
          first: this.#pageToken ? paths.duplicates() : undefined,
          next: nextPageToken ? `${paths.duplicates()}?${new URLSearchParams({ page: nextPageToken })}`
            : undefined,
        })}`}`;
  }
}

const why = () => longText({
  name: 'reason', label: 'Why?', subject: 'The reason', required: 'Enter why', path: 'reason', lines: 3,
});

export const mergePage = (frame: Frame, carerId: string, intoCarerId: string): Page =>
  questionPage(frame, aboutCarer(frame, carerId), {
    ...works,
    heading: 'Merge two records of one household',
    submit: 'Merge them',
    done: 'The records are merged.',
    intro: () => html`<p class="govuk-body">The household goes on as ${id(intoCarerId)}. This record keeps its
      history; nothing is owed on it any more. It can be taken back.</p>`,
    fields: () => {
      const reason = why();
      return {
        fields: [reason],
        send: (requestId) => carers.mergeCarers({
          requestId, carerId, intoCarerId, reason: reason.value.trim(),
        }),
      };
    },
  });

export const undoMergePage = (frame: Frame, carerId: string): Page =>
  questionPage(frame, aboutCarer(frame, carerId), {
    ...works,
    heading: 'Take the merge back',
    submit: 'Take it back',
    done: 'The merge is taken back.',
    intro: () => html`<p class="govuk-body">They are two households after all. What is owed on this record is
      owed again.</p>`,
    fields: () => {
      const reason = why();
      return {
        fields: [reason],
        send: (requestId) => carers.undoMerge({ requestId, carerId, reason: reason.value.trim() }),
      };
    },
  });

export const keepApartPage = (frame: Frame, carerId: string, otherCarerId: string): Page =>
  questionPage(frame, aboutCarer(frame, carerId), {
    ...records,
    heading: 'These are two households',
    submit: 'They are two',
    done: 'The two are not shown again.',
    intro: () => html`<p class="govuk-body">This record and ${id(otherCarerId)}.</p>`,
    fields: () => ({
      fields: [],
      send: (requestId) => carers.keepCarersApart({ requestId, carerId, otherCarerId }),
    }),
  });
