/** Services that keep a log, as the platform names their origins: `<domain>/<service>`. */
const LOG_SERVICES = ['identity', 'inventory', 'procurement'] as const;

/** Origins of the deployment's logs, beside identity's own; `bootstrap.json` may name others. */
export function logOriginsOf(ownOrigin: string): readonly string[] {
  const domain = ownOrigin.slice(0, ownOrigin.lastIndexOf('/'));
  return [...new Set([ownOrigin, ...LOG_SERVICES.map((service) => `${domain}/${service}`)])];
}
