// The menu across the top: what each role finds there.

import { html, nothing, type TemplateResult } from 'lit-html';
import type { Session } from '../generated/fosterwatch/gateway/v1/gateway_service_pb';
import {
  hasOwnCaseload, mayMakePacks, mayOversee, mayReadAccess, mayReadLaw, mayReport, mayRetry, readsAgency,
  readsDirectory,
} from '../pages/rights';
import { paths } from '../router';

const readsRecords = (session: Session) => readsAgency(session) || hasOwnCaseload(session);

const MENU: readonly {
  href: string; text: string; section: string; for: (session: Session) => boolean;
}[] = [
  { href: paths.overview(), text: 'Overview', section: 'overview', for: readsRecords },
  { href: paths.figures(), text: 'Figures', section: 'figures', for: readsAgency },
  { href: paths.events(), text: 'Events', section: 'events', for: readsRecords },
  { href: paths.decisions(), text: 'Not notified', section: 'decisions', for: readsAgency },
  { href: paths.complaints(), text: 'Complaints', section: 'complaints', for: readsAgency },
  { href: paths.allegations(), text: 'Allegations', section: 'allegations', for: readsAgency },
  { href: paths.carers(), text: 'Carers', section: 'carers', for: readsRecords },
  { href: paths.alerts(), text: 'Alerts', section: 'alerts', for: readsAgency },
  { href: paths.sends(), text: 'Delivery log', section: 'sends', for: readsAgency },
  { href: paths.directory(), text: 'Directory', section: 'directory', for: readsDirectory },
  { href: paths.law(), text: 'Who is told', section: 'law', for: mayReadLaw },
  { href: paths.trend(), text: 'Trend', section: 'trend', for: mayOversee },
  { href: paths.packs(), text: 'Packs', section: 'packs', for: mayMakePacks },
  { href: paths.parked(), text: 'Not taken', section: 'parked', for: mayRetry },
  { href: paths.access(), text: 'Access', section: 'access', for: mayReadAccess },
  {
    href: paths.recordComplaint(), text: 'Record a complaint', section: 'complaints', for: hasOwnCaseload,
  },
  { href: paths.report(), text: 'Report an event', section: 'report', for: mayReport },
];

export function menuView(session: Session, section: string | undefined, openAlerts: number): TemplateResult {
  return html`
    <div class="govuk-service-navigation app-menu">
      <div class="govuk-width-container">
        <div class="govuk-service-navigation__container">
          <nav aria-label="Menu" class="govuk-service-navigation__wrapper">
            <ul class="govuk-service-navigation__list">
              ${MENU.filter((item) => item.for(session)).map((item) => html`
                <li class="govuk-service-navigation__item ${item.section === section
                  ? 'govuk-service-navigation__item--active' : ''}">
                  <a class="govuk-service-navigation__link" href=${item.href}
                    aria-current=${item.section === section ? 'true' : nothing}>${item.text}${
                    item.section === 'alerts' ? badge(openAlerts) : nothing}</a>
                </li>`)}
            </ul>
          </nav>
        </div>
      </div>
    </div>`;
}

function badge(count: number): TemplateResult | typeof nothing {
  if (count === 0) return nothing;
  return html` <span class="moj-notification-badge"><span aria-hidden="true">${count > 99
    ? '99+' : count}</span><span class="govuk-visually-hidden">(${count} open)</span></span>`;
}
