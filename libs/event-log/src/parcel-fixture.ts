import { randomUUID } from 'node:crypto';
import type { Actor, CommandEnvelope, DomainEvent, StreamDefinition } from '@countersign/kernel';

/** A stream kind for the suites: public, confidential and erasable fields, and a rule that is easy to break by a race. */
export type ParcelEvent =
  | DomainEvent<'ParcelPacked', { uii: string; pieces: number; contents?: string; signedBy?: string }>
  | DomainEvent<'PieceTaken', { pieces: number; nsn?: string }>;

export type ParcelState =
  | { readonly status: 'none' }
  | { readonly status: 'packed'; readonly pieces: number; readonly contents: string; readonly signedBy: string };

export const PARCEL: StreamDefinition<ParcelState, ParcelEvent> = {
  category: 'parcel',
  initial: { status: 'none' },
  evolve: (state, event) => {
    switch (event.type) {
      case 'ParcelPacked':
        return {
          status: 'packed',
          pieces: event.data.pieces,
          contents: event.data.contents ?? '',
          signedBy: event.data.signedBy ?? '',
        };
      case 'PieceTaken':
        return state.status === 'packed' ? { ...state, pieces: state.pieces - event.data.pieces } : state;
    }
  },
  schemas: {
    ParcelPacked: {
      type: 'countersign.test.ParcelPacked.v1',
      fields: {
        uii: 'public',
        pieces: 'public',
        contents: { group: 'logistics' },
        signedBy: { group: 'person', erasable: true },
      },
    },
    PieceTaken: { type: 'countersign.test.PieceTaken.v1', fields: { pieces: 'public', nsn: 'public' } },
  },
  links: (event) =>
    event.type === 'ParcelPacked'
      ? [{ kind: 'uii', value: event.data.uii, role: 'identifies' }]
      : event.data.nsn === undefined
        ? []
        : [{ kind: 'nsn', value: event.data.nsn, role: 'mentions' }],
};

/** The same streams as an older build knows them. */
export const OLD_PARCEL = {
  ...PARCEL,
  schemas: { ParcelPacked: PARCEL.schemas.ParcelPacked },
} as unknown as StreamDefinition<ParcelState, ParcelEvent>;

export function packed(data: { uii?: string; pieces?: number; contents?: string; signedBy?: string } = {}): ParcelEvent {
  return { type: 'ParcelPacked', data: { uii: 'D1SUP00000001', pieces: 10, ...data } };
}

export function taken(pieces: number, nsn?: string): ParcelEvent {
  return { type: 'PieceTaken', data: { pieces, ...(nsn !== undefined && { nsn }) } };
}

const CLERK: Actor = {
  principalId: 'clerk',
  pseudonym: 'pseudonym-of-clerk',
  organisationId: 'depot',
  actingFor: 'W25G1U',
  nation: 'USA',
  roles: ['storage-clerk'],
};

export function envelopeOf(change: Partial<CommandEnvelope> = {}, actor: Partial<Actor> = {}): CommandEnvelope {
  return {
    commandId: randomUUID(),
    actor: { ...CLERK, ...actor },
    eventTime: '2026-11-20T10:00:00-05:00',
    correlationId: 'correlation-1',
    request: Buffer.from('request'),
    ...change,
  };
}
