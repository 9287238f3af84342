// Forms that were begun and not sent yet, in memory only: they hold personal data.

import { Drafts } from '../forms/form';
import type { Form } from '../forms/form';

export const drafts = new Drafts<{ form: Form }>();
