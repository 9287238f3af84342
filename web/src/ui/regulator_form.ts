// The minimum fields of the regulator's form: as people read them and as rows of a file.

import { timestampDate, type Timestamp } from '@bufbuild/protobuf/wkt';
import {
  RegulatorExport_Field, type RegulatorExport, type RegulatorExport_Body, type RegulatorExport_Person,
} from '../generated/fosterwatch/notifiable_events/v1/oversight_pb';
import { kindWords, recipientWords, roleWords } from '../words';

export interface FormRow {
  // The name of the column in a file.
  name: string;
  label: string;
  value: string;
  // The form asks for it, and the record does not have it yet.
  missing: boolean;
}

type Clock = (moment: Date) => string;

const iso: Clock = (moment) => moment.toISOString();

const personWords = (person: RegulatorExport_Person | undefined) =>
  person ? [person.initials || '?', person.role ? roleWords(person.role) : '']
    .filter((text) => text !== '').join(' ') : '';

function bodyWords(body: RegulatorExport_Body, clock: Clock): string {
  const whom = `${recipientWords(body.recipient)}${body.bodyId ? ` ${body.bodyId}` : ''} of ${
    kindWords(body.kind)}`;
  if (!body.givenTime) return `${whom}: not yet`;
  const by = body.givenBy?.initials ? ` by ${body.givenBy.initials}` : '';
  return `${whom}: ${clock(timestampDate(body.givenTime))}${by}${body.reference ? `, reference ${body.reference}` : ''}`;
}

const F = RegulatorExport_Field;

// Moments are UTC in ISO 8601 where the clock says nothing else.
export function formRows(form: RegulatorExport, clock: Clock = iso): FormRow[] {
  const at = (time: Timestamp | undefined) => time ? clock(timestampDate(time)) : '';
  const row = (
    name: string, label: string, value: string, field: RegulatorExport_Field = F.UNSPECIFIED,
  ) => ({ name, label, value, missing: field !== F.UNSPECIFIED && form.missing.includes(field) });
  const list = (texts: readonly string[]) => texts.join('; ');
  return [
    row('urn', 'Unique reference number', form.urn, F.URN),
    row('event_id', 'Event', form.eventId),
    row('event_code', 'Kind', list(form.kinds.map(kindWords))),
    row('incident_at', 'Date and time', at(form.incidentTime)),
    row('incident_place', 'Place', form.incidentPlace, F.INCIDENT_PLACE),
    row('narrative', 'What happened', form.narrative, F.NARRATIVE),
    row('child_refs', 'Children, by reference', list(form.childReferences), F.CHILD_REFERENCES),
    row('staff_initials', 'Staff, by initials',
      list(form.staff.map(({ initials }) => initials || '?')), F.STAFF_INITIALS),
    row('staff_roles', 'Staff, by role',
      list(form.staff.map(({ role }) => role ? roleWords(role) : '?')), F.STAFF_ROLES),
    row('other_bodies_notified', 'Other bodies notified', list(form.otherBodies.map((body) => bodyWords(body, clock))), F.OTHER_BODIES_NOTIFIED),
    row('actions_immediate', 'What was done at once', form.immediateActions, F.IMMEDIATE_ACTIONS),
    row('evaluation', 'Evaluation', form.evaluation, F.EVALUATION),
    row('prevention_plan', 'Plan to prevent it', form.preventionPlan, F.PREVENTION_PLAN),
    row('reporter', 'Reported by', personWords(form.reporter), F.REPORTER),
    row('registered_manager_signoff', 'Registered manager’s sign-off',
      form.registeredManagerSignOffTime
        ? `${at(form.registeredManagerSignOffTime)} ${form.registeredManager?.initials ?? ''}`.trim()
        : '', F.REGISTERED_MANAGER_SIGN_OFF),
    row('ofsted_reference', 'Ofsted’s reference', form.regulatorReference, F.REGULATOR_REFERENCE),
    row('closed_at', 'Closed', at(form.closedTime), F.CLOSED_TIME),
    row('outcome', 'Outcome', form.outcome, F.OUTCOME),
  ];
}

// RFC 4180.
const quoted = (text: string) =>
  /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;

// A line of names and one of values.
export function csvOf(rows: readonly FormRow[]): string {
  const line = (texts: readonly string[]) => `${texts.map(quoted).join(',')}\r\n`;
  return line(rows.map(({ name }) => name)) + line(rows.map(({ value }) => value));
}
