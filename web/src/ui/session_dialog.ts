// What the page says when its session is about to end, and when it has ended behind a form that was
// begun.

import { html, type TemplateResult } from 'lit-html';

const MINUTE_MS = 60_000;

export function leftWords(leftMs: number): string {
  const minutes = Math.ceil(leftMs / MINUTE_MS);
  if (minutes <= 1) return 'in less than a minute';
  return `in ${minutes} minutes`;
}

const dialog = (options: {
  kind: string; heading: string; onCancel: (event: Event) => void; content: TemplateResult;
}) => html`
  <dialog class="app-dialog app-dialog--${options.kind}" id="session" role="alertdialog"
    aria-labelledby="session-heading" aria-describedby="session-text" data-session=${options.kind}
    @cancel=${options.onCancel}>
    <h2 class="govuk-heading-m" id="session-heading">${options.heading}</h2>
    ${options.content}
  </dialog>`;

// Escape is an answer, too: somebody is there.
export const sessionEnding = (leftMs: number, stay: () => void) => dialog({
  kind: 'ending',
  heading: 'You will be signed out soon',
  onCancel: (event) => {
    event.preventDefault();
    stay();
  },
  content: html`
    <p class="govuk-body" id="session-text">Nobody has done anything here for a while. You will be
      signed out <span aria-live="polite">${leftWords(leftMs)}</span>. What you have typed stays on
      this page.</p>
    <div class="govuk-button-group govuk-!-margin-bottom-0">
      <button type="button" class="govuk-button" @click=${stay}>Stay signed in</button>
      <form method="post" action="/signout">
        <button type="submit" class="govuk-button govuk-button--secondary">Sign out</button>
      </form>
    </div>`,
});

// The page below cannot be read meanwhile: whoever sits here now may be somebody else.
export const sessionEnded = (signIn: string, discard: () => void) => dialog({
  kind: 'ended',
  heading: 'You have been signed out',
  onCancel: (event) => event.preventDefault(),
  content: html`
    <p class="govuk-body" id="session-text">What you have typed is still on this page, and nowhere
      else. Sign in again in a new tab, come back here, and go on.</p>
    <div class="govuk-button-group govuk-!-margin-bottom-0">
      <a class="govuk-button" href=${signIn} target="_blank" rel="noopener"
        draggable="false">Sign in again</a>
      <button type="button" class="govuk-button govuk-button--secondary"
        @click=${discard}>Discard what I typed</button>
    </div>`,
});

// Opens or closes it; a dialog that is open holds the focus, and gives it back.
export function showDialog(root: HTMLElement, shown: boolean): void {
  const found = root.querySelector<HTMLDialogElement>('dialog#session');
  if (!found || found.open === shown) return;
  if (shown) found.showModal();
  else found.close();
}
