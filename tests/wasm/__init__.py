"""The tests on newer Pythons, as WebAssembly."""
