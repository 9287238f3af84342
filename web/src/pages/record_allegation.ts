// Recording an allegation.

import { html } from 'lit-html';
import { GROUNDS, groundWords, INFORMANTS, informantWords } from '../allegation_words';
import { allegations } from '../api';
import { RadiosField } from '../forms/field';
import { Form } from '../forms/form';
import { MomentField } from '../forms/moment_field';
import { EnumField, EnumsField, longText, pastMoment } from '../forms/questions';
import type { Frame, Page } from '../page';
import { paths } from '../router';
import { FormPage } from './form_page';
import { carerField, childField, personField } from './picks';
import { RECORDERS } from './question_page';
import { mayRecord } from './rights';

export function recordAllegationPage(frame: Frame): Page {
  const { names } = frame;
  return new FormPage(frame, {
    section: 'allegations',
    heading: 'Record an allegation',
    back: { href: paths.allegations(), text: 'Allegations' },
    read: () => Promise.all([names.ensureAllChildren(), names.ensureAllCarers()]),
    instead: () => mayRecord(frame.session) ? undefined : RECORDERS,
    concerns: ({ topic }) => /\.(placements|carers|directory)\./.test(topic),
    intro: () => html`<p class="govuk-body">First see to it that children are safe. It is referred to the
      local authority’s designated officer within one working day of when the agency came to know.</p>`,
    form: (page) => {
      const subject = new RadiosField({
        name: 'subject',
        label: 'Whom is it about?',
        subject: 'Whom it is about',
        required: 'Select whom it is about',
        choices: () => [
          { value: 'carer', text: 'A foster carer' }, { value: 'staff', text: 'A member of staff' },
        ],
      });
      const carer = carerField(frame, {
        name: 'carer',
        label: 'Which foster carer?',
        subject: 'The carer',
        hint: 'Type a name or a number, then choose from the list.',
        required: 'Enter which foster carer',
        path: 'report.carer_id',
        shown: () => subject.value === 'carer',
      });
      const person = personField(frame, {
        name: 'person',
        label: 'Which member of staff?',
        subject: 'The member of staff',
        required: 'Enter which member of staff',
        path: 'report.person_id',
        shown: () => subject.value === 'staff',
      });
      const child = childField(frame, {
        name: 'child',
        label: 'Which child is concerned?',
        subject: 'The child',
        hint: 'Leave it empty where no child is known.',
        conditional: true,
        path: 'report.child_id',
      });
      const grounds = new EnumsField({
        name: 'grounds',
        label: 'Why is it an allegation?',
        subject: 'The ground',
        hint: 'Select all that apply (National Minimum Standard 22).',
        required: 'Select why it is an allegation',
        path: 'report.grounds',
        values: GROUNDS,
        words: groundWords,
      });
      const informant = new EnumField({
        name: 'informant',
        label: 'Who told the agency?',
        subject: 'Who told the agency',
        required: 'Select who told the agency',
        path: 'report.informant',
        values: INFORMANTS,
        words: informantWords,
      });
      const occurred = new MomentField({
        name: 'occurred',
        label: 'When did it happen?',
        subject: 'The time when it happened',
        hint: 'For example, 27 3 2026 and 10:30pm. Leave it empty where nobody knows.',
        path: 'report.occurred_time',
      });
      const aware = pastMoment(frame.now(), {
        name: 'aware',
        label: 'When did the agency become aware?',
        subject: 'The time when the agency became aware',
        required: 'Enter when the agency became aware',
        path: 'report.became_aware_time',
      });
      const summary = longText({
        name: 'summary',
        label: 'What was said?',
        subject: 'What was said',
        hint: 'In the words that were used, without a judgement.',
        required: 'Enter what was said',
        path: 'report.summary',
      });
      const actions = longText({
        name: 'actions',
        label: 'What was done at once so that children are safe?',
        subject: 'What was done at once',
        path: 'report.immediate_actions',
        lines: 3,
      });
      return new Form({
        fields: [subject, carer, person, child, grounds, informant, occurred, aware, summary, actions],
        submit: 'Record the allegation',
        send: async (requestId) => {
          const { allegationId } = await allegations.receiveAllegation({
            requestId,
            report: {
              carerId: carer.shown ? carer.value : '',
              personId: person.shown ? person.value : '',
              childId: child.value,
              grounds: grounds.chosen,
              informant: informant.chosen,
              ...occurred.moment ? { occurredTime: occurred.timestamp() } : {},
              becameAwareTime: aware.timestamp(),
              summary: summary.value.trim(),
              immediateActions: actions.value.trim(),
            },
          });
          page.done('The allegation is recorded. Refer it to the designated officer.',
            paths.allegation(allegationId));
        },
      });
    },
  });
}
