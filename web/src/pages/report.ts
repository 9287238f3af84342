// Reports a notifiable event.

import { html, nothing, type TemplateResult } from 'lit-html';
import { events as eventsApi } from '../api';
import { CheckboxesField, TextField } from '../forms/field';
import { Form } from '../forms/form';
import { MomentField, partsOf } from '../forms/moment_field';
import { PickField } from '../forms/pick_field';
import type { WatchResponse } from '../generated/fosterwatch/gateway/v1/gateway_service_pb';
import type { Names } from '../names';
import type { Frame, Page } from '../page';
import { paths } from '../router';
import { plural, type Content } from '../ui/html';
import { EVENT_KINDS } from '../words';
import { drafts } from './drafts';

const TIME_HINT = 'For example, 27 3 2026 and 10:30pm. London time.';

class Report {
  readonly form: Form;

  constructor(frame: Frame) {
    const { names } = frame;
    const now = partsOf(frame.now());
    const kinds = new CheckboxesField({
      name: 'kinds',
      label: 'What has happened?',
      subject: 'What has happened',
      hint: 'Select all that apply. One incident may be several kinds at once.',
      required: 'Select what has happened',
      path: 'report.kinds',
      choices: () => EVENT_KINDS.map(({ code, legal, note }) =>
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
    this.form = new Form({
      fields: [kinds, child, carer, occurred, aware, place, summary, actions],
      submit: 'Report the event',
      send: async (requestId) => {
        const event = await eventsApi.reportEvent({
          requestId,
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
        drafts.drop(paths.report());
        frame.navigate(paths.event(event.eventId), {
          notice: `The event is recorded. ${plural(event.notices.length, 'notice')} `
            + `${event.notices.length === 1 ? 'is' : 'are'} owed.`,
        });
      },
    });
  }
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
  readonly section = 'report';
  #form: Form;
  // Begun before, and left.
  #kept: boolean;

  constructor(private readonly frame: Frame) {
    this.#form = this.#take();
    this.#kept = this.#form.isTouched;
  }

  #take(): Form {
    const { form } = drafts.take(paths.report(), () => new Report(this.frame));
    form.attach(() => this.frame.update());
    return form;
  }

  #startAgain(): void {
    drafts.drop(paths.report());
    this.#form = this.#take();
    this.#kept = false;
    this.frame.update();
    document.querySelector('h1')?.focus();
  }

  title(): string {
    return 'Report an event';
  }

  hasErrors(): boolean {
    return this.#form.hasErrors;
  }

  concerns(fact: WatchResponse | undefined): boolean {
    return !fact || /\.(placements|carers|directory)\./.test(fact.topic);
  }

  async load(): Promise<void> {
    const { names } = this.frame;
    await Promise.all([
      names.ensureAllChildren(), names.ensureAllCarers(), names.ensureDirectory(),
    ]);
  }

  view(): TemplateResult {
    const form = this.#form;
    return html`
      <div class="app-form">
        ${form.summary()}
        <h1 class="govuk-heading-l">Report an event</h1>
        <p class="govuk-body">Notices to those whom the law names leave as soon as you report it.
          They do not wait for a sign-off.</p>
        ${this.#kept ? html`
          <div class="govuk-inset-text">
            <p class="govuk-body">What you typed before is still here.</p>
            <button type="button" class="govuk-button govuk-button--secondary app-last"
              @click=${() => this.#startAgain()}>Start again</button>
          </div>` : nothing}
        ${form.view()}
      </div>`;
  }
}
