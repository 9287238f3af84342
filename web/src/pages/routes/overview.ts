// What is opened first.

import { CaseloadPage } from '../caseload';
import { OverviewPage } from '../overview';
import { hasOwnCaseload } from '../rights';
import { page } from './page';

export const routes = [page('/', (frame) => hasOwnCaseload(frame.session)
  ? new CaseloadPage(frame) : new OverviewPage(frame))];
