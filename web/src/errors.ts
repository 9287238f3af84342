// What a refusal says, in a shape that forms and pages can show.

import { Code, ConnectError } from '@connectrpc/connect';
import { BadRequestSchema, ErrorInfoSchema } from './generated/google/rpc/error_details_pb';

export interface FieldViolation {
  // The path in the request, such as "report.occurred_time", or what is missing from the record,
  // such as "sign_offs[MANAGER]".
  field: string;
  // What is wrong with it: "is in the future".
  description: string;
}

export interface Refusal {
  code: Code;
  // The UPPER_SNAKE reason; empty where the answer carried none.
  reason: string;
  message: string;
  fields: FieldViolation[];
}

// "the event has not happened yet" as "The event has not happened yet".
export function sentence(text: string): string {
  const trimmed = text.trim();
  return trimmed.charAt(0).toUpperCase() + trimmed.slice(1);
}

// "The place" and "is in the future" as a sentence; a description that is a whole one stays alone.
export function violationSentence(subject: string, description: string): string {
  return /^(is|are|has|was|does|must|may|can|cannot|would|lacks|tells|names|holds|lives|says|stands|leaves|sat)\b/.test(description)
    ? sentence(`${subject} ${description}`) : sentence(description);
}

export function toRefusal(error: unknown): Refusal {
  const failure = ConnectError.from(error);
  const refusal: Refusal = {
    code: failure.code,
    reason: failure.findDetails(ErrorInfoSchema)[0]?.reason ?? '',
    message: sentence(failure.rawMessage),
    fields: failure.findDetails(BadRequestSchema).flatMap((detail) => detail.fieldViolations
      .map(({ field, description }) => ({ field, description }))),
  };
  switch (failure.code) {
    // fetch() failed, or the server is not there: its text says nothing to a person.
    case Code.Unknown:
    case Code.Unavailable:
    case Code.DeadlineExceeded:
      refusal.message = 'Fosterwatch could not be reached';
      break;
    case Code.Internal:
      refusal.message = 'Fosterwatch could not answer';
      break;
    case Code.ResourceExhausted:
      refusal.message = 'Fosterwatch has too much to do at the moment: try again shortly';
      break;
    default:
  }
  return refusal;
}

// Nobody can tell whether a request that ended like this was carried out.
export function isOutcomeUnknown(code: Code): boolean {
  return code === Code.Unknown || code === Code.Unavailable || code === Code.DeadlineExceeded ||
    code === Code.Internal || code === Code.Canceled;
}

export const isSignedOut = (error: unknown) =>
  ConnectError.from(error).code === Code.Unauthenticated;
