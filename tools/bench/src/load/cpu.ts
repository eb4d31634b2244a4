import { readdirSync, readFileSync } from 'node:fs';

/** USER_HZ, the same on every Linux that Node supports. */
const TICKS_PER_SECOND = 100;

/** Processor time from now on: of this process, and of others with everything they started. Linux tells the others; elsewhere they are left out. */
export function startCpuClock(others: Readonly<Record<string, number | undefined>> = {}): () => Record<string, number> {
  const own = process.cpuUsage();
  const before = Object.entries(others).flatMap(([name, pid]) => {
    const seconds = pid === undefined ? undefined : treeCpuSeconds(pid);
    return pid === undefined || seconds === undefined ? [] : [{ name, pid, seconds }];
  });
  return () => {
    const { user, system } = process.cpuUsage(own);
    const used: Record<string, number> = { process: (user + system) / 1e6 };
    for (const { name, pid, seconds } of before) used[name] = (treeCpuSeconds(pid) ?? seconds) - seconds;
    return used;
  };
}

/** Seconds that a process, its ended children and its living descendants have used; undefined where the system does not tell. */
export function treeCpuSeconds(pid: number): number | undefined {
  const stats = allStats();
  const root = stats.get(pid);
  if (root === undefined) return undefined;
  const children = Map.groupBy(stats.values(), ({ parent }) => parent);
  let ticks = 0;
  for (let queue = [root]; queue.length > 0; queue = queue.flatMap((each) => children.get(each.pid) ?? []))
    ticks += queue.reduce((sum, each) => sum + each.ticks, 0);
  return ticks / TICKS_PER_SECOND;
}

/** What the ended children of this process have used, in seconds: programs that were waited for. */
export function endedChildrenCpuSeconds(): number {
  const fields = statFields('self');
  return (Number(fields?.[13] ?? 0) + Number(fields?.[14] ?? 0)) / TICKS_PER_SECOND;
}

interface ProcessStat {
  readonly pid: number;
  readonly parent: number;
  readonly ticks: number;
}

function allStats(): ReadonlyMap<number, ProcessStat> {
  if (process.platform !== 'linux') return new Map();
  const stats = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name): ProcessStat[] => {
      const fields = statFields(name);
      if (fields === undefined) return [];
      const ticks = fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0);
      return [{ pid: Number(name), parent: Number(fields[1]), ticks }];
    });
  return new Map(stats.map((stat) => [stat.pid, stat]));
}

/** Fields of /proc/<pid>/stat after the command name in brackets (proc(5)): 1 is the parent, 11 to 14 the times. */
function statFields(pid: string): readonly string[] | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  } catch {
    return undefined; // It ended between the listing and now.
  }
}
