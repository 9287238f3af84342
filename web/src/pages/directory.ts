// Who can be reached, and how: what the check has found, who holds which role, who is away and who
// stands in, and the bodies that notices go to.

import { html, nothing, type TemplateResult } from 'lit-html';
import { directory } from '../api';
import { toRefusal } from '../errors';
import {
  Finding_Severity, type DirectoryCheck, type Finding,
} from '../generated/fosterwatch/directory/v1/check_pb';
import {
  Body_Kind, type Absence, type Body, type Delegation, type RoleHolder,
} from '../generated/fosterwatch/directory/v1/directory_pb';
import type { HolderAway } from '../generated/fosterwatch/directory/v1/directory_service_pb';
import type { WatchResponse } from '../generated/fosterwatch/gateway/v1/gateway_service_pb';
import { Role } from '../generated/fosterwatch/options/v1/options_pb';
import type { Frame, Page } from '../page';
import { paths } from '../router';
import { formatRecent, toDate } from '../time';
import { findingWords, remedyView, severityTag } from '../ui/findings';
import {
  buttonLink, empty, id, link, moment, plural, prose, recent, table, tag, type Content,
} from '../ui/html';
import { uuid } from '../uuid';
import { bodyKindWords, channelWords, roleWords } from '../words';
import { mayDelegate, mayKeepDirectory, mayReadCover, mayRecordAbsence } from './rights';

const ALERT_CLASS: Record<Finding_Severity, string> = {
  [Finding_Severity.UNSPECIFIED]: '',
  [Finding_Severity.UNREACHABLE]: 'app-alert--urgent',
  [Finding_Severity.COMING]: 'app-alert--open',
  [Finding_Severity.WARNING]: '',
};

// As alerts climb.
const RANKS: readonly Role[] = [
  Role.REGISTERED_MANAGER, Role.DEPUTY_MANAGER, Role.RESPONSIBLE_INDIVIDUAL, Role.TEAM_MANAGER,
];
const rank = (role: Role) => RANKS.includes(role) ? RANKS.indexOf(role) : RANKS.length + role;

export class DirectoryPage implements Page {
  readonly section = 'directory';
  #bodies: readonly Body[] = [];
  #holders: readonly RoleHolder[] = [];
  #away = new Map<string, HolderAway>();
  #absences: readonly Absence[] = [];
  #delegations: readonly Delegation[] = [];
  // Of those the ones that may be used now.
  #usable = new Set<string>();
  #check: DirectoryCheck | undefined;
  #checkIsOld = true;
  #checking = false;
  // What the last "Check now" came to.
  #said = '';

  constructor(private readonly frame: Frame) {}

  title(): string {
    return 'Directory';
  }

  concerns(fact: WatchResponse | undefined): boolean {
    if (fact && !fact.topic.includes('.directory.')) return false;
    // A check that says anything new is a fact itself.
    if (fact?.fact !== 'directory_checked') this.#checkIsOld = true;
    return true;
  }

  async load(): Promise<void> {
    const [{ bodies }, { holders, away }] = await Promise.all([
      directory.listBodies({}), directory.listHolders({}), this.frame.names.ensureDirectory(),
      this.#loadCover(),
    ]);
    this.#bodies = [...bodies].sort((a, b) => a.kind - b.kind || a.name.localeCompare(b.name));
    this.#holders = [...holders].sort((a, b) =>
      rank(a.role) - rank(b.role) || a.name.localeCompare(b.name));
    this.#away = new Map(away.map((each) => [each.holderId, each]));
  }

  async #loadCover(): Promise<void> {
    if (!mayReadCover(this.frame.session)) return;
    const [{ absences }, all, usable] = await Promise.all([
      directory.listAbsences({}),
      directory.listDelegations({ alsoPlanned: true }),
      directory.listDelegations({}),
      this.#checkIsOld ? this.#readCheck() : undefined,
    ]);
    this.#absences = absences;
    this.#delegations = all.delegations;
    this.#usable = new Set(usable.delegations.map(({ delegationId }) => delegationId));
  }

  async #readCheck(): Promise<void> {
    this.#checkIsOld = false;
    try {
      this.#check = await directory.checkDirectory({ requestId: uuid() });
    } catch (error) {
      this.#checkIsOld = true;
      throw error;
    }
  }

  async #checkNow(): Promise<void> {
    if (this.#checking) return;
    this.#checking = true;
    this.#said = '';
    this.frame.update();
    try {
      await this.#readCheck();
      const count = this.#check?.findingsCount ?? 0;
      this.#said = count === 0 ? 'Checked: nothing is amiss.'
        : `Checked: ${plural(count, 'finding')}.`;
    } catch (error) {
      this.#said = `${toRefusal(error).message}.`;
    } finally {
      this.#checking = false;
      this.frame.update();
    }
  }

  view(): TemplateResult {
    const { session } = this.frame;
    return html`
      <h1 class="govuk-heading-l">Directory</h1>
      <p class="govuk-body">Whom Fosterwatch tells, and how they are reached.</p>
      ${mayReadCover(session) ? html`
        ${this.#checkView()}
        ${this.#absencesView()}
        ${this.#delegationsView()}` : nothing}
      ${this.#holdersView()}
      ${this.#bodiesView()}`;
  }

  #checkView(): TemplateResult {
    const now = this.frame.now();
    const check = this.#check;
    const { findings = [], findingsCount = 0, unreachableCount = 0 } = check ?? {};
    return html`
      <section class="app-section" aria-labelledby="check" data-testid="check">
        <div class="app-heading">
          <h2 class="govuk-heading-m" id="check">${findingsCount === 0 ? 'Nothing is amiss'
            : unreachableCount > 0
              ? `${plural(unreachableCount, 'gap')}: somebody cannot be reached`
              : plural(findingsCount, 'finding')}</h2>
          <button type="button" class="govuk-button govuk-button--secondary"
            aria-disabled=${this.#checking ? 'true' : 'false'}
            @click=${() => void this.#checkNow()}>${this.#checking ? 'Checking…' : 'Check now'}
          </button>
        </div>
        <p class="govuk-body ${this.#said ? '' : 'govuk-!-margin-bottom-0'}"
          role="status">${this.#said}</p>
        <p class="govuk-body-s">${check?.checkedTime ? html`Checked
          ${recent(check.checkedTime, now)}` : 'Not checked yet'}${check?.nextCheckTime
          ? html`; by itself again ${recent(check.nextCheckTime, now)}` : nothing}. Policy
          ${check?.policyVersion}.</p>
        ${findingsCount === 0 ? html`<p class="govuk-body">Everybody whom the law and the alerts need
          can be reached, now and as far as is planned.</p>`
          : findings.map((finding) => this.#findingView(finding, now))}
        ${findingsCount > findings.length ? html`<p class="govuk-body">And
          ${findingsCount - findings.length} more.</p>` : nothing}
      </section>`;
  }

  #findingView(finding: Finding, now: Date): TemplateResult {
    return html`
      <article class="app-alert ${ALERT_CLASS[finding.severity] ?? ''}" data-finding=${finding.code}>
        <h3 class="govuk-heading-s govuk-!-margin-bottom-1">${
          findingWords(finding, this.frame.names)} ${severityTag(finding)}</h3>
        <p class="govuk-body-s">${finding.atTime ? html`From
          ${formatRecent(toDate(finding.atTime), now)} on. ` : nothing}${remedyView(finding)}</p>
      </article>`;
  }

  #holdersView(): TemplateResult {
    const now = this.frame.now();
    const may = mayKeepDirectory(this.frame.session);
    return html`
      <section class="app-section" aria-labelledby="holders">
        <div class="app-heading">
          <h2 class="govuk-heading-m" id="holders">Who holds which role</h2>
          ${may ? buttonLink(paths.appointHolder(), 'Appoint somebody', true) : nothing}
        </div>
        ${this.#holders.length === 0 ? empty('Nobody holds a role.') : table<RoleHolder>({
          caption: 'People with a role in the agency',
          captionHidden: true,
          rows: this.#holders,
          key: ({ holderId }) => holderId,
          testId: 'holders',
          columns: [
            {
              heading: 'Person',
              header: true,
              cell: ({ name, personId }) => html`${name} <span class="app-sub">${id(personId)}</span>`,
            },
            {
              heading: 'Role',
              cell: ({ role, title }) => html`${roleWords(role)}${title && title !== roleWords(role)
                ? html`<span class="app-sub">${title}</span>` : nothing}`,
            },
            { heading: 'Mail', cell: ({ email }) => email ? id(email) : 'None' },
            {
              heading: 'Holds it',
              cell: ({ fromTime, untilTime }) => html`since ${moment(fromTime)}${untilTime
                ? html`, until ${moment(untilTime)}` : nothing}`,
            },
            { heading: 'Now', cell: (holder) => this.#awayView(holder, now) },
            ...(may ? [{
              heading: 'Actions',
              cell: ({ holderId, name, role }: RoleHolder) => link(paths.endHolder(holderId), 'End',
                `${name} as ${roleWords(role).toLowerCase()}`),
            }] : []),
          ],
        })}
      </section>`;
  }

  #awayView(holder: RoleHolder, now: Date): Content {
    const away = this.#away.get(holder.holderId);
    if (!away) return tag('Here', 'green');
    return html`${tag('Away', away.coveredBy ? 'yellow' : 'red')}
      <span class="app-sub">${away.untilTime ? html`until ${recent(away.untilTime, now)}`
        : 'nobody knows until when'}</span>
      <span class="app-sub">${away.coveredBy
        ? html`${this.frame.names.person(away.coveredBy.personId)} covers`
        : 'Nobody who could be reached covers'}</span>`;
  }

  #absencesView(): TemplateResult {
    const now = this.frame.now();
    const may = mayRecordAbsence(this.frame.session);
    return html`
      <section class="app-section" aria-labelledby="absences">
        <div class="app-heading">
          <h2 class="govuk-heading-m" id="absences">Who is away, and who covers</h2>
          ${may ? buttonLink(paths.recordAbsence(), 'Record an absence', true) : nothing}
        </div>
        ${this.#absences.length === 0 ? empty('Nobody is away, and no absence is planned.')
          : table<Absence>({
            caption: 'Absences that last or are planned',
            captionHidden: true,
            rows: this.#absences,
            key: ({ absenceId }) => absenceId,
            testId: 'absences',
            columns: [
              {
                heading: 'Who',
                header: true,
                cell: ({ personId, role }) => html`${this.frame.names.person(personId)}
                  <span class="app-sub">${roleWords(role)}</span>`,
              },
              {
                heading: 'From',
                cell: ({ fromTime, emergency }) => html`${recent(fromTime, now)}
                  ${fromTime && toDate(fromTime) > now ? tag('Planned', 'blue') : nothing}
                  ${emergency ? html`<span class="app-sub">Not foreseen</span>` : nothing}`,
              },
              { heading: 'Until', cell: ({ untilTime }) => recent(untilTime, now, 'Nobody knows') },
              {
                heading: 'Covered by',
                cell: ({ coveredByPersonId }) => coveredByPersonId
                  ? this.frame.names.person(coveredByPersonId) : tag('Nobody', 'red'),
              },
              { heading: 'Why', cell: ({ reason }) => prose(reason) },
              {
                heading: 'Actions',
                cell: (absence) => may ? link(paths.endAbsence(absence.absenceId),
                  absence.fromTime && toDate(absence.fromTime) > now ? 'Call off' : 'Is back',
                  `(${this.frame.names.person(absence.personId)})`) : nothing,
              },
            ],
          })}
      </section>`;
  }

  #delegationsView(): TemplateResult {
    const now = this.frame.now();
    const may = mayDelegate(this.frame.session);
    const { names } = this.frame;
    return html`
      <section class="app-section" aria-labelledby="delegations">
        <div class="app-heading">
          <h2 class="govuk-heading-m" id="delegations">Who may sign off for the registered manager</h2>
          ${may ? buttonLink(paths.recordDelegation(), 'Record a delegation', true) : nothing}
        </div>
        ${this.#delegations.length === 0 ? empty('Nobody has a delegation.') : table<Delegation>({
          caption: 'Delegations that are not over',
          captionHidden: true,
          rows: this.#delegations,
          key: ({ delegationId }) => delegationId,
          testId: 'delegations',
          columns: [
            { heading: 'Who', header: true, cell: ({ toPersonId }) => names.person(toPersonId) },
            { heading: 'In place of', cell: ({ fromPersonId }) => names.person(fromPersonId) },
            { heading: 'From', cell: ({ fromTime }) => recent(fromTime, now) },
            { heading: 'Until', cell: ({ untilTime }) => recent(untilTime, now) },
            {
              heading: 'State',
              cell: ({ delegationId, fromTime }) => this.#usable.has(delegationId)
                ? tag('In force', 'green')
                : fromTime && toDate(fromTime) > now ? tag('Planned', 'blue')
                  : tag('Cannot be used', 'red'),
            },
            { heading: 'Why', cell: ({ reason }) => prose(reason) },
            {
              heading: 'Actions',
              cell: ({ delegationId, toPersonId }) => may
                ? link(paths.endDelegation(delegationId), 'Take back',
                  `from ${names.person(toPersonId)}`) : nothing,
            },
          ],
        })}
      </section>`;
  }

  #bodiesView(): TemplateResult {
    const { names } = this.frame;
    const may = mayKeepDirectory(this.frame.session);
    return html`
      <section class="app-section" aria-labelledby="bodies">
        <div class="app-heading">
          <h2 class="govuk-heading-m" id="bodies">Bodies that notices go to</h2>
          ${may ? buttonLink(paths.recordBody(), 'Record a body', true) : nothing}
        </div>
        ${this.#bodies.length === 0 ? empty('No body is recorded.') : table<Body>({
          caption: 'Bodies and how they are reached',
          captionHidden: true,
          rows: this.#bodies,
          key: ({ bodyId }) => bodyId,
          testId: 'bodies',
          columns: [
            {
              heading: 'Body',
              header: true,
              cell: ({ name, bodyId }) => html`${name} <span class="app-sub">${id(bodyId)}</span>`,
            },
            { heading: 'Kind', cell: ({ kind }) => bodyKindWords(kind) },
            {
              heading: 'How it is reached, best first',
              cell: ({ contacts }) => contacts.length === 0 ? tag('No contact', 'red')
                : html`${contacts.map(({ channel, address, releasedByPerson }) => html`
                  <span class="app-line">${channelWords(channel)}${address
                    ? html`: ${id(address)}` : nothing}${releasedByPerson
                    ? ' (a person gives it)' : nothing}</span>`)}`,
            },
            {
              heading: 'Its police, health body and LADO',
              cell: (body) => body.kind !== Body_Kind.LOCAL_AUTHORITY ? nothing : html`${[
                body.policeBodyId, body.healthBodyId, body.designatedOfficerBodyId,
              ].filter((each) => each !== '').map((each) => html`
                <span class="app-line">${names.body(each)}</span>`)}`,
            },
            ...(may ? [{
              heading: 'Actions',
              cell: ({ bodyId, name }: Body) => link(paths.changeBody(bodyId), 'Change', name),
            }] : []),
          ],
        })}
      </section>`;
  }
}
