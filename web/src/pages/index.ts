// Every page and its address.

import type { Frame, Page } from '../page';
import {
  ALLEGATION_FORMS, CARER_FORMS, COMPLAINT_FORMS, COMPLAINT_PART_FORMS, type Params, type Route,
} from '../router';
import { AcknowledgeAlertPage } from './acknowledge_alert';
import { AlertsPage } from './alerts';
import { AllegationPage } from './allegation';
import { assignItemPage, closeItemPage, tellOutcomePage } from './allegation_checklist_forms';
import { allegationFormPage } from './allegation_forms';
import { AllegationsPage } from './allegations';
import { CarerPage } from './carer';
import {
  decisionAnswerPage, decisionToldPage, recordApplicationPage,
} from './carer_approval_forms';
import { answerAccessPage, carerFormPage, closeCarerActionPage } from './carer_forms';
import { CarersPage } from './carers';
import { ChildPage } from './child';
import { ComplaintPage } from './complaint';
import { complaintFormPage } from './complaint_forms';
import { complaintPartPage } from './complaint_part_forms';
import { ComplaintsPage } from './complaints';
import { ComplaintsStatementPage } from './complaints_statement';
import { DiscardParkedPage } from './discard_parked';
import { DecisionPage } from './decision';
import { agreeDecisionPage, recordDecisionPage } from './decision_forms';
import { DecisionsPage } from './decisions';
import { DirectoryPage } from './directory';
import { appointHolderPage, endHolderPage, recordBodyPage } from './directory_entry_forms';
import {
  endAbsencePage, endDelegationPage, recordAbsencePage, recordDelegationPage,
} from './directory_forms';
import { EventPage } from './event';
import {
  addActionPage, childReturnPage, closeActionPage, discussionPage, signOffPage,
} from './event_forms';
import { acknowledgeNoticePage, confirmNoticePage, givePage } from './event_notice_forms';
import { concludePage, enquiryOutcomePage, outcomePage } from './event_outcome_forms';
import {
  addEvidencePage, completeReportPage, correctPage, decideRepeatPage, withdrawPage,
} from './event_record_forms';
import { EventsPage } from './events';
import { FigurePage } from './figure';
import { LawPage } from './law';
import { switchPolicyPage, TryLawPage } from './law_forms';
import { OverviewPage } from './overview';
import { exportPage } from './export';
import { ParkedPage } from './parked';
import { ProofPage } from './proof';
import { recordAllegationPage } from './record_allegation';
import { recordComplaintPage, recordComplimentPage } from './record_complaint';
import { RegisterPage } from './register';
import { ReportPage } from './report';
import { reportInHurryPage } from './report_hurry';
import { SendsPage } from './sends';
import { explainSightingPage, matchSightingPage, SightingsPage } from './sightings';
import { TrendPage } from './trend';

const page = (
  pattern: string, make: (frame: Frame, params: Params, query: URLSearchParams) => Page,
): Route<(frame: Frame) => Page> =>
  ({ pattern, make: (params, query) => (frame) => make(frame, params, query) });

export const routes = [
  page('/', (frame) => new OverviewPage(frame)),
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
  page('/alerts', (frame, _, query) => new AlertsPage(frame, query)),
  page('/alerts/:alert/acknowledge', (frame, { alert }) => new AcknowledgeAlertPage(frame, alert!)),
  page('/parked', (frame) => new ParkedPage(frame)),
  page('/parked/:service/:record/discard',
    (frame, { service, record }) => new DiscardParkedPage(frame, service!, record!)),
  page('/figures/:code', (frame, { code }, query) =>
    new FigurePage(frame, code!, query.get('period') ?? '')),
  page('/directory', (frame) => new DirectoryPage(frame)),
  page('/directory/holders/new', (frame) => appointHolderPage(frame)),
  page('/directory/holders/:holder/end', (frame, { holder }) => endHolderPage(frame, holder!)),
  page('/directory/bodies/new', (frame) => recordBodyPage(frame)),
  page('/directory/bodies/:body/change', (frame, { body }) => recordBodyPage(frame, body!)),
  page('/directory/absences/new', (frame) => recordAbsencePage(frame)),
  page('/directory/absences/:absence/end',
    (frame, { absence }) => endAbsencePage(frame, absence!)),
  page('/directory/delegations/new', (frame) => recordDelegationPage(frame)),
  page('/directory/delegations/:delegation/end',
    (frame, { delegation }) => endDelegationPage(frame, delegation!)),
  page('/law', (frame) => new LawPage(frame)),
  page('/law/try', (frame) => new TryLawPage(frame)),
  page('/law/policy/:kind/:recipient',
    (frame, { kind, recipient }) => switchPolicyPage(frame, kind!, recipient!)),
  page('/complaints', (frame, _, query) => new ComplaintsPage(frame, query)),
  page('/complaints/new', (frame, _, query) =>
    recordComplaintPage(frame, query.get('sighting') ?? '')),
  page('/complaints/new-compliment', (frame) => recordComplimentPage(frame)),
  page('/complaints/statement', (frame, _, query) => new ComplaintsStatementPage(frame, query)),
  page('/complaints/seen-elsewhere', (frame, _, query) => new SightingsPage(frame, query)),
  page('/complaints/seen-elsewhere/:sighting/match',
    (frame, { sighting }) => matchSightingPage(frame, sighting!)),
  page('/complaints/seen-elsewhere/:sighting/explain',
    (frame, { sighting }) => explainSightingPage(frame, sighting!)),
  page('/complaints/:complaint', (frame, { complaint }) => new ComplaintPage(frame, complaint!)),
  ...COMPLAINT_FORMS.map((form) => page(`/complaints/:complaint/${form}`,
    (frame, { complaint }) => complaintFormPage(frame, complaint!, form))),
  ...COMPLAINT_PART_FORMS.map((form) => page(`/complaints/:complaint/part/:part/${form}`,
    (frame, { complaint, part }) => complaintPartPage(frame, complaint!, part!, form))),
  page('/allegations', (frame, _, query) => new AllegationsPage(frame, query)),
  page('/allegations/new', (frame) => recordAllegationPage(frame)),
  page('/allegations/:allegation', (frame, { allegation }) => new AllegationPage(frame, allegation!)),
  ...ALLEGATION_FORMS.map((form) => page(`/allegations/:allegation/${form}`,
    (frame, { allegation }) => allegationFormPage(frame, allegation!, form))),
  page('/allegations/:allegation/checklist/:item/close',
    (frame, { allegation, item }) => closeItemPage(frame, allegation!, item!)),
  page('/allegations/:allegation/checklist/:item/assign',
    (frame, { allegation, item }) => assignItemPage(frame, allegation!, item!)),
  page('/allegations/:allegation/told/:party',
    (frame, { allegation, party }) => tellOutcomePage(frame, allegation!, party!)),
  page('/carers', (frame, _, query) => new CarersPage(frame, query)),
  page('/carers/new', (frame) => recordApplicationPage(frame)),
  page('/carers/register', (frame, _, query) => new RegisterPage(frame, query)),
  page('/carers/:carer', (frame, { carer }) => new CarerPage(frame, carer!)),
  ...CARER_FORMS.map((form) => page(`/carers/:carer/${form}`,
    (frame, { carer }) => carerFormPage(frame, carer!, form))),
  page('/carers/:carer/part/:decision/decision/told',
    (frame, { carer, decision }) => decisionToldPage(frame, carer!, decision!, false)),
  page('/carers/:carer/part/:decision/decision/told-in-writing',
    (frame, { carer, decision }) => decisionToldPage(frame, carer!, decision!, true)),
  page('/carers/:carer/part/:decision/decision/answer',
    (frame, { carer, decision }) => decisionAnswerPage(frame, carer!, decision!)),
  page('/carers/:carer/part/:action/action/close',
    (frame, { carer, action }) => closeCarerActionPage(frame, carer!, action!)),
  page('/carers/:carer/part/:request/access/answer',
    (frame, { carer, request }) => answerAccessPage(frame, carer!, request!)),
  page('/children/:child', (frame, { child }) => new ChildPage(frame, child!)),
  page('/trend', (frame, _, query) => new TrendPage(frame, query)),
  page('/sends', (frame, _, query) => new SendsPage(frame, query)),
];
