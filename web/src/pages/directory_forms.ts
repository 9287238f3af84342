// Who is away and who stands in: recording an absence or a delegation, and ending one.

import { html, nothing } from 'lit-html';
import { directory } from '../api';
import { RadiosField, TextField } from '../forms/field';
import { Form } from '../forms/form';
import { MomentField, partsOf } from '../forms/moment_field';
import { PickField } from '../forms/pick_field';
import {
  Delegation_Scope, type Absence, type Delegation,
} from '../generated/fosterwatch/directory/v1/directory_pb';
import { Role } from '../generated/fosterwatch/options/v1/options_pb';
import type { Frame, Page } from '../page';
import { paths } from '../router';
import { toDate } from '../time';
import { moment, prose, summaryList } from '../ui/html';
import { roleWords } from '../words';
import { FormPage, type FormPageOptions } from './form_page';
import { mayDelegate, mayDelegateForOthers, mayRecordAbsence } from './rights';

interface Options extends Omit<FormPageOptions, 'section' | 'back' | 'concerns'> {
  // Who may; says so to everybody else.
  may: boolean;
  forWhom: string;
}

export const directoryForm = (frame: Frame, { may, forWhom, ...options }: Options) => new FormPage(frame, {
  ...options,
  section: 'directory',
  back: { href: paths.directory(), text: 'Directory' },
  read: async () => { if (may) await options.read?.(); },
  instead: () => may ? options.instead?.() : `${forWhom} You are signed in without that role.`,
  concerns: ({ topic }) => topic.includes('.directory.'),
});

const people = (frame: Frame, fits: (id: string) => boolean) => () =>
  frame.names.peopleKnown().filter(({ personId }) => fits(personId))
    .map(({ personId }) => ({ id: personId, text: frame.names.person(personId) }));

const holds = (frame: Frame, ...roles: Role[]) => (personId: string) =>
  frame.names.holdings(personId).some(({ role }) => roles.includes(role));

const titleOf = (frame: Frame) => (personId: string) => frame.names.title(personId);

const TIME_HINT = 'For example, 27 3 2026 and 9am. London time.';

export function recordAbsencePage(frame: Frame): Page {
  return directoryForm(frame, {
    heading: 'Record an absence',
    may: mayRecordAbsence(frame.session),
    forWhom: 'Registered managers, their deputies and the responsible individual record absences.',
    intro: () => html`<p class="govuk-body">From then on nobody counts on whoever is away: alerts go
      to whoever covers. Where a registered manager is away for 28 days or more without a break, Fosterwatch opens
      the notice to the Chief Inspector (regulation 38).</p>`,
    form: (page) => {
      const { names } = frame;
      const person: PickField = new PickField({
        name: 'person',
        label: 'Who is away?',
        subject: 'Who is away',
        hint: 'Type a name, then choose from the list.',
        required: 'Enter who is away',
        path: 'absence.person_id',
        noun: 'person',
        picks: people(frame, () => true),
        about: titleOf(frame),
      });
      const roles = () => names.holdings(person.value).map(({ role }) => role);
      const role = new RadiosField({
        name: 'role',
        label: 'From which role?',
        subject: 'The role',
        hint: 'Whoever is away from one is reached in none; the cover is for this one.',
        required: 'Select the role',
        path: 'absence.role',
        choices: () => roles().map((each) => ({ value: String(each), text: roleWords(each) })),
        shown: () => roles().length > 1,
      });
      const roleAway = (): Role => role.shown ? Number(role.value) : roles()[0] ?? Role.UNSPECIFIED;
      const from = new MomentField({
        name: 'from',
        label: 'From when?',
        subject: 'The time when it begins',
        hint: TIME_HINT,
        required: 'Enter when it begins',
        path: 'absence.from_time',
      }, partsOf(frame.now()));
      const until = new MomentField({
        name: 'until',
        label: 'Until when?',
        subject: 'The time when it ends',
        hint: 'Leave it empty where nobody knows.',
        path: 'absence.until_time',
      });
      const cover = new PickField({
        name: 'cover',
        label: 'Who covers?',
        subject: 'Whoever covers',
        hint: 'Is told in their place. Without anybody, alerts climb to the next role.',
        path: 'absence.covered_by_person_id',
        noun: 'person',
        picks: () => people(frame, (each) => each !== person.value)(),
        about: titleOf(frame),
      });
      const foreseen = new RadiosField({
        name: 'foreseen',
        label: 'Was it foreseen?',
        subject: 'Whether it was foreseen',
        hint: 'Regulation 38 gives less time to tell the Chief Inspector of an emergency.',
        required: 'Select whether it was foreseen',
        path: 'absence.emergency',
        choices: () => [
          { value: 'yes', text: 'Yes: it was planned' }, { value: 'no', text: 'No: an emergency' },
        ],
        shown: () => roleAway() === Role.REGISTERED_MANAGER,
      });
      const reason = new TextField({
        name: 'reason',
        label: 'Why?',
        subject: 'The reason',
        hint: 'In a word, such as “leave” or “course”. Nothing about anybody’s health.',
        required: 'Enter the reason',
        path: 'absence.reason',
        maxLength: 1000,
      });
      return new Form({
        fields: [person, role, from, until, cover, foreseen, reason],
        submit: 'Record the absence',
        send: async (requestId) => {
          const { coveredByPersonId } = await directory.recordAbsence({
            requestId,
            absence: {
              personId: person.value,
              role: roleAway(),
              fromTime: from.timestamp(),
              ...(until.moment ? { untilTime: until.timestamp() } : {}),
              coveredByPersonId: cover.value,
              emergency: foreseen.shown && foreseen.value === 'no',
              reason: reason.value.trim(),
            },
          });
          page.done(coveredByPersonId ? 'The absence is recorded.'
            : 'The absence is recorded. Nobody covers.');
        },
      });
    },
  });
}

export function endAbsencePage(frame: Frame, absenceId: string): Page {
  let absence: Absence | undefined;
  const begun = () => !absence?.fromTime || toDate(absence.fromTime) <= frame.now();
  return directoryForm(frame, {
    heading: 'End an absence',
    may: mayRecordAbsence(frame.session),
    forWhom: 'Registered managers, their deputies and the responsible individual record absences.',
    read: async () => {
      const { absences } = await directory.listAbsences({});
      absence = absences.find((each) => each.absenceId === absenceId);
    },
    instead: () => absence ? undefined : 'This absence is over.',
    intro: () => html`
      ${summaryList([
        { key: 'Who', value: `${frame.names.person(absence!.personId)}, ${roleWords(absence!.role)}` },
        { key: 'From', value: moment(absence!.fromTime) },
        { key: 'Until', value: moment(absence!.untilTime, 'Nobody knows') },
        { key: 'Covered by', value: frame.names.person(absence!.coveredByPersonId) },
        { key: 'Why', value: prose(absence!.reason) },
      ])}
      ${begun() ? nothing : html`<p class="govuk-body">It has not begun yet, so it is called off.</p>`}`,
    form: (page) => {
      const back = new MomentField({
        name: 'back',
        label: 'Since when are they back?',
        subject: 'The time since when they are back',
        hint: TIME_HINT,
        required: 'Enter since when they are back',
        path: 'back_time',
        shown: begun,
      }, partsOf(frame.now()));
      return new Form({
        fields: [back],
        submit: 'End the absence',
        send: async (requestId) => {
          await directory.endAbsence({
            requestId,
            absenceId,
            ...(back.shown ? { backTime: back.timestamp(absence?.fromTime) } : {}),
          });
          page.done('The absence is ended.');
        },
      });
    },
  });
}

export function recordDelegationPage(frame: Frame): Page {
  return directoryForm(frame, {
    heading: 'Record a delegation',
    may: mayDelegate(frame.session),
    forWhom: 'A registered manager gives a delegation, or the responsible individual in their name.',
    intro: () => html`<p class="govuk-body">Between the two moments a deputy or team manager may sign
      off as the registered manager does, but never a report of their own.</p>`,
    form: (page) => {
      const giver = new PickField({
        name: 'giver',
        label: 'In whose place?',
        subject: 'In whose place',
        required: 'Enter in whose place',
        path: 'delegation.from_person_id',
        noun: 'registered manager',
        picks: people(frame, holds(frame, Role.REGISTERED_MANAGER)),
        shown: () => mayDelegateForOthers(frame.session),
      });
      const taker = new PickField({
        name: 'taker',
        label: 'Who may sign off?',
        subject: 'Who may sign off',
        hint: 'A deputy or team manager.',
        required: 'Enter who may sign off',
        path: 'delegation.to_person_id',
        noun: 'person',
        picks: people(frame, holds(frame, Role.DEPUTY_MANAGER, Role.TEAM_MANAGER)),
        about: titleOf(frame),
      });
      const from = new MomentField({
        name: 'from',
        label: 'From when?',
        subject: 'The time when it begins',
        hint: TIME_HINT,
        required: 'Enter when it begins',
        path: 'delegation.from_time',
      }, partsOf(frame.now()));
      const until = new MomentField({
        name: 'until',
        label: 'Until when?',
        subject: 'The time when it ends',
        hint: 'A delegation always has an end.',
        required: 'Enter when it ends',
        path: 'delegation.until_time',
      });
      const reason = new TextField({
        name: 'reason',
        label: 'Why?',
        subject: 'The reason',
        required: 'Enter the reason',
        path: 'delegation.reason',
        maxLength: 1000,
      });
      return new Form({
        fields: [giver, taker, from, until, reason],
        submit: 'Record the delegation',
        send: async (requestId) => {
          await directory.recordDelegation({
            requestId,
            delegation: {
              fromPersonId: giver.shown ? giver.value : frame.session.personId,
              toPersonId: taker.value,
              scope: Delegation_Scope.SIGN_OFF,
              fromTime: from.timestamp(),
              untilTime: until.timestamp(),
              reason: reason.value.trim(),
            },
          });
          page.done('The delegation is recorded.');
        },
      });
    },
  });
}

export function endDelegationPage(frame: Frame, delegationId: string): Page {
  let delegation: Delegation | undefined;
  return directoryForm(frame, {
    heading: 'Take back a delegation',
    may: mayDelegate(frame.session),
    forWhom: 'A registered manager takes back a delegation, or the responsible individual.',
    read: async () => {
      const { delegations } = await directory.listDelegations({ alsoPlanned: true });
      delegation = delegations.find((each) => each.delegationId === delegationId);
    },
    instead: () => delegation ? undefined : 'This delegation is over.',
    intro: () => html`
      ${summaryList([
        { key: 'Who', value: frame.names.person(delegation!.toPersonId) },
        { key: 'In place of', value: frame.names.person(delegation!.fromPersonId) },
        { key: 'From', value: moment(delegation!.fromTime) },
        { key: 'Until', value: moment(delegation!.untilTime) },
        { key: 'Why', value: prose(delegation!.reason) },
      ])}
      <p class="govuk-body">From now on they may not sign off in the registered manager’s place. What
        they have signed stays signed.</p>`,
    form: (page) => new Form({
      fields: [],
      submit: 'Take it back',
      send: async (requestId) => {
        await directory.endDelegation({ requestId, delegationId });
        page.done('The delegation is taken back.');
      },
    }),
  });
}
