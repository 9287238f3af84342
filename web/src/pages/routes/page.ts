import type { Frame, Page } from '../../page';
import type { Params, Route } from '../../router';

export type PageRoute = Route<(frame: Frame) => Page>;

export const page = (
  pattern: string, make: (frame: Frame, params: Params, query: URLSearchParams) => Page,
): PageRoute => ({ pattern, make: (params, query) => (frame) => make(frame, params, query) });
