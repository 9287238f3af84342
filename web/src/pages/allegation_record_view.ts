// What is alleged, and what has been done about it.

import { html, nothing, type TemplateResult } from 'lit-html';
import { groundWords, informantWords, investigationWords, outcomeWords } from '../allegation_words';
import type { Allegation } from '../generated/fosterwatch/allegations/v1/allegation_pb';
import type { Frame } from '../page';
import { paths } from '../router';
import {
  id, link, moment, prose, summaryList, tag, type Content, type SummaryRow,
} from '../ui/html';
import { sealable, sealedLine } from '../ui/sealed';
import { channelWords } from '../words';

export function reportView({ names }: Frame, allegation: Allegation): TemplateResult {
  const report = allegation.report!;
  return html`
    <section class="app-section" aria-labelledby="report">
      <h2 class="govuk-heading-m" id="report">What is alleged</h2>
      ${summaryList([
        {
          key: 'About',
          value: allegation.carerId ? link(paths.carer(allegation.carerId),
            names.carer(allegation.carerId)) : allegation.personId
            ? `${names.person(allegation.personId)}, staff` : 'Not named yet',
        },
        {
          key: 'Child',
          value: allegation.childId ? link(paths.child(allegation.childId),
            names.child(allegation.childId)) : 'None known',
        },
        allegation.placedWithCarerId !== '' && {
          key: 'Lived then with', value: names.carer(allegation.placedWithCarerId),
        },
        { key: 'Grounds', value: lines(report.grounds.map(groundWords)) },
        { key: 'Told by', value: informantWords(report.informant) },
        { key: 'Happened', value: moment(report.occurredTime) },
        { key: 'Agency became aware', value: moment(report.becameAwareTime) },
        {
          key: 'Received',
          value: html`${moment(allegation.receivedTime)}, ${names.person(allegation.receivedBy)}`,
        },
        { key: 'What was said', value: sealable(report.summary, report) },
        { key: 'What was done at once', value: sealable(report.immediateActions, report) },
        ...allegation.amendments.map(({ amendedBy, amendedTime, addition, reason, ...named }) => ({
          key: named.correctsSubject ? 'Corrected' : 'Added',
          value: html`${addition ? prose(addition) : nothing}
            ${named.carerId ? html`<span class="app-line">About: ${names.carer(named.carerId)}</span>`
              : nothing}
            ${named.personId ? html`<span class="app-line">About: ${
              names.person(named.personId)}</span>` : nothing}
            ${named.correctsSubject ? html`<span class="app-line">Not about: ${named.formerCarerId
              ? names.carer(named.formerCarerId) : names.person(named.formerPersonId)}</span>` : nothing}
            ${named.childId ? html`<span class="app-line">Child: ${
              names.child(named.childId)}</span>` : nothing}
            <span class="app-sub">${names.person(amendedBy)}, ${moment(amendedTime)}: ${
              sealable(reason, named)}</span>`,
        })),
      ])}
    </section>`;
}

export function workView(frame: Frame, allegation: Allegation): Content {
  const rows = workRows(frame, allegation);
  if (rows.length === 0) return nothing;
  return html`
    <section class="app-section" aria-labelledby="work">
      <h2 class="govuk-heading-m" id="work">What has been done</h2>
      ${summaryList(rows)}
    </section>`;
}

function workRows({ names }: Frame, allegation: Allegation): SummaryRow[] {
  const { referral, investigation, conclusion, learning, closure } = allegation;
  const by = (person: string, time: Content) => html`<span class="app-sub">Recorded by
    ${names.person(person)}, ${time}</span>`;
  return [
    ...referral ? [{
      key: 'Referral',
      value: html`To ${referral.officerName || 'the designated officer'}${referral.bodyId
        ? html`, ${names.body(referral.bodyId)}` : nothing}, ${moment(referral.referredTime)}, by
        ${channelWords(referral.channel).toLowerCase()}
        ${referral.late ? tag('Late', 'orange') : nothing}
        ${referral.reference ? html`<span class="app-line">Reference ${id(referral.reference)}</span>`
          : nothing}
        ${referral.lateReason ? html`<span class="app-line">Why late: ${
          prose(referral.lateReason)}</span>` : nothing}
        ${referral.advice ? html`<span class="app-line">Advice: ${prose(referral.advice)}</span>`
          : nothing}
        ${sealedLine(referral.officerName, referral)}
        ${by(referral.referredBy, moment(referral.recordedTime))}`,
    }] : [],
    ...allegation.strategyMeetings.map(({ heldTime, decisions, recordedBy, recordedTime, ...rest }) => ({
      key: 'Strategy meeting',
      value: html`${moment(heldTime)}: ${sealable(decisions, rest)}
        ${by(recordedBy, moment(recordedTime))}`,
    })),
    ...investigation ? [{
      key: 'Investigation',
      value: html`${lines(investigation.kinds.map(investigationWords))} since
        ${moment(investigation.startedTime)}${investigation.lead
        ? html`, led by ${investigation.lead}` : nothing}
        ${sealedLine(investigation.lead, investigation)}
        ${by(investigation.recordedBy, moment(investigation.recordedTime))}`,
    }] : [],
    ...conclusion ? [{
      key: 'Officer’s conclusion',
      value: html`<strong>${outcomeWords(conclusion.outcome)}</strong>,
        ${moment(conclusion.concludedTime)}: ${sealable(conclusion.reasons, conclusion)}
        <span class="app-sub">Checklist by version ${conclusion.policyVersion} of the policy</span>
        ${by(conclusion.recordedBy, moment(conclusion.recordedTime))}`,
    }] : [],
    ...allegation.reviewStartedTime ? [{
      key: 'Agency’s review',
      value: html`Began ${moment(allegation.reviewStartedTime)},
        ${names.person(allegation.reviewStartedBy)}`,
    }] : [],
    ...learning ? [{
      key: 'Learning',
      value: html`${sealable(learning.learning, learning)} ${by(learning.recordedBy,
        moment(learning.recordedTime))}`,
    }] : [],
    ...closure ? [{
      key: 'Closed',
      value: html`${sealable(closure.summary, closure)}<span class="app-sub">${names.person(closure.closedBy)},
        ${moment(closure.closedTime)}</span>`,
    }] : [],
    ...allegation.reopenings.map(({ reopenedBy, reopenedTime, reason, conclusion: before, ...rest }) => ({
      key: 'Reopened',
      value: html`${sealable(reason, rest)}${before ? html`<span class="app-line">Until then:
        ${outcomeWords(before.outcome).toLowerCase()}</span>` : nothing}
        <span class="app-sub">${names.person(reopenedBy)}, ${moment(reopenedTime)}</span>`,
    })),
  ];
}

const lines = (texts: readonly string[]): Content => texts.length === 0 ? 'Not known'
  : html`${texts.map((text) => html`<span class="app-line">${text}</span>`)}`;
