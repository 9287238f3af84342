// One foster carer: what the register says and said, what is owed, who lives there, and the story of
// it in all registers.

import { html, nothing, type TemplateResult } from 'lit-html';
import { carers as carersApi, placements } from '../api';
import { carerKindWords, placedAsWords, unknownWords } from '../carer_words';
import { Application_State } from '../generated/fosterwatch/carers/v1/approval_pb';
import { Carer_Kind, Carer_Status, type Carer } from '../generated/fosterwatch/carers/v1/carer_pb';
import type {
  ListRegisterChangesResponse,
} from '../generated/fosterwatch/carers/v1/carers_service_pb';
import type { WatchResponse } from '../generated/fosterwatch/gateway/v1/gateway_service_pb';
import type { Household, Resident } from '../generated/fosterwatch/placements/v1/placement_pb';
import type { Frame, Page } from '../page';
import { paths, type CarerForm } from '../router';
import { formatDay } from '../time';
import { carerDutyRow, carerTag, outsideTermsView } from '../ui/carers';
import { chronologyView, readChronology, type Chronology } from '../ui/chronology';
import { dutiesView } from '../ui/duties';
import {
  backLink, buttonLink, empty, link, moreLinks, plural, table, tag, wasDue,
  type Content,
} from '../ui/html';
import { registerChangesView } from '../ui/register_changes';
import { supervisionView } from '../ui/supervision';
import { approvalView, isProposal, keepingView, registerView } from './carer_register_view';
import { checksView, endingReviewsView, visitsView } from './carer_work_view';
import { hasOwnCaseload, mayCloseCase, mayKeepHousehold, mayRecord, mayWorkCase } from './rights';

// Other records of the household, and what this one names that nobody has heard of.
const knownView = ({ mergedCarerIds, unknownReferences }: Carer): Content => html`
  ${mergedCarerIds.length === 0 ? nothing : html`<p class="govuk-body">Also recorded as ${
    mergedCarerIds.map((each, i) => html`${i > 0 ? ', ' : nothing}${link(paths.carer(each), each)}`)}.</p>`}
  ${unknownReferences.length === 0 ? nothing : html`<div class="govuk-inset-text" id="unknown">
    ${unknownReferences.map((each) => html`<span class="app-line">${unknownWords(each)}</span>`)}</div>`}`;

const mergedView = ({ carerId, mergedIntoCarerId }: Carer, mayUndo: boolean): TemplateResult => html`
  <div class="govuk-inset-text" id="merged">The household goes on in ${link(paths.carer(mergedIntoCarerId),
    mergedIntoCarerId)}. Nothing is owed on this record. ${mayUndo ? link(paths.carerPart(carerId,
      mergedIntoCarerId, 'duplicate/undo'), 'Take the merge back') : nothing}</div>`;

const APPROVED: readonly Carer_Status[] = [
  Carer_Status.APPROVED, Carer_Status.TEMPORARILY_APPROVED, Carer_Status.SUSPENDED,
];

export class CarerPage implements Page {
  readonly section = 'carers';
  #carer: Carer | undefined;
  #changes: ListRegisterChangesResponse | undefined;
  #household: Household | undefined;
  #chronology: Chronology = { entries: [], isCut: false };

  constructor(private readonly frame: Frame, private readonly carerId: string) {}

  // Goes into the browser's history, so it names nobody.
  title(): string {
    return `Carer ${this.carerId}`;
  }

  concerns(fact: WatchResponse | undefined): boolean {
    return !fact
      || /\.(carers|placements|complaints|allegations|notifiable_events|directory)\./.test(fact.topic);
  }

  async load(): Promise<void> {
    const { carerId } = this;
    const { names } = this.frame;
    const known = carersApi.getCarer({ carerId });
    // Each refusal is kept: what is not in the own caseload is asked for once.
    if (hasOwnCaseload(this.frame.session)) await known;
    const [carer, changes, { households: [household] }, chronology] = await Promise.all([
      known,
      carersApi.listRegisterChanges({ carerId }),
      // Of a new carer the register of placements has not heard yet.
      placements.listHouseholds({ carerIds: [carerId] }),
      readChronology({ carerId }, names, this.frame.session),
      names.ensureDirectory(),
    ]);
    await names.ensureChildren([
      ...(household?.residents ?? []).map(({ childId }) => childId),
      ...carer.endingReviews.map(({ childId }) => childId),
      ...carer.visits.flatMap(({ seen }) => seen.map(({ childId }) => childId)),
    ]);
    this.#carer = carer;
    this.#changes = changes;
    this.#household = household;
    this.#chronology = chronology;
  }

  view(): TemplateResult {
    const carer = this.#carer!;
    return html`
      ${backLink(paths.carers(), 'Carers')}
      <span class="govuk-caption-l">${carerKindWords(carer.kind)}</span>
      <h1 class="govuk-heading-l govuk-!-margin-bottom-2">${carer.name || carer.carerId}</h1>
      <p class="govuk-body">${carerTag(carer.status)}
        ${carer.takenOver ? tag('Taken over', 'grey') : nothing}
        <span class="app-sub app-id">Carer ${carer.carerId}</span></p>
      ${carer.mergedIntoCarerId ? mergedView(carer, mayWorkCase(this.frame.session)) : this.#buttons(carer)}
      ${knownView(carer)}
      ${this.#dutiesView(carer)}
      ${this.#householdView()}
      ${supervisionView(this.frame, carer)}
      ${registerView(carer)}
      ${approvalView(this.frame, carer)}
      ${visitsView(this.frame, carer)}
      ${endingReviewsView(this.frame, carer)}
      ${checksView(carer)}
      ${keepingView(this.frame, carer)}
      ${registerChangesView(this.#changes?.changes ?? [], carer.carerId, this.frame)}
      ${chronologyView(this.#chronology, this.frame.now())}`;
  }

  #buttons(carer: Carer): Content {
    const { session } = this.frame;
    if (!mayKeepHousehold(session)) return nothing;
    const records = mayRecord(session);
    const { carerId, kind, status, application, agreements, decisions } = carer;
    const works = mayWorkCase(session);
    const form = (form: CarerForm, text: string, secondary = true) =>
      buttonLink(paths.carerForm(carerId, form), text, secondary);
    const approved = APPROVED.includes(status);
    const applies = application?.state === Application_State.OPEN;
    const proposed = decisions.some(({ outcome, concluded }) => isProposal(outcome) && !concluded);
    return html`
      <div class="app-buttons">
        ${approved ? html`
          ${form('visit', 'Record a visit', false)}
          ${form('check', 'Record a check')}
          ${works ? form('review', 'Record a review of approval') : nothing}
          ${agreements.some(({ returnedDate }) => !returnedDate)
            ? form('agreement-returned', 'Record the agreement as returned')
            : form('agreement', 'Record the agreement as issued')}` : nothing}
        ${applies && records ? html`
          ${form('information', 'Record information', false)}
          ${works && !application?.stageTwoBegunDate ? html`
            ${form('stage-two', 'Begin stage 2')}
            ${form('end-stage-one', 'End it after stage 1')}` : nothing}
          ${works && application?.stageTwoBegunDate
            ? form('recommendation', 'Record the panel’s recommendation') : nothing}
          ${works && kind === Carer_Kind.CONNECTED && status === Carer_Status.APPLICANT
            ? form('temporary-approval', 'Approve temporarily') : nothing}` : nothing}
        ${records && !applies && status === Carer_Status.TEMPORARILY_APPROVED
          ? buttonLink(paths.recordApplication(carerId), 'Record their application', true) : nothing}
        ${records && approved
          ? buttonLink(paths.startPlacement({ carer: carerId }), 'Record a placement', true) : nothing}
        ${works && (applies || proposed || decisions.length > 0 || approved)
          ? form('decision', 'Record a decision') : nothing}
      </div>
      ${moreLinks(this.#more(carer, approved, applies))}`;
  }

  // What is done seldom.
  #more(carer: Carer, approved: boolean, applies: boolean): Content[] {
    const { session } = this.frame;
    const more = (form: CarerForm, text: string) => link(paths.carerForm(carer.carerId, form), text);
    return [
      more('particulars', 'Record other particulars'),
      ...mayRecord(session) ? this.#moreRecords(carer, approved, applies) : [],
    ];
  }

  #moreRecords(carer: Carer, approved: boolean, applies: boolean): Content[] {
    const { session } = this.frame;
    const { carerId, status, resignation, temporaryApproval } = carer;
    const more = (form: CarerForm, text: string) => link(paths.carerForm(carerId, form), text);
    return [
      ...approved && mayWorkCase(session) ? [
        more('terms', 'Record other terms that the carer has agreed to'),
        more('exemption', 'Record an exemption from the usual limit'),
        more('recommendation', 'Record a recommendation of the panel'),
        ...status === Carer_Status.TEMPORARILY_APPROVED && !temporaryApproval?.extended
          ? [more('extend-temporary-approval', 'Extend the temporary approval')] : [],
        more('death', 'Record the death of the foster carer'),
      ] : [],
      ...approved && mayCloseCase(session) ? [
        status === Carer_Status.SUSPENDED ? more('lift-suspension', 'Lift the suspension')
          : more('suspend', 'Suspend the approval'),
      ] : [],
      ...approved && !resignation ? [more('resignation', 'Record a resignation')] : [],
      ...applies ? [more('withdraw', 'Record that the application was withdrawn')] : [],
      more('access-request', 'Record a request to see the records'),
      ...mayCloseCase(session) ? [more('legal-hold', 'Place or lift a legal hold')] : [],
    ];
  }

  #dutiesView(carer: Carer): TemplateResult {
    return html`
      <section class="app-section" aria-labelledby="duties">
        <h2 class="govuk-heading-m" id="duties">What is owed, and by when</h2>
        ${carer.resignation ? html`<div class="govuk-inset-text govuk-!-margin-top-0">Notice of resignation
          was received on ${formatDay(carer.resignation.receivedDate)}. The approval ends
          ${wasDue(carer.resignation.endsTime)}; it cannot be withdrawn.</div>` : nothing}
        ${carer.duties.length === 0 ? empty('Nothing is owed.') : dutiesView({
          caption: 'What is owed on this carer',
          testId: 'duties',
          now: this.frame.now(),
          open: true,
          rows: carer.duties.map((duty) => carerDutyRow(duty, carer)),
        })}
      </section>`;
  }

  #householdView(): Content {
    const household = this.#household;
    const { names } = this.frame;
    if (!household) {
      // Nobody has ever lived there, and no terms are known.
      return html`
        <section class="app-section" aria-labelledby="household">
          <h2 class="govuk-heading-m" id="household">Who lives there</h2>
          ${empty('No child is placed here.')}
        </section>`;
    }
    return html`
      <section class="app-section" aria-labelledby="household">
        <h2 class="govuk-heading-m" id="household">Who lives there</h2>
        ${outsideTermsView(household, names, this.frame.now())}
        ${household.residents.length === 0 ? empty('No child is placed here.') : table<Resident>({
          caption: 'Children who live with the carer',
          captionHidden: true,
          rows: household.residents,
          key: ({ childId }) => childId,
          testId: 'residents',
          columns: [
            {
              heading: 'Child',
              header: true,
              cell: ({ childId }) => link(paths.child(childId), names.child(childId)),
            },
            { heading: 'Since', cell: ({ startDate }) => formatDay(startDate) },
            { heading: 'Placed as', cell: ({ kind }) => placedAsWords(kind) },
          ],
        })}
        ${household.terms ? html`<p class="govuk-body">${household.vacancies === 0
          ? 'No room for more children' : `Room for ${plural(household.vacancies, 'more child',
            'more children')}`} within the terms.</p>` : nothing}
      </section>`;
  }
}
