import { describe, expect, it } from 'vitest';
import {
  allegationDutyWords, allegationFactWords, allegationStateWords, groundWords, informantWords,
  investigationWords, linkKindWords, outcomeHint, outcomeWords,
} from './allegation_words';
import {
  Allegation_StateSchema, GroundSchema, InformantSchema, Investigation_KindSchema, Link_KindSchema,
  OutcomeSchema,
} from './generated/fosterwatch/allegations/v1/allegation_pb';

describe('the words of allegations', () => {
  it.each([
    [Allegation_StateSchema, allegationStateWords],
    [GroundSchema, groundWords],
    [InformantSchema, informantWords],
    [OutcomeSchema, outcomeWords],
    [OutcomeSchema, outcomeHint],
    [Investigation_KindSchema, investigationWords],
    [Link_KindSchema, linkKindWords],
  ])('know every value of the contract', ({ values }, words: (value: never) => string) => {
    for (const { number, name } of values.filter(({ number }) => number !== 0)) {
      expect(words(number as never), name).not.toMatch(/Unknown/);
    }
  });


  it('let an unknown code through in a readable form', () => {
    expect(allegationDutyWords('SOME_NEW_DUTY')).toBe('Some new duty');
    expect(allegationFactWords('some_new_fact')).toBe('Some new fact');
  });
});
