// What was counted for a figure, linked to the records that it belongs to.

import { html, nothing } from 'lit-html';
import type { Evidence, KpiDefinition, Stream } from '../generated/fosterwatch/kpis/v1/kpi_pb';
import { paths } from '../router';
import { formatPeriod } from '../time';
import { codeWords } from '../words';
import { unitWords } from './figures';
import { link, moment, table, tag, type Content } from './html';

// The lists of the registers that figures are made from.
const LISTS: Readonly<Record<string, { href: string; text: string }>> = {
  allegations: { href: paths.allegations(), text: 'All allegations' },
  carers: { href: paths.carers(), text: 'All carers' },
  complaints: { href: paths.complaints(), text: 'All complaints' },
  events: { href: paths.events(), text: 'All events' },
  placements: { href: paths.carers(), text: 'All carers, with whom children live' },
};

export function listOf(drillDown: string): Content {
  const list = LISTS[drillDown];
  return list ? html`<p class="govuk-body">${link(list.href, list.text)}</p>` : nothing;
}

// Where the record is read that a thing belongs to.
function recordLink(record: string, aggregateId: string): Content {
  switch (record) {
    case 'complaint': return link(paths.complaint(aggregateId), `Complaint ${aggregateId}`);
    case 'allegation': return link(paths.allegation(aggregateId), `Allegation ${aggregateId}`);
    case 'carer': return link(paths.carer(aggregateId), `Carer ${aggregateId}`);
    case 'child': return link(paths.child(aggregateId), `Child ${aggregateId}`);
    case 'event': case '': return link(paths.event(aggregateId), `Event ${aggregateId}`);
    default: return `${codeWords(record)} ${aggregateId}`;
  }
}

export const evidenceTable = (evidence: readonly Evidence[], stream: Stream | undefined) => {
  const hasDue = evidence.some(({ dueTime }) => dueTime);
  return table<Evidence>({
    caption: 'What is behind the figure',
    captionHidden: true,
    rows: evidence,
    key: ({ key }) => key,
    testId: 'evidence',
    columns: [
      {
        heading: 'What',
        header: true,
        cell: ({ key, aggregateId, attributes }) => html`${recordLink(stream?.record ?? '', aggregateId)}${
          key === aggregateId ? nothing : html`<span class="app-sub app-id">${stream?.noun ?? ''}
            ${key}</span>`}${Object.entries(attributes).map(([name, code]) => html`<span
            class="app-sub">${codeWords(name)}: ${codeWords(code) || 'not known'}</span>`)}`,
      },
      { heading: 'Began', cell: ({ beginTime }) => moment(beginTime, '–') },
      ...hasDue ? [{
        heading: 'Due', cell: ({ dueTime }: Evidence) => moment(dueTime, 'No due time'),
      }] : [],
      {
        heading: 'Ended',
        cell: ({ endTime, lapsed }) => html`${moment(endTime, 'Not yet')}${lapsed
          ? html`<span class="app-sub">No longer owed; never done</span>` : nothing}`,
      },
      {
        heading: 'Counted',
        cell: ({ counted, value }) => html`${counted ? tag('Counted', 'teal') : tag('Not counted', 'grey')}${
          value === undefined ? nothing : html` <span class="app-sub">${String(value)}</span>`}`,
      },
    ],
  });
};

const count = (value: number | undefined) => value === undefined ? 'Not said' : value.toLocaleString('en-GB');

export const reportedTable = (definition: KpiDefinition | undefined, evidence: readonly Evidence[]) =>
  table<Evidence>({
    caption: 'What was reported',
    captionHidden: true,
    rows: evidence,
    testId: 'evidence',
    columns: [
      { heading: 'Month', header: true, cell: ({ reported }) => formatPeriod(reported?.period ?? '') },
      { heading: 'Numerator', numeric: true, cell: ({ reported }) => count(reported?.numerator) },
      { heading: 'Denominator', numeric: true, cell: ({ reported }) => count(reported?.denominator) },
      {
        heading: 'Value', numeric: true,
        cell: ({ reported }) => reported?.value === undefined ? 'Not said'
          : unitWords(definition, reported.value),
      },
      { heading: 'Recorded', cell: ({ beginRecordedTime }) => moment(beginRecordedTime) },
      { heading: 'Fact', cell: ({ beginFactId }) => html`<span class="app-id">${beginFactId}</span>` },
    ],
  });
