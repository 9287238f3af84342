// One event: what was reported, whom it must be told to by when and why, and what has been done.

import { html, nothing, type TemplateResult } from 'lit-html';
import { events as eventsApi, notifications } from '../api';
import type { WatchResponse } from '../generated/fosterwatch/gateway/v1/gateway_service_pb';
import {
  EventKind, Notice_State, NotifiableEvent_State, RegulatorUpdate, SignOff_Stage,
  type NotifiableEvent, type Notice, type SignOff,
} from '../generated/fosterwatch/notifiable_events/v1/notifiable_event_pb';
import { Alert_State, type Alert, type Send } from '../generated/fosterwatch/notifications/v1/notification_pb';
import type { Frame, Page } from '../page';
import { paths } from '../router';
import { toDate } from '../time';
import { actionsTable } from '../ui/actions';
import {
  backLink, buttonLink, details, due, empty, link, moment, plural, prose,
  summaryList, table, tag, wasDue, type Content,
} from '../ui/html';
import {
  bodyWords, explanationView, howItGoes, isOwed, isSigned, noticeExplanations,
  noticeTags, noticeWords, sendsTable, stagePath, stateTag, waitsForConfirmation,
  waitsForPerson,
} from '../ui/records';
import { correctionsView, evidenceView, kindsList, standingView } from '../ui/event_additions';
import { timeline } from '../ui/timeline';
import {
  channelWords, factWords, kindsWords, stageWords, subjectWords,
} from '../words';
import { alertView } from './alerts';
import {
  isRegisteredManager, mayOversee, mayRecord, mayRecordOutcome, mayReport, maySignOff, readsAgency,
} from './rights';

export class EventPage implements Page {
  readonly section = 'events';
  #event: NotifiableEvent | undefined;
  #alerts: readonly Alert[] = [];
  #sends: readonly Send[] = [];
  #moreSends = false;

  constructor(private readonly frame: Frame, private readonly eventId: string) {}

  // Goes into the browser's history, so it names nobody.
  title(): string {
    return this.#event ? `${kindsWords(this.#event.kinds)}, ${this.eventId}` : 'Event';
  }

  concerns(fact: WatchResponse | undefined): boolean {
    // Facts about sends and alerts carry the ids of those.
    return !fact || fact.aggregateId === this.eventId || fact.topic.includes('.notifications.') ||
      fact.topic.includes('.directory.');
  }

  async load(): Promise<void> {
    const { eventId } = this;
    const { names } = this.frame;
    const [event, alerts, sends] = await Promise.all([
      eventsApi.getEvent({ eventId }),
      ...readsAgency(this.frame.session) ? [
        notifications.listAlerts({ eventId, pageSize: 50 }),
        notifications.listSends({ eventId, pageSize: 100 }),
      ] as const : [undefined, undefined] as const,
      names.ensureDirectory(),
    ]);
    const reports = [event.report, ...event.corrections.map(({ report }) => report)];
    await Promise.all([
      names.ensureChildren(reports.map((report) => report?.childId ?? '')),
      names.ensureCarers(reports.map((report) => report?.carerId ?? '')),
    ]);
    this.#event = event;
    this.#alerts = alerts?.alerts ?? [];
    this.#sends = sends?.sends ?? [];
    this.#moreSends = (sends?.nextPageToken ?? '') !== '';
  }

  view(): TemplateResult {
    const event = this.#event!;
    const open = event.state === NotifiableEvent_State.OPEN;
    const { childId = '', carerId = '' } = event.report ?? {};
    const { names } = this.frame;
    const whom = childId ? names.child(childId) : carerId ? names.carer(carerId) : nothing;
    return html`
      ${backLink(paths.events(), 'Events')}
      <span class="govuk-caption-l">${whom}</span>
      <h1 class="govuk-heading-l govuk-!-margin-bottom-2">${kindsWords(event.kinds)}</h1>
      <p class="govuk-body">${stateTag(event.state)} ${this.#progress(event)}
        <span class="app-sub app-id">Event ${event.eventId}</span></p>
      ${standingView(event, this.frame, {
        completes: mayReport(this.frame.session), decides: mayRecordOutcome(this.frame.session),
      })}
      ${this.#buttons(event, open)}
      ${this.#noticesView(event, open)}
      ${this.#signOffsView(event)}
      ${this.#reportView(event)}
      ${correctionsView(event, names)}
      ${evidenceView(event, names)}
      ${this.#actionsView(event, open)}
      ${readsAgency(this.frame.session) ? html`${this.#alertsView()}${this.#sendsView()}` : nothing}
      ${this.#timelineView(event)}`;
  }

  #progress(event: NotifiableEvent): string {
    const owed = event.notices.filter(isOwed).length;
    const unsigned = event.signOffs.filter((signOff) => !isSigned(signOff)).length;
    const parts = [
      owed === 0 ? 'All notices given' : `${plural(owed, 'notice')} of ${event.notices.length} owed`,
      unsigned === 0 ? 'signed off' : `${plural(unsigned, 'sign-off')} to come`,
    ];
    return `${parts.join(', ')}.`;
  }

  #buttons(event: NotifiableEvent, open: boolean): Content {
    if (!mayRecord(this.frame.session)) return nothing;
    const { eventId } = event;
    const evidence = buttonLink(paths.addEvidence(eventId), 'Add later evidence', true);
    if (!open) return html`<div class="app-buttons">${evidence}</div>`;
    const isEnquiry = event.kinds.includes(EventKind.CHILD_PROTECTION_ENQUIRY);
    const isMissing = event.kinds.includes(EventKind.CHILD_MISSING);
    return html`
      <div class="app-buttons">
        ${isMissing && !event.childReturn
          ? buttonLink(paths.childReturn(eventId), 'Record the child’s return') : nothing}
        ${isEnquiry && !event.enquiryOutcome
          ? buttonLink(paths.enquiryOutcome(eventId), 'Record the enquiry’s outcome') : nothing}
        ${event.discussion && !event.discussion.discussedTime
          ? buttonLink(paths.discussion(eventId), 'Record the discussion') : nothing}
        ${!event.outcome && mayRecordOutcome(this.frame.session)
          ? buttonLink(paths.outcome(eventId), 'Record the outcome', true) : nothing}
        ${buttonLink(paths.correct(eventId), 'Correct or add', true)}
        ${buttonLink(paths.addAction(eventId), 'Add an action', true)}
        ${isRegisteredManager(this.frame.session)
          ? buttonLink(paths.conclude(eventId), 'Conclude', true) : nothing}
        ${evidence}
        ${mayRecordOutcome(this.frame.session)
          ? buttonLink(paths.withdraw(eventId), 'Withdraw', true) : nothing}
      </div>`;
  }

  #noticesView(event: NotifiableEvent, open: boolean): TemplateResult {
    const now = this.frame.now();
    const several = event.kinds.length > 1;
    const words = (notice: Notice) => noticeWords(notice, several);
    return html`
      <section class="app-section" aria-labelledby="notices">
        <h2 class="govuk-heading-m" id="notices">Notices</h2>
        ${table<Notice>({
          caption: 'Notices that the law requires for this event',
          captionHidden: true,
          rows: event.notices,
          key: (notice) => notice.noticeId,
          testId: 'notices',
          columns: [
            { heading: 'Recipient', header: true, cell: words },
            { heading: 'Body', cell: (notice) => bodyWords(notice, this.frame.names) },
            { heading: 'Channel', cell: howItGoes },
            { heading: 'Due', cell: (notice) => isOwed(notice) ? due(notice.dueTime, now)
              : wasDue(notice.dueTime) },
            {
              heading: 'State',
              cell: (notice) => html`${noticeTags(notice, now)}${waitsForPerson(notice)
                ? html`<span class="app-sub">Waits for a person</span>` : nothing}`,
            },
            { heading: 'Given', cell: (notice) => this.#givenView(notice) },
            {
              heading: 'Actions',
              cell: (notice) => !open || !mayRecord(this.frame.session) ? nothing
                : notice.state === Notice_State.OWED
                  ? link(paths.give(event.eventId, notice.noticeId), 'Record as given',
                    `to ${words(notice)}`)
                  : waitsForConfirmation(notice)
                  ? link(paths.confirmNotice(event.eventId, notice.noticeId),
                    'Record the written confirmation', `to ${words(notice)}`)
                : notice.state === Notice_State.GIVEN
                    ? link(paths.acknowledgeNotice(event.eventId, notice.noticeId),
                      'Record as acknowledged', `by ${words(notice)}`) : nothing,
            },
          ],
        })}
        <h3 class="govuk-heading-s govuk-!-margin-bottom-1">Why each is owed, and by when</h3>
        ${noticeExplanations(event.notices, several, now)}
        ${mayOversee(this.frame.session) ? html`<p class="govuk-body govuk-!-margin-top-3">${
          link(paths.proof(event.eventId), 'How each notice was given, and what it said')}<br>${
          link(paths.exportEvent(event.eventId), 'The fields of the regulator’s form')}</p>` : nothing}
        <p class="govuk-body-s govuk-!-margin-top-3">Recipients by version ${event.matrixVersion} of
          the matrix of Schedule 7.</p>
      </section>`;
  }

  #givenView(notice: Notice): Content {
    if (!notice.givenTime) {
      const attempts = notice.attempts.length;
      return attempts === 0 ? 'Not yet' : `Not yet (${plural(attempts, 'attempt')})`;
    }
    return html`${moment(notice.givenTime)}
      <span class="app-sub">${channelWords(notice.givenChannel)}, by
        ${this.frame.names.person(notice.givenBy)}</span>
      ${notice.givenReference
        ? html`<span class="app-sub app-id">Reference ${notice.givenReference}</span>` : nothing}
      ${this.#confirmationView(notice)}
      ${notice.acknowledgedTime ? html`<span class="app-sub">Acknowledged
        ${moment(notice.acknowledgedTime)}${notice.acknowledgementReference
          ? html`, reference ${notice.acknowledgementReference}` : nothing}</span>` : nothing}`;
  }

  #confirmationView(notice: Notice): Content {
    const confirmation = notice.writtenConfirmation;
    if (!confirmation) return nothing;
    return confirmation.confirmedTime
      ? html`<span class="app-sub">Confirmed in writing ${moment(confirmation.confirmedTime)}${
        confirmation.reference ? html`, reference ${confirmation.reference}` : nothing}</span>`
      : html`<span class="app-sub">To be confirmed in writing, ${
        due(confirmation.dueTime, this.frame.now())}</span>`;
  }

  #signOffsView(event: NotifiableEvent): TemplateResult {
    const now = this.frame.now();
    return html`
      <section class="app-section" aria-labelledby="sign-offs">
        <h2 class="govuk-heading-m" id="sign-offs">Sign-offs</h2>
        ${table<SignOff>({
          caption: 'Sign-offs of the record',
          captionHidden: true,
          rows: event.signOffs,
          testId: 'sign-offs',
          columns: [
            { heading: 'By', header: true, cell: ({ stage }) => stageWords(stage) },
            {
              heading: 'Due',
              cell: (signOff) => isSigned(signOff) ? wasDue(signOff.dueTime)
                : due(signOff.dueTime, now),
            },
            {
              heading: 'State',
              cell: (signOff) => isSigned(signOff) ? tag('Signed off', 'green')
                : signOff.dueTime && toDate(signOff.dueTime) < now
                  ? tag('Waits, overdue', 'red') : tag('Waits', 'yellow'),
            },
            {
              heading: 'Signed',
              cell: (signOff) => isSigned(signOff)
                ? html`${this.frame.names.person(signOff.signedBy)}, ${moment(signOff.signedTime)}
                  ${signOff.delegationId ? html`<span class="app-sub app-id">Under delegation
                    ${signOff.delegationId}</span>` : nothing}
                  ${signOff.comment ? html`<span class="app-sub">${prose(signOff.comment)}</span>`
                    : nothing}`
                : 'Not yet',
            },
            { heading: 'Actions', cell: (signOff) => this.#signOffAction(event, signOff) },
          ],
        })}
        ${event.signOffs.map((signOff) => details(`Why then: ${stageWords(signOff.stage)}`,
          explanationView(signOff.explanation)))}
      </section>`;
  }

  #signOffAction(event: NotifiableEvent, signOff: SignOff): Content {
    if (isSigned(signOff) || event.state !== NotifiableEvent_State.OPEN) return nothing;
    const managerSigned = event.signOffs
      .some((each) => each.stage === SignOff_Stage.MANAGER && isSigned(each));
    switch (maySignOff(this.frame.session, signOff.stage, event.reporterId)) {
      case 'own report':
        return 'You reported it, so somebody else signs it off';
      case 'no':
        return `For a ${stageWords(signOff.stage).toLowerCase()}`;
      default:
        return signOff.stage === SignOff_Stage.REGISTERED_MANAGER && !managerSigned
          ? 'After the manager'
          : link(paths.signOff(event.eventId, stagePath(signOff.stage)), 'Sign off',
            `as ${stageWords(signOff.stage).toLowerCase()}`);
    }
  }

  #reportView(event: NotifiableEvent): TemplateResult {
    const { names } = this.frame;
    const report = event.report!;
    const { enquiryOutcome, childReturn, conclusion } = event;
    return html`
      <section class="app-section" aria-labelledby="report">
        <h2 class="govuk-heading-m" id="report">What was reported</h2>
        ${summaryList([
          { key: 'Kind', value: kindsList(event.kinds) },
          { key: 'Child', value: report.childId ? names.child(report.childId) : 'None' },
          ...this.#authorities(report.childId),
          { key: 'Carer', value: report.carerId ? names.carer(report.carerId) : 'None' },
          { key: 'Happened', value: moment(report.occurredTime) },
          { key: 'Agency became aware', value: moment(report.becameAwareTime) },
          { key: 'Recorded', value: moment(event.recordedTime) },
          {
            key: 'Reported by',
            value: event.source ? html`${names.person(event.reporterId)}, from ${event.source}`
              : names.person(event.reporterId),
          },
          event.fromDecisionId !== '' && {
            key: 'Decided otherwise before',
            value: readsAgency(this.frame.session)
              ? link(paths.decision(event.fromDecisionId), 'The decision not to notify',
                event.fromDecisionId) : 'There was a decision not to notify',
          },
          { key: 'Place', value: prose(report.place) },
          { key: 'What happened', value: prose(report.summary) },
          { key: 'What was done at once', value: prose(report.immediateActions) },
          childReturn && {
            key: 'Child’s return',
            value: html`${moment(childReturn.returnedTime)}, recorded by
              ${names.person(childReturn.recordedBy)} ${moment(childReturn.recordedTime)}
              ${childReturn.note ? html`<span class="app-sub">${prose(childReturn.note)}</span>`
                : nothing}`,
          },
          enquiryOutcome && {
            key: 'Outcome of the enquiry',
            value: html`${prose(enquiryOutcome.outcome)}<span class="app-sub">Ended
              ${moment(enquiryOutcome.outcomeTime)}; the agency became aware
              ${moment(enquiryOutcome.becameAwareTime)}; recorded by
              ${names.person(enquiryOutcome.recordedBy)}</span>`,
          },
          event.discussion && {
            key: 'Discussion with the social worker',
            value: event.discussion.discussedTime
              ? html`${prose(event.discussion.agreed)}<span class="app-sub">With
                ${event.discussion.discussedWith}, ${moment(event.discussion.discussedTime)};
                recorded by ${names.person(event.discussion.recordedBy)}</span>`
              : html`Not yet recorded, ${due(event.discussion.dueTime, this.frame.now())}`,
          },
          event.outcome && !conclusion && {
            key: 'Outcome',
            value: html`${prose(event.outcome.outcome)}<span class="app-sub">
              ${moment(event.outcome.outcomeTime)}; recorded by
              ${names.person(event.outcome.recordedBy)}; to be concluded or told to the regulator,
              ${due(event.outcome.dueTime, this.frame.now())}</span>`,
          },
          event.outcome !== undefined && event.outcome.reason !== '' && {
            key: 'Update to the regulator',
            value: html`${event.outcome.regulatorUpdate === RegulatorUpdate.GIVE
              ? 'Chosen' : 'Not needed'}: ${prose(event.outcome.reason)}`,
          },
          conclusion && {
            key: 'Conclusion',
            value: html`${prose(conclusion.outcome)}<span class="app-sub">By
              ${names.person(conclusion.concludedBy)}, ${moment(conclusion.concludedTime)}${
              conclusion.regulatorReference
                ? html`; the regulator’s reference is ${conclusion.regulatorReference}` : nothing}
              </span>`,
          },
        ])}
      </section>`;
  }

  #authorities(childId: string): { key: string; value: Content }[] {
    const child = this.frame.names.childRecord(childId);
    if (!child) return [];
    const { responsibleAuthorityId, areaAuthorityId } = child;
    return [{
      key: 'Authorities now',
      value: html`Responsible: ${this.frame.names.body(responsibleAuthorityId)}. Area: ${
        areaAuthorityId === responsibleAuthorityId ? 'the same'
          : this.frame.names.body(areaAuthorityId)}.`,
    }];
  }

  #actionsView(event: NotifiableEvent, open: boolean): Content {
    if (event.actions.length === 0) return nothing;
    return html`
      <section class="app-section" aria-labelledby="actions">
        <h2 class="govuk-heading-m" id="actions">Actions</h2>
        ${actionsTable({
          caption: 'Actions on this event',
          actions: event.actions,
          names: this.frame.names,
          now: this.frame.now(),
          close: open && mayRecord(this.frame.session)
            ? (actionId) => paths.closeAction(event.eventId, actionId) : undefined,
        })}
      </section>`;
  }

  #alertsView(): TemplateResult {
    const now = this.frame.now();
    return html`
      <section class="app-section" aria-labelledby="alerts">
        <h2 class="govuk-heading-m" id="alerts">Alerts to the agency’s staff</h2>
        ${this.#alerts.length === 0 ? empty('None was raised about this event.')
          : [...this.#alerts]
            .sort((a, b) => Number(b.state === Alert_State.OPEN) - Number(a.state === Alert_State.OPEN))
            .map((alert) => alertView(alert, this.frame, now, { event: undefined, heading: 3 }))}
      </section>`;
  }

  #sendsView(): TemplateResult {
    return html`
      <section class="app-section" aria-labelledby="sends">
        <h2 class="govuk-heading-m" id="sends">What was sent</h2>
        ${this.#sends.length === 0 ? empty('Nothing has left yet.') : sendsTable({
          caption: 'Everything that was sent or handed to a person about this event, newest first',
          captionHidden: true,
          sends: this.#sends,
          names: this.frame.names,
          now: this.frame.now(),
        })}
        ${this.#moreSends ? html`<p class="govuk-body">${link(
          paths.sends({ event: this.eventId }), 'All that was sent', 'about this event')}</p>`
          : nothing}
      </section>`;
  }

  #timelineView(event: NotifiableEvent): TemplateResult {
    return html`
      <section class="app-section" aria-labelledby="timeline">
        <h2 class="govuk-heading-m" id="timeline">Timeline</h2>
        ${timeline(event.timeline.map(({ fact, actor, recordedTime, subject }) => ({
          fact,
          title: factWords(fact),
          actor,
          time: recordedTime,
          description: subjectWords(subject),
        })), this.frame.names, this.frame.now())}
      </section>`;
  }
}

