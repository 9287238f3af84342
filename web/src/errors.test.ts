import { Code, ConnectError } from '@connectrpc/connect';
import { describe, expect, it } from 'vitest';
import { isOutcomeUnknown, toRefusal, violationSentence } from './errors';
import { BadRequestSchema, ErrorInfoSchema } from './generated/google/rpc/error_details_pb';

describe('a refusal', () => {
  it('names its reason and the fields at fault', () => {
    const refusal = toRefusal(new ConnectError('the request is not right', Code.InvalidArgument,
      undefined, [
        { desc: ErrorInfoSchema, value: { reason: 'FIELDS_NOT_RIGHT' } },
        {
          desc: BadRequestSchema,
          value: { fieldViolations: [{ field: 'report.place', description: 'is too long' }] },
        },
      ]));
    expect(refusal).toEqual({
      code: Code.InvalidArgument,
      reason: 'FIELDS_NOT_RIGHT',
      message: 'The request is not right',
      fields: [{ field: 'report.place', description: 'is too long' }],
    });
  });

  it('of a network says nothing that only machines understand', () => {
    const refusal = toRefusal(new TypeError('Failed to fetch'));
    expect(refusal.message).toBe('Fosterwatch could not be reached');
    expect(isOutcomeUnknown(refusal.code)).toBe(true);
  });
});

it('makes a sentence of a field and what is wrong with it', () => {
  expect(violationSentence('The place', 'is too long')).toBe('The place is too long');
  expect(violationSentence('child return', 'the child is still missing'))
    .toBe('The child is still missing');
  expect(violationSentence('The child', 'lives with a carer already'))
    .toBe('The child lives with a carer already');
});
