//! What every cache does, run over all of them.
