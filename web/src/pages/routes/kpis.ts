// Figures, what is stated of them, and what is done about them.

import { ComparePage } from '../compare';
import { DataQualityPage } from '../data_quality';
import { EditionPage } from '../edition';
import { acceptRestatementPage, freezeEditionPage } from '../edition_forms';
import { EditionsPage } from '../editions';
import { FigurePage } from '../figure';
import { FiguresPage } from '../figures';
import { PlanPage } from '../plan';
import {
  addPlanActionPage, closePlanActionPage, namePlanOwnerPage, reviewPlanPage,
} from '../plan_forms';
import { PlansPage } from '../plans';
import { ServiceDataPage } from '../service_data';
import { page } from './page';

export const routes = [
  page('/figures', (frame, _, query) => new FiguresPage(frame, query)),
  page('/figures/:code', (frame, { code }, query) => new FigurePage(frame, code!, query)),
  page('/compare', (frame, _, query) => new ComparePage(frame, query)),
  page('/service-data', (frame, _, query) => new ServiceDataPage(frame, query)),
  page('/plans', (frame, _, query) => new PlansPage(frame, query)),
  page('/plans/:plan', (frame, { plan }) => new PlanPage(frame, plan!)),
  page('/plans/:plan/owner', (frame, { plan }) => namePlanOwnerPage(frame, plan!)),
  page('/plans/:plan/actions/new', (frame, { plan }) => addPlanActionPage(frame, plan!)),
  page('/plans/:plan/actions/:action/close',
    (frame, { plan, action }) => closePlanActionPage(frame, plan!, action!)),
  page('/plans/:plan/review', (frame, { plan }) => reviewPlanPage(frame, plan!)),
  page('/editions', (frame, _, query) => new EditionsPage(frame, query)),
  page('/editions/freeze', (frame, _, query) => freezeEditionPage(frame, query)),
  page('/editions/:edition', (frame, { edition }) => new EditionPage(frame, edition!)),
  page('/restatements/:restatement/accept',
    (frame, { restatement }) => acceptRestatementPage(frame, restatement!)),
  page('/data-quality', (frame, _, query) => new DataQualityPage(frame, query)),
];
