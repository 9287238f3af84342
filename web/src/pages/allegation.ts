// One allegation: what is alleged, how far it has come, what is owed by when, and what followed the
// designated officer's conclusion.

import { html, nothing, type TemplateResult } from 'lit-html';
import {
  allegationDutyWords, allegationFactWords, allegationStateWords, linkKindWords, partyWords,
} from '../allegation_words';
import { allegations as allegationsApi } from '../api';
import {
  Allegation_State, Link_Kind, type Allegation, type ChecklistItem, type Link, type Telling,
} from '../generated/fosterwatch/allegations/v1/allegation_pb';
import type { WatchResponse } from '../generated/fosterwatch/gateway/v1/gateway_service_pb';
import { Action_State } from '../generated/fosterwatch/type/v1/action_pb';
import { Channel } from '../generated/fosterwatch/type/v1/channel_pb';
import type { Frame, Page } from '../page';
import { paths, type AllegationForm } from '../router';
import { actionTag } from '../ui/actions';
import { allegationTag, allegationWords } from '../ui/allegations';
import { dutiesView, dutyTag, type DutyRow } from '../ui/duties';
import {
  backLink, buttonLink, details, due, empty, id, link, plural, prose, rowLink, table, tag, wasDue,
  type Content,
} from '../ui/html';
import { pathway, type PathwayStep } from '../ui/pathway';
import { explanationView } from '../ui/records';
import { sealable } from '../ui/sealed';
import { timeline } from '../ui/timeline';
import { channelWords, codeWords } from '../words';
import { reportView, workView } from './allegation_record_view';
import { mayCloseCase, mayRecord, mayWorkCase } from './rights';

const STEPS: readonly Allegation_State[] = [
  Allegation_State.RECEIVED, Allegation_State.REFERRED, Allegation_State.STRATEGY,
  Allegation_State.INVESTIGATION, Allegation_State.OFFICER_CONCLUDED,
  Allegation_State.AGENCY_REVIEW, Allegation_State.CLOSED,
];

export class AllegationPage implements Page {
  readonly section = 'allegations';
  #allegation: Allegation | undefined;

  constructor(private readonly frame: Frame, private readonly allegationId: string) {}

  // Goes into the browser's history, so it names nobody.
  title(): string {
    return `Allegation, ${this.allegationId}`;
  }

  concerns(fact: WatchResponse | undefined): boolean {
    return !fact || fact.aggregateId === this.allegationId
      || /\.(placements|carers|directory)\./.test(fact.topic);
  }

  async load(): Promise<void> {
    const { names } = this.frame;
    const [allegation] = await Promise.all([
      allegationsApi.getAllegation({ allegationId: this.allegationId }), names.ensureDirectory(),
    ]);
    await Promise.all([
      names.ensureChildren([allegation.childId]),
      names.ensureCarers([allegation.carerId, allegation.placedWithCarerId]),
    ]);
    this.#allegation = allegation;
  }

  view(): TemplateResult {
    const allegation = this.#allegation!;
    const { names } = this.frame;
    return html`
      ${backLink(paths.allegations(), 'Allegations')}
      <span class="govuk-caption-l">${allegation.childId ? names.child(allegation.childId)
        : 'No child is known'}</span>
      <h1 class="govuk-heading-l govuk-!-margin-bottom-2">${allegationWords(allegation, names)}</h1>
      <p class="govuk-body">${allegationTag(allegation.state)} ${this.#progress(allegation)}
        <span class="app-sub app-id">Allegation ${allegation.allegationId}</span></p>
      ${pathway('How far it has come', pathwayOf(allegation))}
      ${this.#buttons(allegation)}
      ${this.#dutiesView(allegation)}
      ${this.#checklistView(allegation)}
      ${this.#tellingsView(allegation)}
      ${reportView(this.frame, allegation)}
      ${workView(this.frame, allegation)}
      ${this.#linksView(allegation)}
      ${this.#timelineView(allegation)}`;
  }

  #progress({ checklist, tellings, state }: Allegation): string {
    if (state === Allegation_State.CLOSED) return 'Nothing is open.';
    if (checklist.length === 0) return 'The checklist opens with the officer’s conclusion.';
    const open = checklist.filter(isOpen).length;
    const untold = tellings.filter(({ toldTime }) => !toldTime).length;
    return `${open === 0 ? 'The checklist is done'
      : `${open} of ${plural(checklist.length, 'item')} of the checklist open`}, ${untold === 0
      ? 'everybody is told' : `${plural(untold, 'person', 'people')} to tell`}.`;
  }

  #buttons(allegation: Allegation): Content {
    const { session } = this.frame;
    const { allegationId, state } = allegation;
    const works = mayWorkCase(session);
    const closes = mayCloseCase(session);
    const form = (form: AllegationForm, text: string, secondary = false) =>
      buttonLink(paths.allegationForm(allegationId, form), text, secondary);
    if (state === Allegation_State.CLOSED) {
      return closes ? html`<div class="app-buttons">${form('reopen', 'Reopen', true)}</div>` : nothing;
    }
    const referred = state >= Allegation_State.REFERRED && state < Allegation_State.OFFICER_CONCLUDED;
    const concluded = state >= Allegation_State.OFFICER_CONCLUDED;
    return html`
      <div class="app-buttons">
        ${works && state === Allegation_State.RECEIVED ? form('refer', 'Record the referral') : nothing}
        ${works && referred ? html`
          ${form('conclusion', 'Record the officer’s conclusion')}
          ${form('meeting', 'Record a strategy meeting', true)}
          ${state < Allegation_State.INVESTIGATION
            ? form('investigation', 'Record that the investigation began', true) : nothing}` : nothing}
        ${works && state === Allegation_State.OFFICER_CONCLUDED
          ? form('review', 'Begin the agency’s review') : nothing}
        ${works && concluded ? html`
          ${form('learning', 'Record what was learnt', true)}
          ${form('item', 'Add an item', true)}` : nothing}
        ${closes && concluded ? form('close', 'Close the allegation', true) : nothing}
        ${mayRecord(session) ? html`
          ${form('amend', 'Add to it', true)}
          ${works ? form('subject', 'Correct whom it is about', true) : nothing}
          ${form('link', 'Link another record', true)}` : nothing}
      </div>`;
  }

  #dutiesView({ duties }: Allegation): TemplateResult {
    return html`
      <section class="app-section" aria-labelledby="duties">
        <h2 class="govuk-heading-m" id="duties">What the pathway asks for</h2>
        ${duties.length === 0 ? empty('Nothing.') : dutiesView({
          caption: 'What the pathway asks for, and by when',
          testId: 'duties',
          now: this.frame.now(),
          rows: duties.map(({ dutyId, code, dueTime, doneTime, explanation }): DutyRow => ({
            key: dutyId, what: allegationDutyWords(code), dueTime, doneTime, explanation,
          })),
        })}
      </section>`;
  }

  #checklistView({ allegationId, checklist, state }: Allegation): Content {
    if (checklist.length === 0) return nothing;
    const now = this.frame.now();
    const { names, session } = this.frame;
    const works = mayWorkCase(session) && state !== Allegation_State.CLOSED;
    const about = ({ action }: ChecklistItem) => `“${action!.description}”`;
    return html`
      <section class="app-section" aria-labelledby="checklist">
        <h2 class="govuk-heading-m" id="checklist">Follow-up checklist</h2>
        <p class="govuk-body">What follows the designated officer’s conclusion. The allegation cannot be
          closed while an item is open.</p>
        ${table<ChecklistItem>({
          caption: 'Items of the follow-up checklist',
          captionHidden: true,
          rows: checklist,
          key: ({ action }) => action!.actionId,
          testId: 'checklist',
          columns: [
            {
              heading: 'Item',
              header: true,
              cell: ({ code, action }) => html`${sealable(action!.description, action!)}
                <span class="app-sub">${codeWords(code)}</span>`,
            },
            { heading: 'Who', cell: ({ action }) => names.person(action!.ownerId) },
            {
              heading: 'Due',
              cell: (item) => isOpen(item) ? due(item.action!.dueTime, now)
                : wasDue(item.action!.dueTime),
            },
            {
              heading: 'State',
              cell: ({ action }) => html`${action!.state === Action_State.OPEN
                ? dutyTag({ key: '', what: '', dueTime: action!.dueTime, explanation: undefined }, now)
                : actionTag(action!)}${action!.evidence
                ? html`<span class="app-sub">${prose(action!.evidence)}</span>` : nothing}`,
            },
            {
              heading: 'Actions',
              cell: (item) => !works || !isOpen(item) ? nothing : html`
                ${rowLink(paths.checklistItem(allegationId, item.action!.actionId, 'close'), 'Close',
                  about(item))}
                ${rowLink(paths.checklistItem(allegationId, item.action!.actionId, 'assign'),
                  'Give to somebody else', about(item))}`,
            },
          ],
        })}
        ${checklist.map(({ code, explanation }) =>
          details(`Why then: ${codeWords(code)}`, explanationView(explanation)))}
      </section>`;
  }

  #tellingsView({ allegationId, tellings, state }: Allegation): Content {
    if (tellings.length === 0) return nothing;
    const works = mayWorkCase(this.frame.session) && state !== Allegation_State.CLOSED;
    return html`
      <section class="app-section" aria-labelledby="tellings">
        <h2 class="govuk-heading-m" id="tellings">Who is told the outcome</h2>
        ${dutiesView({
          caption: 'Who is told the outcome, and by when',
          testId: 'tellings',
          now: this.frame.now(),
          actions: true,
          rows: tellings.map((telling): DutyRow => ({
            key: telling.party,
            what: partyWords(telling.party),
            dueTime: telling.dueTime,
            doneTime: telling.toldTime,
            explanation: telling.explanation,
            note: tellingNote(telling),
            ...(telling.notTold ? { state: tag('Not told', 'grey') } : {}),
            action: works && !telling.toldTime
              ? link(paths.tellOutcome(allegationId, telling.party), 'Record as told',
                partyWords(telling.party).toLowerCase()) : nothing,
          })),
        })}
      </section>`;
  }

  #linksView({ links, complaintId, carerId, childId }: Allegation): Content {
    const rows: Link[] = [...links];
    return html`
      <section class="app-section" aria-labelledby="links">
        <h2 class="govuk-heading-m" id="links">What belongs to it</h2>
        <ul class="govuk-list">
          ${complaintId ? html`<li>${link(paths.complaint(complaintId),
            'The complaint that opened it', complaintId)}</li>` : nothing}
          ${rows.filter((each) => each.id !== complaintId).map((each) => html`<li>${linkView(each)}</li>`)}
          ${carerId ? html`<li>${link(paths.carer(carerId), 'The carer’s record and chronology')}</li>`
            : nothing}
          ${childId ? html`<li>${link(paths.child(childId), 'The child’s record and chronology')}</li>`
            : nothing}
        </ul>
      </section>`;
  }

  #timelineView(allegation: Allegation): TemplateResult {
    return html`
      <section class="app-section" aria-labelledby="timeline">
        <h2 class="govuk-heading-m" id="timeline">History</h2>
        ${timeline(allegation.timeline.map(({ fact, actor, recordedTime, subject }) => ({
          fact,
          title: allegationFactWords(fact),
          actor,
          time: recordedTime,
          description: subject.split(' ').map((word) => /^[A-Z_]+$/.test(word) ? codeWords(word) : word)
            .join(', '),
        })), this.frame.names, this.frame.now())}
      </section>`;
  }
}

const isOpen = ({ action }: ChecklistItem) => action?.state === Action_State.OPEN;

function tellingNote({ toldTime, notTold, channel, reason, sealedSections }: Telling): Content {
  if (!toldTime) return nothing;
  if (notTold) return sealable(reason, { sealedSections });
  return channel === Channel.UNSPECIFIED ? nothing : `By ${channelWords(channel).toLowerCase()}`;
}

function linkView({ kind, id: linked }: Link): Content {
  const words = linkKindWords(kind);
  switch (kind) {
    case Link_Kind.EVENT: return link(paths.event(linked), words, linked);
    case Link_Kind.COMPLAINT: return link(paths.complaint(linked), words, linked);
    default: return html`${words} ${id(linked)}`;
  }
}

// The designated officer may conclude without a meeting or an investigation.
function pathwayOf({ state, strategyMeetings, investigation }: Allegation): PathwayStep[] {
  return STEPS.map((step) => {
    const skipped = (step === Allegation_State.STRATEGY && strategyMeetings.length === 0)
      || (step === Allegation_State.INVESTIGATION && !investigation);
    return {
      text: allegationStateWords(step),
      state: step === state ? step === Allegation_State.CLOSED ? 'done' : 'current'
        : step > state ? 'to come' : skipped ? 'left out' : 'done',
    };
  });
}
