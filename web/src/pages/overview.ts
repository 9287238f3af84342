// What a manager keeps open all day: the figures, what needs doing now, the newest events.

import { html, nothing, type TemplateResult } from 'lit-html';
import { actionPlans, events as eventsApi, kpis as kpisApi } from '../api';
import type { WatchResponse } from '../generated/fosterwatch/gateway/v1/gateway_service_pb';
import { ActionPlan_State, type ActionPlan } from '../generated/fosterwatch/kpis/v1/action_plan_pb';
import type { Figure, Kpi, KpiDefinition } from '../generated/fosterwatch/kpis/v1/kpi_pb';
import {
  EventKind, NotifiableEvent_State, SignOff_Stage, type NotifiableEvent, type Notice,
} from '../generated/fosterwatch/notifiable_events/v1/notifiable_event_pb';
import type {
  EventSummary,
} from '../generated/fosterwatch/notifiable_events/v1/notifiable_event_service_pb';
import { Alert_Kind } from '../generated/fosterwatch/notifications/v1/notification_pb';
import type { Frame, Page } from '../page';
import { paths } from '../router';
import { dueWording, formatDateTime, formatMonth, formatRecent, toDate } from '../time';
import { saidOnce } from '../ui/alerts';
import { basisWords, statusView, targetWords, valueWords } from '../ui/figures';
import { readDefinitions } from '../ui/kpi_pages';
import { dutyWords, nextDuty } from '../ui/kpi_tables';
import { buttonLink, details, empty, link, plural, table, tag, type Content } from '../ui/html';
import {
  bodyWords, eventsTable, eventWords, howItGoes, isOverdue, isOwed, noticeWords, stagePath,
  waitsForPerson,
} from '../ui/records';
import { sentenceCase, type Task } from '../ui/tasks';
import { alertWords, attentionWords, rungWords, stageWords } from '../words';
import { carerTasks, caseTasks, movesWhatIsDue, readDueSoon, type DueSoon } from './overview_due';
import { mayRecord, maySignOff } from './rights';

const OPEN_EVENTS = 200;
// Events that are read in full; each is read once, and again when it changes.
const EVENTS_IN_FULL = 40;
const NEWEST = 8;
const SHOWN = 8;
const HISTORY_MONTHS = 5;
// The figures about notifiable events; all others are on the pages of figures.
const CODES = ['NE1', 'NE2', 'NE3', 'NE4', 'NE5'];
const PLANS = 50;
// What comes into the days that are looked ahead is looked for this often, also where nothing moved.
const LOOK_AHEAD_AGAIN_MS = 3600 * 1000;
// More milliseconds than any due time lies back.
const FIRST = 1e15;

export class OverviewPage implements Page {
  readonly section = 'overview';
  #kpis: readonly Kpi[] = [];
  // Of what is red, with the definitions of what they are about.
  #plans: readonly ActionPlan[] = [];
  #definitions: readonly KpiDefinition[] = [];
  #open: readonly EventSummary[] = [];
  #openTotal = 0;
  #newest: readonly EventSummary[] = [];
  #inFull = new Map<string, NotifiableEvent>();
  #soon: DueSoon = { duties: [], dutiesTotal: 0, complaints: [], allegations: [] };
  #isSoonStale = true;
  #soonReadAt = 0;

  constructor(private readonly frame: Frame) {}

  title(): string {
    return 'Overview';
  }

  concerns(fact: WatchResponse | undefined): boolean {
    if (fact) this.#inFull.delete(fact.aggregateId);
    else this.#inFull.clear();
    if (movesWhatIsDue(fact)) this.#isSoonStale = true;
    return true;
  }

  async load(): Promise<void> {
    const [kpis, plans, open, newest] = await Promise.all([
      kpisApi.listKpis({ codes: CODES, historyMonths: HISTORY_MONTHS }),
      actionPlans.listPlans({ state: ActionPlan_State.OPEN, pageSize: PLANS }),
      eventsApi.listEvents({ state: NotifiableEvent_State.OPEN, pageSize: OPEN_EVENTS }),
      eventsApi.listEvents({ pageSize: NEWEST }),
      this.#readSoon(),
      this.frame.names.ensureDirectory(),
    ]);
    await this.#readInFull(open.events);
    const summaries = [...open.events, ...newest.events];
    await Promise.all([
      this.frame.names.ensureChildren(summaries.map(({ childId }) => childId)),
      this.frame.names.ensureCarers(summaries
        .filter(({ childId }) => childId === '').map(({ carerId }) => carerId)),
      this.frame.names.ensureCarers([
        ...newest.events.map(({ carerId }) => carerId),
        ...this.frame.openAlerts.alerts.filter(({ inRegister }) => inRegister === 'carers')
          .map(({ recordId }) => recordId),
      ]),
    ]);
    this.#definitions = await readDefinitions(plans.plans);
    this.#kpis = kpis.kpis;
    this.#plans = plans.plans;
    this.#open = open.events;
    this.#openTotal = Number(open.totalSize);
    this.#newest = newest.events;
  }

  // Only when it may be another: who looks at it is kept each time.
  async #readSoon(): Promise<void> {
    const now = this.frame.now();
    if (!this.#isSoonStale && now.getTime() - this.#soonReadAt < LOOK_AHEAD_AGAIN_MS) return;
    this.#isSoonStale = false;
    try {
      this.#soon = await readDueSoon(now, this.frame.names);
      this.#soonReadAt = now.getTime();
    } catch (error) {
      this.#isSoonStale = true;
      throw error;
    }
  }

  async #readInFull(open: readonly EventSummary[]): Promise<void> {
    // What is due first, first; then what waits for a sign-off only.
    const dueAt = ({ nextDueTime }: EventSummary) => Number(nextDueTime?.seconds ?? Infinity);
    const owing = open
      .filter((event) => event.nextDueTime !== undefined || waitsForSignOff(event))
      .sort((one, other) => dueAt(one) < dueAt(other) ? -1 : dueAt(one) > dueAt(other) ? 1 : 0)
      .slice(0, EVENTS_IN_FULL);
    const wanted = new Set(owing.map(({ eventId }) => eventId));
    for (const eventId of this.#inFull.keys()) {
      if (!wanted.has(eventId)) this.#inFull.delete(eventId);
    }
    await Promise.all([...wanted].filter((eventId) => !this.#inFull.has(eventId))
      .map(async (eventId) => {
        this.#inFull.set(eventId, await eventsApi.getEvent({ eventId }));
      }));
  }

  view(): TemplateResult {
    return html`
      <div class="app-heading">
        <h1 class="govuk-heading-l">Overview</h1>
        ${mayRecord(this.frame.session) ? buttonLink(paths.report(), 'Report an event') : nothing}
      </div>
      ${this.#figuresView()}
      ${this.#tasksView()}
      <section class="app-section" aria-labelledby="newest">
        <h2 class="govuk-heading-m" id="newest">Newest events</h2>
        ${this.#newest.length === 0 ? empty('No event has been reported yet.') : html`
          ${eventsTable({
            caption: 'Newest events',
            captionHidden: true,
            events: this.#newest,
            names: this.frame.names,
            now: this.frame.now(),
          })}
          <p class="govuk-body">${link(paths.events(), 'All events')}</p>`}
      </section>`;
  }

  #figuresView(): TemplateResult {
    const asAt = this.#kpis[0]?.current?.asAtTime;
    return html`
      <section class="app-section" aria-labelledby="figures">
        <h2 class="govuk-heading-m govuk-!-margin-bottom-2" id="figures">Figures</h2>
        <p class="govuk-body-s">${asAt ? html`As at ${formatDateTime(toDate(asAt))}.`
          : 'No figure has been worked out yet.'}</p>
        <ul class="app-figures">
          ${this.#kpis.map(({ definition, current, history }) => {
            const known = current?.value !== undefined;
            return html`
              <li class="app-figure" data-kpi=${definition?.code ?? ''}>
                <h3 class="app-figure__title">${definition?.title}</h3>
                <p class="app-figure__value ${known ? '' : 'app-figure__value--none'}"
                  data-value>${valueWords(definition, current)}</p>
                <p class="app-figure__of">${known ? basisWords(definition, current)
                  : 'Nothing to count'}<span class="app-sub">${formatMonth(
                  current?.period ?? '')}</span></p>
                ${current?.target === undefined ? nothing : html`
                  <div class="app-figure__status" data-status>${statusView(current, history)}
                    <span class="app-sub">${targetWords(definition, current)}</span></div>`}
                <p class="app-figure__more">${link(
                  paths.figure(definition?.code ?? ''), 'What is counted',
                  `in ${definition?.title}`)}</p>
              </li>`;
          })}
        </ul>
        ${this.#kpis.length === 0 ? nothing : details('Months before', this.#historyView())}
        <p class="govuk-body govuk-!-margin-top-3">${link(paths.figures(), 'All figures')}</p>
      </section>`;
  }

  #historyView(): TemplateResult {
    const months = this.#kpis[0]?.history.map(({ period }) => period) ?? [];
    const period = this.#kpis[0]?.current?.period ?? '';
    return table<Kpi>({
      caption: 'The figures by month',
      captionHidden: true,
      rows: this.#kpis,
      columns: [
        { heading: 'Figure', header: true, cell: ({ definition }) => definition?.title ?? '' },
        ...months.map((month) => ({
          heading: formatMonth(month),
          numeric: true,
          cell: ({ definition, history }: Kpi) => {
            const figure = history.find((each) => each.period === month);
            return monthView(definition, figure);
          },
        })),
        {
          heading: `${formatMonth(period)} so far`,
          numeric: true,
          cell: ({ definition, current }) => monthView(definition, current),
        },
      ],
    });
  }

  #tasksView(): TemplateResult {
    const notices = this.#noticeTasks();
    const signOffs = this.#signOffTasks();
    const unread = this.#open.filter(({ nextDueTime, eventId }) =>
      nextDueTime && !this.#inFull.has(eventId)).length;
    const { openAlerts } = this.frame;
    const now = this.frame.now();
    const cases = caseTasks(this.#soon, this.frame.names, now);
    return html`
      <section class="app-section" aria-labelledby="tasks">
        <h2 class="govuk-heading-m" id="tasks">What needs doing now</h2>
        <div class="app-tasks">
          ${this.#group('Open alerts', openAlerts.count, this.#alertTasks(),
            'No alert is open.', link(paths.alerts(), 'All alerts'))}
          ${this.#group('Notices that are overdue or wait for a person', notices.length, notices,
            'No notice waits for anybody.',
            link(paths.events({ overdue: 'yes' }), 'All events with overdue notices'))}
          ${this.#group('Figures that are red', this.#plans.length, this.#planTasks(),
            'No figure is red.', link(paths.plans({ state: 'open' }), 'All open action plans'))}
          ${this.#group('Sign-offs that wait', signOffs.length, signOffs,
            'No sign-off waits.', link(paths.events({ state: 'open' }), 'All open events'))}
          ${this.#group('Carers: late, or due within 7 days', this.#soon.dutiesTotal,
            carerTasks(this.#soon, now), 'Nothing is owed on a carer within 7 days.',
            link(paths.carers({ overdue: 'any' }), 'All carers with something overdue'))}
          ${this.#group('Complaints and allegations: late, or due within 7 days', cases.length, cases,
            'Nothing of a complaint or an allegation is due within 7 days.',
            link(paths.complaints({ state: 'open' }), 'All open complaints'))}
        </div>
        ${unread > 0 ? html`<p class="govuk-body-s">${plural(unread, 'more event')} with notices
          still owed ${unread === 1 ? 'is' : 'are'} only in ${link(paths.events(), 'the list')}.</p>`
          : nothing}
        ${this.#openTotal > this.#open.length ? html`<p class="govuk-body-s">Worked out from the
          newest ${this.#open.length} of ${this.#openTotal} open events.</p>` : nothing}
      </section>`;
  }

  #group(
    title: string, count: number, tasks: Task[], none: string, all: Content,
  ): TemplateResult {
    const first = [...tasks].sort((a, b) => a.time - b.time).slice(0, SHOWN);
    const shown = first.reduce((sum, { standsFor = 1 }) => sum + standsFor, 0);
    return html`
      <div class="app-tasks__group">
        <h3 class="govuk-heading-s govuk-!-margin-bottom-1">${title} (${count})</h3>
        ${tasks.length === 0 ? empty(none) : html`
          <ul class="app-todo govuk-!-margin-bottom-2">
            ${first.map((task) => html`
              <li class="app-todo__item ${task.late ? 'app-todo__item--late' : ''}">
                <div class="app-todo__what">${task.what}</div>
                <div class="app-todo__when">${task.when}</div>
              </li>`)}
          </ul>
          ${count > shown ? html`<p class="govuk-body-s">The first ${shown} of ${count}. ${all}</p>`
            : nothing}`}
      </div>`;
  }

  #alertTasks(): Task[] {
    const now = this.frame.now();
    const { alerts } = this.frame.openAlerts;
    return saidOnce(alerts).map(({ alert, same }) => {
      const event = this.#open.find(({ eventId }) => eventId === alert.eventId);
      const raised = alert.raisedTime ? toDate(alert.raisedTime) : now;
      return {
        what: html`${alert.urgent ? html`${tag('Urgent', 'red')} ` : nothing}${alert.unreachable
          ? html`${tag('Nobody reached', 'red')} ` : nothing}${link(
          paths.alerts(), alertWords(alert.kind))}
          ${event ? html`<span class="app-sub">${link(paths.event(event.eventId),
            eventWords(event, this.frame.names))}</span>` : nothing}${
          alert.kind === Alert_Kind.ATTENTION ? html`<span class="app-sub">${link(
            paths.record(alert.inRegister, alert.recordId, alert.reasonCode), attentionWords(alert))}${alert.inRegister === 'carers' ? `: ${this.frame.names.carer(alert.recordId)}`
              : nothing}${same > 1 ? ` (${same} alerts)` : nothing}</span>`
            : nothing}${alert.kind === Alert_Kind.UNUSUAL_ACCESS ? html`<span class="app-sub">${link(
            paths.access({ person: alert.recordId, service: alert.inRegister }),
            `What ${this.frame.names.person(alert.recordId)} looked at`)}</span>` : nothing}`,
        when: html`Raised ${formatRecent(raised, now)}<span class="app-sub">${
          rungWords(alert)}</span>`,
        // Newest first, the urgent ones before all.
        time: -raised.getTime() - (alert.urgent ? FIRST : 0),
        late: alert.urgent,
        standsFor: same,
      };
    });
  }

  #planTasks(): Task[] {
    const now = this.frame.now();
    return this.#plans.map((plan) => {
      const title = this.#definitions.find(({ code }) => code === plan.code)?.title ?? plan.code;
      const duty = nextDuty(plan);
      const due = duty?.dueTime && toDate(duty.dueTime);
      const late = due !== undefined && due < now;
      return {
        what: html`${link(paths.plan(plan.planId), title)}
          <span class="app-sub">${plan.ownerId ? `Answered for by ${this.frame.names.person(plan.ownerId)}`
            : 'Nobody answers for it yet'}</span>`,
        when: html`Red since ${formatMonth(plan.firstRedPeriod)}${due ? html`<span class="app-sub ${late
          ? 'app-overdue' : ''}">${dutyWords(duty.kind)}: ${dueWording(due, now)}</span>` : nothing}`,
        // Those that were red last come first.
        time: -Number(plan.openedTime?.seconds ?? 0),
        late,
      };
    });
  }

  #noticeTasks(): Task[] {
    const now = this.frame.now();
    const tasks: Task[] = [];
    for (const event of this.#inFull.values()) {
      const waiting = (notice: Notice) =>
        isOwed(notice) && (waitsForPerson(notice) || isOverdue(notice, now));
      for (const notice of event.notices.filter(waiting)) {
        const due = notice.dueTime ? toDate(notice.dueTime) : now;
        const what = noticeWords(notice, event.kinds.length > 1);
        tasks.push({
          what: html`${mayRecord(this.frame.session)
            ? link(paths.give(event.eventId, notice.noticeId), `Give notice to ${what}`)
            : `Notice to ${what}`}
            (${bodyWords(notice, this.frame.names)}, ${howItGoes(notice).toLowerCase()})
            <span class="app-sub">${link(paths.event(event.eventId), eventWords({
              kinds: event.kinds,
              childId: event.report?.childId ?? '',
              carerId: event.report?.carerId ?? '',
            }, this.frame.names))}</span>`,
          when: html`<span class="${due < now ? 'app-overdue' : ''}">${sentenceCase(
            dueWording(due, now))}</span>`,
          // A death goes before everything that is late.
          time: due.getTime() - (notice.kind === EventKind.CHILD_DEATH ? FIRST : 0),
          late: due < now,
        });
      }
    }
    return tasks;
  }

  #signOffTasks(): Task[] {
    const now = this.frame.now();
    return this.#open
      .filter(waitsForSignOff)
      .map((event) => {
        const stage = event.signedStages.includes(SignOff_Stage.MANAGER)
          ? SignOff_Stage.REGISTERED_MANAGER : SignOff_Stage.MANAGER;
        const full = this.#inFull.get(event.eventId);
        const dueTime = full?.signOffs.find((each) => each.stage === stage)?.dueTime;
        const due = dueTime && toDate(dueTime);
        const recorded = event.recordedTime ? toDate(event.recordedTime) : now;
        const own = maySignOff(this.frame.session, stage, event.reporterId);
        return {
          what: html`${own === 'yes'
            ? link(paths.signOff(event.eventId, stagePath(stage)),
              `Sign off as ${stageWords(stage).toLowerCase()}`)
            : `Waits for a ${stageWords(stage).toLowerCase()}`}
            <span class="app-sub">${link(paths.event(event.eventId),
              eventWords(event, this.frame.names))}</span>`,
          when: due ? html`<span class="${due < now ? 'app-overdue' : ''}">${sentenceCase(
            dueWording(due, now))}</span>` : html`Reported ${formatRecent(recorded, now)}`,
          time: (due ?? recorded).getTime(),
          late: due !== undefined && due < now,
        };
      });
  }
}

const waitsForSignOff = ({ signedStages }: EventSummary) =>
  !signedStages.includes(SignOff_Stage.REGISTERED_MANAGER);

// One month of one figure: value, what it was worked out from, and how it stands to its target.
function monthView(definition: KpiDefinition | undefined, figure: Figure | undefined): Content {
  return html`${valueWords(definition, figure)}
    ${figure?.value === undefined ? nothing
      : html`<span class="app-sub">${basisWords(definition, figure)}</span>`}
    ${figure?.target === undefined ? nothing : html`<div>${statusView(figure)}</div>`}`;
}
