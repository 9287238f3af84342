// What the register says of a carer, how it came to be approved, and how long its records are kept.

import { html, nothing, type TemplateResult } from 'lit-html';
import {
  answerWords, applicationStateWords, bodyWords, carerKindWords, decisionOutcomeWords,
  endReasonWords, matterWords, retentionWords, sexWords,
} from '../carer_words';
import {
  Application_State, Decision_Outcome, DecisionAnswer_Kind, type Decision,
} from '../generated/fosterwatch/carers/v1/approval_pb';
import type { Carer } from '../generated/fosterwatch/carers/v1/carer_pb';
import type { FosterParent } from '../generated/fosterwatch/carers/v1/register_pb';
import type { Frame } from '../page';
import { paths } from '../router';
import { formatDay } from '../time';
import { termsView } from '../ui/carers';
import {
  details, id, link, moment, plural, prose, summaryList, table, tag, wasDue, type Content,
  type SummaryRow,
} from '../ui/html';
import { explanationView } from '../ui/records';
import { keptInputsView } from '../ui/review_inputs';
import { sealable } from '../ui/sealed';
import { mayRecord, mayWorkCase } from './rights';

export function registerView(carer: Carer): TemplateResult {
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
            <span class="app-line">${termsView(each.terms)} <span class="app-sub">From
              ${formatDay(each.effectiveDate)}</span></span>`)}`,
        },
        {
          key: 'Reviews of approval',
          value: carer.reviews.length === 0 ? 'None on record' : html`${carer.reviews.map((review) => html`
            <div class="app-line">${formatDay(review.reviewDate)}: ${review.stillSuitable
              ? 'still suitable' : 'no longer suitable'}${review.toPanel ? ', to the panel' : nothing}
            ${review.inputs.length > 0 ? details('What it looked back on', keptInputsView(review),
              formatDay(review.reviewDate)) : nothing}</div>`)}`,
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
            <span class="app-sub">${sealable(carer.suspension.reason, carer.suspension)}</span>`,
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
          {
            heading: 'Date of birth',
            cell: ({ birthDate }) => birthDate ? formatDay(birthDate) : 'Not known',
          },
          { heading: 'Sex', cell: ({ sex }) => sex ? sexWords(sex) : 'Not known' },
          { heading: 'Address', cell: ({ address }) => address ? prose(address) : 'Of the household' },
          {
            heading: 'Approved since',
            cell: ({ approvedDate }) => approvedDate ? formatDay(approvedDate) : 'Not approved',
          },
        ],
      })}
    </section>`;
}

export function approvalView(frame: Frame, carer: Carer): Content {
  const rows = approvalRows(frame, carer);
  return rows.length === 0 ? nothing : html`
    <section class="app-section" aria-labelledby="approval">
      <h2 class="govuk-heading-m" id="approval">Approval</h2>
      ${summaryList(rows)}
    </section>`;
}

function approvalRows(
  frame: Frame,
  { carerId, application, recommendations, decisions, temporaryApproval }: Carer,
): SummaryRow[] {
  const { names } = frame;
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
          ${sealable(application.endReason, application)}</span>` : nothing}`,
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
        ${each.terms ? html`<span class="app-line">${termsView(each.terms)}</span>` : nothing}
        <span class="app-line">${sealable(each.reasons, each)}</span>`,
    })),
    ...decisions.map((decision) => ({
      key: 'Decision',
      value: html`<strong>${decisionOutcomeWords(decision.outcome)}</strong>,
        ${moment(decision.decidedTime)}, ${names.person(decision.decisionMakerId)}
        ${decision.terms ? html`<span class="app-line">${termsView(decision.terms)}</span>` : nothing}
        <span class="app-line">${sealable(decision.reasons, decision)}</span>
        ${noticesView(frame, carerId, decision)}
        ${decision.answer ? answerView(frame, carerId, decision) : nothing}`,
    })),
  ];
}

function noticesView(frame: Frame, carerId: string, decision: Decision): Content {
  const told = (words: string, notice: Decision['oralNotice'], written: boolean) => html`
    <span class="app-line">${words}: ${notice ? moment(notice.givenTime)
      : mayRecord(frame.session) ? link(paths.carerPart(carerId, decision.decisionId,
        written ? 'decision/told-in-writing' : 'decision/told'), 'record it', words.toLowerCase())
        : 'not yet'}</span>`;
  return html`${told('Told by word of mouth', decision.oralNotice, false)}
    ${told('Told in writing', decision.writtenNotice, true)}
    ${isProposal(decision.outcome) && decision.answerUntilTime && !decision.answer ? html`
      <span class="app-line">May be answered until ${wasDue(decision.answerUntilTime)}${
        mayRecord(frame.session) ? html`: ${link(paths.carerPart(carerId, decision.decisionId,
          'decision/answer'), 'record the answer')}` : nothing}</span>` : nothing}`;
}

function answerView(frame: Frame, carerId: string, { decisionId, answer }: Decision): Content {
  const { kind, receivedTime, papersSentTime } = answer!;
  return html`<span class="app-line">${answerWords(kind)}, ${moment(receivedTime)}</span>
    ${kind !== DecisionAnswer_Kind.INDEPENDENT_REVIEW ? nothing : html`<span class="app-line">Papers sent:
      ${papersSentTime ? moment(papersSentTime) : mayRecord(frame.session)
        ? link(paths.carerPart(carerId, decisionId, 'decision/papers'), 'record it', 'papers sent')
        : 'not yet'}</span>`}`;
}

export function keepingView(
  frame: Frame, { carerId, retention, legalHolds, accessRequests }: Carer,
): Content {
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
            ${!request.answeredDate && mayWorkCase(frame.session) ? html`<span class="app-line">${
              link(paths.carerPart(carerId, request.accessRequestId, 'access/answer'),
                'Record the answer')}</span>` : nothing}`,
        })),
      ])}
      ${retention.explanation ? details('Why until then', explanationView(retention.explanation))
        : nothing}
    </section>`;
}

export const isProposal = (outcome: Decision_Outcome) => [
  Decision_Outcome.REFUSAL_PROPOSED, Decision_Outcome.TERMINATION_PROPOSED,
  Decision_Outcome.TERMS_PROPOSED,
].includes(outcome);
