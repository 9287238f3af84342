// The audits of the registers of allegations and of notifiable events.

import { html, nothing, type TemplateResult } from 'lit-html';
import { audits as auditsApi } from '../api';
import { Audit_State } from '../generated/fosterwatch/allegations/v1/audit_pb';
import type {
  AuditSummary, ListAuditsResponse,
} from '../generated/fosterwatch/allegations/v1/audits_service_pb';
import type { WatchResponse } from '../generated/fosterwatch/gateway/v1/gateway_service_pb';
import type { Frame, Page } from '../page';
import { paths } from '../router';
import { auditStateWords, auditTag, scopeWords } from '../ui/audits';
import { countWords, filterForm, filterSelect } from '../ui/filter';
import { backLink, buttonLink, empty, link, pages, recent, table } from '../ui/html';
import { mayOversee, mayWorkCase } from './rights';

const PAGE_SIZE = 25;

const STATES: Record<string, Audit_State> = {
  running: Audit_State.RUNNING,
  completed: Audit_State.COMPLETED,
};

export class AuditsPage implements Page {
  readonly section = 'allegations';
  #answer: ListAuditsResponse | undefined;
  // As they are in the address.
  readonly #state: string;
  readonly #pageToken: string;

  constructor(private readonly frame: Frame, query: URLSearchParams) {
    this.#state = query.get('state') ?? '';
    this.#pageToken = query.get('page') ?? '';
  }

  title(): string {
    return 'Audits';
  }

  concerns(fact: WatchResponse | undefined): boolean {
    return !fact || /\.(allegations|directory)\./.test(fact.topic);
  }

  async load(): Promise<void> {
    if (!mayOversee(this.frame.session)) return;
    [this.#answer] = await Promise.all([
      auditsApi.listAudits({
        pageSize: PAGE_SIZE,
        pageToken: this.#pageToken,
        state: STATES[this.#state] ?? Audit_State.UNSPECIFIED,
      }),
      this.frame.names.ensureDirectory(),
    ]);
  }

  view(): TemplateResult {
    const { audits = [], nextPageToken = '', totalSize = 0n } = this.#answer ?? {};
    const { session } = this.frame;
    return html`
      ${backLink(paths.allegations(), 'Allegations')}
      <div class="app-heading">
        <h1 class="govuk-heading-l">Audits</h1>
        ${mayWorkCase(session) ? buttonLink(paths.startAudit(), 'Start an audit') : nothing}
      </div>
      ${!mayOversee(session) ? html`<p class="govuk-body">The managers look after these.</p>` : html`
        <p class="govuk-body">An audit takes every allegation and notifiable event of its scope as they are
          when it starts. A person grades each on one form; what is found wanting becomes an action.</p>
        ${filterForm(filterSelect({
          name: 'state',
          label: 'State',
          value: this.#state,
          choices: Object.entries(STATES).map(([code, state]) => ({ code, text: auditStateWords(state) })),
        }), (chosen) => this.frame.navigate(paths.audits({ state: chosen('state') })))}
        <p class="govuk-body" id="count">${countWords(totalSize, 'audit')}</p>
        ${audits.length === 0 ? empty('There is none.') : this.#table(audits)}
        ${pages({
          first: this.#pageToken ? paths.audits({ state: this.#state }) : undefined,
          next: nextPageToken ? paths.audits({ state: this.#state, page: nextPageToken }) : undefined,
        })}`}`;
  }

  #table(audits: readonly AuditSummary[]): TemplateResult {
    const { names } = this.frame;
    const now = this.frame.now();
    return table<AuditSummary>({
      caption: 'Audits, newest first',
      captionHidden: true,
      rows: audits,
      key: ({ auditId }) => auditId,
      testId: 'audits',
      columns: [
        {
          heading: 'Audit',
          header: true,
          cell: ({ auditId, scope }) => html`${link(paths.audit(auditId), scopeWords(scope), auditId)}
            <span class="app-sub app-id">${auditId}</span>`,
        },
        {
          heading: 'Started',
          cell: ({ startedTime, startedBy }) => html`${recent(startedTime, now)}
            <span class="app-sub">${names.person(startedBy)}</span>`,
        },
        {
          heading: 'Graded',
          cell: ({ gradedCount, recordCount }) => `${gradedCount} of ${recordCount}`,
        },
        { heading: 'Open actions', cell: ({ openActionCount }) => openActionCount },
        { heading: 'State', cell: ({ state }) => auditTag(state) },
      ],
    });
  }
}
