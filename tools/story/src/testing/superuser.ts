import type { LogServiceName } from '@countersign/stack';
import pg from 'pg';
import type { StoryRun } from './story-run.js';

/** Does something in a service's database as the superuser of the server, whom no right and no trigger stops. */
export async function asSuperuser<Result>(
  { platform }: StoryRun,
  database: keyof StoryRun['platform']['provisioned']['databases'],
  work: (client: pg.Client) => Promise<Result>,
): Promise<Result> {
  const url = new URL(platform.parts.postgres.superuserUrl);
  url.pathname = new URL(platform.provisioned.databases[database].appUrl).pathname;
  const client = new pg.Client({ connectionString: url.href });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

/** Takes the lead from a service's relay as if another process had it: what is appended then is not published. */
export async function holdRelay(run: StoryRun, service: LogServiceName): Promise<void> {
  await asSuperuser(run, service, (client) =>
    client.query("update event_log.relay_cursor set holder = gen_random_uuid(), epoch = epoch + 1, lease_until = 'infinity'"),
  );
}

/** Gives the lead back to whoever asks next. */
export async function releaseRelay(run: StoryRun, service: LogServiceName): Promise<void> {
  await asSuperuser(run, service, (client) => client.query("update event_log.relay_cursor set lease_until = '-infinity'"));
}
