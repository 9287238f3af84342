// One foster carer: what the register says and said, what is owed, who lives there, and the story of
// it in all registers.

import { html, nothing, type TemplateResult } from 'lit-html';
import { carers as carersApi, placements } from '../api';
import {
  answerWords, applicationStateWords, bodyWords, breachWords, carerKindWords, checkWords,
  decisionOutcomeWords, endReasonWords, matterWords, placedAsWords, retentionWords, sexWords, termsWords,
} from '../carer_words';
import {
  Application_State, Decision_Outcome, type Decision,
} from '../generated/fosterwatch/carers/v1/approval_pb';
import { Carer_Status, type Carer } from '../generated/fosterwatch/carers/v1/carer_pb';
import type {
  ListRegisterChangesResponse,
} from '../generated/fosterwatch/carers/v1/carers_service_pb';
import type { Agreement, Check, Visit } from '../generated/fosterwatch/carers/v1/duties_pb';
import type { FosterParent } from '../generated/fosterwatch/carers/v1/register_pb';
import type { WatchResponse } from '../generated/fosterwatch/gateway/v1/gateway_service_pb';
import type { Household, Resident } from '../generated/fosterwatch/placements/v1/placement_pb';
import type { Frame, Page } from '../page';
import { paths, type CarerForm } from '../router';
import { formatDay } from '../time';
import { actionsTable } from '../ui/actions';
import { carerDutyRow, carerTag, parentWords } from '../ui/carers';
import { chronologyView, readChronology, type Chronology } from '../ui/chronology';
import { dutiesView } from '../ui/duties';
import {
  backLink, buttonLink, details, empty, id, link, moment, moreLinks, plural, prose,
  recent, summaryList, table,
  tag, wasDue, type Content, type SummaryRow,
} from '../ui/html';
import { explanationView } from '../ui/records';
import { registerChangesView } from '../ui/register_changes';
import { mayCloseCase, mayRecord, mayWorkCase } from './rights';

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
    const [carer, changes, { households: [household] }, chronology] = await Promise.all([
      carersApi.getCarer({ carerId }),
      carersApi.listRegisterChanges({ carerId }),
      // Of a new carer the register of placements has not heard yet.
      placements.listHouseholds({ carerIds: [carerId] }),
      readChronology({ carerId }, names),
      names.ensureDirectory(),
    ]);
    await names.ensureChildren([
      ...(household?.residents ?? []).map(({ childId }) => childId),
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
      ${this.#buttons(carer)}
      ${this.#dutiesView(carer)}
      ${this.#householdView()}
      ${this.#registerView(carer)}
      ${this.#approvalView(carer)}
      ${this.#visitsView(carer)}
      ${this.#checksView(carer)}
      ${this.#keepingView(carer)}
      ${registerChangesView(this.#changes?.changes ?? [], this.frame.names, this.frame.now())}
      ${chronologyView(this.#chronology, this.frame.now())}`;
  }

  #buttons({ carerId, status, application, resignation, agreements, decisions }: Carer): Content {
    const { session } = this.frame;
    if (!mayRecord(session)) return nothing;
    const works = mayWorkCase(session);
    const form = (form: CarerForm, text: string, secondary = true) =>
      buttonLink(paths.carerForm(carerId, form), text, secondary);
    const more = (form: CarerForm, text: string) => link(paths.carerForm(carerId, form), text);
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
        ${applies ? html`
          ${form('information', 'Record information', false)}
          ${works && !application?.stageTwoBegunDate ? form('stage-two', 'Begin stage 2') : nothing}
          ${works && application?.stageTwoBegunDate
            ? form('recommendation', 'Record the panel’s recommendation') : nothing}` : nothing}
        ${works && (applies || proposed || decisions.length > 0 || approved)
          ? form('decision', 'Record a decision') : nothing}
      </div>
      ${moreLinks([
        more('particulars', 'Record other particulars'),
        ...approved && works ? [
          more('terms', 'Record other terms that the carer has agreed to'),
          more('recommendation', 'Record a recommendation of the panel'),
          status === Carer_Status.SUSPENDED ? more('lift-suspension', 'Lift the suspension')
            : more('suspend', 'Suspend the approval'),
        ] : [],
        ...approved && !resignation ? [more('resignation', 'Record a resignation')] : [],
        ...applies ? [more('withdraw', 'Record that the application was withdrawn')] : [],
        more('access-request', 'Record a request to see the records'),
        ...mayCloseCase(session) ? [more('legal-hold', 'Place or lift a legal hold')] : [],
      ])}`;
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
    if (!household) return nothing;
    const { names } = this.frame;
    return html`
      <section class="app-section" aria-labelledby="household">
        <h2 class="govuk-heading-m" id="household">Who lives there</h2>
        ${household.breaches.length === 0 ? nothing : html`
          <div class="app-alert app-alert--urgent" data-testid="outside-terms">
            <p class="govuk-body govuk-!-margin-bottom-1"><strong>Outside the terms of approval</strong></p>
            <ul class="govuk-list govuk-list--bullet">
              ${household.breaches.map(({ code, childId, foundTime }) => html`<li>${breachWords(code)}${
                childId ? `: ${names.child(childId)}` : nothing}, found
                ${recent(foundTime, this.frame.now())}</li>`)}
            </ul>
          </div>`}
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

  #registerView(carer: Carer): TemplateResult {
    return html`
      <section class="app-section" aria-labelledby="register">
        <h2 class="govuk-heading-m" id="register">What the register says</h2>
        ${summaryList([
          { key: 'Name', value: carer.name || 'None given' },
          { key: 'Address', value: prose(carer.address) },
          { key: 'Kind', value: carerKindWords(carer.kind) },
          { key: 'Approved', value: carer.approvedDate ? formatDay(carer.approvedDate) : 'Not yet' },
          carer.endedDate !== '' && {
            key: 'Approval ended',
            value: `${formatDay(carer.endedDate)}: ${endReasonWords(carer.endReason).toLowerCase()}`,
          },
          {
            key: 'Terms of approval',
            value: carer.terms.length === 0 ? 'None on record' : html`${carer.terms.map((each) => html`
              <span class="app-line">${termsWords(each.terms)} <span class="app-sub">From
                ${formatDay(each.effectiveDate)}</span></span>`)}`,
          },
          {
            key: 'Reviews of approval',
            value: carer.reviews.length === 0 ? 'None on record' : html`${carer.reviews.map((review) => html`
              <span class="app-line">${formatDay(review.reviewDate)}: ${review.stillSuitable
                ? 'still suitable' : 'no longer suitable'}${review.toPanel ? ', to the panel' : nothing}
              </span>`)}`,
          },
          carer.exemptions.length > 0 && {
            key: 'Exemptions from the usual limit',
            value: html`${carer.exemptions.map((each) => html`<span class="app-line">${
              each.childIds.join(', ')}, from ${formatDay(each.fromDate)}${each.untilDate
              ? ` until ${formatDay(each.untilDate)}` : nothing}</span>`)}`,
          },
          carer.suspension !== undefined && {
            key: 'Suspension',
            value: html`From ${formatDay(carer.suspension.fromDate)}${carer.suspension.untilDate
              ? ` until ${formatDay(carer.suspension.untilDate)}` : ', and it lasts'}
              <span class="app-sub">${prose(carer.suspension.reason)}</span>`,
          },
        ])}
        ${carer.fosterParents.length === 0 ? nothing : table<FosterParent>({
          caption: 'Foster parents of the household',
          captionHidden: true,
          rows: carer.fosterParents,
          key: ({ fosterParentId }) => fosterParentId,
          testId: 'foster-parents',
          columns: [
            { heading: 'Name', header: true, cell: ({ name }) => name },
            { heading: 'Date of birth', cell: ({ birthDate }) => birthDate ? formatDay(birthDate) : 'Not known' },
            { heading: 'Sex', cell: ({ sex }) => sex ? sexWords(sex) : 'Not known' },
            { heading: 'Address', cell: ({ address }) => address ? prose(address) : 'Of the household' },
          ],
        })}
      </section>`;
  }

  #approvalView(carer: Carer): Content {
    const rows = this.#approvalRows(carer);
    return rows.length === 0 ? nothing : html`
      <section class="app-section" aria-labelledby="approval">
        <h2 class="govuk-heading-m" id="approval">Approval</h2>
        ${summaryList(rows)}
      </section>`;
  }

  #approvalRows({ carerId, application, recommendations, decisions, temporaryApproval }: Carer): SummaryRow[] {
    const { names } = this.frame;
    return [
      ...application ? [{
        key: 'Application',
        value: html`Received ${formatDay(application.receivedDate)}:
          ${applicationStateWords(application.state).toLowerCase()}
          ${application.state === Application_State.OPEN && application.missing.length > 0
            ? html`<span class="app-line">Missing: ${plural(application.missing.length,
              'piece of information', 'pieces of information')}: ${id(application.missing.join(', '))}</span>`
            : nothing}
          ${application.stageOneCompleteDate ? html`<span class="app-line">Stage 1 complete
            ${formatDay(application.stageOneCompleteDate)}</span>` : nothing}
          ${application.stageTwoBegunDate ? html`<span class="app-line">Stage 2 begun
            ${formatDay(application.stageTwoBegunDate)}</span>` : nothing}
          ${application.endedDate ? html`<span class="app-line">Ended ${formatDay(application.endedDate)}:
            ${prose(application.endReason)}</span>` : nothing}`,
      }] : [],
      ...temporaryApproval ? [{
        key: 'Temporary approval',
        value: html`From ${formatDay(temporaryApproval.fromDate)} until
          ${wasDue(temporaryApproval.endsTime)}${temporaryApproval.extended ? ', extended' : nothing}`,
      }] : [],
      ...recommendations.map((each) => ({
        key: 'Recommendation',
        value: html`${bodyWords(each.body)}, ${formatDay(each.meetingDate)}:
          ${matterWords(each.matter).toLowerCase()}, ${each.suitable ? 'suitable' : 'not suitable'}
          ${each.terms ? html`<span class="app-line">${termsWords(each.terms)}</span>` : nothing}
          <span class="app-line">${prose(each.reasons)}</span>`,
      })),
      ...decisions.map((decision) => ({
        key: 'Decision',
        value: html`<strong>${decisionOutcomeWords(decision.outcome)}</strong>,
          ${moment(decision.decidedTime)}, ${names.person(decision.decisionMakerId)}
          ${decision.terms ? html`<span class="app-line">${termsWords(decision.terms)}</span>` : nothing}
          <span class="app-line">${prose(decision.reasons)}</span>
          ${this.#noticesView(carerId, decision)}
          ${decision.answer ? html`<span class="app-line">${answerWords(decision.answer.kind)},
            ${moment(decision.answer.receivedTime)}</span>` : nothing}`,
      })),
    ];
  }

  #noticesView(carerId: string, decision: Decision): Content {
    const told = (words: string, notice: Decision['oralNotice'], written: boolean) => html`
      <span class="app-line">${words}: ${notice ? moment(notice.givenTime)
        : mayRecord(this.frame.session) ? link(paths.carerPart(carerId, decision.decisionId,
          written ? 'decision/told-in-writing' : 'decision/told'), 'record it', words.toLowerCase())
          : 'not yet'}</span>`;
    return html`${told('Told by word of mouth', decision.oralNotice, false)}
      ${told('Told in writing', decision.writtenNotice, true)}
      ${isProposal(decision.outcome) && decision.answerUntilTime && !decision.answer ? html`
        <span class="app-line">May be answered until ${wasDue(decision.answerUntilTime)}${
          mayRecord(this.frame.session) ? html`: ${link(paths.carerPart(carerId, decision.decisionId,
            'decision/answer'), 'record the answer')}` : nothing}</span>` : nothing}`;
  }

  #visitsView(carer: Carer): TemplateResult {
    const { names, session } = this.frame;
    const now = this.frame.now();
    return html`
      <section class="app-section" aria-labelledby="visits">
        <h2 class="govuk-heading-m" id="visits">Visits</h2>
        ${carer.visits.length === 0 ? empty('No visit is recorded.') : table<Visit>({
          caption: 'Visits to the foster home, newest first',
          captionHidden: true,
          rows: [...carer.visits].reverse(),
          key: ({ visitId }) => visitId,
          testId: 'visits',
          columns: [
            { heading: 'When', header: true, cell: ({ visitedTime }) => recent(visitedTime, now) },
            { heading: 'By', cell: ({ visitorId }) => names.person(visitorId) },
            {
              heading: 'Kind',
              cell: (visit) => [
                visit.unannounced ? 'Unannounced' : 'Announced',
                ...visit.supervision ? ['supervision'] : [],
                ...visit.homeSafety ? ['health and safety'] : [],
              ].join(', '),
            },
            {
              heading: 'Seen',
              cell: ({ seen }) => seen.length === 0 ? 'Nobody' : html`${seen.map((each) => html`
                <span class="app-line">${each.childId ? names.child(each.childId) : each.fosterParentId
                  ? parentWords(carer, each.fosterParentId) : each.other}${each.alone
                  ? ', alone' : nothing}</span>`)}`,
            },
            { heading: 'Notes', cell: ({ notes }) => prose(notes) },
          ],
        })}
        ${carer.actions.length === 0 ? nothing : html`
          <h3 class="govuk-heading-s">Actions from visits</h3>
          ${actionsTable({
            caption: 'Actions from visits',
            actions: carer.actions,
            names,
            now,
            close: mayRecord(session)
              ? (actionId) => paths.carerPart(carer.carerId, actionId, 'action/close') : undefined,
          })}`}
      </section>`;
  }

  #checksView(carer: Carer): Content {
    if (carer.checks.length === 0 && carer.agreements.length === 0) return nothing;
    return html`
      <section class="app-section" aria-labelledby="checks">
        <h2 class="govuk-heading-m" id="checks">Agreements and checks</h2>
        ${carer.agreements.length === 0 ? nothing : table<Agreement>({
          caption: 'Foster care agreements',
          captionHidden: true,
          rows: carer.agreements,
          key: ({ agreementId }) => agreementId,
          testId: 'agreements',
          columns: [
            { heading: 'Version', header: true, cell: ({ version }) => version },
            { heading: 'Issued', cell: ({ issuedDate }) => formatDay(issuedDate) },
            {
              heading: 'Returned signed',
              cell: ({ returnedDate }) => returnedDate ? formatDay(returnedDate) : 'Not yet',
            },
          ],
        })}
        ${carer.checks.length === 0 ? nothing : table<Check>({
          caption: 'Checks',
          captionHidden: true,
          rows: carer.checks,
          key: ({ checkId }) => checkId,
          testId: 'checks',
          columns: [
            { heading: 'Check', header: true, cell: ({ kind }) => checkWords(kind) },
            {
              heading: 'Of',
              cell: ({ fosterParentId }) => fosterParentId ? parentWords(carer, fosterParentId)
                : 'The household',
            },
            { heading: 'Done', cell: ({ doneDate }) => formatDay(doneDate) },
            { heading: 'Reference', cell: ({ reference }) => reference || 'None' },
          ],
        })}
      </section>`;
  }

  #keepingView({ carerId, retention, legalHolds, accessRequests }: Carer): Content {
    if (!retention) return nothing;
    return html`
      <section class="app-section" aria-labelledby="keeping">
        <h2 class="govuk-heading-m" id="keeping">How long the records are kept</h2>
        ${summaryList([
          {
            key: 'Kept until',
            value: html`${retention.keepUntilTime ? wasDue(retention.keepUntilTime)
              : retentionWords(retention.basis)} ${retention.onHold ? tag('Legal hold', 'orange') : nothing}`,
          },
          ...legalHolds.map((hold) => ({
            key: 'Legal hold',
            value: html`${prose(hold.reason)}<span class="app-sub">Since ${moment(hold.placedTime)}${
              hold.liftedTime ? html`, lifted ${moment(hold.liftedTime)}` : nothing}</span>`,
          })),
          ...accessRequests.map((request) => ({
            key: 'Request to see the records',
            value: html`${request.serviceName}, received ${formatDay(request.receivedDate)}${
              request.answeredDate ? `, answered ${formatDay(request.answeredDate)}` : nothing}
              ${!request.answeredDate && mayWorkCase(this.frame.session) ? html`<span class="app-line">${
                link(paths.carerPart(carerId, request.accessRequestId, 'access/answer'),
                  'Record the answer')}</span>` : nothing}`,
          })),
        ])}
        ${retention.explanation ? details('Why until then', explanationView(retention.explanation))
          : nothing}
      </section>`;
  }
}

const isProposal = (outcome: Decision_Outcome) => [
  Decision_Outcome.REFUSAL_PROPOSED, Decision_Outcome.TERMINATION_PROPOSED,
  Decision_Outcome.TERMS_PROPOSED,
].includes(outcome);
