// Changing who is told: a switch of the policy, and a matrix that is tried on every recorded event
// before it is adopted.

import { html, nothing, type TemplateResult } from 'lit-html';
import { law as lawApi } from '../api';
import { DayField } from '../forms/day_field';
import { RadiosField, TextField } from '../forms/field';
import { FileTextField } from '../forms/file_field';
import { Form } from '../forms/form';
import { partsOf } from '../forms/moment_field';
import type { WatchResponse } from '../generated/fosterwatch/gateway/v1/gateway_service_pb';
import type { PolicyRow } from '../generated/fosterwatch/notifiable_events/v1/law_pb';
import {
  NoticeDifference_Change, type EventDifference, type NoticeDifference, type TryLawResponse,
} from '../generated/fosterwatch/notifiable_events/v1/law_service_pb';
import { EventKind, Moment, Recipient } from '../generated/fosterwatch/notifiable_events/v1/notifiable_event_pb';
import type { Names } from '../names';
import type { Frame, Page } from '../page';
import { paths } from '../router';
import { formatDay } from '../time';
import {
  backLink, link, moment, plural, summaryList, table, tag, wasDue, type Content,
} from '../ui/html';
import { basisWords, kindsWords, kindWords, momentWords, recipientWords } from '../words';
import { drafts } from './drafts';
import { mayTryLaw } from './rights';

const FORBIDDEN = 'The registered manager changes who is told. You are signed in without that role.';

const dayHint = 'For events of which the agency becomes aware from that day on. Not before today.';

class SwitchPolicyPage implements Page {
  readonly section = 'law';
  readonly #form: Form;
  #row: PolicyRow | undefined;

  constructor(
    private readonly frame: Frame, private readonly kind: string, private readonly recipient: string,
  ) {
    const key = location.pathname;
    this.#form = drafts.take(key, () => {
      const to = new RadiosField({
        name: 'on',
        label: 'How is it to stand?',
        subject: 'The switch',
        required: 'Select how it is to stand',
        path: 'on',
        choices: () => [
          { value: 'on', text: 'On: they are told' }, { value: 'off', text: 'Off: they are not told' },
        ],
      });
      const from = new DayField({
        name: 'from',
        label: 'From which day?',
        subject: 'The day',
        hint: dayHint,
        required: 'Enter from which day',
        path: 'effective_from',
      }, partsOf(frame.now()));
      const reason = new TextField({
        name: 'reason',
        label: 'Why?',
        subject: 'The reason',
        required: 'Enter the reason',
        path: 'reason',
        lines: 3,
        maxLength: 20_000,
      });
      return {
        form: new Form({
          fields: [to, from, reason],
          submit: 'Record the switch',
          send: async (requestId) => {
            await lawApi.switchPolicyRecipient({
              requestId,
              kind: EventKind[kind as keyof typeof EventKind],
              recipient: Recipient[recipient as keyof typeof Recipient],
              on: to.value === 'on',
              effectiveFrom: from.value,
              reason: reason.value.trim(),
            });
            drafts.drop(key);
            frame.navigate(paths.law(), { notice: 'The switch is recorded.' });
          },
        }),
      };
    }).form;
    this.#form.attach(() => frame.update());
  }

  title(): string {
    return 'Switch a recipient of policy';
  }

  hasErrors(): boolean {
    return this.#form.hasErrors;
  }

  concerns(fact: WatchResponse | undefined): boolean {
    return !fact || fact.fact === 'policy_recipient_switched' || fact.fact === 'law_adopted';
  }

  async load(): Promise<void> {
    if (!mayTryLaw(this.frame.session)) return;
    const { policy } = await lawApi.getLaw({});
    this.#row = policy.find(({ kind, recipient }) =>
      EventKind[kind] === this.kind && Recipient[recipient] === this.recipient);
  }

  view(): TemplateResult {
    const row = this.#row;
    return html`
      ${backLink(paths.law(), 'Who has to be told')}
      <div class="app-form">
        ${this.#form.summary()}
        <h1 class="govuk-heading-l">${this.title()}</h1>
        ${!mayTryLaw(this.frame.session) ? html`<p class="govuk-body">${FORBIDDEN}</p>`
          : !row ? html`<p class="govuk-body">The policy of today has no such line. What the law or a
            standard asks for cannot be switched.</p>` : html`
            ${summaryList([
              { key: 'Of', value: kindWords(row.kind) },
              { key: 'Is told', value: recipientWords(row.recipient) },
              { key: 'Stands today', value: row.on ? tag('On', 'green') : tag('Off', 'grey') },
              { key: 'Source', value: row.source },
            ])}
            ${this.#form.view()}`}
      </div>`;
  }
}

export const switchPolicyPage = (frame: Frame, kind: string, recipient: string): Page =>
  new SwitchPolicyPage(frame, kind, recipient);

interface Tried {
  answer: TryLawResponse;
  lawJson: string;
  from: string;
}

// A text that is tried, what came of it, and its adoption.
class Trial {
  tried: Tried | undefined;
  readonly form: Form;
  readonly adoption: Form;

  constructor(frame: Frame, done: () => void) {
    const text = new FileTextField({
      name: 'law',
      label: 'The changed matrix',
      subject: 'The matrix',
      hint: 'The whole text in JSON. Begin with the one that is in force: download it, change it, and '
        + 'give it a version of its own.',
      required: 'Choose a file or paste the text',
      path: 'law_json',
      lines: 12,
    });
    const from = new DayField({
      name: 'from',
      label: 'From which day would it hold?',
      subject: 'The day',
      hint: dayHint,
      required: 'Enter from which day',
      path: 'effective_from',
    }, partsOf(frame.now()));
    this.form = new Form({
      fields: [text, from],
      submit: 'Try it',
      explain: ({ field, description }) => html`<span class="app-mono">${field}</span>
        ${description}`,
      send: async () => {
        this.tried = undefined;
        const lawJson = text.value;
        this.tried = {
          lawJson,
          from: from.value,
          answer: await lawApi.tryLaw({ lawJson, effectiveFrom: from.value }),
        };
      },
    });
    const reason = new TextField({
      name: 'reason',
      label: 'Why is it adopted?',
      subject: 'The reason',
      required: 'Enter the reason',
      path: 'reason',
      lines: 3,
      maxLength: 20_000,
    });
    this.adoption = new Form({
      fields: [reason],
      submit: 'Adopt it',
      warning: true,
      explain: ({ field, description }) => html`<span class="app-mono">${field}</span>
        ${description}`,
      send: async (requestId) => {
        const { lawJson, from: effectiveFrom } = this.tried!;
        await lawApi.adoptLaw({ requestId, lawJson, effectiveFrom, reason: reason.value.trim() });
        done();
        frame.navigate(paths.law(), {
          notice: `The matrix is adopted. It holds from ${formatDay(effectiveFrom)}.`,
        });
      },
    });
  }
}

// Kept when somebody looks at an event that would differ, and comes back.
let begun: Trial | undefined;

export class TryLawPage implements Page {
  readonly section = 'law';
  readonly #trial: Trial;
  #shown: Tried | undefined;

  constructor(private readonly frame: Frame) {
    const done = () => {
      begun = undefined;
      drafts.drop(paths.tryLaw());
    };
    begun ??= new Trial(frame, done);
    this.#trial = begun;
    drafts.take(paths.tryLaw(), () => this.#trial);
    this.#shown = this.#trial.tried;
    const update = () => {
      const fresh = this.#trial.tried !== this.#shown && this.#trial.tried;
      this.#shown = this.#trial.tried;
      this.frame.update();
      if (fresh) document.getElementById('differences')?.focus();
    };
    this.#trial.form.attach(update);
    this.#trial.adoption.attach(update);
  }

  title(): string {
    return 'Try a changed matrix';
  }

  hasErrors(): boolean {
    return this.#trial.form.hasErrors || this.#trial.adoption.hasErrors;
  }

  concerns(fact: WatchResponse | undefined): boolean {
    return !fact || fact.topic.includes('.directory.');
  }

  async load(): Promise<void> {
    await this.frame.names.ensureDirectory();
  }

  view(): TemplateResult {
    const heading = html`${backLink(paths.law(), 'Who has to be told')}`;
    if (!mayTryLaw(this.frame.session)) {
      return html`${heading}<h1 class="govuk-heading-l">${this.title()}</h1>
        <p class="govuk-body">${FORBIDDEN}</p>`;
    }
    const { form, adoption, tried } = this.#trial;
    return html`
      ${heading}
      <div class="app-form">
        ${adoption.hasErrors ? adoption.summary() : form.summary()}
        <h1 class="govuk-heading-l">${this.title()}</h1>
        <p class="govuk-body">It is tried on every recorded event by the rules that would then hold.
          Nothing is recorded, nobody is told, and past events keep the matrix of their day.</p>
        ${form.view()}
      </div>
      ${tried ? this.#triedView(tried) : nothing}`;
  }

  #triedView({ answer, from }: Tried): TemplateResult {
    const { adoption } = this.#trial;
    const more = Number(answer.eventsDifferent) - answer.differences.length;
    return html`
      <section class="app-section" aria-labelledby="differences" data-testid="tried">
        <h2 class="govuk-heading-m" id="differences" tabindex="-1">What version ${answer.version} would
          change</h2>
        ${summaryList([
          { key: 'Events tried', value: String(answer.eventsTried) },
          { key: 'Events that would differ', value: String(answer.eventsDifferent) },
          { key: 'Notices added', value: String(answer.noticesAdded) },
          { key: 'Notices dropped', value: String(answer.noticesDropped) },
          { key: 'Notices moved', value: String(answer.noticesChanged) },
        ])}
        ${answer.differences.length === 0
          ? html`<p class="govuk-body">No recorded event would differ.</p>`
          : differencesTable(answer.differences, this.frame.names)}
        ${more > 0 ? html`<p class="govuk-body">And ${plural(more, 'older event')} more.</p>` : nothing}
      </section>
      <section class="app-section app-form" aria-labelledby="adopt">
        <h2 class="govuk-heading-m" id="adopt">Adopt version ${answer.version}</h2>
        <p class="govuk-body">As it was tried, for events of which the agency becomes aware from
          ${formatDay(from)} on.</p>
        ${adoption.view()}
      </section>`;
  }
}

function differencesTable(differences: readonly EventDifference[], names: Names): TemplateResult {
  return table<EventDifference>({
    caption: 'Events that would differ, newest first',
    captionHidden: true,
    rows: differences,
    key: ({ eventId }) => eventId,
    testId: 'differences',
    columns: [
      {
        heading: 'Event',
        header: true,
        cell: ({ eventId, kinds }) => html`${link(paths.event(eventId), kindsWords(kinds))}
          <span class="app-sub app-id">${eventId}</span>`,
      },
      { heading: 'Agency became aware', cell: ({ becameAwareTime }) => moment(becameAwareTime) },
      {
        heading: 'Notices',
        cell: ({ notices }) => html`${notices.map((notice) => differenceView(notice, names))}`,
      },
    ],
  });
}

function differenceView(notice: NoticeDifference, names: Names): TemplateResult {
  const whom = `${recipientWords(notice.recipient)}${notice.bodyId
    ? `, ${names.body(notice.bodyId)}` : ''}`;
  const of = notice.moment === Moment.EVENT ? '' : ` (${momentWords(notice.moment)})`;
  return html`<div class="app-difference">${changeTag(notice.change)} ${whom}${of}
    <span class="app-sub">${changeWords(notice)}</span></div>`;
}

function changeTag(change: NoticeDifference_Change): TemplateResult {
  switch (change) {
    case NoticeDifference_Change.ADDED: return tag('Added', 'green');
    case NoticeDifference_Change.DROPPED: return tag('Dropped', 'red');
    default: return tag('Moved', 'yellow');
  }
}

function changeWords(notice: NoticeDifference): Content {
  switch (notice.change) {
    case NoticeDifference_Change.ADDED:
      return html`${kindWords(notice.kind)}; ${basisWords(notice.basisAfter)}; due
        ${wasDue(notice.dueTimeAfter)}`;
    case NoticeDifference_Change.DROPPED:
      return html`${kindWords(notice.kind)}; ${basisWords(notice.basisBefore)}; was due
        ${wasDue(notice.dueTimeBefore)}`;
    default:
      return html`${kindWords(notice.kind)}; due ${wasDue(notice.dueTimeBefore)}, would be
        ${wasDue(notice.dueTimeAfter)}; in time until ${wasDue(notice.inTimeUntilBefore)}, would be
        ${wasDue(notice.inTimeUntilAfter)}${notice.basisBefore === notice.basisAfter ? nothing
        : html`; ${basisWords(notice.basisBefore)}, would be ${basisWords(notice.basisAfter)}`}`;
  }
}
