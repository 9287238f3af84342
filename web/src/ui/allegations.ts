// How allegations look, wherever they are shown.

import { html, nothing, type TemplateResult } from 'lit-html';
import { allegationStateWords, outcomeWords } from '../allegation_words';
import {
  Allegation_State, Outcome,
} from '../generated/fosterwatch/allegations/v1/allegation_pb';
import type {
  AllegationSummary,
} from '../generated/fosterwatch/allegations/v1/allegations_service_pb';
import type { Names } from '../names';
import { paths } from '../router';
import { due, link, recent, table, tag, type Content } from './html';

export const allegationTag = (state: Allegation_State) => tag(allegationStateWords(state),
  state === Allegation_State.CLOSED ? 'grey'
    : state >= Allegation_State.OFFICER_CONCLUDED ? 'purple' : 'blue');

// "Allegation about Amira Okafor (F-0031)"
export function allegationWords(
  { carerId, personId }: { carerId: string; personId: string }, names: Names,
): string {
  return carerId ? `Allegation about ${names.carer(carerId)}`
    : personId ? `Allegation about ${names.person(personId)}, staff`
      : 'Allegation about somebody who is not named yet';
}

export const allegationsTable = (options: {
  caption: string;
  allegations: readonly AllegationSummary[];
  names: Names;
  now: Date;
}): TemplateResult => table<AllegationSummary>({
  caption: options.caption,
  captionHidden: true,
  rows: options.allegations,
  key: ({ allegationId }) => allegationId,
  testId: 'allegations',
  columns: [
    {
      heading: 'Allegation',
      header: true,
      cell: (each) => html`${link(paths.allegation(each.allegationId),
        allegationWords(each, options.names))}
        <span class="app-sub app-id">${each.allegationId}</span>`,
    },
    {
      heading: 'Child',
      cell: ({ childId }) => childId ? options.names.child(childId) : 'None known',
    },
    { heading: 'Became aware', cell: ({ becameAwareTime }) => recent(becameAwareTime, options.now) },
    {
      heading: 'Next due',
      cell: ({ nextDueTime }): Content => nextDueTime ? due(nextDueTime, options.now) : 'Nothing',
    },
    {
      heading: 'Checklist',
      cell: ({ checklistCount, checklistOpen }) => checklistCount === 0 ? 'Not opened'
        : `${checklistCount - checklistOpen} of ${checklistCount} closed`,
    },
    {
      heading: 'State',
      cell: ({ state, overdue, outcome }) => html`${allegationTag(state)}
        ${overdue ? tag('Overdue', 'red') : nothing}
        ${outcome !== Outcome.UNSPECIFIED
          ? html`<span class="app-sub">${outcomeWords(outcome)}</span>` : nothing}`,
    },
  ],
});
