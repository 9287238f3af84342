// Events, decisions not to notify, and their trend.

import { DecisionPage } from '../decision';
import { agreeDecisionPage, recordDecisionPage } from '../decision_forms';
import { DecisionsPage } from '../decisions';
import { EventPage } from '../event';
import {
  addActionPage, childReturnPage, closeActionPage, discussionPage, signOffPage,
} from '../event_forms';
import { acknowledgeNoticePage, confirmNoticePage, givePage } from '../event_notice_forms';
import { concludePage, enquiryOutcomePage, outcomePage } from '../event_outcome_forms';
import {
  addEvidencePage, completeReportPage, correctPage, decideRepeatPage, withdrawPage,
} from '../event_record_forms';
import { EventsPage } from '../events';
import { exportPage } from '../export';
import { ProofPage } from '../proof';
import { ReportPage } from '../report';
import { reportInHurryPage } from '../report_hurry';
import { TrendPage } from '../trend';
import { page } from './page';

export const routes = [
  page('/events', (frame, _, query) => new EventsPage(frame, query)),
  page('/events/:event', (frame, { event }) => new EventPage(frame, event!)),
  page('/events/:event/notices/:notice/give',
    (frame, { event, notice }) => givePage(frame, event!, notice!)),
  page('/events/:event/notices/:notice/acknowledge',
    (frame, { event, notice }) => acknowledgeNoticePage(frame, event!, notice!)),
  page('/events/:event/sign-off/:stage',
    (frame, { event, stage }) => signOffPage(frame, event!, stage!)),
  page('/events/:event/notices/:notice/confirm',
    (frame, { event, notice }) => confirmNoticePage(frame, event!, notice!)),
  page('/events/:event/proof', (frame, { event }) => new ProofPage(frame, event!)),
  page('/events/:event/export', (frame, { event }) => exportPage(frame, event!)),
  page('/events/:event/discussion', (frame, { event }) => discussionPage(frame, event!)),
  page('/events/:event/outcome', (frame, { event }) => outcomePage(frame, event!)),
  page('/events/:event/enquiry-outcome', (frame, { event }) => enquiryOutcomePage(frame, event!)),
  page('/events/:event/child-return', (frame, { event }) => childReturnPage(frame, event!)),
  page('/events/:event/correct', (frame, { event }) => correctPage(frame, event!)),
  page('/events/:event/complete', (frame, { event }) => completeReportPage(frame, event!)),
  page('/events/:event/repeat', (frame, { event }) => decideRepeatPage(frame, event!)),
  page('/events/:event/evidence', (frame, { event }) => addEvidencePage(frame, event!)),
  page('/events/:event/withdraw', (frame, { event }) => withdrawPage(frame, event!)),
  page('/events/:event/actions/new', (frame, { event }) => addActionPage(frame, event!)),
  page('/events/:event/actions/:action/close',
    (frame, { event, action }) => closeActionPage(frame, event!, action!)),
  page('/events/:event/conclude', (frame, { event }) => concludePage(frame, event!)),
  page('/report', (frame) => new ReportPage(frame)),
  page('/report/hurry', (frame) => reportInHurryPage(frame)),
  page('/decisions', (frame, _, query) => new DecisionsPage(frame, query)),
  page('/decisions/new', (frame) => recordDecisionPage(frame)),
  page('/decisions/:decision', (frame, { decision }) => new DecisionPage(frame, decision!)),
  page('/decisions/:decision/agree',
    (frame, { decision }) => agreeDecisionPage(frame, decision!)),
  page('/decisions/:decision/report',
    (frame, { decision }) => new ReportPage(frame, decision!)),
  page('/trend', (frame, _, query) => new TrendPage(frame, query)),
];
