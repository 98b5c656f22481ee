// Run pytest on CPython compiled to WebAssembly: node run.mjs PYODIDE SITE REPOSITORY [PYTEST ARGUMENT]...
import { pathToFileURL } from "node:url";

const [pyodide, site, repository, ...options] = process.argv.slice(2);
const { loadPyodide } = await import(pathToFileURL(`${pyodide}/pyodide.mjs`));
const python = await loadPyodide({ env: { HOME: "/home/pyodide", PYTHONDONTWRITEBYTECODE: "1" } });
for (const [root, folder] of [[site, "/site"], [repository, "/repository"]]) {
  python.FS.mkdir(folder);
  python.FS.mount(python.FS.filesystems.NODEFS, { root }, folder);
}
python.globals.set("options", python.toPy(options));
const code = python.runPython(`
import os, sys
sys.dont_write_bytecode = True
sys.path[:0] = ["/repository", "/repository/examples/multistage", "/site"]
os.chdir("/repository")
import pytest
print("Python", sys.version, flush=True)
# A test that is skipped where it starts an event loop leaves a coroutine that nothing awaits.
unawaited = "ignore:coroutine:RuntimeWarning"
int(pytest.main(["--no-fold-skipped", "-p", "no:cacheprovider", "-W", unawaited, *options]))
`);
process.exit(code);
