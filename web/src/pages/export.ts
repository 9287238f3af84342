// One event as the regulator's own form asks for it: to copy from, or as a file.

import { html, nothing } from 'lit-html';
import { toJsonString } from '@bufbuild/protobuf';
import { oversight } from '../api';
import { RadiosField, TextField } from '../forms/field';
import { Form } from '../forms/form';
import {
  RegulatorExportSchema, type RegulatorExport,
} from '../generated/fosterwatch/notifiable_events/v1/oversight_pb';
import {
  NotifiableEvent_State, type NotifiableEvent,
} from '../generated/fosterwatch/notifiable_events/v1/notifiable_event_pb';
import type { Frame, Page } from '../page';
import { formatDateTime } from '../time';
import { saveFile } from '../ui/file';
import { prose, summaryList, tag } from '../ui/html';
import { csvOf, formRows } from '../ui/regulator_form';
import { aboutEvent } from './event_questions';
import { FormPage } from './form_page';
import { mayOversee } from './rights';

export function exportPage(frame: Frame, eventId: string): Page {
  let form: RegulatorExport | undefined;
  let saved = '';
  const { caption, read, ...about } = aboutEvent(frame, eventId);
  let event: NotifiableEvent | undefined;
  return new FormPage(frame, {
    ...about,
    heading: 'The fields of the regulator’s form',
    caption: () => event ? caption(event) : nothing,
    concerns: ({ aggregateId }) => aggregateId === eventId,
    read: async () => {
      [event, form] = await Promise.all([
        read(),
        mayOversee(frame.session) ? oversight.exportForRegulator({ eventId }) : undefined,
      ]);
    },
    instead: () => mayOversee(frame.session) ? undefined
      : 'Managers read this. You are signed in without that role.',
    intro: () => !form ? nothing : html`
      ${form.state === NotifiableEvent_State.WITHDRAWN
        ? html`<p class="govuk-inset-text">The event was withdrawn. This is not to be sent.</p>`
        : form.provisional ? html`<p class="govuk-inset-text">The report was made in a hurry and still
          has to be completed.</p>` : nothing}
      <p class="govuk-body">Staff by initials and role, children by reference. What people wrote is as
        they wrote it: read it for names before you send it.</p>
      ${summaryList(formRows(form, formatDateTime).map(({ label, value, missing }) => ({
        key: label,
        value: value === '' ? missing ? tag('Still missing', 'yellow') : 'None'
          : html`${prose(value)}${missing ? html` ${tag('Still missing', 'yellow')}` : nothing}`,
      })))}
      <h2 class="govuk-heading-m">Download</h2>
      <p class="govuk-body" role="status">${saved}</p>`,
    form: () => {
      const urn = new TextField({
        name: 'urn',
        label: 'Unique reference number',
        subject: 'The unique reference number',
        hint: 'The agency’s with Ofsted, such as SC123456.',
        path: 'urn',
        width: 10,
        maxLength: 20,
      });
      const format = new RadiosField({
        name: 'format',
        label: 'As what?',
        subject: 'The kind of file',
        required: 'Select the kind of file',
        choices: () => [
          { value: 'csv', text: 'CSV, for a spreadsheet' }, { value: 'json', text: 'JSON' },
        ],
      });
      return new Form({
        fields: [urn, format],
        submit: 'Download',
        send: async () => {
          saved = '';
          const answer = await oversight.exportForRegulator({ eventId, urn: urn.value.trim() });
          if (format.value === 'csv') {
            saveFile(`event-${eventId}.csv`, 'text/csv', csvOf(formRows(answer)));
          } else {
            saveFile(`event-${eventId}.json`, 'application/json',
              toJsonString(RegulatorExportSchema, answer, { prettySpaces: 2 }));
          }
          saved = 'Downloaded. The file holds what people wrote: keep it as you keep the record.';
        },
      });
    },
  });
}
