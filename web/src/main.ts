import { App } from './app';
import { routes } from './pages';

void new App(document.getElementById('app')!, routes, () => false).start();
