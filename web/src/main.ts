import { App } from './app';
import { routes } from './pages';
import { drafts } from './pages/drafts';

void new App(document.getElementById('app')!, routes, () => drafts.anyTouched).start();
