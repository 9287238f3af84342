// The complaint that a question is about, and who may answer it.

import { complaints } from '../api';
import { longText } from '../forms/questions';
import type { Complaint } from '../generated/fosterwatch/complaints/v1/complaint_pb';
import type { Frame } from '../page';
import { paths } from '../router';
import { CLOSERS, MANAGERS, RECORDERS, type About, type Question } from './question_page';
import { mayCloseCase, mayRecord, mayWorkCase } from './rights';

export const aboutComplaint = (complaintId: string): About<Complaint> => ({
  section: 'complaints',
  id: complaintId,
  back: { href: paths.complaint(complaintId), text: 'The complaint' },
  read: () => complaints.getComplaint({ complaintId }),
  caption: ({ caseNumber }) => caseNumber?.text ?? '',
});

export const records = { may: ({ session }: Frame) => mayRecord(session), forbidden: RECORDERS };
export const works = { may: ({ session }: Frame) => mayWorkCase(session), forbidden: MANAGERS };
export const closes = { may: ({ session }: Frame) => mayCloseCase(session), forbidden: CLOSERS };

// Asks why, and nothing else.
export const why = (
  call: (request: { requestId: string; complaintId: string; reason: string }) => Promise<unknown>,
  required: string,
): Question<Complaint>['fields'] => () => {
  const reason = longText({
    name: 'reason', label: 'Why?', subject: 'The reason', required, path: 'reason', lines: 3,
    maxLength: 2000,
  });
  return {
    fields: [reason],
    send: (requestId, complaintId) => call({ requestId, complaintId, reason: reason.value.trim() }),
  };
};
