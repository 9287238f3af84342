// What people do with an event, one question at a time on a page of its own.

import { html, nothing, type TemplateResult } from 'lit-html';
import { events as eventsApi } from '../api';
import { violationSentence } from '../errors';
import { CheckboxesField, RadiosField, TextField } from '../forms/field';
import { Form } from '../forms/form';
import { MomentField, partsOf } from '../forms/moment_field';
import { PickField } from '../forms/pick_field';
import type { WatchResponse } from '../generated/fosterwatch/gateway/v1/gateway_service_pb';
import {
  RegulatorUpdate, SignOff_Stage, type NotifiableEvent, type Notice,
} from '../generated/fosterwatch/notifiable_events/v1/notifiable_event_pb';
import type {
  NoticeContent,
} from '../generated/fosterwatch/notifiable_events/v1/notifiable_event_service_pb';
import { Action_State } from '../generated/fosterwatch/type/v1/action_pb';
import { Channel } from '../generated/fosterwatch/type/v1/channel_pb';
import type { Frame, Page } from '../page';
import { paths } from '../router';
import { backLink, details, link, moment, summaryList, type Content, type SummaryRow } from '../ui/html';
import { bodyWords, eventWords, howItGoes, noticeTags, noticeWords, regulatorWasTold, stagePath,
  updateIsChosen,
} from '../ui/records';
import {
  channelWords, EVENT_KINDS, fieldWords, recipientWords, REPORTED_KINDS, stageWords, sentenceWords,
} from '../words';
import { drafts } from './drafts';
import { mayReadContent } from './rights';

interface Draft {
  form: Form;
}

interface FormPageOptions {
  heading: string;
  eventId: string;
  draft: (page: EventFormPage) => Draft;
  // Read besides the event.
  read?: (event: NotifiableEvent) => Promise<void>;
  intro?: (event: NotifiableEvent, frame: Frame) => Content;
  // Said instead of the form to whoever may not use it.
  forbidden?: string | undefined;
}

// A page with one form about one event.
export class EventFormPage implements Page {
  readonly section = 'events';
  #event: NotifiableEvent | undefined;
  readonly #form: Form;
  // The address names the event and what is done with it.
  readonly #key = location.pathname;

  constructor(readonly frame: Frame, private readonly options: FormPageOptions) {
    this.#form = drafts.take(this.#key, () => options.draft(this)).form;
    this.#form.attach(() => frame.update());
  }

  get event(): NotifiableEvent | undefined {
    return this.#event;
  }

  title(): string {
    return this.options.heading;
  }

  hasErrors(): boolean {
    return this.#form.hasErrors;
  }

  concerns(fact: WatchResponse | undefined): boolean {
    return !fact || fact.aggregateId === this.options.eventId;
  }

  async load(): Promise<void> {
    const { names } = this.frame;
    const [event] = await Promise.all([
      eventsApi.getEvent({ eventId: this.options.eventId }), names.ensureDirectory(),
    ]);
    await Promise.all([
      names.ensureChildren([event.report?.childId ?? '']),
      names.ensureCarers([event.report?.carerId ?? '']),
      this.options.read?.(event),
    ]);
    this.#event = event;
  }

  // After the form was taken.
  done(notice: string): void {
    drafts.drop(this.#key);
    this.frame.navigate(paths.event(this.options.eventId), { notice });
  }

  view(): TemplateResult {
    const event = this.#event!;
    return html`
      ${backLink(paths.event(this.options.eventId), 'The event')}
      <div class="app-form">
        ${this.#form.summary()}
        <span class="govuk-caption-l">${eventWords({
          kinds: event.kinds,
          childId: event.report?.childId ?? '',
          carerId: event.report?.carerId ?? '',
        }, this.frame.names)}</span>
        <h1 class="govuk-heading-l">${this.options.heading}</h1>
        ${this.options.forbidden ? html`<p class="govuk-body">${this.options.forbidden}</p>` : html`
          ${this.options.intro?.(event, this.frame) ?? nothing}
          ${this.#form.view()}`}
      </div>`;
  }
}

const CHANNELS: readonly { value: string; channel: Channel }[] = [
  { value: 'online-form', channel: Channel.ONLINE_FORM },
  { value: 'telephone', channel: Channel.TELEPHONE },
  { value: 'email', channel: Channel.EMAIL },
];

export const findNotice = (event: NotifiableEvent | undefined, noticeId: string) =>
  event?.notices.find((notice) => notice.noticeId === noticeId);

export function noticeRows(notice: Notice | undefined, event: NotifiableEvent, frame: Frame): Content {
  if (!notice) return html`<p class="govuk-body">The event has no such notice.</p>`;
  const contacts = frame.names.bodyRecord(notice.bodyId)?.contacts ?? [];
  const reach = contacts.filter(({ address }) => address !== '');
  const rows: (SummaryRow | false)[] = [
    { key: 'Recipient', value: noticeWords(notice, event.kinds.length > 1) },
    { key: 'Body', value: bodyWords(notice, frame.names) },
    { key: 'Channel', value: howItGoes(notice) },
    reach.length > 0 && {
      key: 'How to reach it',
      value: html`${reach.map(({ channel, address }) => html`
        <span class="app-line">${channelWords(channel)}: ${address}</span>`)}`,
    },
    { key: 'Due', value: moment(notice.dueTime) },
    { key: 'State', value: noticeTags(notice, frame.now()) },
  ];
  return summaryList(rows);
}

export function givePage(frame: Frame, eventId: string, noticeId: string): Page {
  let content: NoticeContent | undefined;
  return new EventFormPage(frame, {
    heading: 'Record a notice as given',
    eventId,
    read: async (event) => {
      if (!mayReadContent(frame.session) || !findNotice(event, noticeId)) return;
      content = await eventsApi.getNoticeContent({ eventId, noticeIds: [noticeId] });
    },
    intro: (event) => html`
      ${noticeRows(findNotice(event, noticeId), event, frame)}
      ${content ? details('What the notice says, to copy or to read out', html`
        <p class="govuk-body"><strong>${content.subject}</strong></p>
        <pre class="app-content">${content.body}</pre>
        <p class="govuk-body-s govuk-!-margin-top-2">${content.template}, version
          ${content.templateVersion}</p>`) : nothing}
      <h2 class="govuk-heading-m govuk-!-margin-top-4">How it was given</h2>`,
    draft: (page) => {
      const channel = new RadiosField({
        name: 'channel',
        label: 'By which channel?',
        subject: 'The channel',
        required: 'Select by which channel it was given',
        path: 'channel',
        choices: () => CHANNELS.map(({ value, channel: each }) =>
          ({ value, text: channelWords(each) })),
      });
      const given = new MomentField({
        name: 'given',
        label: 'When was it given?',
        subject: 'The time when it was given',
        hint: 'London time.',
        required: 'Enter when it was given',
        path: 'given_time',
      }, partsOf(frame.now()));
      const reference = new TextField({
        name: 'reference',
        label: 'Reference',
        subject: 'The reference',
        hint: 'The recipient’s reference, or who took the call. Where no body could be worked out, '
          + 'say here whom you told. No names of children.',
        conditional: true,
        path: 'reference',
        width: 20,
        maxLength: 200,
      });
      return {
        form: new Form({
          fields: [channel, given, reference],
          submit: 'Record as given',
          send: async (requestId) => {
            const event = await eventsApi.giveNotice({
              requestId,
              eventId,
              noticeId,
              channel: CHANNELS.find(({ value }) => value === channel.value)!.channel,
              givenTime: given.timestamp(findNotice(page.event, noticeId)?.explanation?.triggerTime),
              reference: reference.value.trim(),
            });
            const notice = findNotice(event, noticeId);
            page.done(`The notice to the ${notice ? recipientWords(notice.recipient)
              : 'recipient'} is recorded as given.`);
          },
        }),
      };
    },
  });
}

export function acknowledgeNoticePage(frame: Frame, eventId: string, noticeId: string): Page {
  return new EventFormPage(frame, {
    heading: 'Record that a notice was acknowledged',
    eventId,
    intro: (event) => noticeRows(findNotice(event, noticeId), event, frame),
    draft: (page) => {
      const acknowledged = new MomentField({
        name: 'acknowledged',
        label: 'When did the recipient confirm it?',
        subject: 'The time when the recipient confirmed it',
        required: 'Enter when the recipient confirmed it',
        path: 'acknowledged_time',
      }, partsOf(frame.now()));
      const reference = new TextField({
        name: 'reference',
        label: 'Reference',
        subject: 'The reference',
        path: 'reference',
        width: 20,
        maxLength: 200,
      });
      return {
        form: new Form({
          fields: [acknowledged, reference],
          submit: 'Record as acknowledged',
          send: async (requestId) => {
            await eventsApi.acknowledgeNotice({
              requestId,
              eventId,
              noticeId,
              acknowledgedTime: acknowledged.timestamp(findNotice(page.event, noticeId)?.givenTime),
              reference: reference.value.trim(),
            });
            page.done('The acknowledgement is recorded.');
          },
        }),
      };
    },
  });
}

export function signOffPage(frame: Frame, eventId: string, stageName: string): Page {
  const stage = stageName === 'manager' ? SignOff_Stage.MANAGER : SignOff_Stage.REGISTERED_MANAGER;
  return new EventFormPage(frame, {
    heading: `Sign off as ${stageWords(stage).toLowerCase()}`,
    eventId,
    intro: () => html`<p class="govuk-body">Signing off says that you have read the record and that
      it is true and complete as far as you know. Notices do not wait for it. Nobody signs off their
      own report.</p>`,
    draft: (page) => {
      const comment = new TextField({
        name: 'comment',
        label: 'Comment',
        subject: 'The comment',
        path: 'comment',
        lines: 4,
        maxLength: 20_000,
      });
      return {
        form: new Form({
          fields: [comment],
          submit: 'Sign off',
          send: async (requestId) => {
            await eventsApi.signOffEvent({
              requestId, eventId, stage, comment: comment.value.trim(),
            });
            page.done('The record is signed off.');
          },
        }),
      };
    },
  });
}

export function enquiryOutcomePage(frame: Frame, eventId: string): Page {
  return new EventFormPage(frame, {
    heading: 'Record the outcome of the enquiry',
    eventId,
    intro: () => html`<p class="govuk-body">The outcome must be notified too. Its notices become owed
      when you record it.</p>`,
    draft: (page) => {
      const ended = new MomentField({
        name: 'outcome-time',
        label: 'When did the enquiry end?',
        subject: 'The time when the enquiry ended',
        required: 'Enter when the enquiry ended',
        path: 'outcome_time',
      });
      const aware = new MomentField({
        name: 'aware',
        label: 'When did the agency become aware of the outcome?',
        subject: 'The time when the agency became aware',
        required: 'Enter when the agency became aware of the outcome',
        path: 'became_aware_time',
      }, partsOf(frame.now()));
      const outcome = new TextField({
        name: 'outcome',
        label: 'What was the outcome?',
        subject: 'The outcome',
        required: 'Enter the outcome',
        path: 'outcome',
        lines: 5,
        maxLength: 20_000,
      });
      return {
        form: new Form({
          fields: [ended, aware, outcome],
          submit: 'Record the outcome',
          send: async (requestId) => {
            await eventsApi.recordEnquiryOutcome({
              requestId,
              eventId,
              outcomeTime: ended.timestamp(page.event?.report?.occurredTime),
              becameAwareTime: aware.timestamp(page.event?.report?.becameAwareTime),
              outcome: outcome.value.trim(),
            });
            page.done('The outcome is recorded and its notices are owed.');
          },
        }),
      };
    },
  });
}

export function childReturnPage(frame: Frame, eventId: string): Page {
  return new EventFormPage(frame, {
    heading: 'Record the child’s return',
    eventId,
    draft: (page) => {
      const returned = new MomentField({
        name: 'returned',
        label: 'When did the child return?',
        subject: 'The time when the child returned',
        required: 'Enter when the child returned',
        path: 'returned_time',
      }, partsOf(frame.now()));
      const note = new TextField({
        name: 'note',
        label: 'Note',
        subject: 'The note',
        path: 'note',
        lines: 4,
        maxLength: 20_000,
      });
      return {
        form: new Form({
          fields: [returned, note],
          submit: 'Record the return',
          send: async (requestId) => {
            await eventsApi.recordChildReturn({
              requestId,
              eventId,
              returnedTime: returned.timestamp(page.event?.report?.occurredTime),
              note: note.value.trim(),
            });
            page.done('The child’s return is recorded.');
          },
        }),
      };
    },
  });
}

export function correctPage(frame: Frame, eventId: string): Page {
  const { names } = frame;
  return new EventFormPage(frame, {
    heading: 'Correct or add to the record',
    eventId,
    read: async () => {
      await Promise.all([names.ensureAllChildren(), names.ensureAllCarers()]);
    },
    intro: () => html`<p class="govuk-body">Fill in only what changes. The first version stays beside
      it. A kind that you add brings its notices with it; none is taken away.</p>`,
    draft: (page) => {
      const reason = new TextField({
        name: 'reason',
        label: 'Why does the record change?',
        subject: 'The reason',
        required: 'Enter why the record changes',
        path: 'reason',
        lines: 3,
        maxLength: 20_000,
      });
      const kinds = new CheckboxesField({
        name: 'kinds',
        label: 'Kinds to add',
        subject: 'What has happened',
        path: 'report.kinds',
        choices: () => REPORTED_KINDS.filter(({ kind }) => !page.event?.kinds.includes(kind))
          .map(({ code, legal }) => ({ value: code, text: legal })),
      });
      const child = new PickField({
        name: 'child',
        label: 'Child',
        subject: 'The child',
        path: 'report.child_id',
        noun: 'child',
        picks: () => names.childrenKnown().map(({ childId }) =>
          ({ id: childId, text: names.child(childId) })),
      });
      const carer = new PickField({
        name: 'carer',
        label: 'Foster carer',
        subject: 'The carer',
        path: 'report.carer_id',
        noun: 'carer',
        picks: () => names.carersKnown().map(({ carerId }) =>
          ({ id: carerId, text: names.carer(carerId) })),
      });
      const occurred = new MomentField({
        name: 'occurred',
        label: 'When did it happen?',
        subject: 'The time when it happened',
        path: 'report.occurred_time',
      });
      const aware = new MomentField({
        name: 'aware',
        label: 'When did the agency become aware?',
        subject: 'The time when the agency became aware',
        path: 'report.became_aware_time',
      });
      const place = new TextField({
        name: 'place',
        label: 'Place',
        subject: 'The place',
        path: 'report.place',
        maxLength: 500,
      });
      const summary = new TextField({
        name: 'summary',
        label: 'What happened',
        subject: 'What happened',
        path: 'report.summary',
        lines: 5,
        maxLength: 20_000,
      });
      const actions = new TextField({
        name: 'actions',
        label: 'What was done at once',
        subject: 'What was done at once',
        path: 'report.immediate_actions',
        lines: 4,
        maxLength: 20_000,
      });
      return {
        form: new Form({
          fields: [reason, kinds, child, carer, occurred, aware, place, summary, actions],
          submit: 'Record the correction',
          send: async (requestId) => {
            await eventsApi.correctEvent({
              requestId,
              eventId,
              reason: reason.value.trim(),
              report: {
                kinds: EVENT_KINDS.filter(({ code }) => kinds.values.includes(code))
                  .map(({ kind }) => kind),
                childId: child.value,
                carerId: carer.value,
                ...(occurred.moment ? { occurredTime: occurred.timestamp() } : {}),
                ...(aware.moment ? { becameAwareTime: aware.timestamp() } : {}),
                place: place.value.trim(),
                summary: summary.value.trim(),
                immediateActions: actions.value.trim(),
              },
            });
            page.done('The correction is recorded.');
          },
        }),
      };
    },
  });
}

export function addActionPage(frame: Frame, eventId: string): Page {
  return new EventFormPage(frame, {
    heading: 'Add an action',
    eventId,
    draft: (page) => {
      const description = new TextField({
        name: 'description',
        label: 'What is to be done?',
        subject: 'What is to be done',
        required: 'Enter what is to be done',
        path: 'description',
        lines: 3,
        maxLength: 20_000,
      });
      const owner = new PickField({
        name: 'owner',
        label: 'Who will do it?',
        subject: 'The person',
        hint: 'Type a name, then choose from the list.',
        required: 'Choose who will do it',
        path: 'owner_id',
        noun: 'person',
        picks: () => frame.names.peopleKnown().map(({ personId }) =>
          ({ id: personId, text: frame.names.person(personId) })),
      });
      const due = new MomentField({
        name: 'due',
        label: 'By when?',
        subject: 'The time by when it is to be done',
        required: 'Enter by when',
        path: 'due_time',
      });
      return {
        form: new Form({
          fields: [description, owner, due],
          submit: 'Add the action',
          send: async (requestId) => {
            await eventsApi.addAction({
              requestId,
              eventId,
              description: description.value.trim(),
              ownerId: owner.value,
              dueTime: due.timestamp(),
            });
            page.done('The action is added.');
          },
        }),
      };
    },
  });
}

export function closeActionPage(frame: Frame, eventId: string, actionId: string): Page {
  return new EventFormPage(frame, {
    heading: 'Close an action',
    eventId,
    intro: (event) => {
      const action = event.actions.find((each) => each.actionId === actionId);
      if (!action) return html`<p class="govuk-body">The event has no such action.</p>`;
      return summaryList([
        { key: 'What', value: action.description },
        { key: 'Who', value: frame.names.person(action.ownerId) },
        { key: 'Due', value: moment(action.dueTime) },
        action.state !== Action_State.OPEN && { key: 'State', value: 'Closed already' },
      ]);
    },
    draft: (page) => {
      const how = new RadiosField({
        name: 'how',
        label: 'How does it end?',
        subject: 'How it ends',
        required: 'Select how it ends',
        path: 'dropped',
        choices: () => [
          { value: 'done', text: 'It is done' }, { value: 'dropped', text: 'It is dropped' },
        ],
      });
      const evidence = new TextField({
        name: 'evidence',
        label: 'What shows that it was done, or why was it dropped?',
        subject: 'The evidence',
        required: 'Enter what shows that it was done, or why it was dropped',
        path: 'evidence',
        lines: 3,
        maxLength: 20_000,
      });
      return {
        form: new Form({
          fields: [how, evidence],
          submit: 'Close the action',
          send: async (requestId) => {
            await eventsApi.closeAction({
              requestId,
              eventId,
              actionId,
              dropped: how.value === 'dropped',
              evidence: evidence.value.trim(),
            });
            page.done('The action is closed.');
          },
        }),
      };
    },
  });
}

// What stands in the way of a conclusion, with the way to it.
function missingWords(
  event: NotifiableEvent | undefined, field: string, description: string,
): Content {
  const eventId = event?.eventId ?? '';
  const [, what = '', id = ''] = /^(\w+)(?:\[([^\]]*)\])?(?:\.\w+)?$/.exec(field) ?? [];
  const notice = findNotice(event, id);
  switch (what) {
    case 'notices':
      if (notice && /written_confirmation$/.test(field)) {
        return link(paths.confirmNotice(eventId, id), `What the ${noticeWords(notice,
          (event?.kinds.length ?? 0) > 1)} was told by telephone has not been confirmed in writing`);
      }
      return notice ? link(paths.give(eventId, id), `The notice to the ${noticeWords(notice,
        (event?.kinds.length ?? 0) > 1)} has not been given`) : sentenceWords(description);
    case 'sign_offs': {
      const stage = /REGISTERED/.test(id) ? SignOff_Stage.REGISTERED_MANAGER
        : SignOff_Stage.MANAGER;
      return link(paths.signOff(eventId, stagePath(stage)),
        `The ${stageWords(stage).toLowerCase()} has not signed off`);
    }
    case 'discussion':
      return link(paths.discussion(eventId),
        'The discussion with the child’s social worker has not been recorded');
    case 'enquiry_outcome':
      return link(paths.enquiryOutcome(eventId), 'The enquiry’s outcome has not been recorded');
    case 'child_return':
      return link(paths.childReturn(eventId), 'The child’s return has not been recorded');
    case 'actions': {
      const action = event?.actions.find(({ actionId }) => actionId === id);
      return link(paths.closeAction(eventId, id), `The action “${action?.description ?? id}” is `
        + 'still open');
    }
    default:
      return violationSentence(fieldWords(field), sentenceWords(description));
  }
}

export function concludePage(frame: Frame, eventId: string): Page {
  return new EventFormPage(frame, {
    heading: 'Conclude the event',
    eventId,
    intro: () => html`<p class="govuk-body">It can be concluded when every notice is given, both
      sign-offs are made, what was told by telephone is confirmed in writing, the discussion with the
      social worker is recorded, every action is closed and, where there was one, the child’s return or
      the enquiry’s outcome is recorded. If anything is missing you are told all of it.</p>`,
    draft: (page) => {
      const outcome = new TextField({
        name: 'outcome',
        label: 'How did it end?',
        subject: 'The outcome',
        // Refused by the service together with all else that is missing.
        conditional: true,
        path: 'outcome',
        lines: 5,
        maxLength: 20_000,
        shown: () => !page.event?.outcome,
      });
      const toRegulator = () => page.event !== undefined && regulatorWasTold(page.event);
      // One that is to be given is chosen with the outcome, before.
      const noUpdate = new CheckboxesField({
        name: 'no-update',
        label: 'How it ended',
        subject: 'Whether the Chief Inspector is told',
        hint: 'If the Chief Inspector is to be told how it ended, record the outcome first.',
        conditional: true,
        path: 'regulator_update',
        choices: () => [{ value: 'no', text: 'The Chief Inspector needs no update' }],
        shown: () => !page.event?.outcome && updateIsChosen(page.event),
      });
      const reason = new TextField({
        name: 'reason',
        label: 'Why not?',
        subject: 'The reason',
        conditional: true,
        path: 'reason',
        lines: 3,
        maxLength: 20_000,
        shown: () => noUpdate.shown,
      });
      const reference = new TextField({
        name: 'regulator-reference',
        label: 'The regulator’s reference',
        subject: 'The regulator’s reference',
        hint: 'As Ofsted gave it for the notification.',
        conditional: true,
        path: 'regulator_reference',
        width: 20,
        maxLength: 200,
        shown: toRegulator,
      });
      return {
        form: new Form({
          fields: [outcome, noUpdate, reason, reference],
          submit: 'Conclude the event',
          explain: ({ field, description }) => missingWords(page.event, field, description),
          send: async (requestId) => {
            await eventsApi.concludeEvent({
              requestId,
              eventId,
              outcome: outcome.shown ? outcome.value.trim() : '',
              regulatorUpdate: noUpdate.shown && noUpdate.values.includes('no')
                ? RegulatorUpdate.NOT_NEEDED : RegulatorUpdate.UNSPECIFIED,
              reason: reason.shown ? reason.value.trim() : '',
              regulatorReference: reference.shown ? reference.value.trim() : '',
            });
            page.done('The event is concluded.');
          },
        }),
      };
    },
  });
}
