// Who supervises a household; and a household that is opened in an emergency, and looked at afterwards.

import { html, nothing } from 'lit-html';
import { Code } from '@connectrpc/connect';
import { carers, events, placements } from '../api';
import { toRefusal } from '../errors';
import { DayField } from '../forms/day_field';
import { RadiosField } from '../forms/field';
import { Form } from '../forms/form';
import { partsOf } from '../forms/moment_field';
import { longText, shortText, YesNoField } from '../forms/questions';
import type { Carer } from '../generated/fosterwatch/carers/v1/carer_pb';
import type { CarerPolicy } from '../generated/fosterwatch/carers/v1/carer_policy_pb';
import type { EmergencyAccess } from '../generated/fosterwatch/carers/v1/supervision_pb';
import type { Frame, Page } from '../page';
import { paths, type CarerForm } from '../router';
import { moment, plural, prose, summaryList } from '../ui/html';
import { emergencyTag, isOpen, supervisorCell } from '../ui/supervision';
import { aboutCarer, closes, works } from './about_carer';
import { FormPage } from './form_page';
import { personField } from './picks';
import { ifShown, questionPage, type Question } from './question_page';
import { supervises } from './rights';

const LONGEST = 2000;
const HEARD_AFTER_MS = [300, 600, 1200, 2400];

export const SUPERVISION_QUESTIONS = {
  supervisor: {
    ...works,
    heading: 'Assign who supervises the household',
    submit: 'Record it',
    done: 'It is recorded who supervises the household.',
    instead: ({ mergedIntoCarerId }) => mergedIntoCarerId === '' ? undefined
      : 'The household goes on in another record: say it there.',
    intro: (carer, { names }) => html`
      <p class="govuk-body">A named social worker supervises each household (National Minimum Standard
        21.8). One whose role is that of a supervising social worker sees the households that they
        supervise, and who lives there, and no others.</p>
      ${summaryList([{ key: 'Today', value: supervisorCell(carer, names) }])}`,
    fields: (frame) => {
      const somebody = new RadiosField({
        name: 'somebody', label: 'Who supervises the household?', subject: 'Who supervises it',
        required: 'Select whether somebody supervises it',
        choices: () => [
          { value: 'yes', text: 'Somebody of the agency' },
          { value: 'no', text: 'Nobody, from this day on' },
        ],
      });
      const person = personField(frame, {
        name: 'person', label: 'Who?', subject: 'The person', path: 'supervisor_id',
        hint: 'Type a name or a number, then choose from the list.', required: 'Enter who supervises it',
        shown: () => somebody.value === 'yes',
      }, { orId: true });
      const { day, month, year } = partsOf(frame.now());
      const from = new DayField({
        name: 'from', label: 'From which day?', subject: 'The day',
        hint: 'Today, a day before it, or one to come. For example, 27 3 2027.',
        required: 'Enter from which day', path: 'from_date',
      }, { day, month, year });
      return {
        fields: [somebody, person, from],
        send: (requestId, carerId) => carers.assignSupervisor({
          requestId, carerId, supervisorId: ifShown(person, person.value), fromDate: from.value,
        }),
      };
    },
  },
} satisfies Partial<Record<CarerForm, Question<Carer>>>;

const WARNING = html`
  <div class="govuk-warning-text">
    <span class="govuk-warning-text__icon" aria-hidden="true">!</span>
    <strong class="govuk-warning-text__text"><span class="govuk-visually-hidden">Warning</span>
      The registered manager is told at once that you opened the household, and why. Everything that you
      look at is kept, with your name and the time. A manager looks at it afterwards.</strong>
  </div>`;

const OTHERS = 'Supervising social workers do this, who see their own households alone. With your role '
  + 'you see every household that there is, or none.';

// The other registers hear of it a moment later, and until then answer as if it were not there. Each
// try is kept as a refusal: there are few.
async function heardOf(carerId: string): Promise<void> {
  for (const pauseMs of HEARD_AFTER_MS) {
    await new Promise((resolve) => { setTimeout(resolve, pauseMs); });
    try {
      await placements.listHouseholds({ carerIds: [carerId] });
      await events.listEvents({ carerId, pageSize: 1 });
      return;
    } catch (error) {
      if (toRefusal(error).code !== Code.NotFound) return;
    }
  }
}

// With the household or the child that was asked for, where one was.
export const openInEmergencyPage = (frame: Frame, asked: { carerId: string; childId: string }): Page => {
  let policy: CarerPolicy | undefined;
  return new FormPage(frame, {
    section: 'carers',
    heading: 'Open a household in an emergency',
    back: { href: paths.carers(), text: 'Carers' },
    instead: () => supervises(frame.session) ? undefined : OTHERS,
    concerns: () => false,
    read: async () => {
      if (supervises(frame.session)) policy = await carers.getCarerPolicy({});
    },
    intro: () => html`
      <p class="govuk-body">Only where you have to see a household now that is not in your caseload, and
        cannot wait until a manager assigns it to you. It opens at once${policy?.emergency
          ? ` for ${plural(policy.emergency.hours, 'hour')}` : nothing}.</p>${WARNING}`,
    form: (page) => {
      const which = new RadiosField({
        name: 'which', label: 'Which number do you know?', subject: 'Which number you know',
        required: 'Select which number you know',
        choices: () => [
          { value: 'carer', text: 'The carer’s' },
          { value: 'child', text: 'A child’s, who lives there' },
        ],
      });
      which.value = asked.childId ? 'child' : 'carer';
      const number = (name: string, label: string, path: string, value: string, of: string) => {
        const field = shortText({
          name, label, subject: 'The number', hint: 'As it is on letters and in mails.', path,
          required: `Enter the number of the ${of}`, shown: () => which.value === of,
        });
        field.value = value;
        return field;
      };
      const carer = number('carer', 'Number of the carer', 'carer_id', asked.carerId, 'carer');
      const child = number('child', 'Number of the child', 'child_id', asked.childId, 'child');
      const reason = longText({
        name: 'reason', label: 'Why can it not wait?', subject: 'The reason',
        hint: 'The managers read it.', required: 'Enter why it cannot wait', path: 'reason', lines: 4,
        maxLength: LONGEST,
      });
      return new Form({
        fields: [which, carer, child, reason],
        submit: 'Open it now',
        warning: true,
        send: async (requestId) => {
          const carerId = ifShown(carer, carer.value);
          const childId = ifShown(child, child.value);
          const open = (notice: string, path: string) => {
            // What was not there a moment ago.
            frame.names.forgetAll();
            page.done(notice, path);
          };
          try {
            const opened = await carers.openInEmergency({
              requestId, carerId, childId, reason: reason.value.trim(),
            });
            await heardOf(opened.carerId);
            open('The household is open to you. The registered manager is being told.',
              paths.carer(opened.carerId));
          } catch (error) {
            if (toRefusal(error).reason !== 'OPEN_ALREADY') throw error;
            open('The household is open to you already.',
              carerId ? paths.carer(carerId) : paths.child(childId));
          }
        },
      });
    },
  });
};

export const reviewEmergencyPage = (frame: Frame, carerId: string, emergencyId: string): Page => {
  const find = (carer: Carer): EmergencyAccess | undefined =>
    carer.emergencies.find((each) => each.emergencyId === emergencyId);
  return questionPage(frame, aboutCarer(frame, carerId), {
    ...closes,
    heading: 'Record that you looked at an emergency',
    submit: 'Record it',
    done: 'It is recorded that you looked at it.',
    instead: (carer) => {
      const emergency = find(carer);
      if (!emergency) return 'The household was not opened in such an emergency.';
      if (emergency.reviewedBy !== '') return 'A manager has looked at it already.';
      return emergency.personId === frame.session.personId
        ? 'You opened it, so another manager looks at it.' : undefined;
    },
    intro: (carer) => {
      const emergency = find(carer)!;
      return summaryList([
        { key: 'Opened by', value: frame.names.person(emergency.personId) },
        { key: 'From', value: moment(emergency.fromTime) },
        {
          key: 'Until',
          value: html`${moment(emergency.untilTime)} ${emergencyTag(emergency, frame.now())}`,
        },
        { key: 'Reason', value: prose(emergency.reason) },
      ]);
    },
    fields: (_, carer) => {
      const note = longText({
        name: 'note', label: 'What came of looking at it?', subject: 'What came of it',
        hint: 'Such as whether it was right, and what follows from it.',
        required: 'Enter what came of looking at it', path: 'note', lines: 4, maxLength: LONGEST,
      });
      const end = new YesNoField({
        name: 'end', label: 'Does it end now?', subject: 'Whether it ends now',
        required: 'Select whether it ends now', path: 'end',
        yes: 'Yes: they do not see the household any more',
        no: 'No: it ends by itself',
        shown: () => {
          const record = carer();
          const emergency = record && find(record);
          return emergency !== undefined && isOpen(emergency, frame.now());
        },
      });
      return {
        fields: [note, end],
        send: (requestId) => carers.reviewEmergency({
          requestId, carerId, emergencyId, note: note.value.trim(), end: end.isYes,
        }),
      };
    },
  });
};
