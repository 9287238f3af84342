// What stands in the directory: who holds a role, and the bodies with the ways to reach them.

import { html, nothing } from 'lit-html';
import { directory } from '../api';
import { RadiosField, TextField, type Choice } from '../forms/field';
import { Form } from '../forms/form';
import { MomentField, partsOf } from '../forms/moment_field';
import { PickField } from '../forms/pick_field';
import { EnumField, shortText, YesNoField } from '../forms/questions';
import {
  Body_Kind, type Body, type Body_Contact, type RoleHolder,
} from '../generated/fosterwatch/directory/v1/directory_pb';
import { Role } from '../generated/fosterwatch/options/v1/options_pb';
import { Channel } from '../generated/fosterwatch/type/v1/channel_pb';
import type { Frame, Page } from '../page';
import { moment, summaryList } from '../ui/html';
import { bodyKindWords, channelWords, roleWords } from '../words';
import { directoryForm } from './directory_forms';
import { mayKeepDirectory } from './rights';

const FOR_WHOM = 'The registered manager keeps the directory.';

const ROLES: readonly Role[] = [
  Role.CASEWORKER, Role.SUPERVISING_SOCIAL_WORKER, Role.TEAM_MANAGER, Role.DEPUTY_MANAGER,
  Role.REGISTERED_MANAGER, Role.RESPONSIBLE_INDIVIDUAL, Role.ADMINISTRATOR,
];

// What nobody guesses from its name.
const roleHint = (role: Role) => role === Role.SUPERVISING_SOCIAL_WORKER
  ? 'Sees the households that they supervise, and who lives there. A caseworker sees all.' : undefined;

const TIME_HINT = 'For example, 27 3 2026 and 9am. London time.';

export function appointHolderPage(frame: Frame): Page {
  return directoryForm(frame, {
    heading: 'Appoint somebody to a role',
    may: mayKeepDirectory(frame.session),
    forWhom: FOR_WHOM,
    intro: () => html`<p class="govuk-body">Alerts go to whoever holds a role, from its beginning on.
      How they sign in is set up apart from this.</p>`,
    form: (page) => {
      const person = shortText({
        name: 'person',
        label: 'Which person?',
        subject: 'The person',
        hint: 'Their id, as they sign in. Whoever holds two roles has the same id in both.',
        required: 'Enter the person’s id',
        path: 'holder.person_id',
        maxLength: 100,
      });
      const name = new TextField({
        name: 'name',
        label: 'Name',
        subject: 'The name',
        required: 'Enter the name',
        path: 'holder.name',
        maxLength: 200,
      });
      const role = new EnumField<Role>({
        name: 'role',
        label: 'Which role?',
        subject: 'The role',
        required: 'Select the role',
        path: 'holder.role',
        values: ROLES,
        words: roleWords,
        hints: roleHint,
      });
      const title = new TextField({
        name: 'title',
        label: 'How is it called in the agency?',
        subject: 'The title',
        hint: 'For example, “Agency decision maker”. Empty: as the role is called.',
        path: 'holder.title',
        maxLength: 200,
      });
      const mail = new TextField({
        name: 'mail',
        label: 'Mail address',
        subject: 'The mail address',
        hint: 'Alerts go there.',
        required: 'Enter the mail address',
        path: 'holder.email',
        maxLength: 200,
      });
      const from = new MomentField({
        name: 'from',
        label: 'From when?',
        subject: 'The time when it begins',
        hint: TIME_HINT,
        required: 'Enter when it begins',
        path: 'holder.from_time',
      }, partsOf(frame.now()));
      const until = new MomentField({
        name: 'until',
        label: 'Until when?',
        subject: 'The time when it ends',
        hint: 'Leave it empty where no end is known.',
        path: 'holder.until_time',
      });
      return new Form({
        fields: [person, name, role, title, mail, from, until],
        submit: 'Appoint them',
        send: async (requestId) => {
          await directory.appointHolder({
            requestId,
            holder: {
              personId: person.value.trim(),
              name: name.value.trim(),
              role: role.chosen,
              title: title.value.trim() || roleWords(role.chosen),
              email: mail.value.trim(),
              fromTime: from.timestamp(),
              ...(until.moment ? { untilTime: until.timestamp() } : {}),
            },
          });
          page.done('The appointment is recorded.');
        },
      });
    },
  });
}

export function endHolderPage(frame: Frame, holderId: string): Page {
  let holder: RoleHolder | undefined;
  return directoryForm(frame, {
    heading: 'End an appointment',
    may: mayKeepDirectory(frame.session),
    forWhom: FOR_WHOM,
    read: async () => {
      const { holders } = await directory.listHolders({});
      holder = holders.find((each) => each.holderId === holderId);
    },
    instead: () => holder ? undefined : 'This appointment is over.',
    intro: () => html`
      ${summaryList([
        { key: 'Who', value: frame.names.person(holder!.personId) },
        { key: 'Role', value: roleWords(holder!.role) },
        { key: 'Since', value: moment(holder!.fromTime) },
      ])}
      <p class="govuk-body">From then on no alert goes to them in this role. The check says what it
        leaves open.</p>`,
    form: (page) => {
      const until = new MomentField({
        name: 'until',
        label: 'Until when?',
        subject: 'The time when it ends',
        hint: TIME_HINT,
        required: 'Enter when it ends',
        path: 'until_time',
      }, partsOf(frame.now()));
      return new Form({
        fields: [until],
        submit: 'End the appointment',
        send: async (requestId) => {
          await directory.endHolder({
            requestId, holderId, untilTime: until.timestamp(holder?.fromTime),
          });
          page.done('The end of the appointment is recorded.');
        },
      });
    },
  });
}

const KINDS: readonly Body_Kind[] = [
  Body_Kind.LOCAL_AUTHORITY, Body_Kind.POLICE, Body_Kind.HEALTH_BODY, Body_Kind.DESIGNATED_OFFICER,
  Body_Kind.CHIEF_INSPECTOR, Body_Kind.SECRETARY_OF_STATE,
];

const ORDINALS = ['Best way to reach it', 'Second way', 'Third way', 'Fourth way'];

const CHANNELS: readonly Channel[] = [Channel.EMAIL, Channel.TELEPHONE, Channel.ONLINE_FORM];

// One way to reach the body: by which channel, where, and who does it.
class ContactFields {
  readonly channel: RadiosField;
  readonly address: TextField;
  readonly byPerson: YesNoField;

  // `before` are the ways that the form does not show, and that come first.
  constructor(index: number, earlier: ContactFields | undefined, before: () => number) {
    const shown = () => earlier === undefined || (earlier.channel.shown && earlier.isGiven);
    const path = (field: string) => `body.contacts[${before() + index}].${field}`;
    const none: Choice[] = index === 0 ? [] : [{ value: '', text: 'No further way' }];
    this.channel = new RadiosField({
      name: `channel-${index + 1}`,
      label: ORDINALS[index]!,
      subject: 'The way to reach it',
      ...(index === 0 ? { required: 'Select the best way to reach it' } : { conditional: true }),
      get path() { return path('channel'); },
      shown,
      choices: () => [
        ...CHANNELS.map((each) => ({ value: String(each), text: channelWords(each) })), ...none,
      ],
    });
    this.address = new TextField({
      name: `address-${index + 1}`,
      label: 'Address',
      subject: 'The address',
      hint: 'The mail address, the telephone number, or where the form is.',
      required: 'Enter the address',
      get path() { return path('address'); },
      maxLength: 500,
      shown: () => shown() && this.isGiven,
    });
    this.byPerson = new YesNoField({
      name: `by-person-${index + 1}`,
      label: 'Does a person release each mail?',
      subject: 'Whether a person releases each mail',
      hint: 'A notice that waits for a person is late sooner. By telephone and in a form a person '
        + 'gives it in any case.',
      required: 'Select whether a person releases each mail',
      no: 'No: notices leave by themselves',
      yes: 'Yes: it waits for a person',
      shown: () => shown() && this.channel.value === String(Channel.EMAIL),
    });
  }

  get isGiven(): boolean {
    return this.channel.value !== '';
  }

  get fields() {
    return [this.channel, this.address, this.byPerson];
  }

  get contact() {
    const channel: Channel = Number(this.channel.value);
    return {
      channel,
      address: this.address.value.trim(),
      releasedByPerson: channel !== Channel.EMAIL || this.byPerson.isYes,
    };
  }

  fill({ channel, address, releasedByPerson }: Body_Contact): void {
    this.channel.value = String(channel);
    this.address.value = address;
    this.byPerson.value = releasedByPerson ? 'yes' : 'no';
  }
}

// A new body where `bodyId` is empty; else what is recorded of it, to be changed.
export function recordBodyPage(frame: Frame, bodyId = ''): Page {
  let body: Body | undefined;
  // Set by another command, which makes its secret; it stays as it is.
  const webhooks = () => body?.contacts.filter(({ channel }) => channel === Channel.WEBHOOK) ?? [];
  const others = () => body?.contacts.filter(({ channel }) => channel !== Channel.WEBHOOK) ?? [];
  let fill: (from: Body) => void = () => {};
  return directoryForm(frame, {
    heading: bodyId ? 'Change a body' : 'Record a body',
    may: mayKeepDirectory(frame.session),
    forWhom: FOR_WHOM,
    read: async () => {
      if (!bodyId) return;
      const first = body === undefined;
      const { bodies } = await directory.listBodies({});
      body = bodies.find((each) => each.bodyId === bodyId);
      if (first && body) fill(body);
    },
    instead: () => {
      if (bodyId && !body) return 'There is no such body.';
      return others().length > ORDINALS.length
        ? 'It has more ways to be reached than this form shows. Change it with the command line.'
        : undefined;
    },
    intro: () => html`
      <p class="govuk-body">Notices go by the best way first, and by the next one where that does not
        work.</p>
      ${webhooks().length === 0 ? nothing : html`<p class="govuk-body">It is told by posts to
        <span class="app-mono">${webhooks()[0]!.address}</span> first; that is set apart from
        this.</p>`}`,
    form: (page) => {
      const id = shortText({
        name: 'id',
        label: 'A short name for it',
        subject: 'The short name',
        hint: 'Lower-case letters, digits and hyphens, such as “northshire”. It never changes.',
        required: 'Enter a short name',
        path: 'body.body_id',
        maxLength: 64,
        shown: () => bodyId === '',
      });
      const name = new TextField({
        name: 'name',
        label: 'Name',
        subject: 'The name',
        required: 'Enter the name',
        path: 'body.name',
        maxLength: 200,
      });
      const kind = new EnumField<Body_Kind>({
        name: 'kind',
        label: 'What is it?',
        subject: 'What it is',
        required: 'Select what it is',
        path: 'body.kind',
        values: KINDS,
        words: bodyKindWords,
      });
      const serves = (of: Body_Kind, field: string, label: string, path: string) => new PickField({
        name: field,
        label,
        subject: bodyKindWords(of),
        path,
        noun: 'body',
        picks: () => frame.names.bodiesKnown().filter((each) => each.kind === of)
          .map((each) => ({ id: each.bodyId, text: frame.names.body(each.bodyId) })),
        shown: () => kind.chosen === Body_Kind.LOCAL_AUTHORITY,
      });
      const police = serves(Body_Kind.POLICE, 'police', 'Who polices its area?',
        'body.police_body_id');
      const health = serves(Body_Kind.HEALTH_BODY, 'health', 'Which health body serves its area?',
        'body.health_body_id');
      const officer = serves(Body_Kind.DESIGNATED_OFFICER, 'officer',
        'Who is its designated officer?', 'body.designated_officer_body_id');
      const contacts: ContactFields[] = [];
      for (let i = 0; i < ORDINALS.length; ++i) {
        contacts.push(new ContactFields(i, contacts[i - 1], () => webhooks().length));
      }
      const form: Form = new Form({
        fields: [id, name, kind, police, health, officer, ...contacts.flatMap(({ fields }) => fields)],
        submit: bodyId ? 'Record the change' : 'Record the body',
        send: async (requestId) => {
          await directory.recordBody({
            requestId,
            body: {
              bodyId: bodyId || id.value.trim(),
              name: name.value.trim(),
              kind: kind.chosen,
              policeBodyId: police.shown ? police.value : '',
              healthBodyId: health.shown ? health.value : '',
              designatedOfficerBodyId: officer.shown ? officer.value : '',
              contacts: [
                ...webhooks(),
                ...contacts.filter(({ channel, isGiven }) => channel.shown && isGiven)
                  .map(({ contact }) => contact),
              ],
            },
          });
          page.done(bodyId ? 'The change is recorded.' : 'The body is recorded.');
        },
      });
      fill = (from) => {
        if (form.isTouched) return;
        name.value = from.name;
        kind.value = String(from.kind);
        police.text = from.policeBodyId;
        health.text = from.healthBodyId;
        officer.text = from.designatedOfficerBodyId;
        others().slice(0, ORDINALS.length).forEach((contact, i) => contacts[i]!.fill(contact));
      };
      return form;
    },
  });
}
