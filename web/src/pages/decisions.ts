// What somebody looked at and judged not to be notifiable, newest first.

import { html, nothing, type TemplateResult } from 'lit-html';
import { decisions as decisionsApi } from '../api';
import {
  Decision_State, type Decision,
} from '../generated/fosterwatch/notifiable_events/v1/decision_pb';
import type {
  ListDecisionsResponse,
} from '../generated/fosterwatch/notifiable_events/v1/decision_service_pb';
import type { WatchResponse } from '../generated/fosterwatch/gateway/v1/gateway_service_pb';
import type { Frame, Page } from '../page';
import { paths } from '../router';
import { toDate } from '../time';
import { filterForm, filterSelect } from '../ui/filter';
import { buttonLink, due, empty, id, link, pages, recent, table, tag, type Content } from '../ui/html';
import { decisionStateWords, kindsWords } from '../words';
import { mayRecord } from './rights';

const PAGE_SIZE = 25;

const STATES: readonly { code: string; state: Decision_State }[] = [
  { code: 'to-agree', state: Decision_State.TO_AGREE },
  { code: 'agreed', state: Decision_State.AGREED },
  { code: 'reversed', state: Decision_State.REVERSED },
];

export function decisionTag(decision: Decision, now: Date): TemplateResult {
  const { state, agreementDueTime } = decision;
  switch (state) {
    case Decision_State.TO_AGREE:
      return agreementDueTime && toDate(agreementDueTime) < now
        ? tag('To agree, overdue', 'red') : tag(decisionStateWords(state), 'yellow');
    case Decision_State.AGREED: return tag(decisionStateWords(state), 'green');
    default: return tag(decisionStateWords(state), 'blue');
  }
}

export class DecisionsPage implements Page {
  readonly section = 'decisions';
  #answer: ListDecisionsResponse | undefined;
  // As they are in the address.
  readonly #state: string;
  readonly #pageToken: string;

  constructor(private readonly frame: Frame, query: URLSearchParams) {
    this.#state = query.get('state') ?? '';
    this.#pageToken = query.get('page') ?? '';
  }

  title(): string {
    return 'Decisions not to notify';
  }

  concerns(fact: WatchResponse | undefined): boolean {
    return !fact || fact.fact.startsWith('decision_') || fact.fact === 'duty_overdue'
      || /\.(placements|carers|directory)\./.test(fact.topic);
  }

  async load(): Promise<void> {
    const { names } = this.frame;
    const [answer] = await Promise.all([
      decisionsApi.listDecisions({
        pageSize: PAGE_SIZE,
        pageToken: this.#pageToken,
        state: STATES.find(({ code }) => code === this.#state)?.state ?? Decision_State.UNSPECIFIED,
      }),
      names.ensureDirectory(),
    ]);
    await Promise.all([
      names.ensureChildren(answer.decisions.map(({ childId }) => childId)),
      names.ensureCarers(answer.decisions.map(({ carerId }) => carerId)),
    ]);
    this.#answer = answer;
  }

  view(): TemplateResult {
    const { decisions = [], nextPageToken = '' } = this.#answer ?? {};
    const { names } = this.frame;
    const now = this.frame.now();
    return html`
      <div class="app-heading">
        <h1 class="govuk-heading-l">Decisions not to notify</h1>
        ${mayRecord(this.frame.session)
          ? buttonLink(paths.recordDecision(), 'Record a decision') : nothing}
      </div>
      <p class="govuk-body">Somebody looked at what had happened and judged that nobody has to be
        notified. Another person agrees, or it is reported after all.</p>
      ${this.#filterView()}
      ${decisions.length === 0
        ? empty(this.#state ? 'No decision fits.' : 'No such decision has been recorded yet.')
        : table<Decision>({
          caption: 'Decisions not to notify, newest first',
          captionHidden: true,
          rows: decisions,
          key: ({ decisionId }) => decisionId,
          testId: 'decisions',
          columns: [
            {
              heading: 'Considered as',
              header: true,
              cell: ({ decisionId, kinds }) => html`${link(paths.decision(decisionId),
                kindsWords(kinds))} <span class="app-sub">${id(decisionId)}</span>`,
            },
            {
              heading: 'About',
              cell: ({ childId, carerId }): Content => childId ? names.child(childId)
                : carerId ? html`Carer ${names.carer(carerId)}` : nothing,
            },
            {
              heading: 'Decided',
              cell: ({ decidedBy, decidedTime }) => html`${recent(decidedTime, now)}
                <span class="app-sub">${names.person(decidedBy)}</span>`,
            },
            {
              heading: 'Agreement',
              cell: (decision) => decision.state === Decision_State.TO_AGREE
                ? due(decision.agreementDueTime, now)
                : decision.agreedTime ? html`${recent(decision.agreedTime, now)}
                  <span class="app-sub">${names.person(decision.agreedBy)}</span>` : 'Nobody agreed',
            },
            { heading: 'State', cell: (decision) => decisionTag(decision, now) },
          ],
        })}
      ${pages({
        first: this.#pageToken ? paths.decisions({ state: this.#state }) : undefined,
        next: nextPageToken ? paths.decisions({ state: this.#state, page: nextPageToken })
          : undefined,
      })}`;
  }

  #filterView(): TemplateResult {
    return filterForm(filterSelect({
      name: 'state',
      label: 'State',
      value: this.#state,
      choices: STATES.map(({ code, state }) => ({ code, text: decisionStateWords(state) })),
    }), (chosen) => this.frame.navigate(paths.decisions({ state: chosen('state') })));
  }
}
