// What is opened first.

import { html } from 'lit-html';
import type { Frame, Page } from '../../page';
import { paths } from '../../router';
import { CaseloadPage } from '../caseload';
import { OverviewPage } from '../overview';
import { hasOwnCaseload, readsAgency } from '../rights';
import { page } from './page';

// Whoever reads no register, such as an administrator, begins in the directory.
const toTheDirectory = (frame: Frame): Page => ({
  title: () => 'Overview',
  load: async () => frame.navigate(paths.directory(), { replace: true }),
  view: () => html``,
});

export const routes = [page('/', (frame) => readsAgency(frame.session) ? new OverviewPage(frame)
  : hasOwnCaseload(frame.session) ? new CaseloadPage(frame) : toTheDirectory(frame))];
