// One decision not to notify: who, when and why, and what became of it.

import { html, nothing, type TemplateResult } from 'lit-html';
import { decisions } from '../api';
import type { WatchResponse } from '../generated/fosterwatch/gateway/v1/gateway_service_pb';
import {
  Decision_State, type Decision,
} from '../generated/fosterwatch/notifiable_events/v1/decision_pb';
import type { Frame, Page } from '../page';
import { paths } from '../router';
import { backLink, buttonLink, details, due, link, moment, prose, summaryList, type Content } from '../ui/html';
import { explanationView } from '../ui/records';
import { EVENT_KINDS, kindsWords } from '../words';
import { decisionTag } from './decisions';
import { mayAgree, mayRecord } from './rights';

export class DecisionPage implements Page {
  readonly section = 'decisions';
  #decision: Decision | undefined;

  constructor(private readonly frame: Frame, private readonly decisionId: string) {}

  // Goes into the browser's history, so it names nobody.
  title(): string {
    return `Decision not to notify, ${this.decisionId}`;
  }

  concerns(fact: WatchResponse | undefined): boolean {
    return !fact || fact.aggregateId === this.decisionId || fact.topic.includes('.directory.');
  }

  async load(): Promise<void> {
    const { names } = this.frame;
    const [decision] = await Promise.all([
      decisions.getDecision({ decisionId: this.decisionId }), names.ensureDirectory(),
    ]);
    await Promise.all([
      names.ensureChildren([decision.childId]), names.ensureCarers([decision.carerId]),
    ]);
    this.#decision = decision;
  }

  view(): TemplateResult {
    const decision = this.#decision!;
    const { names } = this.frame;
    const { childId, carerId } = decision;
    return html`
      ${backLink(paths.decisions(), 'Decisions not to notify')}
      <span class="govuk-caption-l">${childId ? names.child(childId)
        : carerId ? names.carer(carerId) : nothing}</span>
      <h1 class="govuk-heading-l govuk-!-margin-bottom-2">Not notified: ${
        kindsWords(decision.kinds)}</h1>
      <p class="govuk-body">${decisionTag(decision, this.frame.now())}
        <span class="app-sub app-id">Decision ${decision.decisionId}</span></p>
      ${this.#buttons(decision)}
      ${summaryList([
        { key: 'Considered as', value: html`${decision.kinds.map((kind) => html`
          <span class="app-line">${EVENT_KINDS.find((words) => words.kind === kind)?.legal
            ?? kindsWords([kind])}</span>`)}` },
        { key: 'Child', value: childId ? names.child(childId) : 'None' },
        { key: 'Carer', value: carerId ? names.carer(carerId) : 'None' },
        { key: 'Happened', value: moment(decision.occurredTime) },
        { key: 'Agency became aware', value: moment(decision.becameAwareTime) },
        { key: 'What happened', value: prose(decision.summary) },
        { key: 'Why nobody is notified', value: prose(decision.reason) },
        { key: 'Decided', value: html`${names.person(decision.decidedBy)},
          ${moment(decision.decidedTime)}` },
        { key: 'Agreed', value: this.#agreedView(decision) },
        decision.state === Decision_State.REVERSED && {
          key: 'Reported after all',
          value: html`${names.person(decision.reversedBy)}, ${moment(decision.reversedTime)}:
            ${link(paths.event(decision.eventId), 'the event', decision.eventId)}`,
        },
      ])}
      ${details('Why another person is to agree by then', explanationView(decision.explanation))}`;
  }

  #agreedView(decision: Decision): Content {
    if (decision.agreedTime) {
      return html`${this.frame.names.person(decision.agreedBy)}, ${moment(decision.agreedTime)}
        ${decision.comment ? html`<span class="app-sub">${prose(decision.comment)}</span>` : nothing}`;
    }
    return decision.state === Decision_State.TO_AGREE
      ? html`Not yet, ${due(decision.agreementDueTime, this.frame.now())}` : 'Nobody agreed';
  }

  #buttons(decision: Decision): Content {
    const { session } = this.frame;
    if (decision.state === Decision_State.REVERSED) return nothing;
    const toAgree = decision.state === Decision_State.TO_AGREE;
    const own = decision.decidedBy === session.personId;
    return html`
      <div class="app-buttons">
        ${toAgree && mayAgree(session) && !own
          ? buttonLink(paths.agreeDecision(decision.decisionId), 'Agree') : nothing}
        ${mayRecord(session) ? buttonLink(paths.reportDecision(decision.decisionId),
          'Report after all', true) : nothing}
      </div>
      ${toAgree && (own || !mayAgree(session)) ? html`<p class="govuk-body">${own
        ? 'You decided it, so another person agrees: the registered manager or the deputy.'
        : 'The registered manager or the deputy agrees.'}</p>` : nothing}`;
  }
}
