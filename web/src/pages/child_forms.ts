// A child, and the authorities that answer for the child. Where the child lives is of placements.

import { html } from 'lit-html';
import { placements } from '../api';
import { DayField } from '../forms/day_field';
import { Form } from '../forms/form';
import { PickField } from '../forms/pick_field';
import { shortText } from '../forms/questions';
import { Body_Kind } from '../generated/fosterwatch/directory/v1/directory_pb';
import type { Child } from '../generated/fosterwatch/placements/v1/child_pb';
import type { Frame, Page } from '../page';
import { paths } from '../router';
import { FormPage } from './form_page';
import { RECORDERS } from './question_page';
import { mayRecord } from './rights';

function childQuestions({ names }: Frame) {
  const name = shortText({
    name: 'name', label: 'Name', subject: 'The name', required: 'Enter the name', path: 'child.name',
    width: 30,
  });
  const birth = new DayField({
    name: 'birth', label: 'Date of birth', subject: 'The date of birth',
    hint: 'For example, 27 3 2015.', required: 'Enter the date of birth', path: 'child.birth_date',
  });
  const authority = (field: string, label: string, subject: string, path: string) => new PickField({
    name: field, label, subject, required: `Enter the ${subject.toLowerCase().replace('the ', '')}`,
    path, noun: 'local authority',
    picks: () => names.bodiesKnown().filter(({ kind }) => kind === Body_Kind.LOCAL_AUTHORITY)
      .map(({ bodyId }) => ({ id: bodyId, text: names.body(bodyId) })),
  });
  const responsible = authority('responsible', 'Which authority is responsible for the child?',
    'The responsible authority', 'child.responsible_authority_id');
  const area = authority('area', 'In whose area does the child live?', 'The area authority',
    'child.area_authority_id');
  return {
    fields: [name, birth, responsible, area],
    child: () => ({
      name: name.value.trim(),
      birthDate: birth.value,
      responsibleAuthorityId: responsible.value,
      areaAuthorityId: area.value,
    }),
    fill: (child: Child) => {
      name.value = child.name;
      birth.fill(child.birthDate);
      responsible.text = names.body(child.responsibleAuthorityId);
      area.text = names.body(child.areaAuthorityId);
    },
  };
}

// Of a child who is not known yet where `childId` is empty.
export function recordChildPage(frame: Frame, childId = ''): Page {
  let fill: ((child: Child) => void) | undefined;
  return new FormPage(frame, {
    section: 'carers',
    heading: childId ? 'Record other particulars of a child' : 'Record a child',
    back: childId ? { href: paths.child(childId), text: 'The child' }
      : { href: paths.carers(), text: 'Carers' },
    caption: () => childId ? frame.names.child(childId) : '',
    instead: () => mayRecord(frame.session) ? undefined : RECORDERS,
    read: async () => {
      if (!childId) return;
      const [child] = await Promise.all([
        placements.getChild({ childId }), frame.names.ensureChildren([childId]),
        frame.names.ensureDirectory(),
      ]);
      fill?.(child);
      fill = undefined;
    },
    concerns: ({ topic }) => /\.(placements|directory)\./.test(topic),
    intro: () => html`<p class="govuk-body">Where the child lives is recorded as a placement.</p>`,
    form: (page) => {
      const number = shortText({
        name: 'child-id', label: 'Number of the child', subject: 'The number',
        hint: 'As your case system has it, for example C-0142.', required: 'Enter the number',
        path: 'child.child_id', width: 10, maxLength: 64, shown: () => childId === '',
      });
      const asked = childQuestions(frame);
      fill = asked.fill;
      return new Form({
        fields: [number, ...asked.fields],
        submit: childId ? 'Record them' : 'Record the child',
        send: async (requestId) => {
          const recorded = await placements.recordChild({
            requestId,
            child: { childId: childId || number.value.trim(), ...asked.child() },
            keepPlacement: true,
          });
          page.done(childId ? 'The particulars are recorded.' : 'The child is recorded.',
            paths.child(recorded.childId));
        },
      });
    },
  });
}
