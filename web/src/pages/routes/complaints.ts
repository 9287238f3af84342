// Complaints, compliments and what case systems saw of them.

import { COMPLAINT_FORMS, COMPLAINT_PART_FORMS } from '../../router';
import { ComplaintPage } from '../complaint';
import { complaintFormPage } from '../complaint_forms';
import { complaintPartPage } from '../complaint_part_forms';
import { ComplaintsPage } from '../complaints';
import { ComplaintsStatementPage } from '../complaints_statement';
import { recordComplaintPage, recordComplimentPage } from '../record_complaint';
import {
  explainSightingPage, matchSightingPage, takeBackSightingPage,
} from '../sighting_forms';
import { SightingsPage } from '../sightings';
import { page } from './page';

export const routes = [
  page('/complaints', (frame, _, query) => new ComplaintsPage(frame, query)),
  page('/complaints/new', (frame, _, query) =>
    recordComplaintPage(frame, query.get('sighting') ?? '')),
  page('/complaints/new-compliment', (frame) => recordComplimentPage(frame)),
  page('/complaints/statement', (frame, _, query) => new ComplaintsStatementPage(frame, query)),
  page('/complaints/seen-elsewhere', (frame, _, query) => new SightingsPage(frame, query)),
  page('/complaints/seen-elsewhere/:sighting/match',
    (frame, { sighting }) => matchSightingPage(frame, sighting!)),
  page('/complaints/seen-elsewhere/:sighting/take-back',
    (frame, { sighting }) => takeBackSightingPage(frame, sighting!)),
  page('/complaints/seen-elsewhere/:sighting/explain',
    (frame, { sighting }) => explainSightingPage(frame, sighting!)),
  page('/complaints/:complaint', (frame, { complaint }) => new ComplaintPage(frame, complaint!)),
  ...COMPLAINT_FORMS.map((form) => page(`/complaints/:complaint/${form}`,
    (frame, { complaint }) => complaintFormPage(frame, complaint!, form))),
  ...COMPLAINT_PART_FORMS.map((form) => page(`/complaints/:complaint/part/:part/${form}`,
    (frame, { complaint, part }) => complaintPartPage(frame, complaint!, part!, form))),
];
