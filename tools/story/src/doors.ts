import { createTokenSource, type TokenSource } from '@countersign/access';
import { createClient, type Client } from '@countersign/grpc';
import { identityV1, inventoryV1, procurementV1 } from '@countersign/proto';
import type { AddressBook } from '@countersign/stack';
import type { KeyObject } from 'node:crypto';

/** Who calls: a registered principal with its key, and the appointment it acts under. */
export interface Principal {
  readonly principalId: string;
  readonly appointmentId?: string;
  readonly privateKey: KeyObject;
}

const SERVICES = {
  organisations: ['identity', identityV1.OrganisationService],
  persons: ['identity', identityV1.PersonService],
  appointments: ['identity', identityV1.AppointmentService],
  principals: ['identity', identityV1.PrincipalService],
  catalogue: ['inventory', inventoryV1.CatalogueService],
  stock: ['inventory', inventoryV1.StockService],
  assets: ['inventory', inventoryV1.AssetService],
  custody: ['inventory', inventoryV1.CustodyService],
  dueIns: ['inventory', inventoryV1.DueInService],
  releaseOrders: ['inventory', inventoryV1.ReleaseOrderService],
  storage: ['inventory', inventoryV1.StorageService],
  orders: ['procurement', procurementV1.OrderService],
  agreements: ['procurement', procurementV1.AgreementService],
  shipmentNotices: ['procurement', procurementV1.ShipmentNoticeService],
  receivingReports: ['procurement', procurementV1.ReceivingReportService],
  requisitions: ['procurement', procurementV1.RequisitionService],
  directory: ['procurement', procurementV1.DirectoryService],
} as const;

/** Every gRPC door of the platform with one principal's token. */
export type Doors = { readonly [Name in keyof typeof SERVICES]: Client<(typeof SERVICES)[Name][1]> } & { close(): void };

/** Connections are made on the first call. */
export function doorsOf(addresses: AddressBook, principal: Principal): Doors {
  const tokenSource: TokenSource = createTokenSource({ identityAddress: addresses.identity.grpc, ...principal });
  const clients = Object.entries(SERVICES).map(
    ([name, [service, contract]]) => [name, createClient(contract, addresses[service].grpc, { tokenSource })] as const,
  );
  const close = (): void => {
    for (const [, client] of clients) client.close();
    tokenSource.close();
  };
  return Object.fromEntries([...clients, ['close', close]]) as unknown as Doors;
}
