// Reports a notifiable event; also one that somebody had decided not to notify.

import { html, nothing, type TemplateResult } from 'lit-html';
import { decisions, events as eventsApi } from '../api';
import { CheckboxesField, TextField } from '../forms/field';
import { Form } from '../forms/form';
import { MomentField, partsOf } from '../forms/moment_field';
import { PickField } from '../forms/pick_field';
import type { WatchResponse } from '../generated/fosterwatch/gateway/v1/gateway_service_pb';
import { Decision_State, type Decision } from '../generated/fosterwatch/notifiable_events/v1/decision_pb';
import type {
  NotifiableEvent,
} from '../generated/fosterwatch/notifiable_events/v1/notifiable_event_pb';
import type { Names } from '../names';
import type { Frame, Page } from '../page';
import { paths } from '../router';
import { toDate } from '../time';
import { backLink, link, moment, plural, type Content } from '../ui/html';
import { EVENT_KINDS, kindsWords, REPORTED_KINDS } from '../words';
import { drafts } from './drafts';

const TIME_HINT = 'For example, 27 3 2026 and 10:30pm. London time.';

// Events that the report looks like, until whoever reports it says which it is.
interface Question {
  events: readonly NotifiableEvent[];
}

const SIMILAR = /^similar_events\[(.+)\]$/;

class Report {
  readonly form: Form;
  question: Question | undefined;
  // The answer "another event", for the next sending only.
  #newBesides: readonly string[] = [];
  // Takes over what the decision says; what somebody has typed stays.
  readonly fill: (decision: Decision) => void;

  constructor(frame: Frame, key: string, decisionId: string) {
    const { names } = frame;
    const now = partsOf(frame.now());
    const kinds = new CheckboxesField({
      name: 'kinds',
      label: 'What has happened?',
      subject: 'What has happened',
      hint: 'Select all that apply. One incident may be several kinds at once.',
      required: 'Select what has happened',
      path: 'report.kinds',
      choices: () => REPORTED_KINDS.map(({ code, legal, note }) =>
        ({ value: code, text: legal, ...(note ? { hint: note } : {}) })),
    });
    const child: PickField = new PickField({
      name: 'child',
      label: 'Which child?',
      subject: 'The child',
      hint: 'Type a name or a number, then choose from the list. Leave it empty only for a referral '
        + 'to the DBS or a complaint that is about no one child.',
      conditional: true,
      path: 'report.child_id',
      noun: 'child',
      picks: () => names.childrenKnown().map(({ childId }) =>
        ({ id: childId, text: names.child(childId) })),
      about: (id) => aboutChild(frame.names, id),
      picked: () => {
        const carerId = names.childRecord(child.value)?.carerId;
        if (carerId && carer.text === '') carer.text = names.carer(carerId);
      },
    });
    const carer = new PickField({
      name: 'carer',
      label: 'Which foster carer?',
      subject: 'The carer',
      hint: 'Filled in with the one whom the child lives with; change it where another is '
        + 'concerned. A serious complaint always needs one.',
      conditional: true,
      path: 'report.carer_id',
      noun: 'carer',
      picks: () => names.carersKnown().map(({ carerId }) =>
        ({ id: carerId, text: names.carer(carerId) })),
    });
    const occurred = new MomentField({
      name: 'occurred',
      label: 'When did it happen?',
      subject: 'The time when it happened',
      hint: TIME_HINT,
      required: 'Enter when it happened',
      path: 'report.occurred_time',
    }, { day: now.day, month: now.month, year: now.year });
    const aware = new MomentField({
      name: 'aware',
      label: 'When did the agency become aware?',
      subject: 'The time when the agency became aware',
      hint: 'The moment that anyone in the agency came to know. The time to give notice runs from '
        + 'it.',
      required: 'Enter when the agency became aware',
      path: 'report.became_aware_time',
    }, now);
    const place = new TextField({
      name: 'place',
      label: 'Where did it happen?',
      subject: 'The place',
      path: 'report.place',
      maxLength: 500,
    });
    const summary = new TextField({
      name: 'summary',
      label: 'What happened?',
      subject: 'What happened',
      hint: 'In your own words: more than a list of times. It is told to those who must be '
        + 'notified.',
      required: 'Enter what happened',
      path: 'report.summary',
      lines: 7,
      maxLength: 20_000,
    });
    const actions = new TextField({
      name: 'actions',
      label: 'What was done at once?',
      subject: 'What was done at once',
      path: 'report.immediate_actions',
      lines: 4,
      maxLength: 20_000,
    });
    this.fill = (decision) => {
      if (this.form.isTouched) return;
      kinds.values = EVENT_KINDS.filter(({ kind }) => decision.kinds.includes(kind))
        .map(({ code }) => code);
      child.text = decision.childId && names.child(decision.childId);
      carer.text = decision.carerId && names.carer(decision.carerId);
      if (decision.occurredTime) occurred.parts = partsOf(toDate(decision.occurredTime));
      if (decision.becameAwareTime) aware.parts = partsOf(toDate(decision.becameAwareTime));
      summary.value = decision.summary;
    };
    this.form = new Form({
      fields: [kinds, child, carer, occurred, aware, place, summary, actions],
      submit: 'Report the event',
      asks: async ({ reason, fields }) => {
        if (reason !== 'SIMILAR_EVENT') return false;
        const ids = fields.flatMap(({ field }) => SIMILAR.exec(field)?.[1] ?? []);
        try {
          this.question = {
            events: await Promise.all(ids.map((eventId) => eventsApi.getEvent({ eventId }))),
          };
        } catch {
          return false;  // the refusal names them too
        }
        return true;
      },
      send: async (requestId) => {
        const newBesidesEventIds = [...this.#newBesides];
        this.#newBesides = [];
        this.question = undefined;
        const event = await eventsApi.reportEvent({
          requestId,
          newBesidesEventIds,
          fromDecisionId: decisionId,
          report: {
            kinds: EVENT_KINDS.filter(({ code }) => kinds.values.includes(code))
              .map(({ kind }) => kind),
            childId: child.value,
            carerId: carer.value,
            occurredTime: occurred.timestamp(),
            becameAwareTime: aware.timestamp(),
            place: place.value.trim(),
            summary: summary.value.trim(),
            immediateActions: actions.value.trim(),
          },
        });
        drafts.drop(key);
        frame.navigate(paths.event(event.eventId), {
          notice: `The event is recorded. ${plural(event.notices.length, 'notice')} `
            + `${event.notices.length === 1 ? 'is' : 'are'} owed.`,
        });
      },
    });
  }

  // It is none of those that it looks like.
  async reportAsNew(): Promise<void> {
    this.#newBesides = this.question?.events.map(({ eventId }) => eventId) ?? [];
    await this.form.submit();
  }
}

function eventLine(event: NotifiableEvent): TemplateResult {
  return html`<li>${link(paths.event(event.eventId), kindsWords(event.kinds))}, happened
    ${moment(event.report?.occurredTime)}, reported ${moment(event.recordedTime)}</li>`;
}

function aboutChild(names: Names, id: string): Content {
  const child = names.childRecord(id);
  if (!child) return nothing;
  const area = child.areaAuthorityId === child.responsibleAuthorityId ? 'the same authority'
    : names.body(child.areaAuthorityId);
  return html`Looked after by ${names.body(child.responsibleAuthorityId)}; lives in the area of
    ${area}${child.carerId ? html`, with ${names.carer(child.carerId)}` : nothing}.`;
}

export class ReportPage implements Page {
  readonly section: string;
  #report: Report;
  // Begun before, and left.
  #kept: boolean;
  readonly #key: string;
  #decision: Decision | undefined;

  // With the decision not to notify that the report reverses, if it does.
  constructor(private readonly frame: Frame, private readonly decisionId = '') {
    this.section = decisionId ? 'decisions' : 'report';
    this.#key = decisionId ? paths.reportDecision(decisionId) : paths.report();
    this.#report = this.#take();
    this.#kept = this.#report.form.isTouched;
  }

  #take(): Report {
    const make = () => new Report(this.frame, this.#key, this.decisionId);
    const report = drafts.take(this.#key, make) as Report;
    report.form.attach(() => {
      const asked = report.question !== this.#asked;
      this.#asked = report.question;
      this.frame.update();
      if (asked) document.getElementById('similar')?.focus();
    });
    return report;
  }

  // The question that is on the page.
  #asked: Question | undefined;

  #startAgain(): void {
    drafts.drop(this.#key);
    this.#report = this.#take();
    if (this.#decision) this.#report.fill(this.#decision);
    this.#kept = false;
    this.frame.update();
    document.querySelector('h1')?.focus();
  }

  title(): string {
    return this.decisionId ? 'Report after all' : 'Report an event';
  }

  hasErrors(): boolean {
    return this.#report.form.hasErrors;
  }

  concerns(fact: WatchResponse | undefined): boolean {
    return !fact || /\.(placements|carers|directory)\./.test(fact.topic);
  }

  async load(): Promise<void> {
    const { names } = this.frame;
    const first = this.#decision === undefined;
    [this.#decision] = await Promise.all([
      this.decisionId ? decisions.getDecision({ decisionId: this.decisionId }) : undefined,
      names.ensureAllChildren(), names.ensureAllCarers(), names.ensureDirectory(),
    ]);
    if (first && this.#decision) this.#report.fill(this.#decision);
  }

  view(): TemplateResult {
    const { form } = this.#report;
    if (this.#decision?.state === Decision_State.REVERSED) return this.#reversedView(this.#decision);
    return html`
      ${this.decisionId ? backLink(paths.decision(this.decisionId), 'The decision') : nothing}
      <div class="app-form">
        ${form.summary()}
        <h1 class="govuk-heading-l">${this.title()}</h1>
        ${this.decisionId ? html`<p class="govuk-body">This reverses the decision not to notify.
          Both stay on record.</p>` : nothing}
        <p class="govuk-body">Notices to those whom the law names leave as soon as you report it.
          They do not wait for a sign-off.${this.decisionId ? nothing : html` No time for all of this?
          ${link(paths.reportInHurry(), 'Report three things now')}, and the rest later.`}</p>
        ${this.#kept ? html`
          <div class="govuk-inset-text">
            <p class="govuk-body">What you typed before is still here.</p>
            <button type="button" class="govuk-button govuk-button--secondary app-last"
              @click=${() => this.#startAgain()}>Start again</button>
          </div>` : nothing}
        ${this.#question()}
        ${form.view()}
      </div>`;
  }

  #reversedView(decision: Decision): TemplateResult {
    return html`
      ${backLink(paths.decision(this.decisionId), 'The decision')}
      <h1 class="govuk-heading-l">${this.title()}</h1>
      <p class="govuk-body">It was reported already: ${link(paths.event(decision.eventId),
        'the event', decision.eventId)}.</p>`;
  }

  #question(): Content {
    const { question } = this.#report;
    if (!question) return nothing;
    const many = question.events.length > 1;
    return html`
      <section class="govuk-notification-banner" id="similar" tabindex="-1"
        aria-labelledby="similar-title" data-testid="similar">
        <div class="govuk-notification-banner__header">
          <h2 class="govuk-notification-banner__title" id="similar-title">Not recorded yet</h2>
        </div>
        <div class="govuk-notification-banner__content">
          <p class="govuk-notification-banner__heading">Has this been reported before?</p>
          <p class="govuk-body">${many ? 'These events look' : 'This event looks'} like it:</p>
          <ul class="govuk-list govuk-list--bullet">${question.events.map(eventLine)}</ul>
          <p class="govuk-body">If it is the same, open that event and correct or complete its record
            there. What you typed here stays until you start again.</p>
          <button type="button" class="govuk-button govuk-button--secondary app-last"
            @click=${() => void this.#report.reportAsNew()}>It is another event: report it</button>
        </div>
      </section>`;
  }
}
