import type { Fact, FactProjection, FactSubscription } from '@countersign/host';
import { TOPICS } from '@countersign/kafka';
import { DomainError } from '@countersign/kernel';
import type { EntityManager } from 'typeorm';
import { z } from 'zod';
import type { CodeKind } from './organisation-directory.js';
import { OrganisationCodeRow, OrganisationRow } from './organisation-rows.js';

const codeList = z.array(z.string()).default([]);
const CODES = z.object({ cageCodes: codeList, dodaacs: codeList, rics: codeList, uics: codeList });

/** Identity's events, as far as they are read here. */
const REGISTERED = CODES.extend({
  organisationId: z.string(),
  agency: z.object({ state: z.string(), station: z.string() }).nullish(),
});
/** All codes it holds from then on. */
const CODES_CHANGED = CODES.extend({ organisationId: z.string() });

type Codes = z.infer<typeof CODES>;

/** Keeps the directory up with identity. Each fact takes effect exactly once, in the order of its organisation's stream. */
export function directorySubscription(): FactSubscription {
  const project: Readonly<Record<string, FactProjection>> = {
    'countersign.identity.OrganisationRegistered.v1': (fact, manager) => register(read(REGISTERED, fact), manager),
    'countersign.identity.OrganisationCodesChanged.v1': (fact, manager) => holdCodes(read(CODES_CHANGED, fact), manager),
  };
  return { name: 'directory', topics: [TOPICS.identityOrganisation.name], project };
}

function read<Schema extends z.ZodType>(schema: Schema, { data }: Fact): z.infer<Schema> {
  const parsed = schema.safeParse(data);
  if (!parsed.success) throw new DomainError('SCHEMA_INVALID', { rule: 'an organisation that this service can read' });
  return parsed.data;
}

async function register(registered: z.infer<typeof REGISTERED>, manager: EntityManager): Promise<void> {
  const { organisationId, agency } = registered;
  const { state = null, station = null } = agency ?? {};
  await manager.upsert(OrganisationRow, { organisationId, state, station }, ['organisationId']);
  await holdCodes(registered, manager);
}

/** A code passes on by two records of two streams, in either order here: who assigned it last holds it. */
async function holdCodes(held: Codes & { readonly organisationId: string }, manager: EntityManager): Promise<void> {
  const { organisationId } = held;
  await manager.delete(OrganisationCodeRow, { organisationId });
  const rows = listed(held).map(({ kind, code }) => ({ kind, code, organisationId }));
  if (rows.length > 0) await manager.upsert(OrganisationCodeRow, rows, ['kind', 'code']);
}

function listed({ cageCodes, dodaacs, rics, uics }: Codes): { readonly kind: CodeKind; readonly code: string }[] {
  return [
    ...cageCodes.map((code) => ({ kind: 'cage' as const, code })),
    ...dodaacs.map((code) => ({ kind: 'dodaac' as const, code })),
    ...rics.map((code) => ({ kind: 'ric' as const, code })),
    ...uics.map((code) => ({ kind: 'uic' as const, code })),
  ];
}
