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
  Confidence, LawSchema, TimeRule_Name, type Law, type MatrixRow, type PolicyRow, type TimeRule,
} from '../generated/fosterwatch/notifiable_events/v1/law_pb';
import type { LawInForce } from '../generated/fosterwatch/notifiable_events/v1/law_service_pb';
import {
  Basis, EventKind, Recipient, SignOff_Stage,
} from '../generated/fosterwatch/notifiable_events/v1/notifiable_event_pb';
import type { Frame, Page } from '../page';
import { paths } from '../router';
import { formatDay } from '../time';
import { saveFile } from '../ui/file';
import {
  buttonLink, details, empty, link, moment, prose, table, tag, type Content,
} from '../ui/html';
import {
  basisWords, EVENT_KINDS, kindWords, recipientWords, stageWords, wordsOf,
} from '../words';
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
      ${law ? html`${matrixView(law)}${timesView(law)}` : nothing}
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

const holds = (day: string) => (each: { effectiveFrom: string; effectiveUntil: string }) =>
  each.effectiveFrom <= day && (each.effectiveUntil === '' || day < each.effectiveUntil);

const sureness = wordsOf<Confidence>({
  [Confidence.HIGH]: 'high', [Confidence.MEDIUM]: 'medium', [Confidence.LOW]: 'low',
});

function matrixView(law: Law): TemplateResult {
  const told = law.rows.filter((row) => row.required && holds(today())(row));
  const kinds = EVENT_KINDS.filter(({ kind }) => told.some((row) => row.kind === kind));
  const recipientView = (row: MatrixRow) => html`<span class="app-line">${
    recipientWords(row.recipient)}${row.basis === Basis.STANDARD
    ? ` (${basisWords(row.basis)})` : nothing}</span>`;
  const sourceView = (row: MatrixRow) => html`<p class="govuk-body-s govuk-!-margin-bottom-2">${
    recipientWords(row.recipient)}: ${row.source}. How sure: ${sureness(row.confidence)}.</p>`;
  return html`
    <section class="app-section" aria-labelledby="matrix">
      <h2 class="govuk-heading-m" id="matrix">What the law and the standards ask for</h2>
      ${table<(typeof kinds)[number]>({
        caption: 'The matrix',
        captionHidden: true,
        rows: kinds,
        testId: 'matrix',
        columns: [
          {
            heading: 'Of',
            header: true,
            cell: ({ kind, legal }) => html`${legal}${kind === EventKind.MANAGER_ABSENCE
              ? html`<span class="app-sub">Without a break: absences with no working time between
                them, by the directory’s policy, are counted together.</span>` : nothing}`,
          },
          {
            heading: 'Have to be told',
            cell: ({ kind, short }) => {
              const rows = told.filter((row) => row.kind === kind);
              return html`${rows.map(recipientView)}
                ${details('By which rule', html`${rows.map(sourceView)}`, `for ${short}`)}`;
            },
          },
        ],
      })}
    </section>`;
}

// What a rule says of its limit: "24 hours on any clock".
function limitWords({ limit, emergency }: TimeRule): string {
  const unforeseen = emergency ? ', where it came unforeseen' : '';
  const many = (number: number, one: string) => `${number} ${one}${number === 1 ? '' : 's'}`;
  switch (limit.case) {
    case 'elapsedHours': return (limit.value === 0 ? 'at once'
      : `${many(limit.value, 'hour')}, nights and weekends counted`) + unforeseen;
    case 'workingDays': return many(limit.value, 'working day') + unforeseen;
    case 'calendarDays': return many(limit.value, 'day') + unforeseen;
    case 'calendarMonthsBefore': return `${many(limit.value, 'month')} before` + unforeseen;
    default: return 'not stated';
  }
}

const ruleWords = wordsOf<TimeRule_Name>({
  [TimeRule_Name.NOTICE_DUE]: 'A notice is due',
  [TimeRule_Name.NOTICE_IN_TIME]: 'A notice counts as in time',
  [TimeRule_Name.SIGN_OFF_DUE]: 'A sign-off is due',
  [TimeRule_Name.CONFIRMATION_DUE]: 'What was told by telephone is confirmed in writing',
  [TimeRule_Name.CONFIRMATION_IN_TIME]: 'The confirmation counts as in time',
  [TimeRule_Name.DISCUSSION_DUE]: 'The discussion with the social worker is due',
  [TimeRule_Name.UPDATE_DUE]: 'An update that the manager chose is due',
  [TimeRule_Name.CONCLUSION_DUE]: 'Silence after an outcome is raised',
  [TimeRule_Name.ABSENCE_NOTIFIABLE]: 'An absence is one to be told of from',
});

function timesView(law: Law): TemplateResult {
  const about = ({ kind, stage }: TimeRule) => [
    kind === EventKind.UNSPECIFIED ? '' : kindWords(kind),
    stage === SignOff_Stage.UNSPECIFIED ? '' : stageWords(stage),
  ].filter((words) => words !== '').join(', ');
  return html`
    <section class="app-section" aria-labelledby="times">
      <h2 class="govuk-heading-m" id="times">By when</h2>
      ${table<TimeRule>({
        caption: 'The time limits',
        captionHidden: true,
        rows: law.timeRules.filter(holds(today())),
        testId: 'times',
        columns: [
          {
            heading: 'What',
            header: true,
            cell: (rule) => html`${ruleWords(rule.name)}${about(rule)
              ? html`<span class="app-sub">${about(rule)}</span>` : nothing}`,
          },
          { heading: 'Limit', cell: limitWords },
          { heading: 'Source', cell: ({ source }) => source },
          { heading: 'How sure', cell: ({ confidence }) => sureness(confidence) },
        ],
      })}
    </section>`;
}

function saveLaw(law: Law): void {
  saveFile(`${law.version}.json`, 'application/json',
    toJsonString(LawSchema, law, { prettySpaces: 2, useProtoFieldName: true }));
}
