// Every page and its address.

import type { Frame, Page } from '../page';
import type { Route } from '../router';

export const routes: Route<(frame: Frame) => Page>[] = [];
