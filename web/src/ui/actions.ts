// What somebody will do about a record.

import { html, nothing, type TemplateResult } from 'lit-html';
import { Action_State, type Action } from '../generated/fosterwatch/type/v1/action_pb';
import type { Names } from '../names';
import { due, hidden, link, prose, table, tag, wasDue, type Content } from './html';

export function actionTag(action: Action): Content {
  switch (action.state) {
    case Action_State.OPEN: return tag('Open', 'yellow');
    case Action_State.DONE: return html`${tag('Done', 'green')}${hidden('with evidence')}`;
    default: return tag('Dropped', 'grey');
  }
}

const isOpen = ({ state }: Action) => state === Action_State.OPEN;

export const actionsTable = (options: {
  caption: string;
  actions: readonly Action[];
  names: Names;
  now: Date;
  // Where one that is open is closed, for whoever may.
  close?: ((actionId: string) => string) | undefined;
}): TemplateResult => table<Action>({
  caption: options.caption,
  captionHidden: true,
  rows: options.actions,
  testId: 'actions',
  columns: [
    { heading: 'What', header: true, cell: ({ description }) => prose(description) },
    { heading: 'Who', cell: ({ ownerId }) => options.names.person(ownerId) },
    {
      heading: 'Due',
      cell: ({ state, dueTime }) => state === Action_State.OPEN ? due(dueTime, options.now)
        : wasDue(dueTime),
    },
    {
      heading: 'State',
      cell: (action) => html`${actionTag(action)}${action.evidence
        ? html`<span class="app-sub">${prose(action.evidence)}</span>` : nothing}`,
    },
    ...!options.close || !options.actions.some(isOpen) ? [] : [{
      heading: 'Actions',
      cell: (action: Action) => isOpen(action)
        ? link(options.close!(action.actionId), 'Close', `“${action.description}”`) : nothing,
    }],
  ],
});
