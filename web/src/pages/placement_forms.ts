// Where a child lives: a placement that begins, a move, an end.

import { html, nothing } from 'lit-html';
import { placements } from '../api';
import { Form } from '../forms/form';
import { longText, pastDay } from '../forms/questions';
import type { Child } from '../generated/fosterwatch/placements/v1/child_pb';
import type { CodeList } from '../generated/fosterwatch/placements/v1/codes_pb';
import type { Frame, Page } from '../page';
import { paths } from '../router';
import { link } from '../ui/html';
import { FormPage } from './form_page';
import { childField } from './picks';
import { endingQuestions, placementQuestions } from './placement_questions';
import { questionPage, RECORDERS, type About } from './question_page';
import { mayRecord } from './rights';

const records = { may: ({ session }: Frame) => mayRecord(session), forbidden: RECORDERS };

const LOOKED_AT = html`<p class="govuk-body">Whether it is inside the carer’s terms of approval is looked at
  at once: if not, it is shown with the carer and the managers are alerted.</p>`;

const aboutChild = (frame: Frame, childId: string): About<Child> => ({
  section: 'carers',
  id: childId,
  back: { href: paths.child(childId), text: 'The child' },
  read: async () => {
    const [child] = await Promise.all([
      placements.getChild({ childId }), frame.names.ensureChildren([childId]),
      frame.names.ensureAllCarers(),
    ]);
    return child;
  },
  caption: () => frame.names.child(childId),
});

// From a child's page, or from a carer's: what is known is filled in.
export function startPlacementPage(frame: Frame, childId: string, carerId: string): Page {
  const { names } = frame;
  let codes: CodeList | undefined;
  let fill: (() => void) | undefined;
  return new FormPage(frame, {
    section: 'carers',
    heading: 'Record a placement',
    back: childId ? { href: paths.child(childId), text: 'The child' }
      : carerId ? { href: paths.carer(carerId), text: 'The carer' }
        : { href: paths.carers(), text: 'Carers' },
    instead: () => mayRecord(frame.session) ? undefined : RECORDERS,
    read: async () => {
      [codes] = await Promise.all([
        placements.listCodes({}), names.ensureAllChildren(), names.ensureAllCarers(),
      ]);
      fill?.();
      fill = undefined;
    },
    concerns: ({ topic }) => /\.(placements|carers)\./.test(topic),
    intro: () => html`${LOOKED_AT}${childId ? nothing : html`<p class="govuk-body">A child who is not known
      yet is ${link(paths.recordChild(), 'recorded first')}.</p>`}`,
    form: (page) => {
      const child = childField(frame, {
        name: 'child', label: 'Which child?', subject: 'The child', required: 'Enter which child',
        path: 'placement.child_id',
      });
      const asked = placementQuestions(frame, 'placement', () => codes);
      const before = longText({
        name: 'before', label: 'The child’s address before', subject: 'The address before',
        path: 'placement.address_before', lines: 2, maxLength: 500,
      });
      fill = () => {
        if (childId) child.text = names.child(childId);
        if (carerId) asked.carer.text = names.carer(carerId);
      };
      return new Form({
        fields: [child, ...asked.fields, before],
        submit: 'Record the placement',
        send: async (requestId) => {
          await placements.startPlacement({
            requestId,
            placement: {
              childId: child.value, ...asked.placement(), addressBefore: before.value.trim(),
            },
          });
          page.done('The placement is recorded.');
        },
      });
    },
  });
}

export function moveChildPage(frame: Frame, childId: string): Page {
  let codes: CodeList | undefined;
  return questionPage(frame, aboutChild(frame, childId), {
    ...records,
    heading: 'Record a move to another carer',
    submit: 'Record the move',
    done: 'The move is recorded.',
    read: async () => {
      codes = await placements.listCodes({});
    },
    instead: ({ carerId }) => carerId ? undefined : 'The child does not live with a carer.',
    intro: ({ carerId }) => html`<p class="govuk-body">The child lives with ${frame.names.carer(carerId)}.
      That placement ends and the next begins on one day.</p>${LOOKED_AT}`,
    fields: () => {
      const asked = placementQuestions(frame, 'next', () => codes);
      const ended = endingQuestions(() => codes);
      return {
        fields: [...asked.fields, ...ended.fields],
        send: (requestId) => placements.moveChild({
          requestId, childId, ...ended.ending(), next: { childId, ...asked.placement() },
        }),
      };
    },
  });
}

export function endPlacementPage(frame: Frame, childId: string): Page {
  let codes: CodeList | undefined;
  return questionPage(frame, aboutChild(frame, childId), {
    ...records,
    heading: 'Record the end of a placement',
    submit: 'Record the end',
    done: 'The end of the placement is recorded.',
    read: async () => {
      codes = await placements.listCodes({});
    },
    instead: ({ carerId }) => carerId ? undefined : 'The child does not live with a carer.',
    intro: ({ carerId }) => carerId ? html`<p class="govuk-body">The child lives with
      ${frame.names.carer(carerId)}. Where the child goes to another carer of the agency, record a move
      instead.</p>` : nothing,
    fields: () => {
      const end = pastDay(frame.now(), {
        name: 'end', label: 'When did it end?', subject: 'The day on which it ended',
        required: 'Enter when it ended', path: 'end_date',
      });
      const ended = endingQuestions(() => codes);
      return {
        fields: [end, ...ended.fields],
        send: (requestId) => placements.endPlacement({
          requestId, childId, endDate: end.value, ...ended.ending(),
        }),
      };
    },
  });
}
