// How carers look, wherever they are shown.

import { html, nothing, type TemplateResult } from 'lit-html';
import {
  breachWords, carerDutyWords, carerKindWords, carerStatusWords, dutyBasisWords, termsWords,
} from '../carer_words';
import { Carer_Status, type Carer } from '../generated/fosterwatch/carers/v1/carer_pb';
import { DutyKind, type CarerDuty } from '../generated/fosterwatch/carers/v1/duties_pb';
import type { Terms } from '../generated/fosterwatch/carers/v1/register_pb';
import type { Household } from '../generated/fosterwatch/placements/v1/placement_pb';
import type { Names } from '../names';
import type { Frame } from '../page';
import { paths } from '../router';
import { formatDay, toDate } from '../time';
import type { DutyRow } from './duties';
import {
  due, link, plural, prose, recent, table, tag, wasDue, type Content, type TagColour,
} from './html';
import { supervisorCell } from './supervision';

const COLOURS: Partial<Record<Carer_Status, TagColour>> = {
  [Carer_Status.APPLICANT]: 'blue',
  [Carer_Status.APPROVED]: 'green',
  [Carer_Status.TEMPORARILY_APPROVED]: 'teal',
  [Carer_Status.SUSPENDED]: 'orange',
};

export const carerTag = (status: Carer_Status) =>
  tag(carerStatusWords(status), COLOURS[status] ?? 'grey');

const isOverdue = ({ dueTime }: CarerDuty, now: Date) => dueTime !== undefined && toDate(dueTime) <= now;

// Overdue ones, and the one that comes next.
function dutiesCell({ duties }: Carer, now: Date): Content {
  if (duties.length === 0) return 'Nothing';
  const overdue = duties.filter((duty) => isOverdue(duty, now)).length;
  const next = duties.find((duty) => !isOverdue(duty, now));
  return html`${overdue > 0
    ? html`<span class="app-overdue">${plural(overdue, 'duty', 'duties')} overdue</span>` : nothing}
    ${next ? html`<span class="${overdue > 0 ? 'app-sub' : ''}">Next: ${carerDutyWords(next.kind)},
      ${due(next.dueTime, now)}</span>` : nothing}`;
}

export const carersTable = (options: {
  caption: string; carers: readonly Carer[]; frame: Frame;
  // Said below a name.
  note?: (carer: Carer) => Content;
}): TemplateResult => table<Carer>({
  caption: options.caption,
  captionHidden: true,
  rows: options.carers,
  key: ({ carerId }) => carerId,
  testId: 'carers',
  columns: [
    {
      heading: 'Carer',
      header: true,
      cell: (carer) => html`${link(paths.carer(carer.carerId), carer.name || carer.carerId)}
        <span class="app-sub app-id">${carer.carerId}</span>${options.note?.(carer) ?? nothing}`,
    },
    { heading: 'Kind', cell: ({ kind }) => carerKindWords(kind) },
    {
      heading: 'Approved',
      cell: ({ approvedDate, endedDate }) => html`${approvedDate ? formatDay(approvedDate) : 'Not yet'}
        ${endedDate ? html`<span class="app-sub">Ended ${formatDay(endedDate)}</span>` : nothing}`,
    },
    { heading: 'Supervised by', cell: (carer) => supervisorCell(carer, options.frame.names) },
    { heading: 'Owed', cell: (carer) => dutiesCell(carer, options.frame.now()) },
    { heading: 'State', cell: ({ status }) => carerTag(status) },
  ],
});

// Of a carer who was taken over: first the agency has time to record what was done elsewhere.
const isAlertedLater = ({ dueTime, attentionTime }: CarerDuty) => dueTime !== undefined
  && attentionTime !== undefined && attentionTime.seconds > dueTime.seconds;

// What the duty is about, where it is one of several of its kind.
function dutyAbout(duty: CarerDuty, carer: Carer): string {
  const { aboutId, kind } = duty;
  if (!aboutId) return '';
  const parent = carer.fosterParents.find(({ fosterParentId }) => fosterParentId === aboutId);
  if (parent) return parent.name || aboutId;
  if (kind === DutyKind.ACTION) {
    return carer.actions.find(({ actionId }) => actionId === aboutId)?.description ?? '';
  }
  return '';
}

export function carerDutyRow(duty: CarerDuty, carer: Carer): DutyRow {
  const about = dutyAbout(duty, carer);
  return {
    key: duty.dutyId,
    what: about ? `${carerDutyWords(duty.kind)}: ${about}` : carerDutyWords(duty.kind),
    dueTime: duty.dueTime,
    explanation: duty.explanation,
    note: html`${dutyBasisWords(duty.basis)}. ${duty.lastDoneDate
      ? `Last done ${formatDay(duty.lastDoneDate)}` : 'Never done, as far as the register knows'}${
      isAlertedLater(duty) ? html`; staff are alerted from ${wasDue(duty.attentionTime)}` : nothing}`,
  };
}

export const parentWords = (carer: Carer | undefined, fosterParentId: string) =>
  carer?.fosterParents.find((each) => each.fosterParentId === fosterParentId)?.name || fosterParentId;

export const carerWords = (carer: Carer | undefined, names: Names, carerId: string) =>
  carer?.name ? `${carer.name} (${carerId})` : names.carer(carerId);

// What they allow, and what they say besides.
export const termsView = (terms: Terms | undefined): Content => html`${termsWords(terms)}${terms?.note
  ? html`<span class="app-sub">${prose(terms.note)}</span>` : nothing}`;

// What is outside the carer's terms, with all who live there or with one child.
export function outsideTermsView(
  { breaches }: Household, names: Names, now: Date, childId?: string,
): Content {
  const shown = breaches.filter((each) =>
    childId === undefined || each.childId === '' || each.childId === childId);
  return shown.length === 0 ? nothing : html`
    <div class="app-alert app-alert--urgent" data-testid="outside-terms">
      <p class="govuk-body govuk-!-margin-bottom-1"><strong>Outside the terms of approval</strong></p>
      <ul class="govuk-list govuk-list--bullet">
        ${shown.map((each) => html`<li>${breachWords(each.code)}${each.childId
          ? `: ${names.child(each.childId)}` : nothing}, found ${recent(each.foundTime, now)}</li>`)}
      </ul>
    </div>`;
}
