// The complaint that a question is about, and who may answer it.

import { complaints } from '../api';
import { longText } from '../forms/questions';
import type { Complaint } from '../generated/fosterwatch/complaints/v1/complaint_pb';
import { Role } from '../generated/fosterwatch/options/v1/options_pb';
import type { Frame, Page } from '../page';
import { paths } from '../router';
import { considerersWords } from '../ui/complaints';
import { CLOSERS, MANAGERS, questionPage, RECORDERS, type About, type Question } from './question_page';
import { complaintRights, mayCloseCase, mayRecord, mayWorkCase } from './rights';

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

// Whoever may answer the question in general may do so of this complaint, unless it goes another way.
export function complaintQuestionPage(
  frame: Frame, complaintId: string, question: Question<Complaint>, everybody = false,
): Page {
  const ordinarily = question.may(frame);
  return questionPage(frame, aboutComplaint(complaintId), {
    ...question,
    // Whether it goes another way only the complaint says.
    may: ({ session }) => ordinarily || session.roles.includes(Role.RESPONSIBLE_INDIVIDUAL),
    instead: (complaint) => {
      const { otherRoute } = complaint;
      if (!otherRoute || everybody) {
        return ordinarily ? question.instead?.(complaint) : question.forbidden;
      }
      return complaintRights(frame.session, complaint).works ? question.instead?.(complaint)
        : `It goes another way: it is considered by ${considerersWords(otherRoute)} alone.`;
    },
  });
}

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
