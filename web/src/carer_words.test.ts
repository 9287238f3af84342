import { create } from '@bufbuild/protobuf';
import { describe, expect, it } from 'vitest';
import * as words from './carer_words';
import {
  Application_StateSchema, Decision_OutcomeSchema, DecisionAnswer_KindSchema, MatterSchema,
  Recommendation_BodySchema, ReviewInput_KindSchema,
} from './generated/fosterwatch/carers/v1/approval_pb';
import { Carer_KindSchema, Carer_StatusSchema } from './generated/fosterwatch/carers/v1/carer_pb';
import {
  CheckKindSchema, DutyBasisSchema, DutyKindSchema, Retention_BasisSchema,
} from './generated/fosterwatch/carers/v1/duties_pb';
import {
  EndReasonSchema, PlacementKind, PlacementKindSchema, TermsSchema,
} from './generated/fosterwatch/carers/v1/register_pb';
import {
  EndingSchema, TermsBreach_CodeSchema,
} from './generated/fosterwatch/placements/v1/placement_pb';

describe('the words of carers', () => {
  it.each([
    [Carer_KindSchema, words.carerKindWords],
    [Carer_StatusSchema, words.carerStatusWords],
    [DutyKindSchema, words.carerDutyWords],
    [ReviewInput_KindSchema, words.reviewInputWords],
    [DutyBasisSchema, words.dutyBasisWords],
    [PlacementKindSchema, words.placementKindWords],
    [EndReasonSchema, words.endReasonWords],
    [Application_StateSchema, words.applicationStateWords],
    [MatterSchema, words.matterWords],
    [Recommendation_BodySchema, words.bodyWords],
    [Decision_OutcomeSchema, words.decisionOutcomeWords],
    [DecisionAnswer_KindSchema, words.answerWords],
    [CheckKindSchema, words.checkWords],
    [Retention_BasisSchema, words.retentionWords],
    [EndingSchema, words.endingWords],
    [TermsBreach_CodeSchema, words.breachWords],
  ])('know every value of the contract', ({ values }, wordsFor: (value: never) => string) => {
    for (const { number, name } of values.filter(({ number }) => number !== 0)) {
      expect(wordsFor(number as never), name).not.toMatch(/Unknown/);
    }
  });

  it('say terms in a line', () => {
    expect(words.termsWords(undefined)).toBe('None on record');
    expect(words.termsWords(create(TermsSchema, {})))
      .toBe('Up to the usual limit of children, of any age');
    expect(words.termsWords(create(TermsSchema, {
      maxChildren: 1,
      maxAge: 4,
      placementKinds: [PlacementKind.SHORT_TERM, PlacementKind.RESPITE],
      namedChildIds: ['C-0001'],
    }))).toBe('Up to 1 child, aged 0 to 4, short term or respite, only C-0001');
  });
});
