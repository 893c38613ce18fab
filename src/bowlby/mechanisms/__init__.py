"""One file per mechanism of the theory: parameters as a module, a law as a pure function."""
