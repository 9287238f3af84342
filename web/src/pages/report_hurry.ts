// Reporting with three answers, when there is no time for more: whoever has to be told is told at once,
// and the rest is asked for later.

import { html } from 'lit-html';
import { events } from '../api';
import { Form } from '../forms/form';
import { EnumField, longText } from '../forms/questions';
import { EventKind } from '../generated/fosterwatch/notifiable_events/v1/notifiable_event_pb';
import type { Frame, Page } from '../page';
import { paths } from '../router';
import { link, plural } from '../ui/html';
import { kindsWords, REPORTED_KINDS } from '../words';
import { FormPage } from './form_page';
import { carerField, childField } from './picks';
import { RECORDERS } from './question_page';
import { mayReport } from './rights';

const SIMILAR = /^similar_events\[(.+)\]$/;

export const reportInHurryPage = (frame: Frame): Page => new FormPage(frame, {
  section: 'report',
  heading: 'Report in a hurry',
  back: { href: paths.report(), text: 'Report an event' },
  read: () => Promise.all([frame.names.ensureAllChildren(), frame.names.ensureAllCarers()]),
  instead: () => mayReport(frame.session) ? undefined : RECORDERS,
  concerns: ({ topic }) => /\.(placements|carers|directory)\./.test(topic),
  intro: () => html`<p class="govuk-body">Notices to those whom the law names leave at once and say that
    they are provisional. The agency is taken to be aware from now on. You are asked for the rest
    later.</p>`,
  form: (page) => {
    const kind = new EnumField<EventKind>({
      name: 'kind',
      label: 'What has happened?',
      subject: 'What has happened',
      required: 'Select what has happened',
      path: 'kind',
      values: REPORTED_KINDS.map((each) => each.kind),
      words: (each) => kindsWords([each]),
    });
    const child = childField(frame, {
      name: 'child',
      label: 'Which child?',
      subject: 'The child',
      hint: 'Type a name or a number, then choose from the list.',
      conditional: true,
      path: 'child_id',
    });
    const carers: readonly EventKind[] = [EventKind.DBS_REFERRAL, EventKind.SERIOUS_COMPLAINT];
    const carer = carerField(frame, {
      name: 'carer',
      label: 'Which foster carer?',
      subject: 'The carer',
      conditional: true,
      path: 'carer_id',
      shown: () => carers.includes(kind.chosen),
    });
    const summary = longText({
      name: 'summary',
      label: 'What happened, in a few words?',
      subject: 'What happened',
      required: 'Enter what happened',
      path: 'summary',
      lines: 3,
    });
    return new Form({
      fields: [kind, child, carer, summary],
      submit: 'Report it now',
      explain: ({ field, description }) => {
        const similar = SIMILAR.exec(field)?.[1];
        return similar === undefined ? description : html`It looks like
          ${link(paths.event(similar), 'an event that was reported before')}: add to that one, or
          ${link(paths.report(), 'report this one in full')} and say that it is another`;
      },
      send: async (requestId) => {
        const event = await events.reportProvisionalEvent({
          requestId,
          kind: kind.chosen,
          childId: child.value,
          carerId: carer.shown ? carer.value : '',
          summary: summary.value.trim(),
        });
        page.done(`The event is recorded. ${plural(event.notices.length, 'notice')} `
          + `${event.notices.length === 1 ? 'is' : 'are'} owed.`, paths.event(event.eventId));
      },
    });
  },
});
