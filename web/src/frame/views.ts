// What stands where a page would, when there is none, and what stands around all of them.

import { html, nothing, type TemplateResult } from 'lit-html';
import { paths } from '../router';

export const NAME = 'Fosterwatch';

export function signedOutView(comeBack: string): TemplateResult {
  return html`
    <h1 class="govuk-heading-l">You are signed out</h1>
    <a class="govuk-button" href=${comeBack} draggable="false">Sign in</a>
    <p class="govuk-body">Whoever runs Fosterwatch makes new ones with
      <code class="app-code">fosterwatch links</code>.</p>`;
}

export function notAllowedView(): TemplateResult {
  return html`
    <h1 class="govuk-heading-l">Your role does not open this page</h1>
    <p class="govuk-body">Nothing is wrong with it. What you may use is in the menu; whoever keeps
      the directory says who holds which role.</p>`;
}

// `emergency` is where the record may be opened all the same, by whoever has an own caseload.
export function notFoundView(ownCaseload: boolean, emergency: string | undefined): TemplateResult {
  return emergency ? html`
    <h1 class="govuk-heading-l">Not in your caseload, or not recorded</h1>
    <p class="govuk-body">You see the households that you supervise, and who lives there. This
      record is of somebody else, or there is none of that number.</p>
    <p class="govuk-body">If you have to see it now and cannot wait for a manager, you can open the
      household yourself. The registered manager is told at once.</p>
    <a class="govuk-button govuk-button--warning" href=${emergency} draggable="false">Open it
      in an emergency</a>
    <p class="govuk-body"><a class="govuk-link" href=${paths.overview()}>Go to your
      households</a></p>` : html`
    <h1 class="govuk-heading-l">Page not found</h1>
    <p class="govuk-body">If you followed a link, what it led to may ${ownCaseload
      ? 'not be in your caseload' : 'belong to another agency'} or not be recorded here.</p>
    <p class="govuk-body"><a class="govuk-link" href=${paths.overview()}>Go to the
      overview</a></p>`;
}

export function brokenView(problem: string): TemplateResult {
  return html`
    <h1 class="govuk-heading-l">Sorry, there is a problem</h1>
    <p class="govuk-body">${problem}. This page tries again by itself.</p>`;
}

export function loadingView(): TemplateResult {
  return html`<h1 class="govuk-heading-l app-empty">Loading…</h1>`;
}

export function noticeView(notice: string | undefined): TemplateResult | typeof nothing {
  if (!notice) return nothing;
  return html`
    <div class="govuk-notification-banner govuk-notification-banner--success" role="alert"
      aria-labelledby="notice-title">
      <div class="govuk-notification-banner__header">
        <h2 class="govuk-notification-banner__title" id="notice-title">Success</h2>
      </div>
      <div class="govuk-notification-banner__content">
        <p class="govuk-notification-banner__heading">${notice}</p>
      </div>
    </div>`;
}

export function demonstrationView(): TemplateResult {
  return html`
    <div class="govuk-width-container">
      <div class="govuk-phase-banner app-demonstration">
        <p class="govuk-phase-banner__content">
          <strong class="govuk-tag govuk-phase-banner__content__tag">Demonstration</strong>
          <span class="govuk-phase-banner__text">Every child, carer, authority and member of
            staff on these pages is invented.</span>
        </p>
      </div>
    </div>`;
}

export function footerView(): TemplateResult {
  return html`
    <footer class="app-footer">
      <div class="govuk-width-container">
        <p class="govuk-body-s govuk-!-margin-bottom-0">
          ${NAME} works out what Schedule 7 to the Fostering Services (England) Regulations 2011
          requires. Times are Europe/London.
        </p>
      </div>
    </footer>`;
}
