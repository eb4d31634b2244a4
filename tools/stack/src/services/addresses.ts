import { COSIGNERS, SERVICES, type CosignerName, type ServiceName } from '../names.js';
import type { PortBook } from '../parts/ports.js';

/** The doors of one service, both on loopback. */
export interface ServiceAddresses {
  /** `host:port` of gRPC. */
  readonly grpc: string;
  /** `host:port` of health and metrics. */
  readonly http: string;
}

export type AddressBook = Readonly<Record<ServiceName, ServiceAddresses>>;

export async function claimAddresses(ports: PortBook): Promise<AddressBook> {
  const entries: [ServiceName, ServiceAddresses][] = [];
  for (const service of SERVICES) {
    const grpc = `127.0.0.1:${await ports.claim(`${service}-grpc`)}`;
    const http = `127.0.0.1:${await ports.claim(`${service}-http`)}`;
    entries.push([service, { grpc, http }]);
  }
  return Object.fromEntries(entries) as Record<ServiceName, ServiceAddresses>;
}

/** `host:port` of the HTTP door of each cosigner, on loopback. */
export type CosignerAddresses = Readonly<Record<CosignerName, string>>;

export async function claimCosignerAddresses(ports: PortBook): Promise<CosignerAddresses> {
  const entries: [CosignerName, string][] = [];
  for (const cosigner of COSIGNERS) entries.push([cosigner, `127.0.0.1:${await ports.claim(`${cosigner}-http`)}`]);
  return Object.fromEntries(entries) as Record<CosignerName, string>;
}
