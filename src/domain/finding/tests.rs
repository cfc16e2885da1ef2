//! Each rule, with a fleet that raises it and the nearest one that must not.
