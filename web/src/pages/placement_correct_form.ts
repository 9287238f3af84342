// A placement that was recorded wrongly: what is true instead, and why. What was said first stays
// readable with the child.

import { html } from 'lit-html';
import { placements } from '../api';
import { DayField } from '../forms/day_field';
import { longText, YesNoField } from '../forms/questions';
import type { CodeList } from '../generated/fosterwatch/placements/v1/codes_pb';
import type { Placement } from '../generated/fosterwatch/placements/v1/placement_pb';
import type { Frame, Page } from '../page';
import { paths } from '../router';
import { formatDay } from '../time';
import { placementCorrection, type CorrectableValues } from '../ui/placements';
import { endingQuestions, placementQuestions } from './placement_questions';
import { questionPage, RECORDERS } from './question_page';
import { mayRecord } from './rights';

const PATH = 'placement.';

export function correctPlacementPage(frame: Frame, childId: string, placementId: string): Page {
  const { names } = frame;
  let codes: CodeList | undefined;
  return questionPage<Placement>(frame, {
    section: 'carers',
    id: childId,
    back: { href: paths.child(childId), text: 'The child' },
    read: async () => {
      const [placement] = await Promise.all([
        placements.getPlacement({ placementId }), names.ensureChildren([childId]),
        names.ensureAllCarers(),
      ]);
      codes = await placements.listCodes({ date: placement.startDate });
      return placement;
    },
    caption: () => names.child(childId),
  }, {
    may: ({ session }) => mayRecord(session),
    forbidden: RECORDERS,
    heading: 'Correct a placement',
    submit: 'Record the correction',
    done: 'The correction is recorded. What was said first stays with the child.',
    intro: ({ carerId, startDate }) => html`<p class="govuk-body">With ${names.carer(carerId)}, from
      ${formatDay(startDate)}. Only what was recorded wrongly: a child who has moved since, or has left,
      has a move or an end of the placement instead.</p>`,
    fields: (_, placement) => {
      const hasEnded = () => Boolean(placement()?.endDate);
      const asked = placementQuestions(frame, 'placement', () => codes, { corrected: true });
      const before = longText({
        name: 'before', label: 'The child’s address before', subject: 'The address before',
        path: `${PATH}address_before`, lines: 2, maxLength: 500,
      });
      const ended = new YesNoField({
        name: 'ended', label: 'Has it ended?', subject: 'Whether it has ended',
        required: 'Select whether it has ended', shown: hasEnded,
      });
      const isEnding = () => hasEnded() && ended.isYes;
      const end = new DayField({
        name: 'end', label: 'When did it end?', subject: 'The day on which it ended',
        required: 'Enter when it ended', path: `${PATH}end_date`, shown: isEnding,
      });
      const ending = endingQuestions(() => codes, PATH, isEnding);
      const why = longText({
        name: 'why', label: 'Why was it wrong?', subject: 'Why it was wrong',
        required: 'Enter why it was wrong', path: 'why', lines: 3, maxLength: 2000,
      });
      const said = (): CorrectableValues => ({
        ...asked.placement(),
        addressBefore: before.value.trim(),
        ...isEnding() ? { endDate: end.value, ...ending.ending() }
          : { endDate: '', reasonCode: '', addressOnLeaving: '', endingNote: '' },
      });
      return {
        fields: [...asked.fields, before, ended, end, ...ending.fields, why],
        begin: (read) => {
          asked.fill(read);
          before.value = read.addressBefore;
          ended.value = 'yes';
          end.fill(read.endDate);
          ending.fill(read);
        },
        send: (requestId) => placements.correctPlacement({
          requestId,
          ...placementCorrection(placement()!, said()),
          why: why.value.trim(),
        }),
      };
    },
  });
}
