// What has to be done by when, and why then.

import { html, nothing, type TemplateResult } from 'lit-html';
import type { Timestamp } from '@bufbuild/protobuf/wkt';
import type { Explanation } from '../generated/fosterwatch/type/v1/explanation_pb';
import { toDate } from '../time';
import { details, due, moment, table, tag, wasDue, type Content } from './html';
import { explanationView } from './records';

export interface DutyRow {
  key: string;
  // What is to be done.
  what: string;
  // Absent where nothing tells when, such as while a clock stands still.
  dueTime: Timestamp | undefined;
  doneTime?: Timestamp | undefined;
  explanation: Explanation | undefined;
  // Said below its name.
  note?: Content;
  // What it is in besides owed, overdue and done.
  state?: Content;
  // Where there is something to do about it.
  action?: Content;
}

export const isLate = ({ dueTime, doneTime, state }: DutyRow, now: Date) =>
  !state && !doneTime && dueTime !== undefined && toDate(dueTime) <= now;

export function dutyTag(row: DutyRow, now: Date): Content {
  if (row.state) return row.state;
  if (row.doneTime) {
    return row.dueTime && toDate(row.doneTime) >= toDate(row.dueTime)
      ? tag('Done late', 'orange') : tag('Done', 'green');
  }
  return isLate(row, now) ? tag('Overdue', 'red') : tag('Owed', 'yellow');
}

// Their table, and below it why each is due when it is.
export function dutiesView(options: {
  caption: string;
  rows: readonly DutyRow[];
  now: Date;
  testId: string;
  actions?: boolean;
  // None of them was done yet.
  open?: boolean;
}): TemplateResult {
  const { rows, now } = options;
  return html`
    ${table<DutyRow>({
      caption: options.caption,
      captionHidden: true,
      rows,
      key: ({ key }) => key,
      testId: options.testId,
      columns: [
        {
          heading: 'What',
          header: true,
          cell: ({ what, note }) => html`${what}${note
            ? html`<span class="app-sub">${note}</span>` : nothing}`,
        },
        {
          heading: 'Due',
          cell: (row) => row.doneTime || row.state ? wasDue(row.dueTime) : due(row.dueTime, now),
        },
        { heading: 'State', cell: (row) => dutyTag(row, now) },
        ...options.open
          ? [] : [{ heading: 'Done', cell: ({ doneTime }: DutyRow) => moment(doneTime, 'Not yet') }],
        ...options.actions
          ? [{ heading: 'Actions', cell: ({ action }: DutyRow) => action ?? nothing }] : [],
      ],
    })}
    ${rows.filter(({ explanation }) => explanation).map(({ what, explanation }) =>
      details(`Why then: ${what}`, explanationView(explanation)))}`;
}
