// Freezing an edition, and accepting what has become known after it.

import { Code, ConnectError } from '@connectrpc/connect';
import { html } from 'lit-html';
import { editions as editionsApi, kpis as kpisApi } from '../api';
import { RadiosField } from '../forms/field';
import { Form } from '../forms/form';
import { longText } from '../forms/questions';
import {
  Restatement_State, type Restatement,
} from '../generated/fosterwatch/kpis/v1/edition_pb';
import type { KpiDefinition, KpiSet } from '../generated/fosterwatch/kpis/v1/kpi_pb';
import type { Frame, Page } from '../page';
import { paths } from '../router';
import { formatPeriod, monthOf, monthsFrom } from '../time';
import { summaryList } from '../ui/html';
import { readDefinitions, setTitle } from '../ui/kpi_pages';
import { statedView } from '../ui/kpi_tables';
import { FormPage } from './form_page';
import { questionPage } from './question_page';
import { mayFreeze } from './rights';

const FREEZERS = 'The registered manager does this. You are signed in without that role.';
const MONTHS = 6;

export function freezeEditionPage(frame: Frame, query: URLSearchParams): Page {
  let sets: readonly KpiSet[] = [];
  // The present month is not over.
  const months = Array.from({ length: MONTHS }, (_, back) => monthsFrom(monthOf(frame.now()), -1 - back));
  return new FormPage(frame, {
    section: 'figures',
    heading: 'Freeze an edition',
    back: { href: paths.editions(), text: 'Editions' },
    read: async () => {
      ({ sets } = await kpisApi.listKpiSets({}));
    },
    concerns: () => false,
    instead: () => mayFreeze(frame.session) ? undefined : FREEZERS,
    intro: () => html`<p class="govuk-body">States the figures of a month as they are known now, under the
      month’s next number. An edition never changes.</p>`,
    form: (page) => {
      const set = new RadiosField({
        name: 'set', label: 'Which figures?', subject: 'The figures', required: 'Choose which figures',
        path: 'set', choices: () => sets.map((each) => ({ value: each.set, text: each.title })),
      });
      set.value = query.get('set') ?? '';
      const period = new RadiosField({
        name: 'period', label: 'Of which month?', subject: 'The month', required: 'Choose the month',
        path: 'period', choices: () => months.map((each) => ({ value: each, text: formatPeriod(each) })),
      });
      period.value = query.get('period') ?? '';
      return new Form({
        fields: [set, period],
        submit: 'Freeze the edition',
        send: async (requestId) => {
          const edition = await editionsApi.freezeEdition({
            requestId, set: set.value, period: period.value,
          });
          page.done(`Edition ${edition.number} of ${setTitle(sets, edition.set)}, ${
            formatPeriod(edition.period)}, is frozen.`, paths.edition(edition.editionId));
        },
      });
    },
  });
}

export function acceptRestatementPage(frame: Frame, restatementId: string): Page {
  let definition: KpiDefinition | undefined;
  return questionPage<Restatement>(frame, {
    section: 'figures',
    id: restatementId,
    back: { href: paths.editions(), text: 'Editions and restatements' },
    read: async () => {
      const { restatements } = await editionsApi.listRestatements({ pageSize: 200 });
      const found = restatements.find((each) => each.restatementId === restatementId);
      if (!found) throw new ConnectError('there is no such restatement', Code.NotFound);
      [definition] = await readDefinitions([found]);
      return found;
    },
    caption: ({ code, before }) => `${definition?.title ?? code}, ${formatPeriod(before?.period ?? '')}`,
  }, {
    may: ({ session }) => mayFreeze(session),
    forbidden: FREEZERS,
    heading: 'Accept a restatement',
    submit: 'Accept the new figure',
    done: 'The restatement is accepted.',
    instead: ({ state }) => state === Restatement_State.WAITING ? undefined
      : 'It no longer waits: somebody has accepted it, or the figure has changed again.',
    intro: (found) => html`
      ${summaryList([
        { key: 'As stated', value: statedView(definition, found.before) },
        { key: 'As known now', value: statedView(definition, found.after) },
        Boolean(found.causeFactId) && {
          key: 'After the fact', value: html`<span class="app-id">${found.causeFactId}</span>`,
        },
      ])}
      <p class="govuk-body">The edition stays as it is. The figure counts as stated anew from now on.</p>`,
    fields: () => {
      const reason = longText({
        name: 'reason',
        label: 'Why is it another figure?',
        subject: 'The reason',
        required: 'Enter why it is another figure',
        path: 'reason',
        lines: 4,
        maxLength: 2000,
      });
      return {
        fields: [reason],
        send: (requestId) => editionsApi.acceptRestatement({
          requestId, restatementId, reason: reason.value.trim(),
        }),
      };
    },
  });
}
