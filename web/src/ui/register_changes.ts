// The lines of the register by two times: from when each is true, and when the register learnt it.

import { html, nothing, type TemplateResult } from 'lit-html';
import { endReasonWords } from '../carer_words';
import type { RegisterChangeShown } from '../generated/fosterwatch/carers/v1/carer_pb';
import type { RegisterChange } from '../generated/fosterwatch/carers/v1/register_pb';
import type { Frame } from '../page';
import { mayWorkCase } from '../pages/rights';
import { paths } from '../router';
import { formatDay } from '../time';
import { termsView } from './carers';
import { empty, link, prose, recent, table, tag, type Content } from './html';

export function changeKindWords(change: RegisterChange): string {
  switch (change.value.case) {
    case 'particulars': return 'Particulars';
    case 'terms': return 'Terms of approval';
    case 'review': return 'Review of approval';
    case 'exemption': return 'Exemption';
    case 'approvalBegin': return change.value.value.temporary ? 'Temporary approval' : 'Approval';
    case 'approvalEnd': return 'End of approval';
    case 'carerKind': return 'Kind of carer';
    case 'mergedInto': return 'Another record of the household';
    default: return 'Struck out';
  }
}

export function changeValueView(change: RegisterChange | undefined): Content {
  const value = change?.value;
  switch (value?.case) {
    case 'particulars': {
      const { name, address, fosterParents } = value.value;
      return html`${name || fosterParents.map((parent) => parent.name).join(' and ')}
        <span class="app-sub">${prose(address)}</span>`;
    }
    case 'terms': return termsView(value.value);
    case 'review': return value.value.wentToPanel ? 'Went to the panel' : 'Held';
    case 'exemption': return value.value.childIds.join(', ');
    case 'approvalBegin': return 'Began';
    case 'mergedInto': return `Goes on in ${value.value.carerId}`;
    case 'carerKind': return value.value.connected ? 'Connected' : 'Mainstream';
    case 'approvalEnd': return endReasonWords(value.value.reason);
    default: return 'Nothing';
  }
}

// Neither what was replaced already, nor the end of an approval, nor a merge, which is taken back.
export const mayBeCorrected = ({ change, replacedByChangeId }: RegisterChangeShown) =>
  replacedByChangeId === '' && change?.value.case !== undefined
  && change.value.case !== 'approvalEnd' && change.value.case !== 'mergedInto';

export function registerChangesView(
  changes: readonly RegisterChangeShown[], carerId: string, frame: Frame,
): TemplateResult {
  const { names, session } = frame;
  const now = frame.now();
  const corrects = mayWorkCase(session);
  return html`
    <section class="app-section" aria-labelledby="changes">
      <h2 class="govuk-heading-m" id="changes">Changes of the register</h2>
      <p class="govuk-body">From when each is true, when the register learnt it, and what it said
        before.</p>
      ${changes.length === 0 ? empty('None.') : table<RegisterChangeShown>({
        caption: 'Changes of the register, newest first',
        captionHidden: true,
        rows: changes,
        key: ({ change }) => change?.changeId ?? '',
        testId: 'changes',
        columns: [
          {
            heading: 'What',
            header: true,
            cell: ({ change, replacedTime }) => html`${change ? changeKindWords(change) : nothing}
              ${replacedTime ? html` ${tag('Replaced', 'grey')}<span class="app-sub">
                ${recent(replacedTime, now)}</span>` : nothing}`,
          },
          { heading: 'True from', cell: ({ change }) => formatDay(change?.effectiveDate ?? '') },
          {
            heading: 'Learnt',
            cell: ({ change }) => html`${recent(change?.recordedTime, now)}
              <span class="app-sub">${names.person(change?.recordedBy ?? '')}</span>`,
          },
          {
            heading: 'Says',
            cell: ({ change }) => html`${changeValueView(change)}${change?.reason
              ? html`<span class="app-sub">Why: ${prose(change.reason)}</span>` : nothing}`,
          },
          { heading: 'Said before', cell: ({ before }) => before ? changeValueView(before) : 'Nothing' },
          ...!corrects ? [] : [{
            heading: 'Actions',
            cell: (shown: RegisterChangeShown) => mayBeCorrected(shown) ? link(
              paths.carerPart(carerId, shown.change!.changeId, 'register/correct'), 'Correct',
              `${changeKindWords(shown.change!).toLowerCase()}, true from ${
                formatDay(shown.change!.effectiveDate)}`) : nothing,
          }],
        ],
      })}
    </section>`;
}
