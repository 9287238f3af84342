// What was done with a carer in the course of the years: visits, agreements, checks.

import { html, nothing, type TemplateResult } from 'lit-html';
import { checkWords } from '../carer_words';
import type { Carer } from '../generated/fosterwatch/carers/v1/carer_pb';
import {
  EndingReview_State, type Agreement, type Check, type EndingReview, type Visit,
} from '../generated/fosterwatch/carers/v1/duties_pb';
import type { Names } from '../names';
import type { Frame } from '../page';
import { paths, type CarerPartForm } from '../router';
import { formatDay } from '../time';
import { actionsTable } from '../ui/actions';
import { parentWords } from '../ui/carers';
import { empty, id, link, prose, recent, rowLink, table, type Content } from '../ui/html';
import { mayKeepHousehold, mayWorkCase } from './rights';

// They are recorded in any order, those of a register before this one above all.
export const newestVisits = (visits: readonly Visit[]): Visit[] => [...visits].reverse()
  .sort((a, b) => Number((b.visitedTime?.seconds ?? 0n) - (a.visitedTime?.seconds ?? 0n)));

// Of one that another register had nobody says more than when it was.
function seenCell({ seen, visitorId }: Visit, carer: Carer, names: Names): Content {
  if (seen.length === 0) return visitorId ? 'Nobody' : 'Not on record';
  return html`${seen.map(({ childId, fosterParentId, other, alone }) => html`
    <span class="app-line">${childId ? names.child(childId) : fosterParentId
      ? parentWords(carer, fosterParentId) : other}${alone ? ', alone' : nothing}</span>`)}`;
}

export function visitsView(frame: Frame, carer: Carer): TemplateResult {
  const { names, session } = frame;
  const now = frame.now();
  return html`
    <section class="app-section" aria-labelledby="visits">
      <h2 class="govuk-heading-m" id="visits">Visits</h2>
      ${carer.visits.length === 0 ? empty('No visit is recorded.') : table<Visit>({
        caption: 'Visits to the foster home, newest first',
        captionHidden: true,
        rows: newestVisits(carer.visits),
        key: ({ visitId }) => visitId,
        testId: 'visits',
        columns: [
          { heading: 'When', header: true, cell: ({ visitedTime }) => recent(visitedTime, now) },
          { heading: 'By', cell: ({ visitorId }) => visitorId ? names.person(visitorId) : 'Not on record' },
          {
            heading: 'Kind',
            cell: (visit) => [
              visit.unannounced ? 'Unannounced' : 'Announced',
              ...visit.supervision ? ['supervision'] : [],
              ...visit.homeSafety ? ['health and safety'] : [],
            ].join(', '),
          },
          { heading: 'Seen', cell: (visit) => seenCell(visit, carer, names) },
          { heading: 'Notes', cell: ({ notes }) => prose(notes) },
        ],
      })}
      ${carer.actions.length === 0 ? nothing : html`
        <h3 class="govuk-heading-s">Actions from visits</h3>
        ${actionsTable({
          caption: 'Actions from visits',
          actions: carer.actions,
          names,
          now,
          close: mayKeepHousehold(session)
            ? (actionId) => paths.carerPart(carer.carerId, actionId, 'action/close') : undefined,
        })}`}
    </section>`;
}

export function endingReviewsView(frame: Frame, { carerId, endingReviews, actions }: Carer): Content {
  if (endingReviews.length === 0) return nothing;
  const { names, session } = frame;
  const form = (placementId: string, form: CarerPartForm, text: string) =>
    rowLink(paths.carerPart(carerId, placementId, form), text);
  return html`
    <section class="app-section" aria-labelledby="endings">
      <h2 class="govuk-heading-m" id="endings">Placements that ended without a plan</h2>
      ${table<EndingReview>({
        caption: 'Placements that ended without a plan, and what was learnt',
        captionHidden: true,
        rows: [...endingReviews].reverse(),
        key: ({ placementId }) => placementId,
        testId: 'ending-reviews',
        columns: [
          { heading: 'Ended', header: true, cell: ({ endDate }) => formatDay(endDate) },
          {
            heading: 'Child',
            cell: ({ childId }) => link(paths.child(childId), names.child(childId)),
          },
          { heading: 'Reason', cell: ({ reasonCode }) => id(reasonCode) },
          {
            heading: 'Who sees to it',
            cell: ({ ownerId }) => ownerId ? names.person(ownerId) : 'The team managers',
          },
          {
            heading: 'Review',
            cell: ({ state, placementId, heldDate, learning, actionIds, noActionReason }) => {
              if (state === EndingReview_State.NOT_NEEDED) return 'Not needed: it was put right';
              if (state === EndingReview_State.HELD) {
                const done = actions.filter(({ actionId }) => actionIds.includes(actionId));
                return html`Held ${formatDay(heldDate)}
                  <span class="app-line">${prose(learning)}</span>
                  <span class="app-sub">${done.length > 0
                    ? done.map(({ description }) => description).join('; ') : noActionReason}</span>`;
              }
              return html`Not held yet${mayWorkCase(session) ? html`
                ${form(placementId, 'ending/review', 'Record the review')}
                ${form(placementId, 'ending/assign', 'Say who sees to it')}` : nothing}`;
            },
          },
        ],
      })}
    </section>`;
}

export function checksView(carer: Carer): Content {
  if (carer.checks.length === 0 && carer.agreements.length === 0) return nothing;
  return html`
    <section class="app-section" aria-labelledby="checks">
      <h2 class="govuk-heading-m" id="checks">Agreements and checks</h2>
      ${carer.agreements.length === 0 ? nothing : table<Agreement>({
        caption: 'Foster care agreements',
        captionHidden: true,
        rows: carer.agreements,
        key: ({ agreementId }) => agreementId,
        testId: 'agreements',
        columns: [
          { heading: 'Version', header: true, cell: ({ version }) => version },
          { heading: 'Issued', cell: ({ issuedDate }) => formatDay(issuedDate) },
          {
            heading: 'Returned signed',
            cell: ({ returnedDate }) => returnedDate ? formatDay(returnedDate) : 'Not yet',
          },
        ],
      })}
      ${carer.checks.length === 0 ? nothing : table<Check>({
        caption: 'Checks',
        captionHidden: true,
        rows: carer.checks,
        key: ({ checkId }) => checkId,
        testId: 'checks',
        columns: [
          { heading: 'Check', header: true, cell: ({ kind }) => checkWords(kind) },
          {
            heading: 'Of',
            cell: ({ fosterParentId }) => fosterParentId ? parentWords(carer, fosterParentId)
              : 'The household',
          },
          { heading: 'Done', cell: ({ doneDate }) => formatDay(doneDate) },
          { heading: 'Reference', cell: ({ reference }) => reference || 'None' },
        ],
      })}
    </section>`;
}
