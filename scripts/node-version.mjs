// Read by a Node as old as 12 too, so that it can say what it lacks: no syntax younger than that.

/** Whether this Node cannot run the scripts beside this file. */
export function isTooOld() {
  return Number(process.versions.node.split('.')[0]) < 20;
}

/** What apt-get has is too old on some systems that are still in use; npm has every version. */
export function howToInstallNode(needed) {
  const sudo = process.getuid && process.getuid() === 0 ? '' : 'sudo ';
  return [
    'Node ' + needed + ' or newer is needed; this is ' + process.versions.node + '.',
    '  Linux: ' + sudo + 'npm install --global --prefix /usr/local node@24',
    '  macOS: brew install node@24',
  ].join('\n');
}
