//! The core of AISHA.
