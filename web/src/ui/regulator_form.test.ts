import { create } from '@bufbuild/protobuf';
import { timestampFromDate } from '@bufbuild/protobuf/wkt';
import { expect, it } from 'vitest';
import { EventKind } from '../generated/fosterwatch/notifiable_events/v1/notifiable_event_pb';
import {
  RegulatorExport_Field, RegulatorExportSchema,
} from '../generated/fosterwatch/notifiable_events/v1/oversight_pb';
import { csvOf, formRows } from './regulator_form';

const form = create(RegulatorExportSchema, {
  eventId: 'E1',
  kinds: [EventKind.CHILD_MISSING, EventKind.CHILD_SERIOUS_OFFENCE],
  incidentTime: timestampFromDate(new Date('2026-11-21T23:10:00Z')),
  narrative: 'Said "no",\nthen left',
  missing: [RegulatorExport_Field.URN, RegulatorExport_Field.OUTCOME],
});

it('what the record lacks is marked, and nothing else', () => {
  expect(formRows(form).filter(({ missing }) => missing).map(({ name }) => name))
    .toEqual(['urn', 'outcome']);
});

it('a file of commas holds quotes, commas and line breaks', () => {
  const [names, ...values] = csvOf(formRows(form)).split('\r\n');
  expect(names).toMatch(/^urn,event_id,event_code,incident_at,/);
  expect(values.join('\r\n')).toContain('"Said ""no"",\nthen left"');
  expect(values.join('\r\n')).toMatch(/^,E1,Child missing; Serious offence alleged,2026-11-21T23:10/);
});
