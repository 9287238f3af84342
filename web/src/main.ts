import { App } from './frame/app';
import { partOf } from './pages';
import { drafts } from './pages/drafts';

void new App(document.getElementById('app')!, partOf, () => drafts.anyTouched).start();
