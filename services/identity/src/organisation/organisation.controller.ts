import type { MessageInitShape } from '@bufbuild/protobuf';
import type { Journal } from '@countersign/event-log';
import { commandEnvelope, GrpcController, type GrpcHandlers, type RpcCall } from '@countersign/grpc';
import { JOURNAL, outcomeMessage, pageOf, pageTerms } from '@countersign/host';
import { DomainError } from '@countersign/kernel';
import { identityV1 } from '@countersign/proto';
import { Inject } from '@nestjs/common';
import type { OrganisationList } from '../organisation-list/organisation-list.query.js';
import type { OrganisationRow } from '../organisation-list/organisation-row.js';
import { ORGANISATION_LIST } from '../tokens.js';
import { agencyCode, type Code } from './code.js';
import { NO_CODES, type ActiveOrganisation, type Agency, type Codes } from './organisation.js';
import { OrganisationHandler } from './organisation.handler.js';
import { findOrganisation, getOrganisation } from './organisation.query.js';

@GrpcController(identityV1.OrganisationService)
export class OrganisationController implements GrpcHandlers<typeof identityV1.OrganisationService> {
  constructor(
    @Inject(JOURNAL) private readonly journal: Journal,
    private readonly handler: OrganisationHandler,
    @Inject(ORGANISATION_LIST) private readonly organisations: OrganisationList,
  ) {}

  async registerOrganisation(
    request: identityV1.RegisterOrganisationRequest,
    call: RpcCall,
  ): Promise<MessageInitShape<typeof identityV1.RegisterOrganisationResponseSchema>> {
    const { organisationId, name, nation, agency, kinds } = request;
    const outcome = await this.handler.register(commandEnvelope(call, request.context), {
      organisationId,
      name,
      nation,
      ...codesFrom(request),
      ...(agency === undefined ? {} : { agency: agencyFrom(agency) }),
      kinds,
    });
    return { outcome: outcomeMessage(outcome) };
  }

  async changeOrganisationCodes(
    request: identityV1.ChangeOrganisationCodesRequest,
    call: RpcCall,
  ): Promise<MessageInitShape<typeof identityV1.ChangeOrganisationCodesResponseSchema>> {
    const { organisationId, assigned, released } = request;
    const command = { assigned: codesFrom(assigned), released: codesFrom(released) };
    return {
      outcome: outcomeMessage(await this.handler.changeCodes(commandEnvelope(call, request.context), organisationId, command)),
    };
  }

  async getOrganisation({
    organisationId,
  }: identityV1.GetOrganisationRequest): Promise<MessageInitShape<typeof identityV1.GetOrganisationResponseSchema>> {
    return { organisation: organisationMessage(await getOrganisation(this.journal, organisationId)) };
  }

  async findOrganisation({
    key,
  }: identityV1.FindOrganisationRequest): Promise<MessageInitShape<typeof identityV1.FindOrganisationResponseSchema>> {
    return { organisation: organisationMessage(await findOrganisation(this.journal, codeFrom(key))) };
  }

  async listOrganisations({
    nation,
    ...page
  }: identityV1.ListOrganisationsRequest): Promise<MessageInitShape<typeof identityV1.ListOrganisationsResponseSchema>> {
    const terms = pageTerms(page);
    const { asOf, result } = await this.organisations.list(nation, terms);
    const { rows, nextPageToken } = pageOf(result, terms);
    return { organisations: rows.map(rowMessage), nextPageToken, asOf };
  }
}

function codesFrom(codes: Codes | undefined): Codes {
  if (codes === undefined) return NO_CODES;
  const { cageCodes, dodaacs, rics, uics } = codes;
  return { cageCodes, dodaacs, rics, uics };
}

function agencyFrom({ state, station }: Agency): Agency {
  return { state, station };
}

function codeFrom(key: identityV1.FindOrganisationRequest['key']): Code {
  switch (key.case) {
    case 'cageCode':
      return { kind: 'cage', code: key.value };
    case 'dodaac':
    case 'ric':
    case 'uic':
      return { kind: key.case, code: key.value };
    case 'agency':
      return agencyCode(key.value);
    default:
      throw new DomainError('FIELD_MISSING', { field: 'key', rule: 'one code' });
  }
}

function organisationMessage(organisation: ActiveOrganisation): MessageInitShape<typeof identityV1.OrganisationSchema> {
  const { organisationId, name, nation, codes, agency, kinds } = organisation;
  return {
    organisationId,
    name,
    nation,
    codes: { cageCodes: [...codes.cageCodes], dodaacs: [...codes.dodaacs], rics: [...codes.rics], uics: [...codes.uics] },
    agency,
    kinds: [...kinds],
  };
}

function rowMessage(row: OrganisationRow): MessageInitShape<typeof identityV1.OrganisationSchema> {
  const { key: organisationId, name, nation, state, station, kinds, cageCodes, dodaacs, rics, uics } = row;
  const agency = state === null || station === null ? undefined : { state, station };
  return { organisationId, name, nation, codes: { cageCodes, dodaacs, rics, uics }, agency, kinds };
}
