const PARENT_POLL_MS = 1_000;

/**
 * Stops once, in order, when the person or the system asks for it (Ctrl-C, SIGTERM, a closed terminal) or when the
 * program that started this one is gone; then ends the process. Further signals while stopping change nothing.
 *
 * @param stop stops everything; called at most once
 * @param onStopping told the reason before stopping begins
 */
export function stopOnSignals(stop: () => Promise<void>, onStopping: (reason: string) => void = () => undefined): void {
  let stopping = false;
  const end = (reason: string, exitCode: number): void => {
    if (stopping) return;
    stopping = true;
    onStopping(reason);
    stop().then(
      () => process.exit(exitCode),
      (error: unknown) => {
        process.stderr.write(`stopping failed: ${error instanceof Error ? error.message : String(error)}\n`);
        process.exit(1);
      },
    );
  };
  process.on('SIGINT', () => end('interrupted', 130));
  process.on('SIGTERM', () => end('asked to end', 143));
  process.on('SIGHUP', () => end('terminal closed', 129));
  process.on('disconnect', () => end('the starting program is gone', 1));
  // Listening for its end must not keep this program from ending by itself.
  process.channel?.unref();
  const parent = process.ppid;
  setInterval(() => {
    if (process.ppid !== parent) end('the starting program is gone', 1);
  }, PARENT_POLL_MS).unref();
}
