import { create } from '@bufbuild/protobuf';
import { timestampFromDate } from '@bufbuild/protobuf/wkt';
import { describe, expect, it } from 'vitest';
import { Carer_Status, CarerSchema } from '../generated/fosterwatch/carers/v1/carer_pb';
import { EmergencyAccessSchema, SupervisionSchema } from '../generated/fosterwatch/carers/v1/supervision_pb';
import { Names } from '../names';
import { said } from './said';
import {
  emergencyTag, reviewedCell, supervisionOn, supervisionsAfter, supervisorCell,
} from './supervision';

const named = (fromDate: string, supervisorId: string) =>
  create(SupervisionSchema, { supervisionId: `${fromDate} ${supervisorId}`, fromDate, supervisorId });

describe('who supervises a household', () => {
  // As they were recorded: not in the order of their days.
  const supervisions = [
    named('2026-05-01', 'jo'), named('2026-01-01', 'ann'), named('2026-08-01', ''),
    named('2026-12-01', 'sam'), named('2026-12-01', 'kit'), named('2026-05-01', 'lee'),
  ];

  it.each([
    ['2025-12-31', undefined], ['2026-01-01', 'ann'], ['2026-04-30', 'ann'], ['2026-05-01', 'lee'],
    ['2026-07-31', 'lee'], ['2026-08-01', ''], ['2026-12-01', 'kit'],
  ])('on %s it is %s', (day, who) => {
    expect(supervisionOn(supervisions, day)?.supervisorId).toBe(who);
  });

  it('says what is to come, and of one day what was recorded last', () => {
    expect(supervisionsAfter(supervisions, '2026-05-01').map(({ supervisorId }) => supervisorId))
      .toEqual(['', 'kit']);
    expect(supervisionsAfter(supervisions, '2026-12-01')).toEqual([]);
  });

  it.each([
    [Carer_Status.APPROVED, '', true], [Carer_Status.TEMPORARILY_APPROVED, '', true],
    [Carer_Status.SUSPENDED, '', true], [Carer_Status.ENDED, '', false],
    [Carer_Status.APPLICANT, '', false], [Carer_Status.APPROVED, 'F-2', false],
  ])('nobody at all is a warning where somebody should be: %s %s', (status, mergedIntoCarerId, warns) => {
    const cell = supervisorCell(create(CarerSchema, { status, mergedIntoCarerId }), new Names());
    expect(said(cell)).toBe('Nobody');
    expect(typeof cell === 'object').toBe(warns);
  });
});

describe('a household that was opened in an emergency', () => {
  const at = (time: string) => timestampFromDate(new Date(`2026-11-23T${time}:00Z`));
  const opened = create(EmergencyAccessSchema, {
    emergencyId: 'e1', personId: 'jo', fromTime: at('09:00'), untilTime: at('17:00'), reason: 'Night.',
  });

  it.each([['08:59', 'Over'], ['09:00', 'Open'], ['16:59', 'Open'], ['17:00', 'Over']])(
    'at %s it is %s', (time, state) => {
      expect(said(emergencyTag(opened, new Date(`2026-11-23T${time}:00Z`)))).toBe(state);
    });

  it('says that nobody has looked at it, or who did and what came of it', () => {
    const now = new Date('2026-11-23T18:00:00Z');
    expect(said(reviewedCell(opened, new Names(), now))).toBe('Not looked at yet');
    const reviewed = create(EmergencyAccessSchema, {
      ...opened, reviewedBy: 'ann', reviewedTime: at('17:30'), reviewNote: 'It was right.',
    });
    expect(said(reviewedCell(reviewed, new Names(), now))).toMatch(/^ann .*It was right\.$/);
  });
});
