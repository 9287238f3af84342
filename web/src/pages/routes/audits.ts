// Audits of the registers of allegations and of notifiable events.

import { AuditPage } from '../audit';
import {
  closeFindingPage, completeAuditPage, gradeRecordPage, startAuditPage,
} from '../audit_forms';
import { AuditsPage } from '../audits';
import { AuditedRecord_Kind } from '../../generated/fosterwatch/allegations/v1/audit_pb';
import { page } from './page';

export const routes = [
  page('/audits', (frame, _, query) => new AuditsPage(frame, query)),
  page('/audits/new', (frame) => startAuditPage(frame)),
  page('/audits/:audit', (frame, { audit }, query) => new AuditPage(frame, audit!, query)),
  page('/audits/:audit/complete', (frame, { audit }) => completeAuditPage(frame, audit!)),
  page('/audits/:audit/allegation/:record', (frame, { audit, record }) =>
    gradeRecordPage(frame, audit!, AuditedRecord_Kind.ALLEGATION, record!)),
  page('/audits/:audit/event/:record', (frame, { audit, record }) =>
    gradeRecordPage(frame, audit!, AuditedRecord_Kind.EVENT, record!)),
  page('/audits/:audit/complaint/:record', (frame, { audit, record }) =>
    gradeRecordPage(frame, audit!, AuditedRecord_Kind.COMPLAINT, record!)),
  page('/audits/:audit/findings/:action/close',
    (frame, { audit, action }) => closeFindingPage(frame, audit!, action!)),
];
