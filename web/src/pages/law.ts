// Who has to be told of what: the matrix that is in force, whom policy adds, and what the agency has
// changed.

import { html, nothing, type TemplateResult } from 'lit-html';
import { toJsonString } from '@bufbuild/protobuf';
import { law as lawApi } from '../api';
import type { WatchResponse } from '../generated/fosterwatch/gateway/v1/gateway_service_pb';
import type {
  LawAdoption, PolicySwitch,
} from '../generated/fosterwatch/notifiable_events/v1/agency_law_pb';
import {
  LawSchema, type Law, type MatrixRow, type PolicyRow,
} from '../generated/fosterwatch/notifiable_events/v1/law_pb';
import type { LawInForce } from '../generated/fosterwatch/notifiable_events/v1/law_service_pb';
import {
  Basis, EventKind, Recipient,
} from '../generated/fosterwatch/notifiable_events/v1/notifiable_event_pb';
import type { Frame, Page } from '../page';
import { paths } from '../router';
import { formatDay } from '../time';
import { saveFile } from '../ui/file';
import {
  buttonLink, empty, link, moment, prose, table, tag, type Content,
} from '../ui/html';
import { basisWords, EVENT_KINDS, kindWords, recipientWords } from '../words';
import { mayReadLaw, mayTryLaw } from './rights';

export class LawPage implements Page {
  readonly section = 'law';
  #answer: LawInForce | undefined;

  constructor(private readonly frame: Frame) {}

  title(): string {
    return 'Who has to be told';
  }

  concerns(fact: WatchResponse | undefined): boolean {
    return !fact || fact.fact === 'law_adopted' || fact.fact === 'policy_recipient_switched'
      || fact.topic.includes('.directory.');
  }

  async load(): Promise<void> {
    if (!mayReadLaw(this.frame.session)) return;
    [this.#answer] = await Promise.all([lawApi.getLaw({}), this.frame.names.ensureDirectory()]);
  }

  view(): TemplateResult {
    const heading = html`<h1 class="govuk-heading-l">Who has to be told</h1>`;
    if (!mayReadLaw(this.frame.session)) {
      return html`${heading}
        <p class="govuk-body">Managers look after this. You are signed in without that role.</p>`;
    }
    const answer = this.#answer!;
    const { law } = answer;
    return html`
      ${heading}
      <p class="govuk-body">For what the agency becomes aware of today: version ${law?.version} of the
        matrix, ${answer.adopted ? 'adopted by the agency' : 'as Fosterwatch came with it'}, in force
        from ${formatDay(answer.effectiveFrom)}. Events of before keep the matrix of their day.</p>
      <div class="app-buttons">
        ${mayTryLaw(this.frame.session)
          ? buttonLink(paths.tryLaw(), 'Try a changed matrix') : nothing}
        ${law ? html`<button type="button" class="govuk-button govuk-button--secondary"
          @click=${() => saveLaw(law)}>Download it as a file</button>` : nothing}
      </div>
      ${law ? matrixView(law) : nothing}
      ${this.#policyView(answer.policy)}
      ${this.#recordedView(answer)}`;
  }

  #policyView(policy: readonly PolicyRow[]): TemplateResult {
    const may = mayTryLaw(this.frame.session);
    return html`
      <section class="app-section" aria-labelledby="policy">
        <h2 class="govuk-heading-m" id="policy">Whom the agency’s policy adds</h2>
        <p class="govuk-body">These are switched by the agency. What the law or a standard asks for
          cannot be switched off.</p>
        ${policy.length === 0 ? empty('Policy adds nobody.') : table<PolicyRow>({
          caption: 'Recipients that policy adds',
          captionHidden: true,
          rows: policy,
          key: ({ kind, recipient }) => `${EventKind[kind]}-${Recipient[recipient]}`,
          testId: 'policy',
          columns: [
            { heading: 'Of', header: true, cell: ({ kind }) => kindWords(kind) },
            { heading: 'Is told', cell: ({ recipient }) => recipientWords(recipient) },
            {
              heading: 'Switch',
              cell: ({ on }) => on ? tag('On', 'green') : tag('Off', 'grey'),
            },
            { heading: 'Source', cell: ({ source }) => source },
            {
              heading: 'Actions',
              cell: ({ kind, recipient, on }) => may
                ? link(paths.switchPolicy(EventKind[kind]!, Recipient[recipient]!),
                  on ? 'Switch off' : 'Switch on',
                  `${recipientWords(recipient)} of ${kindWords(kind)}`) : nothing,
            },
          ],
        })}
      </section>`;
  }

  #recordedView({ agency }: LawInForce): Content {
    const { policySwitches = [], adoptions = [] } = agency ?? {};
    if (policySwitches.length + adoptions.length === 0) return nothing;
    const { names } = this.frame;
    const adopted = (each: LawAdoption) => ({
      when: each.adoptedTime, who: each.adoptedBy, from: each.effectiveFrom, why: each.reason,
      what: `Adopted version ${each.version}`,
    });
    const switched = (each: PolicySwitch) => ({
      when: each.switchedTime, who: each.switchedBy, from: each.effectiveFrom, why: each.reason,
      what: `${recipientWords(each.recipient)} of ${kindWords(each.kind)}: ${
        each.on ? 'on' : 'off'}`,
    });
    const rows = [...adoptions.map(adopted), ...policySwitches.map(switched)]
      .sort((a, b) => Number((b.when?.seconds ?? 0n) - (a.when?.seconds ?? 0n)));
    return html`
      <section class="app-section" aria-labelledby="recorded">
        <h2 class="govuk-heading-m" id="recorded">What the agency has changed</h2>
        ${table<(typeof rows)[number]>({
          caption: 'Changes, newest first',
          captionHidden: true,
          rows,
          testId: 'recorded',
          columns: [
            { heading: 'What', header: true, cell: ({ what }) => what },
            { heading: 'For events from', cell: ({ from }) => formatDay(from) },
            { heading: 'By', cell: ({ who, when }) => html`${names.person(who)}, ${moment(when)}` },
            { heading: 'Why', cell: ({ why }) => prose(why) },
          ],
        })}
      </section>`;
  }
}

const today = () => new Date().toLocaleDateString('en-CA', { timeZone: 'Europe/London' });

function matrixView(law: Law): TemplateResult {
  const day = today();
  const told = law.rows.filter((row) => row.required && row.effectiveFrom <= day
    && (row.effectiveUntil === '' || day < row.effectiveUntil));
  const kinds = EVENT_KINDS.filter(({ kind }) => told.some((row) => row.kind === kind));
  const recipientView = (row: MatrixRow) => html`<span class="app-line">${
    recipientWords(row.recipient)}${row.basis === Basis.STANDARD
    ? ` (${basisWords(row.basis)})` : nothing}</span>`;
  return html`
    <section class="app-section" aria-labelledby="matrix">
      <h2 class="govuk-heading-m" id="matrix">What the law and the standards ask for</h2>
      ${table<(typeof kinds)[number]>({
        caption: 'The matrix',
        captionHidden: true,
        rows: kinds,
        testId: 'matrix',
        columns: [
          { heading: 'Of', header: true, cell: ({ legal }) => legal },
          {
            heading: 'Have to be told',
            cell: ({ kind }) => html`${told.filter((row) => row.kind === kind).map(recipientView)}`,
          },
        ],
      })}
    </section>`;
}

function saveLaw(law: Law): void {
  saveFile(`${law.version}.json`, 'application/json',
    toJsonString(LawSchema, law, { prettySpaces: 2, useProtoFieldName: true }));
}
