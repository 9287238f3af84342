// What is opened first.

import { OverviewPage } from '../overview';
import { page } from './page';

export const routes = [page('/', (frame) => new OverviewPage(frame))];
