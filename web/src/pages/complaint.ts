// One complaint: what was said, what is owed by when and why, how each stage went, what came of each
// point, and what was learnt.

import { html, nothing, type TemplateResult } from 'lit-html';
import { complaints as complaintsApi } from '../api';
import {
  complaintFactWords, complaintKindWords, giverWords, pointOutcomeWords, proposalStateWords,
  receivedByWords, subjectKindWords,
} from '../complaint_words';
import {
  Complaint_State, ComplaintKind, EventProposal_State, GiverKind, OutOfTime_Decision, PointOutcome,
  type Complaint, type LearningReview, type Point,
} from '../generated/fosterwatch/complaints/v1/complaint_pb';
import type {
  ListProceduresResponse,
} from '../generated/fosterwatch/complaints/v1/complaints_service_pb';
import type { WatchResponse } from '../generated/fosterwatch/gateway/v1/gateway_service_pb';
import type { Frame, Page } from '../page';
import { paths, type ComplaintForm } from '../router';
import { actionsTable } from '../ui/actions';
import { complaintDuties, isPaused, stagesView } from '../ui/complaint_stages';
import {
  categoryWords, complaintTag, isHeldBack, otherRouteView, outOfTimeView, procedureWords,
} from '../ui/complaints';
import { dutiesView } from '../ui/duties';
import {
  backLink, buttonLink, empty, link, moment, moreLinks, prose, summaryList, table, tag, type Content,
  type SummaryRow,
} from '../ui/html';
import { pathway, type PathwayStep } from '../ui/pathway';
import { timeline } from '../ui/timeline';
import { complaintRights } from './rights';

export class ComplaintPage implements Page {
  readonly section = 'complaints';
  #complaint: Complaint | undefined;
  #procedures: ListProceduresResponse | undefined;

  constructor(private readonly frame: Frame, private readonly complaintId: string) {}

  // Goes into the browser's history, so it names nobody.
  title(): string {
    const complaint = this.#complaint;
    return complaint ? headingOf(complaint) : 'Complaint';
  }

  concerns(fact: WatchResponse | undefined): boolean {
    return !fact || fact.aggregateId === this.complaintId
      || /\.(placements|carers|directory)\./.test(fact.topic);
  }

  async load(): Promise<void> {
    const { names } = this.frame;
    const [complaint, procedures] = await Promise.all([
      complaintsApi.getComplaint({ complaintId: this.complaintId }),
      complaintsApi.listProcedures({}),
      names.ensureDirectory(),
    ]);
    const { giver, subject } = complaint.report ?? {};
    const given = [giver, { kind: giver?.onBehalfOf, giverId: giver?.onBehalfOfId }];
    const ids = (kind: GiverKind) => given.filter((each) => each?.kind === kind)
      .map((each) => each?.giverId ?? '');
    await Promise.all([
      names.ensureChildren([subject?.childId ?? '', ...ids(GiverKind.CHILD)]),
      names.ensureCarers([subject?.carerId ?? '', ...ids(GiverKind.CARER)]),
    ]);
    this.#procedures = procedures;
    this.#complaint = complaint;
  }

  view(): TemplateResult {
    const complaint = this.#complaint!;
    const report = complaint.report!;
    return html`
      ${backLink(paths.complaints(), 'Complaints')}
      <span class="govuk-caption-l">${categoryWords(report.category, this.#procedures)}</span>
      <h1 class="govuk-heading-l govuk-!-margin-bottom-2">${headingOf(complaint)}</h1>
      <p class="govuk-body">${complaintTag(complaint.state)}
        ${complaint.seriousness?.serious ? tag('Serious', 'orange') : nothing}
        ${isPaused(complaint) ? tag('Paused', 'yellow') : nothing}
        <span class="app-sub app-id">Complaint ${complaint.complaintId}</span></p>
      ${otherRouteView(complaint.otherRoute)}
      ${complaint.stages.length > 0 ? pathway('Stages of the procedure', this.#pathwayOf(complaint))
        : nothing}
      ${this.#buttons(complaint)}
      ${outOfTimeView(complaint, this.frame.names, this.#rights.works)}
      ${this.#proposalView(complaint)}
      ${this.#dutiesView(complaint)}
      ${this.#pointsView(complaint)}
      ${this.#reportView(complaint)}
      ${stagesView(complaint, this.frame.names, this.#rights.records && !isHeldBack(complaint),
        this.#procedures)}
      ${this.#workView(complaint)}
      ${this.#learningView(complaint)}
      ${this.#historyView(complaint)}`;
  }

  // The stages of the present procedure; those of one before are told below.
  #pathwayOf({ stages, state }: Complaint): PathwayStep[] {
    const last = stages[stages.length - 1]!;
    const known = this.#procedures?.procedures.find((each) => each.procedureId === last.procedureId);
    const at = known?.stages.findIndex((each) => each.stageId === last.stageId) ?? -1;
    if (!known || at < 0) {
      return stages.map((stage, index) => ({
        text: stage.title,
        state: index < stages.length - 1 || stage.answeredTime ? 'done' : 'current',
      }));
    }
    return known.stages.map(({ title }, index) => ({
      text: title,
      state: index < at ? 'done'
        : index > at ? state === Complaint_State.OPEN ? 'to come' : 'left out'
          : state === Complaint_State.OPEN ? 'current' : 'done',
    }));
  }

  get #rights() {
    return complaintRights(this.frame.session, this.#complaint!);
  }

  #buttons(complaint: Complaint): Content {
    const { records, works, closes, discloses } = this.#rights;
    const { complaintId, state, stages, acknowledgedTime } = complaint;
    const form = (form: ComplaintForm, text: string, secondary = true) =>
      buttonLink(paths.complaintForm(complaintId, form), text, secondary);
    if (state === Complaint_State.CLOSED || state === Complaint_State.WITHDRAWN) {
      return works ? html`<div class="app-buttons">${form('reopen', 'Reopen')}</div>` : nothing;
    }
    if (state !== Complaint_State.OPEN) return nothing;
    const more = (form: ComplaintForm, text: string) => link(paths.complaintForm(complaintId, form), text);
    if (!records) {
      return discloses ? moreLinks([more('disclose', 'Harm to a child was disclosed')]) : nothing;
    }
    const stage = stages[stages.length - 1];
    const paused = isPaused(complaint);
    const running = works && stage !== undefined && !stage.answeredTime && !isHeldBack(complaint);
    const undecided = complaint.outOfTime?.decision === OutOfTime_Decision.UNSPECIFIED;
    // Then nobody is owed an acknowledgement.
    const answered = stages.some(({ answeredTime }) => answeredTime);
    return html`
      <div class="app-buttons">
        ${acknowledgedTime || answered ? nothing
          : form('acknowledge', 'Record the acknowledgement', false)}
        ${running && !paused ? form('answer', 'Record the answer', false) : nothing}
        ${works && stage?.answeredTime ? form('next-stage', 'Start the next stage') : nothing}
        ${running && !paused ? form('extend', 'Extend the stage') : nothing}
        ${running && paused ? form('resume', 'Let the clock run on') : nothing}
        ${form('action-taken', 'Record an action taken')}
        ${closes && !undecided ? form('close', 'Close the complaint') : nothing}
      </div>
      ${moreLinks([
        ...running ? [more('investigator', 'Name an investigator')] : [],
        ...running && !stage.informal
          ? [more('independent', 'Name somebody from outside for the stage')] : [],
        ...running && !paused ? [more('pause', 'Let the stage’s clock stand still')] : [],
        ...closes && stage?.informal && !complaint.informalPartAllowedBy
          ? [more('informal-part', 'Let whom it is about take part informally')] : [],
        ...answered && !acknowledgedTime ? [more('acknowledge', 'Record the acknowledgement')] : [],
        more('point', 'Add a point of complaint'),
        ...works ? [more('seriousness', 'Judge whether it is serious')] : [],
        more('disclose', 'Harm to a child was disclosed'),
        ...works ? [more('reclassify', 'Go on under another procedure, or as an allegation')] : [],
        more('withdraw', 'Record that it was withdrawn'),
      ])}`;
  }

  #proposalView({ complaintId, eventProposals }: Complaint): Content {
    if (eventProposals.length === 0) return nothing;
    const { names } = this.frame;
    const { closes } = this.#rights;
    return html`
      <section class="app-section" aria-labelledby="proposals">
        <h2 class="govuk-heading-m" id="proposals">Proposed as a notifiable event</h2>
        ${eventProposals.map((proposal) => html`
          <div class="app-alert ${proposal.state === EventProposal_State.OPEN ? 'app-alert--open' : ''}"
            data-proposal=${proposal.proposalId}>
            <p class="govuk-body govuk-!-margin-bottom-2">A serious complaint about a foster carer is
              notifiable (Schedule 7, row 9). ${tag(proposalStateWords(proposal.state),
                proposal.state === EventProposal_State.OPEN ? 'yellow' : 'grey')}</p>
            ${proposal.decidedTime ? html`<p class="govuk-body govuk-!-margin-bottom-2">
              ${names.person(proposal.decidedBy)}, ${moment(proposal.decidedTime)}:
              ${prose(proposal.reason)}</p>` : nothing}
            ${proposal.state === EventProposal_State.ACCEPTED ? html`<p class="govuk-body">${
              link(paths.event(proposal.eventId), 'The notifiable event', proposal.eventId)}</p>`
              : nothing}
            ${proposal.state !== EventProposal_State.OPEN ? nothing : closes ? html`
              <div class="app-buttons">
                ${buttonLink(paths.complaintPart(complaintId, proposal.proposalId, 'proposal/accept'),
                  'Accept: report the event')}
                ${buttonLink(paths.complaintPart(complaintId, proposal.proposalId, 'proposal/decline'),
                  'Decline', true)}
              </div>` : html`<p class="govuk-body">The registered manager or the deputy decides.</p>`}
          </div>`)}
      </section>`;
  }

  #dutiesView(complaint: Complaint): TemplateResult {
    return html`
      <section class="app-section" aria-labelledby="duties">
        <h2 class="govuk-heading-m" id="duties">What is owed, and by when</h2>
        ${complaint.duties.length === 0 ? empty('Nothing is owed.') : dutiesView({
          caption: 'What is owed on this complaint',
          testId: 'duties',
          now: this.frame.now(),
          rows: complaintDuties(complaint),
        })}
      </section>`;
  }

  #pointsView({ complaintId, points, state }: Complaint): Content {
    if (points.length === 0) return nothing;
    const { names } = this.frame;
    const works = this.#rights.works && state === Complaint_State.OPEN
      && this.#complaint!.outOfTime?.decision !== OutOfTime_Decision.UNSPECIFIED;
    return html`
      <section class="app-section" aria-labelledby="points">
        <h2 class="govuk-heading-m" id="points">Points of complaint</h2>
        ${table<Point>({
          caption: 'Points of complaint and what came of each',
          captionHidden: true,
          rows: points,
          key: ({ pointId }) => pointId,
          testId: 'points',
          columns: [
            { heading: 'Point', header: true, cell: ({ text }) => prose(text) },
            {
              heading: 'Outcome',
              cell: ({ outcome, reason }) => html`${pointTag(outcome)}
                ${reason ? html`<span class="app-sub">${prose(reason)}</span>` : nothing}`,
            },
            {
              heading: 'Decided',
              cell: ({ decidedTime, decidedBy }) => decidedTime ? html`${moment(decidedTime)}
                <span class="app-sub">${names.person(decidedBy)}</span>` : 'Not yet',
            },
            {
              heading: 'Actions',
              cell: ({ pointId, text, decidedTime }) => works
                ? link(paths.complaintPart(complaintId, pointId, 'point/decide'),
                  decidedTime ? 'Decide anew' : 'Decide', `“${text}”`) : nothing,
            },
          ],
        })}
      </section>`;
  }

  #reportView(complaint: Complaint): TemplateResult {
    const { names } = this.frame;
    const report = complaint.report!;
    const { giver, subject } = report;
    return html`
      <section class="app-section" aria-labelledby="report">
        <h2 class="govuk-heading-m" id="report">What was said</h2>
        ${summaryList([
          { key: 'Kind', value: complaintKindWords(report.kind) },
          {
            key: 'Given by',
            value: html`${giverWords(giver?.kind ?? 0)}${this.#whoView(giver?.kind, giver?.giverId,
              giver?.name)}${giver?.contact
              ? html`<span class="app-sub">Answer to: ${giver.contact}</span>` : nothing}`,
          },
          giver !== undefined && giver.onBehalfOf !== GiverKind.UNSPECIFIED && {
            key: 'On behalf of',
            value: html`${giverWords(giver.onBehalfOf)}${this.#whoView(giver.onBehalfOf,
              giver.onBehalfOfId, giver.onBehalfOfName)}`,
          },
          {
            key: 'About',
            value: html`${subjectKindWords(subject?.kind ?? 0)}
              ${subject?.carerId ? html`<span class="app-line">Carer: ${link(
                paths.carer(subject.carerId), names.carer(subject.carerId))}${complaint.carerUnchecked
                  ? html`<span class="app-sub">Not checked: the register held no carers of the agency when
                    this was recorded.</span>` : nothing}</span>` : nothing}
              ${subject?.childId ? html`<span class="app-line">Child: ${link(
                paths.child(subject.childId), names.child(subject.childId))}</span>` : nothing}
              ${subject?.staffId ? html`<span class="app-line">Staff: ${names.person(subject.staffId)}
                </span>` : nothing}
              ${subject?.lineManagerIds.length ? html`<span class="app-sub">Managed by
                ${subject.lineManagerIds.map((each) => names.person(each)).join(', ')}</span>` : nothing}`,
          },
          report.happenedTime !== undefined && { key: 'Happened', value: moment(report.happenedTime) },
          { key: 'Received', value: html`${moment(report.receivedTime)},
            ${receivedByWords(report.receivedBy).toLowerCase()}` },
          {
            key: 'Recorded',
            value: html`${moment(complaint.recordedTime)}, ${names.person(complaint.recordedBy)}`,
          },
          report.procedureId !== '' && {
            key: 'Procedure', value: procedureWords(report.procedureId, this.#procedures),
          },
          { key: 'Category', value: categoryWords(report.category, this.#procedures) },
          { key: 'What was said', value: prose(report.summary) },
          { key: 'What they want to come of it', value: prose(report.wish) },
        ])}
      </section>`;
  }

  #whoView(kind: GiverKind | undefined, id: string | undefined, name: string | undefined): Content {
    const { names } = this.frame;
    const known = !id ? '' : kind === GiverKind.CHILD ? names.child(id)
      : kind === GiverKind.CARER ? names.carer(id) : kind === GiverKind.STAFF ? names.person(id) : id;
    const all = [known, name ?? ''].filter((text) => text !== '').join(', ');
    return all ? html`: ${all}` : nothing;
  }

  #workView(complaint: Complaint): Content {
    const rows = this.#workRows(complaint);
    return rows.length === 0 ? nothing : html`
      <section class="app-section" aria-labelledby="work">
        <h2 class="govuk-heading-m" id="work">What has been done</h2>
        ${summaryList(rows)}
      </section>`;
  }

  #workRows(complaint: Complaint): SummaryRow[] {
    const { names } = this.frame;
    const by = (person: string, time: Content) =>
      html`<span class="app-sub">${names.person(person)}, ${time}</span>`;
    const { seriousness, closure, withdrawal } = complaint;
    return [
      ...complaint.acknowledgedTime ? [{
        key: 'Acknowledged',
        value: html`${moment(complaint.acknowledgedTime)}, ${names.person(complaint.acknowledgedBy)}${
          complaint.advocateOfferedTime ? '. An advocate was offered.' : nothing}`,
      }] : [],
      ...complaint.actionsTaken.map(({ text, recordedBy, recordedTime }) => ({
        key: 'Action taken', value: html`${prose(text)} ${by(recordedBy, moment(recordedTime))}`,
      })),
      ...seriousness ? [{
        key: seriousness.serious ? 'Judged serious' : 'Judged not serious',
        value: html`${prose(seriousness.reason)} ${by(seriousness.judgedBy,
          moment(seriousness.judgedTime))}`,
      }] : [],
      ...complaint.disclosures.map(({ text, allegationId, recordedBy, recordedTime }) => ({
        key: 'Harm disclosed',
        value: html`${prose(text)} <span class="app-line">${allegationId
          ? link(paths.allegation(allegationId), 'The allegation that it opened', allegationId)
          : 'The allegation is being opened.'}</span> ${by(recordedBy, moment(recordedTime))}`,
      })),
      ...complaint.informalPartAllowedBy ? [{
        key: 'Informal part',
        value: `Allowed by ${names.person(complaint.informalPartAllowedBy)}`,
      }] : [],
      ...complaint.reclassifications.map((each) => ({
        key: 'Reclassified',
        value: html`${each.toAllegation ? 'To an allegation'
          : html`To “${procedureWords(each.toProcedureId, this.#procedures)}”`}: ${prose(each.reason)}
          ${by(each.reclassifiedBy, moment(each.reclassifiedTime))}`,
      })),
      ...complaint.reopenings.map(({ reason, reopenedBy, reopenedTime }) => ({
        key: 'Reopened', value: html`${prose(reason)} ${by(reopenedBy, moment(reopenedTime))}`,
      })),
      ...withdrawal ? [{
        key: 'Withdrawn',
        value: html`${prose(withdrawal.reason)} ${by(withdrawal.recordedBy,
          moment(withdrawal.withdrawnTime))}<span class="app-line">${withdrawal.giverToldTime
          ? html`The giver was told by ${names.person(withdrawal.giverToldBy)},
            ${moment(withdrawal.giverToldTime)}` : 'Nobody has told the giver.'}</span>`,
      }] : [],
      ...closure ? [{
        key: 'Outcome of the investigation',
        value: html`${prose(closure.outcome)} ${by(closure.closedBy, moment(closure.closedTime))}`,
      }] : [],
    ];
  }

  #learningView({ complaintId, learningReviews }: Complaint): Content {
    const { names } = this.frame;
    const { records, works: worksCase } = this.#rights;
    const now = this.frame.now();
    return learningReviews.map((review: LearningReview, index) => {
      const { reviewId } = review;
      const open = !review.closedTime;
      const works = worksCase && open;
      return html`
        <section class="app-section" aria-labelledby="learning-${index}">
          <h2 class="govuk-heading-m" id="learning-${index}">Review of what was learnt</h2>
          <p class="govuk-body">${open ? tag('Open', 'yellow') : tag('Closed', 'grey')} It closes only
            with what was learnt and with an action.</p>
          ${works ? html`
            <div class="app-buttons">
              ${buttonLink(paths.complaintPart(complaintId, reviewId, 'review/learning'),
                'Record what was learnt', review.learning !== '')}
              ${buttonLink(paths.complaintPart(complaintId, reviewId, 'review/action'),
                'Add an action', true)}
              ${buttonLink(paths.complaintPart(complaintId, reviewId, 'review/close'),
                'Close the review', true)}
            </div>` : nothing}
          ${summaryList([
            { key: 'What was learnt', value: prose(review.learning) },
            { key: 'What may be published of it', value: prose(review.publishedLearning) },
            review.closedTime !== undefined && {
              key: 'Closed',
              value: html`${moment(review.closedTime)}, ${names.person(review.closedBy)}`,
            },
          ])}
          ${review.actions.length === 0 ? nothing : actionsTable({
            caption: 'Actions from what was learnt',
            actions: review.actions,
            names,
            now,
            close: records
              ? (actionId) => paths.complaintPart(complaintId, actionId, 'action/close') : undefined,
          })}
        </section>`;
    });
  }

  #historyView(complaint: Complaint): TemplateResult {
    return html`
      <section class="app-section" aria-labelledby="history">
        <h2 class="govuk-heading-m" id="history">History</h2>
        ${timeline(complaint.history.map(({ fact, actor, recordedTime }) => ({
          fact, title: complaintFactWords(fact), actor, time: recordedTime,
        })), this.frame.names, this.frame.now())}
      </section>`;
  }
}

const headingOf = ({ report, caseNumber }: Complaint) =>
  `${complaintKindWords(report?.kind || ComplaintKind.COMPLAINT)} ${caseNumber?.text ?? ''}`;

const pointTag = (outcome: PointOutcome) => tag(pointOutcomeWords(outcome),
  outcome === PointOutcome.UPHELD || outcome === PointOutcome.PARTLY_UPHELD ? 'orange'
    : outcome === PointOutcome.UNSPECIFIED ? 'yellow' : 'grey');
