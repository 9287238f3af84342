// The register of carers, and the children who live with them.

import { CARER_FORMS } from '../../router';
import { CarerPage } from '../carer';
import { approveTemporarilyPage, recordApplicationPage } from '../carer_application_forms';
import {
  decisionAnswerPage, decisionToldPage, reviewPapersPage,
} from '../carer_decision_forms';
import { answerAccessPage, carerFormPage } from '../carer_forms';
import { assignEndingReviewPage, endingReviewPage } from '../carer_review_forms';
import { correctRegisterPage } from '../carer_register_forms';
import { closeCarerActionPage } from '../carer_visit_forms';
import { CarersPage } from '../carers';
import { ChildPage } from '../child';
import { recordChildPage } from '../child_forms';
import { DuplicatesPage, keepApartPage, mergePage, undoMergePage } from '../duplicates';
import { EmergenciesPage } from '../emergencies';
import { ImportHelpPage } from '../import_help';
import { correctPlacementPage } from '../placement_correct_form';
import { endPlacementPage, moveChildPage, startPlacementPage } from '../placement_forms';
import { RegisterPage } from '../register';
import { openInEmergencyPage, reviewEmergencyPage } from '../supervision_forms';
import { page } from './page';

export const routes = [
  page('/carers', (frame, _, query) => new CarersPage(frame, query)),
  page('/carers/new', (frame, _, query) => recordApplicationPage(frame, query.get('carer') ?? '')),
  page('/carers/new-temporary', (frame) => approveTemporarilyPage(frame)),
  page('/carers/import', (frame) => new ImportHelpPage(frame)),
  page('/carers/register', (frame, _, query) => new RegisterPage(frame, query)),
  page('/carers/duplicates', (frame, _, query) => new DuplicatesPage(frame, query)),
  page('/carers/emergencies', (frame, _, query) => new EmergenciesPage(frame, query)),
  page('/carers/emergency', (frame, _, query) => openInEmergencyPage(frame, {
    carerId: query.get('carer') ?? '', childId: query.get('child') ?? '',
  })),
  page('/carers/:carer', (frame, { carer }) => new CarerPage(frame, carer!)),
  ...CARER_FORMS.map((form) => page(`/carers/:carer/${form}`,
    (frame, { carer }) => carerFormPage(frame, carer!, form))),
  page('/carers/:carer/part/:decision/decision/told',
    (frame, { carer, decision }) => decisionToldPage(frame, carer!, decision!, false)),
  page('/carers/:carer/part/:decision/decision/told-in-writing',
    (frame, { carer, decision }) => decisionToldPage(frame, carer!, decision!, true)),
  page('/carers/:carer/part/:decision/decision/answer',
    (frame, { carer, decision }) => decisionAnswerPage(frame, carer!, decision!)),
  page('/carers/:carer/part/:decision/decision/papers',
    (frame, { carer, decision }) => reviewPapersPage(frame, carer!, decision!)),
  page('/carers/:carer/part/:change/register/correct',
    (frame, { carer, change }) => correctRegisterPage(frame, carer!, change!)),
  page('/carers/:carer/part/:action/action/close',
    (frame, { carer, action }) => closeCarerActionPage(frame, carer!, action!)),
  page('/carers/:carer/part/:request/access/answer',
    (frame, { carer, request }) => answerAccessPage(frame, carer!, request!)),
  page('/carers/:carer/part/:placement/ending/assign', (frame, { carer, placement }) =>
    assignEndingReviewPage(frame, carer!, placement!)),
  page('/carers/:carer/part/:placement/ending/review', (frame, { carer, placement }) =>
    endingReviewPage(frame, carer!, placement!)),
  page('/carers/:carer/part/:other/duplicate/merge', (frame, { carer, other }) =>
    mergePage(frame, carer!, other!)),
  page('/carers/:carer/part/:other/duplicate/apart', (frame, { carer, other }) =>
    keepApartPage(frame, carer!, other!)),
  page('/carers/:carer/part/:other/duplicate/undo', (frame, { carer }) =>
    undoMergePage(frame, carer!)),
  page('/carers/:carer/part/:emergency/emergency/review', (frame, { carer, emergency }) =>
    reviewEmergencyPage(frame, carer!, emergency!)),
  page('/children/placements/new', (frame, _, query) =>
    startPlacementPage(frame, query.get('child') ?? '', query.get('carer') ?? '')),
  page('/children/new', (frame) => recordChildPage(frame)),
  page('/children/:child/particulars', (frame, { child }) => recordChildPage(frame, child!)),
  page('/children/:child/move', (frame, { child }) => moveChildPage(frame, child!)),
  page('/children/:child/end-placement', (frame, { child }) => endPlacementPage(frame, child!)),
  page('/children/:child/placements/:placement/correct', (frame, { child, placement }) =>
    correctPlacementPage(frame, child!, placement!)),
  page('/children/:child', (frame, { child }) => new ChildPage(frame, child!)),
];
