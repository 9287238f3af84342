// The register of foster carers, filtered and in pages.

import { html, nothing, type TemplateResult } from 'lit-html';
import { carers as carersApi } from '../api';
import { carerDutyWords, carerKindWords, carerStatusWords } from '../carer_words';
import { Carer_Kind, Carer_Status } from '../generated/fosterwatch/carers/v1/carer_pb';
import type { ListCarersResponse } from '../generated/fosterwatch/carers/v1/carers_service_pb';
import { DutyKind } from '../generated/fosterwatch/carers/v1/duties_pb';
import type { WatchResponse } from '../generated/fosterwatch/gateway/v1/gateway_service_pb';
import type { Frame, Page } from '../page';
import { paths } from '../router';
import { carersTable } from '../ui/carers';
import { countWords, filterForm, filterSelect, type FilterChoice } from '../ui/filter';
import { buttonLink, empty, link, pages } from '../ui/html';
import {
  hasOwnCaseload, mayReadEmergencies, mayRecord, mayWorkCase, readsAgency, supervises,
} from './rights';

const PAGE_SIZE = 25;

const STATUSES: Record<string, Carer_Status> = {
  applicant: Carer_Status.APPLICANT,
  approved: Carer_Status.APPROVED,
  'temporarily-approved': Carer_Status.TEMPORARILY_APPROVED,
  suspended: Carer_Status.SUSPENDED,
  ended: Carer_Status.ENDED,
  refused: Carer_Status.REFUSED,
  withdrawn: Carer_Status.WITHDRAWN,
};

const KINDS: Record<string, Carer_Kind> = {
  mainstream: Carer_Kind.MAINSTREAM,
  connected: Carer_Kind.CONNECTED,
};

// By the name of the contract.
const OVERDUE: Record<string, DutyKind> = {
  'first-review': DutyKind.FIRST_REVIEW,
  'annual-review': DutyKind.ANNUAL_REVIEW,
  'agreement-issue': DutyKind.AGREEMENT_ISSUE,
  'agreement-return': DutyKind.AGREEMENT_RETURN,
  'unannounced-visit': DutyKind.UNANNOUNCED_VISIT,
  'supervision-visit': DutyKind.SUPERVISION_VISIT,
  'home-safety': DutyKind.HOME_SAFETY,
  'training-standards': DutyKind.TRAINING_STANDARDS,
  'dbs-renewal': DutyKind.DBS_RENEWAL,
  'medical-renewal': DutyKind.MEDICAL_RENEWAL,
  decision: DutyKind.DECISION,
  'access-request': DutyKind.ACCESS_REQUEST,
  'ending-review': DutyKind.ENDING_REVIEW,
};
const ANY = 'any';
const ME = 'me';
const NOBODY = 'nobody';

export class CarersPage implements Page {
  readonly section = 'carers';
  #answer: ListCarersResponse | undefined;
  // As they are in the address.
  readonly #status: string;
  readonly #kind: string;
  readonly #overdue: string;
  readonly #supervisor: string;
  readonly #pageToken: string;

  constructor(private readonly frame: Frame, query: URLSearchParams) {
    this.#status = query.get('status') ?? '';
    this.#kind = query.get('kind') ?? '';
    this.#overdue = query.get('overdue') ?? '';
    this.#supervisor = query.get('supervisor') ?? '';
    this.#pageToken = query.get('page') ?? '';
  }

  title(): string {
    return 'Carers';
  }

  concerns(fact: WatchResponse | undefined): boolean {
    return !fact || fact.topic.includes('.carers.');
  }

  async load(): Promise<void> {
    const { session } = this.frame;
    [this.#answer] = await Promise.all([carersApi.listCarers({
      pageSize: PAGE_SIZE,
      pageToken: this.#pageToken,
      status: STATUSES[this.#status] ?? Carer_Status.UNSPECIFIED,
      kind: KINDS[this.#kind] ?? Carer_Kind.UNSPECIFIED,
      overdue: this.#overdue === ANY,
      overdueDuty: OVERDUE[this.#overdue] ?? DutyKind.UNSPECIFIED,
      supervisorId: this.#supervisor === ME ? session.personId
        : this.#supervisor === NOBODY ? '' : this.#supervisor,
      unsupervised: this.#supervisor === NOBODY,
    }), this.frame.names.ensureDirectory()]);
  }

  view(): TemplateResult {
    const { carers = [], nextPageToken = '', totalSize = 0n } = this.#answer ?? {};
    const filtered = this.#filter('') !== paths.carers();
    return html`
      <div class="app-heading">
        <h1 class="govuk-heading-l">Foster carers</h1>
        ${mayRecord(this.frame.session)
          ? buttonLink(paths.recordApplication(), 'Record an application') : nothing}
      </div>
      ${hasOwnCaseload(this.frame.session) ? this.#ownView() : this.#linksView()}
      ${this.#filterView()}
      <p class="govuk-body" id="count">${countWords(totalSize, 'carer')}${filtered
        ? html` with this filter. ${link(paths.carers(), 'Clear the filter')}` : nothing}</p>
      ${carers.length === 0
        ? empty(filtered ? 'No carer fits.' : this.#noneWords())
        : carersTable({ caption: 'Foster carers, by their number', carers, frame: this.frame })}
      ${pages({
        first: this.#pageToken ? this.#filter('') : undefined,
        next: nextPageToken ? this.#filter(nextPageToken) : undefined,
      })}`;
  }

  #noneWords(): string {
    return hasOwnCaseload(this.frame.session) ? 'No household is in your caseload.'
      : 'No carer is in the register yet.';
  }

  #ownView(): TemplateResult {
    return html`<p class="govuk-body">These are the households that you supervise, or opened in an
      emergency. ${link(paths.openInEmergency(), 'Open another one in an emergency')}</p>`;
  }

  #linksView(): TemplateResult {
    return html`
      <ul class="govuk-list">
        <li>${link(paths.registerAsAt(), 'The register as at any day')}</li>
        ${mayReadEmergencies(this.frame.session) ? html`<li>${link(paths.emergencies(),
          'Households opened in an emergency')}</li>` : nothing}
        ${mayWorkCase(this.frame.session) ? html`<li>${link(paths.approveTemporarily(),
          'Approve a connected person temporarily')}</li>` : nothing}
        ${mayRecord(this.frame.session) ? html`<li>${link(paths.duplicates(),
          'Records that may be of one household')}</li>` : nothing}
        <li>${link(paths.importRegister(), 'A register from CSV')}</li>
      </ul>`;
  }

  #filter(page: string): string {
    return paths.carers({
      status: this.#status, kind: this.#kind, overdue: this.#overdue, supervisor: this.#supervisor,
      page,
    });
  }

  #filterView(): TemplateResult {
    return filterForm(html`
      ${filterSelect({
        name: 'status',
        label: 'State',
        value: this.#status,
        choices: Object.entries(STATUSES).map(([code, status]) =>
          ({ code, text: carerStatusWords(status) })),
      })}
      ${filterSelect({
        name: 'kind',
        label: 'Kind',
        value: this.#kind,
        choices: Object.entries(KINDS).map(([code, kind]) => ({ code, text: carerKindWords(kind) })),
      })}
      ${filterSelect({
        name: 'overdue',
        label: 'Overdue',
        value: this.#overdue,
        any: 'No matter',
        choices: [
          { code: ANY, text: 'Anything' },
          ...Object.entries(OVERDUE).map(([code, kind]) => ({ code, text: carerDutyWords(kind) })),
        ],
      })}
      ${filterSelect({
        name: 'supervisor',
        label: 'Supervised by',
        value: this.#supervisor,
        any: 'Anybody, or nobody',
        choices: this.#supervisors(),
      })}`,
    (chosen) => this.frame.navigate(paths.carers({
      status: chosen('status'), kind: chosen('kind'), overdue: chosen('overdue'),
      supervisor: chosen('supervisor'),
    })));
  }

  // Whoever is chosen stays among them, also after their last role has ended.
  #supervisors(): FilterChoice[] {
    const { names, session } = this.frame;
    const people = new Set(names.peopleKnown().map(({ personId }) => personId));
    if (this.#supervisor && ![ME, NOBODY].includes(this.#supervisor)) people.add(this.#supervisor);
    return [
      ...supervises(session) ? [{ code: ME, text: 'Me' }] : [],
      ...readsAgency(session) ? [{ code: NOBODY, text: 'Nobody, and somebody should' }] : [],
      ...[...people].map((code) => ({ code, text: names.person(code) }))
        .sort((a, b) => a.text.localeCompare(b.text)),
    ];
  }
}
