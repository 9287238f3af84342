// The stages of a complaint and what each owes.

import { html, nothing, type TemplateResult } from 'lit-html';
import { complaintDutyWords, independentWords, stepWords } from '../complaint_words';
import {
  Complaint_State, DutyKind, type Complaint, type Duty, type Stage,
} from '../generated/fosterwatch/complaints/v1/complaint_pb';
import type {
  ListProceduresResponse,
} from '../generated/fosterwatch/complaints/v1/complaints_service_pb';
import type { Names } from '../names';
import { paths } from '../router';
import type { DutyRow } from './duties';
import { link, moment, prose, summaryList, tag, wasDue, type Content } from './html';

export const presentStage = ({ stages }: Pick<Complaint, 'stages'>): Stage | undefined =>
  stages[stages.length - 1];

export const isPaused = (complaint: Pick<Complaint, 'stages'>) =>
  presentStage(complaint)?.pauses.some(({ untilTime }) => !untilTime) ?? false;

// Those that are open first, each group in the order in which they came.
export function complaintDuties({ duties, stages }: Complaint): DutyRow[] {
  const open = (duty: Duty) => !duty.doneTime && !duty.fallenAway;
  return [...duties.filter(open), ...duties.filter((duty) => !open(duty))].map((duty) => ({
    key: duty.dutyId,
    what: complaintDutyWords(duty, stages),
    dueTime: duty.suspended ? undefined : duty.dueTime,
    doneTime: duty.doneTime,
    explanation: duty.explanation,
    note: duty.firstDueTime ? html`Extended${duty.firstDueTime.seconds === duty.dueTime?.seconds
      ? ' after the limit, which stands' : ''}; it was due ${wasDue(duty.firstDueTime)}` : nothing,
    ...(duty.fallenAway ? { state: tag('No longer owed', 'grey') }
      : duty.suspended && !duty.doneTime ? { state: tag('Clock stands still', 'yellow') } : {}),
  }));
}

// The steps before the answer that can be recorded as done now.
const openSteps = ({ duties, stages }: Complaint, answerId: string | undefined): Duty[] =>
  duties.filter(({ kind, stageNumber, stepId, doneTime, fallenAway }) => kind === DutyKind.STEP
    && stageNumber === stages.length && stepId !== answerId && !doneTime && !fallenAway);

export function stagesView(
  complaint: Complaint, names: Names, mayRecordStep: boolean,
  procedures: ListProceduresResponse | undefined,
): Content {
  const { stages, complaintId, state } = complaint;
  if (stages.length === 0) return nothing;
  const present = presentStage(complaint)!;
  const answerId = procedures?.procedures.find((each) => each.procedureId === present.procedureId)
    ?.stages.find((each) => each.stageId === present.stageId)?.steps.at(-1);
  const steps = mayRecordStep && state === Complaint_State.OPEN ? openSteps(complaint, answerId) : [];
  return html`
    <section class="app-section" aria-labelledby="stages">
      <h2 class="govuk-heading-m" id="stages">Stages</h2>
      ${stages.map((stage) => html`
        <h3 class="govuk-heading-s govuk-!-margin-bottom-1">${stage.title}</h3>
        ${stageRows(stage, names)}
        ${stage !== present ? nothing : steps.map(({ stepId }) => html`<p class="govuk-body">${link(
          paths.complaintPart(complaintId, stepId, 'step/done'),
          `Record as done: ${stepWords(stepId)}`)}</p>`)}`)}
    </section>`;
}

// The step that was the answer: told by itself.
const answerOf = ({ stepsDone, answeredTime }: Stage) =>
  answeredTime ? stepsDone[stepsDone.length - 1]?.stepId : undefined;

function stageRows(stage: Stage, names: Names): TemplateResult {
  const { investigator } = stage;
  const by = (person: string, time: Content) =>
    html`<span class="app-sub">${names.person(person)}, ${time}</span>`;
  return summaryList([
    {
      key: 'Its clocks began',
      value: html`${moment(stage.clockStartTime)}<span class="app-sub">Version
        ${stage.procedureVersion} of the procedure</span>`,
    },
    investigator && {
      key: 'Investigator',
      value: html`${investigator.personId ? names.person(investigator.personId)
        : html`${investigator.outsideName}, not of the agency`}
        ${by(investigator.assignedBy, moment(investigator.assignedTime))}`,
    },
    ...stage.independents.map((each) => ({
      key: independentWords(each.partId),
      value: html`${each.name}, not of the agency${each.chairs ? '; chairs it' : nothing}
        ${by(each.namedBy, moment(each.namedTime))}`,
    })),
    ...stage.extensions.map((each) => ({
      key: 'Extended',
      value: html`${prose(each.reason)}<span class="app-line">Agreed by
        ${names.person(each.agreedBy)}; with the giver: ${prose(each.agreedWith)}</span>
        ${by(each.extendedBy, moment(each.extendedTime))}`,
    })),
    ...stage.pauses.map((each) => ({
      key: 'Paused',
      value: html`${prose(each.reason)}<span class="app-line">From ${moment(each.fromTime)} ${
        each.untilTime ? html`until ${moment(each.untilTime)}` : 'until now: it lasts'}</span>
        ${each.resumeReason ? html`<span class="app-line">Went on: ${prose(each.resumeReason)}</span>`
          : nothing}
        <span class="app-sub">${names.person(each.pausedBy)}${each.resumedBy
          ? html`, then ${names.person(each.resumedBy)}` : nothing}</span>`,
    })),
    ...stage.stepsDone.filter(({ stepId }) => stepId !== answerOf(stage)).map((each) => ({
      key: stepWords(each.stepId),
      value: html`Done ${moment(each.doneTime)}${each.note ? html`: ${prose(each.note)}` : nothing}
        <span class="app-sub">${names.person(each.doneBy)}</span>`,
    })),
    stage.answeredTime !== undefined && {
      key: 'Answer',
      value: html`${prose(stage.answer)} ${stage.withinFirstLimit ? tag('In time', 'green')
        : stage.withinExtendedLimit ? tag('In the extended time', 'green') : tag('Late', 'orange')}
        ${by(stage.answeredBy, moment(stage.answeredTime))}`,
    },
    stage.requestUntilTime !== undefined && {
      key: 'Next stage',
      value: html`May be asked for until ${wasDue(stage.requestUntilTime)}`,
    },
  ]);
}
