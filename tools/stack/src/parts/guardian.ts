import { spawn } from 'node:child_process';

/**
 * A shell that does nothing but wait for its input to end. Each line names a child ("+ SIGNAL PID" or "- SIGNAL PID");
 * when the owner dies, however it dies, the pipe closes and the shell stops every child still listed, newest first.
 */
const SCRIPT = `
trap '' HUP INT TERM
list=''
while read -r op signal pid; do
  case "$op" in
    +) list="$signal:$pid $list" ;;
    -) kept=''
       for child in $list; do [ "$child" = "$signal:$pid" ] || kept="$kept $child"; done
       list="$kept" ;;
  esac
done
for child in $list; do
  signal="\${child%%:*}"; pid="\${child##*:}"
  kill -s "$signal" "$pid" 2>/dev/null
  tries=0
  while [ "$tries" -lt 50 ] && kill -0 "$pid" 2>/dev/null; do sleep 0.2; tries=$((tries + 1)); done
  kill -s KILL -- "-$pid" 2>/dev/null
done
`;

export interface Guardian {
  watch(pid: number, signal: string): void;
  forget(pid: number, signal: string): void;
  /** Lets the guardian end; what it still watches is stopped by it. */
  release(): void;
}

export function startGuardian(): Guardian {
  // Its own session: Ctrl-C reaches the owner, which stops everything in order, and not the guardian.
  const shell = spawn('sh', ['-c', SCRIPT], { stdio: ['pipe', 'ignore', 'ignore'], detached: true });
  shell.unref();
  const input = shell.stdin;
  input.on('error', () => undefined); // The guardian may have been killed; the next start then cleans up.
  (input as unknown as { unref(): void }).unref();
  const say = (op: string, pid: number, signal: string): void => {
    input.write(`${op} ${signal.replace(/^SIG/, '')} ${pid}\n`);
  };
  return {
    watch: (pid, signal) => say('+', pid, signal),
    forget: (pid, signal) => say('-', pid, signal),
    release: () => input.end(),
  };
}
